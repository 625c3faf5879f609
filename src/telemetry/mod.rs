//! What the process says of itself: logs and metrics, neither of which holds a person, a token or a key.
//!
//! Names, tokens, keys and whole addresses are never logged. Metrics have no addresses, domains or identifiers at all.

mod labels;
mod metrics;

use std::io::IsTerminal as _;

use tracing::Subscriber;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

use crate::config::{Log, LogFormat};

pub use labels::{
    Answer, CallResult, DatabaseFault, RefusalClass, Renewal, Settlement, TokenFault,
};
pub use metrics::{CONTENT_TYPE, Metrics};

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The directives are wrong.
    #[error(
        "log.level is wrong: use error, warn, info, debug, trace or off, or levels of modules after it, as in `info,countersign::worker=debug`"
    )]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// It was set up before.
    #[error("the log of this process is set up already")]
    Twice(#[from] tracing::subscriber::SetGlobalDefaultError),
}

/// Sends the events of this process to standard error, as the settings say.
///
/// # Errors
/// When the level is wrong, or a log is set up already.
pub fn init(log: &Log) -> Result<(), TelemetryError> {
    let colour = std::io::stderr().is_terminal();
    let subscriber = subscriber(log, colour, std::io::stderr)?;
    Ok(tracing::subscriber::set_global_default(subscriber)?)
}

/// What [`init`] installs, for any writer.
fn subscriber<W>(
    log: &Log,
    colour: bool,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    // Whatever the settings say: this library writes whole paths into its events, and ours hold tokens.
    let is_discreet = filter_fn(|event| !event.target().starts_with("tower_http"));
    let filter = EnvFilter::try_new(&log.level)?.and(is_discreet);
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    Ok(match log.format {
        LogFormat::Text => {
            let layer = layer.with_ansi(colour).with_filter(filter);
            Box::new(tracing_subscriber::registry().with(layer))
        }
        LogFormat::Json => {
            let layer = layer.json().flatten_event(true).with_filter(filter);
            Box::new(tracing_subscriber::registry().with(layer))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_level_brings_the_paths_of_requests() {
        let buffer = Buffer::default();
        for level in [
            "trace",
            "tower_http=trace",
            "tower_http::csrf::service=trace",
        ] {
            let log = Log {
                format: LogFormat::Text,
                level: level.to_owned(),
            };
            let writer = buffer.clone();
            let subscriber = subscriber(&log, false, move || writer.clone()).unwrap();
            tracing::subscriber::with_default(subscriber, || {
                tracing::trace!(target: "tower_http::csrf::service", uri = "/a/token", "passed");
                tracing::trace!(target: "tower_http", uri = "/a/token", "passed");
            });
        }
        assert!(buffer.0.lock().unwrap().is_empty());
    }

    fn logged(format: LogFormat, level: &str) -> String {
        let buffer = Buffer::default();
        let log = Log {
            format,
            level: level.to_owned(),
        };
        let writer = buffer.clone();
        let subscriber = subscriber(&log, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(kind = "invitation", "sent");
            tracing::debug!("looked\nround \u{1b}[31m");
        });
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_a_line_from_the_level_on() {
        let text = logged(LogFormat::Json, "info");
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["message"], "sent");
        assert_eq!(lines[0]["kind"], "invitation");
        assert_eq!(lines[0]["level"], "INFO");
        assert_eq!(logged(LogFormat::Json, "trace").lines().count(), 2);
    }

    #[test]
    fn text_is_one_line_an_event_and_writes_no_control_sequence() {
        let text = logged(LogFormat::Text, "off,countersign=debug");
        assert!(
            text.contains("INFO") && text.contains("sent kind=\"invitation\""),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn a_wrong_level_is_refused() {
        let log = Log {
            format: LogFormat::Text,
            level: "a=b=c".to_owned(),
        };
        let error = subscriber(&log, false, std::io::sink).err().unwrap();
        assert!(matches!(error, TelemetryError::Level(_)), "{error}");
    }
}
