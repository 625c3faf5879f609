//! Erases what is held of a person: one transaction, after which nothing but what the law has kept names them.
//!
//! Steps that run beside it come before or after it, by the locks of rows; a worker that holds a mail to this person loses it,
//! and writes nothing of it any more.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;
use uuid::Uuid;

use super::evidence::Fate;
use super::words::Words;
use super::{ERASED, PrivacyError, absent, contact_of, remains};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{InvitationId, NoticeId, PartnerId, RelationshipId};
use crate::domain::invitation::StateName;
use crate::domain::notice::Irrelevant;
use crate::domain::time::Timestamp;
use crate::storage::contact::Contact;
use crate::storage::privacy::{self, Kept, Notice, Part, Request, Rewritten};
use crate::storage::suppression::{self, Suppression};
use crate::storage::{self, Tx, event, grant, invitation, partner, relationship};
use crate::workflow::accept::cancel_waiting;
use crate::workflow::link::hold_invitation;
use crate::workflow::relation;
use crate::workflow::{Engine, fresh_id};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Whose data.
    pub address: EmailAddress,
    /// Whether partners may invite the address again: without that, it takes no mail from here any more.
    pub may_be_invited: bool,
}

/// What was erased, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// In so many invitations the person took part.
    pub invitations: usize,
    /// Pending ones, which are revoked: their partners may want to know.
    pub revoked: Vec<Revoked>,
    /// Relationships that hold and that the person agreed upon last: they go on, and nobody manages them by a link any more.
    pub relationships: Vec<RelationshipId>,
    /// Mails to the person that waited or were under way.
    pub cancelled: u64,
    /// Visits of their links.
    pub visits: u64,
    /// What they asked of partners.
    pub inquiries: u64,
    /// What becomes of the evidence of their consents.
    pub evidence: Vec<Fate>,
    /// Whether the address takes no mail from here from now on.
    pub suppressed: bool,
    /// Handles of partners whose own address it is, too: what they say of themselves stays.
    pub own_address_of: Vec<String>,
}

/// A pending invitation that was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// The invitation.
    pub invitation: InvitationId,
    /// The handle of the partner who asked.
    pub partner: String,
}

/// Erases what is held of a person.
///
/// # Errors
/// Nothing is held of that address, or the database is away: nothing is changed then.
pub async fn erase(engine: &Engine, wish: Wish) -> Result<Erasure, PrivacyError> {
    let mut tries = 0;
    loop {
        match attempt(engine, wish.clone(), false).await {
            // It met another step the other way round, or a part was added before the locks were had.
            Err(Stopped::Error(PrivacyError::Storage(error)))
                if error.is_passing() && tries < 5 =>
            {
                tries += 1;
                tracing::debug!(%error, "an erasure is tried again");
            }
            Err(Stopped::Error(error)) => return Err(error),
            Ok(erasure) | Err(Stopped::Rehearsed(erasure)) => {
                engine.wake().await;
                return Ok(erasure);
            }
        }
    }
}

/// What [`erase`] would do now; nothing is changed.
///
/// # Errors
/// As [`erase`].
pub async fn rehearse(engine: &Engine, wish: Wish) -> Result<Erasure, PrivacyError> {
    match attempt(engine, wish, true).await {
        Ok(erasure) | Err(Stopped::Rehearsed(erasure)) => Ok(erasure),
        Err(Stopped::Error(error)) => Err(error),
    }
}

/// Why a transaction was undone.
enum Stopped {
    Rehearsed(Erasure),
    Error(PrivacyError),
}

impl From<storage::Error> for Stopped {
    fn from(error: storage::Error) -> Self {
        Self::Error(error.into())
    }
}

async fn attempt(engine: &Engine, wish: Wish, is_rehearsal: bool) -> Result<Erasure, Stopped> {
    let step = Step {
        engine: engine.clone(),
        now: engine.clock.now(),
        wish,
    };
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                privacy::overwrite(tx, true).await?;
                let erasure = step.run(tx).await;
                privacy::overwrite(tx, false).await?;
                let erasure = erasure?;
                if is_rehearsal {
                    return Err(Stopped::Rehearsed(erasure));
                }
                Ok(erasure)
            })
        })
        .await
}

struct Step {
    engine: Engine,
    now: Timestamp,
    wish: Wish,
}

