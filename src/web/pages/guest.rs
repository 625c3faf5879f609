//! Whoever asks, and the answers that end a handler before its own: each step of one gives what it is about, or the page that
//! says why not. So a handler reads: load, decide, render.

use std::convert::Infallible;
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower_http::timeout::TimeoutError;

use super::link::{self, Followed};
use crate::domain::ids::RecipientId;
use crate::domain::token::{Claims, Purpose, Refusal};
use crate::storage;
use crate::storage::visit::{self as visits, Visit};
use crate::telemetry::TokenFault;
use crate::web::limits::TooMany;
use crate::web::views::{FailureKind, Page};
use crate::web::{Client, Site, visit};
use crate::workflow::fresh_id;
use crate::workflow::link::open;

/// Whoever asks, and the site that answers.
pub(in crate::web) struct Guest {
    pub(super) site: Arc<Site>,
    pub(super) client: IpAddr,
    method: Method,
    headers: HeaderMap,
}

impl FromRequestParts<Arc<Site>> for Guest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Infallible> {
        let client = parts.extensions.get::<Client>();
        Ok(Self {
            site: site.clone(),
            client: client.map_or(IpAddr::from([127, 0, 0, 1]), |client| client.0),
            method: parts.method.clone(),
            headers: parts.headers.clone(),
        })
    }
}

/// A page that is answered with instead of the one that was asked for.
pub(in crate::web) struct Instead(Box<Response>);

impl From<Response> for Instead {
    fn from(page: Response) -> Self {
        Self(Box::new(page))
    }
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// What a handler answers with.
pub(in crate::web) type Answer = Result<Response, Instead>;
/// A form, if what arrived is one.
pub(in crate::web) type Sent<T> = Result<Form<T>, FormRejection>;

impl Guest {
    /// A page in the guest's own language, where no invitation says another one.
    pub(super) fn page(&self) -> Page {
        self.site.page(&self.headers)
    }

    /// Who asks, as far as trusted proxies tell.
    pub(super) const fn client(&self) -> IpAddr {
        self.client
    }

    pub(super) fn failure(&self, kind: FailureKind) -> Instead {
        self.site.failure(&self.headers, kind).into()
    }

    /// The page of every link that is none of ours.
    pub(super) fn invalid(&self) -> Instead {
        link::invalid(&self.site, &self.headers).into()
    }

    /// The address as far as trusted proxies tell, and the browser's own words.
    pub(super) fn says(&self) -> (Option<String>, Option<String>) {
        (Some(self.client.to_string()), user_agent(&self.headers))
    }

    /// The form that arrived.
    pub(super) fn form<T>(&self, sent: Sent<T>) -> Result<T, Instead> {
        sent.map(|Form(form)| form).map_err(|rejection| {
            self.failure(match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => FailureKind::TooLarge,
                _ if is_late(&rejection) => FailureKind::TooSlow,
                _ => FailureKind::BadRequest,
            })
        })
    }

    /// What the database gave; else nothing was changed, and it is worth trying again.
    pub(super) fn or_later<T>(&self, result: Result<T, storage::Error>) -> Result<T, Instead> {
        result.map_err(|error| {
            tracing::warn!(%error, "a page could not be served");
            self.site.metrics.database_failed(&error);
            self.failure(FailureKind::Unavailable(10))
        })
    }

    /// Nothing, unless it was too often.
    pub(super) fn not_too_often(&self, counted: Result<(), TooMany>) -> Result<(), Instead> {
        counted.map_err(|wait| self.failure(FailureKind::TooMany(wait.retry_after)))
    }

    /// The claims of a genuine token of that purpose, expired or not: the row decides what an old link may do.
    pub(super) fn genuine(&self, token: &str, purpose: Purpose) -> Option<Claims> {
        let engine = &self.site.engine;
        let metrics = &self.site.metrics;
        match engine.tokens.verify(token, purpose, engine.clock.now()) {
            Ok(claims) => Some(claims),
            Err(Refusal::Expired(claims)) => {
                metrics.token_refused(TokenFault::Expired);
                Some(claims)
            }
            Err(Refusal::Invalid) => {
                metrics.token_refused(TokenFault::Invalid);
                None
            }
        }
    }

    /// What a genuine token is for, to tell which page a form came from; what it may do is looked at afterwards.
    pub(super) fn purpose_of(&self, token: &str) -> Option<Purpose> {
        let claims = self.site.engine.tokens.authenticate(token)?;
        Some(claims.purpose)
    }

    /// Follows `token`. Every malformed or forged one gets the same page, without a look at the database.
    pub(super) async fn follow(&self, token: &str, purpose: Purpose) -> Result<Followed, Instead> {
        let claims = self.genuine(token, purpose);
        let claims = claims.ok_or_else(|| self.invalid())?;
        let opened = self.or_later(open(&self.site.engine, &claims).await)?;
        let opened = opened.ok_or_else(|| self.invalid())?;
        Ok(Followed { claims, opened })
    }

    /// The same, to change something: that has a rate.
    pub(super) async fn follow_to_change(
        &self,
        token: &str,
        purpose: Purpose,
    ) -> Result<Followed, Instead> {
        let followed = self.follow(token, purpose).await?;
        self.not_too_often(self.site.limits.change(followed.claims.subject))?;
        Ok(followed)
    }

    /// The same, to look at it, which is recorded beside the answer: a page does not wait for it, and never fails by it.
    pub(super) async fn visit(&self, token: &str, purpose: Purpose) -> Result<Followed, Instead> {
        let followed = self.follow(token, purpose).await?;
        self.visited(followed.claims.subject.into(), purpose);
        Ok(followed)
    }

    /// Records that a link was opened.
    pub(super) fn visited(&self, recipient: RecipientId, purpose: Purpose) {
        let now = self.site.engine.clock.now();
        let visitor = visit::look(
            &self.method,
            &self.headers,
            self.client,
            self.site.origin.is_https(),
            &self.site.scanner_networks,
        );
        let evidence: Vec<_> = visitor
            .evidence
            .iter()
            .map(|evidence| evidence.as_str())
            .collect();
        let (client_address, user_agent) = self.says();
        let row = Visit {
            id: fresh_id(now),
            recipient_id: recipient,
            purpose: purpose.name().to_owned(),
            label: visitor.label().to_owned(),
            evidence: evidence.join(", "),
            client_address,
            user_agent,
            visited_at: now,
            times: 1,
            last_at: now,
        };
        let db = self.site.engine.db.clone();
        tokio::spawn(async move {
            let recorded = db
                .write(move |tx| Box::pin(async move { visits::record(tx, &row).await }))
                .await;
            if let Err(error) = recorded {
                tracing::debug!(%error, "a visit was not recorded");
            }
        });
    }
}

/// Whether the form's last byte was not there in time.
fn is_late(rejection: &FormRejection) -> bool {
    let mut causes = std::iter::successors(rejection.source(), |error| (*error).source());
    causes.any(<dyn Error>::is::<TimeoutError>)
}

/// The browser's own words, shortened, without control characters.
fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(axum::http::header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().filter(|c| !c.is_control()).take(400).collect())
}
