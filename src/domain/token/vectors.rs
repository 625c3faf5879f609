//! docs/token-v1.json: the vectors by which another language shows that it reads our tokens.
//!
//! `UPDATE_VECTORS=1` writes the file; otherwise the tests hold it to what the code does. tests/token.py reads the same file.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use crate::domain::ids::NoticeId;
use crate::domain::mac::MacKey;

const AUDIENCE: &str = "01934f7e-1c2b-7a3d-9e4f-5a6b7c8d9e0f";
const MAIL_DOMAIN: &str = "mail.example.com";
/// Of these, key 3 is not in the file: it is retired.
const KEYS: [(u16, &str); 3] = [
    (
        1,
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    ),
    (
        513,
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf",
    ),
    (
        3,
        "ff000000000000000000000000000000000000000000000000000000000000ff",
    ),
];

fn file() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/token-v1.json"))
}

fn master(id: u16) -> Vec<u8> {
    let (_, hex) = KEYS.iter().find(|(known, _)| *known == id).unwrap();
    data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
}

/// A ring of keys 1 and 513; with `retired` key 3 still works as well.
fn ring(retired: bool) -> KeyRing {
    let audit = "[[audit]]\nid = 1\ncreated = \"2026-11-22T00:00:00Z\"\n\
         public = \"O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=\"\n\
         seed = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\n";
    let mailbox = "[mailbox]\nkey = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\n";
    let tokens = KEYS.iter().filter(|(id, _)| retired || *id != 3).map(|(id, _)| {
        let state = if *id == 1 { "active" } else { "verify-only" };
        let key = data_encoding::BASE64.encode(&master(*id));
        format!("[[token]]\nid = {id}\nstate = \"{state}\"\ncreated = \"2026-11-22T00:00:00Z\"\nkey = \"{key}\"\n")
    });
    let text: String = [audit.to_owned(), mailbox.to_owned()]
        .into_iter()
        .chain(tokens)
        .collect();
    KeyRing::from_toml(&text).unwrap()
}

fn all_valid() -> Vec<Claims> {
    let subjects = [
        Uuid::from_u128(0),
        Uuid::from_u128(0x0193_4f7e_2d3c_7b4e_8f50_6b7c_8d9e_0fa1),
        Uuid::from_u128(u128::MAX),
    ];
    let generations = [0, 1, 0x0102_0304, u32::MAX];
    // 0; 2026-12-22T00:00:00Z; the last second of the year 9999. No larger number is exact in every JSON reader.
    let ends = [0, 1_797_897_600, 253_402_300_799];
    let mut all = Vec::new();
    // A new purpose comes after the vectors that are there, so that those stay what they were.
    let first = Purpose::ALL.into_iter().take(6).cycle().take(24);
    let purposes = first.chain([Purpose::List; 4]);
    let purposes = purposes.chain([Purpose::Inquiry, Purpose::Respond].repeat(2));
    for (index, purpose) in purposes.enumerate() {
        all.push(Claims {
            purpose,
            key_id: if index % 4 == 3 { 513 } else { 1 },
            subject: subjects[(index / 2) % 3],
            generation: generations[(index / 3) % 4],
            expires_at: ends[(index / 5 + 1) % 3],
        });
    }
    all
}

/// A token over any 32 bytes, with the MAC key of any purpose and key: what only a holder of the keys can forge.
fn sealed(body: [u8; 32], key_id: u16, purpose: &str, audience: &str) -> String {
    let key = MacKey::derive(&master(key_id), purpose, audience);
    layout::encode(&body, &key.tag(&body))
}

fn swapped(text: &str, at: usize, put: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(at..=at, put);
    text
}

