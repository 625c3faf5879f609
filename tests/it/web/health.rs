//! What the operator's listener says of the process and its database.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use countersign::domain::token::Purpose;
use countersign::storage::db::Sql;
use countersign::storage::{Error, suppression};
use countersign::telemetry::Metrics;
use countersign::web::health::{self, Health};
use tokio_util::sync::CancellationToken;

use super::Stage;
use crate::harness::database::set_read_only;
use crate::harness::{Backend, Case, Ctx, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(health_tells_whether_the_database_is_there).on_each_database(),
        case!(a_database_that_cannot_write_is_told_until_it_can_again).on_each_database(),
        case!(nothing_is_recorded_in_a_file_that_is_gone).on_sqlite(),
        case!(nothing_is_recorded_in_a_file_that_was_replaced).on_sqlite(),
    ]
}

async fn serve(world: &World, stop: &CancellationToken) -> anyhow::Result<Served> {
    let health = Arc::new(Health {
        engine: world.engine.clone(),
        metrics: Arc::new(Metrics::new()),
        stop: stop.clone(),
    });
    Served::router(world, health::router(health)).await
}

async fn health_tells_whether_the_database_is_there(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let stop = CancellationToken::new();
    let served = serve(&world, &stop).await?;
    for path in ["/livez", "/readyz"] {
        let answer = served.get(path).await?;
        assert_eq!((answer.status, answer.text()), (200, "ok\n"), "{path}");
    }
    let metrics = served.get("/metrics").await?;
    ensure!(metrics.text().ends_with("# EOF\n"), "{}", metrics.text());
    ensure!(
        metrics
            .header("content-type")
            .is_some_and(|value| value.contains("openmetrics"))
    );
    stop.cancel();
    assert_eq!(served.get("/readyz").await?.status, 503, "it is ending");
    world.engine.db.close().await;
    let answer = served.get("/readyz").await?;
    assert_eq!(answer.status, 503);
    assert_eq!(
        served.get("/livez").await?.status,
        200,
        "the process runs all the same"
    );
    Ok(())
}

async fn suppress(world: &World, address: &str) -> Result<bool, Error> {
    let row = suppression::Suppression::new(&world.engine.keys, address, "test", world.now());
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &row).await }))
        .await
}

async fn a_database_that_cannot_write_is_told_until_it_can_again(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = serve(&world, &CancellationToken::new()).await?;
    match ctx.backend() {
        Backend::Postgres => set_read_only(ctx.database_url(), true).await?,
        // The one connection that writes keeps it.
        Backend::Sqlite => {
            let pragma = Sql::same("PRAGMA query_only = 1");
            let db = &world.engine.db;
            db.write(move |tx| Box::pin(async move { tx.query(pragma).execute().await }))
                .await?;
        }
    }
    let refusal = suppress(&world, "a@customer.example").await.unwrap_err();
    ensure!(matches!(refusal, Error::Unwritable(_)), "{refusal}");
    for _ in 0..2 {
        let answer = served.get("/readyz").await?;
        assert_eq!(answer.status, 503);
        let text = answer.text();
        ensure!(
            text.starts_with("database: the database cannot write: "),
            "{text}"
        );
    }
    if ctx.backend() == Backend::Sqlite {
        // Nobody takes it back from there: `storage::db::writing::tests` goes on.
        return Ok(());
    }
    set_read_only(ctx.database_url(), false).await?;
    // Nothing else has been written meanwhile: it finds out by itself.
    let answer = served.get("/readyz").await?;
    assert_eq!((answer.status, answer.text()), (200, "ok\n"));
    suppress(&world, "b@customer.example").await?;
    Ok(())
}

async fn nothing_is_recorded_in_a_file_that_is_gone(ctx: &Ctx) -> Outcome {
    nothing_is_recorded_after(ctx, |file| Ok(fs::remove_file(file)?)).await
}

async fn nothing_is_recorded_in_a_file_that_was_replaced(ctx: &Ctx) -> Outcome {
    nothing_is_recorded_after(ctx, |file| {
        let copy = file.with_extension("copy");
        fs::copy(file, &copy)?;
        Ok(fs::rename(copy, file)?)
    })
    .await
}

async fn nothing_is_recorded_after(
    ctx: &Ctx,
    happens: impl Fn(&Path) -> anyhow::Result<()>,
) -> Outcome {
    let stage = Stage::new(ctx).await?;
    let health = serve(&stage.world, &CancellationToken::new()).await?;
    let stop = stage.served.token(stage.id, Purpose::StopReminders).await?;
    let file = ctx
        .database_url()
        .strip_prefix("sqlite://")
        .context("a file")?;
    happens(Path::new(file))?;
    for answer in [
        stage.served.post("/accept", &stage.accepting()).await?,
        stage.served.post(&format!("/stop/{stop}"), &[]).await?,
    ] {
        assert_eq!(
            (answer.status, answer.heading()),
            (503, "잠시 사용할 수 없습니다")
        );
    }
    let refusal = suppress(&stage.world, "a@customer.example")
        .await
        .unwrap_err();
    ensure!(matches!(refusal, Error::Replaced), "{refusal}");
    ensure!(!refusal.is_passing(), "it does not pass by itself");
    let ready = health.get("/readyz").await?;
    assert_eq!(ready.status, 503);
    let said = "database: the database file was removed or replaced while the program ran";
    ensure!(ready.text().starts_with(said), "{}", ready.text());
    Ok(())
}
