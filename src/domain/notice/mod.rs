//! Notices: which mails there are, when they follow from what happened, and whether one is still worth sending.
//!
//! [`follow_ups`] is the whole schedule in one pure function, so that it can be read, tested and simulated in one place.

mod due;
mod hours;
mod relevance;
mod schedule;
mod settings;
pub mod simulation;

use serde::{Deserialize, Serialize};

use super::ids::{ContactId, PartnerId, RecipientId};
use super::time::{MINUTE, Timestamp};
use super::words::words;

pub use due::{Due, when_due};
pub use hours::{Hours, HoursError};
pub use relevance::{
    Granted, InquirySituation, Irrelevant, RelationshipSituation, Situation, still_relevant,
};
pub use schedule::{Facts, Happening, Schedule, follow_ups};
pub use settings::{OwnSchedule, Setting, SettingError};

words! {
    /// By which way a notice leaves.
    Channel, "channel" {
        /// A mail.
        Mail = "mail",
        /// A call of a partner's endpoint.
        Webhook = "webhook",
    }
}

words! {
    /// Which mail it is; also the name of its template folder. One of them is a call.
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
        /// To both: roles end soon, or are extended then.
        Ending = "ending",
        /// To both: the time of roles is over.
        Ended = "ended",
        /// To both: roles were extended, as the customer had asked for.
        Extended = "extended",
        /// To both: roles were removed; the relationship stays.
        RolesRemoved = "roles_removed",
        /// To both: the relationship has ended.
        RelationshipEnded = "relationship_ended",
        /// To a mailbox that asked for it: the link to all its partners.
        ManageLink = "manage_link",
        /// To the customer: steps at Microsoft are not known to be done.
        StepsOpen = "steps_open",
        /// To the partner: the customer named somebody else to answer.
        HandedOver = "handed_over",
        /// To a viewer: what somebody else is asked.
        Viewer = "viewer",
        /// To a mailbox that is to ask partners: confirm that it was you.
        InquiryConfirm = "inquiry_confirm",
        /// To a partner: what a business asks, once its mailbox has confirmed it.
        Inquiry = "inquiry",
        /// To a partner: an endpoint of its webhooks is not called any more.
        WebhookDisabled = "webhook_disabled",
        /// A webhook call that tells of an event.
        Webhook = "webhook",
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

words! {
    /// Who reads a mail. Of a notice its target says it: some kinds go to both.
    Side, "side of a mail" {
        /// A mailbox of the customer.
        Customer = "customer",
        /// The partner.
        Partner = "partner",
    }
}

/// What a mail is about: the row that its subject names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An invitation, and what became of it.
    Invitation,
    /// A mailbox.
    Contact,
    /// What a business asks of partners.
    Inquiry,
    /// The same as one partner gets it.
    Request,
    /// A partner's endpoint.
    Endpoint,
    /// An entry of the audit record.
    Event,
}

impl Kind {
    /// Which row the subject of a mail of that kind is.
    pub const fn subject(self) -> Subject {
        match self {
            Self::ManageLink => Subject::Contact,
            Self::InquiryConfirm => Subject::Inquiry,
            Self::Inquiry => Subject::Request,
            Self::WebhookDisabled => Subject::Endpoint,
            Self::Webhook => Subject::Event,
            _ => Subject::Invitation,
        }
    }

