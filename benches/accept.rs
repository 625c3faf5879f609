//! Acceptances a second through the library, 64 at once, beside the smallest durable transaction that there is.
//!
//! An acceptance is one transaction of some twenty statements: link, consent, relationship, grants, follow-up mails, event.
//! The yardstick is one row a transaction on the same database, 64 at once; the two take turns.

use std::time::Instant;

use anyhow::{Context as _, ensure};
use countersign::domain::ids::InvitationId;
use countersign::domain::language::Language;
use countersign::domain::person::{FamilyName, GivenName, SignerName};
use countersign::domain::signing::Signature;
use countersign::domain::token::Purpose;
use countersign::storage::{self, lane};
use countersign::workflow::accept::{self, Accept, Outcome, Shown};
use countersign::workflow::link::LinkRow;
use report::{Report, Series};
use tokio::task::JoinSet;
use world::{Backend, World};

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

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut report = Report::new("accept");
    let mut worlds = Vec::new();
    for backend in Backend::available() {
        let world = World::new(backend).await?;
        let ids = invitations::make(&world, 0, A_ROUND * (ROUNDS + 1)).await?;
        let mut forms = Vec::with_capacity(ids.len());
        for id in ids {
            forms.push(form(&world, id).await?);
        }
        world.settle().await?;
        worlds.push((world, forms, Vec::new(), Vec::new()));
    }
    // One round to warm up, which does not count.
    for round in 0..=ROUNDS {
        for (world, forms, bare, accepts) in &mut worlds {
            let one_row = one_row_each(world, round).await?;
            let accepted = accept_all(world, forms.split_off(forms.len() - A_ROUND)).await?;
            if round > 0 {
                bare.push(one_row);
                accepts.push(accepted);
            }
        }
    }
    for (world, _, bare, accepts) in worlds {
        let name = world.backend.name();
        let ratios = accepts.iter().zip(&bare).map(|(a, b)| a / b).collect();
        for (what, unit, values) in [
            ("accept / one row a transaction", "ratio", ratios),
            ("accept", "accepts/s", accepts),
            ("one row a transaction", "commits/s", bare),
        ] {
            report.add(Series {
                name: format!("{name}: {what}"),
                unit,
                values,
                target: None,
            });
        }
        world.remove().await?;
    }
    report.finish()
}

/// What a customer posts who accepts.
async fn form(world: &World, id: InvitationId) -> anyhow::Result<Accept> {
    let mut conn = world.engine.db.read().await?;
    let recipient = storage::recipient::signer(&mut conn, id)
        .await?
        .context("an invitation has a signer")?;
    let token = world
        .engine
        .token(LinkRow::from(&recipient), Purpose::Accept)?;
    Ok(Accept {
        claims: world
            .engine
            .tokens
            .authenticate(&token)
            .context("our own token verifies")?,
        signature: Signature {
            name: SignerName {
                family: "홍".parse::<FamilyName>()?,
                given: "길동".parse::<GivenName>()?,
            },
            phone: None,
        },
        shown: Shown {
            agreement: Some(world.agreement),
            agreement_sentence: "위 계약을 읽고 확인했습니다.".to_owned(),
            authority_sentence: "소속 조직을 대표하여 동의할 권한이 있습니다.".to_owned(),
            language: Language::ko(),
        },
        client_address: Some("192.0.2.1".to_owned()),
        user_agent: Some("bench".to_owned()),
    })
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
