//! Every page in every state of the real flow, on a phone and on a laptop, in both languages: axe-core finds nothing, nothing
//! scrolls sideways, the browser complains of nothing, and a picture of each lies in `target/screenshots`, to be looked at.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use countersign::domain::audit::Actor;
use countersign::domain::draft::Draft;
use countersign::domain::ids::{InvitationId, PartnerId};
use countersign::domain::link_path;
use countersign::domain::time::DAY;
use countersign::domain::token::Purpose;
use countersign::workflow::{resend, revoke};
use fantoccini::Locator;
use serde_json::json;

use crate::finder::mailed_path;
use crate::harness::world::{add_agreement, add_english_agreement, draft, english_draft};
use crate::harness::{
    Browser, Case, Ctx, Need, Outcome, Pages, Served, Viewport, World, case, wait_until,
};

pub(super) fn cases() -> Vec<Case> {
    [
        case!(every_korean_page_is_fit_to_be_seen),
        case!(every_english_page_is_fit_to_be_seen),
        case!(every_page_is_fit_to_be_seen_in_the_dark),
        case!(every_korean_page_of_the_search_is_fit_to_be_seen),
        case!(every_english_page_of_the_search_is_fit_to_be_seen),
        case!(the_search_is_fit_to_be_seen_in_the_dark),
    ]
    .map(|case| case.needs(Need::Browser).on_sqlite())
    .into()
}

async fn every_korean_page_is_fit_to_be_seen(ctx: &Ctx) -> Outcome {
    Tour::new(ctx, "ko").await?.everything().await
}

async fn every_english_page_is_fit_to_be_seen(ctx: &Ctx) -> Outcome {
    Tour::new(ctx, "en").await?.everything().await
}

/// The colours are others in the dark; the rest is the same.
async fn every_page_is_fit_to_be_seen_in_the_dark(ctx: &Ctx) -> Outcome {
    let mut tour = Tour::new(ctx, "ko").await?;
    tour.browser.colour_scheme("dark").await?;
    tour.mode = ".dark";
    tour.asking().await?;
    tour.answered().await
}

/// A walk through the pages in one language.
struct Tour {
    world: World,
    served: Served,
    browser: Browser,
    language: &'static str,
    /// What the names of the pictures end with besides.
    mode: &'static str,
    partner: PartnerId,
    guests: u32,
    seen: BTreeSet<String>,
}

impl Tour {
    async fn new(ctx: &Ctx, language: &'static str) -> anyhow::Result<Self> {
        let world = World::new(ctx).await?;
        let partner = if language == "ko" {
            world.partner
        } else {
            world.english_partner("partner@harbourline.example").await?
        };
        let served = Served::new(&world).await?;
        let browser = ctx.browser().await?;
        browser.cdp("Network.enable", json!({})).await?;
        let headers = json!({ "headers": { "Accept-Language": language } });
        browser.cdp("Network.setExtraHTTPHeaders", headers).await?;
        Ok(Self {
            world,
            served,
            browser,
            language,
            mode: "",
            partner,
            guests: 0,
            seen: BTreeSet::new(),
        })
    }

    fn draft(&mut self) -> Draft {
        self.guests += 1;
        let email = format!("guest{}@customer.example", self.guests);
        let (draft, note) = if self.language == "ko" {
            (
                draft(&email),
                "지난주 회의에서 말씀드린 라이선스 갱신 건입니다.\n궁금한 점은 전화로 알려 주세요.",
            )
        } else {
            (
                english_draft(&email),
                "This is for the renewal that we spoke about last week.\nPlease call if anything is unclear.",
            )
        };
        Draft {
            note: Some(note.to_owned()),
            mca_link: Some(
                "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement"
                    .to_owned(),
            ),
            ..draft
        }
    }

    async fn invited(&mut self) -> anyhow::Result<InvitationId> {
        let draft = self.draft();
        self.invite(&draft).await
    }

    async fn invite(&self, draft: &Draft) -> anyhow::Result<InvitationId> {
        Ok(self.world.try_invite(self.partner, draft, None).await?.id())
    }

    async fn path(&self, id: InvitationId, purpose: Purpose) -> anyhow::Result<String> {
        let token = self.served.token(id, purpose).await?;
        let start = match purpose {
            Purpose::Receipt => "receipt",
            Purpose::StopReminders => "stop",
            Purpose::Manage => "manage",
            _ => "a",
        };
        Ok(format!("/{start}/{token}"))
    }

    async fn open(&self, path: &str) -> anyhow::Result<()> {
        Ok(self.browser.goto(&self.served.url(path)).await?)
    }

