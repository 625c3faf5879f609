//! Organizations as customers of a partner: those that have agreed to something and have not ended it since, with the
//! invitation by which they did so last.

use uuid::Uuid;

use super::db::{record, statements};
use super::{Conn, Error};
use crate::domain::ids::{ContactId, InvitationId, OrganizationId, PartnerId, RelationshipId};
use crate::domain::microsoft::Cloud;
use crate::domain::time::Timestamp;

statements! {
    /// By a relationship that holds; where there never was one, by the agreement alone.
    LIST = { "SELECT c.organization_id, c.partner_id, c.organization_name, c.cloud, a.invitation_id, a.relationship_id,
            a.accepted_at
        FROM (SELECT o.id AS organization_id, o.partner_id, o.name AS organization_name, o.cloud, COALESCE(
                (SELECT r.invitation_id FROM relationship r
                    WHERE r.partner_id = o.partner_id AND r.organization_id = o.id AND r.state = 'active'
                    ORDER BY r.updated_at DESC, r.id LIMIT 1),
                (SELECT i.id FROM invitation i JOIN acceptance s ON s.invitation_id = i.id
                    WHERE i.organization_id = o.id AND NOT EXISTS (SELECT 1 FROM invitation j
                        JOIN relationship r ON r.invitation_id = j.id WHERE j.organization_id = o.id)
                    ORDER BY s.accepted_at DESC, i.id LIMIT 1)) AS invitation_id
            FROM organization o WHERE o.id > $1 AND ($2 OR o.partner_id = $3)) AS c
        JOIN acceptance a ON a.invitation_id = c.invitation_id
        ORDER BY c.organization_id LIMIT $4" };
    OF_CONTACT = { "SELECT o.id AS organization_id, o.partner_id, o.name AS organization_name, o.cloud, a.invitation_id,
            a.relationship_id, a.accepted_at
        FROM acceptance a JOIN invitation i ON i.id = a.invitation_id JOIN organization o ON o.id = i.organization_id
        WHERE a.contact_id = $1 AND (
            EXISTS (SELECT 1 FROM relationship r
                WHERE r.id = a.relationship_id AND r.state = 'active' AND r.invitation_id = i.id)
            OR (NOT EXISTS (SELECT 1 FROM invitation j JOIN relationship r ON r.invitation_id = j.id
                    WHERE j.organization_id = o.id)
                AND NOT EXISTS (SELECT 1 FROM invitation j JOIN acceptance s ON s.invitation_id = j.id
                    WHERE j.organization_id = o.id AND s.accepted_at > a.accepted_at)))
        ORDER BY a.accepted_at DESC, a.id DESC LIMIT 100" };
}

record! {
    /// An organization that agreed to something with a partner.
    #[derive(Clone, Debug)]
    pub struct Customer {
        /// The organization.
        pub organization_id: OrganizationId,
        /// Whose customer.
        pub partner_id: PartnerId,
        /// Its name.
        pub organization_name: String,
        /// Where its tenant is.
        pub cloud: Cloud,
        /// The invitation by which it agreed last.
        pub invitation_id: InvitationId,
        /// To which relationship; none where there was never more than the agreement.
        pub relationship_id: Option<RelationshipId>,
        /// When.
        pub accepted_at: Timestamp,
    }
}

/// Customers by the id of their organization, those after `after`, at most `limit`.
///
/// # Errors
/// The database is away.
pub async fn list(
    conn: &mut Conn,
    partner: Option<PartnerId>,
    after: Option<OrganizationId>,
    limit: i64,
) -> Result<Vec<Customer>, Error> {
    conn.query(LIST)
        .bind(after.unwrap_or_else(|| Uuid::nil().into()))
        .bind(partner.is_none())
        .bind(partner.unwrap_or_else(|| Uuid::nil().into()))
        .bind(limit)
        .all()
        .await
}

/// Those for which a mailbox agreed last, newest first, at most 100; an organization with several relationships comes with each.
///
/// # Errors
/// The database is away.
pub async fn of_contact(conn: &mut Conn, contact: ContactId) -> Result<Vec<Customer>, Error> {
    conn.query(OF_CONTACT).bind(contact).all().await
}
