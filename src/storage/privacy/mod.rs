//! What is held of one person, and its erasure: statements over many tables, which only belong together here.
//!
//! The rows are locked in one order (invitations, relationships, the contact, its parts, the notices), which is that of the
//! steps that run beside an erasure.

#[cfg(test)]
mod columns;
mod evidence;
pub mod held;
pub mod retention;

pub use evidence::{Kept, blank_evidence, evidence, evidence_of_erased};

use serde::Serialize;
use uuid::Uuid;

use super::db::{Sql, record, statements};
use super::{Conn, Error, Tx, contact, sets};
use crate::domain::erasure;
use crate::domain::ids::{
    ContactId, InvitationId, NoticeId, PartnerId, RecipientId, RelationshipId, RequestId,
};
use crate::domain::invitation::{RecipientRole, StateName};
use crate::domain::notice::{Kind, NoticeState};
use crate::domain::time::Timestamp;

/// A set of UUIDs as a subquery, on SQLite and on PostgreSQL.
macro_rules! of {
    (sqlite $n:literal) => {
        concat!("IN (SELECT unhex(value) FROM json_each($", $n, "))")
    };
    (postgres $n:literal) => {
        concat!(
            "= ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($",
            $n,
            "::text::jsonb)))"
        )
    };
}
pub(super) use of;

