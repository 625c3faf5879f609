//! The customer consents: consent, relationship, grants, follow-up mails, cancelled reminders and the audit event, in one
//! guarded transaction. A thousand of them at once leave one.

use super::link::{Held, Standing, hold};
use super::{
    Engine, FollowUps, Record, domain_of, fresh_id, novelty, record, relation, stored, zone,
};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::catalogue;
use crate::domain::evidence::{
    AgreedText, Evidence, GrantedRole, Means, Party, Signer, commitment,
};
use crate::domain::ids::AcceptanceId;
use crate::domain::invitation::{Refusal, StateName};
use crate::domain::microsoft::StepState;
use crate::domain::notice::{Happening, Irrelevant, Kind};
use crate::domain::novelty::Novelty;
use crate::domain::offer::Offer;
use crate::domain::relationship::{GrantState, RelationshipState};
use crate::domain::shown::{Digest, Shown, Words};
use crate::domain::signing::Signature;
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::Claims;
use crate::storage::acceptance::Acceptance;
use crate::storage::agreement::Agreement;
use crate::storage::dossier::Dossier;
use crate::storage::grant::Grant;
use crate::storage::partner::Partner;
use crate::storage::relationship::Relationship;
use crate::storage::{
    self, Tx, acceptance, agreement, dossier, grant, invitation, notice, recipient, relationship,
    step,
};

/// What the customer posted, and how.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The link, verified.
    pub claims: Claims,
    /// The form, checked.
    pub signature: Signature,
    /// What the page says by now.
    pub words: Words,
    /// What came back with the form of the page that was read: it has to stand for the same.
    pub shown: Digest,
    /// The client's address, as far as trusted proxies tell.
    pub client_address: Option<String>,
    /// The browser's own words.
    pub user_agent: Option<String>,
}

/// All that the page of an invitation puts before its signer, as long as nobody answered.
///
/// # Errors
/// The stored offer does not read back.
pub fn shown(
    dossier: &Dossier,
    partner: &Partner,
    agreement: Option<&Agreement>,
    novelty: Option<Novelty>,
    words: &Words,
) -> Result<Shown, storage::Error> {
    Ok(Shown {
        invitation: dossier.id,
        partner: Party {
            id: partner.id,
            name: partner.legal_name.clone(),
        },
        organization: Party {
            id: dossier.organization_id,
            name: dossier.organization_name.clone(),
        },
        email: dossier.smtp_address.clone(),
        offer: super::facts::offer(dossier)?,
        agreement: agreement.map(|agreement| AgreedText {
            id: agreement.id,
            title: agreement.title.clone(),
            version: agreement.version.clone(),
            language: agreement.language.to_string(),
            sha256: data_encoding::HEXLOWER.encode(&agreement.sha256),
            sentence: words.agreement.clone(),
        }),
        novelty,
        words: words.clone(),
    })
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Consent is recorded.
    Accepted(AcceptanceId),
    /// It was recorded before: show the receipt.
    Already,
    /// The page would say something else by now: it has to be shown again, and read again.
    Changed,
    /// The invitation ended otherwise, or its time is over.
    Closed(StateName),
    /// A newer link works.
    Replaced,
    /// Nothing is behind the link.
    Nothing,
}

/// Records the customer's consent.
///
/// # Errors
/// The database is away: nothing is recorded then.
pub async fn accept(engine: &Engine, accept: Accept) -> Result<Outcome, storage::Error> {
    let step = Acceptor {
        engine: engine.clone(),
        now: engine.clock.now(),
        accept,
    };
    let outcome = engine
        .db
        .write(move |tx| Box::pin(async move { step.run(tx).await }))
        .await?;
    if matches!(outcome, Outcome::Accepted(_)) {
        engine.wake().await;
    }
    Ok(outcome)
}

struct Acceptor {
    engine: Engine,
    now: Timestamp,
    accept: Accept,
}

