//! `invitation`: those that were made. The links of their mails are never printed: they are the customers'.

mod change;
mod correct;
pub(super) mod evidence;
mod links;
mod list;
mod show;

use clap::Subcommand;

use super::context::Context;
use super::failure::{ExitStatus, Failure};
use crate::domain::ids::InvitationId;

const EXAMPLE: &str = "\
Example:
  countersign invitation list --state pending
  countersign invitation show inv_0193a7c1d2e3748596a7b8c9d0e1f203
  countersign invitation resend inv_0193a7c1d2e3748596a7b8c9d0e1f203";

/// List, show, correct, resend, revoke and mark invitations, supply their links, export evidence
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Args),
    Show(show::Args),
    Evidence(evidence::Args),
    Links(links::Args),
    Correct(correct::Args),
    Resend(change::Resend),
    Revoke(change::Revoke),
    Mark(change::Mark),
}

/// Runs `invitation`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::List(args) => list::run(&args, &cx, app).await,
        Action::Show(args) => show::run(&args, &cx, app).await,
        Action::Evidence(args) => evidence::run(&args, &cx, app).await,
        Action::Links(args) => links::run(&args, &cx, app).await,
        Action::Correct(args) => correct::run(&args, &cx, app).await,
        Action::Resend(args) => change::resend(&args, &cx, app).await,
        Action::Revoke(args) => change::revoke(&args, &cx, app).await,
        Action::Mark(args) => change::mark(&args, &cx, app).await,
    })
    .await
}

/// An id as it was typed; it is not repeated, for it may be a link that was pasted.
fn parse(text: &str) -> Result<InvitationId, Failure> {
    text.parse()
        .map_err(|error: crate::domain::ids::ParseIdError| {
            Failure::field("invitation", error.to_string())
        })
}
