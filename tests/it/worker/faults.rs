//! Lines that drop, servers that say nothing, a database that is away: nothing is lost, and what may have arrived twice is
//! known.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::ensure;
use countersign::demo::sink::Behaviour;
use countersign::domain::delivery::Stage;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::{MINUTE, SECOND};
use countersign::worker::Options;

use crate::harness::office::{LONG, options};
use crate::harness::{Backend, Case, Ctx, Outcome, World, case, database, wait_until};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_lost_reply_is_ambiguous_and_brings_the_same_bytes_again).on_each_database(),
        case!(a_line_that_drops_before_the_body_brings_one_mail).on_each_database(),
        case!(a_silent_domain_does_not_hold_up_the_others).on_each_database(),
        case!(a_probe_into_a_silent_domain_opens_the_gate).on_each_database(),
        case!(a_database_that_ends_its_connections_loses_nothing).on_postgres(),
        case!(a_database_that_is_away_for_longer_than_a_lease_loses_nothing).on_postgres(),
        case!(a_run_that_is_to_end_does_so_without_its_database).on_postgres(),
        case!(a_database_that_another_process_locks_loses_nothing).on_sqlite(),
    ]
}

async fn a_lost_reply_is_ambiguous_and_brings_the_same_bytes_again(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@customer.example").await?;
    sink.behave(Stage::Body, Behaviour::KeepAndDrop);
    let summary = world.run(&post).await?;
    assert_eq!((summary.sent, summary.retried), (0, 1));
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(world.endings(&row).await?, ["ambiguous"]);
    sink.behave_well();
    // The second one leaves on another day, and is the first one still.
    world.pass(26 * 60 * MINUTE);
    assert_eq!(world.run(&post).await?.sent, 1);
    assert_eq!(world.endings(&row).await?, ["ambiguous", "sent"]);
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(
        String::from_utf8_lossy(&mails[0].bytes),
        String::from_utf8_lossy(&mails[1].bytes)
    );
    assert_eq!(mails[0].mail_from, mails[1].mail_from);
    assert_eq!(
        ctx.number("SELECT count(*) FROM attempt WHERE body_started_at IS NOT NULL")
            .await?,
        2
    );
    Ok(())
}

async fn a_line_that_drops_before_the_body_brings_one_mail(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@customer.example").await?;
    for stage in [Stage::RcptTo, Stage::Data] {
        sink.behave(stage, Behaviour::Drop);
        assert_eq!(world.run(&post).await?.retried, 1, "{stage:?}");
        sink.behave_well();
        world.pass(10 * MINUTE);
    }
    assert_eq!(
        ctx.number("SELECT count(*) FROM attempt WHERE body_started_at IS NOT NULL")
            .await?,
        0,
        "no body began to leave"
    );
    world.pass(20 * MINUTE);
    world.run(&post).await?;
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(world.endings(&row).await?, ["retried", "retried", "sent"]);
    assert_eq!(sink.taken(), 1);
    Ok(())
}

async fn a_silent_domain_does_not_hold_up_the_others(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    sink.behave_for("silent.example", Stage::RcptTo, Behaviour::Hang);
    world
        .invite_many(40, |n| format!("n{n}@silent.example"))
        .await?;
    world
        .invite_many(100, |n| format!("n{n}@d{}.example", n % 10))
        .await?;
    let running = world.start(
        &post,
        Options {
            connections: 8,
            domain_in_flight: 4,
            ..options()
        },
    );
    let most = AtomicUsize::new(0);
    wait_until("the mails of the others", LONG, async || {
        let silent = ctx
            .number(
                "SELECT count(*) FROM notice WHERE state = 'running' AND domain = 'silent.example'",
            )
            .await?;
        most.fetch_max(usize::try_from(silent)?, Ordering::SeqCst);
        Ok((sink.taken() >= 100).then_some(()))
    })
    .await?;
    let tried = ctx
        .number("SELECT count(*) FROM attempt WHERE outcome = 'retried'")
        .await?;
    ensure!(
        tried < 40,
        "the others waited until the silent ones were through: {tried}"
    );
    let most = most.into_inner();
    ensure!((1..=4).contains(&most), "{most} in flight to one domain");
    running.stop().await?;
    assert_eq!(
        ctx.number("SELECT count(*) FROM notice WHERE state IN ('failed', 'dead', 'running')")
            .await?,
        0
    );
    // They are mail like any other once the domain speaks again.
    sink.behave_well();
    world.pass(10 * MINUTE);
    world.run(&post).await?;
    assert_eq!(sink.taken(), 140);
    Ok(())
}

async fn a_probe_into_a_silent_domain_opens_the_gate(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    world.invite("hong@silent.example").await?;
    sink.behave(Stage::Connect, Behaviour::Reply("554 5.3.2 no".to_owned()));
    ensure!(world.run(&post).await?.paused);
    sink.behave_well();
    sink.behave_for("silent.example", Stage::RcptTo, Behaviour::Hang);
    world.pass(10 * MINUTE);
    let summary = world.run(&post).await?;
    assert_eq!(summary.retried, 1);
    ensure!(
        !summary.paused,
        "a server that went as far as RCPT takes our mail"
    );
    Ok(())
}

