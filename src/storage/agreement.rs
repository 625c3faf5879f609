//! Agreements: stored texts, each with the hash of its exact bytes. A row never changes.

use super::db::{record, statements};
use super::{Conn, Error, Tx};
use crate::domain::ids::AgreementId;
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

macro_rules! columns {
    () => {
        "id, kind, version, language, title, body, sha256, is_sample, effective_at, created_at"
    };
}

statements! {
    INSERT = { concat!("INSERT INTO agreement (", columns!(), ")
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)") };
    BY_ID = { concat!("SELECT ", columns!(), " FROM agreement WHERE id = $1") };
    CURRENT = { concat!("SELECT ", columns!(), " FROM agreement WHERE kind = $1 AND language = $2 AND effective_at <= $3
        ORDER BY effective_at DESC, id DESC LIMIT 1") };
    LANGUAGES = { "SELECT DISTINCT language FROM agreement WHERE kind = $1 AND effective_at <= $2" };
    /// Newest first, without the texts.
    PAGE = { "SELECT id, kind, version, language, title, '' AS body, sha256, is_sample, effective_at, created_at
        FROM agreement WHERE id < $1 ORDER BY id DESC LIMIT $2" };
    ALL = { concat!("SELECT ", columns!(), " FROM agreement ORDER BY kind, language, effective_at, id") };
}

record! {
    /// One version of an agreement in one language.
    #[derive(Clone, Debug)]
    pub struct Agreement {
        /// The row.
        pub id: AgreementId,
        /// Which agreement: `mca`.
        pub kind: String,
        /// Its version, as its publisher names it.
        pub version: String,
        /// Its language.
        pub language: Language,
        /// Its title.
        pub title: String,
        /// The exact text that is shown (UTF-8).
        pub body: String,
        /// SHA-256 of `body`: 32 bytes.
        pub sha256: Vec<u8>,
        /// A text of our own that stands in for the real one.
        pub is_sample: bool,
        /// From when on it is the current one.
        pub effective_at: Timestamp,
        /// When it was stored.
        pub created_at: Timestamp,
    }
}

/// Stores a version.
///
/// # Errors
/// [`Error::Duplicate`] when that version in that language is there.
pub async fn insert(tx: &mut Tx, agreement: &Agreement) -> Result<(), Error> {
    tx.query(INSERT)
        .bind(agreement.id)
        .bind(&*agreement.kind)
        .bind(&*agreement.version)
        .bind(agreement.language.clone())
        .bind(&*agreement.title)
        .bind(&*agreement.body)
        .bind(&*agreement.sha256)
        .bind(agreement.is_sample)
        .bind(agreement.effective_at)
        .bind(agreement.created_at)
        .execute()
        .await?;
    Ok(())
}

/// The version with this id.
///
/// # Errors
/// The database is away.
pub async fn find(conn: &mut Conn, id: AgreementId) -> Result<Option<Agreement>, Error> {
    conn.query(BY_ID).bind(id).optional().await
}

/// The version that is in force at `now` in that language.
///
/// # Errors
/// The database is away.
pub async fn current(
    conn: &mut Conn,
    kind: &str,
    language: &Language,
    now: Timestamp,
) -> Result<Option<Agreement>, Error> {
    conn.query(CURRENT)
        .bind(kind)
        .bind(language.clone())
        .bind(now)
        .optional()
        .await
}

/// The languages in which a version is in force at `now`.
///
/// # Errors
/// The database is away.
pub async fn languages(
    conn: &mut Conn,
    kind: &str,
    now: Timestamp,
) -> Result<Vec<Language>, Error> {
    let languages = conn.query(LANGUAGES).bind(kind).bind(now);
    languages.scalars().await
}

/// Versions that were stored before `before`, newest first, each with an empty text.
///
/// # Errors
/// The database is away.
pub async fn page(
    conn: &mut Conn,
    before: Option<AgreementId>,
    limit: i64,
) -> Result<Vec<Agreement>, Error> {
    let before = before.unwrap_or(uuid::Uuid::max().into());
    conn.query(PAGE).bind(before).bind(limit).all().await
}

/// All versions.
///
/// # Errors
/// The database is away.
pub async fn list(conn: &mut Conn) -> Result<Vec<Agreement>, Error> {
    conn.query(ALL).all().await
}
