//! Reads and writes the key ring: a file that only its owner may read, or the environment.
//!
//! A lost ring ends every open link and a readable one lets others forge them. So a file with a wider mode is refused, a
//! change replaces it as a whole, and nothing that exists is ever overwritten by a new ring.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use crate::config::Environment;
use crate::domain::keys::{KeyRing, KeyRingError};
use crate::files;
use crate::place::from_root;

/// The variable that may hold the text of the ring, where a file cannot be placed.
pub const VARIABLE: &str = "COUNTERSIGN_KEYS";

/// A ring is some hundred bytes a key.
const LARGEST: u64 = 1024 * 1024;

/// Why the key ring cannot be read or written. No message holds a part of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("the key file {} does not exist: restore it from a backup, or create a new installation's with `countersign init`", from_root(.0))]
    Missing(PathBuf),
    /// Others may read or run the file.
    #[error(
        "the key file {} has mode {mode:04o}, and others must not read it: run `chmod 600 {}`",
        from_root(path),
        from_root(path)
    )]
    Mode {
        /// The file.
        path: PathBuf,
        /// The lower twelve bits of its mode.
        mode: u32,
    },
    /// A ring is there already.
    #[error("the key file {} exists already and is never overwritten: use it, or move it away if no open link needs it", from_root(.0))]
    Exists(PathBuf),
    /// The content of the file.
    #[error("{}: {source}", from_root(path))]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyRingError,
    },
    /// The content of the variable.
    #[error("{VARIABLE}: {0}")]
    Variable(KeyRingError),
    /// The variable is no text.
    #[error("{VARIABLE} is no UTF-8 text: put the text of a key file there")]
    VariableEncoding,
    /// The ring comes from the environment, which a program cannot change for those that start it.
    #[error(
        "the key ring comes from {VARIABLE}, which cannot be changed from here: change it in a key file, then put that file's text there"
    )]
    ReadOnly,
    /// A change that the ring refuses.
    #[error(transparent)]
    Change(#[from] KeyRingError),
    /// The operating system.
    #[error("the key file {} cannot be {doing}: {source}", from_root(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

/// Reads the ring: from [`VARIABLE`] if it is set, else from `path`.
///
/// # Errors
/// When there is none, others may read the file, or its content is no key ring.
pub fn load(path: &Path, env: &Environment) -> Result<KeyRing, KeyFileError> {
    if let Some(text) = env.get(VARIABLE) {
        let text = text.to_str().ok_or(KeyFileError::VariableEncoding)?;
        return KeyRing::from_toml(text).map_err(KeyFileError::Variable);
    }
    read(&open(path)?, path)
}

/// Writes the first ring of an installation, with mode 0600.
///
/// # Errors
/// When the file exists already, or cannot be written.
pub fn create(path: &Path, ring: &KeyRing) -> Result<(), KeyFileError> {
    let draft = Draft::write(path, ring, None)?;
    // A link, unlike a rename, fails where a file is, also when another process made it just now.
    fs::hard_link(&draft.0, path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
        _ => failed(path, "created")(error),
    })?;
    drop(draft);
    sync_folder(path)
}

/// Changes the ring in its file: reads it, applies `change` and puts the result in its place, while other changes wait. Owner
/// and mode stay. After a crash there is the old ring or the new one, whole.
///
/// # Errors
/// When the ring comes from the environment, the file cannot be read or written, or `change` refuses; then nothing changed.
pub fn update(
    path: &Path,
    env: &Environment,
    change: impl FnOnce(KeyRing) -> Result<KeyRing, KeyRingError>,
) -> Result<KeyRing, KeyFileError> {
    if env.get(VARIABLE).is_some() {
        return Err(KeyFileError::ReadOnly);
    }
    // Behind a symbolic link the file itself is replaced, not the link.
    let path = &fs::canonicalize(path).map_err(|error| not_found(path, error))?;
    let file = open_locked(path)?;
    let metadata = file.metadata().map_err(failed(path, "read"))?;
    let ring = change(read(&file, path)?)?;
    let draft = Draft::write(path, &ring, Some(&metadata))?;
    fs::rename(&draft.0, path).map_err(failed(path, "replaced"))?;
    sync_folder(path)?;
    Ok(ring)
}

