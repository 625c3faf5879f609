//! The section `[limits]`.

use super::Invalid;
use super::error::within;
use crate::domain::limit::Limits as Sizes;

/// How many invitations are made at most; 0 is without a limit. A day is one of UTC, a week begins on Monday. What was there
/// already, or was asked for by its mailbox, is not counted.
#[derive(Clone, Debug, confique::Config)]
pub struct Limits {
    /// How many invitations an API key makes a day. `countersign partner limits` sets another number for the keys of one partner.
    #[config(env = "COUNTERSIGN_LIMITS_PER_KEY_DAY", default = 5000)]
    pub per_key_day: u32,

    /// How many invitations are made for a partner a day, by whichever way. `countersign partner limits` sets another number for
    /// one partner.
    #[config(env = "COUNTERSIGN_LIMITS_PER_PARTNER_DAY", default = 10000)]
    pub per_partner_day: u32,

    /// How many invitations go to one mailbox a week, of all partners together; those that are sent again, and those that it
    /// only reads along with, count, too.
    #[config(env = "COUNTERSIGN_LIMITS_PER_RECIPIENT_WEEK", default = 20)]
    pub per_recipient_week: u32,

    /// The same a day to one mail domain. Those of public mail providers are not counted: what goes there is paced by `[queue]`.
    #[config(env = "COUNTERSIGN_LIMITS_PER_DOMAIN_DAY", default = 1000)]
    pub per_domain_day: u32,
}

/// More than anybody sends.
const MOST: u32 = 100_000_000;

impl Limits {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        for (field, size) in [
            ("limits.per_key_day", self.per_key_day),
            ("limits.per_partner_day", self.per_partner_day),
            ("limits.per_recipient_week", self.per_recipient_week),
            ("limits.per_domain_day", self.per_domain_day),
        ] {
            within(field, size, 0..=MOST)?;
        }
        Ok(())
    }

    /// The same as sizes.
    pub fn sizes(&self) -> Sizes {
        let size = |size: u32| (size > 0).then_some(size);
        Sizes {
            per_recipient_week: size(self.per_recipient_week),
            per_domain_day: size(self.per_domain_day),
            per_key_day: size(self.per_key_day),
            per_partner_day: size(self.per_partner_day),
        }
    }
}
