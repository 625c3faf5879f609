//! When an endpoint is switched off: it failed for days, and nothing arrived meanwhile; or it said that it is gone.

use super::{Outcome, Rules};
use crate::domain::time::Timestamp;
use crate::domain::words::words;

words! {
    /// Why an endpoint was switched off.
    Cause, "cause of a switch-off" {
        /// Every call failed for days.
        Failing = "failing",
        /// It answered 410.
        Gone = "gone",
    }
}

/// What a call's outcome changes of its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It fails from now on.
    Fails,
    /// It takes calls again.
    Recovers,
    /// It is not called any more.
    SwitchedOff(Cause),
}

/// What follows for an endpoint that fails since `failing_since`; nothing in most cases. A call is counted by when it was
/// answered, so that one that began before a failure and arrived after it is a success.
pub fn after(
    outcome: &Outcome,
    failing_since: Option<Timestamp>,
    now: Timestamp,
    rules: &Rules,
) -> Option<Change> {
    match outcome {
        Outcome::Fenced => None,
        Outcome::Answered(answer) if answer.is_success() => failing_since.map(|_| Change::Recovers),
        Outcome::Answered(answer) if answer.is_gone() => Some(Change::SwitchedOff(Cause::Gone)),
        Outcome::Answered(_) | Outcome::Unreached(_) | Outcome::Lost(_) => match failing_since {
            None => Some(Change::Fails),
            Some(since) if is_over(since, now, rules) => Some(Change::SwitchedOff(Cause::Failing)),
            Some(_) => None,
        },
    }
}

/// Whether an endpoint that fails since then has failed for long enough.
fn is_over(since: Timestamp, now: Timestamp, rules: &Rules) -> bool {
    now.as_micros() - since.as_micros() >= rules.switch_off_after
}

#[cfg(test)]
mod tests {
    use super::super::Answer;
    use super::*;
    use crate::domain::time::DAY;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_micros(days * DAY)
    }

    fn answered(status: u16) -> Outcome {
        Outcome::Answered(Answer {
            status,
            retry_after: None,
            text: String::new(),
        })
    }

    fn failures() -> [Outcome; 6] {
        [
            answered(500),
            answered(404),
            answered(302),
            answered(429),
            Outcome::Unreached("no".to_owned()),
            Outcome::Lost("no".to_owned()),
        ]
    }

    #[test]
    fn an_endpoint_is_switched_off_after_five_days_of_failures() {
        let rules = Rules::default();
        for failed in failures() {
            assert_eq!(after(&failed, None, at(9), &rules), Some(Change::Fails));
            assert_eq!(after(&failed, Some(at(5)), at(9), &rules), None);
            assert_eq!(
                after(&failed, Some(at(4)), at(9), &rules),
                Some(Change::SwitchedOff(Cause::Failing))
            );
        }
    }

    #[test]
    fn one_success_begins_anew_and_one_410_ends_it() {
        let rules = Rules::default();
        assert_eq!(after(&answered(204), None, at(9), &rules), None);
        assert_eq!(
            after(&answered(200), Some(at(1)), at(9), &rules),
            Some(Change::Recovers)
        );
        let gone = Some(Change::SwitchedOff(Cause::Gone));
        assert_eq!(after(&answered(410), None, at(9), &rules), gone);
        assert_eq!(after(&Outcome::Fenced, Some(at(1)), at(9), &rules), None);
    }
}
