//! A small mail server on loopback that keeps what it gets: for `demo`, and for tests, which can tell it to misbehave.
//!
//! It is no relay and delivers nothing. Memory is bounded: connections, the size of a mail, the length of a line and the
//! number of mails kept all have limits.

mod behaviour;
mod session;

#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::behaviour::Rules;
use crate::domain::delivery::Stage;
use crate::domain::time::{Clock, Timestamp};

pub use self::behaviour::Behaviour;

/// A mail that the sink took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The envelope sender.
    pub mail_from: String,
    /// The envelope recipients.
    pub rcpt_to: Vec<String>,
    /// Headers and body as they came, without the doubled dots.
    pub bytes: Vec<u8>,
    /// When the final dot came.
    pub at: Timestamp,
    /// Whether it came under TLS.
    pub encrypted: bool,
}

/// The TLS of a sink.
#[derive(Clone, Debug)]
pub enum SinkTls {
    /// Offered by STARTTLS.
    Offered(Arc<ServerConfig>),
    /// From the first octet.
    Implicit(Arc<ServerConfig>),
}

/// What a sink offers and bears.
#[derive(Clone, Debug)]
pub struct SinkOptions {
    /// The name in the greeting.
    pub hostname: String,
    /// TLS, if any.
    pub tls: Option<SinkTls>,
    /// Who may send; everybody where it is `None`.
    pub credentials: Option<(String, SecretString)>,
    /// Whether PIPELINING is offered (RFC 2920).
    pub pipelining: bool,
    /// Whether SMTPUTF8 is offered (RFC 6531).
    pub smtputf8: bool,
    /// How many connections are served at once; more are answered 421.
    pub max_connections: usize,
    /// The largest mail in octets; larger ones are answered 552.
    pub max_mail: usize,
    /// How many mails are kept; the oldest go first.
    pub max_kept: usize,
    /// How long a client may be silent.
    pub idle: Duration,
}

impl Default for SinkOptions {
    fn default() -> Self {
        Self {
            hostname: "sink.localhost".to_owned(),
            tls: None,
            credentials: None,
            pipelining: true,
            smtputf8: true,
            max_connections: 100,
            max_mail: 10 * 1024 * 1024,
            max_kept: 10_000,
            idle: Duration::from_mins(5),
        }
    }
}

/// A running sink. Cloning shares it; it runs until it is stopped.
#[derive(Clone, Debug)]
pub struct Sink(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    options: SinkOptions,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    tasks: TaskTracker,
    rules: Mutex<Rules>,
    mails: Mutex<Vec<Received>>,
    taken: watch::Sender<usize>,
    open: AtomicUsize,
    most_open: AtomicUsize,
    opened: AtomicUsize,
}

impl Sink {
    /// Listens on `address` (port 0 for a free one) until `stop` is cancelled.
    ///
    /// # Errors
    ///
    /// Where the address cannot be bound, or is not on loopback: this server takes mail from anybody.
    pub async fn start(
        address: SocketAddr,
        options: SinkOptions,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the sink listens on loopback only",
            ));
        }
        let listener = TcpListener::bind(address).await?;
        let sink = Self(Arc::new(Shared {
            address: listener.local_addr()?,
            options,
            clock,
            stop,
            tasks: TaskTracker::new(),
            rules: Mutex::default(),
            mails: Mutex::default(),
            taken: watch::Sender::new(0),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
            opened: AtomicUsize::new(0),
        }));
        sink.0.tasks.spawn(listen(Arc::clone(&sink.0), listener));
        Ok(sink)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// The mails that are kept, oldest first.
    pub fn mails(&self) -> Vec<Received> {
        lock(&self.0.mails).clone()
    }

    /// How many mails were taken since the start, kept or not.
    pub fn taken(&self) -> usize {
        *self.0.taken.borrow()
    }

    /// Waits until `count` mails were taken since the start.
    pub async fn wait_for(&self, count: usize) {
        let mut taken = self.0.taken.subscribe();
        // The sender lives in `self`.
        let _ = taken.wait_for(|taken| *taken >= count).await;
    }

    /// The mails that are kept, oldest first; they are kept no longer.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *lock(&self.0.mails))
    }

    /// Forgets the mails that are kept.
    pub fn clear(&self) {
        lock(&self.0.mails).clear();
    }

    /// From now on, does `behaviour` in `stage`, whoever is written to.
    pub fn behave(&self, stage: Stage, behaviour: Behaviour) {
        lock(&self.0.rules).set(None, stage, behaviour);
    }

    /// From now on, does `behaviour` in `stage` for mails to `domain`; this can hold from [`Stage::RcptTo`] on.
    pub fn behave_for(&self, domain: &str, stage: Stage, behaviour: Behaviour) {
        lock(&self.0.rules).set(Some(domain), stage, behaviour);
    }

    /// From now on, is a good server again.
    pub fn behave_well(&self) {
        lock(&self.0.rules).clear();
    }

    /// How many connections were made since the start.
    pub fn connections(&self) -> usize {
        self.0.opened.load(Ordering::SeqCst)
    }

    /// How many connections are open.
    pub fn open_connections(&self) -> usize {
        self.0.open.load(Ordering::SeqCst)
    }

    /// The most connections that were open at once.
    pub fn most_connections(&self) -> usize {
        self.0.most_open.load(Ordering::SeqCst)
    }

    /// Stops listening, ends all connections and waits until they are gone.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

async fn listen(shared: Arc<Shared>, listener: TcpListener) {
    let stop = shared.stop.clone();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((tcp, _)) => {
                let work = serve(Arc::clone(&shared), tcp);
                shared.tasks.spawn(work);
            }
            // Out of file descriptors, most likely: others have to end first.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn serve(shared: Arc<Shared>, tcp: TcpStream) {
    let _counted = Counted::new(&shared);
    tokio::select! {
        () = shared.stop.cancelled() => {}
        // Whatever ends a conversation, there is nobody to tell.
        _ = session::run(&shared, tcp) => {}
    }
}

/// Counts one connection for as long as it lives.
struct Counted<'a>(&'a Shared);

impl<'a> Counted<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.opened.fetch_add(1, Ordering::SeqCst);
        let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_open.fetch_max(open, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Shared {
    fn keep(&self, mail: Received) {
        let mut mails = lock(&self.mails);
        if mails.len() >= self.options.max_kept {
            mails.remove(0);
        }
        mails.push(mail);
        drop(mails);
        self.taken.send_modify(|taken| *taken += 1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
