//! What a simulation found, told: every mail, then the sums.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::ground::Ground;
use super::outlook::{Counts, Left, Month, Outlook, Reader, Wish};
use crate::cli::context::Context;
use crate::cli::table::{Column, Table};
use crate::domain::notice::simulation::Sent;
use crate::domain::notice::{Kind, Setting, Side};
use crate::domain::time::Timestamp;

/// Tells all of it.
pub(super) fn tell(
    outlook: &Outlook,
    ground: &Ground,
    wish: &Wish,
    chart: Option<&Path>,
    cx: &Context,
) {
    if cx.out.is_json() {
        for (mail, place) in &outlook.mails {
            if let Some(to) = outlook.readers.get(*place) {
                cx.out.object(&object(mail, to, ground));
            }
        }
        for (row, left) in &outlook.left {
            cx.out.object(&not_mailed(*row, left));
        }
        cx.out
            .object(&json!({"summary": summary(outlook, ground, wish, chart)}));
        return;
    }
    for (row, left) in &outlook.left {
        match left {
            Left::Refused(errors) => {
                for error in errors {
                    cx.out.say(&format!("error: row {row}: {error}"));
                }
            }
            Left::Repeated(first) => cx.out.say(&format!(
                "row {row}: the same offer to the same mailbox as row {first}, which is mailed once"
            )),
        }
    }
    for line in assumed(outlook, ground, wish) {
        cx.out.say(&line);
    }
    if !outlook.mails.is_empty() {
        cx.out.text(&every_mail(outlook, ground).to_string());
        cx.out.text("");
    }
    cx.out.text(&sums(outlook).to_string());
    if let Some(path) = chart {
        cx.out.say(&format!("the chart is in {}", path.display()));
    }
}

/// What was taken for granted, in sentences.
pub(super) fn assumed(outlook: &Outlook, ground: &Ground, wish: &Wish) -> Vec<String> {
    let invited = outlook.invitations;
    let all = if invited == 1 {
        "1 invitation".to_owned()
    } else {
        format!("{invited} invitations")
    };
    let whose = match &ground.partner {
        Some(partner) if partner.schedule.is_some() => {
            format!("the schedule of {}", partner.handle)
        }
        Some(partner) => format!("the schedule of the settings, for {}", partner.handle),
        None if ground.has_settings => "the schedule of the settings".to_owned(),
        None => "the schedule by default, as there are no settings here".to_owned(),
    };
    let mut lines = vec![
        format!("{all} at {}, by {whose}", utc(wish.from)),
        format!("{}; until {}", behaviour(wish), utc(wish.until)),
    ];
    let late = outlook.too_late;
    if late > 0 {
        let which = match late {
            late if late == invited => "every invitation has ended".to_owned(),
            1 => "1 invitation has ended".to_owned(),
            late => format!("{late} invitations have ended"),
        };
        lines.push(format!(
            "{which} by then, and is accepted by nobody: take fewer days, or invite with --expires-in-days"
        ));
    }
    lines
}

/// What the customers are taken to do.
pub(super) fn behaviour(wish: &Wish) -> String {
    let days = |days: u16| match days {
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    };
    let Some(accepts) = wish.behaviour.accepts_after else {
        return "nobody answers".to_owned();
    };
    let steps = match wish.behaviour.steps_done_after {
        None => "the steps at Microsoft are never said to be done".to_owned(),
        Some(after) => format!("the steps at Microsoft are done {} later", days(after)),
    };
    format!(
        "everybody accepts after {}, and lets roles extend where that is offered; {steps}",
        days(accepts)
    )
}

