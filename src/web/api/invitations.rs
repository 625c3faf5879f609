//! `/v1/invitations`: a customer is asked by mail, and what became of it.

pub(super) mod ask;
pub(super) mod change;
pub(super) mod list;
mod shape;

use std::sync::Arc;

use axum::extract::State;

use super::Id;
use super::caller::{Caller, Reader};
use super::json::Answer;
use super::problem::Problem;
use crate::domain::ids::InvitationId;
use crate::storage::{dossier, step};
use crate::web::Site;
use crate::workflow::timeline;
use shape::{Detailed, Invitation, example_detailed};

/// Show an invitation
///
/// The invitation with everybody who takes part in it and its time line: what happened, which mails left or will leave, when its links
/// were opened.
#[utoipa::path(
    get,
    path = "/v1/invitations/{id}",
    operation_id = "get_invitation",
    tag = "Invitations",
    params(("id" = inline(InvitationId), Path, description = "The invitation.")),
    security(("key" = ["read"])),
    responses((status = 200, description = "The invitation.", body = Detailed, example = example_detailed)),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
    Id(id): Id<InvitationId>,
) -> Result<Answer<Detailed>, Problem> {
    let found = timeline::of(&site.engine, id).await?;
    let found = found.filter(|found| found.dossier.partner_id == caller.partner);
    let found = found.ok_or_else(Problem::not_found)?;
    Detailed::of(found, site.engine.clock.now()).map(Answer)
}

/// An invitation of the caller's, as it is now.
async fn show(site: &Site, caller: &Caller, id: InvitationId) -> Result<Invitation, Problem> {
    let mut conn = site.engine.db.read().await?;
    let found = dossier::of_invitation(&mut conn, id).await?;
    let found = found.filter(|found| found.partner_id == caller.partner);
    let found = found.ok_or_else(Problem::not_found)?;
    let known = step::of_invitations(&mut conn, [id]).await?;
    Invitation::of(found, &known, site.engine.clock.now())
}
