//! From a host name to a connection that takes mail: TCP, TLS, EHLO, AUTH, each with its limit and its name.

use std::net::SocketAddr;
use std::path::Path;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::commands::Starttls;
use lettre::transport::smtp::extension::ClientId;
use secrecy::{ExposeSecret as _, SecretString};
use smtp_proto::EXT_START_TLS;
use tokio::net::lookup_host;

use super::connection::Connection;
use super::settings::{Options, SmtpConfigError, Timeouts};
use super::stream::{Fault, Stream, within};
use super::tls::Tls;
use super::url::{Security, SmtpUrl};
use crate::domain::delivery::Stage;

/// All that it takes to open a connection.
pub(super) struct Dial {
    pub(super) url: SmtpUrl,
    pub(super) limits: Timeouts,
    tls: Option<Tls>,
    password: Option<SecretString>,
    ehlo: ClientId,
}

impl Dial {
    pub(super) fn new(mut url: SmtpUrl, options: &Options) -> Result<Self, SmtpConfigError> {
        let password = match (url.password.take(), options.password.clone()) {
            (Some(_), Some(_)) => return Err(SmtpConfigError::PasswordTwice),
            (one, other) => one.or(other),
        };
        match (&url.user, &password) {
            (Some(_), None) => return Err(SmtpConfigError::PasswordMissing),
            (None, Some(_)) => return Err(SmtpConfigError::UserMissing),
            (Some(_), Some(_)) if url.security == Security::Plain => {
                return Err(SmtpConfigError::PasswordInTheClear);
            }
            _ => {}
        }
        let ca_file = options.ca_file.as_deref().map(Path::new);
        let tls = match url.security {
            Security::Plain | Security::PlainToLoopback => None,
            _ => Some(Tls::new(&url.host, ca_file)?),
        };
        Ok(Self {
            tls,
            password,
            ehlo: ehlo_name(&options.ehlo_name)?,
            limits: options.timeouts,
            url,
        })
    }

    /// A connection that stands before its first MAIL.
    pub(super) async fn open(&self) -> Result<Connection, (Stage, Fault)> {
        let connect = |fault| (Stage::Connect, fault);
        let mut stream = self.tcp().await.map_err(connect)?;
        if let (Security::Tls, Some(tls)) = (self.url.security, &self.tls) {
            let handshake = within(self.limits.tls, stream.start_tls(tls));
            stream = handshake.await.map_err(connect)?;
        }
        let mut connection = Connection::new(stream);
        let greeting = connection.consent(self.limits.greeting);
        greeting.await.map_err(connect)?;
        self.ehlo(&mut connection).await?;
        if let Some(tls) = &self.tls
            && !connection.stream.is_encrypted()
        {
            connection = self.start_tls(connection, tls).await?;
        }
        if let (Some(user), Some(password)) = (&self.url.user, &self.password) {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let signed_in = connection.auth(self.limits.auth, credentials).await;
            signed_in.map_err(|fault| (Stage::Auth, fault))?;
        }
        Ok(connection)
    }

    async fn ehlo(&self, connection: &mut Connection) -> Result<(), (Stage, Fault)> {
        connection
            .ehlo(self.limits.greeting, &self.ehlo)
            .await
            .map_err(|fault| (Stage::Ehlo, fault))
    }

    async fn start_tls(
        &self,
        mut connection: Connection,
        tls: &Tls,
    ) -> Result<Connection, (Stage, Fault)> {
        let failed = |fault| (Stage::StartTls, fault);
        if !connection.offer.has(EXT_START_TLS) {
            return match self.url.security {
                Security::StartTlsIfOffered => Ok(connection),
                _ => Err(failed(Fault::Gone(
                    "the server does not offer STARTTLS, which is required".to_owned(),
                ))),
            };
        }
        let agreed = connection.command(self.limits.auth, Starttls);
        agreed.await.map_err(failed)?;
        let handshake = within(self.limits.tls, connection.stream.start_tls(tls));
        // What was offered in the clear counts for nothing under TLS (RFC 3207 §4.2).
        let mut connection = Connection::new(handshake.await.map_err(failed)?);
        self.ehlo(&mut connection).await?;
        Ok(connection)
    }

    /// The first address that accepts.
    async fn tcp(&self) -> Result<Stream, Fault> {
        let limit = self.limits.connect;
        let found = within(limit, lookup_host((self.url.host.as_str(), self.url.port))).await;
        let addresses: Vec<SocketAddr> = found
            .map_err(|fault| match fault {
                Fault::Gone(what) => Fault::Gone(format!("looking up the server: {what}")),
                other => other,
            })?
            .filter(|address| {
                self.url.security != Security::PlainToLoopback || address.ip().is_loopback()
            })
            .collect();
        let mut last = Fault::Gone("the server's name has no address of use".to_owned());
        for address in addresses {
            match within(limit, Stream::connect(address)).await {
                Ok(stream) => return Ok(stream),
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }
}

fn ehlo_name(name: &str) -> Result<ClientId, SmtpConfigError> {
    let literal = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match literal {
        Some(address) => address
            .trim_start_matches("IPv6:")
            .parse()
            .map(|address| match address {
                std::net::IpAddr::V4(address) => ClientId::Ipv4(address),
                std::net::IpAddr::V6(address) => ClientId::Ipv6(address),
            })
            .map_err(|_| SmtpConfigError::EhloName),
        None => idna::domain_to_ascii_strict(name)
            .ok()
            .filter(|name| !name.is_empty())
            .map(ClientId::Domain)
            .ok_or(SmtpConfigError::EhloName),
    }
}
