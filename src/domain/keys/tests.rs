use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

fn ring() -> KeyRing {
    KeyRing::fresh(NOW, &mut rand::rng())
}

fn text(ring: &KeyRing) -> String {
    ring.to_toml().expose_secret().to_owned()
}

fn refusal(text: &str) -> KeyRingError {
    KeyRing::from_toml(text).unwrap_err()
}

fn states(ring: &KeyRing) -> Vec<(u16, KeyState)> {
    ring.token_keys()
        .iter()
        .map(|key| (key.id(), key.state()))
        .collect()
}

#[test]
fn the_text_form_reads_back() {
    let ring = ring()
        .rotate(NOW, &mut rand::rng())
        .unwrap()
        .retire(1, 0)
        .unwrap()
        .rotate_audit(NOW, &mut rand::rng())
        .unwrap();
    let again = KeyRing::from_toml(&text(&ring)).unwrap();
    assert_eq!(text(&again), text(&ring));
    assert_eq!(
        states(&again),
        [(1, KeyState::Retired), (2, KeyState::Active)]
    );
    assert_eq!(again.token_keys()[1].created(), NOW);
}

#[test]
fn a_rotation_makes_a_new_current_key_and_keeps_the_old_for_its_rows() {
    let ring = ring();
    let old = *ring.token_keys()[0].master().unwrap();
    let ring = ring.rotate(NOW, &mut rand::rng()).unwrap();
    assert_eq!(ring.current_token_key(), 2);
    assert_eq!(
        states(&ring),
        [(1, KeyState::VerifyOnly), (2, KeyState::Active)]
    );
    assert_eq!(ring.token_keys()[0].master(), Some(&old));
    assert_ne!(ring.token_keys()[1].master(), Some(&old));
}

#[test]
fn retiring_destroys_the_key_and_its_id_is_never_given_again() {
    let ring = ring()
        .rotate(NOW, &mut rand::rng())
        .unwrap()
        .retire(1, 0)
        .unwrap();
    assert_eq!(ring.token_keys()[0].master(), None);
    let ring = ring.retire(1, 5).unwrap();
    let ring = ring.rotate(NOW, &mut rand::rng()).unwrap();
    assert_eq!(ring.current_token_key(), 3);
}

#[test]
fn a_key_in_use_the_current_one_and_an_unknown_one_are_not_retired() {
    let rotated = || ring().rotate(NOW, &mut rand::rng()).unwrap();
    let error = rotated().retire(1, 12).unwrap_err();
    assert_eq!(
        error.to_string(),
        "token key 1 still serves 12 open links or secrets of webhooks; retire it when they have ended"
    );
    let error = rotated().retire(2, 0).unwrap_err();
    assert_eq!(error, KeyRingError::RetireCurrent { id: 2 });
    let error = rotated().retire(9, 0).unwrap_err();
    assert_eq!(error, KeyRingError::Unknown { id: 9 });
}

#[test]
fn no_id_beyond_the_last_is_given() {
    let full = text(&ring()).replacen("id = 1", "id = 65535", 1);
    let error = KeyRing::from_toml(&full)
        .unwrap()
        .rotate(NOW, &mut rand::rng())
        .unwrap_err();
    assert_eq!(error, KeyRingError::Exhausted { table: "token" });
}

#[test]
fn a_signature_verifies_under_its_own_key_only_and_after_a_rotation() {
    let ring = ring();
    let signature = ring.sign(b"head");
    assert!(ring.verify_signature(b"head", &signature));
    assert!(!ring.verify_signature(b"tail", &signature));

    let ring = ring.rotate_audit(NOW, &mut rand::rng()).unwrap();
    assert!(ring.verify_signature(b"head", &signature));
    assert_eq!(ring.sign(b"head").key_id, 2);
    let claimed = AuditSignature {
        key_id: 2,
        ..signature
    };
    assert!(!ring.verify_signature(b"head", &claimed));
    assert!(
        !text(&ring)
            .split("[[audit]]")
            .nth(1)
            .unwrap()
            .contains("seed")
    );
}

