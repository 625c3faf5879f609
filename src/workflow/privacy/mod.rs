//! What is held of a person: told to them, erased when they ask for it, and deleted when its time is over.

mod erase;
mod evidence;
mod export;
mod retention;
mod words;

pub use erase::{Erasure, Wish, erase, rehearse};
pub use evidence::{Fate, Why};
pub use export::{Document, export};
pub use retention::{Due, due, sweep, sweep_daily};

use super::Engine;
use crate::domain::address::EmailAddress;
use crate::storage::privacy::Kept;
use crate::storage::{self, Conn, contact, privacy, suppression};

/// Why nothing was told or erased.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// Nothing is held of that address.
    #[error(
        "contact: nothing is held of this address; it is compared without regard to case, and a former address has to be \
         asked for by itself"
    )]
    NotFound,
    /// It was erased.
    #[error(
        "contact: this address was erased, and nothing but a keyed hash is held of it, so that it takes no mail from here; \
         `countersign privacy allow` ends that"
    )]
    Erased,
    /// The address is not left alone for that reason.
    #[error("contact: this address is not left alone because of an erasure: nothing was changed")]
    NotErased,
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// The name of the reason for which an erased mailbox takes no mail.
pub const ERASED: &str = "erased";

/// Lets an erased address be invited again: when its person asks for that.
///
/// # Errors
/// It was not erased, or the database is away.
pub async fn allow(engine: &Engine, address: &EmailAddress) -> Result<(), PrivacyError> {
    let mailbox = engine.keys.mailbox(address.as_str());
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let found = suppression::find(tx, &mailbox).await?;
                if found.is_none_or(|found| found.reason != ERASED) {
                    return Err(PrivacyError::NotErased);
                }
                suppression::delete(tx, &mailbox).await?;
                Ok(())
            })
        })
        .await
}

/// Evidence that is kept of an address although its person was erased.
async fn remains(conn: &mut Conn, address: &EmailAddress) -> Result<Vec<Kept>, storage::Error> {
    let mut kept = privacy::evidence_of_erased(conn).await?;
    kept.retain(|kept| evidence::signer_of(kept).is_some_and(|signer| signer.is(address)));
    Ok(kept)
}

/// Why nothing is held of an address.
async fn absent(
    engine: &Engine,
    conn: &mut Conn,
    address: &EmailAddress,
) -> Result<PrivacyError, storage::Error> {
    let mailbox = engine.keys.mailbox(address.as_str());
    let found = suppression::find(conn, &mailbox).await?;
    Ok(match found {
        Some(found) if found.address.is_none() => PrivacyError::Erased,
        _ => PrivacyError::NotFound,
    })
}

/// The contact of an address, however it is written.
async fn contact_of(
    conn: &mut Conn,
    address: &EmailAddress,
) -> Result<Option<contact::Contact>, storage::Error> {
    contact::find_by_address(conn, address.as_str()).await
}
