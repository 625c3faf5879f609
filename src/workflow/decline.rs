//! The customer says no: to the whole invitation, with a reason if they want to give one.

use super::accept::{cancel_waiting, customer_follow_ups};
use super::link::{Standing, hold};
use super::{Engine, Record, domain_of, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::invitation::{Decline, Refusal, StateName};
use crate::domain::notice::Happening;
use crate::domain::token::Claims;
use crate::storage::{self, invitation};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is recorded.
    Declined,
    /// The invitation ended before, or its time is over; `Declined` when the customer said no before.
    Closed(StateName),
    /// A newer link works.
    Replaced,
    /// Nothing is behind the link.
    Nothing,
}

/// Records the customer's refusal.
///
/// # Errors
/// The database is away: nothing is recorded then.
pub async fn decline(
    engine: &Engine,
    claims: Claims,
    decline: Decline,
) -> Result<Outcome, storage::Error> {
    let step = engine.clone();
    let now = engine.clock.now();
    let outcome = engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(held) = hold(tx, &claims, now).await? else {
                    return Ok(Outcome::Nothing);
                };
                let reason = decline.reason;
                let state = match held.invitation.state().decline(now, Some(decline)) {
                    Ok(state) => state,
                    Err(Refusal::Ended(name)) => return Ok(Outcome::Closed(name)),
                    Err(_) => return Ok(Outcome::Closed(StateName::Expired)),
                };
                match held.standing {
                    Standing::Current => {}
                    Standing::Replaced | Standing::HandedOver => return Ok(Outcome::Replaced),
                    Standing::Expired => return Ok(Outcome::Closed(StateName::Expired)),
                }
                if !invitation::end(tx, held.invitation.id, &state).await? {
                    return Ok(Outcome::Closed(StateName::Declined));
                }
                cancel_waiting(tx, &held, now).await?;
                let partner_domain = domain_of(&held.partner.email);
                let event = Record {
                    invitation: held.invitation.id,
                    partner: held.partner.id,
                    actor: Actor::Contact(held.contact.id),
                    kind: EventKind::InvitationDeclined,
                    data: serde_json::json!({ "reason": reason }),
                    now,
                    follow_ups: Some(customer_follow_ups(
                        &held,
                        Happening::Declined,
                        &partner_domain,
                    )),
                };
                record(tx, event, &step.schedule_of(&held.partner)).await?;
                Ok::<_, storage::Error>(Outcome::Declined)
            })
        })
        .await?;
    if outcome == Outcome::Declined {
        engine.wake().await;
    }
    Ok(outcome)
}
