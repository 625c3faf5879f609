//! Pauses of the mail server: it refuses us, so that nothing is claimed and no notice fails.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::time::Timestamp;

statements! {
    PAUSE = { "INSERT INTO transport_pause (transport, since, paused_until, failures, stage, reply)
        VALUES ($1, $2, $3, 1, $4, $5)
        ON CONFLICT (transport) DO UPDATE SET paused_until = excluded.paused_until,
            failures = transport_pause.failures + 1, stage = excluded.stage, reply = excluded.reply" };
    RESUME = { "DELETE FROM transport_pause WHERE transport = $1" };
    FIND = { "SELECT since, paused_until, failures, stage, reply FROM transport_pause WHERE transport = $1" };
}

/// The name of the one transport that there is so far.
pub const MAIL: &str = "mail";

record! {
    /// That the mail server refuses us.
    #[derive(Clone, Debug)]
    pub struct Pause {
        /// Since when.
        pub since: Timestamp,
        /// When the next try is.
        pub paused_until: Timestamp,
        /// How many tries failed in a row.
        pub failures: i64,
        /// How far the conversation came.
        pub stage: String,
        /// What the server said, or what went wrong.
        pub reply: String,
    }
}

/// Pauses the transport until then, or for longer than it was.
///
/// # Errors
/// The database is away.
pub async fn pause(
    tx: &mut Tx,
    transport: &str,
    now: Timestamp,
    until: Timestamp,
    stage: &str,
    reply: &str,
) -> Result<(), Error> {
    tx.query(PAUSE)
        .bind(transport)
        .bind(now)
        .bind(until)
        .bind(stage)
        .bind(reply)
        .execute()
        .await?;
    Ok(())
}

/// Ends the pause: the server took a mail; `false` when there was none.
///
/// # Errors
/// The database is away.
pub async fn resume(tx: &mut Tx, transport: &str) -> Result<bool, Error> {
    Ok(tx.query(RESUME).bind(transport).execute().await? == 1)
}

/// The pause, if there is one.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, transport: &str) -> Result<Option<Pause>, Error> {
    conn.query(FIND).bind(transport).optional().await
}
