//! The two databases themselves.

use std::str::FromStr as _;

use anyhow::ensure;
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use countersign::domain::time::{Clock as _, SECOND, SystemClock, Timestamp};

use crate::harness::{Backend, Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(answers_on_a_database_of_its_own).on_each_database(),
        case!(sqlite_is_the_bundled_one_without_the_wal_reset_race).on_sqlite(),
        case!(a_commit_on_postgres_is_durable).on_postgres(),
        case!(every_statement_can_be_prepared).on_each_database(),
        case!(migrating_twice_changes_nothing).on_each_database(),
        case!(a_transaction_of_one_statement_takes_no_second).on_each_database(),
        case!(a_disk_that_was_full_is_written_to_again).on_sqlite(),
        case!(leases_are_measured_by_the_clock_of_the_database).on_each_database(),
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

async fn every_statement_can_be_prepared(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut prepared = 0;
    for (name, sql) in countersign::storage::statements() {
        let result = world.engine.db.prepare(sql).await;
        ensure!(result.is_ok(), "{name}: {result:?}");
        prepared += 1;
    }
    ensure!(prepared > 80, "only {prepared} statements are on the list");
    Ok(())
}

async fn migrating_twice_changes_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    world.engine.db.migrate().await?;
    let audience = world
        .engine
        .db
        .write(|tx| {
            Box::pin(async move {
                countersign::storage::installation::create(tx, "another", Timestamp::from_micros(1))
                    .await
            })
        })
        .await?
        .audience;
    assert_eq!(audience, "test", "the first audience stays");
    Ok(())
}

async fn a_transaction_of_one_statement_takes_no_second(ctx: &Ctx) -> Outcome {
    use countersign::storage::suppression::{self, Suppression};
    let world = World::new(ctx).await?;
    let now = world.now();
    let suppress = |address: &str, times: u8| {
        let row = Suppression::new(&world.engine.keys, address, "test", now);
        world.engine.db.write_one(move |tx| {
            Box::pin(async move {
                for _ in 0..times {
                    suppression::insert(tx, &row).await?;
                }
                Ok::<_, countersign::storage::Error>(())
            })
        })
    };
    suppress("once@customer.example", 1).await?;
    let refused = suppress("twice@customer.example", 2).await.unwrap_err();
    assert!(!refused.is_passing(), "{refused}");
    let mut conn = world.engine.db.read().await?;
    let once = suppression::find(
        &mut conn,
        &world.engine.keys.mailbox("once@customer.example"),
    )
    .await?;
    assert!(once.is_some());
    Ok(())
}

/// SQLite rolls back by itself when the disk is full, and the driver does not hear of it.
async fn a_disk_that_was_full_is_written_to_again(ctx: &Ctx) -> Outcome {
    use countersign::storage::db::Sql;
    use countersign::storage::{Error, suppression};
    let world = World::new(ctx).await?;
    let now = world.now();
    let fill = |rows: usize, is_full: bool| {
        let keys = world.engine.keys.clone();
        world.engine.db.write(move |tx| {
            Box::pin(async move {
                if is_full {
                    let no_more = Sql::same("PRAGMA max_page_count = 1");
                    tx.query(no_more).scalar::<i64>().await?;
                }
                for row in 0..rows {
                    let row = suppression::Suppression::new(
                        &keys,
                        &format!("n{row}@customer.example"),
                        &"x".repeat(1_000),
                        now,
                    );
                    suppression::insert(tx, &row).await?;
                }
                Ok::<_, Error>(())
            })
        })
    };
    let refusal = fill(500, true).await.unwrap_err();
    ensure!(matches!(refusal, Error::Unwritable(_)), "{refusal}");
    ensure!(refusal.is_passing());
    // As when somebody has made room.
    fill(500, false).await?;
    assert_eq!(ctx.number("SELECT count(*) FROM suppression").await?, 500);
    Ok(())
}

async fn leases_are_measured_by_the_clock_of_the_database(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut conn = world.engine.db.read().await?;
    let database = countersign::storage::installation::database_time(&mut conn).await?;
    let here = SystemClock.now();
    ensure!(
        (database.as_micros() - here.as_micros()).abs() < 5 * SECOND,
        "{database} is not {here}"
    );
    Ok(())
}
