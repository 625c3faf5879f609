//! Mailboxes that take no mail from here.
//!
//! A mailbox is known by a keyed hash of its address, so that it stays left alone after its person was erased. The address
//! itself stands beside it, for people to read, until then.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::keys::{KeyRing, MailboxKey};
use crate::domain::time::Timestamp;

statements! {
    INSERT = { "INSERT INTO suppression (mailbox, address, reason, detail, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING" };
    FIND = {
        sqlite: "SELECT mailbox, address, reason, detail, created_at FROM suppression
            WHERE mailbox IN (SELECT value FROM json_each($1))",
        postgres: "SELECT mailbox, address, reason, detail, created_at FROM suppression
            WHERE mailbox = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb)))"
    };
    /// What is said of it may quote the address.
    FORGET = { "UPDATE suppression SET address = NULL, detail = NULL WHERE mailbox = $1" };
    DELETE = { "DELETE FROM suppression WHERE mailbox = $1" };
}

record! {
    /// An address and why it is left alone.
    #[derive(Clone)]
    pub struct Suppression {
        /// By what it is known: a [`MailboxKey`].
        pub mailbox: String,
        /// The normalized address; none once its person was erased.
        pub address: Option<String>,
        /// Why, as a name: `hard_bounce`, `complaint`, `operator`, `erased`.
        pub reason: String,
        /// Why, in words.
        pub detail: Option<String>,
        /// Since when.
        pub created_at: Timestamp,
    }
}

impl Suppression {
    /// That an address (normalized) is left alone.
    pub fn new(ring: &KeyRing, address: &str, reason: &str, now: Timestamp) -> Self {
        Self {
            mailbox: ring.mailbox(address).as_str().to_owned(),
            address: Some(address.to_owned()),
            reason: reason.to_owned(),
            detail: None,
            created_at: now,
        }
    }
}

/// Leaves an address alone from now on; `false` when that is so already.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &Suppression) -> Result<bool, Error> {
    let rows = tx
        .query(INSERT)
        .bind(&*new.mailbox)
        .bind(new.address.as_deref())
        .bind(&*new.reason)
        .bind(new.detail.as_deref())
        .bind(new.created_at)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Whether and why a mailbox is left alone.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, mailbox: &MailboxKey) -> Result<Option<Suppression>, Error> {
    Ok(find_many(conn, &[mailbox]).await?.pop())
}

/// Those of the mailboxes that are left alone, in any order.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    mailboxes: &[&MailboxKey],
) -> Result<Vec<Suppression>, Error> {
    if mailboxes.is_empty() {
        return Ok(Vec::new());
    }
    conn.query(FIND).bind(sets::rows(mailboxes)).all().await
}

/// Goes on leaving a mailbox alone, and forgets its address.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, mailbox: &MailboxKey) -> Result<(), Error> {
    tx.query(FORGET).bind(mailbox.as_str()).execute().await?;
    Ok(())
}

/// Mails a mailbox again; `false` when it was not left alone.
///
/// # Errors
/// The database is away.
pub async fn delete(tx: &mut Tx, mailbox: &MailboxKey) -> Result<bool, Error> {
    Ok(tx.query(DELETE).bind(mailbox.as_str()).execute().await? == 1)
}
