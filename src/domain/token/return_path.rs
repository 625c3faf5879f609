//! The return path of a mail (RFC 5321 §4.4, the address that bounces go to): it says which notice came back, and that the
//! address was ours.
//!
//! `b+` and 55 characters of base32 (RFC 4648 §6): key id 2 bytes, notice 16, the left half of the MAC 16. That makes 57 of the
//! 64 octets that a local part may have (RFC 5321 §4.5.3.1.1). Servers on the way may change its case.

use data_encoding::BASE32_NOPAD;
use uuid::Uuid;

use super::{KeyRing, MacKey, Purpose, UnknownKey};
use crate::domain::ids::NoticeId;

const PREFIX: &str = "b+";
/// Bytes under the MAC.
const BODY: usize = 18;
/// Bytes with it.
const BYTES: usize = BODY + 16;
/// Characters of base32.
const CHARACTERS: usize = 55;

/// Mints and verifies the local parts of return paths at one mail domain.
#[derive(Clone, Debug)]
pub struct ReturnPaths {
    current: u16,
    keys: Vec<(u16, MacKey)>,
}

impl ReturnPaths {
    /// Derives the MAC keys for `mail_domain` (an A-label form; its case does not matter).
    pub fn new(ring: &KeyRing, mail_domain: &str) -> Self {
        let audience = mail_domain.to_ascii_lowercase();
        let derived =
            |master: &[u8; 32]| MacKey::derive(master, Purpose::ReturnPath.name(), &audience);
        Self {
            current: ring.current_token_key(),
            keys: ring
                .token_keys()
                .iter()
                .filter_map(|key| Some((key.id(), derived(key.master()?))))
                .collect(),
        }
    }

    /// The id of the key that new notices get.
    pub const fn current_key(&self) -> u16 {
        self.current
    }

    /// The local part of the return path of `notice`: 57 characters, all in lower case.
    ///
    /// # Errors
    /// When the ring has no key `key_id`.
    pub fn mint(&self, key_id: u16, notice: NoticeId) -> Result<String, UnknownKey> {
        let key = self.key(key_id).ok_or(UnknownKey(key_id))?;
        let mut bytes = [0; BYTES];
        bytes[..2].copy_from_slice(&key_id.to_be_bytes());
        bytes[2..BODY].copy_from_slice(notice.uuid().as_bytes());
        let tag = key.tag(&bytes[..BODY]);
        bytes[BODY..].copy_from_slice(&tag[..16]);
        let code = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        Ok(format!("{PREFIX}{code}"))
    }

    /// The notice whose return path has this local part, in whatever case, if we wrote it.
    pub fn verify(&self, local: &str) -> Option<NoticeId> {
        if local.len() != PREFIX.len() + CHARACTERS {
            return None;
        }
        let lowered = local.to_ascii_lowercase();
        let code = lowered.strip_prefix(PREFIX)?.to_ascii_uppercase();
        let mut bytes = [0; BYTES];
        BASE32_NOPAD.decode_mut(code.as_bytes(), &mut bytes).ok()?;
        let (body, tag) = bytes.split_at(BODY);
        let (key_id, notice) = body.split_first_chunk::<2>()?;
        let key = self.key(u16::from_be_bytes(*key_id))?;
        if !key.verify_half(body, tag.try_into().ok()?) {
            return None;
        }
        Uuid::from_slice(notice).ok().map(NoticeId::from)
    }

    fn key(&self, id: u16) -> Option<&MacKey> {
        let (_, key) = self.keys.iter().find(|(known, _)| *known == id)?;
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

    #[test]
    fn a_return_path_names_its_notice_in_any_case_and_at_its_own_domain_only() {
        let ring = KeyRing::fresh(NOW, &mut rand::rng());
        let paths = ReturnPaths::new(&ring, "mail.example.com");
        let notice = NoticeId::from(Uuid::from_u128(7));
        let local = paths.mint(paths.current_key(), notice).unwrap();
        assert_eq!(local.len(), 57);
        assert_eq!(local, local.to_ascii_lowercase());
        assert_eq!(paths.verify(&local), Some(notice));
        assert_eq!(paths.verify(&local.to_ascii_uppercase()), Some(notice));
        let elsewhere = ReturnPaths::new(&ring, "mail.example.org");
        assert_eq!(elsewhere.verify(&local), None);
        let same = ReturnPaths::new(&ring, "MAIL.example.com");
        assert_eq!(same.verify(&local), Some(notice));
        assert_eq!(paths.mint(9, notice), Err(UnknownKey(9)));
    }

    proptest! {
        #[test]
        fn a_changed_return_path_names_nothing(notice: NoticeId, at in 0..57_usize, put in "[a-z2-7+]") {
            let paths = ReturnPaths::new(&KeyRing::fresh(NOW, &mut rand::rng()), "mail.example.com");
            let mut local = paths.mint(1, notice).unwrap();
            prop_assume!(local[at..=at] != put);
            local.replace_range(at..=at, &put);
            prop_assert_eq!(paths.verify(&local), None);
        }

        #[test]
        fn a_local_part_that_is_not_ours_names_nothing(local in "(b\\+)?\\PC{0,70}") {
            let paths = ReturnPaths::new(&KeyRing::fresh(NOW, &mut rand::rng()), "mail.example.com");
            prop_assert_eq!(paths.verify(&local), None);
        }
    }
}
