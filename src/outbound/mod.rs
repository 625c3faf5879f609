//! (being written)

pub mod mails;
pub mod render;
