//! Relationships and the roles granted in them.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::{
    AcceptanceId, ContactId, GrantId, OrganizationId, PartnerId, RelationshipId,
};
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, organization_id, partner_type, catalogue, state, since, updated_at, ended_at"
    };
}
macro_rules! grant_columns {
    () => {
        "id, relationship_id, acceptance_id, role, state, duration, granted_at, expected_end_at, ended_at"
    };
}

statements! {
    /// One a (partner, organization, type): accepting again updates it.
    UPSERT = { concat!("INSERT INTO relationship (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, 'active', $6, $6, NULL)
        ON CONFLICT (partner_id, organization_id, partner_type) DO UPDATE
            SET state = 'active', catalogue = excluded.catalogue, updated_at = excluded.updated_at, ended_at = NULL
        RETURNING ", columns!()) };
    REPLACE_GRANT = { "UPDATE role_grant SET state = 'replaced', ended_at = $3
        WHERE relationship_id = $1 AND role = $2 AND state = 'active'" };
    INSERT_GRANT = { concat!("INSERT INTO role_grant (", grant_columns!(), ")
        VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, NULL)") };
    GRANTS_OF_ACCEPTANCE = { concat!("SELECT ", grant_columns!(), " FROM role_grant WHERE acceptance_id = $1 ORDER BY role") };
    ACTIVE_OF_CONTACT = { "SELECT DISTINCT r.id, r.partner_id, r.organization_id, o.name AS organization_name, r.partner_type, r.since
        FROM acceptance a
        JOIN invitation i ON i.id = a.invitation_id
        JOIN relationship r ON r.partner_id = i.partner_id AND r.organization_id = i.organization_id
        JOIN organization o ON o.id = r.organization_id
        WHERE a.contact_id = $1 AND r.state = 'active'
        ORDER BY r.since DESC, r.id LIMIT 100" };
}

record! {
    /// What holds between a partner and an organization.
    #[derive(Clone, Debug)]
    pub struct Relationship {
        /// The row.
        pub id: RelationshipId,
        /// Between this partner …
        pub partner_id: PartnerId,
        /// … and this organization.
        pub organization_id: OrganizationId,
        /// The key of its type in the catalogue.
        pub partner_type: String,
        /// The version of the catalogue that it was agreed with.
        pub catalogue: String,
        /// `active` or `ended`.
        pub state: String,
        /// Since when.
        pub since: Timestamp,
        /// When it was last agreed upon.
        pub updated_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
    }
}

record! {
    /// One delegated-admin role, for a time.
    #[derive(Clone, Debug)]
    pub struct Grant {
        /// The row.
        pub id: GrantId,
        /// In which relationship.
        pub relationship_id: RelationshipId,
        /// By which acceptance.
        pub acceptance_id: AcceptanceId,
        /// The key of the role in the catalogue.
        pub role: String,
        /// `active`, `replaced`, `removed` or `ended`.
        pub state: String,
        /// For how long (ISO 8601).
        pub duration: String,
        /// When it was agreed upon.
        pub granted_at: Timestamp,
        /// When it is expected to end, counted from consent.
        pub expected_end_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
    }
}

record! {
    /// A relationship as its customer sees it in a list.
    #[derive(Clone, Debug)]
    pub struct Listed {
        /// The row.
        pub id: RelationshipId,
        /// The partner.
        pub partner_id: PartnerId,
        /// The organization.
        pub organization_id: OrganizationId,
        /// The organization's name.
        pub organization_name: String,
        /// The key of the type.
        pub partner_type: String,
        /// Since when.
        pub since: Timestamp,
    }
}

/// The relationship of that type: a new one, or the one that is there, active again and agreed upon anew.
///
/// # Errors
/// The database is away.
pub async fn agree(tx: &mut Tx, new: &Relationship) -> Result<Relationship, Error> {
    let row = tx
        .query(UPSERT)
        .bind(new.id)
        .bind(new.partner_id)
        .bind(new.organization_id)
        .bind(&*new.partner_type)
        .bind(&*new.catalogue)
        .bind(new.since)
        .optional()
        .await?;
    row.ok_or_else(|| Error::Refused("no relationship row".to_owned()))
}

/// Grants a role; an active grant of the same role is replaced by it.
///
/// # Errors
/// The database is away.
pub async fn grant(tx: &mut Tx, new: &Grant) -> Result<(), Error> {
    tx.query(REPLACE_GRANT)
        .bind(new.relationship_id)
        .bind(&*new.role)
        .bind(new.granted_at)
        .execute()
        .await?;
    tx.query(INSERT_GRANT)
        .bind(new.id)
        .bind(new.relationship_id)
        .bind(new.acceptance_id)
        .bind(&*new.role)
        .bind(&*new.duration)
        .bind(new.granted_at)
        .bind(new.expected_end_at)
        .execute()
        .await?;
    Ok(())
}

/// The roles that an acceptance granted.
///
/// # Errors
/// The database is away.
pub async fn grants_of(conn: &mut Conn, acceptance: AcceptanceId) -> Result<Vec<Grant>, Error> {
    conn.query(GRANTS_OF_ACCEPTANCE)
        .bind(acceptance)
        .all()
        .await
}

/// The active relationships that a mailbox authorized, newest first, at most 100.
///
/// # Errors
/// The database is away.
pub async fn active_of_contact(conn: &mut Conn, contact: ContactId) -> Result<Vec<Listed>, Error> {
    conn.query(ACTIVE_OF_CONTACT).bind(contact).all().await
}
