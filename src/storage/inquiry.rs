//! Inquiries: what businesses ask of partners, and how each partner answered.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{ContactId, InquiryId, InvitationId, PartnerId, RequestId};
use crate::domain::inquiry::InquiryState;
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, contact_id, state, name, organization, phone, size, needs, body, language, time_zone, key_id, links_expire_at, \
         created_at, confirmed_at"
    };
}

macro_rules! request_columns {
    () => {
        "id, inquiry_id, partner_id, key_id, links_expire_at, sent_at, invitation_id, answered_at"
    };
}

statements! {
    INSERT = { concat!("INSERT INTO inquiry (", columns!(), ")
        VALUES ($1, $2, 'unconfirmed', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL)") };
    INSERT_REQUEST = { concat!("INSERT INTO inquiry_partner (", request_columns!(), ")
        VALUES ($1, $2, $3, $4, $5, NULL, NULL, NULL)") };
    BY_IDS = {
        sqlite: concat!("SELECT ", columns!(), " FROM inquiry WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", columns!(), " FROM inquiry
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    OF_CONTACT_SINCE = { "SELECT count(*) FROM inquiry WHERE contact_id = $1 AND created_at > $2" };
    REQUESTS_OF = {
        sqlite: concat!("SELECT ", request_columns!(), " FROM inquiry_partner
            WHERE inquiry_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY id"),
        postgres: concat!("SELECT ", request_columns!(), " FROM inquiry_partner
            WHERE inquiry_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY id")
    };
    REQUESTS = {
        sqlite: concat!("SELECT ", request_columns!(), " FROM inquiry_partner
            WHERE id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!("SELECT ", request_columns!(), " FROM inquiry_partner
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    /// SQLite has one writer at a time anyway.
    HOLD_PARTNERS = {
        sqlite: "SELECT id FROM partner WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "SELECT id FROM partner
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY id FOR NO KEY UPDATE"
    };
    BUSY = {
        sqlite: "SELECT partner_id FROM inquiry_partner
            WHERE partner_id IN (SELECT unhex(value) FROM json_each($1)) AND sent_at > $2
            GROUP BY partner_id HAVING count(*) >= $3",
        postgres: "SELECT partner_id FROM inquiry_partner
            WHERE partner_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
                AND sent_at > $2
            GROUP BY partner_id HAVING count(*) >= $3"
    };
    CONFIRM = { "UPDATE inquiry SET state = 'confirmed', confirmed_at = $2
        WHERE id = $1 AND state = 'unconfirmed' AND links_expire_at > $2" };
    SEND = { "UPDATE inquiry_partner SET sent_at = $2, links_expire_at = $3 WHERE inquiry_id = $1 AND sent_at IS NULL" };
    ANSWER = { "UPDATE inquiry_partner SET invitation_id = $2, answered_at = $3 WHERE id = $1 AND invitation_id IS NULL" };
    OVERDUE = { "SELECT id FROM inquiry WHERE state = 'unconfirmed' AND links_expire_at <= $1
        ORDER BY links_expire_at LIMIT $2" };
    HOLD_UNCONFIRMED = {
        sqlite: "SELECT id, contact_id FROM inquiry
            WHERE state = 'unconfirmed' AND id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "SELECT id, contact_id FROM inquiry WHERE state = 'unconfirmed'
            AND id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY id FOR UPDATE"
    };
    FORGET_REQUESTS = {
        sqlite: "DELETE FROM inquiry_partner WHERE inquiry_id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "DELETE FROM inquiry_partner
            WHERE inquiry_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))"
    };
    FORGET = {
        sqlite: "DELETE FROM inquiry WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        postgres: "DELETE FROM inquiry
            WHERE id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))"
    };
}

record! {
    /// What a business asks.
    #[derive(Clone)]
    pub struct Inquiry {
        /// The row; the subject of the link that confirms it.
        pub id: InquiryId,
        /// The mailbox that asks.
        pub contact_id: ContactId,
        /// Where it stands.
        pub state: InquiryState,
        /// Who asks.
        pub name: String,
        /// The business.
        pub organization: String,
        /// Telephone.
        pub phone: Option<String>,
        /// A word of [`crate::domain::profile::OrganizationSize`].
        pub size: String,
        /// Words of [`crate::domain::inquiry::Need`], as JSON.
        pub needs: String,
        /// More of it.
        pub body: Option<String>,
        /// The language in which it was asked.
        pub language: Language,
        /// The IANA zone in which its dates are told.
        pub time_zone: String,
        /// The key that its link is made with.
        pub key_id: i64,
        /// Until when it may be confirmed.
        pub links_expire_at: Timestamp,
        /// When it was asked.
        pub created_at: Timestamp,
        /// When the mailbox confirmed it.
        pub confirmed_at: Option<Timestamp>,
    }
}

record! {
    /// An inquiry as one partner gets it.
    #[derive(Clone, Debug)]
    pub struct Request {
        /// The row; the subject of the partner's link.
        pub id: RequestId,
        /// What is asked.
        pub inquiry_id: InquiryId,
        /// Who is asked.
        pub partner_id: PartnerId,
        /// The key that its link is made with.
        pub key_id: i64,
        /// Until when it may be answered.
        pub links_expire_at: Timestamp,
        /// When the mailbox confirmed it and the mail to the partner was put into the queue: by this a partner's day is
        /// counted, so that no mail that is slow to leave makes room for another one.
        pub sent_at: Option<Timestamp>,
        /// The invitation that the partner made of it.
        pub invitation_id: Option<InvitationId>,
        /// When.
        pub answered_at: Option<Timestamp>,
    }
}

/// Stores an inquiry that nobody has confirmed, and to whom it shall go.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &Inquiry, requests: &[Request]) -> Result<(), Error> {
    tx.query(INSERT)
        .bind(new.id)
        .bind(new.contact_id)
        .bind(&*new.name)
        .bind(&*new.organization)
        .bind(new.phone.as_deref())
        .bind(&*new.size)
        .bind(&*new.needs)
        .bind(new.body.as_deref())
        .bind(new.language.clone())
        .bind(&*new.time_zone)
        .bind(new.key_id)
        .bind(new.links_expire_at)
        .bind(new.created_at)
        .execute()
        .await?;
    for request in requests {
        tx.query(INSERT_REQUEST)
            .bind(request.id)
            .bind(request.inquiry_id)
            .bind(request.partner_id)
            .bind(request.key_id)
            .bind(request.links_expire_at)
            .execute()
            .await?;
    }
    Ok(())
}

/// How many inquiries a mailbox was named in since then.
///
/// # Errors
/// The database is away.
pub async fn of_contact_since(
    conn: &mut Conn,
    contact: ContactId,
    since: Timestamp,
) -> Result<i64, Error> {
    let count = conn.query(OF_CONTACT_SINCE).bind(contact).bind(since);
    Ok(count.scalar().await?.unwrap_or(0))
}

/// Whether one of the partners got as many inquiries since then, or more. Whoever asks holds them until the transaction ends:
/// of two that would fill the same place, the second one sees the first.
///
/// # Errors
/// The database is away.
pub async fn hold_if_busy(
    tx: &mut Tx,
    partners: impl IntoIterator<Item = PartnerId>,
    since: Timestamp,
    many: i64,
) -> Result<bool, Error> {
    let ids = sets::ids(partners.into_iter().map(PartnerId::uuid));
    tx.query(HOLD_PARTNERS).bind(&*ids).execute().await?;
    let busy = tx.query(BUSY).bind(ids).bind(since).bind(many);
    let busy: Option<PartnerId> = busy.scalar().await?;
    Ok(busy.is_some())
}

/// Those of the inquiries that are there, in any order.
///
/// # Errors
/// The database is away.
pub async fn find_many(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = InquiryId>,
) -> Result<Vec<Inquiry>, Error> {
    let ids = sets::ids(ids.into_iter().map(InquiryId::uuid));
    conn.query(BY_IDS).bind(ids).all().await
}

/// The inquiry with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: InquiryId) -> Result<Option<Inquiry>, Error> {
    Ok(find_many(conn, [id]).await?.pop())
}

/// To whom inquiries go, those of each in the order of the choice.
///
/// # Errors
/// The database is away.
pub async fn requests_of(
    conn: &mut Conn,
    inquiries: impl IntoIterator<Item = InquiryId>,
) -> Result<Vec<Request>, Error> {
    let ids = sets::ids(inquiries.into_iter().map(InquiryId::uuid));
    conn.query(REQUESTS_OF).bind(ids).all().await
}

/// Those of the requests that are there, in any order.
///
/// # Errors
/// The database is away.
pub async fn find_requests(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = RequestId>,
) -> Result<Vec<Request>, Error> {
    let ids = sets::ids(ids.into_iter().map(RequestId::uuid));
    conn.query(REQUESTS).bind(ids).all().await
}

/// The request with this id.
///
/// # Errors
/// The database is away.
pub async fn find_request(conn: &mut Conn, id: RequestId) -> Result<Option<Request>, Error> {
    Ok(find_requests(conn, [id]).await?.pop())
}

/// Confirms an inquiry; `false` when it was so before, or its time is over.
///
/// # Errors
/// The database is away.
pub async fn confirm(tx: &mut Tx, id: InquiryId, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.query(CONFIRM).bind(id).bind(now).execute().await? == 1)
}

/// Records that an inquiry goes to its partners, who may answer it until `expire_at`.
///
/// # Errors
/// The database is away.
pub async fn send(
    tx: &mut Tx,
    id: InquiryId,
    now: Timestamp,
    expire_at: Timestamp,
) -> Result<u64, Error> {
    let send = tx.query(SEND).bind(id).bind(now).bind(expire_at);
    send.execute().await
}

/// Records the invitation that a partner made of a request; `false` when there is one already.
///
/// # Errors
/// The database is away.
pub async fn answer(
    tx: &mut Tx,
    id: RequestId,
    invitation: InvitationId,
    now: Timestamp,
) -> Result<bool, Error> {
    let answer = tx.query(ANSWER).bind(id).bind(invitation).bind(now);
    Ok(answer.execute().await? == 1)
}

/// Unconfirmed inquiries whose time is over, so many.
///
/// # Errors
/// The database is away.
pub async fn overdue(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<InquiryId>, Error> {
    conn.query(OVERDUE).bind(now).bind(limit).scalars().await
}

record! {
    /// An inquiry that was deleted.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Forgotten {
        /// The inquiry.
        pub id: InquiryId,
        /// The mailbox that was named in it.
        pub contact_id: ContactId,
    }
}

/// Deletes those of the inquiries that are unconfirmed; returns which.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &mut Tx, inquiries: &[InquiryId]) -> Result<Vec<Forgotten>, Error> {
    // Held first: one that is being confirmed keeps all of its rows.
    let ids = sets::ids(inquiries.iter().map(|id| id.uuid()));
    let unconfirmed: Vec<Forgotten> = tx.query(HOLD_UNCONFIRMED).bind(ids).all().await?;
    let ids = sets::ids(unconfirmed.iter().map(|it| it.id.uuid()));
    tx.query(FORGET_REQUESTS).bind(&*ids).execute().await?;
    tx.query(FORGET).bind(ids).execute().await?;
    Ok(unconfirmed)
}
