//! The worker: claim → workflow step → settle, with wake-ups, leases and an orderly end.
//!
//! One loop claims batches and reads what their mails tell; as many senders as there are connections render and send them;
//! the ledger writes marks and results in sets. Housekeeping (renewing the lease, sweeping dead ones, sealing
//! the audit record) runs beside them.

mod gate;
mod housekeeping;
mod in_flight;
mod ledger;
mod sender;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::LeaseId;
use crate::domain::retry::GIVE_UP_AFTER;
use crate::domain::time::{SECOND, Timestamp};
use crate::storage::queue::{Batch, Claim, Claimed, Claiming, Turns};
use crate::storage::{self, invitation, lease, queue, relationship};
use crate::telemetry::{Answer, Metrics};
use crate::workflow::deliver::{self, Post};
use crate::workflow::{Engine, WAKE_CHANNEL, expire, fresh_id, seal, term};
use gate::Gate;
use in_flight::InFlight;
use ledger::Ledger;
use sender::Sender;

/// How the worker works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its name in the lease: host and process.
    pub name: String,
    /// For how long a lease is good without renewal, in microseconds.
    pub lease: i64,
    /// How often it is renewed.
    pub renew: Duration,
    /// At most so many notices a claim.
    pub batch: usize,
    /// How many mails are sent at once.
    pub connections: usize,
    /// How long to wait at most before looking again.
    pub poll: Duration,
    /// At most so many mails under way to one destination domain.
    pub domain_in_flight: i64,
    /// At least so many microseconds between two mails to a domain that has no pace of its own.
    pub domain_interval: Option<i64>,
    /// For how long a notice is tried, in microseconds.
    pub give_up_after: i64,
}

impl Options {
    /// [`Options::lease`] as a duration.
    fn lease(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.lease).unwrap_or_default())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "worker".to_owned(),
            lease: 45 * SECOND,
            renew: Duration::from_secs(15),
            batch: 200,
            connections: 32,
            poll: Duration::from_secs(5),
            domain_in_flight: 20,
            domain_interval: None,
            give_up_after: GIVE_UP_AFTER,
        }
    }
}

/// What a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Mails that a server took.
    pub sent: usize,
    /// Mails that are tried again.
    pub retried: usize,
    /// Mails that were refused for good or given up.
    pub failed: usize,
    /// Mails that were not worth sending any more.
    pub cancelled: usize,
    /// Notices of which no mail could be made.
    pub broken: usize,
    /// Notices that ended several workers, and are dead letters now.
    pub dead: usize,
    /// Invitations that expired.
    pub expired: usize,
    /// Whether the mail server refuses us.
    pub paused: bool,
    /// Results that the database did not take: the mails may have been sent, and are tried again.
    pub unwritten: usize,
    /// Whether the database went away for longer than a lease, before all was done.
    pub away: bool,
}

/// When a worker ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Not at all: until it is told to.
    Stopped,
    /// Once nothing is due any more.
    Idle,
}

/// What all parts of a worker share.
pub(crate) struct Shared {
    engine: Engine,
    post: Arc<Post>,
    options: Options,
    metrics: Arc<Metrics>,
    gate: Gate,
    tally: sender::Tally,
    /// Claimed and not settled.
    in_flight: InFlight,
    /// Notices were settled.
    has_settled: Notify,
    stop: CancellationToken,
}

/// A worker, ready to run.
pub struct Worker(Arc<Shared>);

impl Worker {
    /// A worker on this engine; `stop` ends it in order: what is in flight is finished, nothing new is taken.
    pub fn new(
        engine: Engine,
        post: Arc<Post>,
        options: Options,
        metrics: Arc<Metrics>,
        stop: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            engine,
            post,
            options,
            metrics,
            gate: Gate::default(),
            tally: sender::Tally::default(),
            in_flight: InFlight::default(),
            has_settled: Notify::new(),
            stop,
        }))
    }

    /// Runs until it is stopped, or until nothing is due.
    ///
    /// A database that goes away is waited for: without end, or for as long as a lease lasts where the worker is to end by
    /// itself. [`Summary::away`] tells of that.
    ///
    /// # Errors
    /// The database is away at the start, or refuses what it is asked.
    pub async fn run(self, until: Until) -> Result<Summary, storage::Error> {
        let shared = self.0;
        // What a dead worker held is due, too: before the first look, so that a run until nothing is due finds it.
        housekeeping::sweep(&shared).await?;
        let lease = take_lease(&shared).await?;
        let lease = Arc::new(std::sync::Mutex::new(lease));
        let ended = CancellationToken::new();
        let mut helpers = JoinSet::new();
        helpers.spawn(housekeeping::renew(
            shared.clone(),
            lease.clone(),
            ended.clone(),
        ));
        helpers.spawn(housekeeping::keep(shared.clone(), ended.clone()));
        helpers.spawn(listen(shared.clone(), ended.clone()));

        let (ledger, writer) = Ledger::start(shared.clone(), until);
        let (jobs, queue) = mpsc::channel(shared.options.batch.max(1) * 2);
        let mut senders = JoinSet::new();
        let queue = Arc::new(tokio::sync::Mutex::new(queue));
        for _ in 0..shared.options.connections.max(1) {
            let sender = Sender::new(shared.clone(), ledger.clone());
            senders.spawn(sender.run(queue.clone()));
        }
        drop(ledger);

        let claimed = Claimer {
            shared: &shared,
            lease: &lease,
            turns: Turns::default(),
            unread: None,
            looked: None,
            expired: 0,
            away: None,
            jobs,
        }
        .run(until)
        .await;
        // The channel is closed: the senders finish or give back what they hold, the ledger writes it.
        while senders.join_next().await.is_some() {}
        writer.await.ok();
        ended.cancel();
        if matches!(&claimed, Ok(claimed) if claimed.away) {
            // Each more question would be waited for. The lease runs out by itself.
            helpers.shutdown().await;
        } else {
            while helpers.join_next().await.is_some() {}
            if until == Until::Idle {
                // What was just sent is part of the record, too.
                seal::seal(&shared.engine).await.ok();
            }
            let last = *lock(&lease);
            give_back(&shared, last).await;
        }
        shared.post.transport.close().await;
        let claimed = claimed?;
        Ok(Summary {
            expired: claimed.expired,
            paused: shared.gate.is_closed(),
            away: claimed.away,
            ..shared.tally.summary()
        })
    }
}

