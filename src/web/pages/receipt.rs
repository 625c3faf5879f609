//! The receipt: what was recorded, the steps on Microsoft's side, and the partners that this mailbox authorized.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use serde::Deserialize;

use super::link::{self, follow, record_visit};
use super::{Here, Linked, bad_form, facts, unavailable};
use crate::domain::evidence::{Evidence, commitment};
use crate::domain::invitation::StateName;
use crate::domain::microsoft::{Step, StepState};
use crate::domain::token::Purpose;
use crate::storage::{self, acceptance, partner, relationship, step as steps};
use crate::web::views::{self, Authorized, FailureKind, Receipt, Record, Said};
use crate::web::{Client, Site};
use crate::workflow::deliver::{signer_name, step_with_link};
use crate::workflow::link::{LinkRow, Opened, Standing};
use crate::workflow::steps::done_by_customer;
use crate::workflow::stored;

/// GET: shows the receipt.
pub(in crate::web) async fn show(
    State(site): Here,
    Extension(client): Extension<Client>,
    method: Method,
    headers: HeaderMap,
    Linked { token, .. }: Linked,
) -> Response {
    let followed = match follow(&site, &headers, &token, Purpose::Receipt).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    record_visit(&site, &followed, client, &method, &headers);
    answer(&site, &headers, &followed.opened, None).await
}

#[derive(Deserialize)]
pub(in crate::web) struct StepForm {
    token: String,
    step: String,
    /// The box above the button. A mail scanner that opens the receipt in a browser of its own has the token, and some press
    /// the buttons that they find; none ticks a box that says what somebody has done. What is marked here goes on record as
    /// the customer's word.
    done: Option<String>,
}

/// POST: the customer says that a step on Microsoft's side is done.
pub(in crate::web) async fn step(
    State(site): Here,
    headers: HeaderMap,
    posted: Result<Form<StepForm>, FormRejection>,
) -> Response {
    let Form(posted) = match posted {
        Ok(posted) => posted,
        Err(rejection) => return bad_form(&site, &headers, &rejection),
    };
    let followed = match follow(&site, &headers, &posted.token, Purpose::Receipt).await {
        Ok(followed) => followed,
        Err(answer) => return *answer,
    };
    let Ok(step) = posted.step.parse::<Step>() else {
        return site.failure(&headers, FailureKind::BadRequest);
    };
    if posted.done.as_deref() != Some("yes") {
        return site.failure(&headers, FailureKind::BadRequest);
    }
    if let Err(wait) = site.limits.change(followed.claims.subject) {
        return site.failure(&headers, FailureKind::TooMany(wait.retry_after));
    }
    let opened = &followed.opened;
    if opened.standing != Standing::Current {
        return answer(&site, &headers, opened, None).await;
    }
    match done_by_customer(&site.engine, followed.claims, step).await {
        Ok(done) => answer(&site, &headers, opened, done.then_some(step)).await,
        Err(error) => unavailable(&site, &headers, &error),
    }
}

/// The receipt of an accepted invitation, or the page of a link that no longer works.
pub(super) async fn answer(
    site: &Arc<Site>,
    headers: &HeaderMap,
    opened: &Opened,
    marked: Option<Step>,
) -> Response {
    let page = facts::page(&opened.dossier, &opened.partner);
    if opened.dossier.state != StateName::Accepted || opened.standing != Standing::Current {
        let replaced = opened.standing == Standing::Replaced;
        return link::dead(site, page, "", opened, replaced);
    }
    match view(site, opened, page, marked).await {
        Ok(receipt) => views::render(&receipt),
        Err(error) => unavailable(site, headers, &error),
    }
}

async fn view(
    site: &Site,
    opened: &Opened,
    page: views::Page,
    marked: Option<Step>,
) -> Result<Receipt, storage::Error> {
    let dossier = &opened.dossier;
    let missing = || storage::Error::Refused("no acceptance row".to_owned());
    let key = |error: crate::domain::token::UnknownKey| storage::Error::Refused(error.to_string());
    let row = LinkRow::from(dossier);
    let token = site.engine.token(row, Purpose::Receipt).map_err(key)?;
    let mut conn = site.engine.db.read().await?;
    let stored_record = acceptance::of_invitation(&mut conn, dossier.id)
        .await?
        .ok_or_else(missing)?;
    let evidence: Evidence = stored(&stored_record.canonical)?;
    let known = steps::of_invitations(&mut conn, [dossier.id]).await?;
    let links = facts::links(dossier)?;
    let partners = authorized(&mut conn, dossier.contact_id).await?;
    drop(conn);
    let microsoft = links.mca.map(|link| link.to_string());
    let agreement = evidence.agreement.as_ref();
    let record = Record {
        id: stored_record.id.to_string(),
        at: evidence.at,
        signer: signer_name(&evidence, page.t.language()),
        email: facts::readable(&evidence.signer.email),
        phone: evidence.signer.phone.clone(),
        organization: evidence.organization.name.clone(),
        terms: facts::agreed(&evidence, microsoft),
        agreement_url: agreement.map(|text| format!("/receipt/{token}/agreement/{}", text.id)),
        sentences: agreement
            .map(|text| text.sentence.clone())
            .into_iter()
            .chain([evidence.signer.authority.clone()])
            .collect(),
        sha256: data_encoding::HEXLOWER
            .encode(&commitment(&stored_record.salt, &stored_record.canonical)),
    };
    let mut steps: Vec<_> = known
        .iter()
        .filter(|known| known.step != Step::RolesRemoved)
        .map(|known| views::Step {
            kind: known.step,
            link: step_with_link(known.step, &links).url,
            said: match known.state {
                StepState::Unknown => Said::Nothing,
                StepState::SaidByCustomer => Said::ByCustomer(known.changed_at),
                StepState::SaidByPartner => Said::ByPartner(known.changed_at),
                StepState::Confirmed => Said::Confirmed(known.changed_at),
            },
        })
        .collect();
    steps.sort_by_key(|step| step.kind);
    Ok(Receipt {
        partner: facts::card(&opened.partner),
        token,
        record,
        steps,
        marked,
        partners,
        page,
    })
}

/// The partners that a mailbox authorized and that are still authorized, each with what was agreed last.
async fn authorized(
    conn: &mut storage::Conn,
    contact: crate::domain::ids::ContactId,
) -> Result<Vec<Authorized>, storage::Error> {
    let active = relationship::active_of_contact(conn, contact).await?;
    let cards = partner::find_many(conn, active.iter().map(|row| row.partner_id)).await?;
    let mut seen = HashSet::new();
    let mut list = Vec::new();
    for record in acceptance::of_contact(conn, contact).await? {
        let evidence: Evidence = stored(&record.canonical)?;
        let Some(kind) = evidence.offer.relationship() else {
            continue;
        };
        let row = active.iter().find(|row| {
            row.partner_id == evidence.partner.id
                && row.organization_id == evidence.organization.id
                && row.partner_type == kind
        });
        let Some(row) = row else { continue };
        let Some(card) = cards.iter().find(|card| card.id == row.partner_id) else {
            continue;
        };
        if seen.insert(row.id) {
            list.push(Authorized {
                partner: facts::card(card),
                organization: row.organization_name.clone(),
                terms: facts::agreed(&evidence, None),
                since: row.since,
            });
        }
    }
    Ok(list)
}
