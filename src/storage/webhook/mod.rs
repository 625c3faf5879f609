//! Where partners are told what happens: endpoints, and how they fare. Their secrets are in `secret`, their calls in `log`.

mod log;
mod secret;

use super::db::{Sql, record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{PartnerId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Cause, EndpointState};

pub use log::{Delivery, attempts, deliveries, delivery, last_generations};
pub use secret::{
    NewSecret, StoredSecret, add, expire, forget, of_endpoints, of_key, reseal, sealed_otherwise,
};

macro_rules! columns {
    () => {
        "id, partner_id, url, kinds, state, revision, created_at, updated_at, failing_since, switched_off_at, \
         switched_off_because"
    };
}

statements! {
    INSERT = { concat!("INSERT INTO webhook_endpoint (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, 0, $6, $6, NULL, NULL, NULL)") };
    BY_ID = { concat!("SELECT ", columns!(), " FROM webhook_endpoint WHERE id = $1") };
    LOCK = {
        sqlite: concat!("SELECT ", columns!(), " FROM webhook_endpoint WHERE id = $1"),
        postgres: concat!("SELECT ", columns!(), " FROM webhook_endpoint WHERE id = $1 FOR UPDATE")
    };
    MANY = {
        sqlite: concat!("SELECT ", columns!(), " FROM webhook_endpoint WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM webhook_endpoint
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    OF_PARTNER = { concat!("SELECT ", columns!(), " FROM webhook_endpoint WHERE partner_id = $1 AND id < $2
        ORDER BY id DESC LIMIT $3") };
    /// Of which `$1` holds partners: one look a batch of events, and nothing where there are none.
    OF_PARTNERS = {
        sqlite: concat!("SELECT ", columns!(), " FROM webhook_endpoint
            WHERE partner_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY id"),
        postgres: concat!("SELECT ", columns!(), " FROM webhook_endpoint
            WHERE partner_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb))) ORDER BY id")
    };
    COUNT = { "SELECT count(*) FROM webhook_endpoint WHERE partner_id = $1" };
    /// Whoever is enabled begins anew.
    UPDATE = { "UPDATE webhook_endpoint SET url = $2, kinds = $3, state = $4, revision = revision + 1, updated_at = $5,
        failing_since = CASE WHEN $4 = 'enabled' AND state <> 'enabled' THEN NULL ELSE failing_since END,
        switched_off_at = CASE WHEN $4 = 'switched_off' THEN switched_off_at END,
        switched_off_because = CASE WHEN $4 = 'switched_off' THEN switched_off_because END
        WHERE id = $1" };
    DELETE = { "DELETE FROM webhook_endpoint WHERE id = $1" };
    /// In the order of their ids, as every set of endpoints is locked.
    FAILS = { "UPDATE webhook_endpoint SET failing_since = $2 WHERE id = $1 AND failing_since IS NULL AND state = 'enabled'" };
    RECOVERS = { "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL
        AND state = 'enabled'" };
    SWITCH_OFF = { "UPDATE webhook_endpoint SET state = 'switched_off', revision = revision + 1, switched_off_at = $2,
        switched_off_because = $3, updated_at = $2, failing_since = coalesce(failing_since, $2)
        WHERE id = $1 AND state = 'enabled'" };
    /// Whether a call went through since.
    ARRIVED = { "SELECT count(*) FROM notice WHERE channel = 'webhook' AND target_id = $1 AND state = 'sent'
        AND settled_at >= $2" };
}

/// All statements of this folder.
pub(super) fn all_statements() -> impl Iterator<Item = &'static (&'static str, Sql)> {
    [STATEMENTS, log::STATEMENTS, secret::STATEMENTS]
        .into_iter()
        .flatten()
}

record! {
    /// Where a partner is told what happens.
    #[derive(Clone, Debug)]
    pub struct Endpoint {
        /// The row.
        pub id: WebhookId,
        /// Whose it is.
        pub partner_id: PartnerId,
        /// The URL as it was checked.
        pub url: String,
        /// The kinds of events that it is told of: JSON, a list of names.
        pub kinds: String,
        /// Whether it is called.
        pub state: EndpointState,
        /// How often it was changed.
        pub revision: i64,
        /// When it was made: it is told of what happens from then on.
        pub created_at: Timestamp,
        /// When it was changed last.
        pub updated_at: Timestamp,
        /// Since when calls fail and none went through.
        pub failing_since: Option<Timestamp>,
        /// When it was switched off.
        pub switched_off_at: Option<Timestamp>,
        /// Why.
        pub switched_off_because: Option<Cause>,
    }
}

/// An endpoint that is to be stored.
#[derive(Clone, Debug)]
pub struct New {
    /// The row.
    pub id: WebhookId,
    /// Whose it is.
    pub partner: PartnerId,
    /// The URL.
    pub url: String,
    /// The kinds of events: JSON.
    pub kinds: String,
    /// Whether it is called.
    pub state: EndpointState,
}

/// Stores an endpoint.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &New, now: Timestamp) -> Result<(), Error> {
    tx.query(INSERT)
        .bind(new.id)
        .bind(new.partner)
        .bind(&*new.url)
        .bind(&*new.kinds)
        .bind(new.state)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// The endpoint with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: WebhookId) -> Result<Option<Endpoint>, Error> {
    conn.query(BY_ID).bind(id).optional().await
}

/// The same, and nobody else changes it until the end of the transaction.
///
/// # Errors
/// The database is away.
pub async fn lock(tx: &mut Tx, id: WebhookId) -> Result<Option<Endpoint>, Error> {
    tx.query(LOCK).bind(id).optional().await
}

/// Those with these ids.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = WebhookId>,
) -> Result<Vec<Endpoint>, Error> {
    let ids = sets::ids(ids.into_iter().map(WebhookId::uuid));
    conn.query(MANY).bind(ids).all().await
}

/// A page of a partner's endpoints, newest first, after `after`.
///
/// # Errors
/// The database is away.
pub async fn of_partner(
    conn: &mut Conn,
    partner: PartnerId,
    after: Option<WebhookId>,
    limit: i64,
) -> Result<Vec<Endpoint>, Error> {
    conn.query(OF_PARTNER)
        .bind(partner)
        .bind(after.unwrap_or(uuid::Uuid::max().into()))
        .bind(limit)
        .all()
        .await
}

/// All endpoints of these partners, in whatever state.
///
/// # Errors
/// The database is away.
pub async fn of_partners(
    conn: &mut Conn,
    partners: impl IntoIterator<Item = PartnerId>,
) -> Result<Vec<Endpoint>, Error> {
    let partners = sets::ids(partners.into_iter().map(PartnerId::uuid));
    conn.query(OF_PARTNERS).bind(partners).all().await
}

/// How many endpoints a partner has.
///
/// # Errors
/// The database is away.
pub async fn count(conn: &mut Conn, partner: PartnerId) -> Result<i64, Error> {
    let count: Option<i64> = conn.query(COUNT).bind(partner).scalar().await?;
    Ok(count.unwrap_or_default())
}

/// Changes what an endpoint is; one that is enabled again has not failed yet.
///
/// # Errors
/// The database is away.
pub async fn update(
    tx: &mut Tx,
    id: WebhookId,
    url: &str,
    kinds: &str,
    state: EndpointState,
    now: Timestamp,
) -> Result<(), Error> {
    tx.query(UPDATE)
        .bind(id)
        .bind(url)
        .bind(kinds)
        .bind(state)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Deletes an endpoint with its secrets. Its calls stay until their time is over; those under way find nobody.
///
/// # Errors
/// The database is away.
pub async fn delete(tx: &mut Tx, id: WebhookId) -> Result<(), Error> {
    secret::forget_all(tx, id).await?;
    tx.query(DELETE).bind(id).execute().await?;
    Ok(())
}

/// It fails from `now` on, unless it did before.
///
/// # Errors
/// The database is away.
pub async fn fails(tx: &mut Tx, id: WebhookId, now: Timestamp) -> Result<(), Error> {
    tx.query(FAILS).bind(id).bind(now).execute().await?;
    Ok(())
}

/// It takes calls again.
///
/// # Errors
/// The database is away.
pub async fn recovers(tx: &mut Tx, id: WebhookId) -> Result<(), Error> {
    tx.query(RECOVERS).bind(id).execute().await?;
    Ok(())
}

/// Whether a call went through since then.
///
/// # Errors
/// The database is away.
pub async fn arrived_since(
    conn: &mut Conn,
    id: WebhookId,
    since: Timestamp,
) -> Result<bool, Error> {
    let count: Option<i64> = conn.query(ARRIVED).bind(id).bind(since).scalar().await?;
    Ok(count.unwrap_or_default() > 0)
}

/// Switches an endpoint off; `false` when it was not enabled any more.
///
/// # Errors
/// The database is away.
pub async fn switch_off(
    tx: &mut Tx,
    id: WebhookId,
    cause: Cause,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.query(SWITCH_OFF).bind(id).bind(now).bind(cause);
    Ok(changed.execute().await? == 1)
}
