//! How often one network may ask and one link may change, inside one process.
//!
//! A link's own limit is asked only after its token proved genuine: else a stranger could use up another's. Memory is
//! bounded by counting in a fixed number of cells, into which keys fall by a hash that nobody outside can foresee: two keys
//! in one cell share its rate, which a stranger cannot bring about on purpose.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;
use uuid::Uuid;

use super::client::network_of;

/// The cells of one limiter: at most 65,536, about 2 MiB when every one is in use.
const CELLS: u64 = 1 << 16;

/// So many at once, and so many an hour after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many may come at once after a quiet time.
    pub burst: NonZeroU32,
    /// How many an hour may follow, evenly spread.
    pub per_hour: NonZeroU32,
}

/// The rates of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Every request, by network. Generous: a large customer sits behind one address.
    pub network: Rate,
    /// Changes by one link: an impatient finger, not a flood.
    pub link: Rate,
    /// Mails that one link may ask for.
    pub resend: Rate,
    /// Inquiries to partners, by network: each mails a stranger's address. An office has few who look for a partner.
    pub inquiry: Rate,
    /// Links to a list of partners that one network may ask for, at whatever address.
    pub ask: Rate,
    /// Links to a list of partners that may be asked for at one address, by whomever.
    pub mailbox: Rate,
    /// Requests of the partner's interface without a good key, by network.
    pub wrong_key: Rate,
}

impl Rates {
    /// The usual ones, with that many requests without a good key an hour, a tenth of them at once.
    pub fn with_wrong_keys(per_hour: u32) -> Self {
        Self {
            wrong_key: rate(per_hour / 10, per_hour),
            ..Self::default()
        }
    }
}

fn rate(burst: u32, per_hour: u32) -> Rate {
    Rate {
        burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
        per_hour: NonZeroU32::new(per_hour).unwrap_or(NonZeroU32::MIN),
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            network: rate(6_000, 180_000),
            link: rate(2_000, 36_000),
            resend: rate(3, 6),
            inquiry: rate(10, 5),
            ask: rate(20, 120),
            mailbox: rate(3, 6),
            wrong_key: rate(60, 600),
        }
    }
}

/// Too many: when to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// Whole seconds, at least 1, for `Retry-After` (RFC 9110 §10.2.3).
    pub retry_after: u32,
}

/// The limits of one process.
#[derive(Debug)]
pub struct Limits<C: Clock = DefaultClock> {
    network: Limiter<IpNet, C>,
    link: Limiter<Uuid, C>,
    resend: Limiter<Uuid, C>,
    inquiry: Limiter<IpNet, C>,
    ask: Limiter<IpNet, C>,
    mailbox: Limiter<str, C>,
    wrong_key: Limiter<IpNet, C>,
}

