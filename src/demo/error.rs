//! Why a demonstration could not be given.

use std::path::PathBuf;

use crate::app::AppError;
use crate::app::service::ServiceError;
use crate::config::ConfigError;
use crate::keyfile::KeyFileError;
use crate::storage;
use crate::workflow::invite::InviteError;
use crate::workflow::{agreement, partner, profile};

/// Why a demonstration could not be given.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder is somebody else's.
    #[error(
        "{} holds files that are not the demonstration's: name another folder with --dir",
        .0.display()
    )]
    NotOurs(PathBuf),
    /// Another demonstration runs in the folder.
    #[error(
        "another demonstration runs in {}: end it, or name another folder with --dir",
        .0.display()
    )]
    Busy(PathBuf),
    /// The path cannot stand in settings.
    #[error("{}: the path is no UTF-8 text, or holds a `?`: name another folder with --dir", .0.display())]
    Path(PathBuf),
    /// A file.
    #[error("{}: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// No port of this machine can be had.
    #[error("127.0.0.1: no free port can be listened on: {0}")]
    Port(std::io::Error),
    /// What was shown is not what should have been.
    #[error("the demonstration did not go as it should: {0}")]
    Unexpected(String),
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key ring.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The parts.
    #[error(transparent)]
    App(#[from] AppError),
    /// The listeners.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A partner of the demonstration.
    #[error(transparent)]
    Partner(#[from] partner::AddError),
    /// What such a partner says of itself.
    #[error(transparent)]
    Profile(#[from] profile::ProfileError),
    /// A text of the demonstration.
    #[error(transparent)]
    Agreement(#[from] agreement::AddError),
    /// A customer of the demonstration.
    #[error(transparent)]
    Invite(#[from] InviteError),
}

impl DemoError {
    pub(super) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |error| Self::File { path, error }
    }
}
