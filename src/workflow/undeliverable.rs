//! A mail to the customer was refused for good, or could not be made or handed over: the partner is told. A mailbox that
//! refuses gets no reminders any more; after a fault of ours they wait for the operator who brings the mail back. The
//! invitation stays pending, because a partner may correct the address, and the link may have arrived by another mail.
//! A receipt, or what tells of a change, is as true undelivered: the partner is told, who may tell the customer.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::accept::{cancel_waiting, customer_follow_ups};
use super::link::hold_invitation;
use super::{Engine, FollowUps, Record, domain_of, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::delivery::Reply;
use crate::domain::ids::{InvitationId, PartnerId};
use crate::domain::invitation::StateName;
use crate::domain::notice::{Concerns, Happening, Kind};
use crate::domain::time::Timestamp;
use crate::domain::words::words;
use crate::storage::{self, Tx, recipient};

words! {
    /// Why a mail did not leave.
    Reason, "reason of a failure" {
        /// The server refused it for good.
        Refused = "refused",
        /// It was still not taken after days.
        GivenUp = "given_up",
        /// No mail could be made of it, or it ended several workers: nothing is said about the address.
        OurFault = "our_fault",
    }
}

/// What the partner is told of it: the payload of the notice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Which mail it was.
    pub mail: Kind,
    /// Why it did not leave.
    pub reason: Reason,
    /// What the server said last.
    pub reply: Option<Reply>,
    /// Whom the mail was for, where that was not the one who is asked.
    #[serde(flatten, default)]
    pub concerns: Option<Concerns>,
}

/// A mail that did not leave and will not by itself.
#[derive(Clone, Copy, Debug)]
pub struct Lost<'a> {
    /// Which mail.
    pub mail: Kind,
    /// On whose behalf.
    pub partner: PartnerId,
    /// Who was to get it: a contact's or the partner's UUID.
    pub target: Uuid,
    /// What the notice carried: JSON.
    pub payload: &'a str,
}

impl Lost<'_> {
    /// What the partner is told of it; nothing of a mail to the partner itself, or of one that is none of its business.
    pub fn failure(&self, reason: Reason, reply: Option<Reply>) -> Option<Failure> {
        let is_told = self.mail.failure_is_told() && self.target != self.partner.uuid();
        is_told.then(|| Failure {
            mail: self.mail,
            reason,
            reply,
            concerns: Concerns::of(self.payload),
        })
    }
}

/// Records that the mail of that sending did not leave and will not by itself, in the caller's transaction.
///
/// # Errors
/// The database is away.
pub async fn record_failure(
    tx: &mut Tx,
    engine: &Engine,
    id: InvitationId,
    generation: i64,
    failure: &Failure,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let Some(held) = hold_invitation(tx, id).await? else {
        return Ok(());
    };
    if failure.mail.asks_for_an_answer() {
        if held.invitation.state != StateName::Pending
            || !recipient::mark_undeliverable(tx, id, generation, now).await?
        {
            return Ok(());
        }
        if failure.reason != Reason::OurFault {
            cancel_waiting(tx, &held, now).await?;
        }
    }
    let payload = serde_json::to_string(failure).unwrap_or_else(|_| "{}".to_owned());
    let partner_domain = domain_of(&held.partner.email);
    let event = Record {
        invitation: id,
        partner: held.partner.id,
        actor: Actor::System,
        kind: EventKind::InvitationUndeliverable,
        data: serde_json::json!({ "mail": failure.mail, "reason": failure.reason }),
        now,
        follow_ups: Some(FollowUps {
            payload,
            generation: u32::try_from(generation).unwrap_or(u32::MAX),
            ..customer_follow_ups(
                &held,
                Happening::Undeliverable(failure.mail),
                &partner_domain,
            )
        }),
    };
    record(tx, event, &engine.schedule_of(&held.partner)).await
}
