//! The relationship that an invitation led to, as far as mails tell of it.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::ids::{InvitationId, RelationshipId};
use crate::domain::microsoft::Cloud;
use crate::domain::notice::Granted;
use crate::domain::time::Timestamp;
use crate::storage::{self, Conn};
use crate::workflow::link::LinkRow;

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
    /// The row of its signer's links. Of an invitation that is still open only where the one who is invited is that signer:
    /// nobody is mailed another one's link.
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

/// The relationships of these invitations, by the invitation.
///
/// It finds none so far: reading them follows with the storage of relationships, which is made on the main branch.
///
/// # Errors
/// The database is away.
#[expect(
    clippy::unused_async,
    reason = "it will read the database, and is called as such"
)]
pub(super) async fn relations(
    _conn: &mut Conn,
    _invitations: impl IntoIterator<Item = InvitationId>,
) -> Result<HashMap<Uuid, Arc<Relation>>, storage::Error> {
    Ok(HashMap::new())
}
