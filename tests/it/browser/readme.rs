//! The pictures of the README, as `target/screenshots/readme-….png`: one invitation in each language, as its mail and as its
//! page. Whoever changes what they show looks at them, and copies them into `docs/images`.

use anyhow::{Context as _, ensure};
use countersign::domain::draft::Draft;
use countersign::domain::time::HOUR;
use countersign::domain::token::Purpose;
use fantoccini::Locator;

use crate::harness::world::{draft, english_draft};
use crate::harness::{Case, Ctx, Need, Outcome, Served, Viewport, World, case};

pub(super) fn cases() -> Vec<Case> {
    [case!(
        the_readme_shows_one_invitation_by_its_mail_and_by_its_page
    )]
    .map(|case| case.needs(Need::Browser).on_sqlite())
    .into()
}

/// The part of the page, and of the mail, that the README has room for; both are shown 860 pixels wide.
const PAGE: Viewport = Viewport {
    width: 1280,
    height: 1650,
};
const MAIL: Viewport = Viewport {
    width: 760,
    height: 980,
};

async fn the_readme_shows_one_invitation_by_its_mail_and_by_its_page(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let english = world.english_partner("partners@harbour.example").await?;
    let korean = Draft {
        organization: "새솔고등학교".to_owned(),
        note: Some("지난주 회의에서 말씀드린 Microsoft 365 전환 건입니다.".to_owned()),
        ..draft("gildong@saesol.example")
    };
    let museum = Draft {
        note: Some("This is for the licence renewal that we spoke about on Tuesday.".to_owned()),
        ..english_draft("eleanor@alderfinch.example")
    };
    let served = Served::new(&world).await?;
    let browser = ctx.browser().await?;
    // A time of day at which people in both countries look at their mail.
    world.pass(8 * HOUR);
    for (language, partner, asked, until) in [
        ("ko", world.partner, korean, "2026년 12월 22일"),
        ("en", english, museum, "22 December 2026"),
    ] {
        // No more than the work needs: neither role can read content or make an administrator.
        let asked = Draft {
            roles: Some(
                ["license_administrator", "service_support_administrator"]
                    .map(str::to_owned)
                    .into(),
            ),
            duration: Some("P180D".to_owned()),
            ..asked
        };
        let id = world.try_invite(partner, &asked, None).await?.id();
        let mails = world.deliver().await?;
        let mail = mails.first().context("no mail")?.html();
        let file = ctx.folder().join(format!("{language}.html"));
        std::fs::write(&file, &mail)?;
        let token = served.token(id, Purpose::Accept).await?;
        for (what, part, url) in [
            ("mail", MAIL, format!("file://{}", file.display())),
            ("acceptance", PAGE, served.url(&format!("/a/{token}"))),
        ] {
            browser.viewport(part).await?;
            browser.goto(&url).await?;
            let text = browser.find(Locator::Css("body")).await?.text().await?;
            for said in [asked.organization.as_str(), until, "License Administrator"] {
                ensure!(
                    text.contains(said),
                    "{what} {language}: no {said} in {text}"
                );
            }
            ensure!(!text.contains("Helpdesk Administrator"), "{what}: {text}");
            let name = format!("readme-{what}-{language}");
            let scale = 860.0 / f64::from(part.width);
            browser.picture(&name, part, scale).await?;
        }
    }
    Ok(())
}
