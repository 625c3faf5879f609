//! What is known of the steps on Microsoft's side, kept apart from our own record.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::InvitationId;
use crate::domain::microsoft::{Step, StepState};
use crate::domain::time::Timestamp;

statements! {
    UPSERT = { "INSERT INTO microsoft_step (invitation_id, step, state, changed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (invitation_id, step) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at" };
    OF_INVITATIONS = {
        sqlite: "SELECT invitation_id, step, state, changed_at FROM microsoft_step
            WHERE invitation_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY invitation_id, step",
        postgres: "SELECT invitation_id, step, state, changed_at FROM microsoft_step
            WHERE invitation_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY invitation_id, step"
    };
}

record! {
    /// How one step stands.
    #[derive(Clone, Debug)]
    pub struct KnownStep {
        /// Of which invitation.
        pub invitation_id: InvitationId,
        /// Which step.
        pub step: Step,
        /// What is known of it.
        pub state: StepState,
        /// Since when.
        pub changed_at: Timestamp,
    }
}

/// Records how a step stands.
///
/// # Errors
/// The database is away.
pub async fn mark(
    tx: &mut Tx,
    invitation: InvitationId,
    step: Step,
    state: StepState,
    now: Timestamp,
) -> Result<(), Error> {
    tx.query(UPSERT)
        .bind(invitation)
        .bind(step)
        .bind(state)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// All that is known of the steps of these invitations.
///
/// # Errors
/// The database is away.
pub async fn of_invitations(
    conn: &mut Conn,
    invitations: impl IntoIterator<Item = InvitationId>,
) -> Result<Vec<KnownStep>, Error> {
    conn.query(OF_INVITATIONS)
        .bind(sets::ids(invitations.into_iter().map(InvitationId::uuid)))
        .all()
        .await
}
