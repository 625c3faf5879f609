//! What the interface answered to requests with an idempotency key, so that a request that comes again gets the same.
//!
//! A request claims its key first, in a transaction of its own, for a time: another one with the key waits meanwhile. Who held
//! it and died, in whose place the same request may come again when that time is over, has perhaps done its work: what that
//! work protects by itself (`idempotency` for an invitation) is then answered for, not done twice.

use uuid::Uuid;

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::PartnerId;
use crate::domain::time::Timestamp;

statements! {
    /// A row that is over is taken over by any request; one that nobody works on any more by the same request.
    CLAIM = { "INSERT INTO api_answer
            (partner_id, idempotency_key, request_sha256, holder, held_until, status, body, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, NULL, NULL, $6, $7)
        ON CONFLICT (partner_id, idempotency_key) DO UPDATE
            SET request_sha256 = excluded.request_sha256, holder = excluded.holder, held_until = excluded.held_until,
                status = NULL, body = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at
            WHERE api_answer.expires_at <= excluded.created_at
                OR (api_answer.status IS NULL AND api_answer.held_until <= excluded.created_at
                    AND api_answer.request_sha256 = excluded.request_sha256)" };
    FIND = { "SELECT request_sha256, status, body FROM api_answer WHERE partner_id = $1 AND idempotency_key = $2" };
    FINISH = { "UPDATE api_answer SET status = $4, body = $5
        WHERE partner_id = $1 AND idempotency_key = $2 AND holder = $3 AND status IS NULL" };
    RELEASE = { "DELETE FROM api_answer
        WHERE partner_id = $1 AND idempotency_key = $2 AND holder = $3 AND status IS NULL" };
    FORGET = { "DELETE FROM api_answer WHERE expires_at <= $1" };
}

/// A key that a request claims.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whose key.
    pub partner: PartnerId,
    /// The key.
    pub key: String,
    /// SHA-256 of the request.
    pub request_sha256: Vec<u8>,
    /// Who works on it: each request has an identifier of its own.
    pub holder: Uuid,
}

record! {
    /// What a key was used for.
    #[derive(Clone, Debug)]
    pub struct Answered {
        /// SHA-256 of the request.
        pub request_sha256: Vec<u8>,
        /// The status of the answer; none while somebody works on it.
        pub status: Option<i64>,
        /// The body of the answer; none while somebody works on it.
        pub body: Option<String>,
    }
}

/// Claims a key until `held_until`; `false` when it is held, or was answered.
///
/// # Errors
/// The database is away.
pub async fn claim(
    tx: &mut Tx,
    claim: &Claim,
    now: Timestamp,
    held_until: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, Error> {
    let rows = tx
        .query(CLAIM)
        .bind(claim.partner)
        .bind(&*claim.key)
        .bind(&*claim.request_sha256)
        .bind(claim.holder)
        .bind(held_until)
        .bind(now)
        .bind(expires_at)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// What a key was used for.
///
/// # Errors
/// The database is away.
pub async fn find(
    conn: &mut Conn,
    partner: PartnerId,
    key: &str,
) -> Result<Option<Answered>, Error> {
    conn.query(FIND).bind(partner).bind(key).optional().await
}

/// Keeps the answer to the request that holds the key.
///
/// # Errors
/// The database is away.
pub async fn finish(tx: &mut Tx, claim: &Claim, status: u16, body: &str) -> Result<(), Error> {
    tx.query(FINISH)
        .bind(claim.partner)
        .bind(&*claim.key)
        .bind(claim.holder)
        .bind(i64::from(status))
        .bind(body)
        .execute()
        .await?;
    Ok(())
}

/// Gives a key back that nothing was done with.
///
/// # Errors
/// The database is away.
pub async fn release(tx: &mut Tx, claim: &Claim) -> Result<(), Error> {
    tx.query(RELEASE)
        .bind(claim.partner)
        .bind(&*claim.key)
        .bind(claim.holder)
        .execute()
        .await?;
    Ok(())
}

/// Forgets what is no longer remembered; returns how many.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    tx.query(FORGET).bind(now).execute().await
}
