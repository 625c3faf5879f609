//! The ways out for mails and webhook calls, as the settings say it.

use std::time::Duration;

use super::{App, AppError};
use crate::config::{self, Config};
use crate::domain::keys::KeyRing;
use crate::domain::token::MailTags;
use crate::outbound::sign::{DkimKeyConfig, Signers};
use crate::outbound::smtp::{Options, SmtpConfigError, Timeouts};
use crate::outbound::transport::Transport;
use crate::outbound::webhook::{self, Client, ClientError};
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

/// The way out for webhook calls.
///
/// # Errors
/// The file of certificates cannot be used, or nobody can be trusted.
pub fn client(webhooks: &config::Webhooks) -> Result<Client, ClientError> {
    Client::new(&webhook::Options {
        timeout: Duration::from_secs(webhooks.timeout_seconds),
        allowed_networks: webhooks.allowed_networks.clone(),
        ca_file: webhooks.ca_file.clone(),
        ..webhook::Options::default()
    })
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
    let command = Duration::from_secs(mail.command_timeout_seconds);
    let options = Options {
        ca_file: mail.ca_file.clone(),
        ehlo_name: mail.greeting_name().as_str().to_owned(),
        timeouts: Timeouts {
            connect: Duration::from_secs(mail.connect_timeout_seconds),
            tls: Duration::from_secs(mail.connect_timeout_seconds),
            greeting: command,
            auth: command,
            mail: command,
            rcpt: command,
            data: Duration::from_secs(mail.data_timeout_seconds),
            body: Duration::from_secs(mail.body_timeout_seconds),
            end: Duration::from_secs(mail.dot_timeout_seconds),
            ..Timeouts::default()
        },
        max_connections: usize::try_from(mail.connections).unwrap_or(1),
        mails_per_connection: mail.mails_per_connection,
        idle: Duration::from_secs(mail.connection_idle_seconds),
    };
    Transport::open(mail.smtp_url.clone(), &options)
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
