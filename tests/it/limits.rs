//! How many invitations are made at most, on both databases.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use countersign::domain::audit::Actor;
use countersign::domain::draft::{Draft, Source};
use countersign::domain::ids::{self, ApiKeyId, PartnerId};
use countersign::domain::limit::{Exceeded, Limit, Limits};
use countersign::domain::time::{DAY, HOUR, Timestamp};
use countersign::workflow::invite::{
    InviteError, Item, Outcome as Invited, Outcomes, Trigger, invite, invite_many,
};
use countersign::workflow::limit::{LimitState, limits_of};
use countersign::workflow::partner::{OwnLimits, set_limits};
use countersign::workflow::people::{Correction, correct};
use countersign::workflow::resend::{ask_for_link, resend};
use countersign::workflow::revoke::StepError;
use futures_util::future::try_join_all;

use crate::harness::world::draft;
use crate::harness::{Case, Ctx, Outcome, World, case, wait_until};
use crate::invite::{customer, item, trigger};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(sixteen_writers_make_exactly_as_many_as_the_partner_may).on_each_database(),
        case!(sixteen_batches_make_exactly_as_many_as_the_partner_may).on_each_database(),
        case!(partners_together_reach_a_mailbox_exactly_as_often_as_it_bears).on_each_database(),
        case!(partners_together_reach_a_domain_exactly_as_often_as_it_bears).on_each_database(),
        case!(a_key_has_its_own_day_within_that_of_its_partner).on_each_database(),
        case!(a_batch_makes_what_fits_and_refuses_the_rest).on_each_database(),
        case!(a_refusal_says_nothing_of_other_partners).on_each_database(),
        case!(what_mails_nobody_anew_counts_for_nothing).on_each_database(),
        case!(who_reads_along_has_a_week_too).on_each_database(),
        case!(what_is_sent_again_or_corrected_counts_for_whom_it_goes_to).on_each_database(),
        case!(a_partner_may_have_limits_of_its_own).on_each_database(),
        case!(old_counters_are_swept_and_none_holds_an_address).on_each_database(),
    ]
}

/// A world with these limits.
async fn world(ctx: &Ctx, limits: Limits) -> anyhow::Result<World> {
    let mut world = World::new(ctx).await?;
    let mut settings = (*world.engine.settings).clone();
    settings.limits = limits;
    world.engine.settings = Arc::new(settings);
    Ok(world)
}

fn exceeded(error: &InviteError) -> anyhow::Result<Exceeded> {
    match error {
        InviteError::Limit(exceeded) => Ok(*exceeded),
        other => anyhow::bail!("{other}"),
    }
}

/// How many were made; the others were refused by that limit.
fn made(outcomes: &[Result<Invited, InviteError>], limit: Limit) -> anyhow::Result<usize> {
    let mut made = 0;
    for outcome in outcomes {
        match outcome {
            Ok(Invited::Created(_)) => made += 1,
            Ok(other) => anyhow::bail!("{other:?}"),
            Err(error) => assert_eq!(exceeded(error)?.limit, limit),
        }
    }
    Ok(made)
}

/// Sixteen at once, each with some calls of some items.
async fn race(
    world: &World,
    calls: usize,
    items: impl Fn(usize, usize) -> (PartnerId, Vec<Draft>),
) -> anyhow::Result<Outcomes> {
    let writers = (0..16).map(|writer| {
        let calls: Vec<_> = (0..calls).map(|call| items(writer, call)).collect();
        let engine = world.engine.clone();
        async move {
            let task = async move {
                let mut outcomes = Vec::new();
                for (partner, drafts) in calls {
                    let items = drafts.iter().map(item).collect::<Result<_, _>>()?;
                    outcomes.extend(invite_many(&engine, trigger(partner), items).await?);
                }
                anyhow::Ok(outcomes)
            };
            tokio::spawn(task).await?
        }
    });
    Ok(try_join_all(writers).await?.concat())
}

async fn counters(ctx: &Ctx) -> anyhow::Result<i64> {
    ctx.number("SELECT coalesce(CAST(sum(used) AS bigint), 0) FROM invitation_limit")
        .await
}

async fn sixteen_writers_make_exactly_as_many_as_the_partner_may(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_partner_day: Some(29),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let partner = world.partner;
    let outcomes = race(&world, 4, |writer, call| {
        (partner, vec![customer(writer * 4 + call)])
    })
    .await?;
    assert_eq!(
        (outcomes.len(), made(&outcomes, Limit::PerPartnerDay)?),
        (64, 29)
    );
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 29);
    assert_eq!(counters(ctx).await?, 29);
    // Sunday, 10:00 in Seoul.
    let midnight: Timestamp = "2026-11-23T00:00:00Z".parse::<jiff::Timestamp>()?.into();
    world.clock.set(midnight.plus_micros(-1));
    let error = world.invite("hong@customer.example").await.unwrap_err();
    let error = exceeded(error.downcast_ref().context("a refusal")?)?;
    assert_eq!(
        (error.size, error.resets_at, error.field),
        (29, midnight, "partner")
    );
    world.clock.set(midnight);
    world.invite("hong@customer.example").await?;
    Ok(())
}

