//! The rows of the invitations that are to be made, written in sets.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use super::check::{Fate, Named, New, OrganizationKey, Plan};
use super::{InviteError, Outcome, Outcomes, Step, Undone, key_lifetime};
use crate::domain::audit::EventKind;
use crate::domain::ids::{InvitationId, PartnerId};
use crate::domain::invitation::{RecipientRole, StateName};
use crate::domain::limit::{Counter, Tally};
use crate::domain::notice::Happening;
use crate::storage::contact::Contact;
use crate::storage::invitation::Invitation;
use crate::storage::organization::Organization;
use crate::storage::partner::Partner;
use crate::storage::recipient::Recipient;
use crate::storage::{
    self, Tx, contact, event, idempotency, invitation, limit, notice, organization, recipient,
};
use crate::workflow::people::Viewing;
use crate::workflow::{FollowUps, Record, domain_of, fresh_id, rows_of, zone};

/// Makes what the plan says; what comes of each item stands at its place.
pub(super) async fn make<'a>(
    tx: &mut Tx,
    step: &'a Step,
    partner: &Partner,
    plan: Plan<'a>,
) -> Result<Outcomes, Undone> {
    let new: Vec<_> = plan.contacts.new.values().collect();
    let added = contact::find_or_insert_many(tx, &new).await?;
    let address = |contact: &Contact| contact.address.clone();
    let contacts = settled(plan.contacts, added, address, |address| {
        (*address).to_owned()
    })?;
    let new: Vec<_> = plan.organizations.new.values().collect();
    let added = organization::find_or_insert_many(tx, &new).await?;
    let name = |it: &Organization| (it.name_key.clone(), it.cloud);
    let organizations = settled(plan.organizations, added, name, |(name, cloud)| {
        ((*name).to_owned(), *cloud)
    })?;
    let maker = Maker {
        step,
        partner,
        contacts,
        organizations,
    };
    let mut ends = maker.make(tx, &plan.fates).await?;
    let outcomes = outcomes(plan.fates, &mut ends);
    maker.keep_answers(tx, &outcomes).await?;
    maker.count(tx, &plan.tally, &outcomes).await?;
    Ok(outcomes)
}

/// Those that are there now.
fn settled<K, V, O>(
    named: Named<K, V>,
    added: Vec<V>,
    of_row: impl Fn(&V) -> O,
    of_key: impl Fn(&K) -> O,
) -> Result<HashMap<K, V>, storage::Error>
where
    K: Eq + Hash,
    O: Eq + Hash,
{
    let Named { mut there, new } = named;
    let mut added: HashMap<O, V> = added.into_iter().map(|row| (of_row(&row), row)).collect();
    for key in new.into_keys() {
        let row = added.remove(&of_key(&key));
        let row = row.ok_or_else(|| storage::Error::Refused("a row did not stay".to_owned()))?;
        there.insert(key, row);
    }
    Ok(there)
}

/// What came of each item.
fn outcomes(fates: Vec<Fate>, made: &mut HashMap<usize, Outcome>) -> Outcomes {
    let mut outcomes: Outcomes = Vec::with_capacity(fates.len());
    for (item, fate) in fates.into_iter().enumerate() {
        let of_first = |first: usize, outcome: fn(InvitationId) -> Outcome| {
            outcomes[first].clone().map(|first| outcome(first.id()))
        };
        let outcome = match fate {
            Fate::Is(outcome) => outcome,
            Fate::New(_) => made
                .remove(&item)
                .ok_or_else(|| storage::Error::Refused("no outcome".to_owned()).into()),
            Fate::TwinOf(first) => of_first(first, Outcome::AlreadyPending),
            Fate::RepeatOf(first) => of_first(first, Outcome::Replayed),
        };
        outcomes.push(outcome);
    }
    outcomes
}

struct Maker<'a, 'p> {
    step: &'a Step,
    partner: &'p Partner,
    contacts: HashMap<&'a str, Contact>,
    organizations: HashMap<OrganizationKey<'a>, Organization>,
}

