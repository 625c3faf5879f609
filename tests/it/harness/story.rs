//! A partner, a customer and all that is between them, on real parts: PostgreSQL, Postfix with STARTTLS, dkimpy, Chromium.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
use mail_parser::MessageParser;
use tokio_util::sync::CancellationToken;

use super::{Ctx, Postfix, Served, World, dkim, wait_until};

/// The mail domain of the stories.
pub(crate) const DOMAIN: &str = "countersign.example";

/// A mail from the mailbox, its signatures checked.
pub(crate) struct Delivered {
    pub(crate) raw: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A partner, a customer, and all that is between them.
pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) served: Served,
    pub(crate) post: Arc<Post>,
    pub(crate) postfix: Postfix,
    /// The DNS of the mail domain: names and TXT records of its keys.
    pub(crate) keys: Vec<(String, String)>,
    pub(crate) partner: PartnerId,
    pub(crate) partner_address: String,
    pub(crate) customer: String,
    /// The mails that were read.
    read: Mutex<Vec<Vec<u8>>>,
}

impl Story {
    pub(crate) async fn begin(ctx: &Ctx) -> anyhow::Result<Self> {
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
            read: Mutex::default(),
        })
    }

    pub(crate) async fn invite(&self, draft: Draft) -> anyhow::Result<InvitationId> {
        let id = self
            .world
            .try_invite(self.partner, &draft, None)
            .await?
            .id();
        assert_eq!(self.work().await?, 1);
        Ok(id)
    }

    /// Lets a worker send what is due; tells how many mails that were.
    pub(crate) async fn work(&self) -> anyhow::Result<usize> {
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

    /// The next mail in a mailbox that was not read before: encrypted on its way, and with both signatures.
    pub(crate) async fn arrives(&self, address: &str) -> anyhow::Result<Delivered> {
        let what = format!("a mail to {address}");
        let raw = wait_until(&what, Duration::from_secs(30), async || {
            let mails = self.postfix.mails(address)?.into_iter();
            let read = self.read.lock().expect("no reader panicked");
            Ok(mails.into_iter().find(|mail| !read.contains(mail)))
        })
        .await?;
        self.read
            .lock()
            .expect("no reader panicked")
            .push(raw.clone());
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
        let mail = Delivered {
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
    pub(crate) fn link(&self, text: &str, path: &str) -> anyhow::Result<String> {
        let start = self.served.url(path);
        let at = text
            .find(&start)
            .with_context(|| format!("no link to {start} in {text}"))?;
        let rest = &text[at..];
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'));
        Ok(rest[..end.unwrap_or(rest.len())].to_owned())
    }
}