async fn sixteen_batches_make_exactly_as_many_as_the_partner_may(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_partner_day: Some(101),
        per_recipient_week: Some(5),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let partner = world.partner;
    let batch = |writer, call| {
        let first = (writer * 2 + call) * 7;
        (partner, (first..first + 7).map(customer).collect())
    };
    let outcomes = race(&world, 2, batch).await?;
    assert_eq!(
        (outcomes.len(), made(&outcomes, Limit::PerPartnerDay)?),
        (224, 101)
    );
    assert_eq!(ctx.number("SELECT count(*) FROM invitation").await?, 101);
    assert_eq!(counters(ctx).await?, 202);
    Ok(())
}

async fn partners_together_reach_a_mailbox_exactly_as_often_as_it_bears(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_recipient_week: Some(9),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let partners = [
        world.partner,
        world.another_partner("garam").await?,
        world.another_partner("saebom").await?,
    ];
    // A batch names two organizations of the same mailbox.
    let to_one = |writer: usize, call: usize| {
        let of = |n: usize| Draft {
            organization: format!("㈜한빛상사 {writer}-{call}-{n}"),
            ..draft(if n == 0 {
                "Hong@customer.example"
            } else {
                "hong@CUSTOMER.example"
            })
        };
        (partners[writer % 3], vec![of(0), of(1)])
    };
    let outcomes = race(&world, 2, to_one).await?;
    assert_eq!(
        (outcomes.len(), made(&outcomes, Limit::PerRecipientWeek)?),
        (64, 9)
    );
    assert_eq!(counters(ctx).await?, 9);
    world.invite("kim@customer.example").await?;
    world.pass(DAY);
    let monday = Draft {
        organization: "㈜가람".to_owned(),
        ..draft("hong@customer.example")
    };
    world.try_invite(world.partner, &monday, None).await?;
    Ok(())
}

async fn partners_together_reach_a_domain_exactly_as_often_as_it_bears(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_domain_day: Some(13),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let partners = [world.partner, world.another_partner("garam").await?];
    let at = |domain: &'static str| {
        move |writer: usize, call: usize| {
            let to = draft(&format!("n{writer}-{call}@{domain}"));
            (partners[writer % 2], vec![to])
        }
    };
    let outcomes = race(&world, 2, at("Customer.example")).await?;
    assert_eq!(
        (outcomes.len(), made(&outcomes, Limit::PerDomainDay)?),
        (32, 13)
    );
    assert_eq!(counters(ctx).await?, 13);
    // Where everybody can have a mailbox, a domain is nobody's.
    let outcomes = race(&world, 2, at("naver.com")).await?;
    assert_eq!(made(&outcomes, Limit::PerDomainDay)?, 32);
    assert_eq!(counters(ctx).await?, 13);
    Ok(())
}

async fn by_key(
    world: &World,
    key: Option<ApiKeyId>,
    drafts: impl IntoIterator<Item = Draft>,
) -> anyhow::Result<Outcomes> {
    let items = drafts
        .into_iter()
        .map(|draft| item(&draft))
        .collect::<Result<_, _>>()?;
    let trigger = Trigger {
        api_key: key,
        ..trigger(world.partner)
    };
    Ok(invite_many(&world.engine, trigger, items).await?)
}

fn key(world: &World) -> ApiKeyId {
    ids::fresh(world.now(), &mut rand::rng())
}

async fn a_key_has_its_own_day_within_that_of_its_partner(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_key_day: Some(3),
        per_partner_day: Some(7),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let (one, other) = (key(&world), key(&world));
    let first = by_key(&world, Some(one), (0..5).map(customer)).await?;
    assert_eq!(made(&first, Limit::PerKeyDay)?, 3);
    let error = first[3].as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "api_key: this key makes at most 3 invitations a day, and has made them; go on from 2026-11-23T00:00:00Z on, or ask the \
         operator for more"
    );
    let second = by_key(&world, Some(other), (10..12).map(customer)).await?;
    assert_eq!(made(&second, Limit::PerKeyDay)?, 2);
    let states = limits_of(&world.engine, world.partner, Some(other)).await?;
    let resets_at = Limit::PerKeyDay.resets_at(world.now());
    let state = |limit, size, used| LimitState {
        limit,
        size,
        used: Some(used),
        resets_at,
    };
    assert_eq!(
        states,
        [
            state(Limit::PerKeyDay, 3, 2),
            state(Limit::PerPartnerDay, 7, 5)
        ]
    );
    let without = by_key(&world, None, (20..24).map(customer)).await?;
    assert_eq!(made(&without, Limit::PerPartnerDay)?, 2);
    Ok(())
}

