//! Stopping the reminders: GET asks, POST stops. A mail program posts here in one click, without a page (RFC 8058 §3.1).

use axum::response::Response;

use super::guest::{Answer, Guest};
use super::link::{self, Followed};
use super::{Linked, facts};
use crate::domain::invitation::StateName;
use crate::domain::token::Purpose;
use crate::web::Site;
use crate::web::views::{self, Stop};
use crate::workflow::link::Standing;
use crate::workflow::stop as workflow;

/// GET: asks.
pub(in crate::web) async fn show(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let followed = guest.visit(&token, Purpose::StopReminders).await?;
    let opened = &followed.opened;
    if opened.standing == Standing::HandedOver {
        let page = facts::page(&opened.dossier, &opened.partner);
        return Ok(link::dead(&guest.site, page, None, opened));
    }
    let done = opened.dossier.reminders_stopped_at.is_some();
    Ok(page(&guest.site, &followed, token, done))
}

/// POST: stops. The token in the path is all it needs.
pub(in crate::web) async fn stop(guest: Guest, Linked { token, .. }: Linked) -> Answer {
    let followed = guest
        .follow_to_change(&token, Purpose::StopReminders)
        .await?;
    guest.or_later(workflow::stop(&guest.site.engine, followed.claims).await)?;
    Ok(page(&guest.site, &followed, token, true))
}

fn page(site: &Site, followed: &Followed, token: String, done: bool) -> Response {
    let dossier = &followed.opened.dossier;
    let is_open = dossier.state().open(site.engine.clock.now()).is_ok();
    views::render(&Stop {
        page: facts::page(dossier, &followed.opened.partner),
        token,
        organization: dossier.organization_name.clone(),
        accepted: dossier.state == StateName::Accepted,
        answer_by: is_open.then_some(dossier.expires_at),
        done,
    })
}
