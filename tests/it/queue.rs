//! The queue, on both databases: fairness, room, fences, marks, deaths.

use std::collections::HashSet;

use anyhow::ensure;
use countersign::domain::ids::{self, LeaseId, NoticeId, PartnerId};
use countersign::domain::notice::{Channel, Irrelevant, Kind, NoticeState};
use countersign::domain::time::{DAY, MINUTE, SECOND};
use countersign::storage::queue::{self, Batch, Claim, Claimed, Claiming, Mark, Settlement, Turns};
use countersign::storage::{self, Db, Error, lane, lease, notice};
use uuid::Uuid;

use crate::harness::{Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_same_notice_is_enqueued_once).on_each_database(),
        case!(a_hundred_thousand_notices_do_not_hold_up_another_partner).on_each_database(),
        case!(parallel_claims_never_share_a_notice).on_each_database(),
        case!(a_domain_takes_no_more_than_its_room).on_each_database(),
        case!(a_paced_domain_takes_one_mail_an_interval).on_each_database(),
        case!(a_worker_that_lost_its_lease_changes_nothing).on_each_database(),
        case!(an_attempt_that_ended_has_no_body).on_each_database(),
        case!(a_body_that_began_to_leave_is_ambiguous_after_a_death).on_each_database(),
        case!(what_a_dying_worker_merely_held_is_not_taken_for_the_cause).on_each_database(),
        case!(a_notice_that_ends_three_workers_is_dead_lettered).on_each_database(),
        case!(a_released_notice_is_due_again_without_a_failure).on_each_database(),
        case!(a_notice_of_a_newer_release_waits_and_holds_nobody_up).on_each_database(),
        case!(a_suppressed_address_is_not_marked).on_each_database(),
        case!(a_retried_notice_runs_again_when_it_is_due).on_each_database(),
    ]
}

struct Worker<'a> {
    world: &'a World,
    db: Db,
    lease: LeaseId,
    turns: Turns,
}

const TTL: i64 = 45 * SECOND;

impl<'a> Worker<'a> {
    async fn start(world: &'a World) -> anyhow::Result<Self> {
        Self::with_ttl(world, TTL).await
    }

    async fn with_ttl(world: &'a World, ttl: i64) -> anyhow::Result<Self> {
        let lease: LeaseId = ids::fresh(world.now(), &mut rand::rng());
        world
            .engine
            .db
            .write(move |tx| Box::pin(async move { lease::take(tx, lease, "test", ttl).await }))
            .await?;
        Ok(Self {
            world,
            db: world.engine.db.clone(),
            lease,
            turns: Turns::default(),
        })
    }

    async fn batch(&mut self, limit: usize) -> anyhow::Result<Batch> {
        let claim = Claim {
            lease: self.lease,
            channel: Channel::Mail,
            ttl: TTL,
            limit,
            domain_in_flight: 1_000_000,
            domain_interval: None,
            now: self.world.now(),
        };
        let mut turns = std::mem::take(&mut self.turns);
        let (claiming, turns) = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let claiming = queue::claim(tx, &claim, &mut turns).await?;
                    Ok::<_, Error>((claiming, turns))
                })
            })
            .await?;
        self.turns = turns;
        match claiming {
            Claiming::Claimed(batch) => Ok(batch),
            Claiming::LeaseLost => anyhow::bail!("the lease is lost"),
        }
    }

    async fn claim(&mut self, limit: usize) -> anyhow::Result<Vec<Claimed>> {
        Ok(self.batch(limit).await?.notices)
    }

    async fn mark(&self, claimed: &Claimed) -> anyhow::Result<bool> {
        let mark = Mark {
            notice: claimed.id,
            number: claimed.attempts,
            lease: self.lease,
            message_id: format!("{}@sign.example", claimed.id),
            dated_at: self.world.now(),
            sha256: [7; 32],
            mailbox: Some(self.world.engine.keys.mailbox("hong@customer.example")),
        };
        let now = self.world.now();
        let marked = self
            .db
            .write_one(move |tx| Box::pin(async move { queue::book(tx, [&mark], [], now).await }))
            .await?;
        Ok(marked.marked == [claimed.id])
    }

    async fn settle(
        &self,
        claimed: &Claimed,
        state: NoticeState,
        run_in: Option<i64>,
    ) -> anyhow::Result<bool> {
        let now = self.world.now();
        let settlement = Settlement {
            notice: claimed.id,
            number: claimed.attempts,
            lease: self.lease,
            state,
            run_at: run_in.map(|micros| now.plus_micros(micros)),
            failed: run_in.is_some(),
            outcome: "test",
            stage: None,
            reply: Some("250 ok".to_owned()),
        };
        let settled = self
            .db
            .write_one(move |tx| {
                Box::pin(async move { queue::book(tx, [], [&settlement], now).await })
            })
            .await?;
        Ok(settled.settled == [claimed.id])
    }
}

