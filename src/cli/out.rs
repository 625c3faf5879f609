//! What a command writes: data on stdout, as lines for people or as JSON; everything else on stderr.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::failure::{ExitStatus, Failure};

/// Standard output. Cheap to clone.
///
/// A reader that has seen enough (`| head`) is no fault: what is written after that goes nowhere, and the command still does
/// its work. Any other fault, such as a full disk, fails the command in the end.
#[derive(Clone)]
pub struct Out {
    is_json: bool,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    stdout: BufWriter<Stdout>,
    fault: Option<io::Error>,
}

impl Out {
    /// Standard output, as JSON or for people.
    pub fn new(is_json: bool) -> Self {
        let inner = Inner {
            stdout: BufWriter::new(io::stdout()),
            fault: None,
        };
        Self {
            is_json,
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    /// Whether data is written as JSON.
    pub const fn is_json(&self) -> bool {
        self.is_json
    }

    /// Writes one JSON object on a line.
    pub fn object(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.write(&text),
            Err(error) => self.inner().fault = Some(error.into()),
        }
    }

    /// Writes lines for people: what a terminal would obey is made visible first.
    pub fn text(&self, text: &str) {
        self.write(&visible(text));
    }

    /// Writes bytes as they are.
    pub fn raw(&self, bytes: &[u8]) {
        self.inner().write(bytes);
    }

    /// Tells people something that is not data, after what was written before it.
    pub fn say(&self, text: &str) {
        self.flush();
        // Nobody can be told when this fails.
        writeln!(io::stderr(), "{}", visible(text)).ok();
    }

    /// Lets a reader see what was written so far.
    pub fn flush(&self) {
        let mut inner = self.inner();
        if inner.fault.is_none()
            && let Err(error) = inner.stdout.flush()
        {
            inner.fault = Some(error);
        }
    }

    /// Whether nobody reads any more, or nothing can be written.
    pub fn is_closed(&self) -> bool {
        self.inner().fault.is_some()
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// Something could not be written, though somebody reads.
    pub fn finish(&self) -> Result<(), Failure> {
        self.flush();
        match &self.inner().fault {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
                ExitStatus::Failed,
                format!("standard output cannot be written: {error}"),
            )),
            _ => Ok(()),
        }
    }

    fn write(&self, text: &str) {
        let mut inner = self.inner();
        inner.write(text.as_bytes());
        inner.write(b"\n");
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn write(&mut self, bytes: &[u8]) {
        if self.fault.is_none()
            && let Err(error) = self.stdout.write_all(bytes)
        {
            self.fault = Some(error);
        }
    }
}

/// The text with everything replaced that a terminal would obey or that turns the direction of writing: names and servers'
/// replies come from strangers.
pub(super) fn visible(text: &str) -> String {
    let is_harmless = |c: char| {
        !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            && (!c.is_control() || c == '\n')
    };
    text.chars()
        .map(|c| if is_harmless(c) { c } else { '\u{fffd}' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_made_visible() {
        assert_eq!(visible("홍길동\n㈜한빛"), "홍길동\n㈜한빛");
        assert_eq!(
            visible("\u{1b}[2Ja\r\u{9b}b\u{202e}c\0"),
            "\u{fffd}[2Ja\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}"
        );
    }
}
