//! `partner schedule`: when a partner's customers are reminded, where that differs from the settings.

use serde_json::{Value, json};

use super::{missing, resolve};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::table::{Column, Table};
use crate::domain::draft::FieldError;
use crate::domain::notice::{Hours, OwnSchedule, Schedule, Setting};
use crate::storage::partner::Partner;
use crate::workflow;

const EXAMPLE: &str = "\
Example:
  countersign partner schedule hanbit
  countersign partner schedule hanbit --remind-after-days 2,5,9 \\
    --hours '09:00-18:00 sun-thu'
  countersign partner schedule hanbit --reset

Each option takes the place of one setting: `invitation.reminders`, `last_chance_days`, `ending_days`, `steps_open_days` and \
`hours`; what is not set here is as there. It counts for what is planned from then on: mails that wait in the queue keep the \
times that they were planned for, but the hours are looked at again when a mail is about to leave.

JSON: {\"partner\", \"outcome\": \"shown\" | \"changed\" | \"unchanged\", \"remind_after_days\", \"last_chance_days\", \"ending_days\", \
\"steps_open_days\", \"hours\"}, each of the last five {\"value\", \"from\": \"partner\" | \"settings\"}.";

/// Show or set when a partner's customers are reminded
///
/// Without an option: what holds, and where each part of it comes from.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Its handle, or its id (prt_…)
    partner: String,
    /// On which days after an invitation an unanswered one is called to mind, such as `3,7`; `none` for never
    #[arg(long, value_name = "DAYS")]
    remind_after_days: Option<String>,
    /// How many days before its end an unanswered invitation is called to mind for the last time; 0 for never
    #[arg(long, value_name = "DAYS")]
    last_chance_days: Option<String>,
    /// On which days before the end of roles both sides are told, such as `30,7,1`; `none` for never
    #[arg(long, value_name = "DAYS")]
    ending_days: Option<String>,
    /// After how many days a customer is reminded of steps at Microsoft, once; 0 for never
    #[arg(long, value_name = "DAYS")]
    steps_open_days: Option<String>,
    /// When mails may leave that nobody waits for, in the customer's time zone, such as `08:00-20:00 mon-fri`
    #[arg(long)]
    hours: Option<String>,
    /// Forget what was set before: what no option sets anew is as the settings have it
    #[arg(long)]
    reset: bool,
}

/// Runs `partner schedule`.
pub(super) async fn run(args: &Args, cx: &Context, app: &App) -> Result<ExitStatus, Failure> {
    let newer = read(args).map_err(Failure::fields)?;
    let partner = {
        let mut conn = app.engine.db.read().await?;
        resolve(&mut conn, Some(&args.partner)).await?
    };
    let (partner, outcome) = if newer.is_empty() && !args.reset {
        (partner, "shown")
    } else {
        let set = workflow::partner::set_schedule(&app.engine, partner.id, newer, args.reset);
        let (partner, is_changed) = set.await?.ok_or_else(missing)?;
        (partner, if is_changed { "changed" } else { "unchanged" })
    };
    let schedule = app.engine.schedule_of(&partner);
    if cx.out.is_json() {
        let mut object = json!({"partner": partner.handle, "outcome": outcome});
        for &setting in Setting::ALL {
            object[setting.as_str()] =
                json!({"value": value(&schedule, setting), "from": from(&partner, setting)});
        }
        cx.out.object(&object);
        return Ok(ExitStatus::Done);
    }
    let mut table = Table::new(&[
        Column::Whole("SETTING"),
        Column::Text("VALUE"),
        Column::Whole("FROM"),
    ]);
    for &setting in Setting::ALL {
        table.row([
            setting.to_string(),
            words(&schedule, setting),
            from(&partner, setting).to_owned(),
        ]);
    }
    cx.out.text(&table.to_string());
    if outcome == "changed" {
        cx.out
            .say("it counts for what is planned from now on; mails that wait keep their times");
    }
    if let Some(note) = beyond(&schedule, app.engine.settings.expires_days) {
        cx.out.say(&note);
    }
    Ok(ExitStatus::Done)
}

/// What of the schedule never comes for an invitation that waits as long as they usually do.
fn beyond(schedule: &Schedule, expires_days: u16) -> Option<String> {
    let days = schedule.remind_after_days.iter();
    let never: Vec<_> = days
        .filter(|days| **days >= expires_days)
        .map(|days| format!("day {days}"))
        .collect();
    if never.is_empty() {
        return None;
    }
    Some(format!(
        "remind_after_days: an invitation ends after {expires_days} days unless it is made with --expires-in-days: {} \
         comes for none that is made without it",
        never.join(", ")
    ))
}

fn from(partner: &Partner, setting: Setting) -> &'static str {
    let own = partner.schedule.as_ref();
    if own.is_some_and(|own| own.sets(setting)) {
        "partner"
    } else {
        "settings"
    }
}

