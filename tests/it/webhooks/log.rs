//! What a partner can look at and have again, and what not: nothing of another one.

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::notice::NoticeState;
use countersign::domain::time::{HOUR, SECOND};
use countersign::workflow::webhook::{self, Draft, Update, WebhookError};

use super::Hooked;
use crate::harness::receiver::{Receiver, rules};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(one_call_is_made_again).on_each_database(),
        case!(the_calls_of_a_span_are_made_again).on_each_database(),
        case!(another_partners_webhook_is_not_there).on_each_database(),
        case!(what_is_no_webhook_is_refused_by_its_field).on_each_database(),
        case!(the_log_is_read_in_pages).on_each_database(),
        case!(a_dump_signs_nothing).on_each_database(),
    ]
}

async fn one_call_is_made_again(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    it.world.invite("hong@customer.example").await?;
    it.run().await?;
    let first = it.receiver.take().remove(0);
    let delivery = it.log(id).await?[0].id;
    it.world.pass(HOUR);
    let again = webhook::replay(engine, id, delivery, Actor::Operator).await?;
    ensure!(again != delivery);
    let called = it.called().await?;
    assert_eq!(called.len(), 1);
    assert_eq!(
        (called[0].id(), &called[0].body),
        (first.id(), &first.body),
        "the same message"
    );
    ensure!(called[0].header("webhook-timestamp") != first.header("webhook-timestamp"));
    let log = it.log(id).await?;
    assert_eq!(log.iter().map(|it| it.replay).collect::<Vec<_>>(), [1, 0]);
    // One that waits for its next try is made at once instead.
    it.world.pass(HOUR);
    it.receiver.answers_with(500);
    let waits = webhook::replay(engine, id, delivery, Actor::Operator).await?;
    it.run().await?;
    it.receiver.answers_with(200);
    assert_eq!(
        webhook::replay(engine, id, waits, Actor::Operator).await?,
        waits
    );
    assert_eq!(it.called().await?.len(), 2);
    assert_eq!(it.log(id).await?.len(), 3);
    Ok(())
}

async fn the_calls_of_a_span_are_made_again(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let from = it.world.now();
    // Before there was a webhook, after it, and out of the span.
    it.world.invite("before@customer.example").await?;
    it.world.pass(HOUR);
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    it.world.invite("within@customer.example").await?;
    it.world.pass(HOUR);
    let to = it.world.now();
    it.world.invite("after@customer.example").await?;
    let other = it.world.another_partner("saebom").await?;
    let theirs = Receiver::start().await?;
    it.endpoint_of(other, &theirs.url("/"), &[]).await?;
    it.run().await?;
    assert_eq!(it.receiver.take().len(), 2);
    theirs.take();
    let replayed = webhook::replay_span(engine, id, (from, to), false, Actor::Operator).await?;
    assert_eq!(replayed.calls, 2);
    ensure!(
        replayed.left_out >= 1,
        "events of other kinds: {replayed:?}"
    );
    assert_eq!(it.called().await?.len(), 2);
    // Only what never went through: nothing by now.
    let replayed = webhook::replay_span(engine, id, (from, to), true, Actor::Operator).await?;
    assert_eq!(replayed.calls, 0);
    // What waits already is left alone.
    it.receiver.answers_with(500);
    webhook::replay_span(engine, id, (from, to), false, Actor::Operator).await?;
    it.run().await?;
    let replayed = webhook::replay_span(engine, id, (from, to), false, Actor::Operator).await?;
    assert_eq!(replayed.calls, 0);
    let none = webhook::replay_span(engine, id, (to, from), false, Actor::Operator).await;
    ensure!(matches!(none, Err(WebhookError::Span)));
    ensure!(theirs.take().is_empty(), "a replay is one webhook's");
    Ok(())
}

