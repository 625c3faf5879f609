//! Deletes what is no longer needed, in small transactions.
//!
//! Identifiers are UUID v7, so that a walk along the primary key is one along time: no index is kept for this, and none costs
//! the queue anything.

use uuid::Uuid;

use super::of;
use crate::domain::ids::{ContactId, first_of};
use crate::domain::retention::Class;
use crate::domain::time::Timestamp;
use crate::storage::contact::{self, unnamed};
use crate::storage::db::{Sql, statements};
use crate::storage::{Conn, Error, Tx, sets};

/// What a page of a class is: `$1` after which id, `$2` before which, `$3` the moment before which its time is over, `$4` at
/// most so many. A count is of the same.
macro_rules! class {
    (visits) => {
        "FROM visit WHERE id > $1 AND id < $2 AND last_at < $3"
    };
    (notices) => {
        "FROM notice WHERE id > $1 AND id < $2 AND settled_at < $3 \
         AND state IN ('sent', 'failed', 'dead', 'cancelled')"
    };
    (invitations) => {
        "FROM invitation WHERE id > $1 AND id < $2 AND ended_at < $3 \
         AND state IN ('declined', 'expired', 'revoked') \
         AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.subject_id = invitation.id \
            AND notice.state IN ('scheduled', 'ready', 'running'))"
    };
    (inquiries) => {
        "FROM inquiry WHERE id > $1 AND id < $2 AND confirmed_at < $3 AND state = 'confirmed'"
    };
    (contacts) => {
        concat!(
            "FROM contact WHERE id > $1 AND id < $2 AND created_at < $3",
            unnamed!()
        )
    };
}

macro_rules! page {
    ($class:ident) => {
        concat!("SELECT id ", class!($class), " ORDER BY id LIMIT $4")
    };
}

macro_rules! count {
    ($class:ident) => {
        concat!("SELECT count(*) ", class!($class))
    };
}

statements! {
    VISITS = { page!(visits) };
    NOTICES = { page!(notices) };
    INVITATIONS = { page!(invitations) };
    INQUIRIES = { page!(inquiries) };
    CONTACTS = { page!(contacts) };
    COUNT_VISITS = { count!(visits) };
    COUNT_NOTICES = { count!(notices) };
    COUNT_INVITATIONS = { count!(invitations) };
    COUNT_INQUIRIES = { count!(inquiries) };
    COUNT_CONTACTS = { count!(contacts) };
    FORGET_VISITS = {
        sqlite: concat!("DELETE FROM visit WHERE id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM visit WHERE id ", of!(postgres 1))
    };
    /// One that an operator brings back meanwhile stays.
    LOCK_NOTICES = {
        sqlite: concat!("SELECT id FROM notice WHERE state IN ('sent', 'failed', 'dead', 'cancelled') AND id ", of!(sqlite 1)),
        postgres: concat!("SELECT id FROM notice WHERE coalesce(state, '') IN ('sent', 'failed', 'dead', 'cancelled') AND id ",
            of!(postgres 1), " FOR UPDATE SKIP LOCKED")
    };
    /// Of invitations that ended.
    LOCK_NOTICES_OF = {
        sqlite: concat!("SELECT id FROM notice WHERE subject_id ", of!(sqlite 1)),
        postgres: concat!("SELECT id FROM notice WHERE subject_id ", of!(postgres 1), " FOR UPDATE")
    };
    FORGET_ATTEMPTS = {
        sqlite: concat!("DELETE FROM attempt WHERE notice_id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM attempt WHERE notice_id ", of!(postgres 1))
    };
    FORGET_NOTICES = {
        sqlite: concat!("DELETE FROM notice WHERE id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM notice WHERE id ", of!(postgres 1))
    };
    /// Until the end, nobody can record a visit of their links.
    LOCK_PARTS = {
        sqlite: concat!("SELECT id FROM recipient WHERE invitation_id ", of!(sqlite 1)),
        postgres: concat!("SELECT id FROM recipient WHERE invitation_id ", of!(postgres 1), " ORDER BY id FOR UPDATE")
    };
    FORGET_VISITS_OF = {
        sqlite: concat!("DELETE FROM visit WHERE recipient_id IN (SELECT id FROM recipient WHERE invitation_id ", of!(sqlite 1), ")"),
        postgres: concat!("DELETE FROM visit WHERE recipient_id IN (SELECT id FROM recipient WHERE invitation_id ", of!(postgres 1), ")")
    };
    FORGET_STEPS = {
        sqlite: concat!("DELETE FROM microsoft_step WHERE invitation_id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM microsoft_step WHERE invitation_id ", of!(postgres 1))
    };
    FORGET_ANSWERS = {
        sqlite: concat!("UPDATE inquiry_partner SET invitation_id = NULL WHERE invitation_id ", of!(sqlite 1)),
        postgres: concat!("UPDATE inquiry_partner SET invitation_id = NULL WHERE invitation_id ", of!(postgres 1))
    };
    FORGET_PARTS = {
        sqlite: concat!("DELETE FROM recipient WHERE invitation_id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM recipient WHERE invitation_id ", of!(postgres 1))
    };
    FORGET_INVITATIONS = {
        sqlite: concat!("DELETE FROM invitation WHERE id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM invitation WHERE id ", of!(postgres 1))
    };
    FORGET_REQUESTS = {
        sqlite: concat!("DELETE FROM inquiry_partner WHERE inquiry_id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM inquiry_partner WHERE inquiry_id ", of!(postgres 1))
    };
    FORGET_INQUIRIES = {
        sqlite: concat!("DELETE FROM inquiry WHERE id ", of!(sqlite 1)),
        postgres: concat!("DELETE FROM inquiry WHERE id ", of!(postgres 1))
    };
}

