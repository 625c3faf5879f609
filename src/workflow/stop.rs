//! The customer wants no more reminders of an invitation, or of the relationship that it led to: by the page, or in one click of a mail program (RFC 8058).

use super::link::hold;
use super::{Engine, Record, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::invitation::RecipientRole;
use crate::domain::notice::{Irrelevant, Kind, Side};
use crate::domain::token::Claims;
use crate::storage::{self, notice, recipient};

/// Stops them; stopping twice is stopping once. `false` when nothing is behind the link.
///
/// # Errors
/// The database is away.
pub async fn stop(engine: &Engine, claims: Claims) -> Result<bool, storage::Error> {
    let step = engine.clone();
    let now = engine.clock.now();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let Some(held) = hold(tx, &claims, now).await? else {
                    return Ok(false);
                };
                // Whoever was asked before gets no more mails anyway, and silences nobody else.
                if held.recipient.role != RecipientRole::Signer {
                    return Ok(true);
                }
                if recipient::stop_reminders(tx, held.recipient.id, now).await? {
                    // What goes to both sides is looked at when it is due: the partner's stays.
                    let kinds: Vec<_> = Kind::ALL
                        .iter()
                        .copied()
                        .filter(|kind| kind.is_reminder() && kind.sides() == [Side::Customer])
                        .collect();
                    let subject = held.invitation.id.uuid();
                    notice::cancel_of_subject(tx, subject, &kinds, Irrelevant::Stopped, now)
                        .await?;
                    let event = Record {
                        invitation: held.invitation.id,
                        partner: held.partner.id,
                        actor: Actor::Contact(held.contact.id),
                        kind: EventKind::RemindersStopped,
                        data: serde_json::json!({}),
                        now,
                        follow_ups: None,
                    };
                    record(tx, event, &step.schedule_of(&held.partner)).await?;
                }
                Ok::<_, storage::Error>(true)
            })
        })
        .await
}
