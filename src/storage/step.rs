//! What is known of the steps on Microsoft's side, kept apart from our own record.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::InvitationId;
use crate::domain::microsoft::{Step, StepState};
use crate::domain::time::Timestamp;

statements! {
    UPSERT = { "INSERT INTO microsoft_step (invitation_id, step, state, changed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (invitation_id, step) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at" };
    OF_INVITATION = { "SELECT step, state, changed_at FROM microsoft_step WHERE invitation_id = $1 ORDER BY step" };
}

record! {
    /// How one step stands.
    #[derive(Clone, Debug)]
    pub struct KnownStep {
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

/// All that is known of an invitation's steps.
///
/// # Errors
/// The database is away.
pub async fn of_invitation(
    conn: &mut Conn,
    invitation: InvitationId,
) -> Result<Vec<KnownStep>, Error> {
    conn.query(OF_INVITATION).bind(invitation).all().await
}
