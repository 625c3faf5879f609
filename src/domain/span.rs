//! How long delegated-admin roles are granted: an ISO 8601 duration between one day and two years.

use std::fmt;
use std::str::FromStr;

use jiff::Span;
use jiff::tz::TimeZone;

use super::time::Timestamp;
use super::words::serde_text;

/// The duration of a grant, P1D to P2Y, in calendar months and days.
///
/// Weeks are days and years are months of the calendar, so that `P2W` and `P14D`, `P1Y` and `P12M` are the same, while
/// `P30D` and `P1M` are not. For the limit of 730 days a year counts 365 and a month 30; the end follows the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct GrantDuration {
    months: u16,
    days: u16,
}

/// Why a text is no duration of a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// No ISO 8601 duration of years, months, weeks and days.
    #[error(
        "the duration is no ISO 8601 duration in years, months, weeks and days: write for example P180D, P6M or P1Y"
    )]
    Form,
    /// Hours, minutes or seconds.
    #[error("the duration counts hours, minutes or seconds: write whole days, for example P1D")]
    TimeOfDay,
    /// Nothing.
    #[error("the duration is zero: write at least one day, P1D")]
    Zero,
    /// More than two years.
    #[error("the duration is longer than two years: write at most P2Y or P730D")]
    TooLong,
}

impl GrantDuration {
    /// What is asked for where nothing else is said: one year.
    pub const DEFAULT: Self = Self {
        months: 12,
        days: 0,
    };

    /// By how much roles are extended that extend themselves (Microsoft's `autoExtendDuration`), again and again: 180 days.
    pub const EXTENSION: Self = Self {
        months: 0,
        days: 180,
    };

    /// The most days (a year counts 365, a month 30).
    pub const MAX_DAYS: u16 = 730;

    /// Days for comparing durations and limits: a year counts 365, a month 30.
    pub const fn nominal_days(self) -> u16 {
        self.months / 12 * 365 + self.months % 12 * 30 + self.days
    }

    /// Whole years, the months beyond them, and the days beyond those.
    pub const fn parts(self) -> (u16, u16, u16) {
        (self.months / 12, self.months % 12, self.days)
    }

    /// The calendar span.
    pub fn span(self) -> Span {
        let (years, months, days) = self.parts();
        Span::new().years(years).months(months).days(days)
    }

    /// The moment at which a grant that begins at `start` ends, by the calendar of `zone`.
    pub fn end_from(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        start.plus(self.span(), zone)
    }
}

impl FromStr for GrantDuration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // jiff also reads signs and "1 year"; ISO 8601 begins with a P.
        if !text.starts_with(['P', 'p']) || text.len() > 32 {
            return Err(DurationError::Form);
        }
        let span: Span = text.parse().map_err(|_| DurationError::Form)?;
        if text.contains(['T', 't']) {
            return Err(DurationError::TimeOfDay);
        }
        let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let (Ok(months), Ok(days)) = (u16::try_from(months), u16::try_from(days)) else {
            return Err(DurationError::TooLong);
        };
        if months > 24 || days > Self::MAX_DAYS {
            return Err(DurationError::TooLong);
        }
        let duration = Self { months, days };
        match duration.nominal_days() {
            0 => Err(DurationError::Zero),
            1..=Self::MAX_DAYS => Ok(duration),
            _ => Err(DurationError::TooLong),
        }
    }
}