impl Maker<'_, '_> {
    /// Writes the invitations, and what follows from each that was not made by another one meanwhile.
    async fn make(&self, tx: &mut Tx, fates: &[Fate]) -> Result<HashMap<usize, Outcome>, Undone> {
        let mut new = Vec::new();
        for (item, fate) in fates.iter().enumerate() {
            if let Fate::New(said) = fate {
                new.push((item, self.invitation(item, said)?));
            }
        }
        let mut in_order: Vec<_> = new.iter().map(|(_, invitation)| invitation).collect();
        in_order.sort_unstable_by_key(|it| equality(it));
        let stored = invitation::insert_many(tx, &in_order).await?;
        let stored: HashSet<InvitationId> = stored.into_iter().collect();
        let (made, overtaken): (Vec<_>, Vec<_>) = new
            .iter()
            .partition(|(_, invitation)| stored.contains(&invitation.id));
        let mut ends = twins(tx, self.partner.id, &overtaken).await?;
        let rows = self.rows(&made)?;
        recipient::insert_many(tx, &rows.recipients).await?;
        event::insert_many(tx, &rows.events).await?;
        notice::enqueue(tx, &rows.notices, self.step.now).await?;
        ends.extend(
            made.iter()
                .map(|(item, it)| (*item, Outcome::Created(it.id))),
        );
        Ok(ends)
    }

    fn contact(&self, address: &str) -> Result<&Contact, storage::Error> {
        let contact = self.contacts.get(address);
        contact.ok_or_else(|| storage::Error::Refused("no contact row".to_owned()))
    }

    fn invitation(&self, item: usize, said: &New) -> Result<Invitation, storage::Error> {
        let step = self.step;
        let asked = &step.asked[item];
        let request = &asked.request;
        let organization = self.organizations.get(&asked.organization_key());
        let organization = organization
            .ok_or_else(|| storage::Error::Refused("no organization row".to_owned()))?;
        let days = request
            .expires_in_days
            .unwrap_or(step.engine.settings.expires_days);
        let span = jiff::Span::new().days(i64::from(days));
        let text = |text: &str| text.to_owned();
        Ok(Invitation {
            id: self.id(item),
            partner_id: self.partner.id,
            organization_id: organization.id,
            contact_id: self.contact(request.email.as_str())?.id,
            state: StateName::Pending,
            offer: asked.offer.clone(),
            offer_key: asked.offer_key.clone(),
            language: said.language.clone(),
            expires_at: step.now.plus(span, &zone(&said.time_zone)),
            time_zone: said.time_zone.clone(),
            note: request.note.as_ref().map(|note| text(note.as_str())),
            links: asked.links.clone(),
            reference: request.reference.as_ref().map(|it| text(it.as_str())),
            source: step.trigger.source.to_string(),
            forced: request.force,
            created_at: step.now,
            ended_at: None,
            decline_reason: None,
            decline_text: None,
        })
    }

    /// An identifier of the `n`th row of its kind: in a list, they stand in the order of the call.
    fn id<T: From<uuid::Uuid>>(&self, n: usize) -> T {
        fresh_id(self.step.now.plus_micros(i64::try_from(n).unwrap_or(0)))
    }

    /// What follows from the invitations that were made.
    fn rows(&self, made: &[&(usize, Invitation)]) -> Result<Rows, storage::Error> {
        let (step, partner) = (self.step, self.partner);
        let schedule = step.engine.schedule_of(partner);
        let partner_domain = domain_of(&partner.email);
        let mut rows = Rows::default();
        for (item, invitation) in made {
            let request = &step.asked[*item].request;
            let contact = self.contact(request.email.as_str())?;
            let signer = self.signer(invitation, request.name.as_str());
            let record = self.created(invitation, &signer, contact, &partner_domain);
            rows.recipients.push(signer);
            let mut records = vec![record];
            for (viewer, generation) in request.viewers.iter().zip(1..) {
                let viewing = Viewing {
                    invitation: invitation.id,
                    partner: partner.id,
                    contact: self.contact(viewer.as_str())?,
                    generation,
                    partner_domain: &partner_domain,
                    time_zone: &invitation.time_zone,
                    ends_at: invitation.expires_at,
                    actor: step.trigger.actor,
                };
                let (viewer, record) = viewing.rows(&step.engine, step.now);
                rows.recipients.push(viewer);
                records.push(record);
            }
            for record in records {
                let (mut event, notices) = rows_of(record, &schedule);
                event.id = self.id(rows.events.len());
                rows.events.push(event);
                rows.notices.extend(notices);
            }
        }
        Ok(rows)
    }

    fn signer(&self, invitation: &Invitation, name: &str) -> Recipient {
        Recipient {
            id: fresh_id(self.step.now),
            invitation_id: invitation.id,
            contact_id: invitation.contact_id,
            role: RecipientRole::Signer,
            name: name.to_owned(),
            generation: 1,
            key_id: i64::from(self.step.engine.tokens.current_key()),
            links_expire_at: invitation.expires_at,
            reminders_stopped_at: None,
            undeliverable_at: None,
            created_at: self.step.now,
        }
    }

