//! The evidence of consents, which outlives the erasure of its signer for a time.

use crate::domain::erasure;
use crate::domain::ids::{AcceptanceId, ContactId, InvitationId, PartnerId};
use crate::domain::time::Timestamp;
use crate::storage::db::{record, statements};
use crate::storage::{Conn, Error, Tx};

macro_rules! evidence {
    () => {
        "SELECT a.id, a.invitation_id, a.contact_id, i.partner_id, a.canonical, a.accepted_at, \
         (SELECT count(*) FROM relationship r WHERE r.partner_id = i.partner_id \
            AND r.organization_id = i.organization_id AND r.state = 'active') AS holding, \
         (SELECT max(r.ended_at) FROM relationship r WHERE r.partner_id = i.partner_id \
            AND r.organization_id = i.organization_id) AS ended_at \
         FROM acceptance a JOIN invitation i ON i.id = a.invitation_id "
    };
}

statements! {
    EVIDENCE = { concat!(evidence!(), "WHERE a.contact_id = $1 ORDER BY a.id") };
    /// Of persons who were erased.
    EVIDENCE_OF_ERASED = { concat!(evidence!(), "WHERE a.canonical <> ''
        AND a.contact_id IN (SELECT id FROM contact WHERE domain = $1) ORDER BY a.id") };
    BLANK_EVIDENCE = {
        sqlite: "UPDATE acceptance SET canonical = '', salt = X'' WHERE id = $1 AND canonical <> ''",
        postgres: "UPDATE acceptance SET canonical = '', salt = ''::bytea WHERE id = $1 AND canonical <> ''"
    };
}

record! {
    /// The evidence of an acceptance, and what its keeping depends on.
    #[derive(Clone)]
    pub struct Kept {
        /// The acceptance.
        pub id: AcceptanceId,
        /// Of which invitation.
        pub invitation_id: InvitationId,
        /// Whose.
        pub contact_id: ContactId,
        /// To whom.
        pub partner_id: PartnerId,
        /// The record; empty where it was erased.
        pub canonical: String,
        /// When.
        pub accepted_at: Timestamp,
        /// How many relationships of the two hold.
        pub holding: i64,
        /// When the last of those ended that did.
        pub ended_at: Option<Timestamp>,
    }
}

/// The evidence of what a contact accepted.
///
/// # Errors
/// The database is away.
pub async fn evidence(conn: &mut Conn, id: ContactId) -> Result<Vec<Kept>, Error> {
    conn.query(EVIDENCE).bind(id).all().await
}

/// The evidence that is still kept of persons who were erased.
///
/// # Errors
/// The database is away.
pub async fn evidence_of_erased(conn: &mut Conn) -> Result<Vec<Kept>, Error> {
    let kept = conn.query(EVIDENCE_OF_ERASED).bind(erasure::DOMAIN);
    kept.all().await
}

/// Erases the text and the salt of an acceptance; `false` when that was done before.
///
/// # Errors
/// The database is away.
pub async fn blank_evidence(tx: &mut Tx, id: AcceptanceId) -> Result<bool, Error> {
    Ok(tx.query(BLANK_EVIDENCE).bind(id).execute().await? == 1)
}
