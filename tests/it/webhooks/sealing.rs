//! Which calls there are: one for each event and each endpoint that hears of it, whatever dies when.

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::time::SECOND;
use countersign::workflow::webhook::{self, Update};
use countersign::workflow::{revoke, seal};
use tokio::task::JoinSet;

use super::{Hooked, all_signed, kinds};
use crate::harness::receiver::Receiver;
use crate::harness::{Backend, Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_webhook_is_told_of_what_happens_from_then_on).on_each_database(),
        case!(a_webhook_hears_what_it_asked_for_and_nothing_of_other_partners).on_each_database(),
        case!(a_sealer_that_dies_leaves_neither_number_nor_call).on_each_database(),
        case!(events_and_calls_are_one_to_one_under_many_sealers).on_each_database(),
        case!(a_disabled_webhook_gets_no_calls).on_each_database(),
    ]
}

async fn a_webhook_is_told_of_what_happens_from_then_on(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    it.world.invite("before@customer.example").await?;
    it.world.pass(SECOND);
    // Not sealed yet, and older than the endpoint all the same.
    let hook = it
        .endpoint(&["invitation.created", "invitation.revoked"])
        .await?;
    it.world.pass(SECOND);
    let id = it.world.invite("hong@customer.example").await?;
    let called = it.called().await?;
    assert_eq!(kinds(&called), ["invitation.created"]);
    ensure!(all_signed(&called, &hook.secret));
    let call = &called[0];
    assert_eq!(call.path, "/hook");
    assert_eq!(call.header("content-type"), "application/json");
    ensure!(call.header("user-agent").starts_with("Countersign/"));
    let body = call.json();
    assert_eq!(body["data"]["id"], call.id());
    assert_eq!(body["data"]["object"], "event");
    assert_eq!(body["data"]["type"], body["type"]);
    assert_eq!(body["data"]["created_at"], body["timestamp"]);
    ensure!(body["data"]["sequence"].as_i64() > Some(1), "{body}");
    let text = String::from_utf8(call.body.clone())?;
    ensure!(
        !text.contains("hong") && !text.contains("customer.example"),
        "{text}"
    );
    revoke::revoke(&it.world.engine, id, Actor::Operator).await?;
    assert_eq!(kinds(&it.called().await?), ["invitation.revoked"]);
    assert_eq!(it.called().await?.len(), 0, "each is told once");
    let log = it.log(hook.webhook.id).await?;
    assert_eq!(log.len(), 2);
    for delivery in &log {
        assert_eq!(delivery.state.as_str(), "sent");
        assert_eq!(delivery.tries.len(), 1);
        assert_eq!(delivery.tries[0].status, Some(200));
        assert_eq!(delivery.tries[0].detail.as_deref(), Some("as told"));
        ensure!(delivery.tries[0].took_ms.is_some() && delivery.next_try_at.is_none());
    }
    Ok(())
}

async fn a_webhook_hears_what_it_asked_for_and_nothing_of_other_partners(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let other = it.world.another_partner("saebom").await?;
    it.world.pass(SECOND);
    let second = Receiver::start().await?;
    let all = it.endpoint(&[]).await?;
    let some = it
        .endpoint_of(
            it.world.partner,
            &second.url("/some"),
            &["invitation.revoked"],
        )
        .await?;
    let theirs = Receiver::start().await?;
    it.endpoint_of(other, &theirs.url("/theirs"), &[]).await?;
    it.world.pass(SECOND);
    let id = it.world.invite("hong@customer.example").await?;
    it.world.pass(SECOND);
    revoke::revoke(&it.world.engine, id, Actor::Operator).await?;
    it.run().await?;
    let (heard, second, theirs) = (it.receiver.take(), second.take(), theirs.take());
    assert_eq!(
        kinds(&heard),
        [
            "webhook.created",
            "webhook.created",
            "invitation.created",
            "invitation.revoked"
        ]
    );
    assert_eq!(kinds(&second), ["invitation.revoked"]);
    assert_eq!(kinds(&theirs), ["webhook.created"]);
    ensure!(all_signed(&heard, &all.secret) && all_signed(&second, &some.secret));
    ensure!(
        !all_signed(&second, &all.secret),
        "each has a secret of its own"
    );
    // The same event has the same id, wherever it is told.
    ensure!(heard.iter().any(|call| call.id() == second[0].id()));
    Ok(())
}

