//! The agreement alone, asked for by a mailbox; and what is new against what was agreed before. On both databases.

use anyhow::{Context as _, ensure};
use countersign::domain::draft::Draft;
use countersign::domain::ids::InvitationId;
use countersign::domain::time::{DAY, HOUR};
use countersign::domain::token::Purpose;
use countersign::storage::suppression;
use countersign::workflow::accept;

use crate::harness::office::{Mail, tokens};
use crate::harness::world::{add_agreement, draft};
use crate::harness::{Case, Ctx, Outcome, Served, World, case};
use crate::web::accepting;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_mailbox_asks_for_the_agreement_that_stands_in_the_way).on_each_database(),
        case!(the_answer_is_the_same_for_every_address).on_each_database(),
        case!(whoever_has_accepted_gets_the_link_to_what_it_agreed_to).on_each_database(),
        case!(a_suppressed_mailbox_gets_the_agreement_that_it_asks_for).on_each_database(),
        case!(the_page_says_what_is_new_and_the_record_keeps_it).on_each_database(),
        case!(a_page_that_says_other_news_by_now_is_shown_again).on_each_database(),
    ]
}

const HONG: &str = "hong@customer.example";

/// An accepted invitation to a relationship, with the agreement or without.
async fn accepted(world: &World, kind: &str, agreement: bool) -> anyhow::Result<InvitationId> {
    let draft = Draft {
        partner_type: Some(kind.to_owned()),
        agreement,
        ..draft(HONG)
    };
    let id = world.try_invite(world.partner, &draft, None).await?.id();
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    world.deliver().await?;
    Ok(id)
}

fn token(world: &World, mail: &Mail, purpose: Purpose) -> Option<String> {
    tokens(&mail.text()).into_iter().find(|token| {
        let claims = world.engine.tokens.authenticate(token);
        claims.is_some_and(|claims| claims.purpose == purpose)
    })
}

async fn ask(served: &Served, email: &str) -> anyhow::Result<(u16, String)> {
    let page = served.post("/agreement", &[("email", email)]).await?;
    Ok((page.status, page.plain()))
}

async fn a_mailbox_asks_for_the_agreement_that_stands_in_the_way(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "reseller", false).await?;
    world.pass(DAY);
    let page = served.get("/agreement").await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "Microsoft 고객 계약 동의")
    );
    // Twice in a row, in another spelling: one invitation, one mail.
    assert_eq!(ask(&served, HONG).await?.0, 200);
    assert_eq!(ask(&served, " HONG@Customer.example ").await?.0, 200);
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, HONG);
    let link = token(&world, &mails[0], Purpose::Accept).context("a link")?;
    let page = served.get(&format!("/a/{link}")).await?;
    ensure!(page.status == 200 && page.text().contains("name=\"read\""));
    ensure!(
        !page.text().contains("class=\"role\""),
        "no roles are asked for"
    );
    let shown = served.shown(&link).await?;
    assert_eq!(
        served
            .post("/accept", &accepting(&link, &shown))
            .await?
            .status,
        200
    );
    let consents = "SELECT count(*) FROM consent";
    assert_eq!(ctx.number(consents).await?, 1);
    let relationships = "SELECT count(*) FROM relationship";
    assert_eq!(ctx.number(relationships).await?, 1);
    world.deliver().await?;
    // A newer text stands in the way again.
    add_agreement(&world.engine, "2027-01", world.now()).await?;
    world.pass(2 * HOUR);
    ask(&served, HONG).await?;
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    ensure!(token(&world, &mails[0], Purpose::Accept).is_some());
    Ok(())
}

