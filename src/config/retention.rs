//! The section `[retention]`.

use super::Invalid;
use super::error::within;
use crate::domain::evidence::KEPT_YEARS;
use crate::domain::retention::Retention as Rules;

/// How long what is held of people is kept. What is older is deleted once a day, by a worker or by `tick`; 0 days keeps it for
/// ever. `countersign privacy retention` shows what would go.
#[derive(Clone, Debug, confique::Config)]
pub struct Retention {
    /// For how many years after the end of a relationship the evidence of a consent outlives the erasure of its signer, 5 to 100.
    /// Five is what the acceptance page promises, and for how long Korean law has records of contracts kept (Enforcement Decree
    /// of the Act on Consumer Protection in Electronic Commerce, article 6). Without an erasure, evidence is not deleted.
    #[config(env = "COUNTERSIGN_RETENTION_CONSENTS_YEARS", default = 5)]
    pub consents_years: u32,

    /// For how many days it is kept who opened a link, with client address and browser, 0 or 30 to 3650. Half a year is enough
    /// to answer who saw what when an invitation is disputed.
    #[config(env = "COUNTERSIGN_RETENTION_VISITS_DAYS", default = 180)]
    pub visits_days: u32,

    /// For how many days a mail that was sent, refused or cancelled stays in the time line, with what servers said of it, which
    /// may name the address, 0 or 30 to 3650. As long as a receipt can be opened.
    #[config(env = "COUNTERSIGN_RETENTION_NOTICES_DAYS", default = 400)]
    pub notices_days: u32,

    /// For how many days an invitation is kept that was declined, revoked or not answered, with the name, the address and the
    /// reason, 0 or 30 to 3650. A year and a month: what was asked a year ago can be looked up before it is asked again.
    #[config(env = "COUNTERSIGN_RETENTION_INVITATIONS_DAYS", default = 400)]
    pub invitations_days: u32,

    /// For how many days an inquiry is kept that its mailbox confirmed, 0 or 30 to 3650. Unconfirmed ones go after two days.
    #[config(env = "COUNTERSIGN_RETENTION_INQUIRIES_DAYS", default = 365)]
    pub inquiries_days: u32,
}

impl Retention {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let years = u32::from(KEPT_YEARS)..=100;
        within("retention.consents_years", self.consents_years, years)?;
        for (field, days) in [
            ("retention.visits_days", self.visits_days),
            ("retention.notices_days", self.notices_days),
            ("retention.invitations_days", self.invitations_days),
            ("retention.inquiries_days", self.inquiries_days),
        ] {
            if days != 0 {
                within(field, days, 30..=3_650)?;
            }
        }
        Ok(())
    }

    /// The same as rules.
    pub fn rules(&self) -> Rules {
        let days = |days: u32| u16::try_from(days).ok().filter(|days| *days > 0);
        Rules {
            consents_years: u16::try_from(self.consents_years).unwrap_or(KEPT_YEARS),
            visits_days: days(self.visits_days),
            notices_days: days(self.notices_days),
            invitations_days: days(self.invitations_days),
            inquiries_days: days(self.inquiries_days),
        }
    }
}
