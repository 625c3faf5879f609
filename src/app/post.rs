//! The way out for mails, as the settings say it.

use super::{App, AppError};
use crate::config::{self, Config, MailUrl};
use crate::domain::keys::KeyRing;
use crate::domain::token::MailTags;
use crate::outbound::sign::{DkimKeyConfig, Signers};
use crate::outbound::smtp::{Options, Security, Smtp, SmtpUrl, Timeouts};
use crate::outbound::transport::Transport;
use crate::outbound::{folder::Folder, smtp::SmtpConfigError};
use crate::workflow::deliver::Post;

impl App {
    /// The way out for mails; no server is connected yet.
    ///
    /// # Errors
    /// A file of the settings cannot be used: certificates, a DKIM key, the folder for mails.
    pub fn post(&self) -> Result<Post, AppError> {
        post(&self.config, &self.engine.keys)
    }
}

/// The way out for mails of an installation with this key ring.
///
/// # Errors
/// As [`App::post`].
pub fn post(config: &Config, ring: &KeyRing) -> Result<Post, AppError> {
    let domain = config.mail.domain.as_str();
    Ok(Post {
        transport: transport(&config.mail)?,
        signers: signers(&config.mail)?,
        tags: MailTags::new(ring, domain),
        mail_domain: domain.to_owned(),
        from_local: config.mail.from_local.clone(),
    })
}

/// The server or the folder that takes our mail; no server is connected yet.
///
/// # Errors
/// The file of certificates or the folder cannot be used.
pub fn transport(mail: &config::Mail) -> Result<Transport, SmtpConfigError> {
    let server = match &mail.smtp_url {
        MailUrl::Folder(path) => return Folder::open(path.clone()).map(Transport::Folder),
        MailUrl::Smtp(server) => server,
    };
    let url = SmtpUrl {
        host: server.host.clone(),
        port: server.port,
        security: match server.security {
            config::Security::Plain => Security::PlainToLoopback,
            config::Security::StartTls => Security::StartTls,
            config::Security::Tls => Security::Tls,
        },
        user: server.user.clone(),
        password: None,
    };
    let limits = mail.timeouts();
    let options = Options {
        password: mail.credentials().map(|(_, password)| password.clone()),
        ca_file: mail.ca_file.clone(),
        ehlo_name: mail.greeting_name().as_str().to_owned(),
        timeouts: Timeouts {
            connect: limits.connect,
            tls: limits.connect,
            greeting: limits.command,
            auth: limits.command,
            mail: limits.command,
            rcpt: limits.command,
            data: limits.data,
            body: limits.body,
            end: limits.dot,
            ..Timeouts::default()
        },
        max_connections: usize::try_from(mail.connections).unwrap_or(1),
        mails_per_connection: mail.mails_per_connection,
        idle: std::time::Duration::from_secs(mail.connection_idle_seconds),
    };
    Smtp::new(url, &options).map(Transport::Smtp)
}

/// The keys that sign our mail.
///
/// # Errors
/// A key file cannot be used.
pub fn signers(mail: &config::Mail) -> Result<Signers, AppError> {
    let keys = mail.dkim.iter().map(|key| DkimKeyConfig {
        domain: key.domain.as_str().to_owned(),
        selector: key.selector.as_str().to_owned(),
        key_file: key.key_file.clone(),
    });
    Ok(Signers::load(&keys.collect::<Vec<_>>())?)
}
