//! A partner answers what a business asks, with an invitation.

use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::{Draft, Source};
use crate::domain::ids::{InvitationId, PartnerId, RequestId};
use crate::domain::inquiry::Need;
use crate::domain::time::Timestamp;
use crate::domain::token::Claims;
use crate::storage::contact::Contact;
use crate::storage::inquiry::{Inquiry, Request};
use crate::storage::partner::Partner;
use crate::storage::{self, Tx, contact, event, idempotency, inquiry, partner};
use crate::workflow::invite::{self, InviteError, Item, Trigger};
use crate::workflow::mailbox::MailboxRefusal;
use crate::workflow::{Engine, fresh_id, stored};

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
    /// The partner has a customer of that name, whom the mailbox that asked never signed for.
    #[error("the organization is a customer of the partner's already")]
    KnownOrganization,
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
        api_key: None,
        asked_for: false,
    };
    let item = Item {
        request,
        idempotency_key: Some(key.clone()),
    };
    let id = opened.request.id;
    let partner = opened.partner.id;
    let made = match invite::invite(engine, trigger, item).await {
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
    match error {
        InviteError::Mailbox(MailboxRefusal::OwnDomain) => RespondError::OwnDomain,
        InviteError::Mailbox(MailboxRefusal::Suppressed(_)) => RespondError::TakesNoMail,
        InviteError::KnownOrganization => RespondError::KnownOrganization,
        error => {
            // Names of fields alone: what is said of them may quote what was typed.
            let fields: Vec<_> = match &error {
                InviteError::Fields(fields) => fields.iter().map(|it| it.field).collect(),
                _ => Vec::new(),
            };
            tracing::warn!(request = %opened.request.id, ?fields, "an inquiry could not be answered");
            RespondError::Invite(error)
        }
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
