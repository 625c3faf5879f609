//! `migrate --from`: an installation on an SQLite file moves to PostgreSQL.

use anyhow::{Context as _, ensure};
use sqlx::Connection as _;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(an_installation_moves_to_postgres_as_it_is).on_postgres(),
        case!(rows_go_no_other_way).on_sqlite(),
    ]
}

/// What the commands say of all that there is.
fn said(program: &Program<'_>, settings: &str) -> anyhow::Result<Vec<String>> {
    let run = |line: &str| -> anyhow::Result<String> {
        let words = line.split(' ').chain(["--json", "--config", settings]);
        Ok(program.run(words)?.expect(0)?.out)
    };
    let mut all = vec![
        run("partner list")?,
        run("agreement list")?,
        run("invitation list")?,
        run("queue stats")?,
        run("audit verify")?,
        run("audit checkpoint")?,
    ];
    for state in ["sent", "cancelled", "scheduled"] {
        all.push(run(&format!("queue list --state {state}"))?);
    }
    for line in all[2].clone().lines() {
        let invitation: serde_json::Value = serde_json::from_str(line)?;
        let id = text(&invitation["invitation"])?;
        all.push(run(&format!("invitation show {id}"))?);
        if invitation["state"] == "accepted" {
            let mut evidence: serde_json::Value =
                serde_json::from_str(&run(&format!("invitation evidence {id}"))?)?;
            evidence["exported_at"].take();
            all.push(evidence.to_string());
        }
    }
    Ok(all)
}

async fn an_installation_moves_to_postgres_as_it_is(ctx: &Ctx) -> Outcome {
    // Everything happens in it: mails, an acceptance, a refusal, visits, marks, a sealed record.
    let folder = ctx.folder().join("demo");
    let output = ctx
        .countersign()
        .args(["demo", "--once", "--dir"])
        .arg(&folder)
        .output()?;
    ensure!(output.status.success(), "{output:?}");
    let file = folder.join("once/demo.db");
    let settings = folder.join("once/demo.toml");
    let (file, settings) = (file.to_string_lossy(), settings.to_string_lossy());
    let here = Program::bare(ctx).with("COUNTERSIGN_DATABASE_URL", format!("sqlite://{file}"));
    let there = Program::bare(ctx);
    let moving = ["migrate", "--json", "--config", &settings, "--from", &file];

    // Whoever holds mails would send them from the old place.
    let mut sqlite = sqlx::SqliteConnection::connect(&format!("sqlite://{file}")).await?;
    sqlx::query("INSERT INTO lease VALUES (zeroblob(16), 'w', 1, 1)")
        .execute(&mut sqlite)
        .await?;
    let refused = there.run(moving)?.expect(4)?;
    ensure!(refused.err.contains("countersign tick"), "{refused:?}");
    sqlx::query("DELETE FROM lease")
        .execute(&mut sqlite)
        .await?;

    let before = said(&here, &settings)?;
    let moved = there.run(moving)?.expect(0)?;
    let tables = moved.objects()?;
    let rows = |name: &str| {
        let found = tables.iter().find(|table| table["table"] == name);
        found.and_then(|table| table["rows"].as_i64())
    };
    assert_eq!(
        (tables.len(), rows("invitation"), rows("acceptance")),
        (31, Some(6), Some(1))
    );
    ensure!(rows("visit") > Some(0) && rows("microsoft_step") > Some(0));
    let after = said(&there, &settings)?;
    assert_eq!(after, before);
    ensure!(after.len() > 15, "{}", after.len());

    // Its keys open what they opened, and it goes on.
    there.run(["tick", "--config", &settings])?;
    let id = before[2].lines().next().context("an invitation")?;
    let id = text(&serde_json::from_str::<serde_json::Value>(id)?["invitation"])?;
    there
        .run(["invitation", "resend", &id, "--config", &settings])?
        .expect(0)?;
    let again = there.run(moving)?.expect(4)?;
    ensure!(again.err.contains("has rows already"), "{again:?}");
    Ok(())
}

async fn rows_go_no_other_way(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let file = ctx.folder().join("test.db");
    let file = file.to_string_lossy();
    let ran = program.run(["migrate", "--from", &file])?.expect(2)?;
    ensure!(ran.err.contains("no other way"), "{ran:?}");
    let elsewhere = program.with(
        "COUNTERSIGN_DATABASE_URL",
        "postgres://nobody@127.0.0.1:1/x",
    );
    let ran = elsewhere
        .run(["migrate", "--from", "nowhere.db"])?
        .expect(3)?;
    ensure!(ran.err.contains("there is no database in /"), "{ran:?}");
    Ok(())
}
