//! What a claim of 100 notices costs beside ten thousand rows that are not due, and beside a hundred thousand.
//!
//! Before each claim 100 notices become due, as scheduled rows that the claim has to find; afterwards they are settled.
//! Only the claim is timed, its commit included. The two sizes take turns.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use countersign::domain::ids::{self, LeaseId};
use countersign::domain::notice::{Channel, Kind, NoticeState};
use countersign::domain::time::{Clock as _, DAY, SECOND, SystemClock, Timestamp};
use countersign::storage::notice::{self, New};
use countersign::storage::queue::{self, Claim, Claiming, Settlement, Turns};
use countersign::storage::{self, lease};
use report::{Report, Series};
use uuid::Uuid;
use world::{Backend, World};

#[path = "common/report.rs"]
mod report;
#[path = "common/world.rs"]
#[expect(dead_code, reason = "each bench uses a part of the world")]
mod world;

const CLAIM: usize = 100;
const CLAIMS: usize = 40;
const SIZES: [usize; 2] = [10_000, 100_000];
const DOMAINS: usize = 200;

/// A queue of one size.
struct Queue {
    world: World,
    rows: usize,
    lease: LeaseId,
    turns: Turns,
    millis: Vec<f64>,
}

impl Queue {
    async fn new(backend: Backend, rows: usize) -> anyhow::Result<Self> {
        let world = World::new(backend).await?;
        let now = SystemClock.now();
        let mut made = 0;
        while made < rows {
            let chunk = (rows - made).min(5_000);
            // Spread over a year, from tomorrow on.
            let due = |index| now.plus_micros(DAY + i64::try_from(index % 365).unwrap_or(0) * DAY);
            add(&world, made..made + chunk, now, due).await?;
            made += chunk;
        }
        world.settle().await?;
        let lease = ids::fresh(now, &mut rand::rng());
        world
            .engine
            .db
            .write(move |tx| {
                Box::pin(async move { lease::take(tx, lease, "bench", 3_600 * SECOND).await })
            })
            .await?;
        Ok(Self {
            world,
            rows,
            lease,
            turns: Turns::default(),
            millis: Vec::new(),
        })
    }

    /// Makes 100 notices due, claims them, and settles them; keeps how long the claim took.
    async fn turn(&mut self) -> anyhow::Result<()> {
        let now = SystemClock.now();
        let due = now.plus_micros(-SECOND);
        add(&self.world, 0..CLAIM, now.plus_micros(-DAY), |_| due).await?;
        let claim = Claim {
            lease: self.lease,
            channel: Channel::Mail,
            ttl: 3_600 * SECOND,
            limit: CLAIM,
            domain_in_flight: 20,
            domain_interval: None,
            now,
        };
        let mut turns = std::mem::take(&mut self.turns);
        let start = Instant::now();
        let (claiming, turns) = self
            .world
            .engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let claiming = queue::claim(tx, &claim, &mut turns).await?;
                    Ok::<_, storage::Error>((claiming, turns))
                })
            })
            .await?;
        self.millis.push(start.elapsed().as_secs_f64() * 1e3);
        self.turns = turns;
        let Claiming::Claimed(batch) = claiming else {
            anyhow::bail!("the lease was lost");
        };
        ensure!(
            batch.notices.len() == CLAIM,
            "{} of {CLAIM} were claimed",
            batch.notices.len()
        );
        let settlements: Vec<_> = batch
            .notices
            .iter()
            .map(|claimed| Settlement {
                notice: claimed.id,
                number: claimed.attempts,
                lease: self.lease,
                state: NoticeState::Sent,
                run_at: None,
                failed: false,
                outcome: "sent",
                stage: None,
                reply: None,
            })
            .collect();
        self.world
            .engine
            .db
            .write_one(move |tx| {
                Box::pin(async move { queue::book(tx, [], &settlements, now).await })
            })
            .await?;
        Ok(())
    }
}

/// Puts one notice for each index into the queue, planned at `planned`.
async fn add(
    world: &World,
    indexes: std::ops::Range<usize>,
    planned: Timestamp,
    due: impl Fn(usize) -> Timestamp,
) -> anyhow::Result<()> {
    let new: Vec<_> = indexes
        .map(|index| New {
            id: ids::fresh(planned, &mut rand::rng()),
            partner: world.partners[index % world.partners.len()],
            domain: format!("customer-{}.example", index % DOMAINS),
            kind: Kind::Reminder,
            step: 1,
            subject: Uuid::from_u128(rand::random()),
            target: Uuid::from_u128(rand::random()),
            generation: 1,
            payload: "{}".to_owned(),
            run_at: due(index),
        })
        .collect();
    world
        .engine
        .db
        .write(move |tx| Box::pin(async move { notice::enqueue(tx, &new, planned).await }))
        .await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut report = Report::new("queue");
    for backend in Backend::available() {
        let mut queues = Vec::new();
        for rows in SIZES {
            queues.push(Queue::new(backend, rows).await?);
        }
        for _ in 0..5 {
            for queue in &mut queues {
                queue.turn().await?;
            }
        }
        for queue in &mut queues {
            queue.millis.clear();
        }
        for _ in 0..CLAIMS {
            for queue in &mut queues {
                queue.turn().await?;
            }
        }
        let mut medians = Vec::new();
        for queue in queues {
            let (_, median, _) = report::spread(&queue.millis).context("no claim was timed")?;
            medians.push(median);
            report.add(Series {
                name: format!(
                    "{}: claim of {CLAIM} beside {} rows",
                    backend.name(),
                    queue.rows
                ),
                unit: "ms",
                values: queue.millis,
                target: None,
            });
            queue.world.remove().await?;
        }
        report.add(Series {
            name: format!("{}: {} rows / {} rows", backend.name(), SIZES[1], SIZES[0]),
            unit: "ratio",
            values: vec![medians[1] / medians[0]],
            target: Some(f64::NEG_INFINITY..=1.5),
        });
    }
    report.finish()
}
