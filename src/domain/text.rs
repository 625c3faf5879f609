//! Text that people write, cleaned in one place before anything is stored, mailed or shown.
//!
//! The policy: Unicode NFC; outer blanks go and runs of blanks become one, fillers that only look like blanks (U+3164 and
//! its kin) among them; line breaks become `\n` where lines are allowed; control characters, marks of writing direction
//! and everything else that is invisible is refused, never dropped silently; so are piles of accents that would cover the
//! lines around. Lengths are in characters. A cap in bytes is checked first, so that ten megabytes cost nothing. What may
//! stand in a text that looks like a link, [`super::linkable`] says.

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

use super::linkable::{is_ip, is_link, is_linkable};

/// Decomposed Hangul takes nine bytes a character; blanks to be joined are to find room too.
const BYTES_A_CHARACTER: usize = 16;

/// How many marks one character carries: Vietnamese needs one once it is composed, Thai, Hindi and Arabic up to three, pointed
/// Hebrew four, Burmese five (လျှို့). The piles that are made to cover other lines begin above.
const MOST_MARKS: usize = 5;

/// Why a text is not taken. No message repeats any of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks and fillers.
    #[error("{what} is empty: write it, or leave it out where it is optional")]
    Empty {
        /// The text in words, such as "the note".
        what: &'static str,
    },
    /// More characters than allowed.
    #[error("{what} is longer than {max} characters: shorten it")]
    TooLong {
        /// The text in words.
        what: &'static str,
        /// The most characters.
        max: usize,
    },
    /// More lines than allowed.
    #[error("{what} has more than {max} lines: shorten it")]
    TooManyLines {
        /// The text in words.
        what: &'static str,
        /// The most lines.
        max: usize,
    },
    /// A line break in a text of one line.
    #[error("{what} holds a line break: write it on one line")]
    LineBreak {
        /// The text in words.
        what: &'static str,
    },
    /// A character that is invisible, directs the writing or controls a device.
    #[error(
        "{what} holds the character U+{code:04X}, which cannot be seen or cannot be shown: remove it",
        code = u32::from(*character)
    )]
    Character {
        /// The text in words.
        what: &'static str,
        /// The character.
        character: char,
    },
    /// No letter (in a name), or no letter or digit (in a company's).
    #[error("{what} holds nothing that can be read: write it in letters")]
    Unreadable {
        /// The text in words.
        what: &'static str,
    },
    /// More accents on one character than any language has.
    #[error(
        "{what} piles more than {MOST_MARKS} accents or vowel signs on one letter: take out those that no word has"
    )]
    Marks {
        /// The text in words.
        what: &'static str,
    },
    /// A link or a mail address where a name belongs.
    #[error(
        "{what} holds a link or a mail address: take it out; a name with a dot in it, as Booking.com, may stay"
    )]
    NotAName {
        /// The text in words.
        what: &'static str,
    },
    /// Something that mail programs turn into a link.
    #[error(
        "{what} holds a link, a domain or a mail address in line {line}, which is not sent: leave it out (Microsoft's links have \
         fields of their own in an invitation: gdap, reseller, mca), or put a blank after a full stop or a colon"
    )]
    Link {
        /// The text in words.
        what: &'static str,
        /// The line, counted from 1.
        line: usize,
    },
    /// No phone number.
    #[error(
        "{what} is no phone number: write digits, blanks and + - ( ) . only, with at least 5 digits"
    )]
    Phone {
        /// The text in words.
        what: &'static str,
    },
    /// No number of a register.
    #[error(
        "{what} is no number of a register: write it with its digits, and besides letters and blanks with - . , / : # ( ) only"
    )]
    Number {
        /// The text in words.
        what: &'static str,
    },
}

/// What a text must hold to be one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Anything that is seen.
    Visible,
    /// Anything that is seen, and nothing that mail programs turn into a link.
    Unlinked,
    /// At least one letter or digit; no link and no mail address.
    Readable,
    /// At least one letter; no link and no mail address.
    Name,
    /// A phone number.
    Phone,
    /// A number of a register: at least one digit; no link and no mail address.
    Number,
}

/// The rules for one kind of text.
pub(super) struct Policy {
    /// The text in words, for errors.
    pub(super) what: &'static str,
    /// The most characters, after cleaning.
    pub(super) max: usize,
    /// The most lines; at 1, any line break is refused.
    pub(super) lines: usize,
    /// What it must hold.
    pub(super) content: Content,
}

