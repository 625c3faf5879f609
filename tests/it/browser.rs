//! The pages in a browser; and here what that relies on: that the browser is one, and that its checks can fail.

mod flow;
mod keyboard;
mod pictures;
mod readme;
mod relations;
mod samples;
mod search;

use anyhow::ensure;
use fantoccini::key::Key;

use crate::harness::{Browser, Case, Ctx, Need, Outcome, Pages, Viewport, case, processes_with};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        case!(renders_a_page_and_reads_its_title),
        case!(axe_finds_what_is_wrong_and_nothing_else),
        case!(scripts_of_pages_can_be_switched_off),
        case!(the_keyboard_alone_submits_a_form),
        case!(a_screenshot_shows_the_whole_page),
        case!(hangul_has_glyphs),
        case!(a_page_follows_the_colour_scheme),
        case!(nothing_outside_this_machine_is_reached),
        case!(chromium_ends_with_its_driver),
    ]
    .map(|case| case.needs(Need::Browser))
    .into();
    cases.extend(flow::cases());
    cases.extend(pictures::cases());
    cases.extend(readme::cases());
    cases.extend(relations::cases());
    cases.extend(samples::cases());
    cases.extend(search::cases());
    cases
}

/// The policy of the product's own pages: the harness must work under it.
const STRICT: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const LOOSE: &str = "default-src * 'unsafe-inline'";

const CALM: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A calm page</title>
<meta name="viewport" content="width=device-width"></head>
<body><main><h1>Calm</h1><p>Nothing is wrong here.</p></main></body></html>"#;

async fn open(
    ctx: &Ctx,
    policy: &'static str,
    html: &'static str,
) -> anyhow::Result<(Browser, Pages)> {
    let pages = Pages::serve(policy, &[("/", html), ("/done", CALM)]).await?;
    let browser = ctx.browser().await?;
    browser.goto(&pages.url("/")).await?;
    Ok((browser, pages))
}

async fn renders_a_page_and_reads_its_title(ctx: &Ctx) -> Outcome {
    let (browser, _pages) = open(ctx, STRICT, CALM).await?;
    assert_eq!(browser.title().await?, "A calm page");
    ensure!(
        browser
            .console()
            .await?
            .iter()
            .all(|line| line.contains("favicon"))
    );
    Ok(())
}

async fn axe_finds_what_is_wrong_and_nothing_else(ctx: &Ctx) -> Outcome {
    const WRONG: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Wrong</title></head>
        <body><main><h1>Wrong</h1><img id="picture" src="/x.png"></main></body></html>"#;
    let (browser, _pages) = open(ctx, STRICT, WRONG).await?;
    let found = browser.axe().await?;
    ensure!(found[0].help.contains("alternative text"), "{found:?}");
    let found: Vec<_> = found
        .iter()
        .map(|finding| (finding.id.as_str(), finding.targets.concat()))
        .collect();
    assert_eq!(found, [("image-alt", "#picture".to_owned())]);

    let (browser, _pages) = open(ctx, STRICT, CALM).await?;
    let found = browser.axe().await?;
    ensure!(found.is_empty(), "{found:?}");
    Ok(())
}

async fn scripts_of_pages_can_be_switched_off(ctx: &Ctx) -> Outcome {
    const SCRIPTED: &str = r#"<!doctype html><title>without</title><noscript><p id="no">no scripts</p></noscript>
        <script>document.title = "with"</script>"#;
    let (browser, pages) = open(ctx, LOOSE, SCRIPTED).await?;
    assert_eq!(browser.title().await?, "with");

    browser.javascript(false).await?;
    browser.goto(&pages.url("/")).await?;
    assert_eq!(browser.title().await?, "without");
    let text = browser
        .find(fantoccini::Locator::Css("#no"))
        .await?
        .text()
        .await?;
    assert_eq!(text, "no scripts");

    browser.javascript(true).await?;
    browser.goto(&pages.url("/")).await?;
    assert_eq!(browser.title().await?, "with");
    Ok(())
}

