//! The signed tags in our own mail addresses: where bounces and replies come back to.
//!
//! A bounce names the address that it is sent to, and nothing else in it can be trusted. So that address carries the
//! notice and a MAC: a forged or mangled one costs no database access, and nobody can make up a bounce for a notice of
//! which he has never seen the mail.
//!
//! The local part is `b+` (return path) or `r+` (Reply-To) and the unpadded base32 (RFC 4648 §6) of key id (2, big endian) ‖
//! notice UUID (16) ‖ MAC (16): 57 of the 64 octets that RFC 5321 §4.5.3.1.1 allows. It is read without regard to case, as
//! some servers on the way change it; the three spare bits of the last digit are zero, so that each tag has one spelling.
//!
//! The MAC is the first half of HMAC-SHA-256 over key id and UUID, its key HKDF-SHA-256 (RFC 5869) of the master key with
//! the purpose and the mail domain as `info`: a tag is good for one purpose at one mail domain.

use data_encoding::BASE32_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use super::ids::NoticeId;

/// What an address of ours is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The envelope sender: bounces come to it.
    Bounce,
    /// The Reply-To: what people write comes to it.
    Reply,
}

impl Purpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Bounce => "b+",
            Self::Reply => "r+",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Bounce => "return-path",
            Self::Reply => "reply",
        }
    }

    fn of(local_part: &str) -> Option<(Self, &str)> {
        let (prefix, digits) = local_part.split_at_checked(2)?;
        [Self::Bounce, Self::Reply]
            .into_iter()
            .find(|purpose| purpose.prefix().eq_ignore_ascii_case(prefix))
            .map(|purpose| (purpose, digits))
    }
}

/// The length of a tag in octets, prefix and all.
pub const LENGTH: usize = 57;

const SIGNED: usize = 18;
const WHOLE: usize = 34;

/// The local part that stands for `notice`, 57 octets of lower case ASCII.
///
/// `master` is the key that `key_id` names in the key ring; `mail_domain` is the domain that the address will end in, as
/// an A-label.
pub fn encode(
    purpose: Purpose,
    notice: NoticeId,
    key_id: u16,
    master: &[u8; 32],
    mail_domain: &str,
) -> String {
    let mut tag = [0_u8; WHOLE];
    tag[..2].copy_from_slice(&key_id.to_be_bytes());
    tag[2..SIGNED].copy_from_slice(notice.uuid().as_bytes());
    let mac = mac(purpose, master, mail_domain, &tag[..SIGNED]).finalize();
    tag[SIGNED..].copy_from_slice(&mac.as_bytes()[..WHOLE - SIGNED]);
    let mut local_part = purpose.prefix().to_owned();
    local_part.push_str(&BASE32_NOPAD.encode(&tag).to_ascii_lowercase());
    local_part
}

/// What a local part stands for, or `None` where it is not a tag of ours: wrong form, unknown key, wrong MAC, all alike.
///
/// `lookup` gives the master key of a key id, retired keys too, as bounces may come after days.
pub fn decode(
    local_part: &str,
    lookup: impl Fn(u16) -> Option<[u8; 32]>,
    mail_domain: &str,
) -> Option<(Purpose, NoticeId)> {
    if local_part.len() != LENGTH {
        return None;
    }
    let (purpose, digits) = Purpose::of(local_part)?;
    let digits = digits.to_ascii_uppercase();
    let mut tag = [0_u8; WHOLE];
    // Refuses any digit outside the alphabet and spare bits that are not zero.
    let length = BASE32_NOPAD.decode_mut(digits.as_bytes(), &mut tag).ok()?;
    if length != WHOLE {
        return None;
    }
    let (signed, claimed) = tag.split_at(SIGNED);
    let master = lookup(u16::from_be_bytes([signed[0], signed[1]]))?;
    mac(purpose, &master, mail_domain, signed)
        .verify_truncated_left(claimed)
        .ok()?;
    let uuid = Uuid::from_slice(&signed[2..]).ok()?;
    Some((purpose, NoticeId::from(uuid)))
}

