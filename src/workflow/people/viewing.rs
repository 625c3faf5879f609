//! The rows of somebody who reads along.

use super::concerns;
use crate::domain::audit::{Actor, EventKind};
use crate::domain::ids::{InvitationId, PartnerId};
use crate::domain::invitation::RecipientRole;
use crate::domain::notice::Happening;
use crate::domain::time::{DAY, Timestamp};
use crate::storage::contact::Contact;
use crate::storage::recipient::Recipient;
use crate::workflow::{Engine, FollowUps, Record, fresh_id};

/// Somebody who is to read along.
pub(in crate::workflow) struct Viewing<'a> {
    pub(in crate::workflow) invitation: InvitationId,
    pub(in crate::workflow) partner: PartnerId,
    pub(in crate::workflow) contact: &'a Contact,
    /// Each its own: what becomes of the mails to two of them is told apart by it.
    pub(in crate::workflow) generation: i64,
    /// Domain of the partner's address.
    pub(in crate::workflow) partner_domain: &'a str,
    /// The invitation's.
    pub(in crate::workflow) time_zone: &'a str,
    /// When the invitation expires.
    pub(in crate::workflow) ends_at: Timestamp,
    pub(in crate::workflow) actor: Actor,
}

impl<'a> Viewing<'a> {
    /// Its row, and what is recorded of it.
    pub(in crate::workflow) fn rows(
        self,
        engine: &Engine,
        now: Timestamp,
    ) -> (Recipient, Record<'a>) {
        // As long as the receipt: it may be sent again, and what became of it can be read afterwards.
        let readable = i64::from(engine.settings.receipt_days) * DAY;
        let new = Recipient {
            id: fresh_id(now),
            invitation_id: self.invitation,
            contact_id: self.contact.id,
            role: RecipientRole::Viewer,
            name: String::new(),
            generation: self.generation,
            key_id: i64::from(engine.tokens.current_key()),
            links_expire_at: now.plus_micros(readable),
            reminders_stopped_at: None,
            undeliverable_at: None,
            created_at: now,
        };
        let event = Record {
            invitation: self.invitation,
            partner: self.partner,
            actor: self.actor,
            kind: EventKind::ViewerAdded,
            data: serde_json::json!({ "contact": self.contact.id }),
            now,
            follow_ups: Some(FollowUps {
                happening: Happening::ViewerAdded,
                contact: self.contact.id,
                contact_domain: &self.contact.domain,
                partner_domain: self.partner_domain,
                generation: new.token_generation(),
                time_zone: self.time_zone,
                ends_at: self.ends_at,
                payload: concerns(new.id),
            }),
        };
        (new, event)
    }
}
