//! The command line: one file a command, each with its `Args` and a `run` that takes them and a [`Context`].
//!
//! Data goes to stdout and talk to stderr. With `--json`, data is one JSON object a line: one for a command about one thing,
//! one an item for a list. docs/cli.md lists the objects and the exit codes; both stay as they are.

mod agreement;
mod api_key;
mod audit;
mod choice;
mod completions;
mod context;
mod csv;
mod demo;
mod doctor;
mod failure;
mod init;
mod invitation;
mod invite;
mod key;
mod mail;
mod migrate;
mod out;
mod partner;
mod privacy;
mod profile;
mod queue;
mod relationship;
mod serve;
mod simulate;
mod suppression;
mod table;
mod tick;
mod token;
mod webhook;
mod worker;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Environment;
pub use context::{Context, TimeWriter, Times};
pub use failure::{ExitStatus, Failure, Problem};
pub use out::Out;
pub use table::{Column, Table};

const AFTER_HELP: &str = "\
Example, from nothing to the first invitation:
  countersign init --mail-domain mail.example.com \\
    --public-url https://sign.example.com
  countersign doctor
  countersign partner add --handle hanbit --name Hanbit …
  countersign agreement add mca.txt --version 2024-09 --language en --title MCA
  countersign invite --organization Contoso --name 'Kim Minsu' \\
    --email kim@contoso.example --type reseller --mca
  countersign serve

Exit codes:
  0  done
  1  something could not be done, or a check found a fault
  2  the command line, a setting, the keys or the schema has to be mended first
  3  what was named does not exist
  4  refused: a field is wrong, or the state does not allow it
  5  the database or the mail server is away; it may work later";

/// Invites customers to partner relationships by mail, and records their consent.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = AFTER_HELP)]
pub struct Cli {
    /// The settings file [default: what `COUNTERSIGN_CONFIG` names, else `countersign.toml`]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    config: Option<PathBuf>,

    /// Write data as JSON, one object a line; a failure adds {"error": …} as the last one
    #[arg(long, global = true, help_heading = "Everywhere")]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Migrate(migrate::Args),
    Doctor(doctor::Args),
    Partner(partner::Args),
    Agreement(agreement::Args),
    Invite(Box<invite::Args>),
    Simulate(Box<simulate::Args>),
    Invitation(invitation::Args),
    Relationship(relationship::Args),
    Queue(queue::Args),
    Serve(serve::Args),
    Worker(worker::Args),
    Tick(tick::Args),
    Token(token::Args),
    Key(key::Args),
    Audit(audit::Args),
    Mail(mail::Args),
    Demo(demo::Args),
    Completions(completions::Args),
    Profile(profile::Args),
    Privacy(privacy::Args),
    Webhook(webhook::Args),
    Suppression(suppression::Args),
    ApiKey(api_key::Args),
}

impl Cli {
    /// Reads the command line.
    ///
    /// # Errors
    /// The exit code, once help, the version or what is wrong has been written.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ExitStatus> {
        Self::try_parse_from(arguments).map_err(|error| {
            // Nobody can be told when this fails.
            error.print().ok();
            if error.use_stderr() {
                ExitStatus::Usage
            } else {
                ExitStatus::Done
            }
        })
    }

    /// Runs the command and tells what came of it.
    pub async fn run(self, env: Environment) -> ExitStatus {
        let out = Out::new(self.json);
        let cx = Context::new(out.clone(), env, self.config);
        let result = match dispatch(self.command, cx).await {
            Ok(status) => out.finish().map(|()| status),
            Err(failure) => Err(failure),
        };
        result.unwrap_or_else(|failure| {
            if out.is_json() {
                out.object(&failure.json());
            }
            failure.lines().iter().for_each(|line| out.say(line));
            failure.status
        })
    }
}

async fn dispatch(command: Command, cx: Context) -> Result<ExitStatus, Failure> {
    match command {
        Command::Init(args) => init::run(args, cx).await,
        Command::Migrate(args) => migrate::run(args, cx).await,
        Command::Doctor(args) => doctor::run(args, cx).await,
        Command::Partner(args) => partner::run(args, cx).await,
        Command::Agreement(args) => agreement::run(args, cx).await,
        Command::Invite(args) => invite::run(*args, cx).await,
        Command::Simulate(args) => simulate::run(*args, cx).await,
        Command::Invitation(args) => invitation::run(args, cx).await,
        Command::Relationship(args) => relationship::run(args, cx).await,
        Command::Queue(args) => queue::run(args, cx).await,
        Command::Serve(args) => serve::run(args, cx).await,
        Command::Worker(args) => worker::run(args, cx).await,
        Command::Tick(args) => tick::run(args, cx).await,
        Command::Token(args) => token::run(args, cx).await,
        Command::Key(args) => key::run(args, cx).await,
        Command::Audit(args) => audit::run(args, cx).await,
        Command::Mail(args) => mail::run(args, cx).await,
        Command::Demo(args) => demo::run(args, cx).await,
        Command::Completions(args) => completions::run(args, cx).await,
        Command::Profile(args) => profile::run(args, cx).await,
        Command::Privacy(args) => privacy::run(args, cx).await,
        Command::Webhook(args) => webhook::run(args, cx).await,
        Command::Suppression(args) => suppression::run(args, cx).await,
        Command::ApiKey(args) => api_key::run(args, cx).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_stands_in_the_documents() {
        fn leaves(command: &clap::Command, path: &str) -> Vec<String> {
            if !command.has_subcommands() {
                return vec![path.to_owned()];
            }
            let below = command.get_subcommands().flat_map(|command| {
                let path = format!("{path} {}", command.get_name());
                leaves(command, path.trim_start())
            });
            below.collect()
        }
        let documents = include_str!("../../docs/cli.md");
        let (_, objects) = documents.split_once("## Objects").unwrap();
        let commands = leaves(&Cli::command(), "");
        assert!(commands.len() > 30, "{commands:?}");
        for command in commands {
            assert!(
                objects.contains(&format!("`{command}`")),
                "docs/cli.md lacks `{command}`"
            );
        }
    }

    #[test]
    fn the_command_line_holds_together_and_every_command_shows_an_example() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        let mut open = vec![command];
        while let Some(command) = open.pop() {
            let help = command.get_after_help().map(ToString::to_string);
            let name = command.get_name();
            assert!(
                name == "help" || help.is_some_and(|help| help.contains("Example")),
                "{name} shows no example"
            );
            assert!(
                command.get_about().is_some(),
                "{name} says nothing of itself"
            );
            if name != "help" {
                open.extend(command.get_subcommands().cloned());
            }
        }
    }
}
