//! What every command is given: where its settings are, where its data goes, and the ways to the parts.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::failure::{ExitStatus, Failure};
use super::out::Out;
use crate::app::App;
use crate::config::{Config, Environment, Log};
use crate::domain::draft::check_time_zone;
use crate::domain::time::Timestamp;
use crate::telemetry::{self, TelemetryError};

/// What every command is given. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// Where data goes.
    pub out: Out,
    /// The variables of the process.
    pub env: Environment,
    config_path: Option<PathBuf>,
}

impl Context {
    /// A context for the settings file of `--config`, if one was named.
    pub const fn new(out: Out, env: Environment, config_path: Option<PathBuf>) -> Self {
        Self {
            out,
            env,
            config_path,
        }
    }

    /// The settings file that was named, by `--config` or in the environment.
    pub fn named_config(&self) -> Option<&Path> {
        let variable = self.env.get("COUNTERSIGN_CONFIG");
        self.config_path.as_deref().or(variable.map(Path::new))
    }

    /// The settings.
    ///
    /// # Errors
    /// The one that is missing or wrong.
    pub fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(self.config_path.as_deref(), &self.env)?)
    }

    /// The settings and the parts joined, for a command that does one thing: its log has only warnings, unless another level is
    /// set. Services start their log themselves ([`Context::start_log`]).
    ///
    /// # Errors
    /// A setting is wrong, or a part is not there.
    pub async fn open(&self) -> Result<App, Failure> {
        let config = self.config()?;
        self.start_quiet_log(&config.log)?;
        Ok(App::open(&config, &self.env).await?)
    }

    /// Runs `work` on the parts joined, and closes the database after it.
    ///
    /// # Errors
    /// As [`Context::open`], and what `work` returns.
    pub async fn with_app<T>(
        &self,
        work: impl AsyncFnOnce(&App) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let app = self.open().await?;
        let result = work(&app).await;
        app.close().await;
        result
    }

    /// Starts the log as the settings say.
    ///
    /// # Errors
    /// The level is wrong.
    pub fn start_log(&self, log: &Log) -> Result<(), Failure> {
        telemetry::init(log).map_err(|error| Failure::new(ExitStatus::Usage, error.to_string()))
    }

    /// Starts the log of a command that does one thing, unless there is a log already.
    ///
    /// # Errors
    /// The level is wrong.
    pub fn start_quiet_log(&self, log: &Log) -> Result<(), Failure> {
        let mut log = log.clone();
        if log.level == "info" {
            "warn".clone_into(&mut log.level);
        }
        match telemetry::init(&log) {
            Ok(()) | Err(TelemetryError::Twice(_)) => Ok(()),
            Err(error) => Err(Failure::new(ExitStatus::Usage, error.to_string())),
        }
    }

    /// Asks the person at the terminal; without one, `--yes` has to say it.
    ///
    /// # Errors
    /// The answer is no, or nobody can answer.
    pub fn confirm(&self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        let refused = |message: &str| Failure::new(ExitStatus::Usage, message);
        if !std::io::stdin().is_terminal() {
            return Err(
                refused("this has to be confirmed, and nobody is at the terminal")
                    .with_hint("say --yes"),
            );
        }
        let mut stderr = std::io::stderr();
        write!(stderr, "{} [y/N] ", super::out::visible(question)).ok();
        stderr.flush().ok();
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        let is_yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
        match read {
            Ok(_) if is_yes => Ok(()),
            _ => Err(refused("not confirmed: nothing was changed")),
        }
    }
}

/// In which zone times are shown to people.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Times {
    /// Show times in this IANA time zone, such as Asia/Seoul, instead of UTC; JSON is always in UTC
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

impl Times {
    /// What writes times.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn writer(&self) -> Result<TimeWriter, Failure> {
        let Some(name) = &self.time_zone else {
            return Ok(TimeWriter(None));
        };
        check_time_zone(name).map_err(|message| Failure::field("time_zone", message))?;
        Ok(TimeWriter(TimeZone::get(name).ok()))
    }
}

/// Writes times for people: RFC 3339, in whole seconds.
#[derive(Clone, Debug)]
pub struct TimeWriter(Option<TimeZone>);

impl TimeWriter {
    /// A moment.
    pub fn write(&self, at: Timestamp) -> String {
        match &self.0 {
            None => at
                .in_zone(&TimeZone::UTC)
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            Some(zone) => at
                .in_zone(zone)
                .strftime("%Y-%m-%dT%H:%M:%S%:z")
                .to_string(),
        }
    }

    /// A moment, or a dash.
    pub fn write_if(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "-".to_owned(), |at| self.write(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_in_whole_seconds_of_the_zone_that_was_asked_for() {
        let at = Timestamp::from_micros(1_795_309_200_123_456);
        let written = |zone: Option<&str>| {
            let times = Times {
                time_zone: zone.map(str::to_owned),
            };
            times.writer().map(|writer| writer.write(at))
        };
        assert_eq!(written(None).unwrap(), "2026-11-22T01:00:00Z");
        assert_eq!(
            written(Some("Asia/Seoul")).unwrap(),
            "2026-11-22T10:00:00+09:00"
        );
        assert_eq!(
            written(Some("Mars/Base")).unwrap_err().status,
            ExitStatus::Refused
        );
    }
}
