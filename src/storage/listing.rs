//! The lists of one partner, in pages: newest first, each after the last one of the page before.
//!
//! The partner stands in every WHERE. A list that several columns may narrow has one statement for each column that leads to
//! few rows by an index (an organization, a mailbox, a reference, a relationship), and one that walks all of the partner's; what
//! is left is compared row by row, with `OR $n IS NULL` for what nobody asked for. Such an OR never picks an index, on either
//! database, so that the choice is made here and not by a planner: where the leading column is another one than the partner,
//! `(partner_id = $1) IS TRUE` keeps the index of the partner's rows out of it.

use uuid::Uuid;

use super::db::{Sql, record, statements};
use super::{Conn, Error, sets};
use crate::domain::audit::EventKind;
use crate::domain::ids::{
    self, AcceptanceId, AgreementId, ConsentId, ContactId, EventId, GrantId, InvitationId,
    OrganizationId, PartnerId, RelationshipId, SuppressionId,
};
use crate::domain::invitation::StateName;
use crate::domain::keys::MailboxKey;
use crate::domain::language::Language;
use crate::domain::relationship::{GrantState, RelationshipState};
use crate::domain::suppression::Cause;
use crate::domain::time::Timestamp;
use crate::storage::event::Event;
use crate::storage::grant::Grant;
use crate::storage::relationship::Kept;

/// `$driver` leads to the rows; the identifiers are of version 7, so that a time is a range of them.
macro_rules! invitations {
    ($driver:literal) => {
        concat!(
            "SELECT id FROM invitation WHERE ",
            $driver,
            " AND id < $2 AND id >= $3 AND (state = $5 OR $5 IS NULL) AND (organization_id = $6 OR $6 IS NULL) \
               AND (contact_id = $7 OR $7 IS NULL) AND (reference = $8 OR $8 IS NULL) \
               AND created_at >= $9 AND created_at < $10 ORDER BY id DESC LIMIT $4"
        )
    };
}

macro_rules! relationships {
    ($driver:literal) => {
        concat!(
            relationships!(),
            $driver,
            " AND r.id < $2 AND (r.state = $4 OR $4 IS NULL) AND (r.organization_id = $5 OR $5 IS NULL) \
             ORDER BY r.id DESC LIMIT $3"
        )
    };
    () => {
            "SELECT r.id, r.partner_id, r.organization_id, r.invitation_id, o.name AS organization_name, o.cloud, \
               r.partner_type, r.catalogue, r.state, r.since, r.updated_at, r.ended_at \
             FROM relationship r JOIN organization o ON o.id = r.organization_id WHERE "
    };
}

macro_rules! grants {
    ($driver:literal) => {
        concat!(
            "SELECT id, partner_id, relationship_id, acceptance_id, role, state, duration, granted_at, activated_at, \
               expected_end_at, auto_extend, revision, ended_at FROM role_grant WHERE ",
            $driver,
            " AND id < $2 AND (state = $4 OR $4 IS NULL) AND (relationship_id = $5 OR $5 IS NULL) \
             ORDER BY id DESC LIMIT $3"
        )
    };
}

macro_rules! acceptances {
    ($driver:literal) => {
        concat!(
            acceptances!(),
            $driver,
            " AND a.id < $2 AND (a.invitation_id = $4 OR $4 IS NULL) \
               AND (EXISTS (SELECT 1 FROM consent c WHERE c.invitation_id = a.invitation_id AND c.agreement_id = $5) \
                 OR $5 IS NULL) \
             ORDER BY a.id DESC LIMIT $3"
        )
    };
    () => {
            "SELECT a.id, a.invitation_id, a.contact_id, a.relationship_id, a.canonical, a.salt, a.accepted_at, \
               i.organization_id, o.name AS organization_name, k.address \
             FROM acceptance a JOIN contact k ON k.id = a.contact_id JOIN invitation i ON i.id = a.invitation_id JOIN organization o ON o.id = i.organization_id \
             WHERE "
    };
}

