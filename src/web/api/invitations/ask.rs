//! An invitation as a partner's program asks for it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::shape::{Invitation, example};
use super::show;
use crate::domain::draft::{Draft, FieldError, OrganizationKind, Source};
use crate::domain::limit::Exceeded;
use crate::domain::microsoft::Cloud;
use crate::web::Site;
use crate::web::api::caller::{Caller, Inviter};
use crate::web::api::idempotent::IdempotencyKey;
use crate::web::api::json::Json;
use crate::web::api::problem::{Invalid, Kind, Problem};
use crate::workflow::invite::{self, InviteError, Item, Outcome, Trigger};
use crate::workflow::mailbox::MailboxRefusal;

/// An invitation that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct NewInvitation {
    organization: NewOrganization,
    recipient: NewRecipient,
    offer: NewOffer,
    /// Microsoft's pages that the customer is led to, as Partner Center shows them.
    links: Option<NewLinks>,
    /// The language of its mails and pages, BCP 47: the contact's where it is known, else the partner's.
    #[schema(example = "en", max_length = 35)]
    language: Option<String>,
    /// The IANA time zone in which its days are counted: the contact's where it is known, else the organization's, else the partner's.
    #[schema(example = "Asia/Seoul", max_length = 64)]
    time_zone: Option<String>,
    /// A few words to the customer, without links.
    #[schema(max_length = 500)]
    note: Option<String>,
    /// Your own reference, by which lists can be filtered.
    #[schema(max_length = 100, example = "crm-4711")]
    reference: Option<String>,
    /// For how many days it can be accepted; the operator's setting where nothing is said.
    #[schema(minimum = 1, maximum = 90)]
    expires_in_days: Option<u16>,
    /// Addresses of those who may read along, and not answer: five at most.
    #[serde(default)]
    #[schema(max_items = 5)]
    viewers: Vec<String>,
}

/// The customer's organization. One with the same name in the same cloud is the same one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct NewOrganization {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What kind of customer it is: an organization, where nothing is said.
    kind: Option<OrganizationKind>,
    /// Where its tenant lives: the global cloud, where nothing is said.
    cloud: Option<Cloud>,
}

/// Who is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct NewRecipient {
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Where the mail goes: not to the partner's own domain.
    #[schema(format = "email")]
    email: String,
}

/// What is offered: a relationship, with roles or without, the agreement, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct NewOffer {
    /// The kind of partner; without one, the agreement alone is offered.
    #[schema(example = "reseller")]
    partner_type: Option<String>,
    /// Delegated-admin roles: those of the partner type where nothing is said, none for an empty list.
    roles: Option<Vec<String>>,
    /// How long the roles are granted, ISO 8601, P1D to P2Y: a year where nothing is said.
    #[schema(example = "P1Y")]
    duration: Option<String>,
    /// Whether the customer may let the roles extend themselves.
    #[serde(default)]
    auto_extend: bool,
    /// Whether the Microsoft Customer Agreement is to be accepted.
    #[serde(default)]
    agreement: bool,
}

/// Microsoft's pages.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct NewLinks {
    /// To approve delegated-admin roles.
    gdap: Option<String>,
    /// To approve the relationship.
    reseller: Option<String>,
    /// To accept the Microsoft Customer Agreement.
    mca: Option<String>,
}

impl From<NewInvitation> for Draft {
    fn from(asked: NewInvitation) -> Self {
        let links = asked.links.unwrap_or_default();
        Self {
            organization: asked.organization.name,
            organization_kind: asked.organization.kind.map(|kind| kind.to_string()),
            cloud: asked.organization.cloud.map(|cloud| cloud.to_string()),
            name: asked.recipient.name,
            email: asked.recipient.email,
            partner_type: asked.offer.partner_type,
            roles: asked.offer.roles,
            duration: asked.offer.duration,
            auto_extend: asked.offer.auto_extend,
            agreement: asked.offer.agreement,
            language: asked.language,
            time_zone: asked.time_zone,
            note: asked.note,
            reference: asked.reference,
            gdap_link: links.gdap,
            reseller_link: links.reseller,
            mca_link: links.mca,
            expires_in_days: asked.expires_in_days,
            force: false,
            viewers: asked.viewers,
        }
    }
}

/// Where a field of a draft stands in the body.
pub(in crate::web::api) fn pointer(field: &str) -> String {
    match field {
        "organization" => "/organization/name",
        "organization_kind" => "/organization/kind",
        "cloud" => "/organization/cloud",
        "name" => "/recipient/name",
        "email" => "/recipient/email",
        "duration" => "/offer/duration",
        "gdap_link" => "/links/gdap",
        "reseller_link" => "/links/reseller",
        "mca_link" => "/links/mca",
        other => return format!("/{other}"),
    }
    .to_owned()
}

fn invalid(error: FieldError) -> Invalid {
    Invalid::at(pointer(error.field), "invalid", error.message)
}

/// Where the field stands that a limit is about; nothing for one that is about who asks.
fn pointer_of_limit(exceeded: &Exceeded) -> Option<String> {
    matches!(exceeded.field, "email" | "viewers").then(|| pointer(exceeded.field))
}

