//! The web: the customer's pages, and the operator's health and metrics on a listener of their own.
//!
//! GET and HEAD show and change nothing; every change is a POST that carries its token. `pages` holds the handlers, `views`
//! what they show; the layers around them (headers, origin check, limits, sizes) are put together here.

pub mod api;
pub mod assets;
pub mod client;
pub mod door;
pub mod health;
pub mod limits;
mod pages;
pub mod security;
pub mod server;
pub mod views;
pub mod visit;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tower_http::timeout::RequestBodyDeadlineLayer;

use crate::domain::language::{AVAILABLE, Language, negotiate_accept_language};
use crate::domain::link_path;
use crate::domain::public_url::PublicUrl;
use crate::locale::Texts;
use crate::telemetry::Metrics;
use crate::workflow::Engine;
use api::Api;
use client::TrustedProxies;
use door::Refusals;
use limits::{Limits, Rates};
use server::Bounds;
use views::{Failure, FailureKind, Page};

/// The largest form. Ours need a few kilobytes; the room above them is for tokens of any length, which shall all get the
/// same page.
const LARGEST_FORM: usize = 256 * 1024;

/// How long a request may take, once its head is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until the last byte of its body: the form of somebody on a slow line.
    pub body: Duration,
    /// Until it is answered.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            body: Duration::from_secs(30),
            whole: Duration::from_secs(45),
        }
    }
}

/// What the pages stand on.
#[derive(Debug)]
pub struct Site {
    /// The workflow.
    pub engine: Engine,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Where customers reach the pages.
    pub origin: PublicUrl,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: TrustedProxies,
    /// Whoever has no language of their own reads this one.
    pub language: Language,
    /// Networks of data centres and mail scanners: a visit from there is less likely a person's. None by default.
    pub scanner_networks: Vec<IpNet>,
    /// How long a request may take.
    pub patience: Patience,
    /// The partner's interface.
    pub api: Api,
    limits: Limits,
}

impl Site {
    /// A site with the usual limits.
    pub fn new(
        engine: Engine,
        metrics: Arc<Metrics>,
        origin: PublicUrl,
        proxies: TrustedProxies,
        language: Language,
    ) -> Self {
        Self {
            engine,
            metrics,
            origin,
            proxies,
            language,
            scanner_networks: Vec::new(),
            patience: Patience::default(),
            api: Api::default(),
            limits: Limits::new(&Rates::default()),
        }
    }

    /// Takes that many requests without a good key an hour from one network.
    pub fn limit_wrong_keys(&mut self, per_hour: u32) {
        self.limits = Limits::new(&Rates::with_wrong_keys(per_hour));
    }

    /// A page in the language of the browser, where no invitation says another one.
    fn page(&self, headers: &HeaderMap) -> Page {
        let asked = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let language = asked
            .and_then(negotiate_accept_language)
            .unwrap_or_else(|| self.language.clone());
        Page {
            t: Texts::of(&language),
            zone: TimeZone::UTC,
            partner: None,
        }
    }

    fn failure(&self, headers: &HeaderMap, kind: FailureKind) -> Response {
        views::render(&Failure {
            page: self.page(headers),
            kind,
        })
    }
}

/// Who asks, as far as trusted proxies tell.
#[derive(Clone, Copy, Debug)]
struct Client(IpAddr);

/// The customer's pages, and beside them the partner's interface, each with layers of its own.
pub fn router(site: Arc<Site>) -> Router {
    if !site.api.enabled {
        return pages(site);
    }
    let interface = api::router(&site);
    let pages = pages(site);
    Router::new().fallback(async move |request: Request| {
        let routes = if api::owns(request.uri().path()) {
            interface
        } else {
            pages
        };
        routes.oneshot(request).await
    })
}

fn pages(site: Arc<Site>) -> Router {
    let accept = &link_path::accept("{token}");
    let receipt = &link_path::receipt("{token}");
    let view = &link_path::view("{token}");
    let agreement = |link| link_path::agreement(link, "{id}");
    let agreement_text = |link| link_path::agreement_text(link, "{id}");
    let routes = Router::new()
        .route("/", get(pages::front))
        .route(accept, get(pages::accept::show))
        .route(&agreement(accept), get(pages::agreement::of_invitation))
        .route(
            &agreement_text(accept),
            get(pages::agreement::text_of_invitation),
        )
        .route(&link_path::print("{token}"), get(pages::accept::print))
        .route(&link_path::people("{token}"), get(pages::people::show))
        .route("/hand-over", post(pages::people::hand_over))
        .route("/remove-viewer", post(pages::people::remove_viewer))
        .route("/add-viewer", post(pages::people::add_viewer))
        .route(view, get(pages::people::view))
        .route(&agreement(view), get(pages::agreement::of_view))
        .route(&agreement_text(view), get(pages::agreement::text_of_view))
        .route("/accept", post(pages::accept::accept))
        .route("/decline", post(pages::accept::decline))
        .route(receipt, get(pages::receipt::show))
        .route(&agreement(receipt), get(pages::agreement::of_receipt))
        .route(
            &agreement_text(receipt),
            get(pages::agreement::text_of_receipt),
        )
        .route("/step", post(pages::receipt::step))
        .route(
            &link_path::stop("{token}"),
            get(pages::stop::show).post(pages::stop::stop),
        )
        .route(
            link_path::ASK,
            get(pages::manage::form).post(pages::manage::ask),
        )
        .route(
            link_path::ASK_AGREEMENT,
            get(pages::manage::agreement_form).post(pages::manage::ask_agreement),
        )
        .route("/accept-agreement", post(pages::manage::accept_agreement))
        .route(&link_path::list("{token}"), get(pages::manage::list))
        .route(&link_path::manage("{token}"), get(pages::manage::show))
        .route(
            &link_path::manage_roles("{token}"),
            get(pages::reduce::roles),
        )
        .route("/remove-roles", post(pages::reduce::remove_roles))
        .route(
            &link_path::manage_end("{token}"),
            get(pages::reduce::ending),
        )
        .route("/end-relationship", post(pages::reduce::end))
        .route("/auto-extend", post(pages::reduce::auto_extend))
        .route("/resend", post(pages::resend))
        .route("/assets/{file}", get(pages::asset))
        .route(views::FIND, get(pages::finder::find))
        .route(
            views::CONTACT,
            get(pages::finder::contact).post(pages::finder::ask),
        )
        .route(&link_path::inquiry("{token}"), get(pages::inquiry::show))
        .route("/confirm-inquiry", post(pages::inquiry::confirm))
        .route(&link_path::respond("{token}"), get(pages::inquiry::request))
        .route("/respond", post(pages::inquiry::respond))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(RequestBodyDeadlineLayer::new(site.patience.body))
        .layer(tower_http::catch_panic::CatchPanicLayer::new());
    // Outermost the headers, so that what the layers inside refuse carries them, too.
    let routes = security::check_origin(routes, &site.origin)
        .layer(middleware::from_fn_with_state(site.clone(), watch));
    security::set_headers(routes, &site.origin).with_state(site)
}

