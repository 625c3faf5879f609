//! A notice that is due becomes a mail: its facts are read in one go for a whole batch, it is checked whether it is still
//! worth sending, then its letter is made. Notices that are webhook calls are in [`call`].

pub mod call;
mod inquiry;
mod letter;
pub mod preview;
mod relation;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use uuid::Uuid;

use super::manage;
use super::undeliverable::Failure;
use super::{Engine, stored, zone};
use crate::domain::address::EmailAddress;
use crate::domain::erasure::is_erased;
use crate::domain::ids::{ContactId, NoticeId, PartnerId, RecipientId};
use crate::domain::invitation::RecipientRole;
use crate::domain::keys::MailboxKey;
use crate::domain::microsoft::{Step, StepState};
use crate::domain::notice::{
    Channel, Concerns, Due, Irrelevant, Kind, RelationshipSituation, Side, Situation, Subject,
    is_asked_for, when_due,
};
use crate::domain::time::Timestamp;
use crate::domain::token::MailTags;
use crate::domain::webhook::EndpointState;
use crate::outbound::sign::Signers;
use crate::outbound::transport::Transport;
use crate::storage::agreement::Agreement;
use crate::storage::contact::Contact;
use crate::storage::dossier::Dossier;
use crate::storage::partner::Partner;
use crate::storage::queue::{Claimed, FirstBody};
use crate::storage::recipient::Part;
use crate::storage::webhook::Endpoint;
use crate::storage::{
    self, Conn, agreement, contact, dossier, partner, queue, recipient, step, webhook,
};

use inquiry::{Asked, Requested};
pub use letter::{Broken, Parcel, Prepared, SAMPLE, prepare};
pub use relation::{Relation, RelationGrant};

/// By which way mails leave, and as whose.
#[derive(Debug)]
pub struct Post {
    /// The way.
    pub transport: Transport,
    /// The DKIM keys.
    pub signers: Signers,
    /// Makes return paths and Reply-To addresses.
    pub tags: MailTags,
    /// The domain that mails come from.
    pub mail_domain: String,
    /// The local part of the From address.
    pub from_local: String,
}

/// A notice with all that its mail tells.
#[derive(Clone)]
pub struct Job {
    /// The notice.
    pub claimed: Claimed,
    about: Option<About>,
    relation: Option<Arc<Relation>>,
    partner: Option<Arc<Partner>>,
    agreement: Option<Arc<Agreement>>,
    steps: Vec<(Step, StepState)>,
    concerns: Option<Arc<Part>>,
    first: Option<FirstBody>,
    failing_since: Option<Timestamp>,
    suppressed: bool,
    unreadable: Option<String>,
}

/// What a mail is about.
#[derive(Clone)]
enum About {
    /// An invitation, and what became of it.
    Invitation(Arc<Dossier>),
    /// A mailbox, with the number of its partners.
    Contact(Arc<Contact>, usize),
    /// What a business asks of partners.
    Inquiry(Arc<Asked>),
    /// The same as one partner gets it.
    Request(Arc<Requested>),
    /// A partner's endpoint that was switched off.
    Endpoint(Arc<Endpoint>),
}

