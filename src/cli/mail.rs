//! `mail`: try the way out, and look at what is mailed.

mod preview;
mod test;

use clap::Subcommand;

use super::context::Context;
use super::failure::{ExitStatus, Failure};

const EXAMPLE: &str = "\
Example:
  countersign mail test --to me@example.com
  countersign mail preview --dir /tmp/mails";

/// Send a test mail, and preview every mail
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Test(test::Args),
    Preview(preview::Args),
}

/// Runs `mail`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    match args.action {
        Action::Test(args) => test::run(&args, &cx).await,
        Action::Preview(args) => preview::run(&args, &cx),
    }
}
