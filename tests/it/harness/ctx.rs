//! Where a case runs: a folder, a database, and the ways to the services.

use std::{env, fmt::Write as _, fs, net::SocketAddr, path::Path, process::Command};

use anyhow::Context as _;
use tempfile::TempDir;

use super::{Backend, Browser, Process, Sink, database::Database, free_port};

/// A case's own place. It is gone when the case is over, and with it everything that was started from here.
pub(crate) struct Ctx {
    folder: TempDir,
    database: Option<Database>,
}

impl Ctx {
    pub(super) async fn new(backend: Option<Backend>) -> anyhow::Result<Self> {
        // Short: Chromium makes sockets in it, whose paths may have 107 octets.
        let folder = tempfile::Builder::new().prefix("countersign.").tempdir()?;
        let database = match backend {
            Some(backend) => Some(Database::create(backend, folder.path()).await?),
            None => None,
        };
        Ok(Self { folder, database })
    }

    pub(super) async fn remove(self) -> anyhow::Result<()> {
        if let Some(database) = self.database {
            database.remove().await?;
        }
        self.folder.close().context("the folder stays")
    }

    /// The end of every log in the folder, for the report of a failure.
    pub(super) fn logs(&self) -> String {
        let mut text = String::new();
        let mut files: Vec<_> = fs::read_dir(self.folder())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        files.sort();
        for file in files {
            let log = fs::read(&file).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            let lines: Vec<_> = log.lines().collect();
            if lines.is_empty() {
                continue;
            }
            let _ = write!(text, "\n--- {}, its last lines\n", file.display());
            text.push_str(&lines[lines.len().saturating_sub(40)..].join("\n"));
        }
        text
    }

    /// A folder of the case's own, empty at first.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of the case's own database, which is empty.
    ///
    /// # Panics
    /// In a case that did not ask for one with `on_each_database` and its like.
    pub(crate) fn database_url(&self) -> &str {
        &self.database().url
    }

    /// Which database the case runs on. Panics as [`Ctx::database_url`] does.
    pub(crate) fn backend(&self) -> Backend {
        self.database().backend
    }

    /// Runs a statement behind the program's back, as somebody with access to the database could.
    ///
    /// # Errors
    /// When the database refuses it.
    pub(crate) async fn sql(&self, statement: &'static str) -> anyhow::Result<()> {
        use sqlx::Connection as _;
        match self.backend() {
            Backend::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(self.database_url()).await?;
                sqlx::query("PRAGMA foreign_keys = OFF")
                    .execute(&mut connection)
                    .await?;
                sqlx::query(statement).execute(&mut connection).await?;
            }
            Backend::Postgres => {
                let mut connection = sqlx::PgConnection::connect(self.database_url()).await?;
                sqlx::query(statement).execute(&mut connection).await?;
            }
        }
        Ok(())
    }

    fn database(&self) -> &Database {
        self.database
            .as_ref()
            .expect("a case with a database is declared with on_each_database()")
    }

    /// The program under test, in the case's folder, on the case's database, with nothing else of this process's
    /// environment than `PATH`. Add arguments and settings, then [`Ctx::start`] it or take its output.
    pub(crate) fn countersign(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .env("RUST_BACKTRACE", "1");
        if let Some(database) = &self.database {
            command.env("COUNTERSIGN_DATABASE_URL", &database.url);
        }
        command
    }

    /// Starts a process that ends with the case; its outputs go to `name.log` in the folder.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(&self, name: &str, command: &mut Command) -> anyhow::Result<Process> {
        Process::start(name, command, self.folder())
    }

    /// Starts an `smtp-sink` with these options besides those that make it listen and keep mails (smtp-sink(1)).
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn sink(&self, options: &[&str]) -> anyhow::Result<Sink> {
        self.sink_at(([127, 0, 0, 1], free_port()?).into(), options)
            .await
    }

    /// The same at an address of your choice, such as [`super::Postfix::sink`].
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) async fn sink_at(
        &self,
        address: SocketAddr,
        options: &[&str],
    ) -> anyhow::Result<Sink> {
        Sink::start(self.folder(), address, options).await
    }

    /// Starts a browser; for cases that need [`super::Need::Browser`].
    ///
    /// # Errors
    /// When chromedriver or Chromium does not start.
    pub(crate) async fn browser(&self) -> anyhow::Result<Browser> {
        Browser::start(self.folder()).await
    }
}
