//! Profiles of partners, and the terms that the published ones are found by.
//!
//! A search is two statements over one index: which terms there are, then who has enough of them. What the terms are and what
//! they weigh, [`crate::domain::search`] says; the sums are whole numbers, so that the order is the same on both databases.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::PartnerId;
use crate::domain::search::{EVERY, Known, MOST_ENDINGS, Plan, Query, Range};
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "partner_id, body, published_at, created_at, updated_at"
    };
}

statements! {
    PUT = { concat!("INSERT INTO profile (", columns!(), ") VALUES ($1, $2, NULL, $3, $3)
        ON CONFLICT (partner_id) DO UPDATE SET body = $2, updated_at = $3
        RETURNING ", columns!()) };
    PUBLISH = { "UPDATE profile SET published_at = $2 WHERE partner_id = $1 AND published_at IS NULL" };
    WITHDRAW = { "UPDATE profile SET published_at = NULL WHERE partner_id = $1 AND published_at IS NOT NULL" };
    BY_PARTNER = { concat!("SELECT ", columns!(), " FROM profile WHERE partner_id = $1") };
    ALL = { concat!("SELECT ", columns!(), " FROM profile ORDER BY partner_id") };
    PUBLISHED = {
        sqlite: concat!("SELECT ", columns!(), " FROM profile
            WHERE published_at IS NOT NULL AND partner_id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM profile WHERE published_at IS NOT NULL
            AND partner_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    FORGET_TERMS = { "DELETE FROM profile_term WHERE partner_id = $1" };
    KEEP_TERMS = {
        sqlite: "INSERT INTO profile_term (term, partner_id, weight)
            SELECT value->>0, $1, value->>1 FROM json_each($2)",
        postgres: "INSERT INTO profile_term (term, partner_id, weight)
            SELECT value->>0, $1, (value->>1)::bigint FROM jsonb_array_elements($2::text::jsonb)"
    };
    /// The terms of each range: the one that it begins with, then the most common ones, so many.
    KNOWN = {
        sqlite: "SELECT term, profiles FROM (
                SELECT t.term AS term, count(*) AS profiles, row_number() OVER (PARTITION BY r.key
                    ORDER BY t.term <> r.value->>'from', count(*) DESC, t.term) AS place
                FROM json_each($1) r CROSS JOIN profile_term t ON t.term >= r.value->>'from' AND t.term < r.value->>'below'
                GROUP BY r.key, t.term)
            WHERE place <= $2",
        postgres: "SELECT t.term, t.profiles FROM jsonb_array_elements($1::text::jsonb) r
            CROSS JOIN LATERAL (SELECT term, count(*) AS profiles FROM profile_term
                WHERE term >= (r.value->>'from') COLLATE \"C\" AND term < (r.value->>'below') COLLATE \"C\"
                GROUP BY term ORDER BY term <> (r.value->>'from') COLLATE \"C\", count(*) DESC, term LIMIT $2) t"
    };
    /// Who has all that is needed and enough of what is wanted. A part counts once, however many of its terms are there.
    RANKED = {
        sqlite: "WITH w AS MATERIALIZED (SELECT value->>'term' AS term, value->>'part' AS part, value->>'needed' AS needed,
                value->>'weight' AS weight FROM json_each($1))
            SELECT partner_id, count(*) OVER () AS found FROM (
                SELECT t.partner_id AS partner_id, w.part AS part, w.needed AS needed, max(t.weight * w.weight) AS score
                FROM w CROSS JOIN profile_term t ON t.term = w.term
                GROUP BY t.partner_id, w.part)
            GROUP BY partner_id HAVING sum(needed) = $2 AND sum(1 - needed) >= $3
            ORDER BY sum(score) * sum(1 - needed) DESC, partner_id LIMIT $4 OFFSET $5",
        postgres: "SELECT partner_id, count(*) OVER () AS found FROM (
                SELECT t.partner_id, w.part, w.needed, max(t.weight * w.weight) AS score
                FROM jsonb_to_recordset($1::text::jsonb) AS w(term text, part bigint, needed bigint, weight bigint)
                JOIN profile_term t ON t.term = w.term
                GROUP BY t.partner_id, w.part, w.needed) x
            GROUP BY partner_id HAVING sum(needed) = $2 AND sum(1 - needed) >= $3
            ORDER BY sum(score) * sum(1 - needed) DESC, partner_id LIMIT $4 OFFSET $5"
    };
}

record! {
    /// A profile as it is stored.
    #[derive(Clone, Debug)]
    pub struct Stored {
        /// Whose.
        pub partner_id: PartnerId,
        /// A [`crate::domain::profile::Profile`] as JSON.
        pub body: String,
        /// Since when it can be found; not at all where there is no moment.
        pub published_at: Option<Timestamp>,
        /// When it was written first.
        pub created_at: Timestamp,
        /// When it was written last.
        pub updated_at: Timestamp,
    }
}

record! {
    struct Count {
        term: String,
        profiles: i64,
    }
}

record! {
    struct Ranked {
        partner_id: PartnerId,
        found: i64,
    }
}

/// Writes what a profile says; whether it is published stays as it was.
///
/// # Errors
/// The database is away.
pub async fn put(
    tx: &mut Tx,
    partner: PartnerId,
    body: &str,
    now: Timestamp,
) -> Result<Stored, Error> {
    let stored = tx.query(PUT).bind(partner).bind(body).bind(now).optional();
    let stored: Option<Stored> = stored.await?;
    stored.ok_or_else(|| Error::Refused("no profile row".to_owned()))
}

/// Lets a profile be found by these terms, and by no others.
///
/// # Errors
/// The database is away.
pub async fn index(tx: &mut Tx, partner: PartnerId, terms: &[(String, i64)]) -> Result<(), Error> {
    tx.query(FORGET_TERMS).bind(partner).execute().await?;
    if !terms.is_empty() {
        let keep = tx.query(KEEP_TERMS).bind(partner).bind(sets::rows(terms));
        keep.execute().await?;
    }
    Ok(())
}

/// Marks a profile as published; `false` when it is so already, or there is none.
///
/// # Errors
/// The database is away.
pub async fn publish(tx: &mut Tx, partner: PartnerId, now: Timestamp) -> Result<bool, Error> {
    let publish = tx.query(PUBLISH).bind(partner).bind(now);
    Ok(publish.execute().await? == 1)
}

/// Marks a profile as not published; `false` when it was not.
///
/// # Errors
/// The database is away.
pub async fn withdraw(tx: &mut Tx, partner: PartnerId) -> Result<bool, Error> {
    Ok(tx.query(WITHDRAW).bind(partner).execute().await? == 1)
}

/// The profile of a partner.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, partner: PartnerId) -> Result<Option<Stored>, Error> {
    conn.query(BY_PARTNER).bind(partner).optional().await
}

/// All profiles, published or not.
///
/// # Errors
/// The database is away.
pub async fn list(conn: &mut Conn) -> Result<Vec<Stored>, Error> {
    conn.query(ALL).all().await
}

/// Those of the partners' profiles that are published, in any order.
///
/// # Errors
/// The database is away.
pub async fn published(
    conn: &mut Conn,
    partners: impl IntoIterator<Item = PartnerId>,
) -> Result<Vec<Stored>, Error> {
    let ids = sets::ids(partners.into_iter().map(PartnerId::uuid));
    conn.query(PUBLISHED).bind(ids).all().await
}

/// The terms that published profiles have in the ranges of a query, and how many profiles there are.
///
/// # Errors
/// The database is away.
pub async fn known(conn: &mut Conn, query: &Query) -> Result<(Vec<Known>, i64), Error> {
    let every = Range::exact(EVERY.to_owned());
    let ranges = query.wanted.iter().chain(&query.needed);
    let ranges: Vec<_> = ranges.chain([&every]).collect();
    let counts: Vec<Count> = conn
        .query(KNOWN)
        .bind(sets::rows(&ranges))
        .bind(MOST_ENDINGS)
        .all()
        .await?;
    let every = counts.iter().find(|count| count.term == EVERY);
    let all = every.map_or(0, |count| count.profiles);
    let known = counts.into_iter().map(|count| Known {
        term: count.term,
        profiles: count.profiles,
    });
    Ok((known.collect(), all))
}

/// A piece of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The best first.
    pub partners: Vec<PartnerId>,
    /// How many there are in all; 0 beyond the end.
    pub all: i64,
}

/// Who has all that is needed and enough of what is wanted.
///
/// # Errors
/// The database is away.
pub async fn ranked(conn: &mut Conn, plan: &Plan, limit: i64, offset: i64) -> Result<Found, Error> {
    let rows: Vec<Ranked> = conn
        .query(RANKED)
        .bind(sets::rows(&plan.terms))
        .bind(plan.needed)
        .bind(plan.enough)
        .bind(limit)
        .bind(offset)
        .all()
        .await?;
    Ok(Found {
        all: rows.first().map_or(0, |row| row.found),
        partners: rows.into_iter().map(|row| row.partner_id).collect(),
    })
}
