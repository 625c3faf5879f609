//! Every partner that a mailbox works with.

use askama::Template;

use super::Relation;
use crate::domain::time::Timestamp;
use crate::web::views::{Page, Partner, View};

/// The page behind `/partners/<token>`.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/list.html")]
pub struct Partners {
    /// What every page has; no partner, for there may be many.
    pub page: Page,
    /// The token of the link; goes back in the body of a form.
    pub token: String,
    /// The mailbox, as people read it.
    pub email: String,
    /// Until when the link works.
    pub good_until: Timestamp,
    /// One for each relationship.
    pub entries: Vec<Entry>,
    /// One for each organization that accepted the agreement alone.
    pub agreed: Vec<Agreed>,
}

/// One relationship of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// With whom.
    pub partner: Partner,
    /// What holds.
    pub relation: Relation,
    /// Where its details are.
    pub url: String,
    /// The organization's id, where the agreement is still to be accepted.
    pub agreement: Option<String>,
}

/// An agreement without a relationship.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// Who asked for it.
    pub partner: Partner,
    /// For which organization.
    pub organization: String,
    /// When it was accepted last.
    pub accepted_at: Timestamp,
    /// Where its receipt is.
    pub url: String,
    /// The organization's id, where a newer text is in force.
    pub agreement: Option<String>,
}

impl View for Partners {
    fn page(&self) -> &Page {
        &self.page
    }
}
