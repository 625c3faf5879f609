//! `migrate --from`: an installation moves from an SQLite file to PostgreSQL.

use std::path::Path;

use crate::app::{self, AppError};
use crate::cli::context::Context;
use crate::cli::failure::{ExitStatus, Failure};
use crate::cli::table::{Column, Table};
use crate::config::Config;
use crate::domain::time::SystemClock;
use crate::keyfile;
use crate::place::from_root;
use crate::storage::copy::{Copied, CopyError, copy};
use crate::storage::{Db, Options, installation};
use crate::workflow::seal::{self, Report};

/// Copies all rows of the file into the database of the settings.
pub(super) async fn run(file: &Path, config: &Config, cx: &Context) -> Result<ExitStatus, Failure> {
    if config.database_url.is_sqlite() {
        return Err(CopyError::Direction.into());
    }
    if std::fs::metadata(file).map_or(0, |found| found.len()) == 0 {
        let message = format!("from: there is no database in {}", from_root(file));
        return Err(Failure::new(ExitStatus::NotFound, message));
    }
    let from = open(file).await?;
    let result = match app::connect(config).await {
        Ok((to, _)) => {
            let moved = transfer(&from, &to, config, cx).await;
            to.close().await;
            moved
        }
        Err(error) => Err(error.into()),
    };
    from.close().await;
    result
}

async fn open(file: &Path) -> Result<Db, Failure> {
    let whole = from_root(file);
    // What these mean in a URL.
    let encoded = whole
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    let options = Options {
        url: format!("sqlite://{encoded}"),
        connections: 2,
        pooled: false,
    };
    Ok(Db::open(&options).await?)
}

async fn transfer(
    from: &Db,
    to: &Db,
    config: &Config,
    cx: &Context,
) -> Result<ExitStatus, Failure> {
    // Both on the same tables, or columns would be lost.
    app::require_current(&app::schema(from).await?)?;
    app::install(to, &SystemClock).await?;
    let before = verified(from, config, cx).await?;
    let copied = copy(from, to).await?;
    let after = verified(to, config, cx).await?;
    tell(&copied, cx);
    if before != after {
        cx.out.say("error: the audit record is another one than that of the file: drop the new database, and go on with the file");
        return Ok(ExitStatus::Failed);
    }
    cx.out.say(&format!(
        "all rows are there, and the audit record says the same on both sides: {} entries, {} acceptances, {} findings. Move \
         the file away now: two installations with the same keys would mail twice",
        after.entries,
        after.acceptances,
        after.findings.len()
    ));
    Ok(ExitStatus::Done)
}

async fn verified(db: &Db, config: &Config, cx: &Context) -> Result<Report, Failure> {
    let ring = keyfile::load(&config.keys_file, &cx.env)?;
    let found = installation::find(&mut db.read().await?).await?;
    let found = found.ok_or(AppError::NoInstallation)?;
    let engine = app::join(
        config,
        db.clone(),
        ring,
        &found,
        std::sync::Arc::new(SystemClock),
    );
    Ok(seal::verify(&engine, &[]).await?)
}

fn tell(copied: &[Copied], cx: &Context) {
    if cx.out.is_json() {
        for table in copied {
            cx.out.object(table);
        }
        return;
    }
    let mut shown = Table::new(&[Column::Whole("TABLE"), Column::Number("ROWS")]);
    for one in copied {
        shown.row([one.table.to_owned(), one.rows.to_string()]);
    }
    cx.out.text(&shown.to_string());
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Storage(error) => error.into(),
            CopyError::Direction => Self::new(ExitStatus::Usage, error.to_string()),
            CopyError::InUse | CopyError::NotEmpty(_) => {
                Self::new(ExitStatus::Refused, error.to_string())
            }
            CopyError::Lost { .. } | CopyError::Interrupted => {
                Self::new(ExitStatus::Failed, error.to_string())
            }
        }
    }
}
