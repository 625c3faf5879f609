//! When which mail follows from what happened: the whole schedule in one pure function.

use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::{Hours, Kind, NewNotice, Target};
use crate::domain::ids::{ContactId, PartnerId};
use crate::domain::time::{HOUR, Timestamp};

/// When what waits, and what ends, is brought to mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Days after the invitation.
    pub remind_after_days: Vec<u16>,
    /// Days before its end.
    pub last_chance_days: u16,
    /// Days before the end of granted roles.
    pub ending_days: Vec<u16>,
    /// Days after consent, when steps at Microsoft are not known to be done; 0 for never.
    pub steps_open_days: u16,
    /// When the mails that nobody waits for may leave.
    pub hours: Hours,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            remind_after_days: vec![3, 7],
            last_chance_days: 1,
            ending_days: vec![30, 7, 1],
            steps_open_days: 5,
            hours: Hours::default(),
        }
    }
}

/// What a follow-up depends on.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The partner.
    pub partner: PartnerId,
    /// The mailbox of the one who is asked.
    pub contact: ContactId,
    /// The sending that is current.
    pub generation: u32,
    /// The customer's time zone: days are its days.
    pub zone: &'a TimeZone,
    /// When the invitation ends if nobody answers; of a relationship, when the roles in question are expected to end.
    pub ends_at: Timestamp,
    /// When reminders are due.
    pub schedule: &'a Schedule,
}

/// What happened to an invitation, or to the relationship that it led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It was made, or sent again.
    Sent,
    /// It was sent again, because the customer asked for a link that works.
    AskedFor,
    /// The customer consented.
    Accepted,
    /// The customer said no.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The partner took it back.
    Revoked,
    /// A mail of that kind was refused for good.
    Undeliverable(Kind),
    /// The customer named somebody else to answer; the new link is another happening.
    HandedOver,
    /// Somebody may read along.
    ViewerAdded,
    /// Roles were granted, or their end was moved.
    EndSet,
    /// The time of roles was over.
    RolesEnded,
    /// Roles were extended by themselves.
    RolesExtended,
    /// The customer removed roles.
    RolesRemoved,
    /// The customer ended the relationship.
    RelationshipEnded,
}

/// The mails that follow from what happened at `now`.
///
/// Reminders keep the hours of the schedule and at least twelve hours between each other: one that falls into the night waits
/// for the morning, the last chance comes on a morning before, or on the next one where that is soon enough.
pub fn follow_ups(happening: Happening, now: Timestamp, facts: &Facts<'_>) -> Vec<NewNotice> {
    let notice = |kind, step, target, run_at| NewNotice {
        kind,
        step,
        target,
        generation: facts.generation,
        run_at,
        asked_for: false,
    };
    let customer = Target::Contact(facts.contact);
    let partner = Target::Partner(facts.partner);
    // What time does, nobody waits for.
    let open = facts.schedule.hours.next_open(now, facts.zone);
    let both = |kind, at| {
        [customer, partner]
            .map(|target| notice(kind, 0, target, at))
            .to_vec()
    };
    match happening {
        Happening::Sent | Happening::AskedFor => {
            let mut notices = vec![NewNotice {
                asked_for: happening == Happening::AskedFor,
                ..notice(Kind::Invitation, 0, customer, now)
            }];
            let last = last_chance(now, facts);
            notices.extend(
                reminders(now, last.unwrap_or(facts.ends_at), facts)
                    .into_iter()
                    .zip(0..)
                    .map(|(at, step)| notice(Kind::Reminder, step, customer, at)),
            );
            notices.extend(last.map(|at| notice(Kind::LastChance, 0, customer, at)));
            notices
        }
        Happening::Accepted => {
            let mut notices = vec![
                notice(Kind::Receipt, 0, customer, now),
                notice(Kind::Accepted, 0, partner, now),
            ];
            let days = i64::from(facts.schedule.steps_open_days);
            let planned = now.plus(days.days(), facts.zone);
            let at = facts.schedule.hours.next_open(planned, facts.zone);
            notices.extend((days > 0).then(|| notice(Kind::StepsOpen, 0, customer, at)));
            notices
        }
        Happening::Declined => vec![notice(Kind::Declined, 0, partner, now)],
        Happening::Expired => vec![notice(Kind::Expired, 0, partner, now)],
        // One for each kind of mail: a receipt that fails after the invitation was brought back is another matter.
        Happening::Undeliverable(mail) => {
            vec![notice(
                Kind::Undeliverable,
                mail.failure_step(),
                partner,
                now,
            )]
        }
        Happening::HandedOver => vec![notice(Kind::HandedOver, 0, partner, now)],
        Happening::ViewerAdded => vec![notice(Kind::Viewer, 0, customer, now)],
        Happening::Revoked => Vec::new(),
        Happening::EndSet => endings(now, facts)
            .into_iter()
            .flat_map(|(step, at)| {
                [customer, partner].map(|target| notice(Kind::Ending, step, target, at))
            })
            .collect(),
        Happening::RolesEnded => both(Kind::Ended, open),
        Happening::RolesExtended => both(Kind::Extended, open),
        Happening::RolesRemoved => both(Kind::RolesRemoved, now),
        Happening::RelationshipEnded => both(Kind::RelationshipEnded, now),
    }
}

