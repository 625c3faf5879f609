//! What every answer of the pages says to the browser about itself, and which changes are let in at all.
//!
//! The headers keep the token in the path from leaking (`Referrer-Policy`, `Cache-Control`) and the pages from being
//! framed, scripted or indexed. A change must come from a page of ours. Under `Referrer-Policy: no-referrer` a form's POST would
//! say `Origin: null`, hence `same-origin`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::domain::link_path;
use crate::domain::public_url::PublicUrl;

/// Nothing but our own stylesheet and images; forms go to us; no frame, no script, no `<base>`.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Capabilities of the browser that a page for reading and signing never needs.
const PERMISSIONS: &str = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";

/// Puts the origin check before every change; a refusal is an empty 403, for an outer layer to dress as a page.
pub fn check_origin<S>(router: Router<S>, origin: &PublicUrl) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let ours: Arc<str> = origin.origin().into();
    router.layer(middleware::from_fn_with_state(ours, check))
}

async fn check(State(ours): State<Arc<str>>, request: Request, next: Next) -> Response {
    // RFC 8058's one-click POST comes from a mailbox provider, which has no page of ours.
    let is_one_click =
        request.method() == Method::POST && request.uri().path().starts_with(link_path::STOP);
    if request.method().is_safe() || is_one_click || is_from_us(&ours, request.headers()) {
        return next.run(request).await;
    }
    StatusCode::FORBIDDEN.into_response()
}

/// Whether a change comes from a page of ours: as the browser knows by itself, under whichever name the page was reached (an
/// earlier public URL goes on working behind a proxy); from an older browser by its `Origin`, which has to be the public URL's.
/// What was asked for as `Host` is anybody's to say, and says nothing. A client that sends neither is no browser, and nobody
/// can make it send a form.
fn is_from_us(ours: &str, headers: &HeaderMap) -> bool {
    let bytes = |name: HeaderName| headers.get(name).map_or(&b""[..], |value| value.as_bytes());
    let origin = bytes(ORIGIN);
    match bytes(HeaderName::from_static("sec-fetch-site")) {
        b"same-origin" | b"none" => true,
        b"" if origin.is_empty() => true,
        _ => origin == ours.as_bytes(),
    }
}

/// Puts the headers on every answer of `router`.
///
/// `Cache-Control: no-store` yields to what a handler says itself (a stylesheet of hashed name may be kept); all others
/// override.
pub fn set_headers<S>(router: Router<S>, origin: &PublicUrl) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let router = router
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(set(CONTENT_SECURITY_POLICY, POLICY))
        .layer(set(REFERRER_POLICY, "same-origin"))
        .layer(set(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(X_FRAME_OPTIONS, "DENY"))
        .layer(set(
            HeaderName::from_static("permissions-policy"),
            PERMISSIONS,
        ))
        .layer(set(
            HeaderName::from_static("x-robots-tag"),
            "noindex, nofollow, noarchive",
        ))
        .layer(set(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
        .layer(set(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ));
    if origin.is_https() {
        // No includeSubDomains: the other hosts of the domain are not ours to bind.
        router.layer(set(STRICT_TRANSPORT_SECURITY, "max-age=31536000"))
    } else {
        router
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::{get, post};
    use tower::ServiceExt as _;

    fn origin(url: &str) -> PublicUrl {
        url.parse().unwrap()
    }

    async fn ask(public: &str, request: Request<Body>) -> Response {
        let router = Router::new()
            .route("/accept", post(|| async { "done" }))
            .route(
                "/stop/{token}",
                get(|| async { "page" }).post(|| async { "done" }),
            )
            .route(
                "/assets/style.css",
                get(|| async { ([(CACHE_CONTROL, "public, max-age=31536000")], "") }),
            );
        set_headers(check_origin(router, &origin(public)), &origin(public))
            .oneshot(request)
            .await
            .unwrap()
    }

    fn change(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
        let mut request = Request::post(path);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", "inner:8080");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    async fn status(path: &str, headers: &[(&str, &str)]) -> StatusCode {
        ask("https://invite.example.com", change(path, headers))
            .await
            .status()
    }

    #[tokio::test]
    async fn every_answer_carries_the_headers_even_one_of_no_handler() {
        for path in ["/stop/x", "/nothing/here"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let answer = ask("https://invite.example.com", request).await;
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-security-policy"), POLICY);
            assert_eq!(header("referrer-policy"), "same-origin");
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("strict-transport-security"), "max-age=31536000");
            assert!(header("x-robots-tag").contains("noindex"));
            assert!(header("permissions-policy").contains("camera=()"));
        }
    }

    #[tokio::test]
    async fn plain_http_says_nothing_of_hsts_and_a_stylesheet_may_be_kept() {
        let request = Request::get("/assets/style.css")
            .body(Body::empty())
            .unwrap();
        let answer = ask("http://127.0.0.1:8080", request).await;
        assert!(!answer.headers().contains_key(STRICT_TRANSPORT_SECURITY));
        assert_eq!(answer.headers()[CACHE_CONTROL], "public, max-age=31536000");
    }

    #[tokio::test]
    async fn a_change_is_let_in_from_our_own_pages_only() {
        let ours = ("origin", "https://invite.example.com");
        let theirs = ("origin", "https://evil.example");
        let refused = StatusCode::FORBIDDEN;
        for (headers, expected) in [
            (vec![ours], StatusCode::OK),
            (
                vec![ours, ("sec-fetch-site", "same-origin")],
                StatusCode::OK,
            ),
            // A browser that says `Origin: null` for a reason of its own, yet knows that the page is ours.
            (
                vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
                StatusCode::OK,
            ),
            (vec![("origin", "null")], refused),
            (vec![theirs], refused),
            (vec![theirs, ("sec-fetch-site", "cross-site")], refused),
            (vec![("sec-fetch-site", "cross-site")], refused),
            (vec![("sec-fetch-site", "same-site")], refused),
            (vec![("origin", "http://invite.example.com")], refused),
            // Under a name of its own that leads here.
            (vec![theirs, ("host", "evil.example")], refused),
            (vec![("origin", "http://inner:8080")], refused),
            // Under the public URL of before, which a proxy still leads here.
            (
                vec![
                    ("origin", "https://old.example.com"),
                    ("host", "old.example.com"),
                    ("sec-fetch-site", "same-origin"),
                ],
                StatusCode::OK,
            ),
            // No browser.
            (vec![], StatusCode::OK),
        ] {
            assert_eq!(status("/accept", &headers).await, expected, "{headers:?}");
        }
    }

    #[tokio::test]
    async fn only_the_one_click_stop_may_come_from_elsewhere() {
        let theirs = [
            ("origin", "https://mail.example"),
            ("sec-fetch-site", "cross-site"),
        ];
        assert_eq!(status("/stop/x", &theirs).await, StatusCode::OK);
        assert_eq!(status("/accept", &theirs).await, StatusCode::FORBIDDEN);
        assert_eq!(
            status("/accept/stop/", &theirs).await,
            StatusCode::FORBIDDEN
        );
    }
}
