//! The customer sees, reduces and ends what was granted, by a link to their mailbox. Nothing here can add to it.

use super::change::By;
use super::link::Standing;
use super::relation::{self, hold};
use super::{Engine, fresh_id};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::catalogue::Catalogue;
use crate::domain::erasure::is_erased;
use crate::domain::ids::RelationshipId;
use crate::domain::invitation::RecipientRole;
use crate::domain::microsoft::{Step, StepState};
use crate::domain::notice::{Happening, Kind};
use crate::domain::relationship::{GrantState, RelationshipState};
use crate::domain::time::Timestamp;
use crate::domain::token::Claims;
use crate::storage::contact::Contact;
use crate::storage::dossier::Dossier;
use crate::storage::partner::Partner;
use crate::storage::recipient::Recipient;
use crate::storage::relationship::{Grant, Relationship};
use crate::storage::step::KnownStep;
use crate::storage::{
    self, Conn, Tx, acceptance, contact, dossier, notice, partner, recipient, relationship, step,
};

/// What a manage link leads to.
#[derive(Clone)]
pub struct Managed {
    /// The invitation by which it was agreed upon last.
    pub dossier: Dossier,
    /// With whom.
    pub partner: Partner,
    /// What holds, or held.
    pub relationship: Relationship,
    /// Its active roles, by key.
    pub grants: Vec<Grant>,
    /// What is known of Microsoft's side.
    pub steps: Vec<KnownStep>,
    /// Whether this link may change anything: a signer's may, a viewer's only shows.
    pub may_change: bool,
    /// What may be done with the link.
    pub standing: Standing,
}

/// What a mailbox works with.
#[derive(Clone)]
pub struct Listing {
    /// The mailbox.
    pub contact: Contact,
    /// Each active relationship, with the recipient row by which the mailbox takes part in it, newest first.
    pub entries: Vec<(Recipient, Managed)>,
}

/// Which roles are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that are granted.
    All,
    /// Those keys; one that is not granted is left out.
    Some(Vec<String>),
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is done.
    Done,
    /// There was nothing left to do.
    Already,
    /// A viewer may not, or the type does not let the customer end it alone.
    Forbidden,
    /// A newer link works.
    Replaced,
    /// The link's time is over.
    Expired,
    /// Nothing is behind the link.
    Nothing,
}

/// Follows a genuine manage link; `None` when no relationship is behind it.
///
/// # Errors
/// The database is away.
pub async fn open(engine: &Engine, claims: &Claims) -> Result<Option<Managed>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(recipient) = recipient::find(&mut conn, claims.subject.into()).await? else {
        return Ok(None);
    };
    let standing = standing(claims, &recipient, engine.clock.now());
    managed(&mut conn, &recipient, standing).await
}

/// Follows a genuine link to the list of all partners that a mailbox works with.
///
/// # Errors
/// The database is away.
pub async fn list(engine: &Engine, claims: &Claims) -> Result<Option<Listing>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(contact) = contact::find(&mut conn, claims.subject.into()).await? else {
        return Ok(None);
    };
    if is_erased(&contact.address) {
        return Ok(None);
    }
    let mut entries: Vec<(Recipient, Managed)> = Vec::new();
    for recipient in recipient::accepted_of_contact(&mut conn, contact.id).await? {
        let Some(found) = managed(&mut conn, &recipient, Standing::Current).await? else {
            continue;
        };
        let is_new =
            |(_, known): &(Recipient, Managed)| known.relationship.id != found.relationship.id;
        if found.relationship.state == RelationshipState::Active && entries.iter().all(is_new) {
            entries.push((recipient, found));
        }
    }
    Ok(Some(Listing { contact, entries }))
}

/// Takes roles away. The relationship stays; its type follows.
///
/// # Errors
/// The database is away: nothing is changed then.
pub async fn remove_roles(
    engine: &Engine,
    claims: Claims,
    which: Which,
) -> Result<Change, storage::Error> {
    change(engine, claims, Wish::Remove(which)).await
}

