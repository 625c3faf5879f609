//! Whether a mail that was planned is still worth sending when its time has come.

use super::Kind;
use crate::domain::invitation::State;
use crate::domain::time::Timestamp;
use crate::domain::words::words;

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
    use proptest::prelude::*;

    proptest! {
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
