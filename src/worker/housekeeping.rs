//! What runs beside the claiming: the lease is renewed, leases of the dead are swept, the audit record is sealed, old
//! idempotency keys, counters of limits, inquiries that nobody confirmed, secrets that sign no more and what is no longer needed
//! are forgotten, and the depth of the queue is measured.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Shared, lock, take_lease};
use crate::domain::ids::LeaseId;
use crate::domain::time::Timestamp;
use crate::storage::lease::{DeadLetter, Swept};
use crate::storage::{self, api_answer, idempotency, lease, limit, notice};
use crate::telemetry::{Renewal, Settlement};
use crate::workflow::undeliverable::{Failure, Lost, Reason, record_failure};
use crate::workflow::{Engine, inquiry, privacy, seal, webhook};

/// The audit record is sealed within a second.
const SEAL_EVERY: Duration = Duration::from_millis(500);
/// Slow things are done once in so many rounds.
const SLOW_ROUND: u32 = 20;

/// Renews the lease until the worker ends.
pub(super) async fn renew(
    shared: Arc<Shared>,
    lease: Arc<Mutex<LeaseId>>,
    ended: CancellationToken,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(shared.options.renew) => {}
            () = ended.cancelled() => return,
        }
        let current = *lock(&lease);
        let ttl = shared.options.lease;
        let renewed = shared
            .engine
            .db
            .write(move |tx| Box::pin(async move { lease::renew(tx, current, ttl).await }))
            .await;
        match renewed {
            Ok(true) => shared.metrics.lease_renewal(Renewal::Renewed),
            Ok(false) => {
                shared.metrics.lease_renewal(Renewal::Lost);
                if *lock(&lease) == current
                    && let Ok(fresh) = take_lease(&shared).await
                {
                    tracing::warn!("the lease had run out; a new one is taken");
                    *lock(&lease) = fresh;
                }
            }
            Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
        }
    }
}

/// Keeps house until the worker ends.
pub(super) async fn keep(shared: Arc<Shared>, ended: CancellationToken) {
    let mut round = 0_u32;
    loop {
        let done = async {
            sweep(&shared).await?;
            seal::seal(&shared.engine).await?;
            if round.is_multiple_of(SLOW_ROUND) {
                measure(&shared).await?;
            }
            Ok::<_, storage::Error>(())
        };
        if let Err(error) = done.await {
            tracing::debug!(%error, "housekeeping waits for the database");
        }
        round = round.wrapping_add(1);
        tokio::select! {
            () = tokio::time::sleep(SEAL_EVERY) => {}
            () = ended.cancelled() => return,
        }
    }
}

/// Frees what dead workers held.
pub(super) async fn sweep(shared: &Shared) -> Result<(), storage::Error> {
    let now = shared.engine.clock.now();
    let own = shared.own_leases();
    let swept = match sweep_and_tell(&shared.engine, own.clone(), true, now).await {
        Err(error) if !error.is_passing() => {
            // Of one invitation it cannot be told what it means: what dead workers held is freed all the same.
            tracing::error!(%error, "a partner could not be told of a failure");
            sweep_and_tell(&shared.engine, own, false, now).await?
        }
        swept => swept?,
    };
    shared.tally.count_dead(swept.dead.len());
    if swept.leases > 0 {
        for kind in &swept.ambiguous {
            shared.metrics.settled(kind.as_str(), Settlement::Ambiguous);
        }
        for letter in &swept.dead {
            tracing::error!(
                notice = %letter.id,
                kind = letter.kind.as_str(),
                "a notice ended several workers and is a dead letter now"
            );
            let kind = letter.kind.as_str();
            shared.metrics.settled(kind, Settlement::Dead);
        }
        tracing::warn!(
            leases = swept.leases,
            notices = swept.notices.len(),
            "a worker died: what it held is due again"
        );
        shared.engine.wake.notify_one();
    }
    Ok(())
}

/// Sweeps, and tells the partners of mails that will not leave by themselves.
async fn sweep_and_tell(
    engine: &Engine,
    own: Vec<LeaseId>,
    tell: bool,
    now: Timestamp,
) -> Result<Swept, storage::Error> {
    let step = engine.clone();
    engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                let swept = lease::sweep_but(tx, &own, now).await?;
                for letter in swept.dead.iter().filter(|_| tell) {
                    let Some(failure) = failure(letter) else {
                        continue;
                    };
                    let (id, generation) = (letter.subject_id.into(), letter.generation);
                    record_failure(tx, &step, id, generation, &failure, now).await?;
                }
                Ok(swept)
            })
        })
        .await
}

fn failure(letter: &DeadLetter) -> Option<Failure> {
    let lost = Lost {
        mail: letter.kind,
        partner: letter.partner_id,
        target: letter.target_id,
        payload: &letter.payload,
    };
    lost.failure(Reason::OurFault, None)
}

async fn measure(shared: &Shared) -> Result<(), storage::Error> {
    let now = shared.engine.clock.now();
    shared
        .engine
        .db
        .write(move |tx| {
            Box::pin(async move {
                limit::forget(tx, now).await?;
                api_answer::forget(tx, now).await?;
                idempotency::forget(tx, now).await
            })
        })
        .await?;
    inquiry::sweep(&shared.engine).await?;
    webhook::sweep(&shared.engine).await?;
    privacy::sweep_daily(&shared.engine).await?;
    let mut conn = shared.engine.db.read().await?;
    for (state, count) in notice::depths(&mut conn).await? {
        shared.metrics.queue_depth(state.as_str(), count);
    }
    Ok(())
}
