//! The simulation beside a worker that really runs: the same mails at the same times.

use std::collections::BTreeMap;

use anyhow::ensure;
use countersign::domain::audit::Actor;
use countersign::domain::draft::{Draft, Source};
use countersign::domain::ids::{InvitationId, PartnerId};
use countersign::domain::microsoft::StepState;
use countersign::domain::notice::simulation::{Behaviour, Course, Sent, simulate};
use countersign::domain::notice::{OwnSchedule, Side};
use countersign::domain::offer::Offer;
use countersign::domain::time::Timestamp;
use countersign::storage::{invitation, notice, queue, relationship};
use countersign::workflow::invite::{Trigger, invite};
use countersign::workflow::{accept, partner, steps};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::harness::world::draft;
use crate::harness::{Case, Ctx, Outcome, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(the_worker_sends_what_was_simulated_when_it_was).on_each_database()]
}

/// An invitation that goes both ways.
struct Twin {
    id: InvitationId,
    name: &'static str,
    partner: PartnerId,
    offer: Offer,
    zone: TimeZone,
    expires_days: u16,
    behaviour: Behaviour,
}

/// Name, whether its partner has a schedule of its own, and the invitation with what becomes of it.
fn plans() -> Vec<(&'static str, bool, Draft, Behaviour)> {
    let of = |name: &str, zone: &str| Draft {
        organization: format!("Organization of {name}"),
        time_zone: Some(zone.to_owned()),
        roles: Some(vec!["helpdesk_administrator".to_owned()]),
        ..draft(&format!("{name}@{name}.example"))
    };
    let behaves = |accepts_after, steps_done_after| Behaviour {
        accepts_after,
        steps_done_after,
    };
    let extends = |name: &str, zone: &str, duration: &str| Draft {
        duration: Some(duration.to_owned()),
        auto_extend: true,
        ..of(name, zone)
    };
    vec![
        (
            "silent",
            false,
            of("silent", "Asia/Seoul"),
            behaves(None, None),
        ),
        (
            "short",
            true,
            Draft {
                expires_in_days: Some(2),
                ..of("short", "America/New_York")
            },
            behaves(None, None),
        ),
        (
            "year",
            false,
            extends("year", "Europe/Berlin", "P1Y"),
            behaves(Some(4), None),
        ),
        (
            "approved",
            true,
            Draft {
                duration: Some("P60D".to_owned()),
                ..of("approved", "Australia/Lord_Howe")
            },
            behaves(Some(1), Some(10)),
        ),
        (
            "again",
            true,
            extends("again", "America/New_York", "P1M"),
            behaves(Some(6), Some(40)),
        ),
        (
            "sold",
            false,
            Draft {
                partner_type: Some("reseller".to_owned()),
                roles: None,
                ..of("sold", "UTC")
            },
            behaves(Some(5), Some(3)),
        ),
        (
            "agreed",
            true,
            Draft {
                partner_type: None,
                roles: None,
                ..of("agreed", "Asia/Seoul")
            },
            behaves(Some(89), None),
        ),
    ]
}

