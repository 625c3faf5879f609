//! The steps of an invitation's way: one file, one step. Each reads, lets the domain decide, and writes once.

pub mod accept;
pub mod agreement;
pub mod api_key;
pub mod change;
pub mod decline;
pub mod deliver;
pub mod end;
pub mod event_view;
pub mod evidence;
pub mod expire;
pub mod facts;
pub mod inquiry;
pub mod invite;
pub mod limit;
pub mod link;
pub mod links;
pub mod mailbox;
pub mod manage;
pub mod mca;
pub mod novelty;
pub mod partner;
pub mod people;
pub mod privacy;
pub mod profile;
mod relation;
pub mod repeated;
pub mod resend;
pub mod revoke;
pub mod seal;
pub mod steps;
pub mod stop;
pub mod suppression;
mod sweep;
pub mod term;
pub mod timeline;
pub mod undeliverable;
pub mod view;
pub mod webhook;

use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{self, ContactId, InvitationId, PartnerId};
use crate::domain::keys::KeyRing;
use crate::domain::limit::Limits;
use crate::domain::notice::{self, Facts, Happening, Hours, Schedule, Target};
use crate::domain::retention::Retention;
use crate::domain::time::{Clock, Timestamp};
use crate::domain::token::Tokens;
use crate::domain::webhook::{Rules, Vault};
use crate::storage::partner::Partner;
use crate::storage::{self, Db, Tx, event};

/// What the steps stand on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes and checks the tokens of links.
    pub tokens: Arc<Tokens>,
    /// Signs the heads of the audit chains.
    pub keys: Arc<KeyRing>,
    /// Seals and opens the secrets of webhooks.
    pub vault: Arc<Vault>,
    /// Goes into every derived key and every signed head.
    pub audience: Arc<str>,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// Wakes the worker of this process when work was committed.
    pub wake: Arc<Notify>,
}

/// What the operator set about invitations.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the pages are, without a slash at the end.
    pub public_url: String,
    /// For how many days an invitation can be accepted, unless it says so itself.
    pub expires_days: u16,
    /// When reminders are due, as far as a partner does not set it: [`Engine::schedule_of`] is what holds.
    pub installation_schedule: Schedule,
    /// For how many days a receipt can be opened.
    pub receipt_days: u16,
    /// How long what is held of people is kept.
    pub retention: Retention,
    /// How many invitations are made at most: [`Engine::limits_of`] is what holds for a partner.
    pub limits: Limits,
    /// The time zone of whoever has none.
    pub time_zone: String,
    /// What of partners' webhooks is called, and for how long it is tried.
    pub webhooks: Rules,
}

impl Settings {
    /// The installation's schedule, with what a partner sets in the place of it.
    pub fn schedule_of(&self, partner: Option<&Partner>) -> Schedule {
        match partner.and_then(|partner| partner.schedule.as_ref()) {
            Some(own) => own.over(&self.installation_schedule),
            None => self.installation_schedule.clone(),
        }
    }

    /// The hours of it.
    pub fn hours_of(&self, partner: Option<&Partner>) -> Hours {
        let own = partner.and_then(|partner| partner.schedule.as_ref()?.hours);
        own.unwrap_or(self.installation_schedule.hours)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            expires_days: 30,
            installation_schedule: Schedule::default(),
            receipt_days: 400,
            retention: Retention::default(),
            limits: Limits::default(),
            time_zone: "UTC".to_owned(),
            webhooks: Rules::default(),
        }
    }
}

/// A new identifier at `now`.
pub(crate) fn fresh_id<T: From<Uuid>>(now: Timestamp) -> T {
    ids::fresh(now, &mut rand::rng())
}

/// The zone of that name; UTC for one that is no longer in the database of zones.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

impl Engine {
    /// When what waits, and what ends, is brought to mind on behalf of that partner.
    pub fn schedule_of(&self, partner: &Partner) -> Schedule {
        self.settings.schedule_of(Some(partner))
    }

    /// How many invitations are made on behalf of that partner at most.
    pub fn limits_of(&self, partner: &Partner) -> Limits {
        let own = (partner.per_key_day, partner.per_partner_day);
        self.settings.limits.with_own(own.0, own.1)
    }

