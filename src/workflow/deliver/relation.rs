//! The relationship that an invitation led to, as far as mails tell of it.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::ids::RelationshipId;
use crate::domain::invitation::StateName;
use crate::domain::microsoft::Cloud;
use crate::domain::notice::Granted;
use crate::domain::relationship::RelationshipState;
use crate::domain::time::Timestamp;
use crate::storage::dossier::Dossier;
use crate::storage::grant::Grant;
use crate::storage::{self, Conn, grant, relationship};
use crate::workflow::link::LinkRow;
use crate::workflow::relation::find_many;

/// A relationship with the roles that are granted in it.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The row.
    pub id: RelationshipId,
    /// The key of its type in the catalogue.
    pub partner_type: String,
    /// The cloud of the customer's tenant.
    pub cloud: Cloud,
    /// Since when.
    pub since: Timestamp,
    /// Whether it holds.
    pub is_active: bool,
    /// How often it was agreed upon or changed.
    pub revision: u32,
    /// The roles that are granted now.
    pub grants: Vec<RelationGrant>,
    /// The row of the links of that invitation's signer: nobody is mailed another one's link.
    pub link: LinkRow,
}

/// A role that is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationGrant {
    /// The key of the role in the catalogue.
    pub role: String,
    /// When it was agreed upon.
    pub granted_at: Timestamp,
    /// When it is expected to end.
    pub expected_end: Timestamp,
    /// Whether it extends itself then.
    pub auto_extend: bool,
    /// The revision of the relationship that set its end.
    pub revision: u32,
}

impl Relation {
    /// Its roles, as far as their end matters.
    pub(super) fn granted(&self) -> Vec<Granted> {
        let granted = self.grants.iter().map(|grant| Granted {
            revision: grant.revision,
            ends_at: grant.expected_end,
        });
        granted.collect()
    }
}

/// The relationships that these invitations led to, by the invitation; one statement a kind of row, none where nothing was
/// accepted.
///
/// # Errors
/// The database is away.
pub(super) async fn relations(
    conn: &mut Conn,
    dossiers: &HashMap<Uuid, Arc<Dossier>>,
) -> Result<HashMap<Uuid, Arc<Relation>>, storage::Error> {
    let accepted = dossiers
        .values()
        .filter(|dossier| dossier.state == StateName::Accepted);
    let accepted: Vec<_> = accepted.map(|dossier| dossier.id).collect();
    if accepted.is_empty() {
        return Ok(HashMap::new());
    }
    let pairs = relationship::of_invitations(conn, accepted).await?;
    let ids = pairs.iter().map(|(_, id)| *id);
    let found = find_many(conn, ids).await?;
    let grants = grant::active_of(conn, found.values().map(|row| row.id)).await?;
    let mut relations = HashMap::new();
    for (invitation, id) in pairs {
        let dossier = dossiers.get(&invitation.uuid());
        if let (Some(row), Some(dossier)) = (found.get(&id), dossier) {
            let of_this = grants
                .iter()
                .filter(|grant| grant.relationship_id == row.id);
            let relation = Relation {
                id: row.id,
                partner_type: row.partner_type.clone(),
                cloud: dossier.cloud,
                since: row.since,
                is_active: row.state == RelationshipState::Active,
                revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
                grants: of_this.map(RelationGrant::from).collect(),
                // Of this very invitation: somebody else may have agreed since, with links of their own.
                link: LinkRow::from(&**dossier),
            };
            relations.insert(invitation.uuid(), Arc::new(relation));
        }
    }
    Ok(relations)
}

impl From<&Grant> for RelationGrant {
    fn from(grant: &Grant) -> Self {
        Self {
            role: grant.role.clone(),
            granted_at: grant.granted_at,
            expected_end: grant.expected_end_at,
            auto_extend: grant.auto_extend,
            revision: u32::try_from(grant.revision).unwrap_or(u32::MAX),
        }
    }
}
