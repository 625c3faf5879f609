//! The whole way in a browser: by keyboard alone, and without JavaScript.

use anyhow::ensure;
use countersign::domain::ids::InvitationId;
use countersign::domain::invitation::StateName;
use countersign::domain::token::Purpose;
use countersign::storage::{acceptance, invitation};
use fantoccini::{Locator, key::Key};

use crate::harness::world::english_draft;
use crate::harness::{Browser, Case, Ctx, Need, Outcome, Served, Viewport, World, case};

pub(super) fn cases() -> Vec<Case> {
    [
        case!(a_korean_accepts_by_keyboard_alone_on_a_phone),
        case!(an_english_customer_accepts_without_javascript),
        case!(a_korean_declines_by_keyboard_alone_on_a_phone),
    ]
    .map(|case| case.needs(Need::Browser).on_each_database())
    .into()
}

/// The acceptance page of an invitation, open at this size, with JavaScript off.
async fn open(
    ctx: &Ctx,
    served: &Served,
    id: InvitationId,
    viewport: Viewport,
) -> anyhow::Result<Browser> {
    let token = served.token(id, Purpose::Accept).await?;
    let browser = ctx.browser().await?;
    browser.viewport(viewport).await?;
    browser.javascript(false).await?;
    browser.goto(&served.url(&format!("/a/{token}"))).await?;
    Ok(browser)
}

async fn state(served: &Served, id: InvitationId) -> anyhow::Result<StateName> {
    let mut conn = served.engine.db.read().await?;
    let row = invitation::find(&mut conn, id).await?;
    Ok(row.expect("the invitation").state)
}

async fn record(served: &Served, id: InvitationId) -> anyhow::Result<serde_json::Value> {
    let mut conn = served.engine.db.read().await?;
    let record = acceptance::of_invitation(&mut conn, id).await?;
    Ok(serde_json::from_str(&record.expect("a record").canonical)?)
}

async fn a_korean_accepts_by_keyboard_alone_on_a_phone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let id = world.invite("hong@customer.example").await?;
    let browser = open(ctx, &served, id, Viewport::PHONE).await?;

    // The first Tab leads past the head of the page.
    let skip = browser.tab_to(|_| true).await?;
    ensure!(
        skip.text == "본문으로 건너뛰기" && skip.outlined,
        "{skip:?}"
    );
    // The agreement is read, and the way back found.
    browser
        .tab_to(|focus| focus.text == "Microsoft 고객 계약")
        .await?;
    browser.press(Key::Enter).await?;
    browser.wait().for_element(Locator::Css(".text")).await?;
    assert_eq!(browser.heading().await?, "Microsoft 고객 계약");
    browser
        .tab_to(|focus| focus.text == "이전 페이지로 돌아가기")
        .await?;
    browser.press(Key::Enter).await?;
    browser.wait().for_element(Locator::Css("#sign")).await?;

    // An incomplete form first: the focus is where the errors are, and an error leads to its field.
    let button = browser
        .tab_to(|focus| focus.text == "동의하고 권한 부여")
        .await?;
    ensure!(button.outlined, "the focus is not seen: {button:?}");
    browser.press(Key::Enter).await?;
    browser.arrives_at("/accept").await?;
    browser.wait().for_element(Locator::Css(".alert")).await?;
    browser
        .tab_to(|focus| focus.text == "성을 입력해 주세요.")
        .await?;
    browser.press(Key::Enter).await?;
    // A fragment moves the start of the way of Tabs to the field.
    browser
        .tab_to(|focus| focus.name == "family" || focus.name == "given")
        .await?;
    if browser.focus().await?.name == "given" {
        browser.press_back().await?;
    }
    assert_eq!(browser.focus().await?.name, "family");
    browser.type_text("홍").await?;
    browser.tab_to(|focus| focus.name == "given").await?;
    browser.type_text("길동").await?;
    browser.tab_to(|focus| focus.name == "authority").await?;
    browser.press(Key::Space).await?;
    browser.tab_to(|focus| focus.name == "read").await?;
    browser.press(Key::Space).await?;
    let button = browser
        .tab_to(|focus| focus.text == "동의하고 권한 부여")
        .await?;
    ensure!(button.outlined, "the focus is not seen: {button:?}");
    browser.press(Key::Enter).await?;
    browser.wait().for_element(Locator::Css(".stamp")).await?;
    assert_eq!(browser.heading().await?, "동의가 기록되었습니다");
    assert_eq!(state(&served, id).await?, StateName::Accepted);
    let evidence = record(&served, id).await?;
    assert_eq!(evidence["signer"]["family_name"], "홍");
    assert_eq!(evidence["signer"]["given_name"], "길동");

    // A step on Microsoft's side, too: its box first.
    browser.tab_to(|focus| focus.name == "done").await?;
    browser.press(Key::Space).await?;
    browser
        .tab_to(|focus| focus.text.starts_with("완료로 표시"))
        .await?;
    browser.press(Key::Enter).await?;
    browser.arrives_at("/step").await?;
    browser
        .wait()
        .for_element(Locator::Css("[role=status]"))
        .await?;
    let (width, _) = browser.page_size().await?;
    assert_eq!(width, Viewport::PHONE.width, "the receipt scrolls sideways");
    Ok(())
}

