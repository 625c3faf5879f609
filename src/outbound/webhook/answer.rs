//! What is kept of an answer.

use jiff::fmt::rfc2822;

use crate::domain::text::visible;
use crate::domain::time::{SECOND, Timestamp};

/// So many characters of an answer are kept at most.
const KEPT: usize = 200;

/// The beginning of a body as one line of what can be seen: it is stored, and shown to people later.
pub(super) fn excerpt(body: &[u8]) -> String {
    // More than is kept of the widest characters; a cut one at the end is left out.
    let start = &body[..body.len().min(8 * KEPT)];
    let text = String::from_utf8_lossy(start);
    let seen = visible(text.trim_end_matches('\u{fffd}'), KEPT, 1);
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How long an answer asks us to wait, in microseconds (RFC 9110 §10.2.3: seconds, or a date); nothing where it is neither.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<i64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // As many digits as anybody likes are long.
        let seconds: i64 = value.parse().unwrap_or(i64::MAX);
        return Some(seconds.saturating_mul(SECOND));
    }
    let date: Timestamp = rfc2822::parse(value).ok()?.timestamp().into();
    Some((date.as_micros() - now.as_micros()).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = Timestamp::from_micros(784_111_777 * SECOND); // Sun, 06 Nov 1994 08:49:37 GMT
        for (value, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0)),
            ("", None),
            ("-5", None),
            ("soon", None),
            ("1.5", None),
        ] {
            let wait = retry_after(value, now).map(|wait| wait / SECOND);
            assert_eq!(wait, seconds, "{value:?}");
        }
        assert_eq!(retry_after("99999999999999999999999", now), Some(i64::MAX));
    }

    #[test]
    fn an_answer_is_one_clean_line() {
        assert_eq!(excerpt(b""), "");
        assert_eq!(excerpt(b"{\"ok\":\r\n  true}\n"), "{\"ok\": true}");
        assert_eq!(excerpt("\u{202e}a\u{7}b\u{0}c\u{200b}".as_bytes()), "abc");
        let long = excerpt("가".repeat(40_000).as_bytes());
        assert!(
            (KEPT / 2..=KEPT).contains(&long.chars().count()),
            "{}",
            long.chars().count()
        );
        assert_eq!(excerpt(&[0xff; 10]), "");
    }
}
