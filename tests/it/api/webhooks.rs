//! Webhooks over the interface: made, tried, read, rotated, replayed, removed; and their secrets shown once.

use anyhow::ensure;
use countersign::domain::webhook::Secret;
use serde_json::{Value, json};

use crate::harness::receiver::{Receiver, client};
use crate::harness::{Case, Ctx, Interface, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_webhook_is_made_called_read_and_removed),
        case!(a_secret_is_shown_once_and_kept_nowhere),
        case!(what_is_no_webhook_is_named_by_its_pointer),
        case!(calls_are_read_in_pages_and_made_again),
        case!(each_operation_asks_for_its_scope),
    ]
}

async fn interface(ctx: &Ctx) -> anyhow::Result<(Interface, Receiver)> {
    let mut world = World::new(ctx).await?;
    world.allow_loopback();
    let api = Interface::new(world).await?;
    Ok((api, Receiver::start().await?))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Sends and calls all that is due.
async fn run(api: &Interface) -> Outcome {
    let (_sink, post) = api.world.server_and_post().await?;
    api.world.run_calling(&post, client()?).await?;
    Ok(())
}

async fn a_webhook_is_made_called_read_and_removed(ctx: &Ctx) -> Outcome {
    let (api, receiver) = interface(ctx).await?;
    let body = json!({"url": receiver.url("/hook"), "events": ["invitation.created"]});
    let made = api.post("/v1/webhooks", Some(&body)).await?;
    assert_eq!(made.status(), 201, "{}", made.answer.text());
    let place = format!("/v1/webhooks/{}", text(&made.json["id"]));
    assert_eq!(made.answer.header("location"), Some(&*place));
    let secret = Secret::parse(&text(&made.json["secret"]))?;
    let seen = api.get(&place).await?.json;
    ensure!(seen.get("secret").is_none(), "{seen}");
    assert_eq!(seen["state"], "enabled");
    assert_eq!(api.get("/v1/webhooks").await?.json["data"], json!([seen]));

    api.invite("kim@contoso.example").await?;
    let tested = api.post(&format!("{place}/test"), None).await?.json;
    run(&api).await?;
    let called = receiver.take();
    assert_eq!(called.len(), 2);
    ensure!(called.iter().all(|call| call.is_signed_by(&secret)));
    ensure!(
        called
            .iter()
            .any(|call| call.id() == text(&tested["event"]))
    );

    let rotated = api
        .post(&format!("{place}/rotate-secret"), Some(&json!({})))
        .await?
        .json;
    let second = Secret::parse(&text(&rotated["secret"]))?;
    assert_eq!(rotated["secrets"].as_array().map(Vec::len), Some(2));
    api.post(&format!("{place}/test"), None).await?;
    run(&api).await?;
    let called = receiver.take();
    ensure!(called[0].is_signed_by(&secret) && called[0].is_signed_by(&second));

    let key = Some(&*api.key);
    let off = json!({"enabled": false, "events": []}).to_string();
    let changed = api.ask("PATCH", &place, key, &[], Some(&off)).await?;
    assert_eq!(changed.status(), 200, "{}", changed.answer.text());
    assert_eq!(
        (&changed.json["state"], &changed.json["events"]),
        (&json!("disabled"), &json!([]))
    );
    assert_eq!(changed.json["url"], seen["url"], "what is not named stays");
    let replay = json!({"from": "2026-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"});
    let refused = api.post(&format!("{place}/replay"), Some(&replay)).await?;
    assert_eq!((refused.status(), refused.problem()), (409, "conflict"));

    let removed = api.ask("DELETE", &place, key, &[], None).await?;
    assert_eq!(
        (removed.status(), &removed.json["deleted"]),
        (200, &json!(true))
    );
    assert_eq!(api.get(&place).await?.status(), 404);
    Ok(())
}

async fn a_secret_is_shown_once_and_kept_nowhere(ctx: &Ctx) -> Outcome {
    let (api, receiver) = interface(ctx).await?;
    let body = json!({"url": receiver.url("/hook")});
    let key = &[("Idempotency-Key", "make-1")];
    let made = api.post_with("/v1/webhooks", Some(&body), key).await?;
    let secret = text(&made.json["secret"]);
    ensure!(secret.starts_with("whsec_"));
    let again = api.post_with("/v1/webhooks", Some(&body), key).await?;
    assert_eq!(again.status(), 201);
    assert_eq!(again.answer.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.json["id"], made.json["id"], "it is made once");
    assert_eq!(again.json["secret"], Value::Null);
    let place = format!("/v1/webhooks/{}/rotate-secret", text(&made.json["id"]));
    let key = &[("Idempotency-Key", "rotate-1")];
    let rotated = api
        .post_with(&place, Some(&json!({"overlap_hours": 1})), key)
        .await?;
    let second = text(&rotated.json["secret"]);
    ensure!(second != secret && second.starts_with("whsec_"));
    api.post(
        &format!("/v1/webhooks/{}/test", text(&made.json["id"])),
        None,
    )
    .await?;
    run(&api).await?;
    let dump = ctx.dump_all().await?.concat();
    for secret in [secret, second] {
        ensure!(!dump.contains(secret.trim_start_matches("whsec_")));
    }
    Ok(())
}

async fn what_is_no_webhook_is_named_by_its_pointer(ctx: &Ctx) -> Outcome {
    let (api, receiver) = interface(ctx).await?;
    let good = receiver.url("/hook");
    for (body, place, code) in [
        (json!({}), "/url", "missing"),
        (json!({"url": 7}), "/url", "type"),
        (json!({"url": "ftp://hooks.example/"}), "/url", "invalid"),
        (
            json!({"url": "http://169.254.169.254/latest/"}),
            "/url",
            "invalid",
        ),
        (
            json!({"url": "https://user:s3cret@hooks.example/"}),
            "/url",
            "invalid",
        ),
        (
            json!({"url": good, "events": ["invitation.created", "moon.risen"]}),
            "/events/1",
            "invalid",
        ),
        (
            json!({"url": good, "events": ["webhook.test"]}),
            "/events",
            "invalid",
        ),
        (
            json!({"url": good, "secret": "whsec_x"}),
            "/secret",
            "unknown",
        ),
    ] {
        let refused = api.post("/v1/webhooks", Some(&body)).await?;
        assert_eq!(refused.status(), 422, "{body}: {}", refused.answer.text());
        assert_eq!(
            refused.error(),
            (place, code),
            "{body}: {}",
            refused.answer.text()
        );
        ensure!(!refused.answer.text().contains("s3cret"));
    }
    let made = api
        .post("/v1/webhooks", Some(&json!({"url": good})))
        .await?
        .json;
    let place = format!("/v1/webhooks/{}", text(&made["id"]));
    for (path, body, pointer) in [
        (
            "rotate-secret",
            json!({"overlap_hours": 169}),
            "/overlap_hours",
        ),
        (
            "replay",
            json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}),
            "/to",
        ),
        (
            "replay",
            json!({"from": "yesterday", "to": "2026-01-01T00:00:00Z"}),
            "/from",
        ),
    ] {
        let refused = api.post(&format!("{place}/{path}"), Some(&body)).await?;
        assert_eq!(
            (refused.status(), refused.error().0),
            (422, pointer),
            "{}",
            refused.answer.text()
        );
    }
    Ok(())
}