fn new(world: &World, partner: PartnerId, domain: &str) -> notice::New {
    notice::New {
        id: ids::fresh(world.now(), &mut rand::rng()),
        partner,
        domain: domain.to_owned(),
        kind: Kind::Invitation,
        step: 0,
        subject: Uuid::from_u128(rand::random()),
        target: Uuid::from_u128(1),
        generation: 1,
        payload: "{}".to_owned(),
        run_at: world.now(),
    }
}

async fn enqueue(world: &World, new: Vec<notice::New>) -> anyhow::Result<u64> {
    let now = world.now();
    Ok(world
        .engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut rows = 0;
                for chunk in new.chunks(5_000) {
                    rows += notice::enqueue(tx, chunk, now).await?;
                }
                Ok::<_, Error>(rows)
            })
        })
        .await?)
}

async fn find(world: &World, id: NoticeId) -> anyhow::Result<notice::Notice> {
    let mut conn = world.engine.db.read().await?;
    Ok(notice::find(&mut conn, id).await?.expect("the notice"))
}

async fn the_same_notice_is_enqueued_once(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let first = new(&world, world.partner, "a.example");
    let again = notice::New {
        id: ids::fresh(world.now(), &mut rand::rng()),
        ..first.clone()
    };
    assert_eq!(enqueue(&world, vec![first.clone()]).await?, 1);
    assert_eq!(enqueue(&world, vec![again.clone()]).await?, 0);
    let resent = notice::New {
        generation: 2,
        ..again
    };
    assert_eq!(enqueue(&world, vec![resent]).await?, 1);
    Ok(())
}

async fn a_hundred_thousand_notices_do_not_hold_up_another_partner(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let small = world.another_partner("saebom").await?;
    let many = (0..100_000).map(|n| new(&world, world.partner, &format!("d{}.example", n % 3_000)));
    enqueue(&world, many.collect()).await?;
    enqueue(&world, vec![new(&world, small, "customer.example")]).await?;
    let mut workers = Vec::new();
    for _ in 0..4 {
        workers.push(Worker::start(&world).await?);
    }
    let mut claimed = Vec::new();
    while claimed.len() < 200 {
        for worker in &mut workers {
            claimed.extend(worker.claim(25).await?);
        }
    }
    let place = claimed.iter().position(|notice| notice.partner_id == small);
    ensure!(place.is_some_and(|place| place < 200), "it is at {place:?}");
    Ok(())
}

async fn parallel_claims_never_share_a_notice(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let rows = (0..600).map(|n| new(&world, world.partner, &format!("d{}.example", n % 7)));
    enqueue(&world, rows.collect()).await?;
    let claim = |_| async {
        let mut worker = Worker::start(&world).await?;
        let mut all = Vec::new();
        let mut empty = 0;
        while empty < 3 {
            let claimed = worker.claim(20).await?;
            empty = if claimed.is_empty() { empty + 1 } else { 0 };
            all.extend(claimed.into_iter().map(|notice| notice.id));
        }
        anyhow::Ok(all)
    };
    let claimed = futures_util::future::try_join_all((0..4).map(claim))
        .await?
        .concat();
    let distinct: HashSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (600, 600));
    Ok(())
}

