//! Mails as `.eml` files in a folder: for installations whose mail someone else picks up, and for trying things out.
//!
//! A file appears whole or not at all: it is written and synced under another name, and renamed once the mark is made. Its
//! name comes from the Message-ID, so that a repeated attempt replaces the file instead of adding one.

use std::future::Future;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use mail_parser::MessageParser;
use sha2::{Digest as _, Sha256};

use super::smtp::SmtpConfigError;
use super::transport::Outgoing;
use crate::domain::delivery::{Outcome, Reply, Stage};
use crate::place::from_root;

/// A folder that takes mails.
#[derive(Clone, Debug)]
pub struct Folder(Arc<Path>);

impl Folder {
    /// Makes the folder if it is not there, for its owner alone: mails hold links that are worth a signature.
    ///
    /// # Errors
    ///
    /// [`SmtpConfigError::Folder`] if it cannot be made.
    pub fn open(path: PathBuf) -> Result<Self, SmtpConfigError> {
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path);
        made.map_err(|error| SmtpConfigError::Folder {
            path: from_root(&path),
            error,
        })?;
        Ok(Self(path.into()))
    }

    /// Writes one mail to `<hash of its Message-ID>.eml`, if `mark` lets it.
    ///
    /// The file is written before the mark, as nobody reads it under its first name: what can fail has then been done, and
    /// only the rename is left.
    pub async fn send<F, Fut>(&self, mail: Outgoing<'_>, mark: F) -> Outcome
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = bool> + Send,
    {
        let name = name(mail.bytes);
        let written = match self.write(mail.bytes.to_vec()).await {
            Ok(written) => written,
            Err(error) => return Outcome::Lost(Stage::Connect, unwritten(&error)),
        };
        if !mark().await {
            return Outcome::Fenced;
        }
        match self.show(written, name).await {
            Ok(()) => Outcome::Accepted(Reply {
                code: 250,
                enhanced: Some((2, 0, 0)),
                text: "written to the folder".to_owned(),
            }),
            Err(error) => Outcome::Lost(Stage::Body, unwritten(&error)),
        }
    }

    /// Whether a mail could be written.
    pub(super) async fn check(&self) -> Result<String, Outcome> {
        match self.write(Vec::new()).await {
            Ok(_) => Ok("the folder can be written".to_owned()),
            Err(error) => Err(Outcome::Lost(Stage::Connect, unwritten(&error))),
        }
    }

    async fn write(&self, bytes: Vec<u8>) -> io::Result<Hidden> {
        let folder = Arc::clone(&self.0);
        blocking(move || {
            let hidden = Hidden(folder.join(format!(".{}", unique())));
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&hidden.0)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            Ok(hidden)
        })
        .await
    }

    async fn show(&self, hidden: Hidden, name: String) -> io::Result<()> {
        let folder = Arc::clone(&self.0);
        blocking(move || {
            std::fs::rename(&hidden.0, folder.join(name))?;
            // The rename lasts only once the folder itself is synced.
            std::fs::File::open(&folder)?.sync_all()
        })
        .await
    }
}

/// A file that nobody is to see; it goes away with this unless it was renamed.
struct Hidden(PathBuf);

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(io::Error::other("the write was interrupted")))
}

fn unwritten(error: &io::Error) -> String {
    format!("the folder could not be written: {error}")
}

fn unique() -> String {
    HEXLOWER.encode(&rand::random::<[u8; 16]>())
}

fn name(bytes: &[u8]) -> String {
    let headers = MessageParser::new().parse_headers(bytes);
    let id = headers.as_ref().and_then(|headers| headers.message_id());
    let hash = Sha256::digest(id.map_or(bytes, str::as_bytes));
    format!("{}.eml", HEXLOWER.encode(&hash[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"Message-ID: <1@mail.example.com>\r\nSubject: a\r\n\r\n\r\n";

    fn outgoing(bytes: &[u8]) -> Outgoing<'_> {
        Outgoing {
            mail_from: "b+x@mail.example.com",
            rcpt_to: "kim@customer.example",
            bytes,
            needs_smtputf8: false,
        }
    }

    fn files(folder: &Path) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_repeated_mail_replaces_its_file() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path().join("out")).unwrap();
        for bytes in [MAIL, MAIL, b"Message-ID: <2@mail.example.com>\r\n\r\n"] {
            let outcome = folder.send(outgoing(bytes), async || true).await;
            assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
        }
        let files = files(&place.path().join("out"));
        assert_eq!(files.len(), 2);
        assert!(files.contains(&MAIL.to_vec()));
        assert_eq!(folder.check().await.unwrap(), "the folder can be written");
    }

    #[tokio::test]
    async fn a_fenced_or_abandoned_mail_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path().into()).unwrap();
        let fenced = folder.send(outgoing(MAIL), async || false).await;
        assert_eq!(fenced, Outcome::Fenced);
        let waiting = folder.send(outgoing(MAIL), std::future::pending::<bool>);
        let abandoned = tokio::time::timeout(std::time::Duration::from_millis(200), waiting).await;
        assert!(abandoned.is_err());
        assert!(files(place.path()).is_empty());
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_pauses_the_transport_before_the_mark() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path().join("out")).unwrap();
        std::fs::remove_dir(place.path().join("out")).unwrap();
        let outcome = folder.send(outgoing(MAIL), async || panic!("marked")).await;
        assert!(
            matches!(outcome, Outcome::Lost(Stage::Connect, _)),
            "{outcome:?}"
        );
        assert!(folder.check().await.is_err());
        let file = place.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Folder::open(file.join("x")).unwrap_err().to_string();
        assert!(
            error.starts_with("mail.smtp_url names a folder that cannot be made"),
            "{error}"
        );
    }
}
