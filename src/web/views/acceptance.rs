//! The acceptance page, in its three kinds: the agreement with a partner relationship, the relationship alone, the
//! agreement alone.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Agreement, DeclineForm, FormError, Note, Page, Partner, Recipient, SignForm, Terms, View,
};
use crate::domain::evidence::KEPT_YEARS;
use crate::domain::link_path;
use crate::domain::offer::OfferKind;
use crate::domain::shown::Words;
use crate::domain::span::GrantDuration;
use crate::domain::time::Timestamp;
use crate::outbound::mails::DeclineReason;

/// Why the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The link was opened.
    First,
    /// What was sent is incomplete: the errors stand in the forms.
    Again,
    /// It says something else than the page whose form was sent; nothing was recorded.
    Changed,
}

/// The page behind `/a/<token>`, and the answer to an incomplete POST.
#[derive(Clone, Debug, Template)]
#[template(path = "page/acceptance.html")]
pub struct Acceptance {
    /// What every page has; its partner is the one who asks.
    pub page: Page,
    /// Who asks.
    pub partner: Partner,
    /// The token of the link; goes back in the body of a form.
    pub token: String,
    /// What stands for all that is consented to (`domain::shown`); goes back with the form.
    pub shown: String,
    /// To whom it was sent.
    pub recipient: Recipient,
    /// The customer's organization or school.
    pub organization: String,
    /// The addresses of those who read along.
    pub viewers: Vec<String>,
    /// What is asked for.
    pub terms: Terms,
    /// What the partner writes.
    pub note: Option<Note>,
    /// Until when it can be answered.
    pub answer_by: Timestamp,
    /// Why the page is shown.
    pub asking: Asking,
    /// The form that accepts.
    pub sign: SignForm,
    /// The form that declines.
    pub decline: DeclineForm,
}

impl View for Acceptance {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.asking {
            Asking::First => StatusCode::OK,
            Asking::Again => StatusCode::UNPROCESSABLE_ENTITY,
            Asking::Changed => StatusCode::CONFLICT,
        }
    }
}

/// What is asked for, as the page says it.
#[derive(Template)]
#[template(path = "page/asked.html")]
struct Asked<'a> {
    page: &'a Page,
    terms: Terms,
}

impl Acceptance {
    /// The words that are consented to. The template takes its sentences from where this does.
    pub fn words(&self) -> Words {
        let mut terms = self.terms.clone();
        // One day for all: the expected one is another one tomorrow, and nothing was changed by that.
        terms.expected_end = terms.expected_end.map(|_| Timestamp::from_micros(0));
        let page = &self.page;
        // A template that writes into memory does not fail; `render` answers for one that did.
        let asked = Asked { page, terms }.render().unwrap_or_default();
        let asked = asked.trim().to_owned();
        let mut others = vec![
            self.heading(),
            self.lede(),
            asked,
            self.privacy(),
            self.effect(),
            self.evidence(),
            self.button(),
        ];
        if self.terms.agreement.is_some() {
            others.push(self.reading());
        }
        if self.terms.offer.auto_extend() {
            others.extend([self.extension(), self.extension_hint()]);
        }
        Words {
            language: page.t.language().clone(),
            agreement: self.read(),
            authority: self.authority(),
            others,
        }
    }

    /// The sentence beside the box that lets the roles extend themselves.
    fn extension(&self) -> String {
        let period = self.page.t.period(&GrantDuration::EXTENSION);
        let args = [("period", period.as_str().into())];
        self.page.t.f("page-box-extend", &args)
    }

    /// What comes of it.
    fn extension_hint(&self) -> String {
        self.page.t.m("page-box-extend-hint")
    }

    /// How the agreement is read.
    fn reading(&self) -> String {
        self.page.t.m("page-agreement-lede")
    }

    /// The sentence beside the agreement's box.
    fn read(&self) -> String {
        self.page.t.m("page-box-read")
    }

    /// The sentence about the authority to act.
    fn authority(&self) -> String {
        self.page.t.m("page-box-authority")
    }

    /// What the button does.
    fn effect(&self) -> String {
        let args = [("email", (&self.recipient.email).into())];
        self.page.t.f("page-sign-effect", &args)
    }

    /// What the record is good for, and what it is not.
    fn evidence(&self) -> String {
        let t = self.page.t;
        [t.m("page-evidence"), t.m("page-evidence-next")].join(" ")
    }

    fn people_path(&self) -> String {
        link_path::people(&self.token)
    }

    fn print_path(&self) -> String {
        link_path::print(&self.token)
    }

    fn agreement_path(&self, agreement: &Agreement) -> String {
        link_path::agreement(&link_path::accept(&self.token), &agreement.id)
    }

    fn heading(&self) -> String {
        match self.terms.offer.kind() {
            OfferKind::RelationshipAndAgreement => self.page.t.m("page-accept-title-both"),
            OfferKind::RelationshipOnly => self.page.t.m("page-accept-title-partner"),
            OfferKind::AgreementOnly => self.page.t.m("page-accept-title-agreement"),
        }
    }

    fn lede(&self) -> String {
        let args = [
            ("partner", (&self.partner.display_name).into()),
            ("organization", (&self.organization).into()),
        ];
        match self.terms.offer.kind() {
            OfferKind::RelationshipAndAgreement => self.page.t.f("page-accept-lede-both", &args),
            OfferKind::RelationshipOnly => self.page.t.f("page-accept-lede-partner", &args),
            OfferKind::AgreementOnly => self.page.t.f("page-accept-lede-agreement", &args),
        }
    }

    fn button(&self) -> String {
        match self.terms.offer.kind() {
            OfferKind::RelationshipAndAgreement => self.page.t.m("page-accept-button-both"),
            OfferKind::RelationshipOnly => self.page.t.m("page-accept-button-partner"),
            OfferKind::AgreementOnly => self.page.t.m("page-accept-button-agreement"),
        }
    }

    fn privacy(&self) -> String {
        let args = [
            ("partner", (&self.partner.legal_name).into()),
            ("years", i64::from(KEPT_YEARS).into()),
        ];
        self.page.t.f("page-privacy", &args)
    }

    /// Where names begin with the family's, so do the fields.
    fn family_first(&self) -> bool {
        self.page.t.language().puts_family_first()
    }

    fn errors(&self) -> Vec<FormError> {
        let mut errors = self.sign.errors(self.page.t, self.family_first());
        errors.extend(self.decline.errors(self.page.t));
        errors
    }

    fn error(&self, field: &str) -> Option<String> {
        let mut errors = self.errors().into_iter();
        errors
            .find(|error| error.field == field)
            .map(|error| error.message)
    }

    /// The reasons that fit the offer, each with whether it is chosen.
    fn reasons(&self) -> impl Iterator<Item = (DeclineReason, bool)> {
        let roles = !self.terms.offer.roles().is_empty();
        DeclineReason::ALL
            .iter()
            .copied()
            .filter(move |reason| roles || *reason != DeclineReason::ResendWithoutRoles)
            .map(|reason| (reason, self.decline.reason == Some(reason)))
    }
}
