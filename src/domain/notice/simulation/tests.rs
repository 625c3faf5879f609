use std::collections::HashSet;

use super::*;
use crate::domain::microsoft::Cloud;
use crate::domain::notice::Hours;
use crate::domain::offer::OfferRequest;
use crate::domain::span::GrantDuration;
use crate::domain::time::{DAY, HOUR};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// Roles for that time; none without one.
fn offer(duration: Option<&str>, auto_extend: bool) -> Offer {
    let request = OfferRequest {
        relationship: Some("reseller_delegated_admin".to_owned()),
        roles: Some(
            duration
                .iter()
                .map(|_| "helpdesk_administrator".to_owned())
                .collect(),
        ),
        duration: duration.map(|duration| duration.parse().unwrap()),
        auto_extend,
        agreement: true,
        ..OfferRequest::default()
    };
    Offer::new(request, Cloud::Global).unwrap()
}

fn course<'a>(offer: &'a Offer, zone: &'a TimeZone, schedule: &'a Schedule) -> Course<'a> {
    Course {
        offer,
        made_at: at("2026-11-22T01:00:00Z"),
        expires_days: 30,
        zone,
        schedule,
        behaviour: Behaviour::default(),
    }
}

/// The time in the zone, the mail, and to whom where it is not the customer.
fn lines(sent: &[Sent], zone: &TimeZone) -> Vec<String> {
    let line = |it: &Sent| {
        let at = it.at.in_zone(zone).strftime("%a %F %H:%M").to_string();
        let to = if it.side == Side::Partner {
            " to the partner"
        } else {
            ""
        };
        format!("{at} {} {}{to}", it.kind, it.step)
    };
    sent.iter().map(line).collect()
}

#[test]
fn whoever_does_not_answer_is_reminded_until_the_partner_is_told() {
    let (offer, seoul, schedule) = (offer(None, false), zone("Asia/Seoul"), Schedule::default());
    let course = course(&offer, &seoul, &schedule);
    let sent = simulate(&course, at("2028-11-22T00:00:00Z"));
    assert_eq!(
        lines(&sent, &seoul),
        [
            "Sun 2026-11-22 10:00 invitation 0",
            "Wed 2026-11-25 10:00 reminder 0",
            "Mon 2026-11-30 08:00 reminder 1",
            "Mon 2026-12-21 10:00 last_chance 0",
            "Tue 2026-12-22 10:00 expired 0 to the partner",
        ]
    );
}

#[test]
fn whoever_accepts_is_told_of_every_end_and_every_extension() {
    let (offer, seoul, schedule) = (
        offer(Some("P1Y"), true),
        zone("Asia/Seoul"),
        Schedule::default(),
    );
    let mut course = course(&offer, &seoul, &schedule);
    course.behaviour.accepts_after = Some(4);
    let sent = simulate(&course, at("2028-06-01T00:00:00Z"));
    let (customer, partner): (Vec<Sent>, Vec<Sent>) =
        sent.iter().partition(|it| it.side == Side::Customer);
    assert_eq!(
        lines(&customer, &seoul),
        [
            "Sun 2026-11-22 10:00 invitation 0",
            "Wed 2026-11-25 10:00 reminder 0",
            "Thu 2026-11-26 10:00 receipt 0",
            "Tue 2026-12-01 10:00 steps_open 0",
            "Wed 2027-10-27 10:00 ending 0",
            "Fri 2027-11-19 10:00 ending 1",
            "Thu 2027-11-25 10:00 ending 2",
            "Fri 2027-11-26 10:00 extended 0",
            // 24 May 2028, 10:00.
            "Mon 2028-04-24 10:00 ending 0",
            "Wed 2028-05-17 10:00 ending 1",
            "Tue 2028-05-23 10:00 ending 2",
            "Wed 2028-05-24 10:00 extended 0",
        ]
    );
    assert_eq!(
        lines(&partner[..2], &seoul),
        [
            "Thu 2026-11-26 10:00 accepted 0 to the partner",
            "Wed 2027-10-27 10:00 ending 0 to the partner",
        ]
    );
    assert_eq!(partner.len(), 1 + 8);
}

