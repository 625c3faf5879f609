//! The roles that are granted in relationships, each for a time.

use super::db::{record, statements};
use super::{Conn, Error, Tx, sets};
use crate::domain::ids::{AcceptanceId, GrantId, PartnerId, RelationshipId};
use crate::domain::relationship::GrantState;
use crate::domain::span::GrantDuration;
use crate::domain::time::Timestamp;

macro_rules! grant_columns {
    () => {
        "id, partner_id, relationship_id, acceptance_id, role, state, duration, granted_at, activated_at, expected_end_at, \
         auto_extend, revision, ended_at"
    };
}

statements! {
    REPLACE_GRANT = { "UPDATE role_grant SET state = 'replaced', ended_at = $3
        WHERE relationship_id = $1 AND role = $2 AND state = 'active'" };
    INSERT_GRANT = { concat!("INSERT INTO role_grant (", grant_columns!(), ")
        VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, NULL, $8, $9, $10, NULL)") };
    END_GRANT = { "UPDATE role_grant SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'active'" };
    MOVE_END = { "UPDATE role_grant SET expected_end_at = $2, activated_at = $3, revision = $4
        WHERE id = $1 AND state = 'active'" };
    KEEP_END = { "UPDATE role_grant SET auto_extend = $2 WHERE id = $1" };
    ACTIVE_GRANTS = {
        sqlite: concat!("SELECT ", grant_columns!(), " FROM role_grant
            WHERE state = 'active' AND relationship_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY role"),
        postgres: concat!("SELECT ", grant_columns!(), " FROM role_grant
            WHERE state = 'active'
                AND relationship_id = ANY (ARRAY (SELECT value::uuid FROM jsonb_array_elements_text($1::text::jsonb)))
            ORDER BY role")
    };
    FIND_OF = { concat!("SELECT ", grant_columns!(), " FROM role_grant WHERE id = $2 AND (partner_id = $1) IS TRUE") };
    GRANTS_OF_ACCEPTANCE = { concat!("SELECT ", grant_columns!(), " FROM role_grant WHERE acceptance_id = $1 ORDER BY role") };
}

record! {
    /// One delegated-admin role, for a time.
    #[derive(Clone, Debug)]
    pub struct Grant {
        /// The row.
        pub id: GrantId,
        /// To whom.
        pub partner_id: PartnerId,
        /// In which relationship.
        pub relationship_id: RelationshipId,
        /// By which acceptance.
        pub acceptance_id: AcceptanceId,
        /// The key of the role in the catalogue.
        pub role: String,
        /// Where it stands.
        pub state: GrantState,
        /// For how long.
        pub duration: GrantDuration,
        /// When it was agreed upon.
        pub granted_at: Timestamp,
        /// When it became active at Microsoft, as far as somebody said.
        pub activated_at: Option<Timestamp>,
        /// When it is expected to end: counted from activation, or from consent until that is known.
        pub expected_end_at: Timestamp,
        /// Whether its end moves by 180 days each time that it is reached.
        pub auto_extend: bool,
        /// The revision of the relationship that set its end.
        pub revision: i64,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
    }
}

/// Grants a role; an active grant of the same role is replaced by it.
///
/// # Errors
/// The database is away.
pub async fn insert(tx: &mut Tx, new: &Grant) -> Result<(), Error> {
    tx.query(REPLACE_GRANT)
        .bind(new.relationship_id)
        .bind(&*new.role)
        .bind(new.granted_at)
        .execute()
        .await?;
    tx.query(INSERT_GRANT)
        .bind(new.id)
        .bind(new.partner_id)
        .bind(new.relationship_id)
        .bind(new.acceptance_id)
        .bind(&*new.role)
        .bind(new.duration)
        .bind(new.granted_at)
        .bind(new.expected_end_at)
        .bind(new.auto_extend)
        .bind(new.revision)
        .execute()
        .await?;
    Ok(())
}

/// Ends an active grant; `false` when it is active no longer.
///
/// # Errors
/// The database is away.
pub async fn end(
    tx: &mut Tx,
    id: GrantId,
    state: GrantState,
    now: Timestamp,
) -> Result<bool, Error> {
    let ended = tx.query(END_GRANT).bind(id).bind(state).bind(now);
    Ok(ended.execute().await? == 1)
}

/// Moves the end of an active grant, as that revision of its relationship sets it.
///
/// # Errors
/// The database is away.
pub async fn move_end(tx: &mut Tx, moved: &Grant) -> Result<(), Error> {
    tx.query(MOVE_END)
        .bind(moved.id)
        .bind(moved.expected_end_at)
        .bind(moved.activated_at)
        .bind(moved.revision)
        .execute()
        .await?;
    Ok(())
}

/// Says whether a grant extends itself.
///
/// # Errors
/// The database is away.
pub async fn set_auto_extend(tx: &mut Tx, id: GrantId, auto_extend: bool) -> Result<(), Error> {
    tx.query(KEEP_END)
        .bind(id)
        .bind(auto_extend)
        .execute()
        .await?;
    Ok(())
}

/// The active grants of these relationships, by role.
///
/// # Errors
/// The database is away.
pub async fn active_of(
    conn: &mut Conn,
    relationships: impl IntoIterator<Item = RelationshipId>,
) -> Result<Vec<Grant>, Error> {
    conn.query(ACTIVE_GRANTS)
        .bind(sets::ids(
            relationships.into_iter().map(RelationshipId::uuid),
        ))
        .all()
        .await
}

/// The roles that an acceptance granted, active or not, by role.
///
/// # Errors
/// The database is away.
pub async fn of_acceptance(conn: &mut Conn, acceptance: AcceptanceId) -> Result<Vec<Grant>, Error> {
    conn.query(GRANTS_OF_ACCEPTANCE)
        .bind(acceptance)
        .all()
        .await
}

/// The grant of that id, if it is to that partner.
///
/// # Errors
/// The database is away.
pub async fn find_of(
    conn: &mut Conn,
    partner: PartnerId,
    id: GrantId,
) -> Result<Option<Grant>, Error> {
    conn.query(FIND_OF).bind(partner).bind(id).optional().await
}
