//! Acceptances and consents: the evidence. Rows are written once.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{
    AcceptanceId, AgreementId, ConsentId, ContactId, InvitationId, OrganizationId, PartnerId,
    RecipientId, RelationshipId,
};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, partner_id, invitation_id, recipient_id, contact_id, relationship_id, canonical, salt, accepted_at"
    };
}

statements! {
    INSERT = { concat!("INSERT INTO acceptance (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)") };
    INSERT_CONSENT = { "INSERT INTO consent (id, acceptance_id, invitation_id, agreement_id, agreement_sha256, consented_at)
        VALUES ($1, $2, $3, $4, $5, $6)" };
    OF_INVITATION = { concat!("SELECT ", columns!(), " FROM acceptance WHERE invitation_id = $1") };
    OF_CONTACT = { concat!("SELECT ", columns!(), " FROM acceptance WHERE contact_id = $1 ORDER BY accepted_at DESC, id DESC LIMIT 100") };
    /// The consents of organizations to an agreement, the latest of each last.
    CONSENTS_OF = {
        sqlite: "SELECT i.organization_id, c.invitation_id, g.version, g.language, g.effective_at, c.consented_at
            FROM consent c JOIN invitation i ON i.id = c.invitation_id JOIN agreement g ON g.id = c.agreement_id
            WHERE g.kind = $1 AND i.organization_id IN (SELECT unhex(value) FROM json_each($2))
            ORDER BY c.consented_at, c.id",
        postgres: "SELECT i.organization_id, c.invitation_id, g.version, g.language, g.effective_at, c.consented_at
            FROM consent c JOIN invitation i ON i.id = c.invitation_id JOIN agreement g ON g.id = c.agreement_id
            WHERE g.kind = $1
                AND i.organization_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($2::text::jsonb)))
            ORDER BY c.consented_at, c.id"
    };
    COUNT_CONSENTS = { "SELECT count(*) FROM consent WHERE invitation_id = $1" };
}

record! {
    /// The record of one acceptance.
    #[derive(Clone)]
    pub struct Acceptance {
        /// The row.
        pub id: AcceptanceId,
        /// Who asked.
        pub partner_id: PartnerId,
        /// Which invitation; one acceptance each.
        pub invitation_id: InvitationId,
        /// By whose link.
        pub recipient_id: RecipientId,
        /// Whose mailbox.
        pub contact_id: ContactId,
        /// In which relationship; none where the agreement alone was accepted.
        pub relationship_id: Option<RelationshipId>,
        /// An `Evidence` as it was written: canonical JSON.
        pub canonical: String,
        /// What the audit record's hash of it was salted with: 16 bytes.
        pub salt: Vec<u8>,
        /// When.
        pub accepted_at: Timestamp,
    }
}

impl Acceptance {
    /// Whether its signer was erased, and its evidence with them: the text and the salt are empty then.
    pub fn is_erased(&self) -> bool {
        self.canonical.is_empty() && self.salt.is_empty()
    }
}

record! {
    /// To which text an organization consented.
    #[derive(Clone, Debug)]
    pub struct Consented {
        /// Which organization.
        pub organization_id: OrganizationId,
        /// By which invitation.
        pub invitation_id: InvitationId,
        /// The version of the text.
        pub version: String,
        /// Its language.
        pub language: Language,
        /// From when on it was the current one.
        pub effective_at: Timestamp,
        /// When.
        pub consented_at: Timestamp,
    }
}

/// Stores it.
///
/// # Errors
/// [`Error::Duplicate`] when the invitation has one.
pub async fn insert(tx: &mut Tx, new: &Acceptance) -> Result<(), Error> {
    tx.query(INSERT)
        .bind(new.id)
        .bind(new.partner_id)
        .bind(new.invitation_id)
        .bind(new.recipient_id)
        .bind(new.contact_id)
        .bind(new.relationship_id)
        .bind(&*new.canonical)
        .bind(&*new.salt)
        .bind(new.accepted_at)
        .execute()
        .await?;
    Ok(())
}

/// Stores the consent to one version of an agreement.
///
/// # Errors
/// [`Error::Duplicate`] when the invitation has one for that version.
pub async fn insert_consent(
    tx: &mut Tx,
    id: ConsentId,
    acceptance: &Acceptance,
    agreement: AgreementId,
    sha256: &[u8],
) -> Result<(), Error> {
    tx.query(INSERT_CONSENT)
        .bind(id)
        .bind(acceptance.id)
        .bind(acceptance.invitation_id)
        .bind(agreement)
        .bind(sha256)
        .bind(acceptance.accepted_at)
        .execute()
        .await?;
    Ok(())
}

/// The acceptance of an invitation.
///
/// # Errors
/// The database is away.
pub async fn of_invitation(
    conn: &mut Conn,
    invitation: InvitationId,
) -> Result<Option<Acceptance>, Error> {
    conn.query(OF_INVITATION).bind(invitation).optional().await
}

/// What a mailbox accepted, newest first, at most 100.
///
/// # Errors
/// The database is away.
pub async fn of_contact(conn: &mut Conn, contact: ContactId) -> Result<Vec<Acceptance>, Error> {
    conn.query(OF_CONTACT).bind(contact).all().await
}

/// The consents of these organizations to an agreement, the latest last.
///
/// # Errors
/// The database is away.
pub async fn consents_of(
    conn: &mut Conn,
    agreement: &str,
    organizations: impl IntoIterator<Item = OrganizationId>,
) -> Result<Vec<Consented>, Error> {
    let organizations = organizations.into_iter().map(OrganizationId::uuid);
    conn.query(CONSENTS_OF)
        .bind(agreement)
        .bind(sets::ids(organizations))
        .all()
        .await
}

/// How many consents an invitation has.
///
/// # Errors
/// The database is away.
pub async fn count_consents(conn: &mut Conn, invitation: InvitationId) -> Result<i64, Error> {
    Ok(conn
        .query(COUNT_CONSENTS)
        .bind(invitation)
        .scalar()
        .await?
        .unwrap_or_default())
}
