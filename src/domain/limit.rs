//! How many invitations are made at most: so that a stolen key, a loop in a partner's program or several partners at once do
//! not write to the whole world, or to one mailbox without end.
//!
//! A window is a day or a week of UTC, not the last so many hours: when it begins anew is known to everybody beforehand, and
//! says nothing of when others have invited the same mailbox. The price is that twice as many fit around its end.

use std::collections::BTreeMap;

use super::time::{DAY, SECOND, Timestamp};
use super::words::words;

words! {
    /// What is counted, in the order in which counters are taken: what most wait for comes last.
    Limit, "limit" {
        /// Mails to one mailbox that it did not ask for, of all partners.
        PerRecipientWeek = "per_recipient_week",
        /// The same to one mail domain that is no public provider's.
        PerDomainDay = "per_domain_day",
        /// Invitations by one API key.
        PerKeyDay = "per_key_day",
        /// Invitations of one partner.
        PerPartnerDay = "per_partner_day",
    }
}

/// A week in microseconds; of UTC, where every one has the same length.
const WEEK: i64 = 7 * DAY;
/// The first Monday of the epoch: 5 January 1970.
const MONDAY: i64 = 4 * DAY;

impl Limit {
    const fn is_weekly(self) -> bool {
        matches!(self, Self::PerRecipientWeek)
    }

    /// When the window began that `now` lies in: midnight of UTC, or that of Monday.
    pub const fn window_start(self, now: Timestamp) -> Timestamp {
        let (length, first) = self.window();
        let into = (now.as_micros() - first).rem_euclid(length);
        now.plus_micros(-into)
    }

    /// When the window ends that `now` lies in, and the next one begins with nothing in it.
    pub const fn resets_at(self, now: Timestamp) -> Timestamp {
        let (length, _) = self.window();
        self.window_start(now).plus_micros(length)
    }

    const fn window(self) -> (i64, i64) {
        if self.is_weekly() {
            (WEEK, MONDAY)
        } else {
            (DAY, 0)
        }
    }

    /// Whether other partners have a part in what is counted: how much of it is used is nobody's business then.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::PerRecipientWeek | Self::PerDomainDay)
    }
}

/// For how long a counter is kept: longer than any window.
const KEPT: i64 = WEEK + DAY;

/// Counters of windows that began before this are needed no more.
pub const fn forgotten_before(now: Timestamp) -> Timestamp {
    now.plus_micros(-KEPT)
}

/// The sizes of the limits; `None` is without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// [`Limit::PerRecipientWeek`].
    pub per_recipient_week: Option<u32>,
    /// [`Limit::PerDomainDay`].
    pub per_domain_day: Option<u32>,
    /// [`Limit::PerKeyDay`].
    pub per_key_day: Option<u32>,
    /// [`Limit::PerPartnerDay`].
    pub per_partner_day: Option<u32>,
}

/// Above what normal use comes to: a mailbox that signs for twenty organizations in a week, a partner that invites ten thousand
/// customers on the day of its move.
impl Default for Limits {
    fn default() -> Self {
        Self {
            per_recipient_week: Some(20),
            per_domain_day: Some(1_000),
            per_key_day: Some(5_000),
            per_partner_day: Some(10_000),
        }
    }
}

impl Limits {
    /// Without any.
    pub const NONE: Self = Self {
        per_recipient_week: None,
        per_domain_day: None,
        per_key_day: None,
        per_partner_day: None,
    };

    /// How many; `None` is without a limit.
    pub const fn size(&self, limit: Limit) -> Option<u32> {
        match limit {
            Limit::PerRecipientWeek => self.per_recipient_week,
            Limit::PerDomainDay => self.per_domain_day,
            Limit::PerKeyDay => self.per_key_day,
            Limit::PerPartnerDay => self.per_partner_day,
        }
    }

    /// These with what was set for one partner in the place of them; 0 there is without a limit.
    #[must_use]
    pub fn with_own(self, per_key_day: Option<i64>, per_partner_day: Option<i64>) -> Self {
        let size = |own: i64| u32::try_from(own).ok().filter(|own| *own > 0);
        Self {
            per_key_day: per_key_day.map_or(self.per_key_day, size),
            per_partner_day: per_partner_day.map_or(self.per_partner_day, size),
            ..self
        }
    }
}

/// One thing that is counted: a limit, and of whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter {
    /// Which limit.
    pub limit: Limit,
    /// Of whom: the text form of a partner's or a key's id, or the keyed hash of a mailbox or a domain. Never an address.
    pub of: String,
}

/// That a limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {}", self.sentence())]
pub struct Exceeded {
    /// Which one.
    pub limit: Limit,
    /// How many it lets through.
    pub size: u32,
    /// When it begins anew.
    pub resets_at: Timestamp,
    /// In how many seconds that is, from when it was refused.
    pub retry_after: u32,
    /// The field of the request that it is about: `email`, `viewers`, `api_key` or `partner`.
    pub field: &'static str,
}

impl Exceeded {
    /// What is used up and what to do, without the field. Of what all partners share it says no number, and nothing of who
    /// used it.
    pub fn sentence(&self) -> String {
        let Self {
            size, resets_at, ..
        } = self;
        let whose = if self.field == "viewers" {
            "one of them"
        } else {
            "this address"
        };
        match self.limit {
            Limit::PerRecipientWeek => format!(
                "{whose} takes no more invitations this week; try again from {resets_at} on"
            ),
            Limit::PerDomainDay => format!(
                "the mail domain of {whose} takes no more invitations today; try again from {resets_at} on"
            ),
            Limit::PerKeyDay => format!(
                "this key makes at most {size} invitations a day, and has made them; go on from {resets_at} on, or ask \
                 the operator for more"
            ),
            Limit::PerPartnerDay => format!(
                "at most {size} invitations a day are made for this partner, and were made; go on from {resets_at} on, or \
                 ask the operator for more"
            ),
        }
    }
}