/// Reason, purpose that is asked for, text.
#[expect(clippy::too_many_lines, reason = "one list of vectors")]
fn all_invalid() -> Vec<(&'static str, &'static str, String)> {
    let claims = Claims {
        expires_at: 1_797_897_600,
        generation: 1,
        ..all_valid()[2]
    };
    let claims = Claims {
        purpose: Purpose::Accept,
        key_id: 1,
        ..claims
    };
    let good = Tokens::new(&ring(true), AUDIENCE)
        .mint(&claims)
        .unwrap()
        .to_string();
    let body = layout::body(&claims);
    let with = |at: usize, value: u8| {
        let mut body = body;
        body[at] = value;
        body
    };
    let bytes = layout::decode(&good).unwrap();
    let flipped = |at: usize| {
        let mut bytes = bytes;
        bytes[at] ^= 1;
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    };
    let last = good.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let position = alphabet.find(last).unwrap();
    let spare = &alphabet[position + 1..position + 2];
    vec![
        ("empty", "accept", String::new()),
        ("one character short", "accept", good[..85].to_owned()),
        ("one character long", "accept", format!("{good}A")),
        ("padded", "accept", format!("{good}==")),
        ("blank before", "accept", format!(" {good}")),
        ("line end after", "accept", format!("{good}\n")),
        (
            "spare bits of the last character are not zero",
            "accept",
            swapped(&good, 85, spare),
        ),
        (
            "character of the standard alphabet",
            "accept",
            swapped(&good, 40, "+"),
        ),
        (
            "character outside of ASCII, 86 characters",
            "accept",
            swapped(&good, 40, "é"),
        ),
        (
            "character outside of ASCII, 86 bytes",
            "accept",
            format!("{}é{}", &good[..40], &good[42..]),
        ),
        ("all zero", "accept", "A".repeat(86)),
        (
            "version 0, rightly sealed",
            "accept",
            sealed(with(0, 0), 1, "accept", AUDIENCE),
        ),
        (
            "version 2, rightly sealed",
            "accept",
            sealed(with(0, 2), 1, "accept", AUDIENCE),
        ),
        (
            "unknown purpose 0",
            "accept",
            sealed(with(1, 0), 1, "accept", AUDIENCE),
        ),
        (
            "unknown purpose 10",
            "accept",
            sealed(with(1, 10), 1, "accept", AUDIENCE),
        ),
        ("of another purpose than asked for", "manage", good.clone()),
        (
            "sealed with the key of another purpose",
            "accept",
            sealed(body, 1, "manage", AUDIENCE),
        ),
        (
            "sealed for another audience",
            "accept",
            sealed(body, 1, "accept", "01934f7e-1c2b-7a3d-9e4f-5a6b7c8d9e10"),
        ),
        (
            "sealed with another key than it names",
            "accept",
            sealed(body, 513, "accept", AUDIENCE),
        ),
        (
            "of a retired key",
            "accept",
            sealed(with(3, 3), 3, "accept", AUDIENCE),
        ),
        (
            "of a key that never was",
            "accept",
            sealed(with(3, 4), 1, "accept", AUDIENCE),
        ),
        ("key id in little endian", "accept", {
            let mut body = body;
            body[2..4].copy_from_slice(&[1, 0]);
            sealed(body, 1, "accept", AUDIENCE)
        }),
        ("sealed with the master key itself", "accept", {
            layout::encode(&body, &MacKey::new(&master(1)).tag(&body))
        }),
        ("subject changed", "accept", flipped(19)),
        ("generation changed", "accept", flipped(23)),
        ("end changed", "accept", flipped(31)),
        ("first bit of the MAC changed", "accept", flipped(32)),
        ("last bit of the MAC changed", "accept", flipped(63)),
        ("MAC of zeros", "accept", layout::encode(&body, &[0; 32])),
    ]
}

