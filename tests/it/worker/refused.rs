//! What a mail server says no to: the recipient, the mail, or us.

use std::time::Duration;

use anyhow::ensure;
use countersign::demo::sink::{Behaviour, SinkOptions};
use countersign::domain::delivery::Stage;
use countersign::domain::notice::{Kind, NoticeState};
use countersign::domain::time::{DAY, HOUR, MINUTE};
use countersign::storage::notice;

use crate::harness::office::{options, smtp};
use crate::harness::{Case, Ctx, Outcome, World, case, wait_until};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_greylisted_mail_waits_and_then_leaves).on_each_database(),
        case!(a_mailbox_that_stays_full_is_given_up_and_told_once).on_each_database(),
        case!(a_refused_recipient_fails_at_once_and_is_told_once).on_each_database(),
        case!(a_refused_mail_fails_at_once).on_each_database(),
        case!(a_policy_about_us_fails_no_notice).on_each_database(),
        case!(a_server_that_refuses_us_fails_no_notice).on_each_database(),
        case!(a_wrong_password_fails_no_notice).on_each_database(),
        case!(a_server_without_starttls_fails_no_notice).on_each_database(),
        case!(days_of_pause_are_not_days_of_trying).on_each_database(),
        case!(a_dead_notice_is_brought_back_by_an_operator).on_each_database(),
    ]
}

fn no(reply: &str) -> Behaviour {
    Behaviour::Reply(reply.to_owned())
}

async fn a_greylisted_mail_waits_and_then_leaves(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@grey.example").await?;
    sink.behave_for(
        "grey.example",
        Stage::RcptTo,
        no("451 4.7.1 come back later"),
    );
    let summary = world.run(&post).await?;
    assert_eq!((summary.sent, summary.retried, summary.failed), (0, 1, 0));
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!((row.state, row.failures), (NoticeState::Scheduled, 1));
    let wait = row.run_at.as_micros() - world.now().as_micros();
    ensure!((MINUTE * 3 / 4..=MINUTE * 5 / 4).contains(&wait), "{wait}");
    assert_eq!(world.run(&post).await?.retried, 0, "not before its time");
    world.pass(2 * MINUTE);
    assert_eq!(world.run(&post).await?.retried, 1);
    let row = world.notice(id, Kind::Invitation).await?;
    ensure!(row.run_at.as_micros() - world.now().as_micros() > 3 * MINUTE);
    sink.behave_well();
    world.pass(7 * MINUTE);
    assert_eq!(world.run(&post).await?.sent, 1);
    assert_eq!(world.endings(&row).await?, ["retried", "retried", "sent"]);
    assert_eq!(sink.taken(), 1);
    assert_eq!(world.notices(id, Kind::Undeliverable).await?.len(), 0);
    Ok(())
}

async fn a_mailbox_that_stays_full_is_given_up_and_told_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@full.example").await?;
    sink.behave_for("full.example", Stage::RcptTo, no("450 4.2.2 mailbox full"));
    let began = world.now();
    let mut tries = 0;
    loop {
        let row = world.notice(id, Kind::Invitation).await?;
        if row.state == NoticeState::Dead {
            break;
        }
        tries += 1;
        ensure!(tries < 60, "it is never given up");
        world.run(&post).await?;
        world.pass(6 * HOUR);
    }
    let passed = world.now().as_micros() - began.as_micros();
    ensure!((4 * DAY..6 * DAY).contains(&passed), "{passed}");
    let mails = sink.mails();
    assert_eq!(mails.len(), 1, "the partner is told");
    assert_eq!(mails[0].rcpt_to, ["partner@hanbit.example"]);
    let told = world.notice(id, Kind::Undeliverable).await?;
    assert_eq!(told.state, NoticeState::Sent);
    for _ in 0..4 {
        world.pass(10 * DAY);
        world.run(&post).await?;
    }
    for kind in [Kind::Reminder, Kind::LastChance] {
        for row in world.notices(id, kind).await? {
            ensure!(
                matches!(row.state, NoticeState::Cancelled | NoticeState::Dead),
                "{kind} is {}",
                row.state
            );
        }
    }
    let to_customer = sink
        .mails()
        .iter()
        .filter(|m| m.rcpt_to[0].starts_with("hong@"))
        .count();
    assert_eq!(to_customer, 0);
    Ok(())
}

