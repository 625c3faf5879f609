//! Marks and results of many mails, booked by one statement.
//!
//! The planners of both databases would rather walk all that runs than look up what a batch names, and SQLite's would read
//! the set anew beside each row: quadratic in what is under way. The set is unfolded once, and a state in `+` or `coalesce`
//! serves no index, which leaves the primary key.

use serde::Serialize;

use crate::domain::ids::{LeaseId, NoticeId};
use crate::domain::keys::MailboxKey;
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::storage::db::{record, statements};
use crate::storage::{Error, Tx, sets};

statements! {
    /// A mark touches nothing unless the lease is live, the attempt is open and the address is not suppressed. An attempt is
    /// never marked and ended at once: its result comes after its mark was committed.
    BOOK = {
        sqlite: "WITH x AS MATERIALIZED (SELECT unhex(value->>'id') AS id, value->>'number' AS number,
                unhex(value->>'lease') AS lease, value->>'message_id' AS message_id, value->>'dated_at' AS dated_at,
                unhex(value->>'sha256') AS sha256, value->>'mailbox' AS mailbox FROM json_each($1))
            UPDATE attempt SET body_started_at = $3, message_id = x.message_id, dated_at = x.dated_at, body_sha256 = x.sha256
            FROM x
            WHERE notice_id = x.id AND attempt.number = x.number AND lease_id = x.lease
                AND outcome IS NULL AND body_started_at IS NULL
                AND EXISTS (SELECT 1 FROM lease WHERE lease.id = attempt.lease_id
                    AND valid_until > CAST(unixepoch('subsec') * 1000000 AS INTEGER))
                AND NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.mailbox = x.mailbox)
            RETURNING notice_id AS id, 0 AS is_settled;
            WITH x AS MATERIALIZED (SELECT unhex(value->>'id') AS id, value->>'number' AS number,
                unhex(value->>'lease') AS lease, value->>'outcome' AS outcome, value->>'stage' AS stage,
                value->>'reply' AS reply FROM json_each($2))
            UPDATE attempt SET ended_at = $3, outcome = x.outcome, stage = x.stage, reply = x.reply
            FROM x
            WHERE notice_id = x.id AND attempt.number = x.number AND lease_id = x.lease AND attempt.outcome IS NULL;
            WITH x AS MATERIALIZED (SELECT unhex(value->>'id') AS id, unhex(value->>'lease') AS lease,
                value->>'state' AS state, value->>'run_at' AS run_at, value->>'failed' AS failed,
                value->>'reply' AS reply FROM json_each($2))
            UPDATE notice SET state = x.state, run_at = coalesce(x.run_at, notice.run_at), lease_id = NULL,
                failures = failures + x.failed, last_reply = coalesce(x.reply, last_reply),
                settled_at = CASE WHEN x.state IN ('sent', 'failed', 'dead', 'cancelled') THEN $3 END
            FROM x
            WHERE notice.id = x.id AND lease_id = x.lease AND +notice.state = 'running'
            RETURNING notice.id AS id, 1 AS is_settled",
        postgres: "WITH m AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, number bigint,
                lease uuid, message_id text, dated_at bigint, sha256 text, mailbox text)),
            r AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($2::text::jsonb) AS x(id uuid, number bigint, lease uuid,
                state text, run_at bigint, failed bigint, outcome text, stage text, reply text)),
            marked AS (
                UPDATE attempt SET body_started_at = $3, message_id = m.message_id, dated_at = m.dated_at,
                    body_sha256 = decode(m.sha256, 'hex')
                FROM m
                WHERE attempt.notice_id = ANY (ARRAY (SELECT id FROM m)) AND attempt.notice_id = m.id
                    AND attempt.number = m.number AND attempt.lease_id = m.lease
                    AND attempt.outcome IS NULL AND attempt.body_started_at IS NULL
                    AND EXISTS (SELECT 1 FROM lease WHERE lease.id = attempt.lease_id
                        AND valid_until > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
                    AND NOT EXISTS (SELECT 1 FROM suppression WHERE suppression.mailbox = m.mailbox)
                RETURNING attempt.notice_id AS id),
            ended AS (
                UPDATE attempt SET ended_at = $3, outcome = r.outcome, stage = r.stage, reply = r.reply
                FROM r
                WHERE attempt.notice_id = ANY (ARRAY (SELECT id FROM r)) AND attempt.notice_id = r.id
                    AND attempt.number = r.number AND attempt.lease_id = r.lease
                    AND attempt.outcome IS NULL),
            settled AS (
                UPDATE notice SET state = r.state, run_at = coalesce(r.run_at, notice.run_at), lease_id = NULL,
                    failures = failures + r.failed, last_reply = coalesce(r.reply, last_reply),
                    settled_at = CASE WHEN r.state IN ('sent', 'failed', 'dead', 'cancelled') THEN $3::bigint END
                FROM r
                WHERE notice.id = ANY (ARRAY (SELECT id FROM r)) AND notice.id = r.id
                    AND notice.lease_id = r.lease AND coalesce(notice.state, '') = 'running'
                RETURNING notice.id)
            SELECT id, 0::bigint AS is_settled FROM marked UNION ALL SELECT id, 1 FROM settled"
    };
}

