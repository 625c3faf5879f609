//! The agreement itself: the stored text, word for word, with what identifies it.

use askama::Template;

use super::{Agreement, Page, View};

/// The page behind `/a/<token>/agreement/<agr_…>`.
#[derive(Clone, Debug, Template)]
#[template(path = "page/agreement.html")]
pub struct AgreementText {
    /// What every page has.
    pub page: Page,
    /// Which version this is.
    pub agreement: Agreement,
    /// Its text, exactly as stored.
    pub text: String,
    /// The address of the page that led here, such as `/a/<token>`.
    pub back: String,
    /// The address of the same bytes as a file of plain text, against which the SHA-256 can be checked.
    pub file: Option<String>,
}

impl View for AgreementText {
    fn page(&self) -> &Page {
        &self.page
    }
}
