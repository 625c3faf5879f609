//! What a call says: the form of Standard Webhooks, with the event as the feed shows it.

use serde_json::{Value, json};

use crate::storage::event::Event;

/// The body of a call: `{"type", "timestamp", "data"}`, where `data` is the event. The same event gives the same bytes.
pub fn of(event: &Event) -> Vec<u8> {
    json!({
        "type": event.kind,
        "timestamp": event.happened_at,
        "data": object(event),
    })
    .to_string()
    .into_bytes()
}

/// An event as partners see it.
fn object(event: &Event) -> Value {
    json!({
        "object": "event",
        "id": event.id,
        "type": event.kind,
        "created_at": event.happened_at,
        "sequence": event.seq,
        "subject": event.subject_id.as_simple().to_string(),
    })
}
