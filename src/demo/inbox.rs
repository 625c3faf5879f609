//! Everybody's inbox: what the sink took, kept in the folder so that a later start shows it again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use super::error::DemoError;
use super::mail::{Mail, Notice, delivered};
use super::sink::Sink;
use crate::domain::time::Timestamp;
use crate::domain::token::Tag;
use crate::storage::{self, Db, notice};
use crate::workflow::deliver::Post;

/// How many mails are shown; the oldest are no longer read at the next start.
const MOST: usize = 2_000;

/// The inbox. Cheap to share behind an [`Arc`].
#[derive(Debug)]
pub struct Inbox {
    mails: RwLock<Vec<Arc<Mail>>>,
    count: watch::Sender<usize>,
    taking: Mutex<()>,
    folder: PathBuf,
    post: Arc<Post>,
    db: Db,
}

impl Inbox {
    /// The mails that lie in `folder`, which gets those that arrive; `post` knows its own return paths.
    ///
    /// # Errors
    /// The folder cannot be read, or the database is away.
    pub async fn open(folder: PathBuf, post: Arc<Post>, db: Db) -> Result<Self, DemoError> {
        let inbox = Self {
            mails: RwLock::default(),
            count: watch::Sender::new(0),
            taking: Mutex::default(),
            folder,
            post,
            db,
        };
        let files = files(&inbox.folder)?;
        for (number, path) in files.iter().skip(files.len().saturating_sub(MOST)) {
            let bytes = std::fs::read(path).map_err(DemoError::file(path))?;
            inbox.add(*number, bytes, Timestamp::from_micros(0)).await?;
        }
        Ok(inbox)
    }

    /// Takes what the sink got, for as long as it is polled. A mail that cannot be written is shown all the same.
    pub async fn follow(self: Arc<Self>, sink: Sink) {
        loop {
            if let Err(error) = self.take(&sink).await {
                tracing::warn!(%error, "a mail cannot be kept");
            }
            let next = sink.taken() + 1;
            tokio::select! {
                () = sink.wait_for(next) => {}
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
            }
        }
    }

    /// Takes what the sink got.
    async fn take(&self, sink: &Sink) -> Result<(), DemoError> {
        let _one_at_a_time = self.taking.lock().await;
        for received in sink.take() {
            let recipient = received.rcpt_to.first().map_or("", String::as_str);
            let bytes = delivered(&received.mail_from, recipient, &received.bytes);
            let number = self.mails().last().map_or(0, |mail| mail.number) + 1;
            let path = self.folder.join(format!("{number:05}.eml"));
            let written = std::fs::write(&path, &bytes).map_err(DemoError::file(&path));
            self.add(number, bytes, received.at).await?;
            written?;
        }
        Ok(())
    }

    async fn add(&self, number: usize, bytes: Vec<u8>, at: Timestamp) -> Result<(), DemoError> {
        let mut mail = Mail::read(number, bytes, at);
        mail.notice = self.notice(&mail).await?;
        let count = {
            let mut mails = self.mails.write().unwrap_or_else(PoisonError::into_inner);
            mails.push(Arc::new(mail));
            mails.len()
        };
        self.count.send_replace(count);
        Ok(())
    }

    /// Which notice a mail is: its return path says so.
    async fn notice(&self, mail: &Mail) -> Result<Option<Notice>, storage::Error> {
        let tag = mail
            .return_tag()
            .and_then(|local| self.post.tags.verify(local));
        let Some((Tag::Bounce, id)) = tag else {
            return Ok(None);
        };
        let mut conn = self.db.read().await?;
        let found = notice::find(&mut conn, id).await?;
        Ok(found.map(|row| Notice {
            kind: row.kind,
            step: row.step,
            invitation: row.subject_id.into(),
        }))
    }

    /// All mails, oldest first.
    pub fn mails(&self) -> Vec<Arc<Mail>> {
        self.mails
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The mail of that number.
    pub fn mail(&self, number: usize) -> Option<Arc<Mail>> {
        self.mails().into_iter().find(|mail| mail.number == number)
    }

    /// Waits until `wanted` holds for the mails.
    ///
    /// # Errors
    /// It does not within `patience`: `what` was waited for.
    pub async fn wait(
        &self,
        what: &str,
        patience: Duration,
        wanted: impl Fn(&[Arc<Mail>]) -> bool,
    ) -> Result<(), DemoError> {
        let mut count = self.count.subscribe();
        let waiting = async {
            while !wanted(&self.mails()) {
                // The sender lives in `self`.
                count.changed().await.ok();
            }
        };
        tokio::time::timeout(patience, waiting).await.map_err(|_| {
            let seconds = patience.as_secs();
            DemoError::Unexpected(format!("{what} did not arrive within {seconds} s"))
        })
    }
}

/// The mails of a folder with their numbers, in order.
fn files(folder: &Path) -> Result<Vec<(usize, PathBuf)>, DemoError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(DemoError::file(folder))? {
        let path = entry.map_err(DemoError::file(folder))?.path();
        let number = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(".eml")?.parse().ok());
        found.extend(number.map(|number| (number, path)));
    }
    found.sort();
    Ok(found)
}
