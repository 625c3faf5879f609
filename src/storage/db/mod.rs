//! The seam between the two databases, and the only door to sqlx.
//!
//! A statement is a constant with one text, or a pair where the dialects must differ. Arguments are typed for both drivers
//! and records are read by the same code from both, so that everything above this file is written once
//! (docs/adr/0001-storage-seam.md).

mod open;
mod plan;
mod query;
mod writing;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgListener, PgRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{Encode, FromRow, Pool, Postgres, Sqlite, Type};

use super::Error;

pub use query::Query;
use writing::Writing;

/// The same statement in both dialects.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Sql {
    /// One text that both databases understand.
    pub const fn same(text: &'static str) -> Self {
        Self {
            sqlite: text,
            postgres: text,
        }
    }

    /// A pair, for the few statements in which the dialects must differ.
    pub const fn pair(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

/// Declares the statements of a file as constants, and `STATEMENTS`, their list, for the test that prepares each on both
/// databases.
macro_rules! statements {
    (@sql $text:expr) => { $crate::storage::db::Sql::same($text) };
    (@sql sqlite: $sqlite:expr, postgres: $postgres:expr) => {
        $crate::storage::db::Sql::pair($sqlite, $postgres)
    };
    ($($(#[$doc:meta])* $name:ident = { $($text:tt)+ };)*) => {
        $($(#[$doc])* const $name: $crate::storage::db::Sql = statements!(@sql $($text)+);)*
        pub(super) const STATEMENTS: &[(&str, $crate::storage::db::Sql)] =
            &[$((concat!(module_path!(), "::", stringify!($name)), $name)),*];
    };
}
pub(super) use statements;

/// Declares a record that is read, by column name, from a row of either database.
macro_rules! record {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($(#[$fdoc:meta])* $fvis:vis $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        $vis struct $name { $($(#[$fdoc])* $fvis $field: $type,)* }
        record!(@read $name, $($field,)*);
    };
    (@read $name:ident, $($field:ident,)*) => {
        impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &'r sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?,)* })
            }
        }
        impl<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> for $name {
            fn from_row(row: &'r sqlx::postgres::PgRow) -> sqlx::Result<Self> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?,)* })
            }
        }
    };
}
pub(super) use record;

/// A value that both drivers can send.
pub trait Bind<'t>:
    Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>
{
}
impl<'t, T> Bind<'t> for T where
    T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>
{
}

/// A row type that both drivers can read.
pub trait Record:
    Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
}
impl<T> Record for T where
    T: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
}

/// A single column that both drivers can read.
pub trait Scalar:
    Send
    + Unpin
    + for<'r> sqlx::Decode<'r, Sqlite>
    + Type<Sqlite>
    + for<'r> sqlx::Decode<'r, Postgres>
    + Type<Postgres>
{
}
impl<T> Scalar for T where
    T: Send
        + Unpin
        + for<'r> sqlx::Decode<'r, Sqlite>
        + Type<Sqlite>
        + for<'r> sqlx::Decode<'r, Postgres>
        + Type<Postgres>
{
}

/// Where the data is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://FILE` or `postgres://…`.
    pub url: String,
    /// The most connections of this process; SQLite uses them for reading and one more for writing.
    pub connections: u32,
    /// Behind a pooler in transaction mode: no prepared statement outlives its execution.
    pub pooled: bool,
}

/// The database: SQLite inside the process, or PostgreSQL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
    writing: Arc<Writing>,
    persistent: bool,
}

#[derive(Clone, Debug)]
enum Pools {
    /// Readers run beside the writer (WAL); there is one writer, so that nobody meets `SQLITE_BUSY` inside a process.
    Sqlite {
        readers: Pool<Sqlite>,
        writer: Pool<Sqlite>,
    },
    Postgres(Pool<Postgres>),
}

/// Which database it is, for what only an operator needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQLite, inside this process.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A connection to run statements on.
pub struct Conn {
    on: On,
    /// Told of what a statement of a transaction fails with.
    writing: Option<Arc<Writing>>,
    persistent: bool,
    /// How many statements may still be run on it; no number, no limit.
    left: Option<u8>,
}

enum On {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    SqliteTx(sqlx::Transaction<'static, Sqlite>),
    PostgresTx(sqlx::Transaction<'static, Postgres>),
}

/// A connection inside a transaction: what changes data asks for one of these.
pub struct Tx(Conn);

impl std::ops::Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

impl Db {
    /// Opens the database; an SQLite file is made when there is none.
    ///
    /// # Errors
    /// The URL is neither `sqlite://…` nor `postgres://…`, or the database does not answer.
    pub async fn open(options: &Options) -> Result<Self, Error> {
        let (pools, writing) = match options.url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open::sqlite(options).await?,
            Some("postgres" | "postgresql") => (open::postgres(options).await?, Writing::default()),
            _ => return Err(Error::Url),
        };
        Ok(Self {
            pools,
            writing: Arc::new(writing),
            persistent: !options.pooled,
        })
    }

    /// Which of the two it is.
    pub fn kind(&self) -> Kind {
        match self.pools {
            Pools::Sqlite { .. } => Kind::Sqlite,
            Pools::Postgres(_) => Kind::Postgres,
        }
    }

    /// A connection for reading, outside of any transaction.
    ///
    /// # Errors
    /// The database is away, or every connection stayed busy for ten seconds.
    pub async fn read(&self) -> Result<Conn, Error> {
        let on = match &self.pools {
            Pools::Sqlite { readers, .. } => On::Sqlite(readers.acquire().await?),
            Pools::Postgres(pool) => On::Postgres(pool.acquire().await?),
        };
        Ok(Conn {
            on,
            writing: None,
            persistent: self.persistent,
            left: None,
        })
    }

    /// Runs `work` in one transaction and commits it when it succeeds.
    ///
    /// The transaction runs in a task of its own: dropping the caller's future half-way (a client that hangs up) neither
    /// tears the transaction apart nor hands a connection back that is still inside one (sqlx#4393). It then commits
    /// unseen, which every caller bears, because every change here may be repeated.
    ///
    /// # Errors
    /// What `work` returns (nothing is changed then), or that the database is away.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.transact(false, work).await
    }

