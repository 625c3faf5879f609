//! `partner` and `agreement`.

use std::fs;

use anyhow::ensure;
use serde_json::json;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_partner_is_added_listed_and_shown).on_each_database(),
        case!(a_partner_that_cannot_be_added_names_every_field).on_each_database(),
        case!(a_partner_has_limits_of_its_own_until_they_are_reset).on_each_database(),
        case!(an_agreement_is_stored_byte_for_byte_and_once).on_each_database(),
        case!(an_agreement_that_cannot_be_stored_names_every_field).on_each_database(),
    ]
}

async fn a_partner_is_added_listed_and_shown(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    let none = program.run(["partner", "list"])?.expect(0)?;
    ensure!(
        none.out.is_empty() && none.err.contains("countersign partner add"),
        "{none:?}"
    );
    let added = program.add_partner("hanbit")?.expect(0)?.object()?;
    assert_eq!(added["legal_name"], "주식회사 한빛테크");
    let id = text(&added["id"])?;
    for name in ["hanbit", &id] {
        let shown = program
            .run(["partner", "show", name, "--json"])?
            .expect(0)?
            .object()?;
        assert_eq!(shown, added);
    }
    program.add_partner("saebom")?.expect(0)?;
    let listed = program
        .run(["partner", "list", "--json"])?
        .expect(0)?
        .objects()?;
    let handles: Vec<_> = listed.iter().map(|one| &one["handle"]).collect();
    assert_eq!(handles, [&json!("hanbit"), &json!("saebom")]);
    let table = program
        .run(["partner", "list", "--time-zone", "Asia/Seoul"])?
        .expect(0)?;
    ensure!(
        table
            .out
            .contains("한빛테크  partner@hanbit.example  ko        20"),
        "{table:?}"
    );
    ensure!(table.out.contains("+09:00\n"), "{table:?}");
    program.run(["partner", "show", "nobody"])?.expect(3)?;
    program
        .run(["partner", "list", "--time-zone", "Mars/Base"])?
        .expect(4)?;
    Ok(())
}

async fn a_partner_that_cannot_be_added_names_every_field(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    let ran = program
        .run([
            "partner",
            "add",
            "--json",
            "--handle",
            "X",
            "--name",
            "a\u{202e}b",
            "--email",
            "nobody",
            "--phone",
            "-",
            "--address",
            "",
            "--language",
            "korean!",
            "--time-zone",
            "Mars/Base",
            "--website",
            "javascript:x",
        ])?
        .expect(4)?;
    assert_eq!(
        ran.wrong_fields()?,
        [
            "handle",
            "name",
            "legal_name",
            "address",
            "phone",
            "website",
            "email",
            "language",
            "time_zone"
        ]
    );
    ensure!(ran.err.lines().count() == 9, "a line a field: {ran:?}");
    program.add_partner("hanbit")?.expect(0)?;
    let twice = program.add_partner("hanbit")?.expect(4)?;
    assert_eq!(twice.wrong_fields()?, ["handle"]);
    program
        .run(["partner", "add", "--handle", "x"])?
        .expect(2)?;
    Ok(())
}

async fn an_agreement_is_stored_byte_for_byte_and_once(ctx: &Ctx) -> Outcome {
    use sha2::{Digest as _, Sha256};
    let program = Program::installed(ctx)?;
    let body = "제1조 목적\r\n\t끝\n";
    fs::write(ctx.folder().join("mca.txt"), body)?;
    let add = |version: &'static str, effective: &'static str| {
        [
            "agreement",
            "add",
            "mca.txt",
            "--json",
            "--language",
            "ko",
            "--title",
            "Microsoft 고객 계약",
            "--version",
            version,
            "--effective",
            effective,
            "--sample",
        ]
    };
    let stored = program
        .run(add("2024-09", "2024-09-01"))?
        .expect(0)?
        .object()?;
    assert_eq!(stored["outcome"], "stored");
    let agreement = &stored["agreement"];
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(body));
    assert_eq!(
        (&agreement["sha256"], &agreement["current"]),
        (&json!(hash), &json!(true))
    );
    assert_eq!(
        (&agreement["sample"], &agreement["effective_at"]),
        (&json!(true), &json!("2024-09-01T00:00:00Z"))
    );

    let again = program
        .run(add("2024-09", "2024-09-01"))?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&again["outcome"], &again["agreement"]["id"]),
        (&json!("already_stored"), &agreement["id"])
    );
    fs::write(ctx.folder().join("mca.txt"), "another text")?;
    let other = program.run(add("2024-09", "2024-09-01"))?.expect(4)?;
    assert_eq!(other.wrong_fields()?, ["version"]);
    program
        .run(add("2999-01", "2999-01-01T09:00:00+09:00"))?
        .expect(0)?;

    let listed = program
        .run(["agreement", "list", "--json"])?
        .expect(0)?
        .objects()?;
    let current: Vec<_> = listed
        .iter()
        .map(|one| (&one["version"], &one["current"]))
        .collect();
    assert_eq!(
        current,
        [
            (&json!("2024-09"), &json!(true)),
            (&json!("2999-01"), &json!(false))
        ]
    );
    let table = program.run(["agreement", "list"])?.expect(0)?;
    ensure!(
        table.out.contains(&hash)
            && table.out.contains("yes (sample)")
            && table.out.contains("later"),
        "{table:?}"
    );
    Ok(())
}

