//! What of the schedule can be set, by the installation and by each partner, and within which limits: one check for both.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Hours, Schedule};
use crate::domain::words::words;

words! {
    /// A part of the schedule.
    Setting, "setting of the schedule" {
        /// [`Schedule::remind_after_days`].
        RemindAfterDays = "remind_after_days",
        /// [`Schedule::last_chance_days`].
        LastChanceDays = "last_chance_days",
        /// [`Schedule::ending_days`].
        EndingDays = "ending_days",
        /// [`Schedule::steps_open_days`].
        StepsOpenDays = "steps_open_days",
        /// [`Schedule::hours`].
        Hours = "hours",
    }
}

/// Why a value is not taken, as the rest of a sentence that begins with the name of the setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Too few or too many days.
    #[error("must be between {least} and {most}, and is {given}")]
    Outside {
        /// The fewest.
        least: u16,
        /// The most.
        most: u16,
        /// What was asked for.
        given: u32,
    },
    /// A list that is too long.
    #[error("must not be more than {MOST_DAYS}")]
    TooMany,
    /// Days after something, in another order than they come.
    #[error("must be in rising order, each day once")]
    NotRising,
    /// Days before something, in another order than they come.
    #[error("must be in falling order, each day once")]
    NotFalling,
}

/// The most days that a list may have.
const MOST_DAYS: usize = 10;

impl Setting {
    /// The fewest and the most days.
    const fn limits(self) -> (u16, u16) {
        match self {
            Self::RemindAfterDays => (1, 90),
            Self::LastChanceDays => (0, 30),
            Self::EndingDays => (1, 365),
            Self::StepsOpenDays | Self::Hours => (0, 90),
        }
    }

    /// A number of days, as it was written.
    ///
    /// # Errors
    /// It is beyond the limits of this setting.
    pub fn number(self, given: u32) -> Result<u16, SettingError> {
        let (least, most) = self.limits();
        match u16::try_from(given) {
            Ok(days) if (least..=most).contains(&days) => Ok(days),
            _ => Err(SettingError::Outside { least, most, given }),
        }
    }

    /// A list of days, as it was written; an empty one for never.
    ///
    /// # Errors
    /// One is beyond the limits of this setting, or they are too many, or not in their order.
    pub fn list(self, given: &[u32]) -> Result<Vec<u16>, SettingError> {
        if given.len() > MOST_DAYS {
            return Err(SettingError::TooMany);
        }
        let days = given.iter().map(|days| self.number(*days));
        let days: Vec<u16> = days.collect::<Result<_, _>>()?;
        if self == Self::EndingDays {
            if !days.is_sorted_by(|earlier, later| earlier > later) {
                return Err(SettingError::NotFalling);
            }
        } else if !days.is_sorted_by(|earlier, later| earlier < later) {
            return Err(SettingError::NotRising);
        }
        Ok(days)
    }
}

/// What a partner sets of its own schedule; what it leaves open is as the installation has it.
///
/// As a text: JSON with the fields that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnSchedule {
    /// Instead of [`Schedule::remind_after_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_after_days: Option<Vec<u16>>,
    /// Instead of [`Schedule::last_chance_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_chance_days: Option<u16>,
    /// Instead of [`Schedule::ending_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending_days: Option<Vec<u16>>,
    /// Instead of [`Schedule::steps_open_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps_open_days: Option<u16>,
    /// Instead of [`Schedule::hours`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

impl OwnSchedule {
    /// Whether it sets that.
    pub const fn sets(&self, setting: Setting) -> bool {
        match setting {
            Setting::RemindAfterDays => self.remind_after_days.is_some(),
            Setting::LastChanceDays => self.last_chance_days.is_some(),
            Setting::EndingDays => self.ending_days.is_some(),
            Setting::StepsOpenDays => self.steps_open_days.is_some(),
            Setting::Hours => self.hours.is_some(),
        }
    }

