//! Dossiers: all that a worker needs to know of a batch of invitations in order to write their mails, in one read.

use super::db::{record, statements};
use super::{Conn, Error, sets};
use crate::domain::draft::OrganizationKind;
use crate::domain::ids::{ContactId, InvitationId, OrganizationId, PartnerId, RecipientId};
use crate::domain::invitation::{DeclineReason, State, StateName};
use crate::domain::keys::MailboxKey;
use crate::domain::language::Language;
use crate::domain::microsoft::Cloud;
use crate::domain::time::Timestamp;

macro_rules! select {
    () => {
        "SELECT i.id, i.partner_id, i.state, i.offer, i.language, i.time_zone, i.note, i.links, i.reference, \
            i.created_at, i.expires_at, i.ended_at, i.decline_reason, i.decline_text, \
            o.id AS organization_id, o.name AS organization_name, o.kind AS organization_kind, o.cloud, \
            r.id AS recipient_id, r.contact_id, r.name AS recipient_name, r.generation, r.key_id, r.links_expire_at, \
            r.reminders_stopped_at, r.undeliverable_at, c.address, c.smtp_address, \
            NULLIF(a.canonical, '') AS evidence \
         FROM invitation i \
         JOIN organization o ON o.id = i.organization_id \
         JOIN recipient r ON r.invitation_id = i.id AND r.role = 'signer' \
         JOIN contact c ON c.id = r.contact_id \
         LEFT JOIN acceptance a ON a.invitation_id = i.id "
    };
}

statements! {
    OF_INVITATIONS = {
        sqlite: concat!(select!(), "WHERE i.id IN (SELECT unhex(value) FROM json_each($1))"),
        postgres: concat!(select!(), "WHERE i.id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))")
    };
    SUPPRESSED = {
        sqlite: "SELECT mailbox FROM suppression WHERE mailbox IN (SELECT value FROM json_each($1))",
        postgres: "SELECT mailbox FROM suppression WHERE mailbox = ANY (ARRAY (SELECT jsonb_array_elements_text($1::text::jsonb)))"
    };
}

record! {
    /// An invitation with those who take part in it.
    #[derive(Clone)]
    pub struct Dossier {
        /// The invitation.
        pub id: InvitationId,
        /// Who asks.
        pub partner_id: PartnerId,
        /// Where it stands.
        pub state: StateName,
        /// What is offered: an `Offer` as JSON.
        pub offer: String,
        /// Its language.
        pub language: Language,
        /// Its IANA time zone.
        pub time_zone: String,
        /// The partner's words.
        pub note: Option<String>,
        /// Microsoft's pages: `microsoft::Links` as JSON.
        pub links: String,
        /// The partner's own reference.
        pub reference: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// From when on it can no longer be accepted.
        pub expires_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// Why it was declined, as a choice.
        pub decline_reason: Option<DeclineReason>,
        /// Why it was declined, in the customer's words.
        pub decline_text: Option<String>,
        /// For whom.
        pub organization_id: OrganizationId,
        /// Its name.
        pub organization_name: String,
        /// What it is.
        pub organization_kind: OrganizationKind,
        /// Where its tenant is.
        pub cloud: Cloud,
        /// The one who is asked to sign.
        pub recipient_id: RecipientId,
        /// Their mailbox.
        pub contact_id: ContactId,
        /// Their name as the partner wrote it.
        pub recipient_name: String,
        /// The sending that is current.
        pub generation: i64,
        /// The key of its links.
        pub key_id: i64,
        /// Until when its links are good.
        pub links_expire_at: Timestamp,
        /// Since when it gets no reminders.
        pub reminders_stopped_at: Option<Timestamp>,
        /// Since when its mail is known to be refused for good.
        pub undeliverable_at: Option<Timestamp>,
        /// The normalized address.
        pub address: String,
        /// The address as it is written to servers.
        pub smtp_address: String,
        /// The record of its acceptance, if there is one that was not erased: canonical JSON.
        pub evidence: Option<String>,
    }
}

impl Dossier {
    /// Where the invitation stands, with the data of that state.
    pub fn state(&self) -> State {
        super::invitation::state(
            self.state,
            self.expires_at,
            self.ended_at,
            self.decline_reason,
            self.decline_text.as_deref(),
        )
    }
}

/// The dossiers of these invitations, in any order.
///
/// # Errors
/// The database is away.
pub async fn of_invitations(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = InvitationId>,
) -> Result<Vec<Dossier>, Error> {
    conn.query(OF_INVITATIONS)
        .bind(sets::ids(ids.into_iter().map(InvitationId::uuid)))
        .all()
        .await
}

/// The dossier of one invitation.
///
/// # Errors
/// The database is away.
pub async fn of_invitation(conn: &mut Conn, id: InvitationId) -> Result<Option<Dossier>, Error> {
    Ok(of_invitations(conn, [id]).await?.pop())
}

/// Those of the mailboxes that take no mail from here.
///
/// # Errors
/// The database is away.
pub async fn suppressed(conn: &mut Conn, mailboxes: &[MailboxKey]) -> Result<Vec<String>, Error> {
    conn.query(SUPPRESSED)
        .bind(sets::rows(mailboxes))
        .scalars()
        .await
}
