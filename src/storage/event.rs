//! The audit record: events as they happen, sealed into chains afterwards.
//!
//! An event is written without a number in the transaction of what it records, so that the changes of one partner do not
//! wait for the head of its chain. A sealer numbers and links them within a second; `UNIQUE (partner_id, seq)` lets only
//! one of two sealers win.

use serde::Serialize;
use uuid::Uuid;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::audit::{Actor, Entry, EventKind};
use crate::domain::ids::{EventId, PartnerId};
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, seq, kind, subject_id, actor, data, happened_at, hash"
    };
}

statements! {
    INSERT = {
        sqlite: concat!("INSERT INTO event (", columns!(), ")
            SELECT unhex(value->>'id'), unhex(value->>'partner'), NULL, value->>'kind', unhex(value->>'subject'),
                value->>'actor', value->>'data', value->>'at', NULL
            FROM json_each($1)"),
        postgres: concat!("INSERT INTO event (", columns!(), ")
            SELECT id, partner, NULL, kind, subject, actor, data, at, NULL
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, partner uuid, kind text, subject uuid, actor text,
                data text, at bigint)")
    };
    UNSEALED = { concat!("SELECT ", columns!(), " FROM event WHERE seq IS NULL ORDER BY partner_id, id LIMIT $1") };
    UNSEALED_COUNT = { "SELECT count(*) FROM event WHERE seq IS NULL" };
    SEAL = {
        sqlite: "UPDATE event SET seq = x.value->>'seq', hash = unhex(x.value->>'hash') FROM json_each($1) AS x
            WHERE event.id = unhex(x.value->>'id') AND event.seq IS NULL",
        postgres: "UPDATE event SET seq = x.seq, hash = decode(x.hash, 'hex')
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, seq bigint, hash text)
            WHERE event.id = x.id AND event.seq IS NULL"
    };
    LAST_HEAD = { "SELECT partner_id, seq, hash, key_id, signature, signed_at FROM chain_head
        WHERE partner_id = $1 ORDER BY seq DESC LIMIT 1" };
    INSERT_HEAD = { "INSERT INTO chain_head (partner_id, seq, hash, key_id, signature, signed_at)
        VALUES ($1, $2, $3, $4, $5, $6)" };
    /// The first that covers an entry.
    HEAD_AT = { "SELECT partner_id, seq, hash, key_id, signature, signed_at FROM chain_head
        WHERE partner_id = $1 AND seq >= $2 ORDER BY seq LIMIT 1" };
    HEADS = { "SELECT partner_id, seq, hash, key_id, signature, signed_at FROM chain_head
        WHERE partner_id = $1 ORDER BY seq" };
    CHAIN = { concat!("SELECT ", columns!(), " FROM event WHERE partner_id = $1 AND seq > $2 ORDER BY seq LIMIT $3") };
    OF_SUBJECT = { concat!("SELECT ", columns!(), " FROM event WHERE subject_id = $1 ORDER BY id") };
    MANY = {
        sqlite: concat!("SELECT ", columns!(), " FROM event WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM event
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    /// The chain is in the order of time but for what was committed late: numbers go on, moments are looked at.
    SEALED_BETWEEN = { concat!("SELECT ", columns!(), " FROM event WHERE partner_id = $1 AND seq > $2
        AND happened_at >= $3 AND happened_at < $4 ORDER BY seq LIMIT $5") };
    COUNT_OF_SUBJECT = { "SELECT count(*) FROM event WHERE subject_id = $1 AND kind = $2" };
}

record! {
    /// An event as it is stored.
    #[derive(Clone, Debug)]
    pub struct Event {
        /// The row.
        pub id: EventId,
        /// In whose chain.
        pub partner_id: PartnerId,
        /// Its place there; none yet.
        pub seq: Option<i64>,
        /// What happened ([`EventKind`]'s written name).
        pub kind: String,
        /// To what: the row's UUID.
        pub subject_id: Uuid,
        /// By whom.
        pub actor: String,
        /// More of it: JSON, without personal data.
        pub data: String,
        /// When.
        pub happened_at: Timestamp,
        /// Its link: 32 bytes; none yet.
        pub hash: Option<Vec<u8>>,
    }
}

impl Event {
    /// The entry at place `seq` of its chain.
    pub fn entry(&self, seq: u64) -> Entry {
        Entry {
            seq,
            id: self.id,
            partner: self.partner_id,
            kind: self.kind.clone(),
            subject: self.subject_id,
            actor: self.actor.clone(),
            data: self.data.clone(),
            at: self.happened_at,
        }
    }
}

record! {
    /// A signed head of a chain.
    #[derive(Clone, Debug)]
    pub struct SignedHead {
        /// Whose chain.
        pub partner_id: PartnerId,
        /// How many entries it has.
        pub seq: i64,
        /// The hash of the last one: 32 bytes.
        pub hash: Vec<u8>,
        /// The key that signed it.
        pub key_id: i64,
        /// The signature: 64 bytes.
        pub signature: Vec<u8>,
        /// When it was signed.
        pub signed_at: Timestamp,
    }
}

/// An event that is to be recorded.
#[derive(Clone, Debug)]
pub struct New {
    /// The row.
    pub id: EventId,
    /// In whose chain.
    pub partner: PartnerId,
    /// What happened.
    pub kind: EventKind,
    /// To what.
    pub subject: Uuid,
    /// By whom.
    pub actor: Actor,
    /// More of it, without personal data.
    pub data: serde_json::Value,
    /// When.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct NewRow {
    id: String,
    partner: String,
    kind: EventKind,
    subject: String,
    actor: String,
    data: String,
    at: i64,
}

/// Records an event, in the transaction of what it records.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &New) -> Result<(), Error> {
    insert_many(tx, std::slice::from_ref(new)).await
}

/// Records events, in the transaction of what they record.
///
/// # Errors
/// The database is away.
pub async fn insert_many(tx: &mut Tx, new: &[New]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    for event in new {
        debug_assert!(
            event
                .data
                .as_object()
                .is_some_and(|data| event.kind.strange(data).next().is_none()),
            "{}: {} holds what is not on the list of its facts",
            event.kind,
            event.data
        );
    }
    let rows: Vec<_> = new
        .iter()
        .map(|event| NewRow {
            id: sets::hex(event.id.uuid()),
            partner: sets::hex(event.partner.uuid()),
            kind: event.kind,
            subject: sets::hex(event.subject),
            actor: event.actor.to_string(),
            data: event.data.to_string(),
            at: event.at.as_micros(),
        })
        .collect();
    tx.query(INSERT).bind(sets::rows(&rows)).execute().await?;
    Ok(())
}

/// Events without a number, grouped by partner, in the order in which they were made.
///
/// # Errors
/// The database is away.
pub async fn unsealed(conn: &mut Conn, limit: i64) -> Result<Vec<Event>, Error> {
    conn.query(UNSEALED).bind(limit).all().await
}

/// How many events have no number yet.
///
/// # Errors
/// The database is away.
pub async fn unsealed_count(conn: &mut Conn) -> Result<usize, Error> {
    let count: Option<i64> = conn.query(UNSEALED_COUNT).scalar().await?;
    Ok(usize::try_from(count.unwrap_or_default()).unwrap_or_default())
}

#[derive(Serialize)]
struct SealRow {
    id: String,
    seq: u64,
    hash: String,
}

/// Gives events their numbers and links; returns how many had none before.
///
/// # Errors
/// [`Error::Duplicate`] when another sealer gave a number first.
pub async fn seal(tx: &mut Tx, sealed: &[(EventId, u64, [u8; 32])]) -> Result<u64, Error> {
    let rows: Vec<_> = sealed
        .iter()
        .map(|(id, seq, hash)| SealRow {
            id: sets::hex(id.uuid()),
            seq: *seq,
            hash: data_encoding::HEXLOWER.encode(hash),
        })
        .collect();
    tx.query(SEAL).bind(sets::rows(&rows)).execute().await
}

/// The head that a partner's chain has now.
///
/// # Errors
/// The database is away.
pub async fn last_head(conn: &mut Conn, partner: PartnerId) -> Result<Option<SignedHead>, Error> {
    conn.query(LAST_HEAD).bind(partner).optional().await
}

/// The first signed head of a partner's chain at or after that entry.
///
/// # Errors
/// The database is away.
pub async fn head_at(
    conn: &mut Conn,
    partner: PartnerId,
    seq: i64,
) -> Result<Option<SignedHead>, Error> {
    conn.query(HEAD_AT).bind(partner).bind(seq).optional().await
}

/// Stores a head.
///
/// # Errors
/// [`Error::Duplicate`] when another sealer stored one of that number first.
pub async fn insert_head(tx: &mut Tx, head: &SignedHead) -> Result<(), Error> {
    tx.query(INSERT_HEAD)
        .bind(head.partner_id)
        .bind(head.seq)
        .bind(&*head.hash)
        .bind(head.key_id)
        .bind(&*head.signature)
        .bind(head.signed_at)
        .execute()
        .await?;
    Ok(())
}

/// All heads of a chain.
///
/// # Errors
/// The database is away.
pub async fn heads(conn: &mut Conn, partner: PartnerId) -> Result<Vec<SignedHead>, Error> {
    conn.query(HEADS).bind(partner).all().await
}

/// A chain in pages, in the order of its numbers.
///
/// # Errors
/// The database is away.
pub async fn chain(
    conn: &mut Conn,
    partner: PartnerId,
    after: i64,
    limit: i64,
) -> Result<Vec<Event>, Error> {
    conn.query(CHAIN)
        .bind(partner)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// What happened to a subject, in order.
///
/// # Errors
/// The database is away.
pub async fn of_subject(conn: &mut Conn, subject: Uuid) -> Result<Vec<Event>, Error> {
    conn.query(OF_SUBJECT).bind(subject).all().await
}

/// How often something happened to a subject.
///
/// # Errors
/// The database is away.
pub async fn count_of_subject(
    conn: &mut Conn,
    subject: Uuid,
    kind: EventKind,
) -> Result<i64, Error> {
    let count = conn
        .query(COUNT_OF_SUBJECT)
        .bind(subject)
        .bind(kind.as_str())
        .scalar()
        .await?;
    Ok(count.unwrap_or_default())
}

/// The events with these ids.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = EventId>,
) -> Result<Vec<Event>, Error> {
    let ids = sets::ids(ids.into_iter().map(EventId::uuid));
    conn.query(MANY).bind(ids).all().await
}

/// A page of what happened in a span of time, in the order of the chain, after the number `after`.
///
/// # Errors
/// The database is away.
pub async fn sealed_between(
    conn: &mut Conn,
    partner: PartnerId,
    after: i64,
    (from, to): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Event>, Error> {
    conn.query(SEALED_BETWEEN)
        .bind(partner)
        .bind(after)
        .bind(from)
        .bind(to)
        .bind(limit)
        .all()
        .await
}
