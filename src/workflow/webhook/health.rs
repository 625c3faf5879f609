//! What calls say of their endpoint: it fails, it takes calls again, it is switched off and its partner told.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::record as record_event;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::WebhookId;
use crate::domain::notice::Kind;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Cause, Change};
use crate::storage::webhook::Endpoint;
use crate::storage::{self, Tx, notice, partner, webhook};
use crate::workflow::{Engine, domain_of, fresh_id};

/// What follows for an endpoint from a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which endpoint.
    pub endpoint: WebhookId,
    /// What changes.
    pub change: Change,
    /// What it answered, if it did.
    pub status: Option<u16>,
}

/// What the mail to the partner tells: the payload of its notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOff {
    /// Why.
    pub cause: Cause,
    /// Since when no call went through.
    pub failing_since: Timestamp,
    /// When it was switched off.
    pub at: Timestamp,
    /// What it answered last, if it did.
    pub status: Option<u16>,
    /// The key that the tags of the mail are made with: a retry is the same mail.
    pub key: u16,
}

/// Writes it, in the transaction of the call's result.
///
/// # Errors
/// The database is away.
pub async fn record(
    tx: &mut Tx,
    engine: &Engine,
    note: &Note,
    now: Timestamp,
) -> Result<(), storage::Error> {
    match note.change {
        Change::Fails => webhook::fails(tx, note.endpoint, now).await,
        Change::Recovers => webhook::recovers(tx, note.endpoint).await,
        Change::SwitchedOff(cause) => {
            let Some(held) = webhook::lock(tx, note.endpoint).await? else {
                return Ok(());
            };
            let since = held.failing_since.unwrap_or(now);
            // A call that began before it failed may have arrived after that.
            if cause == Cause::Failing && webhook::arrived_since(tx, held.id, since).await? {
                return webhook::recovers(tx, held.id).await;
            }
            if webhook::switch_off(tx, held.id, cause, now).await? {
                tell(tx, engine, &held, note, cause, since, now).await?;
            }
            Ok(())
        }
    }
}

async fn tell(
    tx: &mut Tx,
    engine: &Engine,
    held: &Endpoint,
    note: &Note,
    cause: Cause,
    failing_since: Timestamp,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let data = json!({ "cause": cause, "failing_since": failing_since, "status": note.status });
    let of = (held.partner_id, held.id);
    record_event(tx, of, EventKind::WebhookDisabled, Actor::System, data, now).await?;
    let Some(partner) = partner::find(tx, held.partner_id).await? else {
        return Ok(());
    };
    let payload = SwitchedOff {
        cause,
        failing_since,
        at: now,
        status: note.status,
        key: engine.tokens.current_key(),
    };
    let mail = notice::New {
        id: fresh_id(now),
        partner: held.partner_id,
        domain: domain_of(&partner.email),
        kind: Kind::WebhookDisabled,
        step: 0,
        subject: held.id.uuid(),
        target: held.partner_id.uuid(),
        // The change that switched it off: each time is told.
        generation: u32::try_from(held.revision + 1).unwrap_or(u32::MAX),
        payload: serde_json::to_string(&payload).unwrap_or_else(|_| "{}".to_owned()),
        run_at: now,
    };
    notice::enqueue(tx, &[mail], now).await?;
    engine.wake.notify_one();
    Ok(())
}
