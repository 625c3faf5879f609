//! A business asks partners: stored when the form is sent, told to the partners once the mailbox has confirmed it, answered by
//! a partner with an invitation.

use super::invite::{InviteError, Trigger};
use super::{Engine, domain_of, fresh_id, invite, stored};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::{Draft, Source};
use crate::domain::ids::{InquiryId, InvitationId, PartnerId, RequestId};
use crate::domain::inquiry::{
    self as domain, A_DAY_BY_ADDRESS, A_DAY_TO_PARTNER, ANSWERED_WITHIN, CONFIRMED_WITHIN,
    InquiryState, MOST_PARTNERS, Need, Unconfirmable,
};
use crate::domain::language::Language;
use crate::domain::link_path;
use crate::domain::notice::{Irrelevant, Kind};
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::{Claims, Purpose, UnknownKey};
use crate::storage::contact::Contact;
use crate::storage::inquiry::{Inquiry, Request};
use crate::storage::partner::Partner;
use crate::storage::{self, Tx, contact, event, idempotency, inquiry, notice, partner, profile};

/// What came of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits for the mailbox to confirm it.
    Stored(InquiryId),
    /// The mailbox was named often enough for a day: nothing was stored. Whoever asks is told the same.
    Enough,
    /// None of the partners can be found any more.
    NobodyThere,
}

/// Stores what a business asks of partners: of those named, the published ones, at most [`MOST_PARTNERS`]; and mails the
/// mailbox that was named the link that confirms it.
///
/// # Errors
/// The database is away.
pub async fn ask(
    engine: &Engine,
    form: domain::Inquiry,
    partners: Vec<PartnerId>,
    language: Language,
) -> Result<Asked, storage::Error> {
    let now = engine.clock.now();
    let key_id = i64::from(engine.tokens.current_key());
    let own_zone = engine.settings.time_zone.clone();
    let step = async move |tx: &mut Tx| {
        let there = profile::published(tx, partners.iter().copied()).await?;
        // In the order in which they were chosen, each once.
        let mut chosen: Vec<PartnerId> = Vec::new();
        for id in partners {
            let is_there = there.iter().any(|row| row.partner_id == id);
            if is_there && !chosen.contains(&id) && chosen.len() < MOST_PARTNERS {
                chosen.push(id);
            }
        }
        if chosen.is_empty() {
            return Ok::<_, storage::Error>(Asked::NobodyThere);
        }
        let contact = Contact {
            id: fresh_id(now),
            address: form.email.as_str().to_owned(),
            smtp_address: form.email.for_smtp(),
            domain: form.email.domain().to_owned(),
            language: None,
            time_zone: None,
            created_at: now,
        };
        let contact = contact::find_or_insert(tx, &contact).await?;
        let asked = inquiry::of_contact_since(tx, contact.id, now.plus_micros(-DAY)).await?;
        if asked >= A_DAY_BY_ADDRESS {
            return Ok(Asked::Enough);
        }
        let links_expire_at = now.plus_micros(CONFIRMED_WITHIN);
        // Nobody said where they are: whoever asks a partner of their own language is most likely in its zone.
        let mut asked = partner::find_many(tx, chosen.iter().copied()).await?;
        asked.sort_by_key(|partner| chosen.iter().position(|id| *id == partner.id));
        let near = asked
            .into_iter()
            .find(|partner| partner.language == language);
        let time_zone = near.map_or(own_zone, |partner| partner.time_zone);
        let row = Inquiry {
            id: fresh_id(now),
            contact_id: contact.id,
            state: InquiryState::Unconfirmed,
            name: form.name.as_str().to_owned(),
            organization: form.organization.as_str().to_owned(),
            phone: form.phone.map(|phone| phone.as_str().to_owned()),
            size: form.size.to_string(),
            needs: serde_json::to_string(&form.needs)
                .map_err(|error| storage::Error::Refused(error.to_string()))?,
            body: form.text.map(|text| text.as_str().to_owned()),
            language,
            time_zone,
            key_id,
            links_expire_at,
            created_at: now,
            confirmed_at: None,
        };
        let requests = chosen
            .into_iter()
            .zip(0..)
            .map(|(partner_id, place)| Request {
                // They are read in the order of their ids, which is that of the choice.
                id: fresh_id(now.plus_micros(place)),
                inquiry_id: row.id,
                partner_id,
                key_id,
                links_expire_at,
                sent_at: None,
                invitation_id: None,
                answered_at: None,
            });
        let requests: Vec<_> = requests.collect();
        inquiry::insert(tx, &row, &requests).await?;
        let confirm = notice::New {
            id: fresh_id(now),
            // Whose turn it takes in the queue; the mail is on nobody's behalf.
            partner: requests[0].partner_id,
            domain: contact.domain,
            kind: Kind::InquiryConfirm,
            step: 0,
            subject: row.id.uuid(),
            target: contact.id.uuid(),
            generation: 0,
            payload: "{}".to_owned(),
            run_at: now,
        };
        notice::enqueue(tx, &[confirm], now).await?;
        Ok(Asked::Stored(row.id))
    };
    let asked = engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await?;
    if matches!(asked, Asked::Stored(_)) {
        engine.wake().await;
    }
    Ok(asked)
}

