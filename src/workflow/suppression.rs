//! Mailboxes that take no mail from here: a partner sees those that it has invited, and may mail one again whose address was
//! repaired; an operator sees all, and adds and removes.
//!
//! A suppression holds for all partners, so that a removal does, too. Whether an address that a partner has not invited is
//! left alone, it learns by no list.

use super::view::Page;
use super::{Engine, fresh_id};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{ContactId, PartnerId, SuppressionId};
use crate::domain::suppression::{Cause, RemovalReason};
use crate::storage::listing::{self, Suppressed, Suppressions};
use crate::storage::suppression::{self, Removal, Suppression};
use crate::storage::{self, Tx, contact, event};

/// Why a suppression was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// There is none, or it is of a mailbox that this partner has not invited.
    #[error(
        "suppression: there is none with this id or address; `countersign suppression list` shows those that there are"
    )]
    NotFound,
    /// It is not a partner's to remove.
    #[error(
        "suppression: {}; only an operator can remove it", because(.0)
    )]
    OperatorsAlone(String),
    /// Its person was erased.
    #[error(
        "suppression: the mailbox's person was erased; `countersign privacy allow` lets it be invited again"
    )]
    Erased,
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Why a suppression is not a partner's to remove, in words.
fn because(reason: &str) -> &'static str {
    match reason.parse() {
        Ok(Cause::Complaint) => "the mailbox's owner complained about mail from here",
        Ok(Cause::Stopped) => "the mailbox's owner wants no mail from here",
        Ok(Cause::Erased) => "the mailbox's person was erased",
        Ok(Cause::HardBounce | Cause::Operator) | Err(_) => "an operator decided it",
    }
}

/// The suppressions of mailboxes that a partner has invited, after that one, newest first.
///
/// # Errors
/// The database is away.
pub async fn of_partner(
    engine: &Engine,
    partner: PartnerId,
    filter: Suppressions,
    after: Option<SuppressionId>,
    limit: u16,
) -> Result<Page<Suppressed>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let limited = i64::from(limit) + 1;
    let found = listing::suppressions(&mut conn, partner, filter, after, limited).await?;
    Ok(Page::of(found, limit))
}

/// Whether and why a mailbox is left alone that a partner has invited.
///
/// # Errors
/// The database is away.
pub async fn of_mailbox(
    engine: &Engine,
    partner: PartnerId,
    email: &EmailAddress,
) -> Result<Option<Suppressed>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let mailbox = engine.keys.mailbox(email.as_str());
    listing::suppression_of(&mut conn, partner, &mailbox).await
}

/// One of these.
///
/// # Errors
/// The database is away.
pub async fn find(
    engine: &Engine,
    partner: PartnerId,
    id: SuppressionId,
) -> Result<Option<Suppressed>, storage::Error> {
    let mut conn = engine.db.read().await?;
    listing::suppression(&mut conn, partner, id).await
}

/// A partner mails a mailbox again that it has invited; what had waited for it is sent again by a resend.
///
/// # Errors
/// The partner has invited no such mailbox, the reason of the suppression is not a partner's to end, or the database is away.
pub async fn remove_by_partner(
    engine: &Engine,
    partner: PartnerId,
    id: SuppressionId,
    why: RemovalReason,
) -> Result<(), RemoveError> {
    let now = engine.clock.now();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let found = listing::suppression(tx, partner, id).await?;
                let found = found.ok_or(RemoveError::NotFound)?;
                let cause: Option<Cause> = found.reason.parse().ok();
                if !cause.is_some_and(Cause::partner_may_remove) {
                    return Err(RemoveError::OperatorsAlone(found.reason));
                }
                let removal = Removal {
                    id,
                    mailbox: found.mailbox,
                    reason: found.reason,
                    partner_id: Some(partner),
                    why: Some(why.as_str().to_owned()),
                    suppressed_at: found.created_at,
                    removed_at: now,
                };
                if !suppression::remove(tx, &removal).await? {
                    return Err(RemoveError::NotFound);
                }
                let actor = Actor::Partner(partner);
                record(tx, partner, actor, &removal, found.contact_id).await?;
                Ok(())
            })
        })
        .await
}

