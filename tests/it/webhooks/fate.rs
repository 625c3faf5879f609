//! What becomes of an endpoint: it fails, recovers, is switched off and its partner told, and is brought back.

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::notice::Kind;
use countersign::domain::time::{DAY, HOUR, SECOND};
use countersign::domain::webhook::{Cause, EndpointState};
use countersign::workflow::seal;
use countersign::workflow::webhook::{self, Update};

use super::{Hooked, kinds};
use crate::harness::receiver::Receiver;
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(an_endpoint_that_is_gone_is_switched_off_and_its_partner_told).on_each_database(),
        case!(an_endpoint_is_switched_off_after_days_without_a_success).on_each_database(),
        case!(one_success_is_enough_to_go_on).on_each_database(),
        case!(a_success_that_began_before_a_failure_counts).on_each_database(),
        case!(a_mail_about_an_endpoint_that_is_enabled_again_is_not_sent).on_each_database(),
        case!(secrets_are_sealed_anew_after_a_rotation_of_keys).on_each_database(),
    ]
}

const ENABLE: Update = Update {
    url: None,
    kinds: None,
    enabled: Some(true),
};

async fn an_endpoint_that_is_gone_is_switched_off_and_its_partner_told(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let watcher = Receiver::start().await?;
    it.endpoint_of(
        it.world.partner,
        &watcher.url("/watch"),
        &["webhook.disabled"],
    )
    .await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    it.world.pass(SECOND);
    it.receiver.answers_with(410);
    it.world.invite("hong@customer.example").await?;
    let summary = it.run().await?;
    assert_eq!(summary.failed, 1);
    let seen = it.get(id).await?;
    assert_eq!(
        (seen.state, seen.switched_off_because),
        (EndpointState::SwitchedOff, Some(Cause::Gone))
    );
    assert_eq!(seen.switched_off_at, Some(it.world.now()));
    // The same run mailed the partner, and told the other endpoint.
    assert_eq!(kinds(&watcher.take()), ["webhook.disabled"]);
    let mails = it.sink.mails();
    let told = mails
        .iter()
        .find(|mail| mail.rcpt_to == ["partner@hanbit.example"]);
    let told = crate::harness::office::Mail::new(
        String::new(),
        told.expect("a mail to the partner").bytes.clone(),
    );
    let text = told.text().replace('\u{2060}', "");
    for part in [
        &*id.to_string(),
        "127.0.0.1",
        "410",
        "webhook update",
        "--undelivered",
    ] {
        ensure!(text.contains(part), "{part}: {text}");
    }
    ensure!(
        !told.everything().contains("/hook"),
        "the path of the URL may be a secret"
    );
    // Nothing is called any more, and what is missed can be had afterwards.
    it.receiver.take();
    it.receiver.answers_with(200);
    it.world.invite("two@customer.example").await?;
    assert_eq!(it.called().await?.len(), 0);
    let span = (
        it.world.now().plus_micros(-DAY),
        it.world.now().plus_micros(SECOND),
    );
    let off = webhook::replay_span(engine, id, span, true, Actor::Operator).await;
    ensure!(matches!(
        off,
        Err(webhook::WebhookError::NotCalled(EndpointState::SwitchedOff))
    ));
    webhook::update(engine, id, &ENABLE, Actor::Operator).await?;
    let replayed = webhook::replay_span(engine, id, span, true, Actor::Operator).await?;
    assert_eq!(replayed.calls, 2);
    assert_eq!(it.called().await?.len(), 2);
    let seen = it.get(id).await?;
    assert_eq!(
        (seen.state, seen.failing_since, seen.switched_off_at),
        (EndpointState::Enabled, None, None)
    );
    // Another time is told again.
    it.receiver.answers_with(410);
    it.world.invite("three@customer.example").await?;
    it.run().await?;
    let told = it
        .sink
        .mails()
        .iter()
        .filter(|mail| mail.rcpt_to == ["partner@hanbit.example"])
        .count();
    assert_eq!(told, 2);
    Ok(())
}

