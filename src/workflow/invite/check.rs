//! What is known of the items of a call, and what is to become of each: decided one after the other, as if each had come alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{AGREEMENT, Asked, InviteError, Outcome, Step, spoken};
use crate::domain::address::EmailAddress;
use crate::domain::draft::Source;
use crate::domain::ids::{ContactId, InvitationId, OrganizationId};
use crate::domain::language::Language;
use crate::domain::limit::Tally;
use crate::domain::microsoft::Cloud;
use crate::storage::contact::Contact;
use crate::storage::organization::Organization;
use crate::storage::partner::Partner;
use crate::storage::{
    self, Tx, agreement, contact, idempotency, invitation, limit, organization, suppression,
};
use crate::workflow::mailbox::MailboxRefusal;
use crate::workflow::{domain_of, fresh_id};

/// What is to become of an item.
pub(super) enum Fate {
    /// That, without anything being made.
    Is(Result<Outcome, InviteError>),
    /// An invitation is made.
    New(New),
    /// The item of that number in this call asks for the same.
    TwinOf(usize),
    /// The item of that number in this call has the same key.
    RepeatOf(usize),
}

/// An invitation that is to be made.
pub(super) struct New {
    pub(super) language: Language,
    pub(super) time_zone: String,
}

/// What is to become of all items, and the mailboxes and organizations that are named in those that are to be made.
pub(super) struct Plan<'a> {
    pub(super) fates: Vec<Fate>,
    pub(super) contacts: Contacts<'a>,
    pub(super) organizations: Organizations<'a>,
    pub(super) tally: Tally,
}

/// Those that are there, by what they are known by, and those that are not.
pub(super) struct Named<K, V> {
    pub(super) there: HashMap<K, V>,
    pub(super) new: BTreeMap<K, V>,
}

type Contacts<'a> = Named<&'a str, Contact>;
type Organizations<'a> = Named<OrganizationKey<'a>, Organization>;
/// By what a partner's organization is known: its name as it is compared, and its cloud.
pub(super) type OrganizationKey<'a> = (&'a str, Cloud);

impl<K: Eq + std::hash::Hash + Ord, V> Named<K, V> {
    fn get(&self, key: &K) -> Option<&V> {
        self.there.get(key).or_else(|| self.new.get(key))
    }
}

impl Asked {
    pub(super) fn organization_key(&self) -> OrganizationKey<'_> {
        (&self.name_key, self.request.cloud)
    }
}

/// What the database says of the items of a call.
pub(super) struct Known<'a> {
    /// Items whose keys were used before.
    answered: HashMap<usize, Result<Outcome, InviteError>>,
    /// Why mailboxes take no mail, by their keys.
    suppressed: HashMap<String, String>,
    contacts: HashMap<&'a str, Contact>,
    organizations: HashMap<OrganizationKey<'a>, Organization>,
    /// Items of somebody unknown who names an organization that the partner has.
    strangers: HashSet<usize>,
    /// In which there is an agreement.
    languages: Vec<Language>,
    twins: HashMap<(OrganizationId, ContactId, String), InvitationId>,
    tally: Tally,
}