async fn an_agreement_that_cannot_be_stored_names_every_field(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    fs::write(ctx.folder().join("marked.txt"), "\u{feff}text")?;
    fs::write(ctx.folder().join("latin.txt"), b"caf\xe9")?;
    fs::write(ctx.folder().join("large.txt"), vec![b'a'; 5 * 1024 * 1024])?;
    let ran = program
        .run("agreement add marked.txt --version  --language en --title  --json".split(' '))?
        .expect(4)?;
    assert_eq!(ran.wrong_fields()?, ["version", "title", "file"]);
    for (line, known) in [("--kind nda --language en", "mca"), ("--language fr", "ko")] {
        let line = format!("agreement add marked.txt --version 1 --title T {line}");
        let ran = program.run(line.split(' '))?.expect(2)?;
        ensure!(ran.err.contains(known), "{ran:?}");
    }
    for file in ["latin.txt", "large.txt", "nowhere.txt", "."] {
        let ran = program
            .run([
                "agreement",
                "add",
                file,
                "--version",
                "1",
                "--language",
                "en",
                "--title",
                "T",
                "--json",
            ])?
            .expect(4)?;
        assert_eq!(ran.wrong_fields()?, ["file"], "{file}");
    }
    fs::write(ctx.folder().join("fine.txt"), "text")?;
    let ran = program
        .run([
            "agreement",
            "add",
            "fine.txt",
            "--version",
            "1",
            "--language",
            "en",
            "--title",
            "T",
            "--json",
            "--effective",
            "soon",
        ])?
        .expect(4)?;
    assert_eq!(ran.wrong_fields()?, ["effective"]);
    Ok(())
}

async fn a_partner_has_limits_of_its_own_until_they_are_reset(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?.with("COUNTERSIGN_LIMITS_PER_PARTNER_DAY", "3");
    let partner = text(
        &program
            .run(["partner", "list", "--json"])?
            .expect(0)?
            .object()?["handle"],
    )?;
    let limits = |options: &str| -> anyhow::Result<(String, serde_json::Value)> {
        let line = format!("partner limits {partner} --json {options}");
        let object = program.run(line.split_whitespace())?.expect(0)?.object()?;
        let of = |name: &str| {
            let all = object["limits"].as_array();
            let found = all.and_then(|all| all.iter().find(|one| one["limit"] == name));
            found.map_or(json!("no such limit"), |one| {
                json!([one["size"], one["used"], one["from"]])
            })
        };
        let told = json!([
            of("per_partner_day"),
            of("per_key_day"),
            of("per_recipient_week")
        ]);
        Ok((text(&object["outcome"])?, told))
    };
    let (week, key) = (
        json!([20, null, "settings"]),
        json!([5_000, null, "settings"]),
    );
    let shown = limits("")?;
    assert_eq!(
        shown,
        ("shown".to_owned(), json!([[3, 0, "settings"], key, week]))
    );
    let set = limits("--per-partner-day 1 --per-key-day none")?;
    let own_key = json!([null, null, "partner"]);
    assert_eq!(
        set,
        (
            "changed".to_owned(),
            json!([[1, 0, "partner"], own_key, week])
        )
    );
    assert_eq!(limits("--per-partner-day 1")?.0, "unchanged");
    let list = "organization,name,email\nA,Kim,kim@a.example\nB,Lee,lee@b.example\n";
    fs::write(ctx.folder().join("list.csv"), list)?;
    let line = "invite --csv list.csv --type reseller --json";
    let ran = program.run(line.split(' '))?.expect(4)?;
    let rows = ran.objects()?;
    assert_eq!(
        (&rows[0]["outcome"], &rows[1]["outcome"]),
        (&json!("created"), &json!("refused"))
    );
    let error = &rows[1]["errors"][0];
    assert_eq!(error["field"], "partner");
    ensure!(
        text(&error["message"])?
            .starts_with("at most 1 invitations a day are made for this partner"),
        "{error}"
    );
    assert_eq!(limits("")?.1[0], json!([1, 1, "partner"]));
    let table = program.run(["partner", "limits", &partner])?.expect(0)?;
    ensure!(
        table.out.contains("per_key_day         none     -"),
        "{}",
        table.out
    );
    let shown = program.run(["partner", "show", &partner])?.expect(0)?;
    ensure!(
        shown.out.contains("yes: `countersign partner limits"),
        "{}",
        shown.out
    );
    let reset = limits("--reset")?;
    assert_eq!(
        reset,
        ("changed".to_owned(), json!([[3, 1, "settings"], key, week]))
    );
    let rows = program.run(line.split(' '))?.expect(0)?.objects()?;
    assert_eq!(
        (&rows[0]["outcome"], &rows[1]["outcome"]),
        (&json!("replayed"), &json!("created"))
    );
    program.run(["partner", "limits", "nobody"])?.expect(3)?;
    program
        .run(["partner", "limits", &partner, "--per-key-day", "0"])?
        .expect(2)?;
    Ok(())
}