/// All that is held of a person, under lock.
struct Person {
    contact: Contact,
    parts: Vec<Part>,
    relationships: Vec<RelationshipId>,
    requests: Vec<Request>,
    evidence: Vec<Kept>,
    words: Words,
}

impl Step {
    async fn run(&self, tx: &mut Tx) -> Result<Erasure, Stopped> {
        let address = &self.wish.address;
        let Some(contact) = contact_of(tx, address).await? else {
            return self.run_on_remains(tx).await;
        };
        let person = self.hold(tx, contact).await?;
        let mut erasure = Erasure {
            invitations: person.parts.len(),
            revoked: Vec::new(),
            relationships: person.relationships.clone(),
            cancelled: 0,
            visits: 0,
            inquiries: 0,
            evidence: Vec::new(),
            suppressed: false,
            own_address_of: self.partners_with(tx, address).await?,
        };
        (erasure.revoked, erasure.cancelled) = self.revoke(tx, &person).await?;
        self.stop_extending(tx, &person).await?;
        erasure.cancelled += self.rewrite_notices(tx, &person).await?;
        self.rewrite_invitations(tx, &person).await?;
        let contact = person.contact.id;
        erasure.visits = privacy::blank_parts(tx, contact, self.now).await?;
        erasure.inquiries = privacy::forget_inquiries(tx, contact).await?;
        erasure.evidence = erase_evidence(tx, &self.engine, &person.evidence, self.now).await?;
        erasure.suppressed = self.suppress(tx).await?;
        self.record(tx, &person, &erasure).await?;
        privacy::blank_contact(tx, contact).await?;
        Ok(erasure)
    }

    /// Of somebody who was erased before: what was kept then may be over now.
    async fn run_on_remains(&self, tx: &mut Tx) -> Result<Erasure, Stopped> {
        let remains = remains(tx, &self.wish.address).await?;
        if remains.is_empty() && !self.is_named_by_suppressions(tx).await? {
            let absent = absent(&self.engine, tx, &self.wish.address).await?;
            return Err(Stopped::Error(absent));
        }
        Ok(Erasure {
            invitations: 0,
            revoked: Vec::new(),
            relationships: Vec::new(),
            cancelled: 0,
            visits: 0,
            inquiries: 0,
            evidence: erase_evidence(tx, &self.engine, &remains, self.now).await?,
            suppressed: self.suppress(tx).await?,
            own_address_of: Vec::new(),
        })
    }

    /// Whether a suppression, or the removal of one, says something of this address.
    async fn is_named_by_suppressions(&self, tx: &mut Tx) -> Result<bool, storage::Error> {
        let mailbox = self.engine.keys.mailbox(self.wish.address.as_str());
        let found = suppression::find(tx, &mailbox).await?;
        let removed = suppression::removals(tx, &mailbox).await?;
        Ok(found.is_some_and(|row| row.address.is_some())
            || removed.iter().any(|removal| removal.why.is_some()))
    }

    async fn hold(&self, tx: &mut Tx, contact: Contact) -> Result<Person, Stopped> {
        let id = contact.id;
        let invitations = |parts: &[Part]| -> BTreeSet<InvitationId> {
            parts.iter().map(|part| part.invitation_id).collect()
        };
        let found = invitations(&privacy::parts(tx, id).await?);
        let relationships = privacy::lock_invitations(tx, found.iter().copied()).await?;
        privacy::lock_contact(tx, id).await?;
        let parts = privacy::parts(tx, id).await?;
        if invitations(&parts) != found {
            let moved = "somebody invited this person at this moment; try again";
            return Err(storage::Error::Busy(moved.to_owned()).into());
        }
        let evidence = privacy::evidence(tx, id).await?;
        // A relationship that somebody else agreed upon anew is theirs.
        let own: HashSet<_> = evidence.iter().map(|kept| kept.invitation_id).collect();
        let mut agreed = Vec::new();
        for relationship in relationships {
            let found = relationship::find(tx, relationship).await?;
            if found.is_some_and(|found| own.contains(&found.invitation_id)) {
                agreed.push(relationship);
            }
        }
        let words = Words::of(tx, &contact, &parts, &evidence).await?;
        Ok(Person {
            requests: privacy::requests(tx, id).await?,
            relationships: agreed,
            contact,
            parts,
            evidence,
            words,
        })
    }

