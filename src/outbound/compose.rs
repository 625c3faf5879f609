//! A mail as bytes: the same [`Letter`] always gives the same bytes.
//!
//! A retry after an unclear end has to be the same mail, not a similar one, so nothing here is random and nothing reads a
//! clock: the Date, the Message-ID and the boundary come in. lettre folds and encodes the headers and the bodies; what it
//! would panic on or let through (a line break or NUL in a display name, a bare CR in a body) is taken out before.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Date, From, HeaderName, HeaderValue, Headers,
    MIME_VERSION_1_0, ReplyTo, Subject, To,
};
use lettre::message::{Body, Mailbox, Mailboxes, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};

use crate::domain::time::Timestamp;

/// All that a mail is made of. Addresses are in the form that SMTP takes: the domain as an A-label.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The Message-ID, with its angle brackets (RFC 5322 §3.6.4).
    pub message_id: String,
    /// The Date header, fixed by the first attempt; whole seconds are written.
    pub date: Timestamp,
    /// What separates the two bodies: 1 to 70 letters, digits, `-`, `_`, `=` or `.` (RFC 2046 §5.1.1).
    pub boundary: String,
    /// The name beside [`Letter::from_address`].
    pub from_name: String,
    /// Our own address, in the domain that signs.
    pub from_address: String,
    /// Where answers go: our own address with a tag.
    pub reply_to: String,
    /// The recipient's name, if known.
    pub to_name: Option<String>,
    /// The recipient's address.
    pub to_address: String,
    /// The subject, as a person reads it.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
    /// The language of both bodies (BCP 47).
    pub language: String,
    /// The URL that ends these mails: shown as a link, and good for one POST (RFC 8058).
    pub list_unsubscribe: Option<String>,
}

/// A mail, ready to be signed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// Headers and body with CRLF line ends, no line over 998 octets, no Return-Path.
    pub bytes: Vec<u8>,
    /// SHA-256 of [`Composed::bytes`] as they were composed, before any signature was put on top of them, so that a new DKIM
    /// key is not taken for a changed mail.
    pub sha256: [u8; 32],
    /// Whether the headers hold an address that only SMTPUTF8 can carry (RFC 6532).
    pub needs_smtputf8: bool,
}

/// Why no mail can be made of a [`Letter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// An address that no server would take.
    #[error(
        "`{field}` is no mail address: write it as local-part@domain, without blanks or control characters"
    )]
    Address {
        /// The field of the letter.
        field: &'static str,
    },
    /// A Message-ID that is not of the form `<…@…>`.
    #[error("`message_id` is malformed: write `<unique@domain>` in visible ASCII")]
    MessageId,
    /// A boundary outside RFC 2046.
    #[error("`boundary` is malformed: use 1 to 70 letters, digits, `-`, `_`, `=` or `.`")]
    Boundary,
    /// A boundary that one of the bodies holds.
    #[error("`boundary` occurs in a body: draw another one")]
    BoundaryInBody,
    /// A date that no header can hold.
    #[error("`date` is outside the years 1970 to 9999")]
    Date,
    /// A language that is no tag.
    #[error("`language` is malformed: use a BCP 47 tag such as `ko` or `en-GB`")]
    Language,
    /// A link that cannot stand in a header.
    #[error(
        "`list_unsubscribe` is malformed: use an https URL of at most 900 visible ASCII characters"
    )]
    ListUnsubscribe,
}

/// Display names and subjects beyond this many characters are cut: one line holds 998 octets (RFC 5322 §2.1.1).
const HEADER_TEXT_LIMIT: usize = 300;

