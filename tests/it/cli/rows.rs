//! `invite --csv`.

use std::fs;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::program::{Program, Ran};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(korean_rows_in_cp949_are_invited_once).on_each_database(),
        case!(a_bad_row_holds_up_no_other).on_each_database(),
        case!(who_has_answered_is_not_invited_again_by_the_same_file).on_each_database(),
        case!(a_rehearsal_finds_the_rows_that_would_meet_in_one_mailbox).on_each_database(),
        case!(flags_say_what_rows_do_not).on_each_database(),
        case!(a_file_that_is_no_list_makes_nothing).on_sqlite(),
        case!(a_database_that_goes_away_stops_and_the_next_run_goes_on).on_sqlite(),
    ]
}

/// Rows that differ in the case of the address, the width of the organization's name, or in a note.
const TWINS: &str = "organization,name,email,note,partner_type\n\
    Contoso Ltd,Kim,Kim@customer.example,,reseller\n\
    Contoso Ltd,Kim,kim@CUSTOMER.example,,reseller\n\
    ｃｏｎｔｏｓｏ ltd,Kim,kim@customer.example,soon,reseller\n\
    Contoso Ltd,Kim,kim@customer.example,,advisor\n\
    Contoso Ltd,Kim,Kim@customer.example,,reseller\n";

async fn a_rehearsal_finds_the_rows_that_would_meet_in_one_mailbox(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    fs::write(ctx.folder().join("list.csv"), TWINS)?;
    let line = "invite --csv list.csv --json";
    for (flag, word) in [(" --dry-run", "would_create"), ("", "created")] {
        let ran = program.run(format!("{line}{flag}").split(' '))?.expect(0)?;
        let (told, summary) = rows(&ran)?;
        assert_eq!(
            outcomes(&told),
            [
                (2, word),
                (3, "already_pending"),
                (4, "already_pending"),
                (5, word),
                (6, "repeated")
            ]
        );
        let same_as: Vec<_> = told.iter().map(|row| row["same_as"].as_u64()).collect();
        assert_eq!(same_as, [None, Some(2), Some(2), None, Some(2)]);
        assert_eq!(
            (&summary["already_pending"], &summary[word]),
            (&json!(2), &json!(2))
        );
    }
    Ok(())
}

const KOREAN: &str = "회사;담당자;이메일;파트너 유형;역할;기간;언어;메모;참조\r\n\
    ㈜새봄;김민수;minsu@saebom.example;재판매인 및 위임된 관리자;기술 지원팀 관리자|전역 읽기 권한자;1년;한국어;확인 부탁드립니다;A-1\r\n\
    \r\n\
    ㈜가람;이영희;younghee@garam.example;조언자;;6개월;ko;;A-2\r\n";

/// The rows and the summary that `--json` wrote.
fn rows(ran: &Ran) -> anyhow::Result<(Vec<Value>, Value)> {
    let mut objects = ran.objects()?;
    let last = objects.pop().context("no summary")?;
    Ok((objects, last["summary"].clone()))
}

fn outcomes(rows: &[Value]) -> Vec<(u64, &str)> {
    rows.iter()
        .map(|row| {
            (
                row["row"].as_u64().unwrap_or(0),
                row["outcome"].as_str().unwrap_or(""),
            )
        })
        .collect()
}