    /// Tells the worker that there is work: of this process at once, of other processes through the database.
    pub async fn wake(&self) {
        self.wake.notify_one();
        if let Err(error) = self.db.notify(WAKE_CHANNEL).await {
            tracing::debug!(%error, "other workers were not woken; they will look by themselves");
        }
    }
}

/// The channel on which processes wake each other.
pub const WAKE_CHANNEL: &str = "countersign_wake";

/// What a step records about an invitation: an event, and the mails that follow.
#[derive(Clone, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) invitation: InvitationId,
    pub(crate) partner: PartnerId,
    pub(crate) actor: Actor,
    pub(crate) kind: EventKind,
    pub(crate) data: serde_json::Value,
    pub(crate) now: Timestamp,
    pub(crate) follow_ups: Option<FollowUps<'a>>,
}

/// What the mails that follow depend on.
#[derive(Clone, Debug)]
pub(crate) struct FollowUps<'a> {
    pub(crate) happening: Happening,
    pub(crate) contact: ContactId,
    /// Domain of the contact's address.
    pub(crate) contact_domain: &'a str,
    /// Domain of the partner's address.
    pub(crate) partner_domain: &'a str,
    pub(crate) generation: u32,
    pub(crate) time_zone: &'a str,
    pub(crate) ends_at: Timestamp,
    pub(crate) payload: String,
}

/// Writes an event and the mails that follow from it.
pub(crate) async fn record(
    tx: &mut Tx,
    record: Record<'_>,
    schedule: &Schedule,
) -> Result<(), storage::Error> {
    let now = record.now;
    let (event, notices) = rows_of(record, schedule);
    event::insert(tx, &event).await?;
    storage::notice::enqueue(tx, &notices, now).await?;
    Ok(())
}

/// The rows of an event and of the mails that follow from it, for whoever writes those of several steps at once.
pub(crate) fn rows_of(
    record: Record<'_>,
    schedule: &Schedule,
) -> (event::New, Vec<storage::notice::New>) {
    let Record {
        invitation,
        partner,
        now,
        ..
    } = record;
    let follow = record.follow_ups.as_ref();
    let notices =
        follow.map(|follow| planned(invitation, partner, follow, schedule, now).collect());
    let event = event::New {
        id: fresh_id(now),
        partner,
        kind: record.kind,
        subject: invitation.uuid(),
        actor: record.actor,
        data: record.data,
        at: now,
    };
    (event, notices.unwrap_or_default())
}

/// Puts the mails that follow from what happened into the queue.
pub(crate) async fn plan(
    tx: &mut Tx,
    invitation: InvitationId,
    partner: PartnerId,
    follow: &FollowUps<'_>,
    schedule: &Schedule,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let notices: Vec<_> = planned(invitation, partner, follow, schedule, now).collect();
    storage::notice::enqueue(tx, &notices, now).await?;
    Ok(())
}

fn planned(
    invitation: InvitationId,
    partner: PartnerId,
    follow: &FollowUps<'_>,
    schedule: &Schedule,
    now: Timestamp,
) -> impl Iterator<Item = storage::notice::New> {
    let facts = Facts {
        partner,
        contact: follow.contact,
        generation: follow.generation,
        zone: &zone(follow.time_zone),
        ends_at: follow.ends_at,
        schedule,
    };
    let follow_ups = notice::follow_ups(follow.happening, now, &facts);
    follow_ups.into_iter().map(move |new| {
        let (target, domain) = match new.target {
            Target::Contact(id) => (id.uuid(), follow.contact_domain),
            Target::Partner(id) => (id.uuid(), follow.partner_domain),
        };
        storage::notice::New {
            id: fresh_id(now),
            partner,
            domain: domain.to_owned(),
            kind: new.kind,
            step: new.step,
            subject: invitation.uuid(),
            target,
            generation: new.generation,
            payload: if new.asked_for {
                notice::ASKED_FOR.to_owned()
            } else {
                follow.payload.clone()
            },
            run_at: new.run_at,
        }
    })
}

/// The domain of a partner's own address, which was checked when it was stored.
pub(crate) fn domain_of(address: &str) -> String {
    address
        .rsplit_once('@')
        .map_or_else(String::new, |(_, domain)| domain.to_ascii_lowercase())
}

/// What was stored as JSON by this program.
pub(crate) fn stored<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, storage::Error> {
    serde_json::from_str(text).map_err(|error| storage::Error::Unreadable(error.to_string()))
}
