//! Facts about an inquiry: what a business asks of partners whom it found here. Whatever it typed is told, never linked.

use super::{Reader, Told};
use crate::domain::inquiry::Need;
use crate::domain::profile::OrganizationSize;
use crate::domain::time::Timestamp;

/// What is asked, and by whom.
#[derive(Clone, Debug)]
pub struct Asks {
    /// The business.
    pub organization: Told,
    /// How many people work there.
    pub size: Option<OrganizationSize>,
    /// Who asks.
    pub name: Told,
    /// Their address, as people read it.
    pub email: String,
    /// Telephone.
    pub phone: Option<Told>,
    /// What is needed.
    pub needs: Vec<Need>,
    /// More of it; a line break is kept.
    pub text: Option<Told>,
}

/// To a mailbox that was named in an inquiry: nothing goes to a partner before it says so. The service sends it, no partner.
#[derive(Clone, Debug)]
pub struct InquiryConfirm {
    /// Language and zone.
    pub reader: Reader,
    /// The host of the pages, by which the reader knows the service.
    pub host: String,
    /// What was written.
    pub asks: Asks,
    /// Names of those whom it is to go to, in the order of the choice.
    pub partners: Vec<Told>,
    /// The page that sends it.
    pub confirm_url: String,
    /// Until when.
    pub until: Timestamp,
}

/// To a partner: a business asks, and its mailbox has confirmed it.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// Language and zone.
    pub reader: Reader,
    /// The host of the pages, where the partner was found.
    pub host: String,
    /// The partner's name in sentences.
    pub partner: Told,
    /// What is asked.
    pub asks: Asks,
    /// When the mailbox confirmed it.
    pub asked_at: Timestamp,
    /// The page that makes the invitation; the partner's own, and nobody else's.
    pub respond_url: String,
    /// Until when.
    pub until: Timestamp,
}
