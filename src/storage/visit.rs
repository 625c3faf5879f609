//! Visits: somebody, or some scanner, opened a link.
//!
//! Anybody with a link can open it as often as they like, so only the first have a row of their own; the others are counted
//! in the latest row of their label. People and programs are counted apart: a scanner takes no row from a person.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::erasure;
use crate::domain::ids::{RecipientId, VisitId};
use crate::domain::time::{HOUR, Timestamp};

/// Rows of one link and label in an hour.
pub const MOST_AN_HOUR: i64 = 10;
/// Rows of one link and label. Transactions of PostgreSQL that run beside each other do not see each other's: there may be a
/// few more.
pub const MOST: i64 = 100;

statements! {
    /// Whoever was erased has no visits any more. On PostgreSQL an erasure that is under way is waited for.
    OF_SOMEBODY = {
        sqlite: "SELECT r.id FROM recipient r JOIN contact c ON c.id = r.contact_id
            WHERE r.id = $1 AND c.domain <> $2",
        postgres: "SELECT r.id FROM recipient r JOIN contact c ON c.id = r.contact_id
            WHERE r.id = $1 AND c.domain <> $2 FOR KEY SHARE OF r, c"
    };
    INSERT = { "INSERT INTO visit (id, recipient_id, purpose, label, evidence, client_address, user_agent, visited_at, times, last_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
        WHERE (SELECT count(*) FROM visit WHERE recipient_id = $2 AND label = $4) < $11
        AND (SELECT count(*) FROM visit WHERE recipient_id = $2 AND label = $4 AND visited_at > $12) < $13" };
    COUNT = { "UPDATE visit SET times = times + 1, last_at = $3
        WHERE id = (SELECT id FROM visit WHERE recipient_id = $1 AND label = $2 ORDER BY id DESC LIMIT 1)" };
    OF_RECIPIENT = { "SELECT id, recipient_id, purpose, label, evidence, client_address, user_agent, visited_at, times, last_at
        FROM visit WHERE recipient_id = $1 ORDER BY id LIMIT 300" };
}

record! {
    /// One opening of a link.
    #[derive(Clone)]
    pub struct Visit {
        /// The row.
        pub id: VisitId,
        /// Whose link.
        pub recipient_id: RecipientId,
        /// Which page.
        pub purpose: String,
        /// `human` or `automated`: a label, which decides nothing.
        pub label: String,
        /// What the label rests on.
        pub evidence: String,
        /// The client's address, as far as trusted proxies tell.
        pub client_address: Option<String>,
        /// The client's own words.
        pub user_agent: Option<String>,
        /// When.
        pub visited_at: Timestamp,
        /// How many it stands for: itself, and those of its label that came after it and have no row.
        pub times: i64,
        /// When the last of those was.
        pub last_at: Timestamp,
    }
}

/// Records one: in a row of its own, or, beyond [`MOST_AN_HOUR`] and [`MOST`], counted in the latest one of its label.
///
/// # Errors
/// The database is away.
pub async fn record(tx: &mut Tx, visit: &Visit) -> Result<(), Error> {
    let of_somebody = tx
        .query(OF_SOMEBODY)
        .bind(visit.recipient_id)
        .bind(erasure::DOMAIN);
    if of_somebody.scalar::<uuid::Uuid>().await?.is_none() {
        return Ok(());
    }
    let inserted = tx
        .query(INSERT)
        .bind(visit.id)
        .bind(visit.recipient_id)
        .bind(&*visit.purpose)
        .bind(&*visit.label)
        .bind(&*visit.evidence)
        .bind(visit.client_address.as_deref())
        .bind(visit.user_agent.as_deref())
        .bind(visit.visited_at)
        .bind(visit.times)
        .bind(visit.last_at)
        .bind(MOST)
        .bind(visit.visited_at.plus_micros(-HOUR))
        .bind(MOST_AN_HOUR)
        .execute()
        .await?;
    if inserted == 0 {
        tx.query(COUNT)
            .bind(visit.recipient_id)
            .bind(&*visit.label)
            .bind(visit.last_at)
            .execute()
            .await?;
    }
    Ok(())
}

/// Those of a recipient, the first one first.
///
/// # Errors
/// The database is away.
pub async fn of_recipient(conn: &mut Conn, recipient: RecipientId) -> Result<Vec<Visit>, Error> {
    conn.query(OF_RECIPIENT).bind(recipient).all().await
}
