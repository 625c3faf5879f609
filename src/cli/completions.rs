//! `completions`: for the shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::context::Context;
use super::failure::{ExitStatus, Failure};

const EXAMPLE: &str = "\
Example:
  countersign completions bash > /etc/bash_completion.d/countersign";

/// Write a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

/// Runs `completions`.
#[expect(clippy::unused_async, reason = "as every command")]
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut super::Cli::command(),
        "countersign",
        &mut script,
    );
    cx.out.raw(&script);
    Ok(ExitStatus::Done)
}