    async fn open_link(&self, id: InvitationId) -> anyhow::Result<()> {
        self.open(&self.path(id, Purpose::Accept).await?).await
    }

    async fn click(&self, element: &str) -> anyhow::Result<()> {
        let found = self.browser.find(Locator::Css(element)).await;
        Ok(found.context(element.to_owned())?.click().await?)
    }

    async fn fill_in(&self) -> anyhow::Result<()> {
        let (family, given) = if self.language == "ko" {
            ("홍", "길동")
        } else {
            ("Whitcombe", "Eleanor")
        };
        self.browser
            .fill_in(&[
                ("#family", family),
                ("#given", given),
                ("#phone", "02-555-0100"),
            ])
            .await
    }

    /// Sends the first form of that address, and waits for the answer's page.
    async fn press(&self, action: &str) -> anyhow::Result<()> {
        self.browser
            .execute("window.isOld = true", Vec::new())
            .await?;
        self.click(&format!("form[action^='{action}'] button"))
            .await?;
        let arrived = "return !window.isOld && document.readyState === 'complete'";
        wait_until("the answer", Duration::from_secs(20), async || {
            let answer = self.browser.execute(arrived, Vec::new()).await?;
            Ok((answer == true).then_some(()))
        })
        .await
    }

    /// Looks at the page that is open, at both sizes.
    async fn look(&mut self, name: &str) -> Outcome {
        for viewport in [Viewport::PHONE, Viewport::DESKTOP] {
            let picture = format!("{name}.{}.{}{}", self.language, viewport.width, self.mode);
            self.browser.viewport(viewport).await?;
            let (width, _) = self.browser.page_size().await?;
            assert_eq!(width, viewport.width, "{picture} scrolls sideways");
            let found = self.browser.axe().await?;
            ensure!(found.is_empty(), "{picture}: {found:#?}");
            let language = self
                .browser
                .find(Locator::Css("html"))
                .await?
                .attr("lang")
                .await?;
            assert_eq!(language.as_deref(), Some(self.language), "{picture}");
            self.browser.screenshot(&picture).await?;
        }
        let complaints: Vec<_> = self
            .browser
            .console()
            .await?
            .into_iter()
            // Chromium logs every answer that is no 200, which some of these are on purpose.
            .filter(|line| !line.contains("the server responded with a status of"))
            .collect();
        ensure!(complaints.is_empty(), "{name}: {complaints:?}");
        ensure!(self.seen.insert(name.to_owned()), "{name} was seen twice");
        Ok(())
    }

    async fn everything(mut self) -> Outcome {
        self.asking().await?;
        self.answered().await?;
        self.managed().await?;
        self.over().await?;
        self.failing().await?;
        assert_eq!(self.seen.len(), 36, "{:?}", self.seen);
        Ok(())
    }

    /// The acceptance page in its kinds and states, and what it leads to.
    async fn asking(&mut self) -> Outcome {
        self.open("/").await?;
        self.look("front").await?;
        let id = self.invited().await?;
        self.open_link(id).await?;
        self.look("acceptance").await?;
        self.press("/accept").await?;
        self.look("acceptance-errors").await?;
        self.open_link(id).await?;
        self.press("/decline").await?;
        self.look("acceptance-decline-errors").await?;
        self.open_link(id).await?;
        self.click(".document a").await?;
        self.look("agreement").await?;
        self.open(&format!("{}/print", self.path(id, Purpose::Accept).await?))
            .await?;
        self.look("print").await?;

        let mut other = self.draft();
        other.agreement = false;
        other.partner_type = Some("advisor".to_owned());
        other.mca_link = None;
        let id = self.invite(&other).await?;
        self.open_link(id).await?;
        self.look("acceptance-relationship").await?;
        let mut other = self.draft();
        other.partner_type = None;
        let id = self.invite(&other).await?;
        self.open_link(id).await?;
        self.look("acceptance-agreement").await
    }

    /// Marks the first step that is open.
    async fn mark_step(&self) -> Outcome {
        self.click("form[action='/step'] label").await?;
        self.press("/step").await
    }