    async fn partners_with(
        &self,
        tx: &mut Tx,
        address: &EmailAddress,
    ) -> Result<Vec<String>, storage::Error> {
        let is_own = |email: &str| {
            email
                .parse::<EmailAddress>()
                .is_ok_and(|own| own == *address)
        };
        let partners = partner::list(tx).await?;
        let own = partners
            .into_iter()
            .filter(|partner| is_own(&partner.email));
        Ok(own.map(|partner| partner.handle).collect())
    }

    /// The pending invitations that only they could answer, and how many mails were to follow.
    async fn revoke(
        &self,
        tx: &mut Tx,
        person: &Person,
    ) -> Result<(Vec<Revoked>, u64), storage::Error> {
        let mut cancelled = 0;
        let mut revoked = Vec::new();
        for part in &person.parts {
            if part.state != StateName::Pending || part.asked_id != person.contact.id {
                continue;
            }
            let id = part.invitation_id;
            let Some(held) = hold_invitation(tx, id).await? else {
                continue;
            };
            let Ok(state) = held.invitation.state().revoke(self.now) else {
                continue;
            };
            if !invitation::end(tx, id, &state).await? {
                continue;
            }
            cancelled += cancel_waiting(tx, &held, self.now).await?;
            let data = serde_json::json!({ "because": ERASED });
            let partner = held.partner.id;
            self.event(tx, partner, EventKind::InvitationRevoked, id.uuid(), data)
                .await?;
            revoked.push(Revoked {
                invitation: id,
                partner: held.partner.handle,
            });
        }
        Ok((revoked, cancelled))
    }

    /// Nobody could be told before roles extend themselves, and nobody could end that.
    async fn stop_extending(&self, tx: &mut Tx, person: &Person) -> Result<(), storage::Error> {
        for id in &person.relationships {
            let Some(mut held) = relation::hold(tx, *id).await? else {
                continue;
            };
            let extended: Vec<_> = held
                .grants
                .iter()
                .filter(|grant| grant.auto_extend)
                .cloned()
                .collect();
            if extended.is_empty() {
                continue;
            }
            for grant in &extended {
                grant::set_auto_extend(tx, grant.id, false).await?;
            }
            held.write(tx, self.now).await?;
            let kind = EventKind::ExtensionStopped;
            held.record(tx, &self.engine, Actor::Operator, kind, &extended, self.now)
                .await?;
        }
        Ok(())
    }

    async fn rewrite_notices(&self, tx: &mut Tx, person: &Person) -> Result<u64, storage::Error> {
        let contact = person.contact.id.uuid();
        let subjects: BTreeSet<Uuid> = std::iter::once(contact)
            .chain(person.parts.iter().map(|part| part.invitation_id.uuid()))
            .chain(person.requests.iter().map(|request| request.id.uuid()))
            .chain(person.requests.iter().map(|request| request.inquiry_id))
            .collect();
        let notices = privacy::notices(tx, subjects).await?;
        let is_own = |notice: &Notice| notice.target_id == contact;
        // What they asked of partners is not passed on any more, either.
        let asked: HashSet<Uuid> = person
            .requests
            .iter()
            .flat_map(|it| [it.id.uuid(), it.inquiry_id])
            .collect();
        let ends = |notice: &Notice| is_own(notice) || asked.contains(&notice.subject_id);
        let own: Vec<NoticeId> = notices
            .iter()
            .filter(|it| ends(it))
            .map(|it| it.id)
            .collect();
        let why = Irrelevant::Erased.as_str();
        let cancelled = privacy::cancel(tx, &own, why, self.now).await?;
        let words = &person.words;
        let rewritten: Vec<_> = notices
            .iter()
            .map(|notice| {
                let reply = words.reply(notice, ends(notice));
                (notice, words.payload(notice), reply)
            })
            .filter(|(notice, payload, reply)| {
                ends(notice) || *payload != notice.payload || *reply != notice.last_reply
            })
            .map(|(notice, payload, reply)| {
                Rewritten::new(notice.id, payload, reply, is_own(notice))
            })
            .collect();
        privacy::rewrite(tx, &rewritten).await?;
        let own: HashSet<NoticeId> = own.into_iter().collect();
        let mut replies = privacy::replies(tx, &notices).await?;
        replies.retain(|it| own.contains(&it.notice_id) || words.are_in(&it.reply));
        privacy::blank_replies(tx, &replies).await?;
        Ok(cancelled)
    }

