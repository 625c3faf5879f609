//! How long what is held of people is kept.

use super::evidence::KEPT_YEARS;
use super::time::{DAY, Timestamp};
use super::words::words;

words! {
    /// What is deleted when its time is over.
    Class, "class of data" {
        /// Who opened a link.
        Visits = "visits",
        /// Mails that left or will not, with what servers said.
        Notices = "notices",
        /// Invitations that ended without consent.
        Invitations = "invitations",
        /// What businesses asked of partners.
        Inquiries = "inquiries",
        /// Mailboxes that nothing names any more.
        Contacts = "contacts",
        /// Evidence of consents whose signer was erased.
        Evidence = "evidence",
    }
}

/// For how many days each class is kept; `None` is for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// For how many years after the end of a relationship evidence outlives the erasure of its signer.
    pub consents_years: u16,
    /// [`Class::Visits`].
    pub visits_days: Option<u16>,
    /// [`Class::Notices`].
    pub notices_days: Option<u16>,
    /// [`Class::Invitations`].
    pub invitations_days: Option<u16>,
    /// [`Class::Inquiries`].
    pub inquiries_days: Option<u16>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            consents_years: KEPT_YEARS,
            visits_days: Some(180),
            notices_days: Some(400),
            invitations_days: Some(400),
            inquiries_days: Some(365),
        }
    }
}

/// A mailbox that nothing names is kept for so many days: somebody may be about to name it.
const LONE_CONTACTS_DAYS: u16 = 2;

/// Years of 365.25 days, in microseconds.
const YEAR: i64 = 1_461 * DAY / 4;

impl Retention {
    /// For how many days a class is kept; `None` where it is for ever, or not a matter of days.
    pub const fn days(&self, class: Class) -> Option<u16> {
        match class {
            Class::Visits => self.visits_days,
            Class::Notices => self.notices_days,
            Class::Invitations => self.invitations_days,
            Class::Inquiries => self.inquiries_days,
            Class::Contacts => Some(LONE_CONTACTS_DAYS),
            Class::Evidence => None,
        }
    }

    /// What is older than this is deleted.
    pub fn cutoff(&self, class: Class, now: Timestamp) -> Option<Timestamp> {
        let days = self.days(class)?;
        Some(now.plus_micros(-i64::from(days) * DAY))
    }

    /// Until when the evidence of a consent is kept whose signer was erased; `None` while a relationship of the two holds.
    pub fn evidence_until(
        &self,
        accepted_at: Timestamp,
        holds: bool,
        ended_at: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let from = ended_at.map_or(accepted_at, |ended_at| ended_at.max(accepted_at));
        (!holds).then(|| from.plus_micros(i64::from(self.consents_years) * YEAR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_kept_for_years_after_the_end_and_while_something_holds() {
        let rules = Retention::default();
        let at = |days: i64| Timestamp::from_micros(days * DAY);
        let five = 5 * 1_461 / 4;
        assert_eq!(rules.evidence_until(at(10), true, None), None);
        assert_eq!(rules.evidence_until(at(10), true, Some(at(20))), None);
        let days = |until: Option<Timestamp>| until.map(|until| until.as_micros() / DAY);
        assert_eq!(
            days(rules.evidence_until(at(10), false, None)),
            Some(10 + five)
        );
        assert_eq!(
            days(rules.evidence_until(at(10), false, Some(at(20)))),
            Some(20 + five)
        );
        assert_eq!(
            days(rules.evidence_until(at(30), false, Some(at(20)))),
            Some(30 + five)
        );
    }

    #[test]
    fn what_is_kept_for_ever_has_no_end() {
        let rules = Retention {
            visits_days: None,
            ..Retention::default()
        };
        let now = Timestamp::from_micros(1_000 * DAY);
        assert_eq!(rules.cutoff(Class::Visits, now), None);
        assert_eq!(
            rules.cutoff(Class::Notices, now),
            Some(Timestamp::from_micros(600 * DAY))
        );
        assert_eq!(rules.cutoff(Class::Evidence, now), None);
    }
}
