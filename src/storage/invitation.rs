//! Invitations: what was offered to whom, and how it ended.

use serde::Serialize;

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{ContactId, InvitationId, OrganizationId, PartnerId};
use crate::domain::invitation::{Decline, DeclineReason, State, StateName};
use crate::domain::language::Language;
use crate::domain::text::Reason;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, organization_id, contact_id, state, offer, offer_key, language, time_zone, note, links, \
         reference, source, forced, created_at, expires_at, ended_at, decline_reason, decline_text"
    };
}

statements! {
    INSERT = {
        sqlite: concat!("INSERT INTO invitation (", columns!(), ")
            SELECT unhex(value->>'id'), unhex(value->>'partner_id'), unhex(value->>'organization_id'),
                unhex(value->>'contact_id'), value->>'state', value->>'offer', value->>'offer_key', value->>'language',
                value->>'time_zone', value->>'note', value->>'links', value->>'reference', value->>'source',
                value->>'forced', value->>'created_at', value->>'expires_at', NULL, NULL, NULL
            FROM json_each($1) WHERE true
            ON CONFLICT DO NOTHING RETURNING id"),
        postgres: concat!("INSERT INTO invitation (", columns!(), ")
            SELECT id, partner_id, organization_id, contact_id, state, offer, offer_key, language, time_zone, note, links,
                reference, source, forced, created_at, expires_at, NULL, NULL, NULL
            FROM jsonb_to_recordset($1::text::jsonb) AS x(id uuid, partner_id uuid, organization_id uuid, contact_id uuid,
                state text, offer text, offer_key text, language text, time_zone text, note text, links text,
                reference text, source text, forced boolean, created_at bigint, expires_at bigint)
            ON CONFLICT DO NOTHING RETURNING id")
    };
    BY_ID = { concat!("SELECT ", columns!(), " FROM invitation WHERE id = $1") };
    /// Whoever reads it this way decides about it: the next one waits. SQLite has one writer anyway.
    LOCK = {
        sqlite: concat!("SELECT ", columns!(), " FROM invitation WHERE id = $1"),
        postgres: concat!("SELECT ", columns!(), " FROM invitation WHERE id = $1 FOR UPDATE")
    };
    /// One descent of the index each: of its columns, no planner may choose to walk one.
    PENDING_TWINS = {
        sqlite: "SELECT i.id, i.organization_id, i.contact_id, i.offer_key
            FROM json_each($2) AS x CROSS JOIN invitation AS i
            ON i.partner_id = $1 AND i.organization_id = unhex(x.value->>'organization_id')
                AND i.contact_id = unhex(x.value->>'contact_id') AND i.offer_key = x.value->>'offer_key'
            WHERE i.state = 'pending'",
        postgres: "SELECT twin.id, twin.organization_id, twin.contact_id, twin.offer_key
            FROM jsonb_to_recordset($2::text::jsonb) AS x(organization_id uuid, contact_id uuid, offer_key text)
            CROSS JOIN LATERAL (SELECT i.id, i.organization_id, i.contact_id, i.offer_key FROM invitation i
                WHERE i.partner_id = $1 AND i.organization_id = x.organization_id AND i.contact_id = x.contact_id
                    AND i.offer_key = x.offer_key AND i.state = 'pending' LIMIT 1) AS twin"
    };
    LATEST_TWIN = { concat!("SELECT ", columns!(), " FROM invitation
        WHERE partner_id = $1 AND organization_id = $2 AND offer_key = $4
            AND id IN (SELECT invitation_id FROM recipient WHERE contact_id = $3 AND role IN ('signer', 'former'))
        ORDER BY created_at DESC, id DESC LIMIT 1") };
    END = { "UPDATE invitation SET state = $2, ended_at = $3, decline_reason = $4, decline_text = $5
        WHERE id = $1 AND state = 'pending'" };
    /// Unless that mailbox has the same offer waiting already.
    READDRESS = { "UPDATE invitation SET contact_id = $2, expires_at = $3, forced = $4 WHERE id = $1 AND state = 'pending'
        AND NOT EXISTS (SELECT 1 FROM invitation twin WHERE twin.state = 'pending' AND twin.contact_id = $2
            AND twin.partner_id = invitation.partner_id AND twin.organization_id = invitation.organization_id
            AND twin.offer_key = invitation.offer_key)" };
    EXTEND = { "UPDATE invitation SET expires_at = $2 WHERE id = $1 AND state = 'pending'" };
    SET_LINKS = { "UPDATE invitation SET links = $2 WHERE id = $1" };
    OVERDUE = {
        sqlite: "SELECT id FROM invitation WHERE state = 'pending' AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
        postgres: "SELECT id FROM invitation WHERE state = 'pending' AND expires_at <= $1
            ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED"
    };
    IS_OVERDUE = { "SELECT expires_at FROM invitation WHERE state = 'pending' AND expires_at <= $1 LIMIT 1" };
    NEXT_EXPIRY = { "SELECT expires_at FROM invitation WHERE state = 'pending' AND expires_at > $1
        ORDER BY expires_at LIMIT 1" };
    LIST = { concat!("SELECT ", columns!(), " FROM invitation WHERE partner_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3") };
    LIST_IN_STATE = { concat!("SELECT ", columns!(), " FROM invitation
        WHERE partner_id = $1 AND id < $2 AND state = $4 ORDER BY id DESC LIMIT $3") };
    LIST_ALL = { concat!("SELECT ", columns!(), " FROM invitation WHERE id < $1 ORDER BY id DESC LIMIT $2") };
    LIST_ALL_IN_STATE = { concat!("SELECT ", columns!(), " FROM invitation
        WHERE id < $1 AND state = $3 ORDER BY id DESC LIMIT $2") };
}

record! {
    /// An invitation as it is stored.
    #[derive(Clone, Debug)]
    pub struct Invitation {
        /// The row.
        pub id: InvitationId,
        /// Who asks.
        pub partner_id: PartnerId,
        /// For whom.
        pub organization_id: OrganizationId,
        /// The mailbox that was asked first.
        pub contact_id: ContactId,
        /// Where it stands; [`Invitation::state`] says it with its data.
        pub state: StateName,
        /// What is offered: an `Offer` as JSON.
        pub offer: String,
        /// Equal for equal offers.
        pub offer_key: String,
        /// The language of its mails and pages.
        pub language: Language,
        /// The IANA time zone in which its days are counted.
        pub time_zone: String,
        /// The partner's words, plain text.
        pub note: Option<String>,
        /// Microsoft's pages: `microsoft::Links` as JSON.
        pub links: String,
        /// The partner's own reference.
        pub reference: Option<String>,
        /// By which way it came: `cli`, `csv`, `api`, `mail`, `demo`.
        pub source: String,
        /// Whether the partner insisted on a recipient at its own domain.
        pub forced: bool,
        /// When it was made.
        pub created_at: Timestamp,
        /// From when on it can no longer be accepted.
        pub expires_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// Why it was declined, as a choice.
        pub decline_reason: Option<DeclineReason>,
        /// Why it was declined, in the customer's words.
        pub decline_text: Option<String>,
    }
}

impl Invitation {
    /// Where it stands, with the data of that state.
    pub fn state(&self) -> State {
        state(
            self.state,
            self.expires_at,
            self.ended_at,
            self.decline_reason,
            self.decline_text.as_deref(),
        )
    }
}

/// The state that the columns of a row say.
pub(super) fn state(
    name: StateName,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
    reason: Option<DeclineReason>,
    text: Option<&str>,
) -> State {
    let at = ended_at.unwrap_or(expires_at);
    match name {
        StateName::Pending => State::Pending { expires_at },
        StateName::Accepted => State::Accepted { at },
        StateName::Declined => State::Declined {
            at,
            decline: reason.map(|reason| Decline {
                reason,
                text: text.and_then(|t| t.parse().ok()),
            }),
        },
        StateName::Expired => State::Expired { at },
        StateName::Revoked => State::Revoked { at },
    }
}

#[derive(Serialize)]
struct NewRow<'a> {
    id: String,
    partner_id: String,
    organization_id: String,
    contact_id: String,
    state: StateName,
    offer: &'a str,
    offer_key: &'a str,
    language: &'a Language,
    time_zone: &'a str,
    note: Option<&'a str>,
    links: &'a str,
    reference: Option<&'a str>,
    source: &'a str,
    forced: bool,
    created_at: i64,
    expires_at: i64,
}

/// Stores a new one; `false` when a pending one of the same partner, organization, contact and offer is there.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &Invitation) -> Result<bool, Error> {
    Ok(!insert_many(tx, &[new]).await?.is_empty())
}

/// Stores new ones, but for those of which a pending one of the same partner, organization, contact and offer is there; returns
/// which were stored, in any order. Whoever stores several has them in the order of these four.
///
/// # Errors
/// The database is away.
pub async fn insert_many(tx: &mut Tx, new: &[&Invitation]) -> Result<Vec<InvitationId>, Error> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<_> = new
        .iter()
        .map(|invitation| NewRow {
            id: sets::hex(invitation.id.uuid()),
            partner_id: sets::hex(invitation.partner_id.uuid()),
            organization_id: sets::hex(invitation.organization_id.uuid()),
            contact_id: sets::hex(invitation.contact_id.uuid()),
            state: invitation.state,
            offer: &invitation.offer,
            offer_key: &invitation.offer_key,
            language: &invitation.language,
            time_zone: &invitation.time_zone,
            note: invitation.note.as_deref(),
            links: &invitation.links,
            reference: invitation.reference.as_deref(),
            source: &invitation.source,
            forced: invitation.forced,
            created_at: invitation.created_at.as_micros(),
            expires_at: invitation.expires_at.as_micros(),
        })
        .collect();
    tx.query(INSERT).bind(sets::rows(&rows)).scalars().await
}

/// The invitation with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: InvitationId) -> Result<Option<Invitation>, Error> {
    conn.query(BY_ID).bind(id).optional().await
}

/// The invitation, and the right to decide about it until the transaction ends.
///
/// # Errors
/// The database is away.
pub async fn lock(tx: &mut Tx, id: InvitationId) -> Result<Option<Invitation>, Error> {
    tx.query(LOCK).bind(id).optional().await
}

record! {
    /// A pending invitation, and what another one would have in common with it.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Twin {
        /// The row.
        pub id: InvitationId,
        /// For whom.
        pub organization_id: OrganizationId,
        /// The mailbox that is asked.
        pub contact_id: ContactId,
        /// Equal for equal offers.
        pub offer_key: String,
    }
}

#[derive(Serialize)]
struct TwinRow<'a> {
    organization_id: String,
    contact_id: String,
    offer_key: &'a str,
}

/// The pending invitation that `new` would repeat.
///
/// # Errors
/// The database is away.
pub async fn pending_twin(
    conn: &mut Conn,
    new: &Invitation,
) -> Result<Option<InvitationId>, Error> {
    let of = (new.organization_id, new.contact_id, &*new.offer_key);
    let found = pending_twins(conn, new.partner_id, &[of]).await?.pop();
    Ok(found.map(|twin| twin.id))
}

/// The pending invitations of a partner for these organizations, mailboxes and offers, in any order.
///
/// # Errors
/// The database is away.
pub async fn pending_twins(
    conn: &mut Conn,
    partner: PartnerId,
    of: &[(OrganizationId, ContactId, &str)],
) -> Result<Vec<Twin>, Error> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<_> = of
        .iter()
        .map(|(organization, contact, offer_key)| TwinRow {
            organization_id: sets::hex(organization.uuid()),
            contact_id: sets::hex(contact.uuid()),
            offer_key,
        })
        .collect();
    let twins = conn.query(PENDING_TWINS).bind(partner);
    twins.bind(sets::rows(&rows)).all().await
}

/// The newest invitation with the same offer that ever went to the same mailbox, whoever is asked now and whatever became of it: `of` itself, if there is no newer.
///
/// # Errors
/// The database is away.
pub async fn latest_twin(conn: &mut Conn, of: &Invitation) -> Result<Option<Invitation>, Error> {
    conn.query(LATEST_TWIN)
        .bind(of.partner_id)
        .bind(of.organization_id)
        .bind(of.contact_id)
        .bind(&*of.offer_key)
        .optional()
        .await
}

/// Writes the end of a pending invitation; `false` when it is not pending.
///
/// # Errors
/// The database is away.
pub async fn end(tx: &mut Tx, id: InvitationId, state: &State) -> Result<bool, Error> {
    let decline = match state {
        State::Declined { decline, .. } => decline.as_ref(),
        _ => None,
    };
    let rows = tx
        .query(END)
        .bind(id)
        .bind(state.name())
        .bind(state.ended_at())
        .bind(decline.map(|d| d.reason))
        .bind(decline.and_then(|d| d.text.as_ref()).map(Reason::as_str))
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Gives a pending invitation a new end; `false` when it is not pending.
///
/// # Errors
/// The database is away.
pub async fn extend(tx: &mut Tx, id: InvitationId, expires_at: Timestamp) -> Result<bool, Error> {
    Ok(tx.query(EXTEND).bind(id).bind(expires_at).execute().await? == 1)
}

/// Asks another mailbox; `false` when that has the same offer waiting already, or this one is not pending.
///
/// # Errors
/// The database is away.
pub async fn readdress(
    tx: &mut Tx,
    id: InvitationId,
    contact: ContactId,
    expires_at: Timestamp,
    forced: bool,
) -> Result<bool, Error> {
    let rows = tx
        .query(READDRESS)
        .bind(id)
        .bind(contact)
        .bind(expires_at)
        .bind(forced)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Writes Microsoft's pages: `microsoft::Links` as JSON.
///
/// # Errors
/// The database is away.
pub async fn set_links(tx: &mut Tx, id: InvitationId, links: &str) -> Result<(), Error> {
    tx.query(SET_LINKS).bind(id).bind(links).execute().await?;
    Ok(())
}

/// Pending ones whose time is over, oldest first, locked.
///
/// # Errors
/// The database is away.
pub async fn overdue(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<InvitationId>, Error> {
    tx.query(OVERDUE).bind(now).bind(limit).scalars().await
}

/// Whether any is.
///
/// # Errors
/// The database is away.
pub async fn is_overdue(conn: &mut Conn, now: Timestamp) -> Result<bool, Error> {
    let found: Option<Timestamp> = conn.query(IS_OVERDUE).bind(now).scalar().await?;
    Ok(found.is_some())
}

/// When the next pending one ends that is not overdue at `now`.
///
/// # Errors
/// The database is away.
pub async fn next_expiry(conn: &mut Conn, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    conn.query(NEXT_EXPIRY).bind(now).scalar().await
}

/// What a list shows.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Only this partner's; `None` is for operators alone.
    pub partner: Option<PartnerId>,
    /// Only those in this state.
    pub state: Option<StateName>,
    /// Only those made before this one.
    pub before: Option<InvitationId>,
    /// At most so many.
    pub limit: i64,
}

/// Invitations, newest first.
///
/// # Errors
/// The database is away.
pub async fn list(conn: &mut Conn, filter: Filter) -> Result<Vec<Invitation>, Error> {
    let before = filter.before.unwrap_or(uuid::Uuid::max().into());
    let limit = filter.limit;
    match (filter.partner, filter.state) {
        (Some(partner), None) => {
            conn.query(LIST)
                .bind(partner)
                .bind(before)
                .bind(limit)
                .all()
                .await
        }
        (Some(partner), Some(state)) => {
            conn.query(LIST_IN_STATE)
                .bind(partner)
                .bind(before)
                .bind(limit)
                .bind(state)
                .all()
                .await
        }
        (None, None) => conn.query(LIST_ALL).bind(before).bind(limit).all().await,
        (None, Some(state)) => {
            conn.query(LIST_ALL_IN_STATE)
                .bind(before)
                .bind(limit)
                .bind(state)
                .all()
                .await
        }
    }
}
