//! The sections `[queue]`, `[invitation]`, `[api]` and `[log]`.

use serde::Deserialize;

use super::Invalid;
use super::error::within;
use crate::domain::notice::{Hours, Schedule, Setting};

/// The queue of notices, and the workers that send them.
#[derive(Clone, Debug, confique::Config)]
pub struct Queue {
    /// After how many seconds without a sign of life the notices of a worker are given to others, 2 to 600.
    #[config(env = "COUNTERSIGN_QUEUE_LEASE_SECONDS", default = 45)]
    pub lease_seconds: u64,

    /// How often a worker gives that sign, in seconds; at most half of `lease_seconds`.
    #[config(env = "COUNTERSIGN_QUEUE_RENEW_SECONDS", default = 15)]
    pub renew_seconds: u64,

    /// How many notices a worker takes at once, 1 to 1000.
    #[config(env = "COUNTERSIGN_QUEUE_BATCH", default = 200)]
    pub batch: u32,

    /// How often an idle worker looks for due notices, in seconds, 1 to 3600; new ones of the same process need no look.
    #[config(env = "COUNTERSIGN_QUEUE_POLL_SECONDS", default = 5)]
    pub poll_seconds: u64,

    /// How many mails to one domain may be under way at once, over all workers, 1 to 1000.
    #[config(env = "COUNTERSIGN_QUEUE_DOMAIN_IN_FLIGHT", default = 20)]
    pub domain_in_flight: u32,

    /// How many mails one domain gets in a minute, over all workers; without it there is no limit.
    #[config(env = "COUNTERSIGN_QUEUE_DOMAIN_RATE_PER_MINUTE")]
    pub domain_rate_per_minute: Option<u32>,

    /// After how many days a mail that its server keeps putting off is given up, and the partner told, 1 to 30.
    #[config(env = "COUNTERSIGN_QUEUE_GIVE_UP_DAYS", default = 5)]
    pub give_up_days: u32,
}

impl Queue {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        within("queue.lease_seconds", self.lease_seconds, 2..=600)?;
        within("queue.renew_seconds", self.renew_seconds, 1..=300)?;
        if self.renew_seconds * 2 > self.lease_seconds {
            return Err(Invalid::new(
                "queue.renew_seconds",
                format!(
                    "must be at most half of queue.lease_seconds ({}), so that one late renewal loses no lease",
                    self.lease_seconds
                ),
            ));
        }
        within("queue.batch", self.batch, 1..=1_000)?;
        within("queue.poll_seconds", self.poll_seconds, 1..=3_600)?;
        within("queue.domain_in_flight", self.domain_in_flight, 1..=1_000)?;
        if let Some(rate) = self.domain_rate_per_minute {
            within("queue.domain_rate_per_minute", rate, 1..=1_000_000)?;
        }
        within("queue.give_up_days", self.give_up_days, 1..=30)
    }
}

/// What an invitation gets when it does not say.
#[derive(Clone, Debug, confique::Config)]
pub struct Invitations {
    /// After how many days an invitation expires, 1 to 90.
    #[config(env = "COUNTERSIGN_INVITATION_EXPIRES_DAYS", default = 30)]
    pub expires_days: u32,

    /// On which days after the invitation an unanswered one is called to mind, in rising order; `[]` for never. Those past the
    /// end are left out.
    #[config(env = "COUNTERSIGN_INVITATION_REMINDERS", default = [3, 7])]
    pub reminders: Vec<u32>,

    /// How many days before its end an unanswered one is called to mind for the last time; 0 for never.
    #[config(env = "COUNTERSIGN_INVITATION_LAST_CHANCE_DAYS", default = 1)]
    pub last_chance_days: u32,

    /// On which days before the end of granted roles both sides are told of it, in falling order; `[]` for never.
    #[config(env = "COUNTERSIGN_INVITATION_ENDING_DAYS", default = [30, 7, 1])]
    pub ending_days: Vec<u32>,

    /// After how many days a customer is reminded of steps at Microsoft that are not known to be done, once; 0 for never.
    #[config(env = "COUNTERSIGN_INVITATION_STEPS_OPEN_DAYS", default = 5)]
    pub steps_open_days: u32,