    /// Whether it sets nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The schedule that holds: what is set here, and the rest as in `installation`.
    pub fn over(&self, installation: &Schedule) -> Schedule {
        let list = |own: &Option<Vec<u16>>, other: &Vec<u16>| own.as_ref().unwrap_or(other).clone();
        Schedule {
            remind_after_days: list(&self.remind_after_days, &installation.remind_after_days),
            last_chance_days: self
                .last_chance_days
                .unwrap_or(installation.last_chance_days),
            ending_days: list(&self.ending_days, &installation.ending_days),
            steps_open_days: self.steps_open_days.unwrap_or(installation.steps_open_days),
            hours: self.hours.unwrap_or(installation.hours),
        }
    }

    /// This one, with what `newer` sets in the place of what it set before.
    #[must_use]
    pub fn changed_by(self, newer: Self) -> Self {
        Self {
            remind_after_days: newer.remind_after_days.or(self.remind_after_days),
            last_chance_days: newer.last_chance_days.or(self.last_chance_days),
            ending_days: newer.ending_days.or(self.ending_days),
            steps_open_days: newer.steps_open_days.or(self.steps_open_days),
            hours: newer.hours.or(self.hours),
        }
    }
}

impl fmt::Display for OwnSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for OwnSchedule {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_partner_sets_wins_field_by_field() {
        let installation = Schedule::default();
        let own = OwnSchedule {
            remind_after_days: Some(vec![]),
            hours: Some(Hours::ALWAYS),
            ..OwnSchedule::default()
        };
        let expected = Schedule {
            remind_after_days: vec![],
            hours: Hours::ALWAYS,
            ..Schedule::default()
        };
        assert_eq!(own.over(&installation), expected);
        assert_eq!(OwnSchedule::default().over(&installation), installation);
        let set = |own: &OwnSchedule| {
            let all = Setting::ALL.iter().copied();
            all.filter(|setting| own.sets(*setting)).collect::<Vec<_>>()
        };
        assert_eq!(set(&own), [Setting::RemindAfterDays, Setting::Hours]);
        let newer = OwnSchedule {
            remind_after_days: Some(vec![5]),
            last_chance_days: Some(0),
            ..OwnSchedule::default()
        };
        let changed = own.changed_by(newer);
        assert_eq!(changed.remind_after_days, Some(vec![5]));
        assert_eq!(
            set(&changed),
            [
                Setting::RemindAfterDays,
                Setting::LastChanceDays,
                Setting::Hours
            ]
        );
    }

    #[test]
    fn it_is_kept_as_the_fields_that_are_set() {
        let own = OwnSchedule {
            ending_days: Some(vec![60, 1]),
            hours: Some("09:00-18:00 sun-thu".parse().unwrap()),
            ..OwnSchedule::default()
        };
        let text = r#"{"ending_days":[60,1],"hours":"09:00-18:00 sun-thu"}"#;
        assert_eq!(own.to_string(), text);
        assert_eq!(text.parse::<OwnSchedule>().unwrap(), own);
        assert!("{}".parse::<OwnSchedule>().unwrap().is_empty());
        assert!("[".parse::<OwnSchedule>().is_err());
    }

    proptest! {
        #[test]
        fn what_is_taken_is_within_the_limits_and_in_its_order(
            given in prop::collection::vec(0_u32..400, 0..12),
            setting in prop::sample::select(vec![Setting::RemindAfterDays, Setting::EndingDays]),
        ) {
            let (least, most) = setting.limits();
            let rises = given.windows(2).all(|pair| pair[0] < pair[1]);
            let falls = given.windows(2).all(|pair| pair[0] > pair[1]);
            let fits = given.len() <= 10
                && given.iter().all(|days| (u32::from(least)..=u32::from(most)).contains(days))
                && if setting == Setting::EndingDays { falls } else { rises };
            prop_assert_eq!(setting.list(&given).is_ok(), fits);
        }
    }
}
