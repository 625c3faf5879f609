//! The feed of events: in the order of the chain, from a cursor, without a person.

use anyhow::{Context as _, ensure};
use countersign::domain::audit::{Actor, EventKind};
use countersign::domain::ids::{EventId, PartnerId};
use countersign::domain::invitation::{Decline, DeclineReason};
use countersign::domain::microsoft::{Step, StepState};
use countersign::domain::suppression::{Cause, RemovalReason};
use countersign::domain::token::Purpose;
use countersign::storage::listing::{Relationships, Suppressions};
use countersign::workflow::event_view::{self, EventView, FeedError};
use countersign::workflow::suppression::{self, New};
use countersign::workflow::{decline, end, resend, revoke, seal, steps, view};

use super::{HONG, KIM, accepted, invited, to};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(the_feed_follows_the_chain_from_a_cursor).on_each_database(),
        case!(what_is_not_sealed_is_not_in_the_feed).on_each_database(),
        case!(the_feed_is_narrowed_to_kinds).on_each_database(),
        case!(a_cursor_of_another_partner_is_an_unknown_one).on_each_database(),
        case!(no_event_names_a_person).on_each_database(),
    ]
}

async fn feed(world: &World, after: Option<EventId>) -> anyhow::Result<Vec<EventView>> {
    let page = event_view::feed(&world.engine, world.partner, None, after, 100).await?;
    Ok(page.items)
}

async fn the_feed_follows_the_chain_from_a_cursor(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    world.pass(1);
    let id = invited(&world, world.partner, &to("해솔상사", HONG)).await?;
    seal::seal(&world.engine).await?;
    let first = feed(&world, None).await?;
    let kinds: Vec<_> = first.iter().map(|event| &*event.kind).collect();
    assert_eq!(kinds, ["partner.added", "invitation.created"]);
    let sequences: Vec<_> = first.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 2]);
    assert_eq!(first[1].data["invitation"], id.to_string());
    assert_eq!(first[0].data["partner"], world.partner.to_string());
    let cursor = first.last().map(|event| event.id);
    ensure!(feed(&world, cursor).await?.is_empty());
    revoke::revoke(&world.engine, id, Actor::Partner(world.partner)).await?;
    seal::seal(&world.engine).await?;
    let second = feed(&world, cursor).await?;
    assert_eq!(second.len(), 1);
    let told = serde_json::to_value(&second[0])?;
    assert_eq!(
        told,
        serde_json::json!({
            "object": "event",
            "id": second[0].id,
            "type": "invitation.revoked",
            "created_at": world.now(),
            "sequence": 3,
            "actor": world.partner,
            "data": {"invitation": id},
        })
    );
    let one = event_view::find(&world.engine, world.partner, second[0].id).await?;
    assert_eq!(one.as_ref(), second.first());
    let page = event_view::feed(&world.engine, world.partner, None, None, 2).await?;
    assert_eq!((page.items.len(), page.has_more), (2, true));
    let page = event_view::feed(&world.engine, world.partner, None, cursor, 1).await?;
    assert_eq!((page.items.len(), page.has_more), (1, false));
    Ok(())
}

async fn what_is_not_sealed_is_not_in_the_feed(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    ensure!(feed(&world, None).await?.is_empty());
    let mut conn = world.engine.db.read().await?;
    let waiting = countersign::storage::event::unsealed(&mut conn, 10).await?;
    let waiting = waiting.first().context("no event")?.id;
    drop(conn);
    ensure!(
        event_view::find(&world.engine, world.partner, waiting)
            .await?
            .is_none()
    );
    let refused = event_view::feed(&world.engine, world.partner, None, Some(waiting), 10).await;
    ensure!(matches!(refused, Err(FeedError::NoSuchEvent)));
    Ok(())
}

