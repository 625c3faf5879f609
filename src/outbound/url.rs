//! The URL of the setting `smtp_url`: where mail goes, a server or a folder, and how the way there is protected.
//!
//! The one reader of such URLs: the settings are read with it, and a transport is opened with what it read. A refusal never
//! repeats the URL, as it may hold a password.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use crate::place::from_root;

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: only to this machine, whatever its name leads to.
    Plain,
    /// STARTTLS, and no mail without it (RFC 3207).
    StartTls,
    /// TLS from the first octet (RFC 8314 §3.3).
    Tls,
}

/// A mail server that takes our mail.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// A host name as A-labels in lower case, or an IP address without brackets.
    pub host: String,
    /// The port: 465 for `smtps`, else 587 with a user and 25 without, where the URL names none.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Whom to sign in as, if at all.
    pub user: Option<String>,
    /// The password, if the URL holds one; never without a user.
    pub password: Option<SecretString>,
}

/// Where mail goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum MailUrl {
    /// To a server.
    Smtp(SmtpServer),
    /// Into a folder of `.eml` files.
    Folder(PathBuf),
}

/// Without user and password: `mail.example.com port 587 (STARTTLS)`, `the folder /var/spool/outbox`.
impl fmt::Display for MailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(server) => {
                let security = match server.security {
                    Security::Plain => "plain",
                    Security::StartTls => "STARTTLS",
                    Security::Tls => "TLS",
                };
                write!(f, "{} port {} ({security})", server.host, server.port)
            }
            Self::Folder(folder) => write!(f, "the folder {}", from_root(folder)),
        }
    }
}

/// Why a URL says nowhere to send mail to: what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailUrlError {
    /// No URL, another scheme, or no host.
    #[error(
        "use smtp://[USER@]HOST[:PORT] (STARTTLS, plain on this machine), smtps://[USER@]HOST[:PORT] or file://FOLDER, \
         special characters as %XX"
    )]
    Form,
    /// `file://` and nothing after it.
    #[error("name the folder: file://outbox, or file:///var/spool/outbox")]
    NoFolder,
    /// A path or a fragment.
    #[error("end it after the port; write special characters of the user name or password as %XX")]
    Path,
    /// A parameter that is not known, or the same one twice.
    #[error(
        "use no parameter but ?tls=starttls or ?tls=none after the port, and one of them at most"
    )]
    Parameter,
    /// `smtps` with `tls`.
    #[error(
        "take ?tls= out, as smtps:// is TLS from the first byte; smtp:// is the one with STARTTLS"
    )]
    TlsAlready,
    /// `tls=none` to another machine: mail holds links that are worth a signature.
    #[error("take ?tls=none out, or use smtps://: only to this machine mail may go in the clear")]
    PlainAfar,
    /// A password and nobody whose it is.
    #[error("write the user before the password, as it has a password without a user")]
    NoUser,
    /// A user name or a password that SMTP cannot carry (RFC 4616 §2).
    #[error(
        "write user name and password in UTF-8, special characters as %XX, and no control characters"
    )]
    Credentials,
}

impl FromStr for MailUrl {
    type Err = MailUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(folder) = text.strip_prefix("file://") else {
            return server(&Url::parse(text).map_err(|_| MailUrlError::Form)?).map(Self::Smtp);
        };
        match percent_decode_str(folder).decode_utf8() {
            Ok(folder) if !matches!(&*folder, "" | "/") => Ok(Self::Folder((&*folder).into())),
            _ => Err(MailUrlError::NoFolder),
        }
    }
}

