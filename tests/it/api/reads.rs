//! What a partner reads of its own by way of the interface, and what it may end.

use anyhow::ensure;
use countersign::domain::draft::Draft;
use countersign::domain::suppression::Cause;
use countersign::workflow::suppression::{self, New};
use countersign::workflow::{accept, seal};
use serde_json::{Value, json};

use super::interface;
use crate::harness::interface::key_of;
use crate::harness::world::draft;
use crate::harness::{Case, Ctx, Interface, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(invitations_are_listed_by_filters_and_in_pages),
        case!(a_relationship_is_read_and_ended),
        case!(a_consent_comes_with_its_proof),
        case!(a_bounce_is_removed_and_a_complaint_is_not),
        case!(events_are_read_from_a_cursor),
        case!(a_mail_is_previewed_with_a_sample_link),
    ]
}

const KIM: &str = "kim.signs@contoso.example";
const BOUNCES: &str = "bounces@contoso.example";
const COMPLAINS: &str = "complains@contoso.example";

/// An accepted invitation, two invited mailboxes that take no mail, and all of that sealed.
pub(super) async fn fill(api: &Interface) -> anyhow::Result<()> {
    let world = &api.world;
    let wanted = Draft {
        partner_type: Some("advisor".to_owned()),
        ..draft(KIM)
    };
    let id = world.try_invite(world.partner, &wanted, None).await?.id();
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    for (email, cause) in [(COMPLAINS, Cause::Complaint), (BOUNCES, Cause::HardBounce)] {
        world.pass(1);
        world.invite(email).await?;
        let new = New {
            address: email.parse()?,
            cause,
            detail: None,
        };
        suppression::add(&world.engine, new).await?;
    }
    seal::seal(&world.engine).await?;
    Ok(())
}

fn first(list: &Value) -> &str {
    list["data"][0]["id"].as_str().unwrap_or_default()
}

