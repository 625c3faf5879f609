//! Contacts: mailboxes. The one thing that spans partners.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::ContactId;
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, address, smtp_address, domain, language, time_zone, created_at"
    };
}

/// Every table with a column that names contacts; a test holds that none is missing.
macro_rules! unnamed {
    () => {
        " AND NOT EXISTS (SELECT 1 FROM invitation x WHERE x.contact_id = contact.id) \
            AND NOT EXISTS (SELECT 1 FROM recipient x WHERE x.contact_id = contact.id) \
            AND NOT EXISTS (SELECT 1 FROM acceptance x WHERE x.contact_id = contact.id) \
            AND NOT EXISTS (SELECT 1 FROM inquiry x WHERE x.contact_id = contact.id)"
    };
}

pub(super) use unnamed;

statements! {
    UPSERT = { concat!("INSERT INTO contact (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (address) DO UPDATE SET address = contact.address
        RETURNING ", columns!()) };
    BY_ID = { concat!("SELECT ", columns!(), " FROM contact WHERE id = $1") };
    BY_IDS = {
        sqlite: concat!("SELECT ", columns!(), " FROM contact WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM contact
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    /// Whoever names one of them meanwhile, waits, and then finds it, or finds it gone.
    HOLD = {
        sqlite: "SELECT id FROM contact WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "SELECT id FROM contact
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY id FOR UPDATE"
    };
    FORGET_UNNAMED = {
        sqlite: concat!("DELETE FROM contact WHERE id IN (SELECT unhex(value) FROM json_each($1))", unnamed!()),
        postgres: concat!("DELETE FROM contact
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))", unnamed!())
    };
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

/// Those of the contacts that are there, in any order.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = ContactId>,
) -> Result<Vec<Contact>, Error> {
    let ids = sets::ids(ids.into_iter().map(ContactId::uuid));
    conn.query(BY_IDS).bind(ids).all().await
}

/// Deletes those of the contacts that nothing names any more; returns how many.
///
/// # Errors
/// The database is away.
pub async fn forget_unnamed(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = ContactId>,
) -> Result<u64, Error> {
    let ids = sets::ids(ids.into_iter().map(ContactId::uuid));
    tx.query(HOLD).bind(&*ids).execute().await?;
    tx.query(FORGET_UNNAMED).bind(ids).execute().await
}

#[cfg(test)]
mod tests {
    /// A table that is left out would make every sweep fail.
    #[test]
    fn a_contact_is_deleted_only_when_no_table_names_it() {
        let schema = include_str!("../../migrations/sqlite/0001_foundation.sql");
        let mut naming = Vec::new();
        let mut table = "";
        for line in schema.lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.split(' ').next().unwrap();
            }
            if line.contains("REFERENCES contact (id)") {
                naming.push((table, line.trim().split(' ').next().unwrap()));
            }
        }
        assert!(naming.len() > 3, "{naming:?}");
        for (table, column) in naming {
            let clause = format!("FROM {table} x WHERE x.{column} = contact.id");
            assert!(unnamed!().contains(&clause), "{clause}");
        }
    }
}
