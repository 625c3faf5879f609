//! Somebody else: to answer in one's place, or to read along; and what a viewer reads.

use askama::Template;
use axum::http::StatusCode;

use super::{Agreement, FormError, Note, Page, Partner, Recipient, Terms, View};
use crate::domain::address::AddressError;
use crate::domain::invitation::StateName;
use crate::domain::link_path;
use crate::domain::people::{MOST_VIEWERS, Unfit};
use crate::domain::signing::Problem;
use crate::domain::time::Timestamp;

/// What is wrong with an address that was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no address.
    Address(Problem),
    /// It cannot be asked, or copied in.
    Unfit(Unfit),
}

impl Wrong {
    /// What an address's own error comes down to on a page.
    pub const fn of(error: &AddressError) -> Self {
        Self::Address(match error {
            AddressError::Empty => Problem::Missing,
            _ => Problem::Unusable,
        })
    }
}

/// The form by which a colleague is named.
#[derive(Clone, Debug, Default)]
pub struct HandOverForm {
    /// Their name.
    pub name: super::Entry,
    /// Their address, as it was entered.
    pub email: String,
    /// What is wrong with it.
    pub wrong: Option<Wrong>,
}

/// The form by which somebody may read along.
#[derive(Clone, Debug, Default)]
pub struct ViewerForm {
    /// Their address, as it was entered.
    pub email: String,
    /// What is wrong with it.
    pub wrong: Option<Wrong>,
}

/// Somebody who reads along.
#[derive(Clone, Debug)]
pub struct ViewerEntry {
    /// The id of their part.
    pub id: String,
    /// Their address, as people read it.
    pub email: String,
}

/// The page behind `/a/<token>/people`, and the answer to its forms.
#[derive(Clone, Debug, Template)]
#[template(path = "page/people.html")]
pub struct People {
    /// What every page has; its partner is the one who asks.
    pub page: Page,
    /// The token of the link; goes back in the body of a form.
    pub token: String,
    /// The customer's organization or school.
    pub organization: String,
    /// The domain in which somebody else may be asked, as people read it; none where everybody can have a mailbox.
    pub domain: Option<String>,
    /// Who is asked now.
    pub recipient: Recipient,
    /// Those who read along.
    pub viewers: Vec<ViewerEntry>,
    /// The form that hands over.
    pub hand_over: HandOverForm,
    /// The form that copies in.
    pub viewer: ViewerForm,
    /// The address that was just copied in.
    pub added: Option<String>,
}

impl People {
    fn back(&self) -> String {
        link_path::accept(&self.token)
    }

    fn wrong_text(&self, wrong: Wrong) -> String {
        let t = self.page.t;
        match wrong {
            Wrong::Address(Problem::Missing) => t.m("page-error-email-missing"),
            Wrong::Address(_) => t.m("page-error-email"),
            Wrong::Unfit(Unfit::Own) => t.m("page-people-error-own"),
            Wrong::Unfit(Unfit::OtherDomain) => {
                let domain = self.domain.clone().unwrap_or_default();
                t.f(
                    "page-people-error-other-domain",
                    &[("domain", (&domain).into())],
                )
            }
            Wrong::Unfit(Unfit::PublicDomain) => t.m("page-people-error-public-domain"),
            Wrong::Unfit(Unfit::Already) => t.m("page-people-error-already"),
            Wrong::Unfit(Unfit::TakesNoMail) => t.m("page-people-error-takes-no-mail"),
            Wrong::Unfit(Unfit::TooMany) => t.m("page-people-error-too-many"),
        }
    }

    fn name_error(&self) -> Option<String> {
        Some(match self.hand_over.name.problem? {
            Problem::Missing => self.page.t.m("page-people-error-name-missing"),
            Problem::TooLong | Problem::Unusable => self.page.t.m("page-people-error-name"),
        })
    }

    fn hand_over_error(&self) -> Option<String> {
        Some(self.wrong_text(self.hand_over.wrong?))
    }

    fn viewer_error(&self) -> Option<String> {
        Some(self.wrong_text(self.viewer.wrong?))
    }

    /// The errors, each with the id of its field, in the order of the page.
    fn errors(&self) -> Vec<FormError> {
        let errors = [
            ("name", self.name_error()),
            ("email", self.hand_over_error()),
            ("viewer", self.viewer_error()),
        ];
        let found = errors.into_iter();
        found
            .filter_map(|(field, error)| error.map(|message| FormError { field, message }))
            .collect()
    }

    fn is_full(&self) -> bool {
        self.viewers.len() >= MOST_VIEWERS
    }
}

impl View for People {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        if self.errors().is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }
}

/// The answer when an invitation was handed over.
#[derive(Clone, Debug, Template)]
#[template(path = "page/handed_over.html")]
pub struct HandedOver {
    /// What every page has.
    pub page: Page,
    /// The customer's organization or school.
    pub organization: String,
    /// Who is asked now.
    pub recipient: Recipient,
}

impl View for HandedOver {
    fn page(&self) -> &Page {
        &self.page
    }
}

/// The page behind `/view/<token>`: all that is asked, to read.
#[derive(Clone, Debug, Template)]
#[template(path = "page/view.html")]
pub struct ViewerPage {
    /// What every page has.
    pub page: Page,
    /// Who asks.
    pub partner: Partner,
    /// Who is asked, and alone can answer.
    pub recipient: Recipient,
    /// The customer's organization or school.
    pub organization: String,
    /// What is asked for, or was agreed to.
    pub terms: Terms,
    /// What the partner writes.
    pub note: Option<Note>,
    /// The viewer's own token.
    pub token: String,
    /// Where the invitation stands.
    pub state: StateName,
    /// Since when; while it waits, until when.
    pub at: Timestamp,
}

impl ViewerPage {
    fn agreement_path(&self, agreement: &Agreement) -> String {
        link_path::agreement(&link_path::view(&self.token), &agreement.id)
    }

    fn state_text(&self) -> String {
        let moment = self.page.moment(&self.at);
        let args = [
            ("moment", moment.as_str().into()),
            ("name", (&self.recipient.name).into()),
        ];
        let t = self.page.t;
        match self.state {
            StateName::Pending => t.f("page-view-pending", &args),
            StateName::Accepted => t.f("page-view-accepted", &args),
            StateName::Declined => t.f("page-view-declined", &args),
            StateName::Expired => t.f("page-view-expired", &args),
            StateName::Revoked => t.f("page-view-revoked", &args),
        }
    }
}

impl View for ViewerPage {
    fn page(&self) -> &Page {
        &self.page
    }
}
