//! The token of every link: it proves that a link is ours, and names the row that decides about it.
//!
//! The layout is that of docs/token-v1.json: 64 bytes, written as 86 characters of unpadded base64url. A token is never stored:
//! it is computed again from the row and the key ring whenever a mail is rendered, so that a retry carries the same link and a
//! leaked database opens none. A refusal costs no database access, and all refusals of a forged one look the same.

mod derived;
mod layout;
mod return_path;

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::keys::KeyRing;
use super::time::Timestamp;

use derived::DerivedKeys;
pub use layout::{Fields, Malformed, inspect};
pub use return_path::{MailTags, Tag};

/// What a link is good for. Each purpose has a MAC key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// The acceptance page; the subject is the recipient row.
    Accept = 1,
    /// Managing a relationship: seeing it, and reducing it; the subject is the recipient row.
    Manage = 2,
    /// Stopping the reminders of an invitation, also in one click (RFC 8058).
    StopReminders = 3,
    /// Where bounces go; written by [`MailTags`].
    ReturnPath = 4,
    /// The receipt of an acceptance.
    Receipt = 5,
    /// Reading without the power to answer.
    View = 6,
    /// The list of all partners of a mailbox; the subject is the contact row.
    List = 7,
}

impl Purpose {
    /// All purposes, in the order of their numbers, which start at 1.
    pub const ALL: [Self; 7] = [
        Self::Accept,
        Self::Manage,
        Self::StopReminders,
        Self::ReturnPath,
        Self::Receipt,
        Self::View,
        Self::List,
    ];

    /// The byte in the token.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Its place in [`Purpose::ALL`].
    const fn place(self) -> usize {
        self as usize - 1
    }

    /// The purpose with that number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1..=7 => Some(Self::ALL[number as usize - 1]),
            _ => None,
        }
    }

    /// The name in the derivation of the key and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Manage => "manage",
            Self::StopReminders => "stop",
            Self::ReturnPath => "return",
            Self::Receipt => "receipt",
            Self::View => "view",
            Self::List => "list",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such purpose: use accept, manage, stop, return, receipt, view or list")]
pub struct UnknownPurpose;

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.name() == text)
            .ok_or(UnknownPurpose)
    }
}

/// What a token says. That it is genuine does not mean that it is still good: the row decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// What the link is good for.
    pub purpose: Purpose,
    /// The key of the ring that signs it: for a new row [`Tokens::current_key`], afterwards the one that the row keeps.
    pub key_id: u16,
    /// The row that the link is about: the recipient's; for [`Purpose::List`] the contact's.
    pub subject: Uuid,
    /// Raised by a resend, which ends older links.
    pub generation: u32,
    /// The first second, since 1970 in UTC, in which the link no longer works.
    pub expires_at: u64,
}

impl Claims {
    /// Whether the link has run out at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        u64::try_from(now.as_seconds()).unwrap_or(0) >= self.expires_at
    }
}

/// The 86 characters of a token: whoever has them has what the link can do.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The characters, for the path of a link.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Malformed, forged, of another purpose or installation, or of a key that is unknown or retired: nothing more is told.
    #[error("the link is not valid")]
    Invalid,
    /// Genuine, and past its end; what it says may be relied on to show which page.
    #[error("the link has expired")]
    Expired(Claims),
}

/// A key id for which the ring holds no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "token key {0} is not in the key ring, or is retired: restore the key file that holds it, or send the invitation again"
)]
pub struct UnknownKey(pub u16);

/// Mints and verifies tokens: all keys of the ring, derived for each purpose at one audience.
///
/// The audience is the installation's own text, fixed in its database: the public URL may change without ending links.
/// A running process takes in a changed ring by [`Tokens::reload`].
#[derive(Debug)]
pub struct Tokens(DerivedKeys<{ Purpose::ALL.len() }>);

impl Tokens {
    /// Derives the MAC keys: two HKDF steps for each key and purpose, once.
    pub fn new(ring: &KeyRing, audience: &str) -> Self {
        let names = Purpose::ALL.map(Purpose::name);
        Self(DerivedKeys::new(ring, audience.to_owned(), names))
    }

    /// Takes in a ring that was changed: new keys verify and mint from now on, retired ones no longer.
    pub fn reload(&self, ring: &KeyRing) {
        self.0.reload(ring);
    }

    /// The id of the key that new rows get.
    pub fn current_key(&self) -> u16 {
        self.0.read().current
    }

    /// The token of these claims; the same claims and ring give the same token.
    ///
    /// # Errors
    /// When the ring has no key `claims.key_id`.
    pub fn mint(&self, claims: &Claims) -> Result<Token, UnknownKey> {
        let keys = self.0.read();
        let key = keys
            .get(claims.key_id, claims.purpose.place())
            .ok_or(UnknownKey(claims.key_id))?;
        let body = layout::body(claims);
        Ok(Token(layout::encode(&body, &key.tag(&body))))
    }

    /// The claims of `text`, when it is a genuine token of this installation for this purpose that has not run out.
    ///
    /// Length, alphabet and spare bits come first, then the MAC (compared in constant time), then the end.
    ///
    /// # Errors
    /// [`Refusal::Expired`] for a genuine token past its end, [`Refusal::Invalid`] for everything else.
    pub fn verify(&self, text: &str, purpose: Purpose, now: Timestamp) -> Result<Claims, Refusal> {
        match self.authenticate(text) {
            Some(claims) if claims.purpose != purpose => Err(Refusal::Invalid),
            Some(claims) if claims.is_expired(now) => Err(Refusal::Expired(claims)),
            Some(claims) => Ok(claims),
            None => Err(Refusal::Invalid),
        }
    }

    /// The claims of `text` when it is a genuine token of this installation, of whatever purpose and age: for the command
    /// line. Pages use [`Self::verify`].
    pub fn authenticate(&self, text: &str) -> Option<Claims> {
        let bytes = layout::decode(text).ok()?;
        let (body, tag) = layout::split(&bytes);
        let claims = Fields::read(body).claims()?;
        let keys = self.0.read();
        let key = keys.get(claims.key_id, claims.purpose.place())?;
        key.verify(body, tag).then_some(claims)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
