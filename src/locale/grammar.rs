//! The placeables and the plurals of every language, held against the English ones and against the rules of the language.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser;

use super::*;

/// Placeables that are numbers.
const NUMBERS: [&str; 8] = [
    "count", "max", "minute", "minutes", "number", "pages", "seconds", "years",
];

/// Placeables that are texts: a new one is put here or among the numbers.
const WORDS: [&str; 33] = [
    "code",
    "endpoint",
    "actor",
    "address",
    "admin-center",
    "before",
    "company",
    "date",
    "day",
    "domain",
    "email",
    "former",
    "host",
    "hour",
    "moment",
    "name",
    "organization",
    "partner",
    "period",
    "phone",
    "reason",
    "role",
    "roles",
    "signer",
    "time",
    "title",
    "type",
    "types",
    "until",
    "version",
    "weekday",
    "weekday-short",
    "zone",
];

/// Numbers beside no word that is counted: no plural.
const UNCOUNTED: [&str; 2] = ["page-find-page", "time-with-minutes"];

/// The parts of a date, of which each language takes what it writes.
const PARTS: [&str; 3] = ["date", "time-with-minutes", "moment"];

/// What a message is made of.
#[derive(Default)]
struct Message {
    /// The placeables that it shows or chooses by.
    placeables: BTreeSet<String>,
    /// The messages that it repeats.
    messages: BTreeSet<String>,
    /// The cases of each number that it chooses by.
    cases: BTreeMap<String, BTreeSet<String>>,
}

impl Message {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                match expression {
                    Expression::Inline(inline) => self.see(inline),
                    Expression::Select { selector, variants } => {
                        self.see(selector);
                        let by = match selector {
                            InlineExpression::VariableReference { id } => id.name,
                            _ => "",
                        };
                        for variant in variants {
                            let (VariantKey::Identifier { name: case }
                            | VariantKey::NumberLiteral { value: case }) = &variant.key;
                            let cases = self.cases.entry(by.to_owned()).or_default();
                            cases.insert((*case).to_owned());
                            self.read(&variant.value);
                        }
                    }
                }
            }
        }
    }

    fn see(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.placeables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                self.messages.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => {
                if let Expression::Inline(inline) = expression.as_ref() {
                    self.see(inline);
                }
            }
            _ => {}
        }
    }
}

fn messages(source: &str) -> BTreeMap<String, Message> {
    let resource = parser::parse(source).unwrap();
    let entries = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some((message.id.name, message.value.as_ref()?)),
        _ => None,
    });
    let mut all: BTreeMap<String, Message> = BTreeMap::new();
    for (key, pattern) in entries {
        all.entry(key.to_owned()).or_default().read(pattern);
    }
    all
}

/// The placeables of a message and of those that it repeats.
fn placeables<'a>(all: &'a BTreeMap<String, Message>, key: &str) -> BTreeSet<&'a str> {
    let message = &all[key];
    let repeated = message.messages.iter();
    let own = message.placeables.iter().map(String::as_str);
    own.chain(repeated.flat_map(|it| placeables(all, it)))
        .collect()
}

/// The plural categories that a language has for whole numbers (CLDR).
fn categories(language: &str) -> BTreeSet<String> {
    let source = "n = { $n ->\n [zero] zero\n [one] one\n [two] two\n [few] few\n [many] many\n *[other] other\n }\n";
    let locale = Locale::new(language, source);
    let number = |n: i64| locale.format("n", Some(&Args::new(&[("n", n.into())]).0));
    let categories = (0..=200).chain([1_000_000]).filter_map(number);
    categories
        .map(|it| without_isolates(&it).into_owned())
        .collect()
}

#[test]
fn every_language_tells_what_english_tells() {
    let english = messages(english());
    for (language, source) in SOURCES {
        let here = messages(source);
        for key in here.keys().filter(|key| !PARTS.contains(&key.as_str())) {
            let (told, asked) = (placeables(&here, key), placeables(&english, key));
            assert_eq!(told, asked, "the placeables of {key} in {language}");
        }
    }
}

#[test]
fn every_placeable_is_known_as_a_word_or_a_number() {
    for (language, source) in SOURCES {
        for (key, message) in messages(source) {
            for name in &message.placeables {
                let name = name.as_str();
                assert!(
                    NUMBERS.contains(&name) || WORDS.contains(&name),
                    "${name} of {key} in {language}"
                );
            }
        }
    }
}

/// A language without plurals (Korean) has one category; each other one says each number in all of its own.
#[test]
fn every_number_is_told_in_the_plurals_of_the_language() {
    assert_eq!(categories("ko").len(), 1);
    assert_eq!(categories("ar").len(), 6);
    for (language, source) in SOURCES {
        let categories = categories(language);
        if categories.len() == 1 {
            continue;
        }
        for (key, message) in messages(source) {
            if UNCOUNTED.contains(&key.as_str()) {
                continue;
            }
            for number in message
                .placeables
                .iter()
                .filter(|it| NUMBERS.contains(&it.as_str()))
            {
                let cases = message.cases.get(number).cloned().unwrap_or_default();
                assert_eq!(
                    cases, categories,
                    "the cases of ${number} of {key} in {language}"
                );
            }
        }
    }
}

#[test]
fn one_day_is_no_one_days() {
    let texts = Texts::of(&Language::en());
    let plural = |text: &str, number: &str| {
        let words: Vec<_> = text.split([' ', ',', '.', ':']).collect();
        words
            .windows(2)
            .any(|pair| pair[0] == number && pair[1].ends_with('s'))
    };
    let mut counted = 0;
    for (key, message) in messages(english()) {
        let say = |number: i64| {
            let values = message.placeables.iter().map(|name| match name.as_str() {
                name if NUMBERS.contains(&name) => (&*name.to_owned().leak(), number.into()),
                name => (&*name.to_owned().leak(), Arg::from("X")),
            });
            texts.f(&key, &values.collect::<Vec<_>>())
        };
        if message.cases.is_empty() {
            continue;
        }
        counted += 1;
        let (one, two) = (say(1), say(2));
        assert_ne!(one, two, "{key}");
        assert!(!plural(&one, "1"), "{key}: {one}");
    }
    assert!(counted > 15, "{counted}");
}

#[test]
fn what_a_file_says_of_its_language_can_be_used() {
    for (language, source) in SOURCES {
        let locale = Locale::new(language, source);
        let says = |key: &str| writing(&locale.messages, key).unwrap_or_default();
        assert!(
            matches!(says("writing-direction"), "ltr" | "rtl"),
            "{language}"
        );
        assert!(
            matches!(says("writing-words"), "keep" | "break"),
            "{language}"
        );
        assert!(!says("writing-name").is_empty(), "{language}");
        for key in ["writing-fonts", "writing-fonts-outlook"] {
            // They stand in the style of a mail as they are.
            let fonts = says(key);
            let is_plain = |it: char| it.is_ascii_alphanumeric() || " ',-".contains(it);
            assert!(
                fonts.ends_with("sans-serif") && fonts.chars().all(is_plain),
                "{language}: {fonts}"
            );
        }
    }
}
