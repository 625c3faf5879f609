//! Workers as processes of their own, one of which ends with `kill -9` in the middle of its work.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::ensure;
use countersign::demo::sink::{Behaviour, Sink};
use countersign::domain::delivery::Stage;
use countersign::domain::notice::NoticeState;
use countersign::domain::time::{Clock as _, SystemClock};
use countersign::keyfile;
use countersign::storage::notice;

use crate::harness::office::Mail;
use crate::harness::world::add_agreement;
use crate::harness::{Backend, Case, Ctx, Outcome, Process, World, case, free_port, wait_until};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(a_worker_that_is_killed_loses_no_mail).on_each_database()]
}

/// As short as the settings allow.
const LEASE_SECONDS: &str = "10";
const PATIENCE: Duration = Duration::from_secs(90);

fn worker(ctx: &Ctx, name: &str, sink: &Sink) -> anyhow::Result<Process> {
    let mut command = ctx.countersign();
    command
        .arg("worker")
        .env("COUNTERSIGN_KEYS_FILE", ctx.folder().join("keys"))
        .env("COUNTERSIGN_PUBLIC_URL", "https://sign.example")
        .env("COUNTERSIGN_MAIL_DOMAIN", "sign.example")
        .env("COUNTERSIGN_SMTP_URL", format!("smtp://{}", sink.address()))
        .env(
            "COUNTERSIGN_ADMIN_LISTEN",
            format!("127.0.0.1:{}", free_port()?),
        )
        .env("COUNTERSIGN_QUEUE_LEASE_SECONDS", LEASE_SECONDS)
        .env("COUNTERSIGN_QUEUE_RENEW_SECONDS", "1")
        .env("COUNTERSIGN_QUEUE_POLL_SECONDS", "1");
    ctx.start(name, &mut command)
}

async fn taken(sink: &Sink, count: usize) -> Outcome {
    let what = format!("{count} mails");
    wait_until(&what, PATIENCE, async || {
        Ok((sink.taken() >= count).then_some(()))
    })
    .await
}

async fn a_worker_that_is_killed_loses_no_mail(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    // Processes of their own have the machine's clock.
    world.clock.set(SystemClock.now());
    add_agreement(&world.engine, "now", world.now()).await?;
    keyfile::create(&ctx.folder().join("keys"), &world.engine.keys)?;
    let server = world.server_and_post().await?;
    let sink = server.0;
    // Each mail is under way for a while, so that some are when the worker is killed.
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(50)));
    let count = match ctx.backend() {
        Backend::Postgres => 2_000,
        Backend::Sqlite => 1_000,
    };
    world
        .invite_many(count, |n| format!("n{n}@d{}.example", n % 50))
        .await?;

    let mut doomed = worker(ctx, "doomed", &sink)?;
    let heir = match ctx.backend() {
        Backend::Postgres => {
            let heir = worker(ctx, "heir", &sink)?;
            taken(&sink, count / 4).await?;
            doomed.kill();
            heir
        }
        // One worker after the other.
        Backend::Sqlite => {
            taken(&sink, count / 4).await?;
            doomed.kill();
            worker(ctx, "heir", &sink)?
        }
    };
    ensure!(sink.taken() < count, "it was not in the middle");
    let what = format!("{count} notices to be sent");
    wait_until(&what, PATIENCE, async || {
        Ok((world.count_in(NoticeState::Sent).await? == count).then_some(()))
    })
    .await?;

    let mut mails: HashMap<Vec<String>, Vec<Vec<u8>>> = HashMap::new();
    for mail in sink.mails() {
        mails.entry(mail.rcpt_to).or_default().push(mail.bytes);
    }
    assert_eq!(mails.len(), count, "every mail arrived");
    let mut duplicates = 0;
    for (to, copies) in &mails {
        if copies.len() == 1 {
            continue;
        }
        duplicates += copies.len() - 1;
        ensure!(
            copies.iter().all(|copy| copy == &copies[0]),
            "a duplicate with other bytes"
        );
        let id = Mail::new(to[0].clone(), copies[0].clone()).notice();
        let mut conn = world.engine.db.read().await?;
        let row = notice::find(&mut conn, id).await?.expect("the notice");
        drop(conn);
        let endings = world.endings(&row).await?;
        let ambiguous = endings.iter().filter(|end| *end == "ambiguous").count();
        ensure!(
            copies.len() <= ambiguous + 1,
            "{} copies, {endings:?}",
            copies.len()
        );
    }
    let count_of = "SELECT count(*) FROM attempt WHERE outcome IN ('died', 'ambiguous')";
    let interrupted = ctx.number(count_of).await?;
    ensure!(interrupted > 0, "nothing was under way when it was killed");
    ensure!(duplicates <= usize::try_from(interrupted)?);
    let unfinished = "SELECT count(*) FROM attempt WHERE outcome IS NULL";
    assert_eq!(ctx.number(unfinished).await?, 0);

    let mut heir = heir;
    heir.signal("TERM")?;
    let status = heir.exit(Duration::from_secs(30)).await?;
    ensure!(status.success(), "{status}");
    assert_eq!(ctx.number("SELECT count(*) FROM lease").await?, 0);
    Ok(())
}
