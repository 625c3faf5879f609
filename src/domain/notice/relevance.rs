//! Whether a mail that was planned is still worth sending when its time has come.

use super::{Kind, MANAGE_LINK_LASTS};
use crate::domain::invitation::State;
use crate::domain::time::Timestamp;
use crate::domain::words::words;

words! {
    /// Why a notice is not sent after all.
    Irrelevant, "reason of a cancellation" {
        /// What it is about has ended, or stands otherwise than this mail says.
        Ended = "ended",
        /// The invitation was sent again since; that sending has mails of its own.
        Replaced = "replaced",
        /// The customer asked for no more reminders.
        Stopped = "stopped",
        /// The mailbox does not exist, as far as is known.
        Undeliverable = "undeliverable",
        /// The address takes no mail from here.
        Suppressed = "suppressed",
        /// Its link would have run out before anybody could open it.
        Late = "late",
        /// The person it was for was erased.
        Erased = "erased",
        /// An operator cancelled it.
        Operator = "operator",
        /// The endpoint is not called any more.
        Disabled = "disabled",
    }
}

/// What is known, when a notice is due, of that which it is about.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that do not depend on each other"
)]
pub struct Situation<'a> {
    /// Where the invitation stands; nothing for a mail that is about a mailbox.
    pub state: Option<&'a State>,
    /// The sending that is current.
    pub generation: u32,
    /// Whether the one who gets this notice stopped the reminders.
    pub stopped: bool,
    /// Whether its mail was refused for good; of a notice that tells of such a mail, whether that is still so.
    pub undeliverable: bool,
    /// Whether the address that this notice goes to is suppressed, and did not ask for it ([`super::is_asked_for`]).
    pub suppressed: bool,
    /// Whether the one who gets it may read along.
    pub may_read: bool,
    /// The relationship that was agreed upon, if there is one.
    pub relationship: Option<RelationshipSituation<'a>>,
    /// What a business asks, for a mail that is about that.
    pub inquiry: Option<InquirySituation>,
    /// How many steps at Microsoft are not known to be done.
    pub open_steps: usize,
    /// When the notice was to leave, or first left: its link counts from then.
    pub due_at: Timestamp,
}

/// How a relationship stands.
#[derive(Clone, Copy, Debug)]
pub struct RelationshipSituation<'a> {
    /// Whether it holds.
    pub is_active: bool,
    /// The roles that are granted in it.
    pub granted: &'a [Granted],
}

/// How an inquiry stands, or a partner's part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InquirySituation {
    /// Whether the mailbox has yet to confirm it, or the partner to answer it.
    pub is_open: bool,
    /// Until when the link in the mail is good.
    pub link_until: Timestamp,
}

/// A granted role, as far as its end matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The revision of the relationship that set its end.
    pub revision: u32,
    /// When it is expected to end.
    pub ends_at: Timestamp,
}

