//! A partner's profile is written, published and withdrawn; and businesses search those that are published.

use super::{Engine, fresh_id, stored};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::FieldError;
use crate::domain::ids::PartnerId;
use crate::domain::profile::{Draft, Profile};
use crate::domain::search::{self, Query};
use crate::domain::time::Timestamp;
use crate::storage::partner::Partner;
use crate::storage::{self, Tx, event, partner, profile};

/// Why a profile stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Fields that have to be mended.
    #[error("{}", crate::workflow::invite::sentences(.0))]
    Fields(Vec<FieldError>),
    /// There is nothing to publish, withdraw or show.
    #[error("profile: the partner has none yet; write it with `countersign profile set`")]
    None,
    /// There is no such partner.
    #[error(
        "partner: there is none of that id; `countersign partner list` shows those that there are"
    )]
    NoPartner,
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Writes what a partner's profile says. One that is published can be found by its new words at once.
///
/// # Errors
/// Fields that do not hold, no such partner, or the database is away.
pub async fn set(engine: &Engine, of: PartnerId, draft: &Draft) -> Result<(), ProfileError> {
    let said = draft.check().map_err(ProfileError::Fields)?;
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let Some(partner) = partner::find(tx, of).await? else {
            return Err(ProfileError::NoPartner);
        };
        let body = serde_json::to_string(&said)
            .map_err(|error| storage::Error::Refused(error.to_string()))?;
        let row = profile::put(tx, of, &body, now).await?;
        if row.published_at.is_some() {
            profile::index(tx, of, &said.terms(&partner.name)).await?;
        }
        record(tx, of, EventKind::ProfileChanged, now).await
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// Lets a partner's profile be found; `false` when it could be already.
///
/// # Errors
/// There is no profile, or the database is away.
pub async fn publish(engine: &Engine, of: PartnerId) -> Result<bool, ProfileError> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let (Some(partner), Some(row)) =
            (partner::find(tx, of).await?, profile::find(tx, of).await?)
        else {
            return Err(ProfileError::None);
        };
        let is_new = profile::publish(tx, of, now).await?;
        if is_new {
            let said = said(&row)?;
            profile::index(tx, of, &said.terms(&partner.name)).await?;
            record(tx, of, EventKind::ProfilePublished, now).await?;
        }
        Ok(is_new)
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// Takes a partner's profile out of the search; `false` when it was not in it.
///
/// # Errors
/// There is no profile, or the database is away.
pub async fn withdraw(engine: &Engine, of: PartnerId) -> Result<bool, ProfileError> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        if profile::find(tx, of).await?.is_none() {
            return Err(ProfileError::None);
        }
        let was_published = profile::withdraw(tx, of).await?;
        if was_published {
            profile::index(tx, of, &[]).await?;
            record(tx, of, EventKind::ProfileWithdrawn, now).await?;
        }
        Ok(was_published)
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

async fn record(
    tx: &mut Tx,
    partner: PartnerId,
    kind: EventKind,
    now: Timestamp,
) -> Result<(), ProfileError> {
    let event = event::New {
        id: fresh_id(now),
        partner,
        kind,
        subject: partner.uuid(),
        actor: Actor::Operator,
        data: serde_json::json!({}),
        at: now,
    };
    Ok(event::insert(tx, &event).await?)
}

/// What a stored profile says.
///
/// # Errors
/// It was written by another release, and does not read back.
pub fn said(row: &profile::Stored) -> Result<Profile, storage::Error> {
    stored(&row.body)
}

/// How many partners a page of results shows.
pub const A_PAGE: i64 = 10;

/// The last page that is counted: nobody reads on so far, and a stranger may ask for any number.
pub const LAST_PAGE: i64 = 100;

/// A partner who was found.
#[derive(Clone, Debug)]
pub struct Match {
    /// Who it is.
    pub partner: Partner,
    /// What it says of itself.
    pub profile: Profile,
}

/// One page of what was found.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// The best first.
    pub matches: Vec<Match>,
    /// How many there are on all pages.
    pub all: i64,
}

/// Searches the published profiles; `page` counts from 1.
///
/// # Errors
/// The database is away.
pub async fn search(engine: &Engine, query: &Query, page: i64) -> Result<Results, storage::Error> {
    let mut conn = engine.db.read().await?;
    let mut query = query.clone();
    if query.wanted.is_empty() && query.needed.is_empty() {
        query
            .needed
            .push(search::Range::exact(search::EVERY.to_owned()));
    }
    let (known, all) = profile::known(&mut conn, &query).await?;
    let Some(plan) = search::plan(&query, &known, all) else {
        return Ok(Results::default());
    };
    let offset = (page.clamp(1, LAST_PAGE) - 1) * A_PAGE;
    let found = profile::ranked(&mut conn, &plan, A_PAGE, offset).await?;
    let matches = read(&mut conn, &found.partners).await?;
    Ok(Results {
        matches,
        all: found.all,
    })
}

/// Those of the partners who can be found, in the order in which they are named.
///
/// # Errors
/// The database is away.
pub async fn published(
    engine: &Engine,
    partners: &[PartnerId],
) -> Result<Vec<Match>, storage::Error> {
    let mut conn = engine.db.read().await?;
    read(&mut conn, partners).await
}

async fn read(conn: &mut storage::Conn, ids: &[PartnerId]) -> Result<Vec<Match>, storage::Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let profiles = profile::published(conn, ids.iter().copied()).await?;
    let partners = partner::find_many(conn, ids.iter().copied()).await?;
    let mut matches = Vec::with_capacity(ids.len());
    for id in ids {
        let row = profiles.iter().find(|row| row.partner_id == *id);
        let partner = partners.iter().find(|partner| partner.id == *id);
        if let (Some(row), Some(partner)) = (row, partner) {
            matches.push(Match {
                partner: partner.clone(),
                profile: said(row)?,
            });
        }
    }
    Ok(matches)
}
