//! Many invitations in a call, and the limits of how many may be made.

use std::sync::Arc;

use anyhow::Context as _;
use countersign::domain::limit::Limits;
use countersign::domain::time::DAY;
use countersign::storage::suppression::{self, Suppression};
use serde_json::{Value, json};

use super::interface;
use crate::harness::interface::{invitation, key_of};
use crate::harness::{Case, Ctx, Interface, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(what_became_of_each_of_a_call_is_told_at_its_place),
        case!(a_call_that_comes_again_makes_nothing_twice),
        case!(a_call_of_another_form_is_refused_as_a_whole),
        case!(a_thousand_are_made_in_one_call_and_not_one_more),
        case!(what_a_limit_refuses_says_which_and_until_when),
        case!(limits_are_shown_to_the_key_and_nothing_of_other_partners),
    ]
}

const BATCH: &str = "/v1/invitations/batch";

fn customer(n: usize) -> Value {
    let mut asked = invitation(&format!("kim{n}@contoso-{n}.example"));
    asked["organization"]["name"] = json!(format!("Contoso {n}"));
    asked
}

fn batch(invitations: impl IntoIterator<Item = Value>) -> Value {
    json!({"invitations": invitations.into_iter().collect::<Vec<_>>()})
}

fn words(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().cloned().unwrap_or_default();
    let word = |it: &Value| it["status"].as_str().unwrap_or_default().to_owned();
    results.iter().map(word).collect()
}

/// The interface of a world with these limits.
async fn limited(ctx: &Ctx, limits: Limits) -> anyhow::Result<Interface> {
    let mut world = World::new(ctx).await?;
    let mut settings = (*world.engine.settings).clone();
    settings.limits = limits;
    world.engine.settings = Arc::new(settings);
    Interface::new(world).await
}

async fn what_became_of_each_of_a_call_is_told_at_its_place(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let waiting = api.invite("kim@contoso.example").await?;
    let (keys, now) = (&api.world.engine.keys, api.world.now());
    let gone = Suppression::new(keys, "gone@contoso.example", "complaint", now);
    let db = &api.world.engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &gone).await }))
        .await?;
    let mut wrong = invitation("kim@x");
    wrong["time_zone"] = json!("Mars/Base");
    let asked = [
        customer(1),
        invitation("kim@contoso.example"),
        wrong,
        invitation("gone@contoso.example"),
        invitation("boss@hanbit.example"),
        customer(1),
        customer(2),
    ];
    let reply = api.post(BATCH, Some(&batch(asked))).await?;
    assert_eq!(reply.status(), 200, "{}", reply.answer.text());
    let answer = &reply.json;
    assert_eq!(
        words(answer),
        [
            "created",
            "already_pending",
            "refused",
            "refused",
            "refused",
            "already_pending",
            "created"
        ]
    );
    let counts = ["created", "already_pending", "replayed", "refused"].map(|it| &answer[it]);
    assert_eq!(counts, [&json!(2), &json!(2), &json!(0), &json!(3)]);
    let result = |index: usize| &answer["results"][index];
    assert_eq!(result(1)["invitation"], waiting["id"]);
    assert_eq!(result(5)["invitation"], result(0)["invitation"]);
    let pointers = |index: usize| {
        let errors = result(index)["errors"].as_array().cloned();
        let pointer = |it: &Value| it["pointer"].as_str().unwrap_or_default().to_owned();
        errors
            .unwrap_or_default()
            .iter()
            .map(pointer)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pointers(2),
        ["/invitations/2/recipient/email", "/invitations/2/time_zone"]
    );
    for (index, words) in [
        (3, "takes no mail from here (complaint)"),
        (4, "partner's own domain"),
    ] {
        assert_eq!(
            pointers(index),
            [format!("/invitations/{index}/recipient/email")]
        );
        let detail = result(index)["errors"][0]["detail"]
            .as_str()
            .unwrap_or_default();
        assert!(detail.contains(words), "{detail}");
        assert!(result(index)["invitation"].is_null());
    }
    let id = result(6)["invitation"].as_str().unwrap_or_default();
    let read = api.get(&format!("/v1/invitations/{id}")).await?;
    assert_eq!(read.json["recipient"]["email"], "kim2@contoso-2.example");
    // What was refused for what it says is not told back.
    assert!(
        !reply.answer.text().contains("kim@x"),
        "{}",
        reply.answer.text()
    );
    Ok(())
}

