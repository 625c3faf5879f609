//! `/v1/webhooks`: where the partner is told what happens, what became of the calls, and calls made again.

pub(super) mod deliveries;
mod shape;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::Id;
use super::caller::{Manager, Reader};
use super::idempotent::Kept;
use super::json::{Answer, Json};
use super::list::{Limit, List, Query};
use super::problem::{Invalid, Kind, Problem};
use crate::domain::audit::EventKind;
use crate::domain::ids::{EventId, WebhookId};
use crate::domain::time::HOUR;
use crate::domain::webhook::Secret;
use crate::web::Site;
use crate::workflow::webhook::{self, Draft, Update, WebhookError};
use shape::{Webhook, example, example_id, example_with_secret};

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        let conflict = |detail: &WebhookError| Self::new(Kind::Conflict, detail.to_string());
        let wrong = |pointer: &'static str, detail: String| {
            Self::invalid(vec![Invalid::at(pointer, "invalid", detail)])
        };
        match error {
            WebhookError::NotFound | WebhookError::NoPartner | WebhookError::NoDelivery => {
                Self::not_found()
            }
            WebhookError::Url(error) => wrong("/url", error.to_string()),
            WebhookError::Kind(detail) => wrong("/events", detail),
            WebhookError::Overlap => wrong(
                "/overlap_hours",
                "the secret before may sign for 0 to 168 hours more".to_owned(),
            ),
            WebhookError::Span => wrong("/to", "the span must end after its beginning".to_owned()),
            WebhookError::TooLong(most) => wrong(
                "/to",
                format!(
                    "more than {most} events lie in the span: take a shorter one, and the rest afterwards"
                ),
            ),
            WebhookError::TooMany(_) | WebhookError::NotCalled(_) => conflict(&error),
            WebhookError::Vault(error) => Self::internal(error.to_string()),
            WebhookError::Storage(error) => error.into(),
        }
    }
}

/// A webhook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// Where to: `https://`, without user name, password and fragment, on any port. No address of a private network is called.
    #[schema(format = "uri", max_length = 2048)]
    url: String,
    /// The kinds of events to be told of; none, or no list, is all of them.
    #[serde(default)]
    events: Vec<EventKind>,
}

fn example_body() -> Value {
    json!({
        "url": "https://hooks.example.com/countersign",
        "events": ["invitation.accepted", "invitation.declined"]
    })
}

/// An answer with a secret, which is shown in this answer alone: what is kept of it for an `Idempotency-Key` has none.
pub(super) struct Secretly {
    status: StatusCode,
    webhook: Webhook,
    secret: Secret,
}

/// A webhook with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WithSecret {
    #[serde(flatten)]
    webhook: Webhook,
    /// What calls are signed with, as the libraries of Standard Webhooks take it. It is shown this once: an answer that is repeated
    /// for an `Idempotency-Key` has null here.
    #[schema(pattern = "^whsec_[A-Za-z0-9+/]+=*$")]
    secret: Option<String>,
}

impl IntoResponse for Secretly {
    fn into_response(self) -> Response {
        let place = format!("/v1/webhooks/{}", self.webhook.id);
        let mut answer = WithSecret {
            webhook: self.webhook,
            secret: None,
        };
        let kept = serde_json::to_string(&answer).unwrap_or_default();
        answer.secret = Some(self.secret.text().expose_secret().to_owned());
        let mut response = (self.status, axum::Json(answer)).into_response();
        response.extensions_mut().insert(Kept(kept));
        if let Ok(place) = HeaderValue::from_str(&place) {
            response.headers_mut().insert(LOCATION, place);
        }
        response
    }
}

/// Make a webhook
///
/// From now on its URL is called with each event of the kinds that it names, in the form of Standard Webhooks. The secret that the
/// calls are signed with is in this answer, and in no other.
#[utoipa::path(
    post,
    path = "/v1/webhooks",
    operation_id = "create_webhook",
    tag = "Webhooks",
    security(("key" = ["manage"])),
    request_body(content = NewWebhook, description = "Where to, and what of.", example = example_body),
    responses((status = 201, description = "It was made.", body = WithSecret, example = example_with_secret)),
)]
pub(super) async fn create(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Json(asked): Json<NewWebhook>,
) -> Result<Secretly, Problem> {
    let draft = Draft {
        url: asked.url,
        kinds: asked.events.iter().map(ToString::to_string).collect(),
    };
    let actor = caller.actor();
    let made = webhook::create(&site.engine, caller.partner, &draft, actor).await?;
    Ok(Secretly {
        status: StatusCode::CREATED,
        webhook: made.webhook.into(),
        secret: made.secret,
    })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<WebhookId>,
}

fn example_list() -> Value {
    json!({"object": "list", "data": [example()], "has_more": false})
}

