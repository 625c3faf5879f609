//! What becomes of a notice after an attempt: the one place where a [`Verdict`] turns into a state and a time.

use super::delivery::{Outcome, Reply, Stage, Verdict, judge};
use super::notice::{Irrelevant, NoticeState};
use super::retry;
use super::time::Timestamp;
use super::words::words;

words! {
    /// How an attempt ended, as it stays in the record.
    Ending, "end of an attempt" {
        /// A server took responsibility.
        Sent = "sent",
        /// Not this time.
        Retried = "retried",
        /// The body left, and no reply came: it may have arrived.
        Ambiguous = "ambiguous",
        /// Refused for good.
        Failed = "failed",
        /// Still not taken after days.
        GivenUp = "given_up",
        /// The server refuses us: the notice waits with all others.
        Paused = "paused",
        /// It was not worth sending any more.
        Cancelled = "cancelled",
        /// No mail could be made of it.
        Broken = "broken",
        /// Given back untouched.
        Released = "released",
    }
}

/// What is written about a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// How the attempt ended.
    pub ending: Ending,
    /// Where the notice stands now.
    pub state: NoticeState,
    /// When it runs again, for one that does.
    pub run_at: Option<Timestamp>,
    /// Whether it counts for the backoff.
    pub is_failure: bool,
    /// How far the conversation came.
    pub stage: Option<&'static str>,
    /// What the server said, or what went wrong.
    pub reply: Option<String>,
    /// The server's own reply, where the end is final.
    pub final_reply: Option<Reply>,
}

/// What a decision depends on besides the outcome.
#[derive(Clone, Copy, Debug)]
pub struct History {
    /// Since when it does not go through; now, if this is the first time. Days in which nothing was tried, because the
    /// server refused us or no worker ran, are no days of trying.
    pub failing_since: Timestamp,
    /// How often it did not go through before.
    pub failures: u32,
    /// For how long it is tried at all, in microseconds.
    pub give_up_after: i64,
    /// Spreads the waits, 0.0..1.0.
    pub jitter: f64,
}

impl Decision {
    pub(super) fn new(ending: Ending, state: NoticeState) -> Self {
        Self {
            ending,
            state,
            run_at: None,
            is_failure: false,
            stage: None,
            reply: None,
            final_reply: None,
        }
    }

    /// It was not worth sending any more.
    pub fn irrelevant(why: Irrelevant) -> Self {
        Self {
            reply: Some(why.to_string()),
            ..Self::new(Ending::Cancelled, NoticeState::Cancelled)
        }
    }

    /// No mail could be made of it: an operator has to look.
    pub fn broken(why: String) -> Self {
        Self {
            reply: Some(why),
            ..Self::new(Ending::Broken, NoticeState::Dead)
        }
    }

    /// It is given back as it was claimed, to run at `at`.
    pub fn released(at: Timestamp) -> Self {
        Self {
            run_at: Some(at),
            ..Self::new(Ending::Released, NoticeState::Scheduled)
        }
    }

    /// It waits with all others until the server takes mail again.
    pub fn paused(until: Timestamp, outcome: &Outcome) -> Self {
        Self {
            run_at: Some(until),
            stage: outcome.stage().map(Stage::as_str),
            reply: outcome.reply(),
            ..Self::new(Ending::Paused, NoticeState::Scheduled)
        }
    }

    /// What follows from an outcome; `None` when the whole transport has to pause.
    pub fn of(outcome: &Outcome, history: &History, now: Timestamp) -> Option<Self> {
        let decision = match judge(outcome) {
            Verdict::Sent => Self::new(Ending::Sent, NoticeState::Sent),
            Verdict::Pause => return None,
            // Either the lease is gone, and nothing is written, or the address was suppressed meanwhile, and the next
            // look at the notice finds out.
            Verdict::Fenced => Self::released(now),
            Verdict::Failed => Self {
                final_reply: match outcome {
                    Outcome::Refused(_, reply) => Some(reply.clone()),
                    _ => None,
                },
                ..Self::new(Ending::Failed, NoticeState::Failed)
            },
            verdict @ (Verdict::Retry | Verdict::Ambiguous) => {
                let ending = match verdict {
                    Verdict::Ambiguous => Ending::Ambiguous,
                    _ => Ending::Retried,
                };
                let History {
                    failing_since,
                    failures,
                    give_up_after,
                    jitter,
                } = *history;
                match retry::next_try(failures + 1, failing_since, now, give_up_after, jitter) {
                    Some(at) => Self {
                        run_at: Some(at),
                        is_failure: true,
                        ..Self::new(ending, NoticeState::Scheduled)
                    },
                    None => Self {
                        is_failure: true,
                        final_reply: match outcome {
                            Outcome::Refused(_, reply) => Some(reply.clone()),
                            _ => None,
                        },
                        ..Self::new(Ending::GivenUp, NoticeState::Dead)
                    },
                }
            }
        };
        Some(Self {
            stage: outcome.stage().map(Stage::as_str),
            reply: outcome.reply(),
            ..decision
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::retry::GIVE_UP_AFTER;
    use super::super::time::DAY;
    use super::*;

    fn refused(code: u16) -> Outcome {
        Outcome::Refused(
            Stage::RcptTo,
            Reply {
                code,
                enhanced: None,
                text: "no".to_owned(),
            },
        )
    }

    fn decide(outcome: &Outcome, age: i64) -> Option<Decision> {
        let history = History {
            failing_since: Timestamp::from_micros(0),
            failures: 0,
            give_up_after: GIVE_UP_AFTER,
            jitter: 0.5,
        };
        Decision::of(outcome, &history, Timestamp::from_micros(age))
    }

    #[test]
    fn a_temporary_refusal_runs_again_until_five_days_have_passed() {
        let early = decide(&refused(451), 0).unwrap();
        assert_eq!(
            (early.ending, early.state),
            (Ending::Retried, NoticeState::Scheduled)
        );
        assert!(early.run_at.is_some() && early.is_failure && early.final_reply.is_none());
        let late = decide(&refused(451), 6 * DAY).unwrap();
        assert_eq!(
            (late.ending, late.state),
            (Ending::GivenUp, NoticeState::Dead)
        );
        assert_eq!(late.run_at, None);
    }

    #[test]
    fn a_final_refusal_keeps_the_reply_for_the_partner() {
        let decision = decide(&refused(550), 0).unwrap();
        assert_eq!(decision.state, NoticeState::Failed);
        assert_eq!(decision.final_reply.unwrap().code, 550);
        assert_eq!(decision.stage, Some("rcpt_to"));
    }

    #[test]
    fn a_server_that_refuses_us_decides_nothing_about_the_notice() {
        let outcome = Outcome::Refused(
            Stage::Auth,
            Reply {
                code: 535,
                enhanced: None,
                text: String::new(),
            },
        );
        assert_eq!(decide(&outcome, 0), None);
    }

    #[test]
    fn a_fenced_notice_is_given_back_without_a_failure() {
        let decision = decide(&Outcome::Fenced, 5).unwrap();
        assert_eq!(decision, Decision::released(Timestamp::from_micros(5)));
        assert!(!decision.is_failure);
    }
}
