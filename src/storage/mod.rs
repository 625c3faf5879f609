//! Storage: one SQL text for two databases.
//!
//! `db` is the seam and the only door to sqlx; every other file holds the statements of one aggregate. A function that
//! changes data takes a [`Tx`], one that reads takes a [`Conn`] (a `Tx` is one, too).

pub mod acceptance;
pub mod agreement;
pub mod api_answer;
pub mod api_key;
pub mod contact;
pub mod copy;
pub mod customer;
pub mod db;
pub mod dossier;
pub mod event;
pub mod grant;
pub mod idempotency;
pub mod inquiry;
pub mod installation;
pub mod invitation;
pub mod lane;
pub mod lease;
pub mod limit;
pub mod listing;
mod migrations;
pub mod notice;
pub mod organization;
pub mod partner;
pub mod privacy;
pub mod profile;
pub mod queue;
pub mod recipient;
pub mod relationship;
mod sets;
pub mod step;
pub mod suppression;
pub mod transport;
mod types;
pub mod visit;
pub mod webhook;

pub use db::{Conn, Db, Kind, Listener, Options, Tx};
pub use migrations::{MigrationStatus, Schema, newest as newest_migration, schema};

/// Why the database could not do what was asked. The text holds no data of a row and no part of the URL.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The URL is not one of a database that this program knows.
    #[error("database_url: expected sqlite://FILE or postgres://USER@HOST/DATABASE")]
    Url,
    /// The database does not answer, or not in time.
    #[error("the database is away: {0}")]
    Away(String),
    /// The database answers that something stayed locked, or that it takes no more connections.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot write: the disk is full or failing, the file is read-only, or the server is a standby.
    #[error("the database cannot write: {0}")]
    Unwritable(String),
    /// The file of an SQLite database has lost its name: what is written to it would be lost with this process.
    #[error(
        "the database file was removed or replaced while the program ran, and takes no change any more: put the right one in \
         its place, then restart the program"
    )]
    Replaced,
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
        matches!(
            self,
            Self::Away(_) | Self::Busy(_) | Self::Unwritable(_) | Self::ShuttingDown
        )
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
            // The messages of constraint errors of PostgreSQL keep the values in a detail that is not read here.
            sqlx::Error::Database(error) => {
                let kind = passing(&*error).unwrap_or(Self::Refused);
                kind(error.message().to_owned())
            }
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

/// One of the errors that pass.
type Passing = fn(String) -> Error;

/// Which state of the server, the disk or the lock an error speaks of, unless it speaks of the statement.
fn passing(error: &(dyn sqlx::error::DatabaseError + 'static)) -> Option<Passing> {
    let code = error.code().unwrap_or_default();
    let is_sqlite = error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some();
    if is_sqlite {
        passing_of_sqlite(code.parse().unwrap_or(0))
    } else {
        passing_of_postgres(&code)
    }
}

/// By the result code of SQLite, whose low byte says it all.
const fn passing_of_sqlite(code: i32) -> Option<Passing> {
    match code & 0xff {
        // BUSY, LOCKED, PROTOCOL (of locking)
        5 | 6 | 15 => Some(Error::Busy),
        // READONLY, IOERR, FULL
        8 | 10 | 13 => Some(Error::Unwritable),
        // INTERRUPT, CANTOPEN
        9 | 14 => Some(Error::Away),
        _ => None,
    }
}

/// By the SQLSTATE of PostgreSQL.
fn passing_of_postgres(code: &str) -> Option<Passing> {
    match code {
        // Too many connections, a lock that was not had in time.
        "53300" | "55P03" => Some(Error::Busy),
        // A full disk, a failing one, a standby or a database that was made read-only.
        "53100" | "58030" | "25006" => Some(Error::Unwritable),
        // A database that takes no connections, a transaction that was idle for too long.
        "55000" | "25P03" => Some(Error::Away),
        // Rollback: a deadlock, or transactions that met.
        _ if code.starts_with("40") => Some(Error::Busy),
        // Connection, other resources, an operator's intervention, the system.
        _ if ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Some(Error::Away)
        }
        _ => None,
    }
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
        api_answer::STATEMENTS,
        api_key::STATEMENTS,
        contact::STATEMENTS,
        customer::STATEMENTS,
        dossier::STATEMENTS,
        event::STATEMENTS,
        idempotency::STATEMENTS,
        installation::STATEMENTS,
        invitation::STATEMENTS,
        lane::STATEMENTS,
        lease::STATEMENTS,
        limit::STATEMENTS,
        migrations::STATEMENTS,
        notice::STATEMENTS,
        organization::STATEMENTS,
        partner::STATEMENTS,
        recipient::STATEMENTS,
        grant::STATEMENTS,
        relationship::STATEMENTS,
        step::STATEMENTS,
        listing::STATEMENTS,
        suppression::STATEMENTS,
        transport::STATEMENTS,
        visit::STATEMENTS,
        profile::STATEMENTS,
        inquiry::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .chain(queue::all_statements())
    .chain(privacy::all_statements())
    .chain(webhook::all_statements())
    .copied()
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
    use sqlx::{ConnectOptions as _, Executor as _};

    use super::*;

    async fn open(file: &std::path::Path) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .busy_timeout(std::time::Duration::ZERO)
            .connect()
            .await
            .unwrap()
    }

    async fn refused(conn: &mut SqliteConnection, sql: &'static str) -> Error {
        conn.execute(sql).await.unwrap_err().into()
    }

    #[tokio::test]
    async fn a_lock_and_a_full_or_read_only_file_pass_and_a_wrong_statement_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        let (mut one, mut other) = (open(&file).await, open(&file).await);
        one.execute("CREATE TABLE t (a)").await.unwrap();
        one.execute("BEGIN IMMEDIATE").await.unwrap();
        let busy = refused(&mut other, "INSERT INTO t VALUES (1)").await;
        assert!(matches!(busy, Error::Busy(_)), "{busy}");
        one.execute("ROLLBACK").await.unwrap();
        one.execute("PRAGMA max_page_count = 3").await.unwrap();
        let full = refused(&mut one, "INSERT INTO t VALUES (zeroblob(100000))").await;
        assert!(matches!(full, Error::Unwritable(_)), "{full}");
        other.execute("PRAGMA query_only = 1").await.unwrap();
        let read_only = refused(&mut other, "INSERT INTO t VALUES (1)").await;
        assert!(matches!(read_only, Error::Unwritable(_)), "{read_only}");
        let wrong = refused(&mut one, "INSERT INTO nowhere VALUES (1)").await;
        assert!(matches!(wrong, Error::Refused(_)), "{wrong}");
        assert!(busy.is_passing() && full.is_passing() && !wrong.is_passing());
    }

    #[test]
    fn postgres_says_by_its_code_what_passes() {
        let kind = |code: &str| passing_of_postgres(code).map(|kind| kind(String::new()));
        for code in ["53300", "55P03", "40001", "40P01"] {
            assert!(matches!(kind(code), Some(Error::Busy(_))), "{code}");
        }
        for code in ["53100", "58030", "25006"] {
            assert!(matches!(kind(code), Some(Error::Unwritable(_))), "{code}");
        }
        for code in [
            "08006", "57P01", "57014", "53200", "58000", "55000", "25P03",
        ] {
            assert!(matches!(kind(code), Some(Error::Away(_))), "{code}");
        }
        for code in ["", "23505", "42601", "22001", "25001"] {
            assert!(kind(code).is_none(), "{code}");
        }
    }
}
