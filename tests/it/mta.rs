//! A real mail server: Debian's Postfix, TLS, passwords, delivery, mail that comes back, and signatures.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context as _, ensure};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};

use crate::harness::{Case, Ctx, Need, Outcome, Postfix, case, dkim};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(mail_sent_over_starttls_lands_in_the_mailbox).needs(Need::Mta),
        case!(the_certificate_is_good_for_its_authority_only).needs(Need::Mta),
        case!(submission_takes_mail_with_the_right_password_only).needs(Need::Mta),
        case!(smtps_is_tls_from_the_first_byte).needs(Need::Mta),
        case!(an_unknown_mailbox_is_refused_for_good_and_a_full_one_for_now).needs(Need::Mta),
        case!(a_mail_that_fails_later_comes_back_to_its_return_path).needs(Need::Mta),
        case!(mail_to_the_sinks_domain_is_sent_on_to_the_sink).needs(Need::Mta),
        case!(dkimpy_tells_a_good_signature_from_a_bad_one).needs(Need::Mta),
    ]
}

const SENDER: &str = "partner@countersign.example";

fn message(from: &str, to: &str) -> anyhow::Result<Message> {
    Ok(Message::builder()
        .from(from.parse()?)
        .to(to.parse()?)
        .subject("초대")
        .body("안녕하세요\n".to_owned())?)
}

/// An address of customer.example that no other case writes to.
fn somebody() -> String {
    format!("somebody-{:08x}@customer.example", rand::random::<u32>())
}

enum Security {
    Plain,
    Starttls,
    Implicit,
}

/// Sends one mail with lettre, and trusts no authority but the one in this PEM file.
struct Way {
    server: SocketAddr,
    security: Security,
    authority: PathBuf,
    password: Option<(String, String)>,
}

impl Way {
    fn plain(postfix: &Postfix) -> Self {
        Self {
            server: postfix.relay,
            security: Security::Plain,
            authority: postfix.ca.clone(),
            password: None,
        }
    }

    fn starttls(postfix: &Postfix) -> Self {
        Self {
            security: Security::Starttls,
            ..Self::plain(postfix)
        }
    }

    async fn send(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let parameters = TlsParameters::builder("localhost".to_owned())
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(&fs::read(&self.authority)?)?)
            .build_rustls()?;
        let tls = match self.security {
            Security::Plain => Tls::None,
            Security::Starttls => Tls::Required(parameters),
            Security::Implicit => Tls::Wrapper(parameters),
        };
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.server.ip().to_string())
                .port(self.server.port())
                .timeout(Some(Duration::from_secs(20)))
                .tls(tls);
        if let Some((user, password)) = self.password.clone() {
            transport = transport.credentials(Credentials::new(user, password));
        }
        transport.build().send(message(from, to)?).await?;
        Ok(())
    }

    /// The error of a mail that has to be refused, with all its causes.
    async fn refusal(&self, to: &str) -> anyhow::Result<String> {
        let error = self.send(SENDER, to).await.err();
        Ok(format!(
            "{:?}",
            error.with_context(|| format!("the mail to {to} was taken"))?
        ))
    }
}

async fn mail_sent_over_starttls_lands_in_the_mailbox(_: &Ctx) -> Outcome {
    let postfix = Postfix::running()?;
    let to = somebody();
    Way::starttls(&postfix).send(SENDER, &to).await?;
    let mail = String::from_utf8(postfix.wait_for(&to).await?)?;
    ensure!(mail.contains(&format!("Return-Path: <{SENDER}>")), "{mail}");
    ensure!(mail.contains("using TLSv1.3"), "{mail}");
    ensure!(mail.contains(&format!("\nTo: {to}\n")), "{mail}");
    Ok(())
}

/// The other half of the case before: where another authority is trusted, the server is not.
async fn the_certificate_is_good_for_its_authority_only(_: &Ctx) -> Outcome {
    let postfix = Postfix::running()?;
    // The server's own certificate is a certificate, but not of an authority.
    let way = Way {
        authority: postfix.ca.with_file_name("server.pem"),
        ..Way::starttls(&postfix)
    };
    let refusal = way.refusal(&somebody()).await?;
    ensure!(refusal.contains("invalid peer certificate"), "{refusal}");
    Ok(())
}

