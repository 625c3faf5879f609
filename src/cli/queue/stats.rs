//! `queue stats`: how many mails are in which state, and whether they can leave.

use serde_json::{Map, Value, json};

use super::limit;
use crate::app::App;
use crate::cli::context::{Context, TimeWriter, Times};
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::table::{Column, Table};
use crate::domain::notice::NoticeState;
use crate::domain::time::Timestamp;
use crate::storage::lane::{self, Lane};
use crate::storage::transport::{self, Pause};
use crate::storage::{Conn, notice, queue};

const EXAMPLE: &str = "\
Example:
  countersign queue stats
  countersign queue stats --json | jq .states.dead

JSON: {\"states\": {STATE: COUNT}, \"oldest_due_at\", \"next_due_at\", \"paused\": null | {\"since\", \"until\", \"failures\", \
\"stage\", \"reply\"}, \"limits\": [{\"domain\", \"per_minute\", \"in_flight\"}]}";

/// Count the mails of the queue, and tell whether the mail server takes them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    #[command(flatten)]
    times: Times,
}

struct Stats {
    counts: Vec<(NoticeState, i64)>,
    oldest_due: Option<Timestamp>,
    next_due: Option<Timestamp>,
    pause: Option<Pause>,
    lanes: Vec<Lane>,
}

pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let mut conn = app.engine.db.read().await?;
    let stats = Stats::read(&mut conn, app.engine.clock.now()).await?;
    if cx.out.is_json() {
        cx.out.object(&stats.object());
    } else {
        stats.tell(cx, &times);
    }
    Ok(ExitStatus::Done)
}

impl Stats {
    async fn read(conn: &mut Conn, now: Timestamp) -> Result<Self, Failure> {
        let found = notice::counts(conn).await?;
        let count_of = |state: &NoticeState| {
            let count = found.iter().find(|count| count.name == state.as_str());
            (*state, count.map_or(0, |count| count.count))
        };
        let oldest = notice::due(conn, now, 1).await?;
        Ok(Self {
            counts: NoticeState::ALL.iter().map(count_of).collect(),
            oldest_due: oldest.first().map(|notice| notice.run_at),
            next_due: queue::next_due(conn).await?,
            pause: transport::find(conn, transport::MAIL).await?,
            lanes: lane::limited(conn).await?,
        })
    }

    fn object(&self) -> Value {
        let states: Map<String, Value> = self
            .counts
            .iter()
            .map(|(state, count)| (state.to_string(), json!(count)))
            .collect();
        json!({
            "states": states,
            "oldest_due_at": self.oldest_due,
            "next_due_at": self.next_due,
            "paused": self.pause.as_ref().map(|pause| json!({
                "since": pause.since,
                "until": pause.paused_until,
                "failures": pause.failures,
                "stage": pause.stage,
                "reply": pause.reply,
            })),
            "limits": self.lanes.iter().map(limit::object).collect::<Vec<_>>(),
        })
    }

    fn tell(&self, cx: &Context, times: &TimeWriter) {
        let mut table = Table::new(&[Column::Whole("STATE"), Column::Number("MAILS")]);
        for (state, count) in &self.counts {
            table.row([state.to_string(), count.to_string()]);
        }
        cx.out.text(&table.to_string());
        let mut more = Table::pairs();
        more.row(["oldest due".to_owned(), times.write_if(self.oldest_due)]);
        more.row(["next".to_owned(), times.write_if(self.next_due)]);
        let transport = match &self.pause {
            None => "takes mail, as far as is known".to_owned(),
            Some(pause) => format!(
                "paused since {}, next try {}: {} at {} ({} tries)",
                times.write(pause.since),
                times.write(pause.paused_until),
                pause.reply,
                pause.stage,
                pause.failures,
            ),
        };
        more.row(["mail server".to_owned(), transport]);
        for lane in &self.lanes {
            more.row([lane.domain.clone(), limit::sentence(lane)]);
        }
        cx.out.text(&format!("\n{more}"));
    }
}
