//! What became of the calls of a webhook, and calls made again.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::shape::{Delivery, example_delivery};
use crate::domain::ids::{NoticeId, WebhookId};
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::web::Site;
use crate::web::api::Id;
use crate::web::api::caller::{Manager, Reader};
use crate::web::api::json::{Answer, Json};
use crate::web::api::list::{Limit, List, Query};
use crate::web::api::problem::Problem;
use crate::workflow::webhook;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web::api) struct Asked {
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<NoticeId>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<NoticeState>,
}

fn example_page() -> Value {
    json!({"object": "list", "data": [example_delivery()], "has_more": false})
}

/// List the deliveries of a webhook
///
/// Its calls, newest first, with how each try ended. They are kept as long as mails are.
#[utoipa::path(
    get,
    path = "/v1/webhooks/{id}/deliveries",
    operation_id = "list_webhook_deliveries",
    tag = "Webhooks",
    params(("id" = inline(WebhookId), Path, description = "The webhook."), Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of deliveries.", body = List<Delivery>, example = example_page)),
)]
pub(in crate::web::api) async fn list_deliveries(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Id(id): Id<WebhookId>,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Delivery>>, Problem> {
    let limit = asked.limit.unwrap_or_default();
    let (after, most) = (asked.starting_after, limit.to_read());
    let actor = caller.actor();
    let rows = webhook::deliveries(&site.engine, id, asked.state, after, most, actor).await?;
    Ok(Answer(List::page(rows, limit, Delivery::from)))
}

/// The ids of a webhook and of one of its deliveries. What is misspelt names nothing.
#[derive(Clone, Copy, Debug)]
pub(in crate::web::api) struct Ids(WebhookId, NoticeId);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((webhook, delivery)) = path.map_err(|_| Problem::not_found())?;
        let webhook = webhook.parse().map_err(|_| Problem::not_found())?;
        let delivery = delivery.parse().map_err(|_| Problem::not_found())?;
        Ok(Self(webhook, delivery))
    }
}

fn example_replayed() -> Value {
    let mut shown = example_delivery();
    shown["replay"] = json!(1);
    shown["state"] = json!("ready");
    shown["next_try_at"] = json!("2026-11-24T09:00:00Z");
    shown["settled_at"] = Value::Null;
    shown["tries"] = json!([]);
    shown
}

/// Replay a delivery
///
/// Calls once more with the same event and the same `webhook-id`. One that still waits for its next try is tried at once.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{id}/deliveries/{delivery}/replay",
    operation_id = "replay_webhook_delivery",
    tag = "Webhooks",
    params(
        ("id" = inline(WebhookId), Path, description = "The webhook."),
        ("delivery" = inline(NoticeId), Path, description = "The delivery."),
    ),
    security(("key" = ["manage"])),
    responses((status = 200, description = "The call that is in the queue.", body = Delivery, example = example_replayed)),
)]
pub(in crate::web::api) async fn replay(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Ids(id, delivery): Ids,
) -> Result<Answer<Delivery>, Problem> {
    let again = webhook::replay(&site.engine, id, delivery, caller.actor()).await?;
    let found = webhook::delivery(&site.engine, id, again, caller.actor()).await?;
    Ok(Answer(found.into()))
}

/// A span of time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct Span {
    /// From then on.
    from: Timestamp,
    /// Up to then, and not at that moment.
    to: Timestamp,
    /// Only what never went through.
    #[serde(default)]
    undelivered: bool,
}

fn example_span() -> Value {
    json!({"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z", "undelivered": true})
}

/// What was put into the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Replayed {
    /// Always `webhook_replay`.
    #[schema(pattern = "^webhook_replay$")]
    object: &'static str,
    webhook: WebhookId,
    /// How many calls are made.
    #[schema(minimum = 0)]
    calls: usize,
    /// How many events of the span are left out: not subscribed to, still to be called, or delivered where only what was not
    /// delivered was asked for.
    #[schema(minimum = 0)]
    left_out: usize,
}

fn example_span_replayed() -> Value {
    json!({"object": "webhook_replay", "webhook": super::example_id(), "calls": 12, "left_out": 30})
}

/// Replay a span of time
///
/// Calls once more with every event of the span that the webhook is subscribed to, also with those that it was not called with at all:
/// up to 10,000 events. Each has the `webhook-id` that it had.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{id}/replay",
    operation_id = "replay_webhook",
    tag = "Webhooks",
    params(("id" = inline(WebhookId), Path, description = "The webhook.")),
    security(("key" = ["manage"])),
    request_body(content = Span, description = "From when until when.", example = example_span),
    responses((status = 200, description = "The calls are in the queue.", body = Replayed, example = example_span_replayed)),
)]
pub(in crate::web::api) async fn replay_span(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<WebhookId>,
    Json(span): Json<Span>,
) -> Result<Answer<Replayed>, Problem> {
    let (times, undelivered) = ((span.from, span.to), span.undelivered);
    let replayed =
        webhook::replay_span(&site.engine, id, times, undelivered, caller.actor()).await?;
    Ok(Answer(Replayed {
        object: "webhook_replay",
        webhook: id,
        calls: replayed.calls,
        left_out: replayed.left_out,
    }))
}