async fn korean_rows_in_cp949_are_invited_once(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let cp949 = encoding_rs::EUC_KR.encode(KOREAN).0.into_owned();
    fs::write(ctx.folder().join("list.csv"), cp949)?;
    fs::write(ctx.folder().join("marked.csv"), format!("\u{feff}{KOREAN}"))?;

    let line = "invite --csv list.csv --mca --json";
    let rehearsed = program
        .run(format!("{line} --dry-run").split(' '))?
        .expect(0)?;
    let (made, summary) = rows(&rehearsed)?;
    assert_eq!(outcomes(&made), [(2, "would_create"), (4, "would_create")]);
    assert_eq!(
        (&summary["dry_run"], &summary["encoding"]),
        (&json!(true), &json!("cp949"))
    );
    let none = program
        .run("invitation list --json".split(' '))?
        .expect(0)?;
    assert_eq!(none.out, "", "a rehearsal makes nothing");

    let (made, summary) = rows(&program.run(line.split(' '))?.expect(0)?)?;
    assert_eq!(outcomes(&made), [(2, "created"), (4, "created")]);
    assert_eq!(
        (&summary["rows"], &summary["created"]),
        (&json!(2), &json!(2))
    );
    let shown = program
        .run("invitation list --json".split(' '))?
        .expect(0)?
        .objects()?;
    assert_eq!(shown[1]["organization"], "㈜새봄");
    assert_eq!(
        shown[1]["offer"]["roles"],
        json!(["global_reader", "helpdesk_administrator"])
    );
    assert_eq!(
        (&shown[1]["note"], &shown[1]["reference"]),
        (&json!("확인 부탁드립니다"), &json!("A-1"))
    );
    assert_eq!(
        (
            &shown[0]["offer"]["relationship"],
            &shown[0]["offer"]["duration"]
        ),
        (&json!("advisor"), &json!("P6M"))
    );

    // The same rows in another file, in another encoding, from stdin.
    let again = fs::read(ctx.folder().join("marked.csv"))?;
    let (again, summary) = rows(
        &program
            .run_on("invite --csv - --mca --json".split(' '), &again)?
            .expect(0)?,
    )?;
    assert_eq!(outcomes(&again), [(2, "replayed"), (4, "replayed")]);
    assert_eq!(again[0]["invitation"], made[0]["invitation"]);
    assert_eq!(summary["encoding"], "utf-8");

    let people = program
        .run("invite --csv list.csv --mca".split(' '))?
        .expect(0)?;
    assert_eq!(people.out, "2 rows: 2 created before\n");
    ensure!(people.err.contains("read as CP949"), "{people:?}");
    let states = program
        .run("queue stats --json".split(' '))?
        .expect(0)?
        .object()?;
    assert_eq!(states["states"]["ready"], 2, "nobody is mailed twice");
    Ok(())
}

async fn a_bad_row_holds_up_no_other(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    fs::write(
        ctx.folder().join("list.csv"),
        "organization,name,email,type,mca,note\n\
         A,Kim,kim@a.example,reseller,yes,\n\
         B,Lee,nobody,emperor,perhaps,\n\
         C,Park,park@c.example,reseller,no,see https://evil.example\n\
         D,Choi,choi@hanbit.example,reseller,no,\n\
         E,Kang,kang@e.example,reseller,no,one,two\n\
         A,Kim,kim@a.example,Reseller,Y,\n\
         F,Han,han@f.example,reseller,no,\"two\nlines\"\n",
    )?;
    let ran = program
        .run("invite --csv list.csv --json".split(' '))?
        .expect(4)?;
    let (made, summary) = rows(&ran)?;
    assert_eq!(
        outcomes(&made),
        [
            (2, "created"),
            (3, "refused"),
            (4, "refused"),
            (5, "refused"),
            (6, "refused"),
            (7, "repeated"),
            (8, "created")
        ]
    );
    let fields = |row: &Value| -> Vec<String> {
        let errors = row["errors"].as_array().into_iter().flatten();
        errors
            .filter_map(|error| Some(error["field"].as_str()?.to_owned()))
            .collect()
    };
    assert_eq!(
        fields(&made[1]),
        ["mca"],
        "what a cell says comes before what it means"
    );
    assert_eq!(fields(&made[2]), ["note"]);
    assert_eq!(fields(&made[3]), ["email"]);
    assert_eq!(fields(&made[4]), ["row"]);
    assert_eq!(made[5]["same_as"], 2);
    assert_eq!(
        (
            &summary["created"],
            &summary["refused"],
            &summary["repeated"]
        ),
        (&json!(2), &json!(4), &json!(1))
    );

    let people = program.run("invite --csv list.csv".split(' '))?.expect(4)?;
    assert_eq!(
        people.out,
        "7 rows: 2 created before, 1 repeated, 4 refused\n"
    );
    ensure!(
        people.err.contains("error: row 3: mca: ") && people.err.contains("error: row 5: email: "),
        "{people:?}"
    );
    Ok(())
}

