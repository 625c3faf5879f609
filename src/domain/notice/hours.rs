//! The hours in which a customer may be reminded of something: no mail of ours wakes anybody, and none lies under a weekend's.
//!
//! What a person waits for (the invitation itself, a receipt, a link that was asked for) leaves at once, at any hour.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};

use crate::domain::time::Timestamp;
use crate::domain::words::serde_text;

/// The part of a day, and the days of a week, in which reminders may leave; in the customer's time zone.
///
/// As a text: `08:00-20:00 mon-fri`, `09:00-18:00 sun-thu`, `00:00-24:00 mon-sun` (always).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hours {
    /// Minutes after midnight at which it opens.
    from: u16,
    /// Minutes after midnight at which it closes; 1440 is midnight.
    until: u16,
    /// One bit a day, Monday first.
    days: u8,
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A text that says no hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not of the form.
    #[error(
        "hours are written as `08:00-20:00 mon-fri`: from when until when, then the first and the last working day"
    )]
    Form,
    /// Less than an hour.
    #[error(
        "the hours must be at least one hour long, from a time to a later one of the same day: `08:00-20:00 mon-fri`"
    )]
    Short,
}

impl Default for Hours {
    /// From eight to eight, Monday to Friday.
    fn default() -> Self {
        Self {
            from: 8 * 60,
            until: 20 * 60,
            days: 0b001_1111,
        }
    }
}

impl Hours {
    /// All hours of all days.
    pub const ALWAYS: Self = Self {
        from: 0,
        until: DAY,
        days: 0b111_1111,
    };

    /// Whether a reminder may leave at that moment.
    pub fn are_open(self, at: Timestamp, zone: &TimeZone) -> bool {
        let there = at.in_zone(zone);
        let minute = minute_of(there.time());
        self.works_on(there.date()) && (self.from..self.until).contains(&minute)
    }

    /// The first moment from `at` on at which a reminder may leave.
    pub fn next_open(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.are_open(at, zone) {
            return at;
        }
        let there = at.in_zone(zone);
        let today = there.date();
        let first = i64::from(minute_of(there.time()) >= self.from);
        // A week has every day, and a change of daylight-saving time that swallows the opening shifts it by an hour.
        let opens = (first..=first + 7)
            .filter_map(|days| today.checked_add(days.days()).ok())
            .filter(|day| self.works_on(*day))
            .filter_map(|day| self.opening(day, zone));
        opens.into_iter().find(|open| *open >= at).unwrap_or(at)
    }

    /// The last opening before `at`, or `at` itself where a reminder may leave then.
    pub fn last_open(self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.are_open(at, zone) {
            return at;
        }
        let today = at.in_zone(zone).date();
        let opens = (0..=7)
            .filter_map(|days: i64| today.checked_sub(days.days()).ok())
            .filter(|day| self.works_on(*day))
            .filter_map(|day| self.opening(day, zone));
        opens.into_iter().find(|open| *open <= at).unwrap_or(at)
    }

    fn works_on(self, day: Date) -> bool {
        self.days & bit(day.weekday()) != 0
    }

    fn opening(self, day: Date, zone: &TimeZone) -> Option<Timestamp> {
        let time = Time::new(
            i8::try_from(self.from / 60).ok()?,
            i8::try_from(self.from % 60).ok()?,
            0,
            0,
        );
        let open: Zoned = day.to_datetime(time.ok()?).to_zoned(zone.clone()).ok()?;
        Some(open.timestamp().into())
    }
}

fn minute_of(time: Time) -> u16 {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or_default()
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

impl FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let (times, days) = text.trim().split_once(' ').ok_or(HoursError::Form)?;
        let (from, until) = times.split_once('-').ok_or(HoursError::Form)?;
        let (from, until) = (minutes(from)?, minutes(until)?);
        if until < from + 60 {
            return Err(HoursError::Short);
        }
        let (first, last) = match days.trim().split_once('-') {
            Some((first, last)) => (day(first)?, day(last)?),
            None => (day(days)?, day(days)?),
        };
        let mut bits = 0;
        let mut each = first;
        loop {
            bits |= 1 << each;
            if each == last {
                break;
            }
            each = (each + 1) % 7;
        }
        Ok(Self {
            from,
            until,
            days: bits,
        })
    }
}

/// Minutes after midnight of `08:00`.
fn minutes(text: &str) -> Result<u16, HoursError> {
    let (hour, minute) = text.trim().split_once(':').ok_or(HoursError::Form)?;
    let number = |text: &str| match text.len() {
        2 if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<u16>().ok(),
        _ => None,
    };
    let (hour, minute) = (number(hour), number(minute));
    match (
        hour.ok_or(HoursError::Form)?,
        minute.ok_or(HoursError::Form)?,
    ) {
        (hour, minute) if hour < 24 && minute < 60 => Ok(hour * 60 + minute),
        (24, 0) => Ok(DAY),
        _ => Err(HoursError::Form),
    }
}