/// Of a partner: those of mailboxes that it has asked for an answer, now or formerly. A viewer was named by the customer, and is
/// none of its. An address that was erased is nobody's any more.
macro_rules! suppressions {
    ($driver:literal) => {
        concat!(
            "SELECT s.id, s.mailbox, s.reason, s.created_at, c.id AS contact_id, c.smtp_address \
             FROM suppression s JOIN contact c ON c.address = s.address WHERE ",
            $driver,
            " AND EXISTS (SELECT 1 FROM recipient r JOIN invitation i ON i.id = r.invitation_id \
               WHERE r.contact_id = c.id AND r.role <> 'viewer' AND i.partner_id = $1)"
        )
    };
}

statements! {
    /// A state alone is compared row by row: an index for it would cost every invitation and every answer.
    INVITATIONS = { invitations!("partner_id = $1") };
    INVITATIONS_OF_REFERENCE = { invitations!("partner_id = $1 AND reference = $8") };
    INVITATIONS_OF_CONTACT = { invitations!("contact_id = $7 AND (partner_id = $1) IS TRUE") };
    INVITATIONS_OF_ORGANIZATION = { invitations!("organization_id = $6 AND (partner_id = $1) IS TRUE") };
    RELATIONSHIPS = { relationships!("r.partner_id = $1") };
    RELATIONSHIP = { concat!(relationships!(), "r.id = $2 AND (r.partner_id = $1) IS TRUE") };
    RELATIONSHIPS_OF_ORGANIZATION = { relationships!("r.organization_id = $5 AND (r.partner_id = $1) IS TRUE") };
    GRANTS = { grants!("partner_id = $1") };
    GRANTS_OF_RELATIONSHIP = { grants!("relationship_id = $5 AND (partner_id = $1) IS TRUE") };
    /// All grants of a page of relationships.
    GRANTS_OF_RELATIONSHIPS = {
        sqlite: "SELECT id, partner_id, relationship_id, acceptance_id, role, state, duration, granted_at, activated_at,
                expected_end_at, auto_extend, revision, ended_at FROM role_grant
            WHERE relationship_id IN (SELECT unhex(value) FROM json_each($2)) AND (partner_id = $1) IS TRUE ORDER BY id DESC",
        postgres: "SELECT id, partner_id, relationship_id, acceptance_id, role, state, duration, granted_at, activated_at,
                expected_end_at, auto_extend, revision, ended_at FROM role_grant
            WHERE relationship_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($2::text::jsonb)))
                AND (partner_id = $1) IS TRUE ORDER BY id DESC"
    };
    ACCEPTANCES = { acceptances!("a.partner_id = $1") };
    ACCEPTANCE = { concat!(acceptances!(), "a.id = $2 AND (a.partner_id = $1) IS TRUE") };
    ACCEPTANCE_OF_INVITATION = { acceptances!("a.invitation_id = $4 AND (a.partner_id = $1) IS TRUE") };
    CONSENTS_OF = {
        sqlite: "SELECT c.id, c.invitation_id, c.agreement_id, c.agreement_sha256, g.kind, g.title, g.version, g.language
            FROM consent c JOIN agreement g ON g.id = c.agreement_id
            WHERE c.invitation_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY c.id",
        postgres: "SELECT c.id, c.invitation_id, c.agreement_id, c.agreement_sha256, g.kind, g.title, g.version, g.language
            FROM consent c JOIN agreement g ON g.id = c.agreement_id
            WHERE c.invitation_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY c.id"
    };
    /// It walks what is suppressed, newest first, and asks of each whether it concerns the partner (three looks into
    /// indexes). A partner whom little concerns so reads past the others': there are few beside the invitations, and a
    /// column for it would have to be kept true by every step that names a mailbox.
    SUPPRESSIONS = { concat!(suppressions!("s.id < $2"), " AND (s.reason = $4 OR $4 IS NULL) ORDER BY s.id DESC LIMIT $3") };
    SUPPRESSION = { suppressions!("s.id = $2") };
    SUPPRESSION_OF_MAILBOX = { suppressions!("s.mailbox = $2") };
    /// In the order of the chain: what is not sealed yet has no place in it, so that nothing comes in before a cursor.
    EVENTS = {
        sqlite: "SELECT id, partner_id, seq, kind, subject_id, actor, data, happened_at, hash FROM event
            WHERE partner_id = $1 AND seq > $2 AND ($4 IS NULL OR kind IN (SELECT value FROM json_each($4)))
            ORDER BY seq LIMIT $3",
        postgres: "SELECT id, partner_id, seq, kind, subject_id, actor, data, happened_at, hash FROM event
            WHERE partner_id = $1 AND seq > $2
                AND ($4::text IS NULL OR kind = ANY (ARRAY (SELECT jsonb_array_elements_text($4::text::jsonb))))
            ORDER BY seq LIMIT $3"
    };
    EVENT = { "SELECT id, partner_id, seq, kind, subject_id, actor, data, happened_at, hash FROM event
        WHERE id = $2 AND (partner_id = $1) IS TRUE AND seq IS NOT NULL" };
}

