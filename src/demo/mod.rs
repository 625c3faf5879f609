//! The demonstration: all parts on this machine, with sample partners, sample customers, and an inbox where every mail can
//! be read.
//!
//! It has a folder, keys, a database and a clock of its own, listens on loopback only, and sends nothing anywhere else. Its
//! parts are those of `serve`; what is its own is the mail server at the other end ([`sink`]), the inbox and the clock.

mod client;
pub mod clock;
mod error;
pub mod folder;
pub mod inbox;
pub mod mail;
pub mod once;
pub mod overview;
pub mod pages;
pub mod seed;
pub mod sink;
pub mod stage;
pub mod words;

pub use error::DemoError;
