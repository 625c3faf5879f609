//! The settings: one TOML file, each setting also as an environment variable, checked before anything starts.
//!
//! A wrong setting stops the start with a sentence that names the field, where it came from and what to do; it never holds
//! the value of a secret. The doc comments of the fields are the comments of the file that `countersign init` writes.

mod database;
mod error;
mod layers;
mod limits;
mod mail;
mod retention;
mod sections;
mod values;
mod webhooks;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use jiff::tz::TimeZone;

pub use database::{DatabaseUrl, DatabaseUrls};
pub use error::{ConfigError, Invalid, Origin};
pub use layers::Environment;
pub use limits::Limits;
pub use mail::{DkimKey, Mail};
pub use retention::Retention;
pub use sections::{Api, Invitations, Log, LogFormat, Queue};
pub use values::HostName;
pub use webhooks::Webhooks;

use crate::domain::public_url::PublicUrl;
use error::{is_path, within};

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "countersign.toml";

/// Settings of Countersign.
///
/// Each has a default, but for `domain` in `[mail]`. A variable of the environment wins over this file; an empty one counts
/// as unset. Relative paths start at the working directory.
#[derive(Clone, Debug, confique::Config)]
pub struct Config {
    /// The database: `sqlite://FILE`, or `postgres://USER:PASSWORD@HOST/DATABASE`. For PostgreSQL with standbys, a list of such
    /// URLs: the server that is not in recovery is used.
    #[config(env = "COUNTERSIGN_DATABASE_URL", default = "sqlite://countersign.db")]
    pub database_url: DatabaseUrls,

    /// Whether a transaction-pooling PgBouncer stands before PostgreSQL: no prepared statements are kept then.
    #[config(env = "COUNTERSIGN_POOLED", default = false)]
    pub pooled: bool,

    /// How many connections to the database one process opens, 1 to 500.
    #[config(env = "COUNTERSIGN_DATABASE_CONNECTIONS", default = 16)]
    pub database_connections: u32,

    /// Where customers reach the pages: `https://HOST`, without a path. `http://` only on this machine or a private network.
    #[config(env = "COUNTERSIGN_PUBLIC_URL", default = "http://127.0.0.1:8080")]
    pub public_url: PublicUrl,

    /// Address and port of the pages.
    #[config(env = "COUNTERSIGN_LISTEN", default = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Address and port of `/livez`, `/readyz` and `/metrics`: for the operator, not for the internet.
    #[config(env = "COUNTERSIGN_ADMIN_LISTEN", default = "127.0.0.1:8081")]
    pub admin_listen: SocketAddr,

    /// Networks of the proxies whose `X-Forwarded-For` is believed, as `["10.0.0.0/8"]`; in the environment with commas between.
    #[config(
        env = "COUNTERSIGN_TRUSTED_PROXIES",
        default = [],
        deserialize_with = values::networks
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Networks of data centres and mail scanners, as `["192.0.2.0/24"]`: a link that is opened from there was less likely
    /// opened by a person. It is told in the time line, and decides nothing.
    #[config(
        env = "COUNTERSIGN_SCANNER_NETWORKS",
        default = [],
        deserialize_with = values::networks
    )]
    pub scanner_networks: Vec<IpNet>,

    /// The key ring; a regular file, which must have mode 0600. `COUNTERSIGN_KEYS` may hold its text instead.
    #[config(env = "COUNTERSIGN_KEYS_FILE", default = "countersign.keys")]
    pub keys_file: PathBuf,

    /// The language where neither the invitation nor the partner names one, as a BCP 47 tag.
    #[config(env = "COUNTERSIGN_LANGUAGE", default = "en")]
    pub language: String,

    /// The IANA time zone where nothing nearer names one.
    #[config(
        env = "COUNTERSIGN_TIME_ZONE",
        default = "UTC",
        deserialize_with = values::time_zone
    )]
    pub time_zone: TimeZone,

    /// Mail that leaves.
    #[config(nested)]
    pub mail: Mail,

    /// The queue of notices, and the workers that send them.
    #[config(nested)]
    pub queue: Queue,

    /// Calls of partners' endpoints that tell what happens.
    #[config(nested)]
    pub webhooks: Webhooks,

    /// What an invitation gets when it does not say. Reminders may also be set for each partner, by `countersign partner schedule`.
    #[config(nested)]
    pub invitation: Invitations,

    /// How many invitations are made at most; 0 is without a limit. A day is one of UTC, a week begins on Monday. What was there
    /// already, or was asked for by its mailbox, is not counted.
    #[config(nested)]
    pub limits: Limits,

    /// The partner's interface: `/v1` beside the pages, for keys that `countersign api-key create` makes.
    #[config(nested)]
    pub api: Api,

    /// How long what is held of people is kept. What is older is deleted once a day, by a worker or by `tick`; 0 days keeps it for
    /// ever. `countersign privacy retention` shows what would go.
    #[config(nested)]
    pub retention: Retention,

    /// What the process says of itself, on standard error.
    #[config(nested)]
    pub log: Log,
}

impl Config {
    /// Reads the settings: defaults, over them the file, over it the environment.
    ///
    /// The file is `path`, else the one that `COUNTERSIGN_CONFIG` names, else [`DEFAULT_FILE`] if it exists. The password of
    /// the mail server, wherever it was set, stands in `mail.smtp_url` then.
    ///
    /// # Errors
    /// When a file that was named cannot be read or is no TOML, holds a setting that does not exist, or a setting is missing
    /// or wrong.
    pub fn load(path: Option<&Path>, env: &Environment) -> Result<Self, ConfigError> {
        let (mut config, origins) = layers::merge(path, env)?;
        config
            .validate()
            .and_then(|()| config.mail.take_password())
            .map_err(|invalid| origins.locate(invalid))?;
        Ok(config)
    }

    /// Checks every section.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        within("database_connections", self.database_connections, 1..=500)?;
        if self.listen == self.admin_listen && self.listen.port() != 0 {
            return Err(Invalid::new(
                "admin_listen",
                "must differ from `listen`: give it a port of its own",
            ));
        }
        if self
            .language
            .parse::<unic_langid::LanguageIdentifier>()
            .is_err()
        {
            return Err(Invalid::new(
                "language",
                "must be a BCP 47 language tag, such as `en` or `ko`",
            ));
        }
        is_path("keys_file", &self.keys_file)?;
        self.mail.validate()?;
        self.queue.validate()?;
        self.webhooks.validate()?;
        self.invitation.validate()?;
        self.limits.validate()?;
        self.api.validate()?;
        self.retention.validate()?;
        self.log.validate()
    }

    /// The commented file: every setting with its meaning, its variable and its default.
    pub fn template() -> String {
        confique::toml::template::<Self>(confique::toml::FormatOptions::default())
    }
}

#[cfg(test)]
mod tests;
