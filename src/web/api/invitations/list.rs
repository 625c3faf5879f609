//! The list of invitations.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::shape::{Invitation, example};
use crate::domain::address::EmailAddress;
use crate::domain::ids::{InvitationId, OrganizationId};
use crate::domain::invitation::StateName;
use crate::domain::text::Reference;
use crate::domain::time::Timestamp;
use crate::storage::step::{self, KnownStep};
use crate::web::Site;
use crate::web::api::caller::Reader;
use crate::web::api::json::Answer;
use crate::web::api::list::{Limit, List, Query};
use crate::web::api::problem::Problem;
use crate::workflow::view::{self, InvitationFilter};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web::api) struct Asked {
    /// Only those in this state; one whose time is over is `pending` until it is ended, within a minute.
    #[param(inline)]
    state: Option<StateName>,
    /// Only those with this reference of yours.
    #[param(value_type = Option<String>, max_length = 100)]
    reference: Option<Reference>,
    /// Only those that ask this mailbox; case does not count.
    #[param(value_type = Option<String>, format = "email")]
    email: Option<EmailAddress>,
    /// Only those for this organization.
    #[param(inline)]
    organization: Option<OrganizationId>,
    /// Only those made then or later.
    #[param(inline)]
    created_after: Option<Timestamp>,
    /// Only those made before then.
    #[param(inline)]
    created_before: Option<Timestamp>,
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<InvitationId>,
}

fn example_list() -> Value {
    json!({"object": "list", "data": [example()], "has_more": false})
}

/// List invitations
///
/// Yours, newest first. Filters narrow the list together.
#[utoipa::path(
    get,
    path = "/v1/invitations",
    operation_id = "list_invitations",
    tag = "Invitations",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of invitations.", body = List<Invitation>, example = example_list)),
)]
pub(in crate::web::api) async fn list(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Invitation>>, Problem> {
    let filter = InvitationFilter {
        state: asked.state,
        reference: asked.reference.map(|it| it.as_str().to_owned()),
        email: asked.email,
        organization: asked.organization,
        created_after: asked.created_after,
        created_before: asked.created_before,
    };
    let limit = asked.limit.unwrap_or_default().number();
    let engine = &site.engine;
    let after = asked.starting_after;
    let page = view::invitations(engine, caller.partner, &filter, after, limit).await?;
    let mut conn = engine.db.read().await?;
    let mut steps: HashMap<InvitationId, Vec<KnownStep>> = HashMap::new();
    let invitations = page.items.iter().map(|dossier| dossier.id);
    for known in step::of_invitations(&mut conn, invitations).await? {
        steps.entry(known.invitation_id).or_default().push(known);
    }
    drop(conn);
    let now = engine.clock.now();
    let has_more = page.has_more;
    let items: Result<Vec<_>, Problem> = page
        .items
        .into_iter()
        .map(|dossier| {
            let known = steps.remove(&dossier.id).unwrap_or_default();
            Invitation::of(dossier, &known, now)
        })
        .collect();
    let page = view::Page {
        items: items?,
        has_more,
    };
    Ok(Answer(List::of(page, |it| it)))
}
