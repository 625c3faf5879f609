//! Acceptances a second, 64 at once: through the library beside the smallest durable transaction that there is, and over
//! HTTP beside the front page of the same server, which asks no database.
//!
//! An acceptance is one transaction of some twenty statements: link, consent, relationship, grants, follow-up mails, event.
//! All four take turns. The client of the HTTP rounds runs in this process, so that its cost is on both sides.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use countersign::domain::ids::InvitationId;
use countersign::storage::{acceptance, lane};
use countersign::workflow::accept::{self, Accept, Outcome};
use http::Served;
use report::{Report, Series};
use tokio::task::JoinSet;
use world::{Backend, World};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "common/consent.rs"]
mod consent;
#[path = "common/http.rs"]
mod http;
#[path = "common/invitations.rs"]
mod invitations;
#[path = "common/report.rs"]
mod report;
#[path = "common/world.rs"]
#[expect(dead_code, reason = "each bench uses a part of the world")]
mod world;

const AT_ONCE: usize = 64;
const A_ROUND: usize = 600;
const ROUNDS: usize = 5;
/// Front pages a round.
const PAGES: usize = 6_000;

/// One database with what is to be accepted there, and what was measured.
struct Contender {
    world: World,
    served: Served,
    /// For the library.
    forms: Vec<Accept>,
    /// For the pages: requests, and the invitations behind them.
    requests: Vec<String>,
    over_http: Vec<InvitationId>,
    rounds: Vec<[f64; 4]>,
}

impl Contender {
    async fn new(backend: Backend) -> anyhow::Result<Self> {
        let world = World::new(backend).await?;
        let served = Served::new(&world)?;
        let mut over_http = invitations::make(&world, 0, 2 * A_ROUND * (ROUNDS + 1)).await?;
        let library = over_http.split_off(over_http.len() / 2);
        let mut forms = Vec::with_capacity(library.len());
        for id in library {
            forms.push(consent::form(&world, id).await?);
        }
        let mut requests = Vec::with_capacity(over_http.len());
        for (customer, id) in over_http.iter().enumerate() {
            let token = consent::token(&world, *id).await?;
            let page = served.page(&format!("/a/{token}"), customer).await?;
            let fields = [
                ("token", &*token),
                ("shown", hidden(&page, "shown")?),
                ("read", "yes"),
                ("family", "홍"),
                ("given", "길동"),
                ("authority", "yes"),
            ];
            requests.push(served.form("/accept", &fields, customer));
        }
        world.settle().await?;
        Ok(Self {
            world,
            served,
            forms,
            requests,
            over_http,
            rounds: Vec::new(),
        })
    }

    async fn round(&mut self, round: usize) -> anyhow::Result<[f64; 4]> {
        let one_row = one_row_each(&self.world, round).await?;
        let forms = self.forms.split_off(self.forms.len() - A_ROUND);
        let accepts = accept_all(&self.world, forms).await?;
        let pages = (0..PAGES).map(|customer| self.served.get("/", customer));
        let pages = self.served.ask_all(pages.collect(), AT_ONCE).await?;
        let requests = self.requests.split_off(self.requests.len() - A_ROUND);
        let posts = self.served.ask_all(requests, AT_ONCE).await?;
        Ok([one_row, accepts, pages, posts])
    }

    /// That each form over HTTP became a consent.
    async fn check(&self) -> anyhow::Result<()> {
        let mut conn = self.world.engine.db.read().await?;
        for id in &self.over_http {
            let consents = acceptance::count_consents(&mut conn, *id).await?;
            ensure!(consents == 1, "{consents} consents where one was posted");
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut report = Report::new("accept");
    let mut contenders = Vec::new();
    for backend in Backend::available() {
        contenders.push(Contender::new(backend).await?);
    }
    // One round to warm up, which does not count.
    for round in 0..=ROUNDS {
        for contender in &mut contenders {
            let figures = contender.round(round).await?;
            if round > 0 {
                contender.rounds.push(figures);
            }
        }
    }
    for contender in contenders {
        contender.check().await?;
        let name = contender.world.backend.name();
        let of = |figure: fn(&[f64; 4]) -> f64| contender.rounds.iter().map(figure).collect();
        for (what, unit, values) in [
            (
                "accept / one row a transaction",
                "ratio",
                of(|r| r[1] / r[0]),
            ),
            (
                "accept over HTTP / front page",
                "ratio",
                of(|r| r[3] / r[2]),
            ),
            ("accept", "accepts/s", of(|r| r[1])),
            ("accept over HTTP", "accepts/s", of(|r| r[3])),
            ("one row a transaction", "commits/s", of(|r| r[0])),
            ("front page", "pages/s", of(|r| r[2])),
        ] {
            report.add(Series {
                name: format!("{name}: {what}"),
                unit,
                values,
                target: None,
            });
        }
        contender.world.remove().await?;
    }
    report.finish()
}

/// The value of a hidden field of a page.
fn hidden<'a>(page: &'a str, name: &str) -> anyhow::Result<&'a str> {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).context("no such field")?;
    Ok(rest.split_once('"').context("the field does not end")?.0)
}

/// Acceptances a second.
async fn accept_all(world: &World, forms: Vec<Accept>) -> anyhow::Result<f64> {
    let engine = &world.engine;
    at_once(forms, |form| {
        let engine = engine.clone();
        async move {
            let outcome = accept::accept(&engine, form).await?;
            ensure!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
            Ok(())
        }
    })
    .await
}

/// Transactions a second that write one row.
async fn one_row_each(world: &World, round: usize) -> anyhow::Result<f64> {
    let domains = (0..A_ROUND)
        .map(|index| format!("bare-{round}-{index}.example"))
        .collect();
    let db = &world.engine.db;
    at_once(domains, |domain: String| {
        let db = db.clone();
        async move {
            db.write(move |tx| Box::pin(async move { lane::limit(tx, &domain, None, None).await }))
                .await?;
            Ok(())
        }
    })
    .await
}

/// Does all that is in `work`, 64 at once; returns how many a second.
async fn at_once<T, F>(work: Vec<T>, each: impl Fn(T) -> F) -> anyhow::Result<f64>
where
    T: Send + 'static,
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let count = work.len() as f64;
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    for item in work {
        if tasks.len() >= AT_ONCE
            && let Some(done) = tasks.join_next().await
        {
            done??;
        }
        tasks.spawn(each(item));
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(count / start.elapsed().as_secs_f64())
}