/// An inquiry, and to whom it goes.
#[derive(Clone)]
pub struct Opened {
    /// What is asked.
    pub inquiry: Inquiry,
    /// By which mailbox.
    pub contact: Contact,
    /// What is needed.
    pub needs: Vec<Need>,
    /// Whom it goes to, in the order in which they were chosen.
    pub partners: Vec<Partner>,
}

/// Follows a genuine link of purpose *inquiry*; `None` when nothing is behind it.
///
/// # Errors
/// The database is away.
pub async fn open(engine: &Engine, claims: &Claims) -> Result<Option<Opened>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(inquiry) = inquiry::find(&mut conn, claims.subject.into()).await? else {
        return Ok(None);
    };
    let Some(contact) = contact::find(&mut conn, inquiry.contact_id).await? else {
        return Ok(None);
    };
    let requests = inquiry::requests_of(&mut conn, [inquiry.id]).await?;
    let ids: Vec<_> = requests.iter().map(|request| request.partner_id).collect();
    let mut partners = partner::find_many(&mut conn, ids.iter().copied()).await?;
    partners.sort_by_key(|partner| ids.iter().position(|id| *id == partner.id));
    Ok(Some(Opened {
        needs: stored(&inquiry.needs)?,
        inquiry,
        contact,
        partners,
    }))
}

/// What came of a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// It goes to the partners: their mails are in the queue.
    Sent,
    /// It did before.
    Already,
    /// Its time is over, or there is none.
    Over,
    /// One of the partners was asked often enough for a day: nothing was changed, and tomorrow it may be confirmed.
    Later,
}

/// Confirms an inquiry, once: each partner's audit record gets an entry, and each partner the request.
///
/// # Errors
/// The database is away.
pub async fn confirm(engine: &Engine, claims: Claims) -> Result<Confirmed, storage::Error> {
    let now = engine.clock.now();
    let step = async move |tx: &mut Tx| {
        let Some(row) = inquiry::find(tx, claims.subject.into()).await? else {
            return Ok::<_, storage::Error>(Confirmed::Over);
        };
        match domain::may_confirm(row.state, row.links_expire_at, now) {
            Err(Unconfirmable::Confirmed) => return Ok(Confirmed::Already),
            Err(Unconfirmable::Expired) => return Ok(Confirmed::Over),
            Ok(()) => {}
        }
        let requests = inquiry::requests_of(tx, [row.id]).await?;
        let asked = requests.iter().map(|request| request.partner_id);
        let since = now.plus_micros(-DAY);
        if inquiry::hold_if_busy(tx, asked.clone(), since, A_DAY_TO_PARTNER).await? {
            return Ok(Confirmed::Later);
        }
        let partners = partner::find_many(tx, asked).await?;
        // The guard against two that run at once.
        if !inquiry::confirm(tx, row.id, now).await? {
            return Ok(Confirmed::Already);
        }
        inquiry::send(tx, row.id, now, now.plus_micros(ANSWERED_WITHIN)).await?;
        let mails: Vec<_> = requests
            .iter()
            .filter_map(|request| {
                let partner = partners.iter().find(|it| it.id == request.partner_id)?;
                Some(mail_to_partner(request, partner, now))
            })
            .collect();
        notice::enqueue(tx, &mails, now).await?;
        for request in &requests {
            let event = event::New {
                id: fresh_id(now),
                partner: request.partner_id,
                kind: EventKind::InquiryReceived,
                subject: request.id.uuid(),
                actor: Actor::Contact(row.contact_id),
                data: serde_json::json!({}),
                at: now,
            };
            event::insert(tx, &event).await?;
        }
        Ok(Confirmed::Sent)
    };
    let confirmed = engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await?;
    if confirmed == Confirmed::Sent {
        engine.wake().await;
    }
    Ok(confirmed)
}