impl Limits {
    /// Limits that nothing has used yet.
    pub fn new(rates: &Rates) -> Self {
        Self::with_clock(rates, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limits<C> {
    fn with_clock(rates: &Rates, clock: &C) -> Self {
        Self {
            network: Limiter::new(rates.network, clock.clone()),
            link: Limiter::new(rates.link, clock.clone()),
            resend: Limiter::new(rates.resend, clock.clone()),
            inquiry: Limiter::new(rates.inquiry, clock.clone()),
            ask: Limiter::new(rates.ask, clock.clone()),
            mailbox: Limiter::new(rates.mailbox, clock.clone()),
            wrong_key: Limiter::new(rates.wrong_key, clock.clone()),
        }
    }

    /// Counts a request of `client`.
    ///
    /// # Errors
    /// [`TooMany`] when its network has used up its rate.
    pub fn request(&self, client: IpAddr) -> Result<(), TooMany> {
        self.network.count(&network_of(client))
    }

    /// Counts a change by the link whose token, proved genuine, names `subject`.
    ///
    /// # Errors
    /// [`TooMany`] when the link has used up its rate.
    pub fn change(&self, subject: Uuid) -> Result<(), TooMany> {
        self.link.count(&subject)
    }

    /// Counts a mail that the link whose token, proved genuine, names `subject` asks for.
    ///
    /// # Errors
    /// [`TooMany`] when the link has asked for enough.
    pub fn resend(&self, subject: Uuid) -> Result<(), TooMany> {
        self.resend.count(&subject)
    }

    /// Counts an inquiry that `client` sends.
    ///
    /// # Errors
    /// [`TooMany`] when its network has used up its rate.
    pub fn inquiry(&self, client: IpAddr) -> Result<(), TooMany> {
        self.inquiry.count(&network_of(client))
    }

    /// Counts a link to a list of partners that `client` asks for.
    ///
    /// # Errors
    /// [`TooMany`] when its network has asked for enough.
    pub fn ask(&self, client: IpAddr) -> Result<(), TooMany> {
        self.ask.count(&network_of(client))
    }

    /// Counts a link to a list of partners that is asked for at a normalized address, known here or not.
    ///
    /// # Errors
    /// [`TooMany`] when enough were asked for there.
    pub fn mailbox(&self, address: &str) -> Result<(), TooMany> {
        self.mailbox.count(address)
    }

    /// Counts a request of the partner's interface that came without a good key.
    ///
    /// # Errors
    /// [`TooMany`] when enough of them came from the network of `client`.
    pub fn wrong_key(&self, client: IpAddr) -> Result<(), TooMany> {
        self.wrong_key.count(&network_of(client))
    }
}

#[derive(Debug)]
struct Limiter<K: ?Sized, C: Clock> {
    cells: RateLimiter<u64, DashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    hasher: RandomState,
    clock: C,
    key: std::marker::PhantomData<fn(K)>,
}

impl<K: Hash + ?Sized, C: Clock + Clone> Limiter<K, C> {
    fn new(rate: Rate, clock: C) -> Self {
        let quota = Quota::per_hour(rate.per_hour).allow_burst(rate.burst);
        Self {
            cells: RateLimiter::dashmap_with_clock(quota, clock.clone()),
            hasher: RandomState::new(),
            clock,
            key: std::marker::PhantomData,
        }
    }

    fn count(&self, key: &K) -> Result<(), TooMany> {
        let cell = self.hasher.hash_one(key) % CELLS;
        self.cells.check_key(&cell).map_err(|until| {
            let wait: Duration = until.wait_time_from(self.clock.now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            TooMany {
                retry_after: u32::try_from(seconds).unwrap_or(u32::MAX).max(1),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn limits(burst: u32, per_hour: u32) -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
        let rate = Rate {
            burst: NonZeroU32::new(burst).unwrap(),
            per_hour: NonZeroU32::new(per_hour).unwrap(),
        };
        let rates = Rates {
            network: rate,
            link: rate,
            resend: rate,
            inquiry: rate,
            ask: rate,
            mailbox: rate,
            wrong_key: rate,
        };
        let clock = FakeRelativeClock::default();
        (Limits::with_clock(&rates, &clock), clock)
    }

    #[test]
    fn a_network_waits_for_as_long_as_it_is_told() {
        let (limits, clock) = limits(3, 120);
        let client = |last: u8| IpAddr::from([203, 0, 113, last]);
        for last in 1..=3 {
            assert_eq!(limits.request(client(last)), Ok(()));
        }
        assert_eq!(limits.request(client(4)), Err(TooMany { retry_after: 30 }));
        assert_eq!(limits.request(IpAddr::from([198, 51, 100, 1])), Ok(()));
        clock.advance(Duration::from_millis(29_500));
        assert_eq!(limits.request(client(4)), Err(TooMany { retry_after: 1 }));
        clock.advance(Duration::from_millis(500));
        assert_eq!(limits.request(client(4)), Ok(()));
    }

    #[test]
    fn links_have_limits_of_their_own_and_so_do_mails_asked_for() {
        let (limits, _) = limits(1, 60);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(limits.change(one), Ok(()));
        assert_eq!(limits.change(one), Err(TooMany { retry_after: 60 }));
        assert_eq!(limits.change(other), Ok(()));
        assert_eq!(limits.resend(one), Ok(()));
        assert!(limits.resend(one).is_err());
    }

    #[test]
    fn a_network_and_an_address_ask_for_so_many_links_each() {
        let (limits, clock) = limits(2, 60);
        let client = |last: u8| IpAddr::from([203, 0, 113, last]);
        assert_eq!(limits.ask(client(1)), Ok(()));
        assert_eq!(limits.ask(client(1)), Ok(()));
        assert_eq!(limits.ask(client(2)), Err(TooMany { retry_after: 60 }));
        assert_eq!(limits.mailbox("a@x.example"), Ok(()));
        assert_eq!(limits.mailbox("a@x.example"), Ok(()));
        assert!(limits.mailbox("a@x.example").is_err());
        assert_eq!(limits.mailbox("b@x.example"), Ok(()));
        clock.advance(Duration::from_mins(1));
        assert_eq!(limits.mailbox("a@x.example"), Ok(()));
    }

    #[test]
    fn a_million_keys_take_no_more_memory_than_the_cells() {
        let (limits, _) = limits(1, 60);
        for number in 0..1_000_000 {
            let _ = limits.change(Uuid::from_u128(number));
        }
        assert!(limits.link.cells.len() <= usize::try_from(CELLS).unwrap());
    }

    #[test]
    fn a_thousand_clicks_on_one_link_at_once_are_borne_by_the_defaults() {
        let limits = Limits::new(&Rates::default());
        let client = IpAddr::from([127, 0, 0, 1]);
        for _ in 0..1_000 {
            limits.request(client).unwrap();
            limits.change(Uuid::from_u128(1)).unwrap();
        }
    }
}
