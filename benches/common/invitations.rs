//! Invitations made beforehand, each by a transaction of the library's own.

use countersign::domain::audit::Actor;
use countersign::domain::draft::{Draft, Source};
use countersign::domain::ids::InvitationId;
use countersign::workflow::invite::{self, Trigger};
use countersign::workflow::seal;
use tokio::task::JoinSet;

use super::world::World;

/// Recipients are spread over so many domains, as customers are.
const DOMAINS: usize = 200;
/// So many invitations are made at once.
const AT_ONCE: usize = 64;

/// Makes `count` invitations, numbered from `first`, and seals their events.
pub(crate) async fn make(
    world: &World,
    first: usize,
    count: usize,
) -> anyhow::Result<Vec<InvitationId>> {
    let mut ids = Vec::with_capacity(count);
    let mut tasks = JoinSet::new();
    for index in first..first + count {
        if tasks.len() >= AT_ONCE
            && let Some(made) = tasks.join_next().await
        {
            ids.push(made??);
        }
        let engine = world.engine.clone();
        let trigger = Trigger {
            partner: world.partners[index % world.partners.len()],
            source: Source::Cli,
            actor: Actor::Operator,
            api_key: None,
            asked_for: false,
        };
        let request = draft(index).check().map_err(invite::InviteError::Fields)?;
        tasks.spawn(async move {
            let outcome = invite::invite(&engine, trigger, request).await?;
            Ok::<_, invite::InviteError>(outcome.id())
        });
    }
    while let Some(made) = tasks.join_next().await {
        ids.push(made??);
    }
    seal::seal(&world.engine).await?;
    Ok(ids)
}

/// Relationship, roles and agreement: the longest of the mails.
pub(crate) fn draft(index: usize) -> Draft {
    Draft {
        organization: format!("㈜한빛상사 {index}"),
        name: "홍길동".to_owned(),
        email: format!("gildong.hong.{index}@customer-{}.example", index % DOMAINS),
        partner_type: Some("reseller_delegated_admin".to_owned()),
        agreement: true,
        ..Draft::default()
    }
}
