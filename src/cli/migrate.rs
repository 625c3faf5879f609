//! `migrate`: the schema of the database.

use serde_json::json;

use super::context::Context;
use super::failure::{ExitStatus, Failure};
use super::table::{Column, Table};
use crate::app;
use crate::domain::time::SystemClock;
use crate::storage::Db;

const EXAMPLE: &str = "\
Example:
  countersign migrate --status
  countersign migrate

JSON: an object a migration: {\"version\", \"name\", \"applied\"}";

/// Bring the database to this release's schema
///
/// SQLite files are brought up to date by every command. PostgreSQL is only by this one: run it once for a new release,
/// before its workers start; migrations are made so that the workers of the release before go on meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Only show which migrations the database has: the exit code is 1 when some are missing
    #[arg(long)]
    status: bool,
}

/// Runs `migrate`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    let config = cx.config()?;
    cx.start_quiet_log(&config.log)?;
    if args.status {
        require_file(&config)?;
    }
    let (db, _) = app::connect(&config).await?;
    let result = migrate(&args, &cx, &db).await;
    db.close().await;
    result
}

async fn migrate(args: &Args, cx: &Context, db: &Db) -> Result<ExitStatus, Failure> {
    let before = app::schema(db).await?;
    if !args.status {
        app::install(db, &SystemClock).await?;
    }
    let after = app::schema(db).await?;
    let mut table = Table::new(&[
        Column::Number("MIGRATION"),
        Column::Text("NAME"),
        Column::Whole("APPLIED"),
    ]);
    for (was, is) in before.migrations.iter().zip(&after.migrations) {
        if cx.out.is_json() {
            cx.out.object(is);
            continue;
        }
        let applied = match (was.applied, is.applied) {
            (true, _) => "yes",
            (false, true) => "just now",
            (false, false) => "no",
        };
        table.row([
            is.version.to_string(),
            is.name.to_owned(),
            applied.to_owned(),
        ]);
    }
    for version in &after.unknown {
        if cx.out.is_json() {
            cx.out
                .object(&json!({"version": version, "name": null, "applied": true}));
        } else {
            table.row([&version.to_string(), "(of a newer release)", "yes"]);
        }
    }
    if !cx.out.is_json() {
        cx.out.text(&table.to_string());
    }
    if after.is_current() {
        Ok(ExitStatus::Done)
    } else {
        cx.out
            .say("the schema is not this release's: `countersign migrate` applies what is missing");
        Ok(ExitStatus::Failed)
    }
}

/// Looking at an SQLite file must not make one.
fn require_file(config: &crate::config::Config) -> Result<(), Failure> {
    let missing = config
        .database_url
        .all()
        .iter()
        .filter_map(app::sqlite_file)
        .find(|path| !path.exists());
    match missing {
        None => Ok(()),
        Some(path) => Err(Failure::new(
            ExitStatus::NotFound,
            format!(
                "database_url: there is no file {}; `countersign init` or `countersign migrate` makes it",
                path.display()
            ),
        )),
    }
}
