//! What a customer may still do after accepting: see what was granted, and reduce it.

use super::Engine;
use super::link::{LinkRow, Standing};
use crate::domain::address::EmailAddress;
use crate::domain::audit::Actor;
use crate::domain::link_path;
use crate::domain::microsoft::{Cloud, Step, StepState};
use crate::domain::time::Timestamp;
use crate::domain::token::{Claims, Purpose, UnknownKey};
use crate::storage;
use crate::storage::contact::Contact;
use crate::storage::dossier::Dossier;
use crate::storage::partner::Partner;
use crate::storage::relationship::{Grant, Relationship};

/// What a manage link leads to.
#[derive(Clone)]
pub struct Managed {
    /// The invitation by which the relationship was agreed upon last.
    pub dossier: Dossier,
    /// With whom.
    pub partner: Partner,
    /// What holds.
    pub relationship: Relationship,
    /// Its active roles, in the order of their keys.
    pub grants: Vec<Grant>,
    /// What is known of the steps on Microsoft's side, and since when.
    pub steps: Vec<(Step, StepState, Timestamp)>,
    /// The cloud of the customer's tenant.
    pub cloud: Cloud,
    /// Who ended the relationship, if it has ended.
    pub ended_by: Option<Actor>,
    /// The row that links of the same holder are made from: the signer's, or the viewer's own.
    pub row: LinkRow,
    /// Whether the link's holder may reduce it: a signer, not a viewer.
    pub may_change: bool,
    /// What may be done with the link.
    pub standing: Standing,
}

/// Every partner that a mailbox works with.
#[derive(Clone)]
pub struct Listing {
    /// The mailbox.
    pub contact: Contact,
    /// One for each relationship, newest first.
    pub entries: Vec<Managed>,
}

/// Which roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that are active.
    All,
    /// These, by their keys in the catalogue.
    Some(Vec<String>),
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was made.
    Done,
    /// It had been made before.
    Already,
    /// It is not for the link's holder to make: a viewer, or a type that the customer may not delete.
    Forbidden,
    /// A newer link works.
    Replaced,
    /// The link's time is over.
    Expired,
    /// Nothing is behind the link.
    Nothing,
}

impl Engine {
    /// The address of one relationship's page, good until `expires`.
    ///
    /// # Errors
    /// The key that the row was made with is not in the ring.
    pub fn manage_url(&self, row: LinkRow, expires: Timestamp) -> Result<String, UnknownKey> {
        let row = LinkRow {
            expire_at: expires,
            ..row
        };
        let token = self.token(row, Purpose::Manage)?;
        let path = link_path::manage(token);
        Ok(format!("{}{path}", self.settings.public_url))
    }
}

fn not_there_yet<T>(what: &str) -> Result<T, storage::Error> {
    Err(storage::Error::Refused(format!("{what} is not there yet")))
}

/// Follows a genuine link of [`Purpose::Manage`]; `None` when nothing is behind it.
///
/// # Errors
/// The database is away.
pub async fn open(_engine: &Engine, _claims: &Claims) -> Result<Option<Managed>, storage::Error> {
    not_there_yet("the page of a relationship")
}

/// Follows a genuine link of [`Purpose::List`] to the relationships of its mailbox; `None` when nothing is behind it.
///
/// # Errors
/// The database is away.
pub async fn list(_engine: &Engine, _claims: &Claims) -> Result<Option<Listing>, storage::Error> {
    not_there_yet("the list of partners")
}

/// Removes roles; the relationship stays.
///
/// # Errors
/// The database is away.
pub async fn remove_roles(
    _engine: &Engine,
    _claims: Claims,
    _which: Which,
) -> Result<Change, storage::Error> {
    not_there_yet("removing roles")
}

/// Ends the relationship, where its type lets the customer.
///
/// # Errors
/// The database is away.
pub async fn end(_engine: &Engine, _claims: Claims) -> Result<Change, storage::Error> {
    not_there_yet("ending a relationship")
}

/// Lets the roles end on their day.
///
/// # Errors
/// The database is away.
pub async fn stop_extending(_engine: &Engine, _claims: Claims) -> Result<Change, storage::Error> {
    not_there_yet("ending the extension")
}

/// Mails a link to the list of partners, if the mailbox is known. The answer is the same if it is not.
///
/// # Errors
/// The database is away.
pub async fn ask_for_list(_engine: &Engine, _address: &EmailAddress) -> Result<(), storage::Error> {
    not_there_yet("a link to the list of partners")
}
