//! Keys of the partner's interface: what one looks like, what it may do, and when it is good.
//!
//! A key is `cs_live_`, eight characters by which its row is found, `_`, and the secret: 43 of 62 characters, which is a little
//! more than 256 random bits. The fixed beginning lets anybody find a leaked one in a text. Only the SHA-256 of the whole is
//! stored: what is random needs no slow hash.

use std::fmt;
use std::str::FromStr;

use rand::RngExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::time::Timestamp;
use super::words::{UnknownWord, words};

/// What every key begins with.
pub const START: &str = "cs_live_";
const PREFIX_LENGTH: usize = 8;
const SECRET_LENGTH: usize = 43;
const LENGTH: usize = START.len() + PREFIX_LENGTH + 1 + SECRET_LENGTH;

/// Without what is mistaken for something else when it is read aloud.
const PREFIX_LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

words! {
    /// What a key may do. None of them includes another.
    Scope, "scope" {
        /// Look at what is the partner's.
        Read = "read",
        /// Make invitations, send them again, correct and revoke them.
        Invite = "invite",
        /// Change what was agreed upon, webhooks and addresses that take no mail.
        Manage = "manage",
    }
}

/// What a key may do: at least one [`Scope`], each once, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// Why a text names no scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopesError {
    /// None is named.
    #[error("a key needs a scope: name one or more of read, invite, manage, with commas between")]
    None,
    /// One is unknown.
    #[error(transparent)]
    Unknown(#[from] UnknownWord),
}

impl Scopes {
    /// These scopes.
    ///
    /// # Errors
    /// There is none.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, ScopesError> {
        let mut scopes: Vec<_> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(ScopesError::None);
        }
        Ok(Self(scopes))
    }

    /// Whether `scope` is one of them.
    pub fn allow(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Each of them.
    pub fn as_slice(&self) -> &[Scope] {
        &self.0
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{scope}")?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = ScopesError;

    fn from_str(text: &str) -> Result<Self, ScopesError> {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        let scopes: Result<Vec<Scope>, _> = words.map(str::parse).collect();
        Self::new(scopes?)
    }
}

impl serde::Serialize for Scopes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// SHA-256 of a whole key.
pub type KeyHash = [u8; 32];

/// A key as its partner sends it. It is shown once, when it is made, and never written.
#[derive(Clone)]
pub struct ApiKey(SecretString);

/// A text that is no key. It may be one that was cut short, so nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an API key: one begins with `cs_live_` and has {LENGTH} characters; `countersign api-key create` makes one"
)]
pub struct NoApiKey;

impl ApiKey {
    /// A new key.
    pub fn fresh(rng: &mut impl rand::Rng) -> Self {
        let mut text = START.to_owned();
        let mut draw = |letters: &[u8], count| {
            for _ in 0..count {
                text.push(char::from(letters[rng.random_range(..letters.len())]));
            }
            text.push('_');
        };
        draw(PREFIX_LETTERS, PREFIX_LENGTH);
        draw(SECRET_LETTERS, SECRET_LENGTH);
        text.pop();
        Self(text.into())
    }

    /// The characters by which its row is found: they are no secret.
    pub fn prefix(&self) -> &str {
        &self.0.expose_secret()[START.len()..START.len() + PREFIX_LENGTH]
    }

    /// What is stored of it.
    pub fn hash(&self) -> KeyHash {
        Sha256::digest(self.0.expose_secret().as_bytes()).into()
    }

    /// Whether `stored` is its hash; compared in constant time.
    pub fn has_hash(&self, stored: &[u8]) -> bool {
        self.hash().ct_eq(stored).into()
    }

    /// The key itself, to be shown once.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for ApiKey {
    type Err = NoApiKey;

    fn from_str(text: &str) -> Result<Self, NoApiKey> {
        let rest = text.strip_prefix(START).ok_or(NoApiKey)?.as_bytes();
        if text.len() != LENGTH || rest[PREFIX_LENGTH] != b'_' {
            return Err(NoApiKey);
        }
        let of = |bytes: &[u8], letters: &[u8]| bytes.iter().all(|byte| letters.contains(byte));
        if of(&rest[..PREFIX_LENGTH], PREFIX_LETTERS)
            && of(&rest[PREFIX_LENGTH + 1..], SECRET_LETTERS)
        {
            Ok(Self(text.into()))
        } else {
            Err(NoApiKey)
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({START}{}_…)", self.prefix())
    }
}

words! {
    /// Whether a key is good.
    KeyState, "state of a key" {
        /// It is.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

impl KeyState {
    /// The state at `now` of a key that is good until `expires_at` and was revoked at `revoked_at`, if it was.
    pub fn at(
        now: Timestamp,
        expires_at: Option<Timestamp>,
        revoked_at: Option<Timestamp>,
    ) -> Self {
        if revoked_at.is_some() {
            Self::Revoked
        } else if expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Active
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_fresh_key_reads_back_and_is_known_by_its_hash_alone() {
        let key = ApiKey::fresh(&mut rand::rng());
        let other = ApiKey::fresh(&mut rand::rng());
        let text = key.expose().to_owned();
        assert_eq!(text.len(), LENGTH);
        let read: ApiKey = text.parse().unwrap();
        assert_eq!(read.prefix(), key.prefix());
        assert!(read.has_hash(&key.hash()));
        assert!(!read.has_hash(&other.hash()) && !read.has_hash(&key.hash()[..31]));
        let shown = format!("{key:?}");
        assert!(shown.contains(key.prefix()) && !shown.contains(&text[LENGTH - 8..]));
    }

    #[test]
    fn the_secret_has_256_bits() {
        let bits = f64::from(u32::try_from(SECRET_LETTERS.len()).unwrap()).log2();
        assert!(bits * f64::from(u32::try_from(SECRET_LENGTH).unwrap()) > 256.0);
    }

    proptest! {
        #[test]
        fn what_differs_in_one_place_is_another_key_or_none(at in 0..LENGTH, byte in 0x20..0x7f_u8) {
            let key = ApiKey::fresh(&mut rand::rng());
            let mut text = key.expose().to_owned().into_bytes();
            prop_assume!(text[at] != byte);
            text[at] = byte;
            let text = String::from_utf8(text).unwrap();
            if let Ok(other) = text.parse::<ApiKey>() {
                prop_assert!(!other.has_hash(&key.hash()));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "(cs_live_)?[a-z0-9_가]{0,60}") {
            let _ = text.parse::<ApiKey>();
        }
    }

    #[test]
    fn scopes_stand_in_one_order_and_one_is_needed() {
        let scopes: Scopes = "manage, read,read".parse().unwrap();
        assert_eq!(scopes.to_string(), "read,manage");
        assert!(scopes.allow(Scope::Read) && !scopes.allow(Scope::Invite));
        assert_eq!(" , ".parse::<Scopes>(), Err(ScopesError::None));
        let unknown = "read,write".parse::<Scopes>().unwrap_err().to_string();
        assert_eq!(
            unknown,
            "`write` is no scope: take one of read, invite, manage"
        );
    }

    #[test]
    fn a_key_ends_with_its_time_and_a_revoked_one_stays_so() {
        let at = Timestamp::from_micros;
        assert_eq!(KeyState::at(at(5), None, None), KeyState::Active);
        assert_eq!(KeyState::at(at(5), Some(at(6)), None), KeyState::Active);
        assert_eq!(KeyState::at(at(6), Some(at(6)), None), KeyState::Expired);
        assert_eq!(
            KeyState::at(at(9), Some(at(6)), Some(at(7))),
            KeyState::Revoked
        );
    }
}