/// A page of what has to go of a class, after an id, in the order of the ids.
///
/// # Errors
/// The database is away.
pub async fn page(
    conn: &mut Conn,
    class: Class,
    after: Uuid,
    cutoff: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let Some((page, _)) = sql_of(class) else {
        return Ok(Vec::new());
    };
    conn.query(page)
        .bind(after)
        .bind(first_of(cutoff))
        .bind(cutoff)
        .bind(limit)
        .scalars()
        .await
}

/// How much has to go of a class.
///
/// # Errors
/// The database is away.
pub async fn count(conn: &mut Conn, class: Class, cutoff: Timestamp) -> Result<i64, Error> {
    let Some((_, count)) = sql_of(class) else {
        return Ok(0);
    };
    let count = conn
        .query(count)
        .bind(Uuid::nil())
        .bind(first_of(cutoff))
        .bind(cutoff);
    Ok(count.scalar().await?.unwrap_or_default())
}

const fn sql_of(class: Class) -> Option<(Sql, Sql)> {
    Some(match class {
        Class::Visits => (VISITS, COUNT_VISITS),
        Class::Notices => (NOTICES, COUNT_NOTICES),
        Class::Invitations => (INVITATIONS, COUNT_INVITATIONS),
        Class::Inquiries => (INQUIRIES, COUNT_INQUIRIES),
        Class::Contacts => (CONTACTS, COUNT_CONTACTS),
        Class::Evidence => return None,
    })
}

/// Deletes rows of a class, with all that hangs on them; returns how many.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, class: Class, ids: &[Uuid]) -> Result<u64, Error> {
    let set = sets::ids(ids.iter().copied());
    match class {
        Class::Visits => tx.query(FORGET_VISITS).bind(set).execute().await,
        Class::Notices => {
            let found: Vec<Uuid> = tx.query(LOCK_NOTICES).bind(set).scalars().await?;
            forget_notices(tx, found).await
        }
        Class::Invitations => forget_invitations(tx, &set).await,
        Class::Inquiries => {
            tx.query(FORGET_REQUESTS).bind(&*set).execute().await?;
            tx.query(FORGET_INQUIRIES).bind(set).execute().await
        }
        Class::Contacts => {
            let contacts = ids.iter().map(|id| ContactId::from(*id));
            contact::forget_unnamed(tx, contacts).await
        }
        Class::Evidence => Ok(0),
    }
}

async fn forget_notices(tx: &mut Tx, ids: Vec<Uuid>) -> Result<u64, Error> {
    let set = sets::ids(ids);
    tx.query(FORGET_ATTEMPTS).bind(&*set).execute().await?;
    tx.query(FORGET_NOTICES).bind(set).execute().await
}

/// Their states are terminal: nobody changes them meanwhile.
async fn forget_invitations(tx: &mut Tx, set: &str) -> Result<u64, Error> {
    tx.query(LOCK_PARTS).bind(set).execute().await?;
    let notices: Vec<Uuid> = tx.query(LOCK_NOTICES_OF).bind(set).scalars().await?;
    forget_notices(tx, notices).await?;
    for statement in [FORGET_VISITS_OF, FORGET_STEPS, FORGET_ANSWERS, FORGET_PARTS] {
        tx.query(statement).bind(set).execute().await?;
    }
    tx.query(FORGET_INVITATIONS).bind(set).execute().await
}
