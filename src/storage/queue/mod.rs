//! The running of the queue: claim, then book marks and results. Every statement works on a set; every write of a result is
//! fenced.

mod book;
mod claim;

use uuid::Uuid;

use super::db::{Sql, record, statements};
use super::{Conn, Error, sets};
use crate::domain::ids::{NoticeId, PartnerId};
use crate::domain::notice::Kind;
use crate::domain::time::Timestamp;

pub use book::{Booked, Mark, Settlement, book};
pub use claim::{Batch, Claim, Claiming, Turns, claim};

statements! {
    /// Message-ID, Date and hash of the first body that began to leave: a retry repeats them.
    FIRST_BODIES = {
        sqlite: "SELECT a.notice_id, a.message_id, a.dated_at, a.body_sha256 FROM attempt a
            WHERE a.notice_id IN (SELECT unhex(value) FROM json_each($1)) AND a.body_started_at IS NOT NULL
                AND a.number = (SELECT min(number) FROM attempt b
                    WHERE b.notice_id = a.notice_id AND b.body_started_at IS NOT NULL)",
        postgres: "SELECT a.notice_id, a.message_id, a.dated_at, a.body_sha256 FROM attempt a
            WHERE a.notice_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
                AND a.body_started_at IS NOT NULL
                AND a.number = (SELECT min(number) FROM attempt b
                    WHERE b.notice_id = a.notice_id AND b.body_started_at IS NOT NULL)"
    };
    /// Since when a notice does not go through; tries before an operator brought it back do not count.
    FIRST_FAILURES = {
        sqlite: "SELECT a.notice_id, min(a.begun_at) AS failing_since FROM attempt a JOIN notice n ON n.id = a.notice_id
            WHERE a.notice_id IN (SELECT unhex(value) FROM json_each($1))
                AND a.outcome IN ('retried', 'ambiguous') AND a.begun_at >= n.due_at
            GROUP BY a.notice_id",
        postgres: "SELECT a.notice_id, min(a.begun_at) AS failing_since FROM attempt a JOIN notice n ON n.id = a.notice_id
            WHERE a.notice_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
                AND a.outcome IN ('retried', 'ambiguous') AND a.begun_at >= n.due_at
            GROUP BY a.notice_id"
    };
    NEXT_DUE = { "SELECT run_at FROM notice WHERE state = 'scheduled' ORDER BY run_at LIMIT 1" };
}

/// All statements of this folder.
pub(super) fn all_statements() -> impl Iterator<Item = &'static (&'static str, Sql)> {
    [STATEMENTS, book::STATEMENTS, claim::STATEMENTS]
        .into_iter()
        .flatten()
}

record! {
    /// A notice under our lease.
    #[derive(Clone, Debug)]
    pub struct Claimed {
        /// The row.
        pub id: NoticeId,
        /// On whose behalf.
        pub partner_id: PartnerId,
        /// The destination domain.
        pub domain: String,
        /// Which mail.
        pub kind: Kind,
        /// What it is about.
        pub subject_id: Uuid,
        /// Who gets it: a contact's or the partner's UUID.
        pub target_id: Uuid,
        /// Which sending it belongs to, or which revision of a relationship.
        pub generation: i64,
        /// More of it: JSON.
        pub payload: String,
        /// When it was planned for.
        pub due_at: Timestamp,
        /// The number of this attempt, from 1.
        pub attempts: i64,
        /// How often it did not go through.
        pub failures: i64,
    }
}

record! {
    /// What the first body of a notice fixed.
    #[derive(Clone, Debug)]
    pub struct FirstBody {
        /// Of which notice.
        pub notice_id: NoticeId,
        /// Its Message-ID, without the angle brackets.
        pub message_id: String,
        /// Its Date.
        pub dated_at: Timestamp,
        /// SHA-256 of the mail.
        pub body_sha256: Vec<u8>,
    }
}

record! {
    /// Since when a notice does not go through.
    #[derive(Clone, Copy, Debug)]
    pub struct FirstFailure {
        /// Which notice.
        pub notice_id: NoticeId,
        /// When the first try began that did not go through.
        pub failing_since: Timestamp,
    }
}

/// What the first bodies of these notices fixed; nothing for those of which no body has left.
///
/// # Errors
/// The database is away.
pub async fn first_bodies(
    conn: &mut Conn,
    notices: impl IntoIterator<Item = NoticeId>,
) -> Result<Vec<FirstBody>, Error> {
    conn.query(FIRST_BODIES)
        .bind(sets::ids(notices.into_iter().map(NoticeId::uuid)))
        .all()
        .await
}

/// Since when these notices do not go through; nothing for those that have not failed yet.
///
/// # Errors
/// The database is away.
pub async fn first_failures(
    conn: &mut Conn,
    notices: impl IntoIterator<Item = NoticeId>,
) -> Result<Vec<FirstFailure>, Error> {
    conn.query(FIRST_FAILURES)
        .bind(sets::ids(notices.into_iter().map(NoticeId::uuid)))
        .all()
        .await
}

/// When the next scheduled notice is due.
///
/// # Errors
/// The database is away.
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>, Error> {
    conn.query(NEXT_DUE).scalar().await
}
