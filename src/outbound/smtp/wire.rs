//! What goes over the wire besides commands: bodies out, replies in.

use memchr::memmem;
use smtp_proto::Response;

use crate::domain::delivery::Reply;
use crate::domain::text::visible;

/// The most characters of a reply that are kept.
const TEXT_LIMIT: usize = 500;

/// The body as DATA takes it, final dot included: lines that begin with a dot get another one (RFC 5321 §4.5.2).
///
/// `None` for a body with a bare CR or LF: servers disagree on where such a line ends, and so on where the mail does.
pub(super) fn stuffed(body: &[u8]) -> Option<Vec<u8>> {
    // All octets at once, without a branch: a CR stands before each LF, and nowhere else.
    let next = body.get(1..).unwrap_or_default();
    let unpaired = body.iter().zip(next).fold(0, |any, (octet, next)| {
        any | u8::from((*octet == b'\r') != (*next == b'\n'))
    });
    if unpaired != 0 || body.starts_with(b"\n") || body.ends_with(b"\r") {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() + body.len() / 64 + 8);
    if body.starts_with(b".") {
        out.push(b'.');
    }
    let mut start = 0;
    for line_end in memmem::find_iter(body, b"\r\n.") {
        out.extend_from_slice(&body[start..line_end + 3]);
        start = line_end + 2;
    }
    out.extend_from_slice(&body[start..]);
    if !body.is_empty() && !body.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    Some(out)
}

/// A reply as it is kept. `raw` is what was parsed into `response`.
///
/// The enhanced code is read anew: Microsoft's go beyond the octet that the parser has for each part (4.7.650).
pub(super) fn reply(raw: &[u8], response: &Response<String>) -> Reply {
    Reply {
        code: response.code,
        enhanced: enhanced(raw).filter(|(class, ..)| *class == response.code / 100),
        text: clean(&response.message),
    }
}

/// Class, subject and detail, one digit and twice up to three (RFC 3463 §2), after the code of the first line.
fn enhanced(raw: &[u8]) -> Option<(u16, u16, u16)> {
    let word = raw.get(4..)?.split(u8::is_ascii_whitespace).next()?;
    let word = std::str::from_utf8(word).ok()?;
    let mut parts = word.split('.').map(|part| {
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    });
    let code = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(code)
}

/// One line of what can be seen, at most [`TEXT_LIMIT`] characters: it is stored, and shown to people later.
pub(super) fn clean(text: &str) -> String {
    let seen = visible(text, TEXT_LIMIT, 1);
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use smtp_proto::request::receiver::DataReceiver;

    #[test]
    fn dots_are_doubled_at_the_start_of_lines_only() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"", b".\r\n"),
            (b"a.b\r\n", b"a.b\r\n.\r\n"),
            (b"no end", b"no end\r\n.\r\n"),
            (b".\r\n..\r\n.a", b"..\r\n...\r\n..a\r\n.\r\n"),
            (b"\r\n.\r\n", b"\r\n..\r\n.\r\n"),
            (b"a\r\n\r\n", b"a\r\n\r\n.\r\n"),
        ];
        for (body, expected) in cases {
            let out = stuffed(body).unwrap();
            assert_eq!(out, expected, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_bare_line_end_is_refused() {
        let bodies: [&[u8]; 6] = [
            b"\n",
            b"a\n.\r\nb",
            b"a\r.\r\n",
            b"a\r",
            b"\r\r\n",
            b"a\n\r\n",
        ];
        for body in bodies {
            assert_eq!(stuffed(body), None, "{}", String::from_utf8_lossy(body));
        }
    }

    proptest! {
        #[test]
        fn a_server_reads_what_was_meant(lines in proptest::collection::vec("[.a ]{0,4}", 0..8)) {
            let mut body = lines.join("\r\n");
            body.push_str("\r\n");
            let out = stuffed(body.as_bytes()).unwrap();
            let (mut receiver, mut read) = (DataReceiver::new(), Vec::new());
            // The parser wants to have seen the end of the DATA line.
            receiver.ingest(&mut b"\r\n".iter(), &mut Vec::new());
            let mut bytes = out.iter();
            prop_assert!(receiver.ingest(&mut bytes, &mut read));
            prop_assert_eq!(bytes.len(), 0);
            prop_assert_eq!(String::from_utf8(read).unwrap(), body);
        }
    }

    fn read(raw: &str) -> Reply {
        let response = smtp_proto::response::parser::ResponseReceiver::default()
            .parse(&mut raw.as_bytes().iter())
            .unwrap();
        reply(raw.as_bytes(), &response)
    }

    #[test]
    fn a_reply_keeps_its_codes_and_one_clean_line() {
        assert_eq!(
            read("550-5.1.1 No such\r\n550 5.1.1 user\u{7}  here\r\n").to_string(),
            "550 5.1.1 No such user here"
        );
        // Nothing in it may turn a line round, hide, or end it for a program that reads C1 controls.
        assert_eq!(
            read("550 5.7.1 \u{202e}fdp.\u{2066}a\u{200b}b\u{9b}31m\u{85}c\u{3164}d\u{feff}\r\n")
                .text,
            "fdp.ab31m c d"
        );
        assert_eq!(
            read(&format!("550 a{}\r\n", "\u{301}".repeat(99)))
                .text
                .chars()
                .count(),
            1 + 5
        );
        assert_eq!(read("451 4.7.650 Later\r\n").enhanced, Some((4, 7, 650)));
        assert_eq!(read("250 1.2.3.4 queued\r\n").enhanced, None);
        // The class of an enhanced code is that of the reply (RFC 2034 §4).
        assert_eq!(read("250 5.0.0 odd\r\n").enhanced, None);
        assert_eq!(read("354\r\n").text, "");
        assert_eq!(
            read(&format!("550 {}\r\n", "가".repeat(900)))
                .text
                .chars()
                .count(),
            500
        );
    }
}
