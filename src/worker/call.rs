//! The way of webhook calls: many endpoints, of which each fails by itself. There is no gate, and no failure of an endpoint is
//! known to the mails.

use std::sync::Arc;
use std::time::Instant;

use super::Shared;
use super::gate::Opening;
use super::ledger::{Follow, Ledger};
use super::way::{Done, MISSING_KEY, Pace, Way};
use crate::domain::ids::LeaseId;
use crate::domain::notice::Channel;
use crate::domain::settlement::Decision;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{self, Outcome, Trial};
use crate::outbound::webhook::{Client, Request};
use crate::storage::queue::{Claimed, Mark};
use crate::storage::{self, Conn};
use crate::telemetry::CallResult;
use crate::workflow::deliver::call::{self, Call, Readied};
use crate::workflow::webhook::health::Note;
use sha2::{Digest as _, Sha256};

pub(super) struct Calls {
    shared: Arc<Shared>,
    client: Client,
    ledger: Ledger,
}

impl Calls {
    pub(super) const fn new(shared: Arc<Shared>, client: Client, ledger: Ledger) -> Self {
        Self {
            shared,
            client,
            ledger,
        }
    }

    async fn send(&self, call: &Call, lease: LeaseId, request: &Request, now: Timestamp) -> Done {
        let mark = Mark {
            notice: call.claimed.id,
            number: call.claimed.attempts,
            lease,
            message_id: request.signatures.id.clone(),
            dated_at: now,
            sha256: Sha256::digest(&request.body).into(),
            mailbox: None,
        };
        let started = Instant::now();
        let outcome = self.client.call(request, now, self.ledger.mark(mark)).await;
        self.shared
            .metrics
            .called(result(&outcome), started.elapsed());
        self.decide(call, &outcome)
    }

    fn decide(&self, call: &Call, outcome: &Outcome) -> Done {
        let now = self.shared.engine.clock.now();
        let rules = &self.shared.engine.settings.webhooks;
        let trial = Trial {
            failing_since: call.failing_since().unwrap_or(now),
            failures: u32::try_from(call.claimed.failures).unwrap_or(u32::MAX - 1),
            is_test: call.is_test(),
            jitter: rand::random(),
        };
        // A test says how the endpoint fares to whoever asked, and to nobody else.
        let since = call.endpoint_failing_since();
        let change = webhook::after(outcome, since, now, rules).filter(|_| !trial.is_test);
        let note = change.map(|change| Note {
            endpoint: call.endpoint(),
            change,
            status: match outcome {
                Outcome::Answered(answer) => Some(answer.status),
                _ => None,
            },
        });
        Done {
            decision: webhook::decide(outcome, &trial, rules, now),
            follow: note.map(Follow::Endpoint),
        }
    }
}

fn result(outcome: &Outcome) -> CallResult {
    match outcome {
        Outcome::Answered(answer) => CallResult::of_status(answer.status),
        Outcome::Unreached(_) => CallResult::Unreached,
        Outcome::Lost(_) => CallResult::Lost,
        Outcome::Fenced => CallResult::Fenced,
    }
}

impl Way for Calls {
    const CHANNEL: Channel = Channel::Webhook;
    type Job = Call;

    /// Few are claimed ahead: behind a slow endpoint each would wait for as long as it takes.
    fn pace(&self) -> Pace {
        let calls = &self.shared.options.calls;
        Pace {
            batch: calls.connections,
            ahead: 0,
            worth: 1,
            senders: calls.connections,
            in_flight: calls.in_flight,
            interval: None,
        }
    }

    async fn load(&self, batch: &[Claimed]) -> Result<Vec<Call>, storage::Error> {
        call::load(&self.shared.engine, batch).await
    }

    fn claimed(job: &Call) -> &Claimed {
        &job.claimed
    }

    fn opening(&self, _: Timestamp) -> Opening {
        Opening::Open
    }

    async fn look_around(&self) -> Result<usize, storage::Error> {
        Ok(0)
    }

    async fn next_look(
        &self,
        _: &mut Conn,
        _: Timestamp,
    ) -> Result<Option<Timestamp>, storage::Error> {
        Ok(None)
    }

    async fn work(&self, job: &Call, lease: LeaseId) -> Done {
        let now = self.shared.engine.clock.now();
        match call::ready(&self.shared.engine, job, now) {
            Readied::Leaves(request) => self.send(job, lease, &request, now).await,
            Readied::Irrelevant(why) => Decision::irrelevant(why).into(),
            Readied::Sealed(error) => {
                tracing::error!(notice = %job.claimed.id, %error, "a call waits for a key that is not in this process's ring");
                Decision::released(now.plus_micros(MISSING_KEY)).into()
            }
            Readied::Broken(why) => {
                tracing::error!(notice = %job.claimed.id, error = %why, "a call could not be made");
                Decision::broken(why).into()
            }
        }
    }
}
