//! The handlers of the customer's pages: verify the token, follow the link, show or change, answer with a view.

pub(super) mod accept;
pub(super) mod agreement;
mod facts;
mod link;
pub(super) mod receipt;
pub(super) mod stop;

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;
use tower_http::timeout::TimeoutError;

use super::Site;
use super::views::{self, FailureKind, Front, LinkAsked};
use crate::domain::token::{Claims, Purpose, Refusal};
use crate::storage;
use crate::telemetry::TokenFault;
use crate::workflow::resend;

pub(in crate::web) use link::invalid;

/// What every handler works with.
type Here = State<Arc<Site>>;

pub(super) async fn front(State(site): Here, headers: HeaderMap) -> Response {
    views::render(&Front {
        page: site.page(&headers),
    })
}

/// Where links begin.
const LINKS: [&str; 3] = ["/a/", "/receipt/", "/stop/"];

/// No route of ours. A mangled link, of no character or with a slash in it, gets the page of every other one.
pub(super) async fn not_found(State(site): Here, headers: HeaderMap, uri: Uri) -> Response {
    if LINKS.iter().any(|start| uri.path().starts_with(start)) {
        return link::invalid(&site, &headers);
    }
    site.failure(&headers, FailureKind::NotFound)
}

/// What stands in the path of a link. One that is no UTF-8 has no token, and gets the page of a wrong one.
#[derive(Default, Deserialize)]
pub(super) struct Linked {
    token: String,
    /// Of an agreement, where the route has one.
    #[serde(default)]
    id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Linked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<Self>::from_request_parts(parts, state).await;
        Ok(path.map(|Path(linked)| linked).unwrap_or_default())
    }
}

pub(super) async fn method_not_allowed(State(site): Here, headers: HeaderMap) -> Response {
    site.failure(&headers, FailureKind::MethodNotAllowed)
}

pub(super) async fn asset(
    State(site): Here,
    headers: HeaderMap,
    Path(file): Path<String>,
) -> Response {
    match super::assets::find(&file) {
        Some(asset) => super::assets::answer(asset),
        None => site.failure(&headers, FailureKind::NotFound),
    }
}

#[derive(Deserialize)]
pub(super) struct ResendForm {
    token: String,
}

/// A new link to the address on file. The answer is the same whatever happens.
pub(super) async fn resend(
    State(site): Here,
    headers: HeaderMap,
    form: Result<Form<ResendForm>, FormRejection>,
) -> Response {
    let Form(form) = match form {
        Ok(form) => form,
        Err(rejection) => return bad_form(&site, &headers, &rejection),
    };
    let purposes = [Purpose::Accept, Purpose::Receipt, Purpose::StopReminders];
    let claims = purposes
        .into_iter()
        .find_map(|purpose| genuine(&site, &form.token, purpose).ok());
    if let Some(claims) = claims {
        if let Err(wait) = site.limits.resend(claims.subject) {
            return site.failure(&headers, FailureKind::TooMany(wait.retry_after));
        }
        if let Err(error) = resend::ask_for_link(&site.engine, claims).await {
            return unavailable(&site, &headers, &error);
        }
    }
    views::render(&LinkAsked {
        page: site.page(&headers),
    })
}

/// The claims of a genuine token of that purpose, expired or not: the row decides what an old link may do.
fn genuine(site: &Site, token: &str, purpose: Purpose) -> Result<Claims, ()> {
    match site
        .engine
        .tokens
        .verify(token, purpose, site.engine.clock.now())
    {
        Ok(claims) => Ok(claims),
        Err(Refusal::Expired(claims)) => {
            site.metrics.token_refused(TokenFault::Expired);
            Ok(claims)
        }
        Err(Refusal::Invalid) => {
            site.metrics.token_refused(TokenFault::Invalid);
            Err(())
        }
    }
}

fn bad_form(site: &Site, headers: &HeaderMap, rejection: &FormRejection) -> Response {
    let kind = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => FailureKind::TooLarge,
        _ if is_late(rejection) => FailureKind::TooSlow,
        _ => FailureKind::BadRequest,
    };
    site.failure(headers, kind)
}

/// Whether the form's last byte was not there in time.
fn is_late(rejection: &FormRejection) -> bool {
    let causes = std::iter::successors(rejection.source(), |error| (*error).source());
    causes.into_iter().any(<dyn Error>::is::<TimeoutError>)
}

/// Nothing was changed, and it is worth trying again.
fn unavailable(site: &Site, headers: &HeaderMap, error: &storage::Error) -> Response {
    tracing::warn!(%error, "a page could not be served");
    site.metrics.database_failed(error);
    site.failure(headers, FailureKind::Unavailable(10))
}
