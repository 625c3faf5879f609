//! `/v1/relationships`: what holds between the partner and its customers, and how the partner ends it.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::caller::{Caller, Manager, Reader};
use super::grants::{self, Grant};
use super::json::Answer;
use super::list::{Limit, List, Query};
use super::problem::{Kind, Problem};
use super::{Id, Site};
use crate::domain::ids::{ContactId, InvitationId, OrganizationId, RelationshipId};
use crate::domain::microsoft::{Cloud, Step, StepState};
use crate::domain::relationship::RelationshipState;
use crate::domain::time::Timestamp;
use crate::storage::listing;
use crate::workflow::end::{self, EndError};
use crate::workflow::mca::Standing;
use crate::workflow::view::{self, RelationshipView};

/// What holds between the partner and an organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Relationship {
    /// Always `relationship`.
    #[schema(pattern = "^relationship$")]
    object: &'static str,
    id: RelationshipId,
    state: RelationshipState,
    /// The kind of partner, as the catalogue calls it. A kind that lives by its roles becomes another one when they are gone.
    #[schema(example = "reseller")]
    partner_type: String,
    /// The version of the catalogue.
    #[schema(example = "2025")]
    catalogue: String,
    organization: Customer,
    /// The invitation by which it was agreed upon last.
    invitation: InvitationId,
    /// Who agreed to it last.
    signer: Option<Signer>,
    /// Its roles, newest first, those among them that ended.
    grants: Vec<Grant>,
    /// What is known of the steps on Microsoft's side.
    steps: Vec<Known>,
    agreement: AgreementStanding,
    /// Since when it holds.
    since: Timestamp,
    /// When it was last agreed upon or changed.
    updated_at: Timestamp,
    /// When it ended.
    ended_at: Option<Timestamp>,
}

/// The customer's organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Customer {
    id: OrganizationId,
    name: String,
    cloud: Cloud,
}

/// Who signed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RelationshipSigner)]
pub(super) struct Signer {
    contact: ContactId,
    /// The name as it was written in the invitation; nothing once the person was erased.
    name: Option<String>,
    /// Nothing once the person was erased.
    email: Option<String>,
}

/// A step on Microsoft's side.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RelationshipStep)]
pub(super) struct Known {
    step: Step,
    state: StepState,
    /// Since when that is known.
    changed_at: Timestamp,
}

/// Whether the customer's consent to the Microsoft Customer Agreement is what is in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct AgreementStanding {
    /// `current`, `older` where a newer text is in force, `missing`, or `not_in_this_cloud`.
    #[schema(example = "current")]
    standing: &'static str,
    /// Whether it keeps the partner from buying and managing subscriptions.
    stands_in_the_way: bool,
    /// The version that was consented to.
    version: Option<String>,
    consented_at: Option<Timestamp>,
}

impl From<&Standing> for AgreementStanding {
    fn from(standing: &Standing) -> Self {
        let consent = standing.consent();
        Self {
            standing: standing.as_str(),
            stands_in_the_way: standing.stands_in_the_way(),
            version: consent.map(|consent| consent.version.clone()),
            consented_at: consent.map(|consent| consent.consented_at),
        }
    }
}

impl From<RelationshipView> for Relationship {
    fn from(view: RelationshipView) -> Self {
        let kept = view.kept;
        let signer = view.signer.map(|signer| {
            let (name, email) = signer.person.unzip();
            Signer {
                contact: signer.contact,
                name,
                email,
            }
        });
        let steps = view.steps.into_iter().map(|known| Known {
            step: known.step,
            state: known.state,
            changed_at: known.changed_at,
        });
        Self {
            object: "relationship",
            id: kept.id,
            state: kept.state,
            partner_type: kept.partner_type,
            catalogue: kept.catalogue,
            organization: Customer {
                id: kept.organization_id,
                name: kept.organization_name,
                cloud: kept.cloud,
            },
            invitation: kept.invitation_id,
            signer,
            grants: view.grants.into_iter().map(Grant::from).collect(),
            steps: steps.collect(),
            agreement: (&view.agreement).into(),
            since: kept.since,
            updated_at: kept.updated_at,
            ended_at: kept.ended_at,
        }
    }
}