statements! {
    OVERWRITE = { sqlite: "PRAGMA secure_delete = ON", postgres: "SELECT 1::bigint" };
    OVERWRITE_NO_MORE = { sqlite: "PRAGMA secure_delete = OFF", postgres: "SELECT 0::bigint" };
    LOCK_INVITATIONS = {
        sqlite: concat!("SELECT id FROM invitation WHERE id ", of!(sqlite 1)),
        postgres: concat!("SELECT id FROM invitation WHERE id ", of!(postgres 1), " ORDER BY id FOR NO KEY UPDATE")
    };
    LOCK_RELATIONSHIPS = {
        sqlite: concat!("SELECT id FROM relationship WHERE state = 'active' AND invitation_id ", of!(sqlite 1)),
        postgres: concat!("SELECT id FROM relationship WHERE state = 'active' AND invitation_id ", of!(postgres 1),
            " ORDER BY id FOR NO KEY UPDATE")
    };
    LOCK_CONTACT = {
        sqlite: "SELECT id FROM contact WHERE id = $1",
        postgres: "SELECT id FROM contact WHERE id = $1 FOR UPDATE"
    };
    LOCK_PARTS = {
        sqlite: "SELECT id FROM recipient WHERE contact_id = $1",
        postgres: "SELECT id FROM recipient WHERE contact_id = $1 ORDER BY id FOR UPDATE"
    };
    PARTS = { "SELECT r.id, r.invitation_id, r.role, r.name, i.partner_id, i.contact_id AS asked_id, i.state, i.note, \
            i.decline_text, i.reference
        FROM recipient r JOIN invitation i ON i.id = r.invitation_id WHERE r.contact_id = $1 ORDER BY r.id" };
    NOTICES = {
        sqlite: concat!("SELECT id, kind, subject_id, target_id, payload, state, last_reply FROM notice WHERE subject_id ", of!(sqlite 1), " ORDER BY id"),
        postgres: concat!("SELECT id, kind, subject_id, target_id, payload, state, last_reply FROM notice WHERE subject_id ", of!(postgres 1),
            " ORDER BY id FOR UPDATE")
    };
    /// A body that had begun to leave may have arrived; nothing is written of what its server says.
    END_ATTEMPTS = {
        sqlite: concat!("UPDATE attempt SET outcome = CASE WHEN body_started_at IS NULL THEN 'cancelled' ELSE 'ambiguous' END,
                ended_at = $2
            WHERE outcome IS NULL AND (notice_id, number) IN (SELECT id, attempts FROM notice
                WHERE state = 'running' AND id ", of!(sqlite 1), ")"),
        postgres: concat!("UPDATE attempt SET outcome = CASE WHEN body_started_at IS NULL THEN 'cancelled' ELSE 'ambiguous' END,
                ended_at = $2
            WHERE outcome IS NULL AND (notice_id, number) IN (SELECT id, attempts FROM notice
                WHERE state = 'running' AND id ", of!(postgres 1), ")")
    };
    /// Without its lease, a worker that holds one of them writes no mark and no result.
    CANCEL = {
        sqlite: concat!("UPDATE notice SET state = 'cancelled', settled_at = $2, last_reply = $3, lease_id = NULL
            WHERE state IN ('scheduled', 'ready', 'running') AND id ", of!(sqlite 1)),
        postgres: concat!("UPDATE notice SET state = 'cancelled', settled_at = $2, last_reply = $3, lease_id = NULL
            WHERE state IN ('scheduled', 'ready', 'running') AND id ", of!(postgres 1))
    };
    /// The destination domain may be the person's own.
    REWRITE_NOTICES = {
        sqlite: "WITH x AS MATERIALIZED (SELECT unhex(value->>'id') AS id, value->>'payload' AS payload,
                value->>'reply' AS reply, value->>'own' AS own FROM json_each($1))
            UPDATE notice SET payload = x.payload, last_reply = x.reply,
                domain = CASE WHEN x.own = 1 THEN $2 ELSE domain END,
                lane = CASE WHEN x.own = 1 THEN substr(lane, 1, 33) || $2 ELSE lane END
            FROM x WHERE notice.id = x.id",
        postgres: "UPDATE notice SET payload = x.payload, last_reply = x.reply,
                domain = CASE WHEN x.own = 1 THEN $2 ELSE domain END,
                lane = CASE WHEN x.own = 1 THEN substr(lane, 1, 33) || $2 ELSE lane END
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, payload text, reply text, own bigint)
            WHERE notice.id = x.id"
    };
    REPLIES = {
        sqlite: concat!("SELECT notice_id, number, reply FROM attempt WHERE reply IS NOT NULL AND notice_id ", of!(sqlite 1)),
        postgres: concat!("SELECT notice_id, number, reply FROM attempt WHERE reply IS NOT NULL AND notice_id ", of!(postgres 1))
    };
    BLANK_REPLIES = {
        sqlite: "UPDATE attempt SET reply = NULL WHERE (notice_id, number) IN
            (SELECT unhex(value->>'notice'), value->>'number' FROM json_each($1))",
        postgres: "UPDATE attempt SET reply = NULL
            FROM jsonb_to_recordset($1::text::jsonb) AS x(notice uuid, number bigint)
            WHERE attempt.notice_id = x.notice AND attempt.number = x.number"
    };
    /// A hash of a mail whose words are few tells which of two names stood in it.
    BLANK_HASHES = {
        sqlite: concat!("UPDATE attempt SET body_sha256 = X'' WHERE body_sha256 IS NOT NULL AND notice_id ", of!(sqlite 1)),
        postgres: concat!("UPDATE attempt SET body_sha256 = ''::bytea WHERE body_sha256 IS NOT NULL AND notice_id ", of!(postgres 1))
    };
    /// Links of before are replaced ones; whoever only read along does so no more.
    BLANK_PARTS = { "UPDATE recipient SET name = '', generation = generation + 1,
            links_expire_at = CASE WHEN links_expire_at < $2 THEN links_expire_at ELSE $2 END,
            role = CASE WHEN role = 'viewer' THEN 'former' ELSE role END
        WHERE contact_id = $1" };
    BLANK_INVITATIONS = {
        sqlite: "WITH x AS MATERIALIZED (SELECT unhex(value->>'id') AS id, value->>'note' AS note,
                value->>'decline_text' AS decline_text, value->>'reference' AS reference FROM json_each($1))
            UPDATE invitation SET note = x.note, decline_text = x.decline_text, reference = x.reference
            FROM x WHERE invitation.id = x.id",
        postgres: "UPDATE invitation SET note = x.note, decline_text = x.decline_text, reference = x.reference
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, note text, decline_text text, reference text)
            WHERE invitation.id = x.id"
    };
    FORGET_VISITS = { "DELETE FROM visit WHERE recipient_id IN (SELECT id FROM recipient WHERE contact_id = $1)" };
    /// The hash of a request can be made again from names and addresses.
    /// Each answer of the interface that names a mailbox names it by its id, too; a key is whatever its partner made it of.
    FORGET_ANSWERS = { "DELETE FROM api_answer WHERE body LIKE $1 OR lower(idempotency_key) LIKE $2 ESCAPE '!'" };
    FORGET_KEYS = {
        sqlite: "DELETE FROM idempotency WHERE answer IN (SELECT value FROM json_each($1))",
        postgres: "DELETE FROM idempotency WHERE answer = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb)))"
    };
    REQUESTS = { "SELECT q.id, q.partner_id, q.inquiry_id, q.sent_at FROM inquiry_partner q
        JOIN inquiry i ON i.id = q.inquiry_id WHERE i.contact_id = $1 ORDER BY q.id" };
    FORGET_REQUESTS = { "DELETE FROM inquiry_partner WHERE inquiry_id IN (SELECT id FROM inquiry WHERE contact_id = $1)" };
    FORGET_INQUIRIES = { "DELETE FROM inquiry WHERE contact_id = $1" };
    BLANK_CONTACT = { "UPDATE contact SET address = $2, smtp_address = $2, domain = $3, language = NULL, time_zone = NULL
        WHERE id = $1" };

}

/// All statements of this folder.
pub(super) fn all_statements() -> impl Iterator<Item = &'static (&'static str, Sql)> {
    [
        STATEMENTS,
        evidence::STATEMENTS,
        held::STATEMENTS,
        retention::STATEMENTS,
    ]
    .into_iter()
    .flatten()
}

record! {
    /// A person's part in an invitation, and the words of others in it.
    #[derive(Clone)]
    pub struct Part {
        /// The part.
        pub id: RecipientId,
        /// In which invitation.
        pub invitation_id: InvitationId,
        /// What they may do.
        pub role: RecipientRole,
        /// Their name as the partner wrote it.
        pub name: String,
        /// Who asks.
        pub partner_id: PartnerId,
        /// Whom that invitation asks by now.
        pub asked_id: ContactId,
        /// Where it stands.
        pub state: StateName,
        /// The partner's words.
        pub note: Option<String>,
        /// Why it was declined.
        pub decline_text: Option<String>,
        /// The partner's own reference.
        pub reference: Option<String>,
    }
}

record! {
    /// A notice about something that a person takes part in.
    #[derive(Clone)]
    pub struct Notice {
        /// The row.
        pub id: NoticeId,
        /// Which mail.
        pub kind: Kind,
        /// What it is about.
        pub subject_id: Uuid,
        /// Who gets it.
        pub target_id: Uuid,
        /// More of it: JSON.
        pub payload: String,
        /// Where it stands.
        pub state: NoticeState,
        /// What the server said last.
        pub last_reply: Option<String>,
    }
}

record! {
    /// What a server said to a try.
    #[derive(Clone)]
    pub struct Replied {
        /// Of which notice.
        pub notice_id: NoticeId,
        /// The how-many-eth try.
        pub number: i64,
        /// What it said.
        pub reply: String,
    }
}

record! {
    /// An inquiry of a person, as one partner got it.
    #[derive(Clone, Copy)]
    pub struct Request {
        /// The row.
        pub id: RequestId,
        /// Which partner.
        pub partner_id: PartnerId,
        /// Of which inquiry.
        pub inquiry_id: Uuid,
        /// When it went there.
        pub sent_at: Option<Timestamp>,
    }
}

/// Has SQLite overwrite what it deletes in its file, on this connection: to be switched off again, as the queue's writes are
/// slower with it.
///
/// # Errors
/// The database is away.
pub async fn overwrite(tx: &mut Tx, is_on: bool) -> Result<(), Error> {
    let statement = if is_on { OVERWRITE } else { OVERWRITE_NO_MORE };
    tx.query(statement).scalar::<i64>().await?;
    Ok(())
}

/// Locks these invitations, and then the relationships that were agreed upon by them last; returns those.
///
/// # Errors
/// The database is away.
pub async fn lock_invitations(
    tx: &mut Tx,
    ids: impl IntoIterator<Item = InvitationId>,
) -> Result<Vec<RelationshipId>, Error> {
    let ids = sets::ids(ids.into_iter().map(InvitationId::uuid));
    tx.query(LOCK_INVITATIONS).bind(&*ids).execute().await?;
    tx.query(LOCK_RELATIONSHIPS).bind(ids).scalars().await
}

/// Locks a contact and its parts: nothing can name either until the transaction ends.
///
/// # Errors
/// The database is away.
pub async fn lock_contact(tx: &mut Tx, id: ContactId) -> Result<(), Error> {
    tx.query(LOCK_CONTACT).bind(id).execute().await?;
    tx.query(LOCK_PARTS).bind(id).execute().await?;
    Ok(())
}

/// The parts of a contact in invitations.
///
/// # Errors
/// The database is away.
pub async fn parts(conn: &mut Conn, id: ContactId) -> Result<Vec<Part>, Error> {
    conn.query(PARTS).bind(id).all().await
}

/// The notices about these subjects, locked.
///
/// # Errors
/// The database is away.
pub async fn notices(
    tx: &mut Tx,
    subjects: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Notice>, Error> {
    tx.query(NOTICES).bind(sets::ids(subjects)).all().await
}

/// What servers said to the tries of these notices.
///
/// # Errors
/// The database is away.
pub async fn replies(conn: &mut Conn, notices: &[Notice]) -> Result<Vec<Replied>, Error> {
    let ids = notices.iter().map(|notice| notice.id.uuid());
    conn.query(REPLIES).bind(sets::ids(ids)).all().await
}

/// Ends notices that wait or run; a worker that holds one of them writes nothing of it any more. Returns how many.
///
/// # Errors
/// The database is away.
pub async fn cancel(
    tx: &mut Tx,
    notices: &[NoticeId],
    why: &str,
    now: Timestamp,
) -> Result<u64, Error> {
    let ids = sets::ids(notices.iter().map(|id| id.uuid()));
    let end = tx.query(END_ATTEMPTS).bind(&*ids).bind(now);
    end.execute().await?;
    let cancel = tx.query(CANCEL).bind(&*ids).bind(now).bind(why);
    let cancelled = cancel.execute().await?;
    tx.query(BLANK_HASHES).bind(ids).execute().await?;
    Ok(cancelled)
}

/// What a notice says from now on.
#[derive(Serialize)]
pub struct Rewritten {
    id: String,
    payload: String,
    reply: Option<String>,
    own: i64,
}

impl Rewritten {
    /// A notice with another payload and reply; `own` is one that went to the person.
    pub fn new(of: NoticeId, payload: String, reply: Option<String>, own: bool) -> Self {
        Self {
            id: sets::hex(of.uuid()),
            payload,
            reply,
            own: i64::from(own),
        }
    }
}

/// Rewrites notices.
///
/// # Errors
/// The database is away.
pub async fn rewrite(tx: &mut Tx, notices: &[Rewritten]) -> Result<(), Error> {
    let rewrite = tx.query(REWRITE_NOTICES).bind(sets::rows(notices));
    rewrite.bind(erasure::DOMAIN).execute().await?;
    Ok(())
}

#[derive(Serialize)]
struct TryRow {
    notice: String,
    number: i64,
}

/// Forgets what servers said to these tries.
///
/// # Errors
/// The database is away.
pub async fn blank_replies(tx: &mut Tx, of: &[Replied]) -> Result<(), Error> {
    let rows: Vec<_> = of
        .iter()
        .map(|replied| TryRow {
            notice: sets::hex(replied.notice_id.uuid()),
            number: replied.number,
        })
        .collect();
    tx.query(BLANK_REPLIES)
        .bind(sets::rows(&rows))
        .execute()
        .await?;
    Ok(())
}

#[derive(Serialize)]
struct WordsRow<'a> {
    id: String,
    note: Option<&'a str>,
    decline_text: Option<&'a str>,
    reference: Option<&'a str>,
}

/// Writes the words of invitations anew, as these parts have them.
///
/// # Errors
/// The database is away.
pub async fn write_words(tx: &mut Tx, parts: &[Part]) -> Result<(), Error> {
    let rows: Vec<_> = parts
        .iter()
        .map(|part| WordsRow {
            id: sets::hex(part.invitation_id.uuid()),
            note: part.note.as_deref(),
            decline_text: part.decline_text.as_deref(),
            reference: part.reference.as_deref(),
        })
        .collect();
    tx.query(BLANK_INVITATIONS)
        .bind(sets::rows(&rows))
        .execute()
        .await?;
    Ok(())
}

/// Forgets who opened a contact's links, and the names in its parts, whose links end; returns how many visits there were.
///
/// # Errors
/// The database is away.
pub async fn blank_parts(tx: &mut Tx, id: ContactId, now: Timestamp) -> Result<u64, Error> {
    let visits = tx.query(FORGET_VISITS).bind(id).execute().await?;
    tx.query(BLANK_PARTS).bind(id).bind(now).execute().await?;
    Ok(visits)
}

/// Forgets the idempotency keys that these invitations answered.
///
/// # Errors
/// The database is away.
pub async fn forget_keys(tx: &mut Tx, invitations: &[InvitationId]) -> Result<(), Error> {
    let answers: Vec<_> = invitations.iter().map(InvitationId::to_string).collect();
    tx.query(FORGET_KEYS)
        .bind(sets::rows(&answers))
        .execute()
        .await?;
    Ok(())
}

/// Forgets the answers of the interface, and their keys, that name a mailbox: by its contact, and by its normalized address.
///
/// # Errors
/// The database is away.
pub async fn forget_answers(tx: &mut Tx, contact: ContactId, address: &str) -> Result<(), Error> {
    let mut pattern = String::from("%");
    for c in address.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    let erased = tx
        .query(FORGET_ANSWERS)
        .bind(format!("%{contact}%"))
        .bind(pattern);
    erased.execute().await?;
    Ok(())
}

/// What a contact asked of partners.
///
/// # Errors
/// The database is away.
pub async fn requests(conn: &mut Conn, id: ContactId) -> Result<Vec<Request>, Error> {
    conn.query(REQUESTS).bind(id).all().await
}

/// Deletes the inquiries of a contact; returns how many.
///
/// # Errors
/// The database is away.
pub async fn forget_inquiries(tx: &mut Tx, id: ContactId) -> Result<u64, Error> {
    tx.query(FORGET_REQUESTS).bind(id).execute().await?;
    tx.query(FORGET_INQUIRIES).bind(id).execute().await
}

/// Deletes a contact that nothing names any more; of another, only a name stays that no mail reaches.
///
/// # Errors
/// The database is away.
pub async fn blank_contact(tx: &mut Tx, id: ContactId) -> Result<(), Error> {
    if contact::forget_unnamed(tx, [id]).await? == 1 {
        return Ok(());
    }
    tx.query(BLANK_CONTACT)
        .bind(id)
        .bind(erasure::placeholder(id))
        .bind(erasure::DOMAIN)
        .execute()
        .await?;
    Ok(())
}