impl Acceptor {
    async fn run(&self, tx: &mut Tx) -> Result<Outcome, storage::Error> {
        let Some(held) = hold(tx, &self.accept.claims, self.now).await? else {
            return Ok(Outcome::Nothing);
        };
        let state = match held.invitation.state().accept(self.now) {
            Ok(state) => state,
            Err(Refusal::Ended(StateName::Accepted)) => return Ok(Outcome::Already),
            Err(Refusal::Ended(name)) => return Ok(Outcome::Closed(name)),
            Err(Refusal::Expired | Refusal::NotExpired) => {
                return Ok(Outcome::Closed(StateName::Expired));
            }
        };
        match held.standing {
            Standing::Current => {}
            Standing::Replaced | Standing::HandedOver => return Ok(Outcome::Replaced),
            Standing::Expired => return Ok(Outcome::Closed(StateName::Expired)),
        }
        let Some((shown, agreement)) = self.as_shown(tx, &held).await? else {
            return Ok(Outcome::Changed);
        };
        if !invitation::end(tx, held.invitation.id, &state).await? {
            return Ok(Outcome::Already);
        }
        let evidence = self.evidence(&held, shown);
        let relationship = self.agree(tx, &held, &evidence).await?;
        let record = self
            .store_evidence(
                tx,
                &held,
                &evidence,
                agreement.as_ref(),
                relationship.as_ref(),
            )
            .await?;
        if let Some(relationship) = &relationship {
            self.store_grants(tx, &evidence, relationship).await?;
        }
        for step in evidence.offer.steps() {
            step::mark(tx, held.invitation.id, step, StepState::Unknown, self.now).await?;
        }
        self.follow_up(tx, &held, &record).await?;
        if let Some(relationship) = &relationship
            && let Some(held) = relation::hold(tx, relationship.id).await?
        {
            held.announce_end(tx, &self.engine, self.now).await?;
        }
        Ok(Outcome::Accepted(record.id))
    }

    /// What is consented to, with the text of the agreement; `None` where it is not what the signer read.
    async fn as_shown(
        &self,
        tx: &mut Tx,
        held: &Held,
    ) -> Result<Option<(Shown, Option<Agreement>)>, storage::Error> {
        let id = held.invitation.id;
        let dossier = dossier::of_invitation(tx, id)
            .await?
            .ok_or_else(|| storage::Error::Refused("no rows of the invitation".to_owned()))?;
        let offer: Offer = stored(&dossier.offer)?;
        let agreement = if offer.agreement() {
            let language = &dossier.language;
            agreement::current(tx, super::invite::AGREEMENT, language, self.now).await?
        } else {
            None
        };
        let shown = shown(
            &dossier,
            &held.partner,
            agreement.as_ref(),
            novelty::of(tx, &dossier).await?,
            &self.accept.words,
        )?;
        let is_whole = agreement.is_some() == offer.agreement();
        let is_same = shown.has(&self.accept.shown).map_err(refused)?;
        Ok((is_whole && is_same).then_some((shown, agreement)))
    }

    fn evidence(&self, held: &Held, shown: Shown) -> Evidence {
        let Accept {
            claims,
            signature,
            client_address,
            user_agent,
            ..
        } = &self.accept;
        Evidence {
            version: 1,
            acceptance: fresh_id(self.now),
            invitation: shown.invitation,
            partner: shown.partner,
            organization: shown.organization,
            signer: Signer {
                family_name: signature.name.family.as_str().to_owned(),
                given_name: signature.name.given.as_str().to_owned(),
                email: shown.email,
                phone: signature
                    .phone
                    .as_ref()
                    .map(|phone| phone.as_str().to_owned()),
                authority: shown.words.authority,
            },
            agreement: shown.agreement,
            grants: self.grants(held, &shown.offer),
            offer: shown.offer,
            forced: held.invitation.forced,
            at: self.now,
            how: Means {
                client_address: client_address.clone(),
                user_agent: user_agent
                    .as_ref()
                    .map(|text| text.chars().take(400).collect()),
                key_id: claims.key_id,
                generation: claims.generation,
                language: shown.words.language.to_string(),
            },
        }
    }

    fn grants(&self, held: &Held, offer: &Offer) -> Vec<GrantedRole> {
        let Some(duration) = offer.duration() else {
            return Vec::new();
        };
        let expected_end = duration.end_from(self.now, &zone(&held.invitation.time_zone));
        offer
            .roles()
            .iter()
            .filter_map(|key| catalogue::role(key).ok())
            .map(|role| GrantedRole {
                role: role.key.clone(),
                template_id: role.template_id.to_string(),
                duration: duration.to_string(),
                expected_end,
                auto_extend: offer.auto_extend() && self.accept.signature.auto_extend,
            })
            .collect()
    }

    async fn store_evidence(
        &self,
        tx: &mut Tx,
        held: &Held,
        evidence: &Evidence,
        agreement: Option<&Agreement>,
        relationship: Option<&Relationship>,
    ) -> Result<Acceptance, storage::Error> {
        let salt: [u8; 16] = rand::random();
        let record = Acceptance {
            id: evidence.acceptance,
            partner_id: held.partner.id,
            invitation_id: held.invitation.id,
            recipient_id: held.recipient.id,
            contact_id: held.contact.id,
            relationship_id: relationship.map(|relationship| relationship.id),
            canonical: evidence.canonical().map_err(refused)?,
            salt: salt.to_vec(),
            accepted_at: self.now,
        };
        acceptance::insert(tx, &record).await?;
        if let Some(agreement) = agreement {
            let id = fresh_id(self.now);
            acceptance::insert_consent(tx, id, &record, agreement.id, &agreement.sha256).await?;
        }
        Ok(record)
    }

