//! What Countersign is about, without a database, a network or a clock: the clock and randomness come in as arguments.

pub mod address;
pub mod catalogue;
pub mod delivery;
pub mod ids;
pub mod language;
mod linkable;
pub mod microsoft;
pub mod offer;
pub mod person;
pub mod span;
pub mod text;
pub mod time;
pub mod words;