async fn a_batch_makes_what_fits_and_refuses_the_rest(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_partner_day: Some(4),
        per_recipient_week: Some(2),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let hong = |n: usize| Draft {
        organization: format!("㈜가람 {n}"),
        ..draft("hong@customer.example")
    };
    let drafts = [
        hong(0),
        hong(1),
        hong(2),
        hong(1),
        customer(1),
        customer(2),
        customer(3),
        customer(1),
    ];
    let before = by_key(&world, None, drafts.clone()).await?;
    let told: Vec<_> = before
        .iter()
        .map(|outcome| match outcome {
            Ok(Invited::Created(_)) => "created".to_owned(),
            Ok(_) => "there".to_owned(),
            Err(error) => exceeded(error).unwrap().limit.to_string(),
        })
        .collect();
    assert_eq!(
        told,
        [
            "created",
            "created",
            "per_recipient_week",
            "there",
            "created",
            "created",
            "per_partner_day",
            "there"
        ]
    );
    // What is refused by one limit takes nothing of another.
    assert_eq!(counters(ctx).await?, 4 + 2 + 1 + 1);
    // Nothing of those that were refused is there.
    assert_eq!(ctx.number("SELECT count(*) FROM contact").await?, 3);
    assert_eq!(ctx.number("SELECT count(*) FROM organization").await?, 4);
    Ok(())
}

async fn a_refusal_says_nothing_of_other_partners(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_recipient_week: Some(2),
        per_domain_day: Some(3),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let other = world.another_partner("garam").await?;
    for organization in ["㈜가람", "㈜새봄"] {
        let to = Draft {
            organization: organization.to_owned(),
            ..draft("hong@customer.example")
        };
        world.try_invite(other, &to, None).await?;
    }
    let told_before = limits_of(&world.engine, world.partner, None).await?;
    let error = world
        .try_invite(world.partner, &draft("hong@customer.example"), None)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "email: this address takes no more invitations this week; try again from 2026-11-23T00:00:00Z on"
    );
    world.invite("kim@customer.example").await?;
    let error = world
        .try_invite(world.partner, &draft("lee@customer.example"), None)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "email: the mail domain of this address takes no more invitations today; try again from 2026-11-23T00:00:00Z on"
    );
    // How much of them is used is nobody's business.
    let told = limits_of(&world.engine, world.partner, None).await?;
    assert_eq!(told, told_before);
    let used: Vec<_> = told
        .iter()
        .map(|state| (state.limit, state.size, state.used))
        .collect();
    assert_eq!(
        used,
        [
            (Limit::PerRecipientWeek, 2, None),
            (Limit::PerDomainDay, 3, None)
        ]
    );
    Ok(())
}

async fn what_mails_nobody_anew_counts_for_nothing(ctx: &Ctx) -> Outcome {
    let world = world(ctx, Limits::default()).await?;
    let with_key = Item {
        idempotency_key: Some("k".to_owned()),
        ..item(&customer(1))?
    };
    let run = |item: Item| invite(&world.engine, trigger(world.partner), item);
    let first = run(with_key.clone()).await?;
    let counted = counters(ctx).await?;
    assert_eq!(counted, 3, "the mailbox, the domain, the partner");
    assert_eq!(run(with_key).await?, Invited::Replayed(first.id()));
    assert_eq!(
        run(item(&customer(1))?).await?,
        Invited::AlreadyPending(first.id())
    );
    run(item(&draft("boss@hanbit.example"))?).await.unwrap_err();
    let asked_for = Trigger {
        asked_for: true,
        ..trigger(world.partner)
    };
    invite(&world.engine, asked_for, item(&customer(2))?).await?;
    assert_eq!(counters(ctx).await?, counted);
    // Whoever asked a partner waits for its answer.
    let answer = Trigger {
        source: Source::Inquiry,
        ..trigger(world.partner)
    };
    invite(&world.engine, answer, item(&customer(3))?).await?;
    assert_eq!(counters(ctx).await?, counted + 1, "the partner");
    Ok(())
}

