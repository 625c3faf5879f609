//! Partners: who asks.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::PartnerId;
use crate::domain::language::Language;
use crate::domain::notice::OwnSchedule;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, handle, name, legal_name, email, phone, address, website, representative, registration_number, language, \
         time_zone, advertising_mark, schedule, per_key_day, per_partner_day, created_at"
    };
}

statements! {
    INSERT = { concat!("INSERT INTO partner (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)") };
    SET_LIMITS = { "UPDATE partner SET per_key_day = $2, per_partner_day = $3 WHERE id = $1" };
    SET_SCHEDULE = { "UPDATE partner SET schedule = $2 WHERE id = $1" };
    LOCK = {
        sqlite: concat!("SELECT ", columns!(), " FROM partner WHERE id = $1"),
        postgres: concat!("SELECT ", columns!(), " FROM partner WHERE id = $1 FOR NO KEY UPDATE")
    };
    BY_ID = { concat!("SELECT ", columns!(), " FROM partner WHERE id = $1") };
    BY_HANDLE = { concat!("SELECT ", columns!(), " FROM partner WHERE handle = $1") };
    ALL = { concat!("SELECT ", columns!(), " FROM partner ORDER BY handle") };
    BY_IDS = {
        sqlite: concat!("SELECT ", columns!(), " FROM partner WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM partner WHERE id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb))")
    };
}

record! {
    /// A partner with what its customers are told of it.
    #[derive(Clone, Debug, serde::Serialize)]
    pub struct Partner {
        /// The row.
        pub id: PartnerId,
        /// A short name for the command line: `[a-z0-9-]`, unique.
        pub handle: String,
        /// The name that people know.
        pub name: String,
        /// The name in the register.
        pub legal_name: String,
        /// Where its own notices go.
        pub email: String,
        /// Telephone.
        pub phone: String,
        /// Postal address, in one line.
        pub address: String,
        /// Website.
        pub website: Option<String>,
        /// Who represents it (대표자).
        pub representative: Option<String>,
        /// Number in the register of businesses (사업자등록번호).
        pub registration_number: Option<String>,
        /// The language of its own mails, and the fallback for its customers.
        pub language: Language,
        /// Its IANA time zone.
        pub time_zone: String,
        /// Whether its invitations count as advertising: (광고) first in the subject.
        pub advertising_mark: bool,
        /// What it sets of its own schedule, if anything.
        pub schedule: Option<OwnSchedule>,
        /// How many invitations each of its API keys may make a day, where that differs from the settings; 0 is without a
        /// limit.
        pub per_key_day: Option<i64>,
        /// The same of all of its invitations.
        pub per_partner_day: Option<i64>,
        /// When it was added.
        pub created_at: Timestamp,
    }
}

/// Adds a partner.
///
/// # Errors
/// [`Error::Duplicate`] when the handle is taken.
pub async fn insert(tx: &mut Tx, partner: &Partner) -> Result<(), Error> {
    tx.query(INSERT)
        .bind(partner.id)
        .bind(&*partner.handle)
        .bind(&*partner.name)
        .bind(&*partner.legal_name)
        .bind(&*partner.email)
        .bind(&*partner.phone)
        .bind(&*partner.address)
        .bind(partner.website.as_deref())
        .bind(partner.representative.as_deref())
        .bind(partner.registration_number.as_deref())
        .bind(partner.language.clone())
        .bind(&*partner.time_zone)
        .bind(partner.advertising_mark)
        .bind(partner.schedule.clone())
        .bind(partner.per_key_day)
        .bind(partner.per_partner_day)
        .bind(partner.created_at)
        .execute()
        .await?;
    Ok(())
}

/// The partner with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: PartnerId) -> Result<Option<Partner>, Error> {
    conn.query(BY_ID).bind(id).optional().await
}

/// The partner with this id, which nobody else changes before this transaction ends.
///
/// # Errors
/// The database is away.
pub async fn lock(tx: &mut Tx, id: PartnerId) -> Result<Option<Partner>, Error> {
    tx.query(LOCK).bind(id).optional().await
}

/// Writes what a partner sets of its own schedule; nothing for what the installation has.
///
/// # Errors
/// The database is away.
pub async fn set_schedule(
    tx: &mut Tx,
    id: PartnerId,
    schedule: Option<&OwnSchedule>,
) -> Result<(), Error> {
    let set = tx.query(SET_SCHEDULE).bind(id).bind(schedule.cloned());
    set.execute().await?;
    Ok(())
}

/// Writes how many invitations a partner and its keys may make a day; nothing for what the installation has, 0 for no limit.
///
/// # Errors
/// The database is away.
pub async fn set_limits(
    tx: &mut Tx,
    id: PartnerId,
    per_key_day: Option<i64>,
    per_partner_day: Option<i64>,
) -> Result<(), Error> {
    let set = tx.query(SET_LIMITS).bind(id);
    let set = set.bind(per_key_day).bind(per_partner_day);
    set.execute().await?;
    Ok(())
}

/// The partner with this handle.
///
/// # Errors
/// The database is away.
pub async fn find_by_handle(conn: &mut Conn, handle: &str) -> Result<Option<Partner>, Error> {
    conn.query(BY_HANDLE).bind(handle).optional().await
}

/// Those of the partners that exist, in any order.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = PartnerId>,
) -> Result<Vec<Partner>, Error> {
    conn.query(BY_IDS)
        .bind(super::sets::ids(ids.into_iter().map(PartnerId::uuid)))
        .all()
        .await
}

/// All partners, by handle.
///
/// # Errors
/// The database is away.
pub async fn list(conn: &mut Conn) -> Result<Vec<Partner>, Error> {
    conn.query(ALL).all().await
}
