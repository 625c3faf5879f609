//! The two databases themselves.

use std::str::FromStr as _;

use anyhow::ensure;
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use crate::harness::{Backend, Case, Ctx, Outcome, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(answers_on_a_database_of_its_own).on_each_database(),
        case!(sqlite_is_the_bundled_one_without_the_wal_reset_race).on_sqlite(),
        case!(a_commit_on_postgres_is_durable).on_postgres(),
    ]
}

/// A SQLite file that is made where it is missing.
async fn sqlite(ctx: &Ctx) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::from_str(ctx.database_url())?.create_if_missing(true);
    Ok(options.connect().await?)
}

async fn answers_on_a_database_of_its_own(ctx: &Ctx) -> Outcome {
    let (one, tables): (i64, i64) = match ctx.backend() {
        Backend::Sqlite => {
            sqlx::query_as("SELECT 1, (SELECT count(*) FROM sqlite_schema)")
                .fetch_one(&mut sqlite(ctx).await?)
                .await?
        }
        Backend::Postgres => {
            let mut connection = PgConnection::connect(ctx.database_url()).await?;
            sqlx::query_as("SELECT 1::bigint, (SELECT count(*) FROM pg_stat_user_tables)")
                .fetch_one(&mut connection)
                .await?
        }
    };
    assert_eq!((one, tables), (1, 0));
    Ok(())
}

/// Before 3.51.3, a checkpoint that resets the log while another connection writes could corrupt the file.
async fn sqlite_is_the_bundled_one_without_the_wal_reset_race(ctx: &Ctx) -> Outcome {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut sqlite(ctx).await?)
        .await?;
    let numbers: Vec<u32> = version
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    ensure!(
        numbers >= vec![3, 51, 3],
        "SQLite is {version}, older than 3.51.3"
    );
    Ok(())
}

/// What is shown on the tests' PostgreSQL is shown at the price that it has in use.
async fn a_commit_on_postgres_is_durable(ctx: &Ctx) -> Outcome {
    let mut connection = PgConnection::connect(ctx.database_url()).await?;
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await?;
        assert_eq!(value, "on", "{setting}");
    }
    Ok(())
}