/// Ends the relationship, where its type lets the customer do so alone.
///
/// # Errors
/// The database is away: nothing is changed then.
pub async fn end(engine: &Engine, claims: Claims) -> Result<Change, storage::Error> {
    change(engine, claims, Wish::End).await
}

/// Lets the roles end when their time is over.
///
/// # Errors
/// The database is away: nothing is changed then.
pub async fn stop_extending(engine: &Engine, claims: Claims) -> Result<Change, storage::Error> {
    change(engine, claims, Wish::StopExtending).await
}

/// Mails the link to the list to a mailbox, if it works with a partner here; who asks learns nothing of that.
///
/// A second ask within the same minute is the first one.
///
/// # Errors
/// The database is away.
pub async fn ask_for_list(engine: &Engine, address: &EmailAddress) -> Result<(), storage::Error> {
    let now = engine.clock.now();
    let address = address.as_str().to_owned();
    let is_planned = engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(contact) = contact::find_by_address(tx, &address).await? else {
                    return Ok(false);
                };
                let parts = recipient::accepted_of_contact(tx, contact.id).await?;
                let Some(latest) = parts.first() else {
                    return Ok(false);
                };
                let Some(dossier) = dossier::of_invitation(tx, latest.invitation_id).await? else {
                    return Ok(false);
                };
                let minute = now.as_seconds() / 60;
                let new = notice::New {
                    id: fresh_id(now),
                    // Whose turn it takes in the queue; the mail names no partner.
                    partner: dossier.partner_id,
                    domain: contact.domain,
                    kind: Kind::ManageLink,
                    step: 0,
                    subject: contact.id.uuid(),
                    target: contact.id.uuid(),
                    generation: u32::try_from(minute).unwrap_or(u32::MAX),
                    payload: "{}".to_owned(),
                    run_at: now,
                };
                let planned = notice::enqueue(tx, &[new], now).await?;
                Ok::<_, storage::Error>(planned > 0)
            })
        })
        .await?;
    if is_planned {
        engine.wake().await;
    }
    Ok(())
}

/// Whether the customer can end a relationship of that type without the partner.
pub fn may_end(relationship: &Relationship) -> bool {
    Catalogue::version(&relationship.catalogue)
        .and_then(|version| version.partner_type(&relationship.partner_type).ok())
        .is_some_and(|kind| kind.customer_may_delete)
}

#[derive(Clone, Debug)]
enum Wish {
    Remove(Which),
    End,
    StopExtending,
}

async fn change(engine: &Engine, claims: Claims, wish: Wish) -> Result<Change, storage::Error> {
    let work = engine.clone();
    let changed = engine
        .db
        .write(move |tx| Box::pin(async move { attempt(tx, &work, &claims, &wish).await }))
        .await?;
    if changed == Change::Done {
        engine.wake().await;
    }
    Ok(changed)
}

