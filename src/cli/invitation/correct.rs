//! `invitation correct`.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::domain::audit::Actor;
use crate::domain::draft::{Errors, FieldError};
use crate::workflow::people::{self, Correction};

const EXAMPLE: &str = "\
Example:
  countersign invitation correct inv_0193a7c1d2e3748596a7b8c9d0e1f203 \\
    --email gildong.hong@customer.example

JSON: {\"invitation\", \"outcome\": \"corrected\"}";

/// Correct the address of a pending invitation: a new link goes there, the old one ends
///
/// The offer, its note and whoever reads along stay. The record keeps that it was corrected, and by whom.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Its id (inv_…)
    invitation: String,
    /// The right address
    #[arg(long, value_name = "ADDRESS")]
    email: String,
    /// The full name of the person there, if that was wrong, too
    #[arg(long)]
    name: Option<String>,
    /// Ask a mailbox at the partner's own domain all the same; the record says so
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = super::parse(&args.invitation)?;
    let to = correction(args).map_err(Failure::fields)?;
    people::correct(&app.engine, id, to, Actor::Operator).await?;
    if cx.out.is_json() {
        cx.out
            .object(&json!({"invitation": id, "outcome": "corrected"}));
    } else {
        cx.out.text(&format!("corrected {id}"));
        cx.out
            .say("a new link goes to the new address; the one before no longer works");
    }
    Ok(ExitStatus::Done)
}

fn correction(args: &Args) -> Result<Correction, Vec<FieldError>> {
    let mut errors = Errors::default();
    let email = errors.keep("email", args.email.trim().parse());
    let name = match &args.name {
        Some(name) => errors.keep("name", name.parse()).map(Some),
        None => Some(None),
    };
    match (email, name) {
        (Some(email), Some(name)) => Ok(Correction {
            email,
            name,
            force: args.force,
        }),
        _ => Err(errors.0),
    }
}
