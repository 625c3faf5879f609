//! The side of TLS that a client needs: whom to trust, and what the server has to be called.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::settings::SmtpConfigError;
use crate::outbound::authorities::{self, NoTrust};
use crate::place::from_root;

/// How to start TLS with one server.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl Tls {
    /// Trusts the authorities of the system and those of `ca_file`.
    pub(super) fn new(host: &str, ca_file: Option<&Path>) -> Result<Self, SmtpConfigError> {
        let unusable = |error: &dyn std::fmt::Display| SmtpConfigError::Tls(error.to_string());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&error))?
            .with_root_certificates(authorities(ca_file)?)
            .with_no_client_auth();
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name: ServerName::try_from(host.to_owned()).map_err(|error| unusable(&error))?,
        })
    }
}

fn authorities(ca_file: Option<&Path>) -> Result<RootCertStore, SmtpConfigError> {
    authorities::authorities(ca_file).map_err(|error| match error {
        NoTrust::File(what) => SmtpConfigError::CaFile {
            path: ca_file.map(from_root).unwrap_or_default(),
            what,
        },
        NoTrust::Nobody => SmtpConfigError::NoAuthorities,
    })
}