async fn another_partners_webhook_is_not_there(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let hook = it.endpoint(&[]).await?;
    let id = hook.webhook.id;
    it.run().await?;
    let delivery = it.log(id).await?[0].id;
    let other = Actor::Partner(it.world.another_partner("saebom").await?);
    let own = Actor::Partner(it.world.partner);
    ensure!(webhook::get(engine, id, own).await.is_ok());
    let span = (it.world.now().plus_micros(-HOUR), it.world.now());
    let change = Update::default();
    let refusals = [
        webhook::get(engine, id, other).await.err(),
        webhook::update(engine, id, &change, other).await.err(),
        webhook::delete(engine, id, other).await.err(),
        webhook::rotate(engine, id, None, other).await.err(),
        webhook::test(engine, id, other).await.err(),
        webhook::deliveries(engine, id, None, None, 10, other)
            .await
            .err(),
        webhook::delivery(engine, id, delivery, other).await.err(),
        webhook::replay(engine, id, delivery, other).await.err(),
        webhook::replay_span(engine, id, span, false, other)
            .await
            .err(),
    ];
    for (at, refusal) in refusals.into_iter().enumerate() {
        ensure!(
            matches!(refusal, Some(WebhookError::NotFound)),
            "{at}: {refusal:?}"
        );
    }
    // A call of one's own webhook by the id of another one's.
    let theirs = it
        .endpoint_of(it.world.partner, &it.receiver.url("/2"), &[])
        .await?
        .webhook
        .id;
    let mixed = webhook::replay(engine, theirs, delivery, own).await;
    ensure!(matches!(mixed, Err(WebhookError::NoDelivery)), "{mixed:?}");
    assert_eq!(
        webhook::list(engine, it.world.partner, None, 10)
            .await?
            .len(),
        2
    );
    Ok(())
}

async fn what_is_no_webhook_is_refused_by_its_field(ctx: &Ctx) -> Outcome {
    let mut it = Hooked::new(ctx).await?;
    let tried = async |it: &Hooked, url: &str, kind: Option<&str>| {
        let draft = Draft {
            url: url.to_owned(),
            kinds: kind.map(str::to_owned).into_iter().collect(),
        };
        let of = it.world.partner;
        let made = webhook::create(&it.world.engine, of, &draft, Actor::Operator).await;
        made.err().map(|error| error.to_string())
    };
    let good = it.receiver.url("/hook");
    for (url, kind, field) in [
        ("ftp://hooks.example/", None, "url"),
        ("http://10.0.0.1/", None, "url"),
        ("https://user:s3cret@hooks.example/", None, "url"),
        (&*good, Some("moon.risen"), "events"),
        (&*good, Some("webhook.test"), "events"),
    ] {
        let refusal = tried(&it, url, kind).await.unwrap_or_default();
        ensure!(refusal.starts_with(field), "{url} {kind:?}: {refusal}");
        ensure!(!refusal.contains("s3cret"), "{refusal}");
    }
    // As many as the settings say.
    let mut settings = (*it.world.engine.settings).clone();
    settings.webhooks = countersign::domain::webhook::Rules {
        endpoints: 2,
        ..rules()
    };
    it.world.engine.settings = std::sync::Arc::new(settings);
    assert_eq!(tried(&it, &good, None).await, None);
    assert_eq!(tried(&it, &good, None).await, None);
    let refusal = tried(&it, &good, None).await.unwrap_or_default();
    ensure!(refusal.contains("2 already"), "{refusal}");
    Ok(())
}

async fn the_log_is_read_in_pages(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let engine = &it.world.engine;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    for n in 0..7 {
        it.receiver.answers_with(if n == 3 { 410 } else { 200 });
        it.world.pass(SECOND);
        it.world.invite(&format!("n{n}@customer.example")).await?;
        it.run().await?;
        ctx.sql("UPDATE webhook_endpoint SET state = 'enabled', failing_since = NULL")
            .await?;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = webhook::deliveries(engine, id, None, after, 3, Actor::Operator).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.into_iter().map(|it| it.id));
    }
    assert_eq!(seen.len(), 7);
    ensure!(
        seen.windows(2).all(|pair| pair[0] > pair[1]),
        "newest first, each once"
    );
    let failed = webhook::deliveries(
        engine,
        id,
        Some(NoticeState::Failed),
        None,
        10,
        Actor::Operator,
    )
    .await?;
    assert_eq!(failed.len(), 1);
    Ok(())
}

async fn a_dump_signs_nothing(ctx: &Ctx) -> Outcome {
    use secrecy::ExposeSecret as _;

    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&[]).await?;
    webhook::rotate(&it.world.engine, hook.webhook.id, None, Actor::Operator).await?;
    it.run().await?;
    let dump = ctx.dump().await?.concat();
    ensure!(dump.contains(&hook.webhook.id.uuid().as_simple().to_string()) || dump.len() > 1_000);
    let text = hook.secret.text();
    let encoded = text.expose_secret().trim_start_matches("whsec_");
    let bytes = data_encoding::BASE64.decode(encoded.as_bytes())?;
    for form in [
        encoded.to_owned(),
        data_encoding::HEXLOWER.encode(&bytes),
        data_encoding::HEXUPPER.encode(&bytes),
    ] {
        ensure!(!dump.contains(&form));
    }
    Ok(())
}
