//! The relationship that an invitation led to, as far as mails tell of it.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::ids::{InvitationId, RelationshipId};
use crate::domain::microsoft::Cloud;
use crate::domain::notice::Granted;
use crate::domain::relationship::RelationshipState;
use crate::domain::time::Timestamp;
use crate::storage::relationship::Grant;
use crate::storage::{self, Conn, organization, recipient, relationship};
use crate::workflow::link::LinkRow;
use crate::workflow::relation::find;

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

/// The relationships of these invitations, by the invitation: those that were accepted.
///
/// # Errors
/// The database is away.
pub(super) async fn relations(
    conn: &mut Conn,
    invitations: impl IntoIterator<Item = InvitationId>,
) -> Result<HashMap<Uuid, Arc<Relation>>, storage::Error> {
    let pairs = relationship::of_invitations(conn, invitations).await?;
    let mut relations = HashMap::new();
    for (invitation, id) in pairs {
        if let Some(relation) = read(conn, invitation, id).await? {
            relations.insert(invitation.uuid(), Arc::new(relation));
        }
    }
    Ok(relations)
}

async fn read(
    conn: &mut Conn,
    invitation: InvitationId,
    id: RelationshipId,
) -> Result<Option<Relation>, storage::Error> {
    let Some(found) = find(conn, id).await? else {
        return Ok(None);
    };
    let Some(organization) = organization::find(conn, found.organization_id).await? else {
        return Ok(None);
    };
    // Of this very invitation: somebody else may have agreed to the relationship since, with links of their own.
    let Some(signer) = recipient::signer(conn, invitation).await? else {
        return Ok(None);
    };
    let grants = relationship::active_grants(conn, [found.id]).await?;
    Ok(Some(Relation {
        id: found.id,
        cloud: organization.cloud,
        since: found.since,
        is_active: found.state == RelationshipState::Active,
        revision: u32::try_from(found.revision).unwrap_or(u32::MAX),
        grants: grants.into_iter().map(RelationGrant::from).collect(),
        link: LinkRow::from(&signer),
        partner_type: found.partner_type,
    }))
}

impl From<Grant> for RelationGrant {
    fn from(grant: Grant) -> Self {
        Self {
            role: grant.role,
            granted_at: grant.granted_at,
            expected_end: grant.expected_end_at,
            auto_extend: grant.auto_extend,
            revision: u32::try_from(grant.revision).unwrap_or(u32::MAX),
        }
    }
}
