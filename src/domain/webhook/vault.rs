//! Secrets of endpoints at rest: readable to whoever has the key ring, so that calls can be signed; a dump of the database
//! alone signs nothing.
//!
//! AES-256-GCM (NIST SP 800-38D) with a key that HKDF derives of a token key of the ring. The endpoint's id is authenticated
//! with it, so that a secret that is moved to another row does not open. The row keeps the key's id; what an older key sealed is
//! sealed anew after a rotation, so that the older one can be retired.

use std::sync::{PoisonError, RwLock};

use rand::CryptoRng;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::Secret;
use crate::domain::ids::WebhookId;
use crate::domain::keys::KeyRing;
use crate::domain::mac;

/// The name in the derivation.
const PURPOSE: &str = "webhook-secret";

/// A secret as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The key of the ring.
    pub key_id: u16,
    /// 12 bytes of nonce, the encrypted secret, 16 bytes of tag.
    pub bytes: Vec<u8>,
}

/// Why a secret does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Not in the ring, or retired.
    #[error(
        "the secret of a webhook is sealed with token key {0}, which is not in the key ring, or is retired: restore the key \
         file that holds it, or rotate the secret"
    )]
    UnknownKey(u16),
    /// Changed, or of another row or installation.
    #[error("the secret of a webhook was changed where it is stored: rotate the secret")]
    Changed,
}

/// Seals and opens secrets.
#[derive(Debug)]
pub struct Vault {
    audience: String,
    keys: RwLock<Keys>,
}

#[derive(Debug)]
struct Keys {
    current: u16,
    keys: Vec<(u16, LessSafeKey)>,
}

impl Keys {
    fn of(ring: &KeyRing, audience: &str) -> Self {
        let derived = |master: &[u8; 32]| {
            let key = mac::derive(master, PURPOSE, audience);
            UnboundKey::new(&AES_256_GCM, &*key)
                .map(LessSafeKey::new)
                .ok()
        };
        Self {
            current: ring.current_token_key(),
            keys: ring
                .token_keys()
                .iter()
                .filter_map(|key| Some((key.id(), derived(key.master()?)?)))
                .collect(),
        }
    }

    fn get(&self, id: u16) -> Result<&LessSafeKey, VaultError> {
        let found = self.keys.iter().find(|(known, _)| *known == id);
        found.map(|(_, key)| key).ok_or(VaultError::UnknownKey(id))
    }
}

impl Vault {
    /// The vault of a ring at the installation of this audience.
    pub fn new(ring: &KeyRing, audience: &str) -> Self {
        Self {
            audience: audience.to_owned(),
            keys: RwLock::new(Keys::of(ring, audience)),
        }
    }

    /// Takes in a ring that was changed.
    pub fn reload(&self, ring: &KeyRing) {
        let keys = Keys::of(ring, &self.audience);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// The id of the key that seals.
    pub fn current_key(&self) -> u16 {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .current
    }

    /// Seals the secret of an endpoint with the current key. Nonces are random, of which 2³² may be made under one key (SP
    /// 800-38D §8.3): more than there will ever be endpoints.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`]: the ring has no current key, which cannot be read from a file.
    pub fn seal(
        &self,
        endpoint: WebhookId,
        secret: &Secret,
        rng: &mut impl CryptoRng,
    ) -> Result<Sealed, VaultError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key_id = keys.current;
        let key = keys.get(key_id)?;
        let mut nonce = [0; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let mut sealed = secret.bytes().to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(endpoint.uuid().as_bytes()),
            &mut sealed,
        )
        .map_err(|_| VaultError::UnknownKey(key_id))?;
        Ok(Sealed {
            key_id,
            bytes: [&nonce[..], &sealed].concat(),
        })
    }

    /// Opens the secret of an endpoint.
    ///
    /// # Errors
    /// Why it does not open.
    pub fn open(&self, endpoint: WebhookId, sealed: &Sealed) -> Result<Secret, VaultError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.get(sealed.key_id)?;
        let (nonce, bytes) = sealed
            .bytes
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::Changed)?;
        let mut bytes = bytes.to_vec();
        let opened = key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(endpoint.uuid().as_bytes()),
                &mut bytes,
            )
            .map_err(|_| VaultError::Changed)?
            .len();
        bytes.truncate(opened);
        Secret::from_bytes(bytes).map_err(|_| VaultError::Changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

    fn ring() -> KeyRing {
        KeyRing::fresh(NOW, &mut rand::rng())
    }

    fn endpoint(n: u128) -> WebhookId {
        Uuid::from_u128(n).into()
    }

    #[test]
    fn a_secret_opens_for_its_endpoint_and_installation_alone() {
        let ring = ring();
        let vault = Vault::new(&ring, "here");
        let secret = Secret::fresh(&mut rand::rng());
        let sealed = vault.seal(endpoint(1), &secret, &mut rand::rng()).unwrap();
        assert_eq!(
            vault.open(endpoint(1), &sealed).unwrap().bytes(),
            secret.bytes()
        );
        let changed = Some(VaultError::Changed);
        assert_eq!(vault.open(endpoint(2), &sealed).err(), changed);
        let elsewhere = Vault::new(&ring, "elsewhere");
        assert_eq!(elsewhere.open(endpoint(1), &sealed).err(), changed);
        for at in 0..sealed.bytes.len() {
            let mut edited = sealed.clone();
            edited.bytes[at] ^= 1;
            assert_eq!(vault.open(endpoint(1), &edited).err(), changed, "{at}");
        }
        for length in 0..sealed.bytes.len() {
            let mut cut = sealed.clone();
            cut.bytes.truncate(length);
            assert_eq!(vault.open(endpoint(1), &cut).err(), changed, "{length}");
        }
        let readable = sealed
            .bytes
            .windows(8)
            .any(|part| secret.bytes().starts_with(part));
        assert!(!readable);
        let again = vault.seal(endpoint(1), &secret, &mut rand::rng()).unwrap();
        assert_ne!(again, sealed);
    }

    #[test]
    fn a_rotated_key_opens_until_it_is_retired() {
        let first = ring();
        let vault = Vault::new(&first, "here");
        let secret = Secret::fresh(&mut rand::rng());
        let sealed = vault.seal(endpoint(1), &secret, &mut rand::rng()).unwrap();
        let second = first.rotate(NOW, &mut rand::rng()).unwrap();
        vault.reload(&second);
        assert_eq!((sealed.key_id, vault.current_key()), (1, 2));
        assert!(vault.open(endpoint(1), &sealed).is_ok());
        let anew = vault.seal(endpoint(1), &secret, &mut rand::rng()).unwrap();
        vault.reload(&second.retire(1, 0).unwrap());
        assert_eq!(
            vault.open(endpoint(1), &sealed).err(),
            Some(VaultError::UnknownKey(1))
        );
        assert!(vault.open(endpoint(1), &anew).is_ok());
    }
}