async fn a_domain_takes_no_more_than_its_room(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    enqueue(
        &world,
        (0..50)
            .map(|_| new(&world, world.partner, "slow.example"))
            .collect(),
    )
    .await?;
    enqueue(
        &world,
        (0..5)
            .map(|_| new(&world, world.partner, "free.example"))
            .collect(),
    )
    .await?;
    world
        .engine
        .db
        .write(|tx| Box::pin(async move { lane::limit(tx, "slow.example", None, Some(3)).await }))
        .await?;
    let mut worker = Worker::start(&world).await?;
    let mut other = Worker::start(&world).await?;
    let mut claimed = worker.claim(100).await?;
    claimed.extend(other.claim(100).await?);
    let slow: Vec<_> = claimed
        .iter()
        .filter(|n| n.domain == "slow.example")
        .collect();
    assert_eq!((slow.len(), claimed.len()), (3, 8));
    ensure!(
        worker.settle(slow[0], NoticeState::Sent, None).await?
            || other.settle(slow[0], NoticeState::Sent, None).await?
    );
    assert_eq!(worker.claim(100).await?.len(), 1);
    Ok(())
}

async fn a_paced_domain_takes_one_mail_an_interval(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    enqueue(
        &world,
        (0..50)
            .map(|_| new(&world, world.partner, "paced.example"))
            .collect(),
    )
    .await?;
    world
        .engine
        .db
        .write(|tx| {
            Box::pin(async move { lane::limit(tx, "paced.example", Some(MINUTE), None).await })
        })
        .await?;
    let mut worker = Worker::start(&world).await?;
    assert_eq!(worker.claim(100).await?.len(), 1);
    let blocked = worker.batch(100).await?;
    assert_eq!(blocked.notices.len(), 0);
    ensure!(
        blocked
            .room_at
            .is_some_and(|at| at > world.now() && at <= world.now().plus_micros(MINUTE))
    );
    world.pass(MINUTE);
    assert_eq!(worker.claim(100).await?.len(), 1);
    world.pass(DAY);
    assert_eq!(worker.claim(100).await?.len(), 1, "a pause brings no burst");
    Ok(())
}

async fn expire_leases(ctx: &Ctx, world: &World) -> anyhow::Result<lease::Swept> {
    ctx.sql("UPDATE lease SET valid_until = 0").await?;
    let now = world.now();
    Ok(world
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::sweep(tx, now).await }))
        .await?)
}

async fn a_worker_that_lost_its_lease_changes_nothing(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let row = new(&world, world.partner, "a.example");
    enqueue(&world, vec![row.clone()]).await?;
    let mut zombie = Worker::start(&world).await?;
    let stale = zombie.claim(1).await?.remove(0);
    expire_leases(ctx, &world).await?;
    ensure!(
        !zombie.mark(&stale).await?,
        "no body may leave under a lease that is gone"
    );
    ensure!(
        zombie.claim(1).await.is_err(),
        "nothing is claimed under it either"
    );
    let mut heir = Worker::start(&world).await?;
    let fresh = heir.claim(1).await?.remove(0);
    assert_eq!((fresh.id, fresh.attempts), (row.id, 2));
    ensure!(!zombie.settle(&stale, NoticeState::Failed, None).await?);
    assert_eq!(find(&world, row.id).await?.state, NoticeState::Running);
    ensure!(heir.mark(&fresh).await?);
    ensure!(!heir.mark(&fresh).await?, "an attempt has one body");
    ensure!(heir.settle(&fresh, NoticeState::Sent, None).await?);
    ensure!(
        !heir.settle(&fresh, NoticeState::Failed, None).await?,
        "what is settled stays settled"
    );
    assert_eq!(find(&world, row.id).await?.state, NoticeState::Sent);
    Ok(())
}

