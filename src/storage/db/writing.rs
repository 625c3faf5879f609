//! Whether what is written stays: the database's file is still the one that was opened, and the last write did not fail.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::storage::Error;

/// What is known of writing to a database. One for all of its connections.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// Of SQLite.
    file: Option<File>,
    /// A write found the disk full, or the database read-only.
    failed: AtomicBool,
}

/// A file that other connections and other processes find under a name: SQLite goes on writing to one that has lost its name,
/// and what it acknowledges then is gone with the process.
#[derive(Debug)]
struct File {
    path: PathBuf,
    /// Device and inode.
    identity: (u64, u64),
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

impl Writing {
    /// Remembers which file it is; to be called before it is opened.
    pub(super) fn to_file(path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let file = identity(&path).map(|identity| File { path, identity });
        Self {
            file,
            ..Self::default()
        }
    }

    /// Asked before each commit: one `stat`, which takes a microsecond where the commit takes a sync of the disk.
    ///
    /// # Errors
    /// [`Error::Replaced`] when another file has the name by now, or none.
    pub(super) fn check_file(&self) -> Result<(), Error> {
        match &self.file {
            Some(file) if identity(&file.path) != Some(file.identity) => Err(Error::Replaced),
            _ => Ok(()),
        }
    }

    /// Hears of what a write failed with.
    pub(super) fn heard(&self, error: sqlx::Error) -> Error {
        let error = error.into();
        if matches!(error, Error::Unwritable(_)) {
            self.failed.store(true, Ordering::Relaxed);
        }
        error
    }

    /// Whether a write has failed since [`Writing::works`].
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// A write that would have failed, too, has succeeded.
    pub(super) fn works(&self) {
        self.failed.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Db, Options, Pools};
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::storage::installation;

    #[tokio::test]
    async fn a_write_that_failed_is_known_until_one_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            url: format!("sqlite://{}/x.db", folder.path().display()),
            connections: 1,
            pooled: false,
        };
        let db = Db::open(&options).await.unwrap();
        db.migrate().await.unwrap();
        let write = async || {
            let now = Timestamp::from_micros(0);
            db.write(move |tx| Box::pin(async move { installation::create(tx, "a", now).await }))
                .await
        };
        write().await.unwrap();
        db.check_writing().await.unwrap();
        let Pools::Sqlite { writer, .. } = &db.pools else {
            unreachable!()
        };
        let set = async |pragma| sqlx::query(pragma).execute(writer).await.unwrap();
        set("PRAGMA query_only = 1").await;
        db.check_writing().await.unwrap();
        assert!(matches!(write().await, Err(Error::Unwritable(_))));
        for _ in 0..2 {
            let told = db.check_writing().await;
            assert!(matches!(told, Err(Error::Unwritable(_))), "{told:?}");
        }
        set("PRAGMA query_only = 0").await;
        // It finds out by itself, as nobody may ask for a write of those who are not ready.
        db.check_writing().await.unwrap();
        assert!(!db.writing.has_failed());
    }
}
