use std::borrow::Borrow;
use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;

use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};

use super::*;
use crate::outbound::compose::{Letter, compose};

fn config(selector: &str, file: &str) -> DkimKeyConfig {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dkim");
    DkimKeyConfig {
        domain: "mail.example.com".into(),
        selector: selector.into(),
        key_file: folder.join(file),
    }
}

fn both() -> Signers {
    Signers::load(&[config("rsa", "rsa-pkcs1.pem"), config("ed", "ed25519.pem")]).unwrap()
}

const DATE: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

fn mail() -> Composed {
    compose(&Letter {
        message_id: "<ntc.1@mail.example.com>".into(),
        date: DATE,
        boundary: "cs-1".into(),
        from_name: "한빛클라우드".into(),
        from_address: "invitations@mail.example.com".into(),
        reply_to: "r+abc@mail.example.com".into(),
        to_name: None,
        to_address: "kim@customer.example".into(),
        subject: "승인을 요청드립니다".into(),
        text: "안녕하세요.\n\n.\n  trailing  \n".into(),
        html: "<p>안녕하세요.</p>".into(),
        language: "ko".into(),
        list_unsubscribe: Some("https://example.com/stop/abc".into()),
    })
    .unwrap()
}

fn signed(signers: &Signers) -> Vec<u8> {
    let mut mail = mail();
    signers.sign(&mut mail, DATE).unwrap();
    mail.bytes
}

/// The DNS, as far as these tests have one.
struct Zone(Vec<DnsRecord>);

impl ResolverCache<Box<str>, Txt> for Zone {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let found = self.0.iter().find(|record| {
            let name_in_dns: Box<str> = format!("{}.", record.name).into();
            <Box<str> as Borrow<Q>>::borrow(&name_in_dns) == name
        })?;
        let key = DomainKey::parse(found.value.as_bytes()).unwrap();
        Some(Txt::DomainKey(Arc::new(key)))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}

/// What a verifier says of each signature, in the order in which they stand.
async fn verify(bytes: &[u8], signers: &Signers) -> Vec<bool> {
    let zone = Zone(signers.dns_records().cloned().collect());
    let resolver =
        MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).unwrap();
    let mail = AuthenticatedMessage::parse(bytes).unwrap();
    let results = resolver
        .verify_dkim(Parameters::new(&mail).with_txt_cache(&zone))
        .await;
    results
        .iter()
        .map(|output| output.result() == &DkimResult::Pass)
        .collect()
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

#[tokio::test]
async fn both_signatures_verify_against_the_records_that_are_printed() {
    let signers = both();
    assert_eq!(verify(&signed(&signers), &signers).await, [true, true]);
}

#[tokio::test]
async fn every_form_of_key_file_signs() {
    for file in [
        "rsa-pkcs1.pem",
        "rsa-pkcs8.pem",
        "ed25519.pem",
        "ed25519-seed.txt",
    ] {
        let signers = Signers::load(&[config("s1", file)]).unwrap();
        assert_eq!(verify(&signed(&signers), &signers).await, [true], "{file}");
    }
}

#[tokio::test]
async fn what_is_changed_added_or_taken_away_no_longer_verifies() {
    let signers = both();
    let good = signed(&signers);
    for bad in [
        replaced(&good, "Subject: ", "Subject: Re "),
        replaced(&good, "Date: ", "To: someone@else.example\r\nDate: "),
        replaced(&good, "Date: ", "From: someone@else.example\r\nDate: "),
        replaced(&good, "Date: ", "Subject: other\r\nDate: "),
        replaced(&good, "Date: ", "Reply-To: someone@else.example\r\nDate: "),
        replaced(&good, "/stop/abc", "/stop/abd"),
        replaced(&good, "=One-Click", "=Two-Click"),
        replaced(&good, "--cs-1--", "--cs-1--\r\n."),
        replaced(&good, "Auto-Submitted: auto-generated\r\n", ""),
    ] {
        assert_eq!(verify(&bad, &signers).await, [false, false]);
    }
}

