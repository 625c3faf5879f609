//! What the mails have to say, as plain facts: nothing here knows a sentence.

use jiff::tz::TimeZone;

use super::Told;
use crate::domain::ids::InvitationId;
use crate::domain::language::Language;
use crate::domain::offer::Offer;
use crate::domain::time::Timestamp;

/// Whoever reads the mail: the language of its sentences and the zone of its dates.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The language, which falls back along its chain.
    pub language: Language,
    /// The zone in which dates and times are told.
    pub zone: TimeZone,
}

/// A name and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The full name, as one text.
    pub name: Told,
    /// The address as people read it (the domain as a U-label).
    pub email: String,
}

/// The partner as a customer has to see it: who asks, and how to reach them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// The name that sentences and subjects use: `한빛테크`.
    pub display_name: Told,
    /// The name in the register, exactly as given: `㈜한빛테크`.
    pub legal_name: Told,
    /// Where the partner reads mail.
    pub email: String,
    /// The telephone number, as the partner writes it.
    pub phone: String,
    /// The postal address, on one line.
    pub address: Told,
    /// The website.
    pub website: Option<String>,
    /// Who represents the company (대표자).
    pub representative: Option<Told>,
    /// The number in the business register (사업자등록번호).
    pub registration_number: Option<Told>,
    /// Whether the partner has its requests marked as advertising, (광고) first in the subject.
    pub advertising: bool,
}

/// What is asked of the customer, or what the customer agreed to.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The relationship, the roles and their duration, the agreement.
    pub offer: Offer,
    /// When the roles end if their duration counts from today, or from consent; nothing where no roles are offered.
    pub expected_end: Option<Timestamp>,
    /// The agreement that is current; nothing where none is to be accepted.
    pub agreement: Option<Agreement>,
}

/// One version of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its title, in its own language.
    pub title: String,
    /// Its version, as its publisher names it.
    pub version: String,
}

/// The exact text that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedText {
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Where the customer can read it.
    pub url: String,
}

/// A step that the customer takes at Microsoft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which one.
    pub step: crate::domain::microsoft::Step,
    /// Where it is taken, if the partner supplied the link.
    pub url: Option<String>,
}

/// The invitation that a mail to the partner is about. No link: a customer's link is never within the partner's reach.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The invitation.
    pub id: InvitationId,
    /// The partner's own name for it.
    pub reference: Option<Told>,
    /// The partner's name in sentences.
    pub partner: Told,
    /// The customer.
    pub organization: Told,
    /// To whom the invitation went.
    pub recipient: Person,
    /// What it asked for.
    pub terms: Terms,
}
