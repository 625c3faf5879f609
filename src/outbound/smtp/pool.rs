//! Connections that are kept between mails.
//!
//! A sender holds a permit for as long as it holds a connection, and parks the connection before it gives the permit back;
//! a new one is opened only where none is parked. So no more are open than there are permits. A sender that is dropped in
//! the middle drops its connection: only a conversation that was seen through is parked.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep};

use super::connection::Connection;
use super::dial::Dial;
use super::settings::{Options, SmtpConfigError};
use super::stream::Fault;
use crate::domain::delivery::Stage;

pub(super) struct Pool {
    pub(super) dial: Dial,
    mails_per_connection: u32,
    idle: Duration,
    permits: Arc<Semaphore>,
    parked: Mutex<Parked>,
    opened: AtomicU64,
}

#[derive(Default)]
struct Parked {
    /// The one that was used last stands last and goes out first, so that the others may grow old.
    connections: Vec<(Connection, Instant)>,
    closed: bool,
    sweeping: bool,
}

/// The right to hold one connection.
pub(super) type Permit = OwnedSemaphorePermit;

impl Pool {
    pub(super) fn new(dial: Dial, options: &Options) -> Result<Arc<Self>, SmtpConfigError> {
        if options.max_connections == 0 {
            return Err(SmtpConfigError::Zero("mail.connections"));
        }
        if options.mails_per_connection == 0 {
            return Err(SmtpConfigError::Zero("mail.mails_per_connection"));
        }
        let permits = options.max_connections.min(Semaphore::MAX_PERMITS);
        Ok(Arc::new(Self {
            dial,
            mails_per_connection: options.mails_per_connection,
            idle: options.idle,
            permits: Arc::new(Semaphore::new(permits)),
            parked: Mutex::default(),
            opened: AtomicU64::new(0),
        }))
    }

    /// Waits until one more connection may be held.
    pub(super) async fn permit(&self) -> Permit {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        permit.expect("nothing closes this semaphore")
    }

    /// A connection that was parked and is, as far as can be seen, still good.
    pub(super) fn parked(&self) -> Option<Connection> {
        loop {
            let (mut connection, since) = self.lock().connections.pop()?;
            if since.elapsed() < self.idle && connection.stream.is_quiet() {
                return Some(connection);
            }
        }
    }

    pub(super) async fn open(&self) -> Result<Connection, (Stage, Fault)> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.dial.open().await
    }

    pub(super) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Takes a connection back after its mail, whatever came of it.
    pub(super) fn park(self: &Arc<Self>, connection: Connection, permit: Permit) {
        if !connection.is_usable() {
            return;
        }
        let mut parked = self.lock();
        if parked.closed || connection.mails >= self.mails_per_connection {
            drop(parked);
            let limits = self.dial.limits;
            tokio::spawn(async move {
                connection.quit(&limits).await;
                drop(permit);
            });
            return;
        }
        parked.connections.push((connection, Instant::now()));
        if !std::mem::replace(&mut parked.sweeping, true) {
            drop(parked);
            self.sweep_later();
        }
    }

    /// Closes what has been parked for too long, for as long as anything is.
    fn sweep_later(self: &Arc<Self>) {
        let (pool, idle, limits) = (Arc::downgrade(self), self.idle, self.dial.limits);
        tokio::spawn(async move {
            loop {
                sleep(idle).await;
                let Some(pool) = pool.upgrade() else { return };
                let (old, done) = {
                    let mut parked = pool.lock();
                    let is_old = |(_, since): &mut (Connection, Instant)| since.elapsed() >= idle;
                    let old: Vec<_> = parked.connections.extract_if(.., is_old).collect();
                    parked.sweeping = !parked.connections.is_empty();
                    (old, !parked.sweeping)
                };
                drop(pool);
                for (connection, _) in old {
                    connection.quit(&limits).await;
                }
                if done {
                    return;
                }
            }
        });
    }

    /// Says goodbye on all that is parked; what is in use follows when it is done.
    pub(super) async fn close(&self) {
        let connections = {
            let mut parked = self.lock();
            parked.closed = true;
            std::mem::take(&mut parked.connections)
        };
        let farewells = connections
            .into_iter()
            .map(|(connection, _)| connection.quit(&self.dial.limits));
        futures_util::future::join_all(farewells).await;
    }

    fn lock(&self) -> MutexGuard<'_, Parked> {
        // A panic cannot leave the list half written: every change of it is one call.
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
