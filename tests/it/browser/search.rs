//! From the search to the invitation by keyboard alone, on a phone and without JavaScript, by the links of the mails.

use anyhow::{Context as _, ensure};
use countersign::domain::link_path;
use fantoccini::{Locator, key::Key};

use super::keyboard::{open, press, shows, tick, write};
use crate::finder::{mailed_path, settle_all};
use crate::harness::{Case, Ctx, Need, Outcome, Served, World, case};

pub(super) fn cases() -> Vec<Case> {
    [case!(
        a_business_finds_asks_confirms_and_is_invited_by_keyboard_alone
    )]
    .map(|case| case.needs(Need::Browser).on_each_database())
    .into()
}

async fn a_business_finds_asks_confirms_and_is_invited_by_keyboard_alone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    settle_all(&world).await?;
    let served = Served::new(&world).await?;
    let browser = open(ctx).await?;

    browser.goto(&served.url("/")).await?;
    press(&browser, "파트너 찾기").await?;
    browser.arrives_at("/find-a-partner").await?;
    write(&browser, "q", "앱 개발").await?;
    write(&browser, "location", "판교").await?;
    press(&browser, "검색").await?;
    browser
        .wait()
        .for_element(Locator::XPath("//strong[.='앱공방']"))
        .await?;
    tick(&browser, "partner").await?;
    press(&browser, "선택한 파트너에게 문의").await?;
    shows(&browser, "파트너에게 문의").await?;

    // An incomplete form first: an error leads to its field, and what was chosen stays.
    press(&browser, "확인 메일 받기").await?;
    browser.wait().for_element(Locator::Css(".alert")).await?;
    let first = browser.tab_to(|focus| focus.tag == "a").await?;
    assert_eq!(first.text, "필요한 일을 하나 이상 선택해 주세요.");
    browser.press(Key::Enter).await?;
    tick(&browser, "need").await?;
    write(&browser, "text", "재고를 세는 앱이 필요합니다.").await?;
    write(&browser, "organization", "가온물산㈜").await?;
    // The third of the sizes.
    browser.tab_to(|focus| focus.name == "size").await?;
    for _ in 0..3 {
        browser.press(Key::Down).await?;
    }
    write(&browser, "name", "박지훈").await?;
    write(&browser, "email", "jihun@gaon.example").await?;
    press(&browser, "확인 메일 받기").await?;
    shows(&browser, "메일을 확인해 주세요").await?;

    let mails = world.deliver().await?;
    let link = mailed_path(&mails[0], link_path::INQUIRY).context("a link to confirm")?;
    browser.goto(&served.url(&link)).await?;
    shows(&browser, "파트너에게 보낼 문의").await?;
    tick(&browser, "meant").await?;
    press(&browser, "문의 보내기").await?;
    shows(&browser, "문의를 보냈습니다").await?;

    let mails = world.deliver().await?;
    assert_eq!(mails[0].to, "partner@appgong.example");
    ensure!(mails[0].text().contains("50~249명"), "{}", mails[0].text());
    let link = mailed_path(&mails[0], link_path::RESPOND).context("a link to answer")?;
    browser.goto(&served.url(&link)).await?;
    shows(&browser, "새 문의에 답하기").await?;
    tick(&browser, "meant").await?;
    press(&browser, "초대 보내기").await?;
    shows(&browser, "초대를 보냈습니다").await?;
    let mails = world.deliver().await?;
    assert_eq!(mails[0].to, "jihun@gaon.example");
    mailed_path(&mails[0], link_path::ACCEPT).context("an invitation")?;
    Ok(())
}
