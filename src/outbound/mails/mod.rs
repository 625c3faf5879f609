//! The mails that Countersign writes, each as a struct of the facts that it tells.
//!
//! A mail is made from these facts alone ([`super::render`]), so that a retry renders the same text and a preview needs no
//! database. Each has a `sample`, from which previews and tests are made.

mod change;
mod facts;
mod inquiry;
mod people;
mod samples;
mod told;
mod webhook;

pub use change::{Audience, By, Change, Happened, ManageLink, RoleTerm, StepsOpen};
pub use facts::{AcceptedText, Agreement, Invited, Partner, Person, Reader, Step, Terms};
pub use inquiry::{Asks, Inquiry, InquiryConfirm};
pub use people::{HandedOver, Viewer};
pub use told::Told;
pub use webhook::WebhookDisabled;

pub use crate::domain::invitation::DeclineReason;
pub use crate::domain::notice::{Kind, Side};

use crate::domain::delivery::Reply;
use crate::domain::language::Language;
use crate::domain::microsoft::Cloud;
use crate::domain::time::Timestamp;
use crate::domain::words::words;

words! {
    /// Why a mail did not arrive, in as many kinds as lead to different advice.
    Failure, "kind of failure" {
        /// The mailbox does not exist.
        NoSuchMailbox = "no_such_mailbox",
        /// The domain does not exist or takes no mail.
        NoSuchDomain = "no_such_domain",
        /// The mailbox is full.
        MailboxFull = "mailbox_full",
        /// The mailbox has been disabled.
        MailboxDisabled = "mailbox_disabled",
        /// Refused for another reason.
        Refused = "refused",
        /// Still not taken when we stopped trying.
        GaveUp = "gave_up",
        /// The mail could not be made or handed over, whatever the address.
        OurFault = "our_fault",
    }
}

impl Failure {
    /// What a final reply means, by its enhanced status code (RFC 3463 §3.2, §3.3; RFC 7505 for 5.1.10). Without one, 550 to
    /// a recipient mostly means that there is no such mailbox, but also a policy: it is only called a refusal.
    pub const fn of(reply: &Reply) -> Self {
        match reply.enhanced {
            _ if !reply.is_permanent() => Self::GaveUp,
            Some((_, 1, 1 | 3 | 6)) => Self::NoSuchMailbox,
            Some((_, 1, 2 | 10) | (_, 4, 4)) => Self::NoSuchDomain,
            Some((_, 2, 1)) => Self::MailboxDisabled,
            Some((_, 2, 2)) => Self::MailboxFull,
            _ => Self::Refused,
        }
    }
}

/// The request to the customer: invitation, reminder and last chance tell the same facts.
#[derive(Clone, Debug)]
pub struct Request {
    /// Language and zone.
    pub reader: Reader,
    /// Who asks.
    pub partner: Partner,
    /// The customer's organization or school.
    pub organization: Told,
    /// To whom the mail goes.
    pub recipient: Person,
    /// What is asked.
    pub terms: Terms,
    /// The partner's note, plain text that holds no link; a line break is kept.
    pub note: Option<String>,
    /// The acceptance page, where the customer also declines.
    pub accept_url: String,
    /// When the invitation expires.
    pub expires: Timestamp,
    /// What follows at Microsoft, in order.
    pub steps: Vec<Step>,
    /// The page of the relationship that this customer has with the partner already.
    pub manage_url: Option<String>,
}

/// A request that is repeated.
#[derive(Clone, Debug)]
pub struct FollowUp {
    /// The request.
    pub request: Request,
    /// The page that stops these mails.
    pub stop_url: String,
}

/// To the customer, after accepting.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Language and zone.
    pub reader: Reader,
    /// Who asked.
    pub partner: Partner,
    /// The customer's organization or school.
    pub organization: Told,
    /// Who signed, and where this mail goes.
    pub signer: Person,
    /// What was agreed to.
    pub terms: Terms,
    /// The exact text, where an agreement was accepted.
    pub accepted_text: Option<AcceptedText>,
    /// When.
    pub accepted_at: Timestamp,
    /// The receipt page.
    pub receipt_url: String,
    /// The steps at Microsoft that are not known to be done, in order.
    pub remaining: Vec<Step>,
    /// The cloud whose admin center they are taken in.
    pub cloud: Cloud,
    /// The page on which the relationship is reduced; nothing where the agreement alone was accepted.
    pub manage_url: Option<String>,
}

/// To the partner: accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Language and zone.
    pub reader: Reader,
    /// The invitation.
    pub invited: Invited,
    /// The signer's name.
    pub signer: Told,
    /// When.
    pub accepted_at: Timestamp,
    /// The steps at Microsoft that are not known to be done, in order; links are not shown.
    pub remaining: Vec<Step>,
}

/// To the partner: declined.
#[derive(Clone, Debug)]
pub struct Declined {
    /// Language and zone.
    pub reader: Reader,
    /// The invitation.
    pub invited: Invited,
    /// Why.
    pub reason: DeclineReason,
    /// The customer's own words, plain text; a line break is kept.
    pub comment: Option<Told>,
    /// When.
    pub declined_at: Timestamp,
}

