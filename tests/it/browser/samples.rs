//! The customer's own pages in every state of their samples, also those that no flow reaches in a minute: on a phone and on a
//! laptop, in both languages, in light and in the dark. A picture of each lies in `target/screenshots/samples-…`.

use anyhow::ensure;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, Response};
use axum::routing::get;
use countersign::locale::Texts;
use countersign::web::assets;
use countersign::web::views::samples::{self, Sample};

use crate::harness::{Case, Ctx, Need, Outcome, Served, Viewport, World, case};

pub(super) fn cases() -> Vec<Case> {
    [
        case!(every_korean_sample_is_fit_to_be_seen),
        case!(every_english_sample_is_fit_to_be_seen),
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
