//! Which suppressions a partner sees, and which it may end.

use anyhow::{Context as _, ensure};
use countersign::domain::draft::Draft;
use countersign::domain::ids::{PartnerId, SuppressionId};
use countersign::domain::suppression::{Cause, RemovalReason};
use countersign::storage::listing::Suppressions;
use countersign::storage::suppression as rows;
use countersign::workflow::invite::InviteError;
use countersign::workflow::privacy::{self, Wish};
use countersign::workflow::suppression::{self, Added, Named, New, RemoveError};

use super::{HONG, KIM, invited, to};
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_partner_sees_those_of_mailboxes_that_it_has_invited).on_each_database(),
        case!(a_viewer_is_nobody_whom_the_partner_invited).on_each_database(),
        case!(a_partner_ends_a_bounce_and_nothing_else).on_each_database(),
        case!(an_operator_ends_any_but_an_erasure).on_each_database(),
        case!(suppressions_are_listed_in_pages).on_each_database(),
        case!(why_one_was_removed_goes_with_its_person).on_each_database(),
    ]
}

async fn suppress(world: &World, address: &str, cause: Cause) -> anyhow::Result<SuppressionId> {
    let new = New {
        address: address.parse()?,
        cause,
        detail: None,
    };
    match suppression::add(&world.engine, new).await? {
        Added::New(row) => Ok(row.id),
        Added::Already(row) => anyhow::bail!("it is there already: {}", row.id),
    }
}

async fn seen(world: &World, partner: PartnerId) -> anyhow::Result<Vec<SuppressionId>> {
    let all = Suppressions::default();
    let page = suppression::of_partner(&world.engine, partner, all, None, 10).await?;
    Ok(page.map(|row| row.id).items)
}

fn why() -> RemovalReason {
    "홍길동 님이 전화로 확인했습니다".parse().unwrap()
}

async fn a_partner_sees_those_of_mailboxes_that_it_has_invited(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let other = world.another_partner("donghae").await?;
    invited(&world, world.partner, &to("해솔상사", HONG)).await?;
    invited(&world, other, &to("해솔상사", KIM)).await?;
    let hong = suppress(&world, HONG, Cause::HardBounce).await?;
    world.pass(1);
    let kim = suppress(&world, KIM, Cause::HardBounce).await?;
    world.pass(1);
    suppress(&world, "stranger@customer.example", Cause::Complaint).await?;
    assert_eq!(seen(&world, world.partner).await?, [hong]);
    assert_eq!(seen(&world, other).await?, [kim]);
    let engine = &world.engine;
    ensure!(
        suppression::find(engine, world.partner, hong)
            .await?
            .is_some()
    );
    ensure!(
        suppression::find(engine, world.partner, kim)
            .await?
            .is_none()
    );
    let of = async |address: &str| -> anyhow::Result<bool> {
        let found = suppression::of_mailbox(engine, world.partner, &address.parse()?).await?;
        Ok(found.is_some())
    };
    ensure!(of("HONG@customer.example").await?);
    ensure!(!of(KIM).await? && !of("stranger@customer.example").await?);
    // What another partner sees, this one cannot end; it learns as much as of an id that there is not.
    let unknown = SuppressionId::from(uuid::Uuid::from_u128(7));
    for id in [kim, unknown] {
        let refused = suppression::remove_by_partner(engine, world.partner, id, why()).await;
        ensure!(matches!(refused, Err(RemoveError::NotFound)));
    }
    assert_eq!(ctx.number("SELECT count(*) FROM suppression").await?, 3);
    Ok(())
}

async fn a_viewer_is_nobody_whom_the_partner_invited(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let draft = Draft {
        viewers: vec![KIM.to_owned()],
        ..to("해솔상사", HONG)
    };
    invited(&world, world.partner, &draft).await?;
    let viewers = "SELECT count(*) FROM recipient WHERE role = 'viewer'";
    assert_eq!(ctx.number(viewers).await?, 1);
    suppress(&world, KIM, Cause::HardBounce).await?;
    assert_eq!(seen(&world, world.partner).await?, []);
    Ok(())
}