async fn who_has_answered_is_not_invited_again_by_the_same_file(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    fs::write(
        ctx.folder().join("list.csv"),
        "organization,name,email\nA,Kim,kim@a.example\n",
    )?;
    let line = "invite --csv list.csv --type reseller --json";
    let (made, _) = rows(&program.run(line.split(' '))?.expect(0)?)?;
    ctx.sql("UPDATE invitation SET state = 'declined', ended_at = created_at")
        .await?;
    // Three weeks pass, as far as the keys are concerned.
    ctx.sql("UPDATE idempotency SET created_at = created_at - 1814400000000, expires_at = expires_at - 1814400000000").await?;
    let (again, _) = rows(&program.run(line.split(' '))?.expect(0)?)?;
    assert_eq!(again[0]["outcome"], "replayed");
    assert_eq!(again[0]["invitation"], made[0]["invitation"]);
    let (anew, _) = rows(
        &program
            .run(format!("{line} --again").split(' '))?
            .expect(0)?,
    )?;
    assert_eq!(anew[0]["outcome"], "created");
    let (anew, _) = rows(
        &program
            .run(format!("{line} --again").split(' '))?
            .expect(0)?,
    )?;
    assert_eq!(
        anew[0]["outcome"], "already_pending",
        "one that waits is not mailed twice"
    );
    Ok(())
}

async fn flags_say_what_rows_do_not(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    fs::write(
        ctx.folder().join("list.csv"),
        "organization\tname\temail\ttype\troles\nA\tKim\tkim@a.example\t\t\nB\tLee\tlee@b.example\tadvisor\t-\n",
    )?;
    program
        .run("invite --csv list.csv --type reseller_delegated_admin --role global_reader --mca --expires-in-days 10".split(' '))?
        .expect(0)?;
    let shown = program
        .run("invitation list --json".split(' '))?
        .expect(0)?
        .objects()?;
    let offers: Vec<_> = shown
        .iter()
        .map(|one| (&one["offer"]["relationship"], &one["offer"]["roles"]))
        .collect();
    assert_eq!(
        offers,
        [
            (&json!("advisor"), &json!([])),
            (
                &json!("reseller_delegated_admin"),
                &json!(["global_reader"])
            )
        ]
    );
    ensure!(
        shown.iter().all(|one| one["offer"]["agreement"] == true),
        "{shown:?}"
    );
    program
        .run("invite --csv list.csv --email a@b.example".split(' '))?
        .expect(2)?;
    program
        .run("invite --csv list.csv --force".split(' '))?
        .expect(2)?;
    Ok(())
}

async fn a_file_that_is_no_list_makes_nothing(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    for (name, bytes) in [
        ("empty.csv", &b""[..]),
        ("workbook.xlsx", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0"),
        ("header.csv", b"organization,email,roels\nA,a@b.example,x\n"),
        (
            "latin.csv",
            b"organization,name,email\nCaf\xe9,x,a@b.example\n",
        ),
    ] {
        fs::write(ctx.folder().join(name), bytes)?;
        let ran = program
            .run(["invite", "--json", "--type", "reseller", "--csv", name])?
            .expect(4)?;
        ensure!(
            ran.wrong_fields()?.iter().all(|field| field == "csv"),
            "{ran:?}"
        );
    }
    program.run(["invite", "--csv", "nowhere.csv"])?.expect(4)?;
    program.run(["invite", "--csv", "."])?.expect(4)?;
    let ran = program
        .run("invite --csv header.csv --ignore-unknown-columns --json".split(' '))?
        .expect(4)?;
    ensure!(ran.err.contains("lacks a column for name"), "{ran:?}");
    assert_eq!(
        program
            .run("invitation list --json".split(' '))?
            .expect(0)?
            .out,
        ""
    );
    Ok(())
}

async fn a_database_that_goes_away_stops_and_the_next_run_goes_on(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    fs::write(
        ctx.folder().join("list.csv"),
        "organization,name,email\nA,Kim,kim@a.example\nB,Lee,lee@b.example\nC,Park,park@c.example\n",
    )?;
    // The database refuses one row, as a full disk would.
    ctx.sql(
        "CREATE TRIGGER full BEFORE INSERT ON organization WHEN NEW.name = 'B' \
         BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )
    .await?;
    let line = "invite --csv list.csv --type reseller --json";
    let ran = program.run(line.split(' '))?.expect(1)?;
    let objects = ran.objects()?;
    assert_eq!(objects[0]["outcome"], "created");
    assert_eq!(objects[1]["summary"]["created"], 1);
    ensure!(
        ran.err.contains("stopped at row 3") && ran.err.contains("disk is full"),
        "{ran:?}"
    );
    ctx.sql("DROP TRIGGER full").await?;
    let (made, _) = rows(&program.run(line.split(' '))?.expect(0)?)?;
    assert_eq!(
        outcomes(&made),
        [(2, "replayed"), (3, "created"), (4, "created")]
    );
    Ok(())
}
