//! What a partner does with an invitation that was made.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::shape::{Invitation, example};
use super::show;
use crate::domain::address::EmailAddress;
use crate::domain::draft::FieldError;
use crate::domain::ids::InvitationId;
use crate::domain::invitation::StateName;
use crate::domain::microsoft::{PartnersWord, Step};
use crate::domain::person::PersonName;
use crate::web::Site;
use crate::web::api::Id;
use crate::web::api::caller::{Inviter, Manager};
use crate::web::api::json::{Answer, Json};
use crate::web::api::problem::{Invalid, Kind, Problem};
use crate::workflow::people::{self, Correction};
use crate::workflow::revoke::{self, StepError};
use crate::workflow::{resend, steps};

impl From<StepError> for Problem {
    fn from(error: StepError) -> Self {
        let conflict = |detail: String| Self::new(Kind::Conflict, detail);
        match error {
            StepError::NotFound => Self::not_found(),
            StepError::Ended(state) => conflict(format!(
                "the invitation is {state} already, and that does not change any more"
            )),
            StepError::NotAccepted(state) => conflict(format!(
                "the invitation is {state}, and only an acceptance leaves evidence"
            )),
            StepError::Erased => Self::new(
                Kind::Gone,
                "the evidence of its acceptance was erased with its signer",
            ),
            StepError::Suppressed(reason) => conflict(format!(
                "its recipient's address takes no mail from here ({reason}): correct it to another one"
            )),
            StepError::Limit(exceeded) => exceeded.into(),
            StepError::NotTheCustomer => Self::invalid(vec![Invalid::at(
                "/state",
                "refused",
                "only the customer says `said_by_customer`, on the receipt",
            )]),
            StepError::NoSuchStep(_) => Self::invalid(vec![Invalid::at(
                "/step",
                "refused",
                "this invitation asks for no such step at Microsoft: its `steps` lists those that it asks for",
            )]),
            StepError::NoStepForLink { .. } | StepError::LinkOfOtherCloud { .. } => {
                conflict(error.to_string())
            }
            StepError::Field(FieldError { field, message }) => {
                Self::invalid(vec![Invalid::at(format!("/{field}"), "refused", message)])
            }
            StepError::Storage(error) => error.into(),
        }
    }
}

/// Send an invitation again
///
/// A pending one gets a new link, and the older ones end; the reminders start over. In the place of an expired one a new one is made,
/// which is the answer. While its mail is still on its way, nothing more is sent.
#[utoipa::path(
    post,
    path = "/v1/invitations/{id}/resend",
    operation_id = "resend_invitation",
    tag = "Invitations",
    params(("id" = inline(InvitationId), Path, description = "The invitation.")),
    security(("key" = ["invite"])),
    responses((status = 200, description = "The invitation that was sent.", body = Invitation, example = example)),
)]
pub(in crate::web::api) async fn resend(
    State(site): State<Arc<Site>>,
    Inviter(caller): Inviter,
    Id(id): Id<InvitationId>,
) -> Result<Answer<Invitation>, Problem> {
    let sent = resend::resend(&site.engine, id, caller.actor()).await?;
    show(&site, &caller, sent).await.map(Answer)
}

fn example_revoked() -> Value {
    let mut shown = example();
    shown["state"] = json!("revoked");
    shown["ended_at"] = json!("2026-11-23T09:00:00Z");
    shown
}

/// Revoke an invitation
///
/// Takes a pending one back: its links stop working, and nobody is mailed. One that was revoked before is answered with as it is; any
/// other end stays as it is, and is a conflict.
#[utoipa::path(
    post,
    path = "/v1/invitations/{id}/revoke",
    operation_id = "revoke_invitation",
    tag = "Invitations",
    params(("id" = inline(InvitationId), Path, description = "The invitation.")),
    security(("key" = ["invite"])),
    responses((status = 200, description = "It is revoked.", body = Invitation, example = example_revoked)),
)]
pub(in crate::web::api) async fn revoke(
    State(site): State<Arc<Site>>,
    Inviter(caller): Inviter,
    Id(id): Id<InvitationId>,
) -> Result<Answer<Invitation>, Problem> {
    match revoke::revoke(&site.engine, id, caller.actor()).await {
        Ok(()) | Err(StepError::Ended(StateName::Revoked)) => {}
        Err(error) => return Err(error.into()),
    }
    show(&site, &caller, id).await.map(Answer)
}

