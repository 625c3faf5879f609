//! What came of a call, and what follows from it for its notice.

use super::Rules;
use crate::domain::notice::NoticeState;
use crate::domain::retry::{self, backoff};
use crate::domain::settlement::{Decision, Ending};
use crate::domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};

/// The waits after the first, second … failed call; the last one repeats: a dozen tries in three days.
const WAITS: [i64; 8] = [
    5 * SECOND,
    MINUTE,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    8 * HOUR,
    12 * HOUR,
];

/// The longest wait that an endpoint may ask for, in microseconds.
const LONGEST_WAIT: i64 = DAY;

/// What an endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code (RFC 9110 §15).
    pub status: u16,
    /// `Retry-After` in microseconds from now, where the answer has one (RFC 9110 §10.2.3).
    pub retry_after: Option<i64>,
    /// The beginning of the body, without control characters.
    pub text: String,
}

impl Answer {
    /// Whether the call was taken.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether the endpoint wants no more calls, ever.
    pub const fn is_gone(&self) -> bool {
        self.status == 410
    }

    /// How long it asks us to wait; only 429 and 503 may.
    fn wait(&self) -> Option<i64> {
        let wait = self
            .retry_after
            .filter(|_| matches!(self.status, 429 | 503))?;
        Some(wait.clamp(0, LONGEST_WAIT))
    }

    fn reply(&self) -> String {
        if self.text.is_empty() {
            self.status.to_string()
        } else {
            format!("{} {}", self.status, self.text)
        }
    }
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The endpoint answered.
    Answered(Answer),
    /// The request did not leave: no address, one that is not called, no connection, no TLS.
    Unreached(String),
    /// The request may have arrived, and no answer came.
    Lost(String),
    /// The lease was gone before the request was to leave.
    Fenced,
}

/// What a decision depends on besides the outcome.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// Since when the call does not go through; now, if this is the first time.
    pub failing_since: Timestamp,
    /// How often it did not go through before.
    pub failures: u32,
    /// Whether it is a test, which is tried once: somebody waits for the result.
    pub is_test: bool,
    /// Spreads the waits, 0.0..1.0.
    pub jitter: f64,
}

/// What becomes of a call. It is tried again for three days, with the same id, and with a wait that the endpoint may make
/// longer; no failure of one endpoint touches another one, or the mails.
pub fn decide(outcome: &Outcome, trial: &Trial, rules: &Rules, now: Timestamp) -> Decision {
    let (ending, at, reply) = match outcome {
        Outcome::Fenced => return Decision::released(now),
        Outcome::Answered(answer) if answer.is_success() => {
            return Decision {
                stage: Some("answer"),
                reply: Some(answer.reply()),
                ..Decision::new(Ending::Sent, NoticeState::Sent)
            };
        }
        Outcome::Answered(answer) if answer.is_gone() => {
            return Decision {
                stage: Some("answer"),
                reply: Some(answer.reply()),
                is_failure: true,
                ..Decision::new(Ending::Failed, NoticeState::Failed)
            };
        }
        Outcome::Answered(answer) => (Ending::Retried, "answer", answer.reply()),
        Outcome::Unreached(what) => (Ending::Retried, "connect", what.clone()),
        Outcome::Lost(what) => (Ending::Ambiguous, "request", what.clone()),
    };
    let (state, run_at) = match next_try(outcome, trial, rules, now) {
        Some(at) => (NoticeState::Scheduled, Some(at)),
        None => (NoticeState::Failed, None),
    };
    Decision {
        run_at,
        is_failure: true,
        stage: Some(at),
        reply: Some(reply),
        ..Decision::new(
            if run_at.is_some() {
                ending
            } else {
                Ending::GivenUp
            },
            state,
        )
    }
}

