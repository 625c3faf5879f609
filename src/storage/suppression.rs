//! Mailboxes that take no mail from here.
//!
//! A mailbox is known by a keyed hash of its address, so that it stays left alone after its person was erased. The address
//! itself stands beside it, for people to read, until then. Outside, a suppression is called by an id of its own.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{self, PartnerId, SuppressionId};
use crate::domain::keys::{KeyRing, MailboxKey};
use crate::domain::suppression::Cause;
use crate::domain::time::Timestamp;

statements! {
    INSERT = { "INSERT INTO suppression (mailbox, id, address, reason, detail, created_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING" };
    FIND = {
        sqlite: "SELECT mailbox, id, address, reason, detail, created_at FROM suppression
            WHERE mailbox IN (SELECT value FROM json_each($1))",
        postgres: "SELECT mailbox, id, address, reason, detail, created_at FROM suppression
            WHERE mailbox = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb)))"
    };
    FIND_BY_ID = { "SELECT mailbox, id, address, reason, detail, created_at FROM suppression WHERE id = $1" };
    LIST = { "SELECT mailbox, id, address, reason, detail, created_at FROM suppression
        WHERE id < $1 AND (reason = $2 OR $2 IS NULL) ORDER BY id DESC LIMIT $3" };
    /// What is said of it may quote the address.
    FORGET = { "UPDATE suppression SET address = NULL, detail = NULL WHERE mailbox = $1" };
    /// As may what was said when it was removed.
    FORGET_WHY = { "UPDATE suppression_removal SET why = NULL WHERE mailbox = $1 AND why IS NOT NULL" };
    DELETE = { "DELETE FROM suppression WHERE mailbox = $1" };
    DELETE_BY_ID = { "DELETE FROM suppression WHERE id = $1 RETURNING address" };
    INSERT_REMOVAL = { "INSERT INTO suppression_removal (id, mailbox, reason, partner_id, why, suppressed_at, removed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)" };
    REMOVALS = { "SELECT id, mailbox, reason, partner_id, why, suppressed_at, removed_at FROM suppression_removal
        WHERE mailbox = $1 ORDER BY id" };
    /// Those that have asked the mailbox for an answer.
    PARTNERS = { "SELECT DISTINCT i.partner_id FROM contact c JOIN recipient r ON r.contact_id = c.id
        JOIN invitation i ON i.id = r.invitation_id WHERE c.address = $1 AND r.role <> 'viewer' ORDER BY i.partner_id" };
}

record! {
    /// An address and why it is left alone.
    #[derive(Clone)]
    pub struct Suppression {
        /// By what it is known: a [`MailboxKey`].
        pub mailbox: String,
        /// What it is called outside.
        pub id: SuppressionId,
        /// The normalized address; none once its person was erased.
        pub address: Option<String>,
        /// Why, as a name: [`Cause`]'s.
        pub reason: String,
        /// Why, in words.
        pub detail: Option<String>,
        /// Since when.
        pub created_at: Timestamp,
    }
}

record! {
    /// That one was removed.
    #[derive(Clone)]
    pub struct Removal {
        /// What it was called.
        pub id: SuppressionId,
        /// Of which mailbox.
        pub mailbox: String,
        /// For which reason the mailbox was left alone.
        pub reason: String,
        /// Which partner removed it; none where an operator did.
        pub partner_id: Option<PartnerId>,
        /// Why, in words; none once the mailbox's person was erased.
        pub why: Option<String>,
        /// Since when it had been left alone.
        pub suppressed_at: Timestamp,
        /// When it was removed.
        pub removed_at: Timestamp,
    }
}

record! {
    struct Deleted {
        address: Option<String>,
    }
}

impl Suppression {
    /// That an address (normalized) is left alone.
    pub fn new(ring: &KeyRing, address: &str, reason: &str, now: Timestamp) -> Self {
        Self {
            mailbox: ring.mailbox(address).as_str().to_owned(),
            id: ids::fresh(now, &mut rand::rng()),
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
        .bind(new.id)
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

/// The suppression of that id.
///
/// # Errors
/// The database is away.
pub async fn find_by_id(conn: &mut Conn, id: SuppressionId) -> Result<Option<Suppression>, Error> {
    conn.query(FIND_BY_ID).bind(id).optional().await
}

/// All, newest first, after that one; for operators alone.
///
/// # Errors
/// The database is away.
pub async fn list(
    conn: &mut Conn,
    reason: Option<Cause>,
    after: Option<SuppressionId>,
    limit: i64,
) -> Result<Vec<Suppression>, Error> {
    conn.query(LIST)
        .bind(after.unwrap_or(uuid::Uuid::max().into()))
        .bind(reason.map(Cause::as_str))
        .bind(limit)
        .all()
        .await
}

/// Goes on leaving a mailbox alone, and forgets its address.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, mailbox: &MailboxKey) -> Result<(), Error> {
    tx.query(FORGET).bind(mailbox.as_str()).execute().await?;
    tx.query(FORGET_WHY)
        .bind(mailbox.as_str())
        .execute()
        .await?;
    Ok(())
}

/// Mails a mailbox again; `false` when it was not left alone.
///
/// # Errors
/// The database is away.
pub async fn delete(tx: &mut Tx, mailbox: &MailboxKey) -> Result<bool, Error> {
    Ok(tx.query(DELETE).bind(mailbox.as_str()).execute().await? == 1)
}

/// Mails a mailbox again, and keeps who removed its suppression and why; `false` when somebody else did so before.
///
/// # Errors
/// The database is away.
pub async fn remove(tx: &mut Tx, removal: &Removal) -> Result<bool, Error> {
    // The row's lock lets one of two win.
    let deleted: Option<Deleted> = tx.query(DELETE_BY_ID).bind(removal.id).optional().await?;
    let Some(deleted) = deleted else {
        return Ok(false);
    };
    // Of a mailbox whose person was erased, no word is kept.
    let why = removal.why.as_deref().filter(|_| deleted.address.is_some());
    tx.query(INSERT_REMOVAL)
        .bind(removal.id)
        .bind(&*removal.mailbox)
        .bind(&*removal.reason)
        .bind(removal.partner_id)
        .bind(why)
        .bind(removal.suppressed_at)
        .bind(removal.removed_at)
        .execute()
        .await?;
    Ok(true)
}

/// The suppressions of a mailbox that were removed, the oldest first.
///
/// # Errors
/// The database is away.
pub async fn removals(conn: &mut Conn, mailbox: &MailboxKey) -> Result<Vec<Removal>, Error> {
    conn.query(REMOVALS).bind(mailbox.as_str()).all().await
}

/// The partners that have asked an address (normalized) for an answer.
///
/// # Errors
/// The database is away.
pub async fn partners_of(conn: &mut Conn, address: &str) -> Result<Vec<PartnerId>, Error> {
    conn.query(PARTNERS).bind(address).scalars().await
}
