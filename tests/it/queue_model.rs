//! The queue against a model of it: random steps of several workers, some of which die, on both databases.
//!
//! The model says what each step may do; after each step the whole queue is read and compared.

mod compare;
mod steps;

use std::collections::{BTreeMap, HashSet};

use anyhow::ensure;
use countersign::domain::ids::{self, LeaseId, NoticeId};
use countersign::domain::notice::{Channel, Irrelevant, Kind, NoticeState};
use countersign::domain::time::{MINUTE, SECOND, Timestamp};
use countersign::storage::queue::{self, Claim, Claimed, Claiming, Mark, Settlement, Turns};
use countersign::storage::{Error, lease, notice};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use self::steps::{End, Step, step};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(the_queue_does_what_its_model_says).on_each_database()]
}

const CASES: u32 = 24;
const STEPS: usize = 40;
const WORKERS: usize = 3;
const TTL: i64 = 600 * SECOND;

/// A notice as the model has it.
#[derive(Clone, Debug)]
struct Entry {
    new: notice::New,
    state: NoticeState,
    run_at: Timestamp,
    lease: Option<LeaseId>,
    deaths: i64,
    /// Of each attempt: whether it was marked, and how it ended.
    attempts: Vec<(LeaseId, bool, Option<&'static str>)>,
    in_the_world: usize,
}

/// A worker as it sees itself: what it claimed stays in its hands even when its lease is gone.
struct Hand {
    lease: LeaseId,
    held: Vec<(LeaseId, Claimed)>,
    turns: Turns,
}

#[derive(Default)]
struct Model {
    entries: BTreeMap<NoticeId, Entry>,
    live: HashSet<LeaseId>,
    /// Run out, and not swept yet.
    dead: HashSet<LeaseId>,
}

struct Play<'a> {
    world: &'a World,
    ctx: &'a Ctx,
    model: Model,
    hands: Vec<Hand>,
    /// All notices are about one thing, so that one statement reads all their attempts.
    subject: Uuid,
}

async fn take_lease(world: &World) -> anyhow::Result<LeaseId> {
    let id: LeaseId = ids::fresh(world.now(), &mut rand::rng());
    world
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::take(tx, id, "model", TTL).await }))
        .await?;
    Ok(id)
}

impl<'a> Play<'a> {
    async fn begin(world: &'a World, ctx: &'a Ctx) -> anyhow::Result<Self> {
        let mut play = Self {
            world,
            ctx,
            model: Model::default(),
            hands: Vec::new(),
            subject: Uuid::from_u128(rand::random()),
        };
        for table in [
            "DELETE FROM attempt",
            "DELETE FROM notice",
            "DELETE FROM lease",
        ] {
            ctx.sql(table).await?;
        }
        for _ in 0..WORKERS {
            let lease = take_lease(world).await?;
            play.model.live.insert(lease);
            play.hands.push(Hand {
                lease,
                held: Vec::new(),
                turns: Turns::default(),
            });
        }
        Ok(play)
    }

    fn pick(&self, which: usize) -> Option<NoticeId> {
        let count = self.model.entries.len();
        (count > 0).then(|| *self.model.entries.keys().nth(which % count).unwrap())
    }

