//! How the databases would run a statement: for the tests that hold lists to their indexes.

use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use super::{Db, On, Sql};
use crate::storage::Error;

impl Db {
    /// How the database would run a statement, whatever its arguments: a line a step.
    ///
    /// PostgreSQL tells the plan that it would keep for a prepared statement. For tests: it makes a text of the statement's.
    ///
    /// # Errors
    /// The statement is not one of this database.
    pub async fn plan(&self, sql: Sql) -> Result<Vec<String>, Error> {
        let mut conn = self.read().await?;
        match &mut conn.on {
            On::Sqlite(c) => {
                let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.sqlite));
                let rows = sqlx::query(explain).fetch_all(&mut **c).await?;
                let details = rows.iter().map(|row| row.try_get("detail"));
                Ok(details.collect::<Result<_, _>>()?)
            }
            On::Postgres(c) => {
                let text = sql.postgres;
                let arguments = (1..=99)
                    .take_while(|n| text.contains(&format!("${n}")))
                    .map(|_| "NULL")
                    .collect::<Vec<_>>()
                    .join(", ");
                // Undone with the transaction but for the prepared statement, which ends with its name.
                let mut tx = c.begin().await?;
                let prepare = format!(
                    "SET LOCAL plan_cache_mode = force_generic_plan; PREPARE a_plan AS {text}"
                );
                sqlx::raw_sql(AssertSqlSafe(prepare))
                    .execute(&mut *tx)
                    .await?;
                let arguments = match &*arguments {
                    "" => String::new(),
                    some => format!("({some})"),
                };
                let explain = format!("EXPLAIN EXECUTE a_plan{arguments}");
                let rows = sqlx::raw_sql(AssertSqlSafe(explain))
                    .fetch_all(&mut *tx)
                    .await?;
                sqlx::raw_sql("DEALLOCATE a_plan").execute(&mut *tx).await?;
                tx.rollback().await?;
                let lines = rows.iter().map(|row| row.try_get(0));
                Ok(lines.collect::<Result<_, _>>()?)
            }
            On::SqliteTx(_) | On::PostgresTx(_) => Ok(Vec::new()),
        }
    }
}
