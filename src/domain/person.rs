//! People's names and phone numbers.
//!
//! An invitation carries one full name, as the partner knows it. Only the signer splits it into family and given name,
//! because Microsoft's record of an agreement wants both.

use super::language::Language;
use super::text::{Content, Policy, texts};

texts! {
    /// A full name in one piece, of at most 200 characters, with at least one letter.
    PersonName = Policy { what: "the name", max: 200, lines: 1, content: Content::Name };
    /// A family name, of at most 100 characters.
    FamilyName = Policy { what: "the family name", max: 100, lines: 1, content: Content::Name };
    /// A given name, of at most 100 characters.
    GivenName = Policy { what: "the given name", max: 100, lines: 1, content: Content::Name };
    /// A phone number as people write it: at most 40 characters, digits, blanks and `+ - ( ) .`, at least 5 digits.
    Phone = Policy { what: "the phone number", max: 40, lines: 1, content: Content::Phone };
}

/// The names that a signer typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerName {
    /// The family name.
    pub family: FamilyName,
    /// The given name.
    pub given: GivenName,
}

impl SignerName {
    /// The full name in the order of its script and language: names in Hangul, Han or kana are joined with the family
    /// name first ("홍길동"); others follow the language, mostly with the given name first ("Gildong Hong").
    pub fn full(&self, language: &Language) -> String {
        let (family, given) = (self.family.as_str(), self.given.as_str());
        if is_east_asian(family) && is_east_asian(given) {
            format!("{family}{given}")
        } else if matches!(language.primary(), "hu" | "vi") {
            format!("{family} {given}")
        } else {
            format!("{given} {family}")
        }
    }
}

/// Whether every letter is Hangul, Han or kana.
fn is_east_asian(name: &str) -> bool {
    name.chars().filter(|c| c.is_alphabetic()).all(|c| {
        matches!(c,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' // Hangul
            | '\u{3005}' | '\u{3040}'..='\u{30ff}' // kana
            | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' // Han
            | '\u{20000}'..='\u{3ffff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::TextError;
    use proptest::prelude::*;

    fn signer(family: &str, given: &str) -> SignerName {
        SignerName {
            family: family.parse().unwrap(),
            given: given.parse().unwrap(),
        }
    }

    #[test]
    fn korean_names_are_joined_and_others_are_not() {
        let (ko, en) = (Language::ko(), Language::en());
        assert_eq!(signer("홍", "길동").full(&ko), "홍길동");
        assert_eq!(signer("홍", "길동").full(&en), "홍길동");
        assert_eq!(signer("Hong", "Gildong").full(&ko), "Gildong Hong");
        assert_eq!(signer("Kim", "민수").full(&ko), "민수 Kim");
        assert_eq!(signer("山田", "花子").full(&en), "山田花子");
        assert_eq!(
            signer("Nagy", "Éva").full(&"hu".parse().unwrap()),
            "Nagy Éva"
        );
    }

    #[test]
    fn names_of_all_kinds_are_taken() {
        for name in [
            "홍길동",
            "O’Brien-Smith, Jr.",
            "Nguyễn Văn A",
            "محمد",
            "Ægir Þór",
            "J. R. R. Tolkien",
            "X Æ A-12",
        ] {
            assert_eq!(name.parse::<PersonName>().unwrap().as_str(), name);
        }
        assert_eq!(
            "  홍 \t 길동 ".parse::<PersonName>().unwrap().as_str(),
            "홍 길동"
        );
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_reason() {
        for (name, reason) in [
            (
                "",
                "the name is empty: write it, or leave it out where it is optional",
            ),
            (
                "\u{3164}\u{3164}",
                "the name is empty: write it, or leave it out where it is optional",
            ),
            (
                "12-34",
                "the name holds nothing that can be read: write it in letters",
            ),
            (
                "Kim\r\nBcc: x",
                "the name holds a line break: write it on one line",
            ),
            (
                "홍길동 bit.ly/x",
                "the name holds a link or a mail address: take it out; a name with a dot in it, as Booking.com, may stay",
            ),
            (
                "kim@example.com",
                "the name holds a link or a mail address: take it out; a name with a dot in it, as Booking.com, may stay",
            ),
        ] {
            assert_eq!(name.parse::<PersonName>().unwrap_err().to_string(), reason);
        }
        assert!(matches!(
            "가".repeat(10_000).parse::<PersonName>(),
            Err(TextError::TooLong { max: 200, .. })
        ));
        let error = "1".parse::<FamilyName>().unwrap_err().to_string();
        assert!(error.starts_with("the family name "), "{error}");
    }

    #[test]
    fn phone_numbers_are_taken_as_written() {
        for phone in ["02-123-4567", "+82 (0)2 123 4567", "119.119"] {
            assert_eq!(phone.parse::<Phone>().unwrap().as_str(), phone);
        }
        for phone in [
            "1234",
            "call me",
            "02-123-4567 ext. 5",
            "０２-１２３-４５６７",
            "+1+2",
            "192.168.0.1",
        ] {
            assert!(phone.parse::<Phone>().is_err(), "{phone}");
        }
        assert!("1".repeat(41).parse::<Phone>().is_err());
    }

    #[test]
    fn a_signer_reads_back_from_json_and_is_checked() {
        let name = signer("홍", "길동");
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(json, r#"{"family":"홍","given":"길동"}"#);
        assert_eq!(serde_json::from_str::<SignerName>(&json).unwrap(), name);
        assert!(serde_json::from_str::<SignerName>(r#"{"family":"\n","given":"x"}"#).is_err());
        assert!(!format!("{name:?}").contains('홍'));
    }

    proptest! {
        #[test]
        fn a_name_carries_nothing_into_a_header(given in r"[\PC \r\n\t\x00\u{202e}\u{200f}\u{2066}]{0,30}") {
            if let Ok(name) = given.parse::<PersonName>() {
                let hidden = name.as_str().contains(|c: char| {
                    c.is_control()
                        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}' | '\u{2029}'
                            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                });
                prop_assert!(!hidden);
                prop_assert_eq!(name.as_str().parse::<PersonName>().unwrap(), name.clone());
            }
        }
    }
}
