//! What holds between a partner and a customer, and how it ends: by the customer, by time, or by the partner's word to Microsoft.

use super::catalogue::PartnerType;
use super::words::words;

words! {
    /// Where a relationship stands.
    RelationshipState, "state of a relationship" {
        /// It holds.
        Active = "active",
        /// It holds no longer.
        Ended = "ended",
    }
}

words! {
    /// Where a granted role stands.
    GrantState, "state of a granted role" {
        /// It is granted.
        Active = "active",
        /// A later consent granted the same role anew.
        Replaced = "replaced",
        /// The customer removed it.
        Removed = "removed",
        /// Its time is over, or its relationship ended.
        Ended = "ended",
    }
}

/// By how much roles are extended that the customer lets extend themselves, in days, again and again: as Microsoft does it
/// (`autoExtendDuration` P180D).
pub const EXTENSION_DAYS: i64 = 180;

/// Key of the role that is never extended by itself.
pub const NEVER_EXTENDED: &str = "global_administrator";

/// The key of the type that a relationship has once its roles are gone.
pub fn type_without_roles(kind: &PartnerType) -> &str {
    kind.without_roles.as_deref().unwrap_or(&kind.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::{Catalogue, role};

    #[test]
    fn the_type_follows_the_facts() {
        let without = |key: &str| {
            let version = Catalogue::with_type(key).unwrap();
            type_without_roles(version.partner_type(key).unwrap()).to_owned()
        };
        assert_eq!(without("reseller_delegated_admin"), "reseller");
        assert_eq!(without("delegated_admin"), "delegated_admin");
        assert_eq!(without("advisor"), "advisor");
        assert_eq!(without("reseller"), "reseller");
        assert!(role(NEVER_EXTENDED).is_ok());
    }
}
