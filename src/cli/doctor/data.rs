//! The database and what stands in it.

use super::Report;
use crate::app::{self, AppError, sqlite_file};
use crate::config::Config;
use crate::domain::keys::{KeyRing, KeyState};
use crate::domain::language::AVAILABLE;
use crate::domain::time::{Clock as _, SECOND, SystemClock};
use crate::place::from_root;
use crate::storage::{
    self, Conn, Db, agreement, event, installation, notice, partner, recipient, transport,
};
use crate::workflow::invite::AGREEMENT;
use crate::workflow::seal;

pub(super) async fn check(config: &Config, ring: Option<&KeyRing>, report: &mut Report) {
    let files = config.database_url.all().iter().filter_map(sqlite_file);
    // Opening the file would make it.
    if let Some(missing) = files.into_iter().find(|file| !file.exists()) {
        report.fail(
            "database",
            format!("there is no file {}", from_root(&missing)),
            "make it with `countersign init`, or mend database_url",
        );
        return;
    }
    let db = match app::connect(config).await {
        Ok((db, url)) => {
            report.ok("database", format!("{url} answers"));
            db
        }
        Err(error) => {
            let fix = match error {
                AppError::Standby(_) => "name the primary server in database_url",
                _ => "see that the server runs and lets this user in; mend database_url",
            };
            report.fail("database", error.to_string(), fix);
            return;
        }
    };
    if let Err(error) = contents(&db, ring, report).await {
        report.fail(
            "database",
            error.to_string(),
            "see the log of the database server",
        );
    }
    db.close().await;
}

async fn contents(
    db: &Db,
    ring: Option<&KeyRing>,
    report: &mut Report,
) -> Result<(), storage::Error> {
    let schema = app::schema(db).await?;
    if let Err(error) = app::require_current(&schema) {
        let fix = match error {
            AppError::Newer(_) => "install the newer release",
            _ => "run `countersign migrate`",
        };
        report.fail("schema", error.to_string(), fix);
        return Ok(());
    }
    report.ok(
        "schema",
        format!("migration {}, the newest", storage::newest_migration()),
    );
    clock(db, report).await?;
    let mut conn = db.read().await?;
    match installation::find(&mut conn).await? {
        Some(found) => {
            report.ok("installation", format!("made {}", found.created_at));
            if let Some(ring) = ring {
                keys_fit(&mut conn, ring, &found.audience, report).await?;
            }
        }
        None => report.fail(
            "installation",
            "the database has no installation yet",
            "run `countersign migrate`",
        ),
    }
    if partner::list(&mut conn).await?.is_empty() {
        report.warn(
            "partner",
            "there is none yet",
            "add one with `countersign partner add`",
        );
    }
    agreements(&mut conn, report).await?;
    queue(&mut conn, report).await
}

/// Whether the ring is the one that this database has been used with.
async fn keys_fit(
    conn: &mut Conn,
    ring: &KeyRing,
    audience: &str,
    report: &mut Report,
) -> Result<(), storage::Error> {
    const FIX: &str = "restore the newest key file of this installation from a backup";
    let needed = recipient::keys_of_live_links(conn, SystemClock.now()).await?;
    let has = |id: &u16| {
        let known = ring.token_keys().iter().find(|key| key.id() == *id);
        known.is_some_and(|key| key.state() != KeyState::Retired)
    };
    if let Some(lost) = needed.iter().find(|id| !has(id)) {
        let message =
            format!("open links were made with key {lost}, which the key ring does not hold");
        report.fail("keys", message, FIX);
    }
    for partner in partner::list(conn).await? {
        let Some(stored) = event::last_head(conn, partner.id).await? else {
            continue;
        };
        if !seal::is_signed(ring, audience, &stored) {
            let message = "the audit record was signed with a key that the key ring does not hold";
            report.fail("keys", message, FIX);
            break;
        }
    }
    Ok(())
}

async fn clock(db: &Db, report: &mut Report) -> Result<(), storage::Error> {
    let skew = app::clock_skew(db, &SystemClock).await?;
    let message = format!(
        "the database's is {:+} ms from this machine's",
        skew / 1_000
    );
    if skew.abs() > 5 * SECOND {
        report.fail(
            "clock",
            message,
            "set both clocks by NTP: workers refuse to start beyond 5 s",
        );
    } else if skew.abs() > SECOND {
        report.warn("clock", message, "set both clocks by NTP");
    } else {
        report.ok("clock", message);
    }
    Ok(())
}

async fn agreements(conn: &mut Conn, report: &mut Report) -> Result<(), storage::Error> {
    for language in AVAILABLE.iter() {
        let current = agreement::current(conn, AGREEMENT, language, SystemClock.now()).await?;
        match current {
            Some(text) if text.is_sample => report.warn(
                "agreement",
                format!(
                    "{language}: version {} only stands in for the real text",
                    text.version
                ),
                "store the real one with `countersign agreement add`",
            ),
            Some(text) => report.ok("agreement", format!("{language}: version {}", text.version)),
            None => report.warn(
                "agreement",
                format!("{language}: none, so that no invitation in it can ask for the agreement"),
                "store it with `countersign agreement add`",
            ),
        }
    }
    Ok(())
}

async fn queue(conn: &mut Conn, report: &mut Report) -> Result<(), storage::Error> {
    if let Some(pause) = transport::find(conn, transport::MAIL).await? {
        report.warn(
            "queue",
            format!(
                "mail waits since {}: {} at {}, next try {}",
                pause.since, pause.reply, pause.stage, pause.paused_until
            ),
            "mend the mail server or its settings; mail goes on by itself",
        );
    }
    let counts = notice::counts(conn).await?;
    let dead = counts.iter().find(|count| count.name == "dead");
    match dead {
        Some(dead) if dead.count > 0 => report.warn(
            "queue",
            format!("{} mails were given up", dead.count),
            "look at them with `countersign queue list --state dead`, then `countersign queue retry`",
        ),
        _ => report.ok("queue", "no mail was given up"),
    }
    Ok(())
}
