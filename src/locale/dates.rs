//! The parts of a date in one language, from ICU's data; how they stand together is a message (`date`, `moment`).
//!
//! ICU's own patterns are not taken whole: Korean business mail writes `2026년 12월 22일(화)`, which none of them gives.

use icu_datetime::fieldsets::{E, MD, T, YMD, zone::GenericLong};
use icu_datetime::input::{TimeZoneInfo, ZonedDateTime};
use icu_datetime::options::TimePrecision;
use icu_datetime::{DateTimeFormatter, NoCalendarFormatter};
use icu_locale_core::Locale;
use icu_time::zone::models::AtTime;
use jiff::tz::TimeZone;
use jiff_icu::ConvertFrom as _;

use crate::domain::time::Timestamp;

/// Formatters of one language; making them is what costs, so each language makes them once.
pub(super) struct Dates {
    day: DateTimeFormatter<YMD>,
    day_without_year: DateTimeFormatter<MD>,
    weekday: DateTimeFormatter<E>,
    weekday_short: DateTimeFormatter<E>,
    hour: NoCalendarFormatter<T>,
    time: NoCalendarFormatter<T>,
    zone: NoCalendarFormatter<GenericLong>,
}

/// The parts of a day.
pub(super) struct Day {
    /// `2026년 12월 22일`
    pub full: String,
    /// `12월 22일`
    pub without_year: String,
    /// `화요일`
    pub weekday: String,
    /// `화`
    pub weekday_short: String,
}

/// The parts of a time of day.
pub(super) struct Time {
    /// `오후 6:30`
    pub full: String,
    /// `오후 6시`
    pub hour: String,
    /// 0 to 59
    pub minute: i8,
    /// `한국 시간`
    pub zone: String,
}

impl Dates {
    #[expect(
        clippy::expect_used,
        reason = "the data of every language is compiled in, and a test formats in each"
    )]
    pub(super) fn new(tag: &str) -> Self {
        let locale: Locale = tag.parse().expect("a compiled-in language tag");
        let known = "ICU data is compiled in";
        let time = |precision| T::short().with_time_precision(precision);
        Self {
            day: DateTimeFormatter::try_new((&locale).into(), YMD::long()).expect(known),
            day_without_year: DateTimeFormatter::try_new((&locale).into(), MD::long())
                .expect(known),
            weekday: DateTimeFormatter::try_new((&locale).into(), E::long()).expect(known),
            weekday_short: DateTimeFormatter::try_new((&locale).into(), E::short()).expect(known),
            hour: NoCalendarFormatter::try_new((&locale).into(), time(TimePrecision::Hour))
                .expect(known),
            time: NoCalendarFormatter::try_new((&locale).into(), time(TimePrecision::Minute))
                .expect(known),
            zone: NoCalendarFormatter::try_new((&locale).into(), GenericLong).expect(known),
        }
    }

    /// The day that a calendar in `zone` shows at that moment.
    pub(super) fn day(&self, at: Timestamp, zone: &TimeZone) -> Day {
        let date = icu_datetime::input::Date::convert_from(at.in_zone(zone).date());
        Day {
            full: self.day.format(&date).to_string(),
            without_year: self.day_without_year.format(&date).to_string(),
            weekday: self.weekday.format(&date).to_string(),
            weekday_short: self.weekday_short.format(&date).to_string(),
        }
    }

    /// The time that a clock in `zone` shows at that moment.
    pub(super) fn time(&self, at: Timestamp, zone: &TimeZone) -> Time {
        let local = at.in_zone(zone);
        let moment = ZonedDateTime::<_, TimeZoneInfo<AtTime>>::convert_from(&local);
        Time {
            full: plain_space(&self.time.format(&moment.time).to_string()),
            hour: plain_space(&self.hour.format(&moment.time).to_string()),
            minute: local.minute(),
            zone: self.zone.format(&moment.zone).to_string(),
        }
    }
}

/// ICU puts U+202F before "pm", which many mail fonts show as a box.
fn plain_space(text: &str) -> String {
    text.replace(['\u{202f}', '\u{a0}'], " ")
}
