//! `privacy`.

use std::os::unix::fs::PermissionsExt as _;

use anyhow::ensure;
use serde_json::json;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_person_is_told_and_erased).on_each_database(),
        case!(what_is_due_is_shown_and_deleted).on_each_database(),
        case!(what_cannot_be_told_or_erased_says_why).on_sqlite(),
    ]
}

const KIM: &str = "Kim.Minsu@Contoso.example";

fn invited(program: &Program<'_>) -> anyhow::Result<String> {
    let args = [
        "invite",
        "--organization",
        "Contoso",
        "--name",
        "김민수",
        "--email",
        KIM,
        "--type",
        "advisor",
        "--json",
    ];
    let made = program.run(args)?.expect(0)?.object()?;
    text(&made["invitation"])
}

async fn a_person_is_told_and_erased(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let id = invited(&program)?;
    program.run(["tick", "--quiet"])?.expect(0)?;
    let file = ctx.folder().join("kim.json");
    let path = file.to_string_lossy();
    let export = [
        "privacy",
        "export",
        "--contact",
        "KIM.MINSU@contoso.example",
    ];
    let told = program.run(export)?.expect(0)?;
    let written = program
        .run(export.into_iter().chain(["--output", &*path, "--json"]))?
        .expect(0)?;
    ensure!(
        written.object()?["sections"].as_u64() > Some(4),
        "{written:?}"
    );
    assert_eq!(
        std::fs::metadata(&file)?.permissions().mode() & 0o777,
        0o600
    );
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    assert_eq!(document["address"], "kim.minsu@contoso.example");
    ensure!(told.out.contains("김민수") && !told.out.contains("/a/"));
    // Never over another one.
    program
        .run(export.into_iter().chain(["--output", &*path]))?
        .expect(4)?;

    let erase = ["privacy", "erase", "--contact", KIM];
    let unsure = program.run(erase)?.expect(2)?;
    ensure!(
        unsure.err.contains("--yes") && unsure.err.contains("would erase"),
        "{unsure:?}"
    );
    let planned = program
        .run(erase.into_iter().chain(["--dry-run", "--json"]))?
        .expect(0)?
        .object()?;
    assert_eq!(planned["erased"], json!(false));
    assert_eq!(
        planned["revoked"],
        json!([{"invitation": id, "partner": "hanbit"}])
    );
    let done = program.run(erase.into_iter().chain(["--yes"]))?.expect(0)?;
    ensure!(
        done.out.contains(&format!("revoked: {id} of hanbit")),
        "{done:?}"
    );
    ensure!(!done.out.to_lowercase().contains("kim"), "{done:?}");
    let gone = program.run(export)?.expect(3)?;
    ensure!(
        gone.err.contains("was erased") && !gone.err.to_lowercase().contains("kim.minsu"),
        "{gone:?}"
    );
    program.run(erase.into_iter().chain(["--yes"]))?.expect(3)?;
    let shown = program.run(["invitation", "show", &id])?.expect(0)?;
    ensure!(
        shown.out.contains("person.erased") && !shown.out.contains("김민수"),
        "{shown:?}"
    );
    program.run(["tick", "--quiet"])?.expect(0)?;
    program.run(["audit", "verify"])?.expect(0)?;
    let again = [
        "invite",
        "--organization",
        "Contoso",
        "--name",
        "김민수",
        "--email",
        KIM,
        "--type",
        "advisor",
    ];
    ensure!(program.run(again)?.expect(4)?.err.contains("(erased)"));
    program
        .run(["privacy", "allow", "--contact", KIM])?
        .expect(0)?;
    program
        .run(["privacy", "allow", "--contact", KIM])?
        .expect(3)?;
    program.run(again)?.expect(0)?;
    Ok(())
}

async fn what_is_due_is_shown_and_deleted(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    invited(&program)?;
    let shown = program
        .run(["privacy", "retention", "--json"])?
        .expect(0)?
        .objects()?;
    let classes: Vec<_> = shown.iter().map(|class| class["class"].clone()).collect();
    assert_eq!(
        classes,
        [
            "visits",
            "notices",
            "invitations",
            "inquiries",
            "contacts",
            "evidence"
        ]
    );
    ensure!(shown.iter().all(|class| class["rows"] == 0), "{shown:?}");
    // As if it had been made and revoked long ago.
    ctx.sql("UPDATE invitation SET state = 'revoked', ended_at = 0, created_at = 0")
        .await?;
    let for_ever = program.with("COUNTERSIGN_RETENTION_VISITS_DAYS", "0");
    let table = for_ever.run(["privacy", "retention"])?.expect(0)?;
    ensure!(
        table.out.contains("for ever") && table.out.contains("400 days"),
        "{table:?}"
    );
    let run = for_ever.run(["privacy", "retention", "--run"])?.expect(0)?;
    // Its id says that it is young.
    ensure!(run.out.contains("DELETED"), "{run:?}");
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 1);
    Ok(())
}

async fn what_cannot_be_told_or_erased_says_why(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let nobody = program
        .run(["privacy", "export", "--contact", "nobody@contoso.example"])?
        .expect(3)?;
    ensure!(
        nobody.err.contains("nothing is held of this address"),
        "{nobody:?}"
    );
    let wrong = program
        .run(["privacy", "erase", "--contact", "nobody", "--yes"])?
        .expect(4)?;
    ensure!(
        wrong.err.contains("contact: the address has no @"),
        "{wrong:?}"
    );
    for (name, value) in [
        ("COUNTERSIGN_RETENTION_CONSENTS_YEARS", "4"),
        ("COUNTERSIGN_RETENTION_VISITS_DAYS", "29"),
        ("COUNTERSIGN_RETENTION_NOTICES_DAYS", "3651"),
    ] {
        let refused = Program::bare(ctx)
            .with(name, value)
            .run(["privacy", "retention"])?
            .expect(2)?;
        ensure!(refused.err.contains("retention."), "{refused:?}");
    }
    Ok(())
}
