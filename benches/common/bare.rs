//! The rows that a call has made, as texts, and their bare insert into another database: nothing is looked up, decided or
//! computed there.

use anyhow::Context as _;
use countersign::storage::db::Sql;
use countersign::storage::{self, Tx};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::world::{Backend, World};

/// A table, the statement of the program that fills it, and by which key of a row that takes which column.
struct Table {
    name: &'static str,
    statement: &'static str,
    /// Words that begin with `#` are identifiers, with `?` truths.
    columns: &'static [(&'static str, &'static str)],
}

const TABLES: [Table; 6] = [
    Table {
        name: "contact",
        statement: "contact::UPSERT",
        columns: &[
            ("#id", "id"),
            ("address", "address"),
            ("smtp_address", "smtp_address"),
            ("domain", "domain"),
            ("language", "language"),
            ("time_zone", "time_zone"),
            ("created_at", "created_at"),
        ],
    },
    Table {
        name: "organization",
        statement: "organization::UPSERT",
        columns: &[
            ("#id", "id"),
            ("#partner_id", "partner_id"),
            ("name", "name"),
            ("name_key", "name_key"),
            ("kind", "kind"),
            ("cloud", "cloud"),
            ("language", "language"),
            ("time_zone", "time_zone"),
            ("created_at", "created_at"),
        ],
    },
    Table {
        name: "invitation",
        statement: "invitation::INSERT",
        columns: &[
            ("#id", "id"),
            ("#partner_id", "partner_id"),
            ("#organization_id", "organization_id"),
            ("#contact_id", "contact_id"),
            ("state", "state"),
            ("offer", "offer"),
            ("offer_key", "offer_key"),
            ("language", "language"),
            ("time_zone", "time_zone"),
            ("note", "note"),
            ("links", "links"),
            ("reference", "reference"),
            ("source", "source"),
            ("?forced", "forced"),
            ("created_at", "created_at"),
            ("expires_at", "expires_at"),
        ],
    },
    Table {
        name: "recipient",
        statement: "recipient::INSERT",
        columns: &[
            ("#id", "id"),
            ("#invitation_id", "invitation_id"),
            ("#contact_id", "contact_id"),
            ("role", "role"),
            ("name", "name"),
            ("generation", "generation"),
            ("key_id", "key_id"),
            ("links_expire_at", "links_expire_at"),
            ("created_at", "created_at"),
        ],
    },
    Table {
        name: "event",
        statement: "event::INSERT",
        columns: &[
            ("#id", "id"),
            ("#partner", "partner_id"),
            ("kind", "kind"),
            ("#subject", "subject_id"),
            ("actor", "actor"),
            ("data", "data"),
            ("at", "happened_at"),
        ],
    },
    Table {
        name: "notice",
        statement: "notice::ENQUEUE",
        columns: &[
            ("#id", "id"),
            ("#partner", "partner_id"),
            ("domain", "domain"),
            ("channel", "channel"),
            ("kind", "kind"),
            ("step", "step"),
            ("#subject", "subject_id"),
            ("#target", "target_id"),
            ("generation", "generation"),
            ("payload", "payload"),
            ("state", "state"),
            ("run_at", "run_at"),
            ("now", "created_at"),
        ],
    },
];

/// The statement of the program that bears this name.
fn statement(name: &str) -> anyhow::Result<Sql> {
    let found = storage::statements().find(|(full, _)| full.ends_with(&format!("::{name}")));
    Ok(found.with_context(|| name.to_owned())?.1)
}

/// Where counters stand, as text, so that it can be seen what a call adds.
pub(crate) async fn counters(world: &World) -> anyhow::Result<Vec<String>> {
    let object = match world.backend {
        Backend::Sqlite => {
            "json_object('window_start', window_start, 'counter', counter, 'used', used)"
        }
        Backend::Postgres => {
            "json_build_object('window_start', window_start, 'counter', counter, 'used', used)::text"
        }
    };
    let order = "ORDER BY window_start, counter";
    world
        .texts(&format!("SELECT {object} FROM invitation_limit {order}"))
        .await
}

