//! Relationships and the roles granted in them.

use uuid::Uuid;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{ContactId, InvitationId, OrganizationId, PartnerId, RelationshipId};
use crate::domain::microsoft::Cloud;
use crate::domain::relationship::RelationshipState;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, organization_id, invitation_id, partner_type, catalogue, state, revision, since, updated_at, \
         ended_at, continued_by"
    };
}
statements! {
    /// One that holds a (partner, organization, type): accepting again updates it.
    UPSERT = { concat!("INSERT INTO relationship (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, $6, 'active', 1, $7, $7, NULL, NULL)
        ON CONFLICT (partner_id, organization_id, partner_type) WHERE state = 'active' DO UPDATE
            SET invitation_id = excluded.invitation_id, catalogue = excluded.catalogue,
                revision = relationship.revision + 1, updated_at = excluded.updated_at
        RETURNING ", columns!()) };
    LOCK = {
        sqlite: concat!("SELECT ", columns!(), " FROM relationship WHERE id = $1"),
        postgres: concat!("SELECT ", columns!(), " FROM relationship WHERE id = $1 FOR UPDATE")
    };
    FIND = { concat!("SELECT ", columns!(), " FROM relationship WHERE id = $1") };
    FIND_MANY = {
        sqlite: concat!("SELECT ", columns!(), " FROM relationship WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM relationship
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    ACTIVE_BETWEEN = { concat!("SELECT ", columns!(), " FROM relationship
        WHERE partner_id = $1 AND organization_id = $2 AND state = 'active' ORDER BY since, id") };
    ACTIVE_TWIN = { "SELECT id FROM relationship
        WHERE partner_id = $1 AND organization_id = $2 AND partner_type = $3 AND state = 'active' AND id <> $4" };
    WRITE = { "UPDATE relationship SET partner_type = $2, state = $3, revision = $4, updated_at = $5, ended_at = $6,
            continued_by = $7 WHERE id = $1" };
    OF_INVITATIONS = {
        sqlite: "SELECT invitation_id, relationship_id FROM acceptance
            WHERE relationship_id IS NOT NULL AND invitation_id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "SELECT invitation_id, relationship_id FROM acceptance
            WHERE relationship_id IS NOT NULL
                AND invitation_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))"
    };
    ACTIVE_OF_CONTACT = { "SELECT r.id, r.partner_id, r.organization_id, r.since,
            o.name AS organization_name, r.partner_type, max(a.accepted_at) AS accepted_at
        FROM acceptance a
        JOIN relationship r ON r.id = a.relationship_id
        JOIN organization o ON o.id = r.organization_id
        WHERE a.contact_id = $1 AND r.state = 'active'
        GROUP BY r.id, r.partner_id, r.organization_id, r.since, o.name, r.partner_type
        ORDER BY r.since DESC, r.id LIMIT 100" };
    LIST = { "SELECT r.id, r.partner_id, r.organization_id, r.invitation_id, o.name AS organization_name, o.cloud, r.partner_type,
            r.catalogue, r.state, r.since, r.updated_at, r.ended_at
        FROM relationship r JOIN organization o ON o.id = r.organization_id
        WHERE r.id > $1 AND ($2 OR r.partner_id = $3) AND ($4 OR r.state = 'active')
        ORDER BY r.id LIMIT $5" };
    /// Relationships in which a role's time is over. One that a change holds is left to the next look.
    OVERDUE = {
        sqlite: "SELECT id FROM relationship WHERE id IN
            (SELECT relationship_id FROM role_grant WHERE state = 'active' AND expected_end_at <= $1
                ORDER BY expected_end_at LIMIT $2)",
        postgres: "SELECT id FROM relationship WHERE id = ANY (ARRAY
            (SELECT relationship_id FROM role_grant WHERE state = 'active' AND expected_end_at <= $1
                ORDER BY expected_end_at LIMIT $2)) ORDER BY id FOR UPDATE SKIP LOCKED"
    };
    IS_OVERDUE = { "SELECT expected_end_at FROM role_grant WHERE state = 'active' AND expected_end_at <= $1 LIMIT 1" };
    NEXT_END = { "SELECT expected_end_at FROM role_grant WHERE state = 'active' AND expected_end_at > $1
        ORDER BY expected_end_at LIMIT 1" };
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
        /// The invitation by which it was agreed upon last.
        pub invitation_id: InvitationId,
        /// The key of its type in the catalogue.
        pub partner_type: String,
        /// The version of the catalogue that it was agreed with.
        pub catalogue: String,
        /// Where it stands.
        pub state: RelationshipState,
        /// How often it was agreed upon or changed.
        pub revision: i64,
        /// Since when.
        pub since: Timestamp,
        /// When it was last agreed upon or changed.
        pub updated_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// The one that goes on, where this one became another one's twin.
        pub continued_by: Option<RelationshipId>,
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
        /// When this mailbox agreed to it last.
        pub accepted_at: Timestamp,
    }
}

record! {
    /// A relationship as its partner sees it in a list.
    #[derive(Clone, Debug)]
    pub struct Kept {
        /// The row.
        pub id: RelationshipId,
        /// The partner.
        pub partner_id: PartnerId,
        /// The organization.
        pub organization_id: OrganizationId,
        /// The invitation by which it was agreed upon last.
        pub invitation_id: InvitationId,
        /// The organization's name.
        pub organization_name: String,
        /// Where its tenant is.
        pub cloud: Cloud,
        /// The key of the type.
        pub partner_type: String,
        /// The version of the catalogue.
        pub catalogue: String,
        /// Where it stands.
        pub state: RelationshipState,
        /// Since when.
        pub since: Timestamp,
        /// When it was last agreed upon or changed.
        pub updated_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
    }
}

/// Which relationships are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this partner.
    pub partner: Option<PartnerId>,
    /// Also those that ended.
    pub ended: bool,
    /// Those after this one.
    pub after: Option<RelationshipId>,
    /// At most so many.
    pub limit: i64,
}

record! {
    struct OfInvitation {
        invitation_id: InvitationId,
        relationship_id: RelationshipId,
    }
}

/// The relationship of that type: a new one, or the one that holds, agreed upon anew.
///
/// # Errors
/// The database is away.
pub async fn agree(tx: &mut Tx, new: &Relationship) -> Result<Relationship, Error> {
    let row = tx
        .query(UPSERT)
        .bind(new.id)
        .bind(new.partner_id)
        .bind(new.organization_id)
        .bind(new.invitation_id)
        .bind(&*new.partner_type)
        .bind(&*new.catalogue)
        .bind(new.since)
        .optional()
        .await?;
    row.ok_or_else(|| Error::Refused("no relationship row".to_owned()))
}

/// The relationship of that id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: RelationshipId) -> Result<Option<Relationship>, Error> {
    conn.query(FIND).bind(id).optional().await
}

/// The relationships of these ids, in any order.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = RelationshipId>,
) -> Result<Vec<Relationship>, Error> {
    conn.query(FIND_MANY)
        .bind(sets::ids(ids.into_iter().map(RelationshipId::uuid)))
        .all()
        .await
}

/// The relationship of that id, which nobody else changes before this transaction ends.
///
/// # Errors
/// The database is away.
pub async fn lock(tx: &mut Tx, id: RelationshipId) -> Result<Option<Relationship>, Error> {
    tx.query(LOCK).bind(id).optional().await
}

/// The relationships that accepted invitations are about, in any order.
///
/// # Errors
/// The database is away.
pub async fn of_invitations(
    conn: &mut Conn,
    invitations: impl IntoIterator<Item = InvitationId>,
) -> Result<Vec<(InvitationId, RelationshipId)>, Error> {
    let rows: Vec<OfInvitation> = conn
        .query(OF_INVITATIONS)
        .bind(sets::ids(invitations.into_iter().map(InvitationId::uuid)))
        .all()
        .await?;
    let pairs = rows
        .iter()
        .map(|row| (row.invitation_id, row.relationship_id));
    Ok(pairs.collect())
}

/// The relationships that hold between these two, oldest first.
///
/// # Errors
/// The database is away.
pub async fn active_between(
    conn: &mut Conn,
    partner: PartnerId,
    organization: OrganizationId,
) -> Result<Vec<Relationship>, Error> {
    conn.query(ACTIVE_BETWEEN)
        .bind(partner)
        .bind(organization)
        .all()
        .await
}

/// Another relationship of these two that holds and has that type.
///
/// # Errors
/// The database is away.
pub async fn active_twin(
    tx: &mut Tx,
    of: &Relationship,
    partner_type: &str,
) -> Result<Option<RelationshipId>, Error> {
    tx.query(ACTIVE_TWIN)
        .bind(of.partner_id)
        .bind(of.organization_id)
        .bind(partner_type)
        .bind(of.id)
        .scalar()
        .await
}

/// Writes how a locked relationship stands.
///
/// # Errors
/// [`Error::Duplicate`] when another one of that type holds.
pub async fn write(tx: &mut Tx, changed: &Relationship) -> Result<(), Error> {
    tx.query(WRITE)
        .bind(changed.id)
        .bind(&*changed.partner_type)
        .bind(changed.state)
        .bind(changed.revision)
        .bind(changed.updated_at)
        .bind(changed.ended_at)
        .bind(changed.continued_by)
        .execute()
        .await?;
    Ok(())
}

/// The active relationships that a mailbox authorized, newest first, at most 100.
///
/// # Errors
/// The database is away.
pub async fn active_of_contact(conn: &mut Conn, contact: ContactId) -> Result<Vec<Listed>, Error> {
    conn.query(ACTIVE_OF_CONTACT).bind(contact).all().await
}

/// Relationships, the oldest first.
///
/// # Errors
/// The database is away.
pub async fn list(conn: &mut Conn, filter: &Filter) -> Result<Vec<Kept>, Error> {
    let nobody = PartnerId::from(Uuid::nil());
    conn.query(LIST)
        .bind(filter.after.unwrap_or_else(|| Uuid::nil().into()))
        .bind(filter.partner.is_none())
        .bind(filter.partner.unwrap_or(nobody))
        .bind(filter.ended)
        .bind(filter.limit)
        .all()
        .await
}

/// At most `limit` relationships in which the time of a role is over at `now`, held by this transaction.
///
/// # Errors
/// The database is away.
pub async fn overdue(
    tx: &mut Tx,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<RelationshipId>, Error> {
    tx.query(OVERDUE).bind(now).bind(limit).scalars().await
}

/// Whether there is any.
///
/// # Errors
/// The database is away.
pub async fn is_overdue(conn: &mut Conn, now: Timestamp) -> Result<bool, Error> {
    let found: Option<Timestamp> = conn.query(IS_OVERDUE).bind(now).scalar().await?;
    Ok(found.is_some())
}

/// When the next role's time is over, after `now`: one that could not be ended is not waited for.
///
/// # Errors
/// The database is away.
pub async fn next_end(conn: &mut Conn, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    conn.query(NEXT_END).bind(now).scalar().await
}
