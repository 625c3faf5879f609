//! Contacts: mailboxes. The one thing that spans partners.

use serde::Serialize;

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
    /// Whoever names one that is there holds it: it is not deleted as one that nobody names. The column that is written is of
    /// no key, so that nobody waits who only refers to it: two who wait for each other's new ones would else never end.
    UPSERT = {
        sqlite: concat!("INSERT INTO contact (", columns!(), ")
            SELECT unhex(value->>'id'), value->>'address', value->>'smtp_address', value->>'domain', value->>'language',
                value->>'time_zone', value->>'created_at'
            FROM json_each($1) WHERE true
            ON CONFLICT (address) DO UPDATE SET created_at = contact.created_at
            RETURNING ", columns!()),
        postgres: concat!("INSERT INTO contact (", columns!(), ") SELECT ", columns!(), "
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, address text, smtp_address text, domain text,
                language text, time_zone text, created_at bigint)
            ON CONFLICT (address) DO UPDATE SET created_at = contact.created_at
            RETURNING ", columns!())
    };
    /// Held as by the same statement; in the order in which they are deleted.
    HOLD_BY_ADDRESS = {
        sqlite: concat!("SELECT ", columns!(), " FROM contact WHERE address IN (SELECT value FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM contact
            WHERE address = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb))) ORDER BY id FOR KEY SHARE")
    };
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

#[derive(Serialize)]
struct NewRow<'a> {
    id: String,
    address: &'a str,
    smtp_address: &'a str,
    domain: &'a str,
    language: Option<&'a Language>,
    time_zone: Option<&'a str>,
    created_at: i64,
}

/// The contact of that address: the one that is there, or this one.
///
/// # Errors
/// The database is away.
pub async fn find_or_insert(tx: &mut Tx, new: &Contact) -> Result<Contact, Error> {
    let row = find_or_insert_many(tx, &[new]).await?.pop();
    row.ok_or_else(|| Error::Refused("no contact row".to_owned()))
}

/// The contacts of these addresses, in any order: those that are there, or these. Each address stands there once, and they are
/// in order, so that two who add the same ones wait for each other once.
///
/// # Errors
/// The database is away.
pub async fn find_or_insert_many(tx: &mut Tx, new: &[&Contact]) -> Result<Vec<Contact>, Error> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<_> = new
        .iter()
        .map(|contact| NewRow {
            id: sets::hex(contact.id.uuid()),
            address: &contact.address,
            smtp_address: &contact.smtp_address,
            domain: &contact.domain,
            language: contact.language.as_ref(),
            time_zone: contact.time_zone.as_deref(),
            created_at: contact.created_at.as_micros(),
        })
        .collect();
    tx.query(UPSERT).bind(sets::rows(&rows)).all().await
}

/// Those of the contacts of these addresses that are there, in any order. None of them is deleted before the transaction ends.
///
/// # Errors
/// The database is away.
pub async fn hold_by_address(tx: &mut Tx, addresses: &[&str]) -> Result<Vec<Contact>, Error> {
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let hold = tx.query(HOLD_BY_ADDRESS).bind(sets::rows(addresses));
    hold.all().await
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
