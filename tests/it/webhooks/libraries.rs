//! Calls as somebody else's code sees them: the libraries of Standard Webhooks for Python and JavaScript verify what really
//! arrives.

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use countersign::domain::audit::Actor;
use countersign::domain::time::SystemClock;
use countersign::domain::webhook::Secret;
use countersign::workflow::webhook;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::Hooked;
use crate::harness::{Case, Ctx, Need, Outcome, Process, case, free_port, wait_until};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(the_python_library_verifies_our_calls)
            .needs(Need::Webhooks)
            .on_each_database(),
        case!(the_javascript_library_verifies_our_calls)
            .needs(Need::Webhooks)
            .on_each_database(),
    ]
}

async fn the_python_library_verifies_our_calls(ctx: &Ctx) -> Outcome {
    let wheel = env::var("COUNTERSIGN_TEST_WEBHOOKS_PYTHON").context("Need::Webhooks")?;
    let mut command = Command::new("python3");
    command
        .args(["-c", include_str!("receiver.py")])
        .env("PYTHONPATH", wheel);
    verified(ctx, command).await
}

async fn the_javascript_library_verifies_our_calls(ctx: &Ctx) -> Outcome {
    let modules = env::var("COUNTERSIGN_TEST_WEBHOOKS_NODE").context("Need::Webhooks")?;
    let mut command = Command::new("node");
    command
        .args(["--eval", include_str!("receiver.cjs")])
        .env("NODE_PATH", modules);
    verified(ctx, command).await
}

/// A receiver with a secret, and what it has printed.
struct Library<'a> {
    ctx: &'a Ctx,
    name: &'a str,
    port: u16,
    _process: Process,
}

impl<'a> Library<'a> {
    async fn start(
        ctx: &'a Ctx,
        name: &'a str,
        command: &mut Command,
        secret: &Secret,
        port: u16,
    ) -> anyhow::Result<Self> {
        command
            .env("WEBHOOK_SECRET", secret.text().expose_secret())
            .env("PORT", port.to_string());
        let process = ctx.start(name, command)?;
        wait_until("the receiver", Duration::from_secs(20), async || {
            let connected = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
            Ok(connected.ok().map(drop))
        })
        .await?;
        Ok(Self {
            ctx,
            name,
            port,
            _process: process,
        })
    }

    fn lines(&self) -> anyhow::Result<Vec<Value>> {
        let log = std::fs::read_to_string(self.ctx.folder().join(format!("{}.log", self.name)))?;
        let objects = log.lines().filter(|line| line.starts_with('{'));
        Ok(objects
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()?)
    }
}

async fn verified(ctx: &Ctx, mut command: Command) -> Outcome {
    let mut it = Hooked::new(ctx).await?;
    // The libraries refuse what is older than five minutes.
    it.world.engine.clock = Arc::new(SystemClock);
    let engine = it.world.engine.clone();
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}/countersign");
    let hook = it
        .endpoint_of(it.world.partner, &url, &["invitation.created"])
        .await?;
    let id = hook.webhook.id;
    let library = Library::start(ctx, "receiver", &mut command, &hook.secret, port).await?;
    let event = webhook::test(&engine, id, Actor::Operator).await?;
    it.world.invite("hong@customer.example").await?;
    it.run().await?;
    let lines = library.lines()?;
    let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str()).collect();
    ensure!(
        kinds.len() == 2
            && kinds.contains(&Some("webhook.test"))
            && kinds.contains(&Some("invitation.created")),
        "{lines:?}"
    );
    ensure!(lines.iter().any(|line| line["id"] == event.to_string()));
    // While the secret rotates, whoever has the former one verifies as well; afterwards no more.
    webhook::rotate(&engine, id, None, Actor::Operator).await?;
    it.world.invite("rotating@customer.example").await?;
    it.run().await?;
    assert_eq!(library.lines()?.len(), 3);
    webhook::rotate(&engine, id, Some(0), Actor::Operator).await?;
    webhook::test(&engine, id, Actor::Operator).await?;
    it.run().await?;
    let lines = library.lines()?;
    ensure!(
        lines.len() == 4 && lines[3]["refused"].is_string(),
        "{lines:?}"
    );
    let log = it.log(id).await?;
    assert_eq!(
        (log[0].state.as_str(), log[0].tries[0].status),
        ("failed", Some(400))
    );
    ensure!(library.port == port);
    Ok(())
}
