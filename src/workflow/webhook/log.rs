//! The delivery log: which calls there are, and how each try ended.

use std::collections::HashMap;

use serde::Serialize;

use super::{WebhookError, find};
use crate::domain::audit::Actor;
use crate::domain::ids::{EventId, NoticeId, WebhookId};
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::storage::Conn;
use crate::storage::notice::Attempt;
use crate::storage::webhook::{self, Delivery};
use crate::workflow::Engine;

/// A call as its partner sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Delivered {
    /// The call.
    pub id: NoticeId,
    /// Which event it tells of; also the `webhook-id` of every try.
    pub event: EventId,
    /// Of which kind that is.
    pub kind: String,
    /// The how-many-eth replay; 0 is the call itself.
    pub replay: i64,
    /// Where it stands.
    pub state: NoticeState,
    /// When it was put into the queue.
    pub created_at: Timestamp,
    /// When it is tried next, if it is.
    pub next_try_at: Option<Timestamp>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// Each try, in order.
    pub tries: Vec<Try>,
}

/// One try.
#[derive(Clone, Debug, Serialize)]
pub struct Try {
    /// The how-many-eth, from 1.
    pub number: i64,
    /// When it began.
    pub begun_at: Timestamp,
    /// How long it took, in milliseconds; none while it goes on.
    pub took_ms: Option<i64>,
    /// How it ended.
    pub outcome: Option<String>,
    /// The status code, where the endpoint answered.
    pub status: Option<u16>,
    /// The beginning of the answer, or what went wrong.
    pub detail: Option<String>,
}

impl From<&Attempt> for Try {
    fn from(attempt: &Attempt) -> Self {
        let reply = attempt.reply.as_deref();
        let is_answer = attempt.stage.as_deref() == Some("answer");
        let (status, detail) = match reply {
            // As `Answer` writes it: the status, a blank, the text.
            Some(reply) if is_answer => {
                let (status, text) = reply.split_once(' ').unwrap_or((reply, ""));
                (status.parse().ok(), text)
            }
            other => (None, other.unwrap_or_default()),
        };
        let took = |ended: Timestamp| (ended.as_micros() - attempt.begun_at.as_micros()) / 1_000;
        Self {
            number: attempt.number,
            begun_at: attempt.begun_at,
            took_ms: attempt.ended_at.map(took),
            outcome: attempt.outcome.clone(),
            status,
            detail: (!detail.is_empty()).then(|| detail.to_owned()),
        }
    }
}

/// A page of an endpoint's calls, newest first, after `after`: those in one state, or all.
///
/// # Errors
/// There is no such endpoint, or the database is away.
pub async fn deliveries(
    engine: &Engine,
    id: WebhookId,
    state: Option<NoticeState>,
    after: Option<NoticeId>,
    limit: i64,
    actor: Actor,
) -> Result<Vec<Delivered>, WebhookError> {
    let mut conn = engine.db.read().await?;
    find(&mut conn, id, actor).await?;
    let page = webhook::deliveries(&mut conn, id, state, after, limit).await?;
    with_tries(&mut conn, page).await
}

/// One call of an endpoint.
///
/// # Errors
/// There is no such endpoint or call, or the database is away.
pub async fn delivery(
    engine: &Engine,
    id: WebhookId,
    delivery: NoticeId,
    actor: Actor,
) -> Result<Delivered, WebhookError> {
    let mut conn = engine.db.read().await?;
    find(&mut conn, id, actor).await?;
    let found = webhook::delivery(&mut conn, id, delivery).await?;
    let found = found.ok_or(WebhookError::NoDelivery)?;
    let mut one = with_tries(&mut conn, vec![found]).await?;
    one.pop().ok_or(WebhookError::NoDelivery)
}

async fn with_tries(conn: &mut Conn, page: Vec<Delivery>) -> Result<Vec<Delivered>, WebhookError> {
    let ids = page.iter().map(|delivery| delivery.id);
    let mut tries: HashMap<NoticeId, Vec<Try>> = HashMap::new();
    for attempt in webhook::attempts(conn, ids).await? {
        let of_one = tries.entry(attempt.notice_id).or_default();
        of_one.push(Try::from(&attempt));
    }
    let delivered = page.into_iter().map(|delivery| Delivered {
        tries: tries.remove(&delivery.id).unwrap_or_default(),
        id: delivery.id,
        event: delivery.event_id,
        kind: delivery.event_kind.unwrap_or_default(),
        replay: delivery.generation,
        state: delivery.state,
        created_at: delivery.created_at,
        next_try_at: matches!(delivery.state, NoticeState::Scheduled | NoticeState::Ready)
            .then_some(delivery.run_at),
        settled_at: delivery.settled_at,
    });
    Ok(delivered.collect())
}
