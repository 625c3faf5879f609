//! An invitation and its states.
//!
//! A state carries only what is true in it, and a transition consumes it: "accepted without a time" cannot be written, and
//! a terminal state has no way out. Whether a mail arrived is a fact of its notice, not a state of the invitation.

use super::text::Reason;
use super::time::Timestamp;
use super::words::words;

words! {
    /// The name of a [`State`], as the database keeps it.
    StateName, "state of an invitation" {
        /// Waits for the customer.
        Pending = "pending",
        /// The customer consented.
        Accepted = "accepted",
        /// The customer said no.
        Declined = "declined",
        /// Nobody answered in time.
        Expired = "expired",
        /// The partner took it back.
        Revoked = "revoked",
    }
}

words! {
    /// A contact's part in an invitation.
    RecipientRole, "part in an invitation" {
        /// Reads, and answers.
        Signer = "signer",
        /// Reads.
        Viewer = "viewer",
        /// Handed it to somebody else.
        Former = "former",
    }
}

words! {
    /// Why a customer declines, as a choice; `other` comes with words, any may.
    DeclineReason, "decline reason" {
        /// Send it again without admin roles.
        ResendWithoutRoles = "resend_without_roles",
        /// Another person has to decide.
        WrongPerson = "wrong_person",
        /// I do not know this partner.
        UnknownPartner = "unknown_partner",
        /// Something else.
        Other = "other",
    }
}

/// What a customer said when declining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// The choice.
    pub reason: DeclineReason,
    /// Their own words, if any.
    pub text: Option<Reason>,
}

/// Where an invitation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for the customer until then.
    Pending {
        /// From this moment on it can no longer be accepted.
        expires_at: Timestamp,
    },
    /// The customer consented.
    Accepted {
        /// When.
        at: Timestamp,
    },
    /// The customer said no.
    Declined {
        /// When.
        at: Timestamp,
        /// What they said.
        decline: Option<Decline>,
    },
    /// Nobody answered in time.
    Expired {
        /// When it was noticed; not before its end.
        at: Timestamp,
    },
    /// The partner took it back.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// Why a transition is not possible.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has ended already, in this way.
    #[error("the invitation is {0} already")]
    Ended(StateName),
    /// Its time is over, although nothing recorded that yet.
    #[error("the invitation has expired")]
    Expired,
    /// Its time is not over.
    #[error("the invitation has not expired yet")]
    NotExpired,
}

impl State {
    /// The name of the state.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Pending { .. } => StateName::Pending,
            Self::Accepted { .. } => StateName::Accepted,
            Self::Declined { .. } => StateName::Declined,
            Self::Expired { .. } => StateName::Expired,
            Self::Revoked { .. } => StateName::Revoked,
        }
    }

    /// The name of the state at `now`: one that waits beyond its time is over, also before its row says so.
    pub fn name_at(&self, now: Timestamp) -> StateName {
        match self {
            Self::Pending { expires_at } if *expires_at <= now => StateName::Expired,
            state => state.name(),
        }
    }

    /// Whether nothing can follow.
    pub const fn is_terminal(&self) -> bool {
        !matches!(self, Self::Pending { .. })
    }

    /// When it ended, if it has.
    pub const fn ended_at(&self) -> Option<Timestamp> {
        match self {
            Self::Pending { .. } => None,
            Self::Accepted { at }
            | Self::Declined { at, .. }
            | Self::Expired { at }
            | Self::Revoked { at } => Some(*at),
        }
    }

    /// Whether it can be accepted or declined at `now`.
    ///
    /// # Errors
    /// It has ended, or its time is over.
    pub fn open(&self, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::Pending { expires_at } if now < *expires_at => Ok(()),
            Self::Pending { .. } => Err(Refusal::Expired),
            ended => Err(Refusal::Ended(ended.name())),
        }
    }

    /// The customer consents.
    ///
    /// # Errors
    /// It has ended, or its time is over.
    pub fn accept(self, now: Timestamp) -> Result<Self, Refusal> {
        self.open(now)?;
        Ok(Self::Accepted { at: now })
    }

    /// The customer says no.
    ///
    /// # Errors
    /// It has ended, or its time is over.
    pub fn decline(self, now: Timestamp, decline: Option<Decline>) -> Result<Self, Refusal> {
        self.open(now)?;
        Ok(Self::Declined { at: now, decline })
    }

    /// The partner takes it back; also after its time, as long as nothing recorded the expiry.
    ///
    /// # Errors
    /// It has ended.
    pub fn revoke(self, now: Timestamp) -> Result<Self, Refusal> {
        match self {
            Self::Pending { .. } => Ok(Self::Revoked { at: now }),
            ended => Err(Refusal::Ended(ended.name())),
        }
    }

    /// Its time is over.
    ///
    /// # Errors
    /// It has ended, or its time is not over.
    pub fn expire(self, now: Timestamp) -> Result<Self, Refusal> {
        match self {
            Self::Pending { expires_at } if expires_at <= now => Ok(Self::Expired { at: now }),
            Self::Pending { .. } => Err(Refusal::NotExpired),
            ended => Err(Refusal::Ended(ended.name())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Accept,
        Decline,
        Revoke,
        Expire,
    }

    fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
        let step = prop_oneof![
            Just(Step::Accept),
            Just(Step::Decline),
            Just(Step::Revoke),
            Just(Step::Expire)
        ];
        prop::collection::vec((step, 0..40_i64), 0..30)
    }

    fn apply(state: State, step: &Step, now: Timestamp) -> Result<State, Refusal> {
        match step {
            Step::Accept => state.accept(now),
            Step::Decline => state.decline(now, None),
            Step::Revoke => state.revoke(now),
            Step::Expire => state.expire(now),
        }
    }

    proptest! {
        #[test]
        fn a_terminal_state_never_leaves(steps in steps()) {
            let expires_at = Timestamp::from_micros(20);
            let mut state = State::Pending { expires_at };
            for (step, at) in steps {
                let now = Timestamp::from_micros(at);
                match apply(state.clone(), &step, now) {
                    Ok(next) => {
                        prop_assert!(!state.is_terminal());
                        prop_assert!(next.is_terminal());
                        prop_assert_eq!(next.ended_at(), Some(now));
                        match step {
                            Step::Accept | Step::Decline => prop_assert!(now < expires_at),
                            Step::Expire => prop_assert!(now >= expires_at),
                            Step::Revoke => {}
                        }
                        state = next;
                    }
                    Err(Refusal::Ended(name)) => prop_assert_eq!(name, state.name()),
                    Err(Refusal::Expired) => prop_assert!(!state.is_terminal() && now >= expires_at),
                    Err(Refusal::NotExpired) => prop_assert!(!state.is_terminal() && now < expires_at),
                }
            }
        }
    }
}
