//! The customer sees, reduces and ends what was granted, by a link to their mailbox. Nothing here can add to it.

use std::collections::{HashMap, HashSet};

use super::change::By;
use super::end::end_held;
use super::link::Standing;
use super::relation::{self, hold};
use super::{Engine, fresh_id};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::catalogue::Catalogue;
use crate::domain::erasure::is_erased;
use crate::domain::ids::{ContactId, RelationshipId};
use crate::domain::invitation::RecipientRole;
use crate::domain::notice::{Happening, Kind};
use crate::domain::relationship::{GrantState, RelationshipState};
use crate::domain::time::Timestamp;
use crate::domain::token::Claims;
use crate::storage::contact::Contact;
use crate::storage::customer::{self, Customer};
use crate::storage::dossier::Dossier;
use crate::storage::grant::Grant;
use crate::storage::partner::Partner;
use crate::storage::recipient::Recipient;
use crate::storage::relationship::Relationship;
use crate::storage::step::KnownStep;
use crate::storage::{
    self, Conn, Tx, acceptance, contact, dossier, grant, notice, partner, recipient, relationship,
    step,
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
    /// Each organization for which the mailbox agreed to the agreement alone.
    pub agreed: Vec<Agreed>,
}

/// An agreement without a relationship.
#[derive(Clone)]
pub struct Agreed {
    /// For which organization, and by which invitation.
    pub customer: Customer,
    /// Who asked for it.
    pub partner: Partner,
    /// The signer's part in it.
    pub recipient: Recipient,
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
    let now = engine.clock.now();
    let found = managed(&mut conn, vec![recipient], |part| {
        standing(claims, part, now)
    })
    .await?;
    Ok(found.into_iter().next().map(|(_, managed)| managed))
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
    let entries = entries(&mut conn, contact.id).await?;
    let agreed = agreed(&mut conn, contact.id).await?;
    Ok(Some(Listing {
        contact,
        entries,
        agreed,
    }))
}

/// Where a mailbox agreed to the agreement alone, newest first.
async fn agreed(conn: &mut Conn, contact: ContactId) -> Result<Vec<Agreed>, storage::Error> {
    let mut customers = customer::of_contact(conn, contact).await?;
    customers.retain(|customer| customer.relationship_id.is_none());
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let parts = recipient::accepted_of_contact(conn, contact).await?;
    let partners: HashSet<_> = customers.iter().map(|it| it.partner_id).collect();
    let partners = partner::find_many(conn, partners).await?;
    let agreed = customers.into_iter().filter_map(|customer| {
        let signs = |part: &&Recipient| {
            part.invitation_id == customer.invitation_id && part.role == RecipientRole::Signer
        };
        Some(Agreed {
            recipient: parts.iter().find(signs)?.clone(),
            partner: partners
                .iter()
                .find(|it| it.id == customer.partner_id)?
                .clone(),
            customer,
        })
    });
    Ok(agreed.collect())
}

/// With how many partners a mailbox works, or agreed to an agreement.
///
/// # Errors
/// The database is away.
pub(super) async fn partners(conn: &mut Conn, contact: ContactId) -> Result<usize, storage::Error> {
    let entries = entries(conn, contact).await?;
    let agreed = agreed(conn, contact).await?;
    let agreed = agreed.iter().map(|it| it.partner.id);
    let partners = entries.iter().map(|(_, it)| it.partner.id).chain(agreed);
    Ok(partners.collect::<HashSet<_>>().len())
}

/// The relationships that hold and that a mailbox takes part in, newest first, each once.
///
/// # Errors
/// The database is away.
async fn entries(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<(Recipient, Managed)>, storage::Error> {
    let parts = recipient::accepted_of_contact(conn, contact).await?;
    let mut known = HashSet::new();
    let mut entries = managed(conn, parts, |_| Standing::Current).await?;
    entries.retain(|(_, found)| {
        let relationship = &found.relationship;
        relationship.state == RelationshipState::Active && known.insert(relationship.id)
    });
    Ok(entries)
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
            held.remind_of_microsoft(tx, now).await?;
            held.record(tx, engine, actor, EventKind::RolesRemoved, &gone, now)
                .await?;
            let happening = Happening::RolesRemoved;
            held.tell(tx, engine, happening, by, &gone, now).await?;
        }
        Wish::End => {
            if !may_end(&held.relationship) {
                return Ok(Change::Forbidden);
            }
            end_held(tx, engine, &mut held, actor, by, now).await?;
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
                grant::set_auto_extend(tx, grant.id, false).await?;
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

/// What each of these parts leads to, in their order; those that lead to no relationship are left out. One statement a kind of
/// row, however many.
async fn managed(
    conn: &mut Conn,
    parts: Vec<Recipient>,
    standing: impl Fn(&Recipient) -> Standing,
) -> Result<Vec<(Recipient, Managed)>, storage::Error> {
    let invitations = parts.iter().map(|part| part.invitation_id);
    let pairs = relationship::of_invitations(conn, invitations).await?;
    let of_invitation: HashMap<_, _> = pairs.into_iter().collect();
    let found = relation::find_many(conn, of_invitation.values().copied()).await?;
    let invitations: HashSet<_> = found.values().map(|row| row.invitation_id).collect();
    let dossiers = dossier::of_invitations(conn, invitations.iter().copied()).await?;
    let dossiers: HashMap<_, _> = dossiers.into_iter().map(|row| (row.id, row)).collect();
    let partners: HashSet<_> = found.values().map(|row| row.partner_id).collect();
    let partners = partner::find_many(conn, partners).await?;
    let partners: HashMap<_, _> = partners.into_iter().map(|row| (row.id, row)).collect();
    let grants = grant::active_of(conn, found.values().map(|row| row.id)).await?;
    let mut granted: HashMap<_, Vec<Grant>> = HashMap::new();
    for grant in grants {
        granted
            .entry(grant.relationship_id)
            .or_default()
            .push(grant);
    }
    let mut steps: HashMap<_, Vec<KnownStep>> = HashMap::new();
    for known in step::of_invitations(conn, invitations).await? {
        steps.entry(known.invitation_id).or_default().push(known);
    }
    let managed = |part: &Recipient| {
        let row = found.get(of_invitation.get(&part.invitation_id)?)?;
        Some(Managed {
            grants: granted.get(&row.id).cloned().unwrap_or_default(),
            steps: steps.get(&row.invitation_id).cloned().unwrap_or_default(),
            may_change: part.role == RecipientRole::Signer,
            dossier: dossiers.get(&row.invitation_id)?.clone(),
            partner: partners.get(&row.partner_id)?.clone(),
            relationship: row.clone(),
            standing: standing(part),
        })
    };
    let parts = parts.into_iter();
    Ok(parts
        .filter_map(|part| managed(&part).map(|found| (part, found)))
        .collect())
}
