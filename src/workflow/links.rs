//! The partner supplies Microsoft's links after the invitation was made: the receipt leads the customer on by them.

use super::accept::refused;
use super::link::hold_invitation;
use super::revoke::StepError;
use super::{Engine, Record, record, stored};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::InvitationId;
use crate::domain::invitation::StateName;
use crate::domain::microsoft::Links;
use crate::domain::offer::Offer;
use crate::storage::{invitation, organization};

/// What became of the links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// Whether any of them was another one, or none, before.
    pub changed: bool,
    /// All that the invitation has now.
    pub links: Links,
}

/// Supplies links; each takes the place of the one of its kind, and what `new` lacks stays as it is.
///
/// Nobody is mailed: mails that leave from now on, and the receipt's page, have them.
///
/// # Errors
/// There is no such invitation, it does not ask for what a link leads to, a link leads to another cloud, it was declined, has expired or was taken back,
/// or the database is away.
pub async fn supply(
    engine: &Engine,
    id: InvitationId,
    new: Links,
    actor: Actor,
) -> Result<Supplied, StepError> {
    let work = engine.clone();
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
                match held.invitation.state {
                    StateName::Pending if held.invitation.expires_at <= now => {
                        return Err(StepError::Ended(StateName::Expired));
                    }
                    StateName::Pending | StateName::Accepted => {}
                    ended => return Err(StepError::Ended(ended)),
                }
                let offer: Offer = stored(&held.invitation.offer)?;
                if let Some((_, step)) = new.without_step(offer.steps()).next() {
                    return Err(StepError::NoStepForLink { step });
                }
                let organization = organization::find(tx, held.invitation.organization_id).await?;
                if let Some(other) =
                    organization.and_then(|it| new.of_other_clouds(it.cloud).next())
                {
                    return Err(StepError::LinkOfOtherCloud { other });
                }
                let before: Links = stored(&held.invitation.links)?;
                let links = before.replaced_by(new);
                let changed = links != before;
                if changed {
                    let text = serde_json::to_string(&links).map_err(refused)?;
                    invitation::set_links(tx, id, &text).await?;
                    let event = Record {
                        invitation: id,
                        partner: held.partner.id,
                        actor,
                        kind: EventKind::LinksSupplied,
                        // They name relationships and tenants, and no person.
                        data: serde_json::json!(new),
                        now,
                        follow_ups: None,
                    };
                    record(tx, event, &work.schedule_of(&held.partner)).await?;
                }
                Ok(Supplied { changed, links })
            })
        })
        .await
}