    fn created<'r>(
        &self,
        invitation: &'r Invitation,
        signer: &Recipient,
        contact: &'r Contact,
        partner_domain: &'r str,
    ) -> Record<'r> {
        let trigger = &self.step.trigger;
        let mut data = serde_json::json!({
            "contact": contact.id,
            "organization": invitation.organization_id,
            "offer": invitation.offer_key,
            "forced": invitation.forced,
            "source": trigger.source,
        });
        if let Some(key) = trigger.api_key {
            data["api_key"] = serde_json::json!(key);
        }
        Record {
            invitation: invitation.id,
            partner: self.partner.id,
            actor: trigger.actor,
            kind: EventKind::InvitationCreated,
            data,
            now: self.step.now,
            follow_ups: Some(FollowUps {
                happening: if trigger.asked_for {
                    Happening::AskedFor
                } else {
                    Happening::Sent
                },
                contact: contact.id,
                contact_domain: &contact.domain,
                partner_domain,
                generation: signer.token_generation(),
                time_zone: &invitation.time_zone,
                ends_at: invitation.expires_at,
                payload: "{}".to_owned(),
            }),
        }
    }

    /// Remembers the answers to items with a key.
    async fn keep_answers(
        &self,
        tx: &mut Tx,
        outcomes: &[Result<Outcome, InviteError>],
    ) -> Result<(), Undone> {
        let step = self.step;
        let answers = step
            .asked
            .iter()
            .zip(outcomes)
            .filter_map(|(asked, outcome)| {
                let (key, hash) = asked.key.as_ref()?;
                match outcome {
                    Ok(Outcome::Created(id) | Outcome::AlreadyPending(id)) => {
                        Some(idempotency::Answered {
                            key,
                            request_sha256: hash,
                            answer: id.to_string(),
                        })
                    }
                    Ok(Outcome::Replayed(_)) | Err(_) => None,
                }
            });
        let mut answers: Vec<_> = answers.collect();
        answers.sort_unstable_by_key(|answered| answered.key);
        let until = step.now.plus_micros(key_lifetime(step.trigger.source));
        let kept = idempotency::keep(tx, self.partner.id, &answers, step.now, until).await?;
        if kept < answers.len() {
            return Err(Undone::Overtaken);
        }
        Ok(())
    }

    /// Counts what was made, as the last of the transaction: others wait for the same counters until it ends.
    async fn count(
        &self,
        tx: &mut Tx,
        tally: &Tally,
        outcomes: &[Result<Outcome, InviteError>],
    ) -> Result<(), Undone> {
        let mut counters: BTreeMap<&Counter, i64> = BTreeMap::new();
        for (asked, outcome) in self.step.asked.iter().zip(outcomes) {
            if !matches!(outcome, Ok(Outcome::Created(_))) {
                continue;
            }
            for (counter, _) in &asked.counts_for {
                if tally.counts(counter.limit) {
                    *counters.entry(counter).or_default() += 1;
                }
            }
        }
        let used = limit::take(tx, counters, self.step.now).await?;
        let is_above = |(counter, used): &(Counter, i64)| tally.is_above(counter.limit, *used);
        if used.iter().any(is_above) {
            return Err(Undone::Overtaken);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Rows {
    recipients: Vec<Recipient>,
    events: Vec<event::New>,
    notices: Vec<notice::New>,
}

/// What equal invitations of a partner have in common.
fn equality(invitation: &Invitation) -> (uuid::Uuid, uuid::Uuid, &str) {
    let (organization, contact) = (invitation.organization_id, invitation.contact_id);
    (organization.uuid(), contact.uuid(), &invitation.offer_key)
}

/// What others made in the place of these.
async fn twins(
    tx: &mut Tx,
    partner: PartnerId,
    overtaken: &[&(usize, Invitation)],
) -> Result<HashMap<usize, Outcome>, Undone> {
    let of = overtaken
        .iter()
        .map(|(_, it)| (it.organization_id, it.contact_id, &*it.offer_key));
    let of: Vec<_> = of.collect();
    let found = invitation::pending_twins(tx, partner, &of).await?;
    let found: HashMap<_, _> = found
        .iter()
        .map(|twin| {
            let (organization, contact) = (twin.organization_id, twin.contact_id);
            ((organization, contact, &*twin.offer_key), twin.id)
        })
        .collect();
    let mut ends = HashMap::new();
    for ((item, _), of) in overtaken.iter().zip(of) {
        // It has ended meanwhile, too.
        let twin = found.get(&of).ok_or(Undone::Overtaken)?;
        ends.insert(*item, Outcome::AlreadyPending(*twin));
    }
    Ok(ends)
}