fn mail_to_partner(request: &Request, partner: &Partner, now: Timestamp) -> notice::New {
    notice::New {
        id: fresh_id(now),
        partner: partner.id,
        domain: domain_of(&partner.email),
        kind: Kind::Inquiry,
        step: 0,
        subject: request.id.uuid(),
        target: partner.id.uuid(),
        generation: 0,
        payload: "{}".to_owned(),
        run_at: now,
    }
}

/// A request as its partner sees it.
#[derive(Clone)]
pub struct OpenedRequest {
    /// The partner's part in it.
    pub request: Request,
    /// What is asked.
    pub inquiry: Inquiry,
    /// By which mailbox.
    pub contact: Contact,
    /// What is needed.
    pub needs: Vec<Need>,
    /// Who is asked.
    pub partner: Partner,
}

/// Follows a genuine link of purpose *respond*; `None` when nothing is behind it that went to a partner.
///
/// # Errors
/// The database is away.
pub async fn open_request(
    engine: &Engine,
    claims: &Claims,
) -> Result<Option<OpenedRequest>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let request = inquiry::find_request(&mut conn, claims.subject.into()).await?;
    let Some(request) = request.filter(|request| request.sent_at.is_some()) else {
        return Ok(None);
    };
    let Some(inquiry) = inquiry::find(&mut conn, request.inquiry_id).await? else {
        return Ok(None);
    };
    let contact = contact::find(&mut conn, inquiry.contact_id).await?;
    let partner = partner::find(&mut conn, request.partner_id).await?;
    let (Some(contact), Some(partner)) = (contact, partner) else {
        return Ok(None);
    };
    Ok(Some(OpenedRequest {
        needs: stored(&inquiry.needs)?,
        request,
        inquiry,
        contact,
        partner,
    }))
}

