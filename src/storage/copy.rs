//! All rows of an SQLite file into an empty PostgreSQL database: once, when an installation outgrows one machine.
//!
//! One transaction on each side: nothing is written to the file meanwhile, and the other database has all of it or nothing.
//! A row travels as JSON, which both databases read and write by themselves; bytes and identifiers are hexadecimal digits
//! in it.

use tokio::sync::mpsc;

use super::db::{Kind, Sql};
use super::{Db, Error, Tx};

/// How many rows travel together.
const PAGE: i64 = 2_000;

/// A table, with its statements. Reading is SQLite's, writing PostgreSQL's: the other text of a pair is never run.
struct Table {
    name: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the tests hold them to the migrations")
    )]
    columns: &'static [&'static str],
    count: Sql,
    read: Sql,
    write: Sql,
}

macro_rules! read {
    (uuid $column:literal) => { concat!("CASE WHEN ", $column, " IS NULL THEN NULL ELSE lower(hex(", $column, ")) END") };
    (bytes $column:literal) => { read!(uuid $column) };
    ($kind:ident $column:literal) => { $column };
}

macro_rules! write {
    (bytes $column:literal) => {
        concat!("decode(x.", $column, ", 'hex')")
    };
    (bool $column:literal) => {
        concat!("x.", $column, " <> 0")
    };
    ($kind:ident $column:literal) => {
        concat!("x.", $column)
    };
}

macro_rules! declare {
    (uuid $column:literal) => {
        concat!($column, " uuid")
    };
    (int $column:literal) => {
        concat!($column, " bigint")
    };
    (bool $column:literal) => {
        concat!($column, " bigint")
    };
    ($kind:ident $column:literal) => {
        concat!($column, " text")
    };
}

/// Columns as the tables have them; the primary key is the first of them, or the first two.
macro_rules! table {
    ($name:literal: $kind1:ident $column1:literal, $kind2:ident $column2:literal $(, $kind:ident $column:literal)*) => {
        Table {
            name: $name,
            columns: &[$column1, $column2 $(, $column)*],
            count: Sql::same(concat!("SELECT count(*) FROM ", $name)),
            read: Sql::pair(
                concat!(
                    "SELECT json_object('", $column1, "', ", read!($kind1 $column1),
                    ", '", $column2, "', ", read!($kind2 $column2)
                    $(, ", '", $column, "', ", read!($kind $column))*,
                    ") FROM ", $name, " ORDER BY ", $column1, ", ", $column2, " LIMIT $1 OFFSET $2"
                ),
                "",
            ),
            write: Sql::pair(
                "",
                concat!(
                    "INSERT INTO ", $name, " (", $column1, ", ", $column2 $(, ", ", $column)*, ") SELECT ",
                    write!($kind1 $column1), ", ", write!($kind2 $column2) $(, ", ", write!($kind $column))*,
                    " FROM jsonb_to_recordset($1::text::jsonb) AS x(",
                    declare!($kind1 $column1), ", ", declare!($kind2 $column2) $(, ", ", declare!($kind $column))*, ")"
                ),
            ),
        }
    };
}