    /// Accepted, declined, stopped.
    async fn answered(&mut self) -> Outcome {
        let id = self.invited().await?;
        self.open_link(id).await?;
        self.world.pass(DAY);
        let (engine, now) = (&self.world.engine, self.world.now());
        if self.language == "ko" {
            add_agreement(engine, "2026-12", now).await?;
        } else {
            add_english_agreement(engine, "2026-12", now).await?;
        }
        self.fill_in().await?;
        self.press("/accept").await?;
        self.look("acceptance-changed").await?;
        for label in ["label[for=read]", "label[for=authority]"] {
            self.click(label).await?;
        }
        self.press("/accept").await?;
        self.look("receipt").await?;
        self.mark_step().await?;
        self.look("receipt-marked").await?;
        let open_steps = Locator::Css("form[action='/step']");
        while !self.browser.find_all(open_steps).await?.is_empty() {
            self.mark_step().await?;
        }
        for summary in self.browser.find_all(Locator::Css("summary")).await? {
            summary.click().await?;
        }
        self.look("receipt-done").await?;

        let id = self.invited().await?;
        self.open_link(id).await?;
        self.click("label[for=reason-other]").await?;
        let words = if self.language == "ko" {
            "올해는 진행하지 않습니다."
        } else {
            "Not this year."
        };
        self.browser
            .find(Locator::Css("#comment"))
            .await?
            .send_keys(words)
            .await?;
        self.press("/decline").await?;
        self.look("declined").await?;

        let id = self.invited().await?;
        self.open(&self.path(id, Purpose::StopReminders).await?)
            .await?;
        self.look("stop").await?;
        self.press("/stop").await?;
        self.look("stopped").await
    }

    /// What was granted, removed, ended.
    async fn managed(&mut self) -> Outcome {
        self.open("/manage").await?;
        self.look("ask").await?;
        self.press("/manage").await?;
        self.look("ask-error").await?;

        let id = self.accepted("reseller_delegated_admin").await?;
        let path = self.path(id, Purpose::Manage).await?;
        self.open(&path).await?;
        self.look("manage").await?;
        self.open(&format!("{path}/end")).await?;
        self.look("manage-contact").await?;
        self.open(&format!("{path}/roles")).await?;
        self.look("manage-roles").await?;
        self.press("/remove-roles").await?;
        self.look("manage-roles-errors").await?;
        self.click("label[for=confirmed]").await?;
        self.press("/remove-roles").await?;
        self.look("manage-roles-removed").await?;

        let id = self.accepted("delegated_admin").await?;
        let path = self.path(id, Purpose::Manage).await?;
        self.open(&format!("{path}/end")).await?;
        self.look("manage-end").await?;
        self.click("label[for=confirmed]").await?;
        self.press("/end-relationship").await?;
        self.look("manage-ended").await
    }

    async fn accepted(&mut self, kind: &str) -> anyhow::Result<InvitationId> {
        let draft = Draft {
            partner_type: Some(kind.to_owned()),
            ..self.draft()
        };
        let id = self.invite(&draft).await?;
        self.open_link(id).await?;
        self.fill_in().await?;
        self.press("/accept").await?;
        let receipt = self.browser.find(Locator::Css("#record")).await;
        receipt.context("no receipt after accepting")?;
        Ok(id)
    }

    /// Links that no longer work.
    async fn over(&mut self) -> Outcome {
        let (revoked, replaced, expired) = (
            self.invited().await?,
            self.invited().await?,
            self.invited().await?,
        );
        let old = self.path(replaced, Purpose::Accept).await?;
        self.world.pass(DAY);
        revoke::revoke(&self.world.engine, revoked, Actor::Operator).await?;
        resend::resend(&self.world.engine, replaced, Actor::Operator).await?;
        self.open_link(revoked).await?;
        self.look("link-revoked").await?;
        self.open(&old).await?;
        self.look("link-replaced").await?;
        self.world.pass(30 * DAY);
        self.open_link(expired).await?;
        self.look("link-expired").await?;
        self.press("/resend").await?;
        self.look("link-asked").await?;
        self.open("/a/nonsense").await?;
        self.look("link-invalid").await
    }

    /// Pages that cannot be shown.
    async fn failing(&mut self) -> Outcome {
        self.open("/nowhere").await?;
        self.look("failure-not-found").await?;
        self.open("/accept").await?;
        self.look("failure-method").await?;

        // A page of another origin posts a form to ours: nothing at all, and too much.
        let foreign = format!(
            r#"<!doctype html><title>x</title><form method="post" action="{}"><button>x</button></form>"#,
            self.served.url("/accept")
        );
        let pages = Pages::serve(
            "default-src *",
            &[("/", Box::leak(foreign.into_boxed_str()))],
        )
        .await?;
        self.browser.goto(&pages.url("/")).await?;
        self.click("button").await?;
        self.look("failure-foreign-origin").await?;

        // A page of ours whose form a broken proxy cut short, or blew up.
        let id = self.invited().await?;
        let path = self.path(id, Purpose::StopReminders).await?;
        for (name, script) in [
            (
                "failure-bad-request",
                "form.removeAttribute('enctype'); form.action = '/accept';",
            ),
            (
                "failure-too-large",
                "form.action = '/accept'; const field = document.createElement('input'); field.name = 'token'; \
                 field.value = 'A'.repeat(300000); form.append(field);",
            ),
        ] {
            self.open(&path).await?;
            let script = format!("const form = document.querySelector('form'); {script}");
            self.browser.execute(&script, Vec::new()).await?;
            self.press("/accept").await?;
            self.look(name).await?;
        }

        let path = self.path(id, Purpose::Accept).await?;
        self.world.pass(31 * DAY);
        for _ in 0..4 {
            self.open(&path).await?;
            self.press("/resend").await?;
        }
        self.look("failure-too-many").await?;
        self.world.engine.db.close().await;
        self.open(&path).await?;
        self.look("failure-unavailable").await
    }
}

