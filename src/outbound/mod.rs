//! Mail out: from the facts of a notice to what a server answered.
//!
//! [`mails`] holds the facts that each mail tells and [`render`] turns them into words; [`compose`] makes the bytes of a mail,
//! always the same for the same input; [`sign`] adds the DKIM signatures, likewise; [`transport`] hands the bytes over, to where
//! [`url`] says, and tells how far it came. [`webhook`] calls partners' endpoints. None of them reads a clock or knows a table.

mod authorities;
pub mod compose;
pub mod folder;
pub mod mails;
pub mod memory;
pub mod render;
pub mod sign;
pub mod smtp;
pub mod transport;
pub mod url;
pub mod webhook;
