//! `agreement ask-again`: a newer text is in force.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::partner::{handles, resolve};
use crate::cli::table::{Column, Table};
use crate::workflow::invite::Outcome;
use crate::workflow::mca::{Asked, Wanted, ask_again};

const EXAMPLE: &str = "\
Example:
  countersign agreement ask-again --dry-run
  countersign agreement ask-again --partner hanbit

JSON: an object a customer: {\"relationship\" (null where the agreement alone was accepted), \"partner\", \"organization\", \
\"email\", \"standing\": \"older\" | \"missing\", \"version\", \"outcome\": \"created\" | \"would_create\" | \"already_pending\" | \"replayed\" | \"refused\", \"invitation\", \
\"message\"}. The exit code is 4 when a customer could not be asked";

/// Ask every customer whose consent is older than the text in force to accept that one
///
/// Asked are customers with a relationship that holds, and those who had never more than the agreement. Each gets an invitation to the agreement alone. Running it again asks nobody twice for the same text: `replayed` means that a customer was asked for it before.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Only customers of this partner: its handle or id
    #[arg(long)]
    partner: Option<String>,
    /// Also customers of whom no consent is on record
    #[arg(long)]
    missing: bool,
    /// Say who would be asked, and ask nobody
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let mut conn = app.engine.db.read().await?;
    let partner = match &args.partner {
        Some(named) => Some(resolve(&mut conn, Some(named)).await?.id),
        None => None,
    };
    let handles = handles(&mut conn).await?;
    drop(conn);
    let wanted = Wanted {
        partner,
        missing: args.missing,
        dry_run: args.dry_run,
    };
    let asked = ask_again(&app.engine, &wanted).await?;
    let mut table = Table::new(&[
        Column::Text("ORGANIZATION"),
        Column::Text("EMAIL"),
        Column::Whole("ACCEPTED"),
        Column::Whole("OUTCOME"),
        Column::Text("PARTNER"),
    ]);
    for one in &asked {
        let handle = handles
            .get(&one.customer.partner_id)
            .cloned()
            .unwrap_or_default();
        let version = one
            .standing
            .consent()
            .map(|consent| consent.version.clone());
        let outcome = word(one, args.dry_run);
        if cx.out.is_json() {
            let invitation = one.outcome.as_ref().ok().map(|outcome| outcome.id());
            cx.out.object(&json!({
                "relationship": one.customer.relationship_id,
                "partner": handle,
                "organization": one.customer.organization_name,
                "email": one.dossier.smtp_address,
                "standing": one.standing.as_str(),
                "version": version,
                "outcome": outcome,
                "invitation": invitation.filter(|_| outcome != "would_create"),
                "message": one.outcome.as_ref().err().map(ToString::to_string),
            }));
            continue;
        }
        table.row([
            one.customer.organization_name.clone(),
            one.dossier.smtp_address.clone(),
            version.unwrap_or_else(|| "-".to_owned()),
            outcome.to_owned(),
            handle,
        ]);
    }
    if asked.is_empty() {
        cx.out
            .say("nobody is to be asked: every consent is to the text in force");
    } else if !cx.out.is_json() {
        cx.out.text(&table.to_string());
    }
    let mut status = ExitStatus::Done;
    for one in &asked {
        if let Err(error) = &one.outcome {
            status = ExitStatus::Refused;
            cx.out
                .say(&format!("{}: {error}", one.customer.invitation_id));
        }
    }
    Ok(status)
}

const fn word(asked: &Asked, dry_run: bool) -> &'static str {
    match asked.outcome {
        Ok(Outcome::Created(_)) if dry_run => "would_create",
        Ok(Outcome::Created(_)) => "created",
        Ok(Outcome::AlreadyPending(_)) => "already_pending",
        Ok(Outcome::Replayed(_)) => "replayed",
        Err(_) => "refused",
    }
}
