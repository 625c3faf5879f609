//! A mail, read: what the inbox shows of it, and the links in it.
//!
//! mail-parser reads thousands of nested parts without complaint and overflows the stack when it forgets them: what is too
//! large or too deep is refused before it is read.

use std::collections::BTreeSet;

use mail_parser::MessageParser;

use crate::domain::address::EmailAddress;
use crate::domain::ids::InvitationId;
use crate::domain::notice::Kind;
use crate::domain::time::{SECOND, Timestamp};

/// The largest mail that is read.
pub const LARGEST: usize = 1024 * 1024;
/// More parts within parts than any mail has that is meant to be read.
const MOST_NESTED: usize = 50;

/// Which of our notices it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its kind.
    pub kind: Kind,
    /// The how-many-eth of its kind, from 0.
    pub step: i64,
    /// What it is about.
    pub invitation: InvitationId,
}

/// A mail that arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The how-many-eth mail of this folder, from 1.
    pub number: usize,
    /// Its Date.
    pub at: Timestamp,
    /// To whom it went: the envelope's recipient.
    pub to: String,
    /// What its To calls them.
    pub to_name: Option<String>,
    /// From which address.
    pub from: String,
    /// What its From calls the sender.
    pub from_name: Option<String>,
    /// The subject.
    pub subject: String,
    /// The plain text, if it has one.
    pub text: Option<String>,
    /// The HTML, if it has one.
    pub html: Option<String>,
    /// Its headers, as they came.
    pub headers: Vec<(String, String)>,
    /// All of it, as it came.
    pub source: Vec<u8>,
    /// Which notice it is, where its return path is ours.
    pub notice: Option<Notice>,
}

/// Puts what only the envelope says on top of a mail, as delivery does (RFC 5321 §4.4).
pub fn delivered(mail_from: &str, rcpt_to: &str, bytes: &[u8]) -> Vec<u8> {
    let mut mail =
        format!("Return-Path: <{mail_from}>\r\nDelivered-To: {rcpt_to}\r\n").into_bytes();
    mail.extend_from_slice(bytes);
    mail
}

impl Mail {
    /// Reads a delivered mail; one that cannot be read is shown by its source alone.
    pub fn read(number: usize, source: Vec<u8>, arrived: Timestamp) -> Self {
        let mut mail = Self {
            number,
            at: arrived,
            to: String::new(),
            to_name: None,
            from: String::new(),
            from_name: None,
            subject: "(a mail that cannot be read)".to_owned(),
            text: None,
            html: None,
            headers: Vec::new(),
            source,
            notice: None,
        };
        mail.parse();
        mail
    }

    fn parse(&mut self) {
        if !is_harmless(&self.source) {
            return;
        }
        let Some(message) = MessageParser::default().parse(&self.source) else {
            return;
        };
        if let Some(date) = message.date() {
            self.at = Timestamp::from_micros(date.to_timestamp().saturating_mul(SECOND));
        }
        if let Some(to) = message.to().and_then(|to| to.first()) {
            self.to_name = to.name().map(str::to_owned);
            self.to = to.address().unwrap_or_default().to_owned();
        }
        if let Some(from) = message.from().and_then(|from| from.first()) {
            self.from_name = from.name().map(str::to_owned);
            self.from = from.address().unwrap_or_default().to_owned();
        }
        message
            .subject()
            .unwrap_or("(no subject)")
            .clone_into(&mut self.subject);
        self.text = message.body_text(0).map(std::borrow::Cow::into_owned);
        self.html = message.body_html(0).map(std::borrow::Cow::into_owned);
        self.headers = message
            .headers_raw()
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        if let Some(recipient) = self.header("Delivered-To") {
            self.to = recipient.to_owned();
        }
    }

    /// A header, as it came.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The local part of the return path.
    pub fn return_tag(&self) -> Option<&str> {
        let path = self.header("Return-Path")?;
        let path = path.trim_start_matches('<').trim_end_matches('>');
        Some(path.rsplit_once('@')?.0)
    }

