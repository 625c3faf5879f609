//! `serve`: the pages and a worker, until the process is told to end.

use std::sync::Arc;

use super::context::Context;
use super::failure::{ExitStatus, Failure};
use crate::app::service::{self, Parts};

const EXAMPLE: &str = "\
Example:
  countersign serve
  countersign serve --pages-only      # with workers elsewhere, on PostgreSQL

The pages are at `listen`, behind your TLS proxy at `public_url`. Health and metrics are at `admin_listen`: /livez, /readyz, \
/metrics. SIGTERM or Ctrl-C ends it: what is in flight is finished, nothing new is taken.";

/// Serve the customer's pages and send what is due
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Only the pages: `worker` or `tick` sends the mails
    #[arg(long)]
    pages_only: bool,
}

/// Runs `serve`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    let parts = if args.pages_only {
        Parts::Pages
    } else {
        Parts::All
    };
    start(&cx, parts).await
}

/// Runs a service with these parts.
pub(super) async fn start(cx: &Context, parts: Parts) -> Result<ExitStatus, Failure> {
    cx.start_log(&cx.config()?.log)?;
    cx.with_app(async |app| {
        let post = match parts {
            Parts::Pages => None,
            Parts::All | Parts::Worker => Some(Arc::new(app.post()?)),
        };
        service::run(app, post, parts).await?;
        Ok(ExitStatus::Done)
    })
    .await
}
