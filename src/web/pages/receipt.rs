//! The receipt: what was recorded, the steps on Microsoft's side, and the partners that this mailbox authorized.

use serde::Deserialize;

use super::guest::{Answer, Guest, Instead, Sent};
use super::{Linked, facts, link, manage};
use crate::domain::evidence::{Evidence, commitment};
use crate::domain::ids::{ContactId, RelationshipId};
use crate::domain::invitation::StateName;
use crate::domain::link_path;
use crate::domain::microsoft::Step;
use crate::domain::token::Purpose;
use crate::storage::{self, acceptance, grant, partner, relationship, step as steps};
use crate::web::Site;
use crate::web::views::{self, Authorized, FailureKind, Receipt, Record};
use crate::workflow::facts::{links, readable, signer_name};
use crate::workflow::link::{LinkRow, Opened, Standing};
use crate::workflow::steps::done_by_customer;
use crate::workflow::stored;

/// GET: shows the receipt.
pub(in crate::web) async fn show(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let followed = guest.visit(&token, Purpose::Receipt).await?;
    answer(&guest, &followed.opened, None).await
}

#[derive(Deserialize)]
pub(in crate::web) struct StepForm {
    pub(super) token: String,
    step: String,
    /// The box above the button. A mail scanner that opens the receipt in a browser of its own has the token, and some press
    /// the buttons that they find; none ticks a box that says what somebody has done. What is marked here goes on record as
    /// the customer's word.
    done: Option<String>,
}

impl StepForm {
    /// The step, if its box is ticked.
    pub(super) fn step(&self, guest: &Guest) -> Result<Step, Instead> {
        let bad = || guest.failure(FailureKind::BadRequest);
        let step = self.step.parse::<Step>().map_err(|_| bad())?;
        if self.done.as_deref() == Some("yes") {
            Ok(step)
        } else {
            Err(bad())
        }
    }
}

/// POST: the customer says that a step on Microsoft's side is done.
pub(in crate::web) async fn step(guest: Guest, sent: Sent<StepForm>) -> Answer {
    let form = guest.form(sent)?;
    if guest.purpose_of(&form.token) == Some(Purpose::Manage) {
        return manage::mark(&guest, &form).await;
    }
    let followed = guest
        .follow_to_change(&form.token, Purpose::Receipt)
        .await?;
    let step = form.step(&guest)?;
    let opened = &followed.opened;
    if opened.standing != Standing::Current {
        return answer(&guest, opened, None).await;
    }
    let done = done_by_customer(&guest.site.engine, followed.claims, step).await;
    let done = guest.or_later(done)?;
    answer(&guest, opened, done.then_some(step)).await
}

/// The receipt of an accepted invitation, or the page of a link that no longer works.
pub(super) async fn answer(guest: &Guest, opened: &Opened, marked: Option<Step>) -> Answer {
    let page = facts::page(&opened.dossier, &opened.partner);
    if opened.dossier.state != StateName::Accepted || opened.standing != Standing::Current {
        return Ok(link::dead(&guest.site, page, None, opened));
    }
    let receipt = view(&guest.site, opened, page, marked).await;
    Ok(views::render(&guest.or_later(receipt)?))
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
    let links = links(dossier)?;
    let manage = site.engine.token(row, Purpose::Manage).map_err(key)?;
    let own = (stored_record.relationship_id, link_path::manage(manage));
    let partners = authorized(&mut conn, dossier.contact_id, own).await?;
    drop(conn);
    let microsoft = links.mca.map(|link| link.to_string());
    let agreement = evidence.agreement.as_ref();
    let record = Record {
        id: stored_record.id.to_string(),
        at: evidence.at,
        signer: signer_name(&evidence, page.t.language()),
        email: readable(&evidence.signer.email),
        phone: evidence.signer.phone.clone(),
        organization: evidence.organization.name.clone(),
        terms: facts::agreed(&evidence, microsoft),
        agreement_url: agreement
            .map(|text| link_path::agreement(&link_path::receipt(&token), text.id)),
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
        .map(|known| facts::step(known, &links))
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

/// The partners that a mailbox authorized and that are still authorized, each with the roles that it has now. The relationship
/// of `own` leads to its details; for the others a link is asked for, since a link in a mail is for one relationship alone.
async fn authorized(
    conn: &mut storage::Conn,
    contact: ContactId,
    (own, details): (Option<RelationshipId>, String),
) -> Result<Vec<Authorized>, storage::Error> {
    let active = relationship::active_of_contact(conn, contact).await?;
    let cards = partner::find_many(conn, active.iter().map(|row| row.partner_id)).await?;
    let grants = grant::active_of(conn, active.iter().map(|row| row.id)).await?;
    let mut list = Vec::new();
    for row in active {
        let Some(card) = cards.iter().find(|card| card.id == row.partner_id) else {
            continue;
        };
        let of_row = grants
            .iter()
            .filter(|grant| grant.relationship_id == row.id);
        list.push(Authorized {
            partner: facts::card(card),
            kind: facts::listed_type(&row.partner_type)?,
            roles: of_row.filter_map(facts::held).collect(),
            organization: row.organization_name,
            since: row.since,
            details: if own == Some(row.id) {
                details.clone()
            } else {
                link_path::ASK.to_owned()
            },
        });
    }
    Ok(list)
}
