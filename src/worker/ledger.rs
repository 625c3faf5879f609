//! The ledger: one writer for the marks and results of all concurrent sends, so that they share commits.
//!
//! While a commit is under way, what arrives waits and goes into the next one: the busier the worker, the more mails share
//! one `fsync` (group commit). On a fast disk that would be few, and the statements would cost more than the mails: so a
//! commit that follows another waits until three of four senders are in it, for two milliseconds at most. A mark that cannot
//! be written keeps its body from leaving. A result that cannot be written is kept and written when the database is back;
//! if the lease is gone by then, it changes nothing. A worker that ends waits for that no longer than its lease lasts: then
//! others find the mail under way, and know that it may have been sent.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{Shared, Until};
use crate::domain::ids::{InvitationId, NoticeId};
use crate::domain::notice::Kind;
use crate::domain::settlement::Ending;
use crate::storage::queue::{self, Mark, Settlement};
use crate::storage::{self, Tx};
use crate::workflow::Engine;
use crate::workflow::undeliverable::{Failure, record_failure};
use crate::workflow::webhook::health::{self, Note};

/// At most so many entries in one transaction.
const BATCH: usize = 512;
/// How soon after a commit the next one may begin, while few entries wait.
const GATHER: Duration = Duration::from_millis(2);
/// The pause before a write that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A result, with what it means for others.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) settlement: Settlement,
    pub(super) ending: Ending,
    pub(super) kind: Kind,
    pub(super) follow: Option<Follow>,
}

/// What a result means beyond its notice. In this order they are written: each locks rows of its own.
#[derive(Clone, Debug)]
pub(super) enum Follow {
    /// The mail was refused for good or given up: the partner is told.
    Undeliverable {
        invitation: InvitationId,
        generation: i64,
        failure: Failure,
    },
    /// How an endpoint fares.
    Endpoint(Note),
}

impl Follow {
    /// The place in the order of writing; all workers have the same, so that none waits for another one that waits for it.
    fn place(&self) -> (u8, Uuid) {
        match self {
            Self::Undeliverable { invitation, .. } => (0, invitation.uuid()),
            Self::Endpoint(note) => (1, note.endpoint.uuid()),
        }
    }
}

enum Entry {
    Mark(Mark, oneshot::Sender<bool>),
    Result(Box<Settled>),
}

/// Where sends hand in their marks and results. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Ledger(mpsc::Sender<Entry>);

impl Ledger {
    /// Starts the writer; it ends when the last handle is dropped and all is written.
    pub(super) fn start(shared: Arc<Shared>, until: Until) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(4 * BATCH);
        (Self(sender), tokio::spawn(write(shared, receiver, until)))
    }

    /// Whether the body may leave: the mark is committed.
    pub(super) async fn mark(&self, mark: Mark) -> bool {
        let (answer, committed) = oneshot::channel();
        self.0.send(Entry::Mark(mark, answer)).await.is_ok() && committed.await.unwrap_or(false)
    }

    /// Hands in a result. The next mail does not wait for its commit.
    pub(super) async fn settle(&self, result: Settled) {
        // A ledger that is gone has written all that it was given.
        self.0.send(Entry::Result(Box::new(result))).await.ok();
    }
}

/// Waits for the first entries, and for more where a commit has just been; `false` when there will be none any more.
async fn gather(
    receiver: &mut mpsc::Receiver<Entry>,
    entries: &mut Vec<Entry>,
    last: Option<Instant>,
    enough: usize,
) -> bool {
    if receiver.recv_many(entries, BATCH).await == 0 {
        return false;
    }
    let Some(earliest) = last.map(|last| last + GATHER) else {
        return true;
    };
    while entries.len() < enough {
        let more = receiver.recv_many(entries, BATCH - entries.len());
        if !matches!(timeout_at(earliest, more).await, Ok(1..)) {
            break;
        }
    }
    true
}

