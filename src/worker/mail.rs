//! The way of mails: one server for all of them, and a gate before it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use super::Shared;
use super::gate::{Gate, Opening};
use super::ledger::{Follow, Ledger};
use super::way::{Done, MISSING_KEY, Pace, Way};
use crate::domain::delivery::{Outcome, Stage, Verdict, judge};
use crate::domain::ids::LeaseId;
use crate::domain::notice::Channel;
use crate::domain::settlement::{Decision, Ending, History};
use crate::domain::time::Timestamp;
use crate::outbound::transport::Outgoing;
use crate::storage::queue::{Claimed, Mark};
use crate::storage::{self, Conn, invitation, relationship};
use crate::telemetry::{Answer, RefusalClass};
use crate::workflow::deliver::{self, Broken, Job, Parcel, Post, Prepared, prepare};
use crate::workflow::undeliverable::{Lost, Reason};
use crate::workflow::{expire, term};

/// So many batches are claimed ahead.
const AHEAD: usize = 2;

pub(super) struct Mails {
    shared: Arc<Shared>,
    post: Arc<Post>,
    gate: Gate,
    ledger: Ledger,
}

impl Mails {
    pub(super) fn new(shared: Arc<Shared>, post: Arc<Post>, ledger: Ledger) -> Self {
        Self {
            shared,
            post,
            gate: Gate::default(),
            ledger,
        }
    }

    /// Whether the mail server refuses us.
    pub(super) fn is_paused(&self) -> bool {
        self.gate.is_closed()
    }

    async fn send(&self, job: &Job, lease: LeaseId, parcel: &Parcel) -> Decision {
        if parcel.drifted {
            self.shared.metrics.drifted(job.claimed.kind.as_str());
            tracing::warn!(
                notice = %job.claimed.id,
                "a mail that was begun before is not the same bytes any more"
            );
        }
        let mark = Mark {
            notice: job.claimed.id,
            number: job.claimed.attempts,
            lease,
            message_id: parcel.message_id.clone(),
            dated_at: parcel.dated_at,
            sha256: parcel.mail.sha256,
            mailbox: parcel
                .address
                .as_deref()
                .map(|address| self.shared.engine.keys.mailbox(address)),
        };
        let outgoing = Outgoing {
            mail_from: &parcel.mail_from,
            rcpt_to: &parcel.rcpt_to,
            bytes: &parcel.mail.bytes,
            needs_smtputf8: parcel.mail.needs_smtputf8,
        };
        let started = Instant::now();
        let outcome = self
            .post
            .transport
            .send(outgoing, || self.ledger.mark(mark))
            .await;
        self.shared.metrics.mail_took(started.elapsed());
        self.note(&outcome);
        self.decide(job, &outcome).await
    }

    async fn decide(&self, job: &Job, outcome: &Outcome) -> Decision {
        let now = self.shared.engine.clock.now();
        let history = History {
            failing_since: job.failing_since().unwrap_or(now),
            failures: u32::try_from(job.claimed.failures).unwrap_or(u32::MAX - 1),
            give_up_after: self.shared.options.give_up_after,
            jitter: rand::random(),
        };
        let Some(decision) = Decision::of(outcome, &history, now) else {
            let until = self
                .gate
                .close(&self.shared.engine, outcome, rand::random())
                .await;
            return Decision::paused(until, outcome);
        };
        // A server that came as far as the recipient has let us in, whatever became of this mail.
        let let_in = match outcome {
            Outcome::Lost(stage, _) => *stage > Stage::MailFrom,
            Outcome::Accepted(_) | Outcome::Refused(..) => true,
            Outcome::Fenced => false,
        };
        if let_in {
            self.gate.open(&self.shared.engine).await;
        }
        decision
    }

    fn note(&self, outcome: &Outcome) {
        let (stage, class) = match outcome {
            Outcome::Accepted(_) | Outcome::Fenced => return,
            Outcome::Refused(stage, reply) if reply.is_temporary() => {
                (stage, RefusalClass::Temporary)
            }
            Outcome::Refused(stage, _) => (stage, RefusalClass::Permanent),
            Outcome::Lost(stage, _) => (stage, RefusalClass::Lost),
        };
        self.shared.metrics.smtp_refused(*stage, class);
        if judge(outcome) == Verdict::Ambiguous {
            tracing::warn!("a mail may have arrived: its reply did not come");
        }
    }

