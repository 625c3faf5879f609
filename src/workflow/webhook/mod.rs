//! A partner's webhooks: where it is told what happens, with which secrets, what became of the calls, and calls made again.
//!
//! Which calls there are follows from the audit record ([`fanout`]); that they are made is the worker's.

pub mod body;
mod endpoint;
pub mod fanout;
pub mod health;
mod log;
mod replay;
mod secret;

pub use endpoint::{Created, Draft, Update, Webhook, create, delete, get, list, test, update};
pub use log::{Delivered, deliveries, delivery};
pub use replay::{Replayed, replay, replay_span};
pub use secret::{SecretAge, reseal, rotate, sweep};

use super::fresh_id;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{EventId, PartnerId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{UrlError, VaultError};
use crate::storage::webhook::Endpoint;
use crate::storage::{self, Conn, Tx, event, webhook};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none, or it is another partner's.
    #[error(
        "webhook: there is none with this id; `countersign webhook list` shows those that there are"
    )]
    NotFound,
    /// There is no such partner.
    #[error(
        "partner: there is none of that id; `countersign partner list` shows those that there are"
    )]
    NoPartner,
    /// No URL that is called.
    #[error("url: {0}")]
    Url(#[from] UrlError),
    /// A word that is no kind of event.
    #[error("events: {0}")]
    Kind(String),
    /// The partner has as many as it may.
    #[error(
        "webhook: the partner has {0} already, which is the most; remove one that is not needed"
    )]
    TooMany(usize),
    /// An overlap that is none.
    #[error("overlap: the secret before may be good for 0 to 168 hours more")]
    Overlap,
    /// A span that is none.
    #[error("from: the span must begin before its end")]
    Span,
    /// More events than are called again at once.
    #[error(
        "from: more than {0} events lie in the span; take a shorter one, and the rest afterwards"
    )]
    TooLong(usize),
    /// The call to be made again is not there.
    #[error("delivery: there is none with this id among those of the webhook")]
    NoDelivery,
    /// An endpoint that is not called.
    #[error("webhook: it is {0} and not called; enable it first")]
    NotCalled(crate::domain::webhook::EndpointState),
    /// A secret that does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The endpoint, if it is that actor's to see or to change: another partner's is not there.
async fn find(conn: &mut Conn, id: WebhookId, actor: Actor) -> Result<Endpoint, WebhookError> {
    own(webhook::find(conn, id).await?, actor)
}

/// The same, locked until the end of the transaction.
async fn hold(tx: &mut Tx, id: WebhookId, actor: Actor) -> Result<Endpoint, WebhookError> {
    own(webhook::lock(tx, id).await?, actor)
}

fn own(found: Option<Endpoint>, actor: Actor) -> Result<Endpoint, WebhookError> {
    match (found, actor) {
        (Some(endpoint), Actor::Partner(partner)) if endpoint.partner_id == partner => Ok(endpoint),
        (Some(endpoint), Actor::Operator | Actor::System) => Ok(endpoint),
        _ => Err(WebhookError::NotFound),
    }
}

/// Records what happened to an endpoint; returns the entry's id.
async fn record(
    tx: &mut Tx,
    (partner, endpoint): (PartnerId, WebhookId),
    kind: EventKind,
    actor: Actor,
    data: serde_json::Value,
    now: Timestamp,
) -> Result<EventId, storage::Error> {
    let id = fresh_id(now);
    let new = event::New {
        id,
        partner,
        kind,
        subject: endpoint.uuid(),
        actor,
        data,
        at: now,
    };
    event::insert(tx, &new).await?;
    Ok(id)
}
