//! Facts about a relationship that was agreed upon: what changed in it, and what is still to be done at Microsoft.

use super::{Partner, Person, Reader, Step, Told};
use crate::domain::ids::InvitationId;
use crate::domain::microsoft::Cloud;
use crate::domain::time::Timestamp;
use crate::domain::words::words;

words! {
    /// What happened to a relationship, or is about to; named as the notices are.
    Happened, "change of a relationship" {
        /// Roles end soon, or are extended then.
        Ending = "ending",
        /// The time of roles is over.
        Ended = "ended",
        /// Roles were extended.
        Extended = "extended",
        /// Roles were removed.
        RolesRemoved = "roles_removed",
        /// The relationship has ended.
        RelationshipEnded = "relationship_ended",
    }
}

/// By whom a change was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody of the customer, by name.
    Customer(Told),
    /// The partner.
    Partner,
    /// Nobody: time passed.
    Calendar,
}

/// A role and how long it lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleTerm {
    /// Its key in the catalogue.
    pub role: String,
    /// Its expected end.
    pub until: Timestamp,
    /// The end that follows it, where the role extends itself.
    pub extends_to: Option<Timestamp>,
}

/// Who reads of a change, with what only this reader may have.
#[derive(Clone, Debug)]
pub enum Audience {
    /// The customer.
    Customer {
        /// To whom the mail goes.
        person: Person,
        /// The page on which the relationship is reduced.
        manage_url: Option<String>,
        /// The page that stops such mails; nothing where the mail tells what has happened.
        stop_url: Option<String>,
    },
    /// The partner: no link, as a customer's link is never within the partner's reach.
    Partner {
        /// The invitation by which it was agreed upon last.
        id: InvitationId,
        /// The partner's own name for it.
        reference: Option<Told>,
    },
}

/// To both sides: something happened to a relationship, or is about to.
#[derive(Clone, Debug)]
pub struct Change {
    /// Language and zone.
    pub reader: Reader,
    /// Who reads it.
    pub audience: Audience,
    /// What happened.
    pub happened: Happened,
    /// The partner.
    pub partner: Partner,
    /// The customer's organization or school.
    pub organization: Told,
    /// By whom.
    pub by: By,
    /// When it happened; of what lies ahead, when it will.
    pub at: Timestamp,
    /// The roles it is about.
    pub roles: Vec<RoleTerm>,
    /// Key of the partner type that the relationship has now; the one that it had, where it has ended.
    pub partner_type: String,
    /// The roles that are still granted besides.
    pub remaining: Vec<RoleTerm>,
    /// Where access at Microsoft ends.
    pub microsoft_url: String,
}

impl Change {
    /// Whether some of its roles end without being extended; so also where it is about none.
    pub fn ends_some(&self) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|role| role.extends_to.is_none())
    }

    /// Whether some of its roles extend themselves.
    pub fn extends_some(&self) -> bool {
        self.roles.iter().any(|role| role.extends_to.is_some())
    }
}

/// To a mailbox that asked for it: the list of all its partners. The service sends it, no partner.
#[derive(Clone, Debug)]
pub struct ManageLink {
    /// Language and zone.
    pub reader: Reader,
    /// The address that it was asked for and goes to, as people read it.
    pub address: String,
    /// The host of the pages, by which the reader knows the service.
    pub host: String,
    /// The page.
    pub list_url: String,
    /// Until when the link is good.
    pub until: Timestamp,
    /// How many partners it lists.
    pub partners: usize,
}

/// To the customer: steps at Microsoft are not known to be done.
#[derive(Clone, Debug)]
pub struct StepsOpen {
    /// The cloud whose admin center they are taken in.
    pub cloud: Cloud,
    /// Language and zone.
    pub reader: Reader,
    /// Who asked.
    pub partner: Partner,
    /// The customer's organization or school.
    pub organization: Told,
    /// To whom the mail goes.
    pub person: Person,
    /// When it was agreed upon.
    pub accepted_at: Timestamp,
    /// The steps, in order.
    pub open: Vec<Step>,
    /// The receipt page, where a step is marked as done.
    pub receipt_url: String,
    /// The page on which the relationship is reduced; nothing where the agreement alone was accepted.
    pub manage_url: Option<String>,
    /// The page that stops such mails.
    pub stop_url: String,
}