#[test]
fn the_signature_is_that_of_rfc_8032() {
    // RFC 8032 §7.1, test 2.
    let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
    let mut seed = Secret::default();
    seed.expose_secret_mut().copy_from_slice(&hex(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    ));
    let (signer, key) = Signer::new(1, NOW, seed);
    assert_eq!(
        key.public()[..],
        hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    );
    assert_eq!(
        signer.sign(&[0x72]).bytes[..],
        hex(concat!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ))
    );
}

#[test]
fn a_wrong_ring_is_refused_by_line_and_without_its_keys() {
    let good = text(&ring());
    let wrong = good.replacen("state = \"active\"", "state = \"on\"", 1);
    assert_eq!(refusal(&wrong), KeyRingError::Form { line: 3 });
    let wrong = good.replacen("key = \"", "key = \"secret-", 1);
    assert_eq!(
        refusal(&wrong).to_string(),
        "key ring, [[token]] id 1: `key` must be 32 bytes in base64 (44 characters)"
    );
    for broken in [
        good.replacen("key = \"", "key = 77", 1),
        good.replacen("key", "kee", 1),
        "not toml".to_owned(),
    ] {
        let message = refusal(&broken).to_string();
        assert!(message.starts_with("the key ring is not of its form at line"));
        assert!(
            !message.contains("77") && !message.contains("kee"),
            "{message}"
        );
    }
}

#[test]
fn a_ring_has_exactly_one_current_key_of_each_kind() {
    let good = text(&ring());
    let none = KeyRingError::Current {
        table: "token",
        what: "state = \"active\"",
        count: 0,
    };
    assert_eq!(refusal(""), none);
    assert_eq!(
        refusal(&good.replace("\"active\"", "\"verify-only\"")),
        none
    );
    let (token, audit) = good.split_at(good.find("[[audit]]").unwrap());
    assert_eq!(
        refusal(&format!("{token}{token}{audit}")),
        KeyRingError::DuplicateId {
            table: "token",
            id: 1
        }
    );
    let second = token.replace("id = 1", "id = 2");
    assert!(matches!(
        refusal(&format!("{token}{second}{audit}")),
        KeyRingError::Current {
            table: "token",
            count: 2,
            ..
        }
    ));
    assert!(matches!(
        refusal(token),
        KeyRingError::Current {
            table: "audit",
            count: 0,
            ..
        }
    ));
    assert_eq!(
        refusal(&good.replace("\"active\"", "\"retired\"")),
        KeyRingError::StateWithoutKey { id: 1 }
    );
    let other = text(&ring());
    let foreign = other[other.find("[[audit]]").unwrap()..]
        .lines()
        .find(|line| line.starts_with("public"))
        .unwrap()
        .to_owned();
    let own = audit
        .lines()
        .find(|line| line.starts_with("public"))
        .unwrap();
    assert_eq!(
        refusal(&good.replace(own, &foreign)),
        KeyRingError::AuditPair { id: 1 }
    );
}

#[test]
fn printing_a_ring_shows_no_key() {
    let ring = ring();
    let shown = format!("{ring:?}");
    for line in text(&ring).lines() {
        if let Some((_, value)) = line.split_once("key = ").or(line.split_once("seed = ")) {
            assert!(!shown.contains(value.trim_matches('"')));
        }
    }
    assert!(shown.contains("REDACTED"));
}

#[test]
fn a_mailbox_is_known_by_the_same_key_whatever_is_rotated() {
    let fresh = ring();
    let key = fresh.mailbox("hong@customer.example");
    assert_eq!(key.as_str().len(), 64);
    assert_ne!(fresh.mailbox("kim@customer.example"), key);
    assert_ne!(ring().mailbox("hong@customer.example"), key);
    let rotated = fresh.rotate(NOW, &mut rand::rng()).unwrap();
    let rotated = rotated.rotate_audit(NOW, &mut rand::rng()).unwrap();
    let read = KeyRing::from_toml(&text(&rotated)).unwrap();
    assert_eq!(read.mailbox("hong@customer.example"), key);
    let good = text(&read);
    let (rest, _) = good.split_once("[mailbox]").unwrap();
    assert_eq!(KeyRing::from_toml(rest).unwrap_err(), KeyRingError::Mailbox);
}
