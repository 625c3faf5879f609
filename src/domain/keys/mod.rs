//! The key ring: the master keys of tokens and the signing keys of the audit record, outside the database.
//!
//! A leaked dump of the database opens no link, because what makes a link is here. Exactly one token key is active: new rows
//! get its id. Earlier ones are verify-only: they still serve the rows that carry their id, until they are retired, which
//! destroys them. The ring is pure; [`crate::keyfile`] reads and writes it.

mod audit;
mod form;
mod mailbox;

use std::fmt;

use rand::CryptoRng;
use secrecy::{ExposeSecret as _, ExposeSecretMut as _, SecretBox};

use super::time::Timestamp;

use audit::Signer;
pub use audit::{AuditKey, AuditSignature};
pub use mailbox::MailboxKey;
use mailbox::Mailboxes;

/// 32 secret bytes, wiped when dropped and redacted when printed.
type Secret = SecretBox<[u8; 32]>;

/// Why a key ring cannot be read or changed. No message holds a part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// The text is no TOML, or has other fields than a key ring.
    #[error(
        "the key ring is not of its form at line {line}: [[token]] has `id`, `state`, `created`, `key`; \
         [[audit]] has `id`, `created`, `public`, `seed`; [mailbox] has `key`"
    )]
    Form {
        /// The line, counted from 1.
        line: usize,
    },
    /// A key is not 32 bytes of base64.
    #[error("key ring, [[{table}]] id {id}: `{field}` must be 32 bytes in base64 (44 characters)")]
    Material {
        /// `token` or `audit`.
        table: &'static str,
        /// The key's id.
        id: u16,
        /// The field.
        field: &'static str,
    },
    /// The key that mailboxes are known by is missing, or is not 32 bytes of base64.
    #[error(
        "key ring, [mailbox]: `key` must be 32 bytes in base64 (44 characters); restore it from a backup, or addresses \
         that take no mail are no longer known"
    )]
    Mailbox,
    /// A state and a key that do not go together.
    #[error("key ring, [[token]] id {id}: a key that is retired has no `key`, any other has one")]
    StateWithoutKey {
        /// The key's id.
        id: u16,
    },
    /// An audit seed with another key's public half.
    #[error(
        "key ring, [[audit]] id {id}: `public` does not belong to `seed`; restore both from a backup"
    )]
    AuditPair {
        /// The key's id.
        id: u16,
    },
    /// An id twice.
    #[error("key ring: [[{table}]] has id {id} twice; each key needs its own id")]
    DuplicateId {
        /// `token` or `audit`.
        table: &'static str,
        /// The key's id.
        id: u16,
    },
    /// No current key, or several.
    #[error(
        "key ring: exactly one [[{table}]] key must be current ({what}), and there are {count}"
    )]
    Current {
        /// `token` or `audit`.
        table: &'static str,
        /// What marks the current one.
        what: &'static str,
        /// How many there are.
        count: usize,
    },
    /// All 65,536 ids are used.
    #[error("key ring: no id is left for another [[{table}]] key")]
    Exhausted {
        /// `token` or `audit`.
        table: &'static str,
    },
    /// No key of that id.
    #[error("key ring: there is no token key {id}; `countersign key list` shows the ids")]
    Unknown {
        /// The id that was asked for.
        id: u16,
    },
    /// The current key cannot be retired.
    #[error("token key {id} is the current one; run `countersign key rotate` before retiring it")]
    RetireCurrent {
        /// The key's id.
        id: u16,
    },
    /// Live rows still use the key.
    #[error(
        "token key {id} still serves {live_rows} open links or secrets of webhooks; retire it when they have ended"
    )]
    InUse {
        /// The key's id.
        id: u16,
        /// How many rows would lose their link.
        live_rows: u64,
    },
}

/// What a token key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// New rows get this key's id; exactly one key of a ring is active.
    Active,
    /// Serves the rows that carry its id (their links verify, and are written again on a retry); no new row gets it.
    VerifyOnly,
    /// Destroyed; its id stays, so that it is never given again.
    Retired,
}

impl KeyState {
    /// The name in the file and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::VerifyOnly => "verify-only",
            Self::Retired => "retired",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key with what its state needs: a retired one holds no secret.
#[derive(Debug)]
enum Material {
    Active(Secret),
    VerifyOnly(Secret),
    Retired,
}

/// A master key of tokens.
#[derive(Debug)]
pub struct TokenKey {
    id: u16,
    created: Timestamp,
    material: Material,
}

impl TokenKey {
    /// The id that tokens and rows carry.
    pub const fn id(&self) -> u16 {
        self.id
    }

    /// When it was made.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// What it may do.
    pub const fn state(&self) -> KeyState {
        match self.material {
            Material::Active(_) => KeyState::Active,
            Material::VerifyOnly(_) => KeyState::VerifyOnly,
            Material::Retired => KeyState::Retired,
        }
    }