/// Every table but `lease`, in which nothing may stand, each after those that it refers to.
static TABLES: &[Table] = &[
    table!("installation": int "id", text "audience", int "created_at", int "swept_at"),
    table!("partner": uuid "id", text "handle", text "name", text "legal_name", text "email", text "phone", text "address", text "website", text "representative", text "registration_number", text "language", text "time_zone", bool "advertising_mark", text "schedule", int "per_key_day", int "per_partner_day", int "created_at"),
    table!("organization": uuid "id", uuid "partner_id", text "name", text "name_key", text "kind", text "cloud", text "language", text "time_zone", int "created_at"),
    table!("contact": uuid "id", text "address", text "smtp_address", text "domain", text "language", text "time_zone", int "created_at"),
    table!("agreement": uuid "id", text "kind", text "version", text "language", text "title", text "body", bytes "sha256", bool "is_sample", int "effective_at", int "created_at"),
    table!("invitation": uuid "id", uuid "partner_id", uuid "organization_id", uuid "contact_id", text "state", text "offer", text "offer_key", text "language", text "time_zone", text "note", text "links", text "reference", text "source", bool "forced", int "created_at", int "expires_at", int "ended_at", text "decline_reason", text "decline_text"),
    table!("recipient": uuid "id", uuid "invitation_id", uuid "contact_id", text "role", text "name", int "generation", int "key_id", int "links_expire_at", int "reminders_stopped_at", int "undeliverable_at", int "created_at"),
    table!("relationship": uuid "id", uuid "partner_id", uuid "organization_id", uuid "invitation_id", text "partner_type", text "catalogue", text "state", int "revision", int "since", int "updated_at", int "ended_at", uuid "continued_by"),
    table!("acceptance": uuid "id", uuid "partner_id", uuid "invitation_id", uuid "recipient_id", uuid "contact_id", uuid "relationship_id", text "canonical", bytes "salt", int "accepted_at"),
    table!("consent": uuid "id", uuid "acceptance_id", uuid "invitation_id", uuid "agreement_id", bytes "agreement_sha256", int "consented_at"),
    table!("role_grant": uuid "id", uuid "partner_id", uuid "relationship_id", uuid "acceptance_id", text "role", text "state", text "duration", int "granted_at", int "activated_at", int "expected_end_at", bool "auto_extend", int "revision", int "ended_at"),
    table!("microsoft_step": uuid "invitation_id", text "step", text "state", int "changed_at"),
    table!("notice": uuid "id", uuid "partner_id", text "lane", text "domain", text "channel", text "kind", int "step", uuid "subject_id", uuid "target_id", int "generation", text "payload", text "state", int "run_at", int "due_at", uuid "lease_id", int "attempts", int "failures", int "deaths", int "created_at", int "settled_at", text "last_reply"),
    table!("attempt": uuid "notice_id", int "number", uuid "lease_id", int "begun_at", int "body_started_at", text "message_id", int "dated_at", bytes "body_sha256", int "ended_at", text "outcome", text "stage", text "reply"),
    table!("lane": text "domain", int "next_at", int "interval_micros", int "max_in_flight"),
    table!("transport_pause": text "transport", int "since", int "paused_until", int "failures", text "stage", text "reply"),
    table!("suppression": text "mailbox", uuid "id", text "address", text "reason", text "detail", int "created_at"),
    table!("suppression_removal": uuid "id", text "mailbox", text "reason", uuid "partner_id", text "why", int "suppressed_at", int "removed_at"),
    table!("idempotency": uuid "partner_id", text "idempotency_key", bytes "request_sha256", text "answer", int "created_at", int "expires_at"),
    table!("invitation_limit": int "window_start", text "counter", int "used"),
    table!("api_key": uuid "id", uuid "partner_id", text "prefix", bytes "sha256", text "name", text "scopes", int "created_at", int "expires_at", int "last_used_at", int "revoked_at", uuid "replaces"),
    table!("api_answer": uuid "partner_id", text "idempotency_key", bytes "request_sha256", uuid "holder", int "held_until", int "status", text "body", int "created_at", int "expires_at"),
    table!("event": uuid "id", uuid "partner_id", int "seq", text "kind", uuid "subject_id", text "actor", text "data", int "happened_at", bytes "hash"),
    table!("chain_head": uuid "partner_id", int "seq", bytes "hash", int "key_id", bytes "signature", int "signed_at"),
    table!("visit": uuid "id", uuid "recipient_id", text "purpose", text "label", text "evidence", text "client_address", text "user_agent", int "visited_at", int "times", int "last_at"),
    table!("profile": uuid "partner_id", text "body", int "published_at", int "created_at", int "updated_at"),
    table!("profile_term": text "term", uuid "partner_id", int "weight"),
    table!("inquiry": uuid "id", uuid "contact_id", text "state", text "name", text "organization", text "phone", text "size", text "needs", text "body", text "language", text "time_zone", int "key_id", int "links_expire_at", int "created_at", int "confirmed_at"),
    table!("inquiry_partner": uuid "id", uuid "inquiry_id", uuid "partner_id", int "key_id", int "links_expire_at", int "sent_at", uuid "invitation_id", int "answered_at"),
    table!("webhook_endpoint": uuid "id", uuid "partner_id", text "url", text "kinds", text "state", int "revision", int "created_at", int "updated_at", int "failing_since", int "switched_off_at", text "switched_off_because"),
    table!("webhook_secret": uuid "endpoint_id", int "number", int "key_id", bytes "sealed", int "created_at", int "valid_until"),
];

const LEASES: Sql = Sql::same("SELECT count(*) FROM lease");
const FORGET_INSTALLATION: Sql = Sql::same("DELETE FROM installation");

