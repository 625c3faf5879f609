//! What time ends by itself, in batches. A worker looks ten times a second while mails flow, and mostly nothing is over: so it
//! looks with a read, and opens a transaction that writes only where there is something to end.

use uuid::Uuid;

use super::{Engine, expire, term};
use crate::domain::ids::{InvitationId, RelationshipId};
use crate::domain::time::Timestamp;
use crate::storage::{self, Conn, Tx, invitation, relationship};

/// At most so many in one transaction.
const BATCH: i64 = 200;

/// What can be over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Overdue {
    /// Invitations that nobody answered in time.
    Invitations,
    /// Relationships in which the time of a role is over.
    Terms,
}

/// Ends what is overdue; returns how many ended.
///
/// # Errors
/// The database is away.
pub(super) async fn sweep(engine: &Engine, what: Overdue) -> Result<usize, storage::Error> {
    let mut total = 0;
    loop {
        let now = engine.clock.now();
        if !what.is_there(&mut engine.db.read().await?, now).await? {
            break;
        }
        let step = engine.clone();
        let ended = engine
            .db
            .write(move |tx| Box::pin(async move { batch(tx, &step, what, now).await }))
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

async fn batch(
    tx: &mut Tx,
    engine: &Engine,
    what: Overdue,
    now: Timestamp,
) -> Result<usize, storage::Error> {
    let mut ended = 0;
    for id in what.ids(tx, now).await? {
        match what.end(tx, engine, id, now).await {
            Ok(is_over) => ended += usize::from(is_over),
            // One row that does not read back must not keep the others from their end.
            Err(error @ storage::Error::Unreadable(_)) => {
                tracing::error!(?what, %id, %error, "what is over cannot be ended");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

impl Overdue {
    async fn is_there(self, conn: &mut Conn, now: Timestamp) -> Result<bool, storage::Error> {
        match self {
            Self::Invitations => invitation::is_overdue(conn, now).await,
            Self::Terms => relationship::is_overdue(conn, now).await,
        }
    }

    async fn ids(self, tx: &mut Tx, now: Timestamp) -> Result<Vec<Uuid>, storage::Error> {
        Ok(match self {
            Self::Invitations => {
                let ids = invitation::overdue(tx, now, BATCH).await?;
                ids.into_iter().map(InvitationId::uuid).collect()
            }
            Self::Terms => {
                let ids = relationship::overdue(tx, now, BATCH).await?;
                ids.into_iter().map(RelationshipId::uuid).collect()
            }
        })
    }

    async fn end(
        self,
        tx: &mut Tx,
        engine: &Engine,
        id: Uuid,
        now: Timestamp,
    ) -> Result<bool, storage::Error> {
        match self {
            Self::Invitations => expire::end_overdue(tx, engine, id.into(), now).await,
            Self::Terms => term::end_term(tx, engine, id.into(), now).await,
        }
    }
}
