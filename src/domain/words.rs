//! The text forms of small types: closed sets of words, and serde by `Display` and `FromStr`.
//!
//! A word that is stored or typed has one spelling for ever; a refusal of another one lists those that are known.

/// A word that is none of the known ones.
///
/// The given word is repeated only where it looks like a key: whatever else was typed may be an address or a secret, and
/// this text may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject} {what}: take one of {known}")]
pub struct UnknownWord {
    subject: String,
    what: &'static str,
    known: String,
}

impl UnknownWord {
    /// That `given` is no `what`, but that `known` are.
    pub(crate) fn new<'a>(
        what: &'static str,
        given: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let harmless = (1..=40).contains(&given.len())
            && given
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        Self {
            subject: if harmless {
                format!("`{given}` is no")
            } else {
                "unknown".to_owned()
            },
            what,
            known: known.into_iter().collect::<Vec<_>>().join(", "),
        }
    }
}

/// Serialises types as their `Display` and reads them back with `FromStr`, so that what is stored is checked when read.
macro_rules! serde_text {
    ($($name:ty),+ $(,)?) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        $crate::domain::words::deserialize_text!($name);
    )+};
}

/// Reads a type with its `FromStr`.
macro_rules! deserialize_text {
    ($name:ty) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// An enum whose variants are words: `ALL`, `as_str`, `Display`, `FromStr` and serde.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident, $what:literal {
            $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that is stored, typed and shown in JSON.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|word| word.as_str() == text)
                    .ok_or_else(|| {
                        let known = Self::ALL.iter().map(|word| word.as_str());
                        $crate::domain::words::UnknownWord::new($what, text, known)
                    })
            }
        }

        $crate::domain::words::serde_text!($name);
    };
}

pub(crate) use {deserialize_text, serde_text, words};

#[cfg(test)]
mod tests {
    use crate::domain::microsoft::Cloud;

    #[test]
    fn every_word_reads_back_as_text_and_as_json() {
        for &cloud in Cloud::ALL {
            assert_eq!(cloud.as_str().parse::<Cloud>().unwrap(), cloud);
            let json = serde_json::to_string(&cloud).unwrap();
            assert_eq!(json, format!("\"{cloud}\""));
            assert_eq!(serde_json::from_str::<Cloud>(&json).unwrap(), cloud);
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        assert_eq!(
            "blue".parse::<Cloud>().unwrap_err().to_string(),
            "`blue` is no cloud: take one of global, 21vianet, us_gov"
        );
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        for given in ["", "kim@example.com", "a\r\nb", &"x".repeat(41)] {
            assert_eq!(
                given.parse::<Cloud>().unwrap_err().to_string(),
                "unknown cloud: take one of global, 21vianet, us_gov"
            );
        }
    }
}
