//! `simulate` and `partner schedule`.

use std::fs;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::program::Program;
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_file_is_simulated_without_a_database_and_leaves_none),
        case!(a_simulation_uses_the_schedule_of_its_partner_and_writes_nothing).on_each_database(),
        case!(a_simulation_refuses_the_rows_that_an_invitation_refuses).on_sqlite(),
        case!(a_schedule_is_shown_with_its_sources_set_and_reset).on_each_database(),
    ]
}

const LIST: &str = "organization,name,email,partner_type,roles,duration,auto_extend,time_zone\n\
    Contoso Ltd,Kim,kim@contoso.example,gdap_partner,helpdesk_administrator,P1Y,yes,Asia/Seoul\n\
    Fabrikam,Lee,lee@fabrikam.example,emperor,,,,\n\
    Contoso Ltd,Kim,KIM@contoso.example,gdap_partner,helpdesk_administrator,P1Y,yes,Asia/Seoul\n\
    Northwind,Ann,ann@northwind.example,reseller,,,,Mars/Base\n";

/// Sunday, 22 November 2026, 10:00 in Seoul.
const LINE: &str = "simulate --csv list.csv --at 2026-11-22T01:00:00Z";

/// Kind and time of the mails to the customer.
fn mails(objects: &[Value]) -> Vec<(String, String)> {
    objects
        .iter()
        .filter(|it| it["side"] == "customer")
        .map(|it| {
            (
                it["kind"].as_str().unwrap_or_default().to_owned(),
                it["at"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

fn list(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected
        .iter()
        .map(|(kind, at)| ((*kind).to_owned(), (*at).to_owned()));
    owned.collect()
}

async fn a_file_is_simulated_without_a_database_and_leaves_none(ctx: &Ctx) -> Outcome {
    let program = Program::bare(ctx);
    fs::write(ctx.folder().join("list.csv"), LIST)?;
    let before = fs::read_dir(ctx.folder())?.count();
    let ran = program
        .run(format!("{LINE} --json --months 12").split(' '))?
        .expect(4)?;
    let objects = ran.objects()?;
    assert_eq!(
        mails(&objects),
        list(&[
            ("invitation", "2026-11-22T01:00:00Z"),
            ("reminder", "2026-11-25T01:00:00Z"),
            ("reminder", "2026-11-29T23:00:00Z"),
            ("last_chance", "2026-12-21T01:00:00Z"),
        ])
    );
    let summary = &objects.last().context("no summary")?["summary"];
    assert_eq!(
        (&summary["rows"], &summary["simulated"], &summary["mails"]),
        (&json!(4), &json!(1), &json!(5))
    );
    assert_eq!(summary["until"], "2027-11-22T01:00:00Z");

    let line = format!("{LINE} --accept-after 4 --chart chart.html");
    let ran = program.run(line.split(' '))?.expect(4)?;
    ensure!(
        ran.out.contains("2027-11-26 10:00 +09:00") && ran.out.contains("extended"),
        "{}",
        ran.out
    );
    ensure!(
        ran.err
            .contains("everybody accepts after 4 days, and lets roles extend"),
        "{}",
        ran.err
    );
    let chart = fs::read_to_string(ctx.folder().join("chart.html"))?;
    ensure!(chart.contains("<svg") && !chart.contains("contoso"));
    assert_eq!(fs::read_dir(ctx.folder())?.count(), before + 1);
    let totals = program
        .run(format!("{LINE} --totals").split(' '))?
        .expect(4)?;
    ensure!(totals.out.starts_with("MONTH"), "{}", totals.out);
    program
        .run(format!("{LINE} --months 121").split(' '))?
        .expect(2)?;
    Ok(())
}

async fn a_simulation_uses_the_schedule_of_its_partner_and_writes_nothing(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    fs::write(ctx.folder().join("list.csv"), LIST)?;
    let partners = program.run("partner list --json".split(' '))?.expect(0)?;
    let handle = partners.object()?["handle"].as_str().unwrap().to_owned();
    let set = format!("partner schedule {handle} --remind-after-days 1 --last-chance-days 0");
    program.run(set.split(' '))?.expect(0)?;
    let rows = "SELECT (SELECT count(*) FROM notice) + (SELECT count(*) FROM invitation) + (SELECT count(*) FROM event)";
    let before = ctx.number(rows).await?;
    let ran = program
        .run(format!("{LINE} --json").split(' '))?
        .expect(4)?;
    let objects = ran.objects()?;
    assert_eq!(
        mails(&objects),
        list(&[
            ("invitation", "2026-11-22T01:00:00Z"),
            ("reminder", "2026-11-23T01:00:00Z"),
        ])
    );
    let summary = &objects.last().context("no summary")?["summary"];
    assert_eq!(summary["partner"], handle.as_str());
    assert_eq!(summary["schedule"]["remind_after_days"], json!([1]));
    let to_partner = objects.iter().find(|it| it["side"] == "partner");
    ensure!(to_partner.is_some_and(|it| it["kind"] == "expired" && it["to"].is_string()));
    assert_eq!(ctx.number(rows).await?, before);
    program
        .run(format!("{LINE} --partner nobody").split(' '))?
        .expect(3)?;
    Ok(())
}

async fn a_simulation_refuses_the_rows_that_an_invitation_refuses(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    fs::write(ctx.folder().join("list.csv"), LIST)?;
    let refused = |line: &str| -> anyhow::Result<Vec<(Value, Value)>> {
        let ran = program.run(line.split(' '))?.expect(4)?;
        let rows = ran.objects()?;
        let refused = rows.iter().filter(|row| row["outcome"] == "refused");
        Ok(refused
            .map(|row| (row["row"].clone(), row["errors"].clone()))
            .collect())
    };
    let invited = refused("invite --csv list.csv --dry-run --json")?;
    assert_eq!(invited.len(), 2);
    assert_eq!(refused(&format!("{LINE} --json"))?, invited);
    let ran = program.run(LINE.split(' '))?.expect(4)?;
    for told in [
        "error: row 3: offer: `emperor` is no partner type",
        "error: row 5: time_zone: ",
        "row 4: the same offer to the same mailbox as row 2, which is mailed once",
    ] {
        ensure!(ran.err.contains(told), "{}", ran.err);
    }
    fs::write(ctx.folder().join("list.csv"), "organization,nmae,email\n")?;
    for line in ["invite --csv list.csv", LINE] {
        let ran = program.run(line.split(' '))?.expect(4)?;
        ensure!(
            ran.err.contains("the header `nmae` (column 2)"),
            "{}",
            ran.err
        );
    }
    Ok(())
}

async fn a_schedule_is_shown_with_its_sources_set_and_reset(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let partners = program.run("partner list --json".split(' '))?.expect(0)?;
    let handle = partners.object()?["handle"].as_str().unwrap().to_owned();
    let schedule = |options: &[&str]| {
        let line = ["partner", "schedule", &handle, "--json"];
        program.run(line.iter().chain(options).copied())
    };
    let shown = schedule(&[])?.expect(0)?.object()?;
    assert_eq!(shown["outcome"], "shown");
    assert_eq!(
        shown["remind_after_days"],
        json!({"value": [3, 7], "from": "settings"})
    );
    let set = ["--ending-days", "none", "--hours", "09:00-18:00 sun-thu"];
    let changed = schedule(&set)?.expect(0)?.object()?;
    assert_eq!(changed["outcome"], "changed");
    assert_eq!(
        (&changed["ending_days"], &changed["hours"]),
        (
            &json!({"value": [], "from": "partner"}),
            &json!({"value": "09:00-18:00 sun-thu", "from": "partner"})
        )
    );
    assert_eq!(schedule(&set)?.expect(0)?.object()?["outcome"], "unchanged");
    let shown = program
        .run(["partner", "show", &handle, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        shown["schedule"],
        json!({"ending_days": [], "hours": "09:00-18:00 sun-thu"})
    );
    let refused = schedule(&["--remind-after-days", "7,3", "--last-chance-days", "31"])?;
    assert_eq!(
        refused.expect(4)?.wrong_fields()?,
        ["remind_after_days", "last_chance_days"]
    );
    let reset = schedule(&["--reset", "--steps-open-days", "0"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&reset["hours"]["from"], &reset["steps_open_days"]),
        (&json!("settings"), &json!({"value": 0, "from": "partner"}))
    );
    let told = program.run(["partner", "schedule", &handle])?.expect(0)?;
    ensure!(told.out.contains("steps_open_days    0"), "{}", told.out);
    Ok(())
}
