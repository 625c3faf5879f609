//! The ways out, as one type: SMTP, a folder, or memory.
//!
//! A small enum, so that nothing above it is generic over a transport.

use std::future::Future;

use super::folder::Folder;
use super::memory::Memory;
use super::smtp::{Options, Smtp, SmtpConfigError};
use super::url::MailUrl;
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
    /// The transport that a URL names; no server is connected yet.
    ///
    /// # Errors
    ///
    /// [`SmtpConfigError`] names the setting and what to do.
    pub fn open(url: MailUrl, options: &Options) -> Result<Self, SmtpConfigError> {
        match url {
            MailUrl::Smtp(server) => Smtp::new(server, options).map(Self::Smtp),
            MailUrl::Folder(path) => Folder::open(path).map(Self::Folder),
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
