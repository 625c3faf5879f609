use super::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn ring() -> KeyRing {
    KeyRing::fresh(NOW, &mut rand::rng())
}

fn tokens() -> &'static Tokens {
    static TOKENS: std::sync::LazyLock<Tokens> =
        std::sync::LazyLock::new(|| Tokens::new(&ring(), "here"));
    &TOKENS
}

fn claims(purpose: Purpose) -> Claims {
    Claims {
        purpose,
        key_id: 1,
        subject: Uuid::from_u128(0x0192_3456_789a_7bcd_8ef0_1234_5678_9abc),
        generation: 3,
        expires_at: 1_795_000_001,
    }
}

prop_compose! {
    fn any_claims()(
        purpose in prop::sample::select(Purpose::ALL.to_vec()),
        subject: u128,
        generation: u32,
        expires_at in 1_795_000_001_u64..,
    ) -> Claims {
        Claims { purpose, key_id: 1, subject: Uuid::from_u128(subject), generation, expires_at }
    }
}

proptest! {
    #[test]
    fn a_minted_token_verifies_and_says_what_was_put_in(claims in any_claims()) {
        let token = tokens().mint(&claims).unwrap();
        prop_assert_eq!(token.as_str().len(), 86);
        prop_assert_eq!(tokens().verify(token.as_str(), claims.purpose, NOW), Ok(claims));
        prop_assert_eq!(inspect(token.as_str()).unwrap().claims(), Some(claims));
    }

    #[test]
    fn a_token_with_any_characters_changed_never_verifies(
        claims in any_claims(),
        changes in prop::collection::vec((0..86_usize, prop::sample::select(ALPHABET.to_vec())), 1..10),
    ) {
        let token = tokens().mint(&claims).unwrap();
        let mut bytes = token.as_str().as_bytes().to_vec();
        for (at, character) in changes {
            bytes[at] = character;
        }
        prop_assume!(bytes != token.as_str().as_bytes());
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert_eq!(tokens().authenticate(&changed), None);
    }

    #[test]
    fn a_token_with_a_character_of_any_kind_put_in_never_verifies(
        claims in any_claims(), at in 0..86_usize, put: char,
    ) {
        let token = tokens().mint(&claims).unwrap();
        let mut changed = token.to_string();
        prop_assume!(changed[at..=at] != put.to_string());
        changed.replace_range(at..=at, &put.to_string());
        prop_assert_eq!(tokens().authenticate(&changed), None);
    }

    #[test]
    fn a_text_that_verifies_is_the_one_way_to_write_it(
        claims in any_claims(), last in prop::sample::select(ALPHABET.to_vec()),
    ) {
        let mut text = tokens().mint(&claims).unwrap().to_string();
        text.pop();
        text.push(char::from(last));
        if let Some(read) = tokens().authenticate(&text) {
            let again = tokens().mint(&read).unwrap();
            prop_assert_eq!(again.as_str(), text);
        }
    }

    #[test]
    fn a_text_of_any_kind_never_verifies(text in "\\PC{0,100}", letters in "[A-Za-z0-9_-]{86}") {
        prop_assert_eq!(tokens().verify(&text, Purpose::Accept, NOW), Err(Refusal::Invalid));
        prop_assert_eq!(tokens().verify(&letters, Purpose::Accept, NOW), Err(Refusal::Invalid));
    }
}

#[test]
fn exactly_one_last_character_verifies() {
    let token = tokens().mint(&claims(Purpose::Accept)).unwrap();
    let stem = &token.as_str()[..85];
    let good = ALPHABET
        .iter()
        .filter(|last| {
            let text = format!("{stem}{}", char::from(**last));
            tokens().authenticate(&text).is_some()
        })
        .count();
    assert_eq!(good, 1);
}

#[test]
fn every_other_length_is_refused() {
    let token = tokens().mint(&claims(Purpose::Accept)).unwrap();
    let long: String = token.as_str().chars().cycle().take(86_000).collect();
    for length in (0..=200).filter(|length| *length != 86).chain([86_000]) {
        for text in [&long[..length], &"A".repeat(length)] {
            let refusal = tokens().verify(text, Purpose::Accept, NOW);
            assert_eq!(refusal, Err(Refusal::Invalid), "length {length}");
        }
    }
    assert!(tokens().verify(&long[..86], Purpose::Accept, NOW).is_ok());
}

