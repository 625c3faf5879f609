//! What a partner reads of its own, and what it may end, on both databases.

mod consents;
mod ends;
mod events;
mod lists;
mod previews;
mod suppressions;

use countersign::domain::draft::Draft;
use countersign::domain::ids::{InvitationId, PartnerId};
use countersign::workflow::accept;

use crate::harness::world::draft;
use crate::harness::{Case, World};

pub(crate) fn cases() -> Vec<Case> {
    [
        lists::cases(),
        consents::cases(),
        ends::cases(),
        suppressions::cases(),
        events::cases(),
        previews::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const HONG: &str = "hong@customer.example";
const KIM: &str = "kim@customer.example";

/// An invitation to an organization of that name.
fn to(organization: &str, email: &str) -> Draft {
    Draft {
        organization: organization.to_owned(),
        ..draft(email)
    }
}

async fn invited(world: &World, partner: PartnerId, draft: &Draft) -> anyhow::Result<InvitationId> {
    Ok(world.try_invite(partner, draft, None).await?.id())
}

async fn accepted(
    world: &World,
    partner: PartnerId,
    draft: &Draft,
) -> anyhow::Result<InvitationId> {
    let id = invited(world, partner, draft).await?;
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    Ok(id)
}
