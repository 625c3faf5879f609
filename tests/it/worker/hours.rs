//! Quiet hours, for a worker that comes late or has to try again.

use anyhow::ensure;
use countersign::demo::sink::Behaviour;
use countersign::domain::delivery::Stage;
use countersign::domain::notice::{Kind, NoticeState, OwnSchedule};
use countersign::domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
use countersign::workflow::partner;

use crate::harness::{Case, Ctx, Outcome, World, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(a_worker_that_wakes_at_night_reminds_nobody_before_the_morning).on_each_database(),
        case!(a_retry_that_falls_into_the_night_waits_and_counts_no_failure).on_each_database(),
        case!(a_last_chance_leaves_at_night_rather_than_after_the_end).on_each_database(),
        case!(a_partner_has_hours_of_its_own).on_each_database(),
    ]
}

const CUSTOMER: &str = "hong@customer.example";

/// So many hours after midnight in Seoul, that many days after the Sunday on which the world begins.
fn seoul(world: &World, days: i64, hours: i64) -> Timestamp {
    let began = world.now().as_micros();
    let midnight = (began + 9 * HOUR) / DAY * DAY - 9 * HOUR;
    Timestamp::from_micros(midnight + days * DAY + hours * HOUR)
}

async fn a_worker_that_wakes_at_night_reminds_nobody_before_the_morning(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (night, morning) = (seoul(&world, 4, 3), seoul(&world, 4, 8));
    let id = world.invite(CUSTOMER).await?;
    world.clock.set(night);
    // The invitation itself is late, and leaves at once; the reminder of the day before does not.
    assert_eq!(world.deliver().await?.len(), 1);
    let first = |rows: Vec<countersign::storage::notice::Notice>| {
        rows.into_iter()
            .find(|row| row.step == 0)
            .expect("a reminder")
    };
    let row = first(world.notices(id, Kind::Reminder).await?);
    assert_eq!((row.state, row.failures), (NoticeState::Scheduled, 0));
    assert_eq!(row.run_at, morning);
    assert_eq!(world.endings(&row).await?, ["released"]);
    world.clock.set(morning.plus_micros(-1));
    assert_eq!(world.deliver().await?.len(), 0);
    world.clock.set(morning);
    assert_eq!(world.deliver().await?.len(), 1);
    assert_eq!(world.endings(&row).await?, ["released", "sent"]);
    Ok(())
}

async fn a_retry_that_falls_into_the_night_waits_and_counts_no_failure(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let (evening, morning) = (seoul(&world, 3, 20), seoul(&world, 4, 8));
    let (sink, post) = world.server_and_post().await?;
    let id = world.invite("hong@grey.example").await?;
    world.run(&post).await?;
    sink.behave_for(
        "grey.example",
        Stage::RcptTo,
        Behaviour::Reply("451 4.7.1 come back later".to_owned()),
    );
    world.clock.set(evening.plus_micros(-6 * SECOND));
    assert_eq!(world.run(&post).await?.retried, 1);
    world.clock.set(evening.plus_micros(5 * MINUTE));
    let summary = world.run(&post).await?;
    assert_eq!((summary.sent, summary.retried), (0, 0));
    let rows = world.notices(id, Kind::Reminder).await?;
    let row = rows.into_iter().find(|row| row.step == 0);
    let row = row.expect("a reminder");
    assert_eq!((row.state, row.failures), (NoticeState::Scheduled, 1));
    assert_eq!(row.run_at, morning);
    sink.behave_well();
    world.clock.set(morning);
    assert_eq!(world.run(&post).await?.sent, 1);
    assert_eq!(world.endings(&row).await?, ["retried", "released", "sent"]);
    Ok(())
}

async fn a_last_chance_leaves_at_night_rather_than_after_the_end(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let own = OwnSchedule {
        hours: Some("12:00-18:00 mon-fri".parse()?),
        remind_after_days: Some(vec![]),
        ..OwnSchedule::default()
    };
    partner::set_schedule(&world.engine, world.partner, own, false).await?;
    // It ends on a Tuesday at ten; its last chance was planned for the Friday before.
    let night = seoul(&world, 30, 3);
    let id = world.invite(CUSTOMER).await?;
    world.deliver().await?;
    let planned = world.notice(id, Kind::LastChance).await?;
    ensure!(planned.run_at < night, "{}", planned.run_at);
    world.clock.set(night);
    assert_eq!(world.deliver().await?.len(), 1);
    let row = world.notice(id, Kind::LastChance).await?;
    assert_eq!(row.state, NoticeState::Sent);
    Ok(())
}

async fn a_partner_has_hours_of_its_own(ctx: &Ctx) -> Outcome {
    let world = World::new(ctx).await?;
    let own = OwnSchedule {
        remind_after_days: Some(vec![1]),
        hours: Some("00:00-24:00 mon-sun".parse()?),
        ..OwnSchedule::default()
    };
    let set = partner::set_schedule(&world.engine, world.partner, own.clone(), false).await?;
    ensure!(set.is_some_and(|(partner, changed)| changed && partner.schedule == Some(own.clone())));
    let again = partner::set_schedule(&world.engine, world.partner, own, false).await?;
    ensure!(
        again.is_some_and(|(_, changed)| !changed),
        "nothing was changed"
    );
    let late = seoul(&world, 0, 23);
    world.clock.set(late);
    let id = world.invite(CUSTOMER).await?;
    let reminders = world.notices(id, Kind::Reminder).await?;
    let times: Vec<_> = reminders.iter().map(|row| row.run_at).collect();
    assert_eq!(times, [late.plus_micros(DAY)], "as it was, at night");
    world.deliver().await?;
    // Another schedule changes nothing that was planned, but for the hours in which it may leave.
    let reset = partner::set_schedule(&world.engine, world.partner, OwnSchedule::default(), true);
    ensure!(
        reset
            .await?
            .is_some_and(|(partner, changed)| changed && partner.schedule.is_none())
    );
    world.clock.set(late.plus_micros(DAY));
    assert_eq!(world.deliver().await?.len(), 0);
    let row = world.notice(id, Kind::Reminder).await?;
    assert_eq!(row.run_at, late.plus_micros(DAY + 9 * HOUR));
    let events = ctx
        .number("SELECT count(*) FROM event WHERE kind = 'partner.schedule_changed'")
        .await?;
    assert_eq!(events, 2);
    Ok(())
}