fn ids(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().into_iter().flatten();
    data.map(|it| it["id"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn invitations_are_listed_by_filters_and_in_pages(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    fill(&api).await?;
    api.world.pass(1);
    let made = api.invite("kim@contoso.example").await?;
    let all = api.get("/v1/invitations").await?;
    assert_eq!((all.status(), &all.json["object"]), (200, &json!("list")));
    assert_eq!(
        (ids(&all.json).len(), &all.json["has_more"]),
        (4, &json!(false))
    );
    assert_eq!(first(&all.json), made["id"]);
    // An object of the list is the object itself.
    assert_eq!(all.json["data"][0], made);
    let page = api.get("/v1/invitations?limit=3").await?.json;
    assert_eq!((ids(&page).len(), &page["has_more"]), (3, &json!(true)));
    let last = ids(&page).pop().unwrap_or_default();
    let rest = api
        .get(&format!("/v1/invitations?limit=3&starting_after={last}"))
        .await?
        .json;
    assert_eq!((ids(&rest).len(), &rest["has_more"]), (1, &json!(false)));
    let organization = made["organization"]["id"].as_str().unwrap_or_default();
    for (query, count) in [
        ("state=accepted", 1),
        ("state=pending", 3),
        ("state=declined", 0),
        ("reference=crm-4711", 1),
        ("email=Kim%40Contoso.example", 1),
        ("email=nobody%40contoso.example", 0),
        (&format!("organization={organization}"), 1),
        ("created_before=2020-01-01T00%3A00%3A00Z", 0),
        ("created_after=2020-01-01T00%3A00%3A00Z&state=accepted", 1),
    ] {
        let found = api.get(&format!("/v1/invitations?{query}")).await?;
        assert_eq!(found.status(), 200, "{query}: {}", found.answer.text());
        assert_eq!(ids(&found.json).len(), count, "{query}");
    }
    for (query, parameter) in [
        ("state=gone", "state"),
        ("email=none", "email"),
        ("organization=inv_1", "organization"),
        ("created_after=yesterday", "created_after"),
        ("limit=0", "limit"),
        ("page=2", "page"),
        ("starting_after=x", "starting_after"),
    ] {
        let refused = api.get(&format!("/v1/invitations?{query}")).await?;
        assert_eq!(
            (refused.status(), refused.error().0),
            (422, parameter),
            "{query}"
        );
    }
    Ok(())
}

async fn a_relationship_is_read_and_ended(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    fill(&api).await?;
    let list = api.get("/v1/relationships?state=active").await?.json;
    let place = format!("/v1/relationships/{}", first(&list));
    let shown = api.get(&place).await?.json;
    assert_eq!(list["data"][0], shown);
    assert_eq!(shown["signer"]["email"], KIM);
    assert_eq!(shown["agreement"]["standing"], "current");
    let granted = api
        .get(&format!("/v1/grants?relationship={}", first(&list)))
        .await?
        .json;
    assert_eq!(granted["data"], shown["grants"]);
    let grant = api
        .get(&format!("/v1/grants/{}", first(&granted)))
        .await?
        .json;
    assert_eq!(grant, granted["data"][0]);
    let reader = key_of(&api.world, api.world.partner, "read,invite").await?;
    let end = format!("{place}/end");
    let refused = api
        .ask("POST", &end, Some(reader.key.expose()), &[], None)
        .await?;
    assert_eq!(
        (refused.status(), refused.problem()),
        (403, "missing-scope")
    );
    api.world.pass(1_000_000);
    let ended = api.post(&end, None).await?;
    assert_eq!(
        (ended.status(), &ended.json["state"]),
        (200, &json!("ended"))
    );
    assert_eq!(ended.json["grants"][0]["state"], "ended");
    let again = api.post(&end, None).await?;
    assert_eq!((again.status(), again.problem()), (409, "conflict"));
    ensure!(
        again.json["detail"]
            .as_str()
            .is_some_and(|it| it.contains("ended already"))
    );
    let active = api.get("/v1/relationships?state=active").await?.json;
    assert_eq!(ids(&active), Vec::<String>::new());
    let told = "SELECT count(*) FROM notice WHERE kind = 'relationship_ended'";
    assert_eq!(ctx.number(told).await?, 2);
    Ok(())
}

async fn a_consent_comes_with_its_proof(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    fill(&api).await?;
    let list = api.get("/v1/consents").await?.json;
    let listed = &list["data"][0];
    assert_eq!(listed["signer"]["email"], KIM);
    ensure!(listed["proof"].is_null(), "{listed}");
    let shown = api
        .get(&format!("/v1/consents/{}", first(&list)))
        .await?
        .json;
    for (name, value) in listed.as_object().into_iter().flatten() {
        assert_eq!(&shown[name], value, "{name}");
    }
    let proof = &shown["proof"];
    assert_eq!(proof["holds"], true);
    ensure!(proof["head"]["sequence"].as_i64() >= proof["entry"]["sequence"].as_i64());
    let canonical: Value = serde_json::from_str(proof["canonical"].as_str().unwrap_or_default())?;
    assert_eq!(
        canonical["agreement"]["sha256"],
        shown["agreements"][0]["sha256"]
    );
    let text = shown["agreements"][0]["agreement"]
        .as_str()
        .unwrap_or_default();
    let found = api
        .get(&format!("/v1/consents?agreement={text}"))
        .await?
        .json;
    assert_eq!(ids(&found), ids(&list));
    let none = format!("/v1/consents?invitation=inv_{}", "0".repeat(32));
    assert_eq!(ids(&api.get(&none).await?.json).len(), 0);
    Ok(())
}

async fn a_bounce_is_removed_and_a_complaint_is_not(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    fill(&api).await?;
    let list = api.get("/v1/suppressions").await?.json;
    assert_eq!(ids(&list).len(), 2);
    let of = |reason: &str| {
        let data = list["data"].as_array().into_iter().flatten();
        let mut found = data.filter(|it| it["reason"] == reason);
        found.next().cloned().unwrap_or_default()
    };
    let (bounce, complaint) = (of("hard_bounce"), of("complaint"));
    assert_eq!(
        (&bounce["email"], &bounce["removable"]),
        (&json!(BOUNCES), &json!(true))
    );
    assert_eq!(complaint["removable"], false);
    let place = |one: &Value| {
        format!(
            "/v1/suppressions/{}/remove",
            one["id"].as_str().unwrap_or_default()
        )
    };
    let why = json!({"reason": "the mailbox is there again"});
    let refused = api.post(&place(&complaint), Some(&why)).await?;
    assert_eq!((refused.status(), refused.problem()), (409, "conflict"));
    ensure!(
        refused.json["detail"]
            .as_str()
            .is_some_and(|it| it.contains("operator"))
    );
    for (body, at) in [
        (json!({}), "/reason"),
        (json!({"reason": " "}), "/reason"),
        (json!({"reason": "x", "by": 1}), "/by"),
    ] {
        let refused = api.post(&place(&bounce), Some(&body)).await?;
        assert_eq!((refused.status(), refused.error().0), (422, at), "{body}");
    }
    let removed = api.post(&place(&bounce), Some(&why)).await?;
    assert_eq!(
        (removed.status(), &removed.json["removed"]),
        (200, &json!(true))
    );
    let again = api.post(&place(&bounce), Some(&why)).await?;
    assert_eq!((again.status(), again.problem()), (404, "not-found"));
    let left = api.get("/v1/suppressions?reason=hard_bounce").await?.json;
    assert_eq!(ids(&left).len(), 0);
    // An address that was never invited is told of by nothing but a refusal of its invitation.
    let new = New {
        address: "stranger@contoso.example".parse()?,
        cause: Cause::Complaint,
        detail: None,
    };
    suppression::add(&api.world.engine, new).await?;
    let left = api.get("/v1/suppressions").await?;
    ensure!(!left.answer.text().contains("stranger"));
    Ok(())
}

async fn events_are_read_from_a_cursor(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    fill(&api).await?;
    let mut seen = Vec::new();
    let mut place = "/v1/events?limit=2".to_owned();
    loop {
        let page = api.get(&place).await?.json;
        let data = page["data"].as_array().cloned().unwrap_or_default();
        seen.extend(data);
        if page["has_more"] == false {
            break;
        }
        let last = ids(&page).pop().unwrap_or_default();
        place = format!("/v1/events?limit=2&starting_after={last}");
    }
    let sequences: Vec<_> = seen
        .iter()
        .filter_map(|it| it["sequence"].as_u64())
        .collect();
    assert_eq!(sequences, (1..=seen.len() as u64).collect::<Vec<_>>());
    ensure!(seen.len() > 4, "{seen:?}");
    for event in &seen {
        ensure!(!event.to_string().contains('@'), "{event}");
    }
    let one = seen[0]["id"].as_str().unwrap_or_default();
    assert_eq!(api.get(&format!("/v1/events/{one}")).await?.json, seen[0]);
    let some = api
        .get("/v1/events?types=invitation.accepted,invitation.declined")
        .await?
        .json;
    assert_eq!(ids(&some).len(), 1);
    for (query, parameter) in [
        ("types=invitation.lost", "types"),
        ("types=", "types"),
        (
            &format!("starting_after=evt_{}", "0".repeat(32)),
            "starting_after",
        ),
    ] {
        let refused = api.get(&format!("/v1/events?{query}")).await?;
        assert_eq!(
            (refused.status(), refused.error().0),
            (422, parameter),
            "{query}"
        );
    }
    Ok(())
}

async fn a_mail_is_previewed_with_a_sample_link(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = api.invite("kim@contoso.example").await?;
    let ask = async |more: Value| {
        let mut body = json!({"invitation": made["id"], "kind": "reminder"});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        api.post("/v1/previews", Some(&body)).await
    };
    let shown = ask(json!({})).await?;
    assert_eq!(shown.status(), 200, "{}", shown.answer.text());
    assert_eq!(
        (&shown.json["side"], &shown.json["language"]),
        (&json!("customer"), &json!("en"))
    );
    assert_eq!(shown.json["contacts"][0], made["recipient"]["contact"]);
    for part in ["text", "html"] {
        let text = shown.json[part].as_str().unwrap_or_default();
        ensure!(text.contains("/a/SAMPLE-LINK-THAT-OPENS-NOTHING"), "{text}");
    }
    let korean = ask(json!({"language": "ko", "kind": "accepted"})).await?;
    assert_eq!(
        (&korean.json["side"], &korean.json["language"]),
        (&json!("partner"), &json!("ko"))
    );
    for (more, at) in [
        (json!({"kind": "manage_link"}), "/kind"),
        (json!({"kind": "letter"}), "/kind"),
        (json!({"side": "partner"}), "/side"),
        (json!({"language": "tlh"}), "/language"),
        (json!({"to": "me"}), "/to"),
    ] {
        let refused = ask(more.clone()).await?;
        assert_eq!((refused.status(), refused.error().0), (422, at), "{more}");
    }
    let other = api.world.another_partner("saebom").await?;
    let other = key_of(&api.world, other, "read").await?;
    let unknown = json!({"invitation": format!("inv_{}", "0".repeat(32)), "kind": "reminder"});
    let theirs = json!({"invitation": made["id"], "kind": "reminder"});
    let mut answers = Vec::new();
    for body in [unknown, theirs] {
        let key = Some(other.key.expose());
        let reply = api
            .ask("POST", "/v1/previews", key, &[], Some(&body.to_string()))
            .await?;
        assert_eq!(reply.status(), 404);
        answers.push(reply.without_request_id());
    }
    assert_eq!(answers[0], answers[1]);
    Ok(())
}