fn day(text: &str) -> Result<usize, HoursError> {
    let text = text.trim().to_ascii_lowercase();
    let found = NAMES.iter().position(|name| *name == text);
    found.ok_or(HoursError::Form)
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let works = |day: usize| self.days & (1 << (day % 7)) != 0;
        // Days are one range, perhaps over the end of the week: it begins where a day follows one without work.
        let first = (0..7)
            .find(|day| works(*day) && !works(day + 6))
            .unwrap_or(0);
        let length = (first..first + 7).take_while(|day| works(*day)).count();
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02} {}",
            self.from / 60,
            self.from % 60,
            self.until / 60,
            self.until % 60,
            NAMES[first]
        )?;
        match length {
            1 => Ok(()),
            _ => write!(f, "-{}", NAMES[(first + length - 1) % 7]),
        }
    }
}

serde_text!(Hours);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn a_reminder_at_night_or_on_a_weekend_waits_for_the_morning_of_the_next_working_day() {
        let seoul = zone("Asia/Seoul");
        let hours = Hours::default();
        for (planned, next, last) in [
            // Wednesday, 10:00 in Seoul: as it is.
            (
                "2026-11-25T01:00:00Z",
                "2026-11-25T01:00:00Z",
                "2026-11-25T01:00:00Z",
            ),
            // Wednesday, 03:00 → 08:00; or the morning before.
            (
                "2026-11-24T18:00:00Z",
                "2026-11-24T23:00:00Z",
                "2026-11-23T23:00:00Z",
            ),
            // Friday, 22:00 → Monday, 08:00; or that morning.
            (
                "2026-11-27T13:00:00Z",
                "2026-11-29T23:00:00Z",
                "2026-11-26T23:00:00Z",
            ),
            // Sunday, 12:00 → Monday; or Friday.
            (
                "2026-11-29T03:00:00Z",
                "2026-11-29T23:00:00Z",
                "2026-11-26T23:00:00Z",
            ),
        ] {
            assert_eq!(hours.next_open(at(planned), &seoul), at(next), "{planned}");
            assert_eq!(hours.last_open(at(planned), &seoul), at(last), "{planned}");
        }
    }

    #[test]
    fn hours_are_read_and_written() {
        for text in [
            "08:00-20:00 mon-fri",
            "09:30-18:00 sun-thu",
            "00:00-24:00 mon-sun",
            "10:00-12:00 sat",
        ] {
            assert_eq!(text.parse::<Hours>().unwrap().to_string(), text);
        }
        assert_eq!("00:00-24:00 mon-sun".parse(), Ok(Hours::ALWAYS));
        assert_eq!("08:00-20:00 mon-fri".parse(), Ok(Hours::default()));
        for (text, error) in [
            ("", HoursError::Form),
            ("8-20 mon-fri", HoursError::Form),
            ("08:00-20:00", HoursError::Form),
            ("08:00-25:00 mon", HoursError::Form),
            ("08:00-20:00 lun-ven", HoursError::Form),
            ("20:00-08:00 mon-fri", HoursError::Short),
            ("08:00-08:30 mon-fri", HoursError::Short),
        ] {
            assert_eq!(text.parse::<Hours>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_moved_is_open_and_moved_by_no_more_than_a_long_weekend(
            seconds in 0_i64..(6 * 365 * 86_400),
            name in prop::sample::select(vec![
                "UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo",
            ]),
            from in 0_u16..23,
            length in 1_u16..=24,
            first in 0_usize..7,
            days in 1_usize..=7,
        ) {
            let hours = Hours {
                from: from * 60,
                until: (from + length).min(24) * 60,
                days: (0..days).fold(0, |bits, day| bits | 1 << ((first + day) % 7)),
            };
            let zone = zone(name);
            let planned = Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000);
            let next = hours.next_open(planned, &zone);
            let last = hours.last_open(planned, &zone);
            let week = 8 * crate::domain::time::DAY;
            prop_assert!(next >= planned && last <= planned);
            prop_assert!(next.as_micros() - planned.as_micros() <= week);
            prop_assert!(planned.as_micros() - last.as_micros() <= week);
            prop_assert!(hours.are_open(next, &zone), "{next}");
            prop_assert!(hours.are_open(last, &zone), "{last}");
            prop_assert_eq!(hours.to_string().parse::<Hours>(), Ok(hours));
        }
    }
}
