//! `partner limits`: how many invitations are made for a partner, where that differs from the settings.

use serde_json::{Value, json};

use super::{missing, resolve};
use crate::app::App;
use crate::cli::context::{Context, Times};
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::table::{Column, Table};
use crate::domain::limit::Limit;
use crate::storage::partner::Partner;
use crate::workflow::{self, limit};

const EXAMPLE: &str = "\
Example:
  countersign partner limits hanbit
  countersign partner limits hanbit --per-partner-day 50000 --per-key-day none
  countersign partner limits hanbit --reset

Each option takes the place of one setting of `[limits]`; what is not set here is as there. A day is one of UTC, a week begins on \
Monday. How much of a limit is used that counts over all partners is not told.

JSON: {\"partner\", \"outcome\": \"shown\" | \"changed\" | \"unchanged\", \"limits\": [{\"limit\": \"per_recipient_week\" | \
\"per_domain_day\" | \"per_key_day\" | \"per_partner_day\", \"size\", \"used\", \"resets_at\", \"from\": \"partner\" | \"settings\"}]}; \
`size` is null without a limit, `used` where it is not told.";

/// Show or set how many invitations are made for a partner
///
/// Without an option: what holds, where it comes from, and how much of it is used.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Its handle, or its id (prt_…)
    partner: String,
    /// How many invitations it makes a day, by whichever way; `none` for no limit
    #[arg(long, value_name = "N", value_parser = size)]
    per_partner_day: Option<u32>,
    /// How many invitations each of its API keys makes a day; `none` for no limit
    #[arg(long, value_name = "N", value_parser = size)]
    per_key_day: Option<u32>,
    /// Forget what was set before: what no option sets anew is as the settings have it
    #[arg(long)]
    reset: bool,
    #[command(flatten)]
    times: Times,
}

/// A number, or 0 for no limit.
fn size(text: &str) -> Result<u32, String> {
    if text.trim() == "none" {
        return Ok(0);
    }
    match text.trim().parse() {
        Ok(size @ 1..=100_000_000) => Ok(size),
        _ => Err("write a number between 1 and 100000000, or none".to_owned()),
    }
}

/// Runs `partner limits`.
pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let times = args.times.writer()?;
    let partner = {
        let mut conn = app.engine.db.read().await?;
        resolve(&mut conn, Some(&args.partner)).await?
    };
    let (partner, outcome) =
        if args.per_partner_day.is_none() && args.per_key_day.is_none() && !args.reset {
            (partner, "shown")
        } else {
            let newer = workflow::partner::OwnLimits {
                per_key_day: args.per_key_day,
                per_partner_day: args.per_partner_day,
            };
            let set = workflow::partner::set_limits(&app.engine, partner.id, newer, args.reset);
            let (partner, is_changed) = set.await?.ok_or_else(missing)?;
            (partner, if is_changed { "changed" } else { "unchanged" })
        };
    let sizes = app.engine.limits_of(&partner);
    let mut conn = app.engine.db.read().await?;
    let states = limit::states(&mut conn, &app.engine, &partner, None).await?;
    let now = app.engine.clock.now();
    let used = |limit: Limit| states.iter().find(|state| state.limit == limit)?.used;
    if cx.out.is_json() {
        let limits: Vec<Value> = Limit::ALL
            .iter()
            .map(|limit| {
                json!({
                    "limit": limit, "size": sizes.size(*limit), "used": used(*limit),
                    "resets_at": limit.resets_at(now), "from": from(&partner, *limit),
                })
            })
            .collect();
        cx.out
            .object(&json!({"partner": partner.handle, "outcome": outcome, "limits": limits}));
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("LIMIT"),
        Column::Number("SIZE"),
        Column::Number("USED"),
        Column::Whole("RESETS"),
        Column::Whole("FROM"),
    ]);
    for limit in Limit::ALL {
        let number = |number: Option<String>, none: &str| number.unwrap_or_else(|| none.to_owned());
        table.row([
            limit.to_string(),
            number(sizes.size(*limit).map(|size| size.to_string()), "none"),
            number(used(*limit).map(|used| used.to_string()), "-"),
            times.write(limit.resets_at(now)),
            from(&partner, *limit).to_owned(),
        ]);
    }
    cx.out.text(&table.to_string());
    Ok(ExitStatus::Done)
}

const fn from(partner: &Partner, limit: Limit) -> &'static str {
    let is_own = match limit {
        Limit::PerKeyDay => partner.per_key_day.is_some(),
        Limit::PerPartnerDay => partner.per_partner_day.is_some(),
        Limit::PerRecipientWeek | Limit::PerDomainDay => false,
    };
    if is_own { "partner" } else { "settings" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_or_none() {
        assert_eq!((size("50000"), size(" none ")), (Ok(50_000), Ok(0)));
        for wrong in ["0", "-1", "100000001", "many", ""] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