async fn the_feed_is_narrowed_to_kinds(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    for n in 0..3 {
        world.pass(1);
        let id = world.invite(&format!("n{n}@customer.example")).await?;
        revoke::revoke(&world.engine, id, Actor::Operator).await?;
    }
    seal::seal(&world.engine).await?;
    let wanted = [EventKind::InvitationRevoked, EventKind::PartnerAdded];
    let page = event_view::feed(&world.engine, world.partner, Some(&wanted), None, 2).await?;
    let kinds: Vec<_> = page.items.iter().map(|event| &*event.kind).collect();
    assert_eq!(kinds, ["partner.added", "invitation.revoked"]);
    ensure!(page.has_more);
    let after = page.items.last().map(|event| event.id);
    let page = event_view::feed(&world.engine, world.partner, Some(&wanted), after, 2).await?;
    assert_eq!((page.items.len(), page.has_more), (2, false));
    Ok(())
}

async fn a_cursor_of_another_partner_is_an_unknown_one(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let other: PartnerId = world.another_partner("donghae").await?;
    seal::seal(&world.engine).await?;
    let theirs = event_view::feed(&world.engine, other, None, None, 10).await?;
    let theirs = theirs.items.first().context("no event")?.id;
    let unknown = EventId::from(uuid::Uuid::from_u128(7));
    for id in [theirs, unknown] {
        let refused = event_view::feed(&world.engine, world.partner, None, Some(id), 10).await;
        let refused = refused.err().map(|error| error.to_string());
        assert_eq!(refused, Some(FeedError::NoSuchEvent.to_string()));
        ensure!(
            event_view::find(&world.engine, world.partner, id)
                .await?
                .is_none()
        );
    }
    Ok(())
}

/// That nothing else is ever recorded, the recording itself asserts in every test.
async fn no_event_names_a_person(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let engine = &world.engine;
    let partner = Actor::Partner(world.partner);
    let id = accepted(&world, world.partner, &to("해솔상사", HONG)).await?;
    steps::mark(engine, id, Step::Gdap, StepState::Confirmed, partner).await?;
    let all = Relationships::default();
    let page = view::relationships(engine, world.partner, all, None, 1).await?;
    end::end(engine, page.items[0].kept.id, partner).await?;
    let declined = invited(&world, world.partner, &to("해솔상사", KIM)).await?;
    let claims = world.claims(declined, Purpose::Accept).await?;
    let declining = Decline {
        reason: DeclineReason::Other,
        text: Some("길동이가 kim@customer.example 로".parse()?),
    };
    decline::decline(engine, claims, declining).await?;
    let expired = invited(&world, world.partner, &to("다른 회사", KIM)).await?;
    resend::resend(engine, expired, partner).await?;
    let new = New {
        address: KIM.parse()?,
        cause: Cause::HardBounce,
        detail: None,
    };
    suppression::add(engine, new).await?;
    let page =
        suppression::of_partner(engine, world.partner, Suppressions::default(), None, 1).await?;
    let why: RemovalReason = "홍길동".parse()?;
    suppression::remove_by_partner(engine, world.partner, page.items[0].id, why).await?;
    seal::seal(engine).await?;
    let events = feed(&world, None).await?;
    ensure!(events.len() > 9, "{events:?}");
    for event in &events {
        let told = serde_json::to_string(event)?;
        for person in ["홍", "길동", "hong", "kim", "customer.example", "@", "상사"] {
            ensure!(!told.contains(person), "{told}");
        }
    }
    let removed = events
        .iter()
        .find(|event| event.kind == "suppression.removed");
    let removed = removed.context("no removal")?;
    assert_eq!(removed.data["suppression"], page.items[0].id.to_string());
    // Whatever a row says, nothing is shown that is not on the list.
    ctx.sql("UPDATE event SET data = '{\"reason\":\"other\",\"text\":\"hong@customer.example\"}' WHERE kind = 'invitation.declined'")
        .await?;
    let events = feed(&world, None).await?;
    let declined = events
        .iter()
        .find(|event| event.kind == "invitation.declined");
    let shown: Vec<_> = declined.context("no refusal")?.data.keys().collect();
    assert_eq!(shown, ["invitation", "reason"]);
    // A kind of a newer release is told as no more than that.
    ctx.sql("UPDATE event SET kind = 'moon.landed' WHERE kind = 'invitation.declined'")
        .await?;
    let events = feed(&world, None).await?;
    let strange = events.iter().find(|event| event.kind == "moon.landed");
    ensure!(strange.context("it is in the chain")?.data.is_empty());
    Ok(())
}
