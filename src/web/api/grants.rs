//! `/v1/grants`: the roles that were granted, each for a time.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::Id;
use super::caller::Reader;
use super::json::Answer;
use super::list::{Limit, List, Query};
use super::problem::Problem;
use crate::domain::ids::{AcceptanceId, GrantId, RelationshipId};
use crate::domain::relationship::GrantState;
use crate::domain::time::Timestamp;
use crate::storage::{grant, listing};
use crate::web::Site;
use crate::workflow::view;

/// One delegated-admin role, for a time. It is what was agreed upon here: at Microsoft the customer approves it by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Grant {
    /// Always `grant`.
    #[schema(pattern = "^grant$")]
    object: &'static str,
    id: GrantId,
    relationship: RelationshipId,
    /// By which acceptance: the id of a consent.
    consent: AcceptanceId,
    /// The role, as the catalogue calls it.
    #[schema(example = "helpdesk_administrator")]
    role: String,
    state: GrantState,
    /// For how long: ISO 8601.
    #[schema(example = "P1Y")]
    duration: String,
    granted_at: Timestamp,
    /// When it became active at Microsoft, as far as somebody said.
    activated_at: Option<Timestamp>,
    /// When it is expected to end: counted from activation, or from consent until that is known.
    expected_end_at: Timestamp,
    /// Whether its end moves by 180 days each time that it is reached.
    auto_extend: bool,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

impl From<grant::Grant> for Grant {
    fn from(row: grant::Grant) -> Self {
        Self {
            object: "grant",
            id: row.id,
            relationship: row.relationship_id,
            consent: row.acceptance_id,
            role: row.role,
            state: row.state,
            duration: row.duration.to_string(),
            granted_at: row.granted_at,
            activated_at: row.activated_at,
            expected_end_at: row.expected_end_at,
            auto_extend: row.auto_extend,
            ended_at: row.ended_at,
        }
    }
}

/// A grant, as answers are shown.
pub(super) fn example() -> Value {
    json!({
        "object": "grant",
        "id": "grt_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "relationship": "rel_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "consent": "acc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "role": "helpdesk_administrator",
        "state": "active",
        "duration": "P1Y",
        "granted_at": "2026-11-23T09:00:00Z",
        "activated_at": null,
        "expected_end_at": "2027-11-23T09:00:00Z",
        "auto_extend": false,
        "ended_at": null
    })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only those in this relationship.
    #[param(inline)]
    relationship: Option<RelationshipId>,
    /// Only those in this state.
    #[param(inline)]
    state: Option<GrantState>,
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<GrantId>,
}

fn example_list() -> Value {
    json!({"object": "list", "data": [example()], "has_more": false})
}

/// List grants
///
/// The roles that customers granted, newest first, those among them that ended.
#[utoipa::path(
    get,
    path = "/v1/grants",
    operation_id = "list_grants",
    tag = "Relationships",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of grants.", body = List<Grant>, example = example_list)),
)]
pub(super) async fn list(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Grant>>, Problem> {
    let filter = listing::Grants {
        state: asked.state,
        relationship: asked.relationship,
    };
    let limit = asked.limit.unwrap_or_default().number();
    let after = asked.starting_after;
    let page = view::grants(&site.engine, caller.partner, filter, after, limit).await?;
    Ok(Answer(List::of(page, Grant::from)))
}

/// Show a grant
///
/// One role that a customer granted.
#[utoipa::path(
    get,
    path = "/v1/grants/{id}",
    operation_id = "get_grant",
    tag = "Relationships",
    params(("id" = inline(GrantId), Path, description = "The grant.")),
    security(("key" = ["read"])),
    responses((status = 200, description = "The grant.", body = Grant, example = example)),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Id(id): Id<GrantId>,
) -> Result<Answer<Grant>, Problem> {
    let found = view::grant(&site.engine, caller.partner, id).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Answer(found.into()))
}
