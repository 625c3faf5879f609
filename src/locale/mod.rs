//! Every sentence that a person reads in a mail or on a page, and dates as that person writes them.
//!
//! Templates hold no sentence, code neither: they name a message of `templates/locales/<language>.ftl`, which is compiled in.
//! A language is therefore one file and its tag in `domain::language`, and a wrong word is mended without reading Rust.
//! What the program has to know of a language besides (its direction, its dates, its fonts) stands at the head of that file.

mod dates;
mod inquiry;
#[cfg(any(test, debug_assertions))]
mod pseudo;

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::PatternElement;
use jiff::tz::TimeZone;

use crate::domain::language::{Language, chain, languages};
use crate::domain::span::GrantDuration;
use crate::domain::time::Timestamp;
use dates::Dates;

macro_rules! sources {
    ($($tag:literal),*) => {
        &[$(($tag, include_str!(concat!("../../templates/locales/", $tag, ".ftl")))),*]
    };
}

/// The languages that are compiled in: the tag and the messages. English, to which all others fall back, is the first.
const SOURCES: &[(&str, &str)] = languages!(sources);

/// Begins and ends a text whose direction is its own (FSI and PDI, UAX #9 §2.4).
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// One language: its messages and its dates.
struct Locale {
    language: Language,
    right_to_left: bool,
    messages: FluentBundle<FluentResource>,
    dates: Dates,
}

static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    let all = SOURCES.iter().map(|(tag, source)| Locale::new(tag, source));
    #[cfg(any(test, debug_assertions))]
    let all = all.chain(
        pseudo::ALL
            .iter()
            .map(|it| Locale::new(it.tag, &it.source(english()))),
    );
    all.collect()
});

/// The English messages.
#[cfg(any(test, debug_assertions))]
fn english() -> &'static str {
    SOURCES[0].1
}

/// Languages that nobody speaks, made of the English messages: `en-XA` is longer and accented, `ar-XB` goes from right to
/// left. They show what is not translated, and what does not fit. None in a release build, and offered to no reader in any.
pub fn pseudo_languages() -> Vec<Language> {
    #[cfg(any(test, debug_assertions))]
    let tags = pseudo::ALL.iter().map(|it| it.tag);
    #[cfg(not(any(test, debug_assertions)))]
    let tags = std::iter::empty::<&str>();
    tags.filter_map(|tag| tag.parse().ok()).collect()
}

impl Locale {
    #[expect(
        clippy::expect_used,
        reason = "the sources are compiled in, and a test reads each of them"
    )]
    fn new(tag: &str, source: &str) -> Self {
        let identifier = tag.parse().expect("a compiled-in language tag");
        let mut messages = FluentBundle::new_concurrent(vec![identifier]);
        messages.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| errors)
            .expect("messages without a syntax error");
        messages
            .add_resource(resource)
            .expect("messages without a key that is there twice");
        let right_to_left = writing(&messages, "writing-direction") == Some("rtl");
        // A name or an address between words that go the other way would take their direction, and a phone number be read
        // from its end. Where all goes from left to right the marks would only be in the way.
        messages.set_use_isolating(right_to_left);
        let dates = Dates::new(writing(&messages, "writing-dates").unwrap_or(tag));
        Self {
            language: tag.parse().expect("a compiled-in language tag"),
            right_to_left,
            messages,
            dates,
        }
    }

    /// The locales of a language's chain (`ko-KR → ko → en`), best first; never none, for English ends each chain.
    fn along(language: &Language) -> impl Iterator<Item = &'static Self> {
        chain(&[language])
            .into_iter()
            .filter_map(|wanted| LOCALES.iter().find(|locale| locale.language == wanted))
    }

    /// `None` if there is no such message.
    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.messages.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.messages.format_pattern(pattern, args, &mut errors);
        debug_assert!(errors.is_empty(), "{key} in {}: {errors:?}", self.language);
        Some(text.into_owned())
    }
}

/// What the head of a language's file says of it: plain words, without placeables.
fn writing<'a>(messages: &'a FluentBundle<FluentResource>, key: &str) -> Option<&'a str> {
    let pattern = messages.get_message(key)?.value()?;
    match pattern.elements.as_slice() {
        [PatternElement::TextElement { value }] => Some(value),
        _ => None,
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

/// Values for the messages of one mail or page, by the names that the messages give them.
#[derive(Debug, Default)]
pub struct Args<'a>(FluentArgs<'a>);

