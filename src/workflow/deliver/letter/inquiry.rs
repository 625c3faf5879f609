//! Letters about an inquiry: to the mailbox that is to confirm it, and to each partner. The service sends both, in nobody's
//! name: neither the name that somebody typed nor a partner's stands in From or To.

use super::{Broken, Draft, host};
use crate::outbound::mails::{self, Asks, Mail, Reader, Told};
use crate::storage::contact::Contact;
use crate::storage::inquiry::Inquiry;
use crate::storage::partner::Partner;
use crate::workflow::deliver::inquiry::{Asked, Requested};
use crate::workflow::facts::readable;
use crate::workflow::{Engine, stored, zone};

pub(super) fn confirm_draft(engine: &Engine, asked: &Asked) -> Result<Draft, Broken> {
    let row = &asked.inquiry;
    let host = host(&engine.settings.public_url);
    Ok(Draft {
        key: tag_key(row.key_id),
        from_name: host.to_owned(),
        to_name: None,
        to_address: asked.contact.smtp_address.clone(),
        language: row.language.clone(),
        list_unsubscribe: None,
        mail: Mail::InquiryConfirm(mails::InquiryConfirm {
            reader: Reader {
                language: row.language.clone(),
                zone: zone(&row.time_zone),
            },
            host: host.to_owned(),
            asks: asks(row, &asked.contact)?,
            partners: asked.partners.iter().map(Told::from).collect(),
            confirm_url: engine.inquiry_url(row)?,
            until: row.links_expire_at,
        }),
    })
}

pub(super) fn request_draft(
    engine: &Engine,
    asked: &Requested,
    partner: &Partner,
) -> Result<Draft, Broken> {
    let row = &asked.request;
    let host = host(&engine.settings.public_url);
    Ok(Draft {
        key: tag_key(row.key_id),
        from_name: host.to_owned(),
        to_name: None,
        to_address: partner.email.clone(),
        language: partner.language.clone(),
        list_unsubscribe: None,
        mail: Mail::Inquiry(mails::Inquiry {
            reader: Reader {
                language: partner.language.clone(),
                zone: zone(&partner.time_zone),
            },
            host: host.to_owned(),
            partner: (&partner.name).into(),
            asks: asks(&asked.inquiry, &asked.contact)?,
            asked_at: row.sent_at.ok_or(Broken::Missing)?,
            respond_url: engine.respond_url(row)?,
            until: row.links_expire_at,
        }),
    })
}

/// The key of the row's link serves the tags of its mail, too: a retry after a rotation is the same mail.
fn tag_key(key_id: i64) -> u16 {
    u16::try_from(key_id).unwrap_or(0)
}

fn asks(row: &Inquiry, contact: &Contact) -> Result<Asks, Broken> {
    Ok(Asks {
        organization: (&row.organization).into(),
        size: row.size.parse().ok(),
        name: (&row.name).into(),
        email: readable(&contact.smtp_address),
        phone: row.phone.as_ref().map(Told::from),
        needs: stored(&row.needs)?,
        text: row.body.as_ref().map(Told::from),
    })
}