fn lock(lease: &std::sync::Mutex<LeaseId>) -> std::sync::MutexGuard<'_, LeaseId> {
    lease
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn take_lease(shared: &Shared) -> Result<LeaseId, storage::Error> {
    let id: LeaseId = fresh_id(shared.engine.clock.now());
    let (name, ttl) = (shared.options.name.clone(), shared.options.lease);
    shared
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::take(tx, id, &name, ttl).await }))
        .await?;
    Ok(id)
}

async fn give_back(shared: &Shared, lease: LeaseId) {
    let now = shared.engine.clock.now();
    let released = shared
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::release(tx, lease, now).await }))
        .await;
    if let Err(error) = released {
        tracing::warn!(%error, "the lease could not be given back; it runs out by itself");
    }
}

/// Wakes the loop when another process has committed work (PostgreSQL); reconnects for ever.
async fn listen(shared: Arc<Shared>, ended: CancellationToken) {
    let work = async {
        loop {
            match shared.engine.db.listen(WAKE_CHANNEL).await {
                Ok(None) => std::future::pending().await,
                Ok(Some(mut listener)) => {
                    while listener.recv().await.is_ok() {
                        shared.engine.wake.notify_one();
                    }
                }
                Err(_) => {}
            }
            tokio::time::sleep(shared.options.poll).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = ended.cancelled() => {}
    }
}

/// So many batches are claimed ahead of the senders, so that none waits while a claim is under way.
const AHEAD: usize = 2;
/// How long what was seen by looking around is good for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long more settlements are waited for before they are looked at.
const SETTLED_PAUSE: Duration = Duration::from_millis(3);

/// The loop that claims.
struct Claimer<'a> {
    shared: &'a Arc<Shared>,
    lease: &'a std::sync::Mutex<LeaseId>,
    turns: Turns,
    /// What was claimed when the database went away before it could be read.
    unread: Option<(Vec<Claimed>, LeaseId)>,
    /// When it last looked around; nothing once there is nothing to claim.
    looked: Option<Instant>,
    /// How many invitations expired on the way.
    expired: usize,
    /// Since when the database does not take part.
    away: Option<Instant>,
    jobs: mpsc::Sender<(deliver::Job, LeaseId)>,
}

/// How the claiming ended.
struct Claimings {
    expired: usize,
    away: bool,
}

/// What a round of the loop found.
enum Round {
    /// Something was taken, or there may be more: at once again.
    Again,
    /// Nothing to do before then, unless something happens.
    Wait(Option<Timestamp>),
}

