//! Notices: which mails there are, when they follow from what happened, and whether one is still worth sending.
//!
//! [`follow_ups`] is the whole schedule in one pure function, so that it can be read, tested and simulated in one place.

mod hours;
mod relevance;
mod schedule;

use serde::Deserialize;

use super::ids::{ContactId, PartnerId};
use super::time::Timestamp;
use super::words::words;

pub use hours::{Hours, HoursError};
pub use relevance::{Irrelevant, Situation, still_relevant};
pub use schedule::{Facts, Happening, Schedule, follow_ups};

words! {
    /// Which mail it is; also the name of its template folder.
    Kind, "kind of notice" {
        /// To the customer: the offer and the link.
        Invitation = "invitation",
        /// To the customer: it still waits.
        Reminder = "reminder",
        /// To the customer: it ends soon.
        LastChance = "last_chance",
        /// To the customer: what was consented to.
        Receipt = "receipt",
        /// To the partner: the customer consented.
        Accepted = "accepted",
        /// To the partner: the customer said no, and why.
        Declined = "declined",
        /// To the partner: nobody answered in time.
        Expired = "expired",
        /// To the partner: the mail cannot be delivered.
        Undeliverable = "undeliverable",
    }
}

words! {
    /// Where a notice stands in the queue.
    NoticeState, "state of a notice" {
        /// Waits for its time.
        Scheduled = "scheduled",
        /// Due.
        Ready = "ready",
        /// Under a worker's lease.
        Running = "running",
        /// A server took responsibility for it.
        Sent = "sent",
        /// Refused for good.
        Failed = "failed",
        /// Given up: too many tries, or it ended its workers.
        Dead = "dead",
        /// No longer worth sending.
        Cancelled = "cancelled",
    }
}

impl Kind {
    /// Whether the mail goes to the customer; the others go to the partner.
    pub const fn is_for_customer(self) -> bool {
        matches!(
            self,
            Self::Invitation | Self::Reminder | Self::LastChance | Self::Receipt
        )
    }

    /// Whether it is one of those that a customer may stop.
    pub const fn is_reminder(self) -> bool {
        matches!(self, Self::Reminder | Self::LastChance)
    }

    /// Whether it carries the acceptance link, and so ends with the invitation.
    pub const fn asks_for_an_answer(self) -> bool {
        matches!(self, Self::Invitation | Self::Reminder | Self::LastChance)
    }
}

/// Who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A mailbox of the customer.
    Contact(ContactId),
    /// The partner's own address.
    Partner(PartnerId),
}

/// A mail that is to be put into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// Which mail.
    pub kind: Kind,
    /// The how-many-eth of its kind, from 0.
    pub step: u16,
    /// To whom.
    pub target: Target,
    /// Which sending of the invitation it belongs to: a resend raises it.
    pub generation: u32,
    /// Not before then.
    pub run_at: Timestamp,
    /// Whether its reader asked for this very mail on a page; its payload is [`ASKED_FOR`] then.
    pub asked_for: bool,
}

/// The payload of a mail that its reader asked for.
pub const ASKED_FOR: &str = r#"{"asked_for":true}"#;

/// Whether a notice of that kind and payload is the link that its reader asked for: the one mail that a suppressed address
/// gets. The reminders after it are not asked for, and no other kind can be.
pub fn is_asked_for(kind: Kind, payload: &str) -> bool {
    #[derive(Deserialize)]
    struct Payload {
        #[serde(default)]
        asked_for: bool,
    }
    kind == Kind::Invitation
        && serde_json::from_str(payload).is_ok_and(|payload: Payload| payload.asked_for)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_invitation_that_says_so_is_asked_for() {
        for &kind in Kind::ALL {
            assert_eq!(is_asked_for(kind, ASKED_FOR), kind == Kind::Invitation);
        }
        for payload in [
            "{}",
            "",
            "null",
            r#"{"asked_for":false}"#,
            r#"{"asked":true}"#,
        ] {
            assert!(!is_asked_for(Kind::Invitation, payload), "{payload}");
        }
    }
}
