//! `migrate`: the schema of the database.

mod copy;

use std::path::PathBuf;

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
  COUNTERSIGN_DATABASE_URL=postgres://… countersign migrate \\
    --from /var/lib/countersign/countersign.db

JSON: an object a migration: {\"version\", \"name\", \"applied\"}; with --from an object a table: {\"table\", \"rows\"}";

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
    /// Copy all rows of this SQLite file into the PostgreSQL database of the settings, which has to be empty
    ///
    /// End all processes on the file first. All rows are copied in one transaction; then they are counted, and the audit
    /// record is verified on both sides.
    #[arg(long, value_name = "FILE", conflicts_with = "status")]
    from: Option<PathBuf>,
}

/// Runs `migrate`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    let config = cx.config()?;
    cx.start_quiet_log(&config.log)?;
    if let Some(file) = &args.from {
        return copy::run(file, &config, &cx).await;
    }
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
