//! What somebody does who has a keyboard alone, a phone, and no JavaScript.

use anyhow::ensure;
use fantoccini::{Locator, key::Key};
use serde_json::json;

use crate::harness::{Browser, Ctx, Outcome, Viewport};

/// A browser of that kind, which asks for Korean.
pub(super) async fn open(ctx: &Ctx) -> anyhow::Result<Browser> {
    let browser = ctx.browser().await?;
    browser.viewport(Viewport::PHONE).await?;
    browser.javascript(false).await?;
    browser.cdp("Network.enable", json!({})).await?;
    let headers = json!({ "headers": { "Accept-Language": "ko" } });
    browser.cdp("Network.setExtraHTTPHeaders", headers).await?;
    Ok(browser)
}

/// Tabs to the button or the link whose text begins like that, and presses it.
pub(super) async fn press(browser: &Browser, button: &str) -> Outcome {
    let focus = browser
        .tab_to(|focus| focus.text.starts_with(button))
        .await?;
    ensure!(focus.outlined, "the focus is not seen: {focus:?}");
    browser.press(Key::Enter).await
}

/// Tabs to the field of that name, and types.
pub(super) async fn write(browser: &Browser, field: &str, text: &str) -> Outcome {
    browser.tab_to(|focus| focus.name == field).await?;
    browser.type_text(text).await
}

/// Tabs to the box of that name, and ticks it, or takes its tick away.
pub(super) async fn tick(browser: &Browser, name: &str) -> Outcome {
    let focus = browser.tab_to(|focus| focus.name == name).await?;
    ensure!(focus.outlined, "the focus is not seen: {focus:?}");
    browser.press(Key::Space).await
}

/// Waits for the page of that heading, which fits the phone.
pub(super) async fn shows(browser: &Browser, heading: &str) -> Outcome {
    let what = format!("//*[self::h1 or self::h2][normalize-space()='{heading}']");
    browser.wait().for_element(Locator::XPath(&what)).await?;
    let (width, _) = browser.page_size().await?;
    assert_eq!(width, Viewport::PHONE.width, "{heading} scrolls sideways");
    Ok(())
}
