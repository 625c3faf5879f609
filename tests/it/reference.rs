//! Every section of the reference document on partner relationships, acted out: a business finds a partner, accepts the
//! relationship and the agreement, accepts the agreement alone, removes roles, deletes a partner. In Chromium, on PostgreSQL,
//! with mails that came by Postfix and were read in a mailbox; in Korean on a phone and in English on a laptop.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use countersign::domain::draft::Draft;
use countersign::domain::ids::PartnerId;
use countersign::domain::link_path;
use countersign::domain::profile;
use countersign::locale::Texts;
use countersign::workflow::mca::{self, Wanted};
use countersign::workflow::profile as profiles;
use fantoccini::Locator;
use serde_json::json;

use crate::harness::story::{Delivered, Story};
use crate::harness::world::{add_agreement, add_english_agreement, draft, english_draft};
use crate::harness::{Browser, Case, Ctx, Need, Outcome, Viewport, case, wait_until};

pub(crate) fn cases() -> Vec<Case> {
    [
        case!(a_korean_school_and_its_partner),
        case!(an_english_school_and_its_partner),
    ]
    .map(|case| case.needs(Need::Mta).needs(Need::Browser).on_postgres())
    .into()
}

async fn a_korean_school_and_its_partner(ctx: &Ctx) -> Outcome {
    Play::begin(ctx, "ko").await?.act().await
}

async fn an_english_school_and_its_partner(ctx: &Ctx) -> Outcome {
    Play::begin(ctx, "en").await?.act().await
}

/// One language's performance.
struct Play {
    story: Story,
    browser: Browser,
    t: Texts,
    viewport: Viewport,
}

impl Play {
    async fn begin(ctx: &Ctx, language: &str) -> anyhow::Result<Self> {
        let mut story = Story::begin(ctx).await?;
        let address = &story.partner_address;
        story.partner = match language {
            "ko" => story.world.korean_partner(address).await?,
            _ => story.world.english_partner(address).await?,
        };
        let viewport = match language {
            "ko" => Viewport::PHONE,
            _ => Viewport::DESKTOP,
        };
        let browser = ctx.browser().await?;
        browser.viewport(viewport).await?;
        browser.cdp("Network.enable", json!({})).await?;
        let headers = json!({ "headers": { "Accept-Language": language } });
        browser.cdp("Network.setExtraHTTPHeaders", headers).await?;
        Ok(Self {
            story,
            browser,
            t: Texts::of(&language.parse()?),
            viewport,
        })
    }

    async fn act(&self) -> Outcome {
        let asked = self.find_a_partner().await?;
        let receipt = self.accept_relationship_and_agreement(&asked).await?;
        self.decline_instead_of_accepting().await?;
        self.accept_the_agreement_by_the_partners_mail().await?;
        let list = self.accept_the_agreement_from_the_page().await?;
        self.remove_admin_roles(&receipt).await?;
        self.ask_the_partner_for_the_end(&receipt).await?;
        self.delete_a_partner(&list).await
    }

    fn is_korean(&self) -> bool {
        self.t.language().primary() == "ko"
    }

    /// The Korean or the English of two texts.
    fn either<'a>(&self, korean: &'a str, english: &'a str) -> &'a str {
        if self.is_korean() { korean } else { english }
    }