async fn calls_are_read_in_pages_and_made_again(ctx: &Ctx) -> Outcome {
    let (api, receiver) = interface(ctx).await?;
    let body = json!({"url": receiver.url("/hook"), "events": ["invitation.created"]});
    let made = api.post("/v1/webhooks", Some(&body)).await?.json;
    let place = format!("/v1/webhooks/{}", text(&made["id"]));
    let from = api.world.now();
    for n in 0..3 {
        api.invite(&format!("n{n}@contoso.example")).await?;
    }
    receiver.answers_with(500);
    run(&api).await?;
    let page = api.get(&format!("{place}/deliveries?limit=2")).await?.json;
    assert_eq!(
        (page["data"].as_array().map(Vec::len), &page["has_more"]),
        (Some(2), &json!(true))
    );
    let first = &page["data"][0];
    assert_eq!(first["tries"][0]["status"], 500);
    assert_eq!(
        (&first["state"], &first["type"]),
        (&json!("scheduled"), &json!("invitation.created"))
    );
    let rest = format!(
        "{place}/deliveries?limit=2&starting_after={}",
        text(&page["data"][1]["id"])
    );
    let rest = api.get(&rest).await?.json;
    assert_eq!(
        (rest["data"].as_array().map(Vec::len), &rest["has_more"]),
        (Some(1), &json!(false))
    );
    assert_eq!(
        api.get(&format!("{place}/deliveries?state=sent"))
            .await?
            .json["data"],
        json!([])
    );
    ensure!(api.get(&place).await?.json["failing_since"].is_string());

    // One that waits is tried at once; one that went through is made again.
    receiver.answers_with(200);
    let delivery = text(&first["id"]);
    for replay in [0, 1] {
        let again = api
            .post(&format!("{place}/deliveries/{delivery}/replay"), None)
            .await?;
        assert_eq!(
            (again.status(), &again.json["replay"]),
            (200, &json!(replay)),
            "{}",
            again.answer.text()
        );
        run(&api).await?;
    }
    receiver.take();
    let to = api.world.now().plus_micros(1_000_000);
    let span = json!({"from": from, "to": to});
    let replayed = api
        .post(&format!("{place}/replay"), Some(&span))
        .await?
        .json;
    assert_eq!(replayed["calls"], 1, "two still wait: {replayed}");
    run(&api).await?;
    assert_eq!(receiver.take().len(), 1);
    Ok(())
}

async fn each_operation_asks_for_its_scope(ctx: &Ctx) -> Outcome {
    let (api, receiver) = interface(ctx).await?;
    let body = json!({"url": receiver.url("/hook")});
    let made = api.post("/v1/webhooks", Some(&body)).await?.json;
    let place = format!("/v1/webhooks/{}", text(&made["id"]));
    let reader = crate::harness::interface::key_of(&api.world, api.world.partner, "read").await?;
    let reader = Some(reader.key.expose());
    let body = body.to_string();
    for (method, path, body) in [
        ("POST", "/v1/webhooks".to_owned(), Some(&*body)),
        ("PATCH", place.clone(), Some("{}")),
        ("DELETE", place.clone(), None),
        ("POST", format!("{place}/test"), None),
        ("POST", format!("{place}/rotate-secret"), Some("{}")),
    ] {
        let refused = api.ask(method, &path, reader, &[], body).await?;
        assert_eq!(
            (refused.status(), refused.problem()),
            (403, "missing-scope"),
            "{method} {path}"
        );
    }
    for path in [
        place.clone(),
        format!("{place}/deliveries"),
        "/v1/webhooks".to_owned(),
    ] {
        assert_eq!(
            api.ask("GET", &path, reader, &[], None).await?.status(),
            200,
            "{path}"
        );
    }
    Ok(())
}
