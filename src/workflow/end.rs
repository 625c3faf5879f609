//! A relationship ends: its roles with it, and both sides are told. The customer ends it by a link (`manage`), the partner here.

use super::Engine;
use super::change::By;
use super::relation::{Held, hold};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::RelationshipId;
use crate::domain::notice::Happening;
use crate::domain::relationship::{GrantState, RelationshipState};
use crate::domain::time::Timestamp;
use crate::storage::{self, Tx, relationship};

/// Why a relationship was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is none, or it is another partner's.
    #[error(
        "relationship: there is none with this id; `countersign relationship list --ended` shows those that there are"
    )]
    NotFound,
    /// It ended before.
    #[error(
        "relationship: it has ended already, at {at}; what has ended is agreed upon anew by an invitation"
    )]
    Ended {
        /// When.
        at: Timestamp,
    },
    /// Its roles are gone, and another one of the same type goes on in its place.
    #[error("relationship: it has become one with {0}, which goes on in its place: end that one")]
    Continued(RelationshipId),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Ends a relationship on the partner's side: its own, where the actor is a partner.
///
/// # Errors
/// There is none, it ended before, or the database is away: nothing is changed then.
pub async fn end(engine: &Engine, id: RelationshipId, actor: Actor) -> Result<(), EndError> {
    let work = engine.clone();
    engine
        .db
        .write(move |tx| Box::pin(async move { attempt(tx, &work, id, actor).await }))
        .await?;
    engine.wake().await;
    Ok(())
}

async fn attempt(
    tx: &mut Tx,
    engine: &Engine,
    id: RelationshipId,
    actor: Actor,
) -> Result<(), EndError> {
    let found = relationship::find(tx, id).await?;
    let found = found.ok_or(EndError::NotFound)?;
    if let Actor::Partner(partner) = actor
        && partner != found.partner_id
    {
        return Err(EndError::NotFound);
    }
    let mut held = hold(tx, id).await?.ok_or(EndError::NotFound)?;
    // The lock leads on to the one that goes on: nobody asked for the end of that one.
    if held.relationship.id != id {
        return Err(EndError::Continued(held.relationship.id));
    }
    if held.relationship.state == RelationshipState::Ended {
        let at = held.relationship.ended_at;
        return Err(EndError::Ended {
            at: at.unwrap_or(held.relationship.updated_at),
        });
    }
    let now = engine.clock.now();
    end_held(tx, engine, &mut held, actor, By::Partner, now).await?;
    Ok(())
}

/// Ends a relationship that holds, whoever wants it.
///
/// # Errors
/// The database is away.
pub(super) async fn end_held(
    tx: &mut Tx,
    engine: &Engine,
    held: &mut Held,
    actor: Actor,
    by: By,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let gone = held
        .end_grants(tx, |_| true, GrantState::Ended, now)
        .await?;
    held.relationship.state = RelationshipState::Ended;
    held.relationship.ended_at = Some(now);
    held.write(tx, now).await?;
    if !gone.is_empty() {
        held.remind_of_microsoft(tx, now).await?;
    }
    held.record(tx, engine, actor, EventKind::RelationshipEnded, &gone, now)
        .await?;
    let happening = Happening::RelationshipEnded;
    held.tell(tx, engine, happening, by, &gone, now).await
}
