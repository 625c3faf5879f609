//! Leases: a worker's right to the notices that it claimed.
//!
//! A lease is one row, however many notices it holds, so that renewing it touches one row. Its time is measured by the
//! database's clock alone: no worker's clock can steal or lose a lease.

use uuid::Uuid;

use super::db::{record, statements};
use super::{Error, Tx, sets};
use crate::domain::ids::{LeaseId, NoticeId, PartnerId};
use crate::domain::notice::{Kind, NoticeState};
use crate::domain::retry::DEATHS_OF_POISON;
use crate::domain::time::Timestamp;

statements! {
    TAKE = {
        sqlite: "INSERT INTO lease (id, worker, taken_at, valid_until)
            VALUES ($1, $2, CAST(unixepoch('subsec') * 1000000 AS INTEGER),
                CAST(unixepoch('subsec') * 1000000 AS INTEGER) + $3)",
        postgres: "INSERT INTO lease (id, worker, taken_at, valid_until)
            VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
                (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $3)"
    };
    RENEW = {
        sqlite: "UPDATE lease SET valid_until = CAST(unixepoch('subsec') * 1000000 AS INTEGER) + $2
            WHERE id = $1 AND valid_until > CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
        postgres: "UPDATE lease SET valid_until = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $2
            WHERE id = $1 AND valid_until > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    };
    DELETE_DEAD = {
        sqlite: "DELETE FROM lease WHERE valid_until <= CAST(unixepoch('subsec') * 1000000 AS INTEGER)
            AND id NOT IN (SELECT unhex(value) FROM json_each($1)) RETURNING id",
        postgres: "DELETE FROM lease WHERE id IN (SELECT id FROM lease
            WHERE valid_until <= (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
                AND id NOT IN (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb))
            FOR UPDATE SKIP LOCKED) RETURNING id"
    };
    DELETE = { "DELETE FROM lease WHERE id = $1" };
    /// An attempt whose body had begun to leave is ambiguous from now on, and its kind of mail is returned; one whose body
    /// had not was certainly not sent.
    END_ATTEMPTS = {
        sqlite: "UPDATE attempt SET outcome = CASE WHEN body_started_at IS NULL THEN $2 ELSE 'ambiguous' END, ended_at = $3
            WHERE outcome IS NULL AND (notice_id, number) IN (SELECT id, attempts FROM notice
                WHERE state = 'running' AND lease_id IN (SELECT unhex(value) FROM json_each($1)))
            RETURNING CASE outcome WHEN 'ambiguous' THEN (SELECT kind FROM notice WHERE notice.id = attempt.notice_id) END",
        postgres: "UPDATE attempt SET outcome = CASE WHEN body_started_at IS NULL THEN $2 ELSE 'ambiguous' END, ended_at = $3
            WHERE outcome IS NULL AND (notice_id, number) IN (SELECT id, attempts FROM notice
                WHERE state = 'running' AND lease_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            RETURNING CASE outcome WHEN 'ambiguous' THEN (SELECT kind FROM notice WHERE notice.id = attempt.notice_id) END"
    };
    FREE_DIED = {
        sqlite: "UPDATE notice SET lease_id = NULL, deaths = deaths + 1,
                state = CASE WHEN deaths + 1 >= $2 THEN 'dead' ELSE 'scheduled' END,
                settled_at = CASE WHEN deaths + 1 >= $2 THEN $3 END,
                run_at = CASE WHEN deaths = 0 THEN $3 ELSE $3 + 60000000 END
            WHERE state = 'running' AND lease_id IN (SELECT unhex(value) FROM json_each($1))
            RETURNING id, partner_id, state, kind, subject_id, target_id, generation, payload",
        postgres: "UPDATE notice SET lease_id = NULL, deaths = deaths + 1,
                state = CASE WHEN deaths + 1 >= $2 THEN 'dead' ELSE 'scheduled' END,
                settled_at = CASE WHEN deaths + 1 >= $2 THEN $3::bigint END,
                run_at = CASE WHEN deaths = 0 THEN $3::bigint ELSE $3::bigint + 60000000 END
            WHERE state = 'running' AND lease_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb))
            RETURNING id, partner_id, state, kind, subject_id, target_id, generation, payload"
    };
    FREE_RELEASED = {
        sqlite: "UPDATE notice SET lease_id = NULL, state = 'ready'
            WHERE state = 'running' AND lease_id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "UPDATE notice SET lease_id = NULL, state = 'ready'
            WHERE state = 'running' AND lease_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb))"
    };
}