impl TryFrom<String> for MailUrl {
    type Error = MailUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn server(url: &Url) -> Result<SmtpServer, MailUrlError> {
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err(MailUrlError::Form);
    }
    // Of a scheme that it does not know, the URL's own reading leaves addresses and names beyond ASCII as they are.
    let host = url.host_str().unwrap_or_default();
    let host = Host::parse(host).map_err(|_| MailUrlError::Form)?;
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(MailUrlError::Path);
    }
    let security = security(url, is_loopback(&host))?;
    let user = credential(url.username())?;
    let password = credential(url.password().unwrap_or_default())?;
    if user.is_none() && password.is_some() {
        return Err(MailUrlError::NoUser);
    }
    let usual_port = match (security, &user) {
        (Security::Tls, _) => 465,
        (_, Some(_)) => 587,
        (_, None) => 25,
    };
    Ok(SmtpServer {
        host: match host {
            Host::Domain(name) => name,
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        },
        port: url.port().unwrap_or(usual_port),
        security,
        user,
        password: password.map(SecretString::from),
    })
}

fn security(url: &Url, is_loopback: bool) -> Result<Security, MailUrlError> {
    let mut parameters = url.query_pairs();
    let asked = match parameters.next() {
        None => None,
        Some((name, value)) => match (&*name, &*value) {
            ("tls", "starttls") => Some(Security::StartTls),
            ("tls", "none") => Some(Security::Plain),
            _ => return Err(MailUrlError::Parameter),
        },
    };
    if parameters.next().is_some() {
        return Err(MailUrlError::Parameter);
    }
    match (url.scheme(), asked) {
        ("smtps", None) => Ok(Security::Tls),
        ("smtps", Some(_)) => Err(MailUrlError::TlsAlready),
        (_, Some(Security::Plain)) if !is_loopback => Err(MailUrlError::PlainAfar),
        (_, Some(security)) => Ok(security),
        (_, None) if is_loopback => Ok(Security::Plain),
        (_, None) => Ok(Security::StartTls),
    }
}

fn is_loopback(host: &Host) -> bool {
    match host {
        // RFC 6761 §6.3
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    }
}

