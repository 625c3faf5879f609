//! Asking for a link to the list of one's partners.

use askama::Template;
use axum::http::StatusCode;

use crate::web::views::{Entry, Page, View};

/// The page `/manage`, and the answer to an address that is none.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/ask.html")]
pub struct AskForList {
    /// What every page has; no partner.
    pub page: Page,
    /// The address.
    pub email: Entry,
}

impl AskForList {
    /// What is wrong with the address, in words.
    fn error(&self) -> Option<String> {
        use crate::web::views::Problem;
        Some(match self.email.problem? {
            Problem::Missing => self.page.t.m("page-error-email-missing"),
            Problem::TooLong | Problem::Unusable => self.page.t.m("page-error-email"),
        })
    }
}

impl View for AskForList {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.email.problem {
            None => StatusCode::OK,
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// The answer to an address: the same whether or not a mail leaves, so that it tells a stranger nothing.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/asked.html")]
pub struct ListAsked {
    /// What every page has; no partner, for the same reason.
    pub page: Page,
}

impl View for ListAsked {
    fn page(&self) -> &Page {
        &self.page
    }
}
