//! An invitation is made: invitation, recipient, mails and event, in one transaction. Once that is committed it is
//! acknowledged, and never lost.

use super::mailbox::{self, MailboxRefusal};
use super::people::add_viewers;
use super::repeated::{fingerprint, name_key};
use super::{Engine, FollowUps, Record, domain_of, fresh_id, record, zone};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::draft::{FieldError, Request, Source};
use crate::domain::ids::{InvitationId, PartnerId};
use crate::domain::invitation::{RecipientRole, StateName};
use crate::domain::language::{Language, chain};
use crate::domain::notice::Happening;
use crate::domain::time::{DAY, Timestamp};
use crate::storage::contact::Contact;
use crate::storage::invitation::Invitation;
use crate::storage::organization::Organization;
use crate::storage::partner::Partner;
use crate::storage::recipient::Recipient;
use crate::storage::{
    self, Tx, agreement, contact, idempotency, invitation, organization, partner, recipient,
};

/// Whose invitation, by which way, and under which key.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Who asks.
    pub partner: PartnerId,
    /// By which way.
    pub source: Source,
    /// Who pulled it.
    pub actor: Actor,
    /// The same key with the same request makes one invitation.
    pub idempotency_key: Option<String>,
    /// Whether the mailbox asked for it itself: it gets the link then, even if it takes no other mail.
    pub asked_for: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was made, and its mail is in the queue.
    Created(InvitationId),
    /// The same offer waits already in the same mailbox: nothing was mailed.
    AlreadyPending(InvitationId),
    /// The key was used for this very request before: nothing was mailed.
    Replayed(InvitationId),
}

impl Outcome {
    /// The invitation that there is now.
    pub const fn id(self) -> InvitationId {
        match self {
            Self::Created(id) | Self::AlreadyPending(id) | Self::Replayed(id) => id,
        }
    }
}

/// Why no invitation was made.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Fields that have to be mended.
    #[error("{}", sentences(.0))]
    Fields(Vec<FieldError>),
    /// The mailbox is not asked.
    #[error("{}", FieldError::from(.0.clone()))]
    Mailbox(MailboxRefusal),
    /// Somebody unknown names an organization that the partner has.
    #[error(
        "organization: the partner has a customer of this name, whom this mailbox never signed for; invite by hand once that is clear"
    )]
    KnownOrganization,
    /// There is no such partner.
    #[error(
        "partner: there is none of that name; `countersign partner list` shows those that there are"
    )]
    NoPartner,
    /// The key was used for another request.
    #[error("idempotency_key: it was used for another request; take a new key for a new request")]
    KeyReused,
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

impl InviteError {
    /// The fields that have to be mended, if that is the reason.
    ///
    /// # Errors
    /// Another reason.
    pub fn into_fields(self) -> Result<Vec<FieldError>, Self> {
        match self {
            Self::Fields(errors) => Ok(errors),
            Self::Mailbox(refusal) => Ok(vec![refusal.into()]),
            other => Err(other),
        }
    }

    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Fields(vec![FieldError {
            field,
            message: message.into(),
        }])
    }
}