/// Makes the bytes of `letter`: multipart/alternative, plain text first.
///
/// # Errors
///
/// [`ComposeError`] names the field that no mail can be made of. Control characters in names, subject and bodies are no
/// error: they are taken out.
pub fn compose(letter: &Letter) -> Result<Composed, ComposeError> {
    let text = body_text(&letter.text);
    let html = body_text(&letter.html);
    let mut mail = MultiPart::builder()
        .build()
        .singlepart(part(ContentType::TEXT_PLAIN, text, &letter.boundary)?)
        .singlepart(part(ContentType::TEXT_HTML, html, &letter.boundary)?);
    write_headers(mail.headers_mut(), letter)?;

    let bytes = mail.formatted();
    Ok(Composed {
        sha256: Sha256::digest(&bytes).into(),
        needs_smtputf8: [&letter.from_address, &letter.reply_to, &letter.to_address]
            .iter()
            .any(|address| !address.is_ascii()),
        bytes,
    })
}

fn write_headers(headers: &mut Headers, letter: &Letter) -> Result<(), ComposeError> {
    let from = address("from_address", &letter.from_address)?;
    let reply_to = address("reply_to", &letter.reply_to)?;
    let to = address("to_address", &letter.to_address)?;
    headers.set(date(letter.date)?);
    headers.set(From::from(mailbox(Some(&letter.from_name), from)));
    headers.set(ReplyTo::from(mailbox(None, reply_to)));
    headers.set(To::from(mailbox(letter.to_name.as_deref(), to)));
    headers.set(Subject::from(header_text(&letter.subject)));
    raw(headers, "Message-ID", message_id(&letter.message_id)?);
    // RFC 3834 §5: no vacation responder answers; the second header says the same to Exchange.
    raw(headers, "Auto-Submitted", "auto-generated");
    raw(headers, "X-Auto-Response-Suppress", "All");
    raw(headers, "Content-Language", language(&letter.language)?);
    if let Some(url) = &letter.list_unsubscribe {
        raw(headers, "List-Unsubscribe", &unsubscribe(url)?);
        raw(
            headers,
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click",
        );
    }
    headers.set(MIME_VERSION_1_0);
    headers.set(alternative(&letter.boundary)?);
    Ok(())
}

fn raw(headers: &mut Headers, name: &'static str, value: &str) {
    let name = HeaderName::new_from_ascii_str(name);
    headers.insert_raw(HeaderValue::new(name, value.to_owned()));
}

/// One body. Base64 where more than a sixth is not ASCII, as quoted-printable would be longer (Korean is); else what lettre
/// chooses: 7bit for short lines, quoted-printable for the rest. 8bit would lean on every server on the way.
fn part(kind: ContentType, body: String, boundary: &str) -> Result<SinglePart, ComposeError> {
    if memchr::memmem::find(body.as_bytes(), boundary.as_bytes()).is_some() {
        return Err(ComposeError::BoundaryInBody);
    }
    // The top bits of up to 255 octets fit into one, which the compiler makes wide additions of.
    let foreign: usize = (body.as_bytes().chunks(255))
        .map(|octets| usize::from(octets.iter().map(|octet| octet >> 7).sum::<u8>()))
        .sum();
    // As octets: of a text, lettre would look for the line ends once more, which `body_text` has made.
    let body = body.into_bytes();
    let body = if foreign > body.len() / 6 {
        Body::new_with_encoding(body, ContentTransferEncoding::Base64)
            .expect("base64 encodes everything")
    } else {
        Body::new(body)
    };
    Ok(SinglePart::builder().content_type(kind).body(body))
}

fn alternative(boundary: &str) -> Result<ContentType, ComposeError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=.".contains(&byte);
    if !(1..=70).contains(&boundary.len()) || !boundary.bytes().all(allowed) {
        return Err(ComposeError::Boundary);
    }
    ContentType::parse(&format!("multipart/alternative; boundary=\"{boundary}\""))
        .map_err(|_| ComposeError::Boundary)
}

fn date(at: Timestamp) -> Result<Date, ComposeError> {
    // lettre's Date panics beyond these.
    const YEAR_10000: u64 = 253_402_300_800;
    u64::try_from(at.as_seconds())
        .ok()
        .filter(|seconds| *seconds < YEAR_10000)
        .map(|seconds| Date::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)))
        .ok_or(ComposeError::Date)
}