async fn attempt(
    tx: &mut Tx,
    engine: &Engine,
    claims: &Claims,
    wish: &Wish,
) -> Result<Change, storage::Error> {
    let now = engine.clock.now();
    let Some(recipient) = recipient::find(tx, claims.subject.into()).await? else {
        return Ok(Change::Nothing);
    };
    match standing(claims, &recipient, now) {
        Standing::Current => {}
        Standing::Replaced | Standing::HandedOver => return Ok(Change::Replaced),
        Standing::Expired => return Ok(Change::Expired),
    }
    let Some(id) = relationship_of(tx, &recipient).await? else {
        return Ok(Change::Nothing);
    };
    if recipient.role != RecipientRole::Signer {
        return Ok(Change::Forbidden);
    }
    let Some(mut held) = hold(tx, id).await? else {
        return Ok(Change::Nothing);
    };
    // Again under the lock: the person may have been erased meanwhile, and the link ended.
    let recipient = match recipient::find(tx, recipient.id).await? {
        Some(again) if again.generation == recipient.generation => again,
        _ => return Ok(Change::Replaced),
    };
    if held.relationship.state == RelationshipState::Ended {
        return Ok(Change::Already);
    }
    let actor = Actor::Contact(recipient.contact_id);
    let by = By::Customer {
        name: recipient.name.clone(),
    };
    match wish {
        Wish::Remove(which) => {
            let is_meant = |grant: &Grant| match which {
                Which::All => true,
                Which::Some(keys) => keys.contains(&grant.role),
            };
            let gone = held
                .end_grants(tx, is_meant, GrantState::Removed, now)
                .await?;
            if gone.is_empty() {
                return Ok(Change::Already);
            }
            held.write(tx, now).await?;
            remind_of_microsoft(tx, &held, now).await?;
            held.record(tx, engine, actor, EventKind::RolesRemoved, &gone, now)
                .await?;
            let happening = Happening::RolesRemoved;
            held.tell(tx, engine, happening, by, &gone, now).await?;
        }
        Wish::End => {
            if !may_end(&held.relationship) {
                return Ok(Change::Forbidden);
            }
            let gone = held
                .end_grants(tx, |_| true, GrantState::Ended, now)
                .await?;
            held.relationship.state = RelationshipState::Ended;
            held.relationship.ended_at = Some(now);
            held.write(tx, now).await?;
            if !gone.is_empty() {
                remind_of_microsoft(tx, &held, now).await?;
            }
            held.record(tx, engine, actor, EventKind::RelationshipEnded, &gone, now)
                .await?;
            let happening = Happening::RelationshipEnded;
            held.tell(tx, engine, happening, by, &gone, now).await?;
        }
        Wish::StopExtending => {
            let extended: Vec<Grant> = held
                .grants
                .iter()
                .filter(|grant| grant.auto_extend)
                .cloned()
                .collect();
            if extended.is_empty() {
                return Ok(Change::Already);
            }
            for grant in &extended {
                relationship::set_auto_extend(tx, grant.id, false).await?;
            }
            held.write(tx, now).await?;
            held.record(
                tx,
                engine,
                actor,
                EventKind::ExtensionStopped,
                &extended,
                now,
            )
            .await?;
        }
    }
    Ok(Change::Done)
}

/// Access at Microsoft ends only there: that step is open from now on, until somebody says that it is done.
async fn remind_of_microsoft(
    tx: &mut Tx,
    held: &relation::Held,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let invitation = held.relationship.invitation_id;
    step::mark(tx, invitation, Step::RolesRemoved, StepState::Unknown, now).await
}

fn standing(claims: &Claims, recipient: &Recipient, now: Timestamp) -> Standing {
    if claims.generation != recipient.token_generation() || recipient.role == RecipientRole::Former
    {
        Standing::Replaced
    } else if recipient.links_expire_at <= now {
        Standing::Expired
    } else {
        Standing::Current
    }
}

async fn relationship_of(
    conn: &mut Conn,
    recipient: &Recipient,
) -> Result<Option<RelationshipId>, storage::Error> {
    let accepted = acceptance::of_invitation(conn, recipient.invitation_id).await?;
    Ok(accepted.and_then(|accepted| accepted.relationship_id))
}

async fn managed(
    conn: &mut Conn,
    recipient: &Recipient,
    standing: Standing,
) -> Result<Option<Managed>, storage::Error> {
    let Some(id) = relationship_of(conn, recipient).await? else {
        return Ok(None);
    };
    let Some(relationship) = relation::find(conn, id).await? else {
        return Ok(None);
    };
    let invitation = relationship.invitation_id;
    let Some(dossier) = dossier::of_invitation(conn, invitation).await? else {
        return Ok(None);
    };
    let Some(partner) = partner::find(conn, relationship.partner_id).await? else {
        return Ok(None);
    };
    Ok(Some(Managed {
        grants: relationship::active_grants(conn, [relationship.id]).await?,
        steps: step::of_invitations(conn, [invitation]).await?,
        may_change: recipient.role == RecipientRole::Signer,
        dossier,
        partner,
        relationship,
        standing,
    }))
}
