//! The command line, as a process: exit codes, what goes to stdout and what to stderr.

use anyhow::ensure;

use crate::harness::{Case, Ctx, Outcome, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(the_program_starts_without_a_configuration)]
}

async fn the_program_starts_without_a_configuration(ctx: &Ctx) -> Outcome {
    let output = ctx.countersign().arg("--version").output()?;
    ensure!(output.status.success(), "{output:?}");
    Ok(())
}
