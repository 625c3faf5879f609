//! Invitations: what was offered to whom, and how it ended.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
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
    INSERT = { concat!("INSERT INTO invitation (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, NULL, NULL, NULL)
        ON CONFLICT DO NOTHING") };
    BY_ID = { concat!("SELECT ", columns!(), " FROM invitation WHERE id = $1") };
    /// Whoever reads it this way decides about it: the next one waits. SQLite has one writer anyway.
    LOCK = {
        sqlite: concat!("SELECT ", columns!(), " FROM invitation WHERE id = $1"),
        postgres: concat!("SELECT ", columns!(), " FROM invitation WHERE id = $1 FOR UPDATE")
    };
    PENDING_TWIN = { concat!("SELECT ", columns!(), " FROM invitation
        WHERE partner_id = $1 AND organization_id = $2 AND contact_id = $3 AND offer_key = $4 AND state = 'pending'") };
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

/// Stores a new one; `false` when a pending one of the same partner, organization, contact and offer is there.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &Invitation) -> Result<bool, Error> {
    let rows = tx
        .query(INSERT)
        .bind(new.id)
        .bind(new.partner_id)
        .bind(new.organization_id)
        .bind(new.contact_id)
        .bind(new.state)
        .bind(&*new.offer)
        .bind(&*new.offer_key)
        .bind(new.language.clone())
        .bind(&*new.time_zone)
        .bind(new.note.as_deref())
        .bind(&*new.links)
        .bind(new.reference.as_deref())
        .bind(&*new.source)
        .bind(new.forced)
        .bind(new.created_at)
        .bind(new.expires_at)
        .execute()
        .await?;
    Ok(rows == 1)
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

/// The pending invitation that `new` would repeat.
///
/// # Errors
/// The database is away.
pub async fn pending_twin(conn: &mut Conn, new: &Invitation) -> Result<Option<Invitation>, Error> {
    conn.query(PENDING_TWIN)
        .bind(new.partner_id)
        .bind(new.organization_id)
        .bind(new.contact_id)
        .bind(&*new.offer_key)
        .optional()
        .await
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