    /// The relationship that was offered, if one was.
    async fn agree(
        &self,
        tx: &mut Tx,
        held: &Held,
        evidence: &Evidence,
    ) -> Result<Option<Relationship>, storage::Error> {
        let offer = &evidence.offer;
        let Some(partner_type) = offer.relationship() else {
            return Ok(None);
        };
        let new = Relationship {
            id: fresh_id(self.now),
            partner_id: held.partner.id,
            organization_id: held.invitation.organization_id,
            invitation_id: held.invitation.id,
            partner_type: partner_type.to_owned(),
            catalogue: offer.catalogue().name().to_owned(),
            state: RelationshipState::Active,
            revision: 1,
            since: self.now,
            updated_at: self.now,
            ended_at: None,
            continued_by: None,
        };
        Ok(Some(relationship::agree(tx, &new).await?))
    }

    async fn store_grants(
        &self,
        tx: &mut Tx,
        evidence: &Evidence,
        relationship: &Relationship,
    ) -> Result<(), storage::Error> {
        let Some(duration) = evidence.offer.duration() else {
            return Ok(());
        };
        for granted in &evidence.grants {
            let grant = Grant {
                id: fresh_id(self.now),
                partner_id: relationship.partner_id,
                relationship_id: relationship.id,
                acceptance_id: evidence.acceptance,
                role: granted.role.clone(),
                state: GrantState::Active,
                duration,
                granted_at: self.now,
                activated_at: None,
                expected_end_at: granted.expected_end,
                auto_extend: granted.auto_extend,
                revision: relationship.revision,
                ended_at: None,
            };
            grant::insert(tx, &grant).await?;
        }
        Ok(())
    }

    async fn follow_up(
        &self,
        tx: &mut Tx,
        held: &Held,
        acceptance: &Acceptance,
    ) -> Result<(), storage::Error> {
        let until = self
            .now
            .plus_micros(i64::from(self.engine.settings.receipt_days) * DAY);
        recipient::keep_links(tx, held.recipient.id, until).await?;
        // Who wanted no reminders of the invitation shall hear all the same when what they granted ends.
        recipient::remind_again(tx, held.recipient.id).await?;
        cancel_waiting(tx, held, self.now).await?;
        let hash = commitment(&acceptance.salt, &acceptance.canonical);
        let partner_domain = domain_of(&held.partner.email);
        let event = Record {
            invitation: held.invitation.id,
            partner: held.partner.id,
            actor: Actor::Contact(held.contact.id),
            kind: EventKind::InvitationAccepted,
            data: serde_json::json!({
                "acceptance": acceptance.id,
                "evidence_sha256": data_encoding::HEXLOWER.encode(&hash),
                "relationship": acceptance.relationship_id,
            }),
            now: self.now,
            follow_ups: Some(customer_follow_ups(
                held,
                Happening::Accepted,
                &partner_domain,
            )),
        };
        record(tx, event, &self.engine.schedule_of(&held.partner)).await
    }
}

/// A value of ours that could not be written as JSON.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
pub(crate) fn refused(error: serde_json::Error) -> storage::Error {
    storage::Error::Refused(error.to_string())
}

/// What follows from a customer's step.
pub(super) fn customer_follow_ups<'a>(
    held: &'a Held,
    happening: Happening,
    partner_domain: &'a str,
) -> FollowUps<'a> {
    FollowUps {
        happening,
        contact: held.contact.id,
        contact_domain: &held.contact.domain,
        partner_domain,
        generation: held.recipient.token_generation(),
        time_zone: &held.invitation.time_zone,
        ends_at: held.invitation.expires_at,
        payload: "{}".to_owned(),
    }
}

/// The mails that ask for an answer are not sent any more; returns how many waited.
pub(super) async fn cancel_waiting(
    tx: &mut Tx,
    held: &Held,
    now: Timestamp,
) -> Result<u64, storage::Error> {
    let kinds: Vec<_> = Kind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.asks_for_an_answer())
        .collect();
    let subject = held.invitation.id.uuid();
    notice::cancel_of_subject(tx, subject, &kinds, Irrelevant::Ended, now).await
}
