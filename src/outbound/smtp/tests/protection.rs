//! TLS and passwords.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;
use crate::demo::sink::{Behaviour, SinkTls};
use crate::domain::delivery::{Verdict, judge};

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

#[tokio::test]
async fn mails_go_under_tls_and_the_connection_is_reused() {
    for (scheme, tls) in [
        ("smtp+starttls", SinkTls::Offered(certified())),
        ("smtps", SinkTls::Implicit(certified())),
    ] {
        let sink = tls_sink(tls).await;
        let url = format!("{scheme}://localhost:{}", sink.address().port());
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
        (
            format!("smtp+starttls://{}", offered.address()),
            distrusting.clone(),
            Stage::StartTls,
        ),
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
async fn starttls_is_required_unless_it_may_be_missing() {
    let plain = sink(SinkOptions::default()).await;
    let url = format!("smtp+starttls://{}", plain.address());
    let (outcome, _) = send(&smtp(&url, &trusting()), "kim@customer.example").await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::StartTls, what) if what.contains("does not offer STARTTLS")),
        "{outcome:?}"
    );
    let opportunistic = format!("{url}?tls=opportunistic");
    send_well(&smtp(&opportunistic, &trusting())).await;

    let offered = tls_sink(SinkTls::Offered(certified())).await;
    let url = format!("smtp+starttls://{}?tls=opportunistic", offered.address());
    send_well(&smtp(&url, &trusting())).await;
    assert!(offered.mails()[0].encrypted);
}

#[tokio::test]
async fn a_server_that_refuses_or_forgets_starttls_pauses() {
    let sink = tls_sink(SinkTls::Offered(certified())).await;
    let url = format!("smtp+starttls://{}", sink.address());
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

fn with_password(password: &str) -> Options {
    Options {
        password: Some(SecretString::from(password)),
        ..trusting()
    }
}

#[tokio::test]
async fn the_right_password_signs_in_and_a_wrong_one_pauses_without_being_shown() {
    for (scheme, tls) in [
        ("smtp", None),
        ("smtp+starttls", Some(SinkTls::Offered(certified()))),
        ("smtps", Some(SinkTls::Implicit(certified()))),
    ] {
        let sink = guarded(tls).await;
        let url = format!("{scheme}://kim%40example.com@{}", sink.address());
        send_well(&smtp(&url, &with_password("right"))).await;

        let wrong = smtp(&url, &with_password("wr0ng"));
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
    let url = format!("smtp://user@{}", open.address());
    let (outcome, _) = send(
        &smtp(&url, &with_password("secret")),
        "kim@customer.example",
    )
    .await;
    assert!(
        matches!(&outcome, Outcome::Lost(Stage::Auth, what) if what.contains("AUTH PLAIN")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_check_goes_as_far_as_signing_in_and_says_where_it_failed() {
    let sink = guarded(Some(SinkTls::Offered(certified()))).await;
    let url = format!("smtp+starttls://kim%40example.com@{}", sink.address());
    let checked = smtp(&url, &with_password("right")).check().await.unwrap();
    assert_eq!(checked.to_string(), "TLS, signed in, PIPELINING, SMTPUTF8");
    until(|| sink.open_connections() == 0).await;
    let failed = smtp(&url, &with_password("wrong"))
        .check()
        .await
        .unwrap_err();
    assert!(
        matches!(failed, Outcome::Refused(Stage::Auth, _)),
        "{failed:?}"
    );
    assert_eq!(sink.taken(), 0);
}

#[test]
fn settings_that_do_not_go_together_are_named() {
    let error = |url: &str, options: &Options| {
        let TransportUrl::Smtp(url) = url.parse().unwrap() else {
            unreachable!("a folder")
        };
        Smtp::new(url, options).unwrap_err().to_string()
    };
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
            "`SMTP_PASSWORD` is missing",
        ),
        (
            "smtps://user:a@relay.example",
            with_password("b"),
            "keep one of them",
        ),
        (remote, with_password("b"), "`SMTP_URL` names no user"),
        (
            "smtp://user@relay.example?tls=none",
            with_password("b"),
            "in the clear",
        ),
        (
            remote,
            with(|o| o.ehlo_name = "a b".into()),
            "`SMTP_EHLO_NAME`",
        ),
        (
            remote,
            with(|o| o.ehlo_name = String::new()),
            "`SMTP_EHLO_NAME`",
        ),
        (
            remote,
            with(|o| o.ehlo_name = "[nowhere]".into()),
            "`SMTP_EHLO_NAME`",
        ),
        (
            remote,
            with(|o| o.max_connections = 0),
            "`SMTP_MAX_CONNECTIONS` must be at least 1",
        ),
        (
            remote,
            with(|o| o.mails_per_connection = 0),
            "`SMTP_MAILS_PER_CONNECTION` must be",
        ),
        (
            remote,
            with(|o| o.ca_file = Some(fixture("missing.pem"))),
            "`SMTP_CA_FILE` cannot be used",
        ),
        (
            remote,
            with(|o| o.ca_file = Some(fixture("server.key"))),
            "holds no certificate",
        ),
    ] {
        let error = error(url, &options);
        assert!(error.contains(says), "{error}");
    }
}
