//! The whole story on real parts: PostgreSQL, Postfix with STARTTLS, dkimpy, Chromium. Nothing of ours stands in for anything.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use countersign::domain::draft::Draft;
use countersign::domain::ids::{InvitationId, PartnerId};
use countersign::domain::time::SystemClock;
use countersign::domain::token::MailTags;
use countersign::outbound::sign::{DkimKeyConfig, Signers};
use countersign::outbound::smtp;
use countersign::outbound::transport::Transport;
use countersign::worker::{Options, Until, Worker};
use countersign::workflow::deliver::Post;
use fantoccini::Locator;
use mail_parser::MessageParser;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::harness::world::{draft, english_draft};
use crate::harness::{
    Browser, Case, Ctx, Need, Outcome, Postfix, Served, Viewport, World, case, dkim,
};

pub(crate) fn cases() -> Vec<Case> {
    [
        case!(a_korean_invitation_becomes_a_recorded_consent),
        case!(an_english_invitation_is_accepted_by_the_link_in_plain_text),
    ]
    .map(|case| case.needs(Need::Mta).needs(Need::Browser).on_postgres())
    .into()
}

const DOMAIN: &str = "countersign.example";

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

/// A mail from the mailbox, its signatures checked.
struct Mail {
    raw: String,
    subject: String,
    text: String,
    html: String,
}

/// A partner, a customer, and all that is between them.
struct Story {
    world: World,
    served: Served,
    post: Arc<Post>,
    postfix: Postfix,
    /// The DNS of the mail domain: names and TXT records of its keys.
    keys: Vec<(String, String)>,
    partner: PartnerId,
    partner_address: String,
    customer: String,
}

impl Story {
    async fn begin(ctx: &Ctx) -> anyhow::Result<Self> {
        let mut world = World::new(ctx).await?;
        world.engine.clock = Arc::new(SystemClock);
        let served = Served::new(&world).await?;
        let postfix = Postfix::running()?;
        let url = format!("smtp://{}?tls=starttls", postfix.relay).parse()?;
        let options = smtp::Options {
            ca_file: Some(postfix.ca.clone()),
            ..smtp::Options::default()
        };
        let key = |selector: &str, file: &str| DkimKeyConfig {
            domain: DOMAIN.to_owned(),
            selector: selector.to_owned(),
            key_file: Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/fixtures/dkim")
                .join(file),
        };
        let signers = Signers::load(&[key("r1", "rsa-pkcs8.pem"), key("e1", "ed25519.pem")])?;
        let keys = signers
            .dns_records()
            .map(|record| (record.name.clone(), record.value.clone()))
            .collect();
        let post = Arc::new(Post {
            transport: Transport::open(url, &options)?,
            signers,
            tags: MailTags::new(&world.engine.keys, DOMAIN),
            mail_domain: DOMAIN.to_owned(),
            from_local: "invite".to_owned(),
        });
        let number = rand::random::<u32>();
        Ok(Self {
            partner: world.partner,
            partner_address: format!("partner-{number:08x}@{DOMAIN}"),
            customer: format!("customer-{number:08x}@customer.example"),
            world,
            served,
            post,
            postfix,
            keys,
        })
    }

    async fn invite(&self, draft: Draft) -> anyhow::Result<InvitationId> {
        let id = self
            .world
            .try_invite(self.partner, &draft, None)
            .await?
            .id();
        assert_eq!(self.work().await?, 1);
        Ok(id)
    }

    /// Lets a worker send what is due; tells how many mails that were.
    async fn work(&self) -> anyhow::Result<usize> {
        let worker = Worker::new(
            self.served.engine.clone(),
            self.post.clone(),
            Options::default(),
            self.served.metrics.clone(),
            CancellationToken::new(),
        );
        let summary = worker.run(Until::Idle).await?;
        ensure!(
            summary.failed + summary.retried + summary.broken == 0,
            "{summary:?}"
        );
        Ok(summary.sent)
    }

    /// The one mail in a mailbox: encrypted on its way, and with both signatures.
    async fn arrives(&self, address: &str) -> anyhow::Result<Mail> {
        let raw = self.postfix.wait_for(address).await?;
        let keys: Vec<_> = self
            .keys
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let signatures = dkim::signatures(&raw, &keys)?;
        let mut valid: Vec<_> = signatures
            .iter()
            .map(|signature| {
                (
                    signature.algorithm.as_str(),
                    signature.domain.as_str(),
                    signature.valid,
                )
            })
            .collect();
        valid.sort_unstable();
        assert_eq!(
            valid,
            [
                ("ed25519-sha256", DOMAIN, true),
                ("rsa-sha256", DOMAIN, true)
            ]
        );
        for name in [
            "from",
            "to",
            "subject",
            "date",
            "message-id",
            "reply-to",
            "content-type",
        ] {
            ensure!(
                signatures
                    .iter()
                    .all(|signature| signature.headers.iter().any(|signed| signed == name)),
                "{name} is not signed"
            );
        }
        let parsed = MessageParser::default().parse(&raw).context("no mail")?;
        let mail = Mail {
            subject: parsed.subject().unwrap_or_default().to_owned(),
            text: parsed.body_text(0).context("no text")?.into_owned(),
            html: parsed.body_html(0).context("no HTML")?.into_owned(),
            raw: String::from_utf8(raw.clone())?,
        };
        ensure!(
            mail.raw.contains("using TLSv1.3"),
            "it came in the clear: {}",
            mail.raw
        );
        ensure!(mail.raw.starts_with("Return-Path: <b+"), "{}", mail.raw);
        Ok(mail)
    }

    /// The first link to a page of ours that begins like this.
    fn link(&self, text: &str, path: &str) -> anyhow::Result<String> {
        let start = self.served.url(path);
        let at = text
            .find(&start)
            .with_context(|| format!("no link to {start} in {text}"))?;
        let rest = &text[at..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'));
        Ok(rest[..end.unwrap_or(rest.len())].to_owned())
    }

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
        let invitation = self.postfix.mails(&self.customer)?;
        assert_eq!(self.work().await?, 2);
        let receipt = crate::harness::wait_until(
            "the receipt",
            std::time::Duration::from_secs(30),
            async || {
                let mails = self.postfix.mails(&self.customer)?;
                Ok(mails.into_iter().find(|mail| !invitation.contains(mail)))
            },
        )
        .await?;
        let parsed = MessageParser::default()
            .parse(&receipt)
            .context("no mail")?;
        let text = parsed.body_text(0).context("no text")?;
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
