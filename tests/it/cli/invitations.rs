//! `invite` and `invitation`.

use anyhow::{Context as _, ensure};
use serde_json::json;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(an_invitation_is_made_once_and_rehearsed_before).on_each_database(),
        case!(an_idempotency_key_is_for_one_request).on_each_database(),
        case!(what_cannot_be_invited_names_every_field).on_each_database(),
        case!(the_partner_is_named_where_there_are_several).on_each_database(),
        case!(invitations_are_listed_by_partner_and_state).on_each_database(),
        case!(an_invitation_is_shown_with_its_time_line).on_each_database(),
        case!(an_invitation_is_resent_revoked_and_marked).on_each_database(),
    ]
}

const HONG: [&str; 14] = [
    "invite",
    "--json",
    "--organization",
    "㈜새봄",
    "--name",
    "홍길동",
    "--email",
    "hong@customer.example",
    "--type",
    "reseller_delegated_admin",
    "--role",
    "기술 지원팀 관리자",
    "--duration",
    "6개월",
];

async fn an_invitation_is_made_once_and_rehearsed_before(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let hong = |more: &[&'static str]| HONG.iter().chain(more).copied().collect::<Vec<_>>();
    let rehearsed = program
        .run(hong(&["--mca", "--dry-run"]))?
        .expect(0)?
        .object()?;
    assert_eq!(
        rehearsed,
        json!({"outcome": "would_create", "invitation": null, "not_taken_over": []})
    );
    let list = ["invitation", "list", "--json"];
    assert_eq!(
        program.run(list)?.expect(0)?.out,
        "",
        "a rehearsal makes nothing"
    );

    let made = program.run(hong(&["--mca"]))?.expect(0)?.object()?;
    assert_eq!(made["outcome"], "created");
    for line in [hong(&["--mca"]), hong(&["--mca", "--dry-run"])] {
        let again = program.run(line)?.expect(0)?;
        assert_eq!(
            again.object()?,
            json!({
                "outcome": "already_pending",
                "invitation": made["invitation"],
                "not_taken_over": [],
            })
        );
    }
    let shown = program.run(list)?.expect(0)?.object()?;
    assert_eq!(shown["offer"]["roles"], json!(["helpdesk_administrator"]));
    assert_eq!(
        (&shown["offer"]["duration"], &shown["offer"]["agreement"]),
        (&json!("P6M"), &json!(true))
    );
    let without_json: Vec<_> = hong(&["--mca"])
        .into_iter()
        .filter(|word| *word != "--json")
        .collect();
    let people = program.run(without_json)?.expect(0)?;
    ensure!(
        people.out.starts_with("already pending inv_") && people.err.contains("nothing was mailed"),
        "{people:?}"
    );
    Ok(())
}

async fn an_idempotency_key_is_for_one_request(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let with_key = |name: &'static str, key: &'static str| {
        [
            "invite",
            "--json",
            "--organization",
            "A",
            "--name",
            name,
            "--email",
            "a@b.example",
            "--type",
            "reseller",
            "--idempotency-key",
            key,
        ]
    };
    let made = program.run(with_key("Kim", "k1"))?.expect(0)?.object()?;
    let again = program.run(with_key("Kim", "k1"))?.expect(0)?.object()?;
    assert_eq!(
        again,
        json!({"outcome": "replayed", "invitation": made["invitation"], "not_taken_over": []})
    );
    let other = program.run(with_key("Lee", "k1"))?.expect(4)?;
    assert_eq!(other.wrong_fields()?, ["idempotency_key"]);
    let odd = program.run(with_key("Lee", "k 1"))?.expect(4)?;
    assert_eq!(odd.wrong_fields()?, ["idempotency_key"]);
    Ok(())
}

async fn what_cannot_be_invited_names_every_field(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let ran = program
        .run([
            "invite",
            "--json",
            "--organization",
            "ㅤ",
            "--name",
            "a\r\nBcc: x",
            "--email",
            "nobody",
            "--type",
            "emperor",
            "--duration",
            "P3Y",
            "--language",
            "!",
            "--time-zone",
            "Mars/Base",
            "--note",
            "see https://evil.example",
            "--expires-in-days",
            "91",
            "--gdap-link",
            "https://evil.example",
        ])?
        .expect(4)?;
    assert_eq!(
        ran.wrong_fields()?,
        [
            "organization",
            "name",
            "email",
            "duration",
            "language",
            "note",
            "gdap_link",
            "time_zone",
            "expires_in_days",
            "offer"
        ]
    );
    let plain = |email: &'static str, more: &[&'static str]| {
        let mut line = vec![
            "invite",
            "--json",
            "--organization",
            "A",
            "--name",
            "B",
            "--email",
            email,
            "--type",
            "reseller",
        ];
        line.extend(more);
        program.run(line)
    };
    let own = plain("kim@hanbit.example", &[])?.expect(4)?;
    assert_eq!(own.wrong_fields()?, ["email"]);
    plain("kim@hanbit.example", &["--force"])?.expect(0)?;
    let language = plain("kim@c.example", &["--mca", "--language", "en"])?.expect(4)?;
    assert_eq!(language.wrong_fields()?, ["language"]);
    let cloud = plain("kim@c.example", &["--mca", "--cloud", "21vianet"])?.expect(4)?;
    assert_eq!(cloud.wrong_fields()?, ["offer"]);
    let partner = plain("kim@c.example", &["--partner", "nobody"])?.expect(3)?;
    assert_eq!(partner.wrong_fields()?, ["partner"]);
    Ok(())
}