async fn write(shared: Arc<Shared>, mut receiver: mpsc::Receiver<Entry>, until: Until) {
    let enough = shared.options.connections * 3 / 4;
    let mut entries = Vec::with_capacity(BATCH);
    let mut last = None;
    while gather(&mut receiver, &mut entries, last, enough).await {
        let mut marks = Vec::new();
        let mut waiting = Vec::new();
        let mut results = Vec::new();
        for entry in entries.drain(..) {
            match entry {
                Entry::Mark(mark, answer) => {
                    waiting.push((mark.notice, answer));
                    marks.push(mark);
                }
                Entry::Result(result) => results.push(*result),
            }
        }
        let results = Arc::new(results);
        let marked = commit(&shared.engine, marks, results.clone()).await;
        let (may_leave, error) = match marked {
            Ok(marked) => (marked, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let may_leave: HashSet<NoticeId> = may_leave.into_iter().collect();
        for (notice, answer) in waiting {
            // Whoever asked may have gone: its connection was lost meanwhile.
            answer.send(may_leave.contains(&notice)).ok();
        }
        match error {
            None => shared.settled(&results),
            Some(_) if results.is_empty() => {}
            Some(error) => {
                tracing::warn!(%error, results = results.len(), "results wait for the database");
                let persisted = persist(&shared, results.to_vec(), error, until).await;
                shared.settled(&persisted.written);
                shared.left_unwritten(&persisted.unwritten);
            }
        }
        last = Some(Instant::now());
    }
}

/// What became of results that were not written at once.
#[derive(Default)]
struct Persisted {
    written: Vec<Settled>,
    unwritten: Vec<Settled>,
}

/// Writes results that met `error`, without marks, until the database takes them or refuses one for good.
async fn persist(
    shared: &Shared,
    mut results: Vec<Settled>,
    mut error: storage::Error,
    until: Until,
) -> Persisted {
    let begun = Instant::now();
    let mut persisted = Persisted::default();
    loop {
        if error.is_passing() {
            let ends = until == Until::Idle || shared.stop.is_cancelled();
            if !ends || begun.elapsed() < shared.options.lease() {
                tokio::time::sleep(RETRY).await;
                match commit_alone(shared, &results).await {
                    Ok(()) => break,
                    Err(again) => error = again,
                }
                continue;
            }
            tracing::error!(%error, results = results.len(), "results are left unwritten: the mails may be sent again");
            persisted.unwritten = results;
            return persisted;
        }
        if results.len() > 1 {
            tracing::warn!(%error, "results are written one by one");
            for result in results {
                let one = vec![result];
                let Err(error) = commit_alone(shared, &one).await else {
                    persisted.written.extend(one);
                    continue;
                };
                let one = Box::pin(persist(shared, one, error, until)).await;
                persisted.written.extend(one.written);
                persisted.unwritten.extend(one.unwritten);
            }
            return persisted;
        }
        let notice = results.first().map(|result| result.settlement.notice);
        if results.iter().all(|result| result.follow.is_none()) {
            // It stays under the lease until this worker ends; then it is tried again, known as ambiguous.
            tracing::error!(?notice, %error, "a result could not be written");
            persisted.unwritten = results;
            return persisted;
        }
        // What it means for others cannot be written: the notice itself is settled all the same.
        tracing::error!(?notice, %error, "what follows from a failure could not be written");
        for result in &mut results {
            result.follow = None;
        }
        match commit_alone(shared, &results).await {
            Ok(()) => break,
            Err(again) => error = again,
        }
    }
    persisted.written = results;
    persisted
}

async fn commit_alone(shared: &Shared, results: &[Settled]) -> Result<(), storage::Error> {
    let results = Arc::new(results.to_vec());
    commit(&shared.engine, Vec::new(), results).await?;
    Ok(())
}

/// Books both; returns the notices whose body may leave.
async fn commit(
    engine: &Engine,
    marks: Vec<Mark>,
    results: Arc<Vec<Settled>>,
) -> Result<Vec<NoticeId>, storage::Error> {
    let now = engine.clock.now();
    if results.iter().all(|result| result.follow.is_none()) {
        let booked = engine
            .db
            .write_one(move |tx| {
                Box::pin(async move {
                    let settlements = results.iter().map(|result| &result.settlement);
                    queue::book(tx, &marks, settlements, now).await
                })
            })
            .await;
        return booked.map(|booked| booked.marked);
    }
    let step = engine.clone();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let settlements = results.iter().map(|result| &result.settlement);
                let booked = queue::book(tx, &marks, settlements, now).await?;
                let ours = |r: &&Settled| booked.settled.contains(&r.settlement.notice);
                let follows = results.iter().filter(ours);
                let mut follows: Vec<_> = follows.filter_map(|r| r.follow.as_ref()).collect();
                follows.sort_by_key(|follow| follow.place());
                for follow in follows {
                    write_follow(tx, &step, follow).await?;
                }
                Ok(booked.marked)
            })
        })
        .await
}

async fn write_follow(tx: &mut Tx, engine: &Engine, follow: &Follow) -> Result<(), storage::Error> {
    let now = engine.clock.now();
    match follow {
        Follow::Undeliverable {
            invitation,
            generation,
            failure,
        } => {
            record_failure(tx, engine, *invitation, *generation, failure, now).await?;
            engine.wake.notify_one();
            Ok(())
        }
        Follow::Endpoint(note) => health::record(tx, engine, note, now).await,
    }
}
