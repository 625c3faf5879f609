//! Invitations by way of the interface.

use countersign::domain::time::DAY;
use countersign::domain::token::Purpose;
use serde_json::json;
use sha2::Digest as _;

use super::interface;
use crate::harness::interface::invitation;
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(an_invitation_is_made_read_sent_again_corrected_and_revoked),
        case!(what_waits_already_is_answered_without_a_mail),
        case!(an_answered_invitation_is_not_changed),
        case!(a_step_at_microsoft_is_marked_as_said_by_the_partner),
        case!(agreements_are_listed_in_pages_and_shown_with_their_text),
        case!(no_answer_holds_a_link_with_a_token),
    ]
}

async fn an_invitation_is_made_read_sent_again_corrected_and_revoked(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = api.invite("Kim@Contoso.example").await?;
    assert_eq!(made["object"], "invitation");
    assert_eq!(made["state"], "pending");
    assert_eq!(made["organization"]["name"], "Contoso");
    assert_eq!(made["organization"]["cloud"], "global");
    assert_eq!(made["recipient"]["name"], "Kim Minsu");
    assert_eq!(made["offer"]["partner_type"], "reseller_delegated_admin");
    assert_eq!(made["reference"], "crm-4711");
    let id = made["id"].as_str().unwrap_or_default();
    let place = format!("/v1/invitations/{id}");
    let read = api.get(&place).await?;
    assert_eq!(read.status(), 200, "{}", read.answer.text());
    assert_eq!(read.json["id"], made["id"]);
    assert_eq!(read.json["people"][0]["role"], "signer");
    let first = &read.json["timeline"][0];
    assert_eq!(first["what"], "invitation.created");
    assert!(
        first["detail"]
            .as_str()
            .is_some_and(|it| it.contains("source api")),
        "{first}"
    );

    let corrected = json!({"email": "kim.minsu@contoso.example", "name": "Kim Min-su"});
    let corrected = api
        .post(&format!("{place}/correct"), Some(&corrected))
        .await?;
    assert_eq!(corrected.status(), 200, "{}", corrected.answer.text());
    assert_eq!(
        corrected.json["recipient"]["email"],
        "kim.minsu@contoso.example"
    );
    assert_eq!(corrected.json["recipient"]["name"], "Kim Min-su");
    let same = json!({"email": "kim.minsu@contoso.example"});
    let refused = api.post(&format!("{place}/correct"), Some(&same)).await?;
    assert_eq!((refused.status(), refused.error().0), (422, "/email"));

    let sent = api.post(&format!("{place}/resend"), None).await?;
    assert_eq!((sent.status(), &sent.json["id"]), (200, &made["id"]));
    for _ in 0..2 {
        let revoked = api.post(&format!("{place}/revoke"), None).await?;
        assert_eq!(revoked.status(), 200, "{}", revoked.answer.text());
        assert_eq!(revoked.json["state"], "revoked");
    }
    let refused = api.post(&format!("{place}/resend"), None).await?;
    assert_eq!((refused.status(), refused.problem()), (409, "conflict"));
    Ok(())
}

async fn what_waits_already_is_answered_without_a_mail(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = api.invite("kim@contoso.example").await?;
    let again = api
        .post("/v1/invitations", Some(&invitation("kim@contoso.example")))
        .await?;
    assert_eq!((again.status(), &again.json["id"]), (200, &made["id"]));
    // One whose time is over is said to be, before anything recorded it.
    api.world.pass(31 * DAY);
    let place = format!(
        "/v1/invitations/{}",
        made["id"].as_str().unwrap_or_default()
    );
    let read = api.get(&place).await?;
    assert_eq!(read.json["state"], "expired");
    Ok(())
}

