//! Secrets of endpoints: replaced with an overlap, sealed anew after the key ring was rotated, forgotten when they sign no more.

use serde::Serialize;
use serde_json::json;

use super::{WebhookError, hold, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::WebhookId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{LONGEST_OVERLAP, OVERLAP, Secret};
use crate::storage::webhook::{NewSecret, StoredSecret};
use crate::storage::{self, Tx, webhook};
use crate::workflow::Engine;

/// At most so many secrets are sealed anew in one transaction.
const BATCH: i64 = 100;

/// How old a secret is, and until when it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SecretAge {
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it signs, once another one has taken its place.
    pub valid_until: Option<Timestamp>,
}

impl From<&StoredSecret> for SecretAge {
    fn from(secret: &StoredSecret) -> Self {
        Self {
            created_at: secret.created_at,
            valid_until: secret.valid_until,
        }
    }
}

/// Gives an endpoint a new secret, which is shown this once. Those before sign beside it for `overlap` microseconds more, or a
/// day.
///
/// # Errors
/// There is no such endpoint, the overlap is longer than a week, or the database is away.
pub async fn rotate(
    engine: &Engine,
    id: WebhookId,
    overlap: Option<i64>,
    actor: Actor,
) -> Result<Secret, WebhookError> {
    let overlap = overlap.unwrap_or(OVERLAP);
    if !(0..=LONGEST_OVERLAP).contains(&overlap) {
        return Err(WebhookError::Overlap);
    }
    let now = engine.clock.now();
    let secret = Secret::fresh(&mut rand::rng());
    let new = NewSecret {
        endpoint: id,
        sealed: engine.vault.seal(id, &secret, &mut rand::rng())?,
    };
    let step = async move |tx: &mut Tx| {
        let held = hold(tx, id, actor).await?;
        let until = now.plus_micros(overlap);
        webhook::expire(tx, id, until).await?;
        webhook::add(tx, &new, now).await?;
        let data = json!({ "former_until": until });
        let of = (held.partner_id, id);
        record(tx, of, EventKind::WebhookRotated, actor, data, now).await?;
        Ok::<_, WebhookError>(())
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await?;
    Ok(secret)
}

/// Forgets secrets that sign no more, and seals those anew that an older key seals.
///
/// # Errors
/// The database is away.
pub async fn sweep(engine: &Engine) -> Result<(), storage::Error> {
    let now = engine.clock.now();
    engine
        .db
        .write(move |tx| Box::pin(async move { webhook::forget(tx, now).await }))
        .await?;
    reseal(engine).await?;
    Ok(())
}

/// Seals secrets anew that an older key of the ring seals, so that it can be retired; returns how many. One that does not open
/// stays as it is.
///
/// # Errors
/// The database is away.
pub async fn reseal(engine: &Engine) -> Result<usize, storage::Error> {
    let current = engine.vault.current_key();
    let mut conn = engine.db.read().await?;
    let old = webhook::sealed_otherwise(&mut conn, current, BATCH).await?;
    drop(conn);
    let mut anew = Vec::with_capacity(old.len());
    for secret in old {
        let opened = engine.vault.open(secret.endpoint_id, &secret.to_open());
        let sealed = opened.and_then(|opened| {
            engine
                .vault
                .seal(secret.endpoint_id, &opened, &mut rand::rng())
        });
        match sealed {
            Ok(sealed) => anew.push((secret, sealed)),
            Err(error) => {
                tracing::error!(webhook = %secret.endpoint_id, %error, "a secret could not be sealed anew");
            }
        }
    }
    if anew.is_empty() {
        return Ok(0);
    }
    let count = anew.len();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                for (secret, sealed) in &anew {
                    webhook::reseal(tx, secret, sealed).await?;
                }
                Ok::<_, storage::Error>(())
            })
        })
        .await?;
    Ok(count)
}