/// How a character is treated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Seen, and kept.
    Plain,
    /// Seen as a blank.
    Blank,
    /// Ends a line.
    Break,
    /// U+200C and U+200D, which belong between letters of some scripts and inside emoji.
    Joiner,
    /// Not taken.
    Refused,
}

/// The class of a character.
pub(super) fn class(c: char) -> Class {
    match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Break,
        // Hangul fillers and the empty Braille cell are letters and symbols by category, and blanks to the eye.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' => Class::Blank,
        '\u{200c}' | '\u{200d}' => Class::Joiner,
        // Two controls that count as blanks elsewhere, marks that show nothing, and what is left where a text was decoded
        // with the wrong character set.
        '\u{b}' | '\u{c}' | '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{fffd}' => Class::Refused,
        _ if c.is_whitespace() => Class::Blank,
        _ => match c.general_category() {
            GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned => Class::Refused,
            _ => Class::Plain,
        },
    }
}

/// Whether a character is a mark that sits on the one before it.
pub(super) fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Whether a joiner may stand beside this character: never beside ASCII, where it only hides.
fn takes_joiner(c: char) -> bool {
    !c.is_ascii()
        && class(c) == Class::Plain
        && matches!(
            c.general_category_group(),
            GeneralCategoryGroup::Letter
                | GeneralCategoryGroup::Mark
                | GeneralCategoryGroup::Symbol
        )
}

/// The cleaned form of `given`. Cleaning a cleaned text changes nothing.
///
/// # Errors
/// What the policy refuses.
pub(super) fn clean(given: &str, policy: &Policy) -> Result<String, TextError> {
    let &Policy {
        what, max, lines, ..
    } = policy;
    if given.len() > max * BYTES_A_CHARACTER {
        return Err(TextError::TooLong { what, max });
    }
    let mut text = String::with_capacity(given.len());
    // A blank is written only when something follows it on its line.
    let mut blank = false;
    let mut marks = Marks::default();
    let mut chars = given.nfc().peekable();
    while let Some(c) = chars.next() {
        let starts_line = text.is_empty() || text.ends_with('\n');
        if marks.with(c) > MOST_MARKS {
            return Err(TextError::Marks { what });
        }
        match class(c) {
            Class::Blank => blank = true,
            Class::Break if lines == 1 => return Err(TextError::LineBreak { what }),
            Class::Break => {
                blank = false;
                let first_of_two = c == '\r' && chars.peek() == Some(&'\n');
                if !text.is_empty() && !first_of_two {
                    text.push('\n');
                }
            }
            Class::Joiner
                if !blank
                    && text.chars().next_back().is_some_and(takes_joiner)
                    && chars.peek().copied().is_some_and(takes_joiner) =>
            {
                text.push(c);
            }
            // A mark at the start would sit on whatever stands before the text on a page.
            Class::Plain if !(starts_line && is_mark(c)) => {
                if blank && !starts_line {
                    text.push(' ');
                }
                blank = false;
                text.push(c);
            }
            Class::Plain | Class::Joiner | Class::Refused => {
                return Err(TextError::Character { what, character: c });
            }
        }
    }
    text.truncate(text.trim_end_matches('\n').len());
    check(&text, policy)?;
    Ok(text)
}

/// Counts the marks on the character at hand. A joiner among them is no new character.
#[derive(Default)]
struct Marks(usize);

impl Marks {
    fn with(&mut self, c: char) -> usize {
        if is_mark(c) {
            self.0 += 1;
        } else if class(c) != Class::Joiner {
            self.0 = 0;
        }
        self.0
    }
}

/// What can be seen of a text that is not ours to refuse, such as what a server said, or one that was refused and is shown
/// to its writer again: at most `max` characters in `lines` lines. Blanks of every kind become a space; what cannot be seen,
/// and marks that pile up, are left out.
pub fn visible(given: &str, max: usize, lines: usize) -> String {
    let mut text = String::new();
    let mut breaks = 0;
    let mut before = ' ';
    let mut marks = Marks::default();
    for c in given.nfc().take(max) {
        if marks.with(c) > MOST_MARKS {
            continue;
        }
        match class(c) {
            Class::Break if before == '\r' && c == '\n' => {}
            Class::Break if breaks + 1 < lines => {
                breaks += 1;
                text.push('\n');
            }
            Class::Blank | Class::Break => text.push(' '),
            Class::Joiner if !takes_joiner(before) => {}
            Class::Plain | Class::Joiner => text.push(c),
            Class::Refused => {}
        }
        before = c;
    }
    text
}

