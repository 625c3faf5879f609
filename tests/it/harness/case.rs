//! A case: a name, a body, and what has to be there for it.

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::{Builder, Runtime};

use super::{Backend, Ctx, Outcome};

/// Something outside this process that a case cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The tests' own PostgreSQL; `on_each_database` asks for it by itself.
    Postgres,
    /// Postfix's `smtp-sink` and `smtp-source`.
    Sink,
    /// The tests' own Postfix, and dkimpy.
    Mta,
    /// Chromium, chromedriver, a font with Hangul, and axe-core.
    Browser,
    /// Python and Node.js with the libraries of Standard Webhooks.
    Webhooks,
    /// `schemathesis`, which asks an interface whatever its description allows.
    Schemathesis,
}

impl Need {
    /// The name that `REQUIRE` knows it by.
    fn group(self) -> &'static str {
        match self {
            Self::Postgres => "pg",
            Self::Sink | Self::Mta => "mta",
            Self::Browser => "browser",
            Self::Webhooks => "webhooks",
            Self::Schemathesis => "api",
        }
    }

    /// The variables that tests/run sets when it is there.
    fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["COUNTERSIGN_TEST_POSTGRES"],
            Self::Sink => &["COUNTERSIGN_TEST_SMTP_SINK", "COUNTERSIGN_TEST_SMTP_SOURCE"],
            Self::Mta => &["COUNTERSIGN_TEST_POSTFIX_RELAY", "COUNTERSIGN_TEST_PYTHON"],
            Self::Browser => &[
                "COUNTERSIGN_TEST_CHROMEDRIVER",
                "COUNTERSIGN_TEST_CHROMIUM",
                "COUNTERSIGN_TEST_AXE",
            ],
            Self::Webhooks => &[
                "COUNTERSIGN_TEST_WEBHOOKS_PYTHON",
                "COUNTERSIGN_TEST_WEBHOOKS_NODE",
            ],
            Self::Schemathesis => &["COUNTERSIGN_TEST_SCHEMATHESIS"],
        }
    }

    /// Why a case that needs this cannot run here, if it cannot.
    fn lacking(self) -> Option<String> {
        let unset = self
            .variables()
            .iter()
            .find(|name| env::var_os(name).is_none())?;
        Some(format!(
            "it needs {} and {unset} is not set: tests/run starts what the tests need",
            self.group()
        ))
    }

    /// Whether its absence is a failure: `REQUIRE=pg,mta,browser,api,webhooks`.
    fn required(self) -> bool {
        env::var("REQUIRE")
            .is_ok_and(|list| list.split(',').any(|name| name.trim() == self.group()))
    }
}

/// Makes a [`Case`] of a function `async fn(&Ctx) -> Outcome`: it bears the function's name, in the suite of its module.
macro_rules! case {
    ($body:ident) => {
        $crate::harness::Case::new(module_path!(), stringify!($body), $body)
    };
}
pub(crate) use case;

type Body = Arc<dyn Fn(&Runtime, &Ctx) -> Outcome + Send + Sync>;

/// One test, or one for each database.
pub(crate) struct Case {
    suite: &'static str,
    name: &'static str,
    needs: Vec<Need>,
    databases: &'static [Backend],
    body: Body,
}

impl Case {
    pub(crate) fn new<F>(module: &'static str, name: &'static str, body: F) -> Self
    where
        F: AsyncFn(&Ctx) -> Outcome + Send + Sync + 'static,
    {
        Self {
            suite: module.split_once("::").map_or(module, |(_, suite)| suite),
            name,
            needs: Vec::new(),
            databases: &[],
            body: Arc::new(move |runtime, ctx| runtime.block_on(body(ctx))),
        }
    }

    /// The case runs only where this is there.
    pub(crate) fn needs(mut self, need: Need) -> Self {
        self.needs.push(need);
        self
    }

    /// The case runs once on each database, as `suite::sqlite::name` and `suite::postgres::name`.
    pub(crate) fn on_each_database(mut self) -> Self {
        self.databases = &[Backend::Sqlite, Backend::Postgres];
        self
    }

    /// The case runs on PostgreSQL only, as `suite::postgres::name`.
    pub(crate) fn on_postgres(mut self) -> Self {
        self.databases = &[Backend::Postgres];
        self
    }

    /// The case runs on SQLite only, as `suite::sqlite::name`.
    pub(crate) fn on_sqlite(mut self) -> Self {
        self.databases = &[Backend::Sqlite];
        self
    }

    fn into_trials(self) -> Vec<Trial> {
        if self.databases.is_empty() {
            vec![self.trial(None)]
        } else {
            self.databases
                .iter()
                .map(|&backend| self.trial(Some(backend)))
                .collect()
        }
    }

    /// `suite::name`, with what a filter has to see in between: the database, and `browser` (.config/nextest.toml lets
    /// only one of those run at a time).
    fn full_name(&self, backend: Option<Backend>) -> String {
        let mut parts = vec![self.suite];
        parts.extend(backend.map(Backend::name));
        if self.needs.contains(&Need::Browser) && self.suite != "browser" {
            parts.push("browser");
        }
        parts.push(self.name);
        parts.join("::")
    }

    fn trial(&self, backend: Option<Backend>) -> Trial {
        let name = self.full_name(backend);
        let mut needs = self.needs.clone();
        if backend == Some(Backend::Postgres) {
            needs.push(Need::Postgres);
        }
        let lacking: Vec<(Need, String)> = needs
            .iter()
            .filter_map(|need| Some((*need, need.lacking()?)))
            .collect();
        let required = lacking.iter().any(|(need, _)| need.required());
        let reason = lacking.into_iter().map(|(_, reason)| reason).next();

        // nextest asks once which tests are ignored and knows no test that ignores itself as it runs; `cargo test`
        // prints the reason of one that does.
        let ignored = reason.is_some() && !required && env::var_os("NEXTEST").is_some();
        let body = Arc::clone(&self.body);
        Trial::ignorable_test(name, move || match reason {
            Some(reason) if required => {
                Err(Failed::from(format!("REQUIRE names it, but {reason}")))
            }
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => run_one(backend, &body).map(|()| Completion::Completed),
        })
        .with_ignored_flag(ignored)
    }
}

/// Runs one body in a place and a runtime of its own, and takes both away again, whatever came of it.
fn run_one(backend: Option<Backend>, body: &Body) -> Result<(), Failed> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failed::from)?;
    let ctx = runtime.block_on(Ctx::new(backend)).map_err(|error| {
        Failed::from(format!("the test's own place could not be made: {error:?}"))
    })?;

    let outcome = catch_unwind(AssertUnwindSafe(|| body(&runtime, &ctx)));
    let logs = ctx.logs();
    let removed = runtime.block_on(ctx.remove());
    runtime.shutdown_timeout(Duration::from_secs(5));

    match outcome {
        Ok(Ok(())) => removed.map_err(|error| {
            Failed::from(format!(
                "what the test made could not be removed: {error:?}"
            ))
        }),
        Ok(Err(error)) => Err(Failed::from(format!("{error:?}{logs}"))),
        // The panic's message is on stderr already.
        Err(_) => Err(Failed::from(format!("the test panicked{logs}"))),
    }
}

/// Runs the cases that the command line asks for.
pub(crate) fn run<const N: usize>(suites: [Vec<Case>; N]) -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = suites
        .into_iter()
        .flatten()
        .flat_map(Case::into_trials)
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
