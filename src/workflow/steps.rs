//! Somebody says how a step on Microsoft's side stands. What is said there is kept apart from our own record.

use super::link::{hold, hold_invitation};
use super::relation::{activate, find};
use super::revoke::StepError;
use super::{Engine, Record, record, stored};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::InvitationId;
use crate::domain::invitation::StateName;
use crate::domain::microsoft::{Step, StepState};
use crate::domain::offer::Offer;
use crate::domain::token::{Claims, Purpose};
use crate::storage::partner::Partner;
use crate::storage::{self, Tx, acceptance, step};

/// The partner, or an operator, says how a step stands.
///
/// # Errors
/// There is no such invitation, it does not ask for the step, only the customer could say so, or the database is away.
pub async fn mark(
    engine: &Engine,
    id: InvitationId,
    step: Step,
    state: StepState,
    actor: Actor,
) -> Result<(), StepError> {
    let work = engine.clone();
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
                if state == StepState::SaidByCustomer {
                    return Err(StepError::NotTheCustomer);
                }
                let offer: Offer = stored(&held.invitation.offer)?;
                // Roles can be taken away wherever they were asked for.
                let asked = if step == Step::RolesRemoved {
                    Step::Gdap
                } else {
                    step
                };
                if !offer.steps().any(|known| known == asked) {
                    return Err(StepError::NoSuchStep(step));
                }
                write(tx, &work, id, &held.partner, step, state, actor).await?;
                Ok(())
            })
        })
        .await
}

/// The customer says that a step is done; `false` when nothing accepted is behind the link.
///
/// # Errors
/// The database is away.
pub async fn done_by_customer(
    engine: &Engine,
    claims: Claims,
    step: Step,
) -> Result<bool, storage::Error> {
    let work = engine.clone();
    let now = engine.clock.now();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(held) = hold(tx, &claims, now).await? else {
                    return Ok(false);
                };
                if held.invitation.state != StateName::Accepted {
                    return Ok(false);
                }
                let invitation = meant(tx, &claims, held.invitation.id).await?;
                let known = step::of_invitations(tx, [invitation]).await?;
                let Some(known) = known.iter().find(|known| known.step == step) else {
                    return Ok(false);
                };
                // Who knows better is not contradicted by a second click.
                if known.state < StepState::SaidByCustomer {
                    let actor = Actor::Contact(held.contact.id);
                    let said = StepState::SaidByCustomer;
                    write(tx, &work, invitation, &held.partner, step, said, actor).await?;
                }
                Ok::<_, storage::Error>(true)
            })
        })
        .await
}

/// Which invitation's steps a link shows: a receipt those of its own, a manage link those of the invitation by which the
/// relationship was agreed upon last.
async fn meant(
    tx: &mut Tx,
    claims: &Claims,
    own: InvitationId,
) -> Result<InvitationId, storage::Error> {
    if claims.purpose != Purpose::Manage {
        return Ok(own);
    }
    let accepted = acceptance::of_invitation(tx, own).await?;
    let Some(id) = accepted.and_then(|accepted| accepted.relationship_id) else {
        return Ok(own);
    };
    Ok(find(tx, id).await?.map_or(own, |found| found.invitation_id))
}

async fn write(
    tx: &mut Tx,
    engine: &Engine,
    invitation: InvitationId,
    partner: &Partner,
    step: Step,
    state: StepState,
    actor: Actor,
) -> Result<(), storage::Error> {
    let now = engine.clock.now();
    step::mark(tx, invitation, step, state, now).await?;
    if step == Step::Gdap && state != StepState::Unknown {
        let accepted = acceptance::of_invitation(tx, invitation).await?;
        if let Some((relationship, acceptance)) =
            accepted.and_then(|accepted| Some((accepted.relationship_id?, accepted.id)))
        {
            activate(tx, engine, relationship, acceptance, actor, now).await?;
        }
    }
    let event = Record {
        invitation,
        partner: partner.id,
        actor,
        kind: EventKind::StepMarked,
        data: serde_json::json!({ "step": step, "state": state }),
        now,
        follow_ups: None,
    };
    record(tx, event, &engine.schedule_of(partner)).await
}
