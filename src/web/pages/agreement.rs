//! The agreement itself: the stored text, and the same bytes as a file against which its SHA-256 can be checked.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};

use super::link::{follow, invalid};
use super::{Here, Linked, facts, unavailable};
use crate::domain::evidence::Evidence;
use crate::domain::ids::AgreementId;
use crate::domain::token::Purpose;
use crate::storage::{self, agreement};
use crate::web::Site;
use crate::web::views::{self, AgreementText, FailureKind, Page};
use crate::workflow::link::{Opened, current_agreement};
use crate::workflow::stored;

pub(in crate::web) async fn of_invitation(
    State(site): Here,
    headers: HeaderMap,
    Linked { token, id }: Linked,
) -> Response {
    show(&site, &headers, Purpose::Accept, "/a", &token, &id).await
}

pub(in crate::web) async fn of_receipt(
    State(site): Here,
    headers: HeaderMap,
    Linked { token, id }: Linked,
) -> Response {
    show(&site, &headers, Purpose::Receipt, "/receipt", &token, &id).await
}

pub(in crate::web) async fn text_of_invitation(
    State(site): Here,
    headers: HeaderMap,
    Linked { token, id }: Linked,
) -> Response {
    file(&site, &headers, Purpose::Accept, &token, &id).await
}

pub(in crate::web) async fn text_of_receipt(
    State(site): Here,
    headers: HeaderMap,
    Linked { token, id }: Linked,
) -> Response {
    file(&site, &headers, Purpose::Receipt, &token, &id).await
}

async fn show(
    site: &Arc<Site>,
    headers: &HeaderMap,
    purpose: Purpose,
    prefix: &str,
    token: &str,
    id: &str,
) -> Response {
    let (page, found) = match find(site, headers, purpose, token, id).await {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    views::render(&AgreementText {
        agreement: views::Agreement {
            id: found.id.to_string(),
            title: found.title,
            version: found.version,
            language: found.language.to_string(),
            sha256: data_encoding::HEXLOWER.encode(&found.sha256),
            microsoft: None,
        },
        text: found.body,
        back: format!("{prefix}/{token}"),
        file: Some(format!("{prefix}/{token}/agreement/{id}/text")),
        page,
    })
}

async fn file(
    site: &Arc<Site>,
    headers: &HeaderMap,
    purpose: Purpose,
    token: &str,
    id: &str,
) -> Response {
    match find(site, headers, purpose, token, id).await {
        Ok((_, found)) => {
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
        Err(answer) => *answer,
    }
}

/// The text that this link may show: the one that is asked for now, or the one that was consented to.
async fn find(
    site: &Arc<Site>,
    headers: &HeaderMap,
    purpose: Purpose,
    token: &str,
    id: &str,
) -> Result<(Page, agreement::Agreement), Box<Response>> {
    let followed = follow(site, headers, token, purpose).await?;
    let Ok(id) = id.parse::<AgreementId>() else {
        return Err(Box::new(site.failure(headers, FailureKind::NotFound)));
    };
    match allowed(site, &followed.opened, id).await {
        Ok(Some(found)) => Ok((
            facts::page(&followed.opened.dossier, &followed.opened.partner),
            found,
        )),
        Ok(None) => Err(Box::new(invalid(site, headers))),
        Err(error) => Err(Box::new(unavailable(site, headers, &error))),
    }
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
