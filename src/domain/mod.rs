//! What Countersign is about, without a database, a network or a clock: the clock and randomness come in as arguments.

pub mod address;
pub mod audit;
pub mod catalogue;
pub mod delivery;
pub mod draft;
pub mod evidence;
pub mod fair;
pub mod ids;
pub mod invitation;
pub mod keys;
pub mod language;
mod linkable;
mod mac;
pub mod microsoft;
pub mod notice;
pub mod offer;
pub mod person;
pub mod public_url;
pub mod retry;
pub mod settlement;
pub mod shown;
pub mod signing;
pub mod span;
pub mod text;
pub mod time;
pub mod token;
pub mod words;
