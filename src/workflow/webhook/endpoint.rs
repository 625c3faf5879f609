//! Endpoints are made, looked at, changed, tried and removed.

use serde::Serialize;
use serde_json::json;

use super::secret::SecretAge;
use super::{WebhookError, find, hold, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{EventId, PartnerId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Cause, EndpointState, EndpointUrl, Secret, Subscription};
use crate::storage::webhook::{Endpoint, NewSecret, StoredSecret};
use crate::storage::{self, Conn, Tx, partner, webhook};
use crate::workflow::{Engine, fresh_id, seal, stored};

/// What somebody wants of a new endpoint.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Where to.
    pub url: String,
    /// The kinds of events; none named is all of them.
    pub kinds: Vec<String>,
}

/// What is to be changed of an endpoint; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// Where to.
    pub url: Option<String>,
    /// The kinds of events; none named is all of them.
    pub kinds: Option<Vec<String>>,
    /// Whether it is called. `true` also ends a switch-off.
    pub enabled: Option<bool>,
}

/// An endpoint as its partner sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Webhook {
    /// The row.
    pub id: WebhookId,
    /// Whose it is.
    pub partner: PartnerId,
    /// Where to.
    pub url: String,
    /// The kinds of events; empty for all.
    pub events: Vec<String>,
    /// Whether it is called.
    pub state: EndpointState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Since when calls fail and none went through.
    pub failing_since: Option<Timestamp>,
    /// When it was switched off.
    pub switched_off_at: Option<Timestamp>,
    /// Why.
    pub switched_off_because: Option<Cause>,
    /// The secrets that sign, newest first: never their bytes.
    pub secrets: Vec<SecretAge>,
}

/// A new endpoint, with the secret that is shown this once.
#[derive(Clone, Debug)]
pub struct Created {
    /// The endpoint.
    pub webhook: Webhook,
    /// What its calls are signed with.
    pub secret: Secret,
}

/// Makes an endpoint with a fresh secret. It is told of what happens from now on.
///
/// # Errors
/// The URL or a kind does not hold, the partner has too many, or the database is away.
pub async fn create(
    engine: &Engine,
    of: PartnerId,
    draft: &Draft,
    actor: Actor,
) -> Result<Created, WebhookError> {
    let rules = engine.settings.webhooks.clone();
    let url = EndpointUrl::parse(&draft.url, &rules)?;
    let kinds = subscription(&draft.kinds)?;
    let now = engine.clock.now();
    let secret = Secret::fresh(&mut rand::rng());
    let id: WebhookId = fresh_id(now);
    let sealed = engine.vault.seal(id, &secret, &mut rand::rng())?;
    let new = webhook::New {
        id,
        partner: of,
        url: url.as_str().to_owned(),
        kinds: json_of(&kinds),
        state: EndpointState::Enabled,
    };
    let step = async move |tx: &mut Tx| {
        // The partner's row is locked while its endpoints are counted.
        if partner::lock(tx, of).await?.is_none() {
            return Err(WebhookError::NoPartner);
        }
        let count = webhook::count(tx, of).await?;
        if usize::try_from(count).unwrap_or(usize::MAX) >= rules.endpoints {
            return Err(WebhookError::TooMany(rules.endpoints));
        }
        webhook::insert(tx, &new, now).await?;
        let secret = NewSecret {
            endpoint: id,
            sealed,
        };
        webhook::add(tx, &secret, now).await?;
        let data = json!({ "events": kinds });
        record(tx, (of, id), EventKind::WebhookCreated, actor, data, now).await?;
        seen(tx, id, now).await
    };
    let made = engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await?;
    Ok(Created {
        webhook: made,
        secret,
    })
}

/// An endpoint.
///
/// # Errors
/// There is none, or the database is away.
pub async fn get(engine: &Engine, id: WebhookId, actor: Actor) -> Result<Webhook, WebhookError> {
    let now = engine.clock.now();
    let mut conn = engine.db.read().await?;
    let endpoint = find(&mut conn, id, actor).await?;
    let secrets = webhook::of_endpoints(&mut conn, [id], now).await?;
    Ok(shown(endpoint, &secrets)?)
}

/// A page of a partner's endpoints, newest first, after `after`.
///
/// # Errors
/// The database is away.
pub async fn list(
    engine: &Engine,
    of: PartnerId,
    after: Option<WebhookId>,
    limit: i64,
) -> Result<Vec<Webhook>, WebhookError> {
    let now = engine.clock.now();
    let mut conn = engine.db.read().await?;
    let page = webhook::of_partner(&mut conn, of, after, limit).await?;
    let ids = page.iter().map(|endpoint| endpoint.id);
    let secrets = webhook::of_endpoints(&mut conn, ids, now).await?;
    let shown = page.into_iter().map(|endpoint| shown(endpoint, &secrets));
    Ok(shown.collect::<Result<_, _>>()?)
}