/// Which invitations are wanted.
#[derive(Clone, Debug, Default)]
pub struct Invitations {
    /// In this state.
    pub state: Option<StateName>,
    /// With this reference of the partner's own.
    pub reference: Option<String>,
    /// That ask this mailbox by now.
    pub contact: Option<ContactId>,
    /// For this organization.
    pub organization: Option<OrganizationId>,
    /// Made then or later.
    pub created_after: Option<Timestamp>,
    /// Made before then.
    pub created_before: Option<Timestamp>,
}

/// Which relationships are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relationships {
    /// In this state.
    pub state: Option<RelationshipState>,
    /// With this organization.
    pub organization: Option<OrganizationId>,
}

/// Which grants are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grants {
    /// In this state.
    pub state: Option<GrantState>,
    /// In this relationship.
    pub relationship: Option<RelationshipId>,
}

/// Which acceptances are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Acceptances {
    /// Of this invitation.
    pub invitation: Option<InvitationId>,
    /// Those that consent to this text.
    pub agreement: Option<AgreementId>,
}

/// Which suppressions are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Suppressions {
    /// For this reason.
    pub reason: Option<Cause>,
}

record! {
    /// An acceptance, with whom it is for.
    #[derive(Clone)]
    pub struct Accepted {
        /// The row.
        pub id: AcceptanceId,
        /// Which invitation.
        pub invitation_id: InvitationId,
        /// Whose mailbox.
        pub contact_id: ContactId,
        /// In which relationship; none where the agreement alone was accepted.
        pub relationship_id: Option<RelationshipId>,
        /// The record as it was written; empty once it was erased.
        pub canonical: String,
        /// What its hash was salted with; empty once it was erased.
        pub salt: Vec<u8>,
        /// When.
        pub accepted_at: Timestamp,
        /// For which organization.
        pub organization_id: OrganizationId,
        /// Its name.
        pub organization_name: String,
        /// The mailbox's address (normalized); one that is none once its person was erased.
        pub address: String,
    }
}

record! {
    /// The consent to one text.
    #[derive(Clone, Debug)]
    pub struct Consented {
        /// The row.
        pub id: ConsentId,
        /// By which invitation.
        pub invitation_id: InvitationId,
        /// To which text.
        pub agreement_id: AgreementId,
        /// SHA-256 of its exact bytes: 32 bytes.
        pub agreement_sha256: Vec<u8>,
        /// Which agreement: `mca`.
        pub kind: String,
        /// Its title.
        pub title: String,
        /// Its version.
        pub version: String,
        /// Its language.
        pub language: Language,
    }
}

