//! Invitations are made: invitation, recipient, mails and event, of up to a thousand in one transaction. Once that is committed
//! they are acknowledged, and never lost.
//!
//! Every statement works on the whole set: `check` looks up what there is and decides about one after the other, as if each
//! had a transaction of its own; `rows` writes what is to be made. Locks are taken in one order by everybody: contacts by
//! address, organizations by name, invitations by what makes them equal, keys, and the counters of limits last.

mod check;
mod rows;

use std::sync::Arc;

use super::mailbox::MailboxRefusal;
use super::repeated::{fingerprint, name_key};
use super::{Engine, limit};
use crate::domain::address::EmailAddress;
use crate::domain::audit::Actor;
use crate::domain::draft::{FieldError, Request, Source};
use crate::domain::ids::{ApiKeyId, InvitationId, PartnerId};
use crate::domain::keys::MailboxKey;
use crate::domain::language::{Language, chain};
use crate::domain::limit::Exceeded;
use crate::domain::time::{DAY, Timestamp};
use crate::storage::{self, Tx, partner};

/// Whose invitations, and by which way.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Who asks.
    pub partner: PartnerId,
    /// By which way.
    pub source: Source,
    /// Who pulled it.
    pub actor: Actor,
    /// The key by which its partner called.
    pub api_key: Option<ApiKeyId>,
    /// Whether the mailbox asked for it itself: it gets the link then, even if it takes no other mail, and no limit counts it.
    pub asked_for: bool,
}

/// One invitation that is asked for.
#[derive(Clone, Debug)]
pub struct Item {
    /// What is asked.
    pub request: Request,
    /// The same key with the same request makes one invitation.
    pub idempotency_key: Option<String>,
}

impl From<Request> for Item {
    fn from(request: Request) -> Self {
        Self {
            request,
            idempotency_key: None,
        }
    }
}

/// The most that are made in one call: more would keep other writers waiting for longer than a person notices.
pub const MOST: usize = 1_000;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was made, and its mail is in the queue.
    Created(InvitationId),
    /// The same offer waits already in the same mailbox: nothing was mailed.
    AlreadyPending(InvitationId),
    /// The key was used for this very request before: nothing was mailed.
    Replayed(InvitationId),
}

impl Outcome {
    /// The invitation that there is now.
    pub const fn id(self) -> InvitationId {
        match self {
            Self::Created(id) | Self::AlreadyPending(id) | Self::Replayed(id) => id,
        }
    }
}

/// Why no invitation was made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum InviteError {
    /// Fields that have to be mended.
    #[error("{}", sentences(.0))]
    Fields(Vec<FieldError>),
    /// The mailbox is not asked.
    #[error("{}", FieldError::from(.0.clone()))]
    Mailbox(MailboxRefusal),
    /// Somebody unknown names an organization that the partner has.
    #[error(
        "organization: the partner has a customer of this name, whom this mailbox never signed for; invite by hand once that is clear"
    )]
    KnownOrganization,
    /// There is no such partner.
    #[error(
        "partner: there is none of that name; `countersign partner list` shows those that there are"
    )]
    NoPartner,
    /// The key was used for another request.
    #[error("idempotency_key: it was used for another request; take a new key for a new request")]
    KeyReused,
    /// As many were made as may be.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// More than [`MOST`] in one call.
    #[error("invitations: at most {MOST} are made in one call; send the rest in another one")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// What comes of each of several, in their order.
pub type Outcomes = Vec<Result<Outcome, InviteError>>;

impl InviteError {
    /// The fields that have to be mended, if that is the reason.
    ///
    /// # Errors
    /// Another reason.
    pub fn into_fields(self) -> Result<Vec<FieldError>, Self> {
        match self {
            Self::Fields(errors) => Ok(errors),
            Self::Mailbox(refusal) => Ok(vec![refusal.into()]),
            Self::Limit(exceeded) => Ok(vec![FieldError {
                field: exceeded.field,
                message: exceeded.sentence(),
            }]),
            other => Err(other),
        }
    }

    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError {
            field,
            message: message.into(),
        }])
    }
}