async fn the_worker_sends_what_was_simulated_when_it_was(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let other = world.another_partner("saebom").await?;
    let own = OwnSchedule {
        remind_after_days: Some(vec![2, 5, 9]),
        ending_days: Some(vec![14, 3]),
        hours: Some("09:30-18:00 mon-sat".parse()?),
        ..OwnSchedule::default()
    };
    partner::set_schedule(&world.engine, other, own, false).await?;
    let made_at = world.now();
    let until = made_at.plus(24.months(), &TimeZone::UTC);
    let mut twins = Vec::new();
    for (name, has_own, draft, behaviour) in plans() {
        let partner = if has_own { other } else { world.partner };
        twins.push(make(&world, name, partner, &draft, behaviour).await?);
    }

    let mut sent: BTreeMap<&str, Vec<Sent>> = BTreeMap::new();
    let mut acts = acts(&twins, made_at);
    let mut now = Some(made_at);
    while let Some(at) = now.filter(|at| *at < until) {
        world.clock.set(at);
        while let Some((act_at, _)) = acts.first()
            && *act_at <= at
        {
            let (_, act) = acts.remove(0);
            let twin = &twins[act.twin];
            if act.is_acceptance {
                let mut signed = world.acceptance(twin.id).await?;
                signed.signature.auto_extend = twin.offer.auto_extend();
                accept::accept(&world.engine, signed).await?;
            } else {
                for step in twin.offer.steps() {
                    let (said, actor) = (StepState::SaidByPartner, Actor::Operator);
                    steps::mark(&world.engine, twin.id, step, said, actor).await?;
                }
            }
        }
        for mail in world.deliver().await? {
            let mut conn = world.engine.db.read().await?;
            let row = notice::find(&mut conn, mail.notice()).await?;
            let row = row.expect("the notice of a mail");
            let twin = twins.iter().find(|twin| twin.id.uuid() == row.subject_id);
            let twin = twin.expect("one of ours");
            sent.entry(twin.name).or_default().push(Sent {
                at,
                kind: row.kind,
                step: row.step.try_into()?,
                side: side(twin, row.target_id),
                generation: row.generation.try_into()?,
            });
        }
        now = next(&world, &acts).await?;
        ensure!(now.is_none_or(|next| next > at), "it stands still at {at}");
    }

    for twin in &twins {
        let mut conn = world.engine.db.read().await?;
        let partner = countersign::storage::partner::find(&mut conn, twin.partner).await?;
        let schedule = world.engine.schedule_of(&partner.expect("the partner"));
        let course = Course {
            offer: &twin.offer,
            made_at,
            expires_days: twin.expires_days,
            zone: &twin.zone,
            schedule: &schedule,
            behaviour: twin.behaviour,
        };
        let mut simulated = simulate(&course, until);
        let mut really = sent.remove(twin.name).unwrap_or_default();
        simulated.sort();
        really.sort();
        assert_eq!(really, simulated, "{}", twin.name);
        ensure!(simulated.len() > 1, "{} is mailed once", twin.name);
    }
    Ok(())
}

fn side(twin: &Twin, target: Uuid) -> Side {
    if target == twin.partner.uuid() {
        Side::Partner
    } else {
        Side::Customer
    }
}

async fn make(
    world: &World,
    name: &'static str,
    partner: PartnerId,
    draft: &Draft,
    behaviour: Behaviour,
) -> anyhow::Result<Twin> {
    let request = draft.check().map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let trigger = Trigger {
        partner,
        source: Source::Cli,
        actor: Actor::Operator,
        api_key: None,
        asked_for: false,
    };
    let (offer, zone) = (request.offer.clone(), request.time_zone.clone());
    let expires_days = request.expires_in_days;
    let id = invite(&world.engine, trigger, request).await?.id();
    Ok(Twin {
        id,
        name,
        partner,
        offer,
        zone: TimeZone::get(&zone.expect("a zone"))?,
        expires_days: expires_days.unwrap_or(world.engine.settings.expires_days),
        behaviour,
    })
}

/// What a person does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Act {
    twin: usize,
    is_acceptance: bool,
}

/// All that people do, in the order of its times.
fn acts(twins: &[Twin], made_at: Timestamp) -> Vec<(Timestamp, Act)> {
    let mut acts = Vec::new();
    for (place, twin) in twins.iter().enumerate() {
        let after = |at: Timestamp, days: u16| at.plus(i64::from(days).days(), &twin.zone);
        let Some(accepts) = twin.behaviour.accepts_after else {
            continue;
        };
        let accepts_at = after(made_at, accepts);
        if accepts >= twin.expires_days {
            continue;
        }
        let act = |is_acceptance| Act {
            twin: place,
            is_acceptance,
        };
        acts.push((accepts_at, act(true)));
        if let Some(days) = twin.behaviour.steps_done_after {
            acts.push((after(accepts_at, days), act(false)));
        }
    }
    acts.sort();
    acts
}

/// When something happens next.
async fn next(world: &World, acts: &[(Timestamp, Act)]) -> anyhow::Result<Option<Timestamp>> {
    let now = world.now();
    let mut conn = world.engine.db.read().await?;
    let next = [
        queue::next_due(&mut conn).await?,
        invitation::next_expiry(&mut conn, now).await?,
        relationship::next_end(&mut conn, now).await?,
        acts.first().map(|(at, _)| *at),
    ];
    Ok(next.into_iter().flatten().min())
}