async fn who_reads_along_has_a_week_too(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_recipient_week: Some(2),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let read_by = |n: usize| Draft {
        viewers: vec!["counsel@law.example".to_owned()],
        ..customer(n)
    };
    let told = by_key(&world, None, (0..3).map(read_by)).await?;
    assert_eq!(made(&told, Limit::PerRecipientWeek)?, 2);
    assert_eq!(
        told[2].as_ref().unwrap_err().to_string(),
        "viewers: one of them takes no more invitations this week; try again from 2026-11-23T00:00:00Z on"
    );
    Ok(())
}

async fn what_is_sent_again_or_corrected_counts_for_whom_it_goes_to(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_recipient_week: Some(3),
        per_partner_day: Some(3),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let id = world.invite("hong@customer.example").await?;
    let again = async || {
        world.pass(HOUR / 4);
        resend(&world.engine, id, Actor::Operator).await
    };
    again().await?;
    again().await?;
    let before = ctx.dump_all().await?;
    let error = again().await.unwrap_err();
    ensure!(
        matches!(&error, StepError::Limit(it) if it.limit == Limit::PerRecipientWeek),
        "{error}"
    );
    assert_eq!(
        before,
        ctx.dump_all().await?,
        "what is refused changes nothing"
    );
    // The mailbox itself gets its link.
    let claims = world
        .claims(id, countersign::domain::token::Purpose::Accept)
        .await?;
    world.pass(HOUR);
    ask_for_link(&world.engine, claims).await?;
    ensure!(before != ctx.dump_all().await?, "it was not mailed");
    let to = |email: &str| Correction {
        email: email.parse().unwrap(),
        name: None,
        force: false,
    };
    let corrected =
        async |email: &str| correct(&world.engine, id, to(email), Actor::Operator).await;
    corrected("kim@customer.example").await?;
    // Again and again, it would write to everybody.
    corrected("lee@customer.example").await?;
    let error = corrected("choi@customer.example").await.unwrap_err();
    ensure!(
        matches!(&error, StepError::Limit(it) if it.limit == Limit::PerPartnerDay),
        "{error}"
    );
    let error = corrected("hong@customer.example").await.unwrap_err();
    ensure!(matches!(error, StepError::Limit(_)), "{error}");
    Ok(())
}

async fn a_partner_may_have_limits_of_its_own(ctx: &Ctx) -> Outcome {
    let limits = Limits {
        per_key_day: Some(1),
        per_partner_day: Some(2),
        ..Limits::NONE
    };
    let world = world(ctx, limits).await?;
    let set = async |per_key_day, per_partner_day, afresh| {
        let own = OwnLimits {
            per_key_day,
            per_partner_day,
        };
        let set = set_limits(&world.engine, world.partner, own, afresh).await?;
        anyhow::Ok(set.context("a partner")?.1)
    };
    ensure!(set(Some(0), Some(5), false).await?);
    ensure!(!set(None, Some(5), false).await?);
    let told = by_key(&world, Some(key(&world)), (0..6).map(customer)).await?;
    assert_eq!(made(&told, Limit::PerPartnerDay)?, 5);
    let sizes = async || -> anyhow::Result<Vec<_>> {
        let states = limits_of(&world.engine, world.partner, Some(key(&world))).await?;
        Ok(states
            .iter()
            .map(|state| (state.limit, state.size, state.used))
            .collect())
    };
    assert_eq!(sizes().await?, [(Limit::PerPartnerDay, 5, Some(5))]);
    ensure!(set(None, None, true).await?);
    assert_eq!(
        sizes().await?,
        [
            (Limit::PerKeyDay, 1, Some(0)),
            (Limit::PerPartnerDay, 2, Some(5))
        ]
    );
    let told = by_key(&world, None, [customer(7)]).await?;
    assert_eq!(made(&told, Limit::PerPartnerDay)?, 0);
    let other = world.another_partner("garam").await?;
    world.try_invite(other, &customer(8), None).await?;
    Ok(())
}

async fn old_counters_are_swept_and_none_holds_an_address(ctx: &Ctx) -> Outcome {
    let world = world(ctx, Limits::default()).await?;
    world.invite("gildong@customer.example").await?;
    assert_eq!(counters(ctx).await?, 3);
    for row in ctx.dump_all().await? {
        if row.starts_with("invitation_limit: ") {
            ensure!(
                !row.contains("gildong") && !row.contains("customer"),
                "{row}"
            );
        }
    }
    // The first look of a worker, which comes with a mail, sweeps.
    world.deliver().await?;
    assert_eq!(counters(ctx).await?, 3);
    world.pass(9 * DAY);
    world.deliver().await?;
    wait_until(
        "the counters to be swept",
        std::time::Duration::from_secs(30),
        async || Ok((counters(ctx).await? == 0).then_some(())),
    )
    .await?;
    Ok(())
}
