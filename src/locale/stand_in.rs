//! Stands in for `domain::language` and `domain::span` until those are merged.

use std::fmt;
use std::str::FromStr;

/// A BCP 47 tag.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Language(String);

impl Language {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Language {
    type Err = std::convert::Infallible;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Ok(Self(tag.to_owned()))
    }
}

/// ISO 8601, P1D to P2Y.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantDuration(String);

impl FromStr for GrantDuration {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for GrantDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
