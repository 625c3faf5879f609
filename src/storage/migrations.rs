//! The migrations, compiled into the binary: numbered, forward only, one folder a database.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::db::{Kind, statements};
use super::{Conn, Error};

macro_rules! migrations {
    ($(($version:literal, $name:literal)),* $(,)?) => {
        const ALL: &[(i64, &str, &str, &str)] = &[$((
            $version,
            $name,
            include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        )),*];
    };
}

migrations![(1, "0001_foundation")];

statements! {
    HAS_TABLE = {
        sqlite: "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations'",
        postgres: "SELECT count(*) FROM pg_class WHERE oid = to_regclass('_sqlx_migrations')"
    };
    APPLIED = { "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version" };
}

/// Which migrations a database has, beside those of this release.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Those of this release, in order.
    pub migrations: Vec<MigrationStatus>,
    /// Numbers that the database has and this release does not know: a newer release was here.
    pub unknown: Vec<i64>,
}

/// One migration of this release.
#[derive(Clone, Debug, serde::Serialize)]
pub struct MigrationStatus {
    /// Its number.
    pub version: i64,
    /// Its name, with the number before it.
    pub name: &'static str,
    /// Whether the database has it.
    pub applied: bool,
}

impl Schema {
    /// Whether it is the one that this release works with.
    pub fn is_current(&self) -> bool {
        self.unknown.is_empty() && self.missing() == 0
    }

    /// How many migrations the database lacks.
    pub fn missing(&self) -> usize {
        let lacking = self.migrations.iter().filter(|known| !known.applied);
        lacking.count()
    }

    /// Whether nothing was ever applied.
    pub fn is_empty(&self) -> bool {
        self.unknown.is_empty() && self.missing() == self.migrations.len()
    }
}

/// Reads which migrations the database has; changes nothing.
///
/// # Errors
/// The database is away.
pub async fn schema(conn: &mut Conn) -> Result<Schema, Error> {
    let has_table = conn.query(HAS_TABLE).scalar::<i64>().await? == Some(1);
    let applied: Vec<i64> = if has_table {
        conn.query(APPLIED).scalars().await?
    } else {
        Vec::new()
    };
    let migrations = ALL.iter().map(|&(version, name, ..)| MigrationStatus {
        version,
        name,
        applied: applied.contains(&version),
    });
    let migrations: Vec<_> = migrations.collect();
    let is_unknown = |version: &i64| migrations.iter().all(|known| known.version != *version);
    let unknown = applied.iter().copied().filter(is_unknown).collect();
    Ok(Schema {
        migrations,
        unknown,
    })
}

/// The number of the newest migration of this release.
pub fn newest() -> i64 {
    ALL.last().map_or(0, |(version, ..)| *version)
}

/// What `sqlx` runs for this database. The macro that reads the folder would build sqlx a second time for the build host.
pub(super) fn of(kind: Kind) -> Migrator {
    let migrations = ALL
        .iter()
        .map(|&(version, name, sqlite, postgres)| {
            let text = match kind {
                Kind::Sqlite => sqlite,
                Kind::Postgres => postgres,
            };
            Migration::new(
                version,
                name.into(),
                MigrationType::Simple,
                text.into_sql_str(),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(migrations)
}