async fn the_partner_is_named_where_there_are_several(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    let line = [
        "invite",
        "--json",
        "--organization",
        "A",
        "--name",
        "B",
        "--email",
        "a@b.example",
        "--type",
        "reseller",
    ];
    let none = program.run(line)?.expect(3)?;
    assert_eq!(none.wrong_fields()?, ["partner"]);
    program.add_partner("hanbit")?.expect(0)?;
    program.add_partner("saebom")?.expect(0)?;
    let several = program.run(line)?.expect(4)?;
    assert_eq!(several.wrong_fields()?, ["partner"]);
    ensure!(several.err.contains("hanbit, saebom"), "{several:?}");
    let named = line.iter().chain(&["--partner", "saebom"]);
    program.run(named)?.expect(0)?;
    Ok(())
}

async fn invitations_are_listed_by_partner_and_state(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let ids: Vec<String> = ["a@b.example", "c@d.example", "e@f.example"]
        .iter()
        .map(|email| program.invite(email))
        .collect::<Result<_, _>>()?;
    program
        .run(["invitation", "revoke", &ids[1], "--yes"])?
        .expect(0)?;
    let listed = |more: &str| {
        let mut line = vec!["invitation", "list", "--json"];
        line.extend(more.split_whitespace());
        let ran = program.run(line)?.expect(0)?;
        ran.objects()?
            .iter()
            .map(|one| text(&one["invitation"]))
            .collect::<anyhow::Result<Vec<_>>>()
    };
    assert_eq!(listed("")?, [&*ids[2], &ids[1], &ids[0]], "newest first");
    assert_eq!(listed("--state revoked")?, [&*ids[1]]);
    assert_eq!(
        listed("--partner hanbit --state pending --limit 1")?,
        [&*ids[2]]
    );
    assert_eq!(listed(&format!("--before {}", ids[1]))?, [&*ids[0]]);
    let table = program
        .run("invitation list --limit 2".split(' '))?
        .expect(0)?;
    ensure!(
        table.out.contains("㈜새봄") && table.out.contains("e@f.example"),
        "{table:?}"
    );
    ensure!(
        table.err.contains(&format!("--before {}", ids[1])),
        "{table:?}"
    );
    program
        .run(["invitation", "list", "--partner", "nobody"])?
        .expect(3)?;
    let ran = program
        .run("invitation list --json --state open".split(' '))?
        .expect(2)?;
    ensure!(ran.err.contains("pending, accepted, declined"), "{ran:?}");
    Ok(())
}