/// What is wrong with an invitation that was refused by itself, in its own object.
///
/// # Errors
/// What is wrong with the whole request.
pub(in crate::web::api) fn faults(error: InviteError) -> Result<Vec<Invalid>, Problem> {
    let whole = |detail: String| Ok(vec![Invalid::at("", "refused", detail)]);
    match error {
        InviteError::Fields(errors) => Ok(errors.into_iter().map(invalid).collect()),
        InviteError::Mailbox(refusal) => Ok(vec![refused(&refusal, &pointer("email"))]),
        InviteError::Limit(exceeded) => {
            let at = pointer_of_limit(&exceeded).unwrap_or_default();
            Ok(vec![Invalid::at(at, "limit", exceeded.sentence())])
        }
        InviteError::KnownOrganization | InviteError::KeyReused => whole(error.to_string()),
        InviteError::NoPartner | InviteError::TooMany | InviteError::Storage(_) => {
            Err(error.into())
        }
    }
}

/// Why a mailbox is not asked. The interface cannot insist.
pub(super) fn refused(refusal: &MailboxRefusal, at: &str) -> Invalid {
    let detail = match refusal {
        MailboxRefusal::OwnDomain => {
            "it is at the partner's own domain, and a partner cannot consent for its customer: ask at the customer's address".to_owned()
        }
        MailboxRefusal::Suppressed(reason) => {
            format!("this address takes no mail from here ({reason}): ask the customer for another one")
        }
    };
    Invalid::at(at, "refused", detail)
}

impl From<InviteError> for Problem {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Fields(_) | InviteError::Mailbox(_) => match faults(error) {
                Ok(errors) => Self::invalid(errors),
                Err(problem) => problem,
            },
            InviteError::Limit(exceeded) => {
                let at = pointer_of_limit(&exceeded);
                let error = at.map(|at| Invalid::at(at, "limit", exceeded.sentence()));
                Self {
                    errors: error.into_iter().collect(),
                    ..Self::from(exceeded)
                }
            }
            InviteError::TooMany => Self::invalid(vec![Invalid::at(
                "/invitations",
                "invalid",
                format!(
                    "at most {} are made in one call: send the rest in another one",
                    invite::MOST
                ),
            )]),
            InviteError::KnownOrganization => Self::new(Kind::Conflict, error.to_string()),
            InviteError::NoPartner => Self::not_found(),
            InviteError::KeyReused => Self::new(
                Kind::IdempotencyKeyReused,
                "this `Idempotency-Key` was used for another invitation: take a new key for a new one",
            ),
            InviteError::Storage(error) => error.into(),
        }
    }
}

/// The trigger of invitations that a caller asks for.
pub(in crate::web::api) fn trigger(caller: &Caller) -> Trigger {
    Trigger {
        partner: caller.partner,
        source: Source::Api,
        actor: caller.actor(),
        api_key: Some(caller.key.id),
        asked_for: false,
    }
}

pub(in crate::web::api) fn example_body() -> Value {
    json!({
        "organization": {"name": "Contoso"},
        "recipient": {"name": "Kim Minsu", "email": "kim@contoso.example"},
        "offer": {"partner_type": "reseller", "agreement": true},
        "reference": "crm-4711"
    })
}

/// What a request for an invitation is answered with.
pub(in crate::web::api) struct Asked {
    is_new: bool,
    invitation: Invitation,
}

impl IntoResponse for Asked {
    fn into_response(self) -> Response {
        let status = if self.is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        let place = format!("/v1/invitations/{}", self.invitation.id());
        let mut response = (status, axum::Json(self.invitation)).into_response();
        if let Ok(place) = HeaderValue::from_str(&place) {
            response.headers_mut().insert(LOCATION, place);
        }
        response
    }
}

/// Make an invitation
///
/// Puts the mail to the customer into the queue, with the reminders after it. Where the same offer waits in the same mailbox already,
/// that invitation is the answer, with the status 200, and nothing is mailed.
///
/// A recipient who takes no mail from here, or who is at the partner's own domain, is refused. One more than a limit lets through is
/// answered with 429 and `limit-reached`: `GET /v1/limits` shows the limits.
#[utoipa::path(
    post,
    path = "/v1/invitations",
    operation_id = "create_invitation",
    tag = "Invitations",
    security(("key" = ["invite"])),
    request_body(content = NewInvitation, description = "Who is asked for what.", example = example_body),
    responses(
        (status = 201, description = "It was made.", body = Invitation, example = example),
        (status = 200, description = "The same offer waits in the same mailbox already: nothing was mailed.", body = Invitation, example = example),
    ),
)]
pub(in crate::web::api) async fn create(
    State(site): State<Arc<Site>>,
    Inviter(caller): Inviter,
    key: IdempotencyKey,
    Json(asked): Json<NewInvitation>,
) -> Result<Asked, Problem> {
    let request = Draft::from(asked).check().map_err(InviteError::Fields)?;
    let item = Item {
        request,
        // Apart from those of files and of the command line.
        idempotency_key: key.0.map(|key| format!("api:{key}")),
    };
    let outcome = invite::invite(&site.engine, trigger(&caller), item).await?;
    Ok(Asked {
        is_new: !matches!(outcome, Outcome::AlreadyPending(_)),
        invitation: show(&site, &caller, outcome.id()).await?,
    })
}
