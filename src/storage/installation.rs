//! What `init` fixed once for this database.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::time::Timestamp;

statements! {
    FIND = { "SELECT audience, created_at FROM installation WHERE id = 1" };
    INSERT = { "INSERT INTO installation (id, audience, created_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING" };
    /// Once in a while, by whoever comes first.
    SWEEP = { "UPDATE installation SET swept_at = $1 WHERE id = 1 AND (swept_at IS NULL OR swept_at <= $2)" };
    TOUCH = { "UPDATE installation SET audience = audience WHERE id = 1" };
    NOW = {
        sqlite: "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
        postgres: "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    };
    IN_RECOVERY = {
        sqlite: "SELECT 0",
        postgres: "SELECT CASE WHEN pg_is_in_recovery() THEN 1::bigint ELSE 0::bigint END"
    };
}

record! {
    /// The one row.
    #[derive(Clone, Debug)]
    pub struct Installation {
        /// Goes into every derived key.
        pub audience: String,
        /// When it was made.
        pub created_at: Timestamp,
    }
}

/// The installation, if `init` or `migrate` made one.
///
/// # Errors
/// The database is away or has no schema.
pub async fn find(conn: &mut Conn) -> Result<Option<Installation>, Error> {
    conn.query(FIND).optional().await
}

/// Makes it, unless it is there: the first audience stays.
///
/// # Errors
/// The database is away.
pub async fn create(tx: &mut Tx, audience: &str, now: Timestamp) -> Result<Installation, Error> {
    tx.query(INSERT).bind(audience).bind(now).execute().await?;
    find(tx)
        .await?
        .ok_or_else(|| Error::Refused("no installation row".to_owned()))
}

/// Whether what is no longer needed is to be deleted now, by whoever asks: so long after the last time, in microseconds.
///
/// # Errors
/// The database is away.
pub async fn sweep(tx: &mut Tx, now: Timestamp, every: i64) -> Result<bool, Error> {
    let sweep = tx.query(SWEEP).bind(now).bind(now.plus_micros(-every));
    Ok(sweep.execute().await? == 1)
}

/// Writes what is there already: a change that fails where every other would, too.
///
/// # Errors
/// The database is away or cannot write.
pub async fn touch(tx: &mut Tx) -> Result<(), Error> {
    tx.query(TOUCH).execute().await?;
    Ok(())
}

/// What the database's own clock says: leases are measured by it.
///
/// # Errors
/// The database is away.
pub async fn database_time(conn: &mut Conn) -> Result<Timestamp, Error> {
    let now = conn.query(NOW).scalar::<i64>().await?;
    Ok(Timestamp::from_micros(now.unwrap_or_default()))
}

/// Whether this is a standby of PostgreSQL, which takes no change.
///
/// # Errors
/// The database is away.
pub async fn is_standby(conn: &mut Conn) -> Result<bool, Error> {
    Ok(conn.query(IN_RECOVERY).scalar::<i64>().await? == Some(1))
}
