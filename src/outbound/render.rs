//! A mail as a person reads it: subject, text and HTML, from its facts.
//!
//! Templates lay out, Fluent messages speak, and this module joins them. Rendering reads no clock, no file and no database:
//! the same facts give the same bytes.

mod templates;
mod views;
mod voice;

use crate::domain::language::{AVAILABLE, Language};
use crate::outbound::mails::{Kind, Mail};
use views::{NewsView, ReceiptView, RequestView};

/// What a person reads of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The text part, of lines up to 72 columns; a URL or a command stands on a line of its own, however long. Lines end in LF.
    pub text: String,
    /// The HTML part: a whole document without anything to load. Lines end in LF.
    pub html: String,
}

/// Renders a mail in its reader's language.
pub fn render(mail: &Mail) -> Rendered {
    match mail {
        Mail::Invitation(request) => {
            let (voice, view) = RequestView::new(request, None);
            templates::invitation::render(&voice, &view)
        }
        Mail::Reminder(follow_up) => {
            let (voice, view) = RequestView::new(&follow_up.request, Some(&follow_up.stop_url));
            templates::reminder::render(&voice, &view)
        }
        Mail::LastChance(follow_up) => {
            let (voice, view) = RequestView::new(&follow_up.request, Some(&follow_up.stop_url));
            templates::last_chance::render(&voice, &view)
        }
        Mail::Receipt(receipt) => {
            let (voice, view) = ReceiptView::new(receipt);
            templates::receipt::render(&voice, &view)
        }
        Mail::Accepted(accepted) => {
            let (voice, view) = NewsView::accepted(accepted);
            templates::accepted::render(&voice, &view)
        }
        Mail::Declined(declined) => {
            let (voice, view) = NewsView::declined(declined);
            templates::declined::render(&voice, &view)
        }
        Mail::Expired(expired) => {
            let (voice, view) = NewsView::expired(expired);
            templates::expired::render(&voice, &view)
        }
        Mail::Undeliverable(undeliverable) => {
            let (voice, view) = NewsView::undeliverable(undeliverable);
            templates::undeliverable::render(&voice, &view)
        }
    }
}

/// Every mail in every language, with made-up facts: for previews and tests.
pub fn samples() -> impl Iterator<Item = (Kind, Language, Rendered)> {
    AVAILABLE.iter().flat_map(|language| {
        Kind::ALL.iter().map(|&kind| {
            let rendered = render(&Mail::sample(kind, language));
            (kind, language.clone(), rendered)
        })
    })
}

#[cfg(test)]
mod outlook;
#[cfg(test)]
mod tests;
