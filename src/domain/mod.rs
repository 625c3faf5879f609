//! What Countersign is about, without a database, a network or a clock: the clock and randomness come in as arguments.

pub mod address;
pub mod catalogue;
pub mod delivery;
pub mod ids;
pub mod keys;
pub mod language;
mod mac;
pub mod microsoft;
pub mod person;
pub mod span;
pub mod text;
pub mod time;
pub mod token;
