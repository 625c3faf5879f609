//! `simulate`: who of a file would get which mail when, by the very decisions of the worker. Nothing is made, nothing is sent.

mod chart;
mod ground;
mod outlook;
mod tell;

use std::path::PathBuf;

use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use self::ground::Ground;
use self::outlook::{Outlook, Wish};
use super::context::Context;
use super::csv::Sheet;
use super::failure::{ExitStatus, Failure};
use super::invitation::evidence::write;
use super::invite::offer::OfferArgs;
use crate::domain::notice::simulation::Behaviour;
use crate::domain::time::{Clock as _, SystemClock, Timestamp};

const EXAMPLE: &str = "\
Example:
  countersign simulate --csv customers.csv --type reseller --mca
  countersign simulate --csv customers.csv --accept-after 4 \\
    --months 24 --totals --chart mails.html

The file is read as `invite --csv` reads it, with the same flags for what a row does not say, and refuses the same rows; docs/cli.md \
has the columns. No database is needed: where there is one, the partner's schedule, time zone and address are taken from it, and \
nothing is written. What only the database knows of a customer (an address that takes no mail, an offer that waits already, a time \
zone) is told by `invite --csv --dry-run`.

Taken for granted: every invitation is made at the same moment, each mail goes through at its first try, and each invitation is \
looked at by itself. Whoever accepts lets the roles extend themselves where the row offers that (auto_extend).

JSON: an object a mail: {\"at\", \"row\", \"to\", \"side\", \"kind\", \"step\", \"generation\"}, `to` null for a partner who is not known; an \
object a row that is not mailed: {\"row\", \"outcome\": \"refused\" | \"repeated\", \"same_as\", \"errors\": [{\"field\", \"message\"}]}; then \
{\"summary\": {\"rows\", \"simulated\", \"refused\", \"repeated\", \"mails\", \"from\", \"until\", \"partner\", \"schedule\", \"accept_after\", \"too_late\", \
\"steps_done_after\", \"months\": [{\"month\", \"mails\", \"kinds\": {KIND: COUNT}}], \"chart\"}}. The exit code is 4 when a row was refused.";

/// Say who of a CSV file would get which mail when, and send nothing
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The file of invitations (- for stdin), as for `invite --csv`
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// For how many months, 1 to 120
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=120))]
    months: u16,
    /// Everybody accepts so many days after the invitation, 1 to 90 [default: nobody answers]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=90))]
    accept_after: Option<u16>,
    /// So many days after that, all steps at Microsoft are said to be done, 0 to 730 [default: never]
    #[arg(long, value_name = "DAYS", requires = "accept_after", value_parser = clap::value_parser!(u16).range(0..=730))]
    steps_done_after: Option<u16>,
    /// As if they were invited at this moment, such as 2026-11-22T10:00:00+09:00 [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    at: Option<jiff::Timestamp>,
    /// Only the sums, not every mail
    #[arg(long)]
    totals: bool,
    /// Write a chart of the mails a month into this new file: one page of HTML by itself
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
    /// On behalf of this partner: its handle or id [default: the only one, else nobody in particular]
    #[arg(long)]
    partner: Option<String>,
    /// Leave out columns of the file whose header is not known
    #[arg(long)]
    ignore_unknown_columns: bool,
    #[command(flatten)]
    offer: OfferArgs,
}

fn moment(text: &str) -> Result<jiff::Timestamp, &'static str> {
    let why = "a moment is a date, a time and its offset: 2026-11-22T10:00:00+09:00";
    text.parse().map_err(|_| why)
}

/// Runs `simulate`.
pub(super) async fn run(args: Args, cx: Context) -> Result<ExitStatus, Failure> {
    // A file that cannot be read is told before anything else is looked for.
    let sheet = Sheet::open(&args.csv, args.ignore_unknown_columns)?;
    let ground = Ground::find(args.partner.as_deref(), &cx).await?;
    let from: Timestamp = args.at.map_or_else(|| SystemClock.now(), Timestamp::from);
    let wish = Wish {
        from,
        until: from.plus(i64::from(args.months).months(), &TimeZone::UTC),
        behaviour: Behaviour {
            accepts_after: args.accept_after,
            steps_done_after: args.steps_done_after,
        },
        is_every_mail_told: !args.totals,
    };
    sheet.tell_reading(&cx);
    let outlook = Outlook::of(&sheet, &args.offer.draft(), &ground, &wish);
    let chart = args.chart.as_deref();
    if let Some(path) = chart {
        let page = chart::page(&outlook, &wish, args.months);
        write("chart", path, page.as_bytes())?;
    }
    tell::tell(&outlook, &ground, &wish, chart, &cx);
    Ok(if outlook.refused() > 0 {
        ExitStatus::Refused
    } else {
        ExitStatus::Done
    })
}