#[test]
fn the_time_of_roles_counts_from_their_approval_and_nobody_is_nudged_after_it() {
    let (offer, utc, schedule) = (
        offer(Some("P60D"), false),
        TimeZone::UTC,
        Schedule::default(),
    );
    let mut course = course(&offer, &utc, &schedule);
    course.behaviour = Behaviour {
        accepts_after: Some(1),
        steps_done_after: Some(2),
    };
    let sent = simulate(&course, at("2027-11-22T00:00:00Z"));
    let customer: Vec<_> = sent
        .into_iter()
        .filter(|it| it.side == Side::Customer)
        .collect();
    assert_eq!(
        lines(&customer, &utc),
        [
            "Sun 2026-11-22 01:00 invitation 0",
            "Mon 2026-11-23 01:00 receipt 0",
            // Until 24 January, a Sunday at one in the morning; what was planned for two days earlier is irrelevant.
            "Thu 2026-12-24 08:00 ending 0",
            "Fri 2027-01-15 08:00 ending 1",
            "Fri 2027-01-22 08:00 ending 2",
            "Mon 2027-01-25 08:00 ended 0",
        ]
    );
}

/// Days and hours, of which some are odd.
fn schedules() -> impl Strategy<Value = Schedule> {
    (
        prop::collection::btree_set(1_u16..90, 0..5),
        0_u16..10,
        prop::collection::btree_set(1_u16..365, 0..5),
        0_u16..30,
        prop::sample::select(vec![
            "00:00-24:00 mon-sun",
            "08:00-20:00 mon-fri",
            "09:30-11:00 sun-thu",
            "22:00-24:00 sat",
        ]),
    )
        .prop_map(|(remind, last, ending, steps, hours)| Schedule {
            remind_after_days: remind.into_iter().collect(),
            last_chance_days: last,
            ending_days: ending.into_iter().rev().collect(),
            steps_open_days: steps,
            hours: hours.parse::<Hours>().unwrap(),
        })
}