fn utc(at: Timestamp) -> String {
    let there = at.in_zone(&TimeZone::UTC);
    there.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn every_mail(outlook: &Outlook, ground: &Ground) -> Table {
    let mut table = Table::new(&[
        Column::Whole("TIME"),
        Column::Number("ROW"),
        Column::Text("TO"),
        Column::Whole("SIDE"),
        Column::Whole("MAIL"),
    ]);
    for (mail, place) in &outlook.mails {
        let Some(invited) = outlook.readers.get(*place) else {
            continue;
        };
        let there = mail.at.in_zone(&invited.zone);
        table.row([
            there.strftime("%Y-%m-%d %H:%M %:z").to_string(),
            invited.row.to_string(),
            to(mail, invited, ground).unwrap_or("-").to_owned(),
            mail.side.to_string(),
            numbered(mail),
        ]);
    }
    table
}

/// Its kind, and the how-many-eth it is where there are several.
fn numbered(mail: &Sent) -> String {
    match mail.kind {
        Kind::Reminder | Kind::Ending => format!("{} {}", mail.kind, mail.step + 1),
        kind => kind.to_string(),
    }
}

fn to<'a>(mail: &Sent, invited: &'a Reader, ground: &'a Ground) -> Option<&'a str> {
    match mail.side {
        Side::Customer => Some(&invited.email),
        Side::Partner => ground.partner.as_ref().map(|partner| &*partner.email),
    }
}

fn sums(outlook: &Outlook) -> Table {
    let mut table = Table::new(&[
        Column::Whole("MONTH"),
        Column::Number("MAILS"),
        Column::Text("OF WHICH"),
    ]);
    let mut add = |name: String, counts: &Counts| {
        let kinds = counts.iter().map(|(kind, count)| format!("{kind} {count}"));
        table.row([
            name,
            counts.values().sum::<u64>().to_string(),
            kinds.collect::<Vec<_>>().join(", "),
        ]);
    };
    for (month, counts) in &outlook.months {
        add(named(*month), counts);
    }
    add("all".to_owned(), &outlook.totals());
    table
}

/// `2026-11`.
pub(super) fn named(month: Month) -> String {
    month.strftime("%Y-%m").to_string()
}

fn object(mail: &Sent, invited: &Reader, ground: &Ground) -> Value {
    json!({
        "at": mail.at,
        "row": invited.row,
        "to": to(mail, invited, ground),
        "side": mail.side,
        "kind": mail.kind,
        "step": mail.step,
        "generation": mail.generation,
    })
}

fn not_mailed(row: u64, left: &Left) -> Value {
    match left {
        Left::Refused(errors) => {
            json!({"row": row, "outcome": "refused", "same_as": null, "errors": errors})
        }
        Left::Repeated(first) => {
            json!({"row": row, "outcome": "repeated", "same_as": first, "errors": []})
        }
    }
}

fn summary(outlook: &Outlook, ground: &Ground, wish: &Wish, chart: Option<&Path>) -> Value {
    let months = outlook.months.iter().map(|(month, counts)| {
        json!({"month": named(*month), "mails": counts.values().sum::<u64>(), "kinds": counts})
    });
    let schedule = ground.schedule();
    let refused = outlook.refused();
    json!({
        "rows": outlook.rows,
        "simulated": outlook.invitations,
        "refused": refused,
        "repeated": outlook.left.len() - refused,
        "mails": outlook.totals().values().sum::<u64>(),
        "from": wish.from,
        "until": wish.until,
        "partner": ground.partner.as_ref().map(|partner| &partner.handle),
        "schedule": {
            Setting::RemindAfterDays.as_str(): schedule.remind_after_days,
            Setting::LastChanceDays.as_str(): schedule.last_chance_days,
            Setting::EndingDays.as_str(): schedule.ending_days,
            Setting::StepsOpenDays.as_str(): schedule.steps_open_days,
            Setting::Hours.as_str(): schedule.hours,
        },
        "accept_after": wish.behaviour.accepts_after,
        "too_late": outlook.too_late,
        "steps_done_after": wish.behaviour.steps_done_after,
        "months": months.collect::<Vec<_>>(),
        "chart": chart,
    })
}
