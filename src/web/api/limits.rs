//! `/v1/limits`: how many invitations may be made, and how many were.

use std::sync::Arc;

use axum::extract;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Reader;
use super::json::Answer;
use super::list::List;
use super::problem::{Kind, Problem};
use crate::domain::limit::{Exceeded, Limit};
use crate::domain::time::Timestamp;
use crate::web::Site;
use crate::workflow::limit::{self, LimitState};

/// A limit of invitations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LimitState)]
pub(super) struct State {
    /// Always `limit`.
    #[schema(pattern = "^limit$")]
    object: &'static str,
    limit: Limit,
    /// How many it lets through in its time.
    #[schema(minimum = 1)]
    size: u32,
    /// How many it has let through; null where it counts what all partners send, which is nobody's to know.
    #[schema(minimum = 0)]
    used: Option<i64>,
    /// When it begins anew.
    resets_at: Timestamp,
}

impl From<LimitState> for State {
    fn from(state: LimitState) -> Self {
        Self {
            object: "limit",
            limit: state.limit,
            size: state.size,
            used: state.used,
            resets_at: state.resets_at,
        }
    }
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        Self {
            retry_after: Some(exceeded.retry_after),
            ..Self::new(Kind::LimitReached, exceeded.sentence())
        }
    }
}

/// List the limits of invitations
///
/// How many invitations this key and its partner may make a day, and have made; and how many mails that it did not ask for one mailbox
/// gets a week, and one mail domain a day, from all partners together. A day is one of UTC, a week begins on Monday. What is without a
/// limit is left out. Requests have a rate of their own, which `RateLimit` tells with every answer.
#[utoipa::path(
    get,
    path = "/v1/limits",
    operation_id = "list_limits",
    tag = "Partner",
    security(("key" = ["read"])),
    responses((status = 200, description = "The limits.", body = List<State>, example = json!({
        "object": "list",
        "data": [
            {"object": "limit", "limit": "per_recipient_week", "size": 20, "used": null, "resets_at": "2026-11-23T00:00:00Z"},
            {"object": "limit", "limit": "per_domain_day", "size": 1000, "used": null, "resets_at": "2026-11-22T00:00:00Z"},
            {"object": "limit", "limit": "per_key_day", "size": 5000, "used": 120, "resets_at": "2026-11-22T00:00:00Z"},
            {"object": "limit", "limit": "per_partner_day", "size": 10000, "used": 431, "resets_at": "2026-11-22T00:00:00Z"}
        ],
        "has_more": false
    }))),
)]
pub(super) async fn list(
    extract::State(site): extract::State<Arc<Site>>,
    Reader(caller): Reader,
) -> Result<Answer<List<State>>, Problem> {
    let states = limit::limits_of(&site.engine, caller.partner, Some(caller.key.id)).await?;
    Ok(Answer(List {
        object: "list",
        data: states.into_iter().map(State::from).collect(),
        has_more: false,
    }))
}