fn example() -> Value {
    json!({
        "object": "relationship",
        "id": "rel_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "state": "active",
        "partner_type": "advisor",
        "catalogue": "2025",
        "organization": {
            "id": "org_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "name": "Contoso",
            "cloud": "global"
        },
        "invitation": "inv_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "signer": {
            "contact": "ctc_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "name": "Kim Minsu",
            "email": "kim@contoso.example"
        },
        "grants": [grants::example()],
        "steps": [{"step": "gdap", "state": "unknown", "changed_at": "2026-11-23T09:00:00Z"}],
        "agreement": {
            "standing": "current",
            "stands_in_the_way": false,
            "version": "2024-09",
            "consented_at": "2026-11-23T09:00:00Z"
        },
        "since": "2026-11-23T09:00:00Z",
        "updated_at": "2026-11-23T09:00:00Z",
        "ended_at": null
    })
}

fn example_list() -> Value {
    json!({"object": "list", "data": [example()], "has_more": false})
}

fn example_ended() -> Value {
    let mut shown = example();
    let at = json!("2027-02-01T08:00:00Z");
    for (place, value) in [
        ("/state", json!("ended")),
        ("/updated_at", at.clone()),
        ("/ended_at", at.clone()),
        ("/grants/0/state", json!("ended")),
        ("/grants/0/ended_at", at),
    ] {
        if let Some(field) = shown.pointer_mut(place) {
            *field = value;
        }
    }
    shown
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only those in this state.
    #[param(inline)]
    state: Option<RelationshipState>,
    /// Only those with this organization.
    #[param(inline)]
    organization: Option<OrganizationId>,
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<RelationshipId>,
}

/// List relationships
///
/// Yours, newest first, those among them that ended.
#[utoipa::path(
    get,
    path = "/v1/relationships",
    operation_id = "list_relationships",
    tag = "Relationships",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of relationships.", body = List<Relationship>, example = example_list)),
)]
pub(super) async fn list(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Relationship>>, Problem> {
    let filter = listing::Relationships {
        state: asked.state,
        organization: asked.organization,
    };
    let limit = asked.limit.unwrap_or_default().number();
    let after = asked.starting_after;
    let page = view::relationships(&site.engine, caller.partner, filter, after, limit).await?;
    Ok(Answer(List::of(page, Relationship::from)))
}

/// Show a relationship
///
/// One relationship with its roles, what is known of Microsoft's side, and whether the agreement stands in the way.
#[utoipa::path(
    get,
    path = "/v1/relationships/{id}",
    operation_id = "get_relationship",
    tag = "Relationships",
    params(("id" = inline(RelationshipId), Path, description = "The relationship.")),
    security(("key" = ["read"])),
    responses((status = 200, description = "The relationship.", body = Relationship, example = example)),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Id(id): Id<RelationshipId>,
) -> Result<Answer<Relationship>, Problem> {
    show(&site, &caller, id).await.map(Answer)
}

async fn show(site: &Site, caller: &Caller, id: RelationshipId) -> Result<Relationship, Problem> {
    let found = view::relationship(&site.engine, caller.partner, id).await?;
    found.map(Into::into).ok_or_else(Problem::not_found)
}

impl From<EndError> for Problem {
    fn from(error: EndError) -> Self {
        match error {
            EndError::NotFound => Self::not_found(),
            EndError::Ended { at } => Self::new(
                Kind::Conflict,
                format!(
                    "it has ended already, at {at}; what has ended is agreed upon anew by an invitation"
                ),
            ),
            EndError::Continued(id) => Self::new(
                Kind::Conflict,
                format!("it has become one with {id}, which goes on in its place: end that one"),
            ),
            EndError::Storage(error) => error.into(),
        }
    }
}

/// End a relationship
///
/// Its roles end with it, and both sides are told by mail. This is the record here: access at Microsoft ends only there, and the
/// customer is told how. One that has ended already is a conflict.
#[utoipa::path(
    post,
    path = "/v1/relationships/{id}/end",
    operation_id = "end_relationship",
    tag = "Relationships",
    params(("id" = inline(RelationshipId), Path, description = "The relationship.")),
    security(("key" = ["manage"])),
    responses((status = 200, description = "It has ended.", body = Relationship, example = example_ended)),
)]
pub(super) async fn end(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<RelationshipId>,
) -> Result<Answer<Relationship>, Problem> {
    end::end(&site.engine, id, caller.actor()).await?;
    show(&site, &caller, id).await.map(Answer)
}