async fn a_call_that_comes_again_makes_nothing_twice(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let body = batch([customer(1), invitation("boss@hanbit.example"), customer(2)]);
    let key = [("Idempotency-Key", "k-1")];
    let first = api.post_with(BATCH, Some(&body), &key).await?;
    assert_eq!(words(&first.json), ["created", "refused", "created"]);
    let again = api.post_with(BATCH, Some(&body), &key).await?;
    assert_eq!(again.json, first.json);
    // As after a crash between the invitations and the answer; one of them has ended since.
    ctx.sql("DELETE FROM api_answer").await?;
    let id = first.json["results"][0]["invitation"].as_str();
    let revoke = format!("/v1/invitations/{}/revoke", id.context("an invitation")?);
    assert_eq!(api.post(&revoke, None).await?.status(), 200);
    let again = api.post_with(BATCH, Some(&body), &key).await?;
    assert_eq!(words(&again.json), ["replayed", "refused", "replayed"]);
    for index in [0, 2] {
        let of = |answer: &Value| answer["results"][index]["invitation"].clone();
        assert_eq!(of(&again.json), of(&first.json));
    }
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 2);
    Ok(())
}

async fn a_call_of_another_form_is_refused_as_a_whole(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let mut unknown = customer(1);
    unknown["force"] = json!(true);
    let mut missing = customer(2);
    missing["recipient"] = json!({"name": "Kim"});
    for (body, error) in [
        (batch([]), ("/invitations", "invalid")),
        (json!({}), ("/invitations", "missing")),
        (
            batch([customer(0), unknown]),
            ("/invitations/1/force", "unknown"),
        ),
        (
            batch([customer(0), missing]),
            ("/invitations/1/recipient/email", "missing"),
        ),
        (batch([json!([])]), ("/invitations/0", "type")),
    ] {
        let reply = api.post(BATCH, Some(&body)).await?;
        assert_eq!(
            (reply.status(), reply.error()),
            (422, error),
            "{}",
            reply.answer.text()
        );
    }
    let reader = key_of(&api.world, api.world.partner, "read").await?;
    let body = batch([customer(0)]).to_string();
    let key = reader.key.expose();
    let refused = api.ask("POST", BATCH, Some(key), &[], Some(&body)).await?;
    assert_eq!(
        (refused.status(), refused.problem()),
        (403, "missing-scope")
    );
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 0);
    Ok(())
}

async fn a_thousand_are_made_in_one_call_and_not_one_more(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let reply = api
        .post(BATCH, Some(&batch((0..1_001).map(customer))))
        .await?;
    assert_eq!((reply.status(), reply.error().0), (422, "/invitations"));
    let reply = api
        .post(BATCH, Some(&batch((0..1_000).map(customer))))
        .await?;
    assert_eq!(reply.status(), 200, "{}", reply.problem());
    assert_eq!(reply.json["created"], 1_000);
    assert_eq!(ctx.number("SELECT count(*) FROM notice").await?, 4_000);
    Ok(())
}