fn check(text: &str, policy: &Policy) -> Result<(), TextError> {
    let &Policy {
        what, max, lines, ..
    } = policy;
    if text.is_empty() {
        return Err(TextError::Empty { what });
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { what, max });
    }
    if text.split('\n').count() > lines {
        return Err(TextError::TooManyLines { what, max: lines });
    }
    match policy.content {
        Content::Unlinked => match text.split('\n').position(is_linkable) {
            Some(before) => Err(TextError::Link {
                what,
                line: before + 1,
            }),
            None => Ok(()),
        },
        Content::Readable if !text.contains(char::is_alphanumeric) => {
            Err(TextError::Unreadable { what })
        }
        Content::Name if !text.contains(char::is_alphabetic) => Err(TextError::Unreadable { what }),
        Content::Readable | Content::Name | Content::Number if is_link(text) => {
            Err(TextError::NotAName { what })
        }
        Content::Phone
            if text.contains(|c: char| {
                !(c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | ' '))
            }) || text.bytes().filter(u8::is_ascii_digit).count() < 5
                || is_ip(text) =>
        {
            Err(TextError::Phone { what })
        }
        Content::Number
            if !text.contains(char::is_numeric)
                || text.contains(|c: char| {
                    !(c.is_alphanumeric() || is_mark(c) || " -.,/:#()№°".contains(c))
                }) =>
        {
            Err(TextError::Number { what })
        }
        Content::Visible | Content::Readable | Content::Name | Content::Phone | Content::Number => {
            Ok(())
        }
    }
}

/// Newtypes over cleaned text. `Debug` shows the length alone, and there is no `Display`: these are people's words and
/// data, and must not slip into a log.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $policy:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            const POLICY: $crate::domain::text::Policy = $policy;

            /// The most characters.
            pub const MAX: usize = Self::POLICY.max;

            /// The cleaned text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::text::TextError;

            fn from_str(given: &str) -> Result<Self, Self::Err> {
                $crate::domain::text::clean(given, &Self::POLICY).map(Self)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({} characters)"), self.0.chars().count())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        $crate::domain::words::deserialize_text!($name);
    )+};
}

pub(super) use texts;

