//! Keys of the partner's interface: made, replaced by another, taken back, and asked for at each request.

use super::{Engine, fresh_id};
use crate::domain::api_key::{ApiKey, KeyState, Scopes};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{ApiKeyId, PartnerId};
use crate::domain::text::Label;
use crate::domain::time::{MINUTE, Timestamp};
use crate::storage::{self, Tx, api_key, event};

/// A key as it is asked for.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whose.
    pub partner: PartnerId,
    /// What its partner calls it.
    pub name: Label,
    /// What it may do.
    pub scopes: Scopes,
    /// From when on it is refused; never, where nothing is said.
    pub expires_at: Option<Timestamp>,
}

/// A key that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The key itself: shown once, and never stored.
    pub key: ApiKey,
    /// Its row.
    pub row: api_key::ApiKey,
}

/// Why a key was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// There is no such key.
    #[error(
        "key: there is none with this id or beginning; `countersign api-key list` shows those that there are"
    )]
    NotFound,
    /// It is no good any more.
    #[error("key: it is {0} already; make a new one with `countersign api-key create`")]
    Over(KeyState),
    /// It was rotated before.
    #[error("key: {0} was made in its place already; rotate that one")]
    Replaced(ApiKeyId),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Makes a key.
///
/// # Errors
/// The database is away.
pub async fn create(engine: &Engine, draft: Draft, actor: Actor) -> Result<Made, storage::Error> {
    let now = engine.clock.now();
    let made = fresh(draft, None, now);
    let stored = made.clone();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                api_key::insert(tx, &stored.row).await?;
                record(tx, EventKind::ApiKeyCreated, &stored.row, actor, now).await
            })
        })
        .await?;
    Ok(made)
}

/// Makes a key in the place of another one, which stays good for `overlap` microseconds, and not longer than it was to be. The new
/// one may do the same, and lives as long as the old one was to live.
///
/// # Errors
/// There is no such key, it is no good any more, it was rotated before, or the database is away.
pub async fn rotate(
    engine: &Engine,
    id: ApiKeyId,
    overlap: i64,
    actor: Actor,
) -> Result<Made, ApiKeyError> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let old = api_key::lock(tx, id).await?.ok_or(ApiKeyError::NotFound)?;
        let of_partner = api_key::list(tx, Some(old.partner_id)).await?;
        if let Some(newer) = of_partner.iter().find(|key| key.replaces == Some(id)) {
            return Err(ApiKeyError::Replaced(newer.id));
        }
        match old.state(now) {
            KeyState::Active => {}
            over => return Err(ApiKeyError::Over(over)),
        }
        let lifetime = |end: Timestamp| end.as_micros() - old.created_at.as_micros();
        let draft = Draft {
            partner: old.partner_id,
            name: old
                .name
                .parse()
                .map_err(|_| storage::Error::Unreadable("the name of a key".to_owned()))?,
            scopes: old.scopes.clone(),
            expires_at: old.expires_at.map(|end| now.plus_micros(lifetime(end))),
        };
        let made = fresh(draft, Some(id), now);
        api_key::insert(tx, &made.row).await?;
        api_key::end(tx, id, now.plus_micros(overlap.max(0))).await?;
        record(tx, EventKind::ApiKeyRotated, &made.row, actor, now).await?;
        Ok(made)
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// Takes a key back: the next request with it is refused.
///
/// # Errors
/// There is no such key, it was taken back before, or the database is away.
pub async fn revoke(
    engine: &Engine,
    id: ApiKeyId,
    actor: Actor,
) -> Result<api_key::ApiKey, ApiKeyError> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let mut key = api_key::lock(tx, id).await?.ok_or(ApiKeyError::NotFound)?;
        if !api_key::revoke(tx, id, now).await? {
            return Err(ApiKeyError::Over(KeyState::Revoked));
        }
        key.revoked_at = Some(now);
        record(tx, EventKind::ApiKeyRevoked, &key, actor, now).await?;
        Ok(key)
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// The row of a key that somebody sent, good or not; nothing where it was never given out.
///
/// # Errors
/// The database is away.
pub async fn find(
    engine: &Engine,
    key: &ApiKey,
) -> Result<Option<api_key::ApiKey>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let found = api_key::find(&mut conn, key.prefix()).await?;
    Ok(found.filter(|row| key.has_hash(&row.sha256)))
}

/// How long a key may have been used for before that is written: one write a minute, however busy it is.
pub const USE_IS_WRITTEN_AFTER: i64 = MINUTE;

/// Writes that a key was used now.
///
/// # Errors
/// The database is away.
pub async fn note_use(engine: &Engine, id: ApiKeyId) -> Result<(), storage::Error> {
    let now = engine.clock.now();
    let before = now.plus_micros(1 - USE_IS_WRITTEN_AFTER);
    engine
        .db
        .write_one(move |tx| Box::pin(async move { api_key::used(tx, id, now, before).await }))
        .await
}

fn fresh(draft: Draft, replaces: Option<ApiKeyId>, now: Timestamp) -> Made {
    let key = ApiKey::fresh(&mut rand::rng());
    let row = api_key::ApiKey {
        id: fresh_id(now),
        partner_id: draft.partner,
        prefix: key.prefix().to_owned(),
        sha256: key.hash().to_vec(),
        name: draft.name.as_str().to_owned(),
        scopes: draft.scopes,
        created_at: now,
        expires_at: draft.expires_at,
        last_used_at: None,
        revoked_at: None,
        replaces,
    };
    Made { key, row }
}

/// What is recorded of a key names it, and holds nothing of the secret.
async fn record(
    tx: &mut Tx,
    kind: EventKind,
    key: &api_key::ApiKey,
    actor: Actor,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let event = event::New {
        id: fresh_id(now),
        partner: key.partner_id,
        kind,
        subject: key.id.uuid(),
        actor,
        data: serde_json::json!({
            "prefix": key.prefix,
            "scopes": key.scopes,
            "expires_at": key.expires_at,
            "replaces": key.replaces,
        }),
        at: now,
    };
    event::insert(tx, &event).await
}
