//! What a call says: the form of Standard Webhooks, with the event as the feed shows it.

use serde_json::json;

use crate::storage::event::Event;
use crate::workflow::event_view::EventView;

/// The body of a call: `{"type", "timestamp", "data"}`, where `data` is the event. The same event gives the same bytes. Nothing for
/// one that has no place in its chain yet, of which there is no call.
pub fn of(event: &Event) -> Option<Vec<u8>> {
    let data = EventView::of(event)?;
    let body = json!({
        "type": data.kind,
        "timestamp": data.created_at,
        "data": data,
    });
    Some(body.to_string().into_bytes())
}
