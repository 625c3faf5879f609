//! The demonstration's clock: the wall clock and an offset, so that what is due in days can be seen in seconds.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::time::{Clock, SystemClock, Timestamp};

/// The system's time and so many microseconds more. It only ever moves forward.
#[derive(Debug, Default)]
pub struct DemoClock(AtomicI64);

impl DemoClock {
    /// A clock that is `ahead` microseconds before the system's.
    pub const fn ahead_by(ahead: i64) -> Self {
        Self(AtomicI64::new(ahead))
    }

    /// Moves it on by `micros` microseconds; returns how far it is ahead by now.
    pub fn advance(&self, micros: i64) -> i64 {
        let micros = micros.max(0);
        self.0.fetch_add(micros, Ordering::SeqCst) + micros
    }

    /// By how many microseconds it is ahead of the system's.
    pub fn ahead(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_micros(self.ahead())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY;

    #[test]
    fn it_moves_on_by_what_it_is_told_and_never_back() {
        let clock = DemoClock::ahead_by(DAY);
        let before = clock.now();
        assert_eq!(clock.advance(2 * DAY), 3 * DAY);
        assert_eq!(clock.advance(-DAY), 3 * DAY);
        assert!(clock.now() >= before.plus_micros(2 * DAY));
    }
}
