//! `invitation list`.

use serde_json::{Value, json};

use crate::app::App;
use crate::cli::choice::one_of;
use crate::cli::context::{Context, TimeWriter, Times};
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::partner::{handles, resolve};
use crate::cli::table::{Column, Table};
use crate::domain::invitation::StateName;
use crate::storage::dossier::Dossier;
use crate::storage::invitation::Filter;
use crate::storage::{dossier, invitation};

const EXAMPLE: &str = "\
Example:
  countersign invitation list --partner hanbit --state pending
  countersign invitation list --limit 1000 --json |
    jq -r 'select(.undeliverable_at) | .email'

JSON: an object an invitation: {\"invitation\", \"partner\", \"state\", \"organization\", \"name\", \"email\", \"offer\", \
\"language\", \"time_zone\", \"reference\", \"note\", \"links\", \"generation\", \"created_at\", \"expires_at\", \"ended_at\", \
\"decline_reason\", \"decline_text\", \"reminders_stopped_at\", \"undeliverable_at\"}";

/// List invitations, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Only those of this partner: its handle or id
    #[arg(long)]
    partner: Option<String>,
    /// Only those in this state
    #[arg(long, value_parser = one_of(StateName::ALL))]
    state: Option<StateName>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only those made before this one (inv_…)
    #[arg(long, value_name = "ID")]
    before: Option<String>,
    #[command(flatten)]
    times: Times,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let before = args.before.as_deref().map(super::parse).transpose()?;
    let mut conn = app.engine.db.read().await?;
    let of = match &args.partner {
        Some(named) => Some(resolve(&mut conn, Some(named)).await?.id),
        None => None,
    };
    let filter = Filter {
        partner: of,
        state: args.state,
        before,
        limit: i64::from(args.limit),
    };
    let found = invitation::list(&mut conn, filter).await?;
    let mut dossiers = dossier::of_invitations(&mut conn, found.iter().map(|row| row.id)).await?;
    dossiers.sort_by_key(|dossier| std::cmp::Reverse(dossier.id));
    let handles = handles(&mut conn).await?;
    let handle = |dossier: &Dossier| {
        handles
            .get(&dossier.partner_id)
            .cloned()
            .unwrap_or_default()
    };
    if cx.out.is_json() {
        for dossier in &dossiers {
            cx.out.object(&object(dossier, &handle(dossier)));
        }
    } else if dossiers.is_empty() {
        cx.out.say("none");
    } else {
        let is_told = of.is_none() && handles.len() > 1;
        cx.out
            .text(&table(&dossiers, is_told.then_some(&handle), &times).to_string());
    }
    if let Some(last) = dossiers.last()
        && found.len() as u64 == u64::from(args.limit)
    {
        cx.out.say(&format!(
            "there may be more: go on with --before {}",
            last.id
        ));
    }
    Ok(ExitStatus::Done)
}

/// The partners' column is left out where there is nothing to tell apart.
fn table(
    dossiers: &[Dossier],
    handle: Option<&impl Fn(&Dossier) -> String>,
    times: &TimeWriter,
) -> Table {
    let mut columns = vec![
        Column::Whole("INVITATION"),
        Column::Whole("STATE"),
        Column::Text("ORGANIZATION"),
        Column::Text("EMAIL"),
        Column::Whole("UNTIL"),
    ];
    if handle.is_some() {
        columns.push(Column::Text("PARTNER"));
    }
    let mut table = Table::new(&columns);
    for dossier in dossiers {
        let state = match (dossier.state, dossier.undeliverable_at) {
            (StateName::Pending, Some(_)) => "undeliverable".to_owned(),
            (state, _) => state.to_string(),
        };
        let mut row = vec![
            dossier.id.to_string(),
            state,
            dossier.organization_name.clone(),
            dossier.smtp_address.clone(),
            times.write(dossier.ended_at.unwrap_or(dossier.expires_at)),
        ];
        row.extend(handle.map(|handle| handle(dossier)));
        table.row(row);
    }
    table
}

/// An invitation, without anything that its link could be made from.
pub(super) fn object(dossier: &Dossier, handle: &str) -> Value {
    // Both were stored as JSON by this program.
    let stored = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    json!({
        "invitation": dossier.id,
        "partner": handle,
        "state": dossier.state,
        "organization": dossier.organization_name,
        "name": dossier.recipient_name,
        "email": dossier.smtp_address,
        "offer": stored(&dossier.offer),
        "language": dossier.language,
        "time_zone": dossier.time_zone,
        "reference": dossier.reference,
        "note": dossier.note,
        "links": stored(&dossier.links),
        "generation": dossier.generation,
        "created_at": dossier.created_at,
        "expires_at": dossier.expires_at,
        "ended_at": dossier.ended_at,
        "decline_reason": dossier.decline_reason,
        "decline_text": dossier.decline_text,
        "reminders_stopped_at": dossier.reminders_stopped_at,
        "undeliverable_at": dossier.undeliverable_at,
    })
}
