//! `profile`.

use anyhow::ensure;
use serde_json::json;

use super::program::Program;
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_profile_is_written_published_and_withdrawn).on_each_database(),
        case!(a_profile_that_cannot_be_written_names_every_field).on_sqlite(),
    ]
}

const WORDS: [&str; 13] = [
    "profile",
    "set",
    "hanbit",
    "--location",
    "kr:서울",
    "--size",
    "10-49",
    "--service",
    "Microsoft 365 이전",
    "--language",
    "ko",
    "--description",
    "메일과 문서를 옮깁니다.",
];

async fn a_profile_is_written_published_and_withdrawn(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    program.add_partner("hanbit")?.expect(0)?;
    let none = program.run(["profile", "list"])?.expect(0)?;
    ensure!(
        none.out.is_empty() && none.err.contains("profile set"),
        "{none:?}"
    );
    program.run(["profile", "show", "hanbit"])?.expect(3)?;
    program.run(["profile", "publish", "hanbit"])?.expect(3)?;
    let written = program.run(WORDS)?.expect(0)?;
    ensure!(
        written.err.contains("profile publish hanbit"),
        "{written:?}"
    );
    let published = program.run(["profile", "publish", "hanbit", "--json"])?;
    let outcome = json!({"partner": "hanbit", "outcome": "published"});
    assert_eq!(published.expect(0)?.object()?, outcome);
    // One field alone.
    let args = ["profile", "set", "hanbit", "--size", "1-9", "--json"];
    let shown = program.run(args)?.expect(0)?.object()?;
    assert_eq!(shown["sizes"], json!(["1-9"]));
    assert_eq!(
        shown["locations"],
        json!([{"country": "KR", "name": "서울"}])
    );
    ensure!(shown["published_at"].is_string(), "{shown}");
    let listed = program.run(["profile", "list", "--json"])?.expect(0)?;
    assert_eq!(listed.objects()?, std::slice::from_ref(&shown));
    let same = program.run(["profile", "show", "hanbit", "--json"])?;
    assert_eq!(same.expect(0)?.object()?, shown);
    let table = program.run(["profile", "list"])?.expect(0)?;
    ensure!(table.out.contains("서울 (KR)"), "{table:?}");
    for outcome in ["withdrawn", "unchanged"] {
        let told = program.run(["profile", "withdraw", "hanbit", "--json"])?;
        assert_eq!(told.expect(0)?.object()?["outcome"], outcome);
    }
    Ok(())
}

async fn a_profile_that_cannot_be_written_names_every_field(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    program.add_partner("hanbit")?.expect(0)?;
    let refused = program
        .run(["profile", "set", "hanbit", "--location", "Korea", "--json"])?
        .expect(4)?
        .object()?;
    let problems = refused["error"]["problems"].as_array().cloned();
    let fields: Vec<_> = problems.unwrap_or_default();
    let fields: Vec<_> = fields
        .iter()
        .map(|problem| problem["field"].clone())
        .collect();
    assert_eq!(
        fields,
        ["location", "size", "service", "language", "description"]
    );
    program
        .run(["profile", "set", "hanbit", "--size", "many"])?
        .expect(2)?;
    program.run(["profile", "show", "nobody"])?.expect(3)?;
    Ok(())
}