    async fn step(&mut self, step: Step) -> Outcome {
        let now = self.world.now();
        match step {
            Step::Enqueue { count, later } => self.enqueue(count, later).await?,
            Step::Repeat(which) => {
                if let Some(id) = self.pick(which) {
                    let again = notice::New {
                        id: ids::fresh(now, &mut rand::rng()),
                        ..self.model.entries[&id].new.clone()
                    };
                    assert_eq!(self.put(vec![again]).await?, 0);
                }
            }
            Step::Claim { worker, limit } => self.claim(worker, limit).await?,
            Step::Mark { worker, which } => self.mark(worker, which).await?,
            Step::Settle { worker, which, end } => self.settle(worker, which, end).await?,
            Step::Die(worker) => {
                // Time of leases is the database's: all others are renewed, this one has run out.
                let lease = self.hands[worker].lease;
                if self.model.live.remove(&lease) {
                    self.model.dead.insert(lease);
                    self.run_out(lease).await?;
                }
            }
            Step::Sweep => self.sweep().await?,
            Step::Release(worker) => self.release(worker).await?,
            Step::Cancel(which) => {
                if let Some(id) = self.pick(which) {
                    let cancelled = self
                        .world
                        .engine
                        .db
                        .write(move |tx| {
                            Box::pin(async move {
                                notice::cancel(tx, id, Irrelevant::Operator, now).await
                            })
                        })
                        .await?;
                    let entry = self.model.entries.get_mut(&id).unwrap();
                    let may = matches!(
                        entry.state,
                        NoticeState::Scheduled | NoticeState::Ready | NoticeState::Dead
                    );
                    assert_eq!(cancelled, may);
                    if may {
                        entry.state = NoticeState::Cancelled;
                    }
                }
            }
            Step::Retry(which) => {
                if let Some(id) = self.pick(which) {
                    let retried = self
                        .world
                        .engine
                        .db
                        .write(move |tx| Box::pin(async move { notice::retry(tx, id, now).await }))
                        .await?;
                    let entry = self.model.entries.get_mut(&id).unwrap();
                    let may = !matches!(
                        entry.state,
                        NoticeState::Sent | NoticeState::Running | NoticeState::Ready
                    );
                    assert_eq!(retried, may);
                    if may {
                        entry.state = NoticeState::Ready;
                        entry.run_at = now;
                        entry.deaths = 0;
                    }
                }
            }
            Step::Pass(micros) => self.world.pass(micros),
        }
        self.compare().await
    }

    async fn put(&self, new: Vec<notice::New>) -> anyhow::Result<u64> {
        let now = self.world.now();
        Ok(self
            .world
            .engine
            .db
            .write(move |tx| Box::pin(async move { notice::enqueue(tx, &new, now).await }))
            .await?)
    }

    async fn enqueue(&mut self, count: usize, later: bool) -> Outcome {
        let now = self.world.now();
        let run_at = if later {
            now.plus_micros(5 * MINUTE)
        } else {
            now
        };
        let new: Vec<_> = (0..count)
            .map(|n| notice::New {
                id: ids::fresh(now, &mut rand::rng()),
                partner: self.world.partner,
                domain: format!("d{}.example", n % 2),
                kind: Kind::Invitation,
                step: 0,
                subject: self.subject,
                target: Uuid::from_u128(rand::random()),
                generation: 1,
                payload: "{}".to_owned(),
                run_at,
            })
            .collect();
        assert_eq!(self.put(new.clone()).await?, count as u64);
        for new in new {
            let state = if later {
                NoticeState::Scheduled
            } else {
                NoticeState::Ready
            };
            self.model.entries.insert(
                new.id,
                Entry {
                    new,
                    state,
                    run_at,
                    lease: None,
                    deaths: 0,
                    attempts: Vec::new(),
                    in_the_world: 0,
                },
            );
        }
        Ok(())
    }

