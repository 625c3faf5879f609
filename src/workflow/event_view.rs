//! An event as the partner's programs see it: the same in the feed and in a webhook.
//!
//! docs/events.md describes the kinds.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Engine;
use super::view::Page;
use crate::domain::audit::EventKind;
use crate::domain::event_facts::SubjectKind;
use crate::domain::ids::{
    ApiKeyId, EventId, InvitationId, PartnerId, RequestId, SuppressionId, WebhookId,
};
use crate::domain::time::Timestamp;
use crate::storage::event::Event;
use crate::storage::{self, listing};

/// The public form of an event: identifiers and facts, no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventView {
    /// `event`.
    pub object: &'static str,
    /// Its identifier.
    pub id: EventId,
    /// What happened ([`EventKind`]'s written name).
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// Its place in the partner's chain, from 1.
    pub sequence: i64,
    /// By whom: `ctc_…`, `prt_…`, `operator` or `system`.
    pub actor: String,
    /// What it is about, and more of it.
    pub data: Map<String, Value>,
}

impl EventView {
    /// What may be shown of an event; nothing of one that has no place in its chain yet.
    ///
    /// Of a kind that a newer release has recorded nothing is said but that it happened.
    pub fn of(event: &Event) -> Option<Self> {
        let mut shown = Self {
            object: "event",
            id: event.id,
            kind: event.kind.clone(),
            created_at: event.happened_at,
            sequence: event.seq?,
            actor: event.actor.clone(),
            data: Map::new(),
        };
        let stored = serde_json::from_str(&event.data).unwrap_or_default();
        if let (Ok(kind), Value::Object(stored)) = (event.kind.parse::<EventKind>(), stored) {
            let subject = kind.subject(&stored);
            shown.data = kind.public(stored);
            let id = event.subject_id;
            let id = match subject {
                SubjectKind::Invitation => InvitationId::from(id).to_string(),
                SubjectKind::Partner => PartnerId::from(id).to_string(),
                SubjectKind::Request => RequestId::from(id).to_string(),
                SubjectKind::Suppression => SuppressionId::from(id).to_string(),
                SubjectKind::ApiKey => ApiKeyId::from(id).to_string(),
                SubjectKind::Webhook => WebhookId::from(id).to_string(),
            };
            shown.data.insert(subject.name().to_owned(), id.into());
        }
        Some(shown)
    }
}

/// Why there is no page of the feed.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The cursor names no event of this partner's.
    #[error(
        "starting_after: there is no event with this id; leave it out to read from the beginning"
    )]
    NoSuchEvent,
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The events of a partner after one of them, the oldest first; of these kinds, where some are named.
///
/// # Errors
/// The partner has no such event, or the database is away.
pub async fn feed(
    engine: &Engine,
    partner: PartnerId,
    kinds: Option<&[EventKind]>,
    after: Option<EventId>,
    limit: u16,
) -> Result<Page<EventView>, FeedError> {
    let mut conn = engine.db.read().await?;
    let after = match after {
        None => 0,
        Some(id) => {
            let last = listing::event(&mut conn, partner, id).await?;
            let seq = last.and_then(|event| event.seq);
            seq.ok_or(FeedError::NoSuchEvent)?
        }
    };
    let events = listing::events(&mut conn, partner, kinds, after, i64::from(limit) + 1).await?;
    let events = events.iter().filter_map(EventView::of).collect();
    Ok(Page::of(events, limit))
}

/// One event of a partner, if it has it.
///
/// # Errors
/// The database is away.
pub async fn find(
    engine: &Engine,
    partner: PartnerId,
    id: EventId,
) -> Result<Option<EventView>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let found = listing::event(&mut conn, partner, id).await?;
    Ok(found.as_ref().and_then(EventView::of))
}