/// Reads what the mails of a batch tell: one statement a kind of row, however many notices.
///
/// A row that does not read back costs its own notice only: the batch is then read one by one.
///
/// # Errors
/// The database is away.
pub async fn load(engine: &Engine, batch: &[Claimed]) -> Result<Vec<Job>, storage::Error> {
    match read(engine, batch.to_vec()).await {
        Err(storage::Error::Unreadable(_)) => {}
        read => return read,
    }
    let mut jobs = Vec::with_capacity(batch.len());
    for claimed in batch {
        match read(engine, vec![claimed.clone()]).await {
            Ok(read) => jobs.extend(read),
            Err(error @ storage::Error::Unreadable(_)) => {
                let unreadable = Some(error.to_string());
                jobs.push(Job {
                    unreadable,
                    ..Job::bare(claimed.clone())
                });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(jobs)
}

async fn read(engine: &Engine, batch: Vec<Claimed>) -> Result<Vec<Job>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let ids: Vec<_> = batch
        .iter()
        .filter(|c| c.kind.subject() == Subject::Invitation)
        .map(|c| c.subject_id.into())
        .collect();
    let dossiers: HashMap<_, _> = dossier::of_invitations(&mut conn, ids)
        .await?
        .into_iter()
        .map(|dossier| (dossier.id.uuid(), Arc::new(dossier)))
        .collect();
    let relations = relation::relations(&mut conn, &dossiers).await?;
    let inquiries = inquiry::inquiries(&mut conn, &batch).await?;
    let endpoints = switched_off(&mut conn, &batch).await?;
    let partners = partners(&mut conn, &batch).await?;
    let concerned = concerned(&mut conn, &batch).await?;
    let mut first = HashMap::new();
    let mut failing = failing(&mut conn, &batch).await?;
    let retried: Vec<_> = batch
        .iter()
        .filter(|c| c.attempts > 1)
        .map(|c| c.id)
        .collect();
    if !retried.is_empty() {
        for body in queue::first_bodies(&mut conn, retried).await? {
            first.insert(body.notice_id, body);
        }
    }
    let of_partners = partners.values().map(|partner| normalized(&partner.email));
    let normalized: Vec<String> = (dossiers.values().map(|dossier| dossier.address.clone()))
        .chain(of_partners.flatten())
        .chain(concerned.values().map(|part| part.address.clone()))
        .collect();
    let suppressed = suppressed(engine, &mut conn, &normalized).await?;
    let told_of_steps: Vec<_> = batch
        .iter()
        .filter(|c| tells_of_steps(c.kind))
        .map(|c| c.subject_id.into())
        .collect();
    let mut steps: HashMap<_, Vec<_>> = HashMap::new();
    if !told_of_steps.is_empty() {
        for known in step::of_invitations(&mut conn, told_of_steps).await? {
            let of_one = steps.entry(known.invitation_id.uuid()).or_default();
            of_one.push((known.step, known.state));
        }
    }
    let mut agreements = HashMap::new();
    let mut jobs = Vec::with_capacity(batch.len());
    for claimed in batch {
        let about = match claimed.kind.subject() {
            Subject::Contact => of_contact(&mut conn, claimed.subject_id.into()).await?,
            Subject::Inquiry | Subject::Request => inquiries.get(&claimed.subject_id).cloned(),
            Subject::Endpoint => {
                let endpoint = endpoints.get(&claimed.subject_id).cloned();
                endpoint.map(About::Endpoint)
            }
            // No mail is about one: it is called.
            Subject::Event => None,
            Subject::Invitation => {
                let dossier = dossiers.get(&claimed.subject_id).cloned();
                dossier.map(About::Invitation)
            }
        };
        let partner = partners.get(&claimed.partner_id).cloned();
        let mut job = Job {
            first: first.remove(&claimed.id),
            failing_since: failing.remove(&claimed.id),
            relation: relations.get(&claimed.subject_id).cloned(),
            concerns: Concerns::of(&claimed.payload)
                .and_then(|it| concerned.get(&it.recipient).cloned()),
            about,
            partner,
            ..Job::bare(claimed)
        };
        let address = job.address().unwrap_or_default();
        job.suppressed = suppressed.contains(&address) && !job.is_asked_for();
        if let Some(About::Invitation(dossier)) = job.about.clone() {
            if job.claimed.kind.asks_for_an_answer() || job.claimed.kind == Kind::Viewer {
                job.agreement = current(engine, &mut conn, &mut agreements, &dossier).await?;
            } else if tells_of_steps(job.claimed.kind) {
                job.steps = steps
                    .get(&job.claimed.subject_id)
                    .cloned()
                    .unwrap_or_default();
                job.steps.sort_by_key(|(step, _)| *step);
            }
        }
        jobs.push(job);
    }
    Ok(jobs)
}

/// A mailbox that asked for its list. Few do at a time: it is read by itself.
async fn of_contact(conn: &mut Conn, id: ContactId) -> Result<Option<About>, storage::Error> {
    let Some(contact) = contact::find(conn, id).await? else {
        return Ok(None);
    };
    let partners = manage::partners(conn, id).await?;
    Ok(Some(About::Contact(Arc::new(contact), partners)))
}

/// Since when those of a batch do not go through that were tried before.
async fn failing(
    conn: &mut Conn,
    batch: &[Claimed],
) -> Result<HashMap<NoticeId, Timestamp>, storage::Error> {
    let failed = batch.iter().filter(|it| it.failures > 0).map(|it| it.id);
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() {
        return Ok(HashMap::new());
    }
    let failures = queue::first_failures(conn, failed).await?;
    Ok(failures
        .into_iter()
        .map(|failure| (failure.notice_id, failure.failing_since))
        .collect())
}

/// The endpoints that mails of a batch tell of and that are still switched off, by their ids; few mails do.
async fn switched_off(
    conn: &mut Conn,
    batch: &[Claimed],
) -> Result<HashMap<Uuid, Arc<Endpoint>>, storage::Error> {
    let about = |it: &&Claimed| it.kind.subject() == Subject::Endpoint;
    let ids: Vec<_> = batch.iter().filter(about).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = ids.iter().map(|it| it.subject_id.into());
    let found = webhook::find_many(conn, ids).await?.into_iter();
    Ok(found
        .filter(|it| it.state == EndpointState::SwitchedOff)
        .map(|it| (it.id.uuid(), Arc::new(it)))
        .collect())
}

/// Those of the addresses that take no mail from here.
async fn suppressed(
    engine: &Engine,
    conn: &mut Conn,
    addresses: &[String],
) -> Result<HashSet<String>, storage::Error> {
    let mailboxes: Vec<MailboxKey> = addresses
        .iter()
        .map(|address| engine.keys.mailbox(address))
        .collect();
    let known = dossier::suppressed(conn, &mailboxes).await?;
    let known: HashSet<&str> = known.iter().map(String::as_str).collect();
    let is_known = |(_, mailbox): &(&String, &MailboxKey)| known.contains(mailbox.as_str());
    let suppressed = addresses.iter().zip(&mailboxes).filter(is_known);
    Ok(suppressed.map(|(address, _)| address.clone()).collect())
}

/// An address as suppressions are kept.
fn normalized(address: &str) -> Option<String> {
    let email: EmailAddress = address.parse().ok()?;
    Some(email.as_str().to_owned())
}

/// Whether the mail tells how the steps on Microsoft's side stand.
const fn tells_of_steps(kind: Kind) -> bool {
    matches!(kind, Kind::Receipt | Kind::Accepted | Kind::StepsOpen)
}

/// Whom mails concern besides their readers; few do.
async fn concerned(
    conn: &mut Conn,
    batch: &[Claimed],
) -> Result<HashMap<RecipientId, Arc<Part>>, storage::Error> {
    let named = batch.iter().filter_map(|it| Concerns::of(&it.payload));
    let ids: Vec<_> = named.map(|it| it.recipient).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let parts = recipient::parts(conn, ids).await?;
    Ok(parts.into_iter().map(|it| (it.id, Arc::new(it))).collect())
}

async fn partners(
    conn: &mut Conn,
    batch: &[Claimed],
) -> Result<HashMap<PartnerId, Arc<Partner>>, storage::Error> {
    let mut ids: Vec<_> = batch.iter().map(|claimed| claimed.partner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = partner::find_many(conn, ids).await?;
    Ok(found
        .into_iter()
        .map(|partner| (partner.id, Arc::new(partner)))
        .collect())
}

type Agreements = HashMap<String, Option<Arc<Agreement>>>;

async fn current(
    engine: &Engine,
    conn: &mut Conn,
    known: &mut Agreements,
    dossier: &Dossier,
) -> Result<Option<Arc<Agreement>>, storage::Error> {
    let language = dossier.language.to_string();
    if let Some(found) = known.get(&language) {
        return Ok(found.clone());
    }
    let now = engine.clock.now();
    let found = agreement::current(conn, super::invite::AGREEMENT, &dossier.language, now).await?;
    let found = found.map(Arc::new);
    known.insert(language, found.clone());
    Ok(found)
}

impl Job {
    fn bare(claimed: Claimed) -> Self {
        Self {
            claimed,
            about: None,
            relation: None,
            partner: None,
            agreement: None,
            steps: Vec::new(),
            concerns: None,
            first: None,
            failing_since: None,
            suppressed: false,
            unreadable: None,
        }
    }

    /// Since when it does not go through, if it was tried before.
    pub const fn failing_since(&self) -> Option<Timestamp> {
        self.failing_since
    }

    /// Whether it is the link that its reader asked for, which a suppressed address gets, too.
    fn is_asked_for(&self) -> bool {
        is_asked_for(self.claimed.kind, &self.claimed.payload)
    }

    /// The normalized address that the mail goes to.
    fn address(&self) -> Option<String> {
        if let Some(viewer) = self.viewer() {
            return Some(viewer.address.clone());
        }
        match (self.side(), self.about.as_ref()?) {
            (Side::Customer, About::Invitation(dossier)) => Some(dossier.address.clone()),
            (Side::Customer, About::Contact(contact, _)) => Some(contact.address.clone()),
            (Side::Customer, About::Inquiry(asked)) => Some(asked.contact.address.clone()),
            (Side::Customer, About::Request(asked)) => Some(asked.contact.address.clone()),
            (Side::Customer, About::Endpoint(_)) => None,
            (Side::Partner, _) => normalized(&self.partner.as_ref()?.email),
        }
    }

    /// The one who reads along, of a mail to them.
    fn viewer(&self) -> Option<&Arc<Part>> {
        let part = self.concerns.as_ref();
        part.filter(|_| self.claimed.kind == Kind::Viewer)
    }

    /// Whether what a mail tells of is still so: a mailbox that refused the link may have been tried again since.
    fn is_undeliverable(&self, dossier: &Dossier) -> bool {
        let failed = match self.claimed.kind {
            Kind::Undeliverable => stored(&self.claimed.payload).ok(),
            _ => None,
        };
        match failed {
            Some(Failure { mail, .. }) if !mail.asks_for_an_answer() => true,
            _ => dossier.undeliverable_at.is_some(),
        }
    }

    /// Who gets it: its target says so, as some kinds go to both.
    fn side(&self) -> Side {
        if self.claimed.target_id == self.claimed.partner_id.uuid() {
            Side::Partner
        } else {
            Side::Customer
        }
    }

    /// Which sending of the invitation it belongs to, or which revision of the relationship.
    fn generation(&self) -> u32 {
        u32::try_from(self.claimed.generation).unwrap_or(u32::MAX)
    }

    /// What becomes of it now; nothing is known against one whose rows are gone.
    fn due(&self, engine: &Engine, now: Timestamp) -> Due {
        if self.address().is_some_and(|address| is_erased(&address)) {
            return Due::Irrelevant(Irrelevant::Erased);
        }
        let dossier = match &self.about {
            Some(About::Invitation(dossier)) => Some(dossier),
            Some(
                About::Contact(..) | About::Inquiry(_) | About::Request(_) | About::Endpoint(_),
            ) => None,
            None => match self.claimed.kind.subject() {
                // It is deleted when its time is over, as a row of an invitation never is.
                Subject::Inquiry => return Due::Irrelevant(Irrelevant::Late),
                // Enabled again, or removed.
                Subject::Request | Subject::Endpoint => {
                    return Due::Irrelevant(Irrelevant::Ended);
                }
                Subject::Invitation | Subject::Contact | Subject::Event => return Due::Leaves,
            },
        };
        let state = dossier.map(|dossier| dossier.state());
        let generation = dossier.map_or(0, |dossier| dossier.generation);
        let granted = self.relation.as_ref().map(|it| it.granted());
        let relationship = self.relation.as_ref().zip(granted.as_ref());
        let situation = Situation {
            state: state.as_ref(),
            generation: u32::try_from(generation).unwrap_or(u32::MAX),
            stopped: self.side() == Side::Customer
                && dossier.is_some_and(|dossier| dossier.reminders_stopped_at.is_some()),
            undeliverable: dossier.is_some_and(|dossier| self.is_undeliverable(dossier)),
            suppressed: self.suppressed,
            may_read: self
                .viewer()
                .is_some_and(|part| part.role == RecipientRole::Viewer),
            relationship: relationship.map(|(relation, granted)| RelationshipSituation {
                is_active: relation.is_active,
                granted,
            }),
            inquiry: self.about.as_ref().and_then(inquiry::situation),
            open_steps: self
                .steps
                .iter()
                .filter(|(_, state)| *state == StepState::Unknown)
                .count(),
            due_at: self
                .first
                .as_ref()
                .map_or(self.claimed.due_at, |first| first.dated_at),
        };
        let hours = engine.settings.hours_of(self.partner.as_deref());
        let (kind, generation) = (self.claimed.kind, self.generation());
        // Few kinds ask what time it is there.
        let zone = match dossier {
            Some(dossier) if kind.keeps_hours() => zone(&dossier.time_zone),
            _ => TimeZone::UTC,
        };
        when_due(kind, generation, now, &situation, hours, &zone)
    }
}

/// A notice that is due, and what would be done with it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The notice.
    pub notice: storage::notice::Notice,
    /// The address that it would go to; none where its rows are gone.
    pub to: Option<String>,
    /// What would become of it.
    pub due: Due,
}

/// What a worker would do now, without doing it: due notices with their addresses (of a call, its host), oldest first.
///
/// # Errors
/// The database is away.
pub async fn rehearse(engine: &Engine, limit: i64) -> Result<Vec<Planned>, storage::Error> {
    let now = engine.clock.now();
    let mut conn = engine.db.read().await?;
    let due = storage::notice::due(&mut conn, now, limit).await?;
    drop(conn);
    let claimed: Vec<_> = due
        .iter()
        .map(|notice| Claimed {
            id: notice.id,
            partner_id: notice.partner_id,
            domain: notice.domain.clone(),
            kind: notice.kind,
            subject_id: notice.subject_id,
            target_id: notice.target_id,
            generation: notice.generation,
            payload: notice.payload.clone(),
            due_at: notice.due_at,
            attempts: notice.attempts + 1,
            failures: notice.failures,
        })
        .collect();
    let (calls, mails): (Vec<_>, Vec<_>) =
        (claimed.into_iter()).partition(|claimed| claimed.kind.channel() == Channel::Webhook);
    let mut planned = HashMap::new();
    for job in load(engine, &mails).await? {
        planned.insert(job.claimed.id, (job.address(), job.due(engine, now)));
    }
    for call in call::load(engine, &calls).await? {
        let due = call.irrelevant().map_or(Due::Leaves, Due::Irrelevant);
        let host = call.destination().to_owned();
        planned.insert(call.claimed.id, (Some(host), due));
    }
    Ok(due
        .into_iter()
        .filter_map(|notice| {
            let (to, due) = planned.remove(&notice.id)?;
            Some(Planned { notice, to, due })
        })
        .collect())
}
