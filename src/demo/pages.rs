//! The inbox as web pages: the list of mails, a mail, the time line of an invitation, and the button that moves the clock.
//!
//! A mail's HTML is shown as a mail program would: in a frame without scripts, forms or an origin. The pages answer only to
//! their own name, so that no page elsewhere reads the links in the mails by a name of its own that leads here.

mod views;

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::clock::DemoClock;
use super::folder::Folder;
use super::inbox::Inbox;
use super::mail::Mail;
use crate::domain::ids::InvitationId;
use crate::domain::time::DAY;
use crate::web::assets;
use crate::workflow::{Engine, timeline};
use views::{List, NotFound, Part, Reading, Track};

/// A mail's own HTML: no scripts, no forms, nothing from elsewhere; its links open beside the inbox.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
    style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
/// The inbox's own pages.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("../../templates/demo/inbox.css");
/// The furthest that one press of the button moves the clock.
const MOST_DAYS: i64 = 31;

/// What the inbox's pages stand on.
#[derive(Debug)]
pub struct Desk {
    /// For the time lines.
    pub engine: Engine,
    /// The clock that the button moves.
    pub clock: Arc<DemoClock>,
    /// The mails.
    pub inbox: Arc<Inbox>,
    /// Where the clock is kept.
    pub folder: Arc<Folder>,
    /// Where these pages are.
    pub address: SocketAddr,
}

type Here = State<Arc<Desk>>;

/// The pages.
pub fn router(desk: Arc<Desk>) -> Router {
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/", get(list))
        .route("/mails/{number}", get(html))
        .route("/mails/{number}/text", get(text))
        .route("/mails/{number}/headers", get(headers))
        .route("/mails/{number}/source", get(source))
        .route("/mails/{number}/frame", get(frame))
        .route("/mails/{number}/eml", get(eml))
        .route("/invitations/{id}", get(track))
        .route("/clock", post(advance))
        .route("/style.css", get(style))
        .route("/page.css", get(page_style))
        .route("/icon.svg", get(icon))
        .fallback(async || not_found())
        .layer(CsrfLayer::new())
        .layer(set(CONTENT_SECURITY_POLICY, POLICY))
        .layer(set(REFERRER_POLICY, "same-origin"))
        .layer(set(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(CACHE_CONTROL, "no-store"))
        .layer(middleware::from_fn_with_state(desk.clone(), own_name))
        .with_state(desk)
}

/// Refuses requests under a name that is not ours: somebody's name may lead to this address.
async fn own_name(State(desk): Here, request: Request, next: Next) -> Response {
    let port = desk.address.port();
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    if ours.iter().any(|name| name == host) {
        return next.run(request).await;
    }
    let said = format!("The inbox is at http://{}/\n", desk.address);
    (StatusCode::MISDIRECTED_REQUEST, said).into_response()
}

fn render(view: &impl Template) -> Response {
    match view.render() {
        Ok(page) => Html(page).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, render(&NotFound)).into_response()
}

async fn list(State(desk): Here) -> Response {
    render(&List::new(&desk))
}

async fn html(State(desk): Here, Path(number): Path<usize>) -> Response {
    part(&desk, number, Part::Html)
}

async fn text(State(desk): Here, Path(number): Path<usize>) -> Response {
    part(&desk, number, Part::Text)
}

async fn headers(State(desk): Here, Path(number): Path<usize>) -> Response {
    part(&desk, number, Part::Headers)
}

async fn source(State(desk): Here, Path(number): Path<usize>) -> Response {
    part(&desk, number, Part::Source)
}

fn part(desk: &Desk, number: usize, part: Part) -> Response {
    match desk.inbox.mail(number) {
        Some(mail) => render(&Reading::new(mail, part)),
        None => not_found(),
    }
}

async fn frame(State(desk): Here, Path(number): Path<usize>) -> Response {
    let Some(html) = desk.inbox.mail(number).and_then(|mail| mail.html.clone()) else {
        return not_found();
    };
    let policy = HeaderValue::from_static(MAIL_POLICY);
    let mut response = Html(with_own_windows(&html)).into_response();
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// The mail with its links opening in windows of their own: a page of ours refuses to be framed.
fn with_own_windows(html: &str) -> String {
    let base = "<base target=\"_blank\">";
    let head = html
        .find("<head")
        .and_then(|at| Some(at + html[at..].find('>')? + 1));
    let (before, after) = html.split_at(head.unwrap_or(0));
    format!("{before}{base}{after}")
}

async fn eml(State(desk): Here, Path(number): Path<usize>) -> Response {
    let Some(mail) = desk.inbox.mail(number) else {
        return not_found();
    };
    let kind = HeaderValue::from_static("message/rfc822");
    ([(CONTENT_TYPE, kind)], Mail::clone(&mail).source).into_response()
}

async fn track(State(desk): Here, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<InvitationId>() else {
        return not_found();
    };
    match timeline::of(&desk.engine, id).await {
        Ok(Some(line)) => render(&Track::new(&desk, line)),
        Ok(None) => not_found(),
        Err(error) => {
            let said = format!("{error}: reload this page in a moment.\n");
            (StatusCode::SERVICE_UNAVAILABLE, said).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Days {
    days: i64,
}

async fn advance(State(desk): Here, Form(Days { days }): Form<Days>) -> Response {
    if !(1..=MOST_DAYS).contains(&days) {
        let said = format!("days: a whole number from 1 to {MOST_DAYS}\n");
        return (StatusCode::UNPROCESSABLE_ENTITY, said).into_response();
    }
    let ahead = desk.clock.advance(days * DAY);
    if let Err(error) = desk.folder.keep_clock(ahead) {
        tracing::warn!(%error, "the next start will not know that the clock was moved");
    }
    desk.engine.wake().await;
    Redirect::to("/").into_response()
}

async fn style() -> Response {
    file("text/css; charset=utf-8", STYLE.as_bytes())
}

/// The stylesheet of the customer's pages, of which this one borrows colours and sizes.
async fn page_style() -> Response {
    file(assets::STYLE.content_type, assets::STYLE.bytes)
}

async fn icon() -> Response {
    file(assets::ICON.content_type, assets::ICON.bytes)
}

fn file(kind: &'static str, bytes: &'static [u8]) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_of_a_mail_open_beside_the_inbox() {
        assert_eq!(
            with_own_windows("<html><head lang=\"ko\"><title>x</title>"),
            "<html><head lang=\"ko\"><base target=\"_blank\"><title>x</title>"
        );
        assert_eq!(
            with_own_windows("<p>x</p>"),
            "<base target=\"_blank\"><p>x</p>"
        );
    }
}
