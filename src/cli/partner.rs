//! `partner`: who asks.

mod add;
mod limits;
mod schedule;

use std::collections::HashMap;

use clap::Subcommand;

use super::context::{Context, TimeWriter, Times};
use super::failure::{ExitStatus, Failure};
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::ids::PartnerId;
use crate::storage::Conn;
use crate::storage::partner::{self, Partner};

const EXAMPLE: &str = "\
Example:
  countersign partner list
  countersign partner show hanbit --json";

/// Add and look at partners: who asks customers
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(Box<add::Args>),
    List(List),
    Show(Show),
    Schedule(schedule::Args),
    Limits(limits::Args),
}

/// List all partners
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  countersign partner list --json | jq -r .handle\n\nJSON: an object a partner, as `partner add`"
)]
struct List {
    #[command(flatten)]
    times: Times,
}

/// Show one partner
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign partner show hanbit\n\nJSON: as `partner add`")]
struct Show {
    /// Its handle, or its id (prt_…)
    partner: String,
    #[command(flatten)]
    times: Times,
}

/// Runs `partner`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Add(args) => add::run(*args, &cx, app).await,
        Action::List(args) => list(&args, &cx, app).await,
        Action::Show(args) => show(&args, &cx, app).await,
        Action::Schedule(args) => schedule::run(&args, &cx, app).await,
        Action::Limits(args) => limits::run(&args, &cx, app).await,
    })
    .await
}

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let partners = partner::list(&mut conn).await?;
    if cx.out.is_json() {
        for partner in &partners {
            cx.out.object(partner);
        }
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("HANDLE"),
        Column::Text("NAME"),
        Column::Text("EMAIL"),
        Column::Whole("LANGUAGE"),
        Column::Whole("ADDED"),
    ]);
    for partner in &partners {
        table.row([
            partner.handle.clone(),
            partner.name.clone(),
            partner.email.clone(),
            partner.language.to_string(),
            times.write(partner.created_at),
        ]);
    }
    if partners.is_empty() {
        cx.out
            .say("no partner yet: add one with `countersign partner add`");
    } else {
        cx.out.text(&table.to_string());
    }
    Ok(ExitStatus::Done)
}

async fn show(args: &Show, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let partner = resolve(&mut conn, Some(&args.partner)).await?;
    if cx.out.is_json() {
        cx.out.object(&partner);
    } else {
        cx.out.text(&pairs(&partner, &times).to_string());
    }
    Ok(ExitStatus::Done)
}

fn pairs(partner: &Partner, times: &TimeWriter) -> Table {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut table = Table::pairs();
    for (name, value) in [
        ("id", partner.id.to_string()),
        ("handle", partner.handle.clone()),
        ("name", partner.name.clone()),
        ("legal name", partner.legal_name.clone()),
        ("email", partner.email.clone()),
        ("phone", partner.phone.clone()),
        ("address", partner.address.clone()),
        ("website", or_dash(&partner.website)),
        ("representative", or_dash(&partner.representative)),
        ("registration number", or_dash(&partner.registration_number)),
        ("language", partner.language.to_string()),
        ("time zone", partner.time_zone.clone()),
        (
            "advertising mark",
            if partner.advertising_mark {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
        ),
        (
            "own schedule",
            match &partner.schedule {
                Some(_) => format!("yes: `countersign partner schedule {}`", partner.handle),
                None => "no".to_owned(),
            },
        ),
        (
            "own limits",
            if partner.per_key_day.or(partner.per_partner_day).is_some() {
                format!("yes: `countersign partner limits {}`", partner.handle)
            } else {
                "no".to_owned()
            },
        ),
        ("added", times.write(partner.created_at)),
    ] {
        table.row([name.to_owned(), value]);
    }
    table
}

/// The handles of all partners.
pub(super) async fn handles(conn: &mut Conn) -> Result<HashMap<PartnerId, String>, Failure> {
    let all = partner::list(conn).await?;
    Ok(all
        .into_iter()
        .map(|partner| (partner.id, partner.handle))
        .collect())
}

fn missing() -> Failure {
    Failure::new(
        ExitStatus::NotFound,
        "partner: there is none of that name; `countersign partner list` shows those that there are",
    )
}

/// The partner that was named by handle or id; the only one there is, where none was named.
///
/// # Errors
/// There is none of that name, or none was named and there is not exactly one.
pub(super) async fn resolve(conn: &mut Conn, named: Option<&str>) -> Result<Partner, Failure> {
    if let Some(name) = named {
        let found = match name.parse::<PartnerId>() {
            Ok(id) => partner::find(conn, id).await?,
            Err(_) => partner::find_by_handle(conn, name.trim()).await?,
        };
        return found.ok_or_else(missing);
    }
    let mut all = partner::list(conn).await?;
    match (all.pop(), all.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(Failure::new(
            ExitStatus::NotFound,
            "partner: there is none yet; add one with `countersign partner add`",
        )),
        (Some(last), _) => {
            let handles: Vec<_> = all
                .iter()
                .chain([&last])
                .map(|partner| partner.handle.as_str())
                .collect();
            Err(Failure::field(
                "partner",
                format!(
                    "there are several: name one with --partner ({})",
                    handles.join(", ")
                ),
            ))
        }
    }
}
