//! Counters of limits: how much of each is used in its window.
//!
//! They are taken in the transaction of what they count, last, and in order: until it ends, whoever takes the same ones waits,
//! so that the count is exact, and for nothing but its end.

use serde::Serialize;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::limit::{Counter, forgotten_before};
use crate::domain::time::Timestamp;

statements! {
    TAKE = {
        sqlite: "INSERT INTO invitation_limit (window_start, counter, used)
            SELECT value->>'window_start', value->>'counter', value->>'used' FROM json_each($1) WHERE true
            ON CONFLICT (window_start, counter) DO UPDATE SET used = invitation_limit.used + excluded.used
            RETURNING counter, used",
        postgres: "INSERT INTO invitation_limit (window_start, counter, used)
            SELECT window_start, counter, used
            FROM jsonb_to_recordset($1::text::jsonb) AS x(window_start bigint, counter text, used bigint)
            ON CONFLICT (window_start, counter) DO UPDATE SET used = invitation_limit.used + excluded.used
            RETURNING counter, used"
    };
    USED = {
        sqlite: "SELECT l.counter, l.used FROM json_each($1) AS x CROSS JOIN invitation_limit AS l
            ON l.window_start = x.value->>'window_start' AND l.counter = x.value->>'counter'",
        postgres: "SELECT l.counter, l.used
            FROM jsonb_to_recordset($1::text::jsonb) AS x(window_start bigint, counter text)
            CROSS JOIN LATERAL (SELECT i.counter, i.used FROM invitation_limit i
                WHERE i.window_start = x.window_start AND i.counter = x.counter LIMIT 1) AS l"
    };
    FORGET = { "DELETE FROM invitation_limit WHERE window_start < $1" };
}

#[derive(Serialize)]
struct Row {
    window_start: i64,
    counter: String,
    used: i64,
}

fn row(counter: &Counter, used: i64, now: Timestamp) -> Row {
    Row {
        window_start: counter.limit.window_start(now).as_micros(),
        counter: name(counter),
        used,
    }
}

fn name(counter: &Counter) -> String {
    format!("{}:{}", counter.limit, counter.of)
}

record! {
    struct Used {
        counter: String,
        used: i64,
    }
}

/// Where a counter stands.
fn read(used: &Used) -> Result<(Counter, i64), Error> {
    let unreadable = || Error::Unreadable("the name of a counter".to_owned());
    let (limit, of) = used.counter.split_once(':').ok_or_else(unreadable)?;
    let counter = Counter {
        limit: limit.parse().map_err(|_| unreadable())?,
        of: of.to_owned(),
    };
    Ok((counter, used.used))
}

/// Takes so many of each counter, which are in order and each there once; returns where they stand then, in any order. Whoever
/// finds one above its limit undoes the transaction.
///
/// # Errors
/// The database is away.
pub async fn take<'a>(
    tx: &mut Tx,
    counters: impl IntoIterator<Item = (&'a Counter, i64)>,
    now: Timestamp,
) -> Result<Vec<(Counter, i64)>, Error> {
    let counters = counters.into_iter();
    let rows: Vec<_> = counters.map(|(counter, n)| row(counter, n, now)).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let used: Vec<Used> = tx.query(TAKE).bind(sets::rows(&rows)).all().await?;
    used.iter().map(read).collect()
}

/// Where these counters stand in the windows that `now` lies in, in any order; those that nobody has taken are left out.
///
/// # Errors
/// The database is away.
pub async fn used<'a>(
    conn: &mut Conn,
    counters: impl IntoIterator<Item = &'a Counter>,
    now: Timestamp,
) -> Result<Vec<(Counter, i64)>, Error> {
    let counters = counters.into_iter();
    let rows: Vec<_> = counters.map(|counter| row(counter, 0, now)).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let used: Vec<Used> = conn.query(USED).bind(sets::rows(&rows)).all().await?;
    used.iter().map(read).collect()
}

/// Forgets counters whose window is over; returns how many.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    let before = forgotten_before(now);
    tx.query(FORGET).bind(before).execute().await
}
