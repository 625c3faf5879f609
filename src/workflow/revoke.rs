//! The partner takes an invitation back: its links stop working, nobody is mailed.

use super::accept::cancel_waiting;
use super::link::hold_invitation;
use super::{Engine, Record, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::FieldError;
use crate::domain::ids::InvitationId;
use crate::domain::invitation::{Refusal, StateName};
use crate::domain::limit::Exceeded;
use crate::domain::microsoft::{Links, OtherCloud, Step};
use crate::storage::{self, invitation};

/// Why a partner's step was not done.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// There is no such invitation, or it is another partner's.
    #[error(
        "invitation: there is none with this id; `countersign invitation list` shows those that there are"
    )]
    NotFound,
    /// It ended before.
    #[error("invitation: it is {0} already, and that does not change any more")]
    Ended(StateName),
    /// There is no acceptance that could be shown.
    #[error("invitation: it is {0}, and only an acceptance leaves evidence")]
    NotAccepted(StateName),
    /// Its evidence was erased with its signer.
    #[error(
        "invitation: the evidence of its acceptance was erased with its signer; the audit record keeps its hash"
    )]
    Erased,
    /// The address is left alone.
    #[error("invitation: its recipient's address takes no mail from here ({0})")]
    Suppressed(String),
    /// As many mails as may be go there already.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// Somebody else would speak for the customer.
    #[error(
        "state: only the customer says `said_by_customer`, on the receipt; record `said_by_partner` or `confirmed`"
    )]
    NotTheCustomer,
    /// What is offered does not ask for it.
    #[error(
        "step: this invitation asks for no `{0}` at Microsoft; `countersign invitation show` lists its steps"
    )]
    NoSuchStep(Step),
    /// What is offered does not ask for what the link leads to.
    #[error(
        "{}: this invitation asks for no `{step}` at Microsoft, so that no page would show the link",
        Links::field(*step)
    )]
    NoStepForLink {
        /// The step that the link leads to.
        step: Step,
    },
    /// A field has to be mended.
    #[error("{0}")]
    Field(FieldError),
    /// A link leads to the admin center of another cloud than the customer's.
    #[error("{}: {other}", .other.field)]
    LinkOfOtherCloud {
        /// Which, and where to.
        other: OtherCloud,
    },
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Takes an invitation back.
///
/// # Errors
/// There is none, it ended before, or the database is away.
pub async fn revoke(engine: &Engine, id: InvitationId, actor: Actor) -> Result<(), StepError> {
    let step = engine.clone();
    let now = engine.clock.now();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let held = hold_invitation(tx, id).await?.ok_or(StepError::NotFound)?;
                if let Actor::Partner(partner) = actor
                    && partner != held.partner.id
                {
                    return Err(StepError::NotFound);
                }
                let state = held
                    .invitation
                    .state()
                    .revoke(now)
                    .map_err(|refusal| ended(&refusal))?;
                if !invitation::end(tx, id, &state).await? {
                    return Err(StepError::Ended(StateName::Revoked));
                }
                cancel_waiting(tx, &held, now).await?;
                let event = Record {
                    invitation: id,
                    partner: held.partner.id,
                    actor,
                    kind: EventKind::InvitationRevoked,
                    data: serde_json::json!({}),
                    now,
                    follow_ups: None,
                };
                record(tx, event, &step.schedule_of(&held.partner)).await?;
                Ok(())
            })
        })
        .await
}

fn ended(refusal: &Refusal) -> StepError {
    match refusal {
        Refusal::Ended(name) => StepError::Ended(*name),
        Refusal::Expired | Refusal::NotExpired => StepError::Ended(StateName::Expired),
    }
}
