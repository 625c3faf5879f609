//! Recipients: a contact's part in an invitation. The row decides what its links may do.

use serde::Serialize;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{ContactId, InvitationId, RecipientId};
use crate::domain::invitation::RecipientRole;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, invitation_id, contact_id, role, name, generation, key_id, links_expire_at, reminders_stopped_at, \
         undeliverable_at, created_at"
    };
}

macro_rules! part {
    () => {
        "r.id, r.contact_id, r.role, r.name, r.generation, r.key_id, r.links_expire_at, c.address, \
         c.smtp_address FROM recipient r JOIN contact c ON c.id = r.contact_id "
    };
}

statements! {
    INSERT = {
        sqlite: concat!("INSERT INTO recipient (", columns!(), ")
            SELECT unhex(value->>'id'), unhex(value->>'invitation_id'), unhex(value->>'contact_id'), value->>'role',
                value->>'name', value->>'generation', value->>'key_id', value->>'links_expire_at', NULL, NULL,
                value->>'created_at'
            FROM json_each($1)"),
        postgres: concat!("INSERT INTO recipient (", columns!(), ")
            SELECT id, invitation_id, contact_id, role, name, generation, key_id, links_expire_at, NULL, NULL, created_at
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, invitation_id uuid, contact_id uuid, role text, name text,
                generation bigint, key_id bigint, links_expire_at bigint, created_at bigint)")
    };
    BY_ID = { concat!("SELECT ", columns!(), " FROM recipient WHERE id = $1") };
    SIGNER = { concat!("SELECT ", columns!(), " FROM recipient WHERE invitation_id = $1 AND role = 'signer'") };
    /// Whoever answered before keeps a row, whose links say so; a viewer who is to answer is one no more.
    RETIRE = { "UPDATE recipient SET role = 'former'
        WHERE invitation_id = $1 AND (role = 'signer' OR (role = 'viewer' AND contact_id = $2))" };
    RETIRE_VIEWER = { "UPDATE recipient SET role = 'former' WHERE invitation_id = $1 AND contact_id = $2 AND role = 'viewer'" };
    PARTS_OF_INVITATION = { concat!("SELECT ", part!(), "WHERE r.invitation_id = $1 ORDER BY r.id") };
    PARTS = {
        sqlite: concat!("SELECT ", part!(), "WHERE r.id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", part!(),
            "WHERE r.id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    RENEW = { "UPDATE recipient SET generation = generation + 1, key_id = $2, links_expire_at = $3,
        undeliverable_at = NULL WHERE id = $1" };
    /// Those of accepted invitations, newest first.
    ACCEPTED_OF_CONTACT = { concat!("SELECT ", columns!(), " FROM recipient
        WHERE contact_id = $1 AND role <> 'former' AND invitation_id IN (SELECT invitation_id FROM acceptance)
        ORDER BY id DESC LIMIT 200") };
    KEEP_LINKS = { "UPDATE recipient SET links_expire_at = $2 WHERE id = $1 AND links_expire_at < $2" };
    STOP_REMINDERS = { "UPDATE recipient SET reminders_stopped_at = $2 WHERE id = $1 AND reminders_stopped_at IS NULL" };
    STOPPED_BY = { "SELECT max(reminders_stopped_at) FROM recipient WHERE invitation_id = $1 AND contact_id = $2" };
    REMIND_AGAIN = { "UPDATE recipient SET reminders_stopped_at = NULL WHERE id = $1 AND reminders_stopped_at IS NOT NULL" };
    UNDELIVERABLE = { "UPDATE recipient SET undeliverable_at = $2
        WHERE invitation_id = $1 AND role = 'signer' AND generation = $3 AND undeliverable_at IS NULL" };
    KEYS_OF_LIVE_LINKS = { "SELECT key_id FROM recipient WHERE links_expire_at > $1
        UNION SELECT key_id FROM inquiry WHERE links_expire_at > $1
        UNION SELECT key_id FROM inquiry_partner WHERE links_expire_at > $1
        UNION SELECT key_id FROM webhook_secret ORDER BY key_id" };
    LIVE_LINKS_OF_KEY = { "SELECT (SELECT count(*) FROM recipient WHERE key_id = $1 AND links_expire_at > $2)
        + (SELECT count(*) FROM inquiry WHERE key_id = $1 AND links_expire_at > $2)
        + (SELECT count(*) FROM inquiry_partner WHERE key_id = $1 AND links_expire_at > $2)" };
}

record! {
    /// A contact's part in an invitation.
    #[derive(Clone)]
    pub struct Recipient {
        /// The row; the subject of its tokens.
        pub id: RecipientId,
        /// In which invitation.
        pub invitation_id: InvitationId,
        /// Which mailbox.
        pub contact_id: ContactId,
        /// What they may do.
        pub role: RecipientRole,
        /// The person's name as the partner wrote it.
        pub name: String,
        /// The sending that is current: older links are replaced.
        pub generation: i64,
        /// The key that its links are made with.
        pub key_id: i64,
        /// Until when its links are good.
        pub links_expire_at: Timestamp,
        /// Since when it gets no reminders.
        pub reminders_stopped_at: Option<Timestamp>,
        /// Since when its mail is known to be refused for good.
        pub undeliverable_at: Option<Timestamp>,
        /// When it was made.
        pub created_at: Timestamp,
    }
}

record! {
    /// A part in an invitation, with its mailbox.
    #[derive(Clone, Debug)]
    pub struct Part {
        /// The row; the subject of its tokens.
        pub id: RecipientId,
        /// Which mailbox.
        pub contact_id: ContactId,
        /// What they may do.
        pub role: RecipientRole,
        /// The person's name; empty where only the address is known.
        pub name: String,
        /// The sending that is current.
        pub generation: i64,
        /// The key that its links are made with.
        pub key_id: i64,
        /// Until when its links are good.
        pub links_expire_at: Timestamp,
        /// The normalized address.
        pub address: String,
        /// The address as it is written to servers.
        pub smtp_address: String,
    }
}

impl Recipient {
    /// The generation as tokens carry it.
    pub fn token_generation(&self) -> u32 {
        u32::try_from(self.generation).unwrap_or(u32::MAX)
    }

    /// The key as tokens carry it.
    pub fn token_key(&self) -> u16 {
        u16::try_from(self.key_id).unwrap_or(0)
    }
}

#[derive(Serialize)]
struct NewRow<'a> {
    id: String,
    invitation_id: String,
    contact_id: String,
    role: RecipientRole,
    name: &'a str,
    generation: i64,
    key_id: i64,
    links_expire_at: i64,
    created_at: i64,
}

/// Stores a new one.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &Recipient) -> Result<(), Error> {
    insert_many(tx, std::slice::from_ref(new)).await
}

/// Stores new ones.
///
/// # Errors
/// The database is away.
pub async fn insert_many(tx: &mut Tx, new: &[Recipient]) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = new
        .iter()
        .map(|recipient| NewRow {
            id: sets::hex(recipient.id.uuid()),
            invitation_id: sets::hex(recipient.invitation_id.uuid()),
            contact_id: sets::hex(recipient.contact_id.uuid()),
            role: recipient.role,
            name: &recipient.name,
            generation: recipient.generation,
            key_id: recipient.key_id,
            links_expire_at: recipient.links_expire_at.as_micros(),
            created_at: recipient.created_at.as_micros(),
        })
        .collect();
    tx.query(INSERT).bind(sets::rows(&rows)).execute().await?;
    Ok(())
}

/// The recipient with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: RecipientId) -> Result<Option<Recipient>, Error> {
    conn.query(BY_ID).bind(id).optional().await
}

/// All who take part in an invitation, in the order in which they came to it.
///
/// # Errors
/// The database is away.
pub async fn of_invitation(conn: &mut Conn, id: InvitationId) -> Result<Vec<Part>, Error> {
    conn.query(PARTS_OF_INVITATION).bind(id).all().await
}

/// These parts, in any order.
///
/// # Errors
/// The database is away.
pub async fn parts(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = RecipientId>,
) -> Result<Vec<Part>, Error> {
    conn.query(PARTS)
        .bind(sets::ids(ids.into_iter().map(RecipientId::uuid)))
        .all()
        .await
}

/// Nobody is asked to sign any more, and `contact` does not only read.
///
/// # Errors
/// The database is away.
pub async fn retire(
    tx: &mut Tx,
    invitation: InvitationId,
    contact: ContactId,
) -> Result<(), Error> {
    tx.query(RETIRE)
        .bind(invitation)
        .bind(contact)
        .execute()
        .await?;
    Ok(())
}

/// A mailbox reads along no more.
///
/// # Errors
/// The database is away.
pub async fn retire_viewer(
    tx: &mut Tx,
    invitation: InvitationId,
    contact: ContactId,
) -> Result<(), Error> {
    tx.query(RETIRE_VIEWER)
        .bind(invitation)
        .bind(contact)
        .execute()
        .await?;
    Ok(())
}

/// The one who is asked to sign.
///
/// # Errors
/// The database is away.
pub async fn signer(conn: &mut Conn, invitation: InvitationId) -> Result<Option<Recipient>, Error> {
    conn.query(SIGNER).bind(invitation).optional().await
}

/// Ends the links made so far: the next generation is made with `key` and good until `expire_at`.
///
/// # Errors
/// The database is away.
pub async fn renew(
    tx: &mut Tx,
    id: RecipientId,
    key: u16,
    expire_at: Timestamp,
) -> Result<(), Error> {
    tx.query(RENEW)
        .bind(id)
        .bind(i64::from(key))
        .bind(expire_at)
        .execute()
        .await?;
    Ok(())
}

/// Keeps the links of this recipient good until `until`, at least.
///
/// # Errors
/// The database is away.
pub async fn keep_links(tx: &mut Tx, id: RecipientId, until: Timestamp) -> Result<(), Error> {
    tx.query(KEEP_LINKS).bind(id).bind(until).execute().await?;
    Ok(())
}

/// The parts of a mailbox in accepted invitations, newest first, at most 200.
///
/// # Errors
/// The database is away.
pub async fn accepted_of_contact(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<Recipient>, Error> {
    conn.query(ACCEPTED_OF_CONTACT).bind(contact).all().await
}

/// No more reminders; `false` when they were stopped before.
///
/// # Errors
/// The database is away.
pub async fn stop_reminders(tx: &mut Tx, id: RecipientId, now: Timestamp) -> Result<bool, Error> {
    Ok(tx
        .query(STOP_REMINDERS)
        .bind(id)
        .bind(now)
        .execute()
        .await?
        == 1)
}

/// Since when a mailbox gets no reminders of an invitation, in whichever of its parts it said so.
///
/// # Errors
/// The database is away.
pub async fn stopped_by(
    conn: &mut Conn,
    invitation: InvitationId,
    contact: ContactId,
) -> Result<Option<Timestamp>, Error> {
    let stopped: Option<Option<Timestamp>> = conn
        .query(STOPPED_BY)
        .bind(invitation)
        .bind(contact)
        .scalar()
        .await?;
    Ok(stopped.flatten())
}

/// What was stopped was another matter: reminders are sent again.
///
/// # Errors
/// The database is away.
pub async fn remind_again(tx: &mut Tx, id: RecipientId) -> Result<(), Error> {
    tx.query(REMIND_AGAIN).bind(id).execute().await?;
    Ok(())
}

/// The mailbox refused this sending for good; `false` when that was known, or another sending is current.
///
/// # Errors
/// The database is away.
pub async fn mark_undeliverable(
    tx: &mut Tx,
    invitation: InvitationId,
    generation: i64,
    now: Timestamp,
) -> Result<bool, Error> {
    let rows = tx
        .query(UNDELIVERABLE)
        .bind(invitation)
        .bind(now)
        .bind(generation)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// How many rows (recipients, inquiries and their partners) have links that are still good and were made with this key: it cannot be retired before.
///
/// # Errors
/// The database is away.
pub async fn live_links_of_key(conn: &mut Conn, key: u16, now: Timestamp) -> Result<i64, Error> {
    let count = conn
        .query(LIVE_LINKS_OF_KEY)
        .bind(i64::from(key))
        .bind(now)
        .scalar()
        .await?;
    Ok(count.unwrap_or_default())
}

/// The keys that links which are still good were made with. Reads the whole table: for an operator, not for a page.
///
/// # Errors
/// The database is away.
pub async fn keys_of_live_links(conn: &mut Conn, now: Timestamp) -> Result<Vec<u16>, Error> {
    let keys: Vec<i64> = conn.query(KEYS_OF_LIVE_LINKS).bind(now).scalars().await?;
    Ok(keys
        .into_iter()
        .filter_map(|key| u16::try_from(key).ok())
        .collect())
}