/// That the body of a mail is about to leave.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Of which notice.
    pub notice: NoticeId,
    /// The attempt's number.
    pub number: i64,
    /// Under which lease.
    pub lease: LeaseId,
    /// The Message-ID, without the angle brackets.
    pub message_id: String,
    /// The Date.
    pub dated_at: Timestamp,
    /// SHA-256 of the mail.
    pub sha256: [u8; 32],
    /// The mailbox that it goes to; none where that asked for this mail itself, suppressed or not.
    pub mailbox: Option<MailboxKey>,
}

/// What became of an attempt, and so of its notice.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// Which notice.
    pub notice: NoticeId,
    /// The attempt's number.
    pub number: i64,
    /// Under which lease.
    pub lease: LeaseId,
    /// Where the notice stands now.
    pub state: NoticeState,
    /// When it runs again, for one that does.
    pub run_at: Option<Timestamp>,
    /// Whether this counts as a failure for the backoff.
    pub failed: bool,
    /// The attempt's outcome, as a name.
    pub outcome: &'static str,
    /// How far the conversation came.
    pub stage: Option<&'static str>,
    /// What the server said, or why it was cancelled.
    pub reply: Option<String>,
}

/// What was booked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    /// The notices whose body may leave. The others are fenced, or suppressed meanwhile.
    pub marked: Vec<NoticeId>,
    /// The notices that were ours to settle.
    pub settled: Vec<NoticeId>,
}

#[derive(Serialize)]
struct MarkRow<'a> {
    id: String,
    number: i64,
    lease: String,
    message_id: &'a str,
    dated_at: i64,
    sha256: String,
    /// NULL is no mailbox that is suppressed.
    mailbox: Option<&'a str>,
}

impl<'a> From<&'a Mark> for MarkRow<'a> {
    fn from(mark: &'a Mark) -> Self {
        Self {
            id: sets::hex(mark.notice.uuid()),
            number: mark.number,
            lease: sets::hex(mark.lease.uuid()),
            message_id: &mark.message_id,
            dated_at: mark.dated_at.as_micros(),
            sha256: data_encoding::HEXLOWER.encode(&mark.sha256),
            mailbox: mark.mailbox.as_ref().map(MailboxKey::as_str),
        }
    }
}

#[derive(Serialize)]
struct SettleRow<'a> {
    id: String,
    number: i64,
    lease: String,
    state: NoticeState,
    run_at: Option<i64>,
    failed: i64,
    outcome: &'static str,
    stage: Option<&'static str>,
    reply: Option<&'a str>,
}

impl<'a> From<&'a Settlement> for SettleRow<'a> {
    fn from(settlement: &'a Settlement) -> Self {
        Self {
            id: sets::hex(settlement.notice.uuid()),
            number: settlement.number,
            lease: sets::hex(settlement.lease.uuid()),
            state: settlement.state,
            run_at: settlement.run_at.map(Timestamp::as_micros),
            failed: i64::from(settlement.failed),
            outcome: settlement.outcome,
            stage: settlement.stage,
            reply: settlement.reply.as_deref(),
        }
    }
}

record! {
    struct BookedRow {
        id: NoticeId,
        is_settled: i64,
    }
}

/// Books marks and settlements: one statement, whatever their number. No attempt may be in both.
///
/// # Errors
/// The database is away: no body may leave, and no result is known.
pub async fn book<'a>(
    tx: &mut Tx,
    marks: impl IntoIterator<Item = &'a Mark>,
    settlements: impl IntoIterator<Item = &'a Settlement>,
    now: Timestamp,
) -> Result<Booked, Error> {
    let marks: Vec<_> = marks.into_iter().map(MarkRow::from).collect();
    let settlements: Vec<_> = settlements.into_iter().map(SettleRow::from).collect();
    let rows: Vec<BookedRow> = tx
        .query(BOOK)
        .bind(sets::rows(&marks))
        .bind(sets::rows(&settlements))
        .bind(now)
        .all()
        .await?;
    let mut booked = Booked::default();
    for row in rows {
        let list = if row.is_settled == 0 {
            &mut booked.marked
        } else {
            &mut booked.settled
        };
        list.push(row.id);
    }
    Ok(booked)
}
