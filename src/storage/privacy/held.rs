//! What is held of a person, as it is told to them: no key, no generation of a link.

use serde::Serialize;

use crate::domain::ids::{
    ContactId, InquiryId, InvitationId, RecipientId, RelationshipId, RequestId,
};
use crate::domain::invitation::{DeclineReason, RecipientRole, StateName};
use crate::domain::relationship::RelationshipState;
use crate::domain::time::Timestamp;
use crate::storage::db::{record, statements};
use crate::storage::{Conn, Error};

statements! {
    PARTS = { "SELECT r.id AS recipient, r.invitation_id AS invitation, p.name AS partner, r.role, r.name, r.created_at,
            r.links_expire_at, r.reminders_stopped_at, r.undeliverable_at
        FROM recipient r JOIN invitation i ON i.id = r.invitation_id JOIN partner p ON p.id = i.partner_id
        WHERE r.contact_id = $1 ORDER BY r.id" };
    /// Those that ask this mailbox by now.
    INVITATIONS = { "SELECT i.id AS invitation, p.name AS partner, o.name AS organization, i.state, i.offer, i.language, i.time_zone,
            i.note, i.reference, i.source, i.created_at, i.expires_at, i.ended_at, i.decline_reason, i.decline_text
        FROM invitation i JOIN partner p ON p.id = i.partner_id JOIN organization o ON o.id = i.organization_id
        WHERE i.contact_id = $1 ORDER BY i.id" };
    RELATIONSHIPS = { "SELECT DISTINCT r.id AS relationship, p.name AS partner, o.name AS organization, r.partner_type, r.state,
            r.since, r.ended_at
        FROM acceptance a JOIN relationship r ON r.id = a.relationship_id
        JOIN partner p ON p.id = r.partner_id JOIN organization o ON o.id = r.organization_id
        WHERE a.contact_id = $1 ORDER BY r.id" };
    CONSENTS = { "SELECT c.invitation_id AS invitation, g.title, g.version, g.language, c.consented_at
        FROM acceptance a JOIN consent c ON c.acceptance_id = a.id JOIN agreement g ON g.id = c.agreement_id
        WHERE a.contact_id = $1 ORDER BY c.id" };
    INQUIRIES = { "SELECT id AS inquiry, state, name, organization, phone, size, needs, body, language, time_zone, created_at,
            confirmed_at
        FROM inquiry WHERE contact_id = $1 ORDER BY id" };
    REQUESTS = { "SELECT q.id AS request, q.inquiry_id AS inquiry, p.name AS partner, q.sent_at, q.answered_at
        FROM inquiry_partner q JOIN inquiry i ON i.id = q.inquiry_id JOIN partner p ON p.id = q.partner_id
        WHERE i.contact_id = $1 ORDER BY q.id" };
}

record! {
    /// A part in an invitation.
    #[derive(Clone, Serialize)]
    pub struct Part {
        /// The part.
        pub recipient: RecipientId,
        /// In which invitation.
        pub invitation: InvitationId,
        /// Whose invitation.
        pub partner: String,
        /// What they may do.
        pub role: RecipientRole,
        /// Their name as the partner wrote it.
        pub name: String,
        /// Since when.
        pub created_at: Timestamp,
        /// Until when its links are good.
        pub links_expire_at: Timestamp,
        /// Since when it gets no reminders.
        pub reminders_stopped_at: Option<Timestamp>,
        /// Since when its mail is known to be refused.
        pub undeliverable_at: Option<Timestamp>,
    }
}

record! {
    /// An invitation that asks the person.
    #[derive(Clone, Serialize)]
    pub struct Asked {
        /// The invitation.
        pub invitation: InvitationId,
        /// Who asks.
        pub partner: String,
        /// For whom.
        pub organization: String,
        /// Where it stands.
        pub state: StateName,
        /// What is offered: JSON.
        pub offer: String,
        /// Its language.
        pub language: String,
        /// Its time zone.
        pub time_zone: String,
        /// The partner's words.
        pub note: Option<String>,
        /// The partner's own reference.
        pub reference: Option<String>,
        /// By which way it came.
        pub source: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// From when on it can no longer be answered.
        pub expires_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
        /// Why it was declined, as a choice.
        pub decline_reason: Option<DeclineReason>,
        /// Why it was declined, in the person's words.
        pub decline_text: Option<String>,
    }
}

record! {
    /// A relationship that the person agreed upon.
    #[derive(Clone, Serialize)]
    pub struct Related {
        /// The relationship.
        pub relationship: RelationshipId,
        /// With whom.
        pub partner: String,
        /// For whom.
        pub organization: String,
        /// Its type.
        pub partner_type: String,
        /// Whether it holds.
        pub state: RelationshipState,
        /// Since when.
        pub since: Timestamp,
        /// Until when.
        pub ended_at: Option<Timestamp>,
    }
}

record! {
    /// A consent to a text.
    #[derive(Clone, Serialize)]
    pub struct Consented {
        /// By which invitation.
        pub invitation: InvitationId,
        /// To which text.
        pub title: String,
        /// Its version.
        pub version: String,
        /// Its language.
        pub language: String,
        /// When.
        pub consented_at: Timestamp,
    }
}

record! {
    /// What the person asked of partners.
    #[derive(Clone, Serialize)]
    pub struct Inquired {
        /// The inquiry.
        pub inquiry: InquiryId,
        /// Whether it was confirmed.
        pub state: String,
        /// Their name.
        pub name: String,
        /// Their business.
        pub organization: String,
        /// Telephone.
        pub phone: Option<String>,
        /// How large the business is.
        pub size: String,
        /// What it needs: JSON.
        pub needs: String,
        /// More of it.
        pub body: Option<String>,
        /// In which language.
        pub language: String,
        /// In which zone its dates are told.
        pub time_zone: String,
        /// When it was asked.
        pub created_at: Timestamp,
        /// When it was confirmed.
        pub confirmed_at: Option<Timestamp>,
    }
}

record! {
    /// To whom an inquiry went.
    #[derive(Clone, Serialize)]
    pub struct Requested {
        /// The row.
        pub request: RequestId,
        /// Of which inquiry.
        pub inquiry: InquiryId,
        /// To which partner.
        pub partner: String,
        /// When it went there.
        pub sent_at: Option<Timestamp>,
        /// When the partner answered.
        pub answered_at: Option<Timestamp>,
    }
}

/// All that rows say of a contact.
#[derive(Clone)]
pub struct Rows {
    /// Its parts in invitations.
    pub parts: Vec<Part>,
    /// The invitations that ask it.
    pub invitations: Vec<Asked>,
    /// The relationships that it agreed upon.
    pub relationships: Vec<Related>,
    /// The texts that it consented to.
    pub consents: Vec<Consented>,
    /// What it asked of partners.
    pub inquiries: Vec<Inquired>,
    /// Of which partners.
    pub requests: Vec<Requested>,
}

/// Reads them.
///
/// # Errors
/// The database is away.
pub async fn rows(conn: &mut Conn, id: ContactId) -> Result<Rows, Error> {
    Ok(Rows {
        parts: conn.query(PARTS).bind(id).all().await?,
        invitations: conn.query(INVITATIONS).bind(id).all().await?,
        relationships: conn.query(RELATIONSHIPS).bind(id).all().await?,
        consents: conn.query(CONSENTS).bind(id).all().await?,
        inquiries: conn.query(INQUIRIES).bind(id).all().await?,
        requests: conn.query(REQUESTS).bind(id).all().await?,
    })
}
