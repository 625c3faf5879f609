//! The time of granted roles is over: they end, or move on by 180 days where the customer wanted that.

use super::change::By;
use super::relation::hold;
use super::sweep::{Overdue, sweep};
use super::{Engine, zone};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::RelationshipId;
use crate::domain::notice::Happening;
use crate::domain::relationship::{GrantState, Over, term_over};
use crate::domain::time::Timestamp;
use crate::storage::grant::Grant;
use crate::storage::{self, Tx};

/// Ends or extends every role whose time is over; returns in how many relationships.
///
/// # Errors
/// The database is away.
pub async fn end_terms(engine: &Engine) -> Result<usize, storage::Error> {
    sweep(engine, Overdue::Terms).await
}

/// Ends or extends the roles of one, in the caller's transaction; `false` where its rows are gone.
pub(super) async fn end_term(
    tx: &mut Tx,
    engine: &Engine,
    id: RelationshipId,
    now: Timestamp,
) -> Result<bool, storage::Error> {
    let Some(mut held) = hold(tx, id).await? else {
        return Ok(false);
    };
    let zone = zone(&held.dossier.time_zone);
    let over = |grant: &Grant| term_over(grant.expected_end_at, grant.auto_extend, now, &zone);
    let extended = held
        .move_ends(
            tx,
            |grant| matches!(over(grant), Some(Over::ExtendsTo(_))),
            |grant| {
                if let Some(Over::ExtendsTo(end)) = over(grant) {
                    grant.expected_end_at = end;
                }
            },
        )
        .await?;
    let ended = held
        .end_grants(
            tx,
            |grant| over(grant) == Some(Over::Ends),
            GrantState::Ended,
            now,
        )
        .await?;
    if extended.is_empty() && ended.is_empty() {
        return Ok(true);
    }
    held.write(tx, now).await?;
    for (kind, happening, roles) in [
        (
            EventKind::RolesExtended,
            Happening::RolesExtended,
            &extended,
        ),
        (EventKind::RolesEnded, Happening::RolesEnded, &ended),
    ] {
        if !roles.is_empty() {
            held.record(tx, engine, Actor::System, kind, roles, now)
                .await?;
            held.tell(tx, engine, happening, By::Calendar, roles, now)
                .await?;
        }
    }
    held.announce_end(tx, engine, now).await?;
    Ok(true)
}