/// Changes an endpoint.
///
/// # Errors
/// There is none, a field does not hold, or the database is away.
pub async fn update(
    engine: &Engine,
    id: WebhookId,
    change: &Update,
    actor: Actor,
) -> Result<Webhook, WebhookError> {
    let rules = &engine.settings.webhooks;
    let url = change.url.as_deref();
    let url = url.map(|url| EndpointUrl::parse(url, rules)).transpose()?;
    let kinds = change.kinds.as_deref().map(subscription).transpose()?;
    let enabled = change.enabled;
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let held = hold(tx, id, actor).await?;
        let mut changed = Vec::new();
        let new_url = match url {
            Some(url) if url.as_str() != held.url => {
                changed.push("url");
                url.as_str().to_owned()
            }
            _ => held.url.clone(),
        };
        let new_kinds = match kinds {
            Some(kinds) if json_of(&kinds) != held.kinds => {
                changed.push("events");
                json_of(&kinds)
            }
            _ => held.kinds.clone(),
        };
        let state = match enabled {
            Some(true) => EndpointState::Enabled,
            Some(false) => EndpointState::Disabled,
            None => held.state,
        };
        if state != held.state {
            changed.push("state");
        }
        if !changed.is_empty() {
            webhook::update(tx, id, &new_url, &new_kinds, state, now).await?;
            let data = json!({ "changed": changed, "state": state });
            let of = (held.partner_id, id);
            record(tx, of, EventKind::WebhookUpdated, actor, data, now).await?;
        }
        seen(tx, id, now).await
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// Removes an endpoint with its secrets. What was still to be called is not.
///
/// # Errors
/// There is none, or the database is away.
pub async fn delete(engine: &Engine, id: WebhookId, actor: Actor) -> Result<(), WebhookError> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let held = hold(tx, id, actor).await?;
        webhook::delete(tx, id).await?;
        let of = (held.partner_id, id);
        record(tx, of, EventKind::WebhookDeleted, actor, json!({}), now).await?;
        Ok(())
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// Puts a test call into the queue, also where the endpoint is not enabled: an event of its own, which goes to this endpoint
/// alone, and is tried once. Returns the event's id; the result is in the log.
///
/// # Errors
/// There is no such endpoint, or the database is away.
pub async fn test(engine: &Engine, id: WebhookId, actor: Actor) -> Result<EventId, WebhookError> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let held = hold(tx, id, actor).await?;
        let of = (held.partner_id, id);
        Ok::<_, WebhookError>(record(tx, of, EventKind::WebhookTest, actor, json!({}), now).await?)
    };
    let event = engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await?;
    // Somebody waits for it: the sealer of a worker would come by within a second.
    seal::seal(engine).await?;
    Ok(event)
}

/// The kinds that were named, as they are written.
fn subscription(kinds: &[String]) -> Result<Subscription, WebhookError> {
    let read = |word: &String| match word.parse() {
        Ok(EventKind::WebhookTest) => Err(WebhookError::Kind(
            "`webhook.test` goes to the webhook that is tested, and is not chosen".to_owned(),
        )),
        Ok(kind) => Ok(kind),
        Err(error) => Err(WebhookError::Kind(format!("{error}"))),
    };
    let kinds: Result<Vec<EventKind>, _> = kinds.iter().map(read).collect();
    Ok(Subscription::new(kinds?))
}

fn json_of(kinds: &Subscription) -> String {
    serde_json::to_string(kinds).unwrap_or_else(|_| "[]".to_owned())
}

async fn seen(tx: &mut Tx, id: WebhookId, now: Timestamp) -> Result<Webhook, WebhookError> {
    let conn: &mut Conn = tx;
    let endpoint = webhook::find(conn, id)
        .await?
        .ok_or(WebhookError::NotFound)?;
    let secrets = webhook::of_endpoints(conn, [id], now).await?;
    Ok(shown(endpoint, &secrets)?)
}

fn shown(endpoint: Endpoint, secrets: &[StoredSecret]) -> Result<Webhook, storage::Error> {
    let kinds: Subscription = stored(&endpoint.kinds)?;
    Ok(Webhook {
        id: endpoint.id,
        partner: endpoint.partner_id,
        url: endpoint.url,
        events: kinds.kinds().to_vec(),
        state: endpoint.state,
        created_at: endpoint.created_at,
        updated_at: endpoint.updated_at,
        failing_since: endpoint.failing_since,
        switched_off_at: endpoint.switched_off_at,
        switched_off_because: endpoint.switched_off_because,
        secrets: secrets
            .iter()
            .filter(|secret| secret.endpoint_id == endpoint.id)
            .map(SecretAge::from)
            .collect(),
    })
}
