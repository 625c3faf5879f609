//! The agreement alone, asked for by a mailbox; and what is new against what was agreed before. On both databases.

use anyhow::{Context as _, ensure};
use countersign::domain::draft::Draft;
use countersign::domain::ids::InvitationId;
use countersign::domain::time::{DAY, HOUR, MINUTE};
use countersign::domain::token::Purpose;
use countersign::workflow::mca::{self, Wanted};
use countersign::workflow::{accept, invite, manage};

use crate::harness::office::{Mail, tokens};
use crate::harness::world::{add_agreement, draft};
use crate::harness::{Case, Ctx, Outcome, Served, World, case};
use crate::web::accepting;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_mailbox_asks_for_the_agreement_that_stands_in_the_way).on_each_database(),
        case!(the_answer_is_the_same_for_every_address).on_each_database(),
        case!(whoever_has_accepted_is_led_to_what_it_agreed_to).on_each_database(),
        case!(whoever_accepted_the_agreement_alone_is_asked_again).on_each_database(),
        case!(only_a_proved_mailbox_begins_with_its_own_agreement).on_each_database(),
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

/// The token of the list that a mailbox gets who asks.
async fn list(world: &World, served: &Served, email: &str) -> anyhow::Result<String> {
    assert_eq!(ask(served, email).await?.0, 200);
    let mails = world.deliver().await?;
    assert_eq!(mails.len(), 1);
    ensure!(token(world, &mails[0], Purpose::Accept).is_none());
    token(world, &mails[0], Purpose::List).context("a link to the list")
}

/// Posts the form beside an organization of the list; where it leads.
async fn begin(served: &Served, list: &str) -> anyhow::Result<String> {
    let page = served.get(&format!("/partners/{list}")).await?;
    let organization = page
        .field("organization")
        .context("a form for the agreement")?;
    let form = [("token", list), ("organization", organization)];
    let answer = served.post("/accept-agreement", &form).await?;
    assert_eq!(answer.status, 303);
    Ok(answer.header("location").context("a way on")?.to_owned())
}

async fn a_mailbox_asks_for_the_agreement_that_stands_in_the_way(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "reseller", false).await?;
    let page = served.get("/agreement").await?;
    assert_eq!(
        (page.status, page.heading()),
        (200, "Microsoft 고객 계약 동의")
    );
    let list = list(&world, &served, " HONG@Customer.example ").await?;
    let invitations = "SELECT count(*) FROM invitation";
    assert_eq!(
        ctx.number(invitations).await?,
        1,
        "nothing is made before the mailbox is proved"
    );
    let way = begin(&served, &list).await?;
    // Twice in a row: the same invitation, and its link stays.
    assert_eq!(begin(&served, &list).await?, way);
    assert_eq!(ctx.number(invitations).await?, 2);
    let page = served.get(&way).await?;
    ensure!(page.status == 200 && page.text().contains("name=\"read\""));
    ensure!(
        !page.text().contains("class=\"role\""),
        "no roles are asked for"
    );
    let link = way.strip_prefix("/a/").context("an acceptance page")?;
    let shown = served.shown(link).await?;
    assert_eq!(
        served
            .post("/accept", &accepting(link, &shown))
            .await?
            .status,
        200
    );
    assert_eq!(ctx.number("SELECT count(*) FROM consent").await?, 1);
    assert_eq!(ctx.number("SELECT count(*) FROM relationship").await?, 1);
    // There is nothing left to accept, and the form of before leads to the list that says so.
    let page = served.get(&format!("/partners/{list}")).await?;
    ensure!(page.status == 200 && page.field("organization").is_none());
    world.deliver().await?;
    world.pass(MINUTE);
    add_agreement(&world.engine, "2027-01", world.now()).await?;
    let page = served.get(&format!("/partners/{list}")).await?;
    ensure!(
        page.field("organization").is_some(),
        "a newer text stands in the way"
    );
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
    for email in ["", "nobody", "a@x.example\r\nBcc: b@x.example"] {
        assert_eq!(ask(&served, email).await?.0, 422, "{email}");
    }
    let mut slowed = 0;
    for _ in 0..40 {
        slowed += u32::from(ask(&served, HONG).await?.0 == 429);
    }
    ensure!(slowed > 20, "{slowed} of 40 were slowed down");
    assert_eq!(ctx.dump().await?, before);
    assert_eq!(world.deliver().await?.len(), 1);
    Ok(())
}