/// Field errors as one text, a line each.
pub(crate) fn sentences(errors: &[FieldError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Which agreement an invitation offers: the one kind that there is so far.
pub const AGREEMENT: &str = "mca";

/// For how long an idempotency key is remembered. A file is run again weeks later, with rows added to it: those whose
/// customers have answered since must not be mailed again.
const fn key_lifetime(source: Source) -> i64 {
    match source {
        Source::Csv | Source::Agreement => 400 * DAY,
        _ => DAY,
    }
}

/// Makes an invitation, or says which one there is already.
///
/// # Errors
/// What has to be mended, or that the database is away: nothing is made then.
pub async fn invite(
    engine: &Engine,
    trigger: Trigger,
    request: Request,
) -> Result<Outcome, InviteError> {
    let step = Invite {
        engine: engine.clone(),
        now: engine.clock.now(),
        trigger,
        request,
    };
    let outcome = engine
        .db
        .write(move |tx| Box::pin(async move { step.run(tx).await }))
        .await?;
    if matches!(outcome, Outcome::Created(_)) {
        engine.wake().await;
    }
    Ok(outcome)
}

/// What [`invite`] would do now; nothing is made.
///
/// # Errors
/// As [`invite`].
pub async fn rehearse(
    engine: &Engine,
    trigger: Trigger,
    request: Request,
) -> Result<Outcome, InviteError> {
    let step = Invite {
        engine: engine.clone(),
        now: engine.clock.now(),
        trigger,
        request,
    };
    let rehearsed: Result<std::convert::Infallible, Rehearsal> = engine
        .db
        .write(move |tx| Box::pin(async move { Err(Rehearsal(step.run(tx).await)) }))
        .await;
    match rehearsed {
        Ok(never) => match never {},
        Err(Rehearsal(outcome)) => outcome,
    }
}

/// Carries the outcome of a transaction that is undone.
struct Rehearsal(Result<Outcome, InviteError>);

impl From<storage::Error> for Rehearsal {
    fn from(error: storage::Error) -> Self {
        Self(Err(error.into()))
    }
}

/// The first of the wishes' chain in which pages are written.
pub(super) fn spoken(wishes: &[&Language]) -> Language {
    chain(wishes)
        .into_iter()
        .find(|language| crate::domain::language::AVAILABLE.contains(language))
        .unwrap_or_else(Language::en)
}

struct Invite {
    engine: Engine,
    now: Timestamp,
    trigger: Trigger,
    request: Request,
}

impl Invite {
    async fn run(&self, tx: &mut Tx) -> Result<Outcome, InviteError> {
        let partner = partner::find(tx, self.trigger.partner)
            .await?
            .ok_or(InviteError::NoPartner)?;
        let fingerprint = fingerprint(&self.request);
        if let Some(replayed) = self.replayed(tx, &fingerprint).await? {
            return Ok(replayed);
        }
        let Request { email, force, .. } = &self.request;
        if !self.trigger.asked_for {
            mailbox::check(tx, &self.engine, &partner, email, *force)
                .await?
                .map_err(InviteError::Mailbox)?;
        }
        self.check_viewers(tx, &partner).await?;
        let contact = contact::find_or_insert(tx, &self.contact()).await?;
        self.check_name(tx, &contact).await?;
        let organization = organization::find_or_insert(tx, &self.organization()).await?;
        let language = self.language(&partner, &contact, &organization);
        self.check_agreement(tx, &language).await?;
        let invitation = self.invitation(&partner, &contact, &organization, language)?;
        let mut outcome = None;
        // Twice: the one that is there may end between the two statements.
        for _ in 0..2 {
            if invitation::insert(tx, &invitation).await? {
                self.send(tx, &partner, &contact, &invitation).await?;
                outcome = Some(Outcome::Created(invitation.id));
            } else {
                let twin = invitation::pending_twin(tx, &invitation).await?;
                outcome = twin.map(|twin| Outcome::AlreadyPending(twin.id));
            }
            if outcome.is_some() {
                break;
            }
        }
        let outcome = outcome.ok_or_else(|| {
            storage::Error::Busy("invitations of this offer come and go; try again".to_owned())
        })?;
        self.remember(tx, &fingerprint, outcome).await
    }

    async fn replayed(&self, tx: &mut Tx, hash: &[u8]) -> Result<Option<Outcome>, InviteError> {
        let Some(key) = &self.trigger.idempotency_key else {
            return Ok(None);
        };
        let Some(used) = idempotency::find(tx, self.trigger.partner, key, self.now).await? else {
            return Ok(None);
        };
        if used.request_sha256 != hash {
            return Err(InviteError::KeyReused);
        }
        let id = used
            .answer
            .parse()
            .map_err(|_| storage::Error::Refused("no invitation id".to_owned()))?;
        Ok(Some(Outcome::Replayed(id)))
    }

    async fn remember(
        &self,
        tx: &mut Tx,
        hash: &[u8],
        outcome: Outcome,
    ) -> Result<Outcome, InviteError> {
        let Some(key) = &self.trigger.idempotency_key else {
            return Ok(outcome);
        };
        let key = idempotency::Key {
            partner: self.trigger.partner,
            key,
            request_sha256: hash,
        };
        let until = self.now.plus_micros(key_lifetime(self.trigger.source));
        if idempotency::keep(tx, &key, &outcome.id().to_string(), self.now, until).await? {
            return Ok(outcome);
        }
        // Another request took the key while this one ran. If it asked for the same, its answer is ours, too; what this one
        // made, if it made anything, is undone.
        match (self.replayed(tx, hash).await?, outcome) {
            (Some(replayed), Outcome::AlreadyPending(_)) => Ok(replayed),
            _ => Err(InviteError::KeyReused),
        }
    }

    /// Whoever reads along is not the partner, and has to take mail, too.
    async fn check_viewers(&self, tx: &mut Tx, partner: &Partner) -> Result<(), InviteError> {
        for viewer in &self.request.viewers {
            if !self.request.force && domain_of(&partner.email) == viewer.domain() {
                return Err(InviteError::field(
                    "viewers",
                    "one of them is at the partner's own domain, where no link of the customer's goes: leave it out",
                ));
            }
            if let Some(reason) = mailbox::suppressed(tx, &self.engine, viewer).await? {
                return Err(InviteError::field(
                    "viewers",
                    format!("one of them takes no mail from here ({reason}); leave it out"),
                ));
            }
        }
        Ok(())
    }

    /// Whoever asks at `/find-a-partner` typed the name of an organization, and has proved a mailbox alone: that may be
    /// another's name, whose relationship it would get.
    async fn check_name(&self, tx: &mut Tx, contact: &Contact) -> Result<(), InviteError> {
        if self.trigger.source != Source::Inquiry {
            return Ok(());
        }
        let key = name_key(&self.request);
        let (partner, cloud) = (self.trigger.partner, self.request.cloud);
        let Some(known) = organization::find_by_name(tx, partner, &key, cloud).await? else {
            return Ok(());
        };
        if organization::knows(tx, known.id, contact.id).await? {
            return Ok(());
        }
        Err(InviteError::KnownOrganization)
    }

    /// Page, sentence and agreement share one language: without a text in it, there is no invitation.
    async fn check_agreement(&self, tx: &mut Tx, language: &Language) -> Result<(), InviteError> {
        if !self.request.offer.agreement() {
            return Ok(());
        }
        if agreement::current(tx, AGREEMENT, language, self.now)
            .await?
            .is_none()
        {
            return Err(InviteError::field(
                "language",
                format!(
                    "no Microsoft Customer Agreement is stored in `{language}`: add its text with \
                     `countersign agreement add`, or invite in a language that has one"
                ),
            ));
        }
        Ok(())
    }

    fn language(
        &self,
        partner: &Partner,
        contact: &Contact,
        organization: &Organization,
    ) -> Language {
        let wishes: Vec<&Language> = [
            self.request.language.as_ref(),
            contact.language.as_ref(),
            organization.language.as_ref(),
            Some(&partner.language),
        ]
        .into_iter()
        .flatten()
        .collect();
        spoken(&wishes)
    }

    fn contact(&self) -> Contact {
        let email = &self.request.email;
        Contact {
            id: fresh_id(self.now),
            address: email.as_str().to_owned(),
            smtp_address: email.for_smtp(),
            domain: email.domain().to_owned(),
            language: self.request.language.clone(),
            time_zone: self.request.time_zone.clone(),
            created_at: self.now,
        }
    }

    fn organization(&self) -> Organization {
        let name = self.request.organization.as_str();
        Organization {
            id: fresh_id(self.now),
            partner_id: self.trigger.partner,
            name: name.to_owned(),
            name_key: name_key(&self.request),
            kind: self.request.organization_kind,
            cloud: self.request.cloud,
            language: None,
            time_zone: None,
            created_at: self.now,
        }
    }

    fn invitation(
        &self,
        partner: &Partner,
        contact: &Contact,
        organization: &Organization,
        language: Language,
    ) -> Result<Invitation, InviteError> {
        let request = &self.request;
        let time_zone = [
            request.time_zone.as_ref(),
            contact.time_zone.as_ref(),
            organization.time_zone.as_ref(),
            Some(&partner.time_zone),
        ]
        .into_iter()
        .flatten()
        .next()
        .unwrap_or(&self.engine.settings.time_zone)
        .clone();
        let json = |error: serde_json::Error| storage::Error::Refused(error.to_string());
        let days = request
            .expires_in_days
            .unwrap_or(self.engine.settings.expires_days);
        let span = jiff::Span::new().days(i64::from(days));
        Ok(Invitation {
            id: fresh_id(self.now),
            partner_id: partner.id,
            organization_id: organization.id,
            contact_id: contact.id,
            state: StateName::Pending,
            offer: serde_json::to_string(&request.offer).map_err(json)?,
            offer_key: request.offer.key(),
            language,
            expires_at: self.now.plus(span, &zone(&time_zone)),
            time_zone,
            note: request.note.as_ref().map(|note| note.as_str().to_owned()),
            links: serde_json::to_string(&request.links).map_err(json)?,
            reference: request
                .reference
                .as_ref()
                .map(|text| text.as_str().to_owned()),
            source: self.trigger.source.to_string(),
            forced: request.force,
            created_at: self.now,
            ended_at: None,
            decline_reason: None,
            decline_text: None,
        })
    }

    async fn send(
        &self,
        tx: &mut Tx,
        partner: &Partner,
        contact: &Contact,
        invitation: &Invitation,
    ) -> Result<(), InviteError> {
        let recipient = Recipient {
            id: fresh_id(self.now),
            invitation_id: invitation.id,
            contact_id: contact.id,
            role: RecipientRole::Signer,
            name: self.request.name.as_str().to_owned(),
            generation: 1,
            key_id: i64::from(self.engine.tokens.current_key()),
            links_expire_at: invitation.expires_at,
            reminders_stopped_at: None,
            undeliverable_at: None,
            created_at: self.now,
        };
        recipient::insert(tx, &recipient).await?;
        let step = Record {
            invitation: invitation.id,
            partner: partner.id,
            actor: self.trigger.actor,
            kind: EventKind::InvitationCreated,
            data: serde_json::json!({
                "contact": contact.id,
                "organization": invitation.organization_id,
                "offer": invitation.offer_key,
                "forced": invitation.forced,
                "source": self.trigger.source,
            }),
            now: self.now,
            follow_ups: Some(FollowUps {
                happening: if self.trigger.asked_for {
                    Happening::AskedFor
                } else {
                    Happening::Sent
                },
                contact: contact.id,
                contact_domain: &contact.domain,
                partner_domain: &domain_of(&partner.email),
                generation: recipient.token_generation(),
                time_zone: &invitation.time_zone,
                ends_at: invitation.expires_at,
                payload: "{}".to_owned(),
            }),
        };
        record(tx, step, &self.engine.schedule_of(partner)).await?;
        let viewers = &self.request.viewers;
        let actor = self.trigger.actor;
        add_viewers(tx, &self.engine, self.now, invitation.id, viewers, actor).await?;
        Ok(())
    }
}
