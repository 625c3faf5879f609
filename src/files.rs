//! Reads the small files that settings name: passwords, keys, certificates.
//!
//! A name that was mistyped may lead to something without an end (`/dev/zero`) or without a beginning (a pipe that nobody
//! writes into), and the start would hang or eat the memory. So only regular files are read, as systemd's credentials are,
//! and only up to a size.

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use secrecy::zeroize::Zeroizing;

/// The most bytes of a file with a secret.
pub const SECRET: u64 = 64 * 1024;

/// Why a file is not read. It stands in an [`io::Error`], as what the operating system refuses does.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A pipe, a device, a folder.
    #[error("it is {0}, and only regular files are read: name a file")]
    Kind(&'static str),
    /// It does not end in time.
    #[error("it is larger than {0} bytes: name another file")]
    Size(u64),
}

impl From<Unfit> for io::Error {
    fn from(unfit: Unfit) -> Self {
        Self::new(io::ErrorKind::InvalidInput, unfit)
    }
}

/// Opens a regular file, or the one behind a symbolic link.
///
/// # Errors
/// There is none, it may not be read, or it is something else ([`Unfit::Kind`]).
pub fn open(path: &Path) -> io::Result<File> {
    // Before it is opened: to open a pipe waits for somebody who writes.
    regular(fs::metadata(path)?.file_type())?;
    let file = File::open(path)?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// The whole text of a file, of at most `most` bytes.
///
/// # Errors
/// It cannot be read, is larger ([`Unfit::Size`]) or no UTF-8.
pub fn text_of(file: &File, most: u64) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    file.take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(Unfit::Size(most).into());
    }
    Ok(text)
}

/// The whole text of the regular file at `path`, of at most `most` bytes.
///
/// # Errors
/// As [`open`] and [`text_of`].
pub fn read(path: &Path, most: u64) -> io::Result<Zeroizing<String>> {
    text_of(&open(path)?, most)
}

fn regular(kind: FileType) -> Result<(), Unfit> {
    Err(Unfit::Kind(if kind.is_file() {
        return Ok(());
    } else if kind.is_fifo() {
        "a pipe (as <(…) of a shell is)"
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> String {
        read(path, 10).unwrap_err().to_string()
    }

    #[test]
    fn what_never_ends_or_never_begins_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for (path, kind) in [
            (pipe.as_path(), "a pipe (as <(…) of a shell is)"),
            (Path::new("/dev/zero"), "a device"),
            (folder.path(), "a folder"),
        ] {
            assert_eq!(
                refused(path),
                format!("it is {kind}, and only regular files are read: name a file")
            );
        }
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "0123456789").unwrap();
        assert_eq!(*read(&path, 10).unwrap(), "0123456789");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(*read(&link, 10).unwrap(), "0123456789");
        fs::write(&path, "0123456789a").unwrap();
        assert_eq!(
            refused(&path),
            "it is larger than 10 bytes: name another file"
        );
        fs::write(&path, b"\xff").unwrap();
        assert!(read(&path, 10).is_err());
        assert_eq!(
            read(&folder.path().join("none"), 10).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