    /// By which way a notice of that kind leaves.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Webhook => Channel::Webhook,
            _ => Channel::Mail,
        }
    }

    /// The kinds that leave that way.
    pub fn all_of(channel: Channel) -> Vec<Self> {
        let leaves = |kind: &Self| kind.channel() == channel;
        Self::ALL.iter().copied().filter(leaves).collect()
    }

    /// Who gets a mail of that kind; nobody a call.
    pub const fn sides(self) -> &'static [Side] {
        match self {
            Self::Invitation
            | Self::Reminder
            | Self::LastChance
            | Self::Receipt
            | Self::ManageLink
            | Self::StepsOpen
            | Self::Viewer
            | Self::InquiryConfirm => &[Side::Customer],
            Self::Accepted
            | Self::Declined
            | Self::Expired
            | Self::Undeliverable
            | Self::HandedOver
            | Self::Inquiry
            | Self::WebhookDisabled => &[Side::Partner],
            Self::Webhook => &[],
            Self::Ending
            | Self::Ended
            | Self::Extended
            | Self::RolesRemoved
            | Self::RelationshipEnded => &[Side::Customer, Side::Partner],
        }
    }

    /// Whether it is one of those that a customer may stop; what tells that something has happened is none.
    pub const fn is_reminder(self) -> bool {
        matches!(
            self,
            Self::Reminder | Self::LastChance | Self::Ending | Self::StepsOpen
        )
    }

    /// Whether nobody waits for it, so that it leaves in the hours of the schedule alone.
    pub const fn keeps_hours(self) -> bool {
        self.is_reminder() || matches!(self, Self::Ended | Self::Extended)
    }

    /// Whether it is about a relationship that was agreed upon: its generation is then a revision of the relationship.
    pub const fn is_about_relationship(self) -> bool {
        matches!(
            self,
            Self::Ending
                | Self::Ended
                | Self::Extended
                | Self::RolesRemoved
                | Self::RelationshipEnded
        )
    }

    /// Whether the partner is told when it cannot be delivered to the customer. A link that a mailbox asked for is between
    /// that mailbox and us.
    pub const fn failure_is_told(self) -> bool {
        !matches!(
            self,
            Self::ManageLink | Self::InquiryConfirm | Self::Webhook
        )
    }

    /// The step of the notice that tells of its failure: one for each kind, so that none hides another's. These numbers are
    /// stored, and stay what they are.
    pub const fn failure_step(self) -> u16 {
        match self {
            // They are one matter: the link does not reach the mailbox.
            Self::Invitation | Self::Reminder | Self::LastChance => 0,
            Self::Receipt => 1,
            Self::Ending => 2,
            Self::Ended => 3,
            Self::Extended => 4,
            Self::RolesRemoved => 5,
            Self::RelationshipEnded => 6,
            Self::StepsOpen => 7,
            Self::Viewer => 8,
            // Nobody is told of these.
            Self::Accepted
            | Self::Declined
            | Self::Expired
            | Self::Undeliverable
            | Self::HandedOver
            | Self::ManageLink
            | Self::InquiryConfirm
            | Self::Inquiry
            | Self::WebhookDisabled
            | Self::Webhook => u16::MAX,
        }
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

/// What a payload says of whom the mail concerns besides its reader: a viewer, or the one who handed the invitation over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concerns {
    /// The row of their part in the invitation.
    pub recipient: RecipientId,
}

impl Concerns {
    /// What a payload says; nothing in most.
    pub fn of(payload: &str) -> Option<Self> {
        // Almost every payload is empty: no need to read those.
        (payload.len() > 2)
            .then(|| serde_json::from_str(payload).ok())
            .flatten()
    }
}

/// For how long the link to all partners of a mailbox is good, from the Date of its mail, in microseconds.
pub const MANAGE_LINK_LASTS: i64 = 15 * MINUTE;

/// Whether a notice of that kind and payload is the link that its reader asked for: the one mail that a suppressed address
/// gets. The reminders after it are not asked for. The link to all partners is never sent unasked, nor the one that confirms
/// an inquiry.
pub fn is_asked_for(kind: Kind, payload: &str) -> bool {
    #[derive(Deserialize)]
    struct Payload {
        #[serde(default)]
        asked_for: bool,
    }
    match kind {
        Kind::ManageLink | Kind::InquiryConfirm => true,
        Kind::Invitation => {
            serde_json::from_str(payload).is_ok_and(|payload: Payload| payload.asked_for)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_is_asked_for() {
        for &kind in Kind::ALL {
            let is_never_unasked = matches!(kind, Kind::ManageLink | Kind::InquiryConfirm);
            let is_link = kind == Kind::Invitation || is_never_unasked;
            assert_eq!(is_asked_for(kind, ASKED_FOR), is_link, "{kind}");
            assert_eq!(is_asked_for(kind, "{}"), is_never_unasked, "{kind}");
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

    #[test]
    fn what_tells_of_a_relationship_goes_to_both_sides() {
        for &kind in Kind::ALL {
            let both = kind.sides() == [Side::Customer, Side::Partner];
            assert_eq!(both, kind.is_about_relationship(), "{kind}");
        }
    }

    #[test]
    fn failures_of_two_kinds_are_told_apart() {
        let told = Kind::ALL.iter().filter(|kind| {
            kind.failure_is_told()
                && kind.sides().contains(&Side::Customer)
                && !kind.asks_for_an_answer()
        });
        let steps: Vec<_> = told.map(|kind| kind.failure_step()).collect();
        assert_eq!(steps.len(), 8);
        let apart: std::collections::BTreeSet<_> = steps.iter().collect();
        assert_eq!(apart.len(), steps.len());
        assert!(
            steps.iter().all(|step| (1..100).contains(step)),
            "{steps:?}"
        );
    }

    #[test]
    fn whoever_can_stop_a_mail_is_a_customer() {
        for &kind in Kind::ALL {
            assert!(!kind.is_reminder() || kind.sides().contains(&Side::Customer));
        }
    }
}