    /// The master key, unless it is retired.
    pub(super) fn master(&self) -> Option<&[u8; 32]> {
        match &self.material {
            Material::Active(secret) | Material::VerifyOnly(secret) => Some(secret.expose_secret()),
            Material::Retired => None,
        }
    }
}

/// All keys of one installation.
#[derive(Debug)]
pub struct KeyRing {
    /// The id of the one active key among `tokens`.
    current: u16,
    tokens: Vec<TokenKey>,
    signer: Signer,
    /// The public halves, the signer's among them.
    audits: Vec<AuditKey>,
    mailboxes: Mailboxes,
}

impl KeyRing {
    /// A ring with one token key and one audit key, both with id 1.
    pub fn fresh(now: Timestamp, rng: &mut impl CryptoRng) -> Self {
        let (signer, audit) = Signer::new(1, now, random(rng));
        Self {
            current: 1,
            tokens: vec![TokenKey {
                id: 1,
                created: now,
                material: Material::Active(random(rng)),
            }],
            signer,
            audits: vec![audit],
            mailboxes: Mailboxes::new(random(rng)),
        }
    }

    /// Reads the text that [`Self::to_toml`] writes.
    ///
    /// # Errors
    /// When the text is of another form, a key is not 32 bytes, an id stands twice, or not exactly one key of each kind is
    /// current.
    pub fn from_toml(text: &str) -> Result<Self, KeyRingError> {
        form::read(text)
    }

    /// The ring as TOML: `[[token]]` tables with `id`, `state`, `created`, `key`, then `[[audit]]` tables with `id`,
    /// `created`, `public`, `seed`, then `[mailbox]` with `key`.
    pub fn to_toml(&self) -> secrecy::SecretString {
        form::write(self)
    }

    /// The token keys, oldest first.
    pub fn token_keys(&self) -> &[TokenKey] {
        &self.tokens
    }

    /// The id of the token key that new rows get.
    pub const fn current_token_key(&self) -> u16 {
        self.current
    }

    /// The audit keys, oldest first.
    pub fn audit_keys(&self) -> &[AuditKey] {
        &self.audits
    }

    /// The id of the audit key that signs.
    pub const fn current_audit_key(&self) -> u16 {
        self.signer.id()
    }

    /// This ring with a new active token key; the one before becomes verify-only.
    ///
    /// # Errors
    /// When no id is left.
    pub fn rotate(
        mut self,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeyRingError> {
        let id = next_id("token", self.tokens.iter().map(TokenKey::id))?;
        for key in &mut self.tokens {
            key.material = match std::mem::replace(&mut key.material, Material::Retired) {
                Material::Active(secret) | Material::VerifyOnly(secret) => {
                    Material::VerifyOnly(secret)
                }
                Material::Retired => Material::Retired,
            };
        }
        self.tokens.push(TokenKey {
            id,
            created: now,
            material: Material::Active(random(rng)),
        });
        self.current = id;
        Ok(self)
    }

    /// This ring with a new audit signing key; of those before, only the public half stays, to verify what they signed.
    ///
    /// # Errors
    /// When no id is left.
    pub fn rotate_audit(
        mut self,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeyRingError> {
        let id = next_id("audit", self.audits.iter().map(AuditKey::id))?;
        let (signer, audit) = Signer::new(id, now, random(rng));
        self.signer = signer;
        self.audits.push(audit);
        Ok(self)
    }

    /// This ring with token key `id` destroyed: nothing made with it verifies again. `live_rows` is how many rows still use
    /// it, as the database says. A key that is retired already stays so.
    ///
    /// # Errors
    /// When there is no such key, it is the current one, or live rows use it.
    pub fn retire(mut self, id: u16, live_rows: u64) -> Result<Self, KeyRingError> {
        let key = self
            .tokens
            .iter_mut()
            .find(|key| key.id == id)
            .ok_or(KeyRingError::Unknown { id })?;
        match key.material {
            Material::Active(_) => return Err(KeyRingError::RetireCurrent { id }),
            Material::VerifyOnly(_) if live_rows > 0 => {
                return Err(KeyRingError::InUse { id, live_rows });
            }
            Material::VerifyOnly(_) | Material::Retired => key.material = Material::Retired,
        }
        Ok(self)
    }

    /// By what a mailbox is known where its address must not stand; `address` is the normalized form.
    pub fn mailbox(&self, address: &str) -> MailboxKey {
        self.mailboxes.key(address)
    }

    /// Signs `message` with the current audit key (Ed25519, RFC 8032).
    pub fn sign(&self, message: &[u8]) -> AuditSignature {
        self.signer.sign(message)
    }

    /// Whether `signature` is that of the audit key it names, over `message`. An unknown key verifies nothing.
    pub fn verify_signature(&self, message: &[u8], signature: &AuditSignature) -> bool {
        self.audits
            .iter()
            .any(|key| key.id() == signature.key_id && key.verify(message, &signature.bytes))
    }
}

fn random(rng: &mut impl CryptoRng) -> Secret {
    let mut secret = Secret::default();
    rng.fill_bytes(secret.expose_secret_mut());
    secret
}

fn next_id(table: &'static str, ids: impl Iterator<Item = u16>) -> Result<u16, KeyRingError> {
    ids.max()
        .unwrap_or(0)
        .checked_add(1)
        .ok_or(KeyRingError::Exhausted { table })
}

#[cfg(test)]
mod tests;
