//! `audit`: whether the record is what it was.

use std::path::PathBuf;

use clap::Subcommand;

use super::context::Context;
use super::failure::{ExitStatus, Failure};
use super::table::Table;
use crate::app::App;
use crate::workflow::seal::{self, Checkpoint, Report};

const EXAMPLE: &str = "\
Example:
  countersign audit checkpoint > /mnt/worm/2026-11.jsonl
  countersign audit verify --checkpoint /mnt/worm/2026-11.jsonl";

const EXAMPLE_VERIFY: &str = "\
Example:
  countersign audit verify --checkpoint /mnt/worm/2026-11.jsonl

The exit code is 1 when something does not hold.

JSON: {\"chains\", \"entries\", \"acceptances\", \"unsealed\", \"findings\": [{\"partner\", \"seq\", \"what\"}]}";

const EXAMPLE_CHECKPOINT: &str = "\
Example:
  countersign audit checkpoint > /mnt/worm/2026-11.jsonl

Written as JSON, also without --json: an object a partner: {\"partner\", \"seq\", \"hash\"}";

/// Verify the audit record, and export its heads
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Verify(Verify),
    Checkpoint(MakeCheckpoint),
}

/// Verify every chain, every signed head and every acceptance
///
/// Finds entries that were edited, deleted or reordered, an acceptance that was edited, and a chain that was computed anew.
/// That the end of a chain was cut off shows only against a checkpoint that was kept elsewhere.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_VERIFY)]
struct Verify {
    /// A file that `audit checkpoint` wrote: every chain has to contain its head of then
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
}

/// Write the heads of all chains, to be kept where nobody with access to the database can write
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_CHECKPOINT)]
struct MakeCheckpoint {}

/// Runs `audit`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Verify(args) => verify(&args, &cx, app).await,
        Action::Checkpoint(_) => checkpoint(&cx, app).await,
    })
    .await
}

async fn verify(args: &Verify, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let checkpoints = match &args.checkpoint {
        Some(path) => read(path)?,
        None => Vec::new(),
    };
    let report = seal::verify(&app.engine, &checkpoints).await?;
    if cx.out.is_json() {
        cx.out.object(&report);
    } else {
        tell(&report, checkpoints.len(), cx);
    }
    Ok(if report.findings.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Failed
    })
}

fn tell(report: &Report, checkpoints: usize, cx: &Context) {
    for finding in &report.findings {
        let place = finding
            .seq
            .map_or_else(String::new, |seq| format!(", entry {seq}"));
        cx.out
            .text(&format!("{}{place}: {}", finding.partner, finding.what));
    }
    let verdict = match report.findings.len() {
        0 => "all holds".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    let mut table = Table::pairs();
    for (name, count) in [
        ("chains", report.chains as u64),
        ("entries", report.entries),
        ("acceptances", report.acceptances),
        ("not sealed yet", report.unsealed as u64),
        ("heads of the checkpoint", checkpoints as u64),
    ] {
        table.row([name, &count.to_string()]);
    }
    cx.out.text(&format!("{verdict}\n{table}"));
}

async fn checkpoint(cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    seal::seal(&app.engine).await?;
    for head in seal::checkpoints(&app.engine).await? {
        cx.out.object(&head);
    }
    Ok(ExitStatus::Done)
}

fn read(path: &std::path::Path) -> Result<Vec<Checkpoint>, Failure> {
    let wrong = |message: String| Failure::field("checkpoint", message);
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("{} cannot be read: {error}", path.display())))?;
    let heads: Result<Vec<Checkpoint>, _> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(serde_json::from_str)
        .collect();
    match heads {
        Ok(heads) if !heads.is_empty() => Ok(heads),
        _ => Err(wrong(format!(
            "{} is no file that `countersign audit checkpoint` wrote",
            path.display()
        ))),
    }
}
