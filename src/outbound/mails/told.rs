//! What others wrote, as a mail tells it.

use std::fmt;

use crate::domain::linkable::unlinked;

/// Words of a partner or a customer, in which no mail program finds a link ([`unlinked`]). Facts hold names in no other form,
/// so that no template can forget it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told(String);

impl Told {
    /// The words, with word joiners (U+2060) where a link could be found.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Told {
    fn from(words: &str) -> Self {
        Self(unlinked(words))
    }
}

impl From<&String> for Told {
    fn from(words: &String) -> Self {
        words.as_str().into()
    }
}

impl From<String> for Told {
    fn from(words: String) -> Self {
        words.as_str().into()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
