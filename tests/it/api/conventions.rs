//! Problems, idempotency, rates, unknown fields: alike everywhere.

use std::num::NonZeroU32;

use countersign::domain::time::DAY;
use countersign::storage::api_answer::{self, Claim};
use countersign::web::api::Api;
use countersign::web::server::Bounds;
use countersign::workflow::privacy::{self, Wish};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::interface;
use crate::harness::interface::invitation;
use crate::harness::{Case, Ctx, Interface, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(every_refusal_is_a_problem_with_the_id_of_its_request),
        case!(a_field_that_is_unknown_twice_there_or_of_another_type_is_named),
        case!(a_request_that_comes_again_gets_its_answer_and_is_done_once),
        case!(a_refusal_that_stands_is_answered_again_and_another_body_is_refused),
        case!(a_key_that_is_worked_on_is_in_flight_until_its_claim_ends),
        case!(parallel_requests_with_one_key_make_one_invitation),
        case!(a_crash_between_the_invitation_and_its_answer_makes_no_second_one),
        case!(an_erased_person_stands_in_no_kept_answer),
        case!(a_key_asks_as_often_as_it_may_and_is_told_so),
        case!(wrong_keys_are_slowed_down_and_a_good_one_is_not),
        case!(the_pages_keep_their_own_layers),
        case!(the_interface_can_be_turned_off),
    ]
}

/// A request, and how it is refused: method, path, key, headers, body, status, kind.
type Refusal<'a> = (
    &'a str,
    &'a str,
    Option<&'a str>,
    &'a [(&'a str, &'a str)],
    Option<&'a str>,
    u16,
    &'a str,
);

#[rustfmt::skip]
fn refusals<'a>(key: Option<&'a str>, big: &'a str, long: &'a str) -> Vec<Refusal<'a>> {
    let none: &[(&str, &str)] = &[];
    let is_text: &[(&str, &str)] = &[("Content-Type", "text/plain")];
    let no_key: &[(&str, &str)] = &[("Idempotency-Key", "ä")];
    let invite = "/v1/invitations";
    vec![
        ("GET", "/v1/partner", None, none, None, 401, "unauthenticated"),
        ("GET", "/v1/nothing", key, none, None, 404, "not-found"),
        ("GET", "/v1", None, none, None, 404, "not-found"),
        ("GET", "/v1/invitations/inv_1", key, none, None, 404, "not-found"),
        ("GET", "/v1/invitations/%ff", key, none, None, 404, "not-found"),
        ("DELETE", "/v1/partner", key, none, None, 405, "method-not-allowed"),
        ("GET", "/v1/agreements?x=1", key, none, None, 422, "invalid-request"),
        ("GET", "/v1/agreements?limit=0", key, none, None, 422, "invalid-request"),
        ("POST", invite, key, none, Some("{"), 400, "malformed-json"),
        ("POST", invite, key, is_text, Some("{}"), 415, "unsupported-media-type"),
        ("POST", invite, key, none, Some(big), 413, "payload-too-large"),
        ("POST", invite, key, no_key, Some("{}"), 400, "malformed-request"),
        ("GET", long, key, none, None, 414, "uri-too-long"),
    ]
}

async fn every_refusal_is_a_problem_with_the_id_of_its_request(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let key = Some(&*api.key.clone());
    let big = "x".repeat(2 * 1024 * 1024 + 1);
    let long = format!("/v1/{}", "x".repeat(70_000));
    for (method, path, key, headers, body, status, problem) in refusals(key, &big, &long) {
        let reply = api.ask(method, path, key, headers, body).await?;
        let at = format!(
            "{method} {} {}",
            &path[..path.len().min(40)],
            reply.answer.text()
        );
        assert_eq!(reply.status(), status, "{at}");
        assert_eq!(reply.problem(), problem, "{at}");
        assert_eq!(reply.json["status"], status, "{at}");
        assert_eq!(
            reply.answer.header("content-type"),
            Some("application/problem+json"),
            "{at}"
        );
        assert_eq!(
            reply.answer.header("cache-control"),
            Some("no-store"),
            "{at}"
        );
        assert_eq!(
            reply.answer.header("x-content-type-options"),
            Some("nosniff"),
            "{at}"
        );
        for field in ["title", "detail"] {
            assert!(
                reply.json[field]
                    .as_str()
                    .is_some_and(|text| text.len() > 5),
                "{at}"
            );
        }
        // The HTTP library refuses an address that is too long before there is a request.
        if status != 414 {
            let id = reply.answer.header("x-request-id").unwrap_or_default();
            assert!(id.starts_with("req_") && id.len() == 36, "{at}");
            assert_eq!(reply.json["request_id"], id, "{at}");
        }
    }
    let refused = api.ask("DELETE", "/v1/partner", None, &[], None).await?;
    assert_eq!(refused.answer.header("allow"), Some("GET,HEAD"));
    let refused = api.ask("GET", "/v1/partner", None, &[], None).await?;
    assert!(
        refused
            .answer
            .header("www-authenticate")
            .is_some_and(|it| it.starts_with("Bearer"))
    );
    Ok(())
}

