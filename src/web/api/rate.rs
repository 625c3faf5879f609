//! How often a key may ask, and what is told of it: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).
//!
//! A key has a bucket of as many requests as it may make in a minute, which fills up evenly. The bucket is this process's: behind
//! several processes a key may do as much at each.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::domain::ids::ApiKeyId;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The buckets of all keys. Good keys alone have one, so there are as many as were made.
#[derive(Debug)]
pub(super) struct KeyRates<C: Clock = DefaultClock> {
    a_minute: NonZeroU32,
    buckets: RateLimiter<ApiKeyId, DashMapStateStore<ApiKeyId>, C, StateInformationMiddleware>,
    clock: C,
}

/// How a key stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    a_minute: u32,
    left: u32,
    /// In how many seconds all of it is there again; where nothing is left, in how many the next request is.
    reset: u32,
    /// After how many seconds the request may come again that was one too many.
    pub(super) retry_after: Option<u32>,
}

impl KeyRates {
    /// Buckets that nothing has used yet.
    pub(super) fn new(a_minute: NonZeroU32) -> Self {
        Self::with_clock(a_minute, DefaultClock::default())
    }
}

impl<C: Clock + Clone> KeyRates<C> {
    fn with_clock(a_minute: NonZeroU32, clock: C) -> Self {
        let quota = Quota::per_minute(a_minute);
        Self {
            a_minute,
            buckets: RateLimiter::dashmap_with_clock(quota, clock.clone())
                .with_middleware::<StateInformationMiddleware>(),
            clock,
        }
    }

    /// How many requests a key may make in a minute.
    pub(super) const fn a_minute(&self) -> u32 {
        self.a_minute.get()
    }

    /// Counts a request of a key.
    pub(super) fn count(&self, key: ApiKeyId) -> Standing {
        let a_minute = self.a_minute.get();
        match self.buckets.check_key(&key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let missing = u64::from(a_minute.saturating_sub(left));
                Standing {
                    a_minute,
                    left,
                    reset: u32::try_from((missing * 60).div_ceil(u64::from(a_minute)))
                        .unwrap_or(60),
                    retry_after: None,
                }
            }
            Err(until) => {
                let wait: Duration = until.wait_time_from(self.clock.now());
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX).max(1);
                Standing {
                    a_minute,
                    left: 0,
                    reset: seconds,
                    retry_after: Some(seconds),
                }
            }
        }
    }
}

impl Standing {
    /// Tells it with an answer.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        let policy = format!("\"key\";q={};w=60", self.a_minute);
        let limit = format!("\"key\";r={};t={}", self.left, self.reset);
        for (name, text) in [(POLICY, policy), (LIMIT, limit)] {
            headers.extend(HeaderValue::try_from(text).ok().map(|value| (name, value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use uuid::Uuid;

    #[test]
    fn a_key_is_told_what_is_left_and_waits_for_as_long_as_it_is_told() {
        let clock = FakeRelativeClock::default();
        let rates = KeyRates::with_clock(NonZeroU32::new(3).unwrap(), clock.clone());
        let key = Uuid::from_u128(1).into();
        let first = rates.count(key);
        let mut headers = HeaderMap::new();
        first.write(&mut headers);
        assert_eq!(headers[POLICY], "\"key\";q=3;w=60");
        assert_eq!(headers[LIMIT], "\"key\";r=2;t=20");
        rates.count(key);
        assert_eq!(rates.count(key).left, 0);
        let refused = rates.count(key);
        assert_eq!(refused.retry_after, Some(20));
        let other: ApiKeyId = Uuid::from_u128(2).into();
        assert_eq!(rates.count(other).retry_after, None);
        clock.advance(Duration::from_secs(19));
        assert_eq!(rates.count(key).retry_after, Some(1));
        clock.advance(Duration::from_secs(1));
        assert_eq!(rates.count(key).retry_after, None);
    }
}
