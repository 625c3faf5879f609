//! Postfix's `smtp-sink`: an SMTP server that takes mail, keeps it, and fails in the way it is told to.

use std::{
    env, fs,
    net::SocketAddr,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context as _;

use super::{Process, wait_until};

/// A running sink. It is one thread, and so itself the ceiling of a measurement against it.
pub(crate) struct Sink {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The process, to stop it (`STOP`), to let it go on (`CONT`) or to end it.
    pub(crate) process: Process,
    mails: PathBuf,
}

/// A mail that a sink took.
#[derive(Debug)]
pub(crate) struct Taken {
    /// What stood after `MAIL FROM:`, with its parameters.
    pub(crate) mail_from: String,
    /// What stood after each `RCPT TO:`, with its parameters.
    pub(crate) rcpt_to: Vec<String>,
    /// The message, with LF at the line ends: the sink does not keep CRLF.
    pub(crate) content: Vec<u8>,
}

impl Sink {
    pub(super) async fn start(
        folder: &Path,
        address: SocketAddr,
        options: &[&str],
    ) -> anyhow::Result<Self> {
        let program =
            env::var("COUNTERSIGN_TEST_SMTP_SINK").context("the case needs Need::Sink")?;
        let port = address.port();
        let mails = folder.join(format!("sink-{port}"));
        fs::create_dir(&mails)?;

        let mut command = Command::new(program);
        command.args(options).arg("-d").arg(mails.join("mail."));
        if fs::metadata("/proc/self")?.uid() == 0 {
            // It wants to be told whom to become; somebody else could not write into the folder.
            command.args(["-u", "root"]);
        }
        command.arg(address.to_string()).arg("256");
        let mut process = Process::start(&format!("sink-{port}"), &mut command, folder)?;
        process.listens_on(port).await?;
        Ok(Self {
            address,
            process,
            mails,
        })
    }

    /// The mails that it has taken, in no order. A mail is whole once the client has its 250.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(crate) fn mails(&self) -> anyhow::Result<Vec<Taken>> {
        let mut mails = Vec::new();
        for entry in fs::read_dir(&self.mails)? {
            let dump = fs::read(entry?.path())?;
            mails.extend(Taken::parse(&dump));
        }
        Ok(mails)
    }

    /// Waits until it has taken so many mails, and gives them.
    ///
    /// # Errors
    /// When they do not come within 30 seconds.
    pub(crate) async fn wait_for(&self, count: usize) -> anyhow::Result<Vec<Taken>> {
        let what = format!("{count} mails in the sink");
        wait_until(&what, Duration::from_secs(30), async || {
            let mails = self.mails()?;
            Ok((mails.len() >= count).then_some(mails))
        })
        .await
    }
}

impl Taken {
    /// The sink writes the envelope as `X-…-Args` lines and a `Received` header before the message. `None` while it has
    /// not written as far.
    fn parse(dump: &[u8]) -> Option<Self> {
        let received = find(dump, b"\nReceived: ")? + 1;
        let mut end = received;
        loop {
            end += find(&dump[end..], b"\n")? + 1;
            if !matches!(dump.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let envelope = String::from_utf8_lossy(&dump[..received]).into_owned();
        let values = |name: &str| -> Vec<String> {
            envelope
                .lines()
                .filter_map(|line| line.strip_prefix(name))
                .map(|value| value.trim().to_owned())
                .collect()
        };
        Some(Self {
            mail_from: values("X-Mail-Args:").into_iter().next()?,
            rcpt_to: values("X-Rcpt-Args:"),
            content: dump[end..].to_vec(),
        })
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
