//! The MAC keys of a ring, one for each of `N` uses: derived once, and anew when the ring was changed.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::domain::keys::KeyRing;
use crate::domain::mac::MacKey;

/// All keys of a ring that are not retired, derived for each use at one audience.
#[derive(Debug)]
pub(super) struct DerivedKeys<const N: usize> {
    audience: String,
    /// What each use is called in the derivation.
    names: [&'static str; N],
    keys: RwLock<Keys<N>>,
}

#[derive(Debug)]
pub(super) struct Keys<const N: usize> {
    /// The id of the key that new rows get.
    pub(super) current: u16,
    /// Few, so that a scan beats a map.
    keys: Vec<(u16, [MacKey; N])>,
}

impl<const N: usize> Keys<N> {
    fn of(ring: &KeyRing, audience: &str, names: [&'static str; N]) -> Self {
        let derived = |master: &[u8; 32]| names.map(|name| MacKey::derive(master, name, audience));
        Self {
            current: ring.current_token_key(),
            keys: ring
                .token_keys()
                .iter()
                .filter_map(|key| Some((key.id(), derived(key.master()?))))
                .collect(),
        }
    }

    /// The key of this id for the use at this place among the names.
    pub(super) fn get(&self, id: u16, place: usize) -> Option<&MacKey> {
        let (_, keys) = self.keys.iter().find(|(known, _)| *known == id)?;
        keys.get(place)
    }
}

impl<const N: usize> DerivedKeys<N> {
    pub(super) fn new(ring: &KeyRing, audience: String, names: [&'static str; N]) -> Self {
        let keys = RwLock::new(Keys::of(ring, &audience, names));
        Self {
            audience,
            names,
            keys,
        }
    }

    pub(super) fn reload(&self, ring: &KeyRing) {
        let keys = Keys::of(ring, &self.audience, self.names);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Keys<N>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}