    /// When mails may leave that nobody waits for, in the customer's time zone: from when until when, the first and the last
    /// working day. `00:00-24:00 mon-sun` is always.
    #[config(env = "COUNTERSIGN_INVITATION_HOURS", default = "08:00-20:00 mon-fri")]
    pub hours: Hours,
}

impl Invitations {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        within("invitation.expires_days", self.expires_days, 1..=90)?;
        self.schedule().map(drop)
    }

    /// When what waits, and what ends, is brought to mind; each partner may set its own in its place.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn schedule(&self) -> Result<Schedule, Invalid> {
        let number = |setting: Setting, field, days| {
            let checked = setting.number(days);
            checked.map_err(|error| Invalid::new(field, error.to_string()))
        };
        let list = |setting: Setting, field, days: &[u32]| {
            let checked = setting.list(days);
            checked.map_err(|error| Invalid::new(field, error.to_string()))
        };
        Ok(Schedule {
            remind_after_days: list(
                Setting::RemindAfterDays,
                "invitation.reminders",
                &self.reminders,
            )?,
            last_chance_days: number(
                Setting::LastChanceDays,
                "invitation.last_chance_days",
                self.last_chance_days,
            )?,
            ending_days: list(
                Setting::EndingDays,
                "invitation.ending_days",
                &self.ending_days,
            )?,
            steps_open_days: number(
                Setting::StepsOpenDays,
                "invitation.steps_open_days",
                self.steps_open_days,
            )?,
            hours: self.hours,
        })
    }
}

/// The partner's interface: `/v1` beside the pages, for keys that `countersign api-key create` makes.
#[derive(Clone, Debug, confique::Config)]
pub struct Api {
    /// Whether it is offered at all.
    #[config(env = "COUNTERSIGN_API_ENABLED", default = true)]
    pub enabled: bool,

    /// How many requests one key may make in a minute at one process, 1 to 100000.
    #[config(env = "COUNTERSIGN_API_REQUESTS_PER_MINUTE", default = 600)]
    pub requests_per_minute: u32,

    /// How many requests without a good key may come from one network in an hour to one process, 10 to 10000000; a tenth of them
    /// at once.
    #[config(env = "COUNTERSIGN_API_WRONG_KEYS_PER_HOUR", default = 600)]
    pub wrong_keys_per_hour: u32,
}

impl Api {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        within(
            "api.requests_per_minute",
            self.requests_per_minute,
            1..=100_000,
        )?;
        within(
            "api.wrong_keys_per_hour",
            self.wrong_keys_per_hour,
            10..=10_000_000,
        )
    }
}

/// What the process says of itself, on standard error.
#[derive(Clone, Debug, confique::Config)]
pub struct Log {
    /// `text` for people, `json` for machines.
    #[config(env = "COUNTERSIGN_LOG_FORMAT", default = "text")]
    pub format: LogFormat,

    /// From which level on: `error`, `warn`, `info`, `debug`, `trace`, or `off`; after it other levels for single modules, as in
    /// `info,countersign::worker=debug`.
    #[config(env = "COUNTERSIGN_LOG_LEVEL", default = "info")]
    pub level: String,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line an event, for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Log {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let mut directives = self.level.split(',');
        let is_good = directives.next().is_some_and(is_level) && directives.all(is_of_module);
        if is_good {
            return Ok(());
        }
        Err(Invalid::new(
            "log.level",
            "must be error, warn, info, debug, trace or off, and after that, without blanks, levels of single modules, as in \
             `info,countersign::worker=debug`",
        ))
    }
}

fn is_level(word: &str) -> bool {
    ["error", "warn", "info", "debug", "trace", "off"].contains(&word)
}

/// `MODULE=LEVEL`. The filter takes more, and any word for the name of a module: `inof` would silence all others.
fn is_of_module(directive: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_:-".contains(c))
    };
    directive
        .split_once('=')
        .is_some_and(|(module, level)| is_name(module) && is_level(level))
}
