//! Notices: which mails there are, when they follow from what happened, and whether one is still worth sending.
//!
//! [`follow_ups`] is the whole schedule in one pure function, so that it can be read, tested and simulated in one place.

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::ids::{ContactId, PartnerId};
use super::invitation::State;
use super::time::{HOUR, Timestamp};
use super::words::words;

words! {
    /// Which mail it is; also the name of its template folder.
    Kind, "kind of notice" {
        /// To the customer: the offer and the link.
        Invitation = "invitation",
        /// To the customer: it still waits.
        Reminder = "reminder",
        /// To the customer: it ends soon.
        LastChance = "last_chance",
        /// To the customer: what was consented to.
        Receipt = "receipt",
        /// To the partner: the customer consented.
        Accepted = "accepted",
        /// To the partner: the customer said no, and why.
        Declined = "declined",
        /// To the partner: nobody answered in time.
        Expired = "expired",
        /// To the partner: the mail cannot be delivered.
        Undeliverable = "undeliverable",
    }
}

words! {
    /// Where a notice stands in the queue.
    NoticeState, "state of a notice" {
        /// Waits for its time.
        Scheduled = "scheduled",
        /// Due.
        Ready = "ready",
        /// Under a worker's lease.
        Running = "running",
        /// A server took responsibility for it.
        Sent = "sent",
        /// Refused for good.
        Failed = "failed",
        /// Given up: too many tries, or it ended its workers.
        Dead = "dead",
        /// No longer worth sending.
        Cancelled = "cancelled",
    }
}

impl Kind {
    /// Whether the mail goes to the customer; the others go to the partner.
    pub const fn is_for_customer(self) -> bool {
        matches!(
            self,
            Self::Invitation | Self::Reminder | Self::LastChance | Self::Receipt
        )
    }

    /// Whether it is one of those that a customer may stop.
    pub const fn is_reminder(self) -> bool {
        matches!(self, Self::Reminder | Self::LastChance)
    }

    /// Whether it carries the acceptance link, and so ends with the invitation.
    pub const fn asks_for_an_answer(self) -> bool {
        matches!(self, Self::Invitation | Self::Reminder | Self::LastChance)
    }
}

/// Who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A mailbox of the customer.
    Contact(ContactId),
    /// The partner's own address.
    Partner(PartnerId),
}

/// A mail that is to be put into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// Which mail.
    pub kind: Kind,
    /// The how-many-eth of its kind, from 0.
    pub step: u16,
    /// To whom.
    pub target: Target,
    /// Which sending of the invitation it belongs to: a resend raises it.
    pub generation: u32,
    /// Not before then.
    pub run_at: Timestamp,
    /// Whether its reader asked for this very mail on a page; its payload is [`ASKED_FOR`] then.
    pub asked_for: bool,
}

/// The payload of a mail that its reader asked for.
pub const ASKED_FOR: &str = r#"{"asked_for":true}"#;

/// Whether a notice of that kind and payload is the link that its reader asked for: the one mail that a suppressed address
/// gets. The reminders after it are not asked for, and no other kind can be.
pub fn is_asked_for(kind: Kind, payload: &str) -> bool {
    #[derive(Deserialize)]
    struct Payload {
        #[serde(default)]
        asked_for: bool,
    }
    kind == Kind::Invitation
        && serde_json::from_str(payload).is_ok_and(|payload: Payload| payload.asked_for)
}

/// When a pending invitation is brought to mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Days after the invitation.
    pub remind_after_days: Vec<u16>,
    /// Days before its end.
    pub last_chance_days: u16,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            remind_after_days: vec![3, 7],
            last_chance_days: 1,
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
    /// When the invitation ends if nobody answers.
    pub expires_at: Timestamp,
    /// When reminders are due.
    pub schedule: &'a Schedule,
}

/// What happened to an invitation.
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
    /// Its mail was refused for good.
    Undeliverable,
}

/// The mails that follow from what happened at `now`.
///
/// No reminder falls within twelve hours before the last one, or after it.
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
    match happening {
        Happening::Sent | Happening::AskedFor => {
            let mut notices = vec![NewNotice {
                asked_for: happening == Happening::AskedFor,
                ..notice(Kind::Invitation, 0, customer, now)
            }];
            let days = i64::from(facts.schedule.last_chance_days);
            let last = facts.expires_at.plus((-days).days(), facts.zone);
            let has_last = days > 0 && last > now.plus_micros(12 * HOUR);
            let end = if has_last { last } else { facts.expires_at };
            let mut due = facts.schedule.remind_after_days.clone();
            due.sort_unstable();
            due.dedup();
            notices.extend(
                due.iter()
                    .filter(|days| **days > 0)
                    .map(|days| now.plus(i64::from(*days).days(), facts.zone))
                    .take_while(|at| at.plus_micros(12 * HOUR) <= end)
                    .zip(0..)
                    .map(|(at, step)| notice(Kind::Reminder, step, customer, at)),
            );
            if has_last {
                notices.push(notice(Kind::LastChance, 0, customer, last));
            }
            notices
        }
        Happening::Accepted => vec![
            notice(Kind::Receipt, 0, customer, now),
            notice(Kind::Accepted, 0, partner, now),
        ],
        Happening::Declined => vec![notice(Kind::Declined, 0, partner, now)],
        Happening::Expired => vec![notice(Kind::Expired, 0, partner, now)],
        Happening::Undeliverable => vec![notice(Kind::Undeliverable, 0, partner, now)],
        Happening::Revoked => Vec::new(),
    }
}