impl<'a> Args<'a> {
    /// With these values.
    pub fn new(values: &[(&'static str, Arg<'a>)]) -> Self {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            match value {
                Arg::Text(text) => args.set(*name, FluentValue::from(*text)),
                Arg::Number(number) => args.set(*name, FluentValue::from(*number)),
            }
        }
        Self(args)
    }

    /// And with this text.
    #[must_use]
    pub fn and(mut self, name: &'static str, text: String) -> Self {
        self.0.set(name, FluentValue::from(text));
        self
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
            locale: Locale::along(language).next().unwrap_or(&LOCALES[0]),
        }
    }

    /// The texts of a language itself, where there are any.
    pub fn exactly(language: &Language) -> Option<Self> {
        let texts = Self::of(language);
        (texts.language() == language).then_some(texts)
    }

    /// The language that these texts are really in, for `lang="…"`.
    pub fn language(&self) -> &Language {
        &self.locale.language
    }

    /// The direction of the script, for `dir="…"`: `ltr` or `rtl`.
    pub fn direction(&self) -> &'static str {
        if self.locale.right_to_left {
            "rtl"
        } else {
            "ltr"
        }
    }

    /// A name, an address or a number as it stands by itself in a text without markup: where lines go from right to left, it
    /// keeps its own direction.
    pub fn isolated(&self, data: String) -> String {
        if self.locale.right_to_left && !data.is_empty() {
            let [start, end] = ISOLATE;
            format!("{start}{data}{end}")
        } else {
            data
        }
    }

    /// A message without arguments, where there is one of that name.
    pub fn find(&self, key: &str) -> Option<String> {
        self.locale.format(key, None)
    }

    /// A message without arguments.
    pub fn m(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A message with arguments, by the names that the message gives them.
    pub fn f(&self, key: &str, args: &[(&'static str, Arg<'_>)]) -> String {
        self.say(key, &Args::new(args))
    }

    /// A message with arguments that are made once for many messages; those that it does not name are ignored.
    pub fn say(&self, key: &str, args: &Args<'_>) -> String {
        self.format(key, Some(&args.0))
    }

    /// The name of a partner type or a role of the catalogue, or of another family of messages: `role-<key>-name`, with `_` in
    /// the key written as `-`.
    pub fn name(&self, family: &str, key: &str) -> String {
        self.m(&message_key(family, key, "-name"))
    }

    /// What it does, in a sentence: `role-<key>-does`.
    pub fn does(&self, family: &str, key: &str) -> String {
        self.m(&message_key(family, key, "-does"))
    }

    /// The word for one of a closed set: `reason-<key>`.
    pub fn word(&self, family: &str, key: &str) -> String {
        self.m(&message_key(family, key, ""))
    }

    /// A day without its weekday, for use inside parentheses: `2026년 12월 22일`, `22 December 2026`.
    pub fn day(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.locale.dates.day(at, zone).full
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
        let (years, months, days) = duration.parts();
        [
            ("period-years", years),
            ("period-months", months),
            ("period-days", days),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| self.f(key, &[("count", i64::from(count).into())]))
        .collect::<Vec<_>>()
        .join(" ")
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        self.locale
            .format(key, args)
            .or_else(|| {
                Locale::along(&self.locale.language).find_map(|locale| locale.format(key, args))
            })
            // A test holds that every key is there; the name of one that is not says more than nothing.
            .unwrap_or_else(|| key.to_owned())
    }
}

/// Without the marks that [`Texts`] puts around names where lines go from right to left: for a header, which shows no
/// direction of its own.
pub fn without_isolates(text: &str) -> Cow<'_, str> {
    if text.contains(ISOLATE) {
        Cow::Owned(text.replace(ISOLATE, ""))
    } else {
        Cow::Borrowed(text)
    }
}

fn message_key(family: &str, key: &str, field: &str) -> String {
    let key = key.replace('_', "-");
    format!("{family}-{key}{field}")
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.locale.language)
    }
}

#[cfg(test)]
mod grammar;
#[cfg(test)]
mod keys;
#[cfg(test)]
pub(crate) mod reading;
#[cfg(test)]
mod tests;
