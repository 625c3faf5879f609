//! Two languages that nobody speaks, made of the English messages: what is not translated shows as plain English, what is too
//! narrow for longer words breaks, and what assumes that lines begin on the left stands on the wrong side.
//!
//! They go the way of every language: a source, read as the files are. The tags are CLDR's for the purpose.

use fluent_syntax::ast::{Entry, Expression, Pattern, PatternElement, Resource};
use fluent_syntax::{parser, serializer};

/// Stand around each message, so that one can be told from what is data. No text of ours has them otherwise.
const BRACKETS: [&str; 2] = ["⟦", "⟧"];

/// How a pseudo-language is made.
pub(super) struct Pseudo {
    pub(super) tag: &'static str,
    /// What the head of the file says otherwise.
    writing: &'static [(&'static str, &'static str)],
    letter: fn(char, &mut String),
}

pub(super) const ALL: [Pseudo; 2] = [
    Pseudo {
        tag: "en-XA",
        writing: &[("writing-name", "Pseudo")],
        letter: accented,
    },
    Pseudo {
        tag: "ar-XB",
        writing: &[
            ("writing-name", "Pseudo (right to left)"),
            ("writing-direction", "rtl"),
            ("writing-dates", "ar"),
        ],
        letter: arabic,
    },
];

impl Pseudo {
    /// The messages of this language.
    #[expect(
        clippy::expect_used,
        reason = "the English messages are compiled in, and read before these"
    )]
    pub(super) fn source(&self, english: &str) -> String {
        let mut resource: Resource<String> = parser::parse(english.to_owned())
            .map_err(|(_, errors)| errors)
            .expect("English messages without a syntax error");
        for entry in &mut resource.body {
            if let Entry::Message(message) = entry
                && let Some(pattern) = &mut message.value
            {
                let key = message.id.name.as_str();
                if let Some((_, value)) = self.writing.iter().find(|(it, _)| *it == key) {
                    pattern.elements = vec![text(value)];
                } else if !key.starts_with("writing-") {
                    self.rewrite(pattern);
                    pattern.elements.insert(0, text(BRACKETS[0]));
                    pattern.elements.push(text(BRACKETS[1]));
                }
            }
        }
        serializer::serialize(&resource)
    }

    fn rewrite(&self, pattern: &mut Pattern<String>) {
        for element in &mut pattern.elements {
            match element {
                PatternElement::TextElement { value } => {
                    let mut new = String::with_capacity(value.len() * 2);
                    for letter in value.chars() {
                        (self.letter)(letter, &mut new);
                    }
                    *value = new;
                }
                PatternElement::Placeable {
                    expression: Expression::Select { variants, .. },
                } => variants
                    .iter_mut()
                    .for_each(|it| self.rewrite(&mut it.value)),
                PatternElement::Placeable { .. } => {}
            }
        }
    }
}

fn text(value: &str) -> PatternElement<String> {
    PatternElement::TextElement {
        value: value.to_owned(),
    }
}

/// An accent on each letter, and each vowel twice: a good third longer, as German or Finnish is.
fn accented(letter: char, out: &mut String) {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const ACCENTED: &str = "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ";
    let other = with(letter, PLAIN, ACCENTED);
    out.push(other);
    if matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u') {
        out.push(other);
    }
}

/// An Arabic letter for each.
fn arabic(letter: char, out: &mut String) {
    const PLAIN: &str = "abcdefghijklmnopqrstuvwxyz";
    const ARABIC: &str = "ابصدهفغحيجكلمنوشقرستعضطخذز";
    out.push(with(letter.to_ascii_lowercase(), PLAIN, ARABIC));
}

fn with(letter: char, from: &str, to: &str) -> char {
    let found = from.chars().zip(to.chars()).find(|(it, _)| *it == letter);
    found.map_or(letter, |(_, other)| other)
}
