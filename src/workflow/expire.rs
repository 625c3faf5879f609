//! The time of an invitation is over, and nobody answered.

use super::accept::{cancel_waiting, customer_follow_ups};
use super::link::{Held, hold_invitation};
use super::sweep::{Overdue, sweep};
use super::{Engine, Record, domain_of, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::InvitationId;
use crate::domain::notice::Happening;
use crate::domain::time::Timestamp;
use crate::storage::{self, Tx, invitation};

/// Ends what is overdue; returns how many ended.
///
/// # Errors
/// The database is away.
pub async fn expire(engine: &Engine) -> Result<usize, storage::Error> {
    sweep(engine, Overdue::Invitations).await
}

/// Ends the one with that id; `false` when it is not there.
pub(super) async fn end_overdue(
    tx: &mut Tx,
    engine: &Engine,
    id: InvitationId,
    now: Timestamp,
) -> Result<bool, storage::Error> {
    let Some(held) = hold_invitation(tx, id).await? else {
        return Ok(false);
    };
    end(tx, engine, &held, now).await?;
    Ok(true)
}

/// Ends one, in the caller's transaction.
pub(super) async fn end(
    tx: &mut Tx,
    engine: &Engine,
    held: &Held,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let Ok(state) = held.invitation.state().expire(now) else {
        return Ok(());
    };
    if !invitation::end(tx, held.invitation.id, &state).await? {
        return Ok(());
    }
    cancel_waiting(tx, held, now).await?;
    let partner_domain = domain_of(&held.partner.email);
    let event = Record {
        invitation: held.invitation.id,
        partner: held.partner.id,
        actor: Actor::System,
        kind: EventKind::InvitationExpired,
        data: serde_json::json!({}),
        now,
        follow_ups: Some(customer_follow_ups(
            held,
            Happening::Expired,
            &partner_domain,
        )),
    };
    record(tx, event, &engine.schedule_of(&held.partner)).await
}
