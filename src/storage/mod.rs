//! Storage: one SQL text for two databases.
//!
//! `db` is the seam and the only door to sqlx; every other file holds the statements of one aggregate. A function that
//! changes data takes a [`Tx`], one that reads takes a [`Conn`] (a `Tx` is one, too).

pub mod acceptance;
pub mod agreement;
pub mod contact;
pub mod db;
pub mod dossier;
pub mod event;
pub mod idempotency;
pub mod installation;
pub mod invitation;
pub mod lane;
pub mod lease;
mod migrations;
pub mod notice;
pub mod organization;
pub mod partner;
pub mod queue;
pub mod recipient;
pub mod relationship;
mod sets;
pub mod step;
pub mod suppression;
pub mod transport;
mod types;
pub mod visit;

pub use db::{Conn, Db, Kind, Listener, Options, Tx};
pub use migrations::{MigrationStatus, Schema, newest as newest_migration, schema};

/// Why the database could not do what was asked. The text holds no data of a row and no part of the URL.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL is not one of a database that this program knows.
    #[error("DATABASE_URL: expected sqlite://FILE or postgres://USER@HOST/DATABASE")]
    Url,
    /// The database does not answer, or not in time.
    #[error("the database is away: {0}")]
    Away(String),
    /// A row with the same key is there already.
    #[error("the database holds such a row already ({0})")]
    Duplicate(String),
    /// The migrations of the database and of this release do not fit.
    #[error("the database's schema does not fit this release: {0}")]
    Schema(String),
    /// The process is ending.
    #[error("the process is shutting down")]
    ShuttingDown,
    /// A row holds what this release cannot read.
    #[error("a stored value does not read back: {0}")]
    Unreadable(String),
    /// Anything else that the database says.
    #[error("the database refused: {0}")]
    Refused(String),
}

impl Error {
    /// Whether a row with the same key stood in the way.
    pub const fn is_duplicate(&self) -> bool {
        matches!(self, Self::Duplicate(_))
    }

    /// Whether the same may well succeed later, without anybody changing the data or the program.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Away(_) | Self::ShuttingDown)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) if error.is_unique_violation() => Self::Duplicate(
                error
                    .constraint()
                    .or(error.table())
                    .unwrap_or("unique")
                    .to_owned(),
            ),
            sqlx::Error::Database(error) if passes(&*error) => {
                Self::Away(error.message().to_owned())
            }
            // The messages of constraint errors of PostgreSQL keep the values in a detail that is not read here.
            sqlx::Error::Database(error) => Self::Refused(error.message().to_owned()),
            sqlx::Error::Io(error) => Self::Away(error.kind().to_string()),
            sqlx::Error::Tls(_) => Self::Away("TLS could not be agreed upon".to_owned()),
            sqlx::Error::PoolTimedOut => Self::Away("no connection became free in time".to_owned()),
            sqlx::Error::PoolClosed => Self::ShuttingDown,
            sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => {
                Self::Away("the connection broke".to_owned())
            }
            error @ (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
                Self::Unreadable(error.to_string())
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Whether an error speaks of the state of the server, the disk or the lock rather than of the statement.
fn passes(error: &(dyn sqlx::error::DatabaseError + 'static)) -> bool {
    let code = error.code().unwrap_or_default();
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        // The low byte of an extended result code: BUSY, LOCKED, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL.
        let primary = code.parse().map_or(0, |code: i32| code & 0xff);
        return matches!(primary, 5 | 6 | 8 | 9 | 10 | 13 | 14 | 15);
    }
    // Connection, rollback (deadlock), resources (disk full), operator's intervention, system; and of the states that
    // pass: no connections taken, a lock not had in time, a standby that does not write.
    ["08", "40", "53", "57", "58"]
        .iter()
        .any(|class| code.starts_with(class))
        || matches!(&*code, "55000" | "55P03" | "25006" | "25P03")
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => Self::Schema(other.to_string()),
        }
    }
}

/// Every statement of this folder by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = (&'static str, db::Sql)> {
    [
        acceptance::STATEMENTS,
        agreement::STATEMENTS,
        contact::STATEMENTS,
        dossier::STATEMENTS,
        event::STATEMENTS,
        idempotency::STATEMENTS,
        installation::STATEMENTS,
        invitation::STATEMENTS,
        lane::STATEMENTS,
        lease::STATEMENTS,
        migrations::STATEMENTS,
        notice::STATEMENTS,
        organization::STATEMENTS,
        partner::STATEMENTS,
        recipient::STATEMENTS,
        relationship::STATEMENTS,
        step::STATEMENTS,
        suppression::STATEMENTS,
        transport::STATEMENTS,
        visit::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .chain(queue::all_statements())
    .copied()
}