async fn a_field_that_is_unknown_twice_there_or_of_another_type_is_named(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let good = invitation("kim@contoso.example").to_string();
    let edited = |from: &str, to: &str| {
        assert!(good.contains(from), "{good}");
        good.replacen(from, to, 1)
    };
    for (body, place, code) in [
        (
            edited("\"organization\":", "\"organisation\":"),
            "/organisation",
            "unknown",
        ),
        (
            edited("\"name\":\"Contoso\"", "\"name\":\"Contoso\",\"size\":3"),
            "/organization/size",
            "unknown",
        ),
        (
            edited("\"name\":\"Contoso\"", "\"name\":\"a\",\"name\":\"b\""),
            "/organization/name",
            "duplicate",
        ),
        (
            edited(
                "\"agreement\":true",
                "\"agreement\":\"kim@contoso.example\"",
            ),
            "/offer/agreement",
            "type",
        ),
        (
            edited("\"name\":\"Contoso\"", "\"kind\":\"school\""),
            "/organization/name",
            "missing",
        ),
        (
            edited("{\"name\":\"Contoso\"}", "[\"Contoso\"]"),
            "/organization",
            "type",
        ),
        (
            edited("kim@contoso.example", "kim"),
            "/recipient/email",
            "invalid",
        ),
        (
            edited("kim@contoso.example", "kim@hanbit.example"),
            "/recipient/email",
            "refused",
        ),
        (
            edited(
                "\"language\":\"en\"",
                "\"language\":\"en\",\"expires_in_days\":91",
            ),
            "/expires_in_days",
            "invalid",
        ),
        (
            edited("reseller_delegated_admin", "vendor"),
            "/offer",
            "invalid",
        ),
    ] {
        let key = Some(&*api.key);
        let reply = api
            .ask("POST", "/v1/invitations", key, &[], Some(&body))
            .await?;
        assert_eq!(reply.status(), 422, "{body}: {}", reply.answer.text());
        assert_eq!(reply.error(), (place, code), "{}", reply.answer.text());
        for personal in ["kim@", "Minsu"] {
            assert!(
                !reply.answer.text().contains(personal),
                "{}",
                reply.answer.text()
            );
        }
    }
    let reply = api.get("/v1/agreements?limit=1&limit=2").await?;
    assert_eq!(reply.error(), ("limit", "duplicate"));
    Ok(())
}

async fn a_request_that_comes_again_gets_its_answer_and_is_done_once(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let body = invitation("kim@contoso.example");
    let key = [("Idempotency-Key", "order-1")];
    let first = api.post_with("/v1/invitations", Some(&body), &key).await?;
    assert_eq!(first.status(), 201, "{}", first.answer.text());
    assert_eq!(first.answer.header("idempotent-replayed"), None);
    let id = first.json["id"].as_str().unwrap_or_default();
    let place = format!("/v1/invitations/{id}");
    assert_eq!(first.answer.header("location"), Some(&*place));
    // What became of it meanwhile is not what was answered.
    api.post(&format!("{place}/revoke"), None).await?;
    let again = api.post_with("/v1/invitations", Some(&body), &key).await?;
    assert_eq!(
        (again.status(), again.answer.text()),
        (201, first.answer.text())
    );
    assert_eq!(again.answer.header("idempotent-replayed"), Some("true"));
    assert_ne!(
        again.answer.header("x-request-id"),
        first.answer.header("x-request-id")
    );
    // After a day the key is any other one.
    api.world.pass(DAY);
    let later = api.post_with("/v1/invitations", Some(&body), &key).await?;
    assert_eq!(later.status(), 201);
    assert_ne!(later.json["id"], first.json["id"]);
    Ok(())
}