/// The seal and its calls are one transaction: a sealer that cannot write one writes neither.
async fn a_sealer_that_dies_leaves_neither_number_nor_call(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    it.endpoint(&["invitation.created"]).await?;
    it.seal().await?;
    it.world.pass(SECOND);
    it.world
        .invite_many(20, |n| format!("n{n}@customer.example"))
        .await?;
    match ctx.backend() {
        Backend::Sqlite => {
            ctx.sql("CREATE TRIGGER no_calls BEFORE INSERT ON notice WHEN NEW.kind = 'webhook' BEGIN SELECT RAISE(ABORT, 'no'); END")
                .await?;
        }
        Backend::Postgres => {
            ctx.sql("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$").await?;
            ctx.sql("CREATE TRIGGER no_calls BEFORE INSERT ON notice FOR EACH ROW WHEN (NEW.kind = 'webhook') EXECUTE FUNCTION no()")
                .await?;
        }
    }
    ensure!(it.seal().await.is_err());
    let unsealed = "SELECT count(*) FROM event WHERE seq IS NULL";
    let calls = "SELECT count(*) FROM notice WHERE kind = 'webhook'";
    assert_eq!(
        (ctx.number(unsealed).await?, ctx.number(calls).await?),
        (20, 0)
    );
    match ctx.backend() {
        Backend::Sqlite => ctx.sql("DROP TRIGGER no_calls").await?,
        Backend::Postgres => ctx.sql("DROP TRIGGER no_calls ON notice").await?,
    }
    it.seal().await?;
    assert_eq!(
        (ctx.number(unsealed).await?, ctx.number(calls).await?),
        (0, 20)
    );
    Ok(())
}

async fn events_and_calls_are_one_to_one_under_many_sealers(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    it.endpoint(&["invitation.created"]).await?;
    it.endpoint(&[]).await?;
    it.world.pass(SECOND);
    let mut sealers = JoinSet::new();
    for _ in 0..4 {
        let engine = it.world.engine.clone();
        sealers.spawn(async move {
            loop {
                seal::seal(&engine).await.ok();
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        });
    }
    it.world
        .invite_many(200, |n| format!("n{n}@d{}.example", n % 10))
        .await?;
    sealers.shutdown().await;
    it.seal().await?;
    let number = async |sql| ctx.number(sql).await;
    assert_eq!(
        number("SELECT count(*) FROM event WHERE kind = 'invitation.created'").await?,
        200
    );
    assert_eq!(
        number("SELECT count(*) FROM event WHERE seq IS NULL").await?,
        0
    );
    // Two endpoints hear of each, and the one that hears all of both endpoints as well.
    assert_eq!(
        number("SELECT count(*) FROM notice WHERE kind = 'webhook'").await?,
        402
    );
    let twice = "SELECT count(*) FROM (SELECT subject_id FROM notice WHERE kind = 'webhook' GROUP BY subject_id, target_id
        HAVING count(*) > 1) AS twice";
    assert_eq!(number(twice).await?, 0);
    Ok(())
}

async fn a_disabled_webhook_gets_no_calls(ctx: &Ctx) -> Outcome {
    let it = Hooked::new(ctx).await?;
    let hook = it.endpoint(&["invitation.created"]).await?;
    let id = hook.webhook.id;
    it.world.pass(SECOND);
    // One waits when it is disabled, one happens afterwards.
    it.world.invite("one@customer.example").await?;
    it.seal().await?;
    let set = async |enabled| {
        let change = Update {
            enabled: Some(enabled),
            ..Update::default()
        };
        webhook::update(&it.world.engine, id, &change, Actor::Operator).await
    };
    set(false).await?;
    it.world.invite("two@customer.example").await?;
    assert_eq!(it.called().await?.len(), 0);
    let log = it.log(id).await?;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].state.as_str(), "cancelled");
    set(true).await?;
    it.world.invite("three@customer.example").await?;
    assert_eq!(it.called().await?.len(), 1);
    // Both can still be had.
    let from = it.world.now().plus_micros(-3_600 * SECOND);
    let to = it.world.now().plus_micros(SECOND);
    let replayed =
        webhook::replay_span(&it.world.engine, id, (from, to), true, Actor::Operator).await?;
    assert_eq!(replayed.calls, 2);
    assert_eq!(it.called().await?.len(), 2);
    Ok(())
}
