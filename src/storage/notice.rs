//! Notices: putting mails into the queue, taking them back, looking at them. The running of the queue is in `queue`.

use serde::Serialize;
use uuid::Uuid;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{NoticeId, PartnerId};
use crate::domain::notice::{Channel, Irrelevant, Kind, NoticeState};
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, domain, channel, kind, step, subject_id, target_id, generation, payload, state, run_at, \
         due_at, attempts, failures, deaths, created_at, settled_at, last_reply"
    };
}

statements! {
    /// The unique key makes every enqueue repeatable: the second one does nothing.
    ENQUEUE = {
        sqlite: "INSERT INTO notice (id, partner_id, lane, domain, channel, kind, step, subject_id, target_id, generation,
                payload, state, run_at, due_at, attempts, failures, deaths, created_at)
            SELECT unhex(value->>'id'), unhex(value->>'partner'), value->>'partner' || ':' || (value->>'domain'),
                value->>'domain', value->>'channel', value->>'kind', value->>'step', unhex(value->>'subject'),
                unhex(value->>'target'), value->>'generation', value->>'payload', value->>'state', value->>'run_at',
                value->>'run_at', 0, 0, 0, value->>'now'
            FROM json_each($1) WHERE true
            ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO notice (id, partner_id, lane, domain, channel, kind, step, subject_id, target_id, generation,
                payload, state, run_at, due_at, attempts, failures, deaths, created_at)
            SELECT id, partner::uuid, partner || ':' || domain, domain, channel, kind, step, subject, target, generation,
                payload, state, run_at, run_at, 0, 0, 0, now
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, partner text, domain text, channel text, kind text,
                step bigint, subject uuid, target uuid, generation bigint, payload text, state text, run_at bigint, now bigint)
            ON CONFLICT DO NOTHING"
    };
    CANCEL_OF_SUBJECTS = {
        sqlite: "UPDATE notice SET state = 'cancelled', settled_at = $3, last_reply = $4
            WHERE subject_id IN (SELECT unhex(value) FROM json_each($1)) AND state IN ('scheduled', 'ready')
                AND kind IN (SELECT value FROM json_each($2))",
        postgres: "UPDATE notice SET state = 'cancelled', settled_at = $3, last_reply = $4
            WHERE subject_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
                AND state IN ('scheduled', 'ready')
                AND kind IN (SELECT jsonb_array_elements_text($2::text::jsonb))"
    };
    BY_ID = { concat!("SELECT ", columns!(), " FROM notice WHERE id = $1") };
    OF_SUBJECT = { concat!("SELECT ", columns!(), " FROM notice WHERE subject_id = $1 ORDER BY due_at, id") };
    IN_STATE = { concat!("SELECT ", columns!(), " FROM notice WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3") };
    COUNTS = { "SELECT state AS name, count(*) AS count FROM notice GROUP BY state ORDER BY state" };
    DEPTHS = { "SELECT (SELECT count(*) FROM notice WHERE state = 'scheduled') AS scheduled,
        (SELECT count(*) FROM notice WHERE state = 'ready') AS ready,
        (SELECT count(*) FROM notice WHERE state = 'running') AS running" };
    DUE = { concat!("SELECT ", columns!(), " FROM notice
        WHERE state = 'ready' OR (state = 'scheduled' AND run_at <= $1) ORDER BY run_at, id LIMIT $2") };
    RETRY = { "UPDATE notice SET state = 'ready', run_at = $2, due_at = $2, failures = 0, deaths = 0, settled_at = NULL
        WHERE id = $1 AND state IN ('failed', 'dead', 'cancelled', 'scheduled')" };
    /// A mailbox that an operator wants tried again is no longer known to refuse.
    DELIVERABLE = { "UPDATE recipient SET undeliverable_at = NULL
        WHERE role = 'signer' AND (invitation_id, generation) IN (SELECT subject_id, generation FROM notice
            WHERE id = $1 AND kind IN ('invitation', 'reminder', 'last_chance'))" };
    CANCEL = { "UPDATE notice SET state = 'cancelled', settled_at = $2, last_reply = $3
        WHERE id = $1 AND state IN ('scheduled', 'ready', 'dead')" };
    ATTEMPTS_OF_SUBJECT = { "SELECT a.notice_id, a.number, a.begun_at, a.body_started_at, a.ended_at, a.outcome, a.stage, a.reply
        FROM attempt a JOIN notice n ON n.id = a.notice_id WHERE n.subject_id = $1 ORDER BY a.begun_at, a.notice_id, a.number" };
}

record! {
    /// A row of the queue, as it is looked at.
    #[derive(Clone, Debug)]
    pub struct Notice {
        /// The row.
        pub id: NoticeId,
        /// On whose behalf.
        pub partner_id: PartnerId,
        /// The destination domain.
        pub domain: String,
        /// By which way.
        pub channel: Channel,
        /// Which mail.
        pub kind: Kind,
        /// The how-many-eth of its kind.
        pub step: i64,
        /// What it is about: the row's UUID.
        pub subject_id: Uuid,
        /// Who gets it: a contact's or the partner's UUID.
        pub target_id: Uuid,
        /// Which sending it belongs to.
        pub generation: i64,
        /// More of it: JSON.
        pub payload: String,
        /// Where it stands.
        pub state: NoticeState,
        /// Not before then.
        pub run_at: Timestamp,
        /// When it was planned for.
        pub due_at: Timestamp,
        /// How often it was begun.
        pub attempts: i64,
        /// How often it did not go through.
        pub failures: i64,
        /// How often its worker died over it.
        pub deaths: i64,
        /// When it was put into the queue.
        pub created_at: Timestamp,
        /// When it was settled.
        pub settled_at: Option<Timestamp>,
        /// What the server, or the canceller, said last.
        pub last_reply: Option<String>,
    }
}

record! {
    /// One try, as it is looked at.
    #[derive(Clone, Debug)]
    pub struct Attempt {
        /// Of which notice.
        pub notice_id: NoticeId,
        /// The how-many-eth, from 1.
        pub number: i64,
        /// When a worker took it up.
        pub begun_at: Timestamp,
        /// When its body began to leave.
        pub body_started_at: Option<Timestamp>,
        /// When its end was written.
        pub ended_at: Option<Timestamp>,
        /// How it ended, as a name.
        pub outcome: Option<String>,
        /// How far the conversation came.
        pub stage: Option<String>,
        /// What the server said.
        pub reply: Option<String>,
    }
}

/// A notice that is to be put into the queue.
#[derive(Clone, Debug)]
pub struct New {
    /// The row.
    pub id: NoticeId,
    /// On whose behalf.
    pub partner: PartnerId,
    /// The destination domain.
    pub domain: String,
    /// Which mail.
    pub kind: Kind,
    /// The how-many-eth of its kind.
    pub step: u16,
    /// What it is about.
    pub subject: Uuid,
    /// Who gets it.
    pub target: Uuid,
    /// Which sending it belongs to.
    pub generation: u32,
    /// More of it: JSON.
    pub payload: String,
    /// Not before then.
    pub run_at: Timestamp,
}

#[derive(Serialize)]
struct NewRow<'a> {
    id: String,
    partner: String,
    domain: &'a str,
    channel: Channel,
    kind: Kind,
    step: u16,
    subject: String,
    target: String,
    generation: u32,
    payload: &'a str,
    state: NoticeState,
    run_at: i64,
    now: i64,
}

/// Puts notices into the queue; returns how many were not there before.
///
/// # Errors
/// The database is away.
pub async fn enqueue(tx: &mut Tx, new: &[New], now: Timestamp) -> Result<u64, Error> {
    if new.is_empty() {
        return Ok(0);
    }
    let rows: Vec<_> = new
        .iter()
        .map(|n| NewRow {
            id: sets::hex(n.id.uuid()),
            partner: sets::hex(n.partner.uuid()),
            domain: &n.domain,
            channel: n.kind.channel(),
            kind: n.kind,
            step: n.step,
            subject: sets::hex(n.subject),
            target: sets::hex(n.target),
            generation: n.generation,
            payload: &n.payload,
            state: if n.run_at <= now {
                NoticeState::Ready
            } else {
                NoticeState::Scheduled
            },
            run_at: n.run_at.as_micros(),
            now: now.as_micros(),
        })
        .collect();
    tx.query(ENQUEUE).bind(sets::rows(&rows)).execute().await
}

/// Cancels what still waits of these kinds about a subject; returns how many.
///
/// # Errors
/// The database is away.
pub async fn cancel_of_subject(
    tx: &mut Tx,
    subject: Uuid,
    kinds: &[Kind],
    why: Irrelevant,
    now: Timestamp,
) -> Result<u64, Error> {
    cancel_of_subjects(tx, [subject], kinds, why, now).await
}

/// The same about several.
///
/// # Errors
/// The database is away.
pub async fn cancel_of_subjects(
    tx: &mut Tx,
    subjects: impl IntoIterator<Item = Uuid>,
    kinds: &[Kind],
    why: Irrelevant,
    now: Timestamp,
) -> Result<u64, Error> {
    tx.query(CANCEL_OF_SUBJECTS)
        .bind(sets::ids(subjects))
        .bind(sets::rows(kinds))
        .bind(now)
        .bind(why.as_str())
        .execute()
        .await
}

/// The notice with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: NoticeId) -> Result<Option<Notice>, Error> {
    conn.query(BY_ID).bind(id).optional().await
}

/// All notices about a subject, in the order in which they were planned.
///
/// # Errors
/// The database is away.
pub async fn of_subject(conn: &mut Conn, subject: Uuid) -> Result<Vec<Notice>, Error> {
    conn.query(OF_SUBJECT).bind(subject).all().await
}

/// All tries of all notices about a subject.
///
/// # Errors
/// The database is away.
pub async fn attempts_of_subject(conn: &mut Conn, subject: Uuid) -> Result<Vec<Attempt>, Error> {
    conn.query(ATTEMPTS_OF_SUBJECT).bind(subject).all().await
}

/// Notices in a state, by id, after `after`.
///
/// # Errors
/// The database is away.
pub async fn in_state(
    conn: &mut Conn,
    state: NoticeState,
    after: Option<NoticeId>,
    limit: i64,
) -> Result<Vec<Notice>, Error> {
    let after = after.unwrap_or(Uuid::nil().into());
    conn.query(IN_STATE)
        .bind(state)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// What is due at `now` and not under a lease, oldest first: what a `tick` would take up.
///
/// # Errors
/// The database is away.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Notice>, Error> {
    conn.query(DUE).bind(now).bind(limit).all().await
}

record! {
    /// How many are in a state.
    #[derive(Clone, Debug)]
    pub struct Count {
        /// The name of the state.
        pub name: String,
        /// How many.
        pub count: i64,
    }
}

/// How many are in each state.
///
/// # Errors
/// The database is away.
pub async fn counts(conn: &mut Conn) -> Result<Vec<Count>, Error> {
    conn.query(COUNTS).all().await
}

record! {
    struct Depths {
        scheduled: i64,
        ready: i64,
        running: i64,
    }
}

/// How many can still run, by state: counted on the partial indexes, however many are settled.
///
/// # Errors
/// The database is away.
pub async fn depths(conn: &mut Conn) -> Result<Vec<(NoticeState, i64)>, Error> {
    let depths: Option<Depths> = conn.query(DEPTHS).optional().await?;
    Ok(depths.map_or_else(Vec::new, |depths| {
        vec![
            (NoticeState::Scheduled, depths.scheduled),
            (NoticeState::Ready, depths.ready),
            (NoticeState::Running, depths.running),
        ]
    }))
}

/// Makes a notice due again, with its failures, and what they said of the mailbox, forgotten; `false` when it was sent,
/// runs, or is due anyway.
///
/// # Errors
/// The database is away.
pub async fn retry(tx: &mut Tx, id: NoticeId, now: Timestamp) -> Result<bool, Error> {
    if tx.query(RETRY).bind(id).bind(now).execute().await? == 0 {
        return Ok(false);
    }
    tx.query(DELIVERABLE).bind(id).execute().await?;
    Ok(true)
}

/// Takes a notice out of the queue; `false` when it has left, runs, or is settled.
///
/// # Errors
/// The database is away.
pub async fn cancel(
    tx: &mut Tx,
    id: NoticeId,
    why: Irrelevant,
    now: Timestamp,
) -> Result<bool, Error> {
    Ok(tx
        .query(CANCEL)
        .bind(id)
        .bind(now)
        .bind(why.as_str())
        .execute()
        .await?
        == 1)
}
