//! The pages: typed contexts of the templates in `templates/page/`, each with samples of its states.
//!
//! A context holds what is shown and nothing else: no row of the database, no request. What a page may say in words stands
//! in the language files. No page has a script, a style of its own or anything from elsewhere, and each works as plain HTML.

mod acceptance;
mod agreement;
mod closing;
mod failure;
mod finder;
mod form;
mod inquiry;
mod manage;
mod people;
mod print;
mod receipt;
pub mod samples;
mod terms;

use askama::Template;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::tz::TimeZone;

pub use acceptance::{Acceptance, Asking};
pub use agreement::AgreementText;
pub use closing::{DeadLink, Declined, LinkAsked, LinkState, Stop};
pub use failure::{Failure, FailureKind, Front};
pub use finder::{
    CONTACT, Card, ContactPartners, Contacting, FIND, FindPartner, InquiryAsked, LANGUAGES, Search,
};
pub use form::{DeclineForm, Entry, FormError, Problem, SignForm, Tick, reason_text};
pub use manage::{
    AgreedEntry, AgreementLine, AskForList, ContactToEnd, Details, EndRelationship, Ended, EndedBy,
    Extension, HeldRole, ListAsked, PartnerEntry, Partners, Relation, RemoveRoles, RoleChoice,
    Told, Wanted,
};
pub(crate) use terms::tel;

pub use inquiry::{Asks, ConfirmInquiry, InquiryStanding, RefusedAnswer, RequestStanding, Respond};
pub use people::{HandOverForm, HandedOver, People, ViewerEntry, ViewerForm, ViewerPage, Wrong};
pub use print::PrintView;
pub use receipt::{Authorized, Receipt, Record, Said, Step};
pub use terms::{Agreement, Note, Partner, Recipient, Terms};

use crate::domain::time::Timestamp;
use crate::locale::Texts;

/// What every page has: its language, the zone of its dates, and whose page it is.
#[derive(Clone, Debug)]
pub struct Page {
    /// The sentences, in the language of the invitation, or of the browser where there is none.
    pub t: Texts,
    /// The zone in which moments are told: the contact's.
    pub zone: TimeZone,
    /// The partner whose name the page carries; none on the front page and where the link names nobody.
    pub partner: Option<Partner>,
}

impl Page {
    /// A day: `2026년 12월 22일(화)`, which no line break takes apart at its brackets.
    pub fn date(&self, at: &Timestamp) -> String {
        unbroken(&self.t.date(*at, &self.zone))
    }

    /// A day, a time of day and a zone: `2026년 12월 22일(화) 오후 6시(한국 시간)`.
    pub fn moment(&self, at: &Timestamp) -> String {
        unbroken(&self.t.moment(*at, &self.zone))
    }

    /// The name of a language in this page's language, else in itself; the bare tag where there is neither.
    pub fn language_name(&self, tag: &str) -> String {
        let primary = tag.split('-').next().unwrap_or(tag);
        let own = || Some(Texts::exactly(&primary.parse().ok()?)?.m("writing-name"));
        let here = self.t.find(&format!("page-language-{primary}"));
        here.or_else(own).unwrap_or_else(|| tag.to_owned())
    }
}

/// Keeps what stands in brackets together, and with what touches them: `(한국 시간)에` would otherwise be broken before its
/// particle. A number stays with its neighbours: `22 December 2026`, `오전 10시`. U+00A0 and U+2060 have no look of their own.
fn unbroken(text: &str) -> String {
    let mut kept = String::with_capacity(text.len() + 12);
    let mut inside = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let before = kept.chars().next_back().unwrap_or(' ');
        let beside_number = before.is_ascii_digit()
            || before.is_alphabetic() && letters.peek().is_some_and(char::is_ascii_digit);
        match letter {
            '(' => {
                if !kept.ends_with([' ', '\u{a0}']) {
                    kept.push('\u{2060}');
                }
                inside = true;
                kept.push('(');
            }
            ')' => {
                inside = false;
                kept.push_str(")\u{2060}");
            }
            ' ' if inside || beside_number => kept.push('\u{a0}'),
            other => kept.push(other),
        }
    }
    kept
}

/// A page that can be answered with.
pub trait View: Template {
    /// What every page has.
    fn page(&self) -> &Page;

    /// The status it is answered with.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }

    /// Seconds after which it is worth trying again (RFC 9110 §10.2.3).
    fn retry_after(&self) -> Option<u32> {
        None
    }
}

/// The answer that shows `view`.
pub fn render(view: &impl View) -> Response {
    let Ok(body) = view.render() else {
        // A template writes into memory and calls what cannot fail; without this line a failure would be an empty 200.
        return (
            StatusCode::INTERNAL_SERVER_ERROR,
            "This page could not be written.\n",
        )
            .into_response();
    };
    let mut response = (view.status(), body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if let Ok(language) = HeaderValue::from_str(&view.page().t.language().to_string()) {
        headers.insert(CONTENT_LANGUAGE, language);
    }
    if let Some(seconds) = view.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests;