/// What an operator names a suppression by.
#[derive(Clone, Debug)]
pub enum Named {
    /// What it is called.
    Id(SuppressionId),
    /// Whose mailbox.
    Address(EmailAddress),
}

/// An operator mails a mailbox again, whatever it was left alone for but an erasure. Each partner that has invited it finds
/// that in its chain. Returns what was removed.
///
/// # Errors
/// There is none, its person was erased, or the database is away.
pub async fn remove(
    engine: &Engine,
    named: Named,
    why: RemovalReason,
) -> Result<Removal, RemoveError> {
    let now = engine.clock.now();
    let keys = engine.keys.clone();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let found = match &named {
                    Named::Id(id) => suppression::find_by_id(tx, *id).await?,
                    Named::Address(email) => {
                        suppression::find(tx, &keys.mailbox(email.as_str())).await?
                    }
                };
                let found = found.ok_or(RemoveError::NotFound)?;
                if found.reason == Cause::Erased.as_str() {
                    return Err(RemoveError::Erased);
                }
                let removal = Removal {
                    id: found.id,
                    mailbox: found.mailbox,
                    reason: found.reason,
                    partner_id: None,
                    why: Some(why.as_str().to_owned()),
                    suppressed_at: found.created_at,
                    removed_at: now,
                };
                if !suppression::remove(tx, &removal).await? {
                    return Err(RemoveError::NotFound);
                }
                if let Some(address) = &found.address
                    && let Some(contact) = contact::find_by_address(tx, address).await?
                {
                    for partner in suppression::partners_of(tx, address).await? {
                        record(tx, partner, Actor::Operator, &removal, contact.id).await?;
                    }
                }
                Ok(removal)
            })
        })
        .await
}

async fn record(
    tx: &mut Tx,
    partner: PartnerId,
    actor: Actor,
    removal: &Removal,
    contact: ContactId,
) -> Result<(), storage::Error> {
    let now = removal.removed_at;
    // A reason of another release is no word of ours.
    let reason: Option<Cause> = removal.reason.parse().ok();
    let event = event::New {
        id: fresh_id(now),
        partner,
        kind: EventKind::SuppressionRemoved,
        subject: removal.id.uuid(),
        actor,
        data: serde_json::json!({ "contact": contact, "reason": reason }),
        at: now,
    };
    event::insert(tx, &event).await
}

/// A suppression as an operator adds it.
#[derive(Clone, Debug)]
pub struct New {
    /// Whose mailbox.
    pub address: EmailAddress,
    /// Why.
    pub cause: Cause,
    /// Why, in words.
    pub detail: Option<RemovalReason>,
}

/// What came of it.
#[derive(Clone)]
pub enum Added {
    /// It takes no mail from now on.
    New(Suppression),
    /// It had taken none before.
    Already(Suppression),
}

/// An operator leaves a mailbox alone from now on: what waits for it is cancelled when it is due.
///
/// # Errors
/// The database is away.
pub async fn add(engine: &Engine, new: New) -> Result<Added, storage::Error> {
    let mailbox = engine.keys.mailbox(new.address.as_str());
    let row = Suppression {
        detail: new.detail.map(|text| text.as_str().to_owned()),
        ..Suppression::new(
            &engine.keys,
            new.address.as_str(),
            new.cause.as_str(),
            engine.clock.now(),
        )
    };
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                if suppression::insert(tx, &row).await? {
                    return Ok(Added::New(row));
                }
                let known = suppression::find(tx, &mailbox).await?;
                Ok(Added::Already(known.unwrap_or(row)))
            })
        })
        .await
}

/// For an operator: all suppressions, newest first, after that one.
///
/// # Errors
/// The database is away.
pub async fn list(
    engine: &Engine,
    reason: Option<Cause>,
    after: Option<SuppressionId>,
    limit: u32,
) -> Result<Vec<Suppression>, storage::Error> {
    let mut conn = engine.db.read().await?;
    suppression::list(&mut conn, reason, after, i64::from(limit)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_decision_it_was_is_said_in_words() {
        for (reason, words) in [
            ("complaint", "complained"),
            ("stopped", "wants no mail"),
            ("operator", "an operator decided it"),
            ("of another release", "an operator decided it"),
        ] {
            let error = RemoveError::OperatorsAlone(reason.to_owned()).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
