//! The address of the pages, as customers and their browsers write it.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use url::{Host, Url};

/// Scheme, host and port of the pages, nothing after: the origin (RFC 6454 §6.2) in the form in which a browser sends it, in
/// lower case, with IDNA A-labels and without a default port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

/// Why a text is not the address of the pages: what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// No URL.
    #[error("use the form https://HOST")]
    Form,
    /// Neither `https` nor `http`.
    #[error("use https:// (or http:// on this machine)")]
    Scheme,
    /// User information before the host.
    #[error("use no user name and no password: everybody sees this address")]
    UserInfo,
    /// Something after the port.
    #[error("use the form https://HOST, without path, query or fragment")]
    Path,
    /// `http` to a host that the internet reaches.
    #[error("use https://: a link is worth a signature, and http:// lets others read it")]
    Plain,
}

impl PublicUrl {
    /// The origin, without a slash at its end: what a browser sends as `Origin`.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Whether the pages are reached over TLS, which may end at a proxy.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| PublicUrlError::Form)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(PublicUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PublicUrlError::UserInfo);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(PublicUrlError::Path);
        }
        if url.scheme() == "http" && !url.host().as_ref().is_some_and(is_private) {
            return Err(PublicUrlError::Plain);
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = PublicUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Hosts that the internet does not reach.
fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            *name == "localhost"
                || [".localhost", ".test", ".internal", ".local"]
                    .iter()
                    .any(|end| name.ends_with(end))
        }
        Host::Ipv4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_becomes_the_origin_that_a_browser_sends() {
        for (url, expected) in [
            (
                "https://Invite.Example.com:443",
                "https://invite.example.com",
            ),
            (
                "https://invite.example.com:8443/",
                "https://invite.example.com:8443",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:80/", "http://[::1]"),
            ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
            ("https://초대.한국/", "https://xn--vk1bq70c.xn--3e0b707e"),
        ] {
            let read: PublicUrl = url.parse().unwrap();
            assert_eq!(read.origin(), expected);
            assert_eq!(read.is_https(), url.starts_with("https"));
        }
    }

    #[test]
    fn a_url_that_is_no_address_of_pages_is_refused_with_its_reason() {
        use PublicUrlError::{Form, Path, Plain, Scheme, UserInfo};
        for (url, expected) in [
            ("invite.example.com", Form),
            ("https://", Form),
            ("https://a b", Form),
            ("https://host:99999", Form),
            ("ftp://invite.example.com", Scheme),
            ("https://user@host", UserInfo),
            ("https://host/a", Path),
            ("https://host?x", Path),
            ("http://invite.example.com", Plain),
        ] {
            assert_eq!(url.parse::<PublicUrl>(), Err(expected), "{url}");
        }
    }
}
