//! A mail to the customer was refused for good, or could not be made or handed over: the partner is told. A mailbox that
//! refuses gets no reminders any more; after a fault of ours they wait for the operator who brings the mail back. The
//! invitation stays pending, because a partner may correct the address, and the link may have arrived by another mail.

use serde::{Deserialize, Serialize};

use super::accept::{cancel_waiting, customer_follow_ups};
use super::link::hold_invitation;
use super::{Engine, FollowUps, Record, domain_of, record};
use crate::domain::audit::{Actor, EventKind};
use crate::domain::delivery::Reply;
use crate::domain::ids::InvitationId;
use crate::domain::invitation::StateName;
use crate::domain::notice::{Happening, Kind};
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
    if held.invitation.state != StateName::Pending
        || !recipient::mark_undeliverable(tx, id, generation, now).await?
    {
        return Ok(());
    }
    if failure.reason != Reason::OurFault {
        cancel_waiting(tx, &held, now).await?;
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
            ..customer_follow_ups(&held, Happening::Undeliverable, &partner_domain)
        }),
    };
    record(tx, event, &engine.schedule_of(&held.partner)).await
}
