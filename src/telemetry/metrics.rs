//! The counters that `/metrics` shows, in OpenMetrics text.
//!
//! Labels come from closed sets: enums of this module, names that stand in the program's text (`&'static str`), and the
//! templates of the router's own routes. So no address, domain, token or identifier becomes a label, and their number is
//! bounded.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::labels::{
    Answer, ByAnswer, ByCallResult, ByDatabaseFault, ByKind, ByRenewal, ByRoute, ByRouteAndStatus,
    BySettlement, ByStage, ByState, ByTokenFault, CallResult, DatabaseFault, RefusalClass, Renewal,
    Settlement, TokenFault,
};
use crate::domain::delivery::Stage;

/// The media type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of one process; one value is shared by its parts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    claimed: Family<ByKind, Counter>,
    settled: Family<BySettlement, Counter>,
    drifted: Family<ByKind, Counter>,
    mail_seconds: Histogram,
    webhook_calls: Family<ByCallResult, Counter>,
    webhook_seconds: Histogram,
    smtp_refusals: Family<ByStage, Counter>,
    transport_paused: Gauge,
    queue_depth: Family<ByState, Gauge>,
    lease_renewals: Family<ByRenewal, Counter>,
    answers: Family<ByAnswer, Counter>,
    requests: Family<ByRouteAndStatus, Counter>,
    request_seconds: Family<ByRoute, Histogram>,
    token_faults: Family<ByTokenFault, Counter>,
    database_faults: Family<ByDatabaseFault, Counter>,
}

