//! TLS and passwords.

use std::path::{Path, PathBuf};

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::demo::sink::{Behaviour, SinkTls};
use crate::domain::delivery::{Verdict, judge};
use crate::outbound::url::{Security, SmtpServer};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

fn certified() -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(fixture("server.pem"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

fn trusting() -> Options {
    Options {
        ca_file: Some(fixture("ca.pem")),
        ..options()
    }
}

async fn tls_sink(tls: SinkTls) -> Sink {
    sink(SinkOptions {
        tls: Some(tls),
        ..SinkOptions::default()
    })
    .await
}

/// The URL of a sink, with STARTTLS.
fn starttls(sink: &Sink) -> String {
    format!("smtp://{}?tls=starttls", sink.address())
}

#[tokio::test]
async fn mails_go_under_tls_and_the_connection_is_reused() {
    for (scheme, parameter, tls) in [
        ("smtp", "?tls=starttls", SinkTls::Offered(certified())),
        ("smtps", "", SinkTls::Implicit(certified())),
    ] {
        let sink = tls_sink(tls).await;
        let url = format!("{scheme}://localhost:{}{parameter}", sink.address().port());
        let smtp = smtp(&url, &trusting());
        for _ in 0..3 {
            send_well(&smtp).await;
        }
        assert_eq!(sink.connections(), 1, "{scheme}");
        assert!(
            sink.mails()
                .iter()
                .all(|mail| mail.encrypted && mail.bytes == BODY)
        );
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_or_of_another_host_pauses() {
    let offered = tls_sink(SinkTls::Offered(certified())).await;
    let implicit = tls_sink(SinkTls::Implicit(certified())).await;
    let distrusting = Options {
        ca_file: Some(fixture("server.pem")),
        ..options()
    };
    for (url, options, stage) in [
        (starttls(&offered), distrusting.clone(), Stage::StartTls),
        (
            format!("smtps://{}", implicit.address()),
            distrusting,
            Stage::Connect,
        ),
        (
            format!("smtps://host.localhost:{}", implicit.address().port()),
            trusting(),
            Stage::Connect,
        ),
    ] {
        let (outcome, marks) = send(&smtp(&url, &options), "kim@customer.example").await;
        assert!(
            matches!(&outcome, Outcome::Lost(at, _) if *at == stage),
            "{url}: {outcome:?}"
        );
        assert_eq!((judge(&outcome), marks), (Verdict::Pause, 0));
    }
}

#[tokio::test]
async fn a_server_that_does_not_offer_starttls_pauses() {
    let plain = sink(SinkOptions::default()).await;
    let smtp = smtp(&starttls(&plain), &trusting());
    let (outcome, marks) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::StartTls, what) if what.contains("does not offer STARTTLS")),
        "{outcome:?}"
    );
    assert_eq!((judge(&outcome), marks), (Verdict::Pause, 0));
    assert_eq!(plain.taken(), 0);
}

#[tokio::test]
async fn a_server_that_refuses_or_forgets_starttls_pauses() {
    let sink = tls_sink(SinkTls::Offered(certified())).await;
    let url = starttls(&sink);
    for (behaviour, refused) in [
        (Behaviour::Reply("454 4.7.0 no TLS today".into()), true),
        (Behaviour::Hang, false),
        (Behaviour::Drop, false),
    ] {
        sink.behave(Stage::StartTls, behaviour);
        let (outcome, _) = send(&smtp(&url, &trusting()), "kim@customer.example").await;
        match outcome {
            Outcome::Refused(Stage::StartTls, reply) => assert!(refused && reply.code == 454),
            Outcome::Lost(Stage::StartTls, _) => assert!(!refused),
            other => panic!("{other:?}"),
        }
    }
}

async fn guarded(tls: Option<SinkTls>) -> Sink {
    sink(SinkOptions {
        tls,
        credentials: Some(("kim@example.com".into(), "right".into())),
        ..SinkOptions::default()
    })
    .await
}

#[tokio::test]
async fn the_right_password_signs_in_and_a_wrong_one_pauses_without_being_shown() {
    for (scheme, parameter, tls) in [
        ("smtp", "", None),
        ("smtp", "?tls=starttls", Some(SinkTls::Offered(certified()))),
        ("smtps", "", Some(SinkTls::Implicit(certified()))),
    ] {
        let sink = guarded(tls).await;
        let address = sink.address();
        let as_kim = |password: &str| {
            let url = format!("{scheme}://kim%40example.com:{password}@{address}{parameter}");
            smtp(&url, &trusting())
        };
        send_well(&as_kim("right")).await;

        let wrong = as_kim("wr0ng");
        let (outcome, marks) = send(&wrong, "kim@customer.example").await;
        assert!(
            matches!(&outcome, Outcome::Refused(Stage::Auth, reply) if reply.code == 535),
            "{outcome:?}"
        );
        assert_eq!((judge(&outcome), marks), (Verdict::Pause, 0));
        assert!(!format!("{outcome:?} {wrong:?}").contains("wr0ng"));
    }
}

#[tokio::test]
async fn no_password_goes_to_a_server_that_does_not_ask_for_one() {
    let open = sink(SinkOptions::default()).await;
    let url = format!("smtp://user:secret@{}", open.address());
    let (outcome, _) = send(&smtp(&url, &options()), "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::Auth, what) if what.contains("AUTH PLAIN")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_check_goes_as_far_as_signing_in_and_says_where_it_failed() {
    let sink = guarded(Some(SinkTls::Offered(certified()))).await;
    let as_kim = |password: &str| {
        let url = format!(
            "smtp://kim%40example.com:{password}@{}?tls=starttls",
            sink.address()
        );
        smtp(&url, &trusting())
    };
    let checked = as_kim("right").check().await.unwrap();
    assert_eq!(checked.to_string(), "TLS, signed in, PIPELINING, SMTPUTF8");
    until(|| sink.open_connections() == 0).await;
    let failed = as_kim("wrong").check().await.unwrap_err();
    assert!(
        matches!(failed, Outcome::Refused(Stage::Auth, _)),
        "{failed:?}"
    );
    assert_eq!(sink.taken(), 0);
}

#[tokio::test]
async fn nothing_goes_in_the_clear_to_a_name_that_leads_elsewhere() {
    let afar = SmtpServer {
        // TEST-NET-1 (RFC 5737): nobody is there, and nobody is to be asked.
        host: "192.0.2.1".to_owned(),
        port: 25,
        security: Security::Plain,
        user: None,
        password: None,
    };
    let smtp = Smtp::new(afar, &options()).unwrap();
    let (outcome, marks) = send(&smtp, "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::Connect, what) if what.contains("no address of use")),
        "{outcome:?}"
    );
    assert_eq!(marks, 0);
}

#[test]
fn settings_that_do_not_go_together_are_named() {
    let with = |change: fn(&mut Options)| {
        let mut options = trusting();
        change(&mut options);
        options
    };
    let remote = "smtps://relay.example";
    for (url, options, says) in [
        (
            "smtps://user@relay.example",
            options(),
            "mail.smtp_url names a user without a password: set mail.smtp_password_file",
        ),
        (
            remote,
            with(|o| o.ehlo_name = "a b".into()),
            "mail.ehlo_name must be",
        ),
        (
            remote,
            with(|o| o.ehlo_name = String::new()),
            "mail.ehlo_name must be",
        ),
        (
            remote,
            with(|o| o.ehlo_name = "[nowhere]".into()),
            "mail.ehlo_name must be",
        ),
        (
            remote,
            with(|o| o.max_connections = 0),
            "mail.connections must be at least 1",
        ),
        (
            remote,
            with(|o| o.mails_per_connection = 0),
            "mail.mails_per_connection must be at least 1",
        ),
        (
            remote,
            with(|o| o.ca_file = Some(fixture("missing.pem"))),
            "mail.ca_file cannot be used",
        ),
        (
            remote,
            with(|o| o.ca_file = Some(fixture("server.key"))),
            "holds no certificate",
        ),
    ] {
        let error = try_smtp(url, &options).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
