//! A way by which notices leave: mails to a server, calls to partners' endpoints. Each has a claiming loop, senders and room of
//! its own, so that neither waits for the other; leases, marks and results they share.

use super::Shared;
use super::gate::Opening;
use super::ledger::Follow;
use crate::domain::ids::LeaseId;
use crate::domain::notice::Channel;
use crate::domain::settlement::Decision;
use crate::domain::time::{SECOND, Timestamp};
use crate::storage::queue::Claimed;
use crate::storage::{self, Conn};

/// How much of a way is under way at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// At most so many notices a claim.
    pub(super) batch: usize,
    /// So many are claimed ahead of the senders, so that none waits while a claim is under way.
    pub(super) ahead: usize,
    /// Without room for so many, no claim is worth it while others are under way.
    pub(super) worth: usize,
    /// How many are sent at once.
    pub(super) senders: usize,
    /// At most so many under way to one destination, over all workers.
    pub(super) in_flight: i64,
    /// At least so many microseconds between two to a destination that has no pace of its own.
    pub(super) interval: Option<i64>,
}

/// What became of a job.
pub(super) struct Done {
    /// What is written about its notice.
    pub(super) decision: Decision,
    /// What that means for others, written with it.
    pub(super) follow: Option<Follow>,
}

impl From<Decision> for Done {
    fn from(decision: Decision) -> Self {
        Self {
            decision,
            follow: None,
        }
    }
}

/// What is particular to a way.
pub(super) trait Way: Send + Sync + 'static {
    /// Which notices leave so.
    const CHANNEL: Channel;
    /// A notice with all that it takes to send it.
    type Job: Send + Sync + 'static;

    /// How much at once.
    fn pace(&self) -> Pace;

    /// Reads what the notices of a batch need, all of them.
    fn load(
        &self,
        batch: &[Claimed],
    ) -> impl Future<Output = Result<Vec<Self::Job>, storage::Error>> + Send;

    /// The notice of a job.
    fn claimed(job: &Self::Job) -> &Claimed;

    /// What may leave now.
    fn opening(&self, now: Timestamp) -> Opening;

    /// Does what is to be done now and then before a claim; returns how many invitations it ended.
    fn look_around(&self) -> impl Future<Output = Result<usize, storage::Error>> + Send;

    /// When it is to be done again at the latest, besides when a notice is due.
    fn next_look(
        &self,
        conn: &mut Conn,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Timestamp>, storage::Error>> + Send;

    /// Sends, or not. The caller has asked whether the worker is to stop.
    fn work(&self, job: &Self::Job, lease: LeaseId) -> impl Future<Output = Done> + Send;
}

impl Shared {
    /// Whether nothing more is to be begun.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// How long a notice waits, in microseconds, whose key is not in the ring: rotated a moment ago, or missing from a restored
/// file.
pub(super) const MISSING_KEY: i64 = 10 * SECOND;
