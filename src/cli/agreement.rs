//! `agreement`: the texts that customers consent to.

mod again;

use std::path::PathBuf;

use clap::Subcommand;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::choice;
use super::context::{Context, Times};
use super::failure::{ExitStatus, Failure};
use super::table::{Column, Table};
use crate::app::App;
use crate::domain::time::Timestamp;
use crate::storage::agreement::{self, Agreement};
use crate::workflow::agreement::{Draft, LARGEST, Outcome, add as store};
use crate::workflow::invite::AGREEMENT;

const EXAMPLE: &str = "\
Example:
  countersign agreement add mca-en.txt --version 2024-09 --language en \\
    --title 'Microsoft Customer Agreement'
  countersign agreement list";

const EXAMPLE_ADD: &str = "\
Example:
  countersign agreement add mca-ko.txt --version 2024-09 --language ko \\
    --title 'Microsoft 고객 계약' --effective 2024-09-01

JSON: {\"outcome\": \"stored\" | \"already_stored\", \"agreement\": {\"id\", \"kind\", \"version\", \"language\", \"title\", \
\"sha256\", \"bytes\", \"sample\", \"current\", \"effective_at\", \"created_at\"}}";

const EXAMPLE_LIST: &str = "\
Example:
  countersign agreement list --json | jq -r 'select(.current) | .sha256'

JSON: an object a text, as `agreement` of `agreement add`";

/// Store and list the agreements that customers consent to, and ask for consent to a newer one
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(Add),
    AskAgain(again::Args),
    List(List),
}

/// Store a version of an agreement in one language
///
/// The text is kept byte for byte: its SHA-256 is that of the file, and goes into every consent. A stored text never
/// changes; a new text is a new version. Storing the same text again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_ADD)]
struct Add {
    /// The text: plain text in UTF-8, without a byte order mark
    file: PathBuf,
    /// Which agreement: `mca` (Microsoft Customer Agreement)
    #[arg(long, default_value = AGREEMENT, value_parser = [AGREEMENT])]
    kind: String,
    /// Its version, as its publisher names it
    #[arg(long)]
    version: String,
    /// Its language
    #[arg(long, value_name = "TAG", value_parser = choice::language())]
    language: String,
    /// Its title, in its own language
    #[arg(long)]
    title: String,
    /// From when on it is shown: a day in the settings' time zone, or an RFC 3339 time [default: from now on]
    #[arg(long, value_name = "DATE")]
    effective: Option<String>,
    /// It only stands in for the real text: pages and mails say so
    #[arg(long)]
    sample: bool,
}

/// List all texts with their SHA-256
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_LIST)]
struct List {
    #[command(flatten)]
    times: Times,
}

/// Runs `agreement`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Add(args) => add(args, &cx, app).await,
        Action::AskAgain(args) => again::run(&args, &cx, app).await,
        Action::List(args) => list(&args, &cx, app).await,
    })
    .await
}

async fn add(args: Add, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let effective_at = args
        .effective
        .as_deref()
        .map(|text| effective(text, app))
        .transpose()?;
    let draft = Draft {
        kind: args.kind,
        version: args.version,
        language: args.language,
        title: args.title,
        body: read(&args.file)?,
        is_sample: args.sample,
        effective_at,
    };
    let outcome = store(&app.engine, &draft).await?;
    let (word, id) = match outcome {
        Outcome::Stored(id) => ("stored", id),
        Outcome::AlreadyStored(id) => ("already_stored", id),
    };
    let mut conn = app.engine.db.read().await?;
    let all = agreement::list(&mut conn).await?;
    let Some(stored) = all.iter().find(|agreement| agreement.id == id) else {
        return Err(Failure::new(ExitStatus::Failed, "the stored text is gone"));
    };
    if cx.out.is_json() {
        let agreement = object(stored, &all, app.engine.clock.now());
        cx.out
            .object(&json!({"outcome": word, "agreement": agreement}));
    } else {
        let hash = data_encoding::HEXLOWER.encode(&stored.sha256);
        cx.out
            .text(&format!("{} {id}\nSHA-256 {hash}", word.replace('_', " ")));
    }
    Ok(ExitStatus::Done)
}

async fn list(args: &List, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let now = app.engine.clock.now();
    let mut conn = app.engine.db.read().await?;
    let all = agreement::list(&mut conn).await?;
    if cx.out.is_json() {
        for agreement in &all {
            cx.out.object(&object(agreement, &all, now));
        }
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Text("VERSION"),
        Column::Whole("LANGUAGE"),
        Column::Whole("SHOWN"),
        Column::Whole("EFFECTIVE"),
        Column::Text("TITLE"),
        Column::Whole("SHA-256"),
    ]);
    for agreement in &all {
        let shown = match (is_current(agreement, &all, now), agreement.is_sample) {
            (true, false) => "yes",
            (true, true) => "yes (sample)",
            (false, _) if agreement.effective_at > now => "later",
            (false, _) => "no",
        };
        table.row([
            agreement.version.clone(),
            agreement.language.to_string(),
            shown.to_owned(),
            times.write(agreement.effective_at),
            agreement.title.clone(),
            data_encoding::HEXLOWER.encode(&agreement.sha256),
        ]);
    }
    if all.is_empty() {
        cx.out
            .say("no agreement yet: store one with `countersign agreement add`");
    } else {
        cx.out.text(&table.to_string());
    }
    Ok(ExitStatus::Done)
}

/// Whether this is the text that is shown in its language at `now`.
fn is_current(agreement: &Agreement, all: &[Agreement], now: Timestamp) -> bool {
    all.iter()
        .filter(|other| {
            (&other.kind, &other.language) == (&agreement.kind, &agreement.language)
                && other.effective_at <= now
        })
        .max_by_key(|other| (other.effective_at, other.id))
        .is_some_and(|current| current.id == agreement.id)
}

fn object(agreement: &Agreement, all: &[Agreement], now: Timestamp) -> Value {
    json!({
        "id": agreement.id,
        "kind": agreement.kind,
        "version": agreement.version,
        "language": agreement.language,
        "title": agreement.title,
        "sha256": data_encoding::HEXLOWER.encode(&agreement.sha256),
        "bytes": agreement.body.len(),
        "sample": agreement.is_sample,
        "current": is_current(agreement, all, now),
        "effective_at": agreement.effective_at,
        "created_at": agreement.created_at,
    })
}

fn read(file: &std::path::Path) -> Result<String, Failure> {
    let wrong = |message: String| Failure::field("file", message);
    let size = std::fs::metadata(file)
        .map_err(|error| wrong(format!("{} cannot be read: {error}", file.display())))?
        .len();
    if size > 4 * LARGEST as u64 {
        return Err(wrong(
            "it is larger than 1 MiB: store the agreement's plain text, not a document with pictures".to_owned(),
        ));
    }
    let bytes = std::fs::read(file)
        .map_err(|error| wrong(format!("{} cannot be read: {error}", file.display())))?;
    String::from_utf8(bytes)
        .map_err(|_| wrong("it is not UTF-8: save it as plain text in UTF-8".to_owned()))
}

/// A day, as it begins in the settings' time zone, or a moment.
fn effective(text: &str, app: &App) -> Result<Timestamp, Failure> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(moment.into());
    }
    let day: Option<Date> = text.parse().ok();
    let start = day.and_then(|day| day.to_zoned(app.config.time_zone.clone()).ok());
    start.map(|start| start.timestamp().into()).ok_or_else(|| {
        Failure::field(
            "effective",
            "write a day such as 2024-09-01, or a time such as 2024-09-01T00:00:00+09:00",
        )
    })
}
