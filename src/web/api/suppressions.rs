//! `/v1/suppressions`: mailboxes that the partner has invited and that take no mail from here.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Manager, Reader};
use super::json::{Answer, Json};
use super::list::{Limit, List, Query};
use super::problem::{Kind, Problem};
use super::{Id, Site};
use crate::domain::ids::{ContactId, SuppressionId};
use crate::domain::suppression::{Cause, RemovalReason};
use crate::domain::time::Timestamp;
use crate::storage::listing::{Suppressed, Suppressions};
use crate::workflow::suppression::{self, RemoveError};

/// That a mailbox takes no mail from here, whichever partner asks. Only those of mailboxes that you have invited are shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Suppression {
    /// Always `suppression`.
    #[schema(pattern = "^suppression$")]
    object: &'static str,
    id: SuppressionId,
    contact: ContactId,
    email: String,
    /// `hard_bounce`, `complaint`, `stopped` (its owner wants no mail) or `operator`.
    #[schema(example = "hard_bounce")]
    reason: String,
    /// Whether you may remove it: a bounce, where the address was repaired. The rest an operator alone removes.
    removable: bool,
    created_at: Timestamp,
}

impl From<Suppressed> for Suppression {
    fn from(row: Suppressed) -> Self {
        let cause: Option<Cause> = row.reason.parse().ok();
        Self {
            object: "suppression",
            id: row.id,
            contact: row.contact_id,
            email: row.smtp_address,
            removable: cause.is_some_and(Cause::partner_may_remove),
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

fn example() -> Value {
    json!({
        "object": "suppression",
        "id": "sup_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "contact": "ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "email": "kim@contoso.example",
        "reason": "hard_bounce",
        "removable": true,
        "created_at": "2026-11-22T01:00:04Z"
    })
}

fn example_list() -> Value {
    json!({"object": "list", "data": [example()], "has_more": false})
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only for this reason.
    #[param(inline)]
    reason: Option<Cause>,
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<SuppressionId>,
}

/// List suppressions
///
/// Of mailboxes that you have asked for an answer, newest first. Whether another address takes mail is told by no list.
#[utoipa::path(
    get,
    path = "/v1/suppressions",
    operation_id = "list_suppressions",
    tag = "Suppressions",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of suppressions.", body = List<Suppression>, example = example_list)),
)]
pub(super) async fn list(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Suppression>>, Problem> {
    let filter = Suppressions {
        reason: asked.reason,
    };
    let limit = asked.limit.unwrap_or_default().number();
    let after = asked.starting_after;
    let page = suppression::of_partner(&site.engine, caller.partner, filter, after, limit).await?;
    Ok(Answer(List::of(page, Suppression::from)))
}

/// Why a suppression is removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Removal {
    /// In words. They are kept, and stand in no event.
    #[schema(value_type = String, min_length = 1, max_length = 500)]
    reason: RemovalReason,
}

/// A suppression that is no more.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RemovedSuppression {
    /// Always `suppression`.
    #[schema(pattern = "^suppression$")]
    object: &'static str,
    id: SuppressionId,
    /// Always `true`.
    removed: bool,
}

fn example_removal() -> Value {
    json!({"reason": "the mailbox was full, and has room again"})
}

fn example_removed() -> Value {
    json!({"object": "suppression", "id": "sup_019c3f1e0b7a7c1291d4a5c8f2e6b071", "removed": true})
}

impl From<RemoveError> for Problem {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::NotFound | RemoveError::Erased => Self::not_found(),
            RemoveError::OperatorsAlone(_) => {
                let told = error.to_string();
                let told = told.split_once(": ").map_or(&*told, |(_, told)| told);
                Self::new(Kind::Conflict, told.to_owned())
            }
            RemoveError::Storage(error) => error.into(),
        }
    }
}

/// Remove a suppression
///
/// The mailbox is mailed again, by every partner. Only a bounce may be removed, where its address was repaired; a complaint, or the
/// wish of the mailbox's owner, an operator alone removes. What was not sent meanwhile is sent by a resend.
#[utoipa::path(
    post,
    path = "/v1/suppressions/{id}/remove",
    operation_id = "remove_suppression",
    tag = "Suppressions",
    params(("id" = inline(SuppressionId), Path, description = "The suppression.")),
    security(("key" = ["manage"])),
    request_body(content = Removal, description = "Why.", example = example_removal),
    responses((status = 200, description = "It is removed.", body = RemovedSuppression, example = example_removed)),
)]
pub(super) async fn remove(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<SuppressionId>,
    Json(removal): Json<Removal>,
) -> Result<Answer<RemovedSuppression>, Problem> {
    suppression::remove_by_partner(&site.engine, caller.partner, id, removal.reason).await?;
    Ok(Answer(RemovedSuppression {
        object: "suppression",
        id,
        removed: true,
    }))
}
