//! Contacts: mailboxes. The one thing that spans partners.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::ContactId;
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, address, smtp_address, domain, language, time_zone, created_at"
    };
}

statements! {
    UPSERT = { concat!("INSERT INTO contact (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (address) DO UPDATE SET address = contact.address
        RETURNING ", columns!()) };
    BY_ID = { concat!("SELECT ", columns!(), " FROM contact WHERE id = $1") };
    BY_ADDRESS = { concat!("SELECT ", columns!(), " FROM contact WHERE address = $1") };
}

record! {
    /// A mailbox.
    #[derive(Clone)]
    pub struct Contact {
        /// The row.
        pub id: ContactId,
        /// The normalized address, by which the mailbox is known.
        pub address: String,
        /// The address as it is written to servers.
        pub smtp_address: String,
        /// Its domain as an A-label, lower case.
        pub domain: String,
        /// Its language, where known.
        pub language: Option<Language>,
        /// Its IANA time zone, where known.
        pub time_zone: Option<String>,
        /// When it was first named.
        pub created_at: Timestamp,
    }
}

/// The contact of that address: the one that is there, or this one.
///
/// # Errors
/// The database is away.
pub async fn find_or_insert(tx: &mut Tx, new: &Contact) -> Result<Contact, Error> {
    let row = tx
        .query(UPSERT)
        .bind(new.id)
        .bind(&*new.address)
        .bind(&*new.smtp_address)
        .bind(&*new.domain)
        .bind(new.language.clone())
        .bind(new.time_zone.as_deref())
        .bind(new.created_at)
        .optional()
        .await?;
    row.ok_or_else(|| Error::Refused("no contact row".to_owned()))
}

/// The contact with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: ContactId) -> Result<Option<Contact>, Error> {
    conn.query(BY_ID).bind(id).optional().await
}

/// The contact of a normalized address.
///
/// # Errors
/// The database is away.
pub async fn find_by_address(conn: &mut Conn, address: &str) -> Result<Option<Contact>, Error> {
    conn.query(BY_ADDRESS).bind(address).optional().await
}