async fn the_answer_is_the_same_for_every_address(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "reseller", false).await?;
    let known = ask(&served, HONG).await?;
    let before = ctx.dump().await?;
    let unknown = ask(&served, "nobody@elsewhere.example").await?;
    assert_eq!(known, unknown);
    assert_eq!(ctx.dump().await?, before);
    for email in ["", "nobody", "a@x.example\r\nBcc: b@x.example"] {
        assert_eq!(ask(&served, email).await?.0, 422, "{email}");
    }
    assert_eq!(ctx.dump().await?, before);
    let mut slowed = 0;
    for _ in 0..40 {
        slowed += u32::from(ask(&served, HONG).await?.0 == 429);
    }
    ensure!(slowed > 20, "{slowed} of 40 were slowed down");
    assert_eq!(world.deliver().await?.len(), 1);
    Ok(())
}

async fn whoever_has_accepted_gets_the_link_to_what_it_agreed_to(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "reseller", true).await?;
    ask(&served, HONG).await?;
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    ensure!(token(&world, &mails[0], Purpose::Accept).is_none());
    let list = token(&world, &mails[0], Purpose::List).context("a link to the list")?;
    assert_eq!(served.get(&format!("/partners/{list}")).await?.status, 200);
    Ok(())
}

async fn a_suppressed_mailbox_gets_the_agreement_that_it_asks_for(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "reseller", false).await?;
    let new = suppression::Suppression::new(&world.engine.keys, HONG, "complaint", world.now());
    let db = &world.engine.db;
    db.write(move |tx| Box::pin(async move { suppression::insert(tx, &new).await }))
        .await?;
    ask(&served, HONG).await?;
    assert_eq!(world.deliver().await?.len(), 1, "what it asked for");
    world.pass(29 * DAY);
    assert_eq!(world.deliver().await?.len(), 0, "and nothing after it");
    Ok(())
}

async fn the_page_says_what_is_new_and_the_record_keeps_it(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let first = world.invite(HONG).await?;
    let token = served.token(first, Purpose::Accept).await?;
    let page = served.get(&format!("/a/{token}")).await?;
    ensure!(
        !page.text().contains("달라지는 점"),
        "nothing was agreed before"
    );
    accept::accept(&world.engine, world.acceptance(first).await?).await?;
    world.pass(10 * DAY);
    let wanted = Draft {
        roles: Some(vec![
            "helpdesk_administrator".to_owned(),
            "license_administrator".to_owned(),
        ]),
        agreement: true,
        ..draft(HONG)
    };
    let second = world.try_invite(world.partner, &wanted, None).await?.id();
    let token = served.token(second, Purpose::Accept).await?;
    let page = served.get(&format!("/a/{token}")).await?;
    for said in [
        "지금까지 동의하신 내용과 달라지는 점",
        "새로 부여하는 역할: 라이선스 관리자",
        "이미 부여하신 역할: 기술 지원팀 관리자",
        "이번 요청에 없는 역할: 전역 관리자",
        "같은 버전",
    ] {
        ensure!(page.text().contains(said), "{said}: {}", page.text());
    }
    let print = served.get(&format!("/a/{token}/print")).await?;
    ensure!(print.text().contains("달라지는 점"));
    // A day later it says the same, and what was read is what is recorded.
    let shown = served.shown(&token).await?;
    world.pass(DAY);
    let answer = served.post("/accept", &accepting(&token, &shown)).await?;
    assert_eq!(
        (answer.status, answer.heading()),
        (200, "동의가 기록되었습니다")
    );
    Ok(())
}

async fn a_page_that_says_other_news_by_now_is_shown_again(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let id = world.invite(HONG).await?;
    let token = served.token(id, Purpose::Accept).await?;
    let shown = served.shown(&token).await?;
    accepted(&world, "advisor", false).await?;
    let answer = served.post("/accept", &accepting(&token, &shown)).await?;
    assert_eq!(answer.status, 409, "{}", answer.heading());
    ensure!(answer.text().contains("그대로 유지됩니다"));
    let consents = "SELECT count(*) FROM consent";
    assert_eq!(ctx.number(consents).await?, 0);
    Ok(())
}
