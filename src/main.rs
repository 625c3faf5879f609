//! The `countersign` command: arguments in, exit code out.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Duration;

use countersign::cli::{Cli, ExitStatus};
use countersign::config::Environment;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(tell_of_a_defect));
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(status) => return status.into(),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(&format!("error: no threads can be started: {error}"));
            return ExitStatus::Failed.into();
        }
    };
    // A panic was told by the hook; what is left is an exit code.
    let run = AssertUnwindSafe(|| runtime.block_on(cli.run(Environment::of_process())));
    let status = std::panic::catch_unwind(run).unwrap_or(ExitStatus::Failed);
    runtime.shutdown_timeout(Duration::from_secs(1));
    status.into()
}

/// Says where a defect is, without its message: that may hold what a customer wrote.
fn tell_of_a_defect(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    tell(&format!(
        "error: a defect in countersign at {place}; please report it with what you did"
    ));
    if cfg!(debug_assertions) {
        tell(panic.payload_as_str().unwrap_or_default());
    }
}

fn tell(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{line}").ok();
}