async fn an_answered_invitation_is_not_changed(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = api.invite("kim@contoso.example").await?;
    let id = made["id"].as_str().unwrap_or_default();
    let accept = api.world.acceptance(id.parse()?).await?;
    countersign::workflow::accept::accept(&api.world.engine, accept).await?;
    let place = format!("/v1/invitations/{id}");
    let read = api.get(&place).await?;
    assert_eq!(read.json["state"], "accepted");
    assert!(!read.json["ended_at"].is_null());
    // Where the customer looked from is not the partner's to know.
    assert!(!read.answer.text().contains("192.0.2.1"));
    let address = json!({"email": "lee@contoso.example"});
    for (change, body) in [
        ("revoke", None),
        ("resend", None),
        ("correct", Some(&address)),
    ] {
        let reply = api.post(&format!("{place}/{change}"), body).await?;
        assert_eq!(
            (reply.status(), reply.problem()),
            (409, "conflict"),
            "{change}"
        );
        let detail = reply.json["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("accepted"), "{detail}");
    }
    Ok(())
}

async fn a_step_at_microsoft_is_marked_as_said_by_the_partner(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = api.invite("kim@contoso.example").await?;
    let path = format!(
        "/v1/invitations/{}/steps",
        made["id"].as_str().unwrap_or_default()
    );
    let said = json!({"step": "mca", "state": "said_by_partner"});
    let marked = api.post(&path, Some(&said)).await?;
    assert_eq!(marked.status(), 200, "{}", marked.answer.text());
    let steps = marked.json["steps"].as_array().cloned().unwrap_or_default();
    let mca = steps.iter().find(|step| step["step"] == "mca");
    assert!(
        mca.is_some_and(|step| step["state"] == "said_by_partner" && !step["changed_at"].is_null())
    );
    for (body, place) in [
        (
            json!({"step": "mca", "state": "said_by_customer"}),
            "/state",
        ),
        (json!({"step": "dance", "state": "confirmed"}), "/step"),
    ] {
        let refused = api.post(&path, Some(&body)).await?;
        assert_eq!(
            (refused.status(), refused.error().0),
            (422, place),
            "{}",
            refused.answer.text()
        );
    }
    Ok(())
}

async fn agreements_are_listed_in_pages_and_shown_with_their_text(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let all = api.get("/v1/agreements").await?;
    assert_eq!((all.status(), &all.json["has_more"]), (200, &json!(false)));
    let ids = |reply: &crate::harness::Reply| {
        let data = reply.json["data"].as_array().cloned().unwrap_or_default();
        data.iter()
            .map(|it| it["id"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let (mut walked, mut path) = (Vec::new(), "/v1/agreements?limit=1".to_owned());
    loop {
        let page = api.get(&path).await?;
        walked.extend(ids(&page));
        if page.json["has_more"] == false {
            break;
        }
        path = format!(
            "/v1/agreements?limit=1&starting_after={}",
            walked[walked.len() - 1]
        );
    }
    assert_eq!(walked, ids(&all));
    assert!(walked.len() >= 2);
    let one = api.get(&format!("/v1/agreements/{}", walked[0])).await?;
    let text = one.json["text"].as_str().unwrap_or_default();
    let hash = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(text));
    assert_eq!(one.json["sha256"], hash);
    assert!(all.json["data"][0].get("text").is_none());
    Ok(())
}

async fn no_answer_holds_a_link_with_a_token(ctx: &Ctx) -> Outcome {
    let api = interface(ctx).await?;
    let made = api.invite("kim@contoso.example").await?;
    let id = made["id"].as_str().unwrap_or_default();
    let token = api.served.token(id.parse()?, Purpose::Accept).await?;
    // A mail server may quote the mail that it refuses, with its link.
    let quoted = format!("554 5.7.1 blocked: https://sign.example/a/{token}");
    quote(ctx, &quoted).await?;
    let read = api.get(&format!("/v1/invitations/{id}")).await?;
    let text = read.answer.text();
    assert!(text.contains("mail.failed"), "{text}");
    for hidden in [&*token, "/a/", "/manage/", "554"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    Ok(())
}

/// Writes an attempt at the first mail that was refused with these words.
async fn quote(ctx: &Ctx, words: &str) -> Outcome {
    let sql = format!(
        "INSERT INTO attempt (notice_id, number, lease_id, begun_at, ended_at, outcome, stage, reply)
            SELECT id, 1, id, 1, 2, 'failed', 'end', '{words}' FROM notice WHERE kind = 'invitation'"
    );
    ctx.sql(Box::leak(sql.into_boxed_str())).await
}