impl Metrics {
    /// Counters at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("countersign");
        let metrics = Self {
            claimed: Family::default(),
            settled: Family::default(),
            drifted: Family::default(),
            mail_seconds: mail_histogram(),
            webhook_calls: Family::default(),
            webhook_seconds: call_histogram(),
            smtp_refusals: Family::default(),
            transport_paused: Gauge::default(),
            queue_depth: Family::default(),
            lease_renewals: Family::default(),
            answers: Family::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(request_histogram),
            token_faults: Family::default(),
            database_faults: Family::default(),
            registry: Registry::default(),
        };
        let m = &metrics;
        registry.register(
            "notices_claimed",
            "Notices taken by a worker",
            m.claimed.clone(),
        );
        registry.register(
            "notices_settled",
            "What became of claimed notices",
            m.settled.clone(),
        );
        registry.register(
            "mails_drifted",
            "Mails sent again that are not the same bytes any more",
            m.drifted.clone(),
        );
        registry.register(
            "mail_seconds",
            "Seconds to hand over one mail",
            m.mail_seconds.clone(),
        );
        registry.register(
            "webhook_calls",
            "Webhook calls by what came of them",
            m.webhook_calls.clone(),
        );
        registry.register(
            "webhook_call_seconds",
            "Seconds of one webhook call",
            m.webhook_seconds.clone(),
        );
        registry.register(
            "smtp_refusals",
            "Refusals by the stage of the conversation",
            m.smtp_refusals.clone(),
        );
        registry.register(
            "transport_paused",
            "1 while no mail can leave",
            m.transport_paused.clone(),
        );
        registry.register("queue_depth", "Notices by state", m.queue_depth.clone());
        registry.register(
            "lease_renewals",
            "Renewals of leases",
            m.lease_renewals.clone(),
        );
        registry.register("answers", "Ends of invitations", m.answers.clone());
        registry.register(
            "http_requests",
            "Requests by route and class of status",
            m.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "Seconds to answer a request",
            m.request_seconds.clone(),
        );
        registry.register(
            "token_refusals",
            "Links that opened nothing",
            m.token_faults.clone(),
        );
        registry.register(
            "database_errors",
            "Errors of the database",
            m.database_faults.clone(),
        );
        Self {
            registry,
            ..metrics
        }
    }

    /// `count` notices of a kind were claimed.
    pub fn claimed(&self, kind: &'static str, count: u64) {
        self.claimed.get_or_create(&ByKind { kind }).inc_by(count);
    }

    /// A claimed notice was settled, or found after the death of its worker.
    pub fn settled(&self, kind: &'static str, result: Settlement) {
        self.settled
            .get_or_create(&BySettlement { kind, result })
            .inc();
    }

    /// A mail whose body began to leave before is sent again, and is not the same bytes any more: whoever got both has two
    /// different mails with one Message-ID.
    pub fn drifted(&self, kind: &'static str) {
        self.drifted.get_or_create(&ByKind { kind }).inc();
    }

    /// One mail was handed over, or not, in this time.
    pub fn mail_took(&self, time: Duration) {
        self.mail_seconds.observe(time.as_secs_f64());
    }

    /// A webhook was called, with this result, in this time.
    pub fn called(&self, result: CallResult, time: Duration) {
        self.webhook_seconds.observe(time.as_secs_f64());
        self.webhook_calls
            .get_or_create(&ByCallResult { result })
            .inc();
    }

    /// A mail server refused, or was lost, at a stage.
    pub fn smtp_refused(&self, stage: Stage, class: RefusalClass) {
        let stage = stage.as_str();
        self.smtp_refusals
            .get_or_create(&ByStage { stage, class })
            .inc();
    }

    /// Whether the transport is paused.
    pub fn transport_paused(&self, paused: bool) {
        self.transport_paused.set(i64::from(paused));
    }

    /// How many notices are in a state.
    pub fn queue_depth(&self, state: &'static str, count: i64) {
        self.queue_depth
            .get_or_create(&ByState { state })
            .set(count);
    }

    /// A lease was renewed, or found gone.
    pub fn lease_renewal(&self, result: Renewal) {
        self.lease_renewals
            .get_or_create(&ByRenewal { result })
            .inc();
    }

    /// An invitation came to its end.
    pub fn answered(&self, answer: Answer) {
        self.answers.get_or_create(&ByAnswer { answer }).inc();
    }

    /// A request was answered. `route` is the template that matched (`/a/{token}`), never the path, which may hold a token;
    /// without one it counts as `other`.
    pub fn request(&self, route: Option<&str>, status: u16, time: Duration) {
        let status = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        let route = route.unwrap_or("other").to_owned();
        self.request_seconds
            .get_or_create(&ByRoute {
                route: route.clone(),
            })
            .observe(time.as_secs_f64());
        self.requests
            .get_or_create(&ByRouteAndStatus { route, status })
            .inc();
    }

    /// A link opened nothing.
    pub fn token_refused(&self, reason: TokenFault) {
        self.token_faults
            .get_or_create(&ByTokenFault { reason })
            .inc();
    }

    /// The database failed, for a reason or with an error that says it.
    pub fn database_failed(&self, reason: impl Into<DatabaseFault>) {
        let reason = reason.into();
        self.database_faults
            .get_or_create(&ByDatabaseFault { reason })
            .inc();
    }

    /// All metrics as OpenMetrics text ([`CONTENT_TYPE`]).
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        prometheus_client::encoding::text::encode(&mut text, &self.registry).ok();
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// From 5 ms to the 10 minutes that a server may think about a mail.
fn mail_histogram() -> Histogram {
    Histogram::new([0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 30.0, 120.0, 600.0])
}

/// From 10 ms to the timeout of a call.
fn call_histogram() -> Histogram {
    Histogram::new([0.01, 0.05, 0.2, 1.0, 3.0, 10.0])
}

