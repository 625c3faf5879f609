//! A world to measure in: a database with its schema, keys, partners and an agreement.

use std::env;
use std::sync::Arc;

use anyhow::Context as _;
use countersign::domain::ids::{self, PartnerId};
use countersign::domain::keys::KeyRing;
use countersign::domain::language::Language;
use countersign::domain::time::{Clock as _, SystemClock};
use countersign::domain::token::Tokens;
use countersign::domain::webhook::Vault;
use countersign::storage::agreement::Agreement;
use countersign::storage::{self, Db, Options};
use countersign::workflow::{Engine, Settings, partner};
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use url::Url;

use super::report;

/// One of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// Those that can be measured here; says why one is left out.
    #[expect(clippy::print_stdout, reason = "a bench prints its result")]
    pub(crate) fn available() -> Vec<Self> {
        if env::var_os("COUNTERSIGN_TEST_POSTGRES").is_some() {
            return vec![Self::Sqlite, Self::Postgres];
        }
        println!(
            "PostgreSQL is left out: COUNTERSIGN_TEST_POSTGRES names no server (postgres://USER@HOST/DATABASE)"
        );
        vec![Self::Sqlite]
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The library on a database of its own.
pub(crate) struct World {
    pub(crate) backend: Backend,
    pub(crate) engine: Engine,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) partners: Vec<PartnerId>,
    url: String,
    name: String,
    _folder: TempDir,
}

/// How many partners share the queue.
const PARTNERS: usize = 8;

impl World {
    pub(crate) async fn new(backend: Backend) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(report::folder()?)?;
        let name = format!("bench_{:016x}", rand::random::<u64>());
        let url = match backend {
            Backend::Sqlite => format!("sqlite://{}/bench.db", folder.path().display()),
            Backend::Postgres => {
                administer(&format!("CREATE DATABASE {name}")).await?;
                let mut url = server()?;
                url.set_path(&name);
                url.into()
            }
        };
        let options = Options {
            url: url.clone(),
            connections: 16,
            pooled: false,
        };
        let db = Db::open(&options).await?;
        db.migrate().await?;
        let now = SystemClock.now();
        db.write(move |tx| {
            Box::pin(async move { storage::installation::create(tx, "bench", now).await })
        })
        .await?;
        let keys = Arc::new(KeyRing::fresh(now, &mut rand::rng()));
        let engine = Engine {
            db,
            clock: Arc::new(SystemClock),
            tokens: Arc::new(Tokens::new(&keys, "bench")),
            vault: Arc::new(Vault::new(&keys, "bench")),
            keys: keys.clone(),
            audience: "bench".into(),
            settings: Arc::new(Settings {
                public_url: "https://sign.example".to_owned(),
                ..Settings::default()
            }),
            wake: Arc::default(),
        };
        let mut partners = Vec::with_capacity(PARTNERS);
        for index in 0..PARTNERS {
            partners.push(partner::add(&engine, &partner_draft(index)).await?);
        }
        add_agreement(&engine).await?;
        Ok(Self {
            backend,
            engine,
            keys,
            partners,
            url,
            name,
            _folder: folder,
        })
    }

    /// Runs statements that no release has: those that prepare a round.
    pub(crate) async fn run(&self, statements: &str) -> anyhow::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        match self.backend {
            Backend::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await?;
                sql.execute(&mut connection).await?;
                connection.close().await?;
            }
            Backend::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await?;
                sql.execute(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// The first column of what a query that no release has finds, as text.
    pub(crate) async fn texts(&self, query: &str) -> anyhow::Result<Vec<String>> {
        let sql = sqlx::query_scalar(AssertSqlSafe(query.to_owned()));
        Ok(match self.backend {
            Backend::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await?;
                let texts = sql.fetch_all(&mut connection).await?;
                connection.close().await?;
                texts
            }
            Backend::Postgres => {
                let sql = sqlx::query_scalar(AssertSqlSafe(query.to_owned()));
                let mut connection = PgConnection::connect(&self.url).await?;
                let texts = sql.fetch_all(&mut connection).await?;
                connection.close().await?;
                texts
            }
        })
    }

    /// As after a quiet night: statistics are fresh, nothing waits to be written.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        match self.backend {
            Backend::Sqlite => self.run("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)").await,
            Backend::Postgres => {
                self.run("VACUUM (ANALYZE)").await?;
                self.run("CHECKPOINT").await
            }
        }
    }

    pub(crate) async fn remove(self) -> anyhow::Result<()> {
        self.engine.db.close().await;
        if self.backend == Backend::Postgres {
            administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await?;
        }
        Ok(())
    }
}

fn server() -> anyhow::Result<Url> {
    let text = env::var("COUNTERSIGN_TEST_POSTGRES").context("COUNTERSIGN_TEST_POSTGRES")?;
    Url::parse(&text).context("COUNTERSIGN_TEST_POSTGRES is not a URL")
}

async fn administer(statement: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(server()?.as_str()).await?;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

fn partner_draft(index: usize) -> partner::Draft {
    partner::Draft {
        handle: format!("partner-{index}"),
        name: "한빛테크".to_owned(),
        legal_name: Some("주식회사 한빛테크".to_owned()),
        email: format!("partner@hanbit-{index}.example"),
        phone: "+82 2 555 0100".to_owned(),
        address: "서울특별시 중구 세종대로 110".to_owned(),
        language: "ko".to_owned(),
        time_zone: "Asia/Seoul".to_owned(),
        ..partner::Draft::default()
    }
}

async fn add_agreement(engine: &Engine) -> anyhow::Result<()> {
    let now = engine.clock.now();
    let body = "Microsoft 고객 계약 견본".to_owned();
    let agreement = Agreement {
        id: ids::fresh(now, &mut rand::rng()),
        kind: "mca".to_owned(),
        version: "2026-01".to_owned(),
        language: Language::ko(),
        title: "Microsoft 고객 계약".to_owned(),
        sha256: Sha256::digest(&body).to_vec(),
        body,
        is_sample: true,
        effective_at: now,
        created_at: now,
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { storage::agreement::insert(tx, &agreement).await }))
        .await?;
    Ok(())
}
