//! `api-key`.

use anyhow::ensure;
use serde_json::json;

use super::program::{Program, text};
use crate::harness::{Case, Ctx, Outcome, case};

pub(super) fn cases() -> Vec<Case> {
    vec![case!(a_key_is_made_listed_rotated_and_revoked).on_each_database()]
}

async fn a_key_is_made_listed_rotated_and_revoked(ctx: &Ctx) -> Outcome {
    let program = Program::installed(ctx)?;
    program.add_partner("hanbit")?.expect(0)?;
    let none = program.run("api-key list".split(' '))?.expect(0)?;
    ensure!(
        none.out.is_empty() && none.err.contains("api-key create"),
        "{none:?}"
    );

    let create = "api-key create --name shop --scopes invite,read --expires-in-days 365 --json";
    let made = program.run(create.split(' '))?.expect(0)?.object()?;
    let key = text(&made["key"])?;
    let prefix = text(&made["prefix"])?;
    ensure!(key.len() == 60 && key.starts_with(&prefix), "{made}");
    assert_eq!(made["scopes"], json!(["read", "invite"]));
    assert_eq!(made["state"], "active");

    // Nothing shows it again.
    for command in [
        "api-key list",
        "api-key list --json",
        "api-key list --partner hanbit --json",
    ] {
        let listed = program.run(command.split(' '))?.expect(0)?;
        ensure!(
            listed.out.contains(&prefix) && !listed.out.contains(&key[18..]),
            "{listed:?}"
        );
    }

    let rotated = program.run(["api-key", "rotate", &prefix, "--overlap", "0", "--json"])?;
    let rotated = rotated.expect(0)?.object()?;
    assert_eq!(rotated["replaces"], made["id"]);
    let listed = program
        .run("api-key list --json".split(' '))?
        .expect(0)?
        .objects()?;
    let states: Vec<_> = listed.iter().map(|key| &key["state"]).collect();
    assert_eq!(states, [&json!("expired"), &json!("active")]);

    // One that leaked is revoked by itself, as it was found.
    let leaked = text(&rotated["key"])?;
    program.run(["api-key", "revoke", &leaked])?.expect(2)?;
    let revoked = program.run(["api-key", "revoke", &leaked, "--yes", "--json"])?;
    assert_eq!(revoked.expect(0)?.object()?["state"], "revoked");
    program
        .run(["api-key", "revoke", &leaked, "--yes"])?
        .expect(4)?;
    program.run(["api-key", "rotate", &leaked])?.expect(4)?;
    program
        .run(["api-key", "rotate", "cs_live_nobodys2"])?
        .expect(3)?;
    let wrong = program.run([
        "api-key", "create", "--name", "a", "--scopes", "write", "--json",
    ])?;
    assert_eq!(
        wrong.expect(4)?.object()?["error"]["problems"][0]["field"],
        "scopes"
    );
    Ok(())
}
