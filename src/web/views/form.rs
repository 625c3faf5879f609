//! The two forms of the acceptance page, with what was entered and what is wrong with it.
//!
//! An error names its field in a sentence; the summary at the top links to the field, the field points back to the sentence.

use super::Page;
use crate::domain::person::{FamilyName, GivenName, Phone};
pub use crate::domain::signing::Problem;
use crate::domain::text::Reason;
use crate::locale::Texts;
use crate::outbound::mails::DeclineReason;

/// One entry of text.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What was entered; shown again.
    pub value: String,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

/// One box.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tick {
    /// Whether it is ticked.
    pub ticked: bool,
    /// Whether that it is not is the error.
    pub missing: bool,
}

/// The form that accepts.
#[derive(Clone, Debug, Default)]
pub struct SignForm {
    /// "I have read the agreement"; asked only where there is one.
    pub read: Tick,
    /// The family name.
    pub family: Entry,
    /// The given name.
    pub given: Entry,
    /// A telephone number; may be empty.
    pub phone: Entry,
    /// "Extend the roles by themselves"; asked only where that is offered, and nobody has to.
    pub extend: bool,
    /// "I may act for this organization".
    pub authority: Tick,
}

/// The form that declines.
#[derive(Clone, Debug, Default)]
pub struct DeclineForm {
    /// The reason; none is chosen beforehand, so that a program that presses buttons declines nothing.
    pub reason: Option<DeclineReason>,
    /// Whether that none is chosen is the error.
    pub reason_missing: bool,
    /// A message; may be empty.
    pub comment: Entry,
}

/// A reason as the customer reads and chooses it.
pub fn reason_text(reason: &DeclineReason, page: &Page) -> String {
    let t = page.t;
    match reason {
        DeclineReason::ResendWithoutRoles => t.m("page-reason-resend-without-roles"),
        DeclineReason::WrongPerson => t.m("page-reason-wrong-person"),
        DeclineReason::UnknownPartner => t.m("page-reason-unknown-partner"),
        DeclineReason::Other => t.m("page-reason-other"),
    }
}

/// One error: the id of its field in the page, and its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// The field's `id`.
    pub field: &'static str,
    /// What to do.
    pub message: String,
}

impl SignForm {
    /// The errors, in the order of the fields for `family_first` or given name first.
    pub fn errors(&self, t: Texts, family_first: bool) -> Vec<FormError> {
        let mut errors = Vec::new();
        if self.read.missing {
            errors.push(error("read", t.m("page-error-read-missing")));
        }
        let family = self.family.problem.map(|problem| {
            let missing = || t.m("page-error-family-missing");
            error("family", sentence(t, problem, missing, FamilyName::MAX))
        });
        let given = self.given.problem.map(|problem| {
            let missing = || t.m("page-error-given-missing");
            error("given", sentence(t, problem, missing, GivenName::MAX))
        });
        if family_first {
            errors.extend(family.into_iter().chain(given));
        } else {
            errors.extend(given.into_iter().chain(family));
        }
        if let Some(problem) = self.phone.problem {
            let unusable = || t.m("page-error-phone");
            let message = match problem {
                Problem::TooLong => sentence(t, problem, unusable, Phone::MAX),
                Problem::Missing | Problem::Unusable => unusable(),
            };
            errors.push(error("phone", message));
        }
        if self.authority.missing {
            errors.push(error("authority", t.m("page-error-authority-missing")));
        }
        errors
    }
}

impl DeclineForm {
    /// The errors, in the order of the fields.
    pub fn errors(&self, t: Texts) -> Vec<FormError> {
        let mut errors = Vec::new();
        if self.reason_missing {
            errors.push(error("reason", t.m("page-error-reason-missing")));
        }
        if let Some(problem) = self.comment.problem {
            let missing = || t.m("page-error-unusable");
            errors.push(error("comment", sentence(t, problem, missing, Reason::MAX)));
        }
        errors
    }
}

fn error(field: &'static str, message: String) -> FormError {
    FormError { field, message }
}

fn sentence(t: Texts, problem: Problem, missing: impl Fn() -> String, max: usize) -> String {
    match problem {
        Problem::Missing => missing(),
        Problem::TooLong => t.f("page-error-too-long", &[("max", max.into())]),
        Problem::Unusable => t.m("page-error-unusable"),
    }
}
