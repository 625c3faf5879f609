//! What holds between a partner and a customer, and how it ends: by the customer, by time, or by the partner's word to Microsoft.

use jiff::tz::TimeZone;

use super::catalogue::PartnerType;
use super::span::GrantDuration;
use super::time::Timestamp;
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

/// Key of the role that is never extended by itself.
pub const NEVER_EXTENDED: &str = "global_administrator";

/// The key of the type that a relationship has once its roles are gone.
pub fn type_without_roles(kind: &PartnerType) -> &str {
    kind.without_roles.as_deref().unwrap_or(&kind.key)
}

/// What becomes of a role whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It ends.
    Ends,
    /// Its end moves: by 180 days, as often as it takes to lie ahead again.
    ExtendsTo(Timestamp),
}

/// What becomes of a role that was to end at `ends_at`; nothing as long as that lies ahead of `now`.
pub fn term_over(
    ends_at: Timestamp,
    auto_extend: bool,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<Over> {
    if ends_at > now {
        return None;
    }
    if !auto_extend {
        return Some(Over::Ends);
    }
    let mut end = ends_at;
    // A service that slept for a year catches up.
    while end <= now {
        let next = GrantDuration::EXTENSION.end_from(end, zone);
        if next <= end {
            // The end of the calendar.
            return Some(Over::Ends);
        }
        end = next;
    }
    Some(Over::ExtendsTo(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::{Catalogue, role};
    use crate::domain::time::DAY;

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

    #[test]
    fn a_role_extends_itself_until_its_end_lies_ahead() {
        let zone = TimeZone::UTC;
        let at = |days: i64| Timestamp::from_micros(days * DAY);
        for (ends, extends, now, expected) in [
            (10, true, 9, None),
            (10, false, 9, None),
            (10, false, 10, Some(Over::Ends)),
            (10, true, 10, Some(Over::ExtendsTo(at(190)))),
            (10, true, 189, Some(Over::ExtendsTo(at(190)))),
            (10, true, 400, Some(Over::ExtendsTo(at(550)))),
        ] {
            assert_eq!(term_over(at(ends), extends, at(now), &zone), expected);
        }
    }
}
