use super::context::Context;
use super::failure::{ExitStatus, Failure};
/// x
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:")]
pub(super) struct Args {}
/// x
pub(super) async fn run(_args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.out.text(&crate::config::Config::template());
    Ok(ExitStatus::Done)
}