/// Notice and local part, then reason and local part.
#[expect(clippy::type_complexity, reason = "two lists of vectors")]
fn return_paths() -> (Vec<(NoticeId, u16, String)>, Vec<(&'static str, String)>) {
    let ring = ring(true);
    let paths = MailTags::new(&ring, MAIL_DOMAIN);
    let notice = NoticeId::from(Uuid::from_u128(0x0193_4f7e_3e4d_7c5f_9061_7c8d_9e0f_a1b2));
    let of = |key_id| paths.mint(Tag::Bounce, key_id, notice).unwrap();
    let valid = vec![
        (notice, 1, of(1)),
        (notice, 513, of(513)),
        (notice, 1, of(1).to_ascii_uppercase()),
    ];
    let elsewhere = MailTags::new(&ring, "mail.example.org");
    let good = of(1);
    let alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    let position = alphabet.find(&good[56..]).unwrap();
    let spare = &alphabet[position + 1..position + 2];
    let invalid = vec![
        (
            "of another mail domain",
            elsewhere.mint(Tag::Bounce, 1, notice).unwrap(),
        ),
        ("of a retired key", of(3)),
        ("without its prefix", good[2..].to_owned()),
        ("one character long", format!("{good}a")),
        (
            "notice changed",
            swapped(&good, 20, if &good[20..21] == "a" { "b" } else { "a" }),
        ),
        (
            "spare bits of the last character are not zero",
            swapped(&good, 56, spare),
        ),
    ];
    (valid, invalid)
}

fn document() -> Value {
    let tokens = Tokens::new(&ring(true), AUDIENCE);
    let valid: Vec<Value> = all_valid()
        .iter()
        .map(|claims| {
            json!({
                "token": tokens.mint(claims).unwrap().as_str(),
                "purpose": claims.purpose.name(),
                "purpose_number": claims.purpose.number(),
                "key_id": claims.key_id,
                "subject": claims.subject.to_string(),
                "generation": claims.generation,
                "expires_at": claims.expires_at,
            })
        })
        .collect();
    let invalid: Vec<Value> = all_invalid()
        .into_iter()
        .map(|(reason, purpose, token)| json!({"reason": reason, "purpose": purpose, "token": token}))
        .collect();
    let (valid_paths, invalid_paths) = return_paths();
    let valid_paths: Vec<Value> = valid_paths
        .into_iter()
        .map(|(notice, key_id, local)| {
            json!({"local_part": local, "key_id": key_id, "notice": notice.uuid().to_string()})
        })
        .collect();
    let invalid_paths: Vec<Value> = invalid_paths
        .into_iter()
        .map(|(reason, local)| json!({"reason": reason, "local_part": local}))
        .collect();
    let keys: Vec<Value> = KEYS
        .iter()
        .filter(|(id, _)| *id != 3)
        .map(|(id, hex)| json!({"id": id, "master": hex}))
        .collect();
    json!({
        "about": "Test vectors of Countersign tokens, version 1. The keys are public: never use them.",
        "token": "unpadded base64url (RFC 4648 section 5), exactly 86 characters, spare bits zero, of: version 1, purpose 1, key id 2, subject 16, generation 4, expires at 8 (Unix seconds), MAC 32; numbers in big endian",
        "mac": "HMAC-SHA-256 over the first 32 bytes; its key is HKDF-SHA-256(master key, no salt, info = countersign/v1/<purpose>/<audience>), 32 bytes",
        "verification": "proves origin only: expiry, generation and state are looked at afterwards",
        "audience": AUDIENCE,
        "keys": keys,
        "valid": valid,
        "invalid": invalid,
        "return_path": {
            "local_part": "b+ and 55 characters of unpadded base32 (RFC 4648 section 6), in any case, spare bits zero, of: key id 2, notice 16, left half of the MAC 16",
            "mac": "HMAC-SHA-256 over the first 18 bytes; its key is HKDF-SHA-256(master key, no salt, info = countersign/v1/return/<mail domain>), 32 bytes",
            "mail_domain": MAIL_DOMAIN,
            "valid": valid_paths,
            "invalid": invalid_paths,
        },
    })
}

#[test]
fn the_vectors_in_the_documents_are_what_the_code_makes() {
    let made = document();
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(file(), text).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file()).unwrap()).unwrap();
    assert!(
        kept == made,
        "docs/token-v1.json differs: a change of the layout ends every open link; UPDATE_VECTORS=1 writes the file anew"
    );
}

#[test]
fn the_code_agrees_with_every_vector() {
    let (ring, before) = (ring(false), Timestamp::from_micros(-1_000_000));
    let tokens = Tokens::new(&ring, AUDIENCE);
    for claims in all_valid() {
        let text = Tokens::new(&ring, AUDIENCE).mint(&claims).unwrap();
        assert_eq!(tokens.authenticate(text.as_str()), Some(claims));
        let fresh = claims.expires_at > 0;
        let verdict = tokens.verify(text.as_str(), claims.purpose, before);
        assert_eq!(verdict.is_ok(), fresh, "{claims:?}");
    }
    for (reason, purpose, text) in all_invalid() {
        let verdict = tokens.verify(&text, purpose.parse().unwrap(), before);
        assert_eq!(verdict, Err(Refusal::Invalid), "{reason}");
    }
    let paths = MailTags::new(&ring, MAIL_DOMAIN);
    let (valid, invalid) = return_paths();
    for (notice, _, local) in valid {
        assert_eq!(paths.verify(&local), Some((Tag::Bounce, notice)));
    }
    for (reason, local) in invalid {
        assert_eq!(paths.verify(&local), None, "{reason}");
    }
}
