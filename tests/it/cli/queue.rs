//! `queue`.

use anyhow::ensure;
use serde_json::json;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case, free_port};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(the_queue_is_counted_and_listed).on_each_database(),
        case!(mails_are_cancelled_and_brought_back).on_each_database(),
        case!(a_domain_is_limited_and_let_go).on_each_database(),
        case!(a_pause_is_told_with_what_the_server_said).on_each_database(),
    ]
}

async fn the_queue_is_counted_and_listed(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let id = program.invite("hong@customer.example")?;
    let stats = program
        .run("queue stats --json".split(' '))?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&stats["states"]["ready"], &stats["states"]["dead"]),
        (&json!(1), &json!(0))
    );
    ensure!(
        stats["oldest_due_at"].is_string() && stats["next_due_at"].is_string(),
        "{stats}"
    );
    assert_eq!(
        (&stats["paused"], &stats["limits"]),
        (&json!(null), &json!([]))
    );

    let due = program
        .run("queue list --json".split(' '))?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&due["kind"], &due["invitation"]),
        (&json!("invitation"), &json!(id))
    );
    let scheduled = "queue list --json --state scheduled";
    let planned = program.run(scheduled.split(' '))?.expect(0)?.objects()?;
    assert_eq!(planned.len(), 3);
    let first = program
        .run(format!("{scheduled} --limit 1").split(' '))?
        .expect(0)?;
    let after = text(&first.object()?["notice"])?;
    ensure!(first.err.contains(&format!("--after {after}")), "{first:?}");
    let rest = program
        .run(format!("{scheduled} --after {after}").split(' '))?
        .expect(0)?
        .objects()?;
    assert_eq!(rest, planned[1..]);

    let table = program
        .run("queue list --state scheduled".split(' '))?
        .expect(0)?;
    ensure!(
        table.out.contains("last_chance") && !table.out.contains("hong@"),
        "{table:?}"
    );
    program.run(["queue", "stats"])?.expect(0)?;
    let none = program
        .run("queue list --state dead".split(' '))?
        .expect(0)?;
    ensure!(
        none.out.is_empty() && none.err == "no mail is dead\n",
        "{none:?}"
    );
    let wrong = program
        .run("queue list --json --state new".split(' '))?
        .expect(2)?;
    ensure!(wrong.err.contains("scheduled, ready, running"), "{wrong:?}");
    Ok(())
}

async fn mails_are_cancelled_and_brought_back(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    program.invite("hong@customer.example")?;
    let notice = text(&program.run("queue list --json".split(' '))?.object()?["notice"])?;
    let due = program
        .run(["queue", "retry", &notice, "--json"])?
        .expect(4)?;
    ensure!(
        due.err.contains("is ready: it cannot be retried"),
        "{due:?}"
    );
    let cancelled = program
        .run(["queue", "cancel", &notice, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        cancelled,
        json!({"notice": notice, "outcome": "cancelled", "state": "cancelled"})
    );
    program.run(["queue", "cancel", &notice])?.expect(4)?;
    program.run(["tick"])?.expect(0)?;
    let retried = program
        .run(["queue", "retry", &notice, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&retried["outcome"], &retried["state"]),
        (&json!("retried"), &json!("ready"))
    );
    let sent = program.run(["tick", "--json"])?.expect(0)?.object()?;
    assert_eq!(sent["sent"], 1);
    program.run(["queue", "retry", &notice])?.expect(4)?;
    program.run(["queue", "cancel", &notice])?.expect(4)?;

    let nobody = "ntc_0193a7c1d2e3748596a7b8c9d0e1f203";
    program.run(["queue", "retry", nobody])?.expect(3)?;
    let several = program
        .run(["queue", "cancel", nobody, &notice, "--json"])?
        .expect(4)?;
    assert_eq!(several.wrong_fields()?, ["notice", "notice"]);
    let wrong = program
        .run(["queue", "cancel", "notice", "--json"])?
        .expect(4)?;
    assert_eq!(wrong.wrong_fields()?, ["notice"]);
    Ok(())
}

async fn a_domain_is_limited_and_let_go(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    let limited = program
        .run("queue limit Naver.com --per-minute 60 --json".split(' '))?
        .expect(0)?
        .object()?;
    assert_eq!(
        limited,
        json!({"domain": "naver.com", "per_minute": 60, "in_flight": null})
    );
    program
        .run("queue limit 회사.kr --in-flight 5".split(' '))?
        .expect(0)?;
    let stats = program
        .run("queue stats --json".split(' '))?
        .expect(0)?
        .object()?;
    assert_eq!(
        stats["limits"],
        json!([limited, {"domain": "xn--vf4b131b.kr", "per_minute": null, "in_flight": 5}])
    );
    let people = program.run(["queue", "stats"])?.expect(0)?;
    ensure!(
        people.out.contains("60 a minute") && people.out.contains("5 at once"),
        "{people:?}"
    );
    for domain in ["naver.com", "회사.kr"] {
        program
            .run(["queue", "limit", domain, "--lift"])?
            .expect(0)?;
    }
    let stats = program
        .run("queue stats --json".split(' '))?
        .expect(0)?
        .object()?;
    assert_eq!(stats["limits"], json!([]));
    let wrong = program
        .run(["queue", "limit", "a b", "--lift", "--json"])?
        .expect(4)?;
    assert_eq!(wrong.wrong_fields()?, ["domain"]);
    for line in [
        "queue limit naver.com --per-minute 0",
        "queue limit naver.com --lift --in-flight 1",
    ] {
        program.run(line.split(' '))?.expect(2)?;
    }
    Ok(())
}

async fn a_pause_is_told_with_what_the_server_said(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    program.invite("hong@customer.example")?;
    let away = program.with(
        "COUNTERSIGN_SMTP_URL",
        format!("smtp://127.0.0.1:{}", free_port()?),
    );
    let ticked = away.run(["tick", "--json"])?.expect(5)?.object()?;
    assert_eq!(
        (&ticked["sent"], &ticked["paused"]),
        (&json!(0), &json!(true))
    );
    let stats = program
        .run("queue stats --json".split(' '))?
        .expect(0)?
        .object()?;
    assert_eq!(stats["paused"]["stage"], "connect");
    ensure!(
        text(&stats["paused"]["reply"])?.contains("refused"),
        "{stats}"
    );
    let people = program.run(["queue", "stats"])?.expect(0)?;
    ensure!(people.out.contains("paused since"), "{people:?}");
    let doctor = program.run(["doctor", "--json"])?.expect(0)?;
    ensure!(doctor.out.contains("mail waits since"), "{doctor:?}");
    Ok(())
}
