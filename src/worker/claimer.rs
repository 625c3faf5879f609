//! The loop that claims for one way, reads what its notices need in one go for a batch, and hands it to the senders.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::ledger::Ledger;
use super::way::Way;
use super::{Flow, Shared, Until, gate, lock, sender, take_lease};
use crate::domain::ids::LeaseId;
use crate::domain::time::Timestamp;
use crate::storage::queue::{Batch, Claim, Claimed, Claiming, Turns};
use crate::storage::{self, queue};

/// How long what was seen by looking around is good for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long more settlements are waited for before they are looked at.
const SETTLED_PAUSE: Duration = Duration::from_millis(3);

/// The loop that claims for one way, and the senders that work for it.
pub(super) struct Claimer<W: Way> {
    shared: Arc<Shared>,
    way: Arc<W>,
    lease: Arc<Mutex<LeaseId>>,
    turns: Turns,
    /// What was claimed when the database went away before it could be read.
    unread: Option<(Vec<Claimed>, LeaseId)>,
    /// When it last looked around; nothing once there is nothing to claim.
    looked: Option<Instant>,
    /// Since when the database does not take part.
    away: Option<Instant>,
    done: Claimings,
    jobs: mpsc::Sender<(W::Job, LeaseId)>,
    senders: JoinSet<()>,
}

/// What a loop did so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Claimings {
    /// How many invitations expired on the way.
    pub(super) expired: usize,
    /// How many notices were taken.
    pub(super) taken: usize,
    /// Whether the database went away for longer than a lease.
    pub(super) away: bool,
}

/// What a round of the loop found.
enum Round {
    /// Something was taken, or there may be more: at once again.
    Again,
    /// Nothing to do before then, unless something happens.
    Wait(Option<Timestamp>),
}

impl<W: Way> Claimer<W> {
    /// A loop with its senders, which wait for jobs.
    pub(super) fn start(
        shared: &Arc<Shared>,
        way: Arc<W>,
        lease: &Arc<Mutex<LeaseId>>,
        ledger: &Ledger,
    ) -> Self {
        let pace = way.pace();
        let (jobs, queue) = mpsc::channel(pace.batch.max(1) * 2);
        let queue = Arc::new(tokio::sync::Mutex::new(queue));
        let mut senders = JoinSet::new();
        for _ in 0..pace.senders.max(1) {
            senders.spawn(sender::run(
                shared.clone(),
                ledger.clone(),
                way.clone(),
                queue.clone(),
            ));
        }
        Self {
            shared: shared.clone(),
            way,
            lease: lease.clone(),
            turns: Turns::default(),
            unread: None,
            looked: None,
            away: None,
            done: Claimings::default(),
            jobs,
            senders,
        }
    }

    /// Closes the queue of jobs: the senders finish or give back what they hold.
    pub(super) async fn end(self) {
        let Self {
            jobs, mut senders, ..
        } = self;
        drop(jobs);
        while senders.join_next().await.is_some() {}
    }

    fn flow(&self) -> &Flow {
        self.shared.flow(W::CHANNEL)
    }

    /// Claims until it is stopped, or there is nothing more to do; returns what was done since the start.
    pub(super) async fn run(&mut self, until: Until) -> Result<Claimings, storage::Error> {
        let mut pause = Duration::ZERO;
        while !self.shared.stop.is_cancelled() {
            // Asked before the claim: what is settled while it runs may make room for what it could not take.
            let was_idle = self.flow().in_flight.count() == 0;
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
        self.done.away = self.away.is_some();
        Ok(self.done)
    }

    async fn round(&mut self) -> Result<Round, storage::Error> {
        self.hand_out().await?;
        // Each notice that is settled wakes this loop: without room for a claim that is worth it, nothing is asked.
        let pace = self.way.pace();
        let held = self.flow().in_flight.count();
        let room = (pace.senders + pace.ahead).saturating_sub(held);
        if held > 0 && room < pace.worth {
            return Ok(Round::Wait(None));
        }
        self.look_around().await?;
        let now = self.shared.engine.clock.now();
        let limit = match self.way.opening(now) {
            gate::Opening::Open => room.min(pace.batch),
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
        self.flow().in_flight.claimed(lease, taken);
        self.done.taken += taken;
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
            self.way.next_look(&mut conn, now).await?,
        ];
        Ok(Round::Wait(next.into_iter().flatten().min()))
    }

    /// Does what is done now and then. While notices flow, that is not before each claim.
    async fn look_around(&mut self) -> Result<(), storage::Error> {
        let is_fresh = self.looked.is_some_and(|at| at.elapsed() < LOOK_EVERY);
        let now = self.shared.engine.clock.now();
        if is_fresh && self.way.opening(now) == gate::Opening::Open {
            return Ok(());
        }
        self.done.expired += self.way.look_around().await?;
        self.looked = Some(Instant::now());
        Ok(())
    }

    async fn claim(
        &mut self,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Batch, LeaseId), storage::Error> {
        loop {
            let lease = *lock(&self.lease);
            let pace = self.way.pace();
            let claim = Claim {
                lease,
                channel: W::CHANNEL,
                ttl: self.shared.options.lease,
                limit,
                domain_in_flight: pace.in_flight,
                domain_interval: pace.interval,
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
                    let fresh = take_lease(&self.shared).await?;
                    *lock(&self.lease) = fresh;
                }
            }
        }
    }

    /// Hands what was claimed to the senders. Where it cannot be read now, it stays ours: the next round tries again.
    async fn hand_out(&mut self) -> Result<(), storage::Error> {
        let Some((batch, lease)) = &self.unread else {
            return Ok(());
        };
        let jobs = self.way.load(batch).await?;
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
            () = self.flow().wake.notified() => {}
            // Settlements come in sets: one look for all of them.
            () = self.flow().has_settled.notified() => tokio::time::sleep(SETTLED_PAUSE).await,
            () = self.shared.stop.cancelled() => {}
        }
    }
}
