//! What is no longer needed is deleted: once a day, a few hundred rows a transaction, with a breath between them, so that
//! nobody waits for it.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::erase::erase_evidence;
use super::evidence::Fate;
use crate::domain::retention::Class;
use crate::domain::time::{HOUR, Timestamp};
use crate::storage::privacy::{self, retention};
use crate::storage::{self, installation};
use crate::workflow::Engine;

/// So many rows in one transaction.
const BATCH: i64 = 200;
/// The breath between two of them.
const BREATH: Duration = Duration::from_millis(5);
/// Somewhat less than a day, so that a `tick` of the same minute of each day finds it due.
const EVERY: i64 = 23 * HOUR;

/// What has to go of a class, or has gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Which class.
    pub class: Class,
    /// For how many days it is kept; none for ever, or where it is not a matter of days.
    pub days: Option<u16>,
    /// What is older goes.
    pub before: Option<Timestamp>,
    /// How many rows.
    pub rows: u64,
}

/// What would be deleted now.
///
/// # Errors
/// The database is away.
pub async fn due(engine: &Engine) -> Result<Vec<Due>, storage::Error> {
    let rules = &engine.settings.retention;
    let now = engine.clock.now();
    let mut conn = engine.db.read().await?;
    let mut all = Vec::new();
    for &class in Class::ALL {
        let before = rules.cutoff(class, now);
        let rows = match before {
            Some(before) => retention::count(&mut conn, class, before).await?,
            None if class == Class::Evidence => {
                let kept = privacy::evidence_of_erased(&mut conn).await?;
                let over = kept
                    .iter()
                    .filter(|kept| Fate::of(kept, rules, now).is_over());
                i64::try_from(over.count()).unwrap_or(i64::MAX)
            }
            None => 0,
        };
        all.push(Due {
            class,
            days: rules.days(class),
            before,
            rows: u64::try_from(rows).unwrap_or(0),
        });
    }
    Ok(all)
}

/// Deletes what is no longer needed, if nobody did so within the last day; returns what.
///
/// # Errors
/// The database is away: what is left is for the next day.
pub async fn sweep_daily(engine: &Engine) -> Result<Vec<Due>, storage::Error> {
    let now = engine.clock.now();
    let is_due = engine
        .db
        .write(move |tx| Box::pin(async move { installation::sweep(tx, now, EVERY).await }))
        .await?;
    if !is_due {
        return Ok(Vec::new());
    }
    let swept = sweep(engine).await?;
    for due in swept.iter().filter(|due| due.rows > 0) {
        tracing::info!(
            class = due.class.as_str(),
            rows = due.rows,
            "what is no longer needed was deleted"
        );
    }
    Ok(swept)
}

/// Deletes what is no longer needed; returns what.
///
/// # Errors
/// The database is away: what was deleted before that is gone.
pub async fn sweep(engine: &Engine) -> Result<Vec<Due>, storage::Error> {
    let rules = &engine.settings.retention;
    let now = engine.clock.now();
    let mut all = Vec::new();
    for &class in Class::ALL {
        let before = rules.cutoff(class, now);
        let rows = match before {
            Some(before) => forget(engine, class, before).await?,
            None if class == Class::Evidence => forget_evidence(engine, now).await?,
            None => 0,
        };
        all.push(Due {
            class,
            days: rules.days(class),
            before,
            rows,
        });
    }
    Ok(all)
}

async fn forget(engine: &Engine, class: Class, before: Timestamp) -> Result<u64, storage::Error> {
    let mut after = Uuid::nil();
    let mut rows = 0;
    loop {
        let mut conn = engine.db.read().await?;
        let page = retention::page(&mut conn, class, after, before, BATCH).await?;
        drop(conn);
        let Some(last) = page.last().copied() else {
            return Ok(rows);
        };
        after = last;
        let forget = engine.db.write(move |tx| {
            Box::pin(async move {
                privacy::overwrite(tx, true).await?;
                let forgotten = retention::forget(tx, class, &page).await;
                privacy::overwrite(tx, false).await?;
                forgotten
            })
        });
        rows += forget.await?;
        tokio::time::sleep(BREATH).await;
    }
}

async fn forget_evidence(engine: &Engine, now: Timestamp) -> Result<u64, storage::Error> {
    let mut conn = engine.db.read().await?;
    let mut over = privacy::evidence_of_erased(&mut conn).await?;
    drop(conn);
    over.retain(|kept| Fate::of(kept, &engine.settings.retention, now).is_over());
    let rows = u64::try_from(over.len()).unwrap_or(u64::MAX);
    for kept in over {
        let step = engine.clone();
        engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    privacy::overwrite(tx, true).await?;
                    let erased = erase_evidence(tx, &step, &[kept], now).await;
                    privacy::overwrite(tx, false).await?;
                    erased
                })
            })
            .await?;
        tokio::time::sleep(BREATH).await;
    }
    Ok(rows)
}
