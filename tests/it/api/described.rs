//! The description against the service: schemathesis asks a running one whatever the description allows, and what it does not allow.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::cli::program::{Program, text};
use crate::harness::{Case, Ctx, Need, Outcome, case, free_port};

pub(super) fn cases() -> Vec<Case> {
    vec![case!(the_service_is_as_it_is_described).needs(Need::Schemathesis)]
}

/// Examples an operation: more find little more, and take their time.
const EXAMPLES: &str = "30";

async fn the_service_is_as_it_is_described(ctx: &Ctx) -> Outcome {
    let schemathesis = std::env::var_os("COUNTERSIGN_TEST_SCHEMATHESIS").context("schemathesis")?;
    let program = Program::installed(ctx)?;
    program.add_partner("hanbit")?.expect(0)?;
    std::fs::write(ctx.folder().join("mca.txt"), "1. Scope\n")?;
    for language in ["en", "ko"] {
        let add = "agreement add mca.txt --version 2024-09 --title MCA --language";
        program.run(add.split(' ').chain([language]))?.expect(0)?;
    }
    let made = program.run("api-key create --name test --json".split(' '))?;
    let key = text(&made.expect(0)?.object()?["key"])?;

    let (pages, admin) = (free_port()?, free_port()?);
    let mut command = ctx.countersign();
    command
        .arg("serve")
        .env("COUNTERSIGN_LISTEN", format!("127.0.0.1:{pages}"))
        .env("COUNTERSIGN_ADMIN_LISTEN", format!("127.0.0.1:{admin}"))
        .env("COUNTERSIGN_API_REQUESTS_PER_MINUTE", "100000")
        .env("COUNTERSIGN_API_WRONG_KEYS_PER_HOUR", "1000000");
    let mut service = ctx.start("serve", &mut command)?;
    service.listens_on(pages).await?;

    let settings = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/services/schemathesis.toml"
    );
    let mut command = Command::new(schemathesis);
    command
        .current_dir(ctx.folder())
        .args(["--config-file", settings, "--no-color", "run"])
        .arg(format!("http://127.0.0.1:{pages}/openapi.json"))
        .args(["--header", &format!("Authorization: Bearer {key}")])
        .args(["--max-examples", EXAMPLES, "--seed", "1"]);
    let mut asking = ctx.start("schemathesis", &mut command)?;
    let status = asking.exit(Duration::from_secs(110)).await;
    let told = asking.log();
    let end = &told[told.floor_char_boundary(told.len().saturating_sub(20_000))..];
    let status = status.with_context(|| end.to_owned())?;
    ensure!(status.success(), "{status}\n{end}");
    let operations = tested(&told).context("it says nothing of operations")?;
    ensure!(
        operations >= 30,
        "{operations} operations were asked:\n{end}"
    );
    ensure!(service.runs()?, "the service ended: {}", service.log());
    ensure!(!service.log().contains("panicked"), "{}", service.log());
    Ok(())
}

/// How many operations it says that it tested.
fn tested(told: &str) -> Option<u32> {
    let line = told
        .lines()
        .find_map(|line| line.trim().strip_prefix("Tested:"))?;
    line.trim().parse().ok()
}