    fn school(&self) -> &'static str {
        if self.is_korean() {
            "새솔고등학교"
        } else {
            "Marlow Grove School"
        }
    }

    /// Whatever is asked of this customer, in its language.
    fn offer(&self) -> Draft {
        let offer = if self.is_korean() {
            draft
        } else {
            english_draft
        };
        Draft {
            organization: self.school().to_owned(),
            ..offer(&self.story.customer)
        }
    }

    /// "Find a partner": location, size, keywords; one is chosen; a form says what is needed. Gives the invitation.
    async fn find_a_partner(&self) -> anyhow::Result<Delivered> {
        self.publish(self.story.partner).await?;
        self.open(&self.story.served.url("/")).await?;
        self.press("page-find-title").await?;
        self.write("q", self.either("기기 등록", "autopilot"))
            .await?;
        self.write("location", self.either("서울", "Bristol"))
            .await?;
        self.press("page-find-button").await?;
        let found = self.element(Locator::Css("input[name=partner]")).await?;
        self.look().await?;
        found.click().await?;
        self.press("page-find-contact").await?;
        self.tick("need").await?;
        self.write(
            "text",
            self.either("교실 노트북 200대", "200 classroom laptops"),
        )
        .await?;
        self.write("organization", self.school()).await?;
        self.choose("size", "50-249").await?;
        self.write("name", self.either("홍길동", "Alex Morgan"))
            .await?;
        self.write("email", &self.story.customer).await?;
        self.press("page-asking-button").await?;
        self.look().await?;
        assert_eq!(
            self.story.work().await?,
            1,
            "to the asker, and to nobody else"
        );
        let mail = self.story.arrives(&self.story.customer).await?;
        self.follow(&mail, link_path::INQUIRY).await?;
        self.tick("meant").await?;
        self.press("page-inquiry-button").await?;
        self.look().await?;
        assert_eq!(self.story.work().await?, 1);
        let request = self.story.arrives(&self.story.partner_address).await?;
        ensure!(
            request.text.contains(&self.story.customer),
            "{}",
            request.text
        );
        self.follow(&request, link_path::RESPOND).await?;
        self.choose("type", "advisor").await?;
        self.tick("meant").await?;
        self.press("page-respond-button").await?;
        self.look().await?;
        assert_eq!(self.story.work().await?, 1);
        self.story.arrives(&self.story.customer).await
    }

    async fn publish(&self, partner: PartnerId) -> Outcome {
        let draft = profile::Draft {
            locations: vec![self.either("KR:서울 강남구", "GB:Bristol").to_owned()],
            sizes: vec!["50-249".to_owned()],
            services: vec![
                self.either("기기 등록 관리", "Windows Autopilot")
                    .to_owned(),
            ],
            languages: vec![self.t.language().to_string()],
            description: self
                .either(
                    "학교의 노트북을 관리합니다.",
                    "We look after school laptops.",
                )
                .to_owned(),
        };
        let engine = &self.story.served.engine;
        profiles::set(engine, partner, &draft).await?;
        profiles::publish(engine, partner).await?;
        Ok(())
    }

    /// "Review and accept a partner relationship and the Microsoft Customer Agreement". Gives the receipt.
    async fn accept_relationship_and_agreement(
        &self,
        asked: &Delivered,
    ) -> anyhow::Result<Delivered> {
        let with_agreement = Draft {
            agreement: true,
            ..self.offer()
        };
        // What the inquiry asked for is one thing; the partner asks for both afterwards, which says what is new.
        self.follow(asked, link_path::ACCEPT).await?;
        self.says_what_the_type_may("advisor").await?;
        self.sign().await?;
        assert_eq!(self.story.work().await?, 2);
        self.story.arrives(&self.story.customer).await?;
        self.story.arrives(&self.story.partner_address).await?;
        self.story.invite(with_agreement).await?;
        let mail = self.story.arrives(&self.story.customer).await?;
        self.follow(&mail, link_path::ACCEPT).await?;
        let page = self.page().await?;
        ensure!(
            page.contains(&self.say("page-novelty")),
            "what is new is not said"
        );
        self.read_the_agreement().await?;
        self.sign().await?;
        // The partners that this customer works with stand on the receipt, and lead to their details.
        self.browser
            .find(Locator::Css("details.partner summary"))
            .await?
            .click()
            .await?;
        self.look().await?;
        self.press("page-partner-details").await?;
        self.look().await?;
        ensure!(self.page().await?.contains(&self.say("page-granted")));
        assert_eq!(self.story.work().await?, 2);
        let receipt = self.story.arrives(&self.story.customer).await?;
        self.story.arrives(&self.story.partner_address).await?;
        Ok(receipt)
    }

    /// "What can a partner do": the type and each role, in plain words, before anything is accepted.
    async fn says_what_the_type_may(&self, kind: &str) -> Outcome {
        let page = self.page().await?;
        let role = "helpdesk_administrator";
        for said in [
            self.t.name("type", kind),
            self.t.does("type", kind),
            self.t.name("role", role),
            self.t.does("role", role),
        ] {
            ensure!(page.contains(&said), "the page does not say: {said}");
        }
        Ok(())
    }

    async fn read_the_agreement(&self) -> Outcome {
        self.leave_by("//p[@class='document']/a").await?;
        self.element(Locator::Css(".text")).await?;
        self.look().await?;
        self.browser.back().await?;
        self.element(Locator::Css("#sign")).await?;
        Ok(())
    }

    /// "If you do not want to delegate, decline instead of accepting."
    async fn decline_instead_of_accepting(&self) -> Outcome {
        let advisor = Draft {
            partner_type: Some("advisor".to_owned()),
            agreement: false,
            ..self.offer()
        };
        self.story.invite(advisor).await?;
        let mail = self.story.arrives(&self.story.customer).await?;
        self.follow(&mail, link_path::ACCEPT).await?;
        self.browser
            .find(Locator::Css("label[for=reason-resend_without_roles]"))
            .await?
            .click()
            .await?;
        self.leave_by("//form[@action='/decline']//button").await?;
        self.shows("page-declined-title").await?;
        assert_eq!(self.story.work().await?, 1);
        let news = self.story.arrives(&self.story.partner_address).await?;
        let reason = self.t.word("reason", "resend_without_roles");
        ensure!(news.subject.contains(&reason), "{}", news.subject);
        Ok(())
    }

    /// "Review and accept a Microsoft Customer Agreement", by a mail of the partner's.
    async fn accept_the_agreement_by_the_partners_mail(&self) -> Outcome {
        self.newer_agreement("2026-10").await?;
        let wanted = Wanted {
            partner: Some(self.story.partner),
            ..Wanted::default()
        };
        let asked = mca::ask_again(&self.story.served.engine, &wanted).await?;
        assert_eq!(asked.len(), 1);
        self.accept_the_agreement_alone().await
    }

    /// The same from a page, by whoever has a partner already; the link proves the mailbox.
    async fn accept_the_agreement_from_the_page(&self) -> anyhow::Result<Delivered> {
        self.newer_agreement("2026-11").await?;
        self.open(&self.story.served.url("/")).await?;
        self.press("page-ask-agreement-title").await?;
        self.write("email", &self.story.customer).await?;
        self.press("page-ask-button").await?;
        self.shows("page-ask-done-title").await?;
        assert_eq!(self.story.work().await?, 1);
        let mail = self.story.arrives(&self.story.customer).await?;
        self.follow(&mail, link_path::LIST).await?;
        self.press("page-list-agreement-button").await?;
        self.look().await?;
        self.accept_the_agreement_on_its_page().await?;
        Ok(mail)
    }

    async fn newer_agreement(&self, version: &str) -> Outcome {
        let engine = &self.story.served.engine;
        let now = engine.clock.now();
        if self.is_korean() {
            add_agreement(engine, version, now).await?;
        } else {
            add_english_agreement(engine, version, now).await?;
        }
        Ok(())
    }

    async fn accept_the_agreement_alone(&self) -> Outcome {
        assert_eq!(self.story.work().await?, 1);
        let mail = self.story.arrives(&self.story.customer).await?;
        self.follow(&mail, link_path::ACCEPT).await?;
        self.accept_the_agreement_on_its_page().await
    }

    async fn accept_the_agreement_on_its_page(&self) -> Outcome {
        assert_eq!(
            self.browser.heading().await?,
            self.say("page-accept-title-agreement")
        );
        self.read_the_agreement().await?;
        self.sign().await?;
        // "You see a list of the partners that you work with."
        let partner = self.either("새봄", "Harbourline Cloud");
        let page = self.page().await?;
        ensure!(page.contains(&self.say("page-partners")) || page.contains(partner));
        assert_eq!(self.story.work().await?, 2);
        self.story.arrives(&self.story.customer).await?;
        self.story.arrives(&self.story.partner_address).await?;
        Ok(())
    }

    /// "Remove partner admin privileges": the relationship stays.
    async fn remove_admin_roles(&self, receipt: &Delivered) -> Outcome {
        self.follow(receipt, link_path::MANAGE).await?;
        self.press("page-remove-roles").await?;
        self.look().await?;
        for label in self
            .browser
            .find_all(Locator::Css("input[name=role]"))
            .await?
        {
            if !label.is_selected().await? {
                label.click().await?;
            }
        }
        self.tick("confirmed").await?;
        self.press_button("page-remove-roles").await?;
        self.element(Locator::Css(".told")).await?;
        self.look().await?;
        let page = self.page().await?;
        ensure!(
            page.contains(&self.say("page-at-microsoft")),
            "where access ends is not said"
        );
        assert_eq!(self.story.work().await?, 2, "both sides are told");
        let told = self.story.arrives(&self.story.customer).await?;
        ensure!(
            told.text
                .contains(&self.story.served.url(link_path::MANAGE))
        );
        let news = self.story.arrives(&self.story.partner_address).await?;
        ensure!(
            !news
                .text
                .contains(&self.story.served.url(link_path::MANAGE))
        );
        // The relationship stays, of the type that sells.
        self.follow(&told, link_path::MANAGE).await?;
        ensure!(
            self.page()
                .await?
                .contains(&self.t.name("type", "reseller"))
        );
        // What is done at Microsoft is marked by whoever did it.
        self.browser
            .find(Locator::Css("input[name=done]"))
            .await?
            .click()
            .await?;
        let mark = self
            .browser
            .find(Locator::Css("form[action='/step'] button"))
            .await?;
        mark.click().await?;
        self.element(Locator::Css("[role=status]")).await?;
        self.look().await
    }

    /// "For all other partner types, contact the partner to end the relationship."
    async fn ask_the_partner_for_the_end(&self, receipt: &Delivered) -> Outcome {
        let link = self.story.link(&receipt.text, link_path::MANAGE)?;
        self.open(&format!("{link}/end")).await?;
        self.shows("page-end-contact-title").await?;
        let mail = self
            .browser
            .find(Locator::Css("a[href^='mailto:']"))
            .await?;
        let mail = mail.attr("href").await?.context("a prepared mail")?;
        let partner = self
            .story
            .partner_address
            .split_once('@')
            .map(|(local, _)| local);
        ensure!(
            mail.contains(partner.unwrap_or_default()) && mail.contains("subject="),
            "{mail}"
        );
        Ok(())
    }

    /// "Delete a partner relationship", where its type lets the customer; found by the list that a mailbox asks for.
    async fn delete_a_partner(&self, earlier: &Delivered) -> Outcome {
        let classic = Draft {
            partner_type: Some("delegated_admin".to_owned()),
            agreement: false,
            ..self.offer()
        };
        self.story.invite(classic).await?;
        let mail = self.story.arrives(&self.story.customer).await?;
        self.follow(&mail, link_path::ACCEPT).await?;
        self.sign().await?;
        assert_eq!(self.story.work().await?, 2);
        self.story.arrives(&self.story.customer).await?;
        self.story.arrives(&self.story.partner_address).await?;

        self.open(&self.story.served.url("/")).await?;
        self.press("page-ask-title").await?;
        self.write("email", &self.story.customer).await?;
        self.press("page-ask-button").await?;
        self.shows("page-ask-done-title").await?;
        // A second ask within the same minute is the first one: its link is still good.
        if self.story.work().await? == 1 {
            let mail = self.story.arrives(&self.story.customer).await?;
            self.follow(&mail, link_path::LIST).await?;
        } else {
            self.follow(earlier, link_path::LIST).await?;
        }
        let kind = self.t.name("type", "delegated_admin");
        let entry = format!(
            "//section[contains(., '{kind}') and not(contains(., '{}'))]//a[contains(@class, 'button')]",
            self.t.name("type", "reseller")
        );
        self.leave_by(&entry).await?;
        self.element(Locator::Css("#granted")).await?;
        self.look().await?;
        self.press("page-delete-partner").await?;
        self.look().await?;
        self.tick("confirmed").await?;
        self.press_button("page-delete-partner").await?;
        self.element(Locator::Css(".told")).await?;
        self.look().await?;
        assert_eq!(self.story.work().await?, 2, "both sides are told");
        let told = self.story.arrives(&self.story.customer).await?;
        let ended = self.say("mail-relationship-ended-title");
        ensure!(told.html.contains(&ended), "{}", told.subject);
        self.story.arrives(&self.story.partner_address).await?;
        // Once it is over, its page says so, and offers nothing to end.
        self.follow(&told, link_path::MANAGE).await?;
        ensure!(
            !self
                .page()
                .await?
                .contains(&self.say("page-delete-partner"))
        );
        Ok(())
    }

    async fn sign(&self) -> Outcome {
        self.look().await?;
        for (field, korean, english) in [("#family", "홍", "Morgan"), ("#given", "길동", "Alex")]
        {
            let field = self.browser.find(Locator::Css(field)).await?;
            field.send_keys(self.either(korean, english)).await?;
        }
        for label in ["label[for=read]", "label[for=authority]"] {
            // The relationship alone asks for no reading.
            for label in self.browser.find_all(Locator::Css(label)).await? {
                label.click().await?;
            }
        }
        let button = self
            .browser
            .find(Locator::Css("form[action='/accept'] button"))
            .await?;
        button.click().await?;
        self.element(Locator::Css(".stamp")).await?;
        self.look().await
    }

    /// Opens the link of that kind in a mail.
    async fn follow(&self, mail: &Delivered, path: &str) -> Outcome {
        let link = self.story.link(&mail.html, path)?;
        assert_eq!(link, self.story.link(&mail.text, path)?);
        self.open(&link).await
    }

    async fn open(&self, url: &str) -> Outcome {
        self.browser.goto(url).await?;
        self.look().await
    }

    async fn page(&self) -> anyhow::Result<String> {
        let page = self.browser.find(Locator::Css("main")).await?;
        Ok(page.text().await?.replace(['\u{2060}', '\u{a0}'], " "))
    }

    async fn shows(&self, heading: &str) -> Outcome {
        let heading = self.say(heading);
        let what = format!("//h1[normalize-space()='{heading}']");
        self.element(Locator::XPath(&what)).await?;
        self.look().await
    }

    /// Presses the link or the button of that message.
    async fn press(&self, message: &str) -> Outcome {
        let text = self.say(message);
        self.leave_by(&format!(
            "//main//*[self::a or self::button][starts-with(normalize-space(), '{text}')]"
        ))
        .await
    }

    /// Presses the button of that message, beside a link of the same name.
    async fn press_button(&self, message: &str) -> Outcome {
        let text = self.say(message);
        self.leave_by(&format!("//main//button[normalize-space()='{text}']"))
            .await
    }

    /// Leaves the page by what is found there, and waits for the next one.
    async fn leave_by(&self, what: &str) -> Outcome {
        let way = self.element(Locator::XPath(what)).await?;
        self.browser
            .execute("window.isLeft = true", Vec::new())
            .await?;
        way.click().await?;
        wait_until(what, Duration::from_secs(20), async || {
            // Between two pages no script runs.
            let is_new = "return document.readyState === 'complete' && !window.isLeft";
            let seen = self.browser.execute(is_new, Vec::new()).await;
            Ok(seen.is_ok_and(|seen| seen == json!(true)).then_some(()))
        })
        .await
    }

    /// A message that there is.
    fn say(&self, message: &str) -> String {
        let said = self.t.m(message);
        assert_ne!(said, message, "there is no such message");
        said
    }

    /// The element, as soon as it is there.
    async fn element(&self, what: Locator<'_>) -> anyhow::Result<fantoccini::elements::Element> {
        match self.browser.wait().for_element(what).await {
            Ok(found) => Ok(found),
            Err(error) => {
                let heading = self.browser.heading().await.unwrap_or_default();
                Err(error).with_context(|| format!("{what:?} is not on the page `{heading}`"))
            }
        }
    }

    async fn field(&self, name: &str) -> anyhow::Result<fantoccini::elements::Element> {
        let what = format!("main [name='{name}']");
        self.element(Locator::Css(&what)).await
    }

    async fn write(&self, field: &str, text: &str) -> Outcome {
        self.field(field).await?.send_keys(text).await?;
        Ok(())
    }

    async fn tick(&self, field: &str) -> Outcome {
        self.field(field).await?.click().await?;
        Ok(())
    }

    async fn choose(&self, field: &str, value: &str) -> Outcome {
        self.field(field).await?.select_by_value(value).await?;
        Ok(())
    }

    /// Every page on the way fits its screen, and axe-core finds nothing in it.
    async fn look(&self) -> Outcome {
        let heading = self.browser.heading().await?;
        let (width, _) = self.browser.page_size().await?;
        assert_eq!(width, self.viewport.width, "{heading} scrolls sideways");
        let found = self.browser.axe().await?;
        ensure!(found.is_empty(), "{heading}: {found:#?}");
        Ok(())
    }
}