    async fn decided(&self, job: &Job, lease: LeaseId) -> Decision {
        let now = self.shared.engine.clock.now();
        if let Opening::Closed(until) = self.gate.opening(now) {
            return Decision::released(until);
        }
        // A template or a stored value that makes the program panic must not end the worker, and every worker after it.
        let prepared = std::panic::catch_unwind(AssertUnwindSafe(|| {
            prepare(&self.shared.engine, &self.post, job)
        }));
        match prepared {
            Ok(Prepared::Mail(parcel)) => self.send(job, lease, &parcel).await,
            // Not a failure: it did not even try.
            Ok(Prepared::NotNow(until)) => Decision::released(until),
            Ok(Prepared::Irrelevant(why)) => Decision::irrelevant(why),
            Ok(Prepared::Broken(Broken::Key(key))) => {
                tracing::error!(
                    notice = %job.claimed.id,
                    error = %key,
                    "a notice waits for a key that is not in this process's ring"
                );
                Decision::released(now.plus_micros(MISSING_KEY))
            }
            Ok(Prepared::Broken(why)) => {
                tracing::error!(notice = %job.claimed.id, error = %why, "no mail could be made of a notice");
                Decision::broken(why.to_string())
            }
            Err(_) => {
                tracing::error!(notice = %job.claimed.id, "making the mail of a notice panicked");
                Decision::broken("making its mail panicked".to_owned())
            }
        }
    }
}

/// What the partner is told, if the mail was refused for good or given up.
fn follow(claimed: &Claimed, decision: &Decision) -> Option<Follow> {
    let reason = match decision.ending {
        Ending::Failed => Reason::Refused,
        Ending::GivenUp => Reason::GivenUp,
        Ending::Broken => Reason::OurFault,
        _ => return None,
    };
    let lost = Lost {
        mail: claimed.kind,
        partner: claimed.partner_id,
        target: claimed.target_id,
        payload: &claimed.payload,
    };
    let failure = lost.failure(reason, decision.final_reply.clone())?;
    Some(Follow::Undeliverable {
        invitation: claimed.subject_id.into(),
        generation: claimed.generation,
        failure,
    })
}

impl Way for Mails {
    const CHANNEL: Channel = Channel::Mail;
    type Job = Job;

    fn pace(&self) -> Pace {
        let options = &self.shared.options;
        Pace {
            batch: options.batch,
            ahead: AHEAD * options.batch,
            worth: options.batch,
            senders: options.connections,
            in_flight: options.domain_in_flight,
            interval: options.domain_interval,
        }
    }

    async fn load(&self, batch: &[Claimed]) -> Result<Vec<Job>, storage::Error> {
        deliver::load(&self.shared.engine, batch).await
    }

    fn claimed(job: &Job) -> &Claimed {
        &job.claimed
    }

    fn opening(&self, now: Timestamp) -> Opening {
        self.gate.opening(now)
    }

    /// Ends what is overdue, and reads what other processes know of the server.
    async fn look_around(&self) -> Result<usize, storage::Error> {
        let ended = expire::expire(&self.shared.engine).await?;
        term::end_terms(&self.shared.engine).await?;
        for _ in 0..ended {
            self.shared.metrics.answered(Answer::Expired);
        }
        self.gate
            .look(&self.shared.engine, &self.shared.metrics)
            .await?;
        Ok(ended)
    }

    async fn next_look(
        &self,
        conn: &mut Conn,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, storage::Error> {
        let next = [
            invitation::next_expiry(conn, now).await?,
            relationship::next_end(conn, now).await?,
        ];
        Ok(next.into_iter().flatten().min())
    }

    async fn work(&self, job: &Job, lease: LeaseId) -> Done {
        let decision = self.decided(job, lease).await;
        Done {
            follow: follow(&job.claimed, &decision),
            decision,
        }
    }
}
