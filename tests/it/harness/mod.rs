//! What the suites stand on: cases that know what they need, and a place of its own for each of them.
//!
//! libtest-mimic rather than the built-in harness, for two things that it cannot do: one test body instantiated once for
//! each database, and a test that says why it cannot run. Under cargo-nextest each case is a process, under `cargo test`
//! a thread; so a case shares nothing with another, and everything it starts ends with it.

mod browser;
mod case;
mod ctx;
pub(crate) mod database;
pub(crate) mod dkim;
mod dump;
mod hand;
pub(crate) mod interface;
pub(crate) mod office;
mod page;
mod postfix;
mod process;
pub(crate) mod receiver;
mod sink;
pub(crate) mod site;
pub(crate) mod story;
pub(crate) mod world;

pub(crate) use browser::{Browser, Viewport};
pub(crate) use case::{Case, Need, case, run};
pub(crate) use ctx::Ctx;
pub(crate) use database::Backend;
pub(crate) use interface::{Interface, Reply};
pub(crate) use page::Pages;
pub(crate) use postfix::Postfix;
pub(crate) use process::{Process, free_port, processes_with, wait_until};
pub(crate) use sink::Sink;
pub(crate) use site::{Answer, BROWSER, Served};
pub(crate) use world::World;

/// What a case returns: an error fails it and is shown with its causes. `assert!` and `?` are both fine in a case.
pub(crate) type Outcome = anyhow::Result<()>;
