//! The section `[mail]`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::error::{is_path, within};
use super::{HostName, Invalid};
use crate::files;
use crate::outbound::url::MailUrl;
use crate::place::from_root;

/// Mail that leaves.
#[derive(Clone, Debug, confique::Config)]
pub struct Mail {
    /// The domain that our mail comes from: in the sender's address, the return path and the Message-ID.
    #[config(env = "COUNTERSIGN_MAIL_DOMAIN")]
    pub domain: HostName,

    /// The sender's address before the @.
    #[config(env = "COUNTERSIGN_MAIL_FROM_LOCAL", default = "invitations")]
    pub from_local: String,

    /// Who takes our mail: `smtp://[USER@]HOST[:PORT]` (STARTTLS; on this machine plain, unless `?tls=starttls`),
    /// `smtps://[USER@]HOST[:PORT]` (TLS), or `file://FOLDER` for a folder of .eml files. Port 587 with a user, 25 without, 465
    /// for smtps.
    #[config(env = "COUNTERSIGN_SMTP_URL", default = "smtp://127.0.0.1:25")]
    pub smtp_url: MailUrl,

    /// The password of the user in `smtp_url`. Rather use `smtp_password_file`; never both.
    #[config(env = "COUNTERSIGN_SMTP_PASSWORD")]
    pub smtp_password: Option<SecretString>,

    /// A regular file that holds the password, such as a credential of systemd; a line end after it does not count.
    #[config(env = "COUNTERSIGN_SMTP_PASSWORD_FILE")]
    pub smtp_password_file: Option<PathBuf>,

    /// Certificates (PEM) to trust for the mail server, besides the system's.
    #[config(env = "COUNTERSIGN_MAIL_CA_FILE")]
    pub ca_file: Option<PathBuf>,

    /// The most connections that one process keeps to the mail server, 1 to 1000.
    #[config(env = "COUNTERSIGN_MAIL_CONNECTIONS", default = 32)]
    pub connections: u32,

    /// How many mails a connection carries before it is closed, 1 to 100000.
    #[config(env = "COUNTERSIGN_MAIL_MAILS_PER_CONNECTION", default = 100)]
    pub mails_per_connection: u32,

    /// After how many seconds without a mail a connection is closed, 1 to 300.
    #[config(env = "COUNTERSIGN_MAIL_CONNECTION_IDLE_SECONDS", default = 30)]
    pub connection_idle_seconds: u64,

    /// The name that we greet with; without it `domain`.
    #[config(env = "COUNTERSIGN_MAIL_EHLO_NAME")]
    pub ehlo_name: Option<HostName>,

    /// How long to wait for a connection and its TLS, in seconds.
    #[config(env = "COUNTERSIGN_MAIL_CONNECT_TIMEOUT_SECONDS", default = 30)]
    pub connect_timeout_seconds: u64,

    /// How long to wait for the greeting and for the answers to EHLO, AUTH, MAIL and RCPT (RFC 5321: 300).
    #[config(env = "COUNTERSIGN_MAIL_COMMAND_TIMEOUT_SECONDS", default = 300)]
    pub command_timeout_seconds: u64,

    /// How long to wait for the answer to DATA (RFC 5321: 120).
    #[config(env = "COUNTERSIGN_MAIL_DATA_TIMEOUT_SECONDS", default = 120)]
    pub data_timeout_seconds: u64,

    /// How long sending the body may take (RFC 5321: 180 for each part).
    #[config(env = "COUNTERSIGN_MAIL_BODY_TIMEOUT_SECONDS", default = 180)]
    pub body_timeout_seconds: u64,

    /// How long to wait for the answer to the final dot (RFC 5321: 600). A shorter time makes duplicates.
    #[config(env = "COUNTERSIGN_MAIL_DOT_TIMEOUT_SECONDS", default = 600)]
    pub dot_timeout_seconds: u64,

    /// DKIM keys; mail is signed with all of them. A list of
    /// `{ domain = "example.com", selector = "c2026", key_file = "/etc/countersign/c2026.pem" }`; or one `[[mail.dkim]]` table each, after the other settings of this section.
    #[config(env = "COUNTERSIGN_MAIL_DKIM", default = [])]
    pub dkim: Vec<DkimKey>,
}

/// A key that signs mail (RFC 6376).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DkimKey {
    /// The signing domain (`d=`).
    pub domain: HostName,
    /// The selector (`s=`): the public key stands at `SELECTOR._domainkey.DOMAIN`.
    pub selector: HostName,
    /// The private key, PEM (PKCS #8 or, for RSA, PKCS #1): RSA of 2048 bits or more (RFC 8301), or Ed25519 (RFC 8463).
    pub key_file: PathBuf,
}