async fn whoever_has_accepted_is_led_to_what_it_agreed_to(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "reseller", true).await?;
    let list = list(&world, &served, HONG).await?;
    let page = served.get(&format!("/partners/{list}")).await?;
    ensure!(page.status == 200 && page.field("organization").is_none());
    Ok(())
}

async fn only_a_proved_mailbox_begins_with_its_own_agreement(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let id = accepted(&world, "reseller", false).await?;
    let list = list(&world, &served, HONG).await?;
    let page = served.get(&format!("/partners/{list}")).await?;
    let organization = page.field("organization").context("a form")?.to_owned();
    let before = ctx.dump().await?;
    let manage = served.token(id, Purpose::Manage).await?;
    for (token, wanted) in [("", 404), ("no-token", 404), (manage.as_str(), 404)] {
        let form = [("token", token), ("organization", organization.as_str())];
        let answer = served.post("/accept-agreement", &form).await?;
        assert_eq!(answer.status, wanted, "{token}");
    }
    for organization in ["", "org_0193a7c1d2e3748596a7b8c9d0e1f203", "x"] {
        let form = [("token", list.as_str()), ("organization", organization)];
        let answer = served.post("/accept-agreement", &form).await?;
        assert_eq!(
            answer.header("location"),
            Some(format!("/partners/{list}").as_str())
        );
    }
    world.pass(HOUR);
    let form = [
        ("token", list.as_str()),
        ("organization", organization.as_str()),
    ];
    let answer = served.post("/accept-agreement", &form).await?;
    assert_eq!(
        answer.header("location"),
        Some(format!("/partners/{list}").as_str())
    );
    assert_eq!(ctx.dump().await?, before);
    Ok(())
}

/// Somebody who had never more than the agreement is asked again for a newer text, and finds it at `/agreement`; an organization
/// that ended its relationship is left alone.
async fn whoever_accepted_the_agreement_alone_is_asked_again(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let alone = Draft {
        partner_type: None,
        ..draft(HONG)
    };
    let first = world.try_invite(world.partner, &alone, None).await?.id();
    accept::accept(&world.engine, world.acceptance(first).await?).await?;
    let left = Draft {
        organization: "Another company".to_owned(),
        partner_type: Some("delegated_admin".to_owned()),
        agreement: true,
        ..draft("kim@customer.example")
    };
    let left = world.try_invite(world.partner, &left, None).await?.id();
    accept::accept(&world.engine, world.acceptance(left).await?).await?;
    let claims = served.token(left, Purpose::Manage).await?;
    let claims = world
        .engine
        .tokens
        .authenticate(&claims)
        .context("genuine")?;
    assert_eq!(
        manage::end(&world.engine, claims).await?,
        manage::Change::Done
    );
    world.deliver().await?;
    let text = list(&world, &served, HONG).await?;
    let page = served.get(&format!("/partners/{text}")).await?;
    ensure!(page.plain().contains("계약에만 동의하신 파트너"));
    ensure!(
        page.field("organization").is_none(),
        "it is the text in force"
    );
    let receipt = page
        .text()
        .split('"')
        .find(|text| text.starts_with("/receipt/"))
        .context("a way to the receipt")?
        .to_owned();
    assert_eq!(served.get(&receipt).await?.status, 200);
    world.pass(DAY);
    add_agreement(&world.engine, "2027-01", world.now()).await?;
    let list = list(&world, &served, HONG).await?;
    let way = begin(&served, &list).await?;
    ensure!(served.get(&way).await?.status == 200);
    for dry_run in [true, false] {
        let wanted = Wanted {
            dry_run,
            missing: true,
            ..Wanted::default()
        };
        let asked = mca::ask_again(&world.engine, &wanted).await?;
        let [asked] = &*asked else {
            anyhow::bail!("{} are asked", asked.len());
        };
        assert_eq!(asked.dossier.smtp_address, HONG);
        assert_eq!(
            (asked.customer.relationship_id, asked.standing.as_str()),
            (None, "older")
        );
        ensure!(matches!(
            asked.outcome,
            Ok(invite::Outcome::AlreadyPending(_))
        ));
    }
    let link = way.strip_prefix("/a/").context("an acceptance page")?;
    let shown = served.shown(link).await?;
    let answer = served.post("/accept", &accepting(link, &shown)).await?;
    assert_eq!(answer.status, 200);
    assert_eq!(
        ctx.number("SELECT count(*) FROM relationship WHERE state = 'active'")
            .await?,
        0
    );
    let page = served.get(&format!("/partners/{list}")).await?;
    ensure!(page.field("organization").is_none());
    ensure!(
        mca::ask_again(&world.engine, &Wanted::default())
            .await?
            .is_empty()
    );
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
