//! What the database itself refuses, should a step ever forget to ask: a second record of one consent, a second end of
//! one invitation, a second pending offer.

use anyhow::ensure;
use countersign::domain::ids;
use countersign::domain::invitation::{State, StateName};
use countersign::domain::notice::Kind;
use countersign::storage::{Error, acceptance, invitation, notice};
use countersign::workflow::accept;

use crate::harness::{Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_invitation_holds_one_acceptance).on_each_database(),
        case!(an_invitation_holds_one_consent_to_a_text).on_each_database(),
        case!(an_invitation_that_ended_does_not_end_again).on_each_database(),
        case!(an_offer_is_pending_once).on_each_database(),
        case!(a_mail_is_in_the_queue_once).on_each_database(),
    ]
}

async fn accepted(world: &World) -> anyhow::Result<acceptance::Acceptance> {
    let id = world.invite("hong@customer.example").await?;
    accept::accept(&world.engine, world.acceptance(id).await?).await?;
    let mut conn = world.engine.db.read().await?;
    let found = acceptance::of_invitation(&mut conn, id).await?;
    Ok(found.expect("an acceptance"))
}

fn is_duplicate(result: &Result<(), Error>) -> bool {
    result.as_ref().is_err_and(Error::is_duplicate)
}

async fn an_invitation_holds_one_acceptance(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let second = acceptance::Acceptance {
        id: ids::fresh(world.now(), &mut rand::rng()),
        ..accepted(&world).await?
    };
    let stored = world
        .engine
        .db
        .write(move |tx| Box::pin(async move { acceptance::insert(tx, &second).await }))
        .await;
    ensure!(is_duplicate(&stored), "{stored:?}");
    Ok(())
}

async fn an_invitation_holds_one_consent_to_a_text(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let first = accepted(&world).await?;
    let (agreement, id) = (world.agreement, ids::fresh(world.now(), &mut rand::rng()));
    let stored = world
        .engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                acceptance::insert_consent(tx, id, &first, agreement, &[7; 32]).await
            })
        })
        .await;
    ensure!(is_duplicate(&stored), "{stored:?}");
    Ok(())
}

async fn an_invitation_that_ended_does_not_end_again(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = accepted(&world).await?.invitation_id;
    let again = State::Revoked { at: world.now() };
    let ended = world
        .engine
        .db
        .write(move |tx| Box::pin(async move { invitation::end(tx, id, &again).await }))
        .await?;
    ensure!(!ended);
    let mut conn = world.engine.db.read().await?;
    let row = invitation::find(&mut conn, id).await?;
    assert_eq!(row.expect("the invitation").state, StateName::Accepted);
    Ok(())
}

async fn an_offer_is_pending_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let mut conn = world.engine.db.read().await?;
    let first = invitation::find(&mut conn, id).await?;
    drop(conn);
    let second = invitation::Invitation {
        id: ids::fresh(world.now(), &mut rand::rng()),
        ..first.expect("the invitation")
    };
    let stored = world
        .engine
        .db
        .write(move |tx| Box::pin(async move { invitation::insert(tx, &second).await }))
        .await?;
    ensure!(!stored);
    Ok(())
}

async fn a_mail_is_in_the_queue_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let id = world.invite("hong@customer.example").await?;
    let row = world.notice(id, Kind::Invitation).await?;
    let now = world.now();
    let again = notice::New {
        id: ids::fresh(now, &mut rand::rng()),
        partner: row.partner_id,
        domain: row.domain,
        kind: row.kind,
        step: 0,
        subject: row.subject_id,
        target: row.target_id,
        generation: 1,
        payload: row.payload,
        run_at: now,
    };
    let added = world
        .engine
        .db
        .write(move |tx| Box::pin(async move { notice::enqueue(tx, &[again], now).await }))
        .await?;
    assert_eq!(added, 0);
    assert_eq!(world.notices(id, Kind::Invitation).await?.len(), 1);
    Ok(())
}
