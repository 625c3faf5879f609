//! Keys of the partner's interface. A key itself is never stored: its first characters find the row, its SHA-256 proves it.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::api_key::{KeyState, Scopes};
use crate::domain::ids::{ApiKeyId, PartnerId};
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, prefix, sha256, name, scopes, created_at, expires_at, last_used_at, revoked_at, replaces"
    };
}

statements! {
    INSERT = { concat!("INSERT INTO api_key (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)") };
    BY_PREFIX = { concat!("SELECT ", columns!(), " FROM api_key WHERE prefix = $1") };
    OF_PARTNER = { concat!("SELECT ", columns!(), " FROM api_key WHERE partner_id = $1 ORDER BY id") };
    ALL = { concat!("SELECT ", columns!(), " FROM api_key ORDER BY id") };
    LOCK = {
        sqlite: concat!("SELECT ", columns!(), " FROM api_key WHERE id = $1"),
        postgres: concat!("SELECT ", columns!(), " FROM api_key WHERE id = $1 FOR UPDATE")
    };
    /// Never to a later end.
    END = { "UPDATE api_key SET expires_at = $2 WHERE id = $1 AND (expires_at IS NULL OR expires_at > $2)" };
    REVOKE = { "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL" };
    USED = { "UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)" };
}

record! {
    /// A key as it is stored.
    #[derive(Clone, Debug)]
    pub struct ApiKey {
        /// The row.
        pub id: ApiKeyId,
        /// Whose.
        pub partner_id: PartnerId,
        /// The eight characters after `cs_live_`.
        pub prefix: String,
        /// SHA-256 of the whole key: 32 bytes.
        pub sha256: Vec<u8>,
        /// What its partner calls it.
        pub name: String,
        /// What it may do.
        pub scopes: Scopes,
        /// When it was made.
        pub created_at: Timestamp,
        /// From when on it is refused.
        pub expires_at: Option<Timestamp>,
        /// When it was used, to a minute.
        pub last_used_at: Option<Timestamp>,
        /// When it was taken back.
        pub revoked_at: Option<Timestamp>,
        /// The older key that it was made in the place of.
        pub replaces: Option<ApiKeyId>,
    }
}

impl ApiKey {
    /// Whether it is good at `now`.
    pub fn state(&self, now: Timestamp) -> KeyState {
        KeyState::at(now, self.expires_at, self.revoked_at)
    }
}

/// Stores a key.
///
/// # Errors
/// [`Error::Duplicate`] when another key has the prefix.
pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<(), Error> {
    tx.query(INSERT)
        .bind(key.id)
        .bind(key.partner_id)
        .bind(&*key.prefix)
        .bind(&*key.sha256)
        .bind(&*key.name)
        .bind(key.scopes.clone())
        .bind(key.created_at)
        .bind(key.expires_at)
        .bind(key.last_used_at)
        .bind(key.revoked_at)
        .bind(key.replaces)
        .execute()
        .await?;
    Ok(())
}

/// The key with that prefix, good or not.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, prefix: &str) -> Result<Option<ApiKey>, Error> {
    conn.query(BY_PREFIX).bind(prefix).optional().await
}

/// The keys of a partner, or of all, oldest first.
///
/// # Errors
/// The database is away.
pub async fn list(conn: &mut Conn, partner: Option<PartnerId>) -> Result<Vec<ApiKey>, Error> {
    match partner {
        Some(partner) => conn.query(OF_PARTNER).bind(partner).all().await,
        None => conn.query(ALL).all().await,
    }
}

/// A key, and the right to decide about it until the transaction ends.
///
/// # Errors
/// The database is away.
pub async fn lock(tx: &mut Tx, id: ApiKeyId) -> Result<Option<ApiKey>, Error> {
    tx.query(LOCK).bind(id).optional().await
}

/// Has a key end at `at`, unless it ends sooner.
///
/// # Errors
/// The database is away.
pub async fn end(tx: &mut Tx, id: ApiKeyId, at: Timestamp) -> Result<(), Error> {
    tx.query(END).bind(id).bind(at).execute().await?;
    Ok(())
}

/// Takes a key back; `false` when it was before.
///
/// # Errors
/// The database is away.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.query(REVOKE).bind(id).bind(now).execute().await? == 1)
}

/// Writes when a key was used, where what is written is older than `before`.
///
/// # Errors
/// The database is away.
pub async fn used(
    tx: &mut Tx,
    id: ApiKeyId,
    now: Timestamp,
    before: Timestamp,
) -> Result<(), Error> {
    let used = tx.query(USED).bind(id).bind(now).bind(before);
    used.execute().await?;
    Ok(())
}
