//! `tick`: all that is due, once, for cron. Overlapping ticks are safe.

use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::context::{Context, Times};
use super::failure::{ExitStatus, Failure};
use super::table::{Column, Table};
use crate::app::service::worker_options;
use crate::app::{App, AppError};
use crate::domain::notice::Due;
use crate::storage::{invitation, queue};
use crate::telemetry::Metrics;
use crate::worker::{Summary, Until, Worker};
use crate::workflow::deliver::rehearse;

const EXAMPLE: &str = "\
Example, as a line of a crontab:
  */5 * * * *  cd /var/lib/countersign && /usr/local/bin/countersign tick --quiet

Example, to see what would go to whom and why:
  countersign tick --dry-run

JSON: {\"sent\", \"retried\", \"failed\", \"cancelled\", \"broken\", \"dead\", \"expired\", \"paused\", \"unwritten\", \"away\", \"next_due\"}; \
with --dry-run an object a notice: {\"id\", \"kind\", \"to\", \"due_at\", \"tries\", \"cancelled_because\", \"waits_until\"}. \
The exit code is 5 when the mail server refuses us or the database goes away (what waits is sent by a later tick), else 1 when no mail could be made of \
a notice, or one ended several workers.";

/// At most so many lines of a dry run.
const SHOWN: i64 = 1_000;

/// Send all that is due, then exit
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Say nothing when all went well
    #[arg(long)]
    quiet: bool,

    /// List what would be sent, to whom and why, and send nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    times: Times,
}

/// Runs `tick`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| {
        if args.dry_run {
            show(&args, &cx, app).await
        } else {
            work(&args, &cx, app).await
        }
    })
    .await
}

async fn work(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    app.check_clock().await?;
    let post = Arc::new(app.post()?);
    let stop = CancellationToken::new();
    crate::app::service::end_by_signal(stop.clone());
    let options = worker_options(app);
    let worker = Worker::new(
        app.engine.clone(),
        post,
        options,
        Arc::new(Metrics::new()),
        stop,
    );
    let client = crate::app::client(&app.config.webhooks).map_err(AppError::from)?;
    let summary = worker.calling(client).run(Until::Idle).await?;
    let is_away = summary.away || summary.unwritten > 0;
    let next = if is_away {
        None
    } else {
        let mut conn = app.engine.db.read().await?;
        let due = queue::next_due(&mut conn).await?;
        let expiry = invitation::next_expiry(&mut conn, app.engine.clock.now()).await?;
        due.into_iter().chain(expiry).min()
    };
    if cx.out.is_json() {
        let Summary {
            sent,
            retried,
            failed,
            cancelled,
            broken,
            dead,
            expired,
            paused,
            unwritten,
            away,
        } = summary;
        cx.out.object(&json!({
            "sent": sent, "retried": retried, "failed": failed, "cancelled": cancelled, "broken": broken, "dead": dead,
            "expired": expired, "paused": paused, "unwritten": unwritten, "away": away, "next_due": next,
        }));
    } else if !args.quiet || summary.paused || is_away || needs_operator(&summary) {
        let next = next.map_or_else(
            || {
                if is_away {
                    "run it again"
                } else {
                    "nothing is planned"
                }
                .to_owned()
            },
            |at| {
                args.times
                    .writer()
                    .map(|times| format!("next at {}", times.write(at)))
                    .unwrap_or_default()
            },
        );
        cx.out.text(&format!("{}; {next}", sentence(&summary)));
    }
    if summary.paused || is_away {
        return Ok(ExitStatus::Unavailable);
    }
    Ok(if needs_operator(&summary) {
        ExitStatus::Failed
    } else {
        ExitStatus::Done
    })
}

/// Whether something became a dead letter for a reason that only an operator can mend.
const fn needs_operator(summary: &Summary) -> bool {
    summary.broken > 0 || summary.dead > 0
}

fn sentence(summary: &Summary) -> String {
    let counts = [
        (summary.sent, "sent"),
        (summary.retried, "to be tried again"),
        (summary.failed, "refused for good"),
        (summary.cancelled, "no longer needed"),
        (
            summary.broken,
            "that could not be made (see `countersign queue list --state dead`)",
        ),
        (
            summary.dead,
            "that ended several workers (see `countersign queue list --state dead`)",
        ),
        (summary.expired, "invitations expired"),
    ];
    let mut told: Vec<_> = counts
        .iter()
        .filter(|(count, what)| *count > 0 || *what == "sent")
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if summary.paused {
        told.push("the mail server refuses us (see `countersign queue stats`)".to_owned());
    }
    if summary.unwritten > 0 {
        told.push(format!(
            "{} whose result the database did not take: they may be sent again",
            summary.unwritten
        ));
    }
    if summary.away {
        told.push("the database went away before all was done".to_owned());
    }
    told.join(", ")
}

async fn show(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let planned = rehearse(&app.engine, SHOWN).await?;
    let mut table = Table::new(&[
        Column::Whole("NOTICE"),
        Column::Whole("KIND"),
        Column::Text("TO"),
        Column::Whole("DUE"),
        Column::Number("TRIES"),
        Column::Text("WHY"),
    ]);
    for plan in &planned {
        let notice = &plan.notice;
        if cx.out.is_json() {
            let (irrelevant, waits) = match plan.due {
                Due::Leaves => (None, None),
                Due::Waits(until) => (None, Some(until)),
                Due::Irrelevant(reason) => (Some(reason), None),
            };
            cx.out.object(&json!({
                "id": notice.id, "kind": notice.kind, "to": plan.to, "due_at": notice.due_at,
                "tries": notice.attempts, "cancelled_because": irrelevant, "waits_until": waits,
            }));
            continue;
        }
        let why = match (plan.due, notice.failures) {
            (Due::Irrelevant(reason), _) => format!("would be cancelled: {reason}"),
            (Due::Waits(until), _) => format!("waits for the hours: {}", times.write(until)),
            (Due::Leaves, 0) => "due".to_owned(),
            (Due::Leaves, _) => format!(
                "again, after: {}",
                notice.last_reply.as_deref().unwrap_or("no reply")
            ),
        };
        table.row([
            notice.id.to_string(),
            notice.kind.to_string(),
            plan.to.clone().unwrap_or_default(),
            times.write(notice.due_at),
            notice.attempts.to_string(),
            why,
        ]);
    }
    if !cx.out.is_json() {
        if table.is_empty() {
            cx.out.text("nothing is due");
        } else {
            cx.out.text(&table.to_string());
        }
    }
    Ok(ExitStatus::Done)
}
