//! Opening: what each database is told when a connection to it begins.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::writing::Writing;
use super::{Options, Pools};
use crate::storage::Error;

/// How long the first connection to PostgreSQL may take.
const CONNECT: Duration = Duration::from_secs(10);

pub(super) async fn postgres(options: &Options) -> Result<Pools, Error> {
    let mut connect = PgConnectOptions::from_str(&options.url)
        .map_err(|_| Error::Url)?
        .application_name("countersign");
    if !options.pooled {
        // A worker on a connection that died in silence finds out by TCP, not by waiting for ever. A pooler
        // takes no such options: there they are set for the database's user.
        connect = connect.options([
            ("tcp_user_timeout", "30000"),
            ("idle_in_transaction_session_timeout", "60000"),
            // Every statement looks up few rows by an index. But a queue is empty when the planner first sees
            // it, and what is cheap then, reading all of it, would stay the plan when it is full.
            ("enable_seqscan", "off"),
            // The price of a plan that is out of favour would have it compiled, for longer than it runs.
            ("jit", "off"),
        ]);
    }
    // A pool goes on trying for its whole acquire_timeout, and then knows only that it had to wait.
    tokio::time::timeout(CONNECT, PgConnection::connect_with(&connect))
        .await
        .map_err(|_| Error::Away("no answer within ten seconds".to_owned()))??
        .close()
        .await?;
    let pool = PgPoolOptions::new()
        .max_connections(options.connections.max(2))
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(connect)
        .await?;
    Ok(Pools::Postgres(pool))
}

pub(super) async fn sqlite(options: &Options) -> Result<(Pools, Writing), Error> {
    let connect = SqliteConnectOptions::from_str(&options.url)
        .map_err(|_| Error::Url)?
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: an acknowledged invitation outlives a power cut, not only a crash of the process.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("cache_size", "-16384")
        .pragma("temp_store", "memory")
        // Rows cross from SQLite's thread to ours: a batch in one go, not in fifties.
        .row_buffer_size(1024);
    // Asked by the text: sqlx gives a database in memory a name of its own.
    if options.url.contains(":memory:") || options.url.contains("mode=memory") {
        return Err(Error::Url);
    }
    make_private(connect.get_filename())?;
    let writing = Writing::to_file(connect.get_filename());
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // On a full disk SQLite rolls back by itself; sqlx does not know, and could begin nothing on this connection again.
        .after_release(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .connect_with(connect.clone().create_if_missing(true))
        .await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(options.connections.max(1))
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_with(connect)
        .await?;
    Ok((Pools::Sqlite { readers, writer }, writing))
}

/// Makes the file when there is none, for its owner alone: it holds people's names and addresses. The files that SQLite
/// puts beside it get the same mode.
fn make_private(file: &Path) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(Error::Unwritable(
            format!("the database file cannot be made: {}", error.kind()),
        )),
        _ => Ok(()),
    }
}
