//! Many mails at once: stopping in the middle, and several workers on one database.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::ensure;
use countersign::demo::sink::Behaviour;
use countersign::domain::delivery::Stage;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::SECOND;
use countersign::outbound::memory::Memory;
use countersign::outbound::transport::Transport;
use countersign::worker::Options;

use crate::harness::office::{LONG, options};
use crate::harness::{Case, Ctx, Outcome, World, case, wait_until};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_stop_in_the_middle_leaves_nothing_half_done).on_each_database(),
        case!(two_workers_send_each_mail_once).on_each_database(),
        case!(a_worker_that_outlives_its_lease_adds_no_second_mail).on_each_database(),
    ]
}

async fn a_stop_in_the_middle_leaves_nothing_half_done(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    sink.behave(Stage::Body, Behaviour::Slow(Duration::from_millis(100)));
    let ids = world
        .invite_many(300, |n| format!("n{n}@d{}.example", n % 9))
        .await?;
    let running = world.start(
        &post,
        Options {
            connections: 8,
            ..options()
        },
    );
    wait_until("mails", LONG, async || {
        Ok((sink.taken() >= 30).then_some(()))
    })
    .await?;
    running.tell();
    let summary = running.stop().await?;
    let left = sink.taken();
    ensure!(left < 300, "it was not in the middle");
    assert_eq!(summary.sent, left, "what was in flight was finished");
    assert_eq!(summary.retried + summary.failed + summary.broken, 0);
    assert_eq!(ctx.number("SELECT count(*) FROM lease").await?, 0);
    assert_eq!(world.count_in(NoticeState::Running).await?, 0);
    assert_eq!(world.count_in(NoticeState::Sent).await?, left);
    let open = "SELECT count(*) FROM attempt WHERE outcome IS NULL";
    assert_eq!(ctx.number(open).await?, 0);
    for id in &ids {
        let row = world.notice(*id, Kind::Invitation).await?;
        let is_due = matches!(row.state, NoticeState::Ready | NoticeState::Scheduled)
            && row.run_at <= world.now();
        ensure!(row.state == NoticeState::Sent || is_due, "{row:?}");
        assert_eq!((row.failures, row.deaths), (0, 0));
    }
    sink.behave_well();
    assert_eq!(world.run(&post).await?.sent, 300 - left);
    let recipients: HashSet<_> = sink.mails().into_iter().map(|mail| mail.rcpt_to).collect();
    assert_eq!((sink.taken(), recipients.len()), (300, 300));
    Ok(())
}

async fn two_workers_send_each_mail_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    world
        .invite_many(500, |n| format!("n{n}@d{}.example", n % 9))
        .await?;
    let memory = Memory::default();
    let post = world.post(Transport::Memory(memory.clone()));
    let small = || Options {
        batch: 20,
        connections: 8,
        ..options()
    };
    let (one, two) = (world.start(&post, small()), world.start(&post, small()));
    world.wait_for_sent(500).await?;
    let (one, two) = (one.stop().await?, two.stop().await?);
    assert_eq!(one.sent + two.sent, 500);
    let mails = memory.take();
    let recipients: HashSet<_> = mails.iter().map(|mail| mail.rcpt_to.clone()).collect();
    assert_eq!((mails.len(), recipients.len()), (500, 500));
    assert_eq!(ctx.number("SELECT count(*) FROM attempt").await?, 500);
    Ok(())
}

/// The server is slow with its replies, and the lease is taken away meanwhile, as after a long pause of the process.
async fn a_worker_that_outlives_its_lease_adds_no_second_mail(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    sink.behave(Stage::Data, Behaviour::Slow(Duration::from_millis(700)));
    let id = world.invite("hong@customer.example").await?;
    let paused = world.start(
        &post,
        Options {
            lease: 60 * SECOND,
            renew: Duration::from_mins(1),
            ..options()
        },
    );
    wait_until("a claim", LONG, async || {
        Ok((world.count_in(NoticeState::Running).await? == 1).then_some(()))
    })
    .await?;
    ctx.sql("UPDATE lease SET valid_until = 0").await?;
    // No body leaves under the dead lease; the notice is claimed again under another one.
    world.wait_for_sent(1).await?;
    paused.stop().await?;
    assert_eq!(sink.taken(), 1);
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(world.endings(&row).await?, ["released", "sent"]);
    Ok(())
}
