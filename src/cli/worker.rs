//! `worker`: only a worker, as many as wanted on PostgreSQL.

use super::context::Context;
use super::failure::{ExitStatus, Failure};
use super::serve::start;
use crate::app::service::Parts;

const EXAMPLE: &str = "\
Example:
  countersign worker

Health and metrics are at `admin_listen`; give each worker on one machine its own (COUNTERSIGN_ADMIN_LISTEN).";

/// Send what is due, until told to end
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {}

/// Runs `worker`.
pub(super) async fn run(_args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    start(&cx, Parts::Worker).await
}
