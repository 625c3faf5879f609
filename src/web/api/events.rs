//! `/v1/events`: what happened, in the order of the partner's chain, to be read from a cursor.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::caller::Reader;
use super::json::Answer;
use super::list::{Limit, List, Query};
use super::problem::{Invalid, Problem};
use super::{Id, Site, schema};
use crate::domain::audit::EventKind;
use crate::domain::ids::EventId;
use crate::domain::time::Timestamp;
use crate::domain::words::UnknownWord;
use crate::workflow::event_view::{self, EventView, FeedError};

/// Something that happened. It names rows by their ids, and no person: docs/events.md lists what each kind says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Event {
    /// Always `event`.
    #[schema(pattern = "^event$")]
    object: &'static str,
    id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "invitation.accepted")]
    kind: String,
    /// When it happened.
    created_at: Timestamp,
    /// Its place in your chain: 1, 2, 3 … without a gap.
    #[schema(minimum = 1)]
    sequence: i64,
    /// By whom: `ctc_…` a mailbox of the customer, `prt_…` the partner, `operator`, or `system`.
    actor: String,
    /// What it is about, by id, and more of it: identifiers, words, numbers, hashes.
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

impl From<EventView> for Event {
    fn from(view: EventView) -> Self {
        Self {
            object: view.object,
            id: view.id,
            kind: view.kind,
            created_at: view.created_at,
            sequence: view.sequence,
            actor: view.actor,
            data: view.data,
        }
    }
}

fn example() -> Value {
    json!({
        "object": "event",
        "id": "evt_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "type": "invitation.declined",
        "created_at": "2026-11-23T09:00:00Z",
        "sequence": 12,
        "actor": "ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "data": {
            "invitation": "inv_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "reason": "wrong_person"
        }
    })
}

fn example_list() -> Value {
    json!({"object": "list", "data": [example()], "has_more": false})
}

/// Kinds of events, with a comma between them.
#[derive(Clone, Debug)]
pub(super) struct Types(Vec<EventKind>);

impl FromStr for Types {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        text.split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

crate::domain::words::deserialize_text!(Types);

impl PartialSchema for Types {
    fn schema() -> RefOr<Schema> {
        let kinds = EventKind::ALL.iter().map(|kind| kind.as_str());
        ArrayBuilder::new()
            .items(RefOr::T(schema::one_of(kinds, "A kind of event.")))
            .min_items(Some(1))
            .into()
    }
}

impl ToSchema for Types {}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only those of these kinds, with a comma between them.
    #[param(inline, style = Form, explode = false)]
    types: Option<Types>,
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what came after this one: the last that was read.
    #[param(inline)]
    starting_after: Option<EventId>,
}

impl From<FeedError> for Problem {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::NoSuchEvent => Self::invalid(vec![Invalid::of_query(
                "starting_after",
                "invalid",
                "no event of yours has this id: take the id of the last one that was read, or leave it out to begin at the first",
            )]),
            FeedError::Storage(error) => error.into(),
        }
    }
}

/// Read events
///
/// Yours, **oldest first**, from a cursor: go on with `starting_after` = the id of the last one that was read, and nothing is missed.
/// An event is there within a second of what it tells.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "list_events",
    tag = "Events",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of events.", body = List<Event>, example = example_list)),
)]
pub(super) async fn list(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Event>>, Problem> {
    let kinds = asked.types.as_ref().map(|types| types.0.as_slice());
    let limit = asked.limit.unwrap_or_default().number();
    let after = asked.starting_after;
    let page = event_view::feed(&site.engine, caller.partner, kinds, after, limit).await?;
    Ok(Answer(List::of(page, Event::from)))
}

/// Show an event
///
/// One thing that happened.
#[utoipa::path(
    get,
    path = "/v1/events/{id}",
    operation_id = "get_event",
    tag = "Events",
    params(("id" = inline(EventId), Path, description = "The event.")),
    security(("key" = ["read"])),
    responses((status = 200, description = "The event.", body = Event, example = example)),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Id(id): Id<EventId>,
) -> Result<Answer<Event>, Problem> {
    let found = event_view::find(&site.engine, caller.partner, id).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Answer(found.into()))
}
