//! Mail out: from the words of a notice to what a server answered.
//!
//! [`compose`] makes the bytes of a mail, always the same for the same input; [`sign`] adds the DKIM signatures, likewise;
//! [`transport`] hands the bytes over and says how far it came. None of them reads a clock or knows a table.

pub mod compose;
pub mod folder;
pub mod memory;
pub mod sign;
pub mod smtp;
pub mod transport;
