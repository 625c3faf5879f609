//! The private keys that sign, from their files, and the DNS records of their public halves.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_auth::common::crypto::{DkimKey, Ed25519Key, RsaKey, Sha256};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::{DkimError, DkimKeyConfig};
use crate::files;

use crate::place::from_root;

/// The TXT record that verifiers look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsRecord {
    /// `<selector>._domainkey.<domain>`.
    pub name: String,
    /// The whole value, as one text.
    pub value: String,
}

/// As a line of a zone file: the value in strings of at most 255 octets (RFC 1035 §3.3.14).
impl fmt::Display for DnsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. IN TXT (", self.name)?;
        let mut rest = self.value.as_str();
        while !rest.is_empty() {
            let (string, tail) = rest.split_at(rest.len().min(255));
            write!(f, " \"{string}\"")?;
            rest = tail;
        }
        f.write_str(" )")
    }
}

pub(super) fn read(config: &DkimKeyConfig) -> Result<DkimKey, DkimError> {
    let path = || from_root(&config.key_file);
    let selector = || config.selector.clone();
    let text =
        files::read(&config.key_file, files::SECRET).map_err(|error| DkimError::Unreadable {
            selector: selector(),
            path: path(),
            error,
        })?;
    parse(&text).map_err(|hint| DkimError::Unusable {
        selector: selector(),
        path: path(),
        hint,
    })
}

fn parse(text: &str) -> Result<DkimKey, String> {
    if let Some(seed) = STANDARD
        .decode(text.trim())
        .ok()
        .filter(|seed| seed.len() == 32)
    {
        return from_seed(&seed);
    }
    let der = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| expected(text))?;
    match der {
        PrivateKeyDer::Pkcs8(der) => {
            // openssl writes Ed25519 keys without their public half (PKCS#8 version 1).
            if let Ok(key) = Ed25519Key::from_pkcs8_maybe_unchecked_der(der.secret_pkcs8_der()) {
                return Ok(DkimKey::Ed25519(key));
            }
            from_rsa(PrivateKeyDer::Pkcs8(der))
        }
        der @ PrivateKeyDer::Pkcs1(_) => from_rsa(der),
        _ => Err(expected(text)),
    }
}

fn from_seed(seed: &[u8]) -> Result<DkimKey, String> {
    Ed25519KeyPair::from_seed_unchecked(seed)
        .map_err(|error| error.to_string())
        .and_then(|pair| {
            Ed25519Key::from_seed_and_public_key(seed, pair.public_key().as_ref())
                .map_err(|error| error.to_string())
        })
        .map(DkimKey::Ed25519)
}

fn from_rsa(der: PrivateKeyDer<'_>) -> Result<DkimKey, String> {
    RsaKey::<Sha256>::from_key_der(der)
        .map(DkimKey::Rsa)
        .map_err(|error| {
            format!(
                "it holds neither an Ed25519 nor a usable RSA key ({error}); \
                 make one with `openssl genrsa -out dkim.pem 2048`"
            )
        })
}

fn expected(text: &str) -> String {
    if text.contains("ENCRYPTED") {
        return "the key is encrypted; remove its password with `openssl pkey -in … -out …`".into();
    }
    if text.contains("OPENSSH PRIVATE KEY") {
        return "that is a key for SSH; make one with `openssl genrsa -out dkim.pem 2048`".into();
    }
    if text.contains("PUBLIC KEY") {
        return "that is a public key; name the file of the private one".into();
    }
    "expected a PEM file (`BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`) or the base64 of an Ed25519 seed; \
     make one with `openssl genrsa -out dkim.pem 2048` or `openssl genpkey -algorithm ed25519 -out dkim.pem`"
        .into()
}

pub(super) fn record(config: &DkimKeyConfig, key: &DkimKey) -> DnsRecord {
    let (kind, public) = match key {
        DkimKey::Rsa(key) => ("rsa", subject_public_key_info(&key.public_key())),
        // RFC 8463 §4.2: the 32 octets themselves.
        DkimKey::Ed25519(key) => ("ed25519", key.public_key()),
    };
    DnsRecord {
        name: format!(
            "{}._domainkey.{}",
            config.selector,
            config.domain.to_ascii_lowercase()
        ),
        value: format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(public)),
    }
}

/// An `RSAPublicKey` (RFC 8017 §A.1.1) in its `SubjectPublicKeyInfo` (RFC 5280 §4.1): the form that verifiers expect, by
/// custom and by erratum 3017 of RFC 6376.
fn subject_public_key_info(rsa_public_key: &[u8]) -> Vec<u8> {
    // SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }
    const ALGORITHM: [u8; 15] = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let mut bits = vec![0];
    bits.extend_from_slice(rsa_public_key);
    let mut info = ALGORITHM.to_vec();
    der(&mut info, 0x03, &bits);
    let mut out = Vec::with_capacity(info.len() + 4);
    der(&mut out, 0x30, &info);
    out
}

/// Appends tag, length and value in DER (X.690 §8.1.3).
fn der(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    out.push(tag);
    let length = value.len().to_be_bytes();
    let significant = length
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(length.len() - 1);
    let length = &length[significant..];
    if value.len() >= 0x80 {
        out.push(0x80 | u8::try_from(length.len()).expect("a usize has at most 8 octets"));
    }
    out.extend_from_slice(length);
    out.extend_from_slice(value);
}
