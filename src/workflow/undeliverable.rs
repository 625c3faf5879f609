//! A mailbox refused an invitation for good: the partner is told, the reminders end. The invitation stays pending, because a
//! partner may correct the address, and the link may have arrived by another mail.

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
use crate::storage::{self, Tx, recipient};

/// What the partner is told of it: the payload of the notice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Which mail it was.
    pub mail: Kind,
    /// Given up after days of trying, rather than refused.
    pub given_up: bool,
    /// What the server said last.
    pub reply: Option<Reply>,
}

/// Records that the mail of that sending was refused for good, in the caller's transaction.
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
    cancel_waiting(tx, &held, now).await?;
    let payload = serde_json::to_string(failure).unwrap_or_else(|_| "{}".to_owned());
    let partner_domain = domain_of(&held.partner.email);
    let event = Record {
        invitation: id,
        partner: held.partner.id,
        actor: Actor::System,
        kind: EventKind::InvitationUndeliverable,
        data: serde_json::json!({ "mail": failure.mail, "given_up": failure.given_up }),
        now,
        follow_ups: Some(FollowUps {
            payload,
            ..customer_follow_ups(&held, Happening::Undeliverable, &partner_domain)
        }),
    };
    record(tx, event, &engine.settings.schedule).await
}
