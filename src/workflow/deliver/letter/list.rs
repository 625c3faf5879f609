//! The link to all partners of a mailbox.

use super::{Broken, Draft, host};
use crate::domain::notice::MANAGE_LINK_LASTS;
use crate::domain::time::Timestamp;
use crate::outbound::mails::{self, Mail, Reader};
use crate::storage::contact::Contact;
use crate::storage::partner::Partner;
use crate::workflow::facts::readable;
use crate::workflow::{Engine, zone};

/// Its mail: sent by the service, on no partner's behalf.
pub(super) fn draft(
    engine: &Engine,
    contact: &Contact,
    partners: usize,
    partner: &Partner,
    dated_at: Timestamp,
) -> Result<Draft, Broken> {
    let language = contact.language.as_ref().unwrap_or(&partner.language);
    let settings = &engine.settings;
    let until = dated_at.plus_micros(MANAGE_LINK_LASTS);
    let host = host(&settings.public_url);
    Ok(Draft {
        key: engine.tokens.current_key(),
        from_name: host.to_owned(),
        to_name: None,
        to_address: contact.smtp_address.clone(),
        language: language.clone(),
        list_unsubscribe: None,
        mail: Mail::ManageLink(mails::ManageLink {
            reader: Reader {
                language: language.clone(),
                zone: zone(contact.time_zone.as_ref().unwrap_or(&partner.time_zone)),
            },
            address: readable(&contact.smtp_address),
            host: host.to_owned(),
            list_url: engine.list_url(contact.id, until)?,
            until,
            partners,
        }),
    })
}
