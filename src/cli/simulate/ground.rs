//! What a simulation stands on: the settings, and the partner where a database knows one.

use std::path::Path;

use crate::app;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::partner::resolve;
use crate::config::{Config, DEFAULT_FILE};
use crate::domain::notice::Schedule;
use crate::storage::partner::{self, Partner};
use crate::workflow::Settings;

/// A setting without a default, which no simulation uses.
const MAIL_DOMAIN: &str = "COUNTERSIGN_MAIL_DOMAIN";

/// What a simulation stands on.
pub(super) struct Ground {
    pub(super) settings: Settings,
    /// On whose behalf, where that is known.
    pub(super) partner: Option<Partner>,
    /// Whether there were settings to read.
    pub(super) has_settings: bool,
}

impl Ground {
    /// Reads the settings, and the partner of that name from the database; without a name the only one, if there is one.
    ///
    /// # Errors
    /// A setting is wrong, the database is away, or the partner that was named is not in it.
    pub(super) async fn find(named: Option<&str>, cx: &Context) -> Result<Self, Failure> {
        let has_settings = cx.named_config().is_some() || Path::new(DEFAULT_FILE).exists();
        let config = if has_settings || cx.env.get(MAIL_DOMAIN).is_some() {
            cx.config()?
        } else {
            // Nothing was installed here: the defaults, and whatever the environment sets.
            Config::load(None, &cx.env.clone().with(MAIL_DOMAIN, "mail.invalid"))?
        };
        cx.start_quiet_log(&config.log)?;
        Ok(Self {
            partner: find_partner(&config, named).await?,
            settings: Settings::from(&config),
            has_settings,
        })
    }

    /// The schedule that holds.
    pub(super) fn schedule(&self) -> Schedule {
        self.settings.schedule_of(self.partner.as_ref())
    }

    /// The time zone of a customer whose row names none.
    pub(super) fn time_zone(&self) -> &str {
        let of_partner = self.partner.as_ref().map(|partner| &partner.time_zone);
        of_partner.unwrap_or(&self.settings.time_zone)
    }
}

async fn find_partner(config: &Config, named: Option<&str>) -> Result<Option<Partner>, Failure> {
    if let Err(error) = app::require_database(config) {
        // Opening a file that is not there would make it.
        return match (error, named) {
            (app::AppError::NoDatabase(_), None) => Ok(None),
            (error, _) => Err(error.into()),
        };
    }
    let (db, _) = app::connect(config).await?;
    let found = async {
        app::require_current(&app::schema(&db).await?)?;
        let mut conn = db.read().await?;
        if named.is_none() && partner::list(&mut conn).await?.is_empty() {
            return Ok(None);
        }
        resolve(&mut conn, named).await.map(Some)
    };
    let found = found.await;
    db.close().await;
    found
}