#[test]
fn a_token_serves_its_own_purpose_only() {
    for purpose in Purpose::ALL {
        let token = tokens().mint(&claims(purpose)).unwrap();
        for asked in Purpose::ALL {
            let verdict = tokens().verify(token.as_str(), asked, NOW);
            assert_eq!(verdict.is_ok(), asked == purpose, "{purpose} as {asked}");
        }
    }
}

#[test]
fn a_token_of_another_installation_is_refused() {
    let ring = ring();
    let (here, there) = (Tokens::new(&ring, "here"), Tokens::new(&ring, "there"));
    let token = here.mint(&claims(Purpose::Accept)).unwrap();
    assert!(here.authenticate(token.as_str()).is_some());
    assert!(there.authenticate(token.as_str()).is_none());
}

#[test]
fn a_token_runs_out_at_its_second_and_a_forged_one_is_never_called_expired() {
    let claims = claims(Purpose::Accept);
    let token = tokens().mint(&claims).unwrap();
    let at = |seconds: i64| {
        let now = Timestamp::from_micros(seconds * 1_000_000);
        tokens().verify(token.as_str(), Purpose::Accept, now)
    };
    assert_eq!(at(1_795_000_000), Ok(claims));
    assert_eq!(at(1_795_000_001), Err(Refusal::Expired(claims)));
    assert_eq!(at(-1), Ok(claims));

    let old = Claims {
        expires_at: 1,
        ..claims
    };
    let foreign = Tokens::new(&ring(), "here").mint(&old).unwrap();
    let refusal = tokens().verify(foreign.as_str(), Purpose::Accept, NOW);
    assert_eq!(refusal, Err(Refusal::Invalid));
    let other = tokens().mint(&old).unwrap();
    let refusal = tokens().verify(other.as_str(), Purpose::Manage, NOW);
    assert_eq!(refusal, Err(Refusal::Invalid));
}

#[test]
fn a_link_outlives_a_rotation_and_ends_with_its_key() {
    let ring = ring();
    let token = Tokens::new(&ring, "here")
        .mint(&claims(Purpose::Accept))
        .unwrap();

    let ring = ring.rotate(NOW, &mut rand::rng()).unwrap();
    let rotated = Tokens::new(&ring, "here");
    assert_eq!(rotated.current_key(), 2);
    assert!(rotated.authenticate(token.as_str()).is_some());
    // A retry of the mail carries the same link, though its key is no longer the current one.
    assert_eq!(rotated.mint(&claims(Purpose::Accept)), Ok(token.clone()));

    let retired = Tokens::new(&ring.retire(1, 0).unwrap(), "here");
    assert!(retired.authenticate(token.as_str()).is_none());
    assert_eq!(retired.mint(&claims(Purpose::Accept)), Err(UnknownKey(1)));
}

#[test]
fn printing_shows_neither_token_nor_key() {
    let token = tokens().mint(&claims(Purpose::Accept)).unwrap();
    assert_eq!(format!("{token:?}"), "Token(…)");
    let printed = format!("{:?}", tokens());
    assert!(printed.contains("MacKey(…)"), "{printed}");
}

#[test]
fn inspection_says_what_is_wrong_with_the_form() {
    assert_eq!(inspect("abc"), Err(Malformed::Length(3)));
    let mut text = "A".repeat(86);
    assert_eq!(inspect(&text).unwrap().version, 0);
    text.replace_range(5..6, "+");
    assert_eq!(inspect(&text), Err(Malformed::Encoding(6)));
    let spare_bits = format!("{}B", "A".repeat(85));
    assert_eq!(inspect(&spare_bits), Err(Malformed::Encoding(86)));
}

#[test]
fn purposes_have_their_numbers_and_names() {
    for (number, purpose) in (1..).zip(Purpose::ALL) {
        assert_eq!(purpose.number(), number);
        assert_eq!(Purpose::from_number(number), Some(purpose));
        assert_eq!(purpose.name().parse(), Ok(purpose));
    }
    assert_eq!(Purpose::from_number(0), None);
    assert_eq!(Purpose::from_number(8), None);
    assert_eq!("Accept".parse::<Purpose>(), Err(UnknownPurpose));
}
