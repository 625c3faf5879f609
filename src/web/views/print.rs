//! The print view: the facts of the acceptance page for those who need approval inside their organization first.
//!
//! It holds no token and no form: the sheet goes from hand to hand, and nobody may accept with it.

use askama::Template;

use super::{Note, Page, Partner, Recipient, Terms, View};
use crate::domain::time::Timestamp;

/// The page behind `/a/<token>/print`.
#[derive(Clone, Debug, Template)]
#[template(path = "page/print.html")]
pub struct PrintView {
    /// What every page has.
    pub page: Page,
    /// Who asks.
    pub partner: Partner,
    /// To whom it was sent.
    pub recipient: Recipient,
    /// The customer's organization or school.
    pub organization: String,
    /// What is asked for.
    pub terms: Terms,
    /// What the partner writes.
    pub note: Option<Note>,
    /// `inv_…`, by which both sides can name the invitation.
    pub invitation: String,
    /// Until when it can be answered.
    pub answer_by: Timestamp,
    /// When the sheet was made.
    pub made_at: Timestamp,
}

impl View for PrintView {
    fn page(&self) -> &Page {
        &self.page
    }
}
