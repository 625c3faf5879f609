//! The signed tags in our own mail addresses: where bounces (RFC 5321 §4.4) and replies come back to.
//!
//! A bounce names the address that it was sent to, and nothing else in it can be trusted. So that address carries the notice
//! and a MAC: a forged or mangled one costs no database access.
//!
//! `b+` (return path) or `r+` (Reply-To) and 55 characters of base32 (RFC 4648 §6): key id 2 bytes, notice 16, the left half
//! of the MAC 16. That makes 57 of the 64 octets that a local part may have (RFC 5321 §4.5.3.1.1). Servers on the way may
//! change its case.

use data_encoding::BASE32_NOPAD;
use uuid::Uuid;

use super::derived::DerivedKeys;
use super::{KeyRing, Purpose, UnknownKey};
use crate::domain::ids::NoticeId;

/// What an address of ours is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The envelope sender: bounces come to it.
    Bounce,
    /// The Reply-To: what people write comes to it.
    Reply,
}

impl Tag {
    const ALL: [Self; 2] = [Self::Bounce, Self::Reply];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Bounce => "b+",
            Self::Reply => "r+",
        }
    }

    /// Whose keys: each has its own, so that one cannot be made into the other.
    const fn key_name(self) -> &'static str {
        match self {
            Self::Bounce => Purpose::ReturnPath.name(),
            Self::Reply => "reply",
        }
    }
}

/// Bytes under the MAC.
const BODY: usize = 18;
/// Bytes with it.
const BYTES: usize = BODY + 16;
/// Characters of prefix and base32.
const CHARACTERS: usize = 57;

/// Mints and verifies the tagged local parts at one mail domain.
#[derive(Debug)]
pub struct MailTags(DerivedKeys<{ Tag::ALL.len() }>);

impl MailTags {
    /// Derives the MAC keys for `mail_domain` (an A-label form; its case does not matter).
    pub fn new(ring: &KeyRing, mail_domain: &str) -> Self {
        let names = Tag::ALL.map(Tag::key_name);
        Self(DerivedKeys::new(
            ring,
            mail_domain.to_ascii_lowercase(),
            names,
        ))
    }

    /// Takes in a ring that was changed.
    pub fn reload(&self, ring: &KeyRing) {
        self.0.reload(ring);
    }

    /// The id of the key that new notices get.
    pub fn current_key(&self) -> u16 {
        self.0.read().current
    }

    /// The local part that stands for `notice`: 57 characters, all in lower case.
    ///
    /// # Errors
    /// When the ring has no key `key_id`.
    pub fn mint(&self, tag: Tag, key_id: u16, notice: NoticeId) -> Result<String, UnknownKey> {
        let keys = self.0.read();
        let key = keys.get(key_id, tag as usize).ok_or(UnknownKey(key_id))?;
        let mut bytes = [0; BYTES];
        bytes[..2].copy_from_slice(&key_id.to_be_bytes());
        bytes[2..BODY].copy_from_slice(notice.uuid().as_bytes());
        let mac = key.tag(&bytes[..BODY]);
        bytes[BODY..].copy_from_slice(&mac[..16]);
        let code = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        Ok(format!("{}{code}", tag.prefix()))
    }

    /// What this local part is, in whatever case, and the notice that it stands for, if we wrote it.
    pub fn verify(&self, local: &str) -> Option<(Tag, NoticeId)> {
        if local.len() != CHARACTERS {
            return None;
        }
        let lowered = local.to_ascii_lowercase();
        let tag = Tag::ALL
            .into_iter()
            .find(|tag| lowered.starts_with(tag.prefix()))?;
        let code = lowered.strip_prefix(tag.prefix())?.to_ascii_uppercase();
        let mut bytes = [0; BYTES];
        BASE32_NOPAD.decode_mut(code.as_bytes(), &mut bytes).ok()?;
        let (body, mac) = bytes.split_at(BODY);
        let (key_id, notice) = body.split_first_chunk::<2>()?;
        let keys = self.0.read();
        let key = keys.get(u16::from_be_bytes(*key_id), tag as usize)?;
        if !key.verify_half(body, mac.try_into().ok()?) {
            return None;
        }
        Uuid::from_slice(notice)
            .ok()
            .map(|notice| (tag, NoticeId::from(notice)))
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
        let paths = MailTags::new(&ring, "mail.example.com");
        let notice = NoticeId::from(Uuid::from_u128(7));
        let local = paths
            .mint(Tag::Bounce, paths.current_key(), notice)
            .unwrap();
        assert_eq!(local.len(), 57);
        assert_eq!(local, local.to_ascii_lowercase());
        assert_eq!(paths.verify(&local), Some((Tag::Bounce, notice)));
        assert_eq!(
            paths.verify(&local.to_ascii_uppercase()),
            Some((Tag::Bounce, notice))
        );
        let elsewhere = MailTags::new(&ring, "mail.example.org");
        assert_eq!(elsewhere.verify(&local), None);
        let same = MailTags::new(&ring, "MAIL.example.com");
        assert_eq!(same.verify(&local), Some((Tag::Bounce, notice)));
        assert_eq!(paths.mint(Tag::Bounce, 9, notice), Err(UnknownKey(9)));
    }

    #[test]
    fn a_reply_address_is_no_return_path() {
        let tags = MailTags::new(&KeyRing::fresh(NOW, &mut rand::rng()), "mail.example.com");
        let notice = NoticeId::from(Uuid::from_u128(7));
        let reply = tags.mint(Tag::Reply, 1, notice).unwrap();
        assert_eq!(tags.verify(&reply), Some((Tag::Reply, notice)));
        assert_eq!(tags.verify(&reply.replacen('r', "b", 1)), None);
    }

    #[test]
    fn a_ring_that_was_changed_is_taken_in() {
        let ring = KeyRing::fresh(NOW, &mut rand::rng());
        let tags = MailTags::new(&ring, "mail.example.com");
        let notice = NoticeId::from(Uuid::from_u128(7));
        let before = tags.mint(Tag::Bounce, 1, notice).unwrap();
        tags.reload(&ring.rotate(NOW, &mut rand::rng()).unwrap());
        assert_eq!(tags.current_key(), 2);
        assert_eq!(tags.verify(&before), Some((Tag::Bounce, notice)));
        assert!(tags.mint(Tag::Bounce, 2, notice).is_ok());
    }

    proptest! {
        #[test]
        fn a_changed_return_path_names_nothing(notice: NoticeId, at in 0..57_usize, put in "[a-z2-7+]") {
            let paths = MailTags::new(&KeyRing::fresh(NOW, &mut rand::rng()), "mail.example.com");
            let mut local = paths.mint(Tag::Reply, 1, notice).unwrap();
            prop_assume!(local[at..=at] != put);
            local.replace_range(at..=at, &put);
            prop_assert_eq!(paths.verify(&local), None);
        }

        #[test]
        fn a_local_part_that_is_not_ours_names_nothing(local in "([br]\\+)?\\PC{0,70}") {
            let paths = MailTags::new(&KeyRing::fresh(NOW, &mut rand::rng()), "mail.example.com");
            prop_assert_eq!(paths.verify(&local), None);
        }
    }
}