/// From half a millisecond to the timeout of a request.
fn request_histogram() -> Histogram {
    Histogram::new([0.0005, 0.002, 0.005, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: Duration = Duration::from_millis(3);

    fn has(metrics: &Metrics, line: &str) -> bool {
        metrics.encode().lines().any(|found| found == line)
    }

    #[test]
    fn what_was_counted_is_shown() {
        let metrics = Metrics::new();
        metrics.claimed("invitation", 100);
        metrics.settled("invitation", Settlement::Sent);
        metrics.settled("invitation", Settlement::Sent);
        metrics.settled("receipt", Settlement::Ambiguous);
        metrics.drifted("reminder");
        metrics.mail_took(TIME);
        metrics.called(CallResult::of_status(503), TIME);
        metrics.smtp_refused(Stage::RcptTo, RefusalClass::Permanent);
        metrics.transport_paused(true);
        metrics.queue_depth("waiting", 7);
        metrics.lease_renewal(Renewal::Lost);
        metrics.answered(Answer::Accepted);
        metrics.token_refused(TokenFault::Invalid);
        metrics.database_failed(DatabaseFault::Busy);
        for line in [
            r#"countersign_notices_claimed_total{kind="invitation"} 100"#,
            r#"countersign_notices_settled_total{kind="invitation",result="sent"} 2"#,
            r#"countersign_notices_settled_total{kind="receipt",result="ambiguous"} 1"#,
            r#"countersign_mails_drifted_total{kind="reminder"} 1"#,
            r#"countersign_mail_seconds_bucket{le="0.005"} 1"#,
            r#"countersign_webhook_calls_total{result="5xx"} 1"#,
            r#"countersign_webhook_call_seconds_bucket{le="0.01"} 1"#,
            r#"countersign_smtp_refusals_total{stage="rcpt_to",class="permanent"} 1"#,
            "countersign_transport_paused 1",
            r#"countersign_queue_depth{state="waiting"} 7"#,
            r#"countersign_lease_renewals_total{result="lost"} 1"#,
            r#"countersign_answers_total{answer="accepted"} 1"#,
            r#"countersign_token_refusals_total{reason="invalid"} 1"#,
            r#"countersign_database_errors_total{reason="busy"} 1"#,
            "# EOF",
        ] {
            assert!(has(&metrics, line), "{line}\n{}", metrics.encode());
        }
        metrics.transport_paused(false);
        assert!(has(&metrics, "countersign_transport_paused 0"));
    }

    #[test]
    fn an_error_of_the_database_counts_by_what_it_says() {
        use crate::storage::Error;
        let metrics = Metrics::new();
        let text = || "k@example.com".to_owned();
        for (error, reason) in [
            (Error::Away(text()), "unavailable"),
            (Error::ShuttingDown, "unavailable"),
            (Error::Busy(text()), "busy"),
            (Error::Unwritable(text()), "storage"),
            (Error::Replaced, "storage"),
            (Error::Refused(text()), "other"),
            (Error::Unreadable(text()), "other"),
        ] {
            let line = |count| {
                format!(r#"countersign_database_errors_total{{reason="{reason}"}} {count}"#)
            };
            let before = (1..6).find(|count| has(&metrics, &line(*count)));
            metrics.database_failed(&error);
            let after = line(before.unwrap_or(0) + 1);
            assert!(has(&metrics, &after), "{after}\n{}", metrics.encode());
        }
        assert!(!metrics.encode().contains("example.com"));
    }

    #[test]
    fn requests_count_by_template_and_class() {
        let metrics = Metrics::new();
        metrics.request(Some("/a/{token}"), 200, TIME);
        metrics.request(Some("/a/{token}/agreement/{agreement}"), 404, TIME);
        metrics.request(Some("/assets/{*file}"), 304, TIME);
        metrics.request(None, 404, TIME);
        for line in [
            r#"countersign_http_requests_total{route="/a/{token}",status="2xx"} 1"#,
            r#"countersign_http_requests_total{route="/a/{token}/agreement/{agreement}",status="4xx"} 1"#,
            r#"countersign_http_requests_total{route="/assets/{*file}",status="3xx"} 1"#,
            r#"countersign_http_requests_total{route="other",status="4xx"} 1"#,
            r#"countersign_http_request_seconds_count{route="/a/{token}"} 1"#,
        ] {
            assert!(has(&metrics, line), "{line}\n{}", metrics.encode());
        }
    }
}