fn credential(text: &str) -> Result<Option<String>, MailUrlError> {
    let text = percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| MailUrlError::Credentials)?;
    if text.chars().any(char::is_control) {
        return Err(MailUrlError::Credentials);
    }
    Ok((!text.is_empty()).then(|| text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn server(url: &str) -> SmtpServer {
        match url.parse() {
            Ok(MailUrl::Smtp(server)) => server,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn each_form_has_its_port_and_its_protection() {
        use Security::{Plain, StartTls, Tls};
        for (url, host, port, security) in [
            ("smtp://127.0.0.1", "127.0.0.1", 25, Plain),
            ("smtp://127.0.0.1:2525/", "127.0.0.1", 2525, Plain),
            ("smtp://127.8.0.1?tls=none", "127.8.0.1", 25, Plain),
            ("smtp://[::1]:26", "::1", 26, Plain),
            ("smtp://[::ffff:127.0.0.1]", "::ffff:127.0.0.1", 25, Plain),
            ("smtp://localhost", "localhost", 25, Plain),
            ("smtp://LOCALHOST:2525", "localhost", 2525, Plain),
            ("smtp://mail.localhost", "mail.localhost", 25, Plain),
            ("smtp://me@localhost", "localhost", 587, Plain),
            ("smtp://localhost?tls=starttls", "localhost", 25, StartTls),
            ("smtp://[::1]:26?tls=starttls", "::1", 26, StartTls),
            ("smtp://10.0.0.1", "10.0.0.1", 25, StartTls),
            ("smtp://[2001:db8::1]", "2001:db8::1", 25, StartTls),
            ("smtp://MX.example.com", "mx.example.com", 25, StartTls),
            ("smtp://me@mx.example.com", "mx.example.com", 587, StartTls),
            ("smtp://mx.test?tls=starttls", "mx.test", 25, StartTls),
            (
                "smtp://localhost.example",
                "localhost.example",
                25,
                StartTls,
            ),
            ("smtp://mail_relay:25", "mail_relay", 25, StartTls),
            ("SMTPS://Mx.Example", "mx.example", 465, Tls),
            ("smtps://me@mx.example", "mx.example", 465, Tls),
            ("smtps://127.0.0.1:4650", "127.0.0.1", 4650, Tls),
            ("smtps://메일.example", "xn--h32bq4v.example", 465, Tls),
        ] {
            let read = server(url);
            assert_eq!(
                (read.host.as_str(), read.port, read.security),
                (host, port, security),
                "{url}"
            );
        }
    }

    #[test]
    fn a_folder_is_named_as_it_stands_or_with_escapes() {
        for (url, folder) in [
            ("file://outbox", "outbox"),
            ("file:///var/outbox", "/var/outbox"),
            ("file:///var/my mail", "/var/my mail"),
            ("file:///var/my%20mail", "/var/my mail"),
            ("file://우편", "우편"),
        ] {
            match url.parse() {
                Ok(MailUrl::Folder(path)) => assert_eq!(path.as_os_str(), folder, "{url}"),
                other => panic!("{url}: {other:?}"),
            }
        }
    }

    #[test]
    fn user_and_password_are_percent_decoded_and_the_password_is_never_shown() {
        let read = server("smtps://kim%40example.com:p%3Aw%40ss@relay.example");
        assert_eq!(read.user.as_deref(), Some("kim@example.com"));
        assert_eq!(read.password.as_ref().unwrap().expose_secret(), "p:w@ss");
        assert!(!format!("{read:?}").contains("p:w@ss"));
        let read = server("smtps://kim:@relay.example");
        assert!(read.user.is_some() && read.password.is_none());
        assert!(server("smtps://relay.example").user.is_none());
    }

    #[test]
    fn a_wrong_url_is_told_what_to_write_without_its_password() {
        use MailUrlError::{
            Credentials, Form, NoFolder, NoUser, Parameter, Path, PlainAfar, TlsAlready,
        };
        for (url, why) in [
            ("", Form),
            ("localhost:25", Form),
            ("mail.example.com", Form),
            ("http://u:s3cret@relay.example", Form),
            ("smtp+starttls://u:s3cret@relay.example", Form),
            ("imap://u:s3cret@relay.example", Form),
            ("smtp://", Form),
            ("smtp:relay.example", Form),
            ("smtps:///", Form),
            ("smtp://u:s3cret@", Form),
            ("smtp://u:s3cret@:25", Form),
            ("smtp://[::1", Form),
            ("smtp://u:s3cret@relay.example:99999", Form),
            ("smtps://u:s3cret@a b.example", Form),
            ("smtps://u:s3cret@a%2fb.example", Form),
            ("FILE://outbox", Form),
            ("file://", NoFolder),
            ("file:///", NoFolder),
            ("file://%ff", NoFolder),
            ("smtp://u:s3cret@relay.example/path", Path),
            ("smtp://u:s3/cret@relay.example", Form),
            ("smtps://u:s3cret@relay.example#part", Path),
            ("smtps://u:s3cret@relay.example?size=1", Parameter),
            ("smtp://u:s3cret@relay.example?tls=maybe", Parameter),
            ("smtp://localhost?tls=none&tls=starttls", Parameter),
            ("smtp://localhost?tls=starttls&size=1", Parameter),
            ("smtps://u:s3cret@relay.example?tls=starttls", TlsAlready),
            ("smtps://localhost?tls=none", TlsAlready),
            ("smtp://relay.example?tls=none", PlainAfar),
            ("smtp://u:s3cret@relay.example?tls=none", PlainAfar),
            ("smtp://10.0.0.1?tls=none", PlainAfar),
            ("smtp://[2001:db8::1]?tls=none", PlainAfar),
            ("smtp://localhost.example?tls=none", PlainAfar),
            ("smtps://:s3cret@relay.example", NoUser),
            ("smtps://u:s3cret%0d%0aX@relay.example", Credentials),
            ("smtps://u%00:s3cret@relay.example", Credentials),
            ("smtps://u:s3cret%ff@relay.example", Credentials),
        ] {
            let error = url.parse::<MailUrl>().unwrap_err();
            assert_eq!(error, why, "{url}");
            assert!(!format!("{error} {error:?}").contains("s3"), "{error}");
        }
    }
}
