//! Why settings are refused. No message holds the value of a secret.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::place::from_root;

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the environment.
    Variable(&'static str),
    /// The file of settings.
    File(PathBuf),
    /// Nobody set it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::File(path) => f.write_str(&from_root(path)),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// A setting that is wrong, before it is known where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The setting with its section, such as `mail.connections`.
    pub field: &'static str,
    /// What is wrong and what to do, as the rest of a sentence that begins with the setting.
    pub problem: String,
}

impl Invalid {
    pub(super) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            field,
            problem: problem.into(),
        }
    }
}

/// Refuses a number outside of `range`.
pub(super) fn within<T: Copy + PartialOrd + fmt::Display>(
    field: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), Invalid> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    let problem = format!("must be between {least} and {most}, and is {value}");
    Err(Invalid::new(field, problem))
}

/// Refuses what cannot be the path of a file, without repeating it: it may be the key itself, put where its file belongs.
pub(super) fn is_path(field: &'static str, path: &Path) -> Result<(), Invalid> {
    let bytes = path.as_os_str().as_encoded_bytes();
    let is_text = bytes.starts_with(b"-----BEGIN") || bytes.iter().any(u8::is_ascii_control);
    // No system has longer names.
    let is_long = bytes
        .split(|byte| *byte == b'/')
        .any(|name| name.len() > 255);
    if is_text || is_long {
        let problem =
            "must name a file, and holds a text: put that into a file, and write its path here";
        return Err(Invalid::new(field, problem));
    }
    Ok(())
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that was named cannot be read.
    #[error(
        "the settings file {} cannot be read ({source}); name another with --config, or create it with `countersign init`",
        from_root(path)
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error(
        "the settings file {} is no TOML at line {line}: {problem}",
        from_root(path)
    )]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser expected.
        problem: String,
    },
    /// A name in the file that is no setting.
    #[error("{name} in {} is no setting{}", from_root(path), hint(suggestion.as_deref()))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name, with its section.
        name: String,
        /// The setting that it resembles.
        suggestion: Option<String>,
    },
    /// A setting without a default is not set.
    #[error("{field} is not set: set it in the settings file, or {variable} in the environment")]
    Missing {
        /// The setting, with its section.
        field: String,
        /// Its variable.
        variable: &'static str,
    },
    /// A setting that is wrong.
    #[error("{field} (from {origin}) {problem}")]
    Invalid {
        /// The setting, with its section.
        field: String,
        /// Where it came from.
        origin: Origin,
        /// What is wrong and what to do.
        problem: String,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "; remove it, or see the settings that `countersign init` writes".to_owned(),
        |name| format!("; did you mean {name}?"),
    )
}
