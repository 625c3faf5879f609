//! What an operator can set about SMTP, with the defaults of RFC 5321 §4.5.3.2.

use std::path::PathBuf;
use std::time::Duration;

/// How long each phase of a conversation may take before the server counts as silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Looking up the host, and one address of it to accept.
    pub connect: Duration,
    /// The greeting, and the answer to EHLO.
    pub greeting: Duration,
    /// The handshake of TLS.
    pub tls: Duration,
    /// The answers to STARTTLS and AUTH.
    pub auth: Duration,
    /// The answer to MAIL.
    pub mail: Duration,
    /// The answer to RCPT.
    pub rcpt: Duration,
    /// The 354 after DATA.
    pub data: Duration,
    /// The server to take the body.
    pub body: Duration,
    /// The answer to the final dot. Silence there leaves open whether the mail arrived (RFC 1047), so this is long.
    pub end: Duration,
    /// The answer to QUIT: a courtesy.
    pub quit: Duration,
}

impl Timeouts {
    /// The same limit for every phase.
    pub const fn all(limit: Duration) -> Self {
        Self {
            connect: limit,
            greeting: limit,
            tls: limit,
            auth: limit,
            mail: limit,
            rcpt: limit,
            data: limit,
            body: limit,
            end: limit,
            quit: limit,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            greeting: Duration::from_mins(5),
            tls: Duration::from_mins(1),
            auth: Duration::from_mins(2),
            mail: Duration::from_mins(5),
            rcpt: Duration::from_mins(5),
            data: Duration::from_mins(2),
            body: Duration::from_mins(3),
            end: Duration::from_mins(10),
            quit: Duration::from_secs(5),
        }
    }
}

/// All about SMTP that the URL does not say.
#[derive(Clone, Debug)]
pub struct Options {
    /// A PEM file of authorities to trust besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// What we call ourselves in EHLO: a host name, or an address in brackets (RFC 5321 §4.1.3).
    pub ehlo_name: String,
    /// The time limits.
    pub timeouts: Timeouts,
    /// How many connections may be open at once, at least one.
    pub max_connections: usize,
    /// How many mails go over one connection before it is closed, at least one.
    pub mails_per_connection: u32,
    /// How long a connection is kept without work.
    pub idle: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ca_file: None,
            ehlo_name: "[127.0.0.1]".to_owned(),
            timeouts: Timeouts::default(),
            max_connections: 32,
            mails_per_connection: 100,
            idle: Duration::from_mins(1),
        }
    }
}

/// Why the settings for SMTP are of no use.
#[derive(Debug, thiserror::Error)]
pub enum SmtpConfigError {
    /// A user and no password.
    #[error(
        "mail.smtp_url names a user without a password: set mail.smtp_password_file, or take the user out"
    )]
    PasswordMissing,
    /// The EHLO name is none.
    #[error("mail.ehlo_name must be a host name, or an address in brackets")]
    EhloName,
    /// A limit of zero.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// The CA file cannot be read.
    #[error("mail.ca_file cannot be used ({path}): {what}; name a PEM file of certificates")]
    CaFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// No authority is known at all.
    #[error(
        "no certificate authority is known: install the system's (Debian: `ca-certificates`) or set mail.ca_file"
    )]
    NoAuthorities,
    /// The TLS library refused its own defaults, or the host cannot stand in a certificate.
    #[error(
        "mail.smtp_url cannot be used with TLS ({0}): write the name that stands in the server's certificate"
    )]
    Tls(String),
    /// The folder cannot be made.
    #[error(
        "mail.smtp_url names a folder that cannot be made ({path}: {error}): name one that may be written"
    )]
    Folder {
        /// The folder.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
}
