//! The partner's interface: what holds for every operation of it.

mod batch;
mod conventions;
mod crawl;
mod described;
mod examples;
mod invitations;
mod keys;
mod reads;
mod webhooks;

use crate::harness::{Case, Ctx, Interface, World};

pub(crate) fn cases() -> Vec<Case> {
    [
        conventions::cases(),
        keys::cases(),
        invitations::cases(),
        batch::cases(),
        webhooks::cases(),
        crawl::cases(),
        reads::cases(),
        described::cases(),
        examples::cases(),
    ]
    .into_iter()
    .flatten()
    .map(Case::on_each_database)
    .collect()
}

/// The interface on the case's database.
async fn interface(ctx: &Ctx) -> anyhow::Result<Interface> {
    Interface::new(World::new(ctx).await?).await
}