async fn a_refused_recipient_fails_at_once_and_is_told_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let gone = world.invite("hong@gone.example").await?;
    let others = world
        .invite_many(10, |n| format!("n{n}@customer.example"))
        .await?;
    sink.behave_for("gone.example", Stage::RcptTo, no("550 5.1.1 no such user"));
    let summary = world.run(&post).await?;
    assert_eq!((summary.failed, summary.paused), (1, false));
    assert_eq!(
        sink.taken(),
        others.len() + 1,
        "all others, and the partner"
    );
    let row = world.notice(gone, Kind::Invitation).await?;
    assert_eq!(row.state, NoticeState::Failed);
    ensure!(
        row.last_reply
            .is_some_and(|reply| reply.starts_with("550 5.1.1"))
    );
    let told = world.notice(gone, Kind::Undeliverable).await?;
    assert_eq!(told.state, NoticeState::Sent);
    for _ in 0..4 {
        world.pass(10 * DAY);
        world.run(&post).await?;
    }
    assert_eq!(world.notices(gone, Kind::Undeliverable).await?.len(), 1);
    ensure!(
        sink.mails()
            .iter()
            .all(|mail| mail.rcpt_to != ["hong@gone.example"])
    );
    Ok(())
}

async fn a_refused_mail_fails_at_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@strict.example").await?;
    world.invite("kim@customer.example").await?;
    sink.behave_for(
        "strict.example",
        Stage::Body,
        no("554 5.6.0 we do not like it"),
    );
    assert_eq!(world.run(&post).await?.failed, 1);
    assert_eq!(
        world.notice(id, Kind::Invitation).await?.state,
        NoticeState::Failed
    );
    assert_eq!(sink.taken(), 2);
    world.pass(DAY);
    assert_eq!(world.run(&post).await?.sent, 0);
    Ok(())
}

async fn a_policy_about_us_fails_no_notice(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@policy.example").await?;
    world.invite("kim@customer.example").await?;
    sink.behave_for(
        "policy.example",
        Stage::RcptTo,
        no("550 5.7.1 your network is listed"),
    );
    let summary = world.run(&post).await?;
    assert_eq!(
        (summary.sent, summary.failed, summary.paused),
        (1, 0, false)
    );
    assert_eq!(world.notices(id, Kind::Undeliverable).await?.len(), 0);
    sink.behave_well();
    world.pass(2 * MINUTE);
    assert_eq!(world.run(&post).await?.sent, 1);
    Ok(())
}

/// Runs into a server that refuses us, and out of it again.
async fn refused_and_mended(
    world: &World,
    sink: &countersign::demo::sink::Sink,
    post: &std::sync::Arc<countersign::workflow::deliver::Post>,
    stage: Stage,
    mended: &std::sync::Arc<countersign::workflow::deliver::Post>,
) -> Outcome {
    let before = sink.taken();
    let ids = world
        .invite_many(12, |n| {
            format!("n{n}@{}.example", stage.as_str().replace('_', "-"))
        })
        .await?;
    let summary = world.run(post).await?;
    ensure!(summary.paused, "{stage:?} {summary:?}");
    assert_eq!(
        (summary.sent, summary.failed, summary.retried),
        (0, 0, 0),
        "{stage:?}"
    );
    let pause = world.pause().await?.expect("a pause");
    assert_eq!(pause.stage, stage.as_str());
    ensure!(pause.paused_until > world.now() && !pause.reply.is_empty());
    let mut attempts = 0;
    for id in &ids {
        let row = world.notice(*id, Kind::Invitation).await?;
        ensure!(
            matches!(row.state, NoticeState::Ready | NoticeState::Scheduled),
            "{}",
            row.state
        );
        assert_eq!(row.failures, 0);
        attempts += row.attempts;
    }
    // Nothing is claimed while the pause lasts, and one mail tries when it is over.
    world.run(post).await?;
    world.pass(DAY);
    let connections = sink.connections();
    ensure!(world.run(post).await?.paused);
    ensure!(sink.connections() <= connections + 1, "one probe at a time");
    let mut tried = 0;
    for id in &ids {
        tried += world.notice(*id, Kind::Invitation).await?.attempts;
    }
    assert_eq!(tried, attempts + 1, "one mail tries, {stage:?}");
    assert_eq!(
        world.pause().await?.expect("a pause").failures,
        pause.failures + 1
    );

    sink.behave_well();
    world.pass(HOUR);
    let summary = world.run(mended).await?;
    assert_eq!(
        (summary.sent, summary.failed, summary.paused),
        (12, 0, false),
        "{stage:?}"
    );
    ensure!(world.pause().await?.is_none());
    assert_eq!(sink.taken(), before + 12, "each once");
    Ok(())
}

