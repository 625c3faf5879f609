//! A claim is a visit to partners in turn. `lane` (partner and domain in one text) orders the ready rows, so that the next
//! partner, and the next domain of a partner, are found by one index descent each, however many rows they have. Rooms of
//! destination domains are counted under the lock of their `lane` row, so that they hold across workers.

use std::collections::HashMap;

use serde::Serialize;

use super::Claimed;
use crate::domain::fair::{self, Candidate, Room};
use crate::domain::ids::{LeaseId, NoticeId, PartnerId};
use crate::domain::notice::{Channel, Kind};
use crate::domain::time::{SECOND, Timestamp};
use crate::storage::db::{record, statements};
use crate::storage::{Error, Tx, lease, sets};

statements! {
    /// What has become due, in the order of its time.
    PROMOTE = {
        sqlite: "UPDATE notice SET state = 'ready' WHERE id IN
            (SELECT id FROM notice WHERE state = 'scheduled' AND run_at <= $1 ORDER BY run_at, id LIMIT $2)",
        postgres: "UPDATE notice SET state = 'ready' WHERE id = ANY (ARRAY
            (SELECT id FROM notice WHERE state = 'scheduled' AND run_at <= $1 ORDER BY run_at, id LIMIT $2
                FOR UPDATE SKIP LOCKED))"
    };
    /// The next partners with ready rows after `$1`: one index descent each (';' sorts right after ':').
    PARTNERS = { "WITH RECURSIVE turn (lane, n) AS (
            SELECT (SELECT min(lane) FROM notice WHERE state = 'ready' AND channel = $3 AND lane > $1), 1
            UNION ALL
            SELECT (SELECT min(lane) FROM notice WHERE state = 'ready' AND channel = $3
                AND lane > substr(turn.lane, 1, 32) || ';'), n + 1
                FROM turn WHERE turn.lane IS NOT NULL AND n < $2)
        SELECT substr(lane, 1, 32) FROM turn WHERE lane IS NOT NULL" };
    /// The next domains of each of those partners, from where the last visit stopped.
    LANES = {
        sqlite: "WITH RECURSIVE turn (partner, lane, n) AS (
                SELECT value->>'partner', (SELECT min(lane) FROM notice WHERE state = 'ready' AND channel = $3
                    AND lane > value->>'after' AND lane < (value->>'partner') || ';'), 1 FROM json_each($1)
                UNION ALL
                SELECT partner, (SELECT min(lane) FROM notice WHERE state = 'ready' AND channel = $3
                    AND lane > turn.lane AND lane < partner || ';'), n + 1
                FROM turn WHERE turn.lane IS NOT NULL AND n < $2)
            SELECT lane FROM turn WHERE lane IS NOT NULL",
        postgres: "WITH RECURSIVE turn (partner, lane, n) AS (
                SELECT x.partner, (SELECT min(lane) FROM notice WHERE state = 'ready' AND channel = $3
                    AND lane > x.after AND lane < x.partner || ';'), 1
                FROM jsonb_to_recordset($1::text::jsonb) AS x(partner text, after text)
                UNION ALL
                SELECT turn.partner, (SELECT min(lane) FROM notice WHERE state = 'ready' AND channel = $3
                    AND lane > turn.lane AND lane < turn.partner || ';'), n + 1
                FROM turn WHERE turn.lane IS NOT NULL AND n < $2)
            SELECT lane FROM turn WHERE lane IS NOT NULL"
    };
    NEW_DOMAINS = {
        sqlite: "INSERT INTO lane (domain, next_at) SELECT value, 0 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO lane (domain, next_at)
            SELECT value, 0 FROM jsonb_array_elements_text($1::text::jsonb) ON CONFLICT DO NOTHING"
    };
    DOMAINS = {
        sqlite: "SELECT domain, next_at, interval_micros, max_in_flight FROM lane
            WHERE domain IN (SELECT value FROM json_each($1)) ORDER BY domain",
        postgres: "SELECT domain, next_at, interval_micros, max_in_flight FROM lane
            WHERE domain = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb))) ORDER BY domain FOR UPDATE"
    };
    IN_FLIGHT = {
        sqlite: "SELECT domain, count(*) AS running FROM notice
            WHERE state = 'running' AND domain IN (SELECT value FROM json_each($1)) GROUP BY domain",
        postgres: "SELECT domain, count(*) AS running FROM notice
            WHERE state = 'running' AND domain = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb))) GROUP BY domain"
    };
    /// The first of each lane: no other claim can take them, as the rows of their domains are locked. A kind that this release
    /// does not know waits for one that does. Of the suspects (see `SUSPECT`) not one.
    CANDIDATES = {
        sqlite: "SELECT n.id, n.partner_id, n.domain FROM json_each($1) AS x CROSS JOIN notice AS n
            ON n.id IN (SELECT id FROM notice WHERE state = 'ready' AND channel = $4 AND lane = x.value AND deaths < 2
                AND kind IN (SELECT value FROM json_each($3)) ORDER BY run_at, id LIMIT $2)
            ORDER BY n.run_at, n.id",
        postgres: "SELECT n.id, n.partner_id, n.domain FROM jsonb_array_elements_text($1::text::jsonb) AS x(lane)
            CROSS JOIN LATERAL (SELECT id, partner_id, domain, run_at FROM notice
                WHERE state = 'ready' AND channel = $4 AND lane = x.lane AND deaths < 2
                AND kind = ANY (ARRAY (SELECT jsonb_array_elements_text($3::text::jsonb))) ORDER BY run_at, id LIMIT $2) AS n
            ORDER BY n.run_at, n.id"
    };
    /// A notice that was held by two workers which died may be what they died of. A lease holds one of these at most: whoever
    /// is there when a third worker dies is the one, and what was held beside it is not taken for the cause.
    SUSPECT = {
        sqlite: "SELECT id, partner_id, domain FROM notice
            WHERE deaths >= 2 AND state = 'ready' AND lane IN (SELECT value FROM json_each($1))
                AND kind IN (SELECT value FROM json_each($2))
                AND NOT EXISTS (SELECT 1 FROM notice AS held WHERE held.deaths >= 2 AND held.state = 'running' AND held.lease_id = $3)
            ORDER BY run_at, id LIMIT 1",
        postgres: "SELECT id, partner_id, domain FROM notice
            WHERE deaths >= 2 AND state = 'ready' AND lane = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb)))
                AND kind = ANY (ARRAY (SELECT jsonb_array_elements_text($2::text::jsonb)))
                AND NOT EXISTS (SELECT 1 FROM notice AS held WHERE held.deaths >= 2 AND held.state = 'running' AND held.lease_id = $3)
            ORDER BY run_at, id LIMIT 1"
    };
    /// Takes notices, and begins an attempt of each.
    TAKE = {
        sqlite: "UPDATE notice SET state = 'running', lease_id = $2, attempts = attempts + 1
            WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND state = 'ready'
            RETURNING id, partner_id, domain, kind, subject_id, target_id, generation, payload, due_at, attempts, failures;
            INSERT INTO attempt (notice_id, number, lease_id, begun_at)
            SELECT id, attempts, $2, $3 FROM notice WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "WITH taken AS (
                UPDATE notice SET state = 'running', lease_id = $2, attempts = attempts + 1
                WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
                    AND coalesce(state, '') = 'ready'
                RETURNING id, partner_id, domain, kind, subject_id, target_id, generation, payload, due_at, attempts, failures),
            begun AS (INSERT INTO attempt (notice_id, number, lease_id, begun_at) SELECT id, attempts, $2, $3 FROM taken)
            SELECT * FROM taken"
    };
    PACE = { "UPDATE lane SET next_at = $2 WHERE domain = $1" };
}