const DURATIONS: [Option<&str>; 7] = [
    None,
    Some("P1D"),
    Some("P30D"),
    Some("P1M"),
    Some("P180D"),
    Some("P1Y"),
    Some("P2Y"),
];
const ZONES: [&str; 6] = [
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Cairo",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_mail_comes_twice_or_after_the_end_or_in_quiet_hours(
        schedule in schedules(),
        duration in prop::sample::select(DURATIONS.to_vec()),
        extends: bool,
        zone_name in prop::sample::select(ZONES.to_vec()),
        // Every hour of six years: changes of daylight-saving time and a leap day among them.
        start in 0_i64..(6 * 365 * 24),
        expires_days in 1_u16..=90,
        accepts_after in prop::option::of(1_u16..100),
        steps_done_after in prop::option::of(0_u16..60),
    ) {
        let offer = offer(duration, extends && duration.is_some());
        let zone = zone(zone_name);
        let course = Course {
            offer: &offer,
            made_at: Timestamp::from_micros(1_700_000_000_000_000 + start * HOUR),
            expires_days,
            zone: &zone,
            schedule: &schedule,
            behaviour: Behaviour { accepts_after, steps_done_after },
        };
        let until = course.made_at.plus(24.months(), &zone);
        let sent = simulate(&course, until);

        prop_assert!(sent.is_sorted_by_key(|it| it.at));
        prop_assert!(sent.iter().all(|it| it.at >= course.made_at && it.at < until));
        let mut seen = HashSet::new();
        for it in &sent {
            prop_assert!(seen.insert((it.kind, it.step, it.side, it.generation)), "twice: {it:?}");
            prop_assert!(it.kind.sides().contains(&it.side));
            prop_assert!(!it.kind.keeps_hours() || schedule.hours.are_open(it.at, &zone), "{it:?}");
            if it.kind.is_about_relationship() {
                let other = if it.side == Side::Partner { Side::Customer } else { Side::Partner };
                prop_assert!(sent.contains(&Sent { side: other, ..*it }), "one side alone: {it:?}");
            }
        }

        let expires_at = course.made_at.plus(i64::from(expires_days).days(), &zone);
        let accepted_at = accepts_after
            .map(|days| course.made_at.plus(i64::from(days).days(), &zone))
            .filter(|at| *at < expires_at);
        let ended_at = accepted_at.unwrap_or(expires_at);
        for it in &sent {
            let is_asking = it.kind.asks_for_an_answer();
            prop_assert_eq!(it.at < ended_at, is_asking, "on the wrong side of the end: {:?}", it);
            prop_assert!(it.kind != Kind::Expired || (accepted_at.is_none() && it.at == expires_at));
        }
        let count = |kind| sent.iter().filter(|it| it.kind == kind).count();
        prop_assert_eq!(count(Kind::Receipt), usize::from(accepted_at.is_some()));
        prop_assert_eq!(count(Kind::Expired), usize::from(accepted_at.is_none()));

        // The ends of the roles, by the calendar alone.
        let mut ends = Vec::new();
        if let (Some(accepted_at), Some(duration)) = (accepted_at, offer.duration()) {
            let mut end = duration.end_from(accepted_at, &zone);
            if let Some(days) = steps_done_after {
                let done_at = accepted_at.plus(i64::from(days).days(), &zone);
                // A late approval still makes them count anew where they were extended; once they ended, nothing does. At one
                // moment, people come first.
                while end < done_at && offer.auto_extend() {
                    ends.push(end);
                    end = GrantDuration::EXTENSION.end_from(end, &zone);
                }
                if end >= done_at {
                    end = duration.end_from(done_at, &zone);
                }
            }
            ends.push(end);
            while offer.auto_extend() && end < until {
                end = GrantDuration::EXTENSION.end_from(end, &zone);
                ends.push(end);
            }
        }
        let told: Vec<Timestamp> = sent
            .iter()
            .filter(|it| matches!(it.kind, Kind::Ended | Kind::Extended) && it.side == Side::Customer)
            .map(|it| it.at)
            .collect();
        let expected: Vec<Timestamp> = ends
            .iter()
            .map(|end| schedule.hours.next_open(*end, &zone))
            .filter(|at| *at < until)
            .collect();
        prop_assert_eq!(&told, &expected);
        let last = sent.iter().rposition(|it| it.kind == Kind::Ended);
        if let Some(last) = last {
            let after: Vec<_> = sent[last + 1..].iter().filter(|it| it.kind != Kind::StepsOpen).collect();
            prop_assert!(after.is_empty(), "after the end: {after:?}");
        }
        for it in sent.iter().filter(|it| it.kind == Kind::Ending) {
            let next = ends.iter().find(|end| **end > it.at);
            prop_assert!(next.is_some_and(|end| end.as_micros() - it.at.as_micros() >= 11 * HOUR), "{it:?}");
        }
    }

    #[test]
    fn a_longer_look_sees_the_same_mails_and_more(
        schedule in schedules(),
        start in 0_i64..(6 * 365 * 24),
        days in 1_i64..700,
        accepts_after in prop::option::of(1_u16..30),
    ) {
        let offer = offer(Some("P30D"), true);
        let zone = zone("America/New_York");
        let made_at = Timestamp::from_micros(1_700_000_000_000_000 + start * HOUR);
        let behaviour = Behaviour { accepts_after, steps_done_after: None };
        let course = Course { made_at, behaviour, ..course(&offer, &zone, &schedule) };
        let until = made_at.plus_micros(days * DAY);
        let short = simulate(&course, until);
        let long = simulate(&course, until.plus_micros(400 * DAY));
        prop_assert!(long.starts_with(&short));
        prop_assert!(long[short.len()..].iter().all(|it| it.at >= until));
    }
}