/// What is taken of the counters, and what there is: says which invitation still has room.
#[derive(Clone, Debug)]
pub struct Tally {
    limits: Limits,
    now: Timestamp,
    used: BTreeMap<Counter, i64>,
}

impl Tally {
    /// Of these sizes, with nothing used.
    pub const fn new(limits: Limits, now: Timestamp) -> Self {
        Self {
            limits,
            now,
            used: BTreeMap::new(),
        }
    }

    /// Whether something is counted.
    pub const fn counts(&self, limit: Limit) -> bool {
        self.limits.size(limit).is_some()
    }

    /// That so many are used of a counter already.
    pub fn set(&mut self, counter: Counter, used: i64) {
        self.used.insert(counter, used);
    }

    /// Takes one of each counter, or none of them. The same counter may stand there several times.
    ///
    /// # Errors
    /// The first one that has no room.
    pub fn take(&mut self, asked: &[(Counter, &'static str)]) -> Result<(), Exceeded> {
        for (taken, (counter, field)) in asked.iter().enumerate() {
            let Some(size) = self.limits.size(counter.limit) else {
                continue;
            };
            let used = self.used.entry(counter.clone()).or_default();
            if *used >= i64::from(size) {
                for (counter, _) in &asked[..taken] {
                    if let Some(used) = self.used.get_mut(counter) {
                        *used -= 1;
                    }
                }
                return Err(self.exceeded(counter.limit, size, field));
            }
            *used += 1;
        }
        Ok(())
    }

    /// Whether a counter that stands at `used` after it was taken is above its size.
    pub fn is_above(&self, limit: Limit, used: i64) -> bool {
        let size = self.limits.size(limit);
        size.is_some_and(|size| used > i64::from(size))
    }

    fn exceeded(&self, limit: Limit, size: u32, field: &'static str) -> Exceeded {
        let resets_at = limit.resets_at(self.now);
        let wait = resets_at.as_micros() - self.now.as_micros();
        Exceeded {
            limit,
            size,
            resets_at,
            retry_after: u32::try_from(wait.unsigned_abs().div_ceil(SECOND.unsigned_abs()))
                .unwrap_or(u32::MAX),
            field,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn a_day_begins_at_midnight_and_a_week_on_monday_of_utc() {
        for (now, day, week) in [
            (
                "2026-11-22T23:59:59.999999Z",
                "2026-11-22T00:00:00Z",
                "2026-11-16T00:00:00Z",
            ),
            (
                "2026-11-23T00:00:00Z",
                "2026-11-23T00:00:00Z",
                "2026-11-23T00:00:00Z",
            ),
            (
                "1969-12-28T23:00:00Z",
                "1969-12-28T00:00:00Z",
                "1969-12-22T00:00:00Z",
            ),
        ] {
            let now = at(now);
            assert_eq!(Limit::PerPartnerDay.window_start(now), at(day));
            assert_eq!(Limit::PerRecipientWeek.window_start(now), at(week));
            assert_eq!(
                Limit::PerRecipientWeek.resets_at(now),
                at(week).plus_micros(WEEK)
            );
        }
        let sunday = at("2026-11-22T12:00:00Z");
        let monday = at("2026-11-23T00:00:00Z");
        assert_eq!(Limit::PerRecipientWeek.resets_at(sunday), monday);
        assert_eq!(Limit::PerKeyDay.resets_at(sunday), monday);
    }

    #[test]
    fn no_counter_is_forgotten_while_its_window_lasts() {
        let now = at("2026-11-22T23:59:59Z");
        for limit in Limit::ALL {
            assert!(limit.window_start(now) >= forgotten_before(now));
        }
    }

    #[test]
    fn a_partner_has_its_own_size_and_0_is_without_one() {
        let limits = Limits::default();
        assert_eq!(limits.with_own(None, None), limits);
        let own = limits.with_own(Some(0), Some(7));
        assert_eq!((own.per_key_day, own.per_partner_day), (None, Some(7)));
        assert_eq!(own.per_recipient_week, limits.per_recipient_week);
    }

    #[test]
    fn what_does_not_fit_takes_nothing() {
        let limits = Limits {
            per_recipient_week: Some(2),
            per_domain_day: None,
            per_key_day: None,
            per_partner_day: Some(3),
        };
        let counter = |limit, of: &str| Counter {
            limit,
            of: of.to_owned(),
        };
        let kim = (counter(Limit::PerRecipientWeek, "kim"), "email");
        let lee = (counter(Limit::PerRecipientWeek, "lee"), "viewers");
        let domain = (counter(Limit::PerDomainDay, "example"), "email");
        let partner = (counter(Limit::PerPartnerDay, "prt"), "partner");
        let mut tally = Tally::new(limits, at("2026-11-22T12:00:00Z"));
        tally.set(lee.0.clone(), 1);
        let both = [kim.clone(), lee, domain.clone(), partner.clone()];
        tally.take(&both).unwrap();
        let refused = tally.take(&both).unwrap_err();
        assert_eq!((refused.field, refused.size), ("viewers", 2));
        assert_eq!(refused.retry_after, 12 * 3_600);
        assert_eq!(
            refused.to_string(),
            "viewers: one of them takes no more invitations this week; try again from 2026-11-23T00:00:00Z on"
        );
        // What was taken before the one that had no room was given back.
        tally.take(&[kim, domain.clone(), partner.clone()]).unwrap();
        tally.take(&[domain.clone(), partner.clone()]).unwrap();
        let refused = tally.take(&[domain, partner]).unwrap_err();
        assert_eq!(refused.limit, Limit::PerPartnerDay);
    }
}