/// Why a partner's answer made no invitation.
#[derive(Debug, thiserror::Error)]
pub enum RespondError {
    /// Nothing is behind the link, or its time is over.
    #[error("the request is over")]
    Over,
    /// A partner cannot consent for its customer.
    #[error("the mailbox that asked is at the partner's own domain")]
    OwnDomain,
    /// The mailbox that asked is suppressed.
    #[error("the mailbox that asked takes no mail from here")]
    TakesNoMail,
    /// What nobody foresaw.
    #[error(transparent)]
    Invite(InviteError),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Makes the invitation that a partner answers a request with, once: a second answer is the first one.
///
/// # Errors
/// The request is over, the type does not exist or its invitation cannot be made, or the database is away.
pub async fn respond(
    engine: &Engine,
    claims: Claims,
    partner_type: &str,
) -> Result<InvitationId, RespondError> {
    let now = engine.clock.now();
    let opened = open_request(engine, &claims).await?;
    let opened = opened.ok_or(RespondError::Over)?;
    if let Some(made) = opened.request.invitation_id {
        return Ok(made);
    }
    if claims.is_expired(now) || opened.request.links_expire_at <= now {
        return Err(RespondError::Over);
    }
    let draft = Draft {
        organization: opened.inquiry.organization.clone(),
        name: opened.inquiry.name.clone(),
        email: opened.contact.smtp_address.clone(),
        partner_type: Some(partner_type.to_owned()),
        language: Some(opened.inquiry.language.to_string()),
        time_zone: Some(opened.inquiry.time_zone.clone()),
        ..Draft::default()
    };
    let request = draft.check();
    let request = request.map_err(|fields| refusal(InviteError::Fields(fields), &opened))?;
    let key = format!("request-{}", opened.request.id);
    let trigger = Trigger {
        partner: opened.partner.id,
        source: Source::Inquiry,
        actor: Actor::Partner(opened.partner.id),
        idempotency_key: Some(key.clone()),
        asked_for: false,
    };
    let id = opened.request.id;
    let partner = opened.partner.id;
    let made = match invite::invite(engine, trigger, request).await {
        Ok(outcome) => outcome.id(),
        // Two answers at once with different types: the first one counts.
        Err(InviteError::KeyReused) => first_answer(engine, partner, &key, now).await?,
        Err(InviteError::Storage(error)) => return Err(error.into()),
        Err(error) => return Err(refusal(error, &opened)),
    };
    record_answer(engine, id, partner, made, now).await?;
    Ok(made)
}

async fn first_answer(
    engine: &Engine,
    partner: PartnerId,
    key: &str,
    now: Timestamp,
) -> Result<InvitationId, RespondError> {
    let mut conn = engine.db.read().await?;
    let used = idempotency::find(&mut conn, partner, key, now).await?;
    let made = used.and_then(|used| used.answer.parse().ok());
    made.ok_or(RespondError::Invite(InviteError::KeyReused))
}

/// Why an invitation is not made, in a form that has words in every language.
fn refusal(error: InviteError, opened: &OpenedRequest) -> RespondError {
    let is_about_address = matches!(&error, InviteError::Fields(fields)
        if fields.iter().any(|it| it.field == "email"));
    if !is_about_address {
        // Names of fields alone: what is said of them may quote what was typed.
        let fields: Vec<_> = match &error {
            InviteError::Fields(fields) => fields.iter().map(|it| it.field).collect(),
            _ => Vec::new(),
        };
        tracing::warn!(request = %opened.request.id, ?fields, "an inquiry could not be answered");
        return RespondError::Invite(error);
    }
    if domain_of(&opened.partner.email) == opened.contact.domain {
        RespondError::OwnDomain
    } else {
        RespondError::TakesNoMail
    }
}

async fn record_answer(
    engine: &Engine,
    id: RequestId,
    partner: PartnerId,
    invitation: InvitationId,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let step = async move |tx: &mut Tx| {
        if inquiry::answer(tx, id, invitation, now).await? {
            let event = event::New {
                id: fresh_id(now),
                partner,
                kind: EventKind::InquiryAnswered,
                subject: id.uuid(),
                actor: Actor::Partner(partner),
                data: serde_json::json!({ "invitation": invitation }),
                at: now,
            };
            event::insert(tx, &event).await?;
        }
        Ok::<_, storage::Error>(())
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

/// How many are deleted at a time.
const A_SWEEP: i64 = 500;

/// Deletes inquiries that nobody confirmed in time, with the mailboxes that nothing else names, and cancels their mails;
/// returns how many.
///
/// # Errors
/// The database is away.
pub async fn sweep(engine: &Engine) -> Result<u64, storage::Error> {
    let now = engine.clock.now();
    let mut conn = engine.db.read().await?;
    let overdue = inquiry::overdue(&mut conn, now, A_SWEEP).await?;
    drop(conn);
    if overdue.is_empty() {
        return Ok(0);
    }
    let step = async move |tx: &mut Tx| {
        let forgotten = inquiry::forget(tx, &overdue).await?;
        let subjects = forgotten.iter().map(|it| it.id.uuid());
        let confirm = [Kind::InquiryConfirm];
        notice::cancel_of_subjects(tx, subjects, &confirm, Irrelevant::Late, now).await?;
        contact::forget_unnamed(tx, forgotten.iter().map(|it| it.contact_id)).await?;
        Ok::<_, storage::Error>(u64::try_from(forgotten.len()).unwrap_or(u64::MAX))
    };
    engine
        .db
        .write(move |tx| Box::pin(async move { step(tx).await }))
        .await
}

impl Engine {
    /// The link that confirms an inquiry.
    ///
    /// # Errors
    /// The key that the row was made with is not in the ring.
    pub fn inquiry_url(&self, row: &Inquiry) -> Result<String, UnknownKey> {
        let path = link_path::inquiry(self.inquiry_token(row)?);
        Ok(format!("{}{path}", self.settings.public_url))
    }

    /// The link by which a partner answers.
    ///
    /// # Errors
    /// As [`Engine::inquiry_url`].
    pub fn respond_url(&self, row: &Request) -> Result<String, UnknownKey> {
        let path = link_path::respond(self.respond_token(row)?);
        Ok(format!("{}{path}", self.settings.public_url))
    }

    /// The token of the link that confirms an inquiry.
    ///
    /// # Errors
    /// The key that the row was made with is not in the ring.
    pub fn inquiry_token(&self, row: &Inquiry) -> Result<String, UnknownKey> {
        let (subject, until) = (row.id.uuid(), row.links_expire_at);
        self.row_token(Purpose::Inquiry, subject, row.key_id, until)
    }

    /// The token of the link by which a partner answers.
    ///
    /// # Errors
    /// As [`Engine::inquiry_token`].
    pub fn respond_token(&self, row: &Request) -> Result<String, UnknownKey> {
        let (subject, until) = (row.id.uuid(), row.links_expire_at);
        self.row_token(Purpose::Respond, subject, row.key_id, until)
    }

    fn row_token(
        &self,
        purpose: Purpose,
        subject: uuid::Uuid,
        key_id: i64,
        until: Timestamp,
    ) -> Result<String, UnknownKey> {
        let claims = Claims {
            purpose,
            key_id: u16::try_from(key_id).unwrap_or(0),
            subject,
            generation: 0,
            expires_at: u64::try_from(until.as_seconds()).unwrap_or(0),
        };
        Ok(self.tokens.mint(&claims)?.as_str().to_owned())
    }
}
