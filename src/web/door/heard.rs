//! What is remembered of a request that the HTTP library may refuse before any handler sees it: what it asked for, and in
//! which language its reader wants the answer.

use crate::domain::language::{Language, negotiate_accept_language};

/// The start of a request: its method, and the path of any page of ours.
const START: usize = 64;
/// A head of fewer bytes is refused for nothing that its reader could have meant. The library refuses an address from 65,535
/// bytes on, so that all that follows such an address lies beyond this.
const LONG: usize = 60_000;
/// What is kept of the end of a long head: what follows its address.
const END: usize = 16 * 1024;

/// The request that is being read.
#[derive(Debug, Default)]
pub(super) struct Heard {
    start: Vec<u8>,
    /// Empty until the head is long.
    end: Vec<u8>,
    length: usize,
}

impl Heard {
    /// More of the request has arrived.
    pub(super) fn more(&mut self, bytes: &[u8]) {
        let missing = START.saturating_sub(self.start.len()).min(bytes.len());
        self.start.extend_from_slice(&bytes[..missing]);
        self.length = self.length.saturating_add(bytes.len());
        if self.length > LONG {
            self.end.extend_from_slice(bytes);
            let surplus = self.end.len().saturating_sub(END);
            self.end.drain(..surplus);
        }
    }

    /// It is answered: what arrives now belongs to the next one.
    pub(super) fn over(&mut self) {
        self.start.clear();
        self.end = Vec::new();
        self.length = 0;
    }

    /// Whether it asks for a path that begins so.
    pub(super) fn asks_for(&self, path: &str) -> bool {
        let mut words = self.start.splitn(2, |byte| *byte == b' ');
        let target = words.nth(1).unwrap_or_default();
        target.starts_with(path.as_bytes())
    }

    /// The language that its browser wants.
    pub(super) fn language(&self) -> Option<Language> {
        const NAME: &str = "\naccept-language:";
        let text = String::from_utf8_lossy(&self.end);
        let at = text.to_ascii_lowercase().find(NAME)?;
        let value = text[at + NAME.len()..].lines().next()?;
        negotiate_accept_language(value.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(request: &str, piece: usize) -> Heard {
        let mut heard = Heard::default();
        for bytes in request.as_bytes().chunks(piece) {
            heard.more(bytes);
        }
        heard
    }

    #[test]
    fn the_path_and_the_language_of_a_long_address_are_known_however_it_arrives() {
        let long = "%EB%B3%B4".repeat(10_000);
        let request = format!(
            "GET /find-a-partner?q={long} HTTP/1.1\r\nHost: x\r\nACCEPT-language:  de, en;q=0.5,ko;q=0.9\r\nAccept: */*\r\n\r\n"
        );
        for piece in [7, 1_000, 8_192, 1_000_000] {
            let mut heard = listen(&request, piece);
            assert!(heard.asks_for("/find-a-partner") && heard.asks_for(""));
            assert!(!heard.asks_for("/a/"));
            assert_eq!(heard.language(), Some(Language::ko()), "{piece}");
            assert!(heard.end.len() <= END && heard.start.len() <= START);
            heard.over();
            assert!(!heard.asks_for("/") && heard.language().is_none());
        }
    }

    #[test]
    fn nothing_is_kept_of_a_head_of_common_length() {
        let heard = listen("GET / HTTP/1.1\r\nAccept-Language: ko\r\n\r\n", 10);
        assert!(heard.end.is_empty());
        assert_eq!(heard.language(), None);
    }

    #[test]
    fn what_is_no_request_asks_for_nothing() {
        for bytes in ["", "\r\n\r\n", "\u{16}\u{3}\u{1}", "GET"] {
            let heard = listen(bytes, 3);
            assert!(!heard.asks_for("/"), "{bytes:?}");
            assert_eq!(heard.language(), None);
        }
        // A header of that name that says nothing which we speak.
        let long = "a".repeat(70_000);
        for value in ["", "\u{fffd}", "tlh", "\u{0}"] {
            let request = format!("GET /{long} HTTP/1.1\r\nAccept-Language: {value}\r\n\r\n");
            assert_eq!(listen(&request, 4_096).language(), None, "{value:?}");
        }
    }
}
