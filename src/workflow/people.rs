//! Somebody else is asked to answer: the customer hands an invitation over to a colleague, or the partner corrects an address.
//! And somebody may read along, who cannot answer.
//!
//! The row of whoever was asked before stays, as `former`: its links say so, and the record shows who had it.

mod viewing;

pub(super) use viewing::Viewing;

use super::accept::{cancel_waiting, customer_follow_ups};
use super::link::{Held, Standing, hold, hold_invitation};
use super::revoke::StepError;
use super::{Engine, FollowUps, Record, domain_of, fresh_id, plan, record, stored};
use super::{limit, mailbox};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::FieldError;
use crate::domain::ids::{ContactId, InvitationId, RecipientId};
use crate::domain::invitation::RecipientRole;
use crate::domain::notice::{Concerns, Happening};
use crate::domain::people::{MOST_VIEWERS, MOST_VIEWERS_ADDED, Unfit, may_hand_over};
use crate::domain::person::PersonName;
use crate::domain::time::Timestamp;
use crate::domain::token::Claims;
use crate::storage::contact::Contact;
use crate::storage::recipient::{Part, Recipient};
use crate::storage::{self, Tx, contact, event, invitation, recipient};

/// Somebody who is to answer.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their full name.
    pub name: PersonName,
    /// Their mailbox.
    pub email: EmailAddress,
}

/// What came of what the customer asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// That address cannot be asked, or read along.
    Unfit(Unfit),
    /// The invitation cannot be answered any more, or not by this link.
    Closed,
}

/// The customer has a colleague answer: a new link goes there, the old one ends, the partner is told.
///
/// # Errors
/// The database is away.
pub async fn hand_over(
    engine: &Engine,
    claims: Claims,
    to: Person,
) -> Result<Outcome, storage::Error> {
    let step = Step::now(engine);
    let outcome = engine
        .db
        .write(move |tx| Box::pin(async move { step.hand_over(tx, &claims, &to).await }))
        .await?;
    engine.wake().await;
    Ok(outcome)
}

/// The customer has somebody read along. Whoever does already gets no second mail.
///
/// # Errors
/// The database is away.
pub async fn add_viewer(
    engine: &Engine,
    claims: Claims,
    email: EmailAddress,
) -> Result<Outcome, storage::Error> {
    let step = Step::now(engine);
    let outcome = engine
        .db
        .write(move |tx| {
            Box::pin(async move { step.add_viewer_of_signer(tx, &claims, &email).await })
        })
        .await?;
    engine.wake().await;
    Ok(outcome)
}

/// The customer has somebody read along no more; `false` where nobody of that row does.
///
/// # Errors
/// The database is away.
pub async fn remove_viewer(
    engine: &Engine,
    claims: Claims,
    viewer: RecipientId,
) -> Result<bool, storage::Error> {
    let step = Step::now(engine);
    engine
        .db
        .write(move |tx| Box::pin(async move { step.remove_viewer(tx, &claims, viewer).await }))
        .await
}

/// A correction, as the partner writes it.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The mailbox.
    pub email: EmailAddress,
    /// Another name, if that was wrong, too.
    pub name: Option<PersonName>,
    /// Ask a mailbox at the partner's own domain all the same.
    pub force: bool,
}

/// The partner corrects the address of a pending invitation: a new link goes there, the old one ends.
///
/// # Errors
/// There is none, it was answered or is over, the address cannot be asked, or the database is away.
pub async fn correct(
    engine: &Engine,
    id: InvitationId,
    to: Correction,
    actor: Actor,
) -> Result<(), StepError> {
    let step = Step::now(engine);
    engine
        .db
        .write(move |tx| Box::pin(async move { step.correct(tx, id, &to, actor).await }))
        .await?;
    engine.wake().await;
    Ok(())
}

pub(super) struct Step {
    engine: Engine,
    now: Timestamp,
}

