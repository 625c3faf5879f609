//! Whom a client of TLS trusts: the authorities of the system, and those of a file.

use std::path::Path;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use crate::files;

/// The most bytes of a file of certificates: several times what a whole system trusts.
const CERTIFICATES: u64 = 4 * 1024 * 1024;

/// Why nobody can be trusted.
#[derive(Debug)]
pub(super) enum NoTrust {
    /// The file cannot be used, and why.
    File(String),
    /// No authority is known at all.
    Nobody,
}

/// The authorities of the system and those of `ca_file`.
///
/// # Errors
/// The file holds none, or nobody is known.
pub(super) fn authorities(ca_file: Option<&Path>) -> Result<RootCertStore, NoTrust> {
    let mut roots = RootCertStore::empty();
    // A system without authorities is no fault where a CA file is given, and one odd file among hundreds is none at all.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let refused = |error: &dyn std::fmt::Display| NoTrust::File(error.to_string());
        let text = files::read(path, CERTIFICATES).map_err(|error| refused(&error))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| refused(&error))?;
        if certificates.is_empty() {
            return Err(refused(&"it holds no certificate"));
        }
        for certificate in certificates {
            roots.add(certificate).map_err(|error| refused(&error))?;
        }
    }
    if roots.is_empty() {
        return Err(NoTrust::Nobody);
    }
    Ok(roots)
}
