//! What becomes of calls: tried again with the same id, as long as the endpoint may still take them, and never in the way of
//! mails or of other endpoints.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use countersign::demo::sink::Behaviour;
use countersign::domain::audit::Actor;
use countersign::domain::delivery::Stage;
use countersign::domain::time::{DAY, HOUR, MINUTE, SECOND};
use countersign::outbound::webhook::{Client, Names, Options};
use countersign::worker::{CallOptions, Options as WorkerOptions};
use countersign::workflow::webhook;

use super::{Hooked, all_signed};
use crate::harness::office::{LONG, options};
use crate::harness::receiver::{Called, Manner, Receiver, client, client_options};
use crate::harness::{Case, Ctx, Outcome, case, wait_until};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_failed_call_is_made_again_with_the_same_id).on_each_database(),
        case!(a_call_is_tried_for_three_days_and_then_given_up).on_each_database(),
        case!(an_endpoint_may_ask_for_a_wait).on_each_database(),
        case!(a_lost_answer_is_ambiguous_and_the_call_is_made_again).on_each_database(),
        case!(while_secrets_rotate_both_sign).on_each_database(),
        case!(a_test_goes_to_one_webhook_once_whatever_its_state).on_each_database(),
        case!(slow_endpoints_hold_up_neither_mails_nor_others).on_each_database(),
        case!(mails_that_wait_hold_up_no_call_and_failing_calls_no_mail).on_each_database(),
        case!(a_name_that_leads_inside_is_not_called).on_each_database(),
        case!(a_removed_webhook_is_not_called_any_more).on_each_database(),
    ]
}

async fn a_failed_call_is_made_again_with_the_same_id(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    it.world.invite("hong@customer.example").await?;
    it.receiver.answers_with(500);
    let summary = it.run().await?;
    assert_eq!(
        (summary.sent, summary.retried),
        (1, 1),
        "the mail and the call"
    );
    it.receiver.answers_with(302);
    it.world.pass(MINUTE);
    assert_eq!(it.run().await?.retried, 1);
    it.receiver.answers_with(204);
    it.world.pass(HOUR);
    assert_eq!(it.run().await?.sent, 1);
    let called = it.receiver.take();
    assert_eq!(called.len(), 3);
    ensure!(all_signed(&called, &hook.secret));
    let ids: std::collections::BTreeSet<_> = called.iter().map(Called::id).collect();
    assert_eq!(ids.len(), 1, "one message, one id");
    let times: Vec<i64> = called
        .iter()
        .map(|call| call.header("webhook-timestamp").parse().unwrap())
        .collect();
    assert_eq!(
        (times[1] - times[0], times[2] - times[1]),
        (60, 3_600),
        "each try has its own time"
    );
    ensure!(called.iter().all(|call| call.body == called[0].body));
    let log = it.log(hook.webhook.id).await?;
    let tries: Vec<_> = log[0]
        .tries
        .iter()
        .map(|it| (it.status, it.outcome.as_deref()))
        .collect();
    assert_eq!(
        tries,
        [
            (Some(500), Some("retried")),
            (Some(302), Some("retried")),
            (Some(204), Some("sent"))
        ]
    );
    Ok(())
}

async fn a_call_is_tried_for_three_days_and_then_given_up(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    it.world.invite("hong@customer.example").await?;
    it.receiver.answers_with(503);
    let started = it.world.now();
    let mut tries = 0;
    loop {
        it.run().await?;
        tries += it.receiver.take().len();
        let delivery = it.log(hook.webhook.id).await?.remove(0);
        let Some(next) = delivery.next_try_at else {
            assert_eq!(delivery.state.as_str(), "failed");
            assert_eq!(
                delivery.tries.last().unwrap().outcome.as_deref(),
                Some("given_up")
            );
            break;
        };
        ensure!(next > it.world.now());
        it.world.pass(next.as_micros() - it.world.now().as_micros());
    }
    let days = (it.world.now().as_micros() - started.as_micros()) / DAY;
    assert_eq!(days, 2, "the last try is within the third day");
    ensure!((10..=15).contains(&tries), "{tries}");
    Ok(())
}

async fn an_endpoint_may_ask_for_a_wait(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    it.world.invite("hong@customer.example").await?;
    for (asked, waits) in [("7200", 2 * HOUR), ("99999999999", DAY)] {
        it.receiver
            .answers(Manner::Status(429, vec![("retry-after", asked.to_owned())]));
        it.run().await?;
        let next = it.log(hook.webhook.id).await?[0].next_try_at.unwrap();
        assert_eq!(next.as_micros() - it.world.now().as_micros(), waits);
        it.world.pass(waits);
    }
    it.receiver.answers_with(200);
    assert_eq!(it.run().await?.sent, 1);
    Ok(())
}

