//! Where calls go: what of a URL is taken.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::{Rules, forbidden};

/// The longest URL, in octets.
const LONGEST: usize = 2_048;

/// Why a text is no URL of an endpoint. No message repeats it: its path may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// No URL with a host.
    #[error("use the form https://HOST/PATH")]
    Form,
    /// More than 2,048 octets.
    #[error("use a URL of at most {LONGEST} characters")]
    TooLong,
    /// Not `https`.
    #[error("use https://: calls carry what happened to your customers")]
    Scheme,
    /// A user name or a password.
    #[error("use no user name and no password: each call is signed instead")]
    UserInfo,
    /// Something after a `#`.
    #[error("leave the part from the # on out: no server gets it")]
    Fragment,
    /// Port 0.
    #[error("use a port from 1 to 65535")]
    Port,
    /// An address, or a name of this machine, that is not called.
    #[error("use a host that the internet reaches: addresses of private networks are not called")]
    Address,
}

/// The URL of an endpoint, with its host as A-labels or an address. `Display` and `Debug` tell the host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl(Url);

impl EndpointUrl {
    /// Reads a URL that somebody typed.
    ///
    /// # Errors
    /// What to write instead.
    pub fn parse(text: &str, rules: &Rules) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(UrlError::TooLong);
        }
        let url = Url::parse(text).map_err(|_| UrlError::Form)?;
        match url.scheme() {
            "https" => {}
            "http" if rules.allow_http => {}
            _ => return Err(UrlError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        if url.port() == Some(0) {
            return Err(UrlError::Port);
        }
        if url.as_str().len() > LONGEST {
            return Err(UrlError::TooLong);
        }
        let endpoint = Self(url);
        let is_refused = match endpoint.host() {
            None => return Err(UrlError::Form),
            Some(Host::Domain(name)) => is_local(name) && rules.allowed_networks.is_empty(),
            Some(Host::Ipv4(address)) => {
                forbidden(address.into(), &rules.allowed_networks).is_some()
            }
            Some(Host::Ipv6(address)) => {
                forbidden(address.into(), &rules.allowed_networks).is_some()
            }
        };
        if is_refused {
            return Err(UrlError::Address);
        }
        Ok(endpoint)
    }

    /// One that was checked when it was stored.
    ///
    /// # Errors
    /// [`UrlError::Form`] where it is none any more.
    pub fn stored(text: &str) -> Result<Self, UrlError> {
        let url = Url::parse(text).map_err(|_| UrlError::Form)?;
        let endpoint = Self(url);
        endpoint.host().ok_or(UrlError::Form)?;
        Ok(endpoint)
    }

    fn host(&self) -> Option<Host<&str>> {
        self.0.host()
    }

    /// The whole, for the call itself and for its partner.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host as text: A-labels, or an address (in brackets for IPv6).
    pub fn host_text(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address that stands in place of a name, if one does: no resolver is asked about it.
    pub fn literal(&self) -> Option<IpAddr> {
        match self.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// Host and port: the destination by which turns and rooms are counted. It has a colon, which no mail domain has, so that
    /// a slow endpoint takes no room of the mails to the domain of the same name.
    pub fn destination(&self) -> String {
        let port = self.0.port_or_known_default().unwrap_or(443);
        format!("{}:{port}", self.host_text())
    }
}

/// Whether a name is one of this machine, whatever a resolver says of it (RFC 6761 §6.3).
fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host_text())
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<EndpointUrl, UrlError> {
        EndpointUrl::parse(text, &Rules::default())
    }

    #[test]
    fn a_url_of_the_internet_is_taken_with_its_port_path_and_query() {
        for (text, url, destination) in [
            (
                "https://hooks.example.com",
                "https://hooks.example.com/",
                "hooks.example.com:443",
            ),
            (
                " https://Hooks.Example.com:8443/a/b?c=d ",
                "https://hooks.example.com:8443/a/b?c=d",
                "hooks.example.com:8443",
            ),
            (
                "https://한빛.example/알림",
                "https://xn--xx3br43b.example/%EC%95%8C%EB%A6%BC",
                "xn--xx3br43b.example:443",
            ),
            ("https://1.1.1.1/x", "https://1.1.1.1/x", "1.1.1.1:443"),
            (
                "https://[2606:4700::1111]:444/",
                "https://[2606:4700::1111]:444/",
                "[2606:4700::1111]:444",
            ),
        ] {
            let taken = parse(text).unwrap();
            assert_eq!(taken.as_str(), url);
            assert_eq!(taken.destination(), destination);
            assert_eq!(EndpointUrl::stored(taken.as_str()).unwrap(), taken);
        }
    }

    #[test]
    fn everything_else_is_refused_with_a_way_out() {
        for (text, error) in [
            ("", UrlError::Form),
            ("hooks.example.com", UrlError::Form),
            ("https://", UrlError::Form),
            ("https://exa mple.com/", UrlError::Form),
            ("http://hooks.example.com/", UrlError::Scheme),
            ("ftp://hooks.example.com/", UrlError::Scheme),
            ("file:///etc/passwd", UrlError::Scheme),
            ("https://user@hooks.example.com/", UrlError::UserInfo),
            ("https://:secret@hooks.example.com/", UrlError::UserInfo),
            ("https://hooks.example.com/#x", UrlError::Fragment),
            ("https://hooks.example.com/#", UrlError::Fragment),
            ("https://hooks.example.com:0/", UrlError::Port),
            ("https://localhost/", UrlError::Address),
            ("https://a.localhost./", UrlError::Address),
            ("https://127.0.0.1/", UrlError::Address),
            ("https://2130706433/", UrlError::Address),
            ("https://0x7f.1/", UrlError::Address),
            ("https://[::1]/", UrlError::Address),
            ("https://[::ffff:10.0.0.1]/", UrlError::Address),
            (
                "https://169.254.169.254/latest/meta-data",
                UrlError::Address,
            ),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        let long = format!("https://hooks.example.com/{}", "x".repeat(2_048));
        assert_eq!(parse(&long), Err(UrlError::TooLong));
    }

    #[test]
    fn an_installation_may_allow_its_own_network_and_plain_http() {
        let rules = Rules {
            allow_http: true,
            allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
            ..Rules::default()
        };
        for text in ["http://127.0.0.1:9000/x", "http://localhost:9000/x"] {
            assert!(EndpointUrl::parse(text, &rules).is_ok(), "{text}");
        }
        let other = EndpointUrl::parse("http://127.0.0.2:9000/x", &rules);
        assert_eq!(other, Err(UrlError::Address));
    }

    #[test]
    fn the_path_stands_in_no_log() {
        let url = parse("https://hooks.example.com/T0K3N?key=S3CR3T").unwrap();
        let logged = format!("{url} {url:?}");
        assert!(
            !logged.contains("T0K3N") && !logged.contains("S3CR3T"),
            "{logged}"
        );
    }
}