impl RelationshipSituation<'_> {
    /// When the first of the roles ends whose end that revision set, and which are still to end.
    pub(super) fn first_end(&self, revision: u32, now: Timestamp) -> Option<Timestamp> {
        let is_meant = |role: &&Granted| role.revision == revision && role.ends_at > now;
        let meant = self.granted.iter().filter(is_meant);
        meant
            .map(|role| role.ends_at)
            .min()
            .filter(|_| self.is_active)
    }
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
    let is_accepted = matches!(situation.state, Some(State::Accepted { .. }));
    let is_open = situation.state.is_some_and(|state| state.open(now).is_ok());
    let relationship = situation.relationship;
    let fits = match kind {
        Kind::Invitation | Kind::Reminder | Kind::LastChance => is_open,
        Kind::Viewer => is_open && situation.may_read,
        Kind::Receipt | Kind::Accepted => is_accepted,
        Kind::Declined => matches!(situation.state, Some(State::Declined { .. })),
        Kind::Expired => matches!(situation.state, Some(State::Expired { .. })),
        Kind::Undeliverable => situation.undeliverable,
        Kind::Ending => relationship.is_some_and(|it| it.first_end(generation, now).is_some()),
        // What has happened stays true, whatever came after it.
        Kind::Ended
        | Kind::Extended
        | Kind::RolesRemoved
        | Kind::RelationshipEnded
        | Kind::HandedOver
        | Kind::WebhookDisabled
        | Kind::Webhook => true,
        Kind::ManageLink => {
            if now >= situation.due_at.plus_micros(MANAGE_LINK_LASTS) {
                return Err(Irrelevant::Late);
            }
            true
        }
        Kind::InquiryConfirm | Kind::Inquiry => match situation.inquiry {
            Some(inquiry) if inquiry.is_open && now >= inquiry.link_until => {
                return Err(Irrelevant::Late);
            }
            inquiry => inquiry.is_some_and(|it| it.is_open),
        },
        Kind::StepsOpen => {
            let holds = relationship.is_none_or(|it| it.is_active);
            is_accepted && situation.open_steps > 0 && holds
        }
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
    }
    if kind.is_reminder() && situation.stopped {
        return Err(Irrelevant::Stopped);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::MINUTE;
    use proptest::prelude::*;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn ended() -> Vec<State> {
        vec![
            State::Accepted { at: at(5) },
            State::Declined {
                at: at(5),
                decline: None,
            },
            State::Expired { at: at(5) },
            State::Revoked { at: at(5) },
            State::Pending { expires_at: at(5) },
        ]
    }

    fn of_state(state: &State) -> Situation<'_> {
        Situation {
            state: Some(state),
            generation: 1,
            stopped: false,
            undeliverable: false,
            suppressed: false,
            may_read: false,
            relationship: None,
            inquiry: None,
            open_steps: 0,
            due_at: at(0),
        }
    }

    const FACTS: [Kind; 4] = [
        Kind::Ended,
        Kind::Extended,
        Kind::RolesRemoved,
        Kind::RelationshipEnded,
    ];

    proptest! {
        #[test]
        fn nothing_that_asks_for_an_answer_is_relevant_after_the_end(
            kind in prop::sample::select(Kind::ALL),
            state in prop::sample::select(ended()),
        ) {
            let relevant = still_relevant(kind, 1, at(6), &of_state(&state)).is_ok();
            prop_assert!(!(relevant && kind.asks_for_an_answer()));
        }

        #[test]
        fn an_end_is_announced_only_while_it_lies_ahead_and_as_that_revision_set_it(
            generation in 1_u32..4,
            now in 0_i64..10,
            is_active: bool,
            granted in prop::collection::vec(
                (1_u32..4, 0_i64..10).prop_map(|(revision, end)| Granted { revision, ends_at: at(end) }), 0..4),
        ) {
            let state = State::Accepted { at: at(0) };
            let relationship = RelationshipSituation { is_active, granted: &granted };
            let situation = Situation { relationship: Some(relationship), ..of_state(&state) };
            let relevant = still_relevant(Kind::Ending, generation, at(now), &situation);
            let lies_ahead = granted.iter().any(|it| it.revision == generation && it.ends_at > at(now));
            prop_assert_eq!(relevant.is_ok(), is_active && lies_ahead);
            let stopped = Situation { stopped: true, ..situation };
            prop_assert!(still_relevant(Kind::Ending, generation, at(now), &stopped).is_err());
        }

        #[test]
        fn what_has_happened_is_told_whatever_came_after_it_but_to_nobody_who_wants_no_mail(
            kind in prop::sample::select(FACTS.to_vec()),
            generation in 0_u32..9,
            now in 0_i64..1_000,
            stopped: bool,
            holds in prop::option::of(any::<bool>()),
            state in prop::sample::select(ended()),
        ) {
            let relationship = holds.map(|is_active| RelationshipSituation { is_active, granted: &[] });
            let situation = Situation { stopped, relationship, ..of_state(&state) };
            prop_assert_eq!(still_relevant(kind, generation, at(now), &situation), Ok(()));
            let suppressed = Situation { suppressed: true, ..situation };
            prop_assert_eq!(still_relevant(kind, generation, at(now), &suppressed), Err(Irrelevant::Suppressed));
        }

        #[test]
        fn open_steps_are_brought_to_mind_of_what_was_accepted_and_holds(
            state in prop::sample::select(ended()),
            open_steps in 0_usize..3,
            holds in prop::option::of(any::<bool>()),
        ) {
            let relationship = holds.map(|is_active| RelationshipSituation { is_active, granted: &[] });
            let situation = Situation { relationship, open_steps, ..of_state(&state) };
            let expected = matches!(state, State::Accepted { .. }) && open_steps > 0 && holds != Some(false);
            prop_assert_eq!(still_relevant(Kind::StepsOpen, 1, at(6), &situation).is_ok(), expected);
        }

        #[test]
        fn an_inquiry_is_mailed_while_it_waits_and_its_link_can_be_opened(
            kind in prop::sample::select(vec![Kind::InquiryConfirm, Kind::Inquiry]),
            inquiry in prop::option::of((any::<bool>(), 0_i64..10)),
            now in 0_i64..10,
        ) {
            let nothing = State::Expired { at: at(0) };
            let inquiry = inquiry.map(|(is_open, until)| InquirySituation { is_open, link_until: at(until) });
            let situation = Situation { state: None, inquiry, ..of_state(&nothing) };
            let expected = match inquiry {
                None | Some(InquirySituation { is_open: false, .. }) => Err(Irrelevant::Ended),
                Some(inquiry) if at(now) >= inquiry.link_until => Err(Irrelevant::Late),
                Some(_) => Ok(()),
            };
            prop_assert_eq!(still_relevant(kind, 0, at(now), &situation), expected);
            let suppressed = Situation { suppressed: true, ..situation };
            prop_assert_eq!(still_relevant(kind, 0, at(now), &suppressed), Err(Irrelevant::Suppressed));
        }

        #[test]
        fn a_link_to_all_partners_leaves_while_it_can_be_opened(late in 0_i64..(40 * MINUTE)) {
            let nothing = State::Expired { at: at(0) };
            let situation = Situation { state: None, due_at: at(1_000), ..of_state(&nothing) };
            let relevant = still_relevant(Kind::ManageLink, 0, at(1_000 + late), &situation);
            let expected = if late < 15 * MINUTE { Ok(()) } else { Err(Irrelevant::Late) };
            prop_assert_eq!(relevant, expected);
        }
    }
}