async fn every_korean_page_of_the_search_is_fit_to_be_seen(ctx: &Ctx) -> Outcome {
    Tour::new(ctx, "ko").await?.searching().await
}

async fn every_english_page_of_the_search_is_fit_to_be_seen(ctx: &Ctx) -> Outcome {
    Tour::new(ctx, "en").await?.searching().await
}

async fn the_search_is_fit_to_be_seen_in_the_dark(ctx: &Ctx) -> Outcome {
    let mut tour = Tour::new(ctx, "ko").await?;
    tour.browser.colour_scheme("dark").await?;
    tour.mode = ".dark";
    tour.searching().await
}

impl Tour {
    async fn write(&self, fields: &[(&str, &str)]) -> Outcome {
        for (element, text) in fields {
            let field = self.browser.find(Locator::Css(element)).await?;
            field.clear().await?;
            field.send_keys(text).await?;
        }
        Ok(())
    }

    /// Find a partner: the search, the form, and what its links lead to.
    async fn searching(mut self) -> Outcome {
        crate::finder::settle_all(&self.world).await?;
        let korean = self.language == "ko";
        let words = if korean {
            "앱 개발"
        } else {
            "app development"
        };
        self.open("/find-a-partner").await?;
        self.look("find").await?;
        self.write(&[("#q", words)]).await?;
        self.press("/find-a-partner").await?;
        self.look("find-found").await?;
        self.open("/find-a-partner?q=xyzzy").await?;
        self.look("find-none").await?;
        self.open("/find-a-partner?size=huge").await?;
        self.look("find-errors").await?;
        self.open("/find-a-partner?page=2").await?;
        self.look("find-page").await?;
        self.press("/find-a-partner/contact").await?;
        self.look("contact-nobody").await?;

        self.open("/find-a-partner?q=power+apps").await?;
        for label in self.browser.find_all(Locator::Css(".cards label")).await? {
            label.click().await?;
        }
        self.press("/find-a-partner/contact").await?;
        self.look("contact").await?;
        self.press("/find-a-partner/contact").await?;
        self.look("contact-errors").await?;
        self.click("label[for=need-app]").await?;
        self.click("label[for=need-licences]").await?;
        self.click("#size option[value='50-249']").await?;
        let (organization, name, text) = if korean {
            ("가온물산㈜", "박지훈", "재고를 세는 앱이 필요합니다.")
        } else {
            (
                "Alder & Finch Museums Trust",
                "Eleanor Whitcombe",
                "We need an app that counts our stock.",
            )
        };
        let fields = [
            ("#text", text),
            ("#organization", organization),
            ("#name", name),
            ("#email", "guest@customer.example"),
            ("#phone", "02-555-0199"),
        ];
        self.write(&fields).await?;
        self.press("/find-a-partner/contact").await?;
        self.look("inquiry-asked").await?;

        let mails = self.world.deliver().await?;
        let link = mailed_path(&mails[0], link_path::INQUIRY).context("a link to confirm")?;
        self.open(&link).await?;
        self.look("inquiry").await?;
        self.click("#meant").await?;
        self.press("/confirm-inquiry").await?;
        self.look("inquiry-sent").await?;
        let mails = self.world.deliver().await?;
        let mut links = mails
            .iter()
            .filter(|mail| mail.header("Content-Language").as_deref() == Some(self.language));
        let link = links
            .next()
            .context("a mail to a partner of that language")?;
        let link = mailed_path(link, link_path::RESPOND).context("a link to answer")?;
        self.open(&link).await?;
        self.look("respond").await?;
        self.click("#meant").await?;
        self.press("/respond").await?;
        self.look("respond-done").await?;
        assert_eq!(self.seen.len(), 13, "{:?}", self.seen);
        Ok(())
    }
}