/// How a step on Microsoft's side stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct Mark {
    step: Step,
    state: PartnersWord,
}

fn example_mark() -> Value {
    json!({"step": "relationship", "state": "confirmed"})
}

fn example_marked() -> Value {
    let mut shown = example();
    shown["state"] = json!("accepted");
    shown["ended_at"] = json!("2026-11-23T09:00:00Z");
    shown["steps"][1] = json!({
        "step": "relationship",
        "state": "confirmed",
        "changed_at": "2026-11-24T02:00:00Z"
    });
    shown
}

/// Mark a step on Microsoft's side
///
/// Says how a step stands that the customer takes at Microsoft. It is recorded as said by the partner, apart from what the customer
/// says. The time of roles counts from when their approval (`gdap`) is known.
#[utoipa::path(
    post,
    path = "/v1/invitations/{id}/steps",
    operation_id = "mark_step",
    tag = "Invitations",
    params(("id" = inline(InvitationId), Path, description = "The invitation.")),
    security(("key" = ["manage"])),
    request_body(content = Mark, description = "Which step, and how it stands.", example = example_mark),
    responses((status = 200, description = "The invitation with its steps.", body = Invitation, example = example_marked)),
)]
pub(in crate::web::api) async fn mark(
    State(site): State<Arc<Site>>,
    Manager(caller): Manager,
    Id(id): Id<InvitationId>,
    Json(mark): Json<Mark>,
) -> Result<Answer<Invitation>, Problem> {
    steps::mark(
        &site.engine,
        id,
        mark.step,
        mark.state.into(),
        caller.actor(),
    )
    .await?;
    show(&site, &caller, id).await.map(Answer)
}

/// Another address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct NewAddress {
    /// Where the mail goes from now on.
    #[schema(format = "email")]
    email: String,
    /// Another name, if that was wrong, too.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
}

fn example_address() -> Value {
    json!({"email": "kim.minsu@contoso.example"})
}

fn example_corrected() -> Value {
    let mut shown = example();
    shown["recipient"]["email"] = json!("kim.minsu@contoso.example");
    shown
}

/// Correct the address of an invitation
///
/// A pending invitation goes to another mailbox: a new link is mailed there, and the old one ends.
#[utoipa::path(
    post,
    path = "/v1/invitations/{id}/correct",
    operation_id = "correct_invitation",
    tag = "Invitations",
    params(("id" = inline(InvitationId), Path, description = "The invitation.")),
    security(("key" = ["invite"])),
    request_body(content = NewAddress, description = "The address, and the name if that was wrong.", example = example_address),
    responses((status = 200, description = "The invitation with its new recipient.", body = Invitation, example = example_corrected)),
)]
pub(in crate::web::api) async fn correct(
    State(site): State<Arc<Site>>,
    Inviter(caller): Inviter,
    Id(id): Id<InvitationId>,
    Json(to): Json<NewAddress>,
) -> Result<Answer<Invitation>, Problem> {
    let mut errors = Vec::new();
    let mut wrong = |at: &str, error: &dyn std::error::Error| {
        errors.push(Invalid::at(at, "invalid", error.to_string()));
    };
    let email = to.email.trim().parse::<EmailAddress>();
    let email = email.map_err(|error| wrong("/email", &error)).ok();
    let name = to.name.as_deref().map(str::parse::<PersonName>).transpose();
    let name = name.map_err(|error| wrong("/name", &error)).ok();
    let (Some(email), Some(name)) = (email, name) else {
        return Err(Problem::invalid(errors));
    };
    let to = Correction {
        email,
        name,
        force: false,
    };
    people::correct(&site.engine, id, to, caller.actor()).await?;
    show(&site, &caller, id).await.map(Answer)
}
