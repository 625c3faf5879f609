use mail_parser::{MessageParser, MimeHeaders as _};
use proptest::prelude::*;

use super::*;

fn letter() -> Letter {
    Letter {
        message_id: "<ntc.0192@mail.example.com>".into(),
        date: Timestamp::from_micros(1_798_016_400_123_456),
        boundary: "cs-0192ab".into(),
        from_name: "한빛클라우드 (Countersign)".into(),
        from_address: "invitations@mail.example.com".into(),
        reply_to: "r+abc@mail.example.com".into(),
        to_name: Some("김하늘".into()),
        to_address: "haneul@customer.example".into(),
        subject: "[한빛클라우드] 고객 계약 동의와 파트너 승인을 요청드립니다 (12월 22일까지)"
            .into(),
        text: "안녕하세요.\n링크: https://example.com/a/x\n".into(),
        html: "<p lang=\"ko\">안녕하세요.</p>\n".into(),
        language: "ko".into(),
        list_unsubscribe: Some("https://example.com/stop/abc".into()),
    }
}

fn text_of(letter: &Letter) -> String {
    String::from_utf8(compose(letter).unwrap().bytes).unwrap()
}

/// CRLF only, no NUL, no line over 998 octets, ASCII throughout.
fn assert_well_formed(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_ascii());
    assert!(text.ends_with("\r\n"));
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "a line of {} octets", line.len());
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    }
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let first = compose(&letter()).unwrap();
    let again = compose(&letter()).unwrap();
    assert_eq!(first, again);
    assert_eq!(first.sha256, <[u8; 32]>::from(Sha256::digest(&first.bytes)));
    let mut other = letter();
    other.text.push('.');
    assert_ne!(compose(&other).unwrap().sha256, first.sha256);
}

#[test]
fn the_headers_stand_as_agreed() {
    let text = text_of(&letter());
    assert_well_formed(text.as_bytes());
    let (headers, _) = text.split_once("\r\n\r\n").unwrap();
    for line in [
        "Date: Wed, 23 Dec 2026 09:00:00 +0000",
        "Reply-To: r+abc@mail.example.com",
        "Message-ID: <ntc.0192@mail.example.com>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "Content-Language: ko",
        "List-Unsubscribe: <https://example.com/stop/abc>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative; boundary=\"cs-0192ab\"",
    ] {
        assert!(
            headers.split("\r\n").any(|l| l == line),
            "{line}\n{headers}"
        );
    }
    assert!(!headers.contains("Return-Path"));
}

#[test]
fn a_reader_finds_what_was_put_in() {
    let composed = compose(&letter()).unwrap();
    let mail = MessageParser::new().parse(&composed.bytes).unwrap();
    assert_eq!(mail.subject(), Some(letter().subject.as_str()));
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("한빛클라우드 (Countersign)"));
    let to = mail.to().unwrap().first().unwrap();
    assert_eq!(
        (to.name(), to.address()),
        (Some("김하늘"), Some("haneul@customer.example"))
    );
    assert_eq!(
        mail.body_text(0).unwrap(),
        letter().text.replace('\n', "\r\n")
    );
    assert_eq!(
        mail.body_html(0).unwrap(),
        letter().html.replace('\n', "\r\n")
    );
    // Plain text first: the last alternative is the one that a reader prefers (RFC 2046 §5.1.4).
    assert_eq!(
        mail.parts[1].content_type().unwrap().subtype(),
        Some("plain")
    );
}

#[test]
fn korean_bodies_are_base64_and_english_ones_stay_readable() {
    let mut letter = letter();
    assert!(text_of(&letter).contains("Content-Transfer-Encoding: base64"));
    letter.text = "Dear Ms Kim,\nplease read this.\n".into();
    letter.html = format!("<p>{}</p>", "words ".repeat(40));
    let text = text_of(&letter);
    assert!(text.contains("Content-Transfer-Encoding: 7bit\r\n\r\nDear Ms Kim,\r\n"));
    assert!(text.contains("Content-Transfer-Encoding: quoted-printable"));
}

#[test]
fn a_first_mail_has_no_unsubscribe_headers() {
    let mut letter = letter();
    letter.list_unsubscribe = None;
    assert!(!text_of(&letter).contains("List-Unsubscribe"));
}