fn address(field: &'static str, text: &str) -> Result<Address, ComposeError> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(ComposeError::Address { field });
    }
    text.parse().map_err(|_| ComposeError::Address { field })
}

fn mailbox(name: Option<&str>, address: Address) -> Mailboxes {
    let name = name.map(header_text).filter(|name| !name.is_empty());
    Mailboxes::from(Mailbox::new(name, address))
}

fn message_id(text: &str) -> Result<&str, ComposeError> {
    let inner = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .filter(|inner| inner.len() <= 250 && inner.contains('@'));
    let visible = |byte: u8| byte.is_ascii_graphic() && byte != b'<' && byte != b'>';
    match inner {
        Some(inner) if inner.bytes().all(visible) => Ok(text),
        _ => Err(ComposeError::MessageId),
    }
}

fn language(tag: &str) -> Result<&str, ComposeError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (2..=35).contains(&tag.len()) && tag.bytes().all(allowed) {
        Ok(tag)
    } else {
        Err(ComposeError::Language)
    }
}

/// The URL in the brackets of RFC 2369. Plain http is let through for installations on loopback; RFC 8058 wants https.
fn unsubscribe(url: &str) -> Result<String, ComposeError> {
    let visible = |byte: u8| byte.is_ascii_graphic() && byte != b'<' && byte != b'>';
    let known = url.starts_with("https://") || url.starts_with("http://");
    if known && url.len() <= 900 && url.bytes().all(visible) {
        Ok(format!("<{url}>"))
    } else {
        Err(ComposeError::ListUnsubscribe)
    }
}

/// Text for a header: one line, without control characters, separators of lines and bidi controls, at most
/// [`HEADER_TEXT_LIMIT`] characters, and nothing that a reader would take for an encoded word (RFC 2047 §2).
fn header_text(text: &str) -> String {
    let kept = text.chars().filter_map(|c| match c {
        '\0' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() || c.is_whitespace() => Some(' '),
        c => Some(c),
    });
    let mut line = String::with_capacity(text.len());
    let mut length = 0;
    let mut blank = false;
    for c in kept {
        if c == ' ' {
            blank = !line.is_empty();
            continue;
        }
        // A mail from "=?utf-8?b?…?=" would be shown decoded: a name of someone else's making.
        if blank || (c == '?' && line.ends_with('=')) {
            line.push(' ');
            length += 1;
            blank = false;
        }
        if length >= HEADER_TEXT_LIMIT {
            line.push('…');
            break;
        }
        line.push(c);
        length += 1;
    }
    line
}

/// Text for a body: CRLF line ends and no other control character than the tab.
fn body_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32 + 2);
    // By octets, all of them at once: none of a character beyond ASCII looks like a control character.
    let is_rare = |byte: u8| byte.is_ascii_control() && byte != b'\t' && byte != b'\n';
    if text.bytes().fold(false, |any, byte| any | is_rare(byte)) {
        push_lines(&mut out, &clean_lines(text));
    } else {
        push_lines(&mut out, text);
    }
    if !out.ends_with("\r\n") {
        out.push_str("\r\n");
    }
    out
}

/// Appends `text`, whose lines end in LF, with CRLF.
fn push_lines(out: &mut String, text: &str) {
    let mut start = 0;
    for lf in memchr::memchr_iter(b'\n', text.as_bytes()) {
        out.push_str(&text[start..lf]);
        out.push_str("\r\n");
        start = lf + 1;
    }
    out.push_str(&text[start..]);
}

/// LF for CRLF and for a bare CR, and no other control character than the tab.
fn clean_lines(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|c| !c.is_ascii_control() || c == '\t' || c == '\n');
    text
}

#[cfg(test)]
mod tests;
