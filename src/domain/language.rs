//! Languages, and the one place where it is decided which of them a person reads.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use unic_langid::LanguageIdentifier;

use super::words::serde_text;

/// A language tag (BCP 47 without extensions) in canonical form: `ko`, `en-GB`, `zh-Hant-TW`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(LanguageIdentifier);

/// The languages that Countersign itself can write, handed to a macro: the one list of them. English, the end of every chain,
/// is the first. The messages of each stand in `templates/locales/<tag>.ftl`.
macro_rules! languages {
    ($with:ident) => {
        $with! { "en", "ko" }
    };
}
pub(crate) use languages;

macro_rules! known {
    ($($tag:literal),*) => { vec![$(Language::known($tag)),*] };
}

/// The languages that Countersign itself can write, best known first.
pub static AVAILABLE: LazyLock<Vec<Language>> = LazyLock::new(|| languages!(known));

/// RFC 5646 §4.4.1 asks for room for 35 characters; nothing longer is a language that anybody reads.
const LONGEST: usize = 35;

/// A browser sends a handful of languages; what is longer is not read to its end.
const LONGEST_HEADER: usize = 1_000;

/// A text that is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the language is no language tag (BCP 47): write for example ko, en or en-GB")]
pub struct LanguageError;

impl Language {
    /// Korean.
    pub fn ko() -> Self {
        Self::known("ko")
    }

    /// English, the end of every chain.
    pub fn en() -> Self {
        Self::known("en")
    }

    fn known(tag: &str) -> Self {
        Self(tag.parse().expect("a constant is a language tag"))
    }

    /// The language alone, without script, region and variants: `zh` of `zh-Hant-TW`.
    pub fn primary(&self) -> &str {
        self.0.language.as_str()
    }

    /// Whether names are written with the family's first.
    pub fn puts_family_first(&self) -> bool {
        matches!(self.primary(), "ko" | "ja" | "zh" | "hu" | "vi")
    }

    /// This language, then itself with ever fewer subtags from the end (RFC 4647 §3.4).
    fn ancestry(&self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self.clone()), |longer| {
            let mut id = longer.0.clone();
            if id.variants().len() > 0 {
                id.clear_variants();
            } else if id.region.take().is_none() {
                id.script.take()?;
            }
            Some(Self(id))
        })
    }
}

impl AsRef<LanguageIdentifier> for Language {
    fn as_ref(&self) -> &LanguageIdentifier {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > LONGEST {
            return Err(LanguageError);
        }
        match text.parse::<LanguageIdentifier>() {
            Ok(id) if !id.language.is_empty() => Ok(Self(id)),
            _ => Err(LanguageError),
        }
    }
}

serde_text!(Language);

/// The languages to look a sentence up in, best first: each of `requested` with what it falls back to, then English.
///
/// `chain(&[&ko_kr, &partners])` is `ko-KR → ko → the partner's → en`. No language stands in it twice.
pub fn chain(requested: &[&Language]) -> Vec<Language> {
    let mut chain = Vec::new();
    let all = requested.iter().flat_map(|language| language.ancestry());
    for language in all.chain([Language::en()]) {
        if !chain.contains(&language) {
            chain.push(language);
        }
    }
    chain
}

/// The first of [`AVAILABLE`] that serves a browser's `Accept-Language` (RFC 9110 §12.5.4), by weight and then by order.
///
/// Nothing where the header asks for none of them or cannot be read; `*` is no wish.
pub fn negotiate_accept_language(header: &str) -> Option<Language> {
    // fluent-langneg's own parser ignores the weights.
    let end = header.floor_char_boundary(LONGEST_HEADER);
    let mut wishes: Vec<(f32, Language)> = header[..end]
        .split(',')
        .filter_map(|part| {
            let mut pieces = part.split(';').map(str::trim);
            let language = without_extensions(pieces.next()?).parse().ok()?;
            let weight = pieces
                .find_map(|piece| piece.strip_prefix("q=").or(piece.strip_prefix("Q=")))
                .map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
            (weight > 0.0 && weight <= 1.0).then_some((weight, language))
        })
        .collect();
    wishes.sort_by(|left, right| right.0.total_cmp(&left.0));
    let wishes: Vec<Language> = wishes.into_iter().map(|(_, language)| language).collect();
    negotiate_languages(&wishes, &AVAILABLE, None, NegotiationStrategy::Lookup)
        .first()
        .map(|&language| language.clone())
}

/// The tag up to its first singleton subtag: `en-US-u-ca-buddhist` asks for `en-US`.
fn without_extensions(tag: &str) -> &str {
    let mut end = 0;
    for subtag in tag.split('-') {
        if subtag.len() == 1 {
            break;
        }
        end += subtag.len() + 1;
    }
    tag.get(..end.saturating_sub(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn language(tag: &str) -> Language {
        tag.parse().unwrap()
    }

    #[test]
    fn tags_are_canonical() {
        for (given, canonical) in [
            ("KO", "ko"),
            ("ko_kr", "ko-KR"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("de-1996", "de-1996"),
        ] {
            assert_eq!(language(given).to_string(), canonical);
        }
        for given in [
            "",
            "k",
            "und",
            "한국어",
            "ko-",
            "ko-KR-u-nu-latn",
            "*",
            &"a".repeat(100),
        ] {
            assert_eq!(given.parse::<Language>(), Err(LanguageError), "{given}");
        }
    }

    #[test]
    fn the_chain_ends_in_english_and_repeats_nothing() {
        let of = |tags: &[&str]| -> String {
            let languages: Vec<Language> = tags.iter().map(|tag| language(tag)).collect();
            let chain = chain(&languages.iter().collect::<Vec<_>>());
            chain
                .iter()
                .map(Language::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(of(&[]), "en");
        assert_eq!(of(&["ko-KR", "ko"]), "ko-KR ko en");
        assert_eq!(of(&["en-GB", "ko"]), "en-GB en ko");
        assert_eq!(
            of(&["zh-Hant-TW", "ko-KR"]),
            "zh-Hant-TW zh-Hant zh ko-KR ko en"
        );
        assert_eq!(of(&["de-DE-1996"]), "de-DE-1996 de-DE de en");
    }

    #[test]
    fn a_browsers_wish_is_read_by_weight() {
        for (header, expected) in [
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Some("ko")),
            ("en;q=0.1, ko;q=0.9", Some("ko")),
            ("en-GB", Some("en")),
            ("fr-FR, fr;q=0.9, ko ; q=0.3", Some("ko")),
            ("ko;q=0, en;q=0.1", Some("en")),
            ("en-US-u-ca-buddhist;q=0.9, ko;q=0.8", Some("en")),
            ("fr, *;q=0.5", None),
            ("*", None),
            ("", None),
            ("ko;q=NaN", None),
            (";;;,,,q=", None),
        ] {
            let found = negotiate_accept_language(header).map(|language| language.to_string());
            assert_eq!(found.as_deref(), expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header in any::<String>()) {
            negotiate_accept_language(&header);
        }

        #[test]
        fn a_tag_reads_back(tag in "[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?(-[a-z]{5,8})?") {
            if let Ok(language) = tag.parse::<Language>() {
                prop_assert_eq!(language.to_string().parse::<Language>().unwrap(), language);
            }
        }
    }

    #[test]
    fn a_long_header_is_cut_inside_no_character() {
        let header = format!("{}ko", "한,".repeat(400));
        assert_eq!(negotiate_accept_language(&header), None);
    }
}