texts! {
    /// What a partner adds to an invitation: plain text of at most 500 characters and 10 lines, without links.
    Note = Policy { what: "the note", max: 500, lines: 10, content: Content::Unlinked };
    /// The name of a company, an organization or a school, of at most 200 characters; ㈜, (주) and 주식회사 stay as given.
    CompanyName = Policy { what: "the company name", max: 200, lines: 1, content: Content::Readable };
    /// A company's postal address on one line, of at most 200 characters.
    PostalAddress = Policy { what: "the postal address", max: 200, lines: 1, content: Content::Readable };
    /// A company's number in a register, of at most 80 characters: 110-81-00000, `HRB 12345 B`.
    RegistrationNumber = Policy { what: "the registration number", max: 80, lines: 1, content: Content::Number };
    /// Why a customer declined, in the customer's words: at most 1,000 characters and 30 lines. It may hold links, which
    /// are shown as text.
    Reason = Policy { what: "the reason", max: 1000, lines: 30, content: Content::Visible };
    /// A partner's own reference for an invitation, of at most 100 characters.
    Reference = Policy { what: "the reference", max: 100, lines: 1, content: Content::Visible };
    /// What a partner calls a key or an endpoint of its interface, of at most 80 characters.
    Label = Policy { what: "the name", max: 80, lines: 1, content: Content::Visible };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_shown_again_holds_nothing_unseen() {
        assert_eq!(visible("홍\r\nBcc: \u{202e}x\u{0}", 100, 1), "홍 Bcc: x");
        assert_eq!(visible("a\r\nb\nc\rd", 100, 3), "a\nb\nc d");
        assert_eq!(visible("\u{3164}\u{200b}\u{200d}홍", 100, 1), " 홍");
        assert_eq!(visible("क्\u{200d}ष", 100, 1), "क्\u{200d}ष");
        assert_eq!(visible(&"가".repeat(10_000), 100, 1).chars().count(), 100);
    }

    fn note(text: &str) -> Result<String, TextError> {
        text.parse::<Note>().map(|note| note.as_str().to_owned())
    }

    #[test]
    fn a_note_keeps_its_lines_and_loses_outer_and_doubled_blanks() {
        assert_eq!(
            note(" \r\n 안녕하세요\u{3000}  김 님,\r\n\r\n확인\t부탁드립니다. \r끝\u{2028}\n")
                .unwrap(),
            "안녕하세요 김 님,\n\n확인 부탁드립니다.\n끝"
        );
    }

    #[test]
    fn text_is_composed() {
        let decomposed: String = "한빛테크".nfd().collect();
        assert_eq!(
            decomposed.parse::<CompanyName>().unwrap().as_str(),
            "한빛테크"
        );
        for company in ["㈜한빛테크", "(주)한빛테크", "주식회사 한빛테크", "3M"] {
            assert_eq!(company.parse::<CompanyName>().unwrap().as_str(), company);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused_and_named() {
        for hidden in [
            '\0',
            '\u{7}',
            '\u{b}',
            '\u{7f}',
            '\u{ad}',
            '\u{200b}',
            '\u{200e}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{e0041}',
            '\u{e000}',
            '\u{fffd}',
            '\u{ffff}',
            '\u{34f}',
        ] {
            let expected = TextError::Character {
                what: "the reference",
                character: hidden,
            };
            assert_eq!(
                format!("a{hidden}b").parse::<Reference>().unwrap_err(),
                expected,
                "{hidden:?}"
            );
        }
        assert_eq!(
            "a\u{202e}b".parse::<CompanyName>().unwrap_err().to_string(),
            "the company name holds the character U+202E, which cannot be seen or cannot be shown: remove it"
        );
        assert!("a\nb".parse::<Reference>().is_err());
        assert!("\u{301}a".parse::<Reference>().is_err());
    }

    #[test]
    fn joiners_stay_where_scripts_need_them_and_nowhere_else() {
        for good in ["می\u{200c}خواهم", "क\u{94d}\u{200d}ष", "👩\u{200d}💻 팀"] {
            assert_eq!(note(good).unwrap(), good);
        }
        for bad in ["ev\u{200d}il", "\u{200d}한", "한\u{200c}", "한 \u{200d}국"] {
            assert!(
                matches!(note(bad), Err(TextError::Character { .. })),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn fillers_are_blanks() {
        assert_eq!(
            "\u{3164}\u{ffa0} \u{2800}"
                .parse::<Reference>()
                .unwrap_err(),
            TextError::Empty {
                what: "the reference"
            }
        );
        assert_eq!(
            "홍\u{3164}길동".parse::<Reference>().unwrap().as_str(),
            "홍 길동"
        );
        assert!("㈜".parse::<CompanyName>().is_err());
    }

    #[test]
    fn marks_of_languages_stay_and_piles_are_refused() {
        for name in [
            "Nguyễn Thị Ằng",
            "שָׁלוֹם בְּרֵאשִׁ֖ית",
            "บริษัท น้ำดื่ม จำกัด",
            "श्री कृष्ण क्षेत्र प्रा. लि.",
            "مُحَمَّدٌ ٱلرَّحْمَٰن",
            "လျှို့ဝှက်",
            "བསྒྲུབས་",
            "👩\u{200d}❤\u{fe0f}\u{200d}👨 A",
        ] {
            let given: String = name.nfc().collect();
            assert_eq!(given.parse::<CompanyName>().unwrap().as_str(), given);
            let decomposed: String = name.nfd().collect();
            assert_eq!(decomposed.parse::<CompanyName>().unwrap().as_str(), given);
        }
        let piled = |marks: usize| format!("a{}b", "\u{334}".repeat(marks));
        assert!(piled(MOST_MARKS).parse::<Reference>().is_ok());
        assert_eq!(
            piled(MOST_MARKS + 1)
                .parse::<Reference>()
                .unwrap_err()
                .to_string(),
            "the reference piles more than 5 accents or vowel signs on one letter: take out those that no word has"
        );
        let joined = format!("क{}", "\u{951}\u{200d}".repeat(6)) + "क";
        assert_eq!(
            joined.parse::<CompanyName>().unwrap_err(),
            TextError::Marks {
                what: "the company name"
            }
        );
        assert_eq!(visible(&piled(90), 200, 1), piled(MOST_MARKS));
    }

    #[test]
    fn a_company_is_called_after_its_domain_and_carries_no_link() {
        for name in [
            "Booking.com",
            "T.E.S.T. Ltd",
            "주식회사 네이버.컴",
            "Amazon.com Inc.",
            "Node.js Foundation",
        ] {
            assert_eq!(name.parse::<CompanyName>().unwrap().as_str(), name);
        }
        for name in ["Login bit.ly/x", "www.evil.example", "http://evil"] {
            assert_eq!(
                name.parse::<CompanyName>().unwrap_err().to_string(),
                "the company name holds a link or a mail address: take it out; a name with a dot in it, as Booking.com, may stay"
            );
            assert!(name.parse::<PostalAddress>().is_err(), "{name}");
        }
    }

    #[test]
    fn numbers_of_registers_are_taken_as_written() {
        for number in [
            "110-81-00000",
            "HRB 12345 B (Berlin)",
            "CHE-123.456.789 MWST",
            "법인등록번호: 110111-0000001",
            "№ 7701",
        ] {
            assert_eq!(
                number.parse::<RegistrationNumber>().unwrap().as_str(),
                number
            );
        }
        for number in ["none", "1 <b>", "evil.example/1", "1\r\n2", "1\u{202e}2"] {
            assert!(number.parse::<RegistrationNumber>().is_err(), "{number}");
        }
        assert!("1".repeat(81).parse::<RegistrationNumber>().is_err());
    }

    #[test]
    fn limits_are_in_characters_and_lines() {
        assert!(note(&"가".repeat(500)).is_ok());
        assert_eq!(
            note(&"가".repeat(501)).unwrap_err().to_string(),
            "the note is longer than 500 characters: shorten it"
        );
        assert!(note(&["a"; 10].join("\n")).is_ok());
        assert!(matches!(
            note(&["a"; 11].join("\n")),
            Err(TextError::TooManyLines { max: 10, .. })
        ));
        let huge = " ".repeat(10_000_000);
        assert!(matches!(note(&huge), Err(TextError::TooLong { .. })));
    }

    #[test]
    fn a_note_holds_no_link_and_a_reason_may() {
        assert!(matches!(
            note("확인 바랍니다.\nevil.com/login"),
            Err(TextError::Link { line: 2, .. })
        ));
        assert_eq!(
            "see https://example.com"
                .parse::<Reason>()
                .unwrap()
                .as_str(),
            "see https://example.com"
        );
    }

    #[test]
    fn the_text_itself_is_kept_out_of_debug_output() {
        let company: CompanyName = "한빛테크".parse().unwrap();
        assert_eq!(format!("{company:?}"), "CompanyName(4 characters)");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(given in r"[\PC \r\n\t\u{200d}\u{3164}\u{300}-\u{310}가-각\u{1100}-\u{11ff}]{0,60}") {
            for policy in [&Note::POLICY, &Reason::POLICY, &Reference::POLICY] {
                if let Ok(once) = clean(&given, policy) {
                    prop_assert_eq!(clean(&once, policy), Ok(once.clone()));
                    let hidden = once.contains(['\r', '\0', '\u{202e}']);
                    prop_assert!(!hidden);
                    let json = serde_json::to_string(&once).unwrap();
                    let read: Reason = serde_json::from_str(&json).unwrap();
                    prop_assert_eq!(read.as_str(), once);
                }
            }
        }

        #[test]
        fn one_line_stays_one_line(
            given in any::<String>(),
            at in any::<prop::sample::Index>(),
            hidden in prop::sample::select(vec![
                '\r', '\n', '\0', '\u{85}', '\u{2028}', '\u{202a}', '\u{2067}', '\u{200f}', '\u{61c}',
            ]),
        ) {
            let mut text: Vec<char> = given.chars().collect();
            text.insert(at.index(text.len() + 1), hidden);
            prop_assert!(text.iter().collect::<String>().parse::<Reference>().is_err());
        }
    }
}
