//! What a database holds, seen past the program: for cases that show that nothing changed.

use sqlx::{AssertSqlSafe, Connection as _};

use super::{Backend, Ctx};

impl Ctx {
    /// The first column of a query's rows, which is text, read past the program.
    ///
    /// # Errors
    /// When the database refuses it.
    pub(crate) async fn rows(&self, query: &str) -> anyhow::Result<Vec<String>> {
        let query = AssertSqlSafe(query.to_owned());
        Ok(match self.backend() {
            Backend::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(self.database_url()).await?;
                sqlx::query_scalar(query).fetch_all(&mut connection).await?
            }
            Backend::Postgres => {
                let mut connection = sqlx::PgConnection::connect(self.database_url()).await?;
                sqlx::query_scalar(query).fetch_all(&mut connection).await?
            }
        })
    }

    /// Every row of every table but the visits, as `table: values`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn dump(&self) -> anyhow::Result<Vec<String>> {
        let mut all = self.dump_all().await?;
        all.retain(|row| !row.starts_with("visit: "));
        Ok(all)
    }

    /// The same with the visits.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn dump_all(&self) -> anyhow::Result<Vec<String>> {
        let tables = match self.backend() {
            Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            Backend::Postgres => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            }
        };
        let mut all = Vec::new();
        for table in self.rows(tables).await? {
            if table == "_sqlx_migrations" {
                continue;
            }
            let query = match self.backend() {
                Backend::Postgres => format!("SELECT t::text FROM {table} AS t ORDER BY 1"),
                Backend::Sqlite => {
                    let columns = format!(
                        "SELECT group_concat('quote(' || name || ')', ' || '','' || ') FROM pragma_table_info('{table}')"
                    );
                    let columns = self.rows(&columns).await?.concat();
                    format!("SELECT {columns} FROM {table} ORDER BY 1")
                }
            };
            let rows = self.rows(&query).await?;
            all.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        Ok(all)
    }
}