async fn an_invitation_is_shown_with_its_time_line(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let id = program.invite("hong@customer.example")?;
    let shown = program
        .run(["invitation", "show", &id, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&shown["email"], &shown["name"]),
        (&json!("hong@customer.example"), &json!("홍길동"))
    );
    let what = |shown: &serde_json::Value| -> anyhow::Result<Vec<String>> {
        let lines = shown["timeline"].as_array().context("no time line")?;
        lines.iter().map(|line| text(&line["what"])).collect()
    };
    assert_eq!(what(&shown)?[0], "invitation.created");
    ensure!(
        what(&shown)?[1..].iter().all(|what| what == "mail.planned"),
        "{shown}"
    );
    program.run(["tick"])?.expect(0)?;
    let shown = program
        .run(["invitation", "show", &id, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(what(&shown)?[1], "mail.sent");
    let people = program
        .run(["invitation", "show", &id, "--time-zone", "Asia/Seoul"])?
        .expect(0)?;
    ensure!(
        people.out.contains("organization  ㈜새봄") && people.out.contains("by operator; "),
        "{people:?}"
    );
    for (wrong, code) in [
        ("inv_0193a7c1d2e3748596a7b8c9d0e1f203", 3),
        ("hong", 4),
        (&id[4..], 4),
    ] {
        let ran = program
            .run(["invitation", "show", wrong, "--json"])?
            .expect(code)?;
        assert_eq!(ran.wrong_fields()?, ["invitation"]);
    }
    Ok(())
}

async fn an_invitation_is_resent_revoked_and_marked(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let id = program.invite("hong@customer.example")?;
    let resent = program
        .run(["invitation", "resend", &id, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        resent,
        json!({"invitation": id, "outcome": "resent", "new": null})
    );

    let marked = program
        .run([
            "invitation",
            "mark",
            &id,
            "relationship",
            "said_by_partner",
            "--json",
        ])?
        .expect(0)?
        .object()?;
    assert_eq!(marked["state"], "said_by_partner");
    let shown = program
        .run(["invitation", "show", &id, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        (&shown["generation"], &shown["steps"][0]["state"]),
        (&json!(2), &json!("said_by_partner"))
    );
    for (step, state, known) in [
        (
            "mca!",
            "confirmed",
            "mca, relationship, gdap, roles_removed",
        ),
        (
            "relationship",
            "perhaps",
            "said_by_partner, confirmed, unknown",
        ),
        (
            "relationship",
            "said_by_customer",
            "said_by_partner, confirmed, unknown",
        ),
    ] {
        let ran = program
            .run(["invitation", "mark", &id, step, state])?
            .expect(2)?;
        ensure!(ran.err.contains(known), "{ran:?}");
    }
    let ran = program
        .run(["invitation", "mark", &id, "gdap", "confirmed", "--json"])?
        .expect(4)?;
    assert_eq!(ran.wrong_fields()?, ["step"]);

    let unasked = program.run(["invitation", "revoke", &id])?.expect(2)?;
    ensure!(unasked.err.contains("--yes"), "{unasked:?}");
    program
        .run(["invitation", "revoke", &id, "--yes"])?
        .expect(0)?;
    for line in [["revoke", "--yes"], ["resend", "--json"]] {
        let ran = program
            .run(["invitation", line[0], &id, line[1]])?
            .expect(4)?;
        ensure!(ran.err.contains("it is revoked already"), "{ran:?}");
    }
    let nobody = "inv_0193a7c1d2e3748596a7b8c9d0e1f203";
    program.run(["invitation", "revoke", nobody])?.expect(3)?;
    program.run(["invitation", "resend", nobody])?.expect(3)?;
    program
        .run(["invitation", "mark", nobody, "mca", "confirmed"])?
        .expect(3)?;

    // Its time is over: another one takes its place.
    let old = program.invite("kim@customer.example")?;
    ctx.sql("UPDATE invitation SET expires_at = 1 WHERE state = 'pending'")
        .await?;
    let replaced = program
        .run(["invitation", "resend", &old, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(replaced["outcome"], "replaced");
    ensure!(
        replaced["new"].is_string() && replaced["new"] != json!(old),
        "{replaced}"
    );
    Ok(())
}
