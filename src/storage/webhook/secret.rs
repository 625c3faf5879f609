//! What calls are signed with, as it is stored: sealed ([`crate::domain::webhook::Vault`]).

use crate::domain::ids::WebhookId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::Sealed;
use crate::storage::db::{record, statements};
use crate::storage::{Conn, Error, Tx, sets};

statements! {
    ADD = { "INSERT INTO webhook_secret (endpoint_id, number, key_id, sealed, created_at, valid_until)
        SELECT $1, coalesce((SELECT max(number) FROM webhook_secret WHERE endpoint_id = $1), 0) + 1, $2, $3, $4, NULL" };
    /// One that is on its way out goes no later than it was to go.
    EXPIRE = { "UPDATE webhook_secret SET valid_until = $2
        WHERE endpoint_id = $1 AND (valid_until IS NULL OR valid_until > $2)" };
    OF_ENDPOINTS = {
        sqlite: "SELECT endpoint_id, number, key_id, sealed, created_at, valid_until FROM webhook_secret
            WHERE endpoint_id IN (SELECT unhex(value) FROM json_each($1)) AND (valid_until IS NULL OR valid_until > $2)
            ORDER BY endpoint_id, number DESC",
        postgres: "SELECT endpoint_id, number, key_id, sealed, created_at, valid_until FROM webhook_secret
            WHERE endpoint_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
                AND (valid_until IS NULL OR valid_until > $2)
            ORDER BY endpoint_id, number DESC"
    };
    FORGET = { "DELETE FROM webhook_secret WHERE valid_until <= $1" };
    FORGET_ALL = { "DELETE FROM webhook_secret WHERE endpoint_id = $1" };
    OF_KEY = { "SELECT count(*) FROM webhook_secret WHERE key_id = $1" };
    SEALED_OTHERWISE = { "SELECT endpoint_id, number, key_id, sealed, created_at, valid_until FROM webhook_secret
        WHERE key_id < $1 ORDER BY key_id, endpoint_id, number LIMIT $2" };
    RESEAL = { "UPDATE webhook_secret SET key_id = $4, sealed = $5
        WHERE endpoint_id = $1 AND number = $2 AND key_id = $3" };
}

record! {
    /// A secret as it is stored.
    #[derive(Clone, Debug)]
    pub struct StoredSecret {
        /// Whose it is.
        pub endpoint_id: WebhookId,
        /// The how-many-eth of the endpoint, from 1.
        pub number: i64,
        /// The key that sealed it.
        pub key_id: i64,
        /// The sealed bytes.
        pub sealed: Vec<u8>,
        /// When it was made.
        pub created_at: Timestamp,
        /// Until when it signs, once another one has taken its place.
        pub valid_until: Option<Timestamp>,
    }
}

impl StoredSecret {
    /// The same for the vault.
    pub fn to_open(&self) -> Sealed {
        Sealed {
            key_id: u16::try_from(self.key_id).unwrap_or(0),
            bytes: self.sealed.clone(),
        }
    }
}

/// A secret that is to be stored.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Whose it is.
    pub endpoint: WebhookId,
    /// As it is sealed.
    pub sealed: Sealed,
}

/// Stores the newest secret of an endpoint, whose row is new or locked.
///
/// # Errors
/// The database is away.
pub async fn add(tx: &mut Tx, new: &NewSecret, now: Timestamp) -> Result<(), Error> {
    tx.query(ADD)
        .bind(new.endpoint)
        .bind(i64::from(new.sealed.key_id))
        .bind(&*new.sealed.bytes)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Lets the secrets that an endpoint has sign until then, and no longer.
///
/// # Errors
/// The database is away.
pub async fn expire(tx: &mut Tx, endpoint: WebhookId, until: Timestamp) -> Result<(), Error> {
    tx.query(EXPIRE)
        .bind(endpoint)
        .bind(until)
        .execute()
        .await?;
    Ok(())
}

/// The secrets of endpoints that sign at `now`, newest first.
///
/// # Errors
/// The database is away.
pub async fn of_endpoints(
    conn: &mut Conn,
    endpoints: impl IntoIterator<Item = WebhookId>,
    now: Timestamp,
) -> Result<Vec<StoredSecret>, Error> {
    let endpoints = sets::ids(endpoints.into_iter().map(WebhookId::uuid));
    conn.query(OF_ENDPOINTS)
        .bind(endpoints)
        .bind(now)
        .all()
        .await
}

/// Deletes secrets that sign no more.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    tx.query(FORGET).bind(now).execute().await
}

pub(super) async fn forget_all(tx: &mut Tx, endpoint: WebhookId) -> Result<(), Error> {
    tx.query(FORGET_ALL).bind(endpoint).execute().await?;
    Ok(())
}

/// How many secrets a key of the ring seals.
///
/// # Errors
/// The database is away.
pub async fn of_key(conn: &mut Conn, key: u16) -> Result<i64, Error> {
    let count: Option<i64> = conn.query(OF_KEY).bind(i64::from(key)).scalar().await?;
    Ok(count.unwrap_or_default())
}

/// Some of the secrets that an older key than `current` seals.
///
/// # Errors
/// The database is away.
pub async fn sealed_otherwise(
    conn: &mut Conn,
    current: u16,
    limit: i64,
) -> Result<Vec<StoredSecret>, Error> {
    conn.query(SEALED_OTHERWISE)
        .bind(i64::from(current))
        .bind(limit)
        .all()
        .await
}

/// Stores a secret as it was sealed anew, unless somebody else did so meanwhile.
///
/// # Errors
/// The database is away.
pub async fn reseal(tx: &mut Tx, old: &StoredSecret, sealed: &Sealed) -> Result<(), Error> {
    tx.query(RESEAL)
        .bind(old.endpoint_id)
        .bind(old.number)
        .bind(old.key_id)
        .bind(i64::from(sealed.key_id))
        .bind(&*sealed.bytes)
        .execute()
        .await?;
    Ok(())
}