impl Step {
    fn now(engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            now: engine.clock.now(),
        }
    }

    /// What a customer's link leads to, while it can be answered.
    async fn open(&self, tx: &mut Tx, claims: &Claims) -> Result<Option<Held>, storage::Error> {
        let held = hold(tx, claims, self.now).await?;
        Ok(held.filter(|held| {
            held.standing == Standing::Current && held.invitation.state().open(self.now).is_ok()
        }))
    }

    async fn hand_over(
        &self,
        tx: &mut Tx,
        claims: &Claims,
        to: &Person,
    ) -> Result<Outcome, storage::Error> {
        let Some(held) = self.open(tx, claims).await? else {
            return Ok(Outcome::Closed);
        };
        let kind = EventKind::InvitationHandedOver;
        let times = event::count_of_subject(tx, held.invitation.id.uuid(), kind).await?;
        let times = usize::try_from(times).unwrap_or(usize::MAX);
        let from = held.contact.address.parse();
        let fits = match from {
            Ok(from) => may_hand_over(&from, &to.email, times),
            Err(_) => Err(Unfit::OtherDomain),
        };
        if let Err(unfit) = fits {
            return Ok(Outcome::Unfit(unfit));
        }
        if mailbox::suppressed(tx, &self.engine, &to.email)
            .await?
            .is_some()
        {
            return Ok(Outcome::Unfit(Unfit::TakesNoMail));
        }
        let actor = Actor::Contact(held.contact.id);
        let Some(generation) = self
            .ask(tx, &held, to, EventKind::InvitationHandedOver, actor)
            .await?
        else {
            return Ok(Outcome::Unfit(Unfit::Already));
        };
        let partner_domain = domain_of(&held.partner.email);
        let told = FollowUps {
            generation,
            payload: concerns(held.recipient.id),
            ..customer_follow_ups(&held, Happening::HandedOver, &partner_domain)
        };
        let schedule = &self.engine.schedule_of(&held.partner);
        let (id, partner) = (held.invitation.id, held.partner.id);
        plan(tx, id, partner, &told, schedule, self.now).await?;
        Ok(Outcome::Done)
    }

    async fn correct(
        &self,
        tx: &mut Tx,
        id: InvitationId,
        to: &Correction,
        actor: Actor,
    ) -> Result<(), StepError> {
        let held = hold_invitation(tx, id).await?.ok_or(StepError::NotFound)?;
        if let Actor::Partner(partner) = actor
            && partner != held.partner.id
        {
            return Err(StepError::NotFound);
        }
        if held.invitation.state().open(self.now).is_err() {
            let ended = held.invitation.state().name_at(self.now);
            return Err(StepError::Ended(ended));
        }
        if held.contact.address == to.email.as_str() {
            return Err(field(
                "it is the address on file; `countersign invitation resend` sends the link there again",
            ));
        }
        mailbox::check(tx, &self.engine, &held.partner, &to.email, to.force)
            .await?
            .map_err(|refusal| StepError::Field(refusal.into()))?;
        let name = match &to.name {
            Some(name) => name.clone(),
            None => held.recipient.name.parse().map_err(|_| {
                StepError::Field(FieldError {
                    field: "name",
                    message: "the name on file does not read back: give it anew with --name"
                        .to_owned(),
                })
            })?,
        };
        let person = Person {
            name,
            email: to.email.clone(),
        };
        let asked = self
            .ask(tx, &held, &person, EventKind::InvitationCorrected, actor)
            .await?;
        if asked.is_some() {
            self.forget_viewers_of(tx, &held).await?;
        }
        asked.ok_or_else(|| {
            field("this mailbox has the same offer of yours waiting already: revoke one of the two")
        })?;
        // Else one invitation, corrected again and again, would write to everybody.
        let counts_for = limit::of_mailbox(&self.engine, &to.email, "email")
            .chain(limit::of_maker(held.partner.id, None));
        let counts_for: Vec<_> = counts_for.collect();
        Ok(limit::spend(tx, &self.engine, &held.partner, &counts_for, self.now).await??)
    }

    /// Whom a wrong mailbox let read along was not chosen by the right one; whom the partner named stays.
    async fn forget_viewers_of(&self, tx: &mut Tx, held: &Held) -> Result<(), storage::Error> {
        for viewer in viewers_chosen_by(tx, held.invitation.id, held.contact.id).await? {
            recipient::retire_viewer(tx, held.invitation.id, viewer).await?;
        }
        Ok(())
    }

    /// Asks `to` in place of whoever was asked before; the generation of the new links, or `None` where that mailbox has the
    /// same offer waiting.
    async fn ask(
        &self,
        tx: &mut Tx,
        held: &Held,
        to: &Person,
        kind: EventKind,
        actor: Actor,
    ) -> Result<Option<u32>, storage::Error> {
        let id = held.invitation.id;
        let contact = self.mailbox(tx, &to.email).await?;
        let expires_at = self.expiry(held);
        // What the record says of the partner's own domain is about whoever is asked now.
        let forced = domain_of(&held.partner.email) == contact.domain;
        if !invitation::readdress(tx, id, contact.id, expires_at, forced).await? {
            return Ok(None);
        }
        cancel_waiting(tx, held, self.now).await?;
        recipient::retire(tx, id, contact.id).await?;
        let new = Recipient {
            id: fresh_id(self.now),
            contact_id: contact.id,
            name: to.name.as_str().to_owned(),
            // Above the one before: what is under way to the former mailbox is not current any more.
            generation: held.recipient.generation + 1,
            key_id: i64::from(self.engine.tokens.current_key()),
            links_expire_at: expires_at,
            reminders_stopped_at: None,
            undeliverable_at: None,
            created_at: self.now,
            ..held.recipient.clone()
        };
        recipient::insert(tx, &new).await?;
        // It may be back at a mailbox that wanted no more reminders: a correction does not take that from it.
        if let Some(since) = recipient::stopped_by(tx, id, contact.id).await? {
            recipient::stop_reminders(tx, new.id, since).await?;
        }
        let partner_domain = domain_of(&held.partner.email);
        let event = Record {
            invitation: id,
            partner: held.partner.id,
            actor,
            kind,
            data: serde_json::json!({
                "from": held.contact.id,
                "to": contact.id,
                "generation": new.generation,
            }),
            now: self.now,
            follow_ups: Some(FollowUps {
                contact: contact.id,
                contact_domain: &contact.domain,
                generation: new.token_generation(),
                ends_at: expires_at,
                ..customer_follow_ups(held, Happening::Sent, &partner_domain)
            }),
        };
        record(tx, event, &self.engine.schedule_of(&held.partner)).await?;
        Ok(Some(new.token_generation()))
    }

    /// Whoever is asked now has as long as the one before had, but this invitation waits no longer than the longest may.
    fn expiry(&self, held: &Held) -> Timestamp {
        let span = held.invitation.expires_at.as_micros() - held.invitation.created_at.as_micros();
        held.extended_to(self.now.plus_micros(span))
    }

    async fn mailbox(&self, tx: &mut Tx, email: &EmailAddress) -> Result<Contact, storage::Error> {
        let new = Contact {
            id: fresh_id(self.now),
            address: email.as_str().to_owned(),
            smtp_address: email.for_smtp(),
            domain: email.domain().to_owned(),
            language: None,
            time_zone: None,
            created_at: self.now,
        };
        contact::find_or_insert(tx, &new).await
    }

    async fn add_viewer_of_signer(
        &self,
        tx: &mut Tx,
        claims: &Claims,
        email: &EmailAddress,
    ) -> Result<Outcome, storage::Error> {
        let Some(held) = self.open(tx, claims).await? else {
            return Ok(Outcome::Closed);
        };
        // A suppressed one is taken like any other, and gets no mail: nobody learns of it here.
        let actor = Actor::Contact(held.contact.id);
        Ok(match self.add_viewer(tx, &held, email, actor).await? {
            Ok(_) => Outcome::Done,
            Err(unfit) => Outcome::Unfit(unfit),
        })
    }

    async fn remove_viewer(
        &self,
        tx: &mut Tx,
        claims: &Claims,
        viewer: RecipientId,
    ) -> Result<bool, storage::Error> {
        let Some(held) = self.open(tx, claims).await? else {
            return Ok(false);
        };
        let parts = recipient::of_invitation(tx, held.invitation.id).await?;
        let reads = |part: &&Part| part.id == viewer && part.role == RecipientRole::Viewer;
        let Some(part) = parts.iter().find(reads) else {
            return Ok(false);
        };
        recipient::retire_viewer(tx, held.invitation.id, part.contact_id).await?;
        let event = Record {
            invitation: held.invitation.id,
            partner: held.partner.id,
            actor: Actor::Contact(held.contact.id),
            kind: EventKind::ViewerRemoved,
            data: serde_json::json!({ "contact": part.contact_id }),
            now: self.now,
            follow_ups: None,
        };
        let schedule = &self.engine.schedule_of(&held.partner);
        record(tx, event, schedule).await?;
        Ok(true)
    }

    /// Has a mailbox read along, in a transaction that holds the invitation.
    async fn add_viewer(
        &self,
        tx: &mut Tx,
        held: &Held,
        email: &EmailAddress,
        actor: Actor,
    ) -> Result<Result<RecipientId, Unfit>, storage::Error> {
        let id = held.invitation.id;
        if held.contact.address == email.as_str() {
            return Ok(Err(Unfit::Own));
        }
        let parts = recipient::of_invitation(tx, id).await?;
        let viewers = parts
            .iter()
            .filter(|part| part.role == RecipientRole::Viewer);
        if let Some(part) = viewers.clone().find(|part| part.address == email.as_str()) {
            return Ok(Ok(part.id));
        }
        // Removing one makes room for another, but not for mails without end.
        let added = event::count_of_subject(tx, id.uuid(), EventKind::ViewerAdded).await?;
        if viewers.count() >= MOST_VIEWERS || added >= MOST_VIEWERS_ADDED {
            return Ok(Err(Unfit::TooMany));
        }
        let contact = self.mailbox(tx, email).await?;
        let partner_domain = domain_of(&held.partner.email);
        let viewing = Viewing {
            invitation: id,
            partner: held.partner.id,
            contact: &contact,
            generation: i64::try_from(parts.len()).unwrap_or(i64::MAX),
            partner_domain: &partner_domain,
            time_zone: &held.invitation.time_zone,
            ends_at: held.invitation.expires_at,
            actor,
        };
        let (new, event) = viewing.rows(&self.engine, self.now);
        recipient::insert(tx, &new).await?;
        record(tx, event, &self.engine.schedule_of(&held.partner)).await?;
        Ok(Ok(new.id))
    }
}