async fn a_refusal_that_stands_is_answered_again_and_another_body_is_refused(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let key = [("Idempotency-Key", "order-2")];
    let bad = json!({"organization": 1});
    let first = api.post_with("/v1/invitations", Some(&bad), &key).await?;
    let again = api.post_with("/v1/invitations", Some(&bad), &key).await?;
    assert_eq!((first.status(), again.status()), (422, 422));
    assert_eq!(first.without_request_id(), again.without_request_id());
    assert_eq!(again.answer.header("idempotent-replayed"), Some("true"));
    let good = invitation("kim@contoso.example");
    let other = api.post_with("/v1/invitations", Some(&good), &key).await?;
    assert_eq!(
        (other.status(), other.problem()),
        (422, "idempotency-key-reused")
    );
    // Another path is another request, too.
    let path = "/v1/invitations/inv_00000000000000000000000000000000/revoke";
    let other = api.post_with(path, None, &key).await?;
    assert_eq!(other.problem(), "idempotency-key-reused");
    // Another partner's keys are another's.
    let partner = api.world.another_partner("saebom").await?;
    let theirs = crate::harness::interface::key_of(&api.world, partner, "invite").await?;
    let body = good.to_string();
    let theirs = Some(theirs.key.expose());
    let other = api
        .ask("POST", "/v1/invitations", theirs, &key, Some(&body))
        .await?;
    assert_eq!(other.status(), 201, "{}", other.answer.text());
    Ok(())
}