/// Between two mails that nobody waits for.
const APART: i64 = 12 * HOUR;

/// When it is said that the invitation ends soon; not for one that has just been sent.
fn last_chance(now: Timestamp, facts: &Facts<'_>) -> Option<Timestamp> {
    let days = i64::from(facts.schedule.last_chance_days);
    let planned = facts.ends_at.plus((-days).days(), facts.zone);
    let hours = facts.schedule.hours;
    let before = hours.last_open(planned, facts.zone);
    let after = hours.next_open(planned, facts.zone);
    let fits =
        |at: &Timestamp| *at > now.plus_micros(APART) && at.plus_micros(APART) <= facts.ends_at;
    [before, after].into_iter().find(|at| days > 0 && fits(at))
}

/// When it is said that roles end, each with its place in the schedule: never later than planned, and none that lies within
/// twelve hours of the one before, or of now.
fn endings(now: Timestamp, facts: &Facts<'_>) -> Vec<(u16, Timestamp)> {
    let mut days = facts.schedule.ending_days.clone();
    days.sort_unstable_by(|a, b| b.cmp(a));
    days.dedup();
    let mut last = now;
    let mut endings = Vec::new();
    for (step, days) in (0..).zip(days.into_iter().filter(|days| *days > 0)) {
        let planned = facts.ends_at.plus((-i64::from(days)).days(), facts.zone);
        let at = facts.schedule.hours.last_open(planned, facts.zone);
        if at >= last.plus_micros(APART) {
            endings.push((step, at));
            last = at;
        }
    }
    endings
}

