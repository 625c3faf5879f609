//! Calls made again: one, or all of a span of time. A call that is made again is a row of its own, with the next generation;
//! what it says, and its id, are what they were.

use serde::Serialize;
use serde_json::json;

use super::fanout::call;
use super::{WebhookError, hold, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{EventId, NoticeId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{EndpointState, EndpointUrl, Subscription};
use crate::storage::event::Event;
use crate::storage::webhook::Endpoint;
use crate::storage::{Tx, event, notice, webhook};
use crate::workflow::{Engine, stored};

/// At most so many events of a span.
const MOST: usize = 10_000;
/// So many events are read at once.
const PAGE: i64 = 1_000;

/// What was put into the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// How many calls are made again.
    pub calls: usize,
    /// How many events of the span are left out: still to be called, not subscribed to, or delivered where only what was not
    /// delivered was asked for.
    pub left_out: usize,
}

/// Makes a call again; one that still waits is made at once instead.
///
/// # Errors
/// There is no such call of this endpoint, it is not called, or the database is away.
pub async fn replay(
    engine: &Engine,
    id: WebhookId,
    delivery: NoticeId,
    actor: Actor,
) -> Result<NoticeId, WebhookError> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let (held, destination) = callable(tx, id, actor).await?;
        let found = webhook::delivery(tx, id, delivery).await?;
        let found = found.ok_or(WebhookError::NoDelivery)?;
        let events = event::find_many(tx, [found.event_id]).await?;
        let event = events.first().ok_or(WebhookError::NoDelivery)?;
        let last = webhook::last_generations(tx, id, [found.event_id]).await?;
        let is_open = last.iter().any(|last| last.is_open != 0);
        let replayed = if is_open && found.settled_at.is_none() {
            notice::retry(tx, delivery, now).await?;
            delivery
        } else {
            let generation = last.first().map_or(0, |last| next(last.generation));
            let again = call(event, &held, &destination, generation, now);
            notice::enqueue(tx, std::slice::from_ref(&again), now).await?;
            again.id
        };
        let data = json!({ "delivery": delivery });
        let of = (held.partner_id, id);
        record(tx, of, EventKind::WebhookReplayed, actor, data, now).await?;
        Ok::<_, WebhookError>(replayed)
    };
    let replayed = engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await?;
    engine.wake().await;
    Ok(replayed)
}

/// Makes the calls of all events of a span again, up to ten thousand: those that the endpoint is subscribed to, whether it was
/// there, or enabled, when they happened, or not. What still waits is left alone. With `undelivered`, only what never went
/// through.
///
/// # Errors
/// There is no such endpoint, it is not called, the span is none or too long, or the database is away.
pub async fn replay_span(
    engine: &Engine,
    id: WebhookId,
    (from, to): (Timestamp, Timestamp),
    undelivered: bool,
    actor: Actor,
) -> Result<Replayed, WebhookError> {
    if from >= to {
        return Err(WebhookError::Span);
    }
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let (held, destination) = callable(tx, id, actor).await?;
        let kinds: Subscription = stored(&held.kinds)?;
        let mut replayed = Replayed::default();
        let mut after = 0;
        loop {
            let page = event::sealed_between(tx, held.partner_id, after, (from, to), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq.unwrap_or(i64::MAX);
            let count = page.len();
            let calls = again(tx, &held, &destination, &kinds, &page, undelivered, now).await?;
            notice::enqueue(tx, &calls, now).await?;
            replayed.calls += calls.len();
            replayed.left_out += count - calls.len();
            if replayed.calls + replayed.left_out > MOST {
                return Err(WebhookError::TooLong(MOST));
            }
        }
        let data = json!({ "from": from, "to": to, "calls": replayed.calls });
        let of = (held.partner_id, id);
        record(tx, of, EventKind::WebhookReplayed, actor, data, now).await?;
        Ok::<_, WebhookError>(replayed)
    };
    let replayed = engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await?;
    engine.wake().await;
    Ok(replayed)
}

/// The endpoint, if it is called, with its destination.
async fn callable(
    tx: &mut Tx,
    id: WebhookId,
    actor: Actor,
) -> Result<(Endpoint, String), WebhookError> {
    let held = hold(tx, id, actor).await?;
    if held.state != EndpointState::Enabled {
        return Err(WebhookError::NotCalled(held.state));
    }
    let destination = EndpointUrl::stored(&held.url)?.destination();
    Ok((held, destination))
}

/// The calls of a page that are made again.
async fn again(
    tx: &mut Tx,
    held: &Endpoint,
    destination: &str,
    kinds: &Subscription,
    page: &[Event],
    undelivered: bool,
    now: Timestamp,
) -> Result<Vec<notice::New>, WebhookError> {
    let told: Vec<&Event> = page
        .iter()
        .filter(|event| kinds.covers(&event.kind))
        .collect();
    let ids = told.iter().map(|event| event.id);
    let last = webhook::last_generations(tx, held.id, ids).await?;
    let last: std::collections::HashMap<EventId, _> = last
        .into_iter()
        .map(|last| (last.subject_id.into(), last))
        .collect();
    let mut calls = Vec::with_capacity(told.len());
    for event in told {
        let generation = match last.get(&event.id) {
            Some(last) if last.is_open != 0 || (undelivered && last.is_sent != 0) => continue,
            Some(last) => next(last.generation),
            None => 0,
        };
        calls.push(call(event, held, destination, generation, now));
    }
    Ok(calls)
}

fn next(generation: i64) -> u32 {
    u32::try_from(generation).map_or(u32::MAX, |last| last.saturating_add(1))
}
