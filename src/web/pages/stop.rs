//! Stopping the reminders: GET asks, POST stops. A mail program posts here in one click, without a page (RFC 8058 §3.1).

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;

use super::link::{Followed, follow, record_visit};
use super::{Here, Linked, facts, unavailable};
use crate::domain::token::Purpose;
use crate::web::views::{self, FailureKind, Stop};
use crate::web::{Client, Site};
use crate::workflow::stop as workflow;

/// GET: asks.
pub(in crate::web) async fn show(
    State(site): Here,
    Extension(client): Extension<Client>,
    method: Method,
    headers: HeaderMap,
    Linked { token, .. }: Linked,
) -> Response {
    let followed = match follow(&site, &headers, &token, Purpose::StopReminders).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    record_visit(&site, &followed, client, &method, &headers);
    let done = followed.opened.dossier.reminders_stopped_at.is_some();
    page(&site, &followed, token, done)
}

/// POST: stops. The token in the path is all it needs.
pub(in crate::web) async fn stop(
    State(site): Here,
    headers: HeaderMap,
    Linked { token, .. }: Linked,
) -> Response {
    let followed = match follow(&site, &headers, &token, Purpose::StopReminders).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    if let Err(wait) = site.limits.change(followed.claims.subject) {
        return site.failure(&headers, FailureKind::TooMany(wait.retry_after));
    }
    match workflow::stop(&site.engine, followed.claims).await {
        Ok(_) => page(&site, &followed, token, true),
        Err(error) => unavailable(&site, &headers, &error),
    }
}

fn page(site: &Site, followed: &Followed, token: String, done: bool) -> Response {
    let dossier = &followed.opened.dossier;
    let is_open = dossier.state().open(site.engine.clock.now()).is_ok();
    views::render(&Stop {
        page: facts::page(dossier, &followed.opened.partner),
        token,
        organization: dossier.organization_name.clone(),
        answer_by: is_open.then_some(dossier.expires_at),
        done,
    })
}
