//! `webhook deliveries` and `webhook replay`.

use clap::ArgGroup;
use serde_json::json;

use super::parse;
use crate::app::App;
use crate::cli::choice::one_of;
use crate::cli::context::{Context, Times};
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::table::{Column, Table};
use crate::domain::audit::Actor;
use crate::domain::ids::NoticeId;
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::workflow::webhook::{self, Delivered};

const EXAMPLE_DELIVERIES: &str = "\
Example:
  countersign webhook deliveries whe_0193a7c1d2e3748596a7b8c9d0e1f203 --state failed

JSON: an object a call: {\"id\", \"event\", \"kind\", \"replay\", \"state\", \"created_at\", \"next_try_at\", \"settled_at\", \
\"tries\": [{\"number\", \"begun_at\", \"took_ms\", \"outcome\", \"status\", \"detail\"}]}";

const EXAMPLE_REPLAY: &str = "\
Example:
  countersign webhook replay whe_0193a7c1d2e3748596a7b8c9d0e1f203 \\
    --from 2026-11-22T00:00:00Z --undelivered
  countersign webhook replay whe_0193a7c1d2e3748596a7b8c9d0e1f203 \\
    --delivery ntc_0193a7c1d2e3748596a7b8c9d0e1f204

JSON: {\"calls\", \"left_out\"}, or {\"delivery\": ID} for one";

/// Show the calls of a webhook and how each try ended, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE_DELIVERIES)]
pub(super) struct Deliveries {
    /// Its id (whe_…)
    webhook: String,
    /// Only those in this state
    #[arg(long, value_parser = one_of(NoticeState::ALL))]
    state: Option<NoticeState>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only those made before this one (ntc_…)
    #[arg(long, value_name = "ID")]
    before: Option<String>,
    #[command(flatten)]
    times: Times,
}

/// Make a call again, or all calls of a span of time: with the same ids, so that a receiver that has them drops them
#[derive(Debug, clap::Args)]
#[command(
    after_help = EXAMPLE_REPLAY,
    group = ArgGroup::new("what").required(true).args(["delivery", "from"]),
)]
pub(super) struct Replay {
    /// Its id (whe_…)
    webhook: String,
    /// This one (ntc_…)
    #[arg(long, value_name = "ID", conflicts_with_all = ["to", "undelivered"])]
    delivery: Option<String>,
    /// All that happened from then on, in RFC 3339
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to then [default: now]
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// Only what never went through
    #[arg(long, requires = "from")]
    undelivered: bool,
}

fn notice(field: &'static str, text: &str) -> Result<NoticeId, Failure> {
    text.parse()
        .map_err(|error: crate::domain::ids::ParseIdError| Failure::field(field, error.to_string()))
}

fn moment(field: &'static str, text: &str) -> Result<Timestamp, Failure> {
    let read: Result<jiff::Timestamp, _> = text.parse();
    let wrong = |_| Failure::field(field, "write a moment such as 2026-11-22T09:00:00Z");
    read.map(Timestamp::from).map_err(wrong)
}

pub(super) async fn deliveries(
    args: &Deliveries,
    cx: &Context,
    app: &App,
) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let id = parse(&args.webhook)?;
    let before = args.before.as_deref();
    let before = before.map(|text| notice("before", text)).transpose()?;
    let limit = i64::from(args.limit);
    let page =
        webhook::deliveries(&app.engine, id, args.state, before, limit, Actor::Operator).await?;
    if cx.out.is_json() {
        for delivery in &page {
            cx.out.object(delivery);
        }
    } else if page.is_empty() {
        cx.out.say("none");
    } else {
        let mut table = Table::new(&[
            Column::Whole("DELIVERY"),
            Column::Whole("EVENT"),
            Column::Whole("STATE"),
            Column::Number("TRIES"),
            Column::Whole("LAST TRY"),
            Column::Text("ANSWER"),
        ]);
        for delivery in &page {
            table.row([
                delivery.id.to_string(),
                delivery.kind.clone(),
                delivery.state.to_string(),
                delivery.tries.len().to_string(),
                times.write_if(delivery.tries.last().map(|last| last.begun_at)),
                answer(delivery),
            ]);
        }
        cx.out.text(&table.to_string());
    }
    if let Some(last) = page.last()
        && page.len() as u64 == u64::from(args.limit)
    {
        cx.out.say(&format!(
            "there may be more: go on with --before {}",
            last.id
        ));
    }
    Ok(ExitStatus::Done)
}

fn answer(delivery: &Delivered) -> String {
    let Some(last) = delivery.tries.last() else {
        return "-".to_owned();
    };
    let parts = [
        last.status.map(|status| status.to_string()),
        last.detail.clone(),
        last.took_ms.map(|took| format!("({took} ms)")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(super) async fn replay(args: &Replay, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let id = parse(&args.webhook)?;
    if let Some(delivery) = &args.delivery {
        let delivery = notice("delivery", delivery)?;
        let again = webhook::replay(&app.engine, id, delivery, Actor::Operator).await?;
        if cx.out.is_json() {
            cx.out.object(&json!({"delivery": again}));
        } else {
            cx.out.text(&format!("{again} is in the queue"));
        }
        return Ok(ExitStatus::Done);
    }
    let from = moment("from", args.from.as_deref().unwrap_or_default())?;
    let to = match &args.to {
        Some(to) => moment("to", to)?,
        None => app.engine.clock.now(),
    };
    let replayed = webhook::replay_span(
        &app.engine,
        id,
        (from, to),
        args.undelivered,
        Actor::Operator,
    )
    .await?;
    if cx.out.is_json() {
        cx.out.object(&replayed);
    } else {
        cx.out.text(&format!(
            "{} calls are made again, {} events were left out",
            replayed.calls, replayed.left_out
        ));
    }
    Ok(ExitStatus::Done)
}