impl<'a> Known<'a> {
    /// Looks it up: a statement for each kind of row, however many items there are.
    pub(super) async fn of(
        tx: &mut Tx,
        step: &'a Step,
        partner: &Partner,
    ) -> Result<Self, storage::Error> {
        let mut known = Self {
            answered: answered(tx, step).await?,
            suppressed: HashMap::new(),
            contacts: HashMap::new(),
            organizations: HashMap::new(),
            strangers: HashSet::new(),
            languages: Vec::new(),
            twins: HashMap::new(),
            tally: Tally::new(step.engine.limits_of(partner), step.now),
        };
        let open: Vec<(usize, &'a Asked)> = step
            .asked
            .iter()
            .enumerate()
            .filter(|(item, _)| !known.answered.contains_key(item))
            .collect();
        if !open.is_empty() {
            known.look(tx, step, &open).await?;
        }
        Ok(known)
    }

    async fn look(
        &mut self,
        tx: &mut Tx,
        step: &'a Step,
        open: &[(usize, &'a Asked)],
    ) -> Result<(), storage::Error> {
        let open = || open.iter().copied();
        let all = || open().map(|(_, asked)| asked);
        let mailboxes = all().flat_map(|asked| asked.viewers.iter().chain([&asked.mailbox]));
        let mailboxes: Vec<_> = mailboxes.collect();
        let suppressed = suppression::find_many(tx, &mailboxes).await?.into_iter();
        self.suppressed = suppressed.map(|it| (it.mailbox, it.reason)).collect();
        let addresses: BTreeSet<&'a str> = all().flat_map(addresses).collect();
        let in_order: Vec<_> = addresses.iter().copied().collect();
        for found in contact::hold_by_address(tx, &in_order).await? {
            if let Some(address) = addresses.get(&*found.address) {
                self.contacts.insert(address, found);
            }
        }
        let keys: BTreeSet<_> = all().map(Asked::organization_key).collect();
        let mut names: Vec<_> = keys.iter().map(|(name, _)| *name).collect();
        names.dedup();
        let found = organization::find_by_names(tx, step.trigger.partner, &names).await?;
        let mut found: HashMap<(String, Cloud), Organization> = found
            .into_iter()
            .map(|it| ((it.name_key.clone(), it.cloud), it))
            .collect();
        for (name, cloud) in keys {
            if let Some(known) = found.remove(&(name.to_owned(), cloud)) {
                self.organizations.insert((name, cloud), known);
            }
        }
        if step.trigger.source == Source::Inquiry {
            for (item, asked) in open() {
                if self.is_strange(tx, asked).await? {
                    self.strangers.insert(item);
                }
            }
        }
        if all().any(|asked| asked.request.offer.agreement()) {
            self.languages = agreement::languages(tx, AGREEMENT, step.now).await?;
        }
        // Of what is new, nothing waits.
        let old = all().filter_map(|asked| {
            let organization = self.organizations.get(&asked.organization_key())?;
            let contact = self.contacts.get(asked.request.email.as_str())?;
            Some((organization.id, contact.id, &*asked.offer_key))
        });
        let old: Vec<_> = old.collect();
        for twin in invitation::pending_twins(tx, step.trigger.partner, &old).await? {
            let key = (twin.organization_id, twin.contact_id, twin.offer_key);
            self.twins.insert(key, twin.id);
        }
        let counters: BTreeSet<_> = all()
            .flat_map(|asked| asked.counts_for.iter().map(|(counter, _)| counter))
            .filter(|counter| self.tally.counts(counter.limit))
            .collect();
        for (counter, used) in limit::used(tx, counters, step.now).await? {
            self.tally.set(counter, used);
        }
        Ok(())
    }

    /// Whoever asks at `/find-a-partner` typed the name of an organization, and has proved a mailbox alone: that may be
    /// another's name, whose relationship it would get. These come one at a time.
    async fn is_strange(&self, tx: &mut Tx, asked: &Asked) -> Result<bool, storage::Error> {
        let Some(named) = self.organizations.get(&asked.organization_key()) else {
            return Ok(false);
        };
        let Some(contact) = self.contacts.get(asked.request.email.as_str()) else {
            return Ok(true);
        };
        Ok(!organization::knows(tx, named.id, contact.id).await?)
    }

    /// Decides about the items in their order.
    pub(super) fn plan(self, step: &'a Step, partner: &Partner) -> Plan<'a> {
        let mut planner = Planner {
            step,
            partner,
            own_domain: domain_of(&partner.email),
            suppressed: self.suppressed,
            strangers: self.strangers,
            languages: self.languages,
            twins: self.twins,
            tally: self.tally,
            contacts: Named {
                there: self.contacts,
                new: BTreeMap::new(),
            },
            organizations: Named {
                there: self.organizations,
                new: BTreeMap::new(),
            },
            keys: HashMap::new(),
            first: HashMap::new(),
        };
        let mut answered = self.answered;
        let fates = step.asked.iter().enumerate().map(|(item, asked)| {
            let known = answered.remove(&item).map(Fate::Is);
            known.unwrap_or_else(|| planner.decide(item, asked))
        });
        Plan {
            fates: fates.collect(),
            contacts: planner.contacts,
            organizations: planner.organizations,
            tally: planner.tally,
        }
    }
}

/// The addresses that an item names.
fn addresses(asked: &Asked) -> impl Iterator<Item = &str> {
    let request = &asked.request;
    let viewers = request.viewers.iter();
    viewers.chain([&request.email]).map(EmailAddress::as_str)
}

/// What was answered before to items with a key.
async fn answered(
    tx: &mut Tx,
    step: &Step,
) -> Result<HashMap<usize, Result<Outcome, InviteError>>, storage::Error> {
    let keys = step.asked.iter().filter_map(|asked| asked.key.as_ref());
    let keys: Vec<_> = keys.map(|(key, _)| &**key).collect();
    let used = idempotency::find_many(tx, step.trigger.partner, &keys, step.now).await?;
    let used: HashMap<&str, _> = used
        .iter()
        .map(|used| (&*used.idempotency_key, used))
        .collect();
    let mut answered = HashMap::new();
    for (item, asked) in step.asked.iter().enumerate() {
        let Some((key, hash)) = &asked.key else {
            continue;
        };
        let Some(used) = used.get(&**key) else {
            continue;
        };
        let outcome = if used.request_sha256 == hash {
            let id = used.answer.parse();
            let id = id.map_err(|_| storage::Error::Refused("no invitation id".to_owned()))?;
            Ok(Outcome::Replayed(id))
        } else {
            Err(InviteError::KeyReused)
        };
        answered.insert(item, outcome);
    }
    Ok(answered)
}

struct Planner<'a, 'p> {
    step: &'a Step,
    partner: &'p Partner,
    own_domain: String,
    suppressed: HashMap<String, String>,
    strangers: HashSet<usize>,
    languages: Vec<Language>,
    twins: HashMap<(OrganizationId, ContactId, String), InvitationId>,
    tally: Tally,
    contacts: Contacts<'a>,
    organizations: Organizations<'a>,
    /// Items that were not refused, by their keys.
    keys: HashMap<&'a str, usize>,
    /// Items that are to be made, by what equal ones have in common.
    first: HashMap<(OrganizationKey<'a>, &'a str, &'a str), usize>,
}

impl<'a> Planner<'a, '_> {
    fn decide(&mut self, item: usize, asked: &'a Asked) -> Fate {
        if let Some((key, hash)) = &asked.key
            && let Some(first) = self.keys.get(&**key)
        {
            let same = self.step.asked[*first].key.as_ref();
            return if same.is_some_and(|(_, of_first)| of_first == hash) {
                Fate::RepeatOf(*first)
            } else {
                Fate::Is(Err(InviteError::KeyReused))
            };
        }
        let fate = self
            .fate(item, asked)
            .unwrap_or_else(|error| Fate::Is(Err(error)));
        if !matches!(fate, Fate::Is(Err(_)))
            && let Some((key, _)) = &asked.key
        {
            self.keys.insert(key, item);
        }
        fate
    }

    fn fate(&mut self, item: usize, asked: &'a Asked) -> Result<Fate, InviteError> {
        self.check_mailboxes(asked)?;
        if self.strangers.contains(&item) {
            return Err(InviteError::KnownOrganization);
        }
        let new = self.said(asked);
        self.check_agreement(asked, &new.language)?;
        let request = &asked.request;
        let (key, address) = (asked.organization_key(), request.email.as_str());
        let organization = self.organizations.there.get(&key);
        let contact = self.contacts.there.get(address);
        if let (Some(organization), Some(contact)) = (organization, contact) {
            let twin = (organization.id, contact.id, asked.offer_key.clone());
            if let Some(id) = self.twins.get(&twin) {
                return Ok(Fate::Is(Ok(Outcome::AlreadyPending(*id))));
            }
        }
        let twin = (key, address, &*asked.offer_key);
        if let Some(first) = self.first.get(&twin) {
            return Ok(Fate::TwinOf(*first));
        }
        self.tally.take(&asked.counts_for)?;
        self.first.insert(twin, item);
        self.name(asked);
        Ok(Fate::New(new))
    }

    /// Whether all mailboxes take mail; and whoever reads along is not the partner, either.
    fn check_mailboxes(&self, asked: &Asked) -> Result<(), InviteError> {
        let request = &asked.request;
        if !self.step.trigger.asked_for {
            if !request.force && request.email.domain() == self.own_domain {
                return Err(InviteError::Mailbox(MailboxRefusal::OwnDomain));
            }
            if let Some(reason) = self.suppressed.get(asked.mailbox.as_str()) {
                let refusal = MailboxRefusal::Suppressed(reason.clone());
                return Err(InviteError::Mailbox(refusal));
            }
        }
        for (viewer, mailbox) in request.viewers.iter().zip(&asked.viewers) {
            if !request.force && viewer.domain() == self.own_domain {
                return Err(InviteError::field(
                    "viewers",
                    "one of them is at the partner's own domain, where no link of the customer's goes: leave it out",
                ));
            }
            if let Some(reason) = self.suppressed.get(mailbox.as_str()) {
                return Err(InviteError::field(
                    "viewers",
                    format!("one of them takes no mail from here ({reason}); leave it out"),
                ));
            }
        }
        Ok(())
    }

    /// Page, sentence and agreement share one language: without a text in it, there is no invitation.
    fn check_agreement(&self, asked: &Asked, language: &Language) -> Result<(), InviteError> {
        if !asked.request.offer.agreement() || self.languages.contains(language) {
            return Ok(());
        }
        Err(InviteError::field(
            "language",
            format!(
                "no Microsoft Customer Agreement is stored in `{language}`: add its text with \
                 `countersign agreement add`, or invite in a language that has one"
            ),
        ))
    }

    /// What is said where the request does not say it: by the contact, else the organization, else the partner.
    fn said(&self, asked: &Asked) -> New {
        let request = &asked.request;
        let contact = self.contacts.get(&request.email.as_str());
        let organization = self.organizations.get(&asked.organization_key());
        let wishes: Vec<&Language> = [
            request.language.as_ref(),
            contact.and_then(|contact| contact.language.as_ref()),
            organization.and_then(|organization| organization.language.as_ref()),
            Some(&self.partner.language),
        ]
        .into_iter()
        .flatten()
        .collect();
        let time_zone = [
            request.time_zone.as_ref(),
            contact.and_then(|contact| contact.time_zone.as_ref()),
            organization.and_then(|organization| organization.time_zone.as_ref()),
        ];
        let time_zone = time_zone.into_iter().flatten().next();
        New {
            language: spoken(&wishes),
            time_zone: time_zone.unwrap_or(&self.partner.time_zone).clone(),
        }
    }

    /// Notes the mailboxes and the organization of an item that are not there: it is to be made.
    fn name(&mut self, asked: &'a Asked) {
        let (request, now) = (&asked.request, self.step.now);
        let signer = (&request.email, true);
        for (email, is_signer) in [signer]
            .into_iter()
            .chain(request.viewers.iter().map(|viewer| (viewer, false)))
        {
            if self.contacts.get(&email.as_str()).is_some() {
                continue;
            }
            let contact = Contact {
                id: fresh_id(now),
                address: email.as_str().to_owned(),
                smtp_address: email.for_smtp(),
                domain: email.domain().to_owned(),
                language: request.language.clone().filter(|_| is_signer),
                time_zone: request.time_zone.clone().filter(|_| is_signer),
                created_at: now,
            };
            self.contacts.new.insert(email.as_str(), contact);
        }
        let key = asked.organization_key();
        if self.organizations.get(&key).is_none() {
            let organization = Organization {
                id: fresh_id(now),
                partner_id: self.partner.id,
                name: request.organization.as_str().to_owned(),
                name_key: asked.name_key.clone(),
                kind: request.organization_kind,
                cloud: request.cloud,
                language: None,
                time_zone: None,
                created_at: now,
            };
            self.organizations.new.insert(key, organization);
        }
    }
}