fn mac(purpose: Purpose, master: &[u8; 32], mail_domain: &str, signed: &[u8]) -> Hmac<Sha256> {
    let info = format!(
        "countersign/v1/{}/{}",
        purpose.name(),
        mail_domain.to_ascii_lowercase()
    );
    let mut key = [0_u8; 32];
    Hkdf::<Sha256>::new(None, master)
        .expand(info.as_bytes(), &mut key)
        .expect("32 octets are within what HKDF-SHA-256 gives (RFC 5869 §2.3)");
    let mut mac = <Hmac<Sha256>>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(signed);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MASTER: [u8; 32] = [7; 32];

    fn ring(key_id: u16) -> Option<[u8; 32]> {
        (key_id == 3).then_some(MASTER)
    }

    fn tag(purpose: Purpose, notice: u128) -> String {
        encode(
            purpose,
            NoticeId::from(Uuid::from_u128(notice)),
            3,
            &MASTER,
            "mail.example.com",
        )
    }

    #[test]
    fn the_form_is_fixed() {
        // Computed apart from this code, by Python's hmac, hashlib and base64.
        assert_eq!(
            tag(Purpose::Bounce, 0x0192_0000_0000_7000_8000_0000_0000_0001),
            "b+aabqdeqaaaaaa4aaqaaaaaaaaaaadt5nb4xm3xchfos57udeerihbdi"
        );
        assert_eq!(
            tag(Purpose::Reply, 0x0192_0000_0000_7000_8000_0000_0000_0001),
            "r+aabqdeqaaaaaa4aaqaaaaaaaaaaac7cusxhgklutqmcqd5rofrzrhba"
        );
    }

    #[test]
    fn a_tag_is_read_whatever_its_case() {
        let upper = tag(Purpose::Bounce, 5).to_ascii_uppercase();
        let notice = NoticeId::from(Uuid::from_u128(5));
        assert_eq!(
            decode(&upper, ring, "Mail.Example.com"),
            Some((Purpose::Bounce, notice))
        );
    }

    #[test]
    fn a_tag_holds_for_one_purpose_one_domain_and_a_known_key() {
        let bounce = tag(Purpose::Bounce, 5);
        let as_reply = bounce.replacen("b+", "r+", 1);
        assert_eq!(decode(&as_reply, ring, "mail.example.com"), None);
        assert_eq!(decode(&bounce, ring, "other.example.com"), None);
        assert_eq!(decode(&bounce, |_| None, "mail.example.com"), None);
        assert_eq!(decode(&bounce, |_| Some([8; 32]), "mail.example.com"), None);
    }

    proptest! {
        #[test]
        fn every_tag_reads_back(notice: NoticeId, master: [u8; 32], key_id: u16) {
            let local = encode(Purpose::Reply, notice, key_id, &master, "example.com");
            prop_assert_eq!(local.len(), LENGTH);
            let lookup = |id| (id == key_id).then_some(master);
            prop_assert_eq!(decode(&local, lookup, "example.com"), Some((Purpose::Reply, notice)));
        }

        #[test]
        fn a_mutated_tag_never_verifies(
            notice: NoticeId,
            at in 0..LENGTH,
            other in proptest::char::range('!', '~'),
        ) {
            let local = encode(Purpose::Bounce, notice, 3, &MASTER, "example.com");
            let mut mutated = local.clone().into_bytes();
            mutated[at] = other as u8;
            let mutated = String::from_utf8(mutated).unwrap();
            prop_assume!(!mutated.eq_ignore_ascii_case(&local));
            // The key id may be mutated too: every id finds the key, so that the MAC has to hold.
            prop_assert_eq!(decode(&mutated, |_| Some(MASTER), "example.com"), None);
        }

        #[test]
        fn no_other_text_verifies(text in "[br]\\+[a-z2-7]{55}|.{0,80}") {
            prop_assert_eq!(decode(&text, |_| Some(MASTER), "example.com"), None);
        }
    }
}
