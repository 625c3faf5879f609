//! From a host name to a connection that takes mail: TCP, TLS, EHLO, AUTH, each with its limit and its name.

use std::net::SocketAddr;
use std::path::Path;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::commands::Starttls;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret as _;
use smtp_proto::EXT_START_TLS;
use tokio::net::lookup_host;

use super::connection::Connection;
use super::settings::{Options, SmtpConfigError, Timeouts};
use super::stream::{Fault, Stream, within};
use super::tls::Tls;
use crate::domain::delivery::Stage;
use crate::outbound::url::{Security, SmtpServer};

/// All that it takes to open a connection.
pub(super) struct Dial {
    pub(super) server: SmtpServer,
    pub(super) limits: Timeouts,
    tls: Option<Tls>,
    ehlo: ClientId,
}

impl Dial {
    pub(super) fn new(server: SmtpServer, options: &Options) -> Result<Self, SmtpConfigError> {
        if server.user.is_some() && server.password.is_none() {
            return Err(SmtpConfigError::PasswordMissing);
        }
        let ca_file = options.ca_file.as_deref().map(Path::new);
        let tls = match server.security {
            Security::Plain => None,
            Security::StartTls | Security::Tls => Some(Tls::new(&server.host, ca_file)?),
        };
        Ok(Self {
            tls,
            ehlo: ehlo_name(&options.ehlo_name)?,
            limits: options.timeouts,
            server,
        })
    }

    /// A connection that stands before its first MAIL.
    pub(super) async fn open(&self) -> Result<Connection, (Stage, Fault)> {
        let connect = |fault| (Stage::Connect, fault);
        let mut stream = self.tcp().await.map_err(connect)?;
        if let (Security::Tls, Some(tls)) = (self.server.security, &self.tls) {
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
        if let (Some(user), Some(password)) = (&self.server.user, &self.server.password) {
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
            return Err(failed(Fault::Gone(
                "the server does not offer STARTTLS, which is required".to_owned(),
            )));
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
        let found = within(
            limit,
            lookup_host((self.server.host.as_str(), self.server.port)),
        )
        .await;
        let addresses: Vec<SocketAddr> = found
            .map_err(|fault| match fault {
                Fault::Gone(what) => Fault::Gone(format!("looking up the server: {what}")),
                other => other,
            })?
            .filter(|address| {
                self.server.security != Security::Plain || address.ip().to_canonical().is_loopback()
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