/// How many rows of a table were copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// The table.
    pub table: &'static str,
    /// How many rows it has, on both sides.
    pub rows: i64,
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Another way round.
    #[error(
        "rows are copied from an SQLite file into PostgreSQL, and no other way: set database_url to the new database"
    )]
    Direction,
    /// A worker may be running, or died.
    #[error(
        "a worker holds mails of the SQLite file: end all processes on it, then run `countersign tick` on it once"
    )]
    InUse,
    /// There are rows already.
    #[error("the table {0} of the new database has rows already: copy into an empty database")]
    NotEmpty(&'static str),
    /// What arrived is not what left.
    #[error("the table {table} has {left} rows, and {arrived} arrived: nothing was copied")]
    Lost {
        /// The table.
        table: &'static str,
        /// Rows in the file.
        left: i64,
        /// Rows in the new database.
        arrived: i64,
    },
    /// The other side ended first.
    #[error("the copy was interrupted: nothing was copied")]
    Interrupted,
    /// A database.
    #[error(transparent)]
    Storage(#[from] Error),
}

enum Parcel {
    Rows(&'static Table, String),
    Counted(Copied),
    End,
}

/// Copies all rows; both databases have this release's schema, and nobody uses either.
///
/// # Errors
/// Why nothing was copied.
pub async fn copy(from: &Db, to: &Db) -> Result<Vec<Copied>, CopyError> {
    if (from.kind(), to.kind()) != (Kind::Sqlite, Kind::Postgres) {
        return Err(CopyError::Direction);
    }
    let (sender, receiver) = mpsc::channel(2);
    let sending = from.write(move |tx| Box::pin(async move { send(tx, sender).await }));
    let receiving = to.write(move |tx| Box::pin(async move { receive(tx, receiver).await }));
    match tokio::join!(sending, receiving) {
        (Ok(()), copied) => copied,
        // Whoever ended first says why.
        (Err(CopyError::Interrupted), Err(why)) | (Err(why), _) => Err(why),
    }
}

async fn count(tx: &mut Tx, counting: Sql) -> Result<i64, Error> {
    Ok(tx.query(counting).scalar().await?.unwrap_or(0))
}

async fn send(tx: &mut Tx, sender: mpsc::Sender<Parcel>) -> Result<(), CopyError> {
    if count(tx, LEASES).await? > 0 {
        return Err(CopyError::InUse);
    }
    let gone = |_| CopyError::Interrupted;
    for table in TABLES {
        for page in 0.. {
            let read = tx.query(table.read).bind(PAGE).bind(page * PAGE);
            let lines: Vec<String> = read.scalars().await?;
            if lines.is_empty() {
                break;
            }
            let rows = format!("[{}]", lines.join(","));
            sender.send(Parcel::Rows(table, rows)).await.map_err(gone)?;
        }
        let copied = Copied {
            table: table.name,
            rows: count(tx, table.count).await?,
        };
        sender.send(Parcel::Counted(copied)).await.map_err(gone)?;
    }
    sender.send(Parcel::End).await.map_err(gone)
}

async fn receive(
    tx: &mut Tx,
    mut receiver: mpsc::Receiver<Parcel>,
) -> Result<Vec<Copied>, CopyError> {
    for table in TABLES {
        // `migrate` made an installation of its own, with which nothing was done yet.
        if table.name != "installation" && count(tx, table.count).await? > 0 {
            return Err(CopyError::NotEmpty(table.name));
        }
    }
    tx.query(FORGET_INSTALLATION).execute().await?;
    let mut all = Vec::new();
    loop {
        match receiver.recv().await.ok_or(CopyError::Interrupted)? {
            Parcel::Rows(table, rows) => {
                tx.query(table.write).bind(rows).execute().await?;
            }
            Parcel::Counted(copied) => {
                let found = TABLES.iter().find(|table| table.name == copied.table);
                let arrived = match found {
                    Some(table) => count(tx, table.count).await?,
                    None => 0,
                };
                if arrived != copied.rows {
                    return Err(CopyError::Lost {
                        table: copied.table,
                        left: copied.rows,
                        arrived,
                    });
                }
                all.push(copied);
            }
            Parcel::End => return Ok(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables and their columns, as a migration says.
    fn declared(migration: &str) -> Vec<(&str, Vec<&str>)> {
        let mut tables: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in migration.lines() {
            if let Some(name) = line.strip_prefix("CREATE TABLE ") {
                tables.push((name.trim_end_matches(" ("), Vec::new()));
            } else if let Some(rest) = line.strip_prefix("    ")
                && let Some((column, _)) = rest.split_once(' ')
                && column
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
                && let Some(table) = tables.last_mut()
            {
                table.1.push(column);
            }
        }
        tables
    }

    #[test]
    fn every_column_of_every_table_is_copied() {
        for migration in [
            include_str!("../../migrations/sqlite/0001_foundation.sql"),
            include_str!("../../migrations/postgres/0001_foundation.sql"),
        ] {
            let mut declared = declared(migration);
            declared.retain(|(name, _)| *name != "lease");
            let copied: Vec<_> = TABLES
                .iter()
                .map(|table| (table.name, table.columns.to_vec()))
                .collect();
            assert_eq!(declared, copied);
        }
        assert_eq!(
            super::super::newest_migration(),
            1,
            "is what it adds copied, too?"
        );
    }
}
