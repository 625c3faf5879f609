//! `queue`: the mails that wait, and those that could not leave.

mod limit;
mod list;
mod stats;

use clap::Subcommand;
use serde_json::json;

use super::context::Context;
use super::failure::{ExitStatus, Failure, Problem};
use crate::app::App;
use crate::domain::ids::NoticeId;
use crate::domain::notice::Irrelevant;
use crate::storage::notice::{self, Notice};

const EXAMPLE: &str = "\
Example:
  countersign queue stats
  countersign queue list --state dead
  countersign queue limit naver.com --per-minute 60 --in-flight 5";

const EXAMPLE_RETRY: &str = "\
Example:
  countersign queue retry ntc_0193a7c1d2e3748596a7b8c9d0e1f203

For a wrong address, make a new invitation; for a link that was lost, `countersign invitation resend`.

JSON: an object a notice: {\"notice\", \"outcome\": \"retried\" | \"refused\" | \"not_found\", \"state\"}";

const EXAMPLE_CANCEL: &str = "\
Example:
  countersign queue cancel ntc_0193a7c1d2e3748596a7b8c9d0e1f203

JSON: an object a notice: {\"notice\", \"outcome\": \"cancelled\" | \"refused\" | \"not_found\", \"state\"}";

/// Look at the queue of mails, and set its limits
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Stats(stats::Args),
    List(list::Args),
    Retry(Retry),
    Cancel(Cancel),
    Limit(limit::Args),
}

/// Make mails due again that failed, were given up or cancelled, or wait for a later time
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_RETRY)]
struct Retry {
    /// Their ids (ntc_…)
    #[arg(required = true)]
    notices: Vec<String>,
}

/// Take mails out of the queue that have not left yet
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_CANCEL)]
struct Cancel {
    /// Their ids (ntc_…)
    #[arg(required = true)]
    notices: Vec<String>,
}

/// Runs `queue`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    cx.with_app(async |app| match args.action {
        Action::Stats(args) => stats::run(&args, &cx, app).await,
        Action::List(args) => list::run(&args, &cx, app).await,
        Action::Retry(args) => change(&args.notices, Change::Retry, &cx, app).await,
        Action::Cancel(args) => change(&args.notices, Change::Cancel, &cx, app).await,
        Action::Limit(args) => limit::run(&args, &cx, app).await,
    })
    .await
}

#[derive(Clone, Copy)]
enum Change {
    Retry,
    Cancel,
}

impl Change {
    const fn done(self) -> &'static str {
        match self {
            Self::Retry => "retried",
            Self::Cancel => "cancelled",
        }
    }
}

async fn change(
    ids: &[String],
    change: Change,
    cx: &Context,
    app: &App,
) -> Result<ExitStatus, Failure> {
    let ids: Vec<NoticeId> = ids.iter().map(|id| parse(id)).collect::<Result<_, _>>()?;
    let mut failure: Option<Failure> = None;
    for id in ids {
        let (is_done, found) = apply(id, change, app).await?;
        let (word, status) = match (&found, is_done) {
            (None, _) => ("not_found", ExitStatus::NotFound),
            (Some(_), true) => (change.done(), ExitStatus::Done),
            (Some(_), false) => ("refused", ExitStatus::Refused),
        };
        let state = found.as_ref().map(|notice| notice.state);
        if cx.out.is_json() {
            cx.out
                .object(&json!({"notice": id, "outcome": word, "state": state}));
        } else if status == ExitStatus::Done {
            cx.out.text(&format!("{word} {id}"));
        }
        if status != ExitStatus::Done {
            let message = match state {
                None => format!(
                    "{id}: there is none; `countersign queue list` shows those that there are"
                ),
                Some(state) => format!("{id} is {state}: it cannot be {}", change.done()),
            };
            let failure = failure.get_or_insert_with(|| Failure {
                status,
                problems: Vec::new(),
                hint: None,
            });
            // One that is refused weighs more than one that is not there.
            if status == ExitStatus::Refused {
                failure.status = status;
            }
            failure.problems.push(Problem {
                field: Some("notice".into()),
                message,
            });
        }
    }
    app.engine.wake().await;
    failure.map_or(Ok(ExitStatus::Done), Err)
}

/// Whether it was done, and how the notice stands then.
async fn apply(id: NoticeId, change: Change, app: &App) -> Result<(bool, Option<Notice>), Failure> {
    let now = app.engine.clock.now();
    let changed = app
        .engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let is_done = match change {
                    Change::Retry => notice::retry(tx, id, now).await?,
                    Change::Cancel => notice::cancel(tx, id, Irrelevant::Operator, now).await?,
                };
                let found = notice::find(tx, id).await?;
                Ok::<_, crate::storage::Error>((is_done, found))
            })
        })
        .await?;
    Ok(changed)
}

fn parse(text: &str) -> Result<NoticeId, Failure> {
    text.parse()
        .map_err(|error: crate::domain::ids::ParseIdError| {
            Failure::field("notice", error.to_string())
        })
}