/// When a pending invitation is brought to mind, well before `end`.
fn reminders(now: Timestamp, end: Timestamp, facts: &Facts<'_>) -> Vec<Timestamp> {
    let mut days = facts.schedule.remind_after_days.clone();
    days.sort_unstable();
    let mut last = now;
    let mut reminders = Vec::new();
    for days in days.into_iter().filter(|days| *days > 0) {
        let planned = now.plus(i64::from(days).days(), facts.zone);
        let at = facts.schedule.hours.next_open(planned, facts.zone);
        if at.plus_micros(APART) <= end && at >= last.plus_micros(APART) {
            reminders.push(at);
            last = at;
        }
    }
    reminders
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn facts<'a>(zone: &'a TimeZone, schedule: &'a Schedule, ends_at: Timestamp) -> Facts<'a> {
        Facts {
            partner: Uuid::from_u128(1).into(),
            contact: Uuid::from_u128(2).into(),
            generation: 1,
            zone,
            ends_at,
            schedule,
        }
    }

    static UTC: TimeZone = TimeZone::UTC;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn thirty_days_bring_two_reminders_and_a_last_chance() {
        let zone = TimeZone::get("Asia/Seoul").unwrap();
        let schedule = Schedule::default();
        let now = at("2026-11-22T01:00:00Z");
        let facts = facts(&zone, &schedule, at("2026-12-22T09:00:00Z"));
        let plan: Vec<_> = follow_ups(Happening::Sent, now, &facts)
            .iter()
            .map(|n| format!("{} {} {}", n.kind, n.step, n.run_at))
            .collect();
        assert_eq!(
            plan,
            [
                "invitation 0 2026-11-22T01:00:00Z",
                "reminder 0 2026-11-25T01:00:00Z",
                // A Sunday: the mail waits for Monday morning.
                "reminder 1 2026-11-29T23:00:00Z",
                "last_chance 0 2026-12-21T09:00:00Z",
            ]
        );
    }

    #[test]
    fn an_invitation_of_two_days_has_only_its_last_chance() {
        let schedule = Schedule::default();
        let now = at("2026-11-22T01:00:00Z");
        let facts = facts(&UTC, &schedule, at("2026-11-24T01:00:00Z"));
        let kinds: Vec<_> = follow_ups(Happening::Sent, now, &facts)
            .iter()
            .map(|n| n.kind)
            .collect();
        assert_eq!(kinds, [Kind::Invitation, Kind::LastChance]);
    }

    #[test]
    fn the_link_alone_is_asked_for_and_the_rest_of_the_schedule_is_the_same() {
        let schedule = Schedule::default();
        let now = at("2026-11-22T01:00:00Z");
        let facts = facts(&UTC, &schedule, at("2026-12-22T09:00:00Z"));
        let mut asked = follow_ups(Happening::AskedFor, now, &facts);
        let of_kinds: Vec<_> = asked.iter().map(|n| (n.kind, n.asked_for)).collect();
        assert_eq!(
            of_kinds,
            [
                (Kind::Invitation, true),
                (Kind::Reminder, false),
                (Kind::Reminder, false),
                (Kind::LastChance, false),
            ]
        );
        asked[0].asked_for = false;
        assert_eq!(asked, follow_ups(Happening::Sent, now, &facts));
    }

    #[test]
    fn nobody_is_mailed_after_a_revocation() {
        let schedule = Schedule::default();
        let now = at("2026-11-22T01:00:00Z");
        let facts = facts(&UTC, &schedule, at("2026-12-24T01:00:00Z"));
        assert_eq!(follow_ups(Happening::Revoked, now, &facts), []);
    }

    #[test]
    fn the_end_of_roles_is_told_to_both_sides_a_month_a_week_and_a_day_before() {
        let zone = TimeZone::get("Asia/Seoul").unwrap();
        let schedule = Schedule::default();
        let now = at("2026-11-22T01:00:00Z");
        let facts = facts(&zone, &schedule, at("2027-11-22T01:00:00Z"));
        let plan = follow_ups(Happening::EndSet, now, &facts);
        let told: Vec<_> = plan
            .iter()
            .filter(|n| n.target == Target::Partner(facts.partner))
            .map(|n| format!("{} {} {}", n.kind, n.step, n.run_at))
            .collect();
        assert_eq!(
            told,
            [
                // A Saturday and a Sunday: on the morning of the Friday before.
                "ending 0 2027-10-21T23:00:00Z",
                "ending 1 2027-11-15T01:00:00Z",
                "ending 2 2027-11-18T23:00:00Z",
            ]
        );
        assert_eq!(plan.len(), 6);
    }

    proptest! {
        #[test]
        fn the_end_of_roles_is_told_before_it_in_hours_and_no_step_twice(
            days in 1_i64..=730,
            before in prop::collection::vec(0_u16..400, 0..6),
            hours in prop::sample::select(vec!["00:00-24:00 mon-sun", "08:00-20:00 mon-fri", "22:00-24:00 sat"]),
            zone in prop::sample::select(vec!["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"]),
            start in 0_i64..(5 * 365 * 24),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let schedule = Schedule {
                ending_days: before,
                hours: hours.parse().unwrap(),
                ..Schedule::default()
            };
            let now = Timestamp::from_micros(1_700_000_000_000_000 + start * HOUR);
            let facts = facts(&zone, &schedule, now.plus(days.days(), &zone));
            let mut seen = std::collections::HashSet::new();
            for notice in follow_ups(Happening::EndSet, now, &facts) {
                prop_assert!(seen.insert((notice.step, notice.target)));
                prop_assert!(notice.run_at > now && notice.run_at < facts.ends_at);
                prop_assert!(schedule.hours.are_open(notice.run_at, &zone), "{notice:?}");
            }
        }

        #[test]
        fn every_reminder_lies_before_the_end_in_its_hours_and_none_twice(
            days in 1_i64..=90,
            remind in prop::collection::vec(0_u16..120, 0..6),
            last in 0_u16..10,
            hours in prop::sample::select(vec![
                "00:00-24:00 mon-sun", "08:00-20:00 mon-fri", "09:30-11:00 sun-thu", "22:00-24:00 sat",
            ]),
            zone in prop::sample::select(vec![
                "UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe",
            ]),
            start in 0_i64..(5 * 365 * 24),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let schedule = Schedule {
                remind_after_days: remind,
                last_chance_days: last,
                hours: hours.parse().unwrap(),
                ..Schedule::default()
            };
            // Every hour of five years: changes of daylight-saving time and a leap day among them.
            let now = Timestamp::from_micros(1_700_000_000_000_000 + start * HOUR);
            let facts = facts(&zone, &schedule, now.plus(days.days(), &zone));
            let plan = follow_ups(Happening::Sent, now, &facts);
            prop_assert_eq!(plan[0].kind, Kind::Invitation);
            for pair in plan.windows(2) {
                prop_assert!(pair[0].run_at < pair[1].run_at);
                prop_assert!((pair[0].kind, pair[0].step) != (pair[1].kind, pair[1].step));
            }
            for notice in &plan {
                prop_assert!(notice.run_at >= now && notice.run_at < facts.ends_at);
                if notice.kind != Kind::Invitation {
                    prop_assert!(schedule.hours.are_open(notice.run_at, &zone), "{notice:?}");
                }
            }
        }
    }
}