/// A claim on a key as the request with this body makes it.
fn claim_of(api: &Interface, key: &str, body: &str) -> Claim {
    let mut hash = Sha256::new();
    for part in ["POST", "/v1/invitations", body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Claim {
        partner: api.world.partner,
        key: key.to_owned(),
        request_sha256: hash.finalize().to_vec(),
        holder: uuid::Uuid::from_u128(1),
    }
}

async fn take(api: &Interface, claim: Claim, held: i64) -> anyhow::Result<bool> {
    let now = api.world.now();
    let (until, end) = (now.plus_micros(held), now.plus_micros(DAY));
    let taken = api.world.engine.db.write(move |tx| {
        Box::pin(async move { api_answer::claim(tx, &claim, now, until, end).await })
    });
    Ok(taken.await?)
}

async fn a_key_that_is_worked_on_is_in_flight_until_its_claim_ends(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let body = invitation("kim@contoso.example");
    let key = [("Idempotency-Key", "order-3")];
    assert!(take(&api, claim_of(&api, "order-3", &body.to_string()), 1_000).await?);
    let waiting = api.post_with("/v1/invitations", Some(&body), &key).await?;
    assert_eq!(
        (waiting.status(), waiting.problem()),
        (409, "idempotency-in-flight")
    );
    assert!(waiting.answer.header("retry-after").is_some());
    api.world.pass(1_000);
    let taken_over = api.post_with("/v1/invitations", Some(&body), &key).await?;
    assert_eq!(taken_over.status(), 201, "{}", taken_over.answer.text());
    // Another request does not take over what somebody may still be working on.
    assert!(take(&api, claim_of(&api, "order-4", "another"), 1_000).await?);
    api.world.pass(1_000);
    let other = [("Idempotency-Key", "order-4")];
    let refused = api
        .post_with("/v1/invitations", Some(&body), &other)
        .await?;
    assert_eq!(refused.problem(), "idempotency-key-reused");
    Ok(())
}

async fn parallel_requests_with_one_key_make_one_invitation(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let body = invitation("kim@contoso.example");
    let key = [("Idempotency-Key", "order-5")];
    let all = (0..16).map(|_| api.post_with("/v1/invitations", Some(&body), &key));
    let mut made = Vec::new();
    for reply in futures_util::future::join_all(all).await {
        let reply = reply?;
        match reply.status() {
            201 => made.push(reply.json["id"].clone()),
            409 => assert_eq!(reply.problem(), "idempotency-in-flight"),
            _ => panic!("{}", reply.answer.text()),
        }
    }
    made.dedup();
    assert_eq!(made.len(), 1, "{made:?}");
    Ok(())
}

async fn a_crash_between_the_invitation_and_its_answer_makes_no_second_one(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let body = invitation("kim@contoso.example");
    let key = [("Idempotency-Key", "order-6")];
    let first = api.post_with("/v1/invitations", Some(&body), &key).await?;
    // What a process leaves that died before it kept the answer, once its claim is over; the customer has answered meanwhile.
    ctx.sql("UPDATE api_answer SET status = NULL, body = NULL, held_until = 0")
        .await?;
    ctx.sql("UPDATE invitation SET state = 'declined', ended_at = 1")
        .await?;
    let again = api.post_with("/v1/invitations", Some(&body), &key).await?;
    assert_eq!(again.status(), 201, "{}", again.answer.text());
    assert_eq!(again.json["id"], first.json["id"]);
    Ok(())
}

async fn an_erased_person_stands_in_no_kept_answer(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    for (email, key) in [
        ("kim@contoso.example", "a"),
        ("lee@contoso.example", "for Kim@contoso.example"),
        ("park@contoso.example", "c"),
    ] {
        let body = invitation(email);
        let key = [("Idempotency-Key", key)];
        api.post_with("/v1/invitations", Some(&body), &key).await?;
    }
    let wish = Wish {
        address: "kim@contoso.example".parse()?,
        may_be_invited: false,
    };
    privacy::erase(&api.world.engine, wish).await?;
    let mut conn = api.world.engine.db.read().await?;
    for (key, is_kept) in [
        ("a", false),
        ("for Kim@contoso.example", false),
        ("c", true),
    ] {
        let found = api_answer::find(&mut conn, api.world.partner, key).await?;
        assert_eq!(found.is_some(), is_kept, "{key}");
    }
    Ok(())
}

async fn a_key_asks_as_often_as_it_may_and_is_told_so(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::set(&world, None, Bounds::PAGES, |site| {
        site.api = Api::new(NonZeroU32::new(3).expect("a number"));
        Ok(())
    });
    let served = served.await?;
    let api = Interface::of(world, served).await?;
    for left in [2, 1, 0] {
        let reply = api.get("/v1/partner").await?;
        assert_eq!(reply.status(), 200, "{}", reply.answer.text());
        assert_eq!(
            reply.answer.header("ratelimit-policy"),
            Some("\"key\";q=3;w=60")
        );
        let limit = reply.answer.header("ratelimit").unwrap_or_default();
        assert!(
            limit.starts_with(&format!("\"key\";r={left};t=")),
            "{limit}"
        );
        assert_eq!(reply.json["limits"]["requests_per_minute"], 3);
    }
    let refused = api.get("/v1/nothing/of/ours").await?;
    assert_eq!(refused.status(), 404, "only what is an operation counts");
    let refused = api.get("/v1/partner").await?;
    assert_eq!((refused.status(), refused.problem()), (429, "rate-limited"));
    let wait: u32 = refused
        .answer
        .header("retry-after")
        .unwrap_or_default()
        .parse()?;
    assert!((1..=20).contains(&wait));
    assert_eq!(
        refused.answer.header("ratelimit"),
        Some(&*format!("\"key\";r=0;t={wait}"))
    );
    Ok(())
}

async fn wrong_keys_are_slowed_down_and_a_good_one_is_not(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let mut refused = Vec::new();
    for _ in 0..70 {
        let wrong = format!("{}x", &api.key[..api.key.len() - 1]);
        let reply = api
            .ask("GET", "/v1/partner", Some(&wrong), &[], None)
            .await?;
        refused.push(reply.status());
    }
    assert_eq!(refused.first(), Some(&401));
    assert_eq!(refused.last(), Some(&429), "{refused:?}");
    assert_eq!(api.get("/v1/partner").await?.status(), 200);
    Ok(())
}

async fn the_pages_keep_their_own_layers(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let page = api.served.get("/nothing").await?;
    assert_eq!(page.status, 404);
    assert!(
        page.header("content-type")
            .is_some_and(|it| it.starts_with("text/html"))
    );
    assert_eq!(page.header("x-request-id"), None);
    // A form of another site changes nothing on a page; a program of a partner's may say what it likes there.
    let foreign = [
        ("Origin", "https://elsewhere.example"),
        ("Sec-Fetch-Site", "cross-site"),
    ];
    assert_eq!(
        api.served.post_with("/accept", &[], &foreign).await?.status,
        403
    );
    let body = invitation("kim@contoso.example");
    let made = api
        .post_with("/v1/invitations", Some(&body), &foreign)
        .await?;
    assert_eq!(made.status(), 201);
    // No page of another site reads it: nothing allows that.
    assert_eq!(made.answer.header("access-control-allow-origin"), None);
    for path in ["/docs", "/docs/problems"] {
        let page = api.served.get(path).await?;
        assert_eq!(page.status, 200, "{path}");
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'"));
    }
    let metrics = api.served.metrics.encode();
    assert!(metrics.contains("/v1/invitations"), "{metrics}");
    Ok(())
}

async fn the_interface_can_be_turned_off(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::set(&world, None, Bounds::PAGES, |site| {
        site.api.enabled = false;
        Ok(())
    });
    let served = served.await?;
    for path in ["/v1/partner", "/openapi.json", "/docs"] {
        let page = served.get(path).await?;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text().contains("<html"), "{path}");
    }
    Ok(())
}