impl Mail {
    /// The name that we greet with.
    pub fn greeting_name(&self) -> &HostName {
        self.ehlo_name.as_ref().unwrap_or(&self.domain)
    }

    pub(super) fn validate(&self) -> Result<(), Invalid> {
        self.validate_files()?;
        self.validate_password()?;
        within("mail.connections", self.connections, 1..=1_000)?;
        within(
            "mail.mails_per_connection",
            self.mails_per_connection,
            1..=100_000,
        )?;
        within(
            "mail.connection_idle_seconds",
            self.connection_idle_seconds,
            1..=300,
        )?;
        within(
            "mail.connect_timeout_seconds",
            self.connect_timeout_seconds,
            1..=300,
        )?;
        within(
            "mail.command_timeout_seconds",
            self.command_timeout_seconds,
            1..=3_600,
        )?;
        within(
            "mail.data_timeout_seconds",
            self.data_timeout_seconds,
            1..=3_600,
        )?;
        within(
            "mail.body_timeout_seconds",
            self.body_timeout_seconds,
            1..=3_600,
        )?;
        within(
            "mail.dot_timeout_seconds",
            self.dot_timeout_seconds,
            1..=3_600,
        )?;
        let sender = format!("{}@{}", self.from_local, self.domain);
        if sender.parse::<lettre::Address>().is_err() {
            return Err(Invalid::new(
                "mail.from_local",
                "must be the part of an address before the @, such as `invitations`",
            ));
        }
        let mut seen = HashSet::new();
        for key in &self.dkim {
            if !seen.insert((&key.domain, &key.selector)) {
                return Err(Invalid::new(
                    "mail.dkim",
                    format!("has selector {} of {} twice", key.selector, key.domain),
                ));
            }
        }
        Ok(())
    }

    fn validate_files(&self) -> Result<(), Invalid> {
        let files = [
            ("mail.smtp_password_file", self.smtp_password_file.as_ref()),
            ("mail.ca_file", self.ca_file.as_ref()),
        ];
        let keys = self
            .dkim
            .iter()
            .map(|key| ("mail.dkim", Some(&key.key_file)));
        files
            .into_iter()
            .chain(keys)
            .filter_map(|(field, path)| Some((field, path?)))
            .try_for_each(|(field, path)| is_path(field, path))
    }

    fn validate_password(&self) -> Result<(), Invalid> {
        let (user, in_url) = match &self.smtp_url {
            MailUrl::Smtp(server) => (server.user.is_some(), server.password.is_some()),
            MailUrl::Folder(_) => (false, false),
        };
        let set = self.smtp_password.is_some();
        let in_file = self.smtp_password_file.is_some();
        let given = [in_url, set, in_file].into_iter().filter(|is| *is).count();
        let problem = match (user, given) {
            (false, 0) | (true, 1) => return Ok(()),
            (true, 0) => Invalid::new(
                "mail.smtp_url",
                "names a user without a password: set mail.smtp_password_file, or take the user out",
            ),
            (false, _) => Invalid::new(
                if in_file {
                    "mail.smtp_password_file"
                } else {
                    "mail.smtp_password"
                },
                "is set, and mail.smtp_url names no user: write smtp://USER@HOST there, or take the password out",
            ),
            (true, _) if set && in_file => Invalid::new(
                "mail.smtp_password",
                "and mail.smtp_password_file are both set: keep one of them",
            ),
            (true, _) => Invalid::new(
                "mail.smtp_url",
                "has a password, and mail.smtp_password or mail.smtp_password_file is set too: keep one of them",
            ),
        };
        Err(problem)
    }

    /// Puts the password of `smtp_password`, or that in `smtp_password_file`, into `smtp_url`.
    pub(super) fn take_password(&mut self) -> Result<(), Invalid> {
        let password = match &self.smtp_password_file {
            Some(file) => Some(read_password(file)?),
            None => self.smtp_password.take(),
        };
        if let MailUrl::Smtp(server) = &mut self.smtp_url
            && password.is_some()
        {
            server.password = password;
        }
        Ok(())
    }
}

/// The password in a file.
fn read_password(file: &Path) -> Result<SecretString, Invalid> {
    let refused = |problem: String| Invalid::new("mail.smtp_password_file", problem);
    let text = files::read(file, files::SECRET)
        .map_err(|error| refused(format!("cannot be read: {} ({error})", from_root(file))))?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(refused(format!(
            "is empty: write the password into {}",
            from_root(file)
        )));
    }
    Ok(password.into())
}