fn failed(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> KeyFileError {
    let path = path.to_owned();
    move |source| KeyFileError::Io {
        path,
        doing,
        source,
    }
}

fn not_found(path: &Path, error: io::Error) -> KeyFileError {
    if error.kind() == io::ErrorKind::NotFound {
        KeyFileError::Missing(path.to_owned())
    } else {
        failed(path, "read")(error)
    }
}

fn open(path: &Path) -> Result<File, KeyFileError> {
    files::open(path).map_err(|error| not_found(path, error))
}

/// The file behind `path`, locked against other changes. Whoever waited for the lock may hold the file that was replaced
/// meanwhile: then the new one is taken.
fn open_locked(path: &Path) -> Result<File, KeyFileError> {
    loop {
        let file = open(path)?;
        file.lock().map_err(failed(path, "locked"))?;
        let held = file.metadata().map_err(failed(path, "read"))?;
        let there = fs::metadata(path).map_err(failed(path, "read"))?;
        if (held.dev(), held.ino()) == (there.dev(), there.ino()) {
            return Ok(file);
        }
    }
}

/// Checks the mode of the file that is open, not of whatever has its name by then.
fn read(file: &File, path: &Path) -> Result<KeyRing, KeyFileError> {
    let metadata = file.metadata().map_err(failed(path, "read"))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o177 != 0 {
        return Err(KeyFileError::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    let text = files::text_of(file, LARGEST).map_err(failed(path, "read"))?;
    KeyRing::from_toml(&text).map_err(|source| KeyFileError::Content {
        path: path.to_owned(),
        source,
    })
}

/// A file beside the key file, on the disk whole before it takes its name; removed if it does not come to that.
struct Draft(PathBuf);

impl Draft {
    fn write(
        path: &Path,
        ring: &KeyRing,
        like: Option<&fs::Metadata>,
    ) -> Result<Self, KeyFileError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{:016x}.new", rand::random::<u64>()));
        let draft = path.with_file_name(name);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .map_err(failed(&draft, "created"))?;
        let draft = Self(draft);
        let mut write = || {
            if let Some(like) = like {
                // Root rotates the keys of a service that runs as somebody else.
                let own = file.metadata()?;
                if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
                    std::os::unix::fs::fchown(&file, Some(like.uid()), Some(like.gid()))?;
                }
                file.set_permissions(like.permissions())?;
            }
            file.write_all(ring.to_toml().expose_secret().as_bytes())?;
            file.sync_all()
        };
        write().map_err(failed(path, "written"))?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove.
        fs::remove_file(&self.0).ok();
    }
}

/// Makes the new name durable.
fn sync_folder(path: &Path) -> Result<(), KeyFileError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed(path, "made durable"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

    fn ring() -> KeyRing {
        KeyRing::fresh(NOW, &mut rand::rng())
    }

    fn text(ring: &KeyRing) -> String {
        ring.to_toml().expose_secret().to_owned()
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("countersign.keys");
        (folder, path)
    }

    fn env() -> Environment {
        Environment::default()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The names in the folder: no draft may stay behind.
    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_created_ring_is_read_again_and_only_its_owner_may() {
        let (folder, path) = folder();
        let ring = ring();
        create(&path, &ring).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(text(&load(&path, &env()).unwrap()), text(&ring));
        assert_eq!(names(&folder), ["countersign.keys"]);
    }

    #[test]
    fn an_existing_file_is_never_overwritten_by_a_new_ring() {
        let (folder, path) = folder();
        fs::write(&path, "precious").unwrap();
        let error = create(&path, &ring()).unwrap_err();
        assert!(matches!(error, KeyFileError::Exists(_)), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert_eq!(names(&folder), ["countersign.keys"]);
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_its_mode_and_the_fix() {
        let (_folder, path) = folder();
        create(&path, &ring()).unwrap();
        for wide in [0o644, 0o640, 0o604, 0o700, 0o610] {
            chmod(&path, wide);
            let message = load(&path, &env()).unwrap_err().to_string();
            let name = path.display();
            assert_eq!(
                message,
                format!(
                    "the key file {name} has mode {wide:04o}, and others must not read it: run `chmod 600 {name}`"
                )
            );
        }
        chmod(&path, 0o400);
        assert!(load(&path, &env()).is_ok());
    }

    #[test]
    fn the_environment_comes_before_the_file_and_cannot_be_changed() {
        let (_folder, path) = folder();
        create(&path, &ring()).unwrap();
        let other = ring();
        let env = env().with(VARIABLE, &text(&other));
        assert_eq!(text(&load(&path, &env).unwrap()), text(&other));
        let error = update(&path, &env, Ok).unwrap_err();
        assert!(matches!(error, KeyFileError::ReadOnly), "{error}");
        let wrong = env.with(VARIABLE, "s3cret");
        let message = load(&path, &wrong).unwrap_err().to_string();
        assert!(message.starts_with("COUNTERSIGN_KEYS: the key ring is not of its form"));
        assert!(!message.contains("s3cret"));
    }

    #[test]
    fn an_update_replaces_the_ring_and_keeps_its_mode() {
        let (folder, path) = folder();
        create(&path, &ring()).unwrap();
        chmod(&path, 0o400);
        let ring = update(&path, &env(), |ring| ring.rotate(NOW, &mut rand::rng())).unwrap();
        assert_eq!(ring.current_token_key(), 2);
        assert_eq!(text(&load(&path, &env()).unwrap()), text(&ring));
        assert_eq!(mode(&path), 0o400);
        assert_eq!(names(&folder), ["countersign.keys"]);
    }

    #[test]
    fn an_update_by_root_keeps_the_owner() {
        let (_folder, path) = folder();
        create(&path, &ring()).unwrap();
        if std::os::unix::fs::chown(&path, Some(12_345), Some(54_321)).is_err() {
            return; // Only root gives files away, so that only root can lose their owner.
        }
        update(&path, &env(), |ring| ring.rotate(NOW, &mut rand::rng())).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid()), (12_345, 54_321));
    }

    #[test]
    fn a_refused_change_leaves_the_file_as_it_is() {
        let (folder, path) = folder();
        create(&path, &ring()).unwrap();
        let before = fs::read(&path).unwrap();
        let error = update(&path, &env(), |ring| ring.retire(1, 0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "token key 1 is the current one; run `countersign key rotate` before retiring it"
        );
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(names(&folder), ["countersign.keys"]);
    }

    #[test]
    fn an_update_through_a_symbolic_link_keeps_the_link() {
        let (folder, path) = folder();
        create(&path, &ring()).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        update(&link, &env(), |ring| ring.rotate(NOW, &mut rand::rng())).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(load(&path, &env()).unwrap().current_token_key(), 2);
    }

    #[test]
    fn no_update_is_lost_among_many_at_once() {
        let (_folder, path) = folder();
        create(&path, &ring()).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    update(&path, &env(), |ring| ring.rotate(NOW, &mut rand::rng())).unwrap();
                });
            }
        });
        let ring = load(&path, &env()).unwrap();
        assert_eq!(ring.current_token_key(), 9);
        assert_eq!(ring.token_keys().len(), 9);
    }

    #[test]
    fn a_pipe_is_refused_before_anybody_waits_for_it() {
        let (_folder, path) = folder();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        for error in [load(&path, &env()), update(&path, &env(), Ok)] {
            assert_eq!(
                error.unwrap_err().to_string(),
                format!(
                    "the key file {} cannot be read: it is a pipe (as <(…) of a shell is), and only regular files are read: name a file",
                    path.display()
                )
            );
        }
    }

    #[test]
    fn a_missing_file_says_what_to_do() {
        let (_folder, path) = folder();
        for error in [load(&path, &env()), update(&path, &env(), Ok)] {
            let message = error.unwrap_err().to_string();
            assert!(
                message.contains("does not exist: restore it from a backup"),
                "{message}"
            );
        }
    }
}
