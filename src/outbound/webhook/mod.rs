//! The client that calls partners' endpoints: each call on a connection of its own, to an address that was checked for it.
//!
//! A partner names the URL, and this program stands where the partner does not: so no redirect is followed, no proxy of the
//! environment is asked, and no private address is connected to, whatever a name resolves to a moment later.

mod answer;
mod names;

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring;

use super::authorities::{NoTrust, authorities};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Answer, EndpointUrl, Outcome, Signatures, forbidden};
use crate::place::from_root;
use names::{Checked, Refused};
pub use names::{Names, Tell};

/// So much of an answer is read at most, in octets.
const ANSWER: usize = 64 * 1024;
/// What calls say of who calls.
const AGENT: &str = concat!("Countersign/", env!("CARGO_PKG_VERSION"));

/// Why the client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The CA file cannot be read.
    #[error("webhooks.ca_file cannot be used ({path}): {what}; name a PEM file of certificates")]
    CaFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// No authority is known at all.
    #[error(
        "no certificate authority is known: install the system's (Debian: `ca-certificates`) or set webhooks.ca_file"
    )]
    NoAuthorities,
    /// The HTTP or TLS library refused its own defaults.
    #[error("webhooks cannot be called: {0}")]
    Library(String),
}

/// How endpoints are called.
#[derive(Clone, Debug)]
pub struct Options {
    /// A call takes no longer, from the look-up of the name to the end of the answer.
    pub timeout: Duration,
    /// Networks that are called although the internet does not reach them.
    pub allowed_networks: Vec<IpNet>,
    /// A PEM file of authorities to trust besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Who knows the addresses of names.
    pub names: Names,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            allowed_networks: Vec::new(),
            ca_file: None,
            names: Names::System,
        }
    }
}

/// One call.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to.
    pub url: EndpointUrl,
    /// The headers that prove it.
    pub signatures: Signatures,
    /// The body: JSON.
    pub body: Vec<u8>,
}

/// Calls endpoints. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    allowed: Arc<[IpNet]>,
    timeout: Duration,
}

impl Client {
    /// A client that trusts the authorities of the system and those of the CA file.
    ///
    /// # Errors
    /// Nobody can be trusted, or the CA file cannot be used.
    pub fn new(options: &Options) -> Result<Self, ClientError> {
        let library = |error: &dyn std::fmt::Display| ClientError::Library(error.to_string());
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| library(&error))?
            .with_root_certificates(trusted(options.ca_file.as_deref())?)
            .with_no_client_auth();
        let allowed: Arc<[IpNet]> = options.allowed_networks.clone().into();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(Checked {
                names: options.names.clone(),
                allowed: allowed.clone(),
            }))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            // A connection that is kept was checked for another call, when the name may have had another address.
            .pool_max_idle_per_host(0)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| library(&error))?;
        Ok(Self {
            http,
            allowed,
            timeout: options.timeout,
        })
    }

    /// Makes a call, if `may_leave` says so once it is about to; `now` is what a `Retry-After` with a date counts from.
    pub async fn call(
        &self,
        request: &Request,
        now: Timestamp,
        may_leave: impl Future<Output = bool>,
    ) -> Outcome {
        // The connector asks no resolver about an address.
        let literal = request.url.literal();
        if let Some(reason) = literal.and_then(|address| forbidden(address, &self.allowed)) {
            return Outcome::Unreached(Refused(reason).to_string());
        }
        if !may_leave.await {
            return Outcome::Fenced;
        }
        let until = Instant::now() + self.timeout;
        let Signatures {
            id,
            timestamp,
            signature,
        } = &request.signatures;
        let sent = self
            .http
            .post(request.url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, AGENT)
            .header("webhook-id", id)
            .header("webhook-timestamp", *timestamp)
            .header("webhook-signature", signature)
            .body(request.body.clone())
            .send();
        let mut response = match timeout_at(until, sent).await {
            Err(_) => {
                let seconds = self.timeout.as_secs();
                return Outcome::Lost(format!("no answer came within {seconds} s"));
            }
            Ok(Err(error)) => return failed(&error),
            Ok(Ok(response)) => response,
        };
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after =
            retry_after.and_then(|value| answer::retry_after(value.to_str().ok()?, now));
        let mut body = Vec::new();
        // The status stands: what happens to the body after it changes nothing.
        while body.len() < ANSWER
            && let Ok(Ok(Some(chunk))) = timeout_at(until, response.chunk()).await
        {
            let room = ANSWER - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Outcome::Answered(Answer {
            status: response.status().as_u16(),
            retry_after,
            text: answer::excerpt(&body),
        })
    }
}

/// What a failure means. Nothing of it names an address, which is that of the network which this program runs in, or the URL.
fn failed(error: &reqwest::Error) -> Outcome {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return Outcome::Unreached(refused.to_string());
        }
        if let Some(tls) = inner.downcast_ref::<tokio_rustls::rustls::Error>() {
            return Outcome::Unreached(format!("TLS could not be agreed upon: {tls}"));
        }
        cause = inner.source().or_else(|| wrapped(inner));
    }
    if error.is_connect() {
        let io = io_kind(error).map_or_else(|| "it failed".to_owned(), |kind| kind.to_string());
        return Outcome::Unreached(format!("no connection: {io}"));
    }
    if error.is_builder() {
        return Outcome::Unreached("the URL cannot be called".to_owned());
    }
    Outcome::Lost("the connection was lost before an answer came".to_owned())
}

/// What an I/O error was made of, which is not its source.
fn wrapped<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a (dyn std::error::Error + 'static)> {
    let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    Some(inner)
}

fn io_kind(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        cause = inner.source();
    }
    None
}

fn trusted(ca_file: Option<&Path>) -> Result<tokio_rustls::rustls::RootCertStore, ClientError> {
    authorities(ca_file).map_err(|error| match error {
        NoTrust::File(what) => ClientError::CaFile {
            path: ca_file.map(from_root).unwrap_or_default(),
            what,
        },
        NoTrust::Nobody => ClientError::NoAuthorities,
    })
}

#[cfg(test)]
mod tests;