/// Has those whom the partner named read along, in the transaction that made the invitation.
pub(super) async fn add_viewers(
    tx: &mut Tx,
    engine: &Engine,
    now: Timestamp,
    id: InvitationId,
    viewers: &[EmailAddress],
    actor: Actor,
) -> Result<(), storage::Error> {
    if viewers.is_empty() {
        return Ok(());
    }
    let missing = || storage::Error::Refused("no rows of the invitation".to_owned());
    let held = hold_invitation(tx, id).await?.ok_or_else(missing)?;
    let step = Step {
        engine: engine.clone(),
        now,
    };
    for viewer in viewers {
        // Checked with the request: what is wrong with one of them was said there.
        if let Err(unfit) = step.add_viewer(tx, &held, viewer, actor).await? {
            return Err(storage::Error::Refused(format!(
                "a viewer was not taken: {unfit}"
            )));
        }
    }
    Ok(())
}

/// Whom a mailbox let read along of an invitation.
pub(super) async fn viewers_chosen_by(
    tx: &mut Tx,
    id: InvitationId,
    contact: ContactId,
) -> Result<Vec<ContactId>, storage::Error> {
    #[derive(serde::Deserialize)]
    struct Added {
        contact: ContactId,
    }
    let who = Actor::Contact(contact).to_string();
    let events = event::of_subject(tx, id.uuid()).await?;
    let chosen = events
        .iter()
        .filter(|it| it.kind == EventKind::ViewerAdded.as_str() && it.actor == who);
    chosen
        .map(|it| stored(&it.data).map(|added: Added| added.contact))
        .collect()
}

fn concerns(recipient: RecipientId) -> String {
    serde_json::to_string(&Concerns { recipient }).unwrap_or_else(|_| "{}".to_owned())
}

fn field(message: &str) -> StepError {
    StepError::Field(FieldError {
        field: "email",
        message: message.to_owned(),
    })
}
