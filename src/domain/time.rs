//! Time: whole microseconds of UTC, and the one clock that reads the wall.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

/// A moment in UTC, in whole microseconds since 1970, the form in which both databases keep it (`BIGINT`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// Twenty-four hours in microseconds; a calendar day may be longer or shorter (see [`Timestamp::plus`]).
pub const DAY: i64 = 24 * HOUR;

impl Timestamp {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// This moment and `micros` microseconds more.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This moment moved by a calendar span in `zone`: "in 7 days" keeps the hour of the day across a change of
    /// daylight-saving time, "in P1M" the day of the month where that month has it.
    ///
    /// A sum beyond what the calendar holds (year 9999) stays at its end.
    #[must_use]
    pub fn plus(self, span: Span, zone: &TimeZone) -> Self {
        let moved = self.in_zone(zone).saturating_add(span);
        Self(moved.timestamp().as_microsecond())
    }

    /// This moment as it reads on a clock and a calendar in `zone`.
    pub fn in_zone(self, zone: &TimeZone) -> Zoned {
        self.to_jiff().to_zoned(zone.clone())
    }

    /// The same moment as jiff knows it.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self(moment.as_microsecond())
    }
}

/// RFC 3339 in UTC, with as many digits of the second as it has.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_jiff(), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        jiff::Timestamp::deserialize(deserializer).map(Self::from)
    }
}

/// Where the present comes from. Everything that needs the time takes it, or one of these, as an argument.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The wall clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}

/// A clock that stands where it is put: for tests and simulations.
#[derive(Debug)]
pub struct FixedClock(std::sync::atomic::AtomicI64);

impl FixedClock {
    /// A clock that shows `at` until it is moved.
    pub const fn new(at: Timestamp) -> Self {
        Self(std::sync::atomic::AtomicI64::new(at.0))
    }

    /// Puts the clock to `at`.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;

    #[test]
    fn seven_days_keep_the_hour_across_daylight_saving() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let before: Timestamp = "2026-10-20T07:00:00Z"
            .parse::<jiff::Timestamp>()
            .unwrap()
            .into();
        assert_eq!(
            before.plus(7.days(), &zone).to_string(),
            "2026-10-27T08:00:00Z"
        );
    }

    #[test]
    fn a_year_from_a_leap_day_ends_in_february() {
        let zone = TimeZone::UTC;
        let leap: Timestamp = "2028-02-29T12:00:00Z"
            .parse::<jiff::Timestamp>()
            .unwrap()
            .into();
        assert_eq!(
            leap.plus(1.year(), &zone).to_string(),
            "2029-02-28T12:00:00Z"
        );
    }

    #[test]
    fn a_sum_beyond_the_calendar_stays_at_its_end() {
        let late = Timestamp::from_micros(i64::MAX);
        assert!(late.plus(10.years(), &TimeZone::UTC) <= late);
    }
}
