//! An invitation is sent again: a new link, the older ones end, the reminders start over.
//!
//! A pending one keeps its row. An expired one cannot come back (a terminal state never leaves): asking for it again makes a
//! new invitation with the same offer.

use super::accept::{cancel_waiting, customer_follow_ups};
use super::link::{Held, hold, hold_invitation};
use super::people::{add_viewers, viewers_chosen_by};
use super::revoke::StepError;
use super::{Engine, FollowUps, Record, domain_of, fresh_id, limit, record, zone};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::erasure::is_erased;
use crate::domain::ids::InvitationId;
use crate::domain::invitation::{RecipientRole, StateName};
use crate::domain::notice::{Happening, Irrelevant, Kind};
use crate::domain::time::{HOUR, Timestamp};
use crate::domain::token::Claims;
use crate::storage::invitation::Invitation;
use crate::storage::recipient::Recipient;
use crate::storage::{self, Tx, invitation, notice, recipient, suppression};

/// Sends a pending or expired invitation again; returns the invitation that was mailed.
///
/// # Errors
/// There is none, it was answered or revoked, its address is left alone, or the database is away.
pub async fn resend(
    engine: &Engine,
    id: InvitationId,
    actor: Actor,
) -> Result<InvitationId, StepError> {
    let step = Resend {
        engine: engine.clone(),
        now: engine.clock.now(),
        actor,
        pause: 0,
    };
    let sent = engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let held = hold_invitation(tx, id).await?.ok_or(StepError::NotFound)?;
                if let Actor::Partner(partner) = actor
                    && partner != held.partner.id
                {
                    return Err(StepError::NotFound);
                }
                step.run(tx, &held).await
            })
        })
        .await?;
    engine.wake().await;
    Ok(sent)
}

/// The least time between two links that a customer asks for.
const CUSTOMER_PAUSE: i64 = HOUR;

/// A customer with an old link asks for a new one, to the address on file.
///
/// The answer is the same whatever happens: a page cannot tell who asks.
///
/// # Errors
/// The database is away.
pub async fn ask_for_link(engine: &Engine, claims: Claims) -> Result<(), storage::Error> {
    let step = Resend {
        engine: engine.clone(),
        now: engine.clock.now(),
        actor: Actor::System,
        pause: CUSTOMER_PAUSE,
    };
    let asked = engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let held = hold(tx, &claims, step.now).await?;
                // Whoever handed it over, or only reads, asks for nothing.
                let Some(held) = held.filter(|held| held.recipient.role == RecipientRole::Signer)
                else {
                    return Ok(());
                };
                let step = Resend {
                    actor: Actor::Contact(held.contact.id),
                    ..step
                };
                step.run(tx, &held).await.map(drop)
            })
        })
        .await;
    match asked {
        Ok(()) => engine.wake().await,
        Err(StepError::Storage(error)) => return Err(error),
        Err(_) => {}
    }
    Ok(())
}

struct Resend {
    engine: Engine,
    now: Timestamp,
    actor: Actor,
    /// The least time since the last sending, in microseconds.
    pause: i64,
}

impl Resend {
    /// An old link asks for what became of its offer since: one that was revoked, declined or accepted stays so.
    async fn run(&self, tx: &mut Tx, held: &Held) -> Result<InvitationId, StepError> {
        let latest = invitation::latest_twin(tx, &held.invitation).await?;
        let latest = latest.map_or(held.invitation.id, |latest| latest.id);
        if latest == held.invitation.id {
            return self.send(tx, held).await;
        }
        let latest = hold_invitation(tx, latest).await?;
        self.send(tx, &latest.ok_or(StepError::NotFound)?).await
    }

    async fn send(&self, tx: &mut Tx, held: &Held) -> Result<InvitationId, StepError> {
        // It was handed over or corrected since: somebody else may ask.
        if let Actor::Contact(asker) = self.actor
            && asker != held.contact.id
        {
            return Err(StepError::NotFound);
        }
        if self.is_under_way(tx, held.invitation.id).await? {
            return Ok(held.invitation.id);
        }
        if is_erased(&held.contact.address) {
            return Err(StepError::Suppressed("erased".to_owned()));
        }
        // Whoever asks for it on a page gets a link, and nothing after it: what is planned is looked at when it is due.
        if self.happening() == Happening::Sent
            && let Some(found) =
                suppression::find(tx, &self.engine.keys.mailbox(&held.contact.address)).await?
        {
            return Err(StepError::Suppressed(found.reason));
        }
        let zone = zone(&held.invitation.time_zone);
        let days = i64::from(self.engine.settings.expires_days);
        let expires_at = self.now.plus(jiff::Span::new().days(days), &zone);
        match held.invitation.state {
            StateName::Pending if held.invitation.expires_at > self.now => {
                self.renew(tx, held, expires_at).await
            }
            StateName::Pending | StateName::Expired => self.replace(tx, held, expires_at).await,
            name => Err(StepError::Ended(name)),
        }
    }

    /// What nobody there asked for counts for whom it goes to. The last of the transaction.
    async fn count(
        &self,
        tx: &mut Tx,
        held: &Held,
        viewers: &[EmailAddress],
    ) -> Result<(), StepError> {
        if self.happening() == Happening::AskedFor {
            return Ok(());
        }
        let signer: Option<EmailAddress> = held.contact.smtp_address.parse().ok();
        let signer = signer.iter().map(|signer| (signer, "email"));
        let all = signer.chain(viewers.iter().map(|viewer| (viewer, "viewers")));
        let counts_for = all.flat_map(|(it, field)| limit::of_mailbox(&self.engine, it, field));
        let counts_for: Vec<_> = counts_for.collect();
        Ok(limit::spend(tx, &self.engine, &held.partner, &counts_for, self.now).await??)
    }