/// What holds after any fault: each arrived, and a second time only where an attempt says so.
async fn all_arrived(
    ctx: &Ctx,
    world: &World,
    sink: &countersign::demo::sink::Sink,
    count: usize,
) -> Outcome {
    assert_eq!(world.count_in(NoticeState::Sent).await?, count);
    let mails = sink.mails();
    let mut seen = std::collections::HashMap::new();
    for mail in &mails {
        let first = seen.entry(mail.rcpt_to.clone()).or_insert(&mail.bytes);
        ensure!(*first == &mail.bytes, "a duplicate with other bytes");
    }
    assert_eq!(seen.len(), count);
    let ambiguous = ctx
        .number("SELECT count(*) FROM attempt WHERE outcome = 'ambiguous'")
        .await?;
    let duplicates = mails.len() - count;
    ensure!(
        duplicates <= usize::try_from(ambiguous)?,
        "{duplicates} duplicates, {ambiguous} recorded"
    );
    let marks = ctx
        .number("SELECT count(*) FROM attempt WHERE body_started_at IS NOT NULL")
        .await?;
    ensure!(mails.len() <= usize::try_from(marks)?);
    let open = ctx
        .number("SELECT count(*) FROM attempt WHERE outcome IS NULL")
        .await?;
    assert_eq!(open, 0, "attempts without an end");
    Ok(())
}

/// A worker whose lease runs out within a case.
fn short_lease() -> Options {
    Options {
        connections: 8,
        lease: 2 * SECOND,
        renew: Duration::from_millis(500),
        ..options()
    }
}

async fn a_database_that_ends_its_connections_loses_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(20)));
    world
        .invite_many(300, |n| format!("n{n}@d{}.example", n % 9))
        .await?;
    let running = world.start(
        &post,
        Options {
            connections: 8,
            ..options()
        },
    );
    for taken in [40, 120, 200] {
        wait_until("mails", LONG, async || {
            Ok((sink.taken() >= taken).then_some(()))
        })
        .await?;
        ctx.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'countersign'",
        )
        .await?;
    }
    world.wait_for_sent(300).await?;
    running.stop().await?;
    all_arrived(ctx, &world, &sink, 300).await
}

async fn a_database_that_is_away_for_longer_than_a_lease_loses_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(20)));
    world
        .invite_many(200, |n| format!("n{n}@d{}.example", n % 9))
        .await?;
    let running = world.start(&post, short_lease());
    wait_until("mails", LONG, async || {
        Ok((sink.taken() >= 50).then_some(()))
    })
    .await?;
    let outage = database::Outage::begin(ctx.database_url()).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    outage.end().await?;
    world.wait_for_sent(200).await?;
    running.stop().await?;
    all_arrived(ctx, &world, &sink, 200).await?;
    assert_eq!(
        sink.taken(),
        200,
        "what the worker knows to have left does not leave again"
    );
    Ok(())
}

async fn a_run_that_is_to_end_does_so_without_its_database(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(20)));
    world
        .invite_many(200, |n| format!("n{n}@d{}.example", n % 9))
        .await?;
    let run = world.run_with(&post, short_lease());
    let outage = async {
        wait_until("mails", LONG, async || {
            Ok((sink.taken() >= 50).then_some(()))
        })
        .await?;
        database::Outage::begin(ctx.database_url()).await
    };
    let (summary, outage) = tokio::join!(run, outage);
    let (summary, outage) = (summary?, outage?);
    ensure!(summary.away, "{summary:?}");
    ensure!(
        summary.sent + summary.unwritten >= 50 && summary.sent < 200,
        "{summary:?}"
    );
    outage.end().await?;
    sink.behave_well();
    wait_until("the rest", LONG, async || {
        let next = world.run_with(&post, short_lease()).await?;
        ensure!(!next.away && next.unwritten == 0, "{next:?}");
        Ok((world.count_in(NoticeState::Sent).await? == 200).then_some(()))
    })
    .await?;
    all_arrived(ctx, &world, &sink, 200).await
}

async fn a_database_that_another_process_locks_loses_nothing(ctx: &Ctx) -> Outcome {
    use sqlx::Connection as _;
    assert_eq!(ctx.backend(), Backend::Sqlite);
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(20)));
    world
        .invite_many(200, |n| format!("n{n}@d{}.example", n % 9))
        .await?;
    let running = world.start(&post, short_lease());
    wait_until("mails", LONG, async || {
        Ok((sink.taken() >= 50).then_some(()))
    })
    .await?;
    let mut other = sqlx::SqliteConnection::connect(ctx.database_url()).await?;
    sqlx::query("PRAGMA busy_timeout = 10000")
        .execute(&mut other)
        .await?;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await?;
    // Longer than a statement waits for a lock, and than a lease lasts.
    tokio::time::sleep(Duration::from_secs(12)).await;
    sqlx::query("ROLLBACK").execute(&mut other).await?;
    world.wait_for_sent(200).await?;
    running.stop().await?;
    all_arrived(ctx, &world, &sink, 200).await?;
    assert_eq!(sink.taken(), 200);
    Ok(())
}
