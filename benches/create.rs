//! Invitations a second: one by one, sixteen at once, and in calls of a thousand, beside a bare insert of the same rows.
//!
//! The bare insert takes the rows that a call of a thousand has just made, as texts made beforehand, into another database of
//! the same shape, by the program's own statements on sets, in one transaction: nothing is looked up, decided or computed.
//! Every database has a writer of its own kind alone, so that all grow alike; all take turns. Limits are on, and high.

use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use bare::Bare;
use countersign::domain::audit::Actor;
use countersign::domain::draft::Source;
use countersign::domain::ids::{PartnerId, first_of};
use countersign::domain::limit::Limits;
use countersign::workflow::Engine;
use countersign::workflow::invite::{self, Item, Outcome, Trigger};
use report::{Report, Series};
use tokio::task::JoinSet;
use world::{Backend, World};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "common/bare.rs"]
mod bare;
#[path = "common/invitations.rs"]
#[expect(dead_code, reason = "only its drafts are used")]
mod invitations;
#[path = "common/report.rs"]
mod report;
#[path = "common/world.rs"]
#[expect(dead_code, reason = "each bench uses a part of the world")]
mod world;

const A_CALL: usize = 1_000;
/// One by one, a round is shorter.
const ONE_BY_ONE: usize = 300;
const AT_ONCE: usize = 16;
const ROUNDS: usize = 15;

/// A database for each of the four.
struct Contender {
    backend: Backend,
    singles: World,
    parallel: World,
    calls: World,
    bare: World,
    rounds: Vec<[f64; 4]>,
}

impl Contender {
    async fn new(backend: Backend) -> anyhow::Result<Self> {
        Ok(Self {
            backend,
            singles: limited(backend).await?,
            parallel: limited(backend).await?,
            calls: limited(backend).await?,
            bare: limited(backend).await?,
            rounds: Vec::new(),
        })
    }

    /// Invitations a second of each.
    async fn round(&mut self, round: usize) -> anyhow::Result<[f64; 4]> {
        let first = round * A_CALL;
        let singles = one_by_one(&self.singles, first).await?;
        let parallel = at_once(&self.parallel, first).await?;
        let before = bare::counters(&self.calls).await?;
        let after = first_of(self.calls.engine.clock.now());
        let calls = a_call(&self.calls, first).await?;
        let rows = Bare::rows(&self.calls, &self.bare, after, &before).await?;
        let start = Instant::now();
        rows.insert(&self.bare).await?;
        Ok([singles, parallel, calls, rate(A_CALL, start)])
    }

    /// That both databases hold the same.
    async fn check(&self) -> anyhow::Result<()> {
        let count = "SELECT (SELECT count(*) FROM notice) || ' notices, ' || (SELECT count(*) FROM invitation) || ' invitations, '
            || (SELECT count(*) FROM event) || ' events, ' || (SELECT count(*) FROM contact) || ' contacts, '
            || (SELECT sum(used) FROM invitation_limit) || ' counted in ' || (SELECT count(*) FROM invitation_limit)";
        let (calls, bare) = (
            self.calls.texts(count).await?,
            self.bare.texts(count).await?,
        );
        ensure!(calls == bare, "{calls:?} are not {bare:?}");
        ensure!(
            calls[0].contains(&format!(" {} invitations", (ROUNDS + 1) * A_CALL)),
            "{calls:?}"
        );
        Ok(())
    }
}

