//! The pages before a change: what happens, what does not, and a box that no mail scanner ticks.

use askama::Template;
use axum::http::StatusCode;

use super::{HeldRole, Relation};
use crate::domain::link_path;
use crate::web::views::{FormError, Page, Partner, Tick, View};

/// One role with its box.
#[derive(Clone, Copy, Debug)]
pub struct RoleChoice {
    /// Which.
    pub held: HeldRole,
    /// Whether it is ticked.
    pub ticked: bool,
}

/// The page behind `/manage/<token>/roles`, and the answer to an incomplete POST.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/roles.html")]
pub struct RemoveRoles {
    /// What every page has.
    pub page: Page,
    /// Whose roles.
    pub partner: Partner,
    /// A token of purpose *manage*; goes back in the body of the form.
    pub token: String,
    /// What holds.
    pub relation: Relation,
    /// The roles.
    pub choices: Vec<RoleChoice>,
    /// Whether that none is ticked is an error.
    pub none_ticked: bool,
    /// The box that says that it is meant.
    pub confirmed: Tick,
}

impl View for RemoveRoles {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        status_of(&self.errors())
    }
}

impl RemoveRoles {
    fn back(&self) -> String {
        link_path::manage(&self.token)
    }

    fn errors(&self) -> Vec<FormError> {
        let mut errors = Vec::new();
        if self.none_ticked {
            let message = self.page.t.m("page-error-roles-missing");
            errors.push(FormError {
                field: "roles",
                message,
            });
        }
        errors.extend(unconfirmed(&self.page, self.confirmed));
        errors
    }
}

/// The page behind `/manage/<token>/end`, and the answer to an incomplete POST.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/end.html")]
pub struct EndRelationship {
    /// What every page has.
    pub page: Page,
    /// With whom.
    pub partner: Partner,
    /// A token of purpose *manage*; goes back in the body of the form.
    pub token: String,
    /// What holds.
    pub relation: Relation,
    /// The box that says that it is meant.
    pub confirmed: Tick,
}

impl View for EndRelationship {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        status_of(&self.errors())
    }
}

impl EndRelationship {
    fn back(&self) -> String {
        link_path::manage(&self.token)
    }

    fn errors(&self) -> Vec<FormError> {
        unconfirmed(&self.page, self.confirmed)
            .into_iter()
            .collect()
    }
}

fn unconfirmed(page: &Page, tick: Tick) -> Option<FormError> {
    tick.missing.then(|| FormError {
        field: "confirmed",
        message: page.t.m("page-error-confirmed-missing"),
    })
}

const fn status_of(errors: &[FormError]) -> StatusCode {
    if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}
