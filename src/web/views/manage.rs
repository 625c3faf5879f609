//! The customer's own pages for what was granted: a link is asked for, the list of partners, one relationship and what can be
//! done about it. They only ever reduce; what ends at Microsoft alone is said so, with the way there.

mod ask;
mod confirm;
mod details;
mod list;
mod relation;

pub use ask::{AskForList, ListAsked, Wanted};
pub use confirm::{EndRelationship, RemoveRoles, RoleChoice};
pub use details::{ContactToEnd, Details, Told};
pub use list::{Agreed as AgreedEntry, Entry as PartnerEntry, Partners};
pub use relation::{AgreementLine, Ended, EndedBy, Extension, HeldRole, Relation};
