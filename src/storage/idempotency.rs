//! Idempotency keys: the answer to a request, kept in the transaction that it protects.

use serde::Serialize;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::PartnerId;
use crate::domain::time::Timestamp;

statements! {
    /// A key that is no longer remembered is free.
    KEEP = {
        sqlite: "INSERT INTO idempotency (partner_id, idempotency_key, request_sha256, answer, created_at, expires_at)
            SELECT $1, value->>'key', unhex(value->>'sha256'), value->>'answer', $3, $4 FROM json_each($2) WHERE true
            ON CONFLICT (partner_id, idempotency_key) DO UPDATE
                SET request_sha256 = excluded.request_sha256, answer = excluded.answer,
                    created_at = excluded.created_at, expires_at = excluded.expires_at
                WHERE idempotency.expires_at <= excluded.created_at",
        postgres: "INSERT INTO idempotency (partner_id, idempotency_key, request_sha256, answer, created_at, expires_at)
            SELECT $1::uuid, key, decode(sha256, 'hex'), answer, $3::bigint, $4::bigint
            FROM jsonb_to_recordset($2::text::jsonb) AS x(key text, sha256 text, answer text)
            ON CONFLICT (partner_id, idempotency_key) DO UPDATE
                SET request_sha256 = excluded.request_sha256, answer = excluded.answer,
                    created_at = excluded.created_at, expires_at = excluded.expires_at
                WHERE idempotency.expires_at <= excluded.created_at"
    };
    FIND = {
        sqlite: "SELECT idempotency_key, request_sha256, answer FROM idempotency
            WHERE partner_id = $1 AND idempotency_key IN (SELECT value FROM json_each($2)) AND expires_at > $3",
        postgres: "SELECT idempotency_key, request_sha256, answer FROM idempotency
            WHERE partner_id = $1 AND idempotency_key = ANY (ARRAY (SELECT jsonb_array_elements_text($2::text::jsonb)))
                AND expires_at > $3"
    };
    FORGET = { "DELETE FROM idempotency WHERE expires_at <= $1" };
}

record! {
    /// What a key was used for.
    #[derive(Clone, Debug)]
    pub struct Used {
        /// The key.
        pub idempotency_key: String,
        /// SHA-256 of the request: another request with the same key is a mistake.
        pub request_sha256: Vec<u8>,
        /// The answer that was given.
        pub answer: String,
    }
}

/// A key with the answer that it stands for.
#[derive(Clone, Debug)]
pub struct Answered<'a> {
    /// The key.
    pub key: &'a str,
    /// SHA-256 of the request.
    pub request_sha256: &'a [u8],
    /// The answer.
    pub answer: String,
}

#[derive(Serialize)]
struct KeepRow<'a> {
    key: &'a str,
    sha256: String,
    answer: &'a str,
}

/// Keeps answers of a partner's, in the order of their keys; returns how many. The others' keys are in use: whoever used them
/// first has answered.
///
/// # Errors
/// The database is away.
pub async fn keep(
    tx: &mut Tx,
    partner: PartnerId,
    answers: &[Answered<'_>],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<usize, Error> {
    if answers.is_empty() {
        return Ok(0);
    }
    let rows: Vec<_> = answers
        .iter()
        .map(|answered| KeepRow {
            key: answered.key,
            sha256: data_encoding::HEXLOWER.encode(answered.request_sha256),
            answer: &answered.answer,
        })
        .collect();
    let keep = tx.query(KEEP).bind(partner).bind(sets::rows(&rows));
    let kept = keep.bind(now).bind(expires_at).execute().await?;
    Ok(usize::try_from(kept).unwrap_or(usize::MAX))
}

/// What the keys were used for, as long as that is remembered, in any order.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    partner: PartnerId,
    keys: &[&str],
    now: Timestamp,
) -> Result<Vec<Used>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let find = conn.query(FIND).bind(partner);
    find.bind(sets::rows(keys)).bind(now).all().await
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
    Ok(find_many(conn, partner, &[key], now).await?.pop())
}

/// Forgets what is no longer remembered; returns how many.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    tx.query(FORGET).bind(now).execute().await
}
