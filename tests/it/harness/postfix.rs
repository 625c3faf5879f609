//! The Postfix that tests/run started: tests/services/postfix says what it takes and where mail goes.

use std::{env, fs, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context as _;

use super::wait_until;

/// Where it listens, and its mailbox. The mailbox is shared by all cases: let each write to an address of its own.
pub(crate) struct Postfix {
    /// Takes mail without a password, offers STARTTLS.
    pub(crate) relay: SocketAddr,
    /// Takes mail after STARTTLS and AUTH PLAIN.
    pub(crate) submission: SocketAddr,
    /// As `submission`, with TLS from the first byte.
    pub(crate) smtps: SocketAddr,
    /// Where it sends the mail of `sink.example`; nobody listens there until a case does.
    pub(crate) sink: SocketAddr,
    /// The certificate, in PEM, that signed the server's, whose names are `localhost` and `127.0.0.1`.
    pub(crate) ca: PathBuf,
    /// The user of `submission` and `smtps`.
    pub(crate) user: String,
    /// Its password.
    pub(crate) password: String,
    maildir: PathBuf,
}

impl Postfix {
    /// The one that is running; for cases that need [`super::Need::Mta`].
    ///
    /// # Errors
    /// When a variable of it is not set.
    pub(crate) fn running() -> anyhow::Result<Self> {
        let text = |name: &str| {
            let name = format!("COUNTERSIGN_TEST_POSTFIX_{name}");
            env::var(&name).with_context(|| format!("{name} is not set"))
        };
        let address = |name: &str| -> anyhow::Result<SocketAddr> { Ok(text(name)?.parse()?) };
        Ok(Self {
            relay: address("RELAY")?,
            submission: address("SUBMISSION")?,
            smtps: address("SMTPS")?,
            sink: address("SINK")?,
            ca: text("CA")?.into(),
            user: text("USER")?,
            password: text("PASSWORD")?,
            maildir: text("MAILDIR")?.into(),
        })
    }

    /// The mails in the mailbox that were delivered to this address, with LF at the line ends, in no order.
    ///
    /// # Errors
    /// When the mailbox cannot be read.
    pub(crate) fn mails(&self, recipient: &str) -> anyhow::Result<Vec<Vec<u8>>> {
        let delivered = format!("Delivered-To: {recipient}");
        let mut mails = Vec::new();
        for entry in fs::read_dir(self.maildir.join("new"))? {
            let mail = fs::read(entry?.path())?;
            let mut headers = mail
                .split(|&byte| byte == b'\n')
                .take_while(|line| !line.is_empty());
            if headers.any(|line| line.eq_ignore_ascii_case(delivered.as_bytes())) {
                mails.push(mail);
            }
        }
        Ok(mails)
    }

    /// Waits for a mail to this address.
    ///
    /// # Errors
    /// When none comes within 30 seconds.
    pub(crate) async fn wait_for(&self, recipient: &str) -> anyhow::Result<Vec<u8>> {
        let what = format!("a mail to {recipient}");
        wait_until(&what, Duration::from_secs(30), async || {
            Ok(self.mails(recipient)?.pop())
        })
        .await
    }
}
