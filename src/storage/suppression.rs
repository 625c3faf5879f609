//! Mailboxes that take no mail from here.
//!
//! A mailbox is known by a keyed hash of its address, so that it stays left alone after its person was erased. The address
//! itself stands beside it, for people to read, until then.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::keys::{KeyRing, MailboxKey};
use crate::domain::time::Timestamp;

statements! {
    INSERT = { "INSERT INTO suppression (mailbox, address, reason, detail, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING" };
    FIND = { "SELECT mailbox, address, reason, detail, created_at FROM suppression WHERE mailbox = $1" };
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
    conn.query(FIND).bind(mailbox.as_str()).optional().await
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
