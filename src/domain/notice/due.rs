//! What becomes of a notice when it is due: now, in the morning, or not at all.
//!
//! The schedule plans within the hours, but a mail that is tried again, or that a worker finds late, is due at any hour. What
//! nobody waits for then waits for the next opening, unless that would be too late.

use jiff::tz::TimeZone;

use super::{Hours, Irrelevant, Kind, Situation, still_relevant};
use crate::domain::invitation::State;
use crate::domain::time::{HOUR, Timestamp};

/// What becomes of a notice that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It leaves.
    Leaves,
    /// It waits until then, when the hours open.
    Waits(Timestamp),
    /// It is not worth sending any more.
    Irrelevant(Irrelevant),
}

/// So much time has to be left at an opening between a mail and what it warns of; else it leaves at once, at any hour.
const WARNING: i64 = HOUR;

/// Decides at `now` about a notice that is due. `hours` are those of its partner, in the customer's `zone`.
pub fn when_due(
    kind: Kind,
    generation: u32,
    now: Timestamp,
    situation: &Situation<'_>,
    hours: Hours,
    zone: &TimeZone,
) -> Due {
    if let Err(why) = still_relevant(kind, generation, now, situation) {
        return Due::Irrelevant(why);
    }
    if !kind.keeps_hours() {
        return Due::Leaves;
    }
    let opening = hours.next_open(now, zone);
    let is_too_late = |end: Timestamp| opening.plus_micros(WARNING) > end;
    if opening <= now || warns_of(kind, generation, now, situation).is_some_and(is_too_late) {
        return Due::Leaves;
    }
    Due::Waits(opening)
}

/// What a mail warns of: after that moment it says nothing that could still be heeded.
fn warns_of(
    kind: Kind,
    generation: u32,
    now: Timestamp,
    situation: &Situation<'_>,
) -> Option<Timestamp> {
    match (kind, situation.state) {
        (Kind::Reminder | Kind::LastChance, Some(State::Pending { expires_at })) => {
            Some(*expires_at)
        }
        (Kind::Ending, _) => situation.relationship?.first_end(generation, now),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Granted, RelationshipSituation};
    use super::*;
    use crate::domain::time::MINUTE;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    fn pending(state: &State) -> Situation<'_> {
        Situation {
            state: Some(state),
            generation: 1,
            stopped: false,
            undeliverable: false,
            suppressed: false,
            may_read: true,
            inquiry: None,
            relationship: None,
            open_steps: 1,
            due_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_reminder_that_is_late_waits_for_the_morning_and_the_invitation_itself_does_not() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let state = State::Pending {
            expires_at: at("2026-12-22T01:00:00Z"),
        };
        // Wednesday, 03:00 in Seoul.
        let night = at("2026-11-24T18:00:00Z");
        let decided = |kind| when_due(kind, 1, night, &pending(&state), Hours::default(), &seoul);
        assert_eq!(
            decided(Kind::Reminder),
            Due::Waits(at("2026-11-24T23:00:00Z"))
        );
        assert_eq!(decided(Kind::Invitation), Due::Leaves);
        assert_eq!(decided(Kind::Expired), Due::Irrelevant(Irrelevant::Ended));
        let always = when_due(
            Kind::Reminder,
            1,
            night,
            &pending(&state),
            Hours::ALWAYS,
            &seoul,
        );
        assert_eq!(always, Due::Leaves);
    }

    #[test]
    fn a_last_chance_that_would_come_after_the_end_leaves_at_once() {
        let night = at("2026-11-28T02:00:00Z"); // A Saturday.
        let opens = at("2026-11-30T08:00:00Z");
        for (left, expected) in [
            (-1, Due::Leaves),
            (0, Due::Leaves),
            (59, Due::Leaves),
            (60, Due::Waits(opens)),
            (600, Due::Waits(opens)),
        ] {
            let state = State::Pending {
                expires_at: opens.plus_micros(left * MINUTE),
            };
            let situation = pending(&state);
            let decided = when_due(
                Kind::LastChance,
                1,
                night,
                &situation,
                Hours::default(),
                &TimeZone::UTC,
            );
            assert_eq!(decided, expected, "{left} minutes");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_nobody_waits_for_leaves_in_quiet_hours_but_what_would_be_too_late(
            kind in prop::sample::select(Kind::ALL),
            is_accepted: bool,
            now in 0_i64..(6 * 365 * 24 * 60),
            left in -10_i64..(5 * 24 * 60),
            hours in prop::sample::select(vec![
                "00:00-24:00 mon-sun", "08:00-20:00 mon-fri", "09:30-11:00 sun-thu", "22:00-24:00 sat",
            ]),
            zone in prop::sample::select(vec!["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let hours: Hours = hours.parse().unwrap();
            let now = Timestamp::from_micros(1_700_000_000_000_000 + now * MINUTE);
            let end = now.plus_micros(left * MINUTE);
            let state = if is_accepted { State::Accepted { at: now } } else { State::Pending { expires_at: end } };
            let granted = [Granted { revision: 1, ends_at: end }];
            let relationship = RelationshipSituation { is_active: true, granted: &granted };
            let situation = Situation { relationship: is_accepted.then_some(relationship), ..pending(&state) };
            let relevant = still_relevant(kind, 1, now, &situation);
            match when_due(kind, 1, now, &situation, hours, &zone) {
                Due::Irrelevant(why) => prop_assert_eq!(relevant, Err(why)),
                Due::Leaves => {
                    prop_assert!(relevant.is_ok());
                    let opens = hours.next_open(now, &zone);
                    let warns = matches!(kind, Kind::Reminder | Kind::LastChance | Kind::Ending);
                    prop_assert!(
                        !kind.keeps_hours() || hours.are_open(now, &zone) || (warns && opens.plus_micros(WARNING) > end)
                    );
                }
                Due::Waits(until) => {
                    prop_assert!(relevant.is_ok() && kind.keeps_hours() && until > now);
                    prop_assert!(hours.are_open(until, &zone) && !hours.are_open(now, &zone));
                    // It is worth sending then, too, if nothing happens meanwhile.
                    prop_assert!(still_relevant(kind, 1, until, &situation).is_ok());
                }
            }
        }
    }
}