/// Serves the customer's pages until `stop`.
pub async fn serve(
    listener: TcpListener,
    site: Arc<Site>,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let refusals = refusals(&site).await;
    server::serve(listener, router(site), refusals, bounds, stop).await;
}

/// Makes a page of a site, in the language that these headers ask for.
type Draw = fn(&Site, &HeaderMap) -> Response;

/// The pages in place of what the HTTP library refuses by itself. They are made before any request: nothing counts them.
async fn refusals(site: &Arc<Site>) -> Refusals {
    const TOO_LONG: StatusCode = StatusCode::URI_TOO_LONG;
    const TOO_LARGE: StatusCode = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    let bad_request: Draw = |site, headers| site.failure(headers, FailureKind::BadRequest);
    let pages: [(StatusCode, &'static str, Draw); 5] = [
        (TOO_LONG, "", pages::invalid),
        (TOO_LONG, views::FIND, pages::finder::too_long),
        (TOO_LARGE, "", bad_request),
        (TOO_LARGE, views::FIND, pages::finder::too_long),
        (StatusCode::BAD_REQUEST, "", bad_request),
    ];
    let mut refusals = Refusals::default();
    // The site's own language first: it is that of whoever does not say.
    for language in std::iter::once(&site.language).chain(&*AVAILABLE) {
        let mut headers = HeaderMap::new();
        let wish = HeaderValue::from_str(&language.to_string());
        headers.extend(wish.ok().map(|wish| (ACCEPT_LANGUAGE, wish)));
        for (status, path, draw) in pages {
            let (site_of_page, headers) = (site.clone(), headers.clone());
            let page = Router::new().fallback(async move || draw(&site_of_page, &headers));
            let Ok(mut page) = security::set_headers(page, &site.origin)
                .oneshot(Request::new(Body::empty()))
                .await;
            if status == TOO_LARGE && page.status() == StatusCode::BAD_REQUEST {
                *page.status_mut() = status;
            }
            refusals = refusals.with(status, path, page).await;
        }
    }
    if site.api.enabled {
        for (status, problem) in api::refusals() {
            let problem = Router::new().fallback(async move || problem.write("", HeaderMap::new()));
            let Ok(problem) = security::set_headers(problem, &site.origin)
                .oneshot(Request::new(Body::empty()))
                .await;
            refusals = refusals.with(status, "/v1/", problem).await;
        }
    }
    refusals
}

/// Around every request: who asks, whether too often, how long it took; and a page where a layer refused without one.
async fn watch(
    State(site): State<Arc<Site>>,
    matched: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
    let client = site.proxies.client(peer, request.headers());
    let headers = request.headers().clone();
    request.extensions_mut().insert(Client(client));
    let response = match site.limits.request(client) {
        Err(wait) => site.failure(&headers, FailureKind::TooMany(wait.retry_after)),
        Ok(()) => match tokio::time::timeout(site.patience.whole, next.run(request)).await {
            Ok(response) => dress(&site, &headers, response),
            Err(_) => site.failure(&headers, FailureKind::Unavailable(30)),
        },
    };
    let route = matched.as_ref().map(MatchedPath::as_str);
    site.metrics
        .request(route, response.status().as_u16(), started.elapsed());
    response
}

/// A refusal that a layer made without a page gets one; the headers that protect it stay.
fn dress(site: &Site, headers: &HeaderMap, response: Response) -> Response {
    use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE};
    let has_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let kind = match response.status() {
        _ if has_page => return response,
        StatusCode::FORBIDDEN => FailureKind::ForeignOrigin,
        StatusCode::PAYLOAD_TOO_LARGE => FailureKind::TooLarge,
        StatusCode::INTERNAL_SERVER_ERROR => FailureKind::Internal,
        status if status.is_client_error() => FailureKind::BadRequest,
        _ => return response,
    };
    let (parts, _) = response.into_parts();
    let mut page = site.failure(headers, kind);
    for (name, value) in &parts.headers {
        if *name != CONTENT_TYPE && *name != CONTENT_LANGUAGE && *name != "content-length" {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}
