//! The customer's side: pages that show on GET and change on POST.

pub mod assets;
pub mod client;
pub mod limits;
pub mod security;
pub mod views;
pub mod visit;
