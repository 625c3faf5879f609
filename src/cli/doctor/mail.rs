//! The mail server and the keys that sign.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::Report;
use crate::app;
use crate::config::Config;
use crate::domain::delivery::{Outcome, Stage};
use crate::outbound::url::MailUrl;

/// How long the server may take, whatever the settings allow a worker.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn check(config: &Config, report: &mut Report) {
    server(config, report).await;
    dkim(config, report);
    dns(config, report);
}

/// What stands in the DNS is not looked up: a resolver here says little of what receivers see.
fn dns(config: &Config, report: &mut Report) {
    let domain = &config.mail.domain;
    report.skip(
        "dns",
        format!("the records of {domain} are not looked up: MX, SPF, DKIM, DMARC"),
        format!(
            "`dig +short MX {domain}`, `dig +short TXT {domain}`, `dig +short TXT _dmarc.{domain}`, and the DKIM \
             records above; the MX has to take mail for {}@{domain}, and for r+…@ and b+…@",
            config.mail.from_local
        ),
    );
}

async fn server(config: &Config, report: &mut Report) {
    let name = config.mail.smtp_url.to_string();
    let transport = match app::transport(&config.mail) {
        Ok(transport) => transport,
        Err(error) => {
            report.fail("mail_server", error.to_string(), "mend this setting");
            return;
        }
    };
    match tokio::time::timeout(PATIENCE, transport.check()).await {
        Ok(Ok(said)) if matches!(config.mail.smtp_url, MailUrl::Folder(_)) => report.warn(
            "mail_server",
            format!("{name}: {said}, and no mail leaves this machine"),
            "set mail.smtp_url to a mail server before inviting customers",
        ),
        Ok(Ok(said)) => report.ok("mail_server", format!("{name}: {said}")),
        Ok(Err(outcome)) => {
            let stage = outcome.stage().unwrap_or(Stage::Connect);
            let what = outcome.reply().unwrap_or_else(|| "no answer".to_owned());
            let refused = match outcome {
                Outcome::Refused(..) => "refused: ",
                _ => "",
            };
            let message = format!("{name}, at {}: {refused}{what}", stage.as_str());
            report.fail("mail_server", message, fix(stage));
        }
        Err(_) => report.fail(
            "mail_server",
            format!("{name}: silent for {} seconds", PATIENCE.as_secs()),
            fix(Stage::Connect),
        ),
    }
}

const fn fix(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => {
            "see that the server runs and can be reached from here; mend mail.smtp_url (host, port, smtp or smtps)"
        }
        Stage::Ehlo => "mend mail.ehlo_name, or ask whoever runs the server to let this machine in",
        Stage::StartTls => {
            "the server has to offer STARTTLS with a certificate for its name; mail.ca_file names another authority to trust"
        }
        Stage::Auth => "mend the user in mail.smtp_url and the password in mail.smtp_password_file",
        Stage::MailFrom | Stage::RcptTo | Stage::Data | Stage::Body => {
            "ask whoever runs the server to let it take mail from mail.domain"
        }
    }
}

fn dkim(config: &Config, report: &mut Report) {
    if config.mail.dkim.is_empty() {
        report.warn(
            "dkim",
            "mails leave unsigned",
            "set mail.dkim: large providers take no unsigned mail; a key: `openssl genrsa -out dkim.pem 2048`",
        );
        return;
    }
    for key in &config.mail.dkim {
        let mode = std::fs::metadata(&key.key_file).map(|file| file.permissions().mode() & 0o7777);
        if let Ok(mode) = mode
            && mode & 0o077 != 0
        {
            let path = key.key_file.display();
            report.warn(
                "dkim",
                format!(
                    "{path} has mode {mode:04o}: others may read it, and sign mail in your name"
                ),
                format!("chmod 600 {path}"),
            );
        }
    }
    match app::signers(&config.mail) {
        Ok(signers) => {
            for record in signers.dns_records() {
                report.skip(
                    "dkim",
                    format!("mails are signed; the DNS must have: {record}"),
                    "compare it by hand with what `dig +short TXT` says of that name",
                );
            }
        }
        Err(error) => report.fail("dkim", error.to_string(), "mend mail.dkim"),
    }
}
