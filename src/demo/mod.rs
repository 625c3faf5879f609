//! (being written)

pub mod sink;
