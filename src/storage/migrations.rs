//! The migrations, compiled into the binary: numbered, forward only, one folder a database.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::db::Kind;

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
