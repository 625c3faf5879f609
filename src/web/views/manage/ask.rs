//! Asking for a link to the list of one's partners.

use askama::Template;
use axum::http::StatusCode;

use crate::domain::link_path;
use crate::web::views::{Entry, Page, View};

/// What an address is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A link to the list of its partners.
    Partners,
    /// The agreement, to accept it alone.
    Agreement,
}

impl Wanted {
    const fn path(self) -> &'static str {
        match self {
            Self::Partners => link_path::ASK,
            Self::Agreement => link_path::ASK_AGREEMENT,
        }
    }

    const fn either(self, partners: &'static str, agreement: &'static str) -> &'static str {
        match self {
            Self::Partners => partners,
            Self::Agreement => agreement,
        }
    }
}

/// The pages `/manage` and `/agreement`, and the answer to an address that is none.
#[derive(Clone, Debug, Template)]
#[template(path = "page/manage/ask.html")]
pub struct AskForList {
    /// What every page has; no partner.
    pub page: Page,
    /// What for.
    pub wanted: Wanted,
    /// The address.
    pub email: Entry,
}

impl AskForList {
    fn title(&self) -> String {
        let key = ("page-ask-title", "page-ask-agreement-title");
        self.page.t.m(self.wanted.either(key.0, key.1))
    }

    fn lede(&self) -> String {
        let key = ("page-ask-lede", "page-ask-agreement-lede");
        self.page.t.m(self.wanted.either(key.0, key.1))
    }

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
    /// What for.
    pub wanted: Wanted,
}

impl ListAsked {
    fn lede(&self) -> String {
        let key = ("page-ask-done-lede", "page-ask-agreement-done-lede");
        self.page.t.m(self.wanted.either(key.0, key.1))
    }
}

impl View for ListAsked {
    fn page(&self) -> &Page {
        &self.page
    }
}
