//! The gate: closed while the mail server refuses us. Then nothing is claimed, no notice fails, and every so often one mail
//! tries whether it opens again.

use std::sync::Mutex;

use crate::domain::delivery::{Outcome, Stage};
use crate::domain::retry;
use crate::domain::time::{SECOND, Timestamp};
use crate::storage::transport::MAIL;
use crate::storage::{self, transport};
use crate::telemetry::Metrics;
use crate::workflow::Engine;

/// The waits after the first, second … refusal in a row, in microseconds; the last one repeats.
const WAITS: [i64; 5] = [
    5 * SECOND,
    15 * SECOND,
    30 * SECOND,
    60 * SECOND,
    120 * SECOND,
];

/// What the gate lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Everything.
    Open,
    /// One mail.
    Probe,
    /// Nothing before then.
    Closed(Timestamp),
}

/// What this process knows of the pause, which stands in the database for all of them.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Option<Pause>>);

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Timestamp,
    failures: i64,
}

impl Gate {
    fn pause(&self) -> std::sync::MutexGuard<'_, Option<Pause>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn opening(&self, now: Timestamp) -> Opening {
        match *self.pause() {
            None => Opening::Open,
            Some(pause) if pause.until <= now => Opening::Probe,
            Some(pause) => Opening::Closed(pause.until),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.pause().is_some()
    }

    /// Reads what other processes found out.
    pub(super) async fn look(
        &self,
        engine: &Engine,
        metrics: &Metrics,
    ) -> Result<(), storage::Error> {
        let mut conn = engine.db.read().await?;
        let found = transport::find(&mut conn, MAIL).await?;
        metrics.transport_paused(found.is_some());
        *self.pause() = found.map(|found| Pause {
            until: found.paused_until,
            failures: found.failures,
        });
        Ok(())
    }

    /// The server refuses us: closes the gate; returns until when.
    pub(super) async fn close(&self, engine: &Engine, outcome: &Outcome, jitter: f64) -> Timestamp {
        let now = engine.clock.now();
        let stage = outcome.stage().map_or("", Stage::as_str);
        let reply = outcome.reply().unwrap_or_default();
        let until = {
            let mut pause = self.pause();
            if let Some(pause) = *pause
                && pause.until > now
            {
                // Another sender met the same refusal a moment ago.
                return pause.until;
            }
            let failures = pause.map_or(0, |pause| pause.failures);
            let in_a_row = u32::try_from(failures + 1).unwrap_or(u32::MAX);
            let wait = retry::backoff(&WAITS, in_a_row, jitter);
            let until = now.plus_micros(wait);
            *pause = Some(Pause {
                until,
                failures: failures + 1,
            });
            until
        };
        // The server's own words may name an address: they stand in the database, for `queue stats`.
        let code = match outcome {
            Outcome::Refused(_, reply) => reply.code,
            _ => 0,
        };
        tracing::error!(
            stage,
            code,
            "the mail server refuses us: mail waits, no notice fails; mend the setting or the server, and it goes on by itself"
        );
        let written = engine
            .db
            .write(move |tx| {
                Box::pin(async move { transport::pause(tx, MAIL, now, until, stage, &reply).await })
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "other workers do not know of the pause yet");
        }
        until
    }

    /// The server took a mail: opens the gate.
    pub(super) async fn open(&self, engine: &Engine) {
        if self.pause().take().is_none() {
            return;
        }
        tracing::info!("the mail server takes mail again");
        let written = engine
            .db
            .write(|tx| Box::pin(async move { transport::resume(tx, MAIL).await }))
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "the pause is still written in the database");
        }
        engine.wake().await;
    }
}
