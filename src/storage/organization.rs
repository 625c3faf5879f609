//! Organizations: for whom a customer acts. Each belongs to the partner who named it.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::draft::OrganizationKind;
use crate::domain::ids::{ContactId, OrganizationId, PartnerId, RecipientId};
use crate::domain::language::Language;
use crate::domain::microsoft::Cloud;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, name, name_key, kind, cloud, language, time_zone, created_at"
    };
}

statements! {
    UPSERT = { concat!("INSERT INTO organization (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (partner_id, name_key, cloud) DO UPDATE SET name = organization.name
        RETURNING ", columns!()) };
    BY_NAME = { concat!("SELECT ", columns!(), " FROM organization WHERE partner_id = $1 AND name_key = $2 AND cloud = $3") };
    /// Whether that mailbox was ever asked to sign for it.
    KNOWS = { "SELECT r.id FROM recipient r JOIN invitation i ON i.id = r.invitation_id
        WHERE r.contact_id = $2 AND r.role = 'signer' AND i.organization_id = $1 LIMIT 1" };
    FIND = { concat!("SELECT ", columns!(), " FROM organization WHERE id = $1") };
}

record! {
    /// A customer's organization or school, as one partner knows it.
    #[derive(Clone, Debug)]
    pub struct Organization {
        /// The row.
        pub id: OrganizationId,
        /// Whose customer.
        pub partner_id: PartnerId,
        /// Its name as the partner wrote it.
        pub name: String,
        /// The name by which a repetition is found: NFKC, lower-cased, blanks joined.
        pub name_key: String,
        /// What it is.
        pub kind: OrganizationKind,
        /// Where its tenant is.
        pub cloud: Cloud,
        /// Its language, where known.
        pub language: Option<Language>,
        /// Its IANA time zone, where known.
        pub time_zone: Option<String>,
        /// When it was first named.
        pub created_at: Timestamp,
    }
}

/// The partner's organization of that name and cloud: the one that is there, or this one.
///
/// # Errors
/// The database is away.
pub async fn find_or_insert(tx: &mut Tx, new: &Organization) -> Result<Organization, Error> {
    let row = tx
        .query(UPSERT)
        .bind(new.id)
        .bind(new.partner_id)
        .bind(&*new.name)
        .bind(&*new.name_key)
        .bind(new.kind)
        .bind(new.cloud)
        .bind(new.language.clone())
        .bind(new.time_zone.as_deref())
        .bind(new.created_at)
        .optional()
        .await?;
    row.ok_or_else(|| Error::Refused("no organization row".to_owned()))
}

/// The partner's organization of that name and cloud, if there is one.
///
/// # Errors
/// The database is away.
pub async fn find_by_name(
    conn: &mut Conn,
    partner: PartnerId,
    name_key: &str,
    cloud: Cloud,
) -> Result<Option<Organization>, Error> {
    conn.query(BY_NAME)
        .bind(partner)
        .bind(name_key)
        .bind(cloud)
        .optional()
        .await
}

/// Whether a mailbox was asked to sign for an organization by its partner before.
///
/// # Errors
/// The database is away.
pub async fn knows(
    conn: &mut Conn,
    organization: OrganizationId,
    contact: ContactId,
) -> Result<bool, Error> {
    let known: Option<RecipientId> = conn
        .query(KNOWS)
        .bind(organization)
        .bind(contact)
        .scalar()
        .await?;
    Ok(known.is_some())
}

/// The organization of that id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: OrganizationId) -> Result<Option<Organization>, Error> {
    conn.query(FIND).bind(id).optional().await
}
