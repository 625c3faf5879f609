//! `suppression`, and `relationship end`.

use anyhow::ensure;
use serde_json::json;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_mailbox_is_left_alone_and_mailed_again).on_each_database(),
        case!(a_relationship_that_is_not_there_cannot_be_ended).on_sqlite(),
    ]
}

const KIM: &str = "kim@contoso.example";

async fn a_mailbox_is_left_alone_and_mailed_again(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let none = program.run(["suppression", "list"])?.expect(0)?;
    ensure!(none.out.is_empty() && none.err.contains("none"), "{none:?}");
    let add = [
        "suppression",
        "add",
        "Kim@Contoso.example",
        "--because",
        "stopped",
        "--detail",
        "전화로",
    ];
    let added = program
        .run(add.into_iter().chain(["--json"]))?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&added["outcome"], &added["email"]),
        (&json!("added"), &json!(KIM))
    );
    let again = program.run(add)?.expect(0)?;
    ensure!(
        again.out.contains("is there already (stopped)"),
        "{again:?}"
    );
    let listed = program
        .run(["suppression", "list", "--json"])?
        .expect(0)?
        .objects()?;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["detail"], "전화로");
    let table = program.run(["suppression", "list"])?.expect(0)?;
    ensure!(
        table.out.contains(KIM) && table.out.contains("stopped"),
        "{table:?}"
    );
    // No partner has invited it.
    let seen = program
        .run(["suppression", "list", "--partner", "hanbit", "--json"])?
        .expect(0)?;
    ensure!(seen.objects()?.is_empty());
    program.run(["suppression", "remove", KIM])?.expect(2)?;
    program
        .run(["suppression", "remove", KIM, "--reason", " "])?
        .expect(4)?;
    let id = text(&added["suppression"])?;
    let removed = program
        .run([
            "suppression",
            "remove",
            &id,
            "--reason",
            "asked by telephone",
            "--json",
        ])?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&removed["outcome"], &removed["reason"]),
        (&json!("removed"), &json!("stopped"))
    );
    program
        .run(["suppression", "remove", KIM, "--reason", "x"])?
        .expect(3)?;
    let history = program
        .run(["suppression", "list", "--email", KIM, "--json"])?
        .expect(0)?
        .objects()?;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["removed"]["why"], "asked by telephone");
    assert_eq!(history[0]["removed"]["partner"], json!(null));
    program
        .run(["suppression", "add", KIM, "--because", "erased"])?
        .expect(2)?;
    program
        .run(["suppression", "add", "no address"])?
        .expect(4)?;
    Ok(())
}

async fn a_relationship_that_is_not_there_cannot_be_ended(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let unknown = "rel_0193a7c1d2e3748596a7b8c9d0e1f203";
    program
        .run(["relationship", "end", unknown, "--yes"])?
        .expect(3)?;
    program
        .run(["relationship", "end", "rel_7", "--yes"])?
        .expect(4)?;
    Ok(())
}