/// The canonical ISO 8601 form: `P1Y6M`, `P14D`.
impl fmt::Display for GrantDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (years, months, days) = self.parts();
        f.write_str("P")?;
        for (amount, unit) in [(years, 'Y'), (months, 'M'), (days, 'D')] {
            if amount > 0 {
                write!(f, "{amount}{unit}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for GrantDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

serde_text!(GrantDuration);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn the_same_duration_has_one_form() {
        for (given, canonical) in [
            ("P1D", "P1D"),
            ("p180d", "P180D"),
            ("P2W", "P14D"),
            ("P1W3D", "P10D"),
            ("P12M", "P1Y"),
            ("P18M", "P1Y6M"),
            ("P24M", "P2Y"),
            ("P1Y12M", "P2Y"),
            ("P730D", "P730D"),
            ("P1Y2M3W4D", "P1Y2M25D"),
            ("P0Y30D", "P30D"),
        ] {
            assert_eq!(
                given.parse::<GrantDuration>().unwrap().to_string(),
                canonical
            );
        }
        assert_ne!("P1M".parse::<GrantDuration>(), "P30D".parse());
    }

    #[test]
    fn what_is_beyond_the_limits_is_refused_with_its_reason() {
        use DurationError as E;
        for (given, error) in [
            ("", E::Form),
            ("P", E::Form),
            ("1Y", E::Form),
            ("1 year", E::Form),
            ("-P1D", E::Form),
            ("P-1D", E::Form),
            ("+P1D", E::Form),
            ("P1.5D", E::Form),
            ("P1D1Y", E::Form),
            ("P1D ", E::Form),
            ("P99999999999999999999D", E::Form),
            ("PT24H", E::TimeOfDay),
            ("P1DT1S", E::TimeOfDay),
            ("P0D", E::Zero),
            ("P731D", E::TooLong),
            ("P2Y1D", E::TooLong),
            ("P25M", E::TooLong),
            ("P105W", E::TooLong),
            ("P9999Y", E::TooLong),
        ] {
            assert_eq!(given.parse::<GrantDuration>(), Err(error), "{given}");
        }
    }

    #[test]
    fn the_end_follows_the_calendar_of_the_zone() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (duration, start, zone, end) in [
            (
                "P1Y",
                "2028-02-29T03:00:00Z",
                &seoul,
                "2029-02-28T03:00:00Z",
            ),
            (
                "P1M",
                "2027-01-30T15:30:00Z",
                &seoul,
                "2027-02-27T15:30:00Z",
            ),
            (
                "P180D",
                "2026-10-20T07:00:00Z",
                &berlin,
                "2027-04-18T07:00:00Z",
            ),
            (
                "P7D",
                "2026-10-20T07:00:00Z",
                &berlin,
                "2026-10-27T08:00:00Z",
            ),
        ] {
            let duration: GrantDuration = duration.parse().unwrap();
            assert_eq!(duration.end_from(at(start), zone).to_string(), end);
        }
    }

    #[test]
    fn the_default_is_a_year() {
        assert_eq!(GrantDuration::DEFAULT.to_string(), "P1Y");
        assert_eq!(GrantDuration::DEFAULT.nominal_days(), 365);
    }

    proptest! {
        #[test]
        fn a_duration_reads_back(years in 0..3_u16, months in 0..30_u16, weeks in 0..110_u16, days in 0..800_u16) {
            let given = format!("P{years}Y{months}M{weeks}W{days}D");
            let months_in_all = u32::from(years * 12 + months);
            let counted = months_in_all / 12 * 365 + months_in_all % 12 * 30 + u32::from(weeks * 7 + days);
            match given.parse::<GrantDuration>() {
                Ok(duration) => {
                    prop_assert_eq!(u32::from(duration.nominal_days()), counted);
                    prop_assert_eq!(duration.to_string().parse::<GrantDuration>().unwrap(), duration);
                    let json = serde_json::to_string(&duration).unwrap();
                    prop_assert_eq!(serde_json::from_str::<GrantDuration>(&json).unwrap(), duration);
                    let (start, next_day) = (at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z"));
                    prop_assert!(duration.end_from(start, &TimeZone::UTC) >= next_day);
                }
                Err(DurationError::Zero) => prop_assert_eq!(counted, 0),
                Err(error) => {
                    prop_assert_eq!(error, DurationError::TooLong);
                    prop_assert!(counted > 730);
                }
            }
        }
    }
}
