//! The 64 bytes of a token and their 86 characters.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::{Claims, Purpose};

/// The one version there is.
const VERSION: u8 = 1;
/// Bytes of the fields.
const BODY: usize = 32;
/// Bytes of the fields and the MAC.
const BYTES: usize = 64;
/// Characters of the token.
const CHARACTERS: usize = 86;

/// What is wrong with a text that has not the form of a token. For the command line only: a page never says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Another number of bytes than 86.
    #[error("a token has 86 characters, this text has {0} bytes")]
    Length(usize),
    /// A character outside of base64url (RFC 4648 §5), or spare bits in the last one that are not zero.
    #[error(
        "a token is unpadded base64url with zero spare bits, and this text is not at character {0}"
    )]
    Encoding(usize),
}

/// The fields of a token as they stand there, whether genuine or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The version of the layout; only 1 exists.
    pub version: u8,
    /// The number of the purpose, known or not.
    pub purpose: u8,
    /// The key of the ring.
    pub key_id: u16,
    /// The row that the link is about.
    pub subject: Uuid,
    /// Raised by a resend.
    pub generation: u32,
    /// The end, in seconds since 1970 in UTC.
    pub expires_at: u64,
}

impl Fields {
    pub(super) fn read(body: &[u8; BODY]) -> Self {
        let (head, rest) = body.split_first_chunk::<4>().expect("32 bytes hold 4");
        let (subject, rest) = rest.split_first_chunk::<16>().expect("28 bytes hold 16");
        let (generation, rest) = rest.split_first_chunk::<4>().expect("12 bytes hold 4");
        let expires_at = rest.first_chunk::<8>().expect("8 bytes are left");
        Self {
            version: head[0],
            purpose: head[1],
            key_id: u16::from_be_bytes([head[2], head[3]]),
            subject: Uuid::from_bytes(*subject),
            generation: u32::from_be_bytes(*generation),
            expires_at: u64::from_be_bytes(*expires_at),
        }
    }

    /// The fields as claims, when the version and the purpose exist.
    pub(super) fn claims(self) -> Option<Claims> {
        if self.version != VERSION {
            return None;
        }
        Some(Claims {
            purpose: Purpose::from_number(self.purpose)?,
            key_id: self.key_id,
            subject: self.subject,
            generation: self.generation,
            expires_at: self.expires_at,
        })
    }
}

/// The fields of `text`, unverified.
///
/// # Errors
/// When the text has not the form of a token.
pub fn inspect(text: &str) -> Result<Fields, Malformed> {
    let bytes = decode(text)?;
    Ok(Fields::read(split(&bytes).0))
}

/// The 32 bytes under the MAC, big endian.
pub(super) fn body(claims: &Claims) -> [u8; BODY] {
    let mut body = [0; BODY];
    body[0] = VERSION;
    body[1] = claims.purpose.number();
    body[2..4].copy_from_slice(&claims.key_id.to_be_bytes());
    body[4..20].copy_from_slice(claims.subject.as_bytes());
    body[20..24].copy_from_slice(&claims.generation.to_be_bytes());
    body[24..].copy_from_slice(&claims.expires_at.to_be_bytes());
    body
}

pub(super) fn encode(body: &[u8; BODY], tag: &[u8; 32]) -> String {
    let mut bytes = [0; BYTES];
    bytes[..BODY].copy_from_slice(body);
    bytes[BODY..].copy_from_slice(tag);
    BASE64URL_NOPAD.encode(&bytes)
}

/// The bytes of a text that has exactly the length, the alphabet and the zero spare bits of a token.
pub(super) fn decode(text: &str) -> Result<[u8; BYTES], Malformed> {
    if text.len() != CHARACTERS {
        return Err(Malformed::Length(text.len()));
    }
    let mut bytes = [0; BYTES];
    BASE64URL_NOPAD
        .decode_mut(text.as_bytes(), &mut bytes)
        .map_err(|partial| Malformed::Encoding(partial.error.position + 1))?;
    Ok(bytes)
}

pub(super) fn split(bytes: &[u8; BYTES]) -> (&[u8; BODY], &[u8; 32]) {
    let (body, tag) = bytes.split_at(BODY);
    (
        body.try_into().expect("the first half of 64 bytes"),
        tag.try_into().expect("the second half of 64 bytes"),
    )
}
