//! Idempotency keys: the answer to a request, kept in the transaction that it protects.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::PartnerId;
use crate::domain::time::Timestamp;

statements! {
    INSERT = { "INSERT INTO idempotency (partner_id, idempotency_key, request_sha256, answer, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (partner_id, idempotency_key) DO UPDATE
            SET request_sha256 = excluded.request_sha256, answer = excluded.answer,
                created_at = excluded.created_at, expires_at = excluded.expires_at
            WHERE idempotency.expires_at <= excluded.created_at" };
    FIND = { "SELECT request_sha256, answer FROM idempotency
        WHERE partner_id = $1 AND idempotency_key = $2 AND expires_at > $3" };
    FORGET = { "DELETE FROM idempotency WHERE expires_at <= $1" };
}

record! {
    /// What a key was used for.
    #[derive(Clone, Debug)]
    pub struct Used {
        /// SHA-256 of the request: another request with the same key is a mistake.
        pub request_sha256: Vec<u8>,
        /// The answer that was given.
        pub answer: String,
    }
}

/// A key with the answer that it stands for.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// Whose key.
    pub partner: PartnerId,
    /// The key.
    pub key: &'a str,
    /// SHA-256 of the request.
    pub request_sha256: &'a [u8],
}

/// Keeps an answer; `false` when the key is in use: whoever used it first has answered.
///
/// # Errors
/// The database is away.
pub async fn keep(
    tx: &mut Tx,
    key: &Key<'_>,
    answer: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, Error> {
    let rows = tx
        .query(INSERT)
        .bind(key.partner)
        .bind(key.key)
        .bind(key.request_sha256)
        .bind(answer)
        .bind(now)
        .bind(expires_at)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// What the key was used for, as long as that is remembered.
///
/// # Errors
/// The database is away.
pub async fn find(
    conn: &mut Conn,
    partner: PartnerId,
    key: &str,
    now: Timestamp,
) -> Result<Option<Used>, Error> {
    conn.query(FIND)
        .bind(partner)
        .bind(key)
        .bind(now)
        .optional()
        .await
}

/// Forgets what is no longer remembered; returns how many.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    tx.query(FORGET).bind(now).execute().await
}