fn value(schedule: &Schedule, setting: Setting) -> Value {
    match setting {
        Setting::RemindAfterDays => json!(schedule.remind_after_days),
        Setting::LastChanceDays => json!(schedule.last_chance_days),
        Setting::EndingDays => json!(schedule.ending_days),
        Setting::StepsOpenDays => json!(schedule.steps_open_days),
        Setting::Hours => json!(schedule.hours),
    }
}

/// A part of a schedule, as it may be typed.
fn words(schedule: &Schedule, setting: Setting) -> String {
    let list = |days: &[u16]| match days {
        [] => "none".to_owned(),
        days => days
            .iter()
            .map(u16::to_string)
            .collect::<Vec<_>>()
            .join(","),
    };
    match setting {
        Setting::RemindAfterDays => list(&schedule.remind_after_days),
        Setting::LastChanceDays => schedule.last_chance_days.to_string(),
        Setting::EndingDays => list(&schedule.ending_days),
        Setting::StepsOpenDays => schedule.steps_open_days.to_string(),
        Setting::Hours => schedule.hours.to_string(),
    }
}

fn read(args: &Args) -> Result<OwnSchedule, Vec<FieldError>> {
    let mut errors = Vec::new();
    let own = OwnSchedule {
        remind_after_days: list(
            Setting::RemindAfterDays,
            args.remind_after_days.as_deref(),
            &mut errors,
        ),
        last_chance_days: number(
            Setting::LastChanceDays,
            args.last_chance_days.as_deref(),
            &mut errors,
        ),
        ending_days: list(
            Setting::EndingDays,
            args.ending_days.as_deref(),
            &mut errors,
        ),
        steps_open_days: number(
            Setting::StepsOpenDays,
            args.steps_open_days.as_deref(),
            &mut errors,
        ),
        hours: args.hours.as_deref().and_then(|text| {
            let hours = text.parse::<Hours>().map_err(|error| error.to_string());
            keep(Setting::Hours, hours, &mut errors)
        }),
    };
    if errors.is_empty() {
        Ok(own)
    } else {
        Err(errors)
    }
}

fn keep<T>(
    setting: Setting,
    checked: Result<T, String>,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let refused = |message| {
        errors.push(FieldError {
            field: setting.as_str(),
            message,
        });
    };
    checked.map_err(refused).ok()
}

fn number(setting: Setting, text: Option<&str>, errors: &mut Vec<FieldError>) -> Option<u16> {
    let text = text?.trim();
    let given = text
        .parse::<u32>()
        .map_err(|_| "must be a number of days, such as 1; 0 for never".to_owned());
    let checked = given.and_then(|given| setting.number(given).map_err(|error| error.to_string()));
    keep(setting, checked, errors)
}

fn list(setting: Setting, text: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Vec<u16>> {
    let text = text?.trim();
    let given: Result<Vec<u32>, String> = if text == "none" {
        Ok(Vec::new())
    } else {
        let each = text.split(',').map(|part| part.trim().parse::<u32>());
        each.collect::<Result<_, _>>().map_err(|_| {
            "must be numbers of days with commas between, such as 3,7; `none` for never".to_owned()
        })
    };
    let checked = given.and_then(|days| setting.list(&days).map_err(|error| error.to_string()));
    keep(setting, checked, errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> Args {
        Args {
            partner: "hanbit".to_owned(),
            remind_after_days: None,
            last_chance_days: None,
            ending_days: None,
            steps_open_days: None,
            hours: None,
            reset: false,
        }
    }

    #[test]
    fn what_is_shown_may_be_typed() {
        let schedule = Schedule {
            remind_after_days: vec![],
            ..Schedule::default()
        };
        let words = |setting| Some(words(&schedule, setting));
        let typed = Args {
            remind_after_days: words(Setting::RemindAfterDays),
            last_chance_days: words(Setting::LastChanceDays),
            ending_days: words(Setting::EndingDays),
            steps_open_days: words(Setting::StepsOpenDays),
            hours: words(Setting::Hours),
            ..args()
        };
        assert_eq!(read(&typed).unwrap().over(&Schedule::default()), schedule);
        assert!(read(&args()).unwrap().is_empty());
    }

    #[test]
    fn every_wrong_option_is_named_at_once() {
        let wrong = Args {
            remind_after_days: Some("7,3".to_owned()),
            last_chance_days: Some("31".to_owned()),
            ending_days: Some("a month".to_owned()),
            steps_open_days: Some("-1".to_owned()),
            hours: Some("always".to_owned()),
            ..args()
        };
        let errors = read(&wrong).unwrap_err();
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), Setting::ALL.len(), "{told:?}");
        assert_eq!(
            told[0],
            "remind_after_days: must be in rising order, each day once"
        );
        assert_eq!(
            told[1],
            "last_chance_days: must be between 0 and 30, and is 31"
        );
    }
}
