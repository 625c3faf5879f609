//! The calls of an endpoint: rows of `notice` and `attempt`, as their partner looks at them.

use uuid::Uuid;

use crate::domain::ids::{EventId, NoticeId, WebhookId};
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::storage::db::{record, statements};
use crate::storage::notice::Attempt;
use crate::storage::{Conn, Error, sets};

macro_rules! delivery {
    () => {
        "SELECT n.id, n.subject_id AS event_id, e.kind AS event_kind, n.generation, n.state, n.run_at, n.attempts, \
         n.failures, n.created_at, n.settled_at, n.last_reply FROM notice n LEFT JOIN event e ON e.id = n.subject_id \
         WHERE n.channel = 'webhook' AND n.target_id = $1 "
    };
}

statements! {
    PAGE = { concat!(delivery!(), "AND n.id < $2 ORDER BY n.id DESC LIMIT $3") };
    PAGE_IN_STATE = { concat!(delivery!(), "AND n.id < $2 AND n.state = $4 ORDER BY n.id DESC LIMIT $3") };
    ONE = { concat!(delivery!(), "AND n.id = $2") };
    ATTEMPTS = {
        sqlite: "SELECT notice_id, number, begun_at, body_started_at, ended_at, outcome, stage, reply FROM attempt
            WHERE notice_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY notice_id, number",
        postgres: "SELECT notice_id, number, begun_at, body_started_at, ended_at, outcome, stage, reply FROM attempt
            WHERE notice_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY notice_id, number"
    };
    /// The last call of each event to an endpoint.
    LAST_GENERATIONS = {
        sqlite: "SELECT subject_id, max(generation) AS generation, max(state IN ('scheduled', 'ready', 'running')) AS is_open,
                max(state = 'sent') AS is_sent
            FROM notice WHERE subject_id IN (SELECT unhex(value) FROM json_each($2)) AND kind = 'webhook' AND target_id = $1
            GROUP BY subject_id",
        postgres: "SELECT subject_id, max(generation) AS generation,
                max((state IN ('scheduled', 'ready', 'running'))::int)::bigint AS is_open,
                max((coalesce(state, '') = 'sent')::int)::bigint AS is_sent
            FROM notice WHERE subject_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($2::text::jsonb)))
                AND kind = 'webhook' AND target_id = $1
            GROUP BY subject_id"
    };
}

record! {
    /// A call, with how it fares.
    #[derive(Clone, Debug)]
    pub struct Delivery {
        /// The row.
        pub id: NoticeId,
        /// Which event it tells of.
        pub event_id: EventId,
        /// Of which kind that is.
        pub event_kind: Option<String>,
        /// The how-many-eth replay; 0 is the call itself.
        pub generation: i64,
        /// Where it stands.
        pub state: NoticeState,
        /// When it runs again, if it does.
        pub run_at: Timestamp,
        /// How often it was tried.
        pub attempts: i64,
        /// How often it did not go through.
        pub failures: i64,
        /// When it was put into the queue.
        pub created_at: Timestamp,
        /// When it was settled.
        pub settled_at: Option<Timestamp>,
        /// What the endpoint answered last, or what went wrong.
        pub last_reply: Option<String>,
    }
}

record! {
    /// What became of the calls of an event so far.
    #[derive(Clone, Copy, Debug)]
    pub struct LastGeneration {
        /// Which event.
        pub subject_id: Uuid,
        /// The last call's generation.
        pub generation: i64,
        /// 1 where a call is still to be made.
        pub is_open: i64,
        /// 1 where one went through.
        pub is_sent: i64,
    }
}

/// A page of an endpoint's calls, newest first, after `after`; those in one state, or all.
///
/// # Errors
/// The database is away.
pub async fn deliveries(
    conn: &mut Conn,
    endpoint: WebhookId,
    state: Option<NoticeState>,
    after: Option<NoticeId>,
    limit: i64,
) -> Result<Vec<Delivery>, Error> {
    let after = after.unwrap_or(Uuid::max().into());
    let sql = if state.is_some() { PAGE_IN_STATE } else { PAGE };
    let mut query = conn.query(sql).bind(endpoint).bind(after).bind(limit);
    if let Some(state) = state {
        query = query.bind(state);
    }
    query.all().await
}

/// One call of an endpoint.
///
/// # Errors
/// The database is away.
pub async fn delivery(
    conn: &mut Conn,
    endpoint: WebhookId,
    id: NoticeId,
) -> Result<Option<Delivery>, Error> {
    conn.query(ONE).bind(endpoint).bind(id).optional().await
}

/// The tries of calls, in their order.
///
/// # Errors
/// The database is away.
pub async fn attempts(
    conn: &mut Conn,
    notices: impl IntoIterator<Item = NoticeId>,
) -> Result<Vec<Attempt>, Error> {
    conn.query(ATTEMPTS)
        .bind(sets::ids(notices.into_iter().map(NoticeId::uuid)))
        .all()
        .await
}

/// What became of the calls of these events to an endpoint; nothing for those of which there was none.
///
/// # Errors
/// The database is away.
pub async fn last_generations(
    conn: &mut Conn,
    endpoint: WebhookId,
    events: impl IntoIterator<Item = EventId>,
) -> Result<Vec<LastGeneration>, Error> {
    conn.query(LAST_GENERATIONS)
        .bind(endpoint)
        .bind(sets::ids(events.into_iter().map(EventId::uuid)))
        .all()
        .await
}