fn next_try(outcome: &Outcome, trial: &Trial, rules: &Rules, now: Timestamp) -> Option<Timestamp> {
    if trial.is_test {
        return None;
    }
    let asked = match outcome {
        Outcome::Answered(answer) => answer.wait().unwrap_or_default(),
        _ => 0,
    };
    let wait = backoff(&WAITS, trial.failures + 1, trial.jitter).max(asked);
    retry::within(
        now.plus_micros(wait),
        trial.failing_since,
        rules.give_up_after,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answered(status: u16, retry_after: Option<i64>) -> Outcome {
        Outcome::Answered(Answer {
            status,
            retry_after,
            text: "no".to_owned(),
        })
    }

    const FIRST: Trial = Trial {
        failing_since: Timestamp::from_micros(0),
        failures: 0,
        is_test: false,
        jitter: 0.5,
    };

    fn first(outcome: &Outcome) -> Decision {
        decide(
            outcome,
            &FIRST,
            &Rules::default(),
            Timestamp::from_micros(0),
        )
    }

    #[test]
    fn only_a_2xx_is_a_success() {
        for status in [200, 201, 202, 204, 299] {
            let decision = first(&answered(status, None));
            assert_eq!(
                (decision.ending, decision.state),
                (Ending::Sent, NoticeState::Sent)
            );
            assert!(!decision.is_failure && decision.run_at.is_none());
        }
        for status in [
            101, 199, 300, 301, 304, 307, 400, 401, 404, 408, 429, 500, 503, 599,
        ] {
            let decision = first(&answered(status, None));
            assert_eq!(decision.ending, Ending::Retried, "{status}");
            assert_eq!(decision.run_at.unwrap().as_micros(), 5 * SECOND, "{status}");
            assert!(decision.is_failure);
        }
    }

    #[test]
    fn an_endpoint_that_is_gone_is_asked_no_more() {
        let decision = first(&answered(410, None));
        assert_eq!(
            (decision.ending, decision.state),
            (Ending::Failed, NoticeState::Failed)
        );
        assert_eq!(decision.reply.as_deref(), Some("410 no"));
    }

    #[test]
    fn what_may_have_arrived_is_ambiguous_and_what_did_not_leave_is_not() {
        assert_eq!(
            first(&Outcome::Lost("x".to_owned())).ending,
            Ending::Ambiguous
        );
        assert_eq!(
            first(&Outcome::Unreached("x".to_owned())).ending,
            Ending::Retried
        );
        let fenced = first(&Outcome::Fenced);
        assert_eq!(fenced, Decision::released(Timestamp::from_micros(0)));
    }

    #[test]
    fn an_endpoint_may_ask_for_a_longer_wait_of_a_day_at_most() {
        let wait = |status, asked| {
            first(&answered(status, Some(asked)))
                .run_at
                .unwrap()
                .as_micros()
        };
        assert_eq!(wait(429, HOUR), HOUR);
        assert_eq!(wait(503, HOUR), HOUR);
        assert_eq!(wait(500, HOUR), 5 * SECOND);
        assert_eq!(wait(429, 0), 5 * SECOND);
        assert_eq!(wait(429, -HOUR), 5 * SECOND);
        assert_eq!(wait(503, i64::MAX), DAY);
    }

    #[test]
    fn a_test_is_tried_once() {
        let trial = Trial {
            is_test: true,
            ..FIRST
        };
        let now = Timestamp::from_micros(0);
        let decision = decide(&answered(500, None), &trial, &Rules::default(), now);
        assert_eq!(
            (decision.ending, decision.state),
            (Ending::GivenUp, NoticeState::Failed)
        );
    }

    proptest! {
        #[test]
        fn a_call_is_tried_for_three_days_and_then_given_up(jitter in 0.0..1.0_f64) {
            let rules = Rules::default();
            let mut now = Timestamp::from_micros(0);
            let mut tries = 0;
            loop {
                let trial = Trial { failures: tries, jitter, ..FIRST };
                tries += 1;
                let decision = decide(&answered(500, None), &trial, &rules, now);
                let Some(at) = decision.run_at else {
                    prop_assert_eq!((decision.ending, decision.state), (Ending::GivenUp, NoticeState::Failed));
                    break;
                };
                prop_assert!(at > now && decision.state == NoticeState::Scheduled);
                now = at;
            }
            prop_assert!(now.as_micros() > 2 * DAY && now.as_micros() <= 3 * DAY);
            prop_assert!((10..=15).contains(&tries), "{}", tries);
        }
    }
}