    /// As [`Db::write`], for work that is a single statement: PostgreSQL makes a transaction of that by itself, which saves
    /// two of three round trips.
    ///
    /// # Errors
    /// As [`Db::write`]; and a second statement is refused, on either database.
    pub async fn write_one<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        self.transact(true, work).await
    }

    async fn transact<T, E, F>(&self, is_one: bool, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let db = self.clone();
        let task = tokio::spawn(async move {
            let mut tx = db.begin(is_one).await?;
            match work(&mut tx).await {
                Ok(value) => {
                    tx.commit(&db.writing).await?;
                    Ok(value)
                }
                Err(error) => {
                    tx.rollback().await;
                    Err(error)
                }
            }
        });
        match task.await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Error::ShuttingDown.into()),
        }
    }

    async fn begin(&self, is_one: bool) -> Result<Tx, Error> {
        let on = match &self.pools {
            Pools::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(On::SqliteTx)
            }
            Pools::Postgres(pool) if is_one => pool.acquire().await.map(On::Postgres),
            Pools::Postgres(pool) => pool.begin().await.map(On::PostgresTx),
        };
        let on = on.map_err(|error| self.writing.heard(error))?;
        Ok(Tx(Conn {
            on,
            writing: Some(self.writing.clone()),
            persistent: self.persistent,
            left: is_one.then_some(1),
        }))
    }

    /// Whether what is written stays. After a write that found the disk full or the database read-only, one is tried, which
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::Replaced`] when the file of an SQLite database is not the one that was opened; else what that write failed
    /// with.
    pub async fn check_writing(&self) -> Result<(), Error> {
        self.writing.check_file()?;
        if !self.writing.has_failed() {
            return Ok(());
        }
        self.write(|tx| Box::pin(super::installation::touch(tx)))
            .await?;
        self.writing.works();
        Ok(())
    }

    /// Listens on a channel of PostgreSQL; nothing on SQLite, where every writer is in this process or comes by `tick`.
    ///
    /// # Errors
    /// The database is away.
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>, Error> {
        let Pools::Postgres(pool) = &self.pools else {
            return Ok(None);
        };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(channel).await?;
        Ok(Some(Listener(listener)))
    }

    /// Calls the processes that listen on a channel; nothing on SQLite.
    ///
    /// # Errors
    /// The database is away: nobody is called, which nothing depends on.
    pub async fn notify(&self, channel: &str) -> Result<(), Error> {
        const NOTIFY: Sql = Sql::same("SELECT 1 WHERE pg_notify($1, '') IS NOT NULL");
        if self.kind() == Kind::Postgres {
            self.read()
                .await?
                .query(NOTIFY)
                .bind(channel)
                .execute()
                .await?;
        }
        Ok(())
    }

    /// Applies the migrations that this release knows and the database does not have.
    ///
    /// # Errors
    /// The database is away, or newer than this release.
    pub async fn migrate(&self) -> Result<(), Error> {
        let migrator = super::migrations::of(self.kind());
        match &self.pools {
            Pools::Sqlite { writer, .. } => migrator.run(writer).await?,
            Pools::Postgres(pool) => migrator.run(pool).await?,
        }
        Ok(())
    }

    /// Closes all connections; waits for those in use.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Asks the database to prepare a statement, without running it.
    ///
    /// # Errors
    /// The statement is not one of this database.
    pub async fn prepare(&self, sql: Sql) -> Result<(), Error> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        let mut conn = self.read().await?;
        match &mut conn.on {
            On::Sqlite(c) => drop((&mut **c).prepare(sql.sqlite.into_sql_str()).await?),
            On::Postgres(c) => drop((&mut **c).prepare(sql.postgres.into_sql_str()).await?),
            On::SqliteTx(_) | On::PostgresTx(_) => {}
        }
        Ok(())
    }
}

/// Wakes when another process has committed work.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Waits for the next call; reconnects when the connection was lost.
    ///
    /// # Errors
    /// The database stays away.
    pub async fn recv(&mut self) -> Result<(), Error> {
        self.0.recv().await?;
        Ok(())
    }
}

impl Tx {
    async fn commit(self, writing: &Writing) -> Result<(), Error> {
        // As late as can be: nothing is acknowledged that is written where nobody will find it.
        if let Err(error) = writing.check_file() {
            self.rollback().await;
            return Err(error);
        }
        let committed = match self.0.on {
            On::SqliteTx(tx) => tx.commit().await,
            On::PostgresTx(tx) => tx.commit().await,
            On::Sqlite(_) | On::Postgres(_) => Ok(()),
        };
        committed.map_err(|error| writing.heard(error))
    }

    /// A rollback that fails has no effect that a caller could mend: the connection is broken and its changes are gone.
    async fn rollback(self) {
        let result = match self.0.on {
            On::SqliteTx(tx) => tx.rollback().await,
            On::PostgresTx(tx) => tx.rollback().await,
            On::Sqlite(_) | On::Postgres(_) => Ok(()),
        };
        if let Err(error) = result {
            tracing::debug!(error = %Error::from(error), "rollback did not reach the database");
        }
    }
}