/// Field errors as one text, a line each.
pub(crate) fn sentences(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Which agreement an invitation offers: the one kind that there is so far.
pub const AGREEMENT: &str = "mca";

/// For how long an idempotency key is remembered. A file is run again weeks later, with rows added to it: those whose
/// customers have answered since must not be mailed again.
const fn key_lifetime(source: Source) -> i64 {
    match source {
        Source::Csv | Source::Agreement => 400 * DAY,
        _ => DAY,
    }
}

/// Makes an invitation, or says which one there is already.
///
/// # Errors
/// What has to be mended, or that the database is away: nothing is made then.
pub async fn invite(
    engine: &Engine,
    trigger: Trigger,
    item: impl Into<Item>,
) -> Result<Outcome, InviteError> {
    only(invite_many(engine, trigger, vec![item.into()]).await?)
}

/// What [`invite`] would do now; nothing is made.
///
/// # Errors
/// As [`invite`].
pub async fn rehearse(
    engine: &Engine,
    trigger: Trigger,
    item: impl Into<Item>,
) -> Result<Outcome, InviteError> {
    only(rehearse_many(engine, trigger, vec![item.into()]).await?)
}

fn only(outcomes: Outcomes) -> Result<Outcome, InviteError> {
    let only = outcomes.into_iter().next();
    only.unwrap_or_else(|| Err(storage::Error::Refused("no outcome".to_owned()).into()))
}

/// Makes up to [`MOST`] invitations in one transaction; what comes of each stands at its place. One that is refused is not
/// made, and holds up no other.
///
/// # Errors
/// There are too many, no such partner, or the database is away: nothing is made then.
pub async fn invite_many(
    engine: &Engine,
    trigger: Trigger,
    items: Vec<Item>,
) -> Result<Outcomes, InviteError> {
    let outcomes = run(engine, trigger, items, false).await?;
    let is_created = |outcome: &_| matches!(outcome, Ok(Outcome::Created(_)));
    if outcomes.iter().any(is_created) {
        engine.wake().await;
    }
    Ok(outcomes)
}

/// What [`invite_many`] would do now; nothing is made.
///
/// # Errors
/// As [`invite_many`].
pub async fn rehearse_many(
    engine: &Engine,
    trigger: Trigger,
    items: Vec<Item>,
) -> Result<Outcomes, InviteError> {
    run(engine, trigger, items, true).await
}

/// How often a transaction is begun again because others came in between. Each time means that one of them is done.
const ATTEMPTS: usize = 32;

async fn run(
    engine: &Engine,
    trigger: Trigger,
    items: Vec<Item>,
    is_rehearsal: bool,
) -> Result<Outcomes, InviteError> {
    if items.len() > MOST {
        return Err(InviteError::TooMany);
    }
    let asked = items.into_iter().map(|item| {
        Asked::new(engine, &trigger, item)
            .map_err(|error| storage::Error::Refused(error.to_string()))
    });
    let step = Arc::new(Step {
        engine: engine.clone(),
        now: engine.clock.now(),
        asked: asked.collect::<Result<_, _>>()?,
        trigger,
    });
    for _ in 0..ATTEMPTS {
        let step = step.clone();
        let done = engine
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let outcomes = step.run(tx).await?;
                    if is_rehearsal {
                        return Err(Undone::Rehearsed(outcomes));
                    }
                    Ok(outcomes)
                })
            })
            .await;
        match done {
            Ok(outcomes) | Err(Undone::Rehearsed(outcomes)) => return Ok(outcomes),
            Err(Undone::Because(error)) => return Err(error),
            Err(Undone::Overtaken) => {}
        }
    }
    let busy = "others take the same keys, or the last of a limit, again and again; try again";
    Err(storage::Error::Busy(busy.to_owned()).into())
}

/// Why a transaction was undone.
enum Undone {
    /// It was to be.
    Rehearsed(Outcomes),
    /// Others took a key, an offer or the last of a limit since this one had looked: it looks again.
    Overtaken,
    /// It failed.
    Because(InviteError),
}

impl From<InviteError> for Undone {
    fn from(error: InviteError) -> Self {
        Self::Because(error)
    }
}

impl From<storage::Error> for Undone {
    fn from(error: storage::Error) -> Self {
        Self::Because(error.into())
    }
}

/// An item, with what can be made of it without the database.
struct Asked {
    request: Request,
    /// The key, and the hash of the request.
    key: Option<(String, [u8; 32])>,
    name_key: String,
    /// The offer as JSON, and what equal offers have in common.
    offer: String,
    offer_key: String,
    links: String,
    mailbox: MailboxKey,
    viewers: Vec<MailboxKey>,
    counts_for: Vec<limit::Asked>,
}

impl Asked {
    fn new(engine: &Engine, trigger: &Trigger, item: Item) -> Result<Self, serde_json::Error> {
        let request = item.request;
        let hash = |key| (key, fingerprint(&request));
        let mailbox = |email: &EmailAddress| engine.keys.mailbox(email.as_str());
        let mut counts_for = Vec::new();
        // Whoever asks at `/find-a-partner` has proved the mailbox, and waits for the answer.
        if !trigger.asked_for && trigger.source != Source::Inquiry {
            counts_for.extend(limit::of_mailbox(engine, &request.email, "email"));
            let viewers = request.viewers.iter();
            counts_for.extend(viewers.flat_map(|it| limit::of_mailbox(engine, it, "viewers")));
        }
        if !trigger.asked_for {
            counts_for.extend(limit::of_maker(trigger.partner, trigger.api_key));
        }
        Ok(Self {
            key: item.idempotency_key.map(hash),
            name_key: name_key(&request),
            offer: serde_json::to_string(&request.offer)?,
            offer_key: request.offer.key(),
            links: serde_json::to_string(&request.links)?,
            mailbox: mailbox(&request.email),
            viewers: request.viewers.iter().map(mailbox).collect(),
            counts_for,
            request,
        })
    }
}

/// One call.
struct Step {
    engine: Engine,
    now: Timestamp,
    trigger: Trigger,
    asked: Vec<Asked>,
}

impl Step {
    async fn run(&self, tx: &mut Tx) -> Result<Outcomes, Undone> {
        let partner = partner::find(tx, self.trigger.partner).await?;
        let partner = partner.ok_or(InviteError::NoPartner)?;
        let known = check::Known::of(tx, self, &partner).await?;
        let plan = known.plan(self, &partner);
        rows::make(tx, self, &partner, plan).await
    }
}

/// The first of the wishes' chain in which pages are written.
pub(super) fn spoken(wishes: &[&Language]) -> Language {
    chain(wishes)
        .into_iter()
        .find(|language| crate::domain::language::AVAILABLE.contains(language))
        .unwrap_or_else(Language::en)
}