async fn what_a_limit_refuses_says_which_and_until_when(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_key_day: Some(3),
        per_recipient_week: Some(1),
        ..Limits::NONE
    };
    let api = limited(ctx, limits).await?;
    let mut same_mailbox = customer(1);
    same_mailbox["organization"]["name"] = json!("Fabrikam");
    let asked = [
        customer(1),
        same_mailbox.clone(),
        customer(2),
        customer(3),
        customer(4),
    ];
    let reply = api.post(BATCH, Some(&batch(asked))).await?;
    assert_eq!(
        words(&reply.json),
        ["created", "refused", "created", "created", "refused"]
    );
    let monday = "2026-11-23T00:00:00Z";
    let of_mailbox = &reply.json["results"][1];
    assert_eq!(
        of_mailbox["limit"],
        json!({"limit": "per_recipient_week", "size": 1, "resets_at": monday})
    );
    let error = &of_mailbox["errors"][0];
    assert_eq!(
        (&error["pointer"], &error["code"]),
        (&json!("/invitations/1/recipient/email"), &json!("limit"))
    );
    let of_key = &reply.json["results"][4];
    assert_eq!(
        of_key["limit"],
        json!({"limit": "per_key_day", "size": 3, "resets_at": monday})
    );
    assert_eq!(of_key["errors"][0]["pointer"], "/invitations/4");

    // One by one, it is the status. It is no answer that stands: the same key may be used when the limit begins anew.
    let key = [("Idempotency-Key", "k-1")];
    let ask = async |body: &Value| api.post_with("/v1/invitations", Some(body), &key).await;
    let refused = ask(&customer(4)).await?;
    assert_eq!(
        (refused.status(), refused.problem()),
        (429, "limit-reached")
    );
    let header = |reply: &crate::harness::Reply, wanted: &str| {
        let mut headers = reply.answer.headers.iter();
        let found = headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.clone())
    };
    // It is Sunday, 01:00 UTC.
    let wait = (23 * 3_600).to_string();
    assert_eq!(header(&refused, "retry-after"), Some(wait));
    api.world.pass(DAY);
    assert_eq!(ask(&customer(4)).await?.status(), 201);
    let again = api.post("/v1/invitations", Some(&same_mailbox)).await?;
    assert_eq!(again.status(), 201, "{}", again.answer.text());
    // Sent again, it is one more for the mailbox.
    let id = again.json["id"].as_str().unwrap_or_default();
    api.world.pass(1_000_000);
    let resent = api
        .post(&format!("/v1/invitations/{id}/resend"), None)
        .await?;
    assert_eq!((resent.status(), resent.problem()), (429, "limit-reached"));
    let detail = resent.json["detail"].as_str().unwrap_or_default();
    assert!(
        detail.starts_with("this address takes no more invitations this week"),
        "{detail}"
    );
    Ok(())
}

async fn limits_are_shown_to_the_key_and_nothing_of_other_partners(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    api.invite("kim@contoso.example").await?;
    let other = api.world.another_partner("saebom").await?;
    let theirs = key_of(&api.world, other, "read,invite").await?;
    let theirs = theirs.key.expose().to_owned();
    let body = batch([customer(1), customer(2)]).to_string();
    api.ask("POST", BATCH, Some(&theirs), &[], Some(&body))
        .await?;
    let used = |answer: &Value| {
        let data = answer["data"].as_array().cloned().unwrap_or_default();
        let of = |it: &Value| json!([it["limit"], it["size"], it["used"]]);
        data.iter().map(of).collect::<Vec<_>>()
    };
    let shared = [
        json!(["per_recipient_week", 20, null]),
        json!(["per_domain_day", 1_000, null]),
    ];
    let own = api.get("/v1/limits").await?;
    assert_eq!(own.json["data"][0]["resets_at"], "2026-11-23T00:00:00Z");
    let mine = [
        json!(["per_key_day", 5_000, 1]),
        json!(["per_partner_day", 10_000, 1]),
    ];
    assert_eq!(used(&own.json), [&shared[..], &mine].concat());
    let others = api
        .ask("GET", "/v1/limits", Some(&theirs), &[], None)
        .await?;
    let both = [
        json!(["per_key_day", 5_000, 2]),
        json!(["per_partner_day", 10_000, 2]),
    ];
    assert_eq!(used(&others.json), [&shared[..], &both].concat());
    // Another key of the partner has a day of its own.
    let second = key_of(&api.world, other, "read").await?;
    let key = second.key.expose();
    let fresh = api.ask("GET", "/v1/limits", Some(key), &[], None).await?;
    assert_eq!(used(&fresh.json)[2], json!(["per_key_day", 5_000, 0]));
    Ok(())
}