record! {
    /// That a mailbox of a partner's takes no mail.
    #[derive(Clone)]
    pub struct Suppressed {
        /// What it is called.
        pub id: SuppressionId,
        /// By what it is known inside.
        pub mailbox: String,
        /// Why, as a name.
        pub reason: String,
        /// Since when.
        pub created_at: Timestamp,
        /// Whose mailbox.
        pub contact_id: ContactId,
        /// Its address as it is written to servers.
        pub smtp_address: String,
    }
}

fn before(after: Option<Uuid>) -> Uuid {
    after.unwrap_or(Uuid::max())
}

/// The invitations of a partner, after that one.
///
/// # Errors
/// The database is away.
pub async fn invitations(
    conn: &mut Conn,
    partner: PartnerId,
    filter: &Invitations,
    after: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<InvitationId>, Error> {
    let since = filter
        .created_after
        .unwrap_or(Timestamp::from_micros(i64::MIN));
    let until = filter
        .created_before
        .unwrap_or(Timestamp::from_micros(i64::MAX));
    // To the millisecond; `created_at` says the rest.
    let first_after = match filter.created_before {
        Some(until) => ids::first_of(until.plus_micros(1_000)),
        None => Uuid::max(),
    };
    let first = filter.created_after.map_or(Uuid::nil(), ids::first_of);
    conn.query(leading(filter))
        .bind(partner)
        .bind(before(after.map(InvitationId::uuid)).min(first_after))
        .bind(first)
        .bind(limit)
        .bind(filter.state)
        .bind(filter.organization)
        .bind(filter.contact)
        .bind(filter.reference.as_deref())
        .bind(since)
        .bind(until)
        .scalars()
        .await
}

/// By what the fewest rows are read.
const fn leading(filter: &Invitations) -> Sql {
    match filter {
        Invitations {
            contact: Some(_), ..
        } => INVITATIONS_OF_CONTACT,
        Invitations {
            reference: Some(_), ..
        } => INVITATIONS_OF_REFERENCE,
        Invitations {
            organization: Some(_),
            ..
        } => INVITATIONS_OF_ORGANIZATION,
        _ => INVITATIONS,
    }
}

/// The relationships of a partner, after that one.
///
/// # Errors
/// The database is away.
pub async fn relationships(
    conn: &mut Conn,
    partner: PartnerId,
    filter: Relationships,
    after: Option<RelationshipId>,
    limit: i64,
) -> Result<Vec<Kept>, Error> {
    let sql = match filter.organization {
        Some(_) => RELATIONSHIPS_OF_ORGANIZATION,
        None => RELATIONSHIPS,
    };
    conn.query(sql)
        .bind(partner)
        .bind(before(after.map(RelationshipId::uuid)))
        .bind(limit)
        .bind(filter.state)
        .bind(filter.organization)
        .all()
        .await
}

/// The relationship of that id, if it is of that partner.
///
/// # Errors
/// The database is away.
pub async fn relationship(
    conn: &mut Conn,
    partner: PartnerId,
    id: RelationshipId,
) -> Result<Option<Kept>, Error> {
    conn.query(RELATIONSHIP)
        .bind(partner)
        .bind(id)
        .optional()
        .await
}

/// The grants of a partner, after that one.
///
/// # Errors
/// The database is away.
pub async fn grants(
    conn: &mut Conn,
    partner: PartnerId,
    filter: Grants,
    after: Option<GrantId>,
    limit: i64,
) -> Result<Vec<Grant>, Error> {
    let sql = match filter.relationship {
        Some(_) => GRANTS_OF_RELATIONSHIP,
        None => GRANTS,
    };
    conn.query(sql)
        .bind(partner)
        .bind(before(after.map(GrantId::uuid)))
        .bind(limit)
        .bind(filter.state)
        .bind(filter.relationship)
        .all()
        .await
}

/// All grants of these relationships of a partner, active or not, newest first.
///
/// # Errors
/// The database is away.
pub async fn grants_of(
    conn: &mut Conn,
    partner: PartnerId,
    relationships: impl IntoIterator<Item = RelationshipId>,
) -> Result<Vec<Grant>, Error> {
    let relationships = relationships.into_iter().map(RelationshipId::uuid);
    conn.query(GRANTS_OF_RELATIONSHIPS)
        .bind(partner)
        .bind(sets::ids(relationships))
        .all()
        .await
}

/// The acceptances of a partner's invitations, after that one.
///
/// # Errors
/// The database is away.
pub async fn acceptances(
    conn: &mut Conn,
    partner: PartnerId,
    filter: Acceptances,
    after: Option<AcceptanceId>,
    limit: i64,
) -> Result<Vec<Accepted>, Error> {
    let sql = match filter.invitation {
        Some(_) => ACCEPTANCE_OF_INVITATION,
        None => ACCEPTANCES,
    };
    conn.query(sql)
        .bind(partner)
        .bind(before(after.map(AcceptanceId::uuid)))
        .bind(limit)
        .bind(filter.invitation)
        .bind(filter.agreement)
        .all()
        .await
}

/// The acceptance of that id, if it is of an invitation of that partner.
///
/// # Errors
/// The database is away.
pub async fn acceptance(
    conn: &mut Conn,
    partner: PartnerId,
    id: AcceptanceId,
) -> Result<Option<Accepted>, Error> {
    conn.query(ACCEPTANCE)
        .bind(partner)
        .bind(id)
        .optional()
        .await
}

/// The texts that these invitations' customers consented to.
///
/// # Errors
/// The database is away.
pub async fn consents_of(
    conn: &mut Conn,
    invitations: impl IntoIterator<Item = InvitationId>,
) -> Result<Vec<Consented>, Error> {
    let invitations = invitations.into_iter().map(InvitationId::uuid);
    conn.query(CONSENTS_OF)
        .bind(sets::ids(invitations))
        .all()
        .await
}

/// The suppressions of mailboxes that a partner has invited, after that one.
///
/// # Errors
/// The database is away.
pub async fn suppressions(
    conn: &mut Conn,
    partner: PartnerId,
    filter: Suppressions,
    after: Option<SuppressionId>,
    limit: i64,
) -> Result<Vec<Suppressed>, Error> {
    conn.query(SUPPRESSIONS)
        .bind(partner)
        .bind(before(after.map(SuppressionId::uuid)))
        .bind(limit)
        .bind(filter.reason.map(Cause::as_str))
        .all()
        .await
}

/// The suppression of that id, if it is of a mailbox that the partner has invited.
///
/// # Errors
/// The database is away.
pub async fn suppression(
    conn: &mut Conn,
    partner: PartnerId,
    id: SuppressionId,
) -> Result<Option<Suppressed>, Error> {
    conn.query(SUPPRESSION)
        .bind(partner)
        .bind(id)
        .optional()
        .await
}

/// The suppression of a mailbox, if the partner has invited it.
///
/// # Errors
/// The database is away.
pub async fn suppression_of(
    conn: &mut Conn,
    partner: PartnerId,
    mailbox: &MailboxKey,
) -> Result<Option<Suppressed>, Error> {
    conn.query(SUPPRESSION_OF_MAILBOX)
        .bind(partner)
        .bind(mailbox.as_str())
        .optional()
        .await
}

/// The sealed events of a partner after that place of its chain, in order; of these kinds, where some are named.
///
/// # Errors
/// The database is away.
pub async fn events(
    conn: &mut Conn,
    partner: PartnerId,
    kinds: Option<&[EventKind]>,
    after: i64,
    limit: i64,
) -> Result<Vec<Event>, Error> {
    conn.query(EVENTS)
        .bind(partner)
        .bind(after)
        .bind(limit)
        .bind(kinds.map(sets::rows))
        .all()
        .await
}

/// The sealed event of that id, if it is in the partner's chain.
///
/// # Errors
/// The database is away.
pub async fn event(
    conn: &mut Conn,
    partner: PartnerId,
    id: EventId,
) -> Result<Option<Event>, Error> {
    conn.query(EVENT).bind(partner).bind(id).optional().await
}
