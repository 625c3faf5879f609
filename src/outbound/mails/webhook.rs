//! Facts about a partner's webhooks.

use super::{Reader, Told};
use crate::domain::ids::WebhookId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::Cause;

/// To a partner: an endpoint is not called any more. The service sends it.
#[derive(Clone, Debug)]
pub struct WebhookDisabled {
    /// Language and zone.
    pub reader: Reader,
    /// The host of the pages, by which the reader knows the service.
    pub host: String,
    /// The partner's name in sentences.
    pub partner: Told,
    /// Which endpoint.
    pub endpoint: WebhookId,
    /// The host of its URL. The path is not told: it may be a secret.
    pub destination: Told,
    /// Why.
    pub cause: Cause,
    /// Since when no call went through.
    pub failing_since: Timestamp,
    /// When it was switched off.
    pub switched_off_at: Timestamp,
    /// What it answered last, if it did.
    pub status: Option<u16>,
}