async fn an_attempt_that_ended_has_no_body(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    enqueue(&world, vec![new(&world, world.partner, "a.example")]).await?;
    let mut worker = Worker::start(&world).await?;
    let claimed = worker.claim(1).await?.remove(0);
    ensure!(
        worker
            .settle(&claimed, NoticeState::Scheduled, Some(MINUTE))
            .await?
    );
    ensure!(
        !worker.mark(&claimed).await?,
        "its lease lives, it has ended"
    );
    Ok(())
}

async fn a_body_that_began_to_leave_is_ambiguous_after_a_death(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let rows: Vec<_> = (0..2)
        .map(|_| new(&world, world.partner, "a.example"))
        .collect();
    enqueue(&world, rows.clone()).await?;
    let mut worker = Worker::start(&world).await?;
    let claimed = worker.claim(2).await?;
    ensure!(worker.mark(&claimed[0]).await?);
    let swept = expire_leases(ctx, &world).await?;
    assert_eq!((swept.leases, swept.notices.len()), (1, 2));
    assert_eq!(swept.ambiguous, [Kind::Invitation]);
    let mut conn = world.engine.db.read().await?;
    let outcome =
        async |conn: &mut storage::Conn, id: NoticeId| -> anyhow::Result<Option<String>> {
            let subject = find(&world, id).await?.subject_id;
            Ok(notice::attempts_of_subject(conn, subject)
                .await?
                .remove(0)
                .outcome)
        };
    assert_eq!(
        outcome(&mut conn, claimed[0].id).await?.as_deref(),
        Some("ambiguous")
    );
    assert_eq!(
        outcome(&mut conn, claimed[1].id).await?.as_deref(),
        Some("died")
    );
    let first = queue::first_bodies(&mut conn, claimed.iter().map(|n| n.id)).await?;
    assert_eq!(first.len(), 1);
    assert_eq!(
        first[0].message_id,
        format!("{}@sign.example", claimed[0].id)
    );
    Ok(())
}

async fn a_notice_that_ends_three_workers_is_dead_lettered(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let row = new(&world, world.partner, "a.example");
    enqueue(&world, vec![row.clone()]).await?;
    for death in 1..=3 {
        let mut worker = Worker::start(&world).await?;
        assert_eq!(worker.claim(1).await?.len(), 1, "life {death}");
        let swept = expire_leases(ctx, &world).await?;
        assert_eq!(swept.dead.len(), usize::from(death == 3));
        world.pass(2 * MINUTE);
    }
    assert_eq!(find(&world, row.id).await?.state, NoticeState::Dead);
    let mut worker = Worker::start(&world).await?;
    assert_eq!(worker.claim(1).await?.len(), 0);
    let (id, now) = (row.id, world.now());
    ensure!(
        world
            .engine
            .db
            .write(move |tx| Box::pin(async move { notice::retry(tx, id, now).await }))
            .await?
    );
    assert_eq!(
        worker.claim(1).await?.len(),
        1,
        "an operator brings it back"
    );
    Ok(())
}

async fn what_a_dying_worker_merely_held_is_not_taken_for_the_cause(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let rows: Vec<_> = (0..50)
        .map(|n| new(&world, world.partner, &format!("d{}.example", n % 7)))
        .collect();
    let poison = rows[17].id;
    enqueue(&world, rows).await?;
    // Whoever takes the poison dies with all that it holds; what a worker took without it is sent.
    for _life in 0..60 {
        let mut worker = Worker::start(&world).await?;
        let claimed = worker.claim(200).await?;
        if claimed.is_empty() {
            break;
        }
        let suspects = claimed.iter().filter(|c| c.attempts > 2).count();
        ensure!(suspects <= 1, "{suspects} suspects at once");
        if claimed.iter().any(|c| c.id == poison) {
            expire_leases(ctx, &world).await?;
        } else {
            for one in &claimed {
                ensure!(worker.mark(one).await?);
                worker.settle(one, NoticeState::Sent, None).await?;
            }
        }
        world.pass(2 * MINUTE);
    }
    let dead = ctx
        .number("SELECT count(*) FROM notice WHERE state = 'dead'")
        .await?;
    let sent = ctx
        .number("SELECT count(*) FROM notice WHERE state = 'sent'")
        .await?;
    assert_eq!((dead, sent), (1, 49));
    assert_eq!(find(&world, poison).await?.state, NoticeState::Dead);
    Ok(())
}

