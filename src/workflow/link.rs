//! Links: made from a row and a key whenever a mail is written, and opened by whoever has them.
//!
//! The token proves only that we made it. The row decides: whether it is the current sending, whether it may still be
//! opened, what it shows.

use super::{Engine, zone};
use crate::domain::draft::MAX_EXPIRY_DAYS;
use crate::domain::ids::{AgreementId, ContactId, InvitationId, RecipientId};
use crate::domain::invitation::RecipientRole;
use crate::domain::link_path;
use crate::domain::time::Timestamp;
use crate::domain::token::{Claims, Purpose, UnknownKey};
use crate::storage::agreement::Agreement;
use crate::storage::contact::Contact;
use crate::storage::dossier::Dossier;
use crate::storage::invitation::Invitation;
use crate::storage::partner::Partner;
use crate::storage::recipient::{Part, Recipient};
use crate::storage::{self, Conn, Tx, agreement, contact, dossier, invitation, partner, recipient};

/// The row that links are made from.
#[derive(Clone, Copy, Debug)]
pub struct LinkRow {
    /// The recipient.
    pub recipient: RecipientId,
    /// The sending that is current.
    pub generation: u32,
    /// The key of its links.
    pub key: u16,
    /// Until when they are good.
    pub expire_at: Timestamp,
}

impl From<&Dossier> for LinkRow {
    fn from(dossier: &Dossier) -> Self {
        Self {
            recipient: dossier.recipient_id,
            generation: u32::try_from(dossier.generation).unwrap_or(u32::MAX),
            key: u16::try_from(dossier.key_id).unwrap_or(0),
            expire_at: dossier.links_expire_at,
        }
    }
}

impl From<&Part> for LinkRow {
    fn from(part: &Part) -> Self {
        Self {
            recipient: part.id,
            generation: u32::try_from(part.generation).unwrap_or(u32::MAX),
            key: u16::try_from(part.key_id).unwrap_or(0),
            expire_at: part.links_expire_at,
        }
    }
}

impl From<&Recipient> for LinkRow {
    fn from(recipient: &Recipient) -> Self {
        Self {
            recipient: recipient.id,
            generation: recipient.token_generation(),
            key: recipient.token_key(),
            expire_at: recipient.links_expire_at,
        }
    }
}

impl Engine {
    /// The token of a row for a purpose.
    ///
    /// # Errors
    /// The key that the row was made with is not in the ring.
    pub fn token(&self, row: LinkRow, purpose: Purpose) -> Result<String, UnknownKey> {
        let claims = Claims {
            purpose,
            key_id: row.key,
            subject: row.recipient.uuid(),
            generation: row.generation,
            expires_at: u64::try_from(row.expire_at.as_seconds()).unwrap_or(0),
        };
        Ok(self.tokens.mint(&claims)?.as_str().to_owned())
    }

    /// The address of the acceptance page.
    ///
    /// # Errors
    /// As [`Engine::token`].
    pub fn accept_url(&self, row: LinkRow) -> Result<String, UnknownKey> {
        Ok(format!(
            "{}{}",
            self.settings.public_url,
            link_path::accept(self.token(row, Purpose::Accept)?)
        ))
    }

    /// The address of the receipt.
    ///
    /// # Errors
    /// As [`Engine::token`].
    pub fn receipt_url(&self, row: LinkRow) -> Result<String, UnknownKey> {
        Ok(format!(
            "{}{}",
            self.settings.public_url,
            link_path::receipt(self.token(row, Purpose::Receipt)?)
        ))
    }

    /// The address of an agreement's text, as somebody with a receipt sees it.
    ///
    /// # Errors
    /// As [`Engine::token`].
    pub fn agreement_url(&self, row: LinkRow, id: AgreementId) -> Result<String, UnknownKey> {
        Ok(link_path::agreement(&self.receipt_url(row)?, id))
    }

    /// The address where a viewer reads what somebody else is asked.
    ///
    /// # Errors
    /// As [`Engine::token`].
    pub fn view_url(&self, row: LinkRow) -> Result<String, UnknownKey> {
        Ok(format!(
            "{}{}",
            self.settings.public_url,
            link_path::view(self.token(row, Purpose::View)?)
        ))
    }

    /// The address where one relationship is seen and reduced.
    ///
    /// # Errors
    /// As [`Engine::token`].
    pub fn manage_url(&self, row: LinkRow) -> Result<String, UnknownKey> {
        Ok(format!(
            "{}{}",
            self.settings.public_url,
            link_path::manage(self.token(row, Purpose::Manage)?)
        ))
    }

    /// The address of the list of all partners of a mailbox, good until `expire_at`.
    ///
    /// # Errors
    /// The ring holds no key.
    pub fn list_url(&self, contact: ContactId, expire_at: Timestamp) -> Result<String, UnknownKey> {
        // No row keeps the key of a link that lives for minutes: a rotation between two tries makes another link, which is good.
        let claims = Claims {
            purpose: Purpose::List,
            key_id: self.tokens.current_key(),
            subject: contact.uuid(),
            generation: 0,
            expires_at: u64::try_from(expire_at.as_seconds()).unwrap_or(0),
        };
        let token = self.tokens.mint(&claims)?;
        Ok(format!(
            "{}{}",
            self.settings.public_url,
            link_path::list(token)
        ))
    }

