//! Visits: somebody, or some scanner, opened a link.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::{RecipientId, VisitId};
use crate::domain::time::Timestamp;

statements! {
    INSERT = { "INSERT INTO visit (id, recipient_id, purpose, label, evidence, client_address, user_agent, visited_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)" };
    OF_RECIPIENT = { "SELECT id, recipient_id, purpose, label, evidence, client_address, user_agent, visited_at
        FROM visit WHERE recipient_id = $1 ORDER BY id LIMIT 200" };
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
    }
}

/// Records one.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, visit: &Visit) -> Result<(), Error> {
    tx.query(INSERT)
        .bind(visit.id)
        .bind(visit.recipient_id)
        .bind(&*visit.purpose)
        .bind(&*visit.label)
        .bind(&*visit.evidence)
        .bind(visit.client_address.as_deref())
        .bind(visit.user_agent.as_deref())
        .bind(visit.visited_at)
        .execute()
        .await?;
    Ok(())
}

/// The first 200 of a recipient.
///
/// # Errors
/// The database is away.
pub async fn of_recipient(conn: &mut Conn, recipient: RecipientId) -> Result<Vec<Visit>, Error> {
    conn.query(OF_RECIPIENT).bind(recipient).all().await
}
