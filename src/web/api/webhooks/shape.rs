//! A webhook and its calls as the interface shows them.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::ids::{EventId, NoticeId, WebhookId};
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Cause, EndpointState};
use crate::web::api::schema;
use crate::workflow::webhook::{self, Delivered};

/// Where the partner is told what happens.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Webhook {
    /// Always `webhook`.
    #[schema(pattern = "^webhook$")]
    object: &'static str,
    pub(super) id: WebhookId,
    /// Where to.
    #[schema(format = "uri")]
    url: String,
    /// The kinds of events that it is told of; empty for all.
    events: Vec<String>,
    state: EndpointState,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Since when calls fail and none went through.
    failing_since: Option<Timestamp>,
    /// When it was switched off.
    switched_off_at: Option<Timestamp>,
    /// Why it was switched off.
    switched_off_because: Option<Cause>,
    /// The secrets that sign, newest first: how old they are, never what they are.
    secrets: Vec<SecretAge>,
}

/// How old a secret is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct SecretAge {
    created_at: Timestamp,
    /// Until when it signs, once another one has taken its place.
    valid_until: Option<Timestamp>,
}

impl From<webhook::Webhook> for Webhook {
    fn from(found: webhook::Webhook) -> Self {
        let secrets = found.secrets.iter().map(|secret| SecretAge {
            created_at: secret.created_at,
            valid_until: secret.valid_until,
        });
        Self {
            object: "webhook",
            id: found.id,
            secrets: secrets.collect(),
            url: found.url,
            events: found.events,
            state: found.state,
            created_at: found.created_at,
            updated_at: found.updated_at,
            failing_since: found.failing_since,
            switched_off_at: found.switched_off_at,
            switched_off_because: found.switched_off_because,
        }
    }
}

pub(super) fn example_id() -> String {
    schema::example_id(WebhookId::PREFIX)
}

pub(super) fn example() -> Value {
    json!({
        "object": "webhook",
        "id": example_id(),
        "url": "https://hooks.example.com/countersign",
        "events": ["invitation.accepted", "invitation.declined"],
        "state": "enabled",
        "created_at": "2026-11-22T09:00:00Z",
        "updated_at": "2026-11-22T09:00:00Z",
        "failing_since": null,
        "switched_off_at": null,
        "switched_off_because": null,
        "secrets": [{"created_at": "2026-11-22T09:00:00Z", "valid_until": null}]
    })
}

pub(super) fn example_with_secret() -> Value {
    let mut shown = example();
    shown["secret"] = json!("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    shown
}

/// A call, or one that is still to be made.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Delivery {
    /// Always `webhook_delivery`.
    #[schema(pattern = "^webhook_delivery$")]
    object: &'static str,
    id: NoticeId,
    /// The event that it tells of, which is also the `webhook-id` of each try.
    event: EventId,
    /// The kind of that event.
    #[serde(rename = "type")]
    kind: String,
    /// The how-many-eth replay; 0 is the call itself.
    #[schema(minimum = 0)]
    replay: i64,
    state: NoticeState,
    created_at: Timestamp,
    /// When it is tried next, if it is.
    next_try_at: Option<Timestamp>,
    /// When it came to its end.
    settled_at: Option<Timestamp>,
    /// Each try, in order.
    tries: Vec<Try>,
}

/// One try.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Try {
    /// The how-many-eth, from 1.
    #[schema(minimum = 1)]
    number: i64,
    begun_at: Timestamp,
    /// How long it took, in milliseconds.
    took_ms: Option<i64>,
    /// How it ended: `sent`, `retried`, `ambiguous` (it left, and no answer came), `failed`, `given_up`, `cancelled` or `released`.
    outcome: Option<String>,
    /// The status of the answer, where there was one.
    #[schema(minimum = 100, maximum = 999)]
    status: Option<u16>,
    /// The beginning of the answer, or what went wrong.
    detail: Option<String>,
}

impl From<Delivered> for Delivery {
    fn from(found: Delivered) -> Self {
        let tries = found.tries.into_iter().map(|it| Try {
            number: it.number,
            begun_at: it.begun_at,
            took_ms: it.took_ms,
            outcome: it.outcome,
            status: it.status,
            detail: it.detail,
        });
        Self {
            object: "webhook_delivery",
            id: found.id,
            event: found.event,
            kind: found.kind,
            replay: found.replay,
            state: found.state,
            created_at: found.created_at,
            next_try_at: found.next_try_at,
            settled_at: found.settled_at,
            tries: tries.collect(),
        }
    }
}

pub(super) fn example_delivery() -> Value {
    json!({
        "object": "webhook_delivery",
        "id": schema::example_id(NoticeId::PREFIX),
        "event": schema::example_id(EventId::PREFIX),
        "type": "invitation.accepted",
        "replay": 0,
        "state": "sent",
        "created_at": "2026-11-23T09:00:00Z",
        "next_try_at": null,
        "settled_at": "2026-11-23T09:00:06Z",
        "tries": [
            {"number": 1, "begun_at": "2026-11-23T09:00:00Z", "took_ms": 312, "outcome": "retried", "status": 503, "detail": "busy"},
            {"number": 2, "begun_at": "2026-11-23T09:00:05Z", "took_ms": 81, "outcome": "sent", "status": 204, "detail": null}
        ]
    })
}
