//! What counts for which limit, and how much of them is left.
//!
//! Counted is what was made and mails somebody who did not ask for it: an invitation for its partner, its key, its recipient
//! and whoever it names to read along; one that is sent again, or to a corrected address, for whoever it goes to. What was
//! there already, or was asked for by its mailbox, counts for nothing; a partner's answer to an inquiry for the partner alone.

use std::collections::BTreeMap;

use super::Engine;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{ApiKeyId, PartnerId};
use crate::domain::limit::{Counter, Exceeded, Limit, Tally};
use crate::domain::people::is_public;
use crate::domain::time::Timestamp;
use crate::storage::partner::{self, Partner};
use crate::storage::{self, Conn, Tx, limit};

/// A counter, and the field of the request that it is about.
pub(super) type Asked = (Counter, &'static str);

/// What a mail to that mailbox counts for that it did not ask for. Where everybody can have a mailbox, a domain is nobody's: the
/// queue paces what goes there.
pub(super) fn of_mailbox(
    engine: &Engine,
    email: &EmailAddress,
    field: &'static str,
) -> impl Iterator<Item = Asked> {
    let recipient = Counter {
        limit: Limit::PerRecipientWeek,
        of: engine.keys.mailbox(email.as_str()).as_str().to_owned(),
    };
    // Keyed like a mailbox, and never that of one: a domain may be a person's name.
    let domain = (!is_public(email.domain())).then(|| Counter {
        limit: Limit::PerDomainDay,
        of: engine
            .keys
            .mailbox(&format!("@{}", email.domain()))
            .as_str()
            .to_owned(),
    });
    [Some(recipient), domain]
        .into_iter()
        .flatten()
        .map(move |counter| (counter, field))
}

/// What an invitation counts for of who makes it.
pub(super) fn of_maker(
    partner: PartnerId,
    key: Option<ApiKeyId>,
) -> impl Iterator<Item = Asked> + Clone {
    let of_key = key.map(|key| (counter(Limit::PerKeyDay, key.to_string()), "api_key"));
    let of_partner = counter(Limit::PerPartnerDay, partner.to_string());
    of_key.into_iter().chain([(of_partner, "partner")])
}

const fn counter(limit: Limit, of: String) -> Counter {
    Counter { limit, of }
}

/// Takes one of each counter, as the last of a transaction.
///
/// # Errors
/// The database is away. The inner error is that one has no room: the transaction has to be undone then.
pub(super) async fn spend(
    tx: &mut Tx,
    engine: &Engine,
    partner: &Partner,
    asked: &[Asked],
    now: Timestamp,
) -> Result<Result<(), Exceeded>, storage::Error> {
    let mut tally = Tally::new(engine.limits_of(partner), now);
    let mut counters: BTreeMap<&Counter, i64> = BTreeMap::new();
    for (counter, _) in asked.iter().filter(|(it, _)| tally.counts(it.limit)) {
        *counters.entry(counter).or_default() += 1;
    }
    let taken = counters.clone();
    for (counter, used) in limit::take(tx, counters, now).await? {
        let before = used - taken.get(&counter).copied().unwrap_or(0);
        tally.set(counter, before);
    }
    Ok(tally.take(asked))
}

/// How much of a limit is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// Which one.
    pub limit: Limit,
    /// How many it lets through in its window.
    pub size: u32,
    /// How many it has let through in this one; `None` where other partners have a part in it.
    pub used: Option<i64>,
    /// When it begins anew.
    pub resets_at: Timestamp,
}

/// The limits that hold for a partner, and for one of its keys where that is asked for; those without a size are left out.
///
/// # Errors
/// The database is away.
pub async fn limits_of(
    engine: &Engine,
    partner: PartnerId,
    key: Option<ApiKeyId>,
) -> Result<Vec<LimitState>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(partner) = partner::find(&mut conn, partner).await? else {
        return Ok(Vec::new());
    };
    states(&mut conn, engine, &partner, key).await
}

/// The same of a partner that is at hand.
///
/// # Errors
/// The database is away.
pub async fn states(
    conn: &mut Conn,
    engine: &Engine,
    partner: &Partner,
    key: Option<ApiKeyId>,
) -> Result<Vec<LimitState>, storage::Error> {
    let now = engine.clock.now();
    let sizes = engine.limits_of(partner);
    let own: Vec<Counter> = of_maker(partner.id, key)
        .map(|(counter, _)| counter)
        .collect();
    let used = limit::used(conn, &own, now).await?;
    let state = |limit: &Limit| {
        let used = if limit.is_shared() {
            None
        } else {
            // Of no key, nothing is asked.
            own.iter().find(|counter| counter.limit == *limit)?;
            let found = used.iter().find(|(counter, _)| counter.limit == *limit);
            Some(found.map_or(0, |(_, used)| *used))
        };
        Some(LimitState {
            limit: *limit,
            size: sizes.size(*limit)?,
            used,
            resets_at: limit.resets_at(now),
        })
    };
    Ok(Limit::ALL.iter().filter_map(state).collect())
}
