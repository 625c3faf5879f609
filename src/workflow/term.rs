//! The time of granted roles is over: they end, or move on by 180 days where the customer wanted that.

use jiff::ToSpan as _;

use super::relation::hold;
use super::{Engine, zone};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::RelationshipId;
use crate::domain::relationship::{EXTENSION_DAYS, GrantState};
use crate::domain::time::Timestamp;
use crate::storage::relationship::Grant;
use crate::storage::{self, Tx, relationship};

/// At most so many in one transaction.
const BATCH: i64 = 200;

/// Ends or extends every role whose time is over; returns in how many relationships.
///
/// # Errors
/// The database is away.
pub async fn end_terms(engine: &Engine) -> Result<usize, storage::Error> {
    let mut total = 0;
    loop {
        let step = engine.clone();
        let now = engine.clock.now();
        let ended = engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let overdue = relationship::overdue(tx, now, BATCH).await?;
                    let mut ended = 0;
                    for id in overdue {
                        match end_term(tx, &step, id, now).await {
                            Ok(()) => ended += 1,
                            // One row that does not read back must not keep the others from their end.
                            Err(error @ storage::Error::Unreadable(_)) => {
                                tracing::error!(relationship = %id, %error, "roles whose time is over cannot be ended");
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

async fn end_term(
    tx: &mut Tx,
    engine: &Engine,
    id: RelationshipId,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let Some(mut held) = hold(tx, id).await? else {
        return Ok(());
    };
    let is_over = |grant: &Grant| grant.expected_end_at <= now;
    let zone = zone(&held.dossier.time_zone);
    let extended = held
        .move_ends(
            tx,
            |grant| is_over(grant) && grant.auto_extend,
            |grant| {
                // A service that slept for a year catches up: the end lies ahead again.
                while grant.expected_end_at <= now {
                    grant.expected_end_at =
                        grant.expected_end_at.plus(EXTENSION_DAYS.days(), &zone);
                }
            },
        )
        .await?;
    let ended = held
        .end_grants(tx, |grant| is_over(grant), GrantState::Ended, now)
        .await?;
    if extended.is_empty() && ended.is_empty() {
        return Ok(());
    }
    held.write(tx, now).await?;
    for (kind, roles) in [
        (EventKind::RolesExtended, &extended),
        (EventKind::RolesEnded, &ended),
    ] {
        if !roles.is_empty() {
            held.record(tx, engine, Actor::System, kind, roles, now)
                .await?;
        }
    }
    Ok(())
}
