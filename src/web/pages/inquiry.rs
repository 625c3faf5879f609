//! The two links of an inquiry: the mailbox that asks confirms it, and the partner who was asked answers it. GET shows, POST
//! changes, once.

use axum::response::Response;
use serde::Deserialize;

use super::guest::{Answer, Guest, Instead, Sent};
use super::{Linked, facts};
use crate::domain::inquiry::{InquiryState, proposed_type};
use crate::domain::profile::OrganizationSize;
use crate::domain::time::Timestamp;
use crate::domain::token::{Claims, Purpose};
use crate::locale::Texts;
use crate::storage::contact::Contact;
use crate::storage::inquiry::Inquiry;
use crate::web::views::{
    self, Asks, ConfirmInquiry, FailureKind, InquiryStanding, Page, RefusedAnswer, RequestStanding,
    Respond,
};
use crate::workflow::facts::readable;
use crate::workflow::inquiry::{self, Confirmed, Opened, OpenedRequest, RespondError};
use crate::workflow::zone;

fn asks(inquiry: &Inquiry, contact: &Contact, needs: &[crate::domain::inquiry::Need]) -> Asks {
    Asks {
        organization: inquiry.organization.clone(),
        size: inquiry.size.parse::<OrganizationSize>().ok(),
        name: inquiry.name.clone(),
        email: readable(&contact.smtp_address),
        phone: inquiry.phone.clone(),
        needs: needs.to_vec(),
        text: inquiry.body.clone(),
    }
}

/// GET: shows what goes to whom.
pub(in crate::web) async fn show(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let (_, opened) = follow(&guest, &token).await?;
    Ok(page(&guest, token, &opened, None))
}

async fn follow(guest: &Guest, token: &str) -> Result<(Claims, Opened), Instead> {
    let claims = guest.genuine(token, Purpose::Inquiry);
    let claims = claims.ok_or_else(|| guest.invalid())?;
    let opened = inquiry::open(&guest.site.engine, &claims).await;
    let opened = guest.or_later(opened)?;
    Ok((claims, opened.ok_or_else(|| guest.invalid())?))
}

fn page(guest: &Guest, token: String, opened: &Opened, later: Option<Timestamp>) -> Response {
    let row = &opened.inquiry;
    let now = guest.site.engine.clock.now();
    let standing = match (row.state, row.confirmed_at) {
        (InquiryState::Confirmed, at) => InquiryStanding::Sent(at.unwrap_or(row.created_at)),
        (InquiryState::Unconfirmed, _) if now >= row.links_expire_at => InquiryStanding::Over,
        (InquiryState::Unconfirmed, _) => match later {
            Some(until) => InquiryStanding::Later(until),
            None => InquiryStanding::Open(row.links_expire_at),
        },
    };
    views::render(&ConfirmInquiry {
        page: Page {
            t: Texts::of(&row.language),
            zone: zone(&row.time_zone),
            partner: None,
        },
        token,
        asks: asks(row, &opened.contact, &opened.needs),
        partners: opened
            .partners
            .iter()
            .map(|partner| partner.name.clone())
            .collect(),
        standing,
    })
}

#[derive(Deserialize)]
pub(in crate::web) struct Confirming {
    #[serde(default)]
    token: String,
    /// The box above the button: mail scanners press buttons, and tick no box that says what somebody wants.
    meant: Option<String>,
}

/// A form whose box is not ticked is none of a browser's: the box is required there.
fn meant(guest: &Guest, meant: Option<&String>) -> Result<(), Instead> {
    if meant.is_some_and(|value| value == "yes") {
        Ok(())
    } else {
        Err(guest.failure(FailureKind::BadRequest))
    }
}