async fn a_lost_answer_is_ambiguous_and_the_call_is_made_again(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    it.world.invite("hong@customer.example").await?;
    for manner in [Manner::HangsUp, Manner::Slow(Duration::from_secs(4))] {
        it.receiver.answers(manner);
        assert_eq!(it.run().await?.retried, 1);
        it.world.pass(HOUR);
    }
    it.receiver.answers_with(200);
    it.run().await?;
    let called = it.receiver.take();
    assert_eq!(called.len(), 3);
    ensure!(called.iter().all(|call| call.id() == called[0].id()));
    let tries = it.log(hook.webhook.id).await?.remove(0).tries;
    let outcomes: Vec<_> = tries
        .iter()
        .map(|it| it.outcome.as_deref().unwrap())
        .collect();
    assert_eq!(outcomes, ["ambiguous", "ambiguous", "sent"]);
    ensure!(
        tries[1].detail.as_deref().unwrap().contains("no answer"),
        "{tries:?}"
    );
    let marked = "SELECT count(*) FROM attempt a JOIN notice n ON n.id = a.notice_id
        WHERE n.kind = 'webhook' AND a.body_started_at IS NOT NULL";
    assert_eq!(
        ctx.number(marked).await?,
        3,
        "each try was marked before it left"
    );
    Ok(())
}

async fn while_secrets_rotate_both_sign(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    let second = webhook::rotate(engine, id, None, Actor::Operator).await?;
    it.world.invite("one@customer.example").await?;
    let called = it.called().await?;
    ensure!(all_signed(&called, &hook.secret) && all_signed(&called, &second));
    assert_eq!(called[0].header("webhook-signature").split(' ').count(), 2);
    assert_eq!(it.get(id).await?.secrets.len(), 2);
    it.world.pass(DAY);
    it.world.invite("two@customer.example").await?;
    let called = it.called().await?;
    ensure!(!all_signed(&called, &hook.secret) && all_signed(&called, &second));
    // At once, and for longer than a week.
    let third = webhook::rotate(engine, id, Some(0), Actor::Operator).await?;
    it.world.invite("three@customer.example").await?;
    let called = it.called().await?;
    ensure!(!all_signed(&called, &second) && all_signed(&called, &third));
    let too_long = webhook::rotate(engine, id, Some(8 * DAY), Actor::Operator).await;
    ensure!(matches!(too_long, Err(webhook::WebhookError::Overlap)));
    webhook::sweep(engine).await?;
    assert_eq!(ctx.number("SELECT count(*) FROM webhook_secret").await?, 1);
    Ok(())
}

async fn a_test_goes_to_one_webhook_once_whatever_its_state(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let other = Receiver::start().await?;
    it.endpoint_of(it.world.partner, &other.url("/other"), &[])
        .await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    it.run().await?;
    other.take();
    let change = webhook::Update {
        enabled: Some(false),
        ..webhook::Update::default()
    };
    webhook::update(engine, id, &change, Actor::Operator).await?;
    let event = webhook::test(engine, id, Actor::Operator).await?;
    let called = it.called().await?;
    assert_eq!(called.len(), 1);
    assert_eq!(
        (called[0].kind().as_str(), called[0].id()),
        ("webhook.test", event.to_string().as_str())
    );
    ensure!(all_signed(&called, &hook.secret));
    ensure!(
        other
            .take()
            .iter()
            .all(|call| call.kind() != "webhook.test")
    );
    it.receiver.answers_with(500);
    it.world.pass(SECOND);
    webhook::test(engine, id, Actor::Operator).await?;
    it.run().await?;
    it.world.pass(DAY);
    it.run().await?;
    assert_eq!(it.receiver.take().len(), 1, "a test is tried once");
    let log = it.log(id).await?;
    assert_eq!(
        (log[0].state.as_str(), log[0].tries[0].status),
        ("failed", Some(500))
    );
    assert_eq!(
        it.get(id).await?.failing_since,
        None,
        "a test says nothing of the endpoint's health"
    );
    Ok(())
}

