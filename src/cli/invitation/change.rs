//! `invitation resend`, `revoke` and `mark`.

use serde_json::json;

use crate::app::App;
use crate::cli::choice::one_of;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::audit::Actor;
use crate::domain::microsoft::{Step, StepState};
use crate::storage::dossier;
use crate::workflow::revoke::StepError;
use crate::workflow::{resend as resending, revoke as revoking, steps};

const EXAMPLE_RESEND: &str = "\
Example:
  countersign invitation resend inv_0193a7c1d2e3748596a7b8c9d0e1f203

JSON: {\"invitation\", \"outcome\": \"resent\" | \"replaced\", \"new\"}: an expired one is replaced by a new one";

const EXAMPLE_REVOKE: &str = "\
Example:
  countersign invitation revoke inv_0193a7c1d2e3748596a7b8c9d0e1f203 --yes

JSON: {\"invitation\", \"outcome\": \"revoked\"}";

const EXAMPLE_MARK: &str = "\
Example:
  countersign invitation mark inv_0193a7c1d2e3748596a7b8c9d0e1f203 gdap confirmed

JSON: {\"invitation\", \"step\", \"state\"}";

/// Mail an invitation again, with a new link: the older ones end, reminders start over
///
/// An expired invitation cannot come back: a new one with the same offer takes its place.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_RESEND)]
pub(super) struct Resend {
    /// Its id (inv_…)
    invitation: String,
}

/// Take a pending invitation back: its links stop working, nobody is mailed
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_REVOKE)]
pub(super) struct Revoke {
    /// Its id (inv_…)
    invitation: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Record how a step on Microsoft's side stands
///
/// What is said here is kept apart from the customer's consent, with its date and who said so.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_MARK)]
pub(super) struct Mark {
    /// Its id (inv_…)
    invitation: String,
    /// The step
    #[arg(value_parser = one_of(Step::ALL))]
    step: Step,
    /// How it stands: `confirmed` when it was seen at Microsoft; the customer speaks on the receipt
    #[arg(value_parser = one_of(&OTHERS_SAY))]
    state: StepState,
}

/// What anybody but the customer can say of a step.
static OTHERS_SAY: [StepState; 3] = [
    StepState::SaidByPartner,
    StepState::Confirmed,
    StepState::Unknown,
];

pub(super) async fn resend(args: &Resend, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = super::parse(&args.invitation)?;
    let sent = resending::resend(&app.engine, id, Actor::Operator).await?;
    let outcome = if sent == id { "resent" } else { "replaced" };
    if cx.out.is_json() {
        cx.out.object(
            &json!({"invitation": id, "outcome": outcome, "new": (sent != id).then_some(sent)}),
        );
    } else if sent == id {
        cx.out.text(&format!("resent {id}"));
    } else {
        cx.out
            .text(&format!("replaced {id}, which has expired, by {sent}"));
    }
    Ok(ExitStatus::Done)
}

pub(super) async fn revoke(args: &Revoke, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = super::parse(&args.invitation)?;
    if !args.yes {
        let mut conn = app.engine.db.read().await?;
        let found = dossier::of_invitation(&mut conn, id).await?;
        let found = found.ok_or(StepError::NotFound)?;
        cx.confirm(
            &format!(
                "Take back the invitation of {} ({id})?",
                found.organization_name
            ),
            false,
        )?;
    }
    revoking::revoke(&app.engine, id, Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out
            .object(&json!({"invitation": id, "outcome": "revoked"}));
    } else {
        cx.out.text(&format!("revoked {id}"));
    }
    Ok(ExitStatus::Done)
}

pub(super) async fn mark(args: &Mark, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = super::parse(&args.invitation)?;
    let (step, state) = (args.step, args.state);
    steps::mark(&app.engine, id, step, state, Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out
            .object(&json!({"invitation": id, "step": step, "state": state}));
    } else {
        cx.out.text(&format!("{step} is {state} for {id}"));
    }
    Ok(ExitStatus::Done)
}
