//! What a customer does with what was granted, and with an invitation that is somebody else's, by keyboard alone, on a phone
//! and without JavaScript, by the links of the mails.

use anyhow::Context as _;
use countersign::domain::draft::Draft;
use countersign::domain::link_path;
use countersign::workflow::accept;
use fantoccini::Locator;

use super::keyboard::{open, press, shows, tick, write};
use crate::finder::mailed_path;
use crate::harness::world::draft;
use crate::harness::{Case, Ctx, Need, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    [
        case!(a_customer_reduces_and_ends_what_was_granted_by_keyboard_alone),
        case!(a_customer_accepts_the_agreement_alone_by_keyboard_alone),
        case!(a_customer_has_a_colleague_answer_by_keyboard_alone),
    ]
    .map(|case| case.needs(Need::Browser).on_each_database())
    .into()
}

const HONG: &str = "hong@customer.example";

/// An accepted invitation to a relationship of that type, all mails of it read.
async fn accepted(world: &World, kind: &str, agreement: bool) -> Outcome {
    let draft = Draft {
        partner_type: Some(kind.to_owned()),
        agreement,
        ..draft(HONG)
    };
    let id = world.try_invite(world.partner, &draft, None).await?.id();
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    world.deliver().await?;
    Ok(())
}

async fn a_customer_reduces_and_ends_what_was_granted_by_keyboard_alone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "delegated_admin", false).await?;
    let browser = open(ctx).await?;
    browser.goto(&served.url(link_path::ASK)).await?;
    write(&browser, "email", HONG).await?;
    press(&browser, "링크 받기").await?;
    shows(&browser, "메일을 확인해 주세요").await?;
    let mails = world.deliver().await?;
    let link = mailed_path(&mails[0], "/partners/").context("a link to the list")?;
    browser.goto(&served.url(&link)).await?;
    shows(&browser, "함께하는 파트너").await?;
    press(&browser, "자세히 보기").await?;
    browser
        .wait()
        .for_element(Locator::Css("a[href$='/roles']"))
        .await?;
    press(&browser, "관리자 역할 제거").await?;
    shows(&browser, "관리자 역할 제거").await?;
    // One of the two roles stays: its tick is taken away.
    tick(&browser, "role").await?;
    tick(&browser, "confirmed").await?;
    press(&browser, "관리자 역할 제거").await?;
    shows(&browser, "역할을 제거했습니다").await?;
    let granted = "SELECT count(*) FROM role_grant WHERE state = 'active'";
    assert_eq!(ctx.number(granted).await?, 1);
    assert_eq!(world.deliver().await?.len(), 2, "both sides are told");
    press(&browser, "파트너 삭제").await?;
    shows(&browser, "파트너 삭제").await?;
    tick(&browser, "confirmed").await?;
    press(&browser, "파트너 삭제").await?;
    shows(&browser, "파트너 관계를 끝냈습니다").await?;
    let held = "SELECT count(*) FROM relationship WHERE state = 'active'";
    assert_eq!(ctx.number(held).await?, 0);
    Ok(())
}

async fn a_customer_accepts_the_agreement_alone_by_keyboard_alone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    accepted(&world, "reseller", false).await?;
    let browser = open(ctx).await?;
    browser.goto(&served.url("/")).await?;
    press(&browser, "Microsoft 고객 계약 동의").await?;
    shows(&browser, "Microsoft 고객 계약 동의").await?;
    write(&browser, "email", HONG).await?;
    press(&browser, "링크 받기").await?;
    shows(&browser, "메일을 확인해 주세요").await?;
    let mails = world.deliver().await?;
    let link = mailed_path(&mails[0], "/partners/").context("a link to the list")?;
    browser.goto(&served.url(&link)).await?;
    press(&browser, "계약 읽고 동의하기").await?;
    browser.wait().for_element(Locator::Css("#family")).await?;
    write(&browser, "family", "홍").await?;
    write(&browser, "given", "길동").await?;
    tick(&browser, "authority").await?;
    tick(&browser, "read").await?;
    press(&browser, "동의").await?;
    shows(&browser, "동의가 기록되었습니다").await?;
    assert_eq!(ctx.number("SELECT count(*) FROM consent").await?, 1);
    Ok(())
}

async fn a_customer_has_a_colleague_answer_by_keyboard_alone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    world.invite(HONG).await?;
    let mails = world.deliver().await?;
    let link = mailed_path(&mails[0], link_path::ACCEPT).context("an invitation")?;
    let browser = open(ctx).await?;
    browser.goto(&served.url(&link)).await?;
    press(&browser, "담당자 변경 또는 함께 보기").await?;
    shows(&browser, "담당자 변경과 함께 보기").await?;
    browser.tab_to(|focus| focus.name == "name").await?;
    // Past the form that hands over, to the one that has somebody read along.
    browser.tab_to(|focus| focus.name == "email").await?;
    write(&browser, "email", "counsel@law.example").await?;
    press(&browser, "읽기 전용 링크 보내기").await?;
    shows(&browser, "읽기 전용 링크를 보냅니다").await?;
    write(&browser, "name", "김하나").await?;
    write(&browser, "email", "kim@customer.example").await?;
    press(&browser, "담당자에게 넘기기").await?;
    shows(&browser, "담당자에게 넘겼습니다").await?;
    let mut told: Vec<_> = world.deliver().await?.into_iter().map(|it| it.to).collect();
    told.sort_unstable();
    assert_eq!(told.len(), 3, "{told:?}");
    Ok(())
}
