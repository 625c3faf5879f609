//! When a notice that did not go through is tried again.

use super::time::{DAY, MINUTE, Timestamp};

/// The waits after the first, second … failed attempt; the last one repeats.
const WAITS: [i64; 6] = [
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    60 * MINUTE,
    180 * MINUTE,
    360 * MINUTE,
];

/// How long a notice is tried at all (RFC 5321 §4.5.4.1: at least 4 to 5 days).
pub const GIVE_UP_AFTER: i64 = 5 * DAY;

/// The worker's death with which a notice is taken for its cause. The queue's statements and an index know of it too: one that
/// has seen one death less is a suspect, of which a worker holds one at a time.
pub const DEATHS_OF_POISON: u32 = 3;

/// When to try again after `attempts` attempts (at least one), or nothing when `first_due` lies too far back.
///
/// `jitter` in 0.0..1.0 spreads the wait over 75 % to 125 % of its length, so that what failed together does not come back
/// together. Greylisting (RFC 6647 §3) wants the first one after minutes, not seconds.
pub fn next_try(
    attempts: u32,
    first_due: Timestamp,
    now: Timestamp,
    give_up_after: i64,
    jitter: f64,
) -> Option<Timestamp> {
    let at = now.plus_micros(backoff(&WAITS, attempts, jitter));
    within(at, first_due, give_up_after)
}

/// `at`, unless it lies further than `give_up_after` microseconds behind the first failure.
pub fn within(at: Timestamp, first_failure: Timestamp, give_up_after: i64) -> Option<Timestamp> {
    (at.as_micros() - first_failure.as_micros() <= give_up_after).then_some(at)
}

/// The wait after `failures` failures in a row (at least one), in microseconds: that one of `waits`, of which the last
/// repeats, spread by `jitter` in 0.0..1.0 over 75 % to 125 % of its length.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "at most hours in microseconds"
)]
pub fn backoff(waits: &[i64], failures: u32, jitter: f64) -> i64 {
    let index = (failures.max(1) - 1) as usize;
    let wait = waits[index.min(waits.len() - 1)];
    (wait as f64 * (0.75 + jitter.clamp(0.0, 1.0) / 2.0)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_notice_is_tried_for_five_days_and_then_given_up(jitter in 0.0..1.0_f64) {
            let start = Timestamp::from_micros(0);
            let mut now = start;
            let mut attempts = 0;
            loop {
                attempts += 1;
                match next_try(attempts, start, now, GIVE_UP_AFTER, jitter) {
                    Some(at) => {
                        prop_assert!(at > now);
                        now = at;
                    }
                    None => break,
                }
            }
            prop_assert!(now.as_micros() > 4 * DAY);
            prop_assert!(attempts < 60);
        }

        #[test]
        fn waits_grow_and_stay_within_a_quarter(failures in 1_u32..40, jitter in 0.0..1.0_f64) {
            let wait = backoff(&WAITS, failures, jitter);
            prop_assert!((MINUTE * 3 / 4..=360 * MINUTE * 5 / 4).contains(&wait));
        }
    }
}
