//! A statement with its arguments, run by whichever driver the connection has.

use sqlx::Arguments as _;
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

use super::{Bind, Conn, On, Record, Scalar, Sql, Writing};
use crate::storage::Error;

impl Conn {
    /// Starts a statement; `bind` its arguments in the order `$1`, `$2` ….
    pub fn query(&mut self, sql: Sql) -> Query<'_> {
        let on = match &mut self.on {
            On::Sqlite(c) => Target::Sqlite(c, SqliteArguments::default()),
            On::SqliteTx(c) => Target::Sqlite(c, SqliteArguments::default()),
            On::Postgres(c) => Target::Postgres(c, PgArguments::default()),
            On::PostgresTx(c) => Target::Postgres(c, PgArguments::default()),
        };
        let failed = (self.left == Some(0)).then(|| {
            sqlx::Error::InvalidArgument("a second statement where one was promised".to_owned())
        });
        self.left = self.left.map(|left| left.saturating_sub(1));
        Query {
            sql,
            on,
            writing: self.writing.as_deref(),
            persistent: self.persistent,
            failed,
        }
    }
}

enum Target<'c> {
    Sqlite(&'c mut SqliteConnection, SqliteArguments),
    Postgres(&'c mut PgConnection, PgArguments),
}

/// A statement with its arguments.
#[must_use = "a statement does nothing until it is executed or fetched"]
pub struct Query<'c> {
    sql: Sql,
    on: Target<'c>,
    writing: Option<&'c Writing>,
    persistent: bool,
    failed: Option<sqlx::Error>,
}

/// Runs the same sqlx call on either driver.
macro_rules! on_either {
    ($query:expr, $make:ident, |$q:ident, $c:ident| $run:expr) => {{
        let query = $query;
        if let Some(error) = query.failed {
            return Err(error.into());
        }
        let ran = match query.on {
            Target::Sqlite($c, arguments) => {
                let $q = sqlx::$make(query.sql.sqlite, arguments).persistent(query.persistent);
                $run
            }
            Target::Postgres($c, arguments) => {
                let $q = sqlx::$make(query.sql.postgres, arguments).persistent(query.persistent);
                $run
            }
        };
        match query.writing {
            Some(writing) => ran.map_err(|error| writing.heard(error)),
            None => ran.map_err(Error::from),
        }
    }};
}

impl Query<'_> {
    /// The next argument.
    pub fn bind<'t, T: Bind<'t>>(mut self, value: T) -> Self {
        let added = match &mut self.on {
            Target::Sqlite(_, arguments) => arguments.add(value),
            Target::Postgres(_, arguments) => arguments.add(value),
        };
        if let Err(error) = added {
            self.failed = Some(sqlx::Error::Encode(error));
        }
        self
    }

    /// Runs it; returns how many rows it touched.
    ///
    /// # Errors
    /// The database is away or refuses the change.
    pub async fn execute(self) -> Result<u64, Error> {
        on_either!(self, query_with, |q, c| q
            .execute(c)
            .await
            .map(|done| done.rows_affected()))
    }

    /// All rows.
    ///
    /// # Errors
    /// The database is away or a row does not fit the record.
    pub async fn all<R: Record>(self) -> Result<Vec<R>, Error> {
        on_either!(self, query_as_with, |q, c| q.fetch_all(c).await)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// The database is away or the row does not fit the record.
    pub async fn optional<R: Record>(self) -> Result<Option<R>, Error> {
        on_either!(self, query_as_with, |q, c| q.fetch_optional(c).await)
    }

    /// The first column of all rows.
    ///
    /// # Errors
    /// The database is away or a value does not fit.
    pub async fn scalars<T: Scalar>(self) -> Result<Vec<T>, Error> {
        on_either!(self, query_scalar_with, |q, c| q.fetch_all(c).await)
    }

    /// The first column of the first row, if there is one.
    ///
    /// # Errors
    /// The database is away or the value does not fit.
    pub async fn scalar<T: Scalar>(self) -> Result<Option<T>, Error> {
        on_either!(self, query_scalar_with, |q, c| q.fetch_optional(c).await)
    }
}
