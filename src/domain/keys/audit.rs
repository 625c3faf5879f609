//! The keys that sign the heads of the audit chains (Ed25519, RFC 8032).
//!
//! Only the newest holds its secret seed. Of earlier ones the public half stays for ever, because what they signed stays.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use secrecy::ExposeSecret as _;

use super::Secret;
use crate::domain::time::Timestamp;

/// An Ed25519 signature with the id of the audit key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSignature {
    /// The audit key's id.
    pub key_id: u16,
    /// The 64 bytes of RFC 8032 §5.1.6.
    pub bytes: [u8; 64],
}

/// The public half of a signing key of the audit record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditKey {
    id: u16,
    created: Timestamp,
    public: [u8; 32],
}

impl AuditKey {
    pub(super) const fn new(id: u16, created: Timestamp, public: [u8; 32]) -> Self {
        Self {
            id,
            created,
            public,
        }
    }

    /// The id that signatures carry.
    pub const fn id(&self) -> u16 {
        self.id
    }

    /// When it was made.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// The 32 bytes of the public half (RFC 8032 §5.1.5).
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(message, signature)
            .is_ok()
    }
}

/// The secret half of the current signing key.
#[derive(Debug)]
pub(super) struct Signer {
    id: u16,
    seed: Secret,
}

impl Signer {
    /// The signer of a seed, and its public half.
    pub(super) fn new(id: u16, created: Timestamp, seed: Secret) -> (Self, AuditKey) {
        let mut public = [0; 32];
        public.copy_from_slice(pair(&seed).public_key().as_ref());
        (Self { id, seed }, AuditKey::new(id, created, public))
    }

    pub(super) const fn id(&self) -> u16 {
        self.id
    }

    pub(super) const fn seed(&self) -> &Secret {
        &self.seed
    }

    pub(super) fn sign(&self, message: &[u8]) -> AuditSignature {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(pair(&self.seed).sign(message).as_ref());
        AuditSignature {
            key_id: self.id,
            bytes,
        }
    }
}

/// The key pair of a seed, made where it is used: 20 microseconds a signature, of which there is one a second.
fn pair(seed: &Secret) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed.expose_secret()).expect("a seed is 32 bytes")
}
