//! The settings file that `init` writes: the commented template, with what the flags say filled in.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use toml::Value;

use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::config::{Config, ConfigError};
use crate::place::from_root;

/// Settings that a flag sets.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SettingArgs {
    /// The domain that mails come from: needed, here or in `COUNTERSIGN_MAIL_DOMAIN`
    #[arg(long, value_name = "DOMAIN")]
    mail_domain: Option<String>,
    /// Where customers reach the pages [default: `http://127.0.0.1:8080`]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The database: `sqlite://FILE` or `postgres://USER@HOST/DATABASE` [default: `sqlite://countersign.db`]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Who takes our mail [default: `smtp://127.0.0.1:25`]
    #[arg(long, value_name = "URL")]
    smtp_url: Option<String>,
    /// Where the keys are kept [default: `countersign.keys`]
    #[arg(long, value_name = "FILE")]
    keys_file: Option<PathBuf>,
    /// Address and port of the pages [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The language where nothing nearer names one [default: en]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The IANA time zone where nothing nearer names one [default: UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

impl SettingArgs {
    /// Section, setting and value of each flag.
    fn given(&self) -> Vec<(&'static str, &'static str, String)> {
        let keys_file = self
            .keys_file
            .as_ref()
            .map(|path| path.display().to_string());
        [
            ("mail", "domain", &self.mail_domain),
            ("", "public_url", &self.public_url),
            ("", "database_url", &self.database_url),
            ("mail", "smtp_url", &self.smtp_url),
            ("", "keys_file", &keys_file),
            ("", "listen", &self.listen),
            ("", "language", &self.language),
            ("", "time_zone", &self.time_zone),
        ]
        .into_iter()
        .filter_map(|(section, name, value)| Some((section, name, value.clone()?)))
        .collect()
    }
}

/// Writes the file unless it is there; whether it was written. Only its owner may read it: URLs hold passwords.
///
/// # Errors
/// Flags are given and the file is there, or a setting is wrong: then nothing is written.
pub(super) fn write(path: &Path, args: &SettingArgs, cx: &Context) -> Result<bool, Failure> {
    let given = args.given();
    if path.exists() {
        if given.is_empty() {
            return Ok(false);
        }
        return Err(exists(path));
    }
    let text = filled(&Config::template(), &given);
    let draft = Draft::write(path, &text)?;
    if let Err(error) = Config::load(Some(&draft.0), &cx.env) {
        return Err(refused(&error, &draft.0));
    }
    // A link, unlike a rename, fails where a file is, also when another process made it just now.
    fs::hard_link(&draft.0, path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists(path),
        _ => unwritten(path, &error),
    })?;
    Ok(true)
}

fn exists(path: &Path) -> Failure {
    Failure::new(
        ExitStatus::Refused,
        format!(
            "the settings file {} exists, and is never overwritten",
            from_root(path)
        ),
    )
    .with_hint("change the settings there; without those flags, `init` makes what else is missing")
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        ExitStatus::Failed,
        format!(
            "the settings file {} cannot be written: {error}",
            from_root(path)
        ),
    )
}

/// A setting of the draft is one of the command line, for whoever reads of it.
fn refused(error: &ConfigError, draft: &Path) -> Failure {
    if matches!(error, ConfigError::Missing { .. }) {
        return Failure::new(ExitStatus::Usage, "mail.domain is not set")
            .with_hint("say --mail-domain with the domain that mails shall come from, such as mail.example.com");
    }
    let text = error.to_string();
    let text = text.replace(&from_root(draft), "the command line");
    Failure::new(ExitStatus::Usage, text)
}

/// The template with these settings instead of their comments.
fn filled(template: &str, given: &[(&str, &str, String)]) -> String {
    let mut section = "";
    let mut text = String::with_capacity(template.len());
    for line in template.lines() {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            section = name;
        }
        let setting = given.iter().find(|(of, name, _)| {
            let commented = line
                .strip_prefix('#')
                .and_then(|rest| rest.strip_prefix(name));
            *of == section && commented.is_some_and(|rest| rest.starts_with(" ="))
        });
        match setting {
            Some((_, name, value)) => {
                text.push_str(name);
                text.push_str(" = ");
                text.push_str(&Value::String(value.clone()).to_string());
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// A file beside the settings file, gone when it is dropped.
struct Draft(PathBuf);

impl Draft {
    fn write(path: &Path, text: &str) -> Result<Self, Failure> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{:016x}.new", rand::random::<u64>()));
        let draft = path.with_file_name(name);
        let failed = |error: std::io::Error| unwritten(path, &error);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .map_err(failed)?;
        let draft = Self(draft);
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // The name that was linked stays.
        fs::remove_file(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_fills_the_setting_of_its_section() {
        let value = || Some("\"quoted\" \\ value".to_owned());
        let args = SettingArgs {
            mail_domain: value(),
            public_url: value(),
            database_url: value(),
            smtp_url: value(),
            keys_file: value().map(PathBuf::from),
            listen: value(),
            language: value(),
            time_zone: value(),
        };
        let given = args.given();
        assert_eq!(given.len(), 8);
        let text = filled(&Config::template(), &given);
        let table: toml::Table = text.parse().unwrap();
        for (section, name, value) in given {
            let within = match section {
                "" => &table,
                section => table[section].as_table().unwrap(),
            };
            assert_eq!(
                within[name].as_str(),
                Some(value.as_str()),
                "{section}.{name}"
            );
        }
        assert_eq!(
            text.lines().count(),
            Config::template().lines().count(),
            "nothing else changed"
        );
    }
}