async fn an_endpoint_is_switched_off_after_days_without_a_success(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    it.receiver.answers_with(503);
    let started = it.world.now();
    for hour in 0..6 * 24 {
        if hour % 24 == 0 {
            it.world
                .invite(&format!("h{hour}@customer.example"))
                .await?;
        }
        it.run().await?;
        let seen = it.get(id).await?;
        let since = it.world.now().as_micros() - started.as_micros();
        if seen.state == EndpointState::SwitchedOff {
            ensure!(
                (5 * DAY..5 * DAY + 13 * HOUR).contains(&since),
                "after {} h",
                since / HOUR
            );
            assert_eq!(seen.switched_off_because, Some(Cause::Failing));
            assert_eq!(seen.failing_since, Some(started));
            // What waited is not called, and the partner is mailed once.
            it.receiver.take();
            it.world.pass(DAY);
            assert_eq!(it.called().await?.len(), 0);
            assert_eq!(
                ctx.number(
                    "SELECT count(*) FROM notice WHERE kind = 'webhook_disabled' AND state = 'sent'"
                )
                .await?,
                1
            );
            assert_eq!(ctx.number("SELECT count(*) FROM notice WHERE state IN ('scheduled', 'ready') AND kind = 'webhook'").await?, 0);
            return Ok(());
        }
        assert_eq!(seen.failing_since, Some(started));
        it.world.pass(HOUR);
    }
    anyhow::bail!("it was never switched off")
}

async fn one_success_is_enough_to_go_on(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    for day in 0..12 {
        it.receiver
            .answers_with(if day % 4 == 3 { 200 } else { 500 });
        it.world.invite(&format!("d{day}@customer.example")).await?;
        it.run().await?;
        let seen = it.get(id).await?;
        assert_eq!(seen.state, EndpointState::Enabled, "day {day}");
        assert_eq!(seen.failing_since.is_none(), day % 4 == 3, "day {day}");
        it.world.pass(DAY);
    }
    assert_eq!(
        ctx.number("SELECT count(*) FROM notice WHERE kind = 'webhook_disabled'")
            .await?,
        0
    );
    Ok(())
}

/// Of two calls under way at once, one may fail before the other one arrives: the failure is noted last, and would stand there
/// until the next one, days later.
async fn a_success_that_began_before_a_failure_counts(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    it.world.invite("one@customer.example").await?;
    it.run().await?;
    ctx.sql("UPDATE webhook_endpoint SET failing_since = 1")
        .await?;
    it.receiver.answers_with(500);
    it.world.pass(10 * DAY);
    it.world.invite("two@customer.example").await?;
    it.run().await?;
    let seen = it.get(id).await?;
    assert_eq!(
        (seen.state, seen.failing_since),
        (EndpointState::Enabled, None)
    );
    Ok(())
}

async fn a_mail_about_an_endpoint_that_is_enabled_again_is_not_sent(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    it.receiver.answers_with(410);
    it.world.invite("hong@customer.example").await?;
    it.run().await?;
    ctx.sql("UPDATE notice SET state = 'ready', settled_at = NULL WHERE kind = 'webhook_disabled'")
        .await?;
    webhook::update(&it.world.engine, hook.webhook.id, &ENABLE, Actor::Operator).await?;
    let mails = it.sink.taken();
    it.receiver.answers_with(200);
    let summary = it.run().await?;
    assert_eq!((summary.cancelled, it.sink.taken()), (1, mails));
    let kind = Kind::WebhookDisabled.as_str();
    assert_eq!(kind, "webhook_disabled");
    Ok(())
}

async fn secrets_are_sealed_anew_after_a_rotation_of_keys(ctx: &Ctx) -> Outcome {
    use countersign::domain::keys::KeyRing;
    use secrecy::ExposeSecret as _;

    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let text = engine.keys.to_toml();
    let ring =
        KeyRing::from_toml(text.expose_secret())?.rotate(it.world.now(), &mut rand::rng())?;
    engine.vault.reload(&ring);
    let of_key = async |key| {
        let mut conn = engine.db.read().await?;
        countersign::storage::webhook::of_key(&mut conn, key).await
    };
    assert_eq!((of_key(1).await?, of_key(2).await?), (1, 0));
    assert_eq!(webhook::reseal(engine).await?, 1);
    assert_eq!((of_key(1).await?, of_key(2).await?), (0, 1));
    assert_eq!(webhook::reseal(engine).await?, 0);
    engine.vault.reload(&ring.retire(1, 0)?);
    it.world.invite("hong@customer.example").await?;
    seal::seal(engine).await?;
    ensure!(super::all_signed(&it.called().await?, &hook.secret));
    Ok(())
}
