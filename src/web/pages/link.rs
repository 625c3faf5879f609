//! Following a link: token first, then the row; a page for every link that no longer works.

use std::sync::Arc;

use axum::http::{HeaderMap, Method};
use axum::response::Response;

use super::{genuine, unavailable};
use crate::domain::invitation::StateName;
use crate::domain::time::Timestamp;
use crate::domain::token::{Claims, Purpose};
use crate::storage::visit::{self as visits, Visit};
use crate::telemetry::TokenFault;
use crate::web::views::{self, DeadLink, LinkState, Page};
use crate::web::{Client, Site, visit};
use crate::workflow::fresh_id;
use crate::workflow::link::{self, Opened};

/// A link that leads somewhere.
pub(super) struct Followed {
    pub(super) claims: Claims,
    pub(super) opened: Opened,
}

/// Follows `token`, or answers with the page that says why it leads nowhere. Every malformed or forged token gets the same
/// one, without a look at the database.
pub(super) async fn follow(
    site: &Arc<Site>,
    headers: &HeaderMap,
    token: &str,
    purpose: Purpose,
) -> Result<Followed, Box<Response>> {
    let Ok(claims) = genuine(site, token, purpose) else {
        return Err(Box::new(invalid(site, headers)));
    };
    match link::open(&site.engine, &claims).await {
        Ok(Some(opened)) => Ok(Followed { claims, opened }),
        Ok(None) => Err(Box::new(invalid(site, headers))),
        Err(error) => Err(Box::new(unavailable(site, headers, &error))),
    }
}

/// The page of every link that is none of ours.
pub(in crate::web) fn invalid(site: &Site, headers: &HeaderMap) -> Response {
    views::render(&DeadLink {
        page: site.page(headers),
        state: LinkState::Invalid,
        offer: None,
    })
}

/// The page of a link whose invitation, or whose own time, is over.
pub(super) fn dead(
    site: &Site,
    page: Page,
    token: &str,
    opened: &Opened,
    replaced: bool,
) -> Response {
    site.metrics.token_refused(TokenFault::Refused);
    let dossier = &opened.dossier;
    let ended: Timestamp = dossier.ended_at.unwrap_or(dossier.expires_at);
    let (state, offers) = match dossier.state {
        StateName::Revoked => (LinkState::Revoked(ended), false),
        StateName::Expired => (LinkState::Expired(dossier.expires_at), true),
        _ if replaced => (LinkState::Replaced, dossier.state == StateName::Pending),
        StateName::Pending => (LinkState::Expired(dossier.expires_at), true),
        // A receipt that is no longer shown: there is no new link to it.
        StateName::Accepted | StateName::Declined => {
            (LinkState::Expired(dossier.links_expire_at), false)
        }
    };
    views::render(&DeadLink {
        page,
        state,
        offer: offers.then(|| token.to_owned()),
    })
}

/// Records that a link was opened, beside the answer: a page does not wait for it, and never fails by it.
pub(super) fn record_visit(
    site: &Arc<Site>,
    followed: &Followed,
    client: Client,
    method: &Method,
    headers: &HeaderMap,
) {
    let now = site.engine.clock.now();
    let visitor = visit::look(
        method,
        headers,
        client.0,
        site.origin.is_https(),
        &site.scanner_networks,
    );
    let evidence: Vec<_> = visitor
        .evidence
        .iter()
        .map(|evidence| evidence.as_str())
        .collect();
    let row = Visit {
        id: fresh_id(now),
        recipient_id: followed.opened.dossier.recipient_id,
        purpose: followed.claims.purpose.name().to_owned(),
        label: visitor.label().to_owned(),
        evidence: evidence.join(", "),
        client_address: Some(client.0.to_string()),
        user_agent: user_agent(headers),
        visited_at: now,
        times: 1,
        last_at: now,
    };
    let site = site.clone();
    tokio::spawn(async move {
        let recorded = site
            .engine
            .db
            .write(move |tx| Box::pin(async move { visits::record(tx, &row).await }))
            .await;
        if let Err(error) = recorded {
            tracing::debug!(%error, "a visit was not recorded");
        }
    });
}

/// The browser's own words, shortened, without control characters.
pub(super) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(axum::http::header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().filter(|c| !c.is_control()).take(400).collect())
}
