//! What a cloud does not have is refused in words, by flags, by a file and afterwards.

use std::fmt::Write as _;
use std::fs;

use anyhow::ensure;
use serde_json::Value;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(what_a_cloud_does_not_have_is_refused_by_flags_and_by_a_file).on_each_database(),
        case!(a_link_of_another_cloud_is_refused_at_once_and_afterwards).on_each_database(),
    ]
}

const QUERY: &str = "Adminportal/Home?invType=ResellerRelationship&\
    partnerId=6f1c8e0a-3333-4c7e-9a53-0123456789ab&msppId=0&DAP=false#/BillingAccounts/partner-invitation";

/// What is asked for, in the columns type, roles and mca; and a word of the refusal, if it is refused.
const ASKED: [([&str; 3], Option<&str>); 5] = [
    (["reseller", "-", "no"], None),
    (
        ["reseller", "-", "yes"],
        Some("has no Microsoft Customer Agreement"),
    ),
    (
        ["advisor", "", "no"],
        Some("(GDAP): offer the relationship"),
    ),
    (
        ["gdap_partner", "-", "no"],
        Some("has no partner type gdap_partner"),
    ),
    (["delegated_admin", "-", "no"], None),
];

async fn what_a_cloud_does_not_have_is_refused_by_flags_and_by_a_file(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let mut list = String::from("organization,name,email,cloud,type,roles,mca\n");
    for (number, ([kind, roles, mca], refusal)) in ASKED.iter().enumerate() {
        writeln!(
            list,
            "A,Kim,row{number}@a.example,21vianet,{kind},{roles},{mca}"
        )?;
        let email = format!("flag{number}@a.example");
        let mut line = vec!["invite", "--json", "--organization", "A", "--name", "Kim"];
        line.extend(["--email", &email, "--cloud", "21vianet", "--type", kind]);
        line.extend(["--no-roles"].iter().filter(|_| *roles == "-"));
        line.extend(["--mca"].iter().filter(|_| *mca == "yes"));
        let ran = program.run(line)?;
        match refusal {
            None => {
                ran.expect(0)?;
            }
            Some(words) => {
                let ran = ran.expect(4)?;
                assert_eq!(ran.wrong_fields()?, ["offer"]);
                ensure!(
                    ran.err.contains("the cloud 21vianet has no") && ran.err.contains(words),
                    "{ran:?}"
                );
            }
        }
    }
    fs::write(ctx.folder().join("list.csv"), list)?;
    let ran = program
        .run("invite --csv list.csv --json".split(' '))?
        .expect(4)?;
    let rows: Vec<Value> = ran.objects()?;
    for (row, (_, refusal)) in rows.iter().zip(ASKED) {
        let expected = if refusal.is_some() {
            "refused"
        } else {
            "created"
        };
        assert_eq!(row["outcome"], expected, "{row}");
        let error = &row["errors"][0];
        ensure!(error.is_null() || error["field"] == "offer", "{row}");
        let message = error["message"].as_str().unwrap_or_default();
        ensure!(message.contains(refusal.unwrap_or_default()), "{row}");
    }
    Ok(())
}

async fn a_link_of_another_cloud_is_refused_at_once_and_afterwards(ctx: &Ctx) -> Outcome {
    let program = Program::furnished(ctx)?;
    let global = format!("https://admin.microsoft.com/{QUERY}");
    let chinese = format!("https://portal.partner.microsoftonline.cn/{QUERY}");
    let says = "reseller_link: it leads to admin.microsoft.com, the admin center of the cloud global, but the organization is in \
        the cloud 21vianet: take the link that begins with https://portal.partner.microsoftonline.cn/";
    let invite = |link: &[&str]| {
        let mut line = vec!["invite", "--json", "--organization", "A", "--name", "Kim"];
        line.extend([
            "--email",
            "kim@a.example",
            "--cloud",
            "21vianet",
            "--type",
            "reseller",
        ]);
        line.extend(link);
        program.run(line)
    };
    let ran = invite(&["--reseller-link", &global])?.expect(4)?;
    assert_eq!(ran.wrong_fields()?, ["reseller_link"]);
    ensure!(ran.err.contains(says), "{ran:?}");

    let made = invite(&[])?.expect(0)?.object()?;
    let id = text(&made["invitation"])?;
    let supply = |link: &str| {
        program.run([
            "invitation",
            "links",
            &id,
            "--json",
            "--reseller-link",
            link,
        ])
    };
    let before = ctx.dump().await?;
    let ran = supply(&global)?.expect(4)?;
    assert_eq!(ran.wrong_fields()?, ["reseller_link"]);
    ensure!(ran.err.contains(says), "{ran:?}");
    assert_eq!(ctx.dump().await?, before);
    let supplied = supply(&chinese)?.expect(0)?.object()?;
    assert_eq!(supplied["links"]["reseller"], chinese.as_str());

    let rows = format!(
        "organization,name,email,cloud,type,reseller link\n\
         B,Lee,lee@b.example,21vianet,reseller,{global}\n\
         C,Han,han@c.example,21vianet,reseller,{chinese}\n\
         D,Cho,cho@d.example,us_gov,reseller,{chinese}\n"
    );
    fs::write(ctx.folder().join("list.csv"), rows)?;
    let ran = program
        .run("invite --csv list.csv --json".split(' '))?
        .expect(4)?;
    let rows = ran.objects()?;
    let fields = [0, 1, 2].map(|row| rows[row]["errors"][0]["field"].clone());
    assert_eq!(
        fields,
        ["reseller_link".into(), Value::Null, "reseller_link".into()]
    );
    Ok(())
}