/// A world with limits that are counted, and not met.
async fn limited(backend: Backend) -> anyhow::Result<World> {
    let mut world = World::new(backend).await?;
    let mut settings = (*world.engine.settings).clone();
    settings.limits = Limits {
        per_recipient_week: Some(1_000),
        per_domain_day: Some(1_000_000),
        per_key_day: Some(1_000_000),
        per_partner_day: Some(1_000_000),
    };
    world.engine.settings = Arc::new(settings);
    Ok(world)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut report = Report::new("create");
    let mut contenders = Vec::new();
    for backend in Backend::available() {
        contenders.push(Contender::new(backend).await?);
    }
    // One round to warm up, which does not count.
    for round in 0..=ROUNDS {
        for contender in &mut contenders {
            let figures = contender.round(round).await?;
            if round == 0 {
                for world in [
                    &contender.singles,
                    &contender.parallel,
                    &contender.calls,
                    &contender.bare,
                ] {
                    world.settle().await?;
                }
            } else {
                contender.rounds.push(figures);
            }
        }
    }
    for contender in contenders {
        contender.check().await?;
        let name = contender.backend.name();
        let of = |figure: fn(&[f64; 4]) -> f64| contender.rounds.iter().map(figure).collect();
        for (what, unit, values, target) in [
            (
                "calls of 1,000 / bare insert",
                "ratio",
                of(|r| r[2] / r[3]),
                Some(0.4..=f64::INFINITY),
            ),
            (
                "16 at once / bare insert",
                "ratio",
                of(|r| r[1] / r[3]),
                None,
            ),
            (
                "one by one / bare insert",
                "ratio",
                of(|r| r[0] / r[3]),
                None,
            ),
            ("calls of 1,000", "invitations/s", of(|r| r[2]), None),
            ("16 at once", "invitations/s", of(|r| r[1]), None),
            ("one by one", "invitations/s", of(|r| r[0]), None),
            ("bare insert of 1,000", "invitations/s", of(|r| r[3]), None),
        ] {
            report.add(Series {
                name: format!("{name}: {what}"),
                unit,
                values,
                target,
            });
        }
        for world in [
            contender.singles,
            contender.parallel,
            contender.calls,
            contender.bare,
        ] {
            world.remove().await?;
        }
    }
    report.finish()
}

fn rate(count: usize, start: Instant) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let count = count as f64;
    count / start.elapsed().as_secs_f64()
}

const fn trigger(partner: PartnerId) -> Trigger {
    Trigger {
        partner,
        source: Source::Api,
        actor: Actor::Partner(partner),
        api_key: None,
        asked_for: false,
    }
}

fn items(range: std::ops::Range<usize>) -> anyhow::Result<Vec<Item>> {
    let drafts = range.map(invitations::draft);
    let requests = drafts.map(|draft| draft.check().map_err(invite::InviteError::Fields));
    Ok(requests
        .map(|request| request.map(Item::from))
        .collect::<Result<_, _>>()?)
}

async fn invite_all(engine: &Engine, partner: PartnerId, items: Vec<Item>) -> anyhow::Result<()> {
    for item in items {
        let outcome = invite::invite(engine, trigger(partner), item).await?;
        ensure!(matches!(outcome, Outcome::Created(_)), "{outcome:?}");
    }
    Ok(())
}

async fn one_by_one(world: &World, first: usize) -> anyhow::Result<f64> {
    let items = items(first..first + ONE_BY_ONE)?;
    let start = Instant::now();
    invite_all(&world.engine, world.partners[0], items).await?;
    Ok(rate(ONE_BY_ONE, start))
}

async fn at_once(world: &World, first: usize) -> anyhow::Result<f64> {
    let mut tasks = JoinSet::new();
    let each = A_CALL / AT_ONCE;
    let shares = (0..AT_ONCE).map(|share| {
        let first = first + share * each;
        items(first..first + each)
    });
    let shares: Vec<_> = shares.collect::<Result<_, _>>()?;
    let start = Instant::now();
    for share in shares {
        let (engine, partner) = (world.engine.clone(), world.partners[0]);
        tasks.spawn(async move { invite_all(&engine, partner, share).await });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(rate(AT_ONCE * each, start))
}

async fn a_call(world: &World, first: usize) -> anyhow::Result<f64> {
    let items = items(first..first + A_CALL)?;
    let start = Instant::now();
    let outcomes = invite::invite_many(&world.engine, trigger(world.partners[0]), items).await?;
    let rate = rate(A_CALL, start);
    ensure!(
        outcomes
            .iter()
            .all(|it| matches!(it, Ok(Outcome::Created(_))))
    );
    Ok(rate)
}
