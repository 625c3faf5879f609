//! The clients of `examples/`, as a partner's developer would run them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use countersign::domain::time::SECOND;
use countersign::workflow::seal;

use super::interface;
use crate::harness::{Case, Ctx, Interface, Need, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(the_python_client_invites_lists_and_follows).needs(Need::Webhooks),
        case!(the_node_client_invites_lists_and_follows).needs(Need::Webhooks),
    ]
}

async fn the_python_client_invites_lists_and_follows(ctx: &Ctx) -> Outcome {
    follows(ctx, "python3", "client.py").await
}

async fn the_node_client_invites_lists_and_follows(ctx: &Ctx) -> Outcome {
    follows(ctx, "node", "client.mjs").await
}

struct Client<'a> {
    interface: &'a Interface,
    program: &'static str,
    file: &'static str,
}

impl Client<'_> {
    /// Runs a command of the client: whether it succeeded, and the lines that it printed, or said on stderr.
    async fn run(&self, arguments: &[&str]) -> anyhow::Result<(bool, Vec<String>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let mut command = Command::new(self.program);
        command
            .arg(folder.join(self.file))
            .args(arguments)
            .env("COUNTERSIGN_URL", self.interface.served.url(""))
            .env("COUNTERSIGN_KEY", &self.interface.key);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let said = if output.status.success() {
            output.stdout
        } else {
            output.stderr
        };
        let said = String::from_utf8(said)?;
        Ok((
            output.status.success(),
            said.lines().map(str::to_owned).collect(),
        ))
    }

    async fn good(&self, arguments: &[&str]) -> anyhow::Result<Vec<String>> {
        let (succeeded, said) = self.run(arguments).await?;
        ensure!(succeeded, "{arguments:?}: {said:?}");
        Ok(said)
    }
}

async fn follows(ctx: &Ctx, program: &'static str, file: &'static str) -> Outcome {
    let interface = interface(ctx).await?;
    let client = Client {
        interface: &interface,
        program,
        file,
    };
    // More than one page of each list.
    for number in 0..100 {
        interface
            .invite(&format!("kim{number}@contoso.example"))
            .await?;
    }
    // In the order of their times, and the clock stands still.
    interface.world.pass(SECOND);
    let invite = ["invite", "Alder & Finch", "Eleanor Whitcombe"];
    let made = client
        .good(&[&invite[..], &["eleanor@alder.example"]].concat())
        .await?;
    let [id] = &*made else {
        anyhow::bail!("{made:?}");
    };
    let shown = client.good(&["show", id]).await?;
    assert_eq!(shown, ["pending eleanor@alder.example"]);
    let again = client
        .good(&[&invite[..], &["eleanor@alder.example"]].concat())
        .await?;
    assert_eq!(&again, &made, "the same offer waits there already");
    let listed = client.good(&["list"]).await?;
    assert_eq!(listed.len(), 101);
    assert_eq!(
        listed[0],
        format!("{id} pending Alder & Finch"),
        "the newest first"
    );
    assert_eq!(client.good(&["revoke", id]).await?, ["revoked"]);
    let revoked = client.good(&["list", "revoked"]).await?;
    assert_eq!(revoked, [format!("{id} revoked Alder & Finch")]);

    seal::seal(&interface.world.engine).await?;
    let events = client.good(&["events"]).await?;
    let kinds = |kind: &str| events.iter().filter(|line| line.ends_with(kind)).count();
    assert_eq!(
        (kinds(" invitation.created"), kinds(" invitation.revoked")),
        (101, 1)
    );
    let last_but_one = &events[events.len() - 2];
    let after = last_but_one.split(' ').next().context("an id")?;
    assert_eq!(
        client.good(&["events", after]).await?,
        events[events.len() - 1..]
    );

    let (succeeded, said) = client.run(&[&invite[..], &["somebody"]].concat()).await?;
    ensure!(
        !succeeded && said[1].contains("/recipient/email"),
        "{said:?}"
    );
    let nobody = format!("inv_{}", "0".repeat(32));
    let (succeeded, said) = client.run(&["revoke", &nobody]).await?;
    ensure!(
        !succeeded && said[0].starts_with("There is nothing here"),
        "{said:?}"
    );
    Ok(())
}