record! {
    struct Pace {
        domain: String,
        next_at: Timestamp,
        interval_micros: Option<i64>,
        max_in_flight: Option<i64>,
    }
}
record! {
    struct InFlight {
        domain: String,
        running: i64,
    }
}
record! {
    struct CandidateRow {
        id: NoticeId,
        partner_id: PartnerId,
        domain: String,
    }
}

/// How much a claim takes, and how it spreads.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Under which lease.
    pub lease: LeaseId,
    /// What leaves this way; each way takes turns of its own.
    pub channel: Channel,
    /// The lease is kept for so many microseconds from now.
    pub ttl: i64,
    /// At most so many notices.
    pub limit: usize,
    /// At most so many mails under way to a domain that has no limit of its own.
    pub domain_in_flight: i64,
    /// At least so many microseconds between two mails to a domain that has no pace of its own.
    pub domain_interval: Option<i64>,
    /// What time it is.
    pub now: Timestamp,
}

/// How many partners a claim visits, and how many domains of each.
const PARTNERS_A_VISIT: i64 = 32;
const LANES_A_PARTNER: i64 = 16;
/// How many rows become ready in one claim.
const PROMOTED_A_CLAIM: i64 = 1000;

/// Where the visits of this worker stopped: the next claim goes on from there.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    partner: String,
    lanes: HashMap<String, String>,
}

