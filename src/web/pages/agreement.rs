//! The agreement itself: the stored text, and the same bytes as a file against which its SHA-256 can be checked.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::guest::{Answer, Guest, Instead};
use super::{Linked, facts};
use crate::domain::evidence::Evidence;
use crate::domain::ids::AgreementId;
use crate::domain::link_path;
use crate::domain::token::Purpose;
use crate::storage::{self, agreement};
use crate::web::Site;
use crate::web::views::{self, AgreementText, FailureKind, Page};
use crate::workflow::link::{Opened, current_agreement};
use crate::workflow::stored;

pub(in crate::web) async fn of_invitation(guest: Guest, linked: Linked) -> Answer {
    let found = find(&guest, Purpose::Accept, &linked).await?;
    Ok(show(link_path::accept(&linked.token), found))
}

pub(in crate::web) async fn of_receipt(guest: Guest, linked: Linked) -> Answer {
    let found = find(&guest, Purpose::Receipt, &linked).await?;
    Ok(show(link_path::receipt(&linked.token), found))
}

pub(in crate::web) async fn of_view(guest: Guest, linked: Linked) -> Answer {
    let found = find(&guest, Purpose::View, &linked).await?;
    Ok(show(link_path::view(&linked.token), found))
}

pub(in crate::web) async fn text_of_view(guest: Guest, linked: Linked) -> Answer {
    find(&guest, Purpose::View, &linked).await.map(file)
}

pub(in crate::web) async fn text_of_invitation(guest: Guest, linked: Linked) -> Answer {
    find(&guest, Purpose::Accept, &linked).await.map(file)
}

pub(in crate::web) async fn text_of_receipt(guest: Guest, linked: Linked) -> Answer {
    find(&guest, Purpose::Receipt, &linked).await.map(file)
}

/// A text, with the frame of the page that it is shown in.
type Found = (Page, agreement::Agreement);

fn show(back: String, (page, found): Found) -> Response {
    views::render(&AgreementText {
        file: Some(link_path::agreement_text(&back, found.id)),
        agreement: facts::agreement(&found, None),
        text: found.body,
        back,
        page,
    })
}

fn file((_, found): Found) -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"agreement.txt\""),
        ),
    ];
    (headers, found.body).into_response()
}

/// The text that this link may show: the one that is asked for now, or the one that was consented to.
async fn find(guest: &Guest, purpose: Purpose, linked: &Linked) -> Result<Found, Instead> {
    let followed = guest.follow(&linked.token, purpose).await?;
    let id = linked.id.parse::<AgreementId>();
    let id = id.map_err(|_| guest.failure(FailureKind::NotFound))?;
    let opened = &followed.opened;
    let found = guest.or_later(allowed(&guest.site, opened, id).await)?;
    let found = found.ok_or_else(|| guest.invalid())?;
    Ok((facts::page(&opened.dossier, &opened.partner), found))
}

async fn allowed(
    site: &Site,
    opened: &Opened,
    id: AgreementId,
) -> Result<Option<agreement::Agreement>, storage::Error> {
    let mut conn = site.engine.db.read().await?;
    if let Some(record) = &opened.dossier.evidence {
        let evidence: Evidence = stored(record)?;
        if evidence.agreement.is_some_and(|text| text.id == id) {
            return agreement::find(&mut conn, id).await;
        }
        return Ok(None);
    }
    let current = current_agreement(&mut conn, &opened.dossier, site.engine.clock.now()).await?;
    Ok(current.filter(|current| current.id == id))
}
