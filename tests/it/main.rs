//! The one integration binary: every suite, on real parts where they are there.
//!
//! A suite is a file beside this one with `pub(crate) fn cases() -> Vec<Case>`, its `mod` line here, and its place in the
//! list below. `tests/run` starts what the cases need; without it, those that need a service are left out and say so.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "counts of a test are small"
)]

mod agreement;
mod api;
mod browser;
mod cli;
mod crash;
mod demo;
mod finder;
mod flow;
mod guards;
mod harness;
mod invite;
mod limits;
mod mail;
mod manage;
mod mta;
mod people;
mod privacy;
mod queue;
mod queue_model;
mod reads;
mod real;
mod reference;
mod simulate;
mod storage;
mod web;
mod webhooks;
mod worker;

fn main() -> std::process::ExitCode {
    harness::run([
        storage::cases(),
        flow::cases(),
        guards::cases(),
        invite::cases(),
        limits::cases(),
        queue::cases(),
        queue_model::cases(),
        worker::cases(),
        mail::cases(),
        agreement::cases(),
        api::cases(),
        manage::cases(),
        mta::cases(),
        people::cases(),
        privacy::cases(),
        cli::cases(),
        crash::cases(),
        web::cases(),
        demo::cases(),
        browser::cases(),
        reads::cases(),
        real::cases(),
        reference::cases(),
        finder::cases(),
        simulate::cases(),
        webhooks::cases(),
    ])
}
