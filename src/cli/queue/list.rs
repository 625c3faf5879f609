//! `queue list`: single mails. Their addresses stand in `invitation show`.

use serde_json::json;

use crate::app::App;
use crate::cli::choice::one_of;
use crate::cli::context::{Context, Times};
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::table::{Column, Table};
use crate::domain::ids::InvitationId;
use crate::domain::notice::{NoticeState, Subject};
use crate::storage::notice::{self, Notice};

const EXAMPLE: &str = "\
Example:
  countersign queue list
  countersign queue list --state dead
  countersign queue list --state dead --json | jq -r .notice |
    xargs -r countersign queue retry

JSON: an object a notice: {\"notice\", \"kind\", \"state\", \"domain\", \"invitation\", \"partner\", \"run_at\", \"attempts\", \
\"failures\", \"deaths\", \"created_at\", \"settled_at\", \"last_reply\"}; \"invitation\" is null for a mail about a mailbox or an \
inquiry";

/// List mails of the queue: those that are due, or those in one state
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Only those in this state [default: what is due now]
    #[arg(long, value_parser = one_of(NoticeState::ALL))]
    state: Option<NoticeState>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Go on after this one (ntc_…), with --state
    #[arg(long, value_name = "ID", requires = "state")]
    after: Option<String>,
    #[command(flatten)]
    times: Times,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let limit = i64::from(args.limit);
    let after = args.after.as_deref().map(super::parse).transpose()?;
    let mut conn = app.engine.db.read().await?;
    let notices = match args.state {
        Some(state) => notice::in_state(&mut conn, state, after, limit).await?,
        None => notice::due(&mut conn, app.engine.clock.now(), limit).await?,
    };
    if cx.out.is_json() {
        for notice in &notices {
            cx.out.object(&object(notice));
        }
    } else if !notices.is_empty() {
        let mut table = Table::new(&[
            Column::Whole("NOTICE"),
            Column::Whole("KIND"),
            Column::Whole("STATE"),
            Column::Text("DOMAIN"),
            Column::Whole("NOT BEFORE"),
            Column::Number("TRIES"),
            Column::Text("LAST REPLY"),
        ]);
        for notice in &notices {
            table.row([
                notice.id.to_string(),
                notice.kind.to_string(),
                notice.state.to_string(),
                notice.domain.clone(),
                times.write(notice.run_at),
                notice.attempts.to_string(),
                notice.last_reply.clone().unwrap_or_else(|| "-".to_owned()),
            ]);
        }
        cx.out.text(&table.to_string());
    }
    if notices.is_empty() {
        cx.out.say(&match args.state {
            Some(state) => format!("no mail is {state}"),
            None => "no mail is due now; `countersign queue list --state scheduled` shows those that wait for their time".to_owned(),
        });
    }
    if notices.len() as u64 == u64::from(args.limit) {
        let go_on = match (args.state, notices.last()) {
            (Some(state), Some(last)) => format!(" with --state {state} --after {}", last.id),
            _ => " with a higher --limit".to_owned(),
        };
        cx.out.say(&format!("there may be more: go on{go_on}"));
    }
    Ok(ExitStatus::Done)
}

fn object(notice: &Notice) -> serde_json::Value {
    let about_invitation = notice.kind.subject() == Subject::Invitation;
    json!({
        "notice": notice.id,
        "kind": notice.kind,
        "state": notice.state,
        "domain": notice.domain,
        "invitation": about_invitation.then(|| InvitationId::from(notice.subject_id)),
        "partner": notice.partner_id,
        "run_at": notice.run_at,
        "attempts": notice.attempts,
        "failures": notice.failures,
        "deaths": notice.deaths,
        "created_at": notice.created_at,
        "settled_at": notice.settled_at,
        "last_reply": notice.last_reply,
    })
}
