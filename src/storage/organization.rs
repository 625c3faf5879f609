//! Organizations: for whom a customer acts. Each belongs to the partner who named it.

use serde::Serialize;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
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
    UPSERT = {
        sqlite: concat!("INSERT INTO organization (", columns!(), ")
            SELECT unhex(value->>'id'), unhex(value->>'partner_id'), value->>'name', value->>'name_key', value->>'kind',
                value->>'cloud', value->>'language', value->>'time_zone', value->>'created_at'
            FROM json_each($1) WHERE true
            ON CONFLICT (partner_id, name_key, cloud) DO UPDATE SET name = organization.name
            RETURNING ", columns!()),
        postgres: concat!("INSERT INTO organization (", columns!(), ") SELECT ", columns!(), "
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, partner_id uuid, name text, name_key text, kind text,
                cloud text, language text, time_zone text, created_at bigint)
            ON CONFLICT (partner_id, name_key, cloud) DO UPDATE SET name = organization.name
            RETURNING ", columns!())
    };
    /// In every cloud.
    BY_NAMES = {
        sqlite: concat!("SELECT ", columns!(), " FROM organization
            WHERE partner_id = $1 AND name_key IN (SELECT value FROM json_each($2))"),
        postgres: concat!("SELECT ", columns!(), " FROM organization
            WHERE partner_id = $1 AND name_key = ANY (ARRAY (SELECT jsonb_array_elements_text($2::text::jsonb)))")
    };
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

#[derive(Serialize)]
struct NewRow<'a> {
    id: String,
    partner_id: String,
    name: &'a str,
    name_key: &'a str,
    kind: OrganizationKind,
    cloud: Cloud,
    language: Option<&'a Language>,
    time_zone: Option<&'a str>,
    created_at: i64,
}

/// The organizations of these partners, names and clouds, in any order: those that are there, or these. Each stands there once,
/// and they are in order, so that two who add the same ones wait for each other once.
///
/// # Errors
/// The database is away.
pub async fn find_or_insert_many(
    tx: &mut Tx,
    new: &[&Organization],
) -> Result<Vec<Organization>, Error> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<_> = new
        .iter()
        .map(|organization| NewRow {
            id: sets::hex(organization.id.uuid()),
            partner_id: sets::hex(organization.partner_id.uuid()),
            name: &organization.name,
            name_key: &organization.name_key,
            kind: organization.kind,
            cloud: organization.cloud,
            language: organization.language.as_ref(),
            time_zone: organization.time_zone.as_deref(),
            created_at: organization.created_at.as_micros(),
        })
        .collect();
    tx.query(UPSERT).bind(sets::rows(&rows)).all().await
}

/// The partner's organizations of these names, in any cloud and in any order.
///
/// # Errors
/// The database is away.
pub async fn find_by_names(
    conn: &mut Conn,
    partner: PartnerId,
    name_keys: &[&str],
) -> Result<Vec<Organization>, Error> {
    if name_keys.is_empty() {
        return Ok(Vec::new());
    }
    let find = conn.query(BY_NAMES).bind(partner);
    find.bind(sets::rows(name_keys)).all().await
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