async fn the_keyboard_alone_submits_a_form(ctx: &Ctx) -> Outcome {
    const FORM: &str = r#"<!doctype html><html lang="en"><title>Form</title><form action="/done">
        <label>Name <input name="name"></label> <label><input type="checkbox" name="agree" value="yes"> I agree</label>
        <button name="accept" value="1">Accept</button></form></html>"#;
    let (browser, _pages) = open(ctx, STRICT, FORM).await?;
    browser.javascript(false).await?;
    let name = browser.tab_to(|focus| focus.name == "name").await?;
    assert_eq!(name.tag, "input");
    browser.type_text("김서연").await?;
    browser.tab_to(|focus| focus.name == "agree").await?;
    browser.press(Key::Space).await?;
    let button = browser.tab_to(|focus| focus.text == "Accept").await?;
    ensure!(button.outlined, "the focus is not seen: {button:?}");
    browser.press(Key::Enter).await?;

    let address = browser.arrives_at("/done").await?;
    let fields: Vec<_> = address
        .query_pairs()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(fields, ["name=김서연", "agree=yes", "accept=1"]);
    Ok(())
}

async fn a_screenshot_shows_the_whole_page(ctx: &Ctx) -> Outcome {
    const LONG: &str = r#"<!doctype html><html lang="ko"><title>Long</title><body style="margin:0">
        <h1>초대장</h1><div style="height:3000px;background:#dde">초대를 수락해 주세요.</div></html>"#;
    let (browser, _pages) = open(ctx, LOOSE, LONG).await?;
    for viewport in [Viewport::PHONE, Viewport::DESKTOP] {
        browser.viewport(viewport).await?;
        let (width, height) = browser.page_size().await?;
        ensure!(height > 3000, "the page is {height} high");
        let file = browser
            .screenshot(&format!("harness-{}", viewport.width))
            .await?;
        let picture = std::fs::read(file)?;
        // PNG: eight bytes of signature, the chunk's length and name, then width and height, big endian.
        let number = |at: usize| -> anyhow::Result<u32> {
            Ok(u32::from_be_bytes(picture[at..at + 4].try_into()?))
        };
        assert_eq!((number(16)?, number(20)?), (width, height));
        assert_eq!(width, viewport.width);
    }
    Ok(())
}

/// Without a font, every syllable is the same empty box.
async fn hangul_has_glyphs(ctx: &Ctx) -> Outcome {
    const SYLLABLES: &str = r#"<!doctype html><html lang="ko"><title>Hangul</title>
        <style>span { display: inline-block; width: 80px; height: 80px; font-size: 64px }</style>
        <span id="a">한</span> <span id="b">글</span> <span id="c">한</span></html>"#;
    let (browser, _pages) = open(ctx, LOOSE, SYLLABLES).await?;
    let mut pictures = Vec::new();
    for id in ["#a", "#b", "#c"] {
        let element = browser.find(fantoccini::Locator::Css(id)).await?;
        pictures.push(element.screenshot().await?);
    }
    ensure!(pictures[0] != pictures[1], "한 and 글 look the same");
    ensure!(pictures[0] == pictures[2], "한 does not look like 한");
    Ok(())
}

async fn a_page_follows_the_colour_scheme(ctx: &Ctx) -> Outcome {
    const SCHEMES: &str = r#"<!doctype html><html lang="en"><title>Schemes</title>
        <style>body { background: #ffffff } @media (prefers-color-scheme: dark) { body { background: #000000 } }</style></html>"#;
    let (browser, _pages) = open(ctx, LOOSE, SCHEMES).await?;
    for (scheme, colour) in [
        ("dark", "rgba(0, 0, 0, 1)"),
        ("light", "rgba(255, 255, 255, 1)"),
    ] {
        browser.colour_scheme(scheme).await?;
        let body = browser.find(fantoccini::Locator::Css("body")).await?;
        assert_eq!(body.css_value("background-color").await?, colour);
    }
    Ok(())
}

async fn nothing_outside_this_machine_is_reached(ctx: &Ctx) -> Outcome {
    const TRACKED: &str = r#"<!doctype html><html lang="en"><title>Tracked</title><img src="http://tracker.example/dot.png" alt=""></html>"#;
    let (browser, _pages) = open(ctx, LOOSE, TRACKED).await?;
    let console = browser.console().await?;
    ensure!(
        console
            .iter()
            .any(|line| line.contains("tracker.example") && line.contains("ERR_NAME_NOT_RESOLVED")),
        "{console:?}"
    );
    Ok(())
}

/// A case that fails, or is ended for its slowness, leaves no browser behind.
async fn chromium_ends_with_its_driver(ctx: &Ctx) -> Outcome {
    let browser = ctx.browser().await?;
    let profile = browser.profile().display().to_string();
    ensure!(
        processes_with(&profile) > 0,
        "no process has the profile in its arguments"
    );
    drop(browser);
    assert_eq!(processes_with(&profile), 0);
    Ok(())
}
