//! The ways out, as one type: SMTP, a folder, or memory.
//!
//! A small enum, so that nothing above it is generic over a transport.

use std::future::Future;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use super::folder::Folder;
use super::memory::Memory;
use super::smtp::{Options, Smtp, SmtpConfigError, SmtpUrl, SmtpUrlError};
use crate::domain::delivery::Outcome;

/// One mail with its envelope.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The return path: where a bounce goes. Empty for none.
    pub mail_from: &'a str,
    /// The recipient, its domain as an A-label.
    pub rcpt_to: &'a str,
    /// Headers and body with CRLF line ends.
    pub bytes: &'a [u8],
    /// Whether the headers need SMTPUTF8 (see [`super::compose::Composed`]).
    pub needs_smtputf8: bool,
}

/// The setting `SMTP_URL`: where mail goes.
#[derive(Clone, Debug)]
pub enum TransportUrl {
    /// To a server.
    Smtp(SmtpUrl),
    /// Into a folder of `.eml` files.
    Folder(PathBuf),
}

impl FromStr for TransportUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim())
            .map_err(|error| SmtpUrlError::new(format!("is no URL ({error})")))?;
        if url.scheme() != "file" {
            return SmtpUrl::from_url(&url).map(Self::Smtp);
        }
        url.to_file_path()
            .map(Self::Folder)
            .map_err(|()| SmtpUrlError::new("names no folder of this machine"))
    }
}

/// A way out for mails. Cloning shares connections and contents.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(Smtp),
    /// Into a folder of `.eml` files.
    Folder(Folder),
    /// Nowhere: kept for tests to look at.
    Memory(Memory),
}

impl Transport {
    /// The transport that the setting names; no server is connected yet.
    ///
    /// # Errors
    ///
    /// [`SmtpConfigError`] names the setting and what to do.
    pub fn open(url: TransportUrl, options: &Options) -> Result<Self, SmtpConfigError> {
        match url {
            TransportUrl::Smtp(url) => Smtp::new(url, options).map(Self::Smtp),
            TransportUrl::Folder(path) => Folder::open(path).map(Self::Folder),
        }
    }

    /// Hands one mail over.
    ///
    /// `mark` runs at most once, when all is ready and nothing of the body has left; where it says `false` nothing will
    /// leave, and the outcome is [`Outcome::Fenced`].
    pub async fn send<F, Fut>(&self, mail: Outgoing<'_>, mark: F) -> Outcome
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = bool> + Send,
    {
        match self {
            Self::Smtp(smtp) => smtp.send(mail, mark).await,
            Self::Folder(folder) => folder.send(mail, mark).await,
            Self::Memory(memory) => memory.send(mail, mark).await,
        }
    }

    /// Whether mail could leave now, and a sentence about it; for `doctor`.
    ///
    /// # Errors
    ///
    /// The [`Outcome`] says which stage failed and how.
    pub async fn check(&self) -> Result<String, Outcome> {
        match self {
            Self::Smtp(smtp) => smtp.check().await.map(|checked| checked.to_string()),
            Self::Folder(folder) => folder.check().await,
            Self::Memory(_) => Ok("mails stay in memory".to_owned()),
        }
    }

    /// Ends what is open. To be called once nothing is being sent.
    pub async fn close(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_url_names_a_folder() {
        let url: TransportUrl = "file:///var/spool/my%20mail".parse().unwrap();
        assert!(
            matches!(url, TransportUrl::Folder(path) if path.as_os_str() == "/var/spool/my mail")
        );
    }

    #[test]
    fn what_is_no_url_names_the_setting_and_the_forms() {
        for text in [
            "",
            "localhost:25",
            "mail.example.com",
            "file://relative/path",
            "smtp://[::1",
        ] {
            let error = text.parse::<TransportUrl>().unwrap_err().to_string();
            assert!(error.starts_with("`SMTP_URL` "), "{text}: {error}");
            assert!(error.contains("`file:///folder`"), "{error}");
        }
    }
}
