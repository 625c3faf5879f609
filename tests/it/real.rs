//! The whole story on real parts: PostgreSQL, Postfix with STARTTLS, dkimpy, Chromium. Nothing of ours stands in for anything.

use anyhow::{Context as _, ensure};
use countersign::domain::ids::InvitationId;
use fantoccini::Locator;
use sha2::{Digest as _, Sha256};

use crate::harness::story::Story;
use crate::harness::world::{draft, english_draft};
use crate::harness::{Browser, Case, Ctx, Need, Outcome, Viewport, case};

pub(crate) fn cases() -> Vec<Case> {
    [
        case!(a_korean_invitation_becomes_a_recorded_consent),
        case!(an_english_invitation_is_accepted_by_the_link_in_plain_text),
    ]
    .map(|case| case.needs(Need::Mta).needs(Need::Browser).on_postgres())
    .into()
}

async fn a_korean_invitation_becomes_a_recorded_consent(ctx: &Ctx) -> Outcome {
    let mut story = Story::begin(ctx).await?;
    story.partner = story.world.korean_partner(&story.partner_address).await?;
    let invitation = story.invite(draft(&story.customer)).await?;
    let mail = story.arrives(&story.customer).await?;
    ensure!(
        mail.subject
            .starts_with("[한빛테크] Microsoft 365 파트너 관계 요청"),
        "{}",
        mail.subject
    );
    let link = story.link(&mail.html, "/a/")?;

    let browser = ctx.browser().await?;
    browser.viewport(Viewport::PHONE).await?;
    browser.goto(&link).await?;
    browser
        .sign(&[("#family", "홍"), ("#given", "길동")])
        .await?;
    assert_eq!(browser.heading().await?, "동의가 기록되었습니다");
    story.consent_is_recorded(ctx, invitation, "ko").await?;
    story.mails_follow(&browser, &link, "홍길동").await
}

async fn an_english_invitation_is_accepted_by_the_link_in_plain_text(ctx: &Ctx) -> Outcome {
    let mut story = Story::begin(ctx).await?;
    story.partner = story.world.english_partner(&story.partner_address).await?;
    let invitation = story.invite(english_draft(&story.customer)).await?;
    let mail = story.arrives(&story.customer).await?;
    ensure!(
        mail.subject.starts_with("[Harbourline Cloud]"),
        "{}",
        mail.subject
    );
    let link = story.link(&mail.text, "/a/")?;
    assert_eq!(link, story.link(&mail.html, "/a/")?);

    let browser = ctx.browser().await?;
    browser.viewport(Viewport::DESKTOP).await?;
    browser.goto(&link).await?;
    browser
        .sign(&[("#given", "Eleanor"), ("#family", "Whitcombe")])
        .await?;
    assert_eq!(browser.heading().await?, "Your consent is recorded");
    story.consent_is_recorded(ctx, invitation, "en").await?;
    story
        .mails_follow(&browser, &link, "Eleanor Whitcombe")
        .await
}

impl Story {
    /// Asked of PostgreSQL itself.
    async fn consent_is_recorded(&self, ctx: &Ctx, id: InvitationId, language: &str) -> Outcome {
        let query = format!(
            "SELECT concat_ws(' ', i.state, g.language, g.version, (c.agreement_sha256 = g.sha256)::text,
                (a.canonical::jsonb -> 'signer' ->> 'email'), (a.canonical::jsonb -> 'how' ->> 'client_address'))
             FROM consent c JOIN invitation i ON i.id = c.invitation_id JOIN agreement g ON g.id = c.agreement_id
                JOIN acceptance a ON a.id = c.acceptance_id
             WHERE i.id = '{}'",
            id.uuid()
        );
        let expected = format!(
            "accepted {language} 2026-01 true {} 127.0.0.1",
            self.customer
        );
        assert_eq!(ctx.rows(&query).await?, [expected]);
        Ok(())
    }

    /// The receipt leads to the text that was agreed to; the partner is told, and gets nothing that opens a page.
    async fn mails_follow(&self, browser: &Browser, link: &str, signer: &str) -> Outcome {
        assert_eq!(self.work().await?, 2);
        let text = self.arrives(&self.customer).await?.text;
        let receipt_link = self.link(&text, "/receipt/")?;
        let agreement = text
            .split_whitespace()
            .find(|word| word.contains("/agreement/"))
            .context("the receipt has no link to the agreement")?;
        browser.goto(agreement).await?;
        let shown = browser.find(Locator::Css(".hash")).await?.text().await?;
        let path = agreement
            .strip_prefix(&self.served.url(""))
            .context("another site's link")?;
        let file = self.served.get(&format!("{path}/text")).await?;
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&file.body));
        assert_eq!(shown, hash);
        ensure!(
            text.contains(&hash),
            "the receipt names another hash: {text}"
        );
        browser.goto(&receipt_link).await?;
        browser.find(Locator::Css(".stamp")).await?;

        let news = self.arrives(&self.partner_address).await?;
        ensure!(
            news.text.contains(signer),
            "the partner is not told who accepted: {}",
            news.text
        );
        let unfolded: String = news.raw.split_whitespace().collect();
        let tokens = [link, &receipt_link, agreement].into_iter();
        for token in tokens
            .flat_map(|link| link.split('/'))
            .filter(|part| part.len() == 86)
        {
            for held in [&unfolded, &news.text, &news.html] {
                ensure!(
                    !held.contains(&token[..30]),
                    "the partner got a link of the customer's"
                );
            }
        }
        for held in [&news.text, &news.html] {
            for path in ["/a/", "/receipt/", "/stop/"] {
                ensure!(
                    !held.contains(&self.served.url(path)),
                    "the partner got a link: {held}"
                );
            }
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            ensure!(
                held.split(|c| !is_part(c)).all(|word| word.len() != 86),
                "the partner got a token: {held}"
            );
        }
        Ok(())
    }
}
