//! What a partner may see of what is its own: read in pages, as plain structs that an interface gives a form.
//!
//! Another partner's id is as unknown as one that there is not: each of these compares the partner in the statement.

mod consent;
mod relationship;

pub use consent::{Agreed, ConsentView, Proof, consent, consents};
pub use relationship::{RelationshipView, Signer, relationship, relationships};

use std::collections::HashMap;

use super::Engine;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{GrantId, InvitationId, OrganizationId, PartnerId};
use crate::domain::invitation::StateName;
use crate::domain::time::Timestamp;
use crate::storage::dossier::Dossier;
use crate::storage::grant::{self, Grant};
use crate::storage::listing::{self, Grants};
use crate::storage::{self, contact, dossier};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it, in the order of the list.
    pub items: Vec<T>,
    /// Whether there is more behind the last one.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// A page of at most `limit` items; `found` holds one more where there is more.
    pub(crate) fn of(mut found: Vec<T>, limit: u16) -> Self {
        let has_more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        Self {
            items: found,
            has_more,
        }
    }

    /// The same page of something that was made of each item.
    pub fn map<U>(self, made: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(made).collect(),
            has_more: self.has_more,
        }
    }
}

/// One more than a page holds, to see whether there is more.
fn more_than(limit: u16) -> i64 {
    i64::from(limit) + 1
}

/// Which invitations are wanted.
#[derive(Clone, Debug, Default)]
pub struct InvitationFilter {
    /// In this state.
    pub state: Option<StateName>,
    /// With this reference of the partner's own.
    pub reference: Option<String>,
    /// That ask this mailbox by now.
    pub email: Option<EmailAddress>,
    /// For this organization.
    pub organization: Option<OrganizationId>,
    /// Made then or later.
    pub created_after: Option<Timestamp>,
    /// Made before then.
    pub created_before: Option<Timestamp>,
}

/// The invitations of a partner after that one, newest first.
///
/// # Errors
/// The database is away.
pub async fn invitations(
    engine: &Engine,
    partner: PartnerId,
    filter: &InvitationFilter,
    after: Option<InvitationId>,
    limit: u16,
) -> Result<Page<Dossier>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let contact = match &filter.email {
        None => None,
        Some(email) => match contact::find_by_address(&mut conn, email.as_str()).await? {
            Some(contact) => Some(contact.id),
            None => return Ok(Page::of(Vec::new(), limit)),
        },
    };
    let wanted = listing::Invitations {
        state: filter.state,
        reference: filter.reference.clone(),
        contact,
        organization: filter.organization,
        created_after: filter.created_after,
        created_before: filter.created_before,
    };
    let ids = listing::invitations(&mut conn, partner, &wanted, after, more_than(limit)).await?;
    let page = Page::of(ids, limit);
    let dossiers = dossier::of_invitations(&mut conn, page.items.iter().copied()).await?;
    let mut dossiers: HashMap<_, _> = dossiers.into_iter().map(|row| (row.id, row)).collect();
    let items = page.items.iter().filter_map(|id| dossiers.remove(id));
    Ok(Page {
        items: items.collect(),
        has_more: page.has_more,
    })
}

/// The grants of a partner after that one, newest first.
///
/// # Errors
/// The database is away.
pub async fn grants(
    engine: &Engine,
    partner: PartnerId,
    filter: Grants,
    after: Option<GrantId>,
    limit: u16,
) -> Result<Page<Grant>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let found = listing::grants(&mut conn, partner, filter, after, more_than(limit)).await?;
    Ok(Page::of(found, limit))
}

/// One grant of a partner, if it has it.
///
/// # Errors
/// The database is away.
pub async fn grant(
    engine: &Engine,
    partner: PartnerId,
    id: GrantId,
) -> Result<Option<Grant>, storage::Error> {
    let mut conn = engine.db.read().await?;
    grant::find_of(&mut conn, partner, id).await
}