#[test]
fn the_same_mail_and_date_give_the_same_bytes_and_t_is_the_date() {
    let signers = both();
    let first = signed(&signers);
    assert_eq!(first, signed(&signers));
    let text = String::from_utf8(first).unwrap();
    assert_eq!(text.matches("DKIM-Signature: v=1; a=").count(), 2);
    assert_eq!(text.matches("t=1700000000").count(), 2);
    for line in text.split("\r\n") {
        assert!(line.len() <= 998);
    }
}

#[test]
fn the_list_of_signed_fields_holds_what_is_there_and_what_must_not_be_added() {
    let signers = both();
    let bytes = signed(&signers);
    let mail = AuthenticatedMessage::parse(&bytes).unwrap();
    for header in &mail.dkim_headers {
        let fields = &header.header.h;
        let count = |field: &str| {
            fields
                .iter()
                .filter(|f| f.eq_ignore_ascii_case(field))
                .count()
        };
        for field in SIGNED {
            let expected = if OVERSIGNED.contains(&field) { 2 } else { 1 };
            assert_eq!(count(field), expected, "{field}");
        }
    }
    let mut plain = mail_without_unsubscribe();
    signers.sign(&mut plain, DATE).unwrap();
    let text = String::from_utf8(plain.bytes).unwrap();
    assert!(!text.contains("List-Unsubscribe"));
}

fn mail_without_unsubscribe() -> Composed {
    let mut mail = mail();
    let text = String::from_utf8(mail.bytes).unwrap();
    let kept: Vec<&str> = text
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("List-Unsubscribe"))
        .collect();
    mail.bytes = kept.concat().into_bytes();
    mail
}

#[test]
fn without_keys_the_mail_stays_as_it_is() {
    let mut unsigned = mail();
    Signers::default().sign(&mut unsigned, DATE).unwrap();
    assert_eq!(unsigned, mail());
}

#[test]
fn the_records_are_what_openssl_says_of_the_public_keys() {
    let fixture = |file: &str| {
        std::fs::read_to_string(config("", file).key_file)
            .unwrap()
            .trim()
            .to_owned()
    };
    let records: Vec<DnsRecord> = both().dns_records().cloned().collect();
    assert_eq!(records[0].name, "rsa._domainkey.mail.example.com");
    assert_eq!(
        records[0].value,
        format!("v=DKIM1; k=rsa; p={}", fixture("rsa-public.txt"))
    );
    assert_eq!(
        records[1].value,
        format!("v=DKIM1; k=ed25519; p={}", fixture("ed25519-public.txt"))
    );
    // A TXT string holds at most 255 octets.
    let zone = records[0].to_string();
    assert!(zone.starts_with("rsa._domainkey.mail.example.com. IN TXT ( \"v=DKIM1; k=rsa; p="));
    assert_eq!(
        zone.split('"').skip(1).step_by(2).collect::<String>(),
        records[0].value
    );
    assert!(zone.split('"').all(|string| string.len() <= 255));
}

#[test]
fn a_key_file_that_is_of_no_use_says_what_to_do() {
    let error = |file: &str| {
        Signers::load(&[config("s1", file)])
            .unwrap_err()
            .to_string()
    };
    for (file, says) in [
        (
            "missing.pem",
            "`dkim.key_file` of selector `s1` cannot be read",
        ),
        (
            "rsa-encrypted.pem",
            "remove its password with `openssl pkey",
        ),
        (
            "rsa-1024.pem",
            "make one with `openssl genrsa -out dkim.pem 2048`",
        ),
        ("rsa-public.txt", "expected a PEM file"),
    ] {
        let error = error(file);
        assert!(
            error.contains("`dkim.key_file` of selector `s1`"),
            "{error}"
        );
        assert!(error.contains(says), "{error}");
    }
    let mut bad = config("s 1", "ed25519.pem");
    assert!(
        Signers::load(std::slice::from_ref(&bad))
            .unwrap_err()
            .to_string()
            .contains("`dkim.selector`")
    );
    bad.selector = "s1".into();
    let twice = Signers::load(&[bad.clone(), bad]).unwrap_err().to_string();
    assert!(twice.contains("given twice"), "{twice}");
}