/// Takes a lease for `ttl` microseconds.
///
/// # Errors
/// The database is away.
pub async fn take(tx: &mut Tx, id: LeaseId, worker: &str, ttl: i64) -> Result<(), Error> {
    tx.query(TAKE)
        .bind(id)
        .bind(worker)
        .bind(ttl)
        .execute()
        .await?;
    Ok(())
}

/// Keeps a lease for `ttl` microseconds from now; `false` when it has run out or was swept.
///
/// # Errors
/// The database is away.
pub async fn renew(tx: &mut Tx, id: LeaseId, ttl: i64) -> Result<bool, Error> {
    Ok(tx.query(RENEW).bind(id).bind(ttl).execute().await? == 1)
}

/// Gives a lease back: what was claimed under it and not begun is due again, as if it had never been claimed.
///
/// # Errors
/// The database is away.
pub async fn release(tx: &mut Tx, id: LeaseId, now: Timestamp) -> Result<(), Error> {
    let ids = sets::ids([id.uuid()]);
    tx.query(DELETE).bind(id).execute().await?;
    tx.query(END_ATTEMPTS)
        .bind(&*ids)
        .bind("released")
        .bind(now)
        .execute()
        .await?;
    tx.query(FREE_RELEASED).bind(&*ids).execute().await?;
    Ok(())
}

/// What a sweep found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many leases had run out.
    pub leases: usize,
    /// The notices that they held.
    pub notices: Vec<NoticeId>,
    /// The kinds of those mails that may have arrived: one for each ambiguous attempt.
    pub ambiguous: Vec<Kind>,
    /// Those that ended one worker too many, and are dead letters now.
    pub dead: Vec<DeadLetter>,
}

/// A notice that ended one worker too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Which notice.
    pub id: NoticeId,
    /// On whose behalf.
    pub partner_id: PartnerId,
    /// Which mail.
    pub kind: Kind,
    /// What it is about.
    pub subject_id: Uuid,
    /// Who was to get it.
    pub target_id: Uuid,
    /// Which sending it belongs to.
    pub generation: i64,
    /// More of it: JSON.
    pub payload: String,
}

record! {
    /// Its words are texts: one that this release does not know must not keep what a dead worker held.
    struct Freed {
        id: NoticeId,
        state: String,
        partner_id: PartnerId,
        kind: String,
        subject_id: Uuid,
        target_id: Uuid,
        generation: i64,
        payload: String,
    }
}

impl Freed {
    fn dead_letter(self) -> Option<DeadLetter> {
        let is_dead = self.state == NoticeState::Dead.as_str();
        Some(DeadLetter {
            id: self.id,
            partner_id: self.partner_id,
            kind: self.kind.parse().ok().filter(|_| is_dead)?,
            subject_id: self.subject_id,
            target_id: self.target_id,
            generation: self.generation,
            payload: self.payload,
        })
    }
}

/// Frees what leases that ran out still hold.
///
/// A notice that ends its third worker is dead-lettered; the second time it waits a minute, so that it does not meet the
/// same worker's next life at once. What a third worker merely held has seen at most one death before, because a claim takes
/// no more than one of those that have seen two.
///
/// # Errors
/// The database is away.
pub async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<Swept, Error> {
    sweep_but(tx, &[], now).await
}

/// The same but for the leases in `own`, under which the caller still has results to write: it is not dead, and what it
/// knows to be sent is not to be sent again.
///
/// # Errors
/// The database is away.
pub async fn sweep_but(tx: &mut Tx, own: &[LeaseId], now: Timestamp) -> Result<Swept, Error> {
    let own = sets::ids(own.iter().map(|lease| lease.uuid()));
    let dead: Vec<LeaseId> = tx.query(DELETE_DEAD).bind(own).scalars().await?;
    if dead.is_empty() {
        return Ok(Swept::default());
    }
    let ids = sets::ids(dead.iter().map(|lease| lease.uuid()));
    let ended: Vec<Option<String>> = tx
        .query(END_ATTEMPTS)
        .bind(&*ids)
        .bind("died")
        .bind(now)
        .scalars()
        .await?;
    let freed: Vec<Freed> = tx
        .query(FREE_DIED)
        .bind(&*ids)
        .bind(i64::from(DEATHS_OF_POISON))
        .bind(now)
        .all()
        .await?;
    Ok(Swept {
        leases: dead.len(),
        notices: freed.iter().map(|row| row.id).collect(),
        ambiguous: ended
            .iter()
            .flatten()
            .filter_map(|kind| kind.parse().ok())
            .collect(),
        dead: freed.into_iter().filter_map(Freed::dead_letter).collect(),
    })
}
