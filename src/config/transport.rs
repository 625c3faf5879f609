//! Where mail goes: a server, or a folder.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use super::values::is_loopback;

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: only to this machine.
    Plain,
    /// STARTTLS, and no mail without it (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314 §3.3).
    Tls,
}

/// A mail server that takes our mail.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Host name or IP address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who we are for AUTH, if at all.
    pub user: Option<String>,
    /// The password, if the URL has it.
    pub(super) password: Option<SecretString>,
}

/// What `smtp_url` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum MailUrl {
    /// A mail server.
    Smtp(SmtpServer),
    /// A folder of `.eml` files, for trying things out.
    Folder(PathBuf),
}

const FORMS: &str = "use smtp://[USER@]HOST[:PORT] (STARTTLS, plain on this machine), smtps://[USER@]HOST[:PORT] or file://FOLDER";

impl TryFrom<String> for MailUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some(folder) = text.strip_prefix("file://") {
            return match folder {
                "" | "/" => Err("name the folder: file://outbox, or file:///var/spool/outbox"),
                _ => Ok(Self::Folder(folder.into())),
            };
        }
        let url = Url::parse(&text).map_err(|_| FORMS)?;
        if !matches!(url.scheme(), "smtp" | "smtps") {
            return Err(FORMS);
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(
                "use no path; write special characters of the user name or password as %XX",
            );
        }
        let host = match url.host().ok_or(FORMS)? {
            Host::Domain(name) if !name.is_empty() => name.to_ascii_lowercase(),
            Host::Domain(_) => return Err(FORMS),
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => ip.to_string(),
        };
        let security = security(&url, is_loopback(&host))?;
        let default_port = match security {
            Security::Tls => 465,
            _ if url.username().is_empty() => 25,
            _ => 587,
        };
        let user = Some(decoded(url.username())?).filter(|user| !user.is_empty());
        let password = url.password().map(decoded).transpose()?;
        Ok(Self::Smtp(SmtpServer {
            host,
            port: url.port().unwrap_or(default_port),
            security,
            user,
            password: password.map(SecretString::from),
        }))
    }
}

fn security(url: &Url, loopback: bool) -> Result<Security, &'static str> {
    let mut asked = None;
    for (name, value) in url.query_pairs() {
        match (name.as_ref(), value.as_ref()) {
            ("tls", "starttls") => asked = Some(Security::StartTls),
            ("tls", "none") => asked = Some(Security::Plain),
            _ => return Err("knows only ?tls=starttls and ?tls=none after the host"),
        }
    }
    match (url.scheme(), asked) {
        ("smtps", None) => Ok(Security::Tls),
        ("smtps", Some(_)) => Err("smtps:// is TLS already: use no ?tls="),
        (_, Some(Security::Plain)) if !loopback => Err(
            "?tls=none is for a server on this machine: mail holds links that are worth a signature",
        ),
        (_, Some(security)) => Ok(security),
        (_, None) if loopback => Ok(Security::Plain),
        (_, None) => Ok(Security::StartTls),
    }
}

fn decoded(text: &str) -> Result<String, &'static str> {
    percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| "user name and password must be UTF-8, with special characters as %XX")
}