/// What a claim brought.
#[derive(Debug)]
pub enum Claiming {
    /// The lease is gone: take another one.
    LeaseLost,
    /// What could be taken.
    Claimed(Batch),
}

/// What a claim took, and what it left behind.
#[derive(Debug, Default)]
pub struct Batch {
    /// The notices, each begun as a new attempt. None: nothing is due, or there is no room.
    pub notices: Vec<Claimed>,
    /// Not every partner or domain with something due was visited: claim again.
    pub more: bool,
    /// When a paced domain, which was left out now, may be served.
    pub room_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct LaneVisit<'a> {
    partner: &'a str,
    after: &'a str,
}

/// Claims due notices, a turn for each partner.
///
/// # Errors
/// The database is away.
pub async fn claim(tx: &mut Tx, claim: &Claim, turns: &mut Turns) -> Result<Claiming, Error> {
    if !lease::renew(tx, claim.lease, claim.ttl).await? {
        return Ok(Claiming::LeaseLost);
    }
    tx.query(PROMOTE)
        .bind(claim.now)
        .bind(PROMOTED_A_CLAIM)
        .execute()
        .await?;
    let (lanes, more) = next_lanes(tx, claim.channel, turns).await?;
    let mut batch = Batch {
        more,
        ..Batch::default()
    };
    if lanes.is_empty() {
        return Ok(Claiming::Claimed(batch));
    }
    let mut domains: Vec<&str> = lanes.iter().filter_map(|lane| lane.get(33..)).collect();
    domains.sort_unstable();
    domains.dedup();
    let (mut room, paced) = rooms(tx, &domains, claim).await?;
    let is_open = |lane: &&String| {
        lane.get(33..)
            .is_some_and(|d| room.get(d).is_some_and(|r| r.free > 0))
    };
    let open: Vec<&String> = lanes.iter().filter(is_open).collect();
    batch.room_at = paced
        .iter()
        .map(|domain| domain.next_at)
        .filter(|next_at| *next_at > claim.now)
        .min();
    if open.is_empty() {
        return Ok(Claiming::Claimed(batch));
    }
    // Twice the fair share of each lane, so that lanes which hold less than theirs leave no gap; the rest waits a turn.
    let share = (2 * claim.limit)
        .div_ceil(open.len())
        .clamp(1, claim.limit.max(1));
    let kinds = Kind::all_of(claim.channel);
    let (open, kinds) = (sets::rows(&open), sets::rows(&kinds));
    let suspect: Option<CandidateRow> = tx
        .query(SUSPECT)
        .bind(&*open)
        .bind(&*kinds)
        .bind(claim.lease)
        .optional()
        .await?;
    let candidates: Vec<CandidateRow> = tx
        .query(CANDIDATES)
        .bind(open)
        .bind(i64::try_from(share).unwrap_or(i64::MAX))
        .bind(kinds)
        .bind(claim.channel)
        .all()
        .await?;
    let candidates = suspect
        .into_iter()
        .chain(candidates)
        .map(|c| Candidate {
            partner: c.partner_id,
            domain: c.domain,
            notice: c.id,
        })
        .collect();
    let taken = fair::take(candidates, &mut room, claim.limit);
    if taken.is_empty() {
        return Ok(Claiming::Claimed(batch));
    }
    let ids = sets::ids(taken.iter().map(|id| id.uuid()));
    batch.notices = tx
        .query(TAKE)
        .bind(&*ids)
        .bind(claim.lease)
        .bind(claim.now)
        .all()
        .await?;
    for domain in paced {
        let taken = batch
            .notices
            .iter()
            .filter(|c| c.domain == domain.domain)
            .count();
        if let (Some(interval), 1..) = (domain.interval_micros, taken) {
            let taken = i64::try_from(taken).unwrap_or(i64::MAX);
            let next = domain
                .paced_from(claim.now)
                .plus_micros(interval.saturating_mul(taken));
            tx.query(PACE)
                .bind(&*domain.domain)
                .bind(next)
                .execute()
                .await?;
        }
    }
    Ok(Claiming::Claimed(batch))
}

impl Pace {
    /// From when on its turns count: what was not used is lost after a second, so that a pause brings no burst.
    fn paced_from(&self, now: Timestamp) -> Timestamp {
        self.next_at.max(now.plus_micros(-SECOND))
    }