/// POST: confirms, once. A second one shows that it was sent.
pub(in crate::web) async fn confirm(guest: Guest, sent: Sent<Confirming>) -> Answer {
    let form = guest.form(sent)?;
    let token = form.token;
    let (claims, opened) = follow(&guest, &token).await?;
    meant(&guest, form.meant.as_ref())?;
    guest.not_too_often(guest.site.limits.change(claims.subject))?;
    let confirmed = inquiry::confirm(&guest.site.engine, claims).await;
    let later =
        (guest.or_later(confirmed)? == Confirmed::Later).then_some(opened.inquiry.links_expire_at);
    let (_, opened) = follow(&guest, &token).await?;
    Ok(page(&guest, token, &opened, later))
}

/// GET: shows a partner what a business asks.
pub(in crate::web) async fn request(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let (_, opened) = follow_request(&guest, &token).await?;
    let proposed = proposed_type(&opened.needs);
    Ok(request_page(&guest, token, &opened, proposed, None))
}

async fn follow_request(guest: &Guest, token: &str) -> Result<(Claims, OpenedRequest), Instead> {
    let claims = guest.genuine(token, Purpose::Respond);
    let claims = claims.ok_or_else(|| guest.invalid())?;
    let opened = inquiry::open_request(&guest.site.engine, &claims).await;
    let opened = guest.or_later(opened)?;
    Ok((claims, opened.ok_or_else(|| guest.invalid())?))
}

fn request_page(
    guest: &Guest,
    token: String,
    opened: &OpenedRequest,
    chosen: &str,
    refusal: Option<RefusedAnswer>,
) -> Response {
    let request = &opened.request;
    let now = guest.site.engine.clock.now();
    let standing = match (request.answered_at, refusal) {
        (Some(at), _) => RequestStanding::Answered(at),
        _ if now >= request.links_expire_at => RequestStanding::Over,
        (None, Some(why)) => RequestStanding::Refused(why),
        (None, None) => RequestStanding::Open(request.links_expire_at),
    };
    views::render(&Respond {
        page: Page {
            t: Texts::of(&opened.partner.language),
            zone: zone(&opened.partner.time_zone),
            partner: Some(facts::card(&opened.partner)),
        },
        token,
        asks: asks(&opened.inquiry, &opened.contact, &opened.needs),
        chosen: chosen.to_owned(),
        standing,
    })
}

#[derive(Deserialize)]
pub(in crate::web) struct Responding {
    #[serde(default)]
    token: String,
    #[serde(default)]
    r#type: String,
    /// As in [`Confirming`].
    meant: Option<String>,
}

/// POST: makes the invitation, once. A second one shows that it was made.
pub(in crate::web) async fn respond(guest: Guest, sent: Sent<Responding>) -> Answer {
    let form = guest.form(sent)?;
    let (claims, opened) = follow_request(&guest, &form.token).await?;
    meant(&guest, form.meant.as_ref())?;
    guest.not_too_often(guest.site.limits.change(claims.subject))?;
    // Only what the page offers: a name of a type in words, as the command line takes it, is none of them.
    let proposed = proposed_type(&opened.needs);
    let known = crate::domain::catalogue::Catalogue::current();
    let kind = known
        .partner_type(&form.r#type)
        .map(|kind| kind.key.as_str());
    let Ok(kind) = kind else {
        let refusal = Some(RefusedAnswer::Type);
        return Ok(request_page(&guest, form.token, &opened, proposed, refusal));
    };
    let refusal = match inquiry::respond(&guest.site.engine, claims, kind).await {
        Ok(_) | Err(RespondError::Over) => None,
        Err(RespondError::Storage(error)) => return guest.or_later(Err(error)),
        Err(RespondError::OwnDomain) => Some(RefusedAnswer::OwnDomain),
        Err(RespondError::TakesNoMail) => Some(RefusedAnswer::TakesNoMail),
        Err(RespondError::KnownOrganization) => Some(RefusedAnswer::KnownOrganization),
        Err(RespondError::Invite(_)) => Some(RefusedAnswer::Other),
    };
    let (_, opened) = follow_request(&guest, &form.token).await?;
    Ok(request_page(&guest, form.token, &opened, kind, refusal))
}
