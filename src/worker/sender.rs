//! A sender: takes jobs one by one, has them sent, and hands in the results.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, mpsc};

use super::ledger::{Ledger, Settled};
use super::way::{Done, Way};
use super::{Shared, Summary};
use crate::domain::ids::LeaseId;
use crate::domain::notice::NoticeState;
use crate::domain::settlement::{Decision, Ending};
use crate::storage::queue::{Claimed, Settlement};
use crate::telemetry::Settlement as Tallied;

/// What was done, counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sent: AtomicUsize,
    retried: AtomicUsize,
    failed: AtomicUsize,
    cancelled: AtomicUsize,
    broken: AtomicUsize,
    dead: AtomicUsize,
    unwritten: AtomicUsize,
}

impl Tally {
    fn count(&self, ending: Ending) {
        let counter = match ending {
            Ending::Sent => &self.sent,
            Ending::Retried | Ending::Ambiguous => &self.retried,
            Ending::Failed | Ending::GivenUp => &self.failed,
            Ending::Cancelled => &self.cancelled,
            Ending::Broken => &self.broken,
            Ending::Paused | Ending::Released => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts dead letters that a sweep found.
    pub(super) fn count_dead(&self, letters: usize) {
        self.dead.fetch_add(letters, Ordering::Relaxed);
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            sent: self.sent.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            cancelled: self.cancelled.load(Ordering::Relaxed),
            broken: self.broken.load(Ordering::Relaxed),
            dead: self.dead.load(Ordering::Relaxed),
            unwritten: self.unwritten.load(Ordering::Relaxed),
            ..Summary::default()
        }
    }
}

/// Where the senders of a way take their jobs from.
pub(super) type Jobs<J> = Arc<Mutex<mpsc::Receiver<(J, LeaseId)>>>;

/// Works until the queue of jobs is closed and empty.
pub(super) async fn run<W: Way>(
    shared: Arc<Shared>,
    ledger: Ledger,
    way: Arc<W>,
    jobs: Jobs<W::Job>,
) {
    loop {
        let next = jobs.lock().await.recv().await;
        let Some((job, lease)) = next else { return };
        let done = if shared.is_stopping() {
            Decision::released(shared.engine.clock.now()).into()
        } else {
            way.work(&job, lease).await
        };
        ledger.settle(settled(W::claimed(&job), lease, done)).await;
    }
}

fn settled(claimed: &Claimed, lease: LeaseId, done: Done) -> Settled {
    let Done { decision, follow } = done;
    Settled {
        settlement: Settlement {
            notice: claimed.id,
            number: claimed.attempts,
            lease,
            state: decision.state,
            run_at: decision.run_at,
            failed: decision.is_failure,
            outcome: decision.ending.as_str(),
            stage: decision.stage,
            reply: decision.reply,
        },
        ending: decision.ending,
        kind: claimed.kind,
        follow,
    }
}

impl Shared {
    /// Counts what was committed, and makes room for as many claims.
    pub(super) fn settled(&self, results: &[Settled]) {
        for result in results {
            self.tally.count(result.ending);
            self.metrics.settled(result.kind.as_str(), tallied(result));
        }
        self.let_go(results);
    }

    /// Counts what could not be committed: another worker will find it under way.
    pub(super) fn left_unwritten(&self, results: &[Settled]) {
        self.tally
            .unwritten
            .fetch_add(results.len(), Ordering::Relaxed);
        self.let_go(results);
    }

    fn let_go(&self, results: &[Settled]) {
        for result in results {
            let flow = self.flow(result.kind.channel());
            flow.in_flight.settled(result.settlement.lease);
            // One is enough for all of a set: it stays until the loop looks.
            flow.has_settled.notify_one();
        }
    }
}

fn tallied(result: &Settled) -> Tallied {
    match result.ending {
        Ending::Sent => Tallied::Sent,
        Ending::Retried => Tallied::Retried,
        Ending::Ambiguous => Tallied::Ambiguous,
        Ending::Failed => Tallied::Failed,
        // A call that its endpoint never took is the partner's matter, and no dead letter of an operator's.
        Ending::GivenUp if result.settlement.state == NoticeState::Failed => Tallied::Failed,
        Ending::GivenUp | Ending::Broken => Tallied::Dead,
        Ending::Cancelled => Tallied::Cancelled,
        Ending::Paused | Ending::Released => Tallied::Released,
    }
}