words! {
    /// Why a notice is not sent after all.
    Irrelevant, "reason of a cancellation" {
        /// The invitation has ended, or ended otherwise than this mail says.
        Ended = "ended",
        /// The invitation was sent again since; that sending has mails of its own.
        Replaced = "replaced",
        /// The customer asked for no more reminders.
        Stopped = "stopped",
        /// The mailbox does not exist, as far as is known.
        Undeliverable = "undeliverable",
        /// The address takes no mail from here.
        Suppressed = "suppressed",
        /// An operator cancelled it.
        Operator = "operator",
    }
}

/// What is known, when a notice is due, of that which it is about.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Where the invitation stands.
    pub state: &'a State,
    /// The sending that is current.
    pub generation: u32,
    /// Whether the customer stopped the reminders.
    pub stopped: bool,
    /// Whether its mail was refused for good.
    pub undeliverable: bool,
    /// Whether the address that this notice goes to is suppressed, and did not ask for it ([`is_asked_for`]).
    pub suppressed: bool,
}

/// Whether a notice is still worth sending at `now`.
///
/// # Errors
/// Why it is not.
pub fn still_relevant(
    kind: Kind,
    generation: u32,
    now: Timestamp,
    situation: &Situation<'_>,
) -> Result<(), Irrelevant> {
    if situation.suppressed {
        return Err(Irrelevant::Suppressed);
    }
    let fits = match kind {
        Kind::Invitation | Kind::Reminder | Kind::LastChance => situation.state.open(now).is_ok(),
        Kind::Receipt | Kind::Accepted => matches!(situation.state, State::Accepted { .. }),
        Kind::Declined => matches!(situation.state, State::Declined { .. }),
        Kind::Expired => matches!(situation.state, State::Expired { .. }),
        Kind::Undeliverable => situation.undeliverable,
    };
    if !fits {
        return Err(Irrelevant::Ended);
    }
    if kind.asks_for_an_answer() {
        if generation != situation.generation {
            return Err(Irrelevant::Replaced);
        }
        if situation.undeliverable {
            return Err(Irrelevant::Undeliverable);
        }
        if kind.is_reminder() && situation.stopped {
            return Err(Irrelevant::Stopped);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn facts<'a>(zone: &'a TimeZone, schedule: &'a Schedule, expires_at: Timestamp) -> Facts<'a> {
        Facts {
            partner: Uuid::from_u128(1).into(),
            contact: Uuid::from_u128(2).into(),
            generation: 1,
            zone,
            expires_at,
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
                "reminder 1 2026-11-29T01:00:00Z",
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
    fn only_an_invitation_that_says_so_is_asked_for() {
        for &kind in Kind::ALL {
            assert_eq!(is_asked_for(kind, ASKED_FOR), kind == Kind::Invitation);
        }
        for payload in [
            "{}",
            "",
            "null",
            r#"{"asked_for":false}"#,
            r#"{"asked":true}"#,
        ] {
            assert!(!is_asked_for(Kind::Invitation, payload), "{payload}");
        }
    }

    #[test]
    fn nobody_is_mailed_after_a_revocation() {
        let schedule = Schedule::default();
        let now = at("2026-11-22T01:00:00Z");
        let facts = facts(&UTC, &schedule, at("2026-12-24T01:00:00Z"));
        assert_eq!(follow_ups(Happening::Revoked, now, &facts), []);
    }

    proptest! {
        #[test]
        fn every_reminder_lies_before_the_end_and_none_twice(
            days in 1_i64..=90,
            remind in prop::collection::vec(0_u16..120, 0..6),
            last in 0_u16..10,
            zone in prop_oneof![Just("UTC"), Just("Asia/Seoul"), Just("America/New_York")],
            start in 0_i64..(3 * 365),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let schedule = Schedule { remind_after_days: remind, last_chance_days: last };
            let now = Timestamp::from_micros(1_700_000_000_000_000 + start * DAY);
            let facts = facts(&zone, &schedule, now.plus(days.days(), &zone));
            let plan = follow_ups(Happening::Sent, now, &facts);
            prop_assert_eq!(plan[0].kind, Kind::Invitation);
            for pair in plan.windows(2) {
                prop_assert!(pair[0].run_at < pair[1].run_at);
                prop_assert!((pair[0].kind, pair[0].step) != (pair[1].kind, pair[1].step));
            }
            for notice in &plan {
                prop_assert!(notice.run_at >= now && notice.run_at < facts.expires_at);
            }
        }

        #[test]
        fn nothing_that_asks_for_an_answer_is_relevant_after_the_end(
            kind in prop::sample::select(Kind::ALL),
            state in prop::sample::select(vec![
                State::Accepted { at: Timestamp::from_micros(5) },
                State::Declined { at: Timestamp::from_micros(5), decline: None },
                State::Expired { at: Timestamp::from_micros(5) },
                State::Revoked { at: Timestamp::from_micros(5) },
                State::Pending { expires_at: Timestamp::from_micros(5) },
            ]),
        ) {
            let situation = Situation {
                state: &state, generation: 1, stopped: false, undeliverable: false, suppressed: false,
            };
            let relevant = still_relevant(kind, 1, Timestamp::from_micros(6), &situation).is_ok();
            prop_assert!(!(relevant && kind.asks_for_an_answer()));
        }
    }
}
