//! Every sentence that a person reads in a mail or on a page, and dates as that person writes them.
//!
//! Templates hold no sentence, code neither: they name a message of `templates/locales/<language>.ftl`, which is compiled in.
//! A language is therefore one file and one line of [`SOURCES`], and a wrong word is mended without reading Rust.

mod dates;
mod stand_in;

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;
use dates::Dates;
pub use stand_in::{GrantDuration, Language};

/// The languages that are compiled in: the tag, the tag for dates, the messages. The last one is what all others fall back to.
///
/// English dates are British ("Tuesday, 22 December 2026"): read rightly on both sides of the Atlantic. `hc-h12` makes it
/// "6 pm", as the sentences around it speak.
const SOURCES: [(&str, &str, &str); 2] = [
    ("ko", "ko", include_str!("../../templates/locales/ko.ftl")),
    (
        "en",
        "en-GB-u-hc-h12",
        include_str!("../../templates/locales/en.ftl"),
    ),
];

/// One language: its messages and its dates.
struct Locale {
    language: Language,
    messages: FluentBundle<FluentResource>,
    dates: Dates,
}

static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .map(|(tag, date_tag, source)| Locale::new(tag, date_tag, source))
        .collect()
});

impl Locale {
    #[expect(
        clippy::expect_used,
        reason = "the sources are compiled in, and a test reads each of them"
    )]
    fn new(tag: &str, date_tag: &str, source: &str) -> Self {
        let identifier = tag.parse().expect("a compiled-in language tag");
        let mut messages = FluentBundle::new_concurrent(vec![identifier]);
        // U+2068 and U+2069 around every name would reach subjects and headers.
        messages.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| errors)
            .expect("messages without a syntax error");
        messages
            .add_resource(resource)
            .expect("messages without a key that is there twice");
        Self {
            language: tag.parse().expect("a compiled-in language tag"),
            messages,
            dates: Dates::new(date_tag),
        }
    }

    /// The language of a tag, of its nearest parent (`ko-KR` → `ko`), or the last resort.
    fn nearest(tag: &str) -> &'static Self {
        let mut wanted = tag;
        loop {
            let found = LOCALES
                .iter()
                .find(|locale| locale.language.as_str().eq_ignore_ascii_case(wanted));
            match (found, wanted.rsplit_once('-')) {
                (Some(locale), _) => return locale,
                (None, Some((parent, _))) => wanted = parent,
                (None, None) => return Self::last_resort(),
            }
        }
    }

    fn last_resort() -> &'static Self {
        &LOCALES[LOCALES.len() - 1]
    }

    /// `None` if there is no such message.
    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.messages.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.messages.format_pattern(pattern, args, &mut errors);
        debug_assert!(
            errors.is_empty(),
            "{key} in {}: {errors:?}",
            self.language.as_str()
        );
        Some(text.into_owned())
    }
}

/// A value that a message is given.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// Text, put in as it is.
    Text(&'a str),
    /// A whole number, which also selects the plural.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Arg<'_> {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// All sentences of one language, with the fallback chain behind it; as cheap to copy as a reference.
#[derive(Clone, Copy)]
pub struct Texts {
    locale: &'static Locale,
}

impl Texts {
    /// The texts of a language, else of its nearest parent that is there (`ko-KR` → `ko`), else English.
    ///
    /// The messages of all languages are read once, at the first call.
    pub fn of(language: &Language) -> Self {
        Self {
            locale: Locale::nearest(language.as_str()),
        }
    }

    /// The language that these texts are really in, for `lang="…"`.
    pub fn language(&self) -> &Language {
        &self.locale.language
    }

    /// The direction of the script, for `dir="…"`: `ltr` or `rtl`.
    pub fn direction(&self) -> &'static str {
        match self.locale.language.as_str() {
            "ar" | "fa" | "he" | "ur" => "rtl",
            _ => "ltr",
        }
    }

    /// A message without arguments.
    pub fn m(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A message with arguments, by the names that the message gives them.
    pub fn f(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            let value = match value {
                Arg::Text(text) => FluentValue::from(*text),
                Arg::Number(number) => FluentValue::from(*number),
            };
            values.set(*name, value);
        }
        self.format(key, Some(&values))
    }

    /// A day, with its weekday: `2026년 12월 22일(화)`, `Tuesday, 22 December 2026`.
    pub fn date(&self, at: Timestamp, zone: &TimeZone) -> String {
        let day = self.locale.dates.day(at, zone);
        self.f(
            "date",
            &[
                ("day", (&day.full).into()),
                ("weekday", (&day.weekday).into()),
                ("weekday-short", (&day.weekday_short).into()),
            ],
        )
    }

    /// A day of the running year, short enough for a subject: `12월 22일(화)`, `Tuesday, 22 December`.
    pub fn short_date(&self, at: Timestamp, zone: &TimeZone) -> String {
        let day = self.locale.dates.day(at, zone);
        self.f(
            "date",
            &[
                ("day", (&day.without_year).into()),
                ("weekday", (&day.weekday).into()),
                ("weekday-short", (&day.weekday_short).into()),
            ],
        )
    }

    /// A day, the time of day, and the zone's name: `2026년 12월 22일(화) 오후 6시(한국 시간)`,
    /// `Tuesday, 22 December 2026, 6 pm (Korean Time)`. Minutes stand only where they are not zero.
    pub fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        let date = self.date(at, zone);
        let time = self.locale.dates.time(at, zone);
        let clock = if time.minute == 0 {
            time.hour
        } else {
            self.f(
                "time-with-minutes",
                &[
                    ("time", (&time.full).into()),
                    ("hour", (&time.hour).into()),
                    ("minute", i64::from(time.minute).into()),
                ],
            )
        };
        self.f(
            "moment",
            &[
                ("date", (&date).into()),
                ("time", (&clock).into()),
                ("zone", (&time.zone).into()),
            ],
        )
    }

    /// A span in words: `180일`, `1년`, `1 year 6 months`.
    pub fn period(&self, duration: &GrantDuration) -> String {
        let iso = duration.to_string();
        let mut words = Vec::new();
        let mut count = 0_i64;
        for sign in iso.chars() {
            let key = match sign {
                digit @ '0'..='9' => {
                    count = count * 10 + i64::from(digit as u32 - u32::from(b'0'));
                    continue;
                }
                'Y' => "period-years",
                'M' => "period-months",
                'W' => "period-weeks",
                'D' => "period-days",
                _ => continue,
            };
            words.push(self.f(key, &[("count", count.into())]));
            count = 0;
        }
        words.join(" ")
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let language = self.locale.language.as_str();
        let parents = std::iter::successors(Some(language), |tag| {
            tag.rsplit_once('-').map(|(parent, _)| parent)
        });
        self.locale
            .format(key, args)
            .or_else(|| {
                parents
                    .map(Locale::nearest)
                    .chain([Locale::last_resort()])
                    .find_map(|locale| locale.format(key, args))
            })
            // A test holds that every key is there; the name of one that is not says more than nothing.
            .unwrap_or_else(|| key.to_owned())
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.locale.language.as_str())
    }
}

#[cfg(test)]
mod tests;
