//! The side of TLS that a client needs: whom to trust, and what the server has to be called.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::settings::SmtpConfigError;
use crate::files;

/// The most bytes of a file of certificates: several times what a whole system trusts.
const CERTIFICATES: u64 = 4 * 1024 * 1024;

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
    let mut roots = RootCertStore::empty();
    // A system without authorities is no fault where a CA file is given, and one odd file among hundreds is none at all.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let refused = |what: String| SmtpConfigError::CaFile {
            path: from_root(path),
            what,
        };
        let text = files::read(path, CERTIFICATES).map_err(|error| refused(error.to_string()))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| refused(error.to_string()))?;
        if certificates.is_empty() {
            return Err(refused("it holds no certificate".to_owned()));
        }
        for certificate in certificates {
            roots
                .add(certificate)
                .map_err(|error| refused(error.to_string()))?;
        }
    }
    if roots.is_empty() {
        return Err(SmtpConfigError::NoAuthorities);
    }
    Ok(roots)
}
