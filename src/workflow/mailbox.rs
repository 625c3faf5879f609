//! Whether a mailbox may be written to: not where its owner wants no mail, nor at the partner's own domain.

use super::{Engine, domain_of};
use crate::domain::address::EmailAddress;
use crate::domain::draft::FieldError;
use crate::storage::partner::Partner;
use crate::storage::{self, Tx, suppression};

/// Why a mailbox is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailboxRefusal {
    /// It is at the partner's own domain.
    OwnDomain,
    /// It takes no mail from here, for that reason.
    Suppressed(String),
}

impl From<MailboxRefusal> for FieldError {
    fn from(refusal: MailboxRefusal) -> Self {
        let message = match refusal {
            MailboxRefusal::OwnDomain => {
                "the recipient is at the partner's own domain, and a partner cannot consent for its customer; \
                 force it only where the customer really has its mail there (the record will say so)"
                    .to_owned()
            }
            MailboxRefusal::Suppressed(reason) => format!(
                "this address takes no mail from here ({reason}); ask the customer for another one"
            ),
        };
        Self {
            field: "email",
            message,
        }
    }
}

/// Whether a mailbox may be asked on behalf of that partner; the inner error is for whoever named it.
///
/// # Errors
/// The database is away.
pub(super) async fn check(
    tx: &mut Tx,
    engine: &Engine,
    partner: &Partner,
    email: &EmailAddress,
    force: bool,
) -> Result<Result<(), MailboxRefusal>, storage::Error> {
    if !force && domain_of(&partner.email) == email.domain() {
        return Ok(Err(MailboxRefusal::OwnDomain));
    }
    let suppressed = suppressed(tx, engine, email).await?;
    Ok(suppressed.map_or(Ok(()), |reason| Err(MailboxRefusal::Suppressed(reason))))
}

/// Why a mailbox takes no mail from here, if it takes none.
///
/// # Errors
/// The database is away.
pub(super) async fn suppressed(
    tx: &mut Tx,
    engine: &Engine,
    email: &EmailAddress,
) -> Result<Option<String>, storage::Error> {
    let known = suppression::find(tx, &engine.keys.mailbox(email.as_str())).await?;
    Ok(known.map(|known| known.reason))
}
