//! What is said when a page cannot be shown, in words, with what to do; and the front page.

use askama::Template;
use axum::http::StatusCode;

use super::{Page, View};

/// Why a page cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The form arrived without what every form of ours carries.
    BadRequest,
    /// A change that came from another site.
    ForeignOrigin,
    /// There is no such page.
    NotFound,
    /// The page is there, but not for this method.
    MethodNotAllowed,
    /// The form did not arrive in time.
    TooSlow,
    /// The form is larger than any of ours.
    TooLarge,
    /// Too many requests; seconds until the next one is heard.
    TooMany(u32),
    /// Our fault.
    Internal,
    /// The database is away, or we are starting or stopping; seconds until it is worth trying again.
    Unavailable(u32),
}

/// A page that says why and what to do.
#[derive(Clone, Debug, Template)]
#[template(path = "page/failure.html")]
pub struct Failure {
    /// What every page has; no partner.
    pub page: Page,
    /// Why.
    pub kind: FailureKind,
}

impl View for Failure {
    fn page(&self) -> &Page {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            FailureKind::BadRequest => StatusCode::BAD_REQUEST,
            FailureKind::ForeignOrigin => StatusCode::FORBIDDEN,
            FailureKind::NotFound => StatusCode::NOT_FOUND,
            FailureKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            FailureKind::TooSlow => StatusCode::REQUEST_TIMEOUT,
            FailureKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            FailureKind::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            FailureKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            FailureKind::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self.kind {
            FailureKind::TooMany(seconds) | FailureKind::Unavailable(seconds) => Some(seconds),
            _ => None,
        }
    }
}

impl Failure {
    fn heading(&self) -> String {
        let t = &self.page.t;
        match self.kind {
            FailureKind::BadRequest => t.m("page-failure-bad-request-title"),
            FailureKind::ForeignOrigin => t.m("page-failure-foreign-origin-title"),
            FailureKind::NotFound => t.m("page-failure-not-found-title"),
            FailureKind::MethodNotAllowed => t.m("page-failure-method-title"),
            FailureKind::TooSlow => t.m("page-failure-too-slow-title"),
            FailureKind::TooLarge => t.m("page-failure-too-large-title"),
            FailureKind::TooMany(_) => t.m("page-failure-too-many-title"),
            FailureKind::Internal => t.m("page-failure-internal-title"),
            FailureKind::Unavailable(_) => t.m("page-failure-unavailable-title"),
        }
    }

    fn text(&self) -> String {
        let t = &self.page.t;
        match self.kind {
            FailureKind::BadRequest => t.m("page-failure-bad-request-text"),
            FailureKind::ForeignOrigin => t.m("page-failure-foreign-origin-text"),
            FailureKind::NotFound => t.m("page-failure-not-found-text"),
            FailureKind::MethodNotAllowed => t.m("page-failure-method-text"),
            FailureKind::TooSlow => t.m("page-failure-too-slow-text"),
            FailureKind::TooLarge => t.m("page-failure-too-large-text"),
            FailureKind::TooMany(seconds) if seconds > 120 => {
                let minutes = i64::from(seconds.div_ceil(60));
                t.f(
                    "page-failure-too-many-minutes",
                    &[("minutes", minutes.into())],
                )
            }
            FailureKind::TooMany(seconds) => {
                let seconds = i64::from(seconds);
                t.f("page-failure-too-many-text", &[("seconds", seconds.into())])
            }
            FailureKind::Internal => t.m("page-failure-internal-text"),
            FailureKind::Unavailable(_) => t.m("page-failure-unavailable-text"),
        }
    }
}

/// The front page: what this is, for whoever comes without a link.
#[derive(Clone, Debug, Template)]
#[template(path = "page/front.html")]
pub struct Front {
    /// What every page has; no partner.
    pub page: Page,
}

impl View for Front {
    fn page(&self) -> &Page {
        &self.page
    }
}