async fn a_released_notice_is_due_again_without_a_failure(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let row = new(&world, world.partner, "a.example");
    enqueue(&world, vec![row.clone()]).await?;
    let mut worker = Worker::start(&world).await?;
    worker.claim(1).await?;
    let (lease, now) = (worker.lease, world.now());
    world
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::release(tx, lease, now).await }))
        .await?;
    let found = find(&world, row.id).await?;
    assert_eq!(
        (found.state, found.failures, found.deaths),
        (NoticeState::Ready, 0, 0)
    );
    ensure!(worker.claim(1).await.is_err(), "the lease is given back");
    Ok(())
}

async fn a_notice_of_a_newer_release_waits_and_holds_nobody_up(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let first = new(&world, world.partner, "a.example");
    let newer = first.id;
    enqueue(&world, vec![first]).await?;
    ctx.sql("UPDATE notice SET kind = 'of_tomorrow'").await?;
    let known = new(&world, world.partner, "a.example");
    enqueue(&world, vec![known.clone()]).await?;
    let mut worker = Worker::start(&world).await?;
    let claimed = worker.claim(10).await?;
    assert_eq!(claimed.iter().map(|c| c.id).collect::<Vec<_>>(), [known.id]);
    assert_eq!(worker.claim(10).await?.len(), 0);
    ctx.sql("UPDATE notice SET kind = 'reminder' WHERE kind = 'of_tomorrow'")
        .await?;
    let claimed = worker.claim(10).await?;
    assert_eq!(claimed.iter().map(|c| c.id).collect::<Vec<_>>(), [newer]);
    Ok(())
}

async fn a_suppressed_address_is_not_marked(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    enqueue(&world, vec![new(&world, world.partner, "customer.example")]).await?;
    let mut worker = Worker::start(&world).await?;
    let claimed = worker.claim(1).await?.remove(0);
    let suppressed = storage::suppression::Suppression::new(
        &world.engine.keys,
        "hong@customer.example",
        "operator",
        world.now(),
    );
    world
        .engine
        .db
        .write(move |tx| {
            Box::pin(async move { storage::suppression::insert(tx, &suppressed).await })
        })
        .await?;
    ensure!(!worker.mark(&claimed).await?);
    Ok(())
}

async fn a_retried_notice_runs_again_when_it_is_due(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let row = new(&world, world.partner, "a.example");
    enqueue(&world, vec![row.clone()]).await?;
    let mut worker = Worker::start(&world).await?;
    let claimed = worker.claim(1).await?.remove(0);
    ensure!(
        worker
            .settle(&claimed, NoticeState::Scheduled, Some(5 * MINUTE))
            .await?
    );
    assert_eq!(worker.claim(1).await?.len(), 0);
    world.pass(5 * MINUTE);
    let again = worker.claim(1).await?.remove(0);
    assert_eq!((again.attempts, again.failures), (2, 1));
    let id = row.id;
    assert_eq!(find(&world, id).await?.due_at, row.run_at);
    ensure!(
        worker
            .settle(&again, NoticeState::Scheduled, Some(MINUTE))
            .await?
    );
    let now = world.now();
    ensure!(
        world
            .engine
            .db
            .write(move |tx| Box::pin(async move {
                notice::cancel(tx, id, Irrelevant::Operator, now).await
            }))
            .await?
    );
    world.pass(DAY);
    assert_eq!(worker.claim(1).await?.len(), 0);
    Ok(())
}