/// List webhooks
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/v1/webhooks",
    operation_id = "list_webhooks",
    tag = "Webhooks",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of webhooks.", body = List<Webhook>, example = example_list)),
)]
pub(super) async fn list(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Webhook>>, Problem> {
    let limit = asked.limit.unwrap_or_default();
    let of = caller.partner;
    let rows = webhook::list(&site.engine, of, asked.starting_after, limit.to_read()).await?;
    Ok(Answer(List::page(rows, limit, Webhook::from)))
}

/// Show a webhook
///
/// Where it goes, what it is told of, whether it is called, and since when calls fail.
#[utoipa::path(
    get,
    path = "/v1/webhooks/{id}",
    operation_id = "get_webhook",
    tag = "Webhooks",
    params(("id" = inline(WebhookId), Path, description = "The webhook.")),
    security(("key" = ["read"])),
    responses((status = 200, description = "The webhook.", body = Webhook, example = example)),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Id(id): Id<WebhookId>,
) -> Result<Answer<Webhook>, Problem> {
    let found = webhook::get(&site.engine, id, caller.actor()).await?;
    Ok(Answer(found.into()))
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    /// Where to.
    #[schema(format = "uri", max_length = 2048)]
    url: Option<String>,
    /// The kinds of events to be told of; an empty list is all of them.
    events: Option<Vec<EventKind>>,
    /// Whether it is called. `true` also ends a switch-off.
    enabled: Option<bool>,
}

fn example_changes() -> Value {
    json!({"enabled": true})
}

/// Change a webhook
///
/// Where it goes, what it is told of, whether it is called. One that was switched off after days of failures is called again with
/// `enabled`; what it missed can be replayed.
#[utoipa::path(
    patch,
    path = "/v1/webhooks/{id}",
    operation_id = "update_webhook",
    tag = "Webhooks",
    params(("id" = inline(WebhookId), Path, description = "The webhook.")),
    security(("key" = ["manage"])),
    request_body(content = Changes, description = "What changes.", example = example_changes),
    responses((status = 200, description = "The webhook as it is now.", body = Webhook, example = example)),
)]
pub(super) async fn update(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<WebhookId>,
    Json(asked): Json<Changes>,
) -> Result<Answer<Webhook>, Problem> {
    let words = |kinds: Vec<EventKind>| kinds.iter().map(ToString::to_string).collect();
    let change = Update {
        url: asked.url,
        kinds: asked.events.map(words),
        enabled: asked.enabled,
    };
    let changed = webhook::update(&site.engine, id, &change, caller.actor()).await?;
    Ok(Answer(changed.into()))
}

/// A webhook that was there.
#[expect(clippy::struct_field_names, reason = "as other interfaces call it")]
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deleted {
    /// Always `webhook`.
    #[schema(pattern = "^webhook$")]
    object: &'static str,
    id: WebhookId,
    /// Always true.
    deleted: bool,
}

fn example_deleted() -> Value {
    json!({"object": "webhook", "id": example_id(), "deleted": true})
}

/// Delete a webhook
///
/// With its secrets. What was still to be called is not.
#[utoipa::path(
    delete,
    path = "/v1/webhooks/{id}",
    operation_id = "delete_webhook",
    tag = "Webhooks",
    params(("id" = inline(WebhookId), Path, description = "The webhook.")),
    security(("key" = ["manage"])),
    responses((status = 200, description = "It is deleted.", body = Deleted, example = example_deleted)),
)]
pub(super) async fn delete(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<WebhookId>,
) -> Result<Answer<Deleted>, Problem> {
    webhook::delete(&site.engine, id, caller.actor()).await?;
    Ok(Answer(Deleted {
        object: "webhook",
        id,
        deleted: true,
    }))
}

/// How long the secret before is good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// For how many hours the secret before goes on signing beside the new one.
    #[schema(minimum = 0, maximum = 168, default = 24)]
    overlap_hours: Option<u16>,
}

fn example_rotation() -> Value {
    json!({"overlap_hours": 24})
}

/// Rotate the secret of a webhook
///
/// Makes a new secret, which is in this answer and in no other. For a while, calls carry two signatures, so that either verifies.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{id}/rotate-secret",
    operation_id = "rotate_webhook_secret",
    tag = "Webhooks",
    params(("id" = inline(WebhookId), Path, description = "The webhook.")),
    security(("key" = ["manage"])),
    request_body(content = Rotation, description = "How long both are good.", example = example_rotation),
    responses((status = 200, description = "The webhook with its new secret.", body = WithSecret, example = example_with_secret)),
)]
pub(super) async fn rotate_secret(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<WebhookId>,
    Json(asked): Json<Rotation>,
) -> Result<Secretly, Problem> {
    let overlap = asked.overlap_hours.map(|hours| i64::from(hours) * HOUR);
    let secret = webhook::rotate(&site.engine, id, overlap, caller.actor()).await?;
    let found = webhook::get(&site.engine, id, caller.actor()).await?;
    Ok(Secretly {
        status: StatusCode::OK,
        webhook: found.into(),
        secret,
    })
}

/// A test call that is in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tested {
    /// Always `webhook_test`.
    #[schema(pattern = "^webhook_test$")]
    object: &'static str,
    webhook: WebhookId,
    /// The event that the call tells of, which is also its `webhook-id`.
    event: EventId,
}

fn example_tested() -> Value {
    json!({"object": "webhook_test", "webhook": example_id(), "event": super::schema::example_id("evt")})
}

/// Test a webhook
///
/// Calls it once with an event of the kind `webhook.test`, also where it is not enabled. What came of it is among its deliveries.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{id}/test",
    operation_id = "test_webhook",
    tag = "Webhooks",
    params(("id" = inline(WebhookId), Path, description = "The webhook.")),
    security(("key" = ["manage"])),
    responses((status = 200, description = "The call is in the queue.", body = Tested, example = example_tested)),
)]
pub(super) async fn test(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<WebhookId>,
) -> Result<Answer<Tested>, Problem> {
    let event = webhook::test(&site.engine, id, caller.actor()).await?;
    Ok(Answer(Tested {
        object: "webhook_test",
        webhook: id,
        event,
    }))
}