/// To the partner: the invitation expired without an answer.
#[derive(Clone, Debug)]
pub struct Expired {
    /// Language and zone.
    pub reader: Reader,
    /// The invitation.
    pub invited: Invited,
    /// When.
    pub expired_at: Timestamp,
}

/// To the partner: a mail to the customer did not arrive.
#[derive(Clone, Debug)]
pub struct Undeliverable {
    /// Language and zone.
    pub reader: Reader,
    /// The invitation.
    pub invited: Invited,
    /// Which mail: one of those to the customer.
    pub mail: Kind,
    /// Why.
    pub failure: Failure,
    /// The server's last reply, where there was one; only its codes are shown, its text may say anything.
    pub reply: Option<Reply>,
}

/// One mail, with all that it tells.
#[derive(Clone, Debug)]
pub enum Mail {
    /// To the customer.
    Invitation(Request),
    /// To the customer.
    Reminder(FollowUp),
    /// To the customer.
    LastChance(FollowUp),
    /// To the customer.
    Receipt(Receipt),
    /// To the partner.
    Accepted(Accepted),
    /// To the partner.
    Declined(Declined),
    /// To the partner.
    Expired(Expired),
    /// To the partner.
    Undeliverable(Undeliverable),
    /// To both sides.
    Change(Change),
    /// To a mailbox.
    ManageLink(ManageLink),
    /// To the customer.
    StepsOpen(StepsOpen),
    /// To a mailbox.
    InquiryConfirm(InquiryConfirm),
    /// To the partner.
    Inquiry(Inquiry),
    /// To the partner.
    HandedOver(HandedOver),
    /// To a viewer.
    Viewer(Viewer),
    /// To the partner.
    WebhookDisabled(WebhookDisabled),
}

impl Mail {
    /// What it is for.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Invitation(_) => Kind::Invitation,
            Self::Reminder(_) => Kind::Reminder,
            Self::LastChance(_) => Kind::LastChance,
            Self::Receipt(_) => Kind::Receipt,
            Self::Accepted(_) => Kind::Accepted,
            Self::Declined(_) => Kind::Declined,
            Self::Expired(_) => Kind::Expired,
            Self::Undeliverable(_) => Kind::Undeliverable,
            Self::Change(change) => match change.happened {
                Happened::Ending => Kind::Ending,
                Happened::Ended => Kind::Ended,
                Happened::Extended => Kind::Extended,
                Happened::RolesRemoved => Kind::RolesRemoved,
                Happened::RelationshipEnded => Kind::RelationshipEnded,
            },
            Self::ManageLink(_) => Kind::ManageLink,
            Self::StepsOpen(_) => Kind::StepsOpen,
            Self::InquiryConfirm(_) => Kind::InquiryConfirm,
            Self::Inquiry(_) => Kind::Inquiry,
            Self::HandedOver(_) => Kind::HandedOver,
            Self::Viewer(_) => Kind::Viewer,
            Self::WebhookDisabled(_) => Kind::WebhookDisabled,
        }
    }

    /// A made-up mail of that kind to that side, in that language; the side matters to kinds that go to both. A call is no mail.
    pub fn sample(kind: Kind, side: Side, language: &Language) -> Option<Self> {
        let change = |happened| Self::Change(Change::sample(happened, side, language));
        Some(match kind {
            Kind::Invitation => Self::Invitation(Request::sample(language)),
            Kind::Reminder => Self::Reminder(FollowUp::sample(language)),
            Kind::LastChance => Self::LastChance(FollowUp::sample(language)),
            Kind::Receipt => Self::Receipt(Receipt::sample(language)),
            Kind::Accepted => Self::Accepted(Accepted::sample(language)),
            Kind::Declined => Self::Declined(Declined::sample(language)),
            Kind::Expired => Self::Expired(Expired::sample(language)),
            Kind::Undeliverable => Self::Undeliverable(Undeliverable::sample(language)),
            Kind::Ending => change(Happened::Ending),
            Kind::Ended => change(Happened::Ended),
            Kind::Extended => change(Happened::Extended),
            Kind::RolesRemoved => change(Happened::RolesRemoved),
            Kind::RelationshipEnded => change(Happened::RelationshipEnded),
            Kind::ManageLink => Self::ManageLink(ManageLink::sample(language)),
            Kind::StepsOpen => Self::StepsOpen(StepsOpen::sample(language)),
            Kind::InquiryConfirm => Self::InquiryConfirm(InquiryConfirm::sample(language)),
            Kind::Inquiry => Self::Inquiry(Inquiry::sample(language)),
            Kind::HandedOver => Self::HandedOver(HandedOver::sample(language)),
            Kind::Viewer => Self::Viewer(Viewer::sample(language)),
            Kind::WebhookDisabled => Self::WebhookDisabled(WebhookDisabled::sample(language)),
            Kind::Webhook => return None,
        })
    }
}
