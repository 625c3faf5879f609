//! Microsoft's links that come after the invitation: `invitation links`, and what a repeated `invite` says of them.

use anyhow::ensure;
use serde_json::json;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(links_are_supplied_and_replaced_one_by_one).on_each_database(),
        case!(links_are_refused_where_no_page_would_show_them).on_each_database(),
        case!(a_repeated_invite_says_what_it_did_not_take_over).on_each_database(),
        case!(a_flags_link_is_for_those_rows_of_a_file_that_it_fits),
    ]
}

const MCA: &str = "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement";
const GDAP: &str = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/\
    6f1c8e0a-1111-4c7e-9a53-0123456789ab";
const OTHER_GDAP: &str = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/\
    6f1c8e0a-2222-4c7e-9a53-0123456789ab";
const RESELLER: &str = "https://admin.microsoft.com/Adminportal/Home?invType=ResellerRelationship&\
    partnerId=6f1c8e0a-3333-4c7e-9a53-0123456789ab&msppId=0&DAP=false#/BillingAccounts/partner-invitation";

/// An invitation by flags that asks for all there is, or for less.
fn invite<'a>(email: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut line = vec![
        "invite",
        "--json",
        "--organization",
        "㈜새봄",
        "--name",
        "홍길동",
        "--email",
        email,
    ];
    line.extend(more);
    line
}

const ALL: [&str; 5] = [
    "--type",
    "reseller_delegated_admin",
    "--role",
    "helpdesk_administrator",
    "--mca",
];

async fn links_are_supplied_and_replaced_one_by_one(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let made = program
        .run(invite("hong@customer.example", &ALL))?
        .expect(0)?
        .object()?;
    let id = text(&made["invitation"])?;
    let links = |more: &[&str]| {
        let line = ["invitation", "links", &id, "--json"];
        program.run(line.iter().chain(more).copied())
    };
    let first = links(&["--gdap-link", GDAP])?.expect(0)?.object()?;
    assert_eq!(
        first,
        json!({"invitation": id, "outcome": "supplied", "links": {"gdap": GDAP}})
    );
    let again = links(&["--gdap-link", GDAP])?.expect(0)?.object()?;
    assert_eq!(again["outcome"], "unchanged");
    let more = links(&["--mca-link", MCA, "--reseller-link", RESELLER])?
        .expect(0)?
        .object()?;
    assert_eq!(
        more["links"],
        json!({"gdap": GDAP, "mca": MCA, "reseller": RESELLER})
    );
    // One that was mistyped is mended by the right one.
    links(&["--gdap-link", OTHER_GDAP])?.expect(0)?;

    let shown = program
        .run(["invitation", "show", &id, "--json"])?
        .expect(0)?
        .object()?;
    assert_eq!(
        shown["links"],
        json!({"gdap": OTHER_GDAP, "mca": MCA, "reseller": RESELLER})
    );
    let supplied: Vec<_> = shown["timeline"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|line| line["what"] == "links.supplied")
        .collect();
    assert_eq!(supplied.len(), 3, "each change once: {shown}");
    let people = program.run(["invitation", "show", &id])?.expect(0)?;
    ensure!(
        people.out.contains(OTHER_GDAP) && people.out.contains("reseller link"),
        "{people:?}"
    );
    program.run(["tick"])?.expect(0)?;
    program.run(["audit", "verify"])?.expect(0)?;
    Ok(())
}

