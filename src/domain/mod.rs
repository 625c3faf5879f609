//! What Countersign is about, without a database, a network or a clock: the clock and randomness come in as arguments.

pub mod address;
pub mod catalogue;
pub mod delivery;
pub mod ids;
pub mod language;
pub mod microsoft;
pub mod person;
pub mod return_path;
pub mod span;
pub mod text;
pub mod time;