    /// The address that stops the reminders, by a page or in one click (RFC 8058).
    ///
    /// # Errors
    /// As [`Engine::token`].
    pub fn stop_url(&self, row: LinkRow) -> Result<String, UnknownKey> {
        Ok(format!(
            "{}{}",
            self.settings.public_url,
            link_path::stop(self.token(row, Purpose::StopReminders)?)
        ))
    }
}

/// What a link leads to.
#[derive(Clone)]
pub struct Opened {
    /// The invitation with those who take part.
    pub dossier: Dossier,
    /// Who asks.
    pub partner: Partner,
    /// What may be done with it.
    pub standing: Standing,
}

/// What may be done with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All that it is for.
    Current,
    /// The invitation was sent again: a newer link works.
    Replaced,
    /// Somebody else is asked now, or the address was corrected.
    HandedOver,
    /// Its time is over.
    Expired,
}

/// Follows a genuine link; `None` when nothing is behind it.
///
/// # Errors
/// The database is away.
pub async fn open(engine: &Engine, claims: &Claims) -> Result<Option<Opened>, storage::Error> {
    let mut conn = engine.db.read().await?;
    let Some(recipient) = recipient::find(&mut conn, claims.subject.into()).await? else {
        return Ok(None);
    };
    let Some(dossier) = dossier::of_invitation(&mut conn, recipient.invitation_id).await? else {
        return Ok(None);
    };
    let Some(partner) = partner::find(&mut conn, dossier.partner_id).await? else {
        return Ok(None);
    };
    let standing = standing(claims, &recipient, engine.clock.now());
    Ok(Some(Opened {
        dossier,
        partner,
        standing,
    }))
}

fn standing(claims: &Claims, recipient: &Recipient, now: Timestamp) -> Standing {
    let part = match claims.purpose {
        Purpose::View => RecipientRole::Viewer,
        _ => RecipientRole::Signer,
    };
    if recipient.role == RecipientRole::Former {
        Standing::HandedOver
    } else if claims.generation != recipient.token_generation() || recipient.role != part {
        Standing::Replaced
    } else if recipient.links_expire_at <= now {
        Standing::Expired
    } else {
        Standing::Current
    }
}

/// The text that an invitation in that language would be accepted under now.
///
/// # Errors
/// The database is away.
pub async fn current_agreement(
    conn: &mut Conn,
    dossier: &Dossier,
    now: Timestamp,
) -> Result<Option<Agreement>, storage::Error> {
    agreement::current(conn, super::invite::AGREEMENT, &dossier.language, now).await
}

/// What a customer's step works on, with the right to decide about it.
pub(super) struct Held {
    pub(super) invitation: Invitation,
    pub(super) recipient: Recipient,
    pub(super) contact: Contact,
    pub(super) partner: Partner,
    pub(super) standing: Standing,
}

impl Held {
    /// Until when the invitation waits if `wanted` is asked for: no less than now, and no longer after it was made than the
    /// longest may.
    pub(super) fn extended_to(&self, wanted: Timestamp) -> Timestamp {
        let longest = jiff::Span::new().days(i64::from(MAX_EXPIRY_DAYS));
        let zone = zone(&self.invitation.time_zone);
        let latest = self.invitation.created_at.plus(longest, &zone);
        self.invitation.expires_at.max(wanted.min(latest))
    }
}

/// Follows a genuine link inside a transaction, and locks the invitation.
pub(super) async fn hold(
    tx: &mut Tx,
    claims: &Claims,
    now: Timestamp,
) -> Result<Option<Held>, storage::Error> {
    let Some(found) = recipient::find(tx, claims.subject.into()).await? else {
        return Ok(None);
    };
    let Some(invitation) = invitation::lock(tx, found.invitation_id).await? else {
        return Ok(None);
    };
    // Read again under the lock: a resend may have raised the generation meanwhile.
    let Some(recipient) = recipient::find(tx, found.id).await? else {
        return Ok(None);
    };
    let Some(contact) = contact::find(tx, recipient.contact_id).await? else {
        return Ok(None);
    };
    let Some(partner) = partner::find(tx, invitation.partner_id).await? else {
        return Ok(None);
    };
    let standing = standing(claims, &recipient, now);
    Ok(Some(Held {
        invitation,
        recipient,
        contact,
        partner,
        standing,
    }))
}

/// The same for a partner's step, by the invitation's id.
pub(super) async fn hold_invitation(
    tx: &mut Tx,
    id: InvitationId,
) -> Result<Option<Held>, storage::Error> {
    let Some(invitation) = invitation::lock(tx, id).await? else {
        return Ok(None);
    };
    let Some(recipient) = recipient::signer(tx, id).await? else {
        return Ok(None);
    };
    let Some(contact) = contact::find(tx, recipient.contact_id).await? else {
        return Ok(None);
    };
    let Some(partner) = partner::find(tx, invitation.partner_id).await? else {
        return Ok(None);
    };
    Ok(Some(Held {
        invitation,
        recipient,
        contact,
        partner,
        standing: Standing::Current,
    }))
}
