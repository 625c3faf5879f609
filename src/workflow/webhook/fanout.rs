//! From events to calls: when the sealer numbers events, it puts a call of each into the queue for every endpoint that is to
//! hear of it, in the same transaction (docs/adr/0015-calls-come-from-the-sealer.md).
//!
//! So an event that has a number has its calls, whatever dies when; whoever records an event pays nothing for them; and they
//! come in the order of the chain.

use std::collections::BTreeSet;

use crate::domain::ids::NoticeId;
use crate::domain::notice::Kind;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{EndpointState, EndpointUrl, Subscription};
use crate::storage::event::Event;
use crate::storage::webhook::Endpoint;
use crate::storage::{self, Tx, notice, webhook};
use crate::workflow::{fresh_id, stored};

/// An endpoint with what decides about its calls, read.
struct Listener {
    endpoint: Endpoint,
    kinds: Subscription,
    destination: String,
}

impl Listener {
    /// Nothing where a stored value does not read back: the record goes on without it, and an operator is told.
    fn new(endpoint: Endpoint) -> Option<Self> {
        let read = stored(&endpoint.kinds)
            .ok()
            .zip(EndpointUrl::stored(&endpoint.url).ok());
        let Some((kinds, url)) = read else {
            tracing::error!(webhook = %endpoint.id, "a webhook does not read back, and is not called");
            return None;
        };
        Some(Self {
            destination: url.destination(),
            kinds,
            endpoint,
        })
    }

    /// Whether the endpoint is told of an event. What happened before it was there is not told; a test is told to the endpoint
    /// that it tries, in whatever state.
    fn hears(&self, event: &Event) -> bool {
        if Subscription::is_test(&event.kind) {
            return event.subject_id == self.endpoint.id.uuid();
        }
        self.endpoint.state == EndpointState::Enabled
            && event.partner_id == self.endpoint.partner_id
            && event.happened_at >= self.endpoint.created_at
            && self.kinds.covers(&event.kind)
    }
}

/// Puts the calls of these events into the queue; returns how many there are. Where no partner of theirs has an endpoint, it is
/// one look, and nothing else.
///
/// # Errors
/// The database is away.
pub(crate) async fn fan_out(
    tx: &mut Tx,
    events: &[Event],
    now: Timestamp,
) -> Result<u64, storage::Error> {
    let partners: BTreeSet<_> = events.iter().map(|event| event.partner_id).collect();
    let endpoints = webhook::of_partners(tx, partners).await?;
    if endpoints.is_empty() {
        return Ok(0);
    }
    let listeners: Vec<_> = endpoints.into_iter().filter_map(Listener::new).collect();
    let calls: Vec<_> = events
        .iter()
        .flat_map(|event| {
            let hearing = listeners.iter().filter(|listener| listener.hears(event));
            hearing.map(|listener| call(event, &listener.endpoint, &listener.destination, 0, now))
        })
        .collect();
    notice::enqueue(tx, &calls, now).await
}

/// The call that tells an endpoint of an event.
pub(super) fn call(
    event: &Event,
    endpoint: &Endpoint,
    destination: &str,
    generation: u32,
    now: Timestamp,
) -> notice::New {
    let id: NoticeId = fresh_id(now);
    notice::New {
        id,
        partner: endpoint.partner_id,
        domain: destination.to_owned(),
        kind: Kind::Webhook,
        step: 0,
        subject: event.id.uuid(),
        target: endpoint.id.uuid(),
        generation,
        payload: "{}".to_owned(),
        run_at: now,
    }
}