    const fn happening(&self) -> Happening {
        match self.actor {
            Actor::Contact(_) => Happening::AskedFor,
            _ => Happening::Sent,
        }
    }

    /// Asked again and again: the mail of the first time is under way.
    async fn is_under_way(&self, tx: &mut Tx, id: InvitationId) -> Result<bool, storage::Error> {
        let notices = notice::of_subject(tx, id.uuid()).await?;
        let is_recent = |at: Timestamp| at.plus_micros(self.pause) > self.now;
        Ok(notices
            .iter()
            .any(|n| n.kind == Kind::Invitation && is_recent(n.created_at)))
    }

    /// The same invitation with a new link.
    async fn renew(
        &self,
        tx: &mut Tx,
        held: &Held,
        expires_at: Timestamp,
    ) -> Result<InvitationId, StepError> {
        let id = held.invitation.id;
        let expires_at = held.extended_to(expires_at);
        let key = self.engine.tokens.current_key();
        recipient::renew(tx, held.recipient.id, key, expires_at).await?;
        invitation::extend(tx, id, expires_at).await?;
        let waiting = [Kind::Invitation, Kind::Reminder, Kind::LastChance];
        notice::cancel_of_subject(tx, id.uuid(), &waiting, Irrelevant::Replaced, self.now).await?;
        let partner_domain = domain_of(&held.partner.email);
        let follow_ups = FollowUps {
            generation: held.recipient.token_generation() + 1,
            ends_at: expires_at,
            ..customer_follow_ups(held, self.happening(), &partner_domain)
        };
        self.record(tx, held, id, EventKind::InvitationResent, follow_ups)
            .await?;
        self.count(tx, held, &[]).await?;
        Ok(id)
    }

    /// A new invitation with the same offer, in place of one whose time is over.
    async fn replace(
        &self,
        tx: &mut Tx,
        held: &Held,
        expires_at: Timestamp,
    ) -> Result<InvitationId, StepError> {
        if held.invitation.state == StateName::Pending {
            super::expire::end(tx, &self.engine, held, self.now).await?;
        }
        cancel_waiting(tx, held, self.now).await?;
        let new = Invitation {
            id: fresh_id(self.now),
            state: StateName::Pending,
            created_at: self.now,
            expires_at,
            ended_at: None,
            ..held.invitation.clone()
        };
        if !invitation::insert(tx, &new).await? {
            // The same offer was made anew meanwhile: that one is sent again.
            let twin = invitation::pending_twin(tx, &new).await?;
            let twin = hold_invitation(tx, twin.ok_or(StepError::NotFound)?).await?;
            return Box::pin(self.send(tx, &twin.ok_or(StepError::NotFound)?)).await;
        }
        let recipient = Recipient {
            id: fresh_id(self.now),
            invitation_id: new.id,
            generation: 1,
            key_id: i64::from(self.engine.tokens.current_key()),
            links_expire_at: expires_at,
            reminders_stopped_at: None,
            undeliverable_at: None,
            created_at: self.now,
            ..held.recipient.clone()
        };
        recipient::insert(tx, &recipient).await?;
        let partner_domain = domain_of(&held.partner.email);
        let follow_ups = FollowUps {
            generation: 1,
            ends_at: expires_at,
            ..customer_follow_ups(held, self.happening(), &partner_domain)
        };
        self.record(tx, held, new.id, EventKind::InvitationCreated, follow_ups)
            .await?;
        let viewers = self.keep_viewers(tx, held, new.id).await?;
        self.count(tx, held, &viewers).await?;
        Ok(new.id)
    }

    /// Whoever read along reads the new one along, in the name of whoever let them: should its address turn out wrong, those
    /// whom that mailbox chose go with it. Returns who they are.
    async fn keep_viewers(
        &self,
        tx: &mut Tx,
        held: &Held,
        id: InvitationId,
    ) -> Result<Vec<EmailAddress>, storage::Error> {
        let mut kept = Vec::new();
        let signer = held.contact.id;
        let chosen = viewers_chosen_by(tx, held.invitation.id, signer).await?;
        for part in recipient::of_invitation(tx, held.invitation.id).await? {
            let Ok(address) = part.smtp_address.parse::<EmailAddress>() else {
                continue;
            };
            if part.role != RecipientRole::Viewer {
                continue;
            }
            let actor = if chosen.contains(&part.contact_id) {
                Actor::Contact(signer)
            } else {
                self.actor
            };
            let viewers = std::slice::from_ref(&address);
            add_viewers(tx, &self.engine, self.now, id, viewers, actor).await?;
            kept.push(address);
        }
        Ok(kept)
    }

    async fn record(
        &self,
        tx: &mut Tx,
        held: &Held,
        id: InvitationId,
        kind: EventKind,
        follow_ups: FollowUps<'_>,
    ) -> Result<InvitationId, StepError> {
        let event = Record {
            invitation: id,
            partner: held.partner.id,
            actor: self.actor,
            kind,
            data: serde_json::json!({
                "generation": follow_ups.generation,
                "replaces": (id != held.invitation.id).then_some(held.invitation.id),
            }),
            now: self.now,
            follow_ups: Some(follow_ups),
        };
        record(tx, event, &self.engine.schedule_of(&held.partner)).await?;
        Ok(id)
    }
}