async fn links_are_refused_where_no_page_would_show_them(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let id = program.invite("hong@customer.example")?; // a reseller, without roles and agreement
    let links = |id: &str, more: &[&str]| {
        let line = ["invitation", "links", id, "--json"];
        program.run(line.iter().chain(more).copied())
    };
    for (flag, link, field) in [
        ("--gdap-link", GDAP, "gdap_link"),
        ("--mca-link", MCA, "mca_link"),
        ("--reseller-link", GDAP, "reseller_link"),
        ("--reseller-link", "https://evil.example/", "reseller_link"),
    ] {
        let ran = links(&id, &[flag, link])?.expect(4)?;
        assert_eq!(ran.wrong_fields()?, [field]);
    }
    links(&id, &[])?.expect(2)?;
    let nobody = "inv_0193a7c1d2e3748596a7b8c9d0e1f203";
    links(nobody, &["--mca-link", MCA])?.expect(3)?;

    // At once, too: it would never be shown.
    let line = invite(
        "kim@customer.example",
        &["--type", "reseller", "--gdap-link", GDAP],
    );
    let ran = program.run(line)?.expect(4)?;
    assert_eq!(ran.wrong_fields()?, ["gdap_link"]);

    for (state, statement) in [
        (
            "declined",
            "UPDATE invitation SET state = 'declined', ended_at = 1",
        ),
        (
            "expired",
            "UPDATE invitation SET state = 'expired', ended_at = 1",
        ),
        (
            "revoked",
            "UPDATE invitation SET state = 'revoked', ended_at = 1",
        ),
    ] {
        ctx.sql(statement).await?;
        let ran = links(&id, &["--reseller-link", RESELLER])?.expect(4)?;
        ensure!(ran.err.contains(state), "{ran:?}");
    }
    ctx.sql("UPDATE invitation SET state = 'pending', ended_at = NULL, expires_at = 1")
        .await?;
    let overdue = links(&id, &["--reseller-link", RESELLER])?.expect(4)?;
    ensure!(overdue.err.contains("expired"), "{overdue:?}");
    Ok(())
}

async fn a_repeated_invite_says_what_it_did_not_take_over(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let repeat = |more: &[&'static str]| {
        let line: Vec<_> = ALL.iter().chain(more).copied().collect();
        program
            .run(invite("hong@customer.example", &line))?
            .expect(0)
    };
    let made = repeat(&["--note", "안녕하세요", "--mca-link", MCA])?.object()?;
    let same = repeat(&[
        "--note",
        "안녕하세요",
        "--mca-link",
        MCA,
        "--language",
        "ko-KR",
    ])?;
    assert_eq!(same.object()?["not_taken_over"], json!([]));
    let less = repeat(&[])?.object()?;
    assert_eq!(
        less["not_taken_over"],
        json!([]),
        "what is not said is kept"
    );
    let line = [
        "--note",
        "다른 말씀",
        "--gdap-link",
        GDAP,
        "--reference",
        "R-1",
        "--expires-in-days",
        "90",
    ];
    let other = repeat(&line)?.object()?;
    assert_eq!(
        other,
        json!({
            "outcome": "already_pending",
            "invitation": made["invitation"],
            "not_taken_over": ["gdap_link", "note", "reference", "expires_in_days"],
        })
    );
    let people: Vec<_> = invite("hong@customer.example", &ALL)
        .into_iter()
        .chain(line)
        .filter(|word| *word != "--json")
        .collect();
    let people = program.run(people)?.expect(0)?;
    let id = text(&made["invitation"])?;
    ensure!(
        people.err.contains(&format!(
            "countersign invitation links {id} --gdap-link URL"
        )),
        "{people:?}"
    );
    Ok(())
}

async fn a_flags_link_is_for_those_rows_of_a_file_that_it_fits(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let file = ctx.folder().join("rows.csv");
    std::fs::write(
        &file,
        "organization,name,email,type,mca\nA,Kim,kim@a.example,reseller,yes\nB,Lee,lee@b.example,reseller,no\n",
    )?;
    let file = file.to_string_lossy();
    let ran = program
        .run(["invite", "--json", "--csv", &file, "--mca-link", MCA])?
        .expect(0)?;
    let made = ran.objects()?;
    assert_eq!(made[2]["summary"]["created"], 2);
    for (row, links) in [(0, json!({"mca": MCA})), (1, json!({}))] {
        let id = text(&made[row]["invitation"])?;
        let shown = program
            .run(["invitation", "show", &id, "--json"])?
            .expect(0)?
            .object()?;
        assert_eq!(shown["links"], links);
    }
    Ok(())
}
