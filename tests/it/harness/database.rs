//! A database of one's own for each case.

use std::{env, path::Path};

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;

/// Which of the two databases a case runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A file in the case's folder.
    Sqlite,
    /// A database of its own in the tests' PostgreSQL.
    Postgres,
}

impl Backend {
    /// As it stands in the names of cases.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// An empty database: no schema in it. The SQLite file does not exist yet.
pub(super) struct Database {
    pub(super) backend: Backend,
    pub(super) url: String,
    name: String,
}

impl Database {
    pub(super) async fn create(backend: Backend, folder: &Path) -> anyhow::Result<Self> {
        let name = format!("case_{:016x}", rand::random::<u64>());
        let url = match backend {
            Backend::Sqlite => format!("sqlite://{}/test.db", folder.display()),
            Backend::Postgres => {
                let mut url = admin_url()?;
                url.set_path(&name);
                administer(&format!("CREATE DATABASE {name}")).await?;
                url.into()
            }
        };
        Ok(Self { backend, url, name })
    }

    /// Drops it, together with the connections that a case may have left open.
    pub(super) async fn remove(self) -> anyhow::Result<()> {
        match self.backend {
            Backend::Sqlite => Ok(()), // it goes with the folder
            Backend::Postgres => {
                administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await
            }
        }
    }
}

fn admin_url() -> anyhow::Result<Url> {
    let text =
        env::var("COUNTERSIGN_TEST_POSTGRES").context("COUNTERSIGN_TEST_POSTGRES is not set")?;
    Url::parse(&text).context("COUNTERSIGN_TEST_POSTGRES is not a URL")
}

async fn administer(statement: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(admin_url()?.as_str())
        .await
        .context("the tests' PostgreSQL does not answer")?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut connection)
        .await
        .with_context(|| statement.to_owned())?;
    connection.close().await?;
    Ok(())
}

/// Makes one of PostgreSQL's databases read-only, or writable again, for whoever is there and whoever comes.
pub(crate) async fn set_read_only(database_url: &str, is_read_only: bool) -> anyhow::Result<()> {
    let url = Url::parse(database_url)?;
    let name = url.path().trim_start_matches('/');
    administer(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = {is_read_only}"
    ))
    .await?;
    administer(&end_connections(name)).await
}

/// Ends the connections to one of PostgreSQL's databases.
fn end_connections(name: &str) -> String {
    format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"
    )
}

/// A time in which PostgreSQL takes no connection to one of its databases, and has ended those that were there.
pub(crate) struct Outage(String);

impl Outage {
    pub(crate) async fn begin(database_url: &str) -> anyhow::Result<Self> {
        let url = Url::parse(database_url)?;
        let name = url.path().trim_start_matches('/').to_owned();
        administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await?;
        administer(&end_connections(&name)).await?;
        Ok(Self(name))
    }

    pub(crate) async fn end(self) -> anyhow::Result<()> {
        administer(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.0)).await
    }
}