async fn an_english_customer_accepts_without_javascript(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let partner = world.english_partner("partner@harbourline.example").await?;
    let served = Served::new(&world).await?;
    let draft = english_draft("eleanor@customer.example");
    let id = world.try_invite(partner, &draft, None).await?.id();
    let browser = open(ctx, &served, id, Viewport::DESKTOP).await?;
    assert_eq!(
        browser.heading().await?,
        "Accept agreement and authorize partner"
    );

    let button = browser
        .find(Locator::Css("form[action='/accept'] button"))
        .await?;
    assert_eq!(button.text().await?, "Accept & authorize");
    browser
        .sign(&[
            ("#given", "Eleanor"),
            ("#family", "Whitcombe"),
            ("#phone", "+44 20 7946 0000"),
        ])
        .await?;
    assert_eq!(browser.heading().await?, "Your consent is recorded");
    let evidence = record(&served, id).await?;
    assert_eq!(evidence["agreement"]["language"], "en");
    assert_eq!(evidence["how"]["language"], "en");
    assert_eq!(evidence["signer"]["phone"], "+44 20 7946 0000");
    ensure!(
        evidence["how"]["user_agent"]
            .as_str()
            .is_some_and(|text| text.contains("Chrome")),
        "{evidence}"
    );
    let console = browser.console().await?;
    ensure!(console.is_empty(), "the browser complains: {console:?}");

    // Reloading is a second POST of the same form; the link shows the same.
    browser.refresh().await?;
    assert_eq!(browser.heading().await?, "Your consent is recorded");
    Ok(())
}

async fn a_korean_declines_by_keyboard_alone_on_a_phone(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let served = Served::new(&world).await?;
    let id = world.invite("hong@customer.example").await?;
    let browser = open(ctx, &served, id, Viewport::PHONE).await?;

    let way = browser.tab_to(|focus| focus.text == "거절").await?;
    ensure!(
        way.tag == "a" && way.outlined,
        "declining is not in sight: {way:?}"
    );
    browser.press(Key::Enter).await?;
    // Into the form that the link leads to, with one Tab; the arrows choose a reason.
    let reason = browser.tab_to(|_| true).await?;
    assert_eq!(reason.name, "reason");
    browser.press(Key::Down).await?;
    browser.tab_to(|focus| focus.name == "comment").await?;
    browser.type_text("담당 부서에 문의해 주세요.").await?;
    let button = browser.tab_to(|focus| focus.text == "거절").await?;
    assert_eq!(button.tag, "button");
    browser.press(Key::Enter).await?;
    browser.arrives_at("/decline").await?;
    browser.wait().for_element(Locator::Css(".prewrap")).await?;
    assert_eq!(browser.heading().await?, "초대를 거절했습니다");
    assert_eq!(state(&served, id).await?, StateName::Declined);
    let (width, _) = browser.page_size().await?;
    assert_eq!(width, Viewport::PHONE.width, "the page scrolls sideways");
    Ok(())
}
