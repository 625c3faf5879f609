//! Countersign: an email-driven invitation workflow worker.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test may fail where it stands")
)]

pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod keyfile;
pub mod locale;
pub mod outbound;
pub mod storage;
pub mod telemetry;
pub mod web;
pub mod worker;
pub mod workflow;
