//! (being written)

pub mod key;
pub mod token;