/// Statements with the rows that they insert.
#[derive(Clone)]
pub(crate) struct Bare(Vec<(Sql, String)>);

impl Bare {
    /// The rows of `from` whose identifiers are above `after`, and what was added to its counters since `before`, for the
    /// first partner of `to`.
    pub(crate) async fn rows(
        from: &World,
        to: &World,
        after: Uuid,
        before: &[String],
    ) -> anyhow::Result<Self> {
        let here = |text: String| {
            let hex = |world: &World| world.partners[0].uuid().as_simple().to_string();
            text.replace(&hex(from), &hex(to))
        };
        let mut all = Vec::new();
        for table in &TABLES {
            let rows = from.texts(&select(from.backend, table, after)).await?;
            all.push((
                statement(table.statement)?,
                here(format!("[{}]", rows.join(","))),
            ));
        }
        let added = added(before, &counters(from).await?)?;
        all.push((statement("limit::TAKE")?, here(added)));
        Ok(Self(all))
    }

    /// All of them, in one transaction.
    pub(crate) async fn insert(self, to: &World) -> anyhow::Result<()> {
        fn insert(
            tx: &mut Tx,
            all: Vec<(Sql, String)>,
        ) -> BoxFuture<'_, Result<(), storage::Error>> {
            Box::pin(async move {
                for (sql, rows) in all {
                    tx.query(sql).bind(rows).execute().await?;
                }
                Ok(())
            })
        }
        to.engine.db.write(move |tx| insert(tx, self.0)).await?;
        Ok(())
    }
}

fn select(backend: Backend, table: &Table, after: Uuid) -> String {
    let pairs = table.columns.iter().map(|(key, column)| {
        let name = key.trim_start_matches(['#', '?']);
        let value = match (key.as_bytes()[0], backend) {
            (b'#', Backend::Sqlite) => format!("lower(hex({column}))"),
            (b'#', Backend::Postgres) => format!("replace({column}::text, '-', '')"),
            (b'?', Backend::Sqlite) => format!("json(iif({column}, 'true', 'false'))"),
            _ => (*column).to_owned(),
        };
        format!("'{name}', {value}")
    });
    let pairs = pairs.collect::<Vec<_>>().join(", ");
    let after = after.as_simple();
    let (object, after) = match backend {
        Backend::Sqlite => (format!("json_object({pairs})"), format!("x'{after}'")),
        Backend::Postgres => (
            format!("json_build_object({pairs})::text"),
            format!("'{after}'"),
        ),
    };
    format!(
        "SELECT {object} FROM {} WHERE id > {after} ORDER BY id",
        table.name
    )
}

/// What has to be added to counters that stand at `before` to bring them to `now`.
fn added(before: &[String], now: &[String]) -> anyhow::Result<String> {
    let read = |texts: &[String]| -> anyhow::Result<Vec<(i64, String, i64)>> {
        let read = |text: &String| {
            let row: serde_json::Value = serde_json::from_str(text)?;
            let number = |name: &str| row[name].as_i64().context("a number");
            let counter = row["counter"].as_str().context("a counter")?.to_owned();
            anyhow::Ok((number("window_start")?, counter, number("used")?))
        };
        texts.iter().map(read).collect()
    };
    let before: std::collections::HashMap<_, _> = read(before)?
        .into_iter()
        .map(|(window, counter, used)| ((window, counter), used))
        .collect();
    let rows = read(now)?
        .into_iter()
        .filter_map(|(window, counter, used)| {
            let key = (window, counter);
            let more = used - before.get(&key).copied().unwrap_or(0);
            (more > 0).then(
                || serde_json::json!({"window_start": window, "counter": key.1, "used": more}),
            )
        });
    Ok(serde_json::to_string(&rows.collect::<Vec<_>>())?)
}