    async fn rewrite_invitations(
        &self,
        tx: &mut Tx,
        person: &Person,
    ) -> Result<(), storage::Error> {
        let contact = person.contact.id;
        let words = &person.words;
        let invitations: Vec<_> = person.parts.iter().map(|part| part.invitation_id).collect();
        let parts: Vec<Part> = person
            .parts
            .iter()
            .cloned()
            .map(|mut part| {
                // What was written to this person, and by them, goes as a whole; the rest only where it names them.
                let is_theirs = part.asked_id == contact;
                let stays = |text: &String| !is_theirs && !words.are_in(text);
                part.note = part.note.filter(stays);
                part.decline_text = part.decline_text.filter(stays);
                part.reference = part.reference.filter(|text| !words.are_in(text));
                part
            })
            .collect();
        privacy::write_words(tx, &parts).await?;
        privacy::forget_answers(tx, contact, &person.contact.address).await?;
        privacy::forget_keys(tx, &invitations).await
    }

    /// `true` when the address takes no mail from here from now on.
    async fn suppress(&self, tx: &mut Tx) -> Result<bool, storage::Error> {
        let mailbox = self.engine.keys.mailbox(self.wish.address.as_str());
        if !self.wish.may_be_invited {
            let row = Suppression {
                address: None,
                ..Suppression::new(
                    &self.engine.keys,
                    self.wish.address.as_str(),
                    ERASED,
                    self.now,
                )
            };
            suppression::insert(tx, &row).await?;
        }
        suppression::forget(tx, &mailbox).await?;
        Ok(suppression::find(tx, &mailbox).await?.is_some())
    }

    /// An entry in the chain of each invitation and inquiry: that, and how much, and no person.
    async fn record(
        &self,
        tx: &mut Tx,
        person: &Person,
        all: &Erasure,
    ) -> Result<(), storage::Error> {
        let mut told = HashSet::new();
        for part in &person.parts {
            if !told.insert(part.invitation_id) {
                continue;
            }
            let fate = all
                .evidence
                .iter()
                .find(|it| it.invitation == part.invitation_id);
            let data = serde_json::json!({
                "contact": person.contact.id,
                "role": part.role,
                "evidence": fate.map(|fate| if fate.is_kept() { "kept" } else { "erased" }),
            });
            let subject = part.invitation_id.uuid();
            self.event(tx, part.partner_id, EventKind::PersonErased, subject, data)
                .await?;
        }
        for request in person.requests.iter().filter(|it| it.sent_at.is_some()) {
            let data = serde_json::json!({ "contact": person.contact.id });
            let (partner, subject) = (request.partner_id, request.id.uuid());
            self.event(tx, partner, EventKind::PersonErased, subject, data)
                .await?;
        }
        Ok(())
    }

    async fn event(
        &self,
        tx: &mut Tx,
        partner: PartnerId,
        kind: EventKind,
        subject: Uuid,
        data: serde_json::Value,
    ) -> Result<(), storage::Error> {
        let event = event::New {
            id: fresh_id(self.now),
            partner,
            kind,
            subject,
            actor: Actor::Operator,
            data,
            at: self.now,
        };
        event::insert(tx, &event).await
    }
}

/// Erases the evidence whose time is over, with an entry in the chain for each, without which a verification would find it
/// changed; returns what becomes of all.
pub(super) async fn erase_evidence(
    tx: &mut Tx,
    engine: &Engine,
    kept: &[Kept],
    now: Timestamp,
) -> Result<Vec<Fate>, storage::Error> {
    let rules = &engine.settings.retention;
    let mut fates = Vec::with_capacity(kept.len());
    for kept in kept {
        let fate = Fate::of(kept, rules, now);
        if fate.is_over() && privacy::blank_evidence(tx, kept.id).await? {
            let event = event::New {
                id: fresh_id(now),
                partner: kept.partner_id,
                kind: EventKind::EvidenceErased,
                subject: kept.invitation_id.uuid(),
                actor: Actor::System,
                data: serde_json::json!({ "acceptance": kept.id }),
                at: now,
            };
            event::insert(tx, &event).await?;
        }
        fates.push(fate);
    }
    Ok(fates)
}