async fn submission_takes_mail_with_the_right_password_only(_: &Ctx) -> Outcome {
    let postfix = Postfix::running()?;
    let to = somebody();
    let mut way = Way {
        server: postfix.submission,
        ..Way::starttls(&postfix)
    };
    let none = way.refusal(&to).await?;
    ensure!(none.contains("5.7.1"), "{none}");
    way.password = Some((postfix.user.clone(), "wrong".to_owned()));
    let wrong = way.refusal(&to).await?;
    ensure!(wrong.contains("5.7.8"), "{wrong}");
    ensure!(postfix.mails(&to)?.is_empty());

    way.password = Some((postfix.user.clone(), postfix.password.clone()));
    way.send(SENDER, &to).await?;
    postfix.wait_for(&to).await?;
    Ok(())
}

async fn smtps_is_tls_from_the_first_byte(_: &Ctx) -> Outcome {
    let postfix = Postfix::running()?;
    let to = somebody();
    let way = Way {
        server: postfix.smtps,
        security: Security::Implicit,
        password: Some((postfix.user.clone(), postfix.password.clone())),
        ..Way::plain(&postfix)
    };
    way.send(SENDER, &to).await?;
    postfix.wait_for(&to).await?;
    Ok(())
}

async fn an_unknown_mailbox_is_refused_for_good_and_a_full_one_for_now(_: &Ctx) -> Outcome {
    let way = Way::plain(&Postfix::running()?);
    for (to, reply) in [
        ("unknown.person@customer.example", "5.1.1"),
        ("full.mailbox@customer.example", "4.2.2"),
        ("anybody@elsewhere.example", "5.1.2"),
    ] {
        let refusal = way.refusal(to).await?;
        ensure!(refusal.contains(reply), "{to}: {refusal}");
    }
    Ok(())
}

async fn a_mail_that_fails_later_comes_back_to_its_return_path(_: &Ctx) -> Outcome {
    let postfix = Postfix::running()?;
    let sender = format!("b+{:08x}@countersign.example", rand::random::<u32>());
    Way::plain(&postfix)
        .send(&sender, "somebody@late.example")
        .await?;
    let report = String::from_utf8(postfix.wait_for(&sender).await?)?;
    ensure!(report.starts_with("Return-Path: <>\n"), "{report}");
    ensure!(
        report.contains("Content-Type: message/delivery-status"),
        "{report}"
    );
    ensure!(report.contains("\nStatus: 5.1.1\n"), "{report}");
    Ok(())
}

async fn mail_to_the_sinks_domain_is_sent_on_to_the_sink(ctx: &Ctx) -> Outcome {
    let postfix = Postfix::running()?;
    let sink = ctx.sink_at(postfix.sink, &[]).await?;
    Way::plain(&postfix)
        .send(SENDER, "somebody@sink.example")
        .await?;
    let taken = sink.wait_for(1).await?;
    ensure!(
        taken[0].rcpt_to[0].starts_with("<somebody@sink.example>"),
        "{taken:?}"
    );
    Ok(())
}

/// RFC 8463, appendix A.3: one mail, signed with Ed25519 and with RSA.
async fn dkimpy_tells_a_good_signature_from_a_bad_one(_: &Ctx) -> Outcome {
    let mail = include_str!("fixtures/rfc8463.eml");
    let keys = [
        (
            "brisbane._domainkey.football.example.com",
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ),
        (
            "test._domainkey.football.example.com",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
        ),
    ];
    let signatures = dkim::signatures(mail.as_bytes(), &keys)?;
    let valid: Vec<_> = signatures
        .iter()
        .map(|signature| {
            (
                signature.algorithm.as_str(),
                signature.selector.as_str(),
                signature.valid,
            )
        })
        .collect();
    assert_eq!(
        valid,
        [
            ("ed25519-sha256", "brisbane", true),
            ("rsa-sha256", "test", true)
        ]
    );
    ensure!(signatures[0].domain == "football.example.com");
    ensure!(
        signatures[0]
            .headers
            .iter()
            .any(|name| name == "message-id")
    );

    let changed = mail.replace("We lost the game", "We won the game");
    let valid: Vec<_> = dkim::signatures(changed.as_bytes(), &keys)?
        .iter()
        .map(|signature| signature.valid)
        .collect();
    assert_eq!(valid, [false, false]);
    let unknown = dkim::signatures(mail.as_bytes(), &[])?;
    ensure!(
        unknown.iter().all(|signature| !signature.valid),
        "without keys: {unknown:?}"
    );
    Ok(())
}