    /// How many mails may start now by its pace alone.
    fn paced_turns(&self, now: Timestamp) -> i64 {
        match self.interval_micros {
            None => i64::MAX,
            Some(_) if self.next_at > now => 0,
            Some(interval) => {
                let passed = now.as_micros() - self.paced_from(now).as_micros();
                passed / interval.max(1) + 1
            }
        }
    }
}

/// The lanes that this claim visits, and whether there may be others; moves the turns on.
async fn next_lanes(
    tx: &mut Tx,
    channel: Channel,
    turns: &mut Turns,
) -> Result<(Vec<String>, bool), Error> {
    let after = match turns.partner.as_str() {
        "" => String::new(),
        partner => format!("{partner};"),
    };
    let mut partners: Vec<String> = tx
        .query(PARTNERS)
        .bind(after)
        .bind(PARTNERS_A_VISIT)
        .bind(channel)
        .scalars()
        .await?;
    let wanted = usize::try_from(PARTNERS_A_VISIT).unwrap_or(usize::MAX);
    if partners.len() < wanted && !turns.partner.is_empty() {
        // Round the corner, up to where this visit began.
        let first: Vec<String> = tx
            .query(PARTNERS)
            .bind("")
            .bind(PARTNERS_A_VISIT)
            .bind(channel)
            .scalars()
            .await?;
        let missing = wanted - partners.len();
        let again: Vec<_> = first
            .into_iter()
            .filter(|p| !partners.contains(p))
            .take(missing)
            .collect();
        partners.extend(again);
    }
    let mut more = partners.len() == wanted;
    turns.partner = partners.last().cloned().unwrap_or_default();
    let visits: Vec<_> = partners
        .iter()
        .map(|partner| LaneVisit {
            partner,
            after: turns
                .lanes
                .get(partner)
                .map_or(partner.as_str(), String::as_str),
        })
        .collect();
    let mut lanes: Vec<String> = tx
        .query(LANES)
        .bind(sets::rows(&visits))
        .bind(LANES_A_PARTNER)
        .bind(channel)
        .scalars()
        .await?;
    let limit = usize::try_from(LANES_A_PARTNER).unwrap_or(usize::MAX);
    let mut start_over = Vec::new();
    for partner in &partners {
        let own: Vec<_> = lanes
            .iter()
            .filter(|lane| lane.starts_with(partner.as_str()))
            .collect();
        let resumed = turns.lanes.contains_key(partner);
        match own.last() {
            Some(last) if own.len() >= limit => {
                turns.lanes.insert(partner.clone(), (*last).clone());
                more = true;
            }
            _ => {
                turns.lanes.remove(partner);
                if resumed {
                    start_over.push(partner.as_str());
                }
            }
        }
    }
    if !start_over.is_empty() {
        let visits: Vec<_> = start_over
            .iter()
            .map(|partner| LaneVisit {
                partner,
                after: partner,
            })
            .collect();
        let more: Vec<String> = tx
            .query(LANES)
            .bind(sets::rows(&visits))
            .bind(LANES_A_PARTNER)
            .bind(channel)
            .scalars()
            .await?;
        lanes.extend(more);
        lanes.sort_unstable();
        lanes.dedup();
    }
    Ok((lanes, more))
}

/// The room that each domain has, and those that are paced; locks their rows in the order of their names.
async fn rooms(
    tx: &mut Tx,
    domains: &[&str],
    claim: &Claim,
) -> Result<(HashMap<String, Room>, Vec<Pace>), Error> {
    let set = sets::rows(domains);
    let mut known: Vec<Pace> = tx.query(DOMAINS).bind(&*set).all().await?;
    if known.len() < domains.len() {
        tx.query(NEW_DOMAINS).bind(&*set).execute().await?;
        known = tx.query(DOMAINS).bind(&*set).all().await?;
    }
    let running: Vec<InFlight> = tx.query(IN_FLIGHT).bind(&*set).all().await?;
    let running: HashMap<&str, i64> = running
        .iter()
        .map(|row| (row.domain.as_str(), row.running))
        .collect();
    let mut room = HashMap::new();
    for domain in &mut known {
        domain.interval_micros = domain.interval_micros.or(claim.domain_interval);
        let most = domain.max_in_flight.unwrap_or(claim.domain_in_flight);
        let under_way = running
            .get(domain.domain.as_str())
            .copied()
            .unwrap_or_default();
        let free = (most - under_way).min(domain.paced_turns(claim.now));
        let free = usize::try_from(free).unwrap_or_default();
        room.insert(domain.domain.clone(), Room { free });
    }
    known.retain(|domain| domain.interval_micros.is_some());
    Ok((room, known))
}
