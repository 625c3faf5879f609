//! What a customer agreed to with a partner before, against what is asked now.

use super::invite::AGREEMENT;
use crate::domain::novelty::{Consented, Held, Novelty};
use crate::domain::offer::Offer;
use crate::storage::dossier::Dossier;
use crate::storage::{self, Conn, acceptance, grant, relationship};

/// What an invitation would change; `None` where nothing was agreed upon between the two before.
///
/// # Errors
/// The database is away, or the stored offer does not read back.
pub async fn of(conn: &mut Conn, dossier: &Dossier) -> Result<Option<Novelty>, storage::Error> {
    let offer: Offer = super::facts::offer(dossier)?;
    let (partner, organization) = (dossier.partner_id, dossier.organization_id);
    let active = relationship::active_between(conn, partner, organization).await?;
    let grants = grant::active_of(conn, active.iter().map(|it| it.id)).await?;
    let held = active.iter().map(|relationship| Held {
        partner_type: relationship.partner_type.clone(),
        since: relationship.since,
        roles: grants
            .iter()
            .filter(|grant| grant.relationship_id == relationship.id)
            .map(|grant| (grant.role.clone(), grant.expected_end_at))
            .collect(),
    });
    let held: Vec<_> = held.collect();
    let consents = acceptance::consents_of(conn, AGREEMENT, [organization]).await?;
    let consented = consents.into_iter().last().map(|consent| Consented {
        version: consent.version,
        at: consent.consented_at,
    });
    Ok(Novelty::of(&offer, &held, consented))
}
