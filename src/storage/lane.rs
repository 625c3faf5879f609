//! Destination domains: what an operator said about the pace towards them.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::time::Timestamp;

statements! {
    SET = { "INSERT INTO lane (domain, next_at, interval_micros, max_in_flight) VALUES ($1, 0, $2, $3)
        ON CONFLICT (domain) DO UPDATE
            SET interval_micros = excluded.interval_micros, max_in_flight = excluded.max_in_flight" };
    LIMITED = { "SELECT domain, next_at, interval_micros, max_in_flight FROM lane
        WHERE interval_micros IS NOT NULL OR max_in_flight IS NOT NULL ORDER BY domain" };
}

record! {
    /// A destination domain with limits of its own.
    #[derive(Clone, Debug)]
    pub struct Lane {
        /// The domain, as an A-label.
        pub domain: String,
        /// When the next mail may start.
        pub next_at: Timestamp,
        /// At least so many microseconds between two mails.
        pub interval_micros: Option<i64>,
        /// At most so many mails under way.
        pub max_in_flight: Option<i64>,
    }
}

/// Limits the mails to a domain; `None` lifts a limit.
///
/// # Errors
/// The database is away.
pub async fn limit(
    tx: &mut Tx,
    domain: &str,
    interval_micros: Option<i64>,
    max_in_flight: Option<i64>,
) -> Result<(), Error> {
    tx.query(SET)
        .bind(domain)
        .bind(interval_micros)
        .bind(max_in_flight)
        .execute()
        .await?;
    Ok(())
}

/// The domains with limits of their own.
///
/// # Errors
/// The database is away.
pub async fn limited(conn: &mut Conn) -> Result<Vec<Lane>, Error> {
    conn.query(LIMITED).all().await
}
