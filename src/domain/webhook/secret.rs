//! Secrets and signatures of calls (Standard Webhooks 1.0, "Signature scheme", symmetric).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::CryptoRng;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::domain::mac::MacKey;
use crate::domain::time::Timestamp;

/// What the text form of a secret begins with.
const PREFIX: &str = "whsec_";
/// The standard asks for 24 to 64 bytes.
const SIZES: std::ops::RangeInclusive<usize> = 24..=64;
/// Ours: as many as the hash has.
const FRESH: usize = 32;

/// Why a text is no secret. No message repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Another beginning, or no base64 after it.
    #[error("secret: expected `whsec_` and base64 after it")]
    Form,
    /// Too short to be one, or longer than the standard has it.
    #[error("secret: expected 24 to 64 bytes after `whsec_`")]
    Size,
}

/// A secret that an endpoint shares with us. It is wiped when dropped and never printed.
#[derive(Clone)]
pub struct Secret(SecretSlice<u8>);

impl Secret {
    /// A new one, of 32 random bytes.
    pub fn fresh(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = vec![0; FRESH];
        rng.fill_bytes(&mut bytes);
        Self(bytes.into())
    }

    /// The secret of these bytes.
    ///
    /// # Errors
    /// [`SecretError::Size`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SecretError> {
        let is_good = SIZES.contains(&bytes.len());
        // Wiped also where it is refused.
        let secret = Self(bytes.into());
        is_good.then_some(secret).ok_or(SecretError::Size)
    }

    /// Reads the text form: `whsec_` and base64 with padding.
    ///
    /// # Errors
    /// The text is of another form, or of another length.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(SecretError::Form)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| SecretError::Form)?;
        Self::from_bytes(bytes)
    }

    /// The text form, which a partner is shown once.
    pub fn text(&self) -> SecretString {
        let encoded = Zeroizing::new(STANDARD.encode(self.bytes()));
        format!("{PREFIX}{}", *encoded).into()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// The signature of a call: `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`.
    fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut message = format!("{id}.{seconds}.").into_bytes();
        message.extend_from_slice(body);
        let tag = MacKey::new(self.bytes()).tag(&message);
        format!("v1,{}", STANDARD.encode(tag))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The three headers by which a receiver knows a call for ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    /// `webhook-id`: the same at each try of the same message.
    pub id: String,
    /// `webhook-timestamp`: when this try leaves, in seconds since 1970 in UTC.
    pub timestamp: i64,
    /// `webhook-signature`: one for each secret that is good, with blanks between.
    pub signature: String,
}

impl Signatures {
    /// Signs `body` with each of `secrets`: several while one takes the place of another.
    pub fn new(id: String, now: Timestamp, body: &[u8], secrets: &[Secret]) -> Self {
        let timestamp = now.as_seconds();
        let signatures: Vec<_> = secrets
            .iter()
            .map(|secret| secret.sign(&id, timestamp, body))
            .collect();
        Self {
            signature: signatures.join(" "),
            id,
            timestamp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The vector of the libraries of Standard Webhooks.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    #[test]
    fn a_call_is_signed_as_the_libraries_have_it() {
        let secret = Secret::parse(SECRET).unwrap();
        let now = Timestamp::from_micros(1_614_265_330_999_999);
        let signed = Signatures::new(ID.to_owned(), now, BODY, &[secret]);
        assert_eq!((signed.id.as_str(), signed.timestamp), (ID, 1_614_265_330));
        assert_eq!(
            signed.signature,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn while_secrets_rotate_each_signs() {
        let secrets = [
            Secret::parse(SECRET).unwrap(),
            Secret::fresh(&mut rand::rng()),
        ];
        let now = Timestamp::from_micros(1_614_265_330_000_000);
        let both = Signatures::new(ID.to_owned(), now, BODY, &secrets).signature;
        let each: Vec<_> = both.split(' ').collect();
        assert_eq!(each.len(), 2);
        assert_eq!(each[0], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(each[1].starts_with("v1,") && each[1] != each[0]);
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        for (text, error) in [
            ("", SecretError::Form),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SecretError::Form),
            ("whsec_###", SecretError::Form),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2I=", SecretError::Size),
            ("whsec_", SecretError::Size),
        ] {
            let refused = Secret::parse(text).unwrap_err();
            assert_eq!(refused, error, "{text}");
            assert!(text.len() < 10 || !refused.to_string().contains(&text[6..]));
        }
        let secret = Secret::parse(SECRET).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    proptest! {
        #[test]
        fn the_text_form_reads_back(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            match Secret::from_bytes(bytes.clone()) {
                Ok(secret) => {
                    let text = secret.text();
                    let read = Secret::parse(text.expose_secret()).unwrap();
                    prop_assert_eq!(read.bytes(), &*bytes);
                }
                Err(error) => {
                    prop_assert_eq!(error, SecretError::Size);
                    prop_assert!(!(24..=64).contains(&bytes.len()));
                }
            }
        }
    }
}
