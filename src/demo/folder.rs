//! The demonstration's own folder: settings, keys, database and mails. Nothing outside it is read or written, and no
//! settings of an installation have an influence.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::error::DemoError;
use crate::config::{Config, Environment};
use crate::domain::notice::Hours;

/// The files that belong to a demonstration; `--fresh` removes these and no others.
const FILES: [&str; 7] = [
    "demo.toml",
    "demo.keys",
    "demo.clock",
    "demo.db",
    "demo.db-wal",
    "demo.db-shm",
    "demo.db-journal",
];
const LOCK: &str = "demo.lock";
/// The folder inside for `--once`, which has a demonstration of its own.
pub const ONCE: &str = "once";
const MAILS: &str = "mails";

/// A folder that this process alone uses, until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    // Held for its lock.
    _lock: File,
}

impl Folder {
    /// Makes the folder, or takes up the one that is there; with `fresh`, empties it first.
    ///
    /// # Errors
    /// It holds what is not ours, another process uses it, or it cannot be written.
    pub fn open(path: &Path, fresh: bool) -> Result<Self, DemoError> {
        fs::create_dir_all(path).map_err(DemoError::file(path))?;
        let path = path.canonicalize().map_err(DemoError::file(path))?;
        if path.to_str().is_none_or(|text| text.contains('?')) {
            return Err(DemoError::Path(path));
        }
        let lock = path.join(LOCK);
        if !lock.exists() && holds_others(&path)? {
            return Err(DemoError::NotOurs(path));
        }
        let file = File::create(&lock).map_err(DemoError::file(&lock))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DemoError::Busy(path)),
            Err(TryLockError::Error(error)) => return Err(DemoError::file(&lock)(error)),
        }
        let folder = Self { path, _lock: file };
        if fresh {
            folder.clear()?;
        }
        let mails = folder.mails();
        fs::create_dir_all(&mails).map_err(DemoError::file(&mails))?;
        Ok(folder)
    }

    /// Where it is, from the root.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The settings, for `--config`.
    pub fn settings(&self) -> PathBuf {
        self.path.join("demo.toml")
    }

    /// The key ring.
    pub fn keys(&self) -> PathBuf {
        self.path.join("demo.keys")
    }

    /// Where the mails lie that arrived.
    pub fn mails(&self) -> PathBuf {
        self.path.join(MAILS)
    }

    /// Where the pages were the last time.
    pub fn last_listen(&self) -> Option<SocketAddr> {
        let config = Config::load(Some(&self.settings()), &Environment::default()).ok()?;
        config.listen.ip().is_loopback().then_some(config.listen)
    }

    /// How far the clock was ahead the last time, in microseconds.
    pub fn clock(&self) -> i64 {
        let text = fs::read_to_string(self.path.join("demo.clock")).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    /// Remembers how far the clock is ahead.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_clock(&self, ahead: i64) -> Result<(), DemoError> {
        self.write("demo.clock", format!("{ahead}\n").as_bytes())
    }

    /// Writes the settings of this start, and reads them as every other command will.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn configure(&self, pages: SocketAddr, smtp: SocketAddr) -> Result<Config, DemoError> {
        let text = |text: String| Value::String(text);
        let file = |name: &str| self.path.join(name).to_string_lossy().into_owned();
        let mail = Table::from_iter([
            ("domain".to_owned(), text("demo.example".to_owned())),
            ("smtp_url".to_owned(), text(format!("smtp://{smtp}"))),
        ]);
        let days = [3, 7].map(Value::Integer).to_vec();
        let settings = Table::from_iter([
            (
                "database_url".to_owned(),
                text(format!("sqlite://{}", encoded(&file("demo.db")))),
            ),
            ("public_url".to_owned(), text(format!("http://{pages}"))),
            ("listen".to_owned(), text(pages.to_string())),
            ("keys_file".to_owned(), text(file("demo.keys"))),
            ("mail".to_owned(), mail.into()),
            (
                "invitation".to_owned(),
                Table::from_iter([
                    ("reminders".to_owned(), days.into()),
                    // It shows its follow-ups whenever somebody looks.
                    ("hours".to_owned(), text(Hours::ALWAYS.to_string())),
                ])
                .into(),
            ),
        ]);
        let head = "# Written by `countersign demo` at each start: the settings of the demonstration in this folder.\n\
            # Follow-ups leave at every hour here, so that they can be looked at; an installation keeps to working hours.\n\n";
        self.write("demo.toml", format!("{head}{settings}").as_bytes())?;
        Ok(Config::load(
            Some(&self.settings()),
            &Environment::default(),
        )?)
    }

    /// Writes a file of this folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DemoError> {
        let path = self.path.join(name);
        fs::write(&path, bytes).map_err(DemoError::file(&path))
    }

    fn clear(&self) -> Result<(), DemoError> {
        for name in FILES {
            remove(&self.path.join(name))?;
        }
        let mails = self.mails();
        let Ok(entries) = fs::read_dir(&mails) else {
            return Ok(());
        };
        for entry in entries {
            let path = entry.map_err(DemoError::file(&mails))?.path();
            if path.extension().is_some_and(|end| end == "eml") {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<(), DemoError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(DemoError::file(path)(error)),
        _ => Ok(()),
    }
}

fn holds_others(path: &Path) -> Result<bool, DemoError> {
    for entry in fs::read_dir(path).map_err(DemoError::file(path))? {
        if entry.map_err(DemoError::file(path))?.file_name() != ONCE {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a percent sign would mean in a URL.
fn encoded(path: &str) -> String {
    path.replace('%', "%25")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_files_of_others_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("countersign.toml"), "mine").unwrap();
        let refused = Folder::open(place.path(), true).unwrap_err();
        assert!(matches!(refused, DemoError::NotOurs(_)), "{refused}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_demonstration_at_a_time_uses_a_folder() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("demo");
        let first = Folder::open(&path, false).unwrap();
        assert!(matches!(
            Folder::open(&path, false),
            Err(DemoError::Busy(_))
        ));
        drop(first);
        Folder::open(&path, false).unwrap();
        // The whole way in one go, before or beside it, is no reason to refuse.
        let other = place.path().join("other");
        let once = Folder::open(&other.join(ONCE), true).unwrap();
        Folder::open(&other, false).unwrap();
        drop(once);
    }

    #[test]
    fn a_fresh_start_removes_what_is_ours_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("demo");
        let folder = Folder::open(&path, false).unwrap();
        folder.keep_clock(7).unwrap();
        folder.write("notes.txt", b"of the user").unwrap();
        folder.write("mails/1.eml", b"").unwrap();
        drop(folder);
        let folder = Folder::open(&path, false).unwrap();
        assert_eq!(folder.clock(), 7);
        drop(folder);
        let folder = Folder::open(&path, true).unwrap();
        assert_eq!(folder.clock(), 0);
        assert!(path.join("notes.txt").exists());
        assert!(!path.join("mails/1.eml").exists());
    }

    #[test]
    fn the_settings_read_back_whatever_the_folder_is_called() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("시연 \"50%\" #1");
        let folder = Folder::open(&path, false).unwrap();
        let pages = SocketAddr::from(([127, 0, 0, 1], 8080));
        let config = folder.configure(pages, pages).unwrap();
        assert_eq!(config.keys_file, folder.keys());
        assert_eq!(folder.last_listen(), Some(pages));
    }
}
