//! The time of an invitation is over, and nobody answered.

use super::accept::{cancel_waiting, customer_follow_ups};
use super::link::{Held, hold_invitation};
use super::{Engine, Record, domain_of, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::notice::Happening;
use crate::domain::time::Timestamp;
use crate::storage::{self, Tx, invitation};

/// At most so many in one transaction.
const BATCH: i64 = 200;

/// Ends what is overdue; returns how many ended.
///
/// # Errors
/// The database is away.
pub async fn expire(engine: &Engine) -> Result<usize, storage::Error> {
    let mut total = 0;
    loop {
        let step = engine.clone();
        let now = engine.clock.now();
        let ended = engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let mut ended = 0;
                    for id in invitation::overdue(tx, now, BATCH).await? {
                        match hold_invitation(tx, id).await {
                            Ok(Some(held)) => {
                                end(tx, &step, &held, now).await?;
                                ended += 1;
                            }
                            Ok(None) => {}
                            // One row that does not read back must not keep the others from their end.
                            Err(error @ storage::Error::Unreadable(_)) => {
                                tracing::error!(invitation = %id, %error, "an overdue invitation cannot be ended");
                            }
                            Err(error) => return Err(error),
                        }
                    }
                    Ok::<_, storage::Error>(ended)
                })
            })
            .await?;
        total += ended;
        if ended < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            break;
        }
    }
    if total > 0 {
        engine.wake().await;
    }
    Ok(total)
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
    record(tx, event, &engine.settings.schedule).await
}
