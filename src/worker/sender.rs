//! A sender: takes jobs one by one, makes the mail, hands it over, and hands in the result.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::{Mutex, mpsc};

use super::gate::Opening;
use super::ledger::{Ledger, Settled};
use super::{Shared, Summary};
use crate::domain::delivery::{Outcome, Stage, Verdict, judge};
use crate::domain::ids::LeaseId;
use crate::domain::settlement::{Decision, Ending, History};
use crate::domain::time::SECOND;
use crate::outbound::transport::Outgoing;
use crate::storage::queue::{Mark, Settlement};
use crate::telemetry::{RefusalClass, Settlement as Tallied};
use crate::workflow::deliver::{Broken, Job, Parcel, Prepared, prepare};
use crate::workflow::undeliverable::{Lost, Reason};

/// How long a notice waits whose key is not in the ring: rotated a moment ago, or missing from a restored file.
const MISSING_KEY: i64 = 10 * SECOND;

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

/// Where the senders take their jobs from.
pub(super) type Jobs = Arc<Mutex<mpsc::Receiver<(Job, LeaseId)>>>;

pub(super) struct Sender {
    shared: Arc<Shared>,
    ledger: Ledger,
}

impl Sender {
    pub(super) const fn new(shared: Arc<Shared>, ledger: Ledger) -> Self {
        Self { shared, ledger }
    }

    /// Works until the queue of jobs is closed and empty.
    pub(super) async fn run(self, jobs: Jobs) {
        loop {
            let next = jobs.lock().await.recv().await;
            let Some((job, lease)) = next else { return };
            let decision = self.work(&job, lease).await;
            self.hand_in(&job, lease, decision).await;
        }
    }

    async fn work(&self, job: &Job, lease: LeaseId) -> Decision {
        let now = self.shared.engine.clock.now();
        if self.shared.stop.is_cancelled() {
            return Decision::released(now);
        }
        if let Opening::Closed(until) = self.shared.gate.opening(now) {
            return Decision::released(until);
        }
        // A template or a stored value that makes the program panic must not end the worker, and every worker after it.
        let prepared = std::panic::catch_unwind(AssertUnwindSafe(|| {
            prepare(&self.shared.engine, &self.shared.post, job)
        }));
        match prepared {
            Ok(Prepared::Mail(parcel)) => self.send(job, lease, &parcel).await,
            // Not a failure: it did not even try.
            Ok(Prepared::NotNow(until)) => Decision::released(until),
            Ok(Prepared::Irrelevant(why)) => Decision::irrelevant(why),
            Ok(Prepared::Broken(Broken::Key(key))) => {
                tracing::error!(
                    notice = %job.claimed.id,
                    error = %key,
                    "a notice waits for a key that is not in this process's ring"
                );
                Decision::released(now.plus_micros(MISSING_KEY))
            }
            Ok(Prepared::Broken(why)) => {
                tracing::error!(notice = %job.claimed.id, error = %why, "no mail could be made of a notice");
                Decision::broken(why.to_string())
            }
            Err(_) => {
                tracing::error!(notice = %job.claimed.id, "making the mail of a notice panicked");
                Decision::broken("making its mail panicked".to_owned())
            }
        }
    }

    async fn send(&self, job: &Job, lease: LeaseId, parcel: &Parcel) -> Decision {
        if parcel.drifted {
            self.shared.metrics.drifted(job.claimed.kind.as_str());
            tracing::warn!(
                notice = %job.claimed.id,
                "a mail that was begun before is not the same bytes any more"
            );
        }
        let mark = Mark {
            notice: job.claimed.id,
            number: job.claimed.attempts,
            lease,
            message_id: parcel.message_id.clone(),
            dated_at: parcel.dated_at,
            sha256: parcel.mail.sha256,
            mailbox: parcel
                .address
                .as_deref()
                .map(|address| self.shared.engine.keys.mailbox(address)),
        };
        let outgoing = Outgoing {
            mail_from: &parcel.mail_from,
            rcpt_to: &parcel.rcpt_to,
            bytes: &parcel.mail.bytes,
            needs_smtputf8: parcel.mail.needs_smtputf8,
        };
        let started = Instant::now();
        let outcome = self
            .shared
            .post
            .transport
            .send(outgoing, || self.ledger.mark(mark))
            .await;
        self.shared.metrics.mail_took(started.elapsed());
        self.note(&outcome);
        self.decide(job, &outcome).await
    }

