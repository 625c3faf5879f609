//! A mail as a person reads it: subject, text and HTML, from its facts.
//!
//! Templates lay out, Fluent messages speak, and this module joins them. Rendering reads no clock, no file and no database:
//! the same facts give the same bytes.

mod change;
mod inquiry;
mod people;
mod templates;
mod views;
mod voice;
mod webhook;

use crate::domain::language::{AVAILABLE, Language};
use crate::outbound::mails::{Change, Happened, Kind, Mail, Side};
use change::{ChangeView, ManageLinkView, StepsOpenView};
use inquiry::{ConfirmView, InquiryView};
use people::ViewerView;
use views::{NewsView, ReceiptView, RequestView};
use webhook::WebhookDisabledView;

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
        Mail::Change(change) => render_change(change),
        Mail::ManageLink(link) => {
            let (voice, view) = ManageLinkView::new(link);
            templates::manage_link::render(&voice, &view)
        }
        Mail::StepsOpen(steps) => {
            let (voice, view) = StepsOpenView::new(steps);
            templates::steps_open::render(&voice, &view)
        }
        Mail::InquiryConfirm(confirm) => {
            let (voice, view) = ConfirmView::new(confirm);
            templates::inquiry_confirm::render(&voice, &view)
        }
        Mail::Inquiry(inquiry) => {
            let (voice, view) = InquiryView::new(inquiry);
            templates::inquiry::render(&voice, &view)
        }
        Mail::HandedOver(handed_over) => {
            let (voice, view) = NewsView::handed_over(handed_over);
            templates::handed_over::render(&voice, &view)
        }
        Mail::Viewer(viewer) => {
            let (voice, view) = ViewerView::new(viewer);
            templates::viewer::render(&voice, &view)
        }
        Mail::WebhookDisabled(disabled) => {
            let (voice, view) = WebhookDisabledView::new(disabled);
            templates::webhook_disabled::render(&voice, &view)
        }
    }
}

fn render_change(change: &Change) -> Rendered {
    let (voice, view) = ChangeView::new(change);
    match change.happened {
        Happened::Ending => templates::ending::render(&voice, &view),
        Happened::Ended => templates::ended::render(&voice, &view),
        Happened::Extended => templates::extended::render(&voice, &view),
        Happened::RolesRemoved => templates::roles_removed::render(&voice, &view),
        Happened::RelationshipEnded => templates::relationship_ended::render(&voice, &view),
    }
}

/// A mail with made-up facts.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Which mail.
    pub kind: Kind,
    /// To whom.
    pub side: Side,
    /// In which language.
    pub language: Language,
    /// The mail.
    pub mail: Rendered,
}

impl Sample {
    /// Its name among those of a language: the kind, and the side of a kind that goes to both.
    pub fn name(&self) -> String {
        match self.kind.sides() {
            [_] => self.kind.to_string(),
            _ => format!("{}.{}", self.kind, self.side),
        }
    }
}

/// Every mail to every side in every language, with made-up facts: for previews and tests.
pub fn samples() -> impl Iterator<Item = Sample> {
    AVAILABLE.iter().flat_map(samples_in)
}

/// Every mail to every side in this language.
pub fn samples_in(language: &Language) -> impl Iterator<Item = Sample> {
    Kind::ALL.iter().flat_map(move |&kind| {
        kind.sides().iter().filter_map(move |&side| {
            Some(Sample {
                kind,
                side,
                language: language.clone(),
                mail: render(&Mail::sample(kind, side, language)?),
            })
        })
    })
}

#[cfg(test)]
mod outlook;
#[cfg(test)]
mod tests;
