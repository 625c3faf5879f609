//! What a business asks of partners, as far as mails tell of it.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::About;
use crate::domain::ids::{ContactId, InquiryId, PartnerId, RequestId};
use crate::domain::inquiry::InquiryState;
use crate::domain::notice::{InquirySituation, Subject};
use crate::storage::contact::Contact;
use crate::storage::inquiry::{Inquiry, Request};
use crate::storage::queue::Claimed;
use crate::storage::{self, Conn, contact, inquiry, partner};

/// An inquiry that waits for its mailbox.
pub(super) struct Asked {
    pub(super) inquiry: Inquiry,
    pub(super) contact: Contact,
    /// Names of those whom it is to go to, in the order of the choice.
    pub(super) partners: Vec<String>,
}

/// An inquiry that a partner is to answer.
pub(super) struct Requested {
    pub(super) request: Request,
    pub(super) inquiry: Inquiry,
    pub(super) contact: Contact,
}

/// What the mails of a batch tell of inquiries, by their subject; one statement a kind of row, none where no mail is about one.
///
/// # Errors
/// The database is away.
pub(super) async fn inquiries(
    conn: &mut Conn,
    batch: &[Claimed],
) -> Result<HashMap<Uuid, About>, storage::Error> {
    let asked: Vec<InquiryId> = subjects(batch, Subject::Inquiry);
    let requested: Vec<RequestId> = subjects(batch, Subject::Request);
    let mut abouts = HashMap::new();
    if asked.is_empty() && requested.is_empty() {
        return Ok(abouts);
    }
    let requests = match &*requested {
        [] => Vec::new(),
        some => inquiry::find_requests(conn, some.iter().copied()).await?,
    };
    let of_requests = requests.iter().map(|request| request.inquiry_id);
    let ids = asked.iter().copied().chain(of_requests);
    let inquiries: HashMap<InquiryId, Inquiry> = (inquiry::find_many(conn, ids).await?)
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let ids = inquiries.values().map(|row| row.contact_id);
    let contacts: HashMap<ContactId, Contact> = (contact::find_many(conn, ids).await?)
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let known = |id: &InquiryId| {
        let inquiry = inquiries.get(id)?;
        Some((inquiry.clone(), contacts.get(&inquiry.contact_id)?.clone()))
    };
    let mut chosen = match &*asked {
        [] => HashMap::new(),
        some => names(conn, some).await?,
    };
    for id in asked {
        if let Some((inquiry, contact)) = known(&id) {
            let asked = Asked {
                inquiry,
                contact,
                partners: chosen.remove(&id).unwrap_or_default(),
            };
            abouts.insert(id.uuid(), About::Inquiry(Arc::new(asked)));
        }
    }
    for request in requests {
        if let Some((inquiry, contact)) = known(&request.inquiry_id) {
            let id = request.id.uuid();
            let requested = Requested {
                request,
                inquiry,
                contact,
            };
            abouts.insert(id, About::Request(Arc::new(requested)));
        }
    }
    Ok(abouts)
}

fn subjects<T: From<Uuid>>(batch: &[Claimed], of: Subject) -> Vec<T> {
    let meant = batch.iter().filter(|it| it.kind.subject() == of);
    meant.map(|it| it.subject_id.into()).collect()
}

/// The names of those whom inquiries are to go to, in the order of the choice.
async fn names(
    conn: &mut Conn,
    inquiries: &[InquiryId],
) -> Result<HashMap<InquiryId, Vec<String>>, storage::Error> {
    let chosen = inquiry::requests_of(conn, inquiries.iter().copied()).await?;
    let partners = chosen.iter().map(|request| request.partner_id);
    let partners: HashMap<PartnerId, String> = (partner::find_many(conn, partners).await?)
        .into_iter()
        .map(|partner| (partner.id, partner.name))
        .collect();
    let mut names: HashMap<_, Vec<_>> = HashMap::new();
    for request in chosen {
        if let Some(name) = partners.get(&request.partner_id) {
            let of_one = names.entry(request.inquiry_id).or_default();
            of_one.push(name.clone());
        }
    }
    Ok(names)
}

/// How that which a mail is about stands, if it is an inquiry.
pub(super) fn situation(about: &About) -> Option<InquirySituation> {
    match about {
        About::Inquiry(asked) => Some(InquirySituation {
            is_open: asked.inquiry.state == InquiryState::Unconfirmed,
            link_until: asked.inquiry.links_expire_at,
        }),
        About::Request(asked) => Some(InquirySituation {
            is_open: asked.request.sent_at.is_some() && asked.request.answered_at.is_none(),
            link_until: asked.request.links_expire_at,
        }),
        About::Invitation(_) | About::Contact(..) | About::Endpoint(_) => None,
    }
}