    /// To whom it went, as people write it: the domain in its own script.
    pub fn to_shown(&self) -> String {
        let address = self.to.parse::<EmailAddress>();
        address.map_or_else(|_| self.to.clone(), |address| address.display())
    }

    /// The page that the mail asks its reader to open: the one link with this beginning, the same in its text and its HTML.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the mail.
    pub fn link(&self, beginning: &str) -> Result<String, String> {
        let links = |body: &Option<String>| links(body.as_deref().unwrap_or_default(), beginning);
        let (text, html) = (links(&self.text), links(&self.html));
        let place = format!("mail {} ({})", self.number, self.subject);
        if text != html {
            return Err(format!(
                "the text and the HTML of {place} lead to different pages"
            ));
        }
        let mut links = text.into_iter();
        match (links.next(), links.next()) {
            (Some(link), None) => Ok(link),
            (None, _) => Err(format!("{place} has no link to {beginning}…")),
            _ => Err(format!("{place} leads to more than one page")),
        }
    }
}

/// All links that begin so, up to the first character that no token has.
fn links(body: &str, beginning: &str) -> BTreeSet<String> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    body.match_indices(beginning)
        .map(|(at, _)| {
            let rest = &body[at + beginning.len()..];
            let token = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
            format!("{beginning}{}", &rest[..token])
        })
        .collect()
}

fn is_harmless(source: &[u8]) -> bool {
    if source.len() > LARGEST {
        return false;
    }
    let text = String::from_utf8_lossy(source).to_ascii_lowercase();
    text.matches("multipart/").count() + text.matches("message/").count() <= MOST_NESTED
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_micros(1_795_309_200_000_000);

    fn mail(body: &str) -> Mail {
        let source = format!(
            "From: =?utf-8?B?7ZWc67mb7YWM7YGs?= <a@demo.example>\r\nTo: Kim <kim@x.example>\r\n\
             Subject: Hello\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{body}"
        );
        Mail::read(
            1,
            delivered("b+tag@demo.example", "kim@x.example", source.as_bytes()),
            AT,
        )
    }

    fn both(text: &str, html: &str) -> Mail {
        mail(&format!(
            "--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
        ))
    }

    #[test]
    fn a_mail_is_read_with_its_envelope() {
        let mail = both("text", "<p>html</p>");
        assert_eq!(mail.from_name.as_deref(), Some("한빛테크"));
        assert_eq!(mail.from, "a@demo.example");
        assert_eq!(mail.to, "kim@x.example");
        assert_eq!(mail.to_shown(), "kim@x.example");
        assert_eq!(mail.return_tag(), Some("b+tag"));
        assert_eq!(mail.text.as_deref().map(str::trim), Some("text"));
        assert_eq!(mail.html.as_deref().map(str::trim), Some("<p>html</p>"));
    }

    #[test]
    fn a_link_counts_only_where_text_and_html_agree_on_one() {
        let beginning = "http://127.0.0.1:8080/a/";
        let good = both(
            "see\r\nhttp://127.0.0.1:8080/a/A-b_1\r\n",
            "<a href=\"http://127.0.0.1:8080/a/A-b_1\">http://127.0.0.1:8080/a/A-b_1</a>",
        );
        assert_eq!(
            good.link(beginning).unwrap(),
            "http://127.0.0.1:8080/a/A-b_1"
        );
        let differ = both(
            "http://127.0.0.1:8080/a/A",
            "<a href=\"http://127.0.0.1:8080/a/B\">",
        );
        assert!(
            differ
                .link(beginning)
                .unwrap_err()
                .contains("different pages")
        );
        assert!(
            both("x", "y")
                .link(beginning)
                .unwrap_err()
                .contains("no link")
        );
    }

    #[test]
    fn what_is_nested_too_deep_or_too_large_is_shown_by_its_source_alone() {
        let deep = mail(&"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".repeat(30_000));
        assert!(deep.text.is_none() && deep.headers.is_empty());
        assert!(!deep.source.is_empty());
        let large = mail(&"x".repeat(LARGEST));
        assert!(large.headers.is_empty());
    }
}
