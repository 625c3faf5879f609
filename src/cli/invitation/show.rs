//! `invitation show`: one invitation with its time line.

use serde_json::json;

use super::list::object;
use crate::app::App;
use crate::cli::context::{Context, TimeWriter, Times};
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::partner::handles;
use crate::cli::table::{Column, Table};
use crate::domain::invitation::RecipientRole;
use crate::domain::microsoft::Links;
use crate::domain::offer::Offer;
use crate::workflow::revoke::StepError;
use crate::workflow::timeline::{self, Timeline};

const EXAMPLE: &str = "\
Example:
  countersign invitation show inv_0193a7c1d2e3748596a7b8c9d0e1f203 \\
    --time-zone Asia/Seoul

JSON: the object of `invitation list`, with \"people\": [{\"role\", \"name\", \
\"email\"}], \"steps\": [{\"step\", \"state\", \"changed_at\"}] and \"timeline\": [{\"at\", \
\"what\", \"detail\"}]";

/// Show an invitation: what was offered to whom, what happened, and what is planned
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Its id (inv_…)
    invitation: String,
    #[command(flatten)]
    times: Times,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let id = super::parse(&args.invitation)?;
    let found = timeline::of(&app.engine, id)
        .await?
        .ok_or(StepError::NotFound)?;
    let mut conn = app.engine.db.read().await?;
    let handle = handles(&mut conn)
        .await?
        .remove(&found.dossier.partner_id)
        .unwrap_or_default();
    if cx.out.is_json() {
        let mut shown = object(&found.dossier, &handle);
        shown["steps"] = found
            .steps
            .iter()
            .map(|known| {
                json!({"step": known.step, "state": known.state, "changed_at": known.changed_at})
            })
            .collect();
        shown["people"] = found
            .parts
            .iter()
            .map(|part| json!({"role": part.role, "name": part.name, "email": part.smtp_address}))
            .collect();
        shown["timeline"] = json!(found.lines);
        cx.out.object(&shown);
    } else {
        cx.out.text(&details(&found, &handle, &times).to_string());
        cx.out.text(&format!("\n{}", line_by_line(&found, &times)));
    }
    Ok(ExitStatus::Done)
}

fn details(found: &Timeline, handle: &str, times: &TimeWriter) -> Table {
    let dossier = &found.dossier;
    let mut table = Table::pairs();
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            table.row([name.to_owned(), value]);
        }
    };
    row("invitation", Some(dossier.id.to_string()));
    row("state", Some(dossier.state.to_string()));
    row("partner", Some(handle.to_owned()));
    row("organization", Some(dossier.organization_name.clone()));
    row("name", Some(dossier.recipient_name.clone()));
    row("email", Some(dossier.smtp_address.clone()));
    let of_role = |role| {
        let parts = found.parts.iter().filter(|part| part.role == role);
        let addresses: Vec<_> = parts.map(|part| part.smtp_address.as_str()).collect();
        (!addresses.is_empty()).then(|| addresses.join(", "))
    };
    row("reads along", of_role(RecipientRole::Viewer));
    row("asked before", of_role(RecipientRole::Former));
    let offer: Option<Offer> = serde_json::from_str(&dossier.offer).ok();
    if let Some(offer) = offer {
        row("partner type", offer.relationship().map(str::to_owned));
        let roles = offer.roles().join(", ");
        row("roles", (!roles.is_empty()).then_some(roles));
        row(
            "duration",
            offer.duration().map(|duration| duration.to_string()),
        );
        let agreement = if offer.agreement() {
            "offered"
        } else {
            "not offered"
        };
        row("agreement", Some(agreement.to_owned()));
    }
    let links: Links = serde_json::from_str(&dossier.links).unwrap_or_default();
    for (field, _, link) in links.given() {
        row(&field.replace('_', " "), Some(link));
    }
    row("language", Some(dossier.language.to_string()));
    row("time zone", Some(dossier.time_zone.clone()));
    row("reference", dossier.reference.clone());
    row("note", dossier.note.clone());
    row("made", Some(times.write(dossier.created_at)));
    row("until", Some(times.write(dossier.expires_at)));
    row("ended", dossier.ended_at.map(|at| times.write(at)));
    row(
        "declined for",
        dossier.decline_reason.map(|reason| reason.to_string()),
    );
    row("in their words", dossier.decline_text.clone());
    let since = |at: Option<_>| at.map(|at| format!("since {}", times.write(at)));
    row("no reminders", since(dossier.reminders_stopped_at));
    row("undeliverable", since(dossier.undeliverable_at));
    for known in &found.steps {
        let state = format!("{} ({})", known.state, times.write(known.changed_at));
        row(&format!("Microsoft: {}", known.step), Some(state));
    }
    table
}

fn line_by_line(found: &Timeline, times: &TimeWriter) -> Table {
    let mut table = Table::new(&[
        Column::Whole("WHEN"),
        Column::Whole("WHAT"),
        Column::Text("DETAIL"),
    ]);
    for line in &found.lines {
        table.row([times.write(line.at), line.what.clone(), line.detail.clone()]);
    }
    table
}