    async fn decide(&self, job: &Job, outcome: &Outcome) -> Decision {
        let now = self.shared.engine.clock.now();
        let history = History {
            failing_since: job.failing_since().unwrap_or(now),
            failures: u32::try_from(job.claimed.failures).unwrap_or(u32::MAX - 1),
            give_up_after: self.shared.options.give_up_after,
            jitter: rand::random(),
        };
        let Some(decision) = Decision::of(outcome, &history, now) else {
            let until = self
                .shared
                .gate
                .close(&self.shared.engine, outcome, rand::random())
                .await;
            return Decision::paused(until, outcome);
        };
        // A server that came as far as the recipient has let us in, whatever became of this mail.
        let let_in = match outcome {
            Outcome::Lost(stage, _) => *stage > Stage::MailFrom,
            Outcome::Accepted(_) | Outcome::Refused(..) => true,
            Outcome::Fenced => false,
        };
        if let_in {
            self.shared.gate.open(&self.shared.engine).await;
        }
        decision
    }

    fn note(&self, outcome: &Outcome) {
        let (stage, class) = match outcome {
            Outcome::Accepted(_) | Outcome::Fenced => return,
            Outcome::Refused(stage, reply) if reply.is_temporary() => {
                (stage, RefusalClass::Temporary)
            }
            Outcome::Refused(stage, _) => (stage, RefusalClass::Permanent),
            Outcome::Lost(stage, _) => (stage, RefusalClass::Lost),
        };
        self.shared.metrics.smtp_refused(*stage, class);
        if judge(outcome) == Verdict::Ambiguous {
            tracing::warn!("a mail may have arrived: its reply did not come");
        }
    }

    async fn hand_in(&self, job: &Job, lease: LeaseId, decision: Decision) {
        let claimed = &job.claimed;
        let ending = decision.ending;
        let reason = match ending {
            Ending::Failed => Some(Reason::Refused),
            Ending::GivenUp => Some(Reason::GivenUp),
            Ending::Broken => Some(Reason::OurFault),
            _ => None,
        };
        let lost = Lost {
            mail: claimed.kind,
            partner: claimed.partner_id,
            target: claimed.target_id,
            payload: &claimed.payload,
        };
        let failure = reason.and_then(|reason| lost.failure(reason, decision.final_reply.clone()));
        let result = Settled {
            settlement: Settlement {
                notice: claimed.id,
                number: claimed.attempts,
                lease,
                state: decision.state,
                run_at: decision.run_at,
                failed: decision.is_failure,
                outcome: ending.as_str(),
                stage: decision.stage,
                reply: decision.reply,
            },
            ending,
            kind: claimed.kind,
            subject: claimed.subject_id.into(),
            generation: claimed.generation,
            failure,
        };
        self.ledger.settle(result).await;
    }
}

impl Shared {
    /// Counts what was committed, and makes room for as many claims.
    pub(super) fn settled(&self, results: &[Settled]) {
        for result in results {
            self.tally.count(result.ending);
            self.metrics
                .settled(result.kind.as_str(), tallied(result.ending));
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
            self.in_flight.settled(result.settlement.lease);
        }
        if !results.is_empty() {
            self.has_settled.notify_one();
        }
    }
}

const fn tallied(ending: Ending) -> Tallied {
    match ending {
        Ending::Sent => Tallied::Sent,
        Ending::Retried => Tallied::Retried,
        Ending::Ambiguous => Tallied::Ambiguous,
        Ending::Failed => Tallied::Failed,
        Ending::GivenUp | Ending::Broken => Tallied::Dead,
        Ending::Cancelled => Tallied::Cancelled,
        Ending::Paused | Ending::Released => Tallied::Released,
    }
}
