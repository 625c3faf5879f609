//! Addresses that take no mail from here.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::time::Timestamp;

statements! {
    INSERT = { "INSERT INTO suppression (address, reason, detail, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING" };
    FIND = { "SELECT address, reason, detail, created_at FROM suppression WHERE address = $1" };
    DELETE = { "DELETE FROM suppression WHERE address = $1" };
}

record! {
    /// An address and why it is left alone.
    #[derive(Clone)]
    pub struct Suppression {
        /// The normalized address.
        pub address: String,
        /// Why, as a name: `hard_bounce`, `complaint`, `operator`.
        pub reason: String,
        /// Why, in words.
        pub detail: Option<String>,
        /// Since when.
        pub created_at: Timestamp,
    }
}

/// Leaves an address alone from now on; `false` when that is so already.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &Suppression) -> Result<bool, Error> {
    let rows = tx
        .query(INSERT)
        .bind(&*new.address)
        .bind(&*new.reason)
        .bind(new.detail.as_deref())
        .bind(new.created_at)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Whether and why an address is left alone.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, address: &str) -> Result<Option<Suppression>, Error> {
    conn.query(FIND).bind(address).optional().await
}

/// Mails an address again; `false` when it was not left alone.
///
/// # Errors
/// The database is away.
pub async fn delete(tx: &mut Tx, address: &str) -> Result<bool, Error> {
    Ok(tx.query(DELETE).bind(address).execute().await? == 1)
}