#[test]
fn names_cannot_add_headers_or_end_them() {
    let mut letter = letter();
    letter.from_name = "Evil\r\nBcc: all@example.com\r\n\r\n<script>\0".into();
    letter.to_name = Some("\r\n".into());
    letter.subject = "Hi\nX-Evil: 1\r\u{2028}\u{202e}=?utf-8?b?YQ==?=".into();
    let composed = compose(&letter).unwrap();
    assert_well_formed(&composed.bytes);
    let mail = MessageParser::new().parse(&composed.bytes).unwrap();
    assert!(mail.header("Bcc").is_none() && mail.header("X-Evil").is_none());
    assert_eq!(
        mail.from().unwrap().first().unwrap().name(),
        Some("Evil Bcc: all@example.com <script>")
    );
    assert_eq!(mail.subject(), Some("Hi X-Evil: 1 = ?utf-8?b?YQ== ?="));
    assert_eq!(mail.to().unwrap().first().unwrap().name(), None);
}

#[test]
fn very_long_names_are_cut_within_the_line_limit() {
    let mut letter = letter();
    for filler in ["a", "가", "a b", "\"", "\\"] {
        letter.from_name = filler.repeat(10_000);
        letter.to_name = Some(filler.repeat(10_000));
        letter.subject = filler.repeat(10_000);
        assert_well_formed(&compose(&letter).unwrap().bytes);
    }
}

#[test]
fn line_ends_of_every_kind_become_crlf_and_other_controls_go() {
    assert_eq!(
        body_text("a\rb\nc\r\nd\r\r\ne\0\u{1b}\tf"),
        "a\r\nb\r\nc\r\nd\r\n\r\ne\tf\r\n"
    );
    assert_eq!(body_text(""), "\r\n");
}

#[test]
fn a_recipient_beyond_ascii_needs_smtputf8() {
    let mut letter = letter();
    assert!(!compose(&letter).unwrap().needs_smtputf8);
    letter.to_address = "하늘@xn--vf4bq2u.example".into();
    let composed = compose(&letter).unwrap();
    assert!(composed.needs_smtputf8);
    let text = String::from_utf8(composed.bytes).unwrap();
    assert!(text.contains("하늘@xn--vf4bq2u.example"));
}

#[test]
fn a_field_that_cannot_be_sent_is_named() {
    type Edit = fn(&mut Letter);
    let cases: [(Edit, ComposeError); 9] = [
        (
            |l| l.to_address = "a@b.example\r\nBcc: c@d.example".into(),
            ComposeError::Address {
                field: "to_address",
            },
        ),
        (
            |l| l.reply_to = "nobody".into(),
            ComposeError::Address { field: "reply_to" },
        ),
        (|l| l.message_id = "<a b@c>".into(), ComposeError::MessageId),
        (|l| l.boundary = "a\"b".into(), ComposeError::Boundary),
        (
            |l| l.text = "-- cs-0192ab --".into(),
            ComposeError::BoundaryInBody,
        ),
        (|l| l.date = Timestamp::from_micros(-1), ComposeError::Date),
        (
            |l| l.date = Timestamp::from_micros(i64::MAX),
            ComposeError::Date,
        ),
        (|l| l.language = "ko\r\n".into(), ComposeError::Language),
        (
            |l| l.list_unsubscribe = Some("https://a>\r\n".into()),
            ComposeError::ListUnsubscribe,
        ),
    ];
    for (edit, expected) in cases {
        let mut letter = letter();
        edit(&mut letter);
        assert_eq!(compose(&letter).unwrap_err(), expected);
    }
}

proptest! {
    #[test]
    fn whatever_people_write_the_mail_is_well_formed_and_reads_back(
        from_name in any::<String>(),
        to_name in any::<Option<String>>(),
        subject in any::<String>(),
        text in any::<String>(),
    ) {
        let mut letter = letter();
        letter.from_name = from_name;
        letter.to_name = to_name;
        letter.subject.clone_from(&subject);
        letter.text.clone_from(&text);
        let composed = compose(&letter).unwrap();
        assert_well_formed(&composed.bytes);
        let mail = MessageParser::new().parse(&composed.bytes).unwrap();
        prop_assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("invitations@mail.example.com"));
        prop_assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("haneul@customer.example"));
        prop_assert_eq!(mail.body_text(0).unwrap(), body_text(&text));
        let expected = header_text(&subject);
        prop_assert_eq!(mail.subject().unwrap_or_default(), expected);
    }
}
