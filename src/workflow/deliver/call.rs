//! A notice that is due becomes a call: endpoint, secrets and event are read in one go for a whole batch, it is checked whether
//! the endpoint is still to be called, then the call is signed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::domain::ids::{EventId, WebhookId};
use crate::domain::notice::Irrelevant;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{
    EndpointState, EndpointUrl, Secret, Signatures, Subscription, VaultError,
};
use crate::outbound::webhook::Request;
use crate::storage::event::Event;
use crate::storage::queue::Claimed;
use crate::storage::webhook::{Endpoint, StoredSecret};
use crate::storage::{self, event, webhook};
use crate::workflow::Engine;
use crate::workflow::webhook::body;

/// A notice with all that its call needs.
#[derive(Clone, Debug)]
pub struct Call {
    /// The notice.
    pub claimed: Claimed,
    endpoint: Option<Arc<Endpoint>>,
    event: Option<Arc<Event>>,
    secrets: Vec<StoredSecret>,
    failing_since: Option<Timestamp>,
    unreadable: Option<String>,
}

/// What becomes of a call.
#[derive(Debug)]
pub enum Readied {
    /// It is made.
    Leaves(Box<Request>),
    /// It is not worth making any more.
    Irrelevant(Irrelevant),
    /// Its secret is sealed with a key that is not in this process's ring.
    Sealed(VaultError),
    /// It cannot be made; an operator has to look.
    Broken(String),
}

/// Reads what the calls of a batch need: one statement a kind of row, however many notices.
///
/// A row that does not read back costs its own notice only: the batch is then read one by one.
///
/// # Errors
/// The database is away.
pub async fn load(engine: &Engine, batch: &[Claimed]) -> Result<Vec<Call>, storage::Error> {
    match read(engine, batch).await {
        Err(storage::Error::Unreadable(_)) => {}
        read => return read,
    }
    let mut calls = Vec::with_capacity(batch.len());
    for claimed in batch {
        match read(engine, std::slice::from_ref(claimed)).await {
            Ok(read) => calls.extend(read),
            Err(error @ storage::Error::Unreadable(_)) => calls.push(Call {
                unreadable: Some(error.to_string()),
                ..Call::bare(claimed.clone())
            }),
            Err(error) => return Err(error),
        }
    }
    Ok(calls)
}

async fn read(engine: &Engine, batch: &[Claimed]) -> Result<Vec<Call>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let targets: BTreeSet<WebhookId> = batch.iter().map(|it| it.target_id.into()).collect();
    let endpoints: HashMap<WebhookId, Arc<Endpoint>> =
        (webhook::find_many(&mut conn, targets.iter().copied()).await?)
            .into_iter()
            .map(|endpoint| (endpoint.id, Arc::new(endpoint)))
            .collect();
    let mut secrets: HashMap<WebhookId, Vec<StoredSecret>> = HashMap::new();
    let now = engine.clock.now();
    for secret in webhook::of_endpoints(&mut conn, targets, now).await? {
        secrets.entry(secret.endpoint_id).or_default().push(secret);
    }
    let subjects: BTreeSet<EventId> = batch.iter().map(|it| it.subject_id.into()).collect();
    let events: HashMap<EventId, Arc<Event>> = (event::find_many(&mut conn, subjects).await?)
        .into_iter()
        .map(|event| (event.id, Arc::new(event)))
        .collect();
    let failing = super::failing(&mut conn, batch).await?;
    let calls = batch.iter().map(|claimed| {
        let target: WebhookId = claimed.target_id.into();
        Call {
            endpoint: endpoints.get(&target).cloned(),
            event: events.get(&claimed.subject_id.into()).cloned(),
            secrets: secrets.get(&target).cloned().unwrap_or_default(),
            failing_since: failing.get(&claimed.id).copied(),
            ..Call::bare(claimed.clone())
        }
    });
    Ok(calls.collect())
}

/// Signs a call as it leaves at `now`, unless it is not worth making any more.
pub fn ready(engine: &Engine, call: &Call, now: Timestamp) -> Readied {
    if let Some(why) = &call.unreadable {
        return Readied::Broken(why.clone());
    }
    if let Some(why) = call.irrelevant() {
        return Readied::Irrelevant(why);
    }
    let (Some(endpoint), Some(event)) = (&call.endpoint, &call.event) else {
        return Readied::Broken("the event that it tells of is gone".to_owned());
    };
    let opened: Result<Vec<Secret>, _> = call
        .secrets
        .iter()
        .map(|secret| engine.vault.open(endpoint.id, &secret.to_open()))
        .collect();
    let secrets = match opened {
        Ok(secrets) if !secrets.is_empty() => secrets,
        Ok(_) => return Readied::Broken("its webhook has no secret".to_owned()),
        Err(error @ VaultError::UnknownKey(_)) => return Readied::Sealed(error),
        Err(error @ VaultError::Changed) => return Readied::Broken(error.to_string()),
    };
    let url = match EndpointUrl::stored(&endpoint.url) {
        Ok(url) => url,
        Err(error) => return Readied::Broken(format!("url: {error}")),
    };
    let Some(body) = body::of(event) else {
        return Readied::Broken("the event that it tells of has no number".to_owned());
    };
    Readied::Leaves(Box::new(Request {
        url,
        signatures: Signatures::new(event.id.to_string(), now, &body, &secrets),
        body,
    }))
}

impl Call {
    fn bare(claimed: Claimed) -> Self {
        Self {
            claimed,
            endpoint: None,
            event: None,
            secrets: Vec::new(),
            failing_since: None,
            unreadable: None,
        }
    }

    /// Since when this call does not go through, if it was tried before.
    pub const fn failing_since(&self) -> Option<Timestamp> {
        self.failing_since
    }

    /// Which endpoint is called.
    pub fn endpoint(&self) -> WebhookId {
        self.claimed.target_id.into()
    }

    /// Since when no call of the endpoint goes through, as far as was known when this one was taken up.
    pub fn endpoint_failing_since(&self) -> Option<Timestamp> {
        self.endpoint.as_ref()?.failing_since
    }

    /// Whether it is a test, which is made in whatever state its endpoint is, and once.
    pub fn is_test(&self) -> bool {
        let event = self.event.as_ref();
        event.is_some_and(|event| Subscription::is_test(&event.kind))
    }

    /// The host that is called, for whoever looks at what is due.
    pub(super) fn destination(&self) -> &str {
        &self.claimed.domain
    }

    /// Why it is not worth making any more, if it is not.
    pub(super) fn irrelevant(&self) -> Option<Irrelevant> {
        match &self.endpoint {
            // Removed: nobody is there to be told.
            None => Some(Irrelevant::Ended),
            Some(endpoint) if endpoint.state != EndpointState::Enabled && !self.is_test() => {
                Some(Irrelevant::Disabled)
            }
            Some(_) => None,
        }
    }
}
