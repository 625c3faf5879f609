//! DKIM signatures (RFC 6376, RFC 8463): the same mail and date always give the same bytes.
//!
//! mail-auth's own `sign` stamps the wall clock, so that a retry would be another mail. Its parts are used here instead:
//! the same canonicalisation and the same keys, with `t=` the Date of the mail.

use std::path::PathBuf;

use mail_auth::AuthenticatedMessage;
use mail_auth::common::crypto::{DkimKey, SigningKey as _};
use mail_auth::common::headers::{HeaderStream, Writable, Writer};
use mail_auth::dkim::canonicalize::CanonicalHeaders;
use mail_auth::dkim::{DkimSigner, Done, Signature};

use super::compose::Composed;
use crate::domain::time::Timestamp;

mod key;

pub use key::DnsRecord;

/// One DKIM key, as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimKeyConfig {
    /// The signing domain (`d=`), an A-label; DMARC wants it aligned with the From address.
    pub domain: String,
    /// The selector (`s=`) under which the public key stands in the DNS.
    pub selector: String,
    /// The private key: RSA as PKCS#1 or PKCS#8 PEM, Ed25519 as PKCS#8 PEM or as the base64 of its 32-byte seed.
    pub key_file: PathBuf,
}

/// Why a key cannot be used or a mail not be signed.
#[derive(Debug, thiserror::Error)]
pub enum DkimError {
    /// The file cannot be read.
    #[error("`dkim.key_file` of selector `{selector}` cannot be read ({path}): {error}")]
    Unreadable {
        /// The key's selector.
        selector: String,
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file holds no key of a known kind.
    #[error("`dkim.key_file` of selector `{selector}` is of no use ({path}): {hint}")]
    Unusable {
        /// The key's selector.
        selector: String,
        /// The file.
        path: String,
        /// What is wrong and what to do.
        hint: String,
    },
    /// A domain or selector that no DNS name can hold.
    #[error("`dkim.{field}` is no DNS name: {value:?}; use letters, digits, hyphens and dots")]
    Name {
        /// `domain` or `selector`.
        field: &'static str,
        /// What was given.
        value: String,
    },
    /// Two keys under one name.
    #[error(
        "`dkim.selector` `{selector}` is given twice for one domain: each key needs a selector of its own"
    )]
    Twice {
        /// The selector.
        selector: String,
    },
    /// The key refused to sign.
    #[error("the DKIM key of selector `{selector}` could not sign: {error}")]
    Sign {
        /// The key's selector.
        selector: String,
        /// What the library said.
        error: mail_auth::Error,
    },
}

/// The fields that are signed where the mail has them: all that a reader is shown or acts on. RFC 8058 §4 asks for both of
/// the List-Unsubscribe fields.
const SIGNED: [&str; 12] = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// The fields named once more than they occur, so that none can be added on the way (RFC 6376 §5.4.2).
const OVERSIGNED: [&str; 5] = ["From", "Reply-To", "To", "Subject", "Date"];

/// All keys that sign our mail; none is fine, RSA and Ed25519 together are usual.
#[derive(Default)]
pub struct Signers(Vec<Signer>);

struct Signer {
    dkim: DkimSigner<DkimKey, Done>,
    record: DnsRecord,
}

impl Signers {
    /// Reads the keys.
    ///
    /// # Errors
    ///
    /// [`DkimError`] names the field, the file and what to do.
    pub fn load(keys: &[DkimKeyConfig]) -> Result<Self, DkimError> {
        let mut signers: Vec<Signer> = Vec::with_capacity(keys.len());
        for config in keys {
            dns_name("domain", &config.domain)?;
            dns_name("selector", &config.selector)?;
            let key = key::read(config)?;
            let signer = Signer {
                record: key::record(config, &key),
                dkim: DkimSigner::from_key(key)
                    .domain(config.domain.to_ascii_lowercase())
                    .selector(&config.selector)
                    .headers(SIGNED),
            };
            if signers.iter().any(|s| s.record.name == signer.record.name) {
                return Err(DkimError::Twice {
                    selector: config.selector.clone(),
                });
            }
            signers.push(signer);
        }
        Ok(Self(signers))
    }

