//! The worker: claim → workflow step → settle, with wake-ups, leases and an orderly end.
//!
//! Notices leave by two ways, mails and webhook calls, each with a loop and senders of its own (`way`): the loop claims
//! batches and reads what they tell, the senders send it. The ledger writes marks and results of both in sets. Housekeeping
//! (renewing the lease, sweeping dead ones, sealing the audit record) runs beside them.

mod call;
mod claimer;
mod gate;
mod housekeeping;
mod in_flight;
mod ledger;
mod mail;
mod sender;
mod way;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::domain::ids::LeaseId;
use crate::domain::notice::Channel;
use crate::domain::retry::GIVE_UP_AFTER;
use crate::domain::time::SECOND;
use crate::outbound::webhook::Client;
use crate::storage::{self, lease};
use crate::telemetry::Metrics;
use crate::workflow::deliver::Post;
use crate::workflow::{Engine, WAKE_CHANNEL, fresh_id, seal};
use call::Calls;
use claimer::{Claimer, Claimings};
use in_flight::InFlight;
use ledger::Ledger;
use mail::Mails;

/// How the worker works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its name in the lease: host and process.
    pub name: String,
    /// For how long a lease is good without renewal, in microseconds.
    pub lease: i64,
    /// How often it is renewed.
    pub renew: Duration,
    /// At most so many notices a claim.
    pub batch: usize,
    /// How many mails are sent at once.
    pub connections: usize,
    /// How long to wait at most before looking again.
    pub poll: Duration,
    /// At most so many mails under way to one destination domain.
    pub domain_in_flight: i64,
    /// At least so many microseconds between two mails to a domain that has no pace of its own.
    pub domain_interval: Option<i64>,
    /// For how long a mail is tried, in microseconds.
    pub give_up_after: i64,
    /// How webhooks are called.
    pub calls: CallOptions,
}

/// How much of webhook calls is under way at once. For how long one is tried is in [`crate::domain::webhook::Rules`].
#[derive(Clone, Copy, Debug)]
pub struct CallOptions {
    /// How many calls are made at once.
    pub connections: usize,
    /// At most so many calls under way to one host and port, over all workers.
    pub in_flight: i64,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            connections: 16,
            in_flight: 4,
        }
    }
}

impl Options {
    /// [`Options::lease`] as a duration.
    fn lease(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.lease).unwrap_or_default())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "worker".to_owned(),
            lease: 45 * SECOND,
            renew: Duration::from_secs(15),
            batch: 200,
            connections: 32,
            poll: Duration::from_secs(5),
            domain_in_flight: 20,
            domain_interval: None,
            give_up_after: GIVE_UP_AFTER,
            calls: CallOptions::default(),
        }
    }
}

/// What a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Mails and calls that a server took.
    pub sent: usize,
    /// Those that are tried again.
    pub retried: usize,
    /// Those that were refused for good or given up.
    pub failed: usize,
    /// Those that were not worth sending any more.
    pub cancelled: usize,
    /// Notices of which no mail or call could be made.
    pub broken: usize,
    /// Notices that ended several workers, and are dead letters now.
    pub dead: usize,
    /// Invitations that expired.
    pub expired: usize,
    /// Whether the mail server refuses us.
    pub paused: bool,
    /// Results that the database did not take: the mails may have been sent, and are tried again.
    pub unwritten: usize,
    /// Whether the database went away for longer than a lease, before all was done.
    pub away: bool,
}

/// When a worker ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Not at all: until it is told to.
    Stopped,
    /// Once nothing is due any more.
    Idle,
}

/// What all parts of a worker share.
pub(crate) struct Shared {
    engine: Engine,
    options: Options,
    metrics: Arc<Metrics>,
    tally: sender::Tally,
    mails: Flow,
    calls: Flow,
    stop: CancellationToken,
}

/// How it stands with what leaves one way.
#[derive(Default)]
struct Flow {
    /// Claimed and not settled.
    in_flight: InFlight,
    /// Notices were settled.
    has_settled: Notify,
    /// There may be work.
    wake: Notify,
}

impl Shared {
    const fn flow(&self, channel: Channel) -> &Flow {
        match channel {
            Channel::Mail => &self.mails,
            Channel::Webhook => &self.calls,
        }
    }

    /// The leases under which something is under way.
    fn own_leases(&self) -> Vec<LeaseId> {
        let flows = [&self.mails, &self.calls];
        flows.iter().flat_map(|it| it.in_flight.leases()).collect()
    }
}

/// A worker, ready to run.
pub struct Worker {
    shared: Arc<Shared>,
    post: Arc<Post>,
    client: Option<Client>,
}

