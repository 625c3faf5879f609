//! The customer's own pages in every state of their samples, also those that no flow reaches in a minute: on a phone and on a
//! laptop, in both languages, in light and in the dark. And every page in the two languages that nobody speaks, which are
//! longer and go from right to left. A picture of each lies in `target/screenshots/samples-…`.

use std::collections::HashSet;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, Response};
use axum::routing::get;
use countersign::domain::language::Language;
use countersign::locale::{Texts, pseudo_languages};
use countersign::outbound::render;
use countersign::web::assets;
use countersign::web::views::samples::{self, Sample};

use crate::harness::{Case, Ctx, Need, Outcome, Served, Viewport, World, case};

pub(super) fn cases() -> Vec<Case> {
    [
        case!(every_korean_sample_is_fit_to_be_seen),
        case!(every_english_sample_is_fit_to_be_seen),
        case!(every_page_and_mail_can_go_from_right_to_left),
        case!(every_page_has_room_for_longer_words),
    ]
    .map(|case| case.needs(Need::Browser).on_sqlite())
    .into()
}

async fn every_korean_sample_is_fit_to_be_seen(ctx: &Ctx) -> Outcome {
    look_at_all(ctx, "ko").await
}

async fn every_english_sample_is_fit_to_be_seen(ctx: &Ctx) -> Outcome {
    look_at_all(ctx, "en").await
}

/// The others are looked at where the flow leads to them.
fn is_meant(sample: &Sample) -> bool {
    [
        "ask",
        "list",
        "manage",
        "link-manage",
        "link-list",
        "front",
        "find",
        "contact-partners",
        "inquiry",
        "respond",
    ]
    .iter()
    .any(|start| sample.name.starts_with(start))
}

fn routes(samples: &[Sample]) -> Router {
    let router = Router::new().route("/assets/{file}", get(asset));
    samples.iter().fold(router, |router, sample| {
        let page = Html(sample.html.clone());
        let path = format!("/samples/{}", sample.name);
        router.route(&path, get(async move || page))
    })
}

async fn asset(Path(file): Path<String>) -> Result<Response, StatusCode> {
    let found = assets::find(&file).map(assets::answer);
    found.ok_or(StatusCode::NOT_FOUND)
}

async fn look_at_all(ctx: &Ctx, language: &str) -> Outcome {
    let world = World::new(ctx).await?;
    let mut samples = samples::all(Texts::of(&language.parse()?));
    samples.retain(is_meant);
    ensure!(samples.len() > 20, "{}", samples.len());
    let served = Served::router(&world, routes(&samples)).await?;
    let browser = ctx.browser().await?;
    for (scheme, mode, viewports) in [
        ("light", "", &[Viewport::PHONE, Viewport::DESKTOP][..]),
        ("dark", ".dark", &[Viewport::PHONE]),
    ] {
        browser.colour_scheme(scheme).await?;
        for Sample { name, .. } in &samples {
            browser
                .goto(&served.url(&format!("/samples/{name}")))
                .await?;
            for viewport in viewports {
                let picture = format!("samples-{name}.{language}.{}{mode}", viewport.width);
                browser.viewport(*viewport).await?;
                let (width, _) = browser.page_size().await?;
                assert_eq!(width, viewport.width, "{picture} scrolls sideways");
                let found = browser.axe().await?;
                ensure!(found.is_empty(), "{picture}: {found:#?}");
                browser.screenshot(&picture).await?;
            }
        }
    }
    Ok(())
}

/// The language that nobody speaks with this direction.
fn pseudo(direction: &str) -> anyhow::Result<Language> {
    let mut languages = pseudo_languages().into_iter();
    let found = languages.find(|it| Texts::of(it).direction() == direction);
    found.context("there is none in a release build")
}

/// Each page is looked at in both widths; by axe-core the first state of each, in the narrow one: its marks are those of the
/// languages from left to right, which are looked at in every state.
async fn every_page_and_mail_can_go_from_right_to_left(ctx: &Ctx) -> Outcome {
    let language = pseudo("rtl")?;
    let world = World::new(ctx).await?;
    let mut samples = samples::all(Texts::of(&language));
    ensure!(samples.len() > 60, "{}", samples.len());
    samples.extend(render::samples_in(&language).map(|mail| Sample {
        name: format!("mail-{}", mail.name()),
        status: StatusCode::OK,
        html: mail.mail.html,
    }));
    let served = Served::router(&world, routes(&samples)).await?;
    let browser = ctx.browser().await?;
    // A mail's markup is checked for what mail programs take.
    let mut seen = HashSet::from(["mail"]);
    for Sample { name, .. } in &samples {
        browser
            .goto(&served.url(&format!("/samples/{name}")))
            .await?;
        for viewport in [Viewport::PHONE, Viewport::DESKTOP] {
            let picture = format!("samples-{name}.{language}.{}", viewport.width);
            browser.viewport(viewport).await?;
            let (width, _) = browser.page_size().await?;
            assert_eq!(width, viewport.width, "{picture} scrolls sideways");
            let strayed = browser.execute(STRAYED, Vec::new()).await?;
            assert_eq!(strayed, serde_json::json!([]), "{picture}");
            browser.screenshot(&picture).await?;
        }
        if seen.insert(name.split('-').next().unwrap_or(name)) {
            browser.viewport(Viewport::PHONE).await?;
            let found = browser.axe().await?;
            ensure!(found.is_empty(), "{name}: {found:#?}");
        }
    }
    Ok(())
}

/// What does not stand where a page that goes from right to left begins: lines of its own words that begin on the left, and
/// elements that reach out of the page on either side.
const STRAYED: &str = r#"
    const found = [];
    if (document.documentElement.dir !== "rtl") found.push("the page says no direction");
    if (getComputedStyle(document.body).direction !== "rtl") found.push("the page goes from left to right");
    const wide = document.documentElement.clientWidth;
    for (const element of document.body.querySelectorAll("*")) {
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const hidden = style.clipPath !== "none" || element.closest(".skip, .unseen, [style*='display:none']");
        if (box.width === 0 || hidden) continue;
        const where = `${element.tagName.toLowerCase()}.${element.className} ${element.textContent.trim().slice(0, 40)}`;
        if (box.left < -0.5 || box.right > wide + 0.5) found.push(`reaches out: ${where}`);
        const own = [...element.childNodes].some((it) => it.nodeType === 3 && it.data.includes("⟦"));
        if (own && style.direction !== "rtl") found.push(`goes the other way: ${where}`);
        if (own && style.textAlign === "left") found.push(`begins on the left: ${where}`);
    }
    return found;
"#;

async fn every_page_has_room_for_longer_words(ctx: &Ctx) -> Outcome {
    let language = pseudo("ltr")?;
    let world = World::new(ctx).await?;
    let samples = samples::all(Texts::of(&language));
    let served = Served::router(&world, routes(&samples)).await?;
    let browser = ctx.browser().await?;
    browser.viewport(Viewport::PHONE).await?;
    for Sample { name, .. } in &samples {
        browser
            .goto(&served.url(&format!("/samples/{name}")))
            .await?;
        let (width, _) = browser.page_size().await?;
        assert_eq!(width, Viewport::PHONE.width, "{name} scrolls sideways");
    }
    Ok(())
}