    /// Whether mail leaves unsigned.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has to stand in the DNS, a record for each key, in the order of the configuration.
    pub fn dns_records(&self) -> impl Iterator<Item = &DnsRecord> {
        self.0.iter().map(|signer| &signer.record)
    }

    /// Puts one signature of each key on top of the mail; `date` is the mail's Date, never the present.
    ///
    /// # Errors
    ///
    /// [`DkimError::Sign`] if a key refuses; the mail is then as it was.
    pub fn sign(&self, mail: &mut Composed, date: Timestamp) -> Result<(), DkimError> {
        let mut signed = Vec::with_capacity(mail.bytes.len() + 1_024 * self.0.len());
        for signer in &self.0 {
            let signature =
                signer
                    .signature(&mail.bytes, date)
                    .map_err(|error| DkimError::Sign {
                        selector: signer.dkim.template.s.clone(),
                        error,
                    })?;
            signature.write(&mut signed, true);
        }
        if !signed.is_empty() {
            signed.extend_from_slice(&mail.bytes);
            mail.bytes = signed;
        }
        Ok(())
    }
}

/// Without the keys.
impl std::fmt::Debug for Signers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.dns_records()).finish()
    }
}

impl Signer {
    fn signature(&self, bytes: &[u8], date: Timestamp) -> Result<Signature, mail_auth::Error> {
        let mail = AuthenticatedMessage::parse(bytes).ok_or(mail_auth::Error::NoHeadersFound)?;
        let mut template = self.dkim.template.clone();
        // A field that the mail has not is left open, so that a list may add one of its own.
        template
            .h
            .retain(|field| mail.headers.iter().any(|(name, _)| is(name, field)));
        let (_, headers, fields, body) = template.canonicalize(Fields::of(&mail));
        let mut signature = template;
        signature.h = fields;
        signature.h.extend(OVERSIGNED.map(str::to_owned));
        signature.bh = self.dkim.key.hash(body).as_ref().to_vec();
        signature.t = u64::try_from(date.as_seconds()).unwrap_or(0);
        signature.b = self.dkim.key.sign(Signable {
            headers,
            signature: &signature,
        })?;
        Ok(signature)
    }
}

fn is(name: &[u8], field: &str) -> bool {
    name.eq_ignore_ascii_case(field.as_bytes())
}

/// A parsed mail as the stream of header fields that mail-auth canonicalises.
struct Fields<'a> {
    headers: std::slice::Iter<'a, (&'a [u8], &'a [u8])>,
    body: &'a [u8],
}

impl<'a> Fields<'a> {
    fn of(mail: &'a AuthenticatedMessage<'a>) -> Self {
        let body = usize::try_from(mail.body_offset)
            .ok()
            .and_then(|offset| mail.raw_message.get(offset..));
        Self {
            headers: mail.headers.iter(),
            body: body.unwrap_or_default(),
        }
    }
}

impl<'a> HeaderStream<'a> for Fields<'a> {
    fn next_header(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.headers.next().copied()
    }

    fn body(&mut self) -> &'a [u8] {
        self.body
    }
}

/// What a signature is made over: the signed fields, then the signature's own field with an empty `b=` (RFC 6376 §3.7).
struct Signable<'a> {
    headers: CanonicalHeaders<'a>,
    signature: &'a Signature,
}

impl Writable for Signable<'_> {
    fn write(self, writer: &mut impl Writer) {
        self.headers.write(writer);
        self.signature.write(writer, false);
    }
}

fn dns_name(field: &'static str, value: &str) -> Result<(), DkimError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if value.len() <= 253 && value.split('.').all(label) {
        Ok(())
    } else {
        Err(DkimError::Name {
            field,
            value: value.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