impl Worker {
    /// A worker on this engine that sends mails; `stop` ends it in order: what is in flight is finished, nothing new is taken.
    pub fn new(
        engine: Engine,
        post: Arc<Post>,
        options: Options,
        metrics: Arc<Metrics>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                engine,
                options,
                metrics,
                tally: sender::Tally::default(),
                mails: Flow::default(),
                calls: Flow::default(),
                stop,
            }),
            post,
            client: None,
        }
    }

    /// The same, which makes webhook calls as well.
    #[must_use]
    pub fn calling(self, client: Client) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// Runs until it is stopped, or until nothing is due.
    ///
    /// A database that goes away is waited for: without end, or for as long as a lease lasts where the worker is to end by
    /// itself. [`Summary::away`] tells of that.
    ///
    /// # Errors
    /// The database is away at the start, or refuses what it is asked.
    pub async fn run(self, until: Until) -> Result<Summary, storage::Error> {
        let Self {
            shared,
            post,
            client,
        } = self;
        // What a dead worker held is due, too: before the first look, so that a run until nothing is due finds it.
        housekeeping::sweep(&shared).await?;
        let lease = take_lease(&shared).await?;
        let lease = Arc::new(std::sync::Mutex::new(lease));
        let ended = CancellationToken::new();
        let mut helpers = JoinSet::new();
        helpers.spawn(housekeeping::renew(
            shared.clone(),
            lease.clone(),
            ended.clone(),
        ));
        helpers.spawn(housekeeping::keep(shared.clone(), ended.clone()));
        helpers.spawn(listen(shared.clone(), ended.clone()));
        helpers.spawn(pass_on(shared.clone(), ended.clone()));

        let (ledger, writer) = Ledger::start(shared.clone(), until);
        let way = Arc::new(Mails::new(shared.clone(), post.clone(), ledger.clone()));
        let mut mails = Claimer::start(&shared, way.clone(), &lease, &ledger);
        let mut calls = client.map(|client| {
            let way = Calls::new(shared.clone(), client, ledger.clone());
            Claimer::start(&shared, Arc::new(way), &lease, &ledger)
        });
        drop(ledger);
        let claimed = claim(&shared, &mut mails, calls.as_mut(), until).await;
        mails.end().await;
        if let Some(calls) = calls {
            calls.end().await;
        }
        let is_paused = way.is_paused();
        // The last handle of the ledger: it writes what it was given, and ends.
        drop(way);
        writer.await.ok();
        ended.cancel();
        if matches!(&claimed, Ok(claimed) if claimed.away) {
            // Each more question would be waited for. The lease runs out by itself.
            helpers.shutdown().await;
        } else {
            while helpers.join_next().await.is_some() {}
            if until == Until::Idle {
                // What was just sent is part of the record, too.
                seal::seal(&shared.engine).await.ok();
            }
            let last = *lock(&lease);
            give_back(&shared, last).await;
        }
        post.transport.close().await;
        let claimed = claimed?;
        Ok(Summary {
            expired: claimed.expired,
            paused: is_paused,
            away: claimed.away,
            ..shared.tally.summary()
        })
    }
}

/// Claims by both ways until the worker is stopped, or until nothing is due.
///
/// What one way does may be work for the other: what mails record is told by calls, and a mail tells of an endpoint that was
/// switched off. So a run that is to end seals, and looks once more, until that brings nothing. It looks after a seal of nothing
/// as well: another sealer may have been at it.
async fn claim(
    shared: &Shared,
    mails: &mut Claimer<Mails>,
    mut calls: Option<&mut Claimer<Calls>>,
    until: Until,
) -> Result<Claimings, storage::Error> {
    let mut taken = 0;
    let mut sealed = None;
    loop {
        let calling = async {
            match &mut calls {
                Some(calls) => calls.run(until).await,
                None => Ok(Claimings::default()),
            }
        };
        let (mailed, called) = tokio::join!(mails.run(until), calling);
        let (mailed, called) = (mailed?, called?);
        let done = Claimings {
            taken: mailed.taken + called.taken,
            away: mailed.away || called.away,
            ..mailed
        };
        let is_last = calls.is_none() || done.away || shared.is_stopping();
        let has_settled = done.taken == taken && sealed == Some(0);
        if until == Until::Stopped || is_last || has_settled {
            return Ok(done);
        }
        taken = done.taken;
        sealed = Some(seal::seal(&shared.engine).await.unwrap_or_default());
    }
}

fn lock(lease: &std::sync::Mutex<LeaseId>) -> std::sync::MutexGuard<'_, LeaseId> {
    lease
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn take_lease(shared: &Shared) -> Result<LeaseId, storage::Error> {
    let id: LeaseId = fresh_id(shared.engine.clock.now());
    let (name, ttl) = (shared.options.name.clone(), shared.options.lease);
    shared
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::take(tx, id, &name, ttl).await }))
        .await?;
    Ok(id)
}

async fn give_back(shared: &Shared, lease: LeaseId) {
    let now = shared.engine.clock.now();
    let released = shared
        .engine
        .db
        .write(move |tx| Box::pin(async move { lease::release(tx, lease, now).await }))
        .await;
    if let Err(error) = released {
        tracing::warn!(%error, "the lease could not be given back; it runs out by itself");
    }
}

/// Wakes the loop when another process has committed work (PostgreSQL); reconnects for ever.
async fn listen(shared: Arc<Shared>, ended: CancellationToken) {
    let work = async {
        loop {
            match shared.engine.db.listen(WAKE_CHANNEL).await {
                Ok(None) => std::future::pending().await,
                Ok(Some(mut listener)) => {
                    while listener.recv().await.is_ok() {
                        shared.engine.wake.notify_one();
                    }
                }
                Err(_) => {}
            }
            tokio::time::sleep(shared.options.poll).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = ended.cancelled() => {}
    }
}

/// Wakes both loops when there is work: one of them alone would hear of it.
async fn pass_on(shared: Arc<Shared>, ended: CancellationToken) {
    loop {
        tokio::select! {
            () = shared.engine.wake.notified() => {}
            () = ended.cancelled() => return,
        }
        shared.mails.wake.notify_one();
        shared.calls.wake.notify_one();
    }
}