    async fn claim(&mut self, worker: usize, limit: usize) -> Outcome {
        let now = self.world.now();
        let hand = &mut self.hands[worker];
        let claim = Claim {
            lease: hand.lease,
            channel: Channel::Mail,
            ttl: TTL,
            limit,
            domain_in_flight: 1_000,
            domain_interval: None,
            now,
        };
        let mut turns = std::mem::take(&mut hand.turns);
        let (claiming, turns) = self
            .world
            .engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let claiming = queue::claim(tx, &claim, &mut turns).await?;
                    Ok::<_, Error>((claiming, turns))
                })
            })
            .await?;
        hand.turns = turns;
        let Claiming::Claimed(batch) = claiming else {
            ensure!(
                !self.model.live.contains(&hand.lease),
                "a live lease is lost"
            );
            hand.lease = take_lease(self.world).await?;
            self.model.live.insert(hand.lease);
            return Ok(());
        };
        ensure!(self.model.live.contains(&hand.lease), "a dead lease claims");
        // What had become due is ready now, claimed or not. Of those that two workers died with, a worker holds one.
        let (mut due, mut suspects) = (0, 0);
        let mut holds_suspect = false;
        for entry in self.model.entries.values_mut() {
            if entry.state == NoticeState::Scheduled && entry.run_at <= now {
                entry.state = NoticeState::Ready;
            }
            if entry.deaths >= 2 {
                suspects += usize::from(entry.state == NoticeState::Ready);
                holds_suspect |= entry.lease == Some(hand.lease);
            } else {
                due += usize::from(entry.state == NoticeState::Ready);
            }
        }
        if !holds_suspect {
            due += suspects.min(1);
        }
        assert_eq!(batch.notices.len(), due.min(limit), "of {due} due");
        for claimed in batch.notices {
            let entry = self.model.entries.get_mut(&claimed.id).unwrap();
            ensure!(
                entry.state == NoticeState::Ready
                    && entry.lease.is_none()
                    && (entry.deaths < 2 || !holds_suspect),
                "taken twice: {entry:?}"
            );
            holds_suspect |= entry.deaths >= 2;
            entry.state = NoticeState::Running;
            entry.lease = Some(hand.lease);
            entry.attempts.push((hand.lease, false, None));
            assert_eq!(claimed.attempts, i64::try_from(entry.attempts.len())?);
            hand.held.push((hand.lease, claimed));
        }
        Ok(())
    }

    /// What a worker holds, or believes to hold.
    fn held(&self, worker: usize, which: usize) -> Option<(LeaseId, Claimed)> {
        let held = &self.hands[worker].held;
        (!held.is_empty()).then(|| held[which % held.len()].clone())
    }

    async fn mark(&mut self, worker: usize, which: usize) -> Outcome {
        let Some((lease, claimed)) = self.held(worker, which) else {
            return Ok(());
        };
        let now = self.world.now();
        let mark = Mark {
            notice: claimed.id,
            number: claimed.attempts,
            lease,
            message_id: format!("{}@sign.example", claimed.id),
            dated_at: now,
            sha256: [7; 32],
            mailbox: Some(self.world.engine.keys.mailbox("hong@customer.example")),
        };
        let marked = self
            .world
            .engine
            .db
            .write_one(move |tx| Box::pin(async move { queue::book(tx, [&mark], [], now).await }))
            .await?;
        let is_live = self.model.live.contains(&lease);
        let entry = self.model.entries.get_mut(&claimed.id).unwrap();
        let attempt = &mut entry.attempts[usize::try_from(claimed.attempts)? - 1];
        let may = is_live && !attempt.1 && attempt.2.is_none();
        assert_eq!(marked.marked == [claimed.id], may, "{attempt:?}");
        if may {
            attempt.1 = true;
            entry.in_the_world += 1;
        }
        Ok(())
    }

    async fn settle(&mut self, worker: usize, which: usize, end: End) -> Outcome {
        let Some((lease, claimed)) = self.held(worker, which) else {
            return Ok(());
        };
        let now = self.world.now();
        let (state, outcome, run_at) = match end {
            End::Sent => (NoticeState::Sent, "sent", None),
            End::Retried => (
                NoticeState::Scheduled,
                "retried",
                Some(now.plus_micros(MINUTE)),
            ),
            End::Failed => (NoticeState::Failed, "failed", None),
            End::Dead => (NoticeState::Dead, "given_up", None),
            End::Cancelled => (NoticeState::Cancelled, "cancelled", None),
            End::Paused => (
                NoticeState::Scheduled,
                "paused",
                Some(now.plus_micros(SECOND)),
            ),
            End::Released => (NoticeState::Scheduled, "released", Some(now)),
        };
        let settlement = Settlement {
            notice: claimed.id,
            number: claimed.attempts,
            lease,
            state,
            run_at,
            failed: matches!(end, End::Retried | End::Dead),
            outcome,
            stage: None,
            reply: None,
        };
        let settled = self
            .world
            .engine
            .db
            .write_one(move |tx| {
                Box::pin(async move { queue::book(tx, [], [&settlement], now).await })
            })
            .await?;
        let entry = self.model.entries.get_mut(&claimed.id).unwrap();
        let may = entry.state == NoticeState::Running && entry.lease == Some(lease);
        assert_eq!(settled.settled == [claimed.id], may, "{entry:?}");
        if may {
            entry.state = state;
            entry.lease = None;
            entry.run_at = run_at.unwrap_or(entry.run_at);
        }
        let attempt = &mut entry.attempts[usize::try_from(claimed.attempts)? - 1];
        attempt.2.get_or_insert(outcome);
        Ok(())
    }

    /// Ends the attempts under a lease, as a sweep or a release does; returns what it held.
    fn end_attempts(&mut self, lease: LeaseId, unmarked: &'static str) -> Vec<NoticeId> {
        let mut held = Vec::new();
        for (id, entry) in &mut self.model.entries {
            for attempt in entry.attempts.iter_mut().filter(|a| a.0 == lease) {
                attempt
                    .2
                    .get_or_insert(if attempt.1 { "ambiguous" } else { unmarked });
            }
            if entry.lease == Some(lease) {
                entry.lease = None;
                held.push(*id);
            }
        }
        held
    }

    async fn sweep(&mut self) -> Outcome {
        let now = self.world.now();
        let swept = self
            .world
            .engine
            .db
            .write(move |tx| Box::pin(async move { lease::sweep(tx, now).await }))
            .await?;
        let dead = std::mem::take(&mut self.model.dead);
        assert_eq!(swept.leases, dead.len());
        let mut freed = Vec::new();
        for lease in dead {
            freed.extend(self.end_attempts(lease, "died"));
        }
        let found: HashSet<_> = swept.notices.iter().collect();
        assert_eq!(found, freed.iter().collect());
        for id in freed {
            let entry = self.model.entries.get_mut(&id).unwrap();
            let wait = if entry.deaths == 0 { 0 } else { MINUTE };
            entry.deaths += 1;
            entry.run_at = now.plus_micros(wait);
            entry.state = if entry.deaths >= 3 {
                NoticeState::Dead
            } else {
                NoticeState::Scheduled
            };
        }
        Ok(())
    }

    async fn release(&mut self, worker: usize) -> Outcome {
        let now = self.world.now();
        let lease = self.hands[worker].lease;
        self.world
            .engine
            .db
            .write(move |tx| Box::pin(async move { lease::release(tx, lease, now).await }))
            .await?;
        self.model.live.remove(&lease);
        self.model.dead.remove(&lease);
        for id in self.end_attempts(lease, "released") {
            self.model.entries.get_mut(&id).unwrap().state = NoticeState::Ready;
        }
        Ok(())
    }

    async fn run_out(&self, lease: LeaseId) -> Outcome {
        let ended = self
            .world
            .engine
            .db
            // A time to live of minus a second is one that has run out.
            .write(move |tx| Box::pin(async move { lease::renew(tx, lease, -SECOND).await }))
            .await?;
        ensure!(ended, "a live lease was gone");
        Ok(())
    }
}

async fn the_queue_does_what_its_model_says(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut seed = [0; 32];
    // `COUNTERSIGN_TEST_SEED` plays a failure again.
    let given = std::env::var("COUNTERSIGN_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let number: u64 = given.unwrap_or_else(rand::random);
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let plays = proptest::collection::vec(step(), 10..=STEPS);
    for play_number in 0..CASES {
        let steps = plays
            .new_tree(&mut runner)
            .map_err(|reason| anyhow::anyhow!("{reason}"))?
            .current();
        let mut play = Play::begin(&world, ctx).await?;
        for (index, step) in steps.iter().enumerate() {
            // The report of a failure shows the logs.
            let place = format!("seed {number}, play {play_number}, step {index} of {steps:?}");
            std::fs::write(ctx.folder().join("play.log"), place)?;
            play.step(step.clone()).await?;
        }
        play.no_orphans().await?;
    }
    Ok(())
}