impl Claimer<'_> {
    /// Claims until it is stopped, or there is nothing more to do.
    async fn run(mut self, until: Until) -> Result<Claimings, storage::Error> {
        let mut pause = Duration::ZERO;
        while !self.shared.stop.is_cancelled() {
            // Asked before the claim: what is settled while it runs may make room for what it could not take.
            let was_idle = self.shared.in_flight.count() == 0;
            let round = self.round().await;
            if round.is_ok() {
                (self.away, pause) = (None, Duration::ZERO);
            }
            match round {
                Ok(Round::Again) => {}
                Ok(Round::Wait(_)) if until == Until::Idle && was_idle => break,
                Ok(Round::Wait(at)) => self.wait(at).await,
                Err(error) => {
                    tracing::warn!(%error, "the database did not take part; trying again");
                    self.shared.metrics.database_failed(&error);
                    let away = self.away.get_or_insert_with(Instant::now).elapsed();
                    if until == Until::Idle && !error.is_passing() {
                        return Err(error);
                    }
                    if until == Until::Idle && away >= self.shared.options.lease() {
                        break;
                    }
                    pause = (pause * 2).clamp(Duration::from_millis(200), Duration::from_secs(10));
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = self.shared.stop.cancelled() => {}
                    }
                }
            }
        }
        Ok(Claimings {
            expired: self.expired,
            away: self.away.is_some(),
        })
    }

    async fn round(&mut self) -> Result<Round, storage::Error> {
        self.hand_out().await?;
        // Each mail that is settled wakes this loop: without room for a claim that is worth it, nothing is asked.
        let options = &self.shared.options;
        let held = self.shared.in_flight.count();
        let room = (options.connections + AHEAD * options.batch).saturating_sub(held);
        if held > 0 && room < options.batch {
            return Ok(Round::Wait(None));
        }
        self.look_around().await?;
        let now = self.shared.engine.clock.now();
        let limit = match self.shared.gate.opening(now) {
            gate::Opening::Open => room.min(self.shared.options.batch),
            // One mail tries whether the server takes us again.
            gate::Opening::Probe if held > 0 => return Ok(Round::Wait(None)),
            gate::Opening::Probe => 1,
            gate::Opening::Closed(until) => return Ok(Round::Wait(Some(until))),
        };
        let (batch, lease) = self.claim(limit, now).await?;
        let taken = batch.notices.len();
        let (more, room_at) = (batch.more, batch.room_at);
        for claimed in &batch.notices {
            self.shared.metrics.claimed(claimed.kind.as_str(), 1);
        }
        self.shared.in_flight.claimed(lease, taken);
        self.unread = Some((batch.notices, lease));
        self.hand_out().await?;
        if taken > 0 {
            return Ok(Round::Again);
        }
        self.looked = None;
        if more {
            // Others may have something due; what was visited has no room.
            tokio::time::sleep(Duration::from_millis(10)).await;
            return Ok(Round::Again);
        }
        let mut conn = self.shared.engine.db.read().await?;
        let next = [
            room_at,
            queue::next_due(&mut conn).await?,
            invitation::next_expiry(&mut conn, now).await?,
            relationship::next_end(&mut conn, now).await?,
        ];
        Ok(Round::Wait(next.into_iter().flatten().min()))
    }

    /// What changes seldom: ends what is overdue, and reads what other processes know of the server. While notices flow, it
    /// is not done before each claim.
    async fn look_around(&mut self) -> Result<(), storage::Error> {
        let is_fresh = self.looked.is_some_and(|at| at.elapsed() < LOOK_EVERY);
        if is_fresh && !self.shared.gate.is_closed() {
            return Ok(());
        }
        let ended = expire::expire(&self.shared.engine).await?;
        term::end_terms(&self.shared.engine).await?;
        self.expired += ended;
        for _ in 0..ended {
            self.shared.metrics.answered(Answer::Expired);
        }
        self.shared
            .gate
            .look(&self.shared.engine, &self.shared.metrics)
            .await?;
        self.looked = Some(Instant::now());
        Ok(())
    }

    async fn claim(
        &mut self,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Batch, LeaseId), storage::Error> {
        loop {
            let lease = *lock(self.lease);
            let claim = Claim {
                lease,
                ttl: self.shared.options.lease,
                limit,
                domain_in_flight: self.shared.options.domain_in_flight,
                domain_interval: self.shared.options.domain_interval,
                now,
            };
            let mut turns = std::mem::take(&mut self.turns);
            let (claiming, turns) = self
                .shared
                .engine
                .db
                .write(move |tx| {
                    Box::pin(async move {
                        let claiming = queue::claim(tx, &claim, &mut turns).await?;
                        Ok::<_, storage::Error>((claiming, turns))
                    })
                })
                .await?;
            self.turns = turns;
            match claiming {
                Claiming::Claimed(batch) => return Ok((batch, lease)),
                Claiming::LeaseLost => {
                    tracing::warn!(
                        "the lease had run out; what was held under it belongs to others now"
                    );
                    let fresh = take_lease(self.shared).await?;
                    *lock(self.lease) = fresh;
                }
            }
        }
    }

    /// Hands what was claimed to the senders. Where it cannot be read now, it stays ours: the next round tries again.
    async fn hand_out(&mut self) -> Result<(), storage::Error> {
        let Some((batch, lease)) = &self.unread else {
            return Ok(());
        };
        let jobs = deliver::load(&self.shared.engine, batch).await?;
        let lease = *lease;
        self.unread = None;
        for job in jobs {
            // The senders live as long as this channel.
            self.jobs.send((job, lease)).await.ok();
        }
        Ok(())
    }

    /// Waits until there may be something to do.
    async fn wait(&self, at: Option<Timestamp>) {
        let now = self.shared.engine.clock.now();
        let until = at.map_or(self.shared.options.poll, |at| {
            let micros = u64::try_from(at.as_micros() - now.as_micros()).unwrap_or(0);
            Duration::from_micros(micros).clamp(Duration::from_millis(1), self.shared.options.poll)
        });
        tokio::select! {
            () = tokio::time::sleep(until) => {}
            () = self.shared.engine.wake.notified() => {}
            // Settlements come in sets: one look for all of them.
            () = self.shared.has_settled.notified() => tokio::time::sleep(SETTLED_PAUSE).await,
            () = self.shared.stop.cancelled() => {}
        }
    }
}