async fn slow_endpoints_hold_up_neither_mails_nor_others(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let (slow, quick) = (Receiver::start().await?, Receiver::start().await?);
    slow.answers(Manner::Slow(Duration::from_mins(10)));
    it.endpoint_of(
        it.world.partner,
        &slow.url("/slow"),
        &["invitation.created"],
    )
    .await?;
    it.world
        .invite_many(150, |n| format!("n{n}@d{}.example", n % 10))
        .await?;
    it.seal().await?;
    // Behind 150 calls of a partner that take ten seconds each.
    let other = it.world.another_partner("saebom").await?;
    it.endpoint_of(other, &quick.url("/quick"), &[]).await?;
    it.seal().await?;
    let client = Client::new(&Options {
        timeout: Duration::from_secs(10),
        ..client_options()
    })?;
    let calls = CallOptions {
        connections: 6,
        in_flight: 3,
    };
    let started = Instant::now();
    let running = it
        .world
        .start_calling(&it.post, WorkerOptions { calls, ..options() }, client);
    wait_until("the mails and the call of the other", LONG, async || {
        Ok((it.sink.taken() >= 150 && quick.count() >= 1).then_some(()))
    })
    .await?;
    ensure!(
        started.elapsed() < Duration::from_secs(8),
        "{:?}: they waited for the slow ones",
        started.elapsed()
    );
    ensure!(
        slow.count() <= 3,
        "{} calls under way to one host",
        slow.count()
    );
    running.tell();
    drop(slow);
    running.stop().await?;
    assert_eq!(
        ctx.number("SELECT count(*) FROM notice WHERE state = 'running'")
            .await?,
        0
    );
    Ok(())
}

async fn mails_that_wait_hold_up_no_call_and_failing_calls_no_mail(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    it.endpoint(&["invitation.created"]).await?;
    it.world.invite("one@customer.example").await?;
    it.sink
        .behave(Stage::Connect, Behaviour::Reply("554 5.3.2 no".to_owned()));
    let summary = it.run().await?;
    ensure!(summary.paused && it.world.pause().await?.is_some());
    assert_eq!(
        it.receiver.take().len(),
        1,
        "the call is made though no mail leaves"
    );
    // And while the gate is known to be closed.
    it.world.invite("two@customer.example").await?;
    it.run().await?;
    assert_eq!(it.receiver.take().len(), 1);
    it.sink.behave_well();
    it.world.pass(10 * MINUTE);
    it.run().await?;
    assert_eq!(it.sink.taken(), 2);
    // Endpoints that fail in every way: no pause, and every mail leaves.
    let gone = it.receiver.address();
    drop(it.receiver);
    it.world.invite("three@customer.example").await?;
    let summary = it.world.run_calling(&it.post, client()?).await?;
    assert_eq!(
        (summary.sent, summary.retried, summary.paused),
        (1, 1, false),
        "{gone}"
    );
    ensure!(it.world.pause().await?.is_none());
    Ok(())
}

/// The worker's client asks for the addresses at each connection: a name that leads elsewhere by then is refused by then.
async fn a_name_that_leads_inside_is_not_called(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let port = it.receiver.address().port();
    let url = format!("http://hooks.hanbit.example:{port}/hook");
    let hook = it
        .endpoint_of(it.world.partner, &url, &["invitation.created"])
        .await?;
    it.world.invite("hong@customer.example").await?;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    // First a private network, then the metadata service, then what is allowed here.
    let addresses = [[10, 0, 0, 1], [169, 254, 169, 254], [127, 0, 0, 1]];
    let names = Names::Told(Arc::new(move |_| {
        let at = count.fetch_add(1, Ordering::SeqCst).min(2);
        vec![IpAddr::from(addresses[at])]
    }));
    let client = Client::new(&Options {
        names,
        ..client_options()
    })?;
    for _ in 0..2 {
        it.world.run_calling(&it.post, client.clone()).await?;
        assert_eq!(it.receiver.count(), 0);
        it.world.pass(HOUR);
    }
    it.world.run_calling(&it.post, client).await?;
    assert_eq!((it.receiver.count(), asked.load(Ordering::SeqCst)), (1, 3));
    let tries = it.log(hook.webhook.id).await?.remove(0).tries;
    for refused in &tries[..2] {
        let detail = refused.detail.as_deref().unwrap();
        ensure!(detail.contains("not called from here"), "{detail}");
        ensure!(
            !detail.contains("10.0") && !detail.contains("169."),
            "the log tells nothing of our network: {detail}"
        );
        assert_eq!(refused.status, None);
    }
    Ok(())
}

async fn a_removed_webhook_is_not_called_any_more(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let hook = it.endpoint(&["invitation.created"]).await?;
    it.world.pass(SECOND);
    it.world.invite("hong@customer.example").await?;
    it.seal().await?;
    webhook::delete(engine, hook.webhook.id, Actor::Operator).await?;
    let summary = it.run().await?;
    assert_eq!((summary.cancelled, it.receiver.count()), (1, 0));
    assert_eq!(ctx.number("SELECT count(*) FROM webhook_secret").await?, 0);
    let again = webhook::get(engine, hook.webhook.id, Actor::Operator).await;
    ensure!(matches!(again, Err(webhook::WebhookError::NotFound)));
    Ok(())
}