async fn a_partner_ends_a_bounce_and_nothing_else(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let engine = &world.engine;
    let id = invited(&world, world.partner, &to("해솔상사", HONG)).await?;
    for cause in [Cause::Complaint, Cause::Stopped, Cause::Operator] {
        let row = suppress(&world, HONG, cause).await?;
        let refused = suppression::remove_by_partner(engine, world.partner, row, why()).await;
        let refused = refused.expect_err("that is not a partner's to end");
        ensure!(
            matches!(refused, RemoveError::OperatorsAlone(_)),
            "{refused}"
        );
        ensure!(
            refused.to_string().contains("only an operator"),
            "{refused}"
        );
        suppression::remove(engine, Named::Id(row), why()).await?;
        world.pass(1);
    }
    let bounced = suppress(&world, HONG, Cause::HardBounce).await?;
    let again = to("다른 회사", HONG);
    let refused = world.try_invite(world.partner, &again, None).await;
    ensure!(matches!(refused, Err(InviteError::Mailbox(_))));
    // Two at once are one removal.
    let (one, two) = tokio::join!(
        suppression::remove_by_partner(engine, world.partner, bounced, why()),
        suppression::remove_by_partner(engine, world.partner, bounced, why()),
    );
    ensure!(one.is_ok() != two.is_ok());
    assert_eq!(seen(&world, world.partner).await?, []);
    invited(&world, world.partner, &again).await?;
    let events =
        "SELECT count(*) FROM event WHERE kind = 'suppression.removed' AND actor LIKE 'prt_%'";
    assert_eq!(ctx.number(events).await?, 1);
    // The words are kept, and stand in no event.
    let words = "SELECT count(*) FROM event WHERE data LIKE '%홍길동%'";
    assert_eq!(ctx.number(words).await?, 0);
    let mut conn = engine.db.read().await?;
    let mailbox = engine.keys.mailbox(HONG);
    let removals = rows::removals(&mut conn, &mailbox).await?;
    let last = removals.last().context("no removal")?;
    assert_eq!((last.id, last.partner_id), (bounced, Some(world.partner)));
    assert_eq!(last.why.as_deref(), Some(why().as_str()));
    drop(conn);
    // What waited goes out by a resend.
    countersign::workflow::resend::resend(engine, id, countersign::domain::audit::Actor::Operator)
        .await?;
    Ok(())
}

async fn an_operator_ends_any_but_an_erasure(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let engine = &world.engine;
    let other = world.another_partner("donghae").await?;
    invited(&world, world.partner, &to("해솔상사", HONG)).await?;
    invited(&world, other, &to("해솔상사", HONG)).await?;
    suppress(&world, HONG, Cause::Complaint).await?;
    let again = suppress(&world, HONG, Cause::Stopped).await;
    ensure!(again.is_err(), "one mailbox has one suppression");
    let named = Named::Address("Hong@customer.example".parse()?);
    let removed = suppression::remove(engine, named.clone(), why()).await?;
    assert_eq!((&*removed.reason, removed.partner_id), ("complaint", None));
    // Both partners find it in their chains.
    let events = "SELECT count(DISTINCT partner_id) FROM event WHERE kind = 'suppression.removed' AND actor = 'operator'";
    assert_eq!(ctx.number(events).await?, 2);
    let refused = suppression::remove(engine, named, why()).await;
    ensure!(matches!(refused, Err(RemoveError::NotFound)));
    let wish = Wish {
        address: HONG.parse()?,
        may_be_invited: false,
    };
    privacy::erase(engine, wish).await?;
    let named = Named::Address(HONG.parse()?);
    let refused = suppression::remove(engine, named, why()).await;
    ensure!(matches!(refused, Err(RemoveError::Erased)));
    assert_eq!(seen(&world, world.partner).await?, []);
    Ok(())
}

async fn suppressions_are_listed_in_pages(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let mut made = Vec::new();
    for n in 0..5 {
        let address = format!("n{n}@customer.example");
        world.invite(&address).await?;
        let cause = if n == 3 {
            Cause::Complaint
        } else {
            Cause::HardBounce
        };
        made.push(suppress(&world, &address, cause).await?);
        world.pass(1);
    }
    made.reverse();
    let engine = &world.engine;
    let page = async |reason, after| {
        let filter = Suppressions { reason };
        suppression::of_partner(engine, world.partner, filter, after, 2).await
    };
    let first = page(None, None).await?;
    ensure!(first.has_more);
    let first = first.map(|row| row.id).items;
    let second = page(None, first.last().copied())
        .await?
        .map(|row| row.id)
        .items;
    let third = page(None, second.last().copied()).await?;
    ensure!(!third.has_more);
    let found: Vec<_> = first
        .into_iter()
        .chain(second)
        .chain(third.map(|row| row.id).items)
        .collect();
    assert_eq!(found, made);
    let complaints = page(Some(Cause::Complaint), None).await?;
    assert_eq!(complaints.map(|row| row.id).items, [made[1]]);
    let all = suppression::list(engine, None, None, 3).await?;
    assert_eq!(all.len(), 3);
    let rest = suppression::list(engine, None, Some(all[2].id), 3).await?;
    assert_eq!(rest.len(), 2);
    Ok(())
}

async fn why_one_was_removed_goes_with_its_person(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let engine = &world.engine;
    // Nothing but suppressions names this mailbox.
    suppress(&world, HONG, Cause::HardBounce).await?;
    suppression::remove(engine, Named::Address(HONG.parse()?), why()).await?;
    let told = privacy::export(engine, &HONG.parse()?).await?;
    let told = serde_json::to_string(&told)?;
    ensure!(told.contains(why().as_str()), "{told}");
    let wish = Wish {
        address: HONG.parse()?,
        may_be_invited: true,
    };
    privacy::erase(engine, wish).await?;
    let kept = "SELECT count(*) FROM suppression_removal WHERE why IS NOT NULL";
    assert_eq!(ctx.number(kept).await?, 0);
    assert_eq!(
        ctx.number("SELECT count(*) FROM suppression_removal")
            .await?,
        1
    );
    Ok(())
}
