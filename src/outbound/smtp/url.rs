//! The `SMTP_URL` of the configuration, as far as it speaks of SMTP.

use std::fmt;
use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all, and then to loopback only.
    PlainToLoopback,
    /// Not at all, as the operator said in so many words (`?tls=none`).
    Plain,
    /// STARTTLS, and no mail without it (RFC 3207).
    StartTls,
    /// STARTTLS where the server offers it; the certificate has to be good even so.
    StartTlsIfOffered,
    /// TLS from the first octet (RFC 8314 §3.3).
    Tls,
}

/// Where mail goes by SMTP, read from a URL.
#[derive(Clone, Debug)]
pub struct SmtpUrl {
    /// A host name as an A-label, or an IP address without brackets.
    pub host: String,
    /// The port; 25, 587 or 465 where the URL names none.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Whom to sign in as, if at all.
    pub user: Option<String>,
    /// The password, if the URL holds one.
    pub password: Option<SecretString>,
}

/// The forms of `SMTP_URL`, for error messages.
const FORMS: &str = "accepted forms: `smtp://127.0.0.1:25` (plain, loopback only), `smtp://host:25?tls=none` (plain), \
     `smtp+starttls://user@host:587`, `smtp+starttls://host:587?tls=opportunistic`, `smtps://user@host:465`, \
     `file:///folder`";

/// Why an `SMTP_URL` is of no use. The message never repeats the URL, as it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`SMTP_URL` {what}; {FORMS}")]
pub struct SmtpUrlError {
    what: String,
}

impl SmtpUrlError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

impl SmtpUrl {
    /// Reads the parts of a URL whose scheme is one of `smtp`, `smtp+starttls` and `smtps`.
    ///
    /// # Errors
    ///
    /// [`SmtpUrlError`] says what is wrong and lists the accepted forms.
    pub fn from_url(url: &Url) -> Result<Self, SmtpUrlError> {
        let host = host(url)?;
        let tls = tls_parameter(url)?;
        let (security, default_port) = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) if is_loopback(&host) => (Security::PlainToLoopback, 25),
            ("smtp", None) => {
                return Err(SmtpUrlError::new(
                    "would send mail over the network in the clear: write `smtp+starttls://` or `smtps://`, \
                     or add `?tls=none` if that is meant",
                ));
            }
            ("smtp", Some("none")) => (Security::Plain, 25),
            ("smtp+starttls", None | Some("required")) => (Security::StartTls, 587),
            ("smtp+starttls", Some("opportunistic")) => (Security::StartTlsIfOffered, 587),
            ("smtps", None) => (Security::Tls, 465),
            ("smtp" | "smtp+starttls" | "smtps", Some(_)) => {
                return Err(SmtpUrlError::new(
                    "has a `tls` that its scheme does not know",
                ));
            }
            _ => return Err(SmtpUrlError::new("has an unknown scheme")),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError::new("has something after the port"));
        }
        let user = decoded("user", url.username())?.filter(|user| !user.is_empty());
        let password = decoded("password", url.password().unwrap_or_default())?
            .filter(|password| !password.is_empty());
        if user.is_none() && password.is_some() {
            return Err(SmtpUrlError::new("has a password but no user"));
        }
        Ok(Self {
            host,
            port: url.port().unwrap_or(default_port),
            security,
            user,
            password: password.map(SecretString::from),
        })
    }
}

/// Without user and password.
impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.security {
            Security::PlainToLoopback | Security::Plain => "smtp",
            Security::StartTls | Security::StartTlsIfOffered => "smtp+starttls",
            Security::Tls => "smtps",
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

fn host(url: &Url) -> Result<String, SmtpUrlError> {
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or_else(|| SmtpUrlError::new("names no host"))?;
    let host = percent_decode_str(host)
        .decode_utf8()
        .map_err(|_| SmtpUrlError::new("has a host that is not UTF-8"))?;
    let host = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(&host);
    if host.parse::<IpAddr>().is_ok() {
        return Ok(host.to_owned());
    }
    idna::domain_to_ascii_strict(host)
        .map_err(|_| SmtpUrlError::new("has a host that is no host name"))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn tls_parameter(url: &Url) -> Result<Option<String>, SmtpUrlError> {
    let mut tls = None;
    for (key, value) in url.query_pairs() {
        if key != "tls" || tls.is_some() {
            return Err(SmtpUrlError::new("knows one parameter after `?`: `tls`"));
        }
        tls = Some(value.into_owned());
    }
    Ok(tls)
}

fn decoded(what: &str, text: &str) -> Result<Option<String>, SmtpUrlError> {
    let text = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| SmtpUrlError::new(format!("has a {what} that is not UTF-8")))?;
    if text.contains(['\0', '\r', '\n']) {
        return Err(SmtpUrlError::new(format!(
            "has control characters in its {what}"
        )));
    }
    Ok(Some(text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn read(url: &str) -> Result<SmtpUrl, String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        SmtpUrl::from_url(&url).map_err(|error| error.to_string())
    }

    #[test]
    fn each_form_has_its_port_and_its_protection() {
        for (url, host, port, security) in [
            (
                "smtp://127.0.0.1",
                "127.0.0.1",
                25,
                Security::PlainToLoopback,
            ),
            ("smtp://[::1]:2525", "::1", 2525, Security::PlainToLoopback),
            (
                "smtp://localhost:2525/",
                "localhost",
                2525,
                Security::PlainToLoopback,
            ),
            (
                "smtp://relay.example?tls=none",
                "relay.example",
                25,
                Security::Plain,
            ),
            (
                "smtp+starttls://relay.example",
                "relay.example",
                587,
                Security::StartTls,
            ),
            (
                "smtp+starttls://relay.example?tls=opportunistic",
                "relay.example",
                587,
                Security::StartTlsIfOffered,
            ),
            ("SMTPS://Relay.Example", "relay.example", 465, Security::Tls),
            (
                "smtps://메일.example",
                "xn--h32bq4v.example",
                465,
                Security::Tls,
            ),
        ] {
            let read = read(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(
                (read.host.as_str(), read.port, read.security),
                (host, port, security),
                "{url}"
            );
        }
    }

    #[test]
    fn user_and_password_are_percent_decoded_and_never_shown() {
        let url = read("smtps://kim%40example.com:p%40ss@relay.example").unwrap();
        assert_eq!(url.user.as_deref(), Some("kim@example.com"));
        assert_eq!(url.password.as_ref().unwrap().expose_secret(), "p@ss");
        assert_eq!(url.to_string(), "smtps://relay.example:465");
        assert!(!format!("{url:?}").contains("p@ss"));
    }

    #[test]
    fn a_wrong_url_names_the_setting_and_lists_the_forms_without_the_password() {
        for url in [
            "smtp://user:s3cret@relay.example",
            "smtp+starttls://user:s3cret@relay.example?tls=none",
            "smtps://user:s3cret@relay.example?tls=maybe",
            "smtps://user:s3cret@relay.example/path",
            "smtps://user:s3cret@relay.example?size=1",
            "smtps://:s3cret@relay.example",
            "smtps://user:s3cret%0d%0aX@relay.example",
            "http://user:s3cret@relay.example",
            "smtps:///",
            "smtps://user:s3cret@a_b c.example",
        ] {
            let error = read(url).unwrap_err();
            assert!(!error.contains("s3cret"), "{error}");
            if Url::parse(url).is_ok() {
                assert!(error.starts_with("`SMTP_URL` "), "{error}");
                assert!(
                    error.contains("accepted forms: `smtp://127.0.0.1:25`"),
                    "{error}"
                );
            }
        }
    }
}
