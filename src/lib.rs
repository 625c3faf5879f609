//! Countersign: an email-driven invitation workflow worker.
//!
//! A partner triggers an invitation; a worker mails it with a signed link; the customer reads, consents or declines; what was
//! consented to is kept as evidence; follow-ups run from a queue table. Imports go down only:
//!
//! - [`cli`] reads arguments and speaks to people; [`app`] opens what an installation consists of; [`demo`] puts one on a stage.
//! - [`web`] serves the pages, [`worker`] runs the queue; [`config`], [`keyfile`] and [`telemetry`] stand beside them.
//! - [`workflow`] is what can happen to an invitation, a file a step.
//! - [`storage`] is one SQL text for two databases; [`outbound`] makes and sends mail; [`locale`] speaks to readers;
//!   [`files`] reads the small files that settings name.
//! - [`domain`] is pure: no database, no network, no clock of its own.
//!
//! `docs/ARCHITECTURE.md` describes the way of a mail through them, and the invariants that they hold.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test may fail where it stands")
)]

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod files;
pub mod keyfile;
pub mod locale;
pub mod outbound;
pub mod place;
pub mod storage;
pub mod telemetry;
pub mod web;
pub mod worker;
pub mod workflow;
