//! The partner's interface: `/v1`, its description at `/openapi.json`, and how to use it at `/docs`.
//!
//! A handler reads: parse, one step of the workflow, shape. The shapes are here, with their words; rows and the domain's types never
//! leave as they are. Every query carries the partner of the key, and what another partner has is answered as what nobody has.

mod agreements;
mod batch;
mod caller;
mod consents;
mod description;
mod docs;
mod events;
mod grants;
mod idempotent;
mod invitations;
mod json;
mod limits;
mod list;
mod partner;
mod previews;
pub mod problem;
mod rate;
mod relationships;
mod schema;
mod strict;
mod suppressions;
mod webhooks;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{
    ConnectInfo, DefaultBodyLimit, FromRequestParts, MatchedPath, Path, Request, State,
};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use tower_http::timeout::RequestBodyDeadlineLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Client, Site, security};
use caller::Uses;
use problem::Problem;
use rate::KeyRates;

/// The largest body: a batch of a thousand invitations has about half of it.
const LARGEST_BODY: usize = 2 * 1024 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the interface keeps beside the site.
#[derive(Debug)]
pub struct Api {
    /// Whether it is there at all.
    pub enabled: bool,
    rates: KeyRates,
    uses: Uses,
}

impl Api {
    /// An interface that lets each key ask so often in a minute.
    pub fn new(requests_per_minute: NonZeroU32) -> Self {
        Self {
            enabled: true,
            rates: KeyRates::new(requests_per_minute),
            uses: Uses::default(),
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        Self::new(NonZeroU32::new(600).unwrap_or(NonZeroU32::MIN))
    }
}

/// All operations.
fn operations() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::with_openapi(description::head())
        .routes(routes!(invitations::ask::create))
        .routes(routes!(invitations::list::list))
        .routes(routes!(batch::create))
        .routes(routes!(invitations::get))
        .routes(routes!(invitations::change::resend))
        .routes(routes!(invitations::change::revoke))
        .routes(routes!(invitations::change::correct))
        .routes(routes!(invitations::change::mark))
        .routes(routes!(agreements::list))
        .routes(routes!(agreements::get))
        .routes(routes!(webhooks::create))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::get))
        .routes(routes!(webhooks::update))
        .routes(routes!(webhooks::delete))
        .routes(routes!(webhooks::rotate_secret))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::deliveries::list_deliveries))
        .routes(routes!(webhooks::deliveries::replay))
        .routes(routes!(webhooks::deliveries::replay_span))
        .routes(routes!(relationships::list))
        .routes(routes!(relationships::get))
        .routes(routes!(relationships::end))
        .routes(routes!(grants::list))
        .routes(routes!(grants::get))
        .routes(routes!(consents::list))
        .routes(routes!(consents::get))
        .routes(routes!(suppressions::list))
        .routes(routes!(suppressions::remove))
        .routes(routes!(events::list))
        .routes(routes!(events::get))
        .routes(routes!(previews::create))
        .routes(routes!(partner::get))
        .routes(routes!(limits::list))
}

/// The description of the interface: OpenAPI 3.1, made from its handlers.
pub fn describe() -> serde_json::Value {
    description::complete(&operations().into_openapi())
}

/// Whether a path is the interface's, and not a page's.
pub(super) fn owns(path: &str) -> bool {
    let is_in = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_in("/v1") || is_in("/docs") || path == "/openapi.json"
}

/// The routes, with layers of their own: no page of a failure, no check of a form's origin.
pub(super) fn router(site: &Arc<Site>) -> Router {
    let (operations, _) = operations().split_for_parts();
    let routes = operations
        .route_layer(middleware::from_fn_with_state(
            site.clone(),
            idempotent::once,
        ))
        .route_layer(middleware::from_fn_with_state(
            site.clone(),
            caller::authenticate,
        ))
        .route("/openapi.json", get(docs::openapi))
        .route("/docs", get(docs::reference))
        .route("/docs/problems", get(docs::problems))
        .route("/v1/{*rest}", any(not_found))
        .fallback(not_found)
        .method_not_allowed_fallback(async || Problem::of_status(StatusCode::METHOD_NOT_ALLOWED))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(RequestBodyDeadlineLayer::new(site.patience.body))
        .layer(tower_http::catch_panic::CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(site.clone(), watch));
    security::set_headers(routes, &site.origin).with_state(site.clone())
}

async fn not_found() -> Problem {
    Problem::not_found()
}

/// What the HTTP library refuses by itself, as problems. They are made before any request, and name none.
pub(super) fn refusals() -> [(StatusCode, Problem); 3] {
    [
        StatusCode::BAD_REQUEST,
        StatusCode::URI_TOO_LONG,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    ]
    .map(|status| (status, Problem::of_status(status)))
}

/// Around every request: its identifier, who asks, how long it took; and the form of every refusal.
async fn watch(
    State(site): State<Arc<Site>>,
    matched: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id: Uuid = crate::domain::ids::fresh(site.engine.clock.now(), &mut rand::rng());
    let id = format!("req_{}", id.as_simple());
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
    let client = site.proxies.client(peer, request.headers());
    request.extensions_mut().insert(Client(client));
    // Whoever sends a key is counted by it, or as one who sends wrong keys.
    let counted = if request.headers().contains_key(AUTHORIZATION) {
        Ok(())
    } else {
        site.limits.request(client)
    };
    let response = match counted {
        Err(wait) => Problem::too_many(
            wait.retry_after,
            "too many requests came from this network: try again after `Retry-After` seconds",
        )
        .into_response(),
        Ok(()) => tokio::time::timeout(site.patience.whole, next.run(request))
            .await
            .unwrap_or_else(|_| Problem::unavailable().into_response()),
    };
    let mut response = dress(&id, response);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let route = matched.as_ref().map(MatchedPath::as_str);
    site.metrics
        .request(route, response.status().as_u16(), started.elapsed());
    response
}

/// Writes the problem that a handler returned, or one in place of what a layer refused with a bare status.
fn dress(id: &str, response: Response) -> Response {
    let status = response.status();
    let (mut parts, body) = response.into_parts();
    let problem = match parts.extensions.remove::<Problem>() {
        Some(problem) => problem,
        None if status.is_client_error() || status.is_server_error() => Problem::of_status(status),
        None => return Response::from_parts(parts, body),
    };
    if let Some(cause) = &problem.cause {
        tracing::error!(request = id, %cause, "a request of the interface failed");
    }
    parts.headers.remove("content-length");
    problem.write(id, parts.headers)
}

/// The id in a path. One that is misspelt names nothing, as one that nobody has.
#[derive(Clone, Copy, Debug)]
struct Id<T>(T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Problem::not_found())?;
        text.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

#[cfg(test)]
mod tests;
