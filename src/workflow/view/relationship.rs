//! Relationships, each with its roles, with what is known of Microsoft's side, and whether the agreement stands in the way.

use std::collections::HashMap;

use super::{Page, more_than};
use crate::domain::erasure::is_erased;
use crate::domain::ids::{ContactId, PartnerId, RelationshipId};
use crate::storage::dossier::Dossier;
use crate::storage::grant::Grant;
use crate::storage::listing::{self, Relationships};
use crate::storage::relationship::Kept;
use crate::storage::step::KnownStep;
use crate::storage::{self, Conn, dossier, step};
use crate::workflow::Engine;
use crate::workflow::mca::{self, Standing};

/// A relationship as its partner sees it.
#[derive(Clone)]
pub struct RelationshipView {
    /// It, and with which organization.
    pub kept: Kept,
    /// Who agreed to it last.
    pub signer: Option<Signer>,
    /// Its roles, also those that ended; newest first.
    pub grants: Vec<Grant>,
    /// What is known of Microsoft's side.
    pub steps: Vec<KnownStep>,
    /// Whether the agreement is accepted as it is in force.
    pub agreement: Standing,
}

/// Somebody of the customer.
#[derive(Clone)]
pub struct Signer {
    /// Their mailbox.
    pub contact: ContactId,
    /// Their name as the partner wrote it and address; none once they were erased.
    pub person: Option<(String, String)>,
}

impl From<&Dossier> for Signer {
    fn from(dossier: &Dossier) -> Self {
        let person = (dossier.recipient_name.clone(), dossier.smtp_address.clone());
        Self {
            contact: dossier.contact_id,
            person: (!is_erased(&dossier.address)).then_some(person),
        }
    }
}

/// The relationships of a partner after that one, newest first.
///
/// # Errors
/// The database is away.
pub async fn relationships(
    engine: &Engine,
    partner: PartnerId,
    filter: Relationships,
    after: Option<RelationshipId>,
    limit: u16,
) -> Result<Page<RelationshipView>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let found = listing::relationships(&mut conn, partner, filter, after, more_than(limit)).await?;
    let page = Page::of(found, limit);
    Ok(Page {
        items: viewed(engine, &mut conn, partner, page.items).await?,
        has_more: page.has_more,
    })
}

/// One relationship of a partner, if it has it.
///
/// # Errors
/// The database is away.
pub async fn relationship(
    engine: &Engine,
    partner: PartnerId,
    id: RelationshipId,
) -> Result<Option<RelationshipView>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let found = listing::relationship(&mut conn, partner, id).await?;
    let found = found.into_iter().collect();
    Ok(viewed(engine, &mut conn, partner, found).await?.pop())
}

/// One statement a kind of row, however many relationships.
async fn viewed(
    engine: &Engine,
    conn: &mut Conn,
    partner: PartnerId,
    kept: Vec<Kept>,
) -> Result<Vec<RelationshipView>, storage::Error> {
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let ids = kept.iter().map(|kept| kept.id);
    let mut grants: HashMap<RelationshipId, Vec<Grant>> = HashMap::new();
    for grant in listing::grants_of(conn, partner, ids).await? {
        let of_one = grants.entry(grant.relationship_id).or_default();
        of_one.push(grant);
    }
    let invitations = || kept.iter().map(|kept| kept.invitation_id);
    let mut steps: HashMap<_, Vec<KnownStep>> = HashMap::new();
    for known in step::of_invitations(conn, invitations()).await? {
        steps.entry(known.invitation_id).or_default().push(known);
    }
    let dossiers = dossier::of_invitations(conn, invitations()).await?;
    let signers: HashMap<_, Signer> = dossiers.iter().map(|row| (row.id, row.into())).collect();
    let organizations = kept.iter().map(|it| (it.organization_id, it.cloud));
    let now = engine.clock.now();
    let standings = mca::standings(conn, organizations, now).await?;
    let views = kept.into_iter().map(|kept| RelationshipView {
        signer: signers.get(&kept.invitation_id).cloned(),
        grants: grants.remove(&kept.id).unwrap_or_default(),
        // Two may have been agreed upon by one invitation's successors.
        steps: steps.get(&kept.invitation_id).cloned().unwrap_or_default(),
        agreement: standings
            .get(&kept.organization_id)
            .cloned()
            .unwrap_or(Standing::Missing),
        kept,
    });
    Ok(views.collect())
}
