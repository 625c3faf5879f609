//! The composition root: the one place where settings, keys, database and workflow are joined.

mod post;
pub mod service;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use post::{client, post, signers, transport};

use crate::config::{Config, DatabaseUrl, Environment};
use crate::domain::keys::KeyRing;
use crate::domain::time::{Clock, SECOND, SystemClock};
use crate::domain::token::Tokens;
use crate::domain::webhook::Vault;
use crate::keyfile::{self, KeyFileError};
use crate::outbound::sign::DkimError;
use crate::outbound::smtp::SmtpConfigError;
use crate::outbound::webhook::ClientError;
use crate::place::from_root;
use crate::storage::installation::{self, Installation};
use crate::storage::{self, Db, Options, Schema};
use crate::workflow::{Engine, Settings};

/// How far the clock of a worker may be from the database's.
const LARGEST_SKEW: i64 = 5 * SECOND;

/// Why the parts could not be joined.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The key ring.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// No database of `database_url` can be used.
    #[error("database_url: {url}: {source}")]
    Database {
        /// Which one, without its password.
        url: String,
        /// Why.
        source: storage::Error,
    },
    /// Every server is a standby.
    #[error("database_url: {0} is in recovery and takes no change: name the primary server too")]
    Standby(String),
    /// Migrations of this release are missing.
    #[error(
        "the database's schema lacks {0} of this release's migrations: run `countersign migrate`"
    )]
    Outdated(usize),
    /// A newer release was here.
    #[error(
        "the database has migration {0}, which this release does not know: use the newer release"
    )]
    Newer(i64),
    /// The schema is there, and nothing was fixed in it.
    #[error("the database has no installation yet: run `countersign migrate`")]
    NoInstallation,
    /// The file of the database is not there, or there is nothing in it.
    #[error(
        "database_url: there is no database in {}: `countersign init` makes one; if there was one before, mend the path or \
         restore its backup, because a new one knows nothing of what was recorded", from_root(.0)
    )]
    NoDatabase(PathBuf),
    /// Whether the file is there cannot be told: a folder on the way may not be searched, or the disk fails.
    #[error(
        "database_url: whether there is a database in {} cannot be told ({source}): mend the path, or give this user the right \
         to its folders", path.display()
    )]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The clocks differ.
    #[error(
        "the clock of this machine is {0} s away from the database's, and leases would not hold: set both by NTP"
    )]
    Clock(i64),
    /// The way out for mails.
    #[error(transparent)]
    Mail(#[from] SmtpConfigError),
    /// The way out for webhook calls.
    #[error(transparent)]
    Webhooks(#[from] ClientError),
    /// The keys that sign mails.
    #[error(transparent)]
    Dkim(#[from] DkimError),
    /// The database, once it was open.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The parts, joined.
#[derive(Clone, Debug)]
pub struct App {
    /// The settings.
    pub config: Arc<Config>,
    /// The environment that they came from, which may hold the keys.
    pub env: Environment,
    /// What the steps of the workflow stand on.
    pub engine: Engine,
}

impl App {
    /// Reads the keys, opens the database, and checks that it has this release's schema. An SQLite file is brought up to
    /// date here; PostgreSQL only by `countersign migrate`, because other processes may be running on it.
    ///
    /// # Errors
    /// What is missing, and which command mends it.
    pub async fn open(config: &Config, env: &Environment) -> Result<Self, AppError> {
        let ring = keyfile::load(&config.keys_file, env)?;
        require_database(config)?;
        let (db, database) = connect(config).await?;
        let clock = SystemClock;
        let found = schema(&db).await?;
        let installation = if found.is_current() {
            installation::find(&mut db.read().await?).await?
        } else if database.is_sqlite() && found.unknown.is_empty() {
            Some(install(&db, &clock).await?)
        } else {
            require_current(&found)?;
            None
        };
        let installation = match installation {
            Some(installation) => installation,
            None if database.is_sqlite() => install(&db, &clock).await?,
            None => return Err(AppError::NoInstallation),
        };
        let engine = join(config, db, ring, &installation, Arc::new(clock));
        Ok(Self {
            config: Arc::new(config.clone()),
            env: env.clone(),
            engine,
        })
    }

    /// Refuses to go on when this machine's clock is more than five seconds away from the database's.
    ///
    /// # Errors
    /// The clocks differ, or the database is away.
    pub async fn check_clock(&self) -> Result<(), AppError> {
        let skew = clock_skew(&self.engine.db, self.engine.clock.as_ref()).await?;
        if skew.abs() > LARGEST_SKEW {
            return Err(AppError::Clock(skew / SECOND));
        }
        Ok(())
    }

    /// Closes the database's connections; waits for those in use, at most ten seconds.
    pub async fn close(self) {
        let closing = self.engine.db.close();
        tokio::time::timeout(Duration::from_secs(10), closing)
            .await
            .ok();
    }
}

/// By how many microseconds the database's clock is ahead of this machine's (half of the way there and back left out).
///
/// # Errors
/// The database is away.
pub async fn clock_skew(db: &Db, clock: &dyn Clock) -> Result<i64, storage::Error> {
    let mut conn = db.read().await?;
    let before = clock.now().as_micros();
    let there = installation::database_time(&mut conn).await?.as_micros();
    let after = clock.now().as_micros();
    Ok(there - (before + (after - before) / 2))
}

/// Opens the first of the databases that answers and takes changes.
///
/// # Errors
/// None does: what the last one said.
pub async fn connect(config: &Config) -> Result<(Db, DatabaseUrl), AppError> {
    let mut refused = None;
    for url in config.database_url.all() {
        match open(config, url).await {
            Ok(db) => return Ok((db, url.clone())),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or(AppError::Storage(storage::Error::Url)))
}

async fn open(config: &Config, url: &DatabaseUrl) -> Result<Db, AppError> {
    let failed = |source| AppError::Database {
        url: url.to_string(),
        source,
    };
    let options = Options {
        url: url.expose().to_owned(),
        connections: config.database_connections,
        pooled: config.pooled,
    };
    let db = Db::open(&options).await.map_err(failed)?;
    let mut conn = db.read().await.map_err(failed)?;
    if installation::is_standby(&mut conn).await.map_err(failed)? {
        drop(conn);
        db.close().await;
        return Err(AppError::Standby(url.to_string()));
    }
    Ok(db)
}

/// The file of an SQLite URL.
pub fn sqlite_file(url: &DatabaseUrl) -> Option<PathBuf> {
    let rest = url.expose().strip_prefix("sqlite:")?;
    // `sqlite:///var/lib/x` keeps one slash of the three.
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    let path = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .ok()?;
    (path != ":memory:").then(|| PathBuf::from(path.as_ref()))
}

/// Refuses settings whose SQLite file holds no database.
///
/// # Errors
/// There is none, or that cannot be told.
pub fn require_database(config: &Config) -> Result<(), AppError> {
    let files = config.database_url.all().iter().filter_map(sqlite_file);
    files.into_iter().try_for_each(require_file)
}

/// Refuses a file that holds no database: opening it would make one.
fn require_file(path: PathBuf) -> Result<(), AppError> {
    let size = std::fs::metadata(&path).map(|file| file.len());
    require_content(path, size)
}

fn require_content(path: PathBuf, size: std::io::Result<u64>) -> Result<(), AppError> {
    match size {
        Ok(1..) => Ok(()),
        Ok(_) => Err(AppError::NoDatabase(path)),
        // A folder on the way that is not there, or that is a file.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(AppError::NoDatabase(path))
        }
        Err(source) => Err(AppError::Unreachable { path, source }),
    }
}

/// Which migrations the database has.
///
/// # Errors
/// The database is away.
pub async fn schema(db: &Db) -> Result<Schema, storage::Error> {
    storage::schema(&mut db.read().await?).await
}

/// Refuses a schema that is not this release's.
///
/// # Errors
/// It is older or newer.
pub fn require_current(schema: &Schema) -> Result<(), AppError> {
    match schema.unknown.last() {
        Some(newer) => Err(AppError::Newer(*newer)),
        None if schema.is_current() => Ok(()),
        None => Err(AppError::Outdated(schema.missing())),
    }
}

/// Applies what is missing of the schema, and fixes the audience where there is none.
///
/// # Errors
/// The schema is newer than this release, or the database is away.
pub async fn install(db: &Db, clock: &dyn Clock) -> Result<Installation, AppError> {
    let found = schema(db).await?;
    if !found.unknown.is_empty() {
        require_current(&found)?;
    }
    if !found.is_current()
        && let Err(error) = db.migrate().await
    {
        // Another process may have been faster: SQLite knows no lock around migrations.
        if !schema(db).await?.is_current() {
            return Err(error.into());
        }
    }
    if let Some(installation) = installation::find(&mut db.read().await?).await? {
        return Ok(installation);
    }
    let audience = data_encoding::HEXLOWER.encode(&rand::random::<[u8; 16]>());
    let now = clock.now();
    Ok(db
        .write(move |tx| Box::pin(async move { installation::create(tx, &audience, now).await }))
        .await?)
}

/// Joins parts that are there: also for a demonstration, which has a ring and a clock of its own.
pub fn join(
    config: &Config,
    db: Db,
    ring: KeyRing,
    installation: &Installation,
    clock: Arc<dyn Clock>,
) -> Engine {
    Engine {
        db,
        clock,
        tokens: Arc::new(Tokens::new(&ring, &installation.audience)),
        vault: Arc::new(Vault::new(&ring, &installation.audience)),
        keys: Arc::new(ring),
        audience: installation.audience.as_str().into(),
        settings: Arc::new(Settings::from(config)),
        wake: Arc::default(),
    }
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        Self {
            public_url: config.public_url.to_string(),
            // Both were checked when the settings were read.
            expires_days: u16::try_from(config.invitation.expires_days).unwrap_or(u16::MAX),
            installation_schedule: config.invitation.schedule().unwrap_or_default(),
            retention: config.retention.rules(),
            limits: config.limits.sizes(),
            time_zone: config.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            webhooks: config.webhooks.rules(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_looked_for_is_not_called_missing() {
        let denied = Err(ErrorKind::PermissionDenied.into());
        assert_eq!(
            require_content("/var/lib/x.db".into(), denied)
                .unwrap_err()
                .to_string(),
            "database_url: whether there is a database in /var/lib/x.db cannot be told (permission denied): mend the path, or \
             give this user the right to its folders"
        );
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink(at("loop"), at("loop")).unwrap();
        let refused = require_file(at("loop")).unwrap_err();
        assert!(matches!(refused, AppError::Unreachable { .. }), "{refused}");
        std::fs::write(at("empty"), "").unwrap();
        for none in ["none", "none/x", "empty", "empty/x"] {
            let refused = require_file(at(none)).unwrap_err();
            assert!(
                matches!(refused, AppError::NoDatabase(_)),
                "{none}: {refused}"
            );
        }
        std::fs::write(at("full"), "x").unwrap();
        assert!(require_file(at("full")).is_ok());
    }
}