async fn a_server_that_refuses_us_fails_no_notice(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    for (stage, behaviour) in [
        (Stage::Connect, no("554 5.3.2 no service here")),
        (Stage::Ehlo, no("550 5.7.0 not you")),
        (Stage::MailFrom, no("550 5.1.8 sender refused")),
        (Stage::Connect, Behaviour::Drop),
    ] {
        sink.behave(stage, behaviour);
        refused_and_mended(&world, &sink, &post, stage, &post).await?;
        world.pass(DAY);
        world.run(&post).await?;
        // The next round has a mailbox of its own.
        ctx.sql("UPDATE invitation SET state = 'revoked', ended_at = 1 WHERE state = 'pending'")
            .await?;
        post.transport.close().await;
    }
    Ok(())
}

async fn a_wrong_password_fails_no_notice(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let sink = world
        .server(SinkOptions {
            credentials: Some(("us".to_owned(), "right".to_owned().into())),
            ..SinkOptions::default()
        })
        .await?;
    let wrong = world.post(smtp(&format!("smtp://us:wrong@{}", sink.address()))?);
    let right = world.post(smtp(&format!("smtp://us:right@{}", sink.address()))?);
    refused_and_mended(&world, &sink, &wrong, Stage::Auth, &right).await
}

async fn a_server_without_starttls_fails_no_notice(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let sink = world.server(SinkOptions::default()).await?;
    let wrong = world.post(smtp(&format!("smtp://{}?tls=starttls", sink.address()))?);
    let right = world.post(smtp(&format!("smtp://{}", sink.address()))?);
    refused_and_mended(&world, &sink, &wrong, Stage::StartTls, &right).await
}

async fn days_of_pause_are_not_days_of_trying(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@grey.example").await?;
    sink.behave(Stage::MailFrom, no("550 5.1.8 sender refused"));
    world.run(&post).await?;
    world.pass(6 * DAY);
    // Mended; the first server that is asked greylists.
    sink.behave_well();
    sink.behave_for(
        "grey.example",
        Stage::RcptTo,
        no("451 4.7.1 come back later"),
    );
    // The reminder that was due meanwhile waits for Monday.
    let summary = world.run(&post).await?;
    assert_eq!((summary.retried, summary.failed), (1, 0), "{summary:?}");
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(row.state, NoticeState::Scheduled);
    sink.behave_well();
    world.pass(DAY);
    world.run(&post).await?;
    assert_eq!(
        world.notice(id, Kind::Invitation).await?.state,
        NoticeState::Sent
    );
    Ok(())
}

async fn a_dead_notice_is_brought_back_by_an_operator(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@gone.example").await?;
    sink.behave_for("gone.example", Stage::RcptTo, no("550 5.1.1 no such user"));
    world.run(&post).await?;
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(row.state, NoticeState::Failed);
    sink.behave_well();
    let (now, failed) = (world.now(), row.id);
    let retried = world
        .engine
        .db
        .write(move |tx| Box::pin(async move { notice::retry(tx, failed, now).await }))
        .await?;
    ensure!(retried);
    let running = world.start(&post, options());
    wait_until("the mail", Duration::from_secs(20), async || {
        Ok((sink.taken() == 2).then_some(()))
    })
    .await?;
    running.stop().await?;
    let row = world.notice(id, Kind::Invitation).await?;
    assert_eq!(row.state, NoticeState::Sent);
    assert_eq!(world.endings(&row).await?, ["failed", "sent"]);
    let again = world
        .engine
        .db
        .write(move |tx| Box::pin(async move { notice::retry(tx, failed, now).await }))
        .await?;
    ensure!(!again, "what was sent is not sent again");
    Ok(())
}
