//! What every answer of the pages says to the browser about itself, and which changes are let in at all.
//!
//! The headers keep the token in the path from leaking (`Referrer-Policy`, `Cache-Control`) and the pages from being
//! framed, scripted or indexed. The origin check is tower-http's: a change must come from a page of ours. Under
//! `Referrer-Policy: no-referrer` a form's POST would say `Origin: null`, hence `same-origin`.

use std::str::FromStr;

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, Uri};
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// Nothing but our own stylesheet and images; forms go to us; no frame, no script, no `<base>`.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Capabilities of the browser that a page for reading and signing never needs.
const PERMISSIONS: &str = "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";

/// Where RFC 8058's one-click POST arrives: it comes from a mailbox provider and carries no `Origin` of ours.
const ONE_CLICK: &str = "/stop/";

/// The origin (RFC 6454 §6.2) under which customers reach the pages, written as a browser writes it: lower case, IDNA
/// A-labels, no default port, no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin {
    text: String,
    https: bool,
}

/// Why a public URL names no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Neither `http://` nor `https://`.
    #[error("public_url must begin with https:// (or http:// for a trial on this machine)")]
    Scheme,
    /// User information before the host.
    #[error("public_url must not contain a user name or a password: write only the host")]
    UserInfo,
    /// No host, or one that is none.
    #[error("public_url must name a host, as in https://invite.example.com")]
    Host,
    /// A port that is no number from 1 to 65535.
    #[error("public_url has a port that is no number from 1 to 65535")]
    Port,
}

impl PublicOrigin {
    /// `scheme://host[:port]`, as a browser puts it into `Origin`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pages are reached over TLS, so that HSTS may be said (RFC 6797 §7.2 forbids it over plain HTTP).
    pub const fn is_https(&self) -> bool {
        self.https
    }
}

impl FromStr for PublicOrigin {
    type Err = OriginError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = url.trim().split_once("://").ok_or(OriginError::Scheme)?;
        let (scheme, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "https" => ("https", 443),
            "http" => ("http", 80),
            _ => return Err(OriginError::Scheme),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(OriginError::UserInfo);
        }
        let (host, port) = match authority.rsplit_once(':') {
            // The colons inside `[2001:db8::1]` separate no port.
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let host = if host.starts_with('[') && host.ends_with(']') {
            let address: std::net::Ipv6Addr = host[1..host.len() - 1]
                .parse()
                .map_err(|_| OriginError::Host)?;
            format!("[{address}]")
        } else {
            idna::domain_to_ascii_strict(host).map_err(|_| OriginError::Host)?
        };
        if host.is_empty() {
            return Err(OriginError::Host);
        }
        let port: Option<u16> = match port {
            None | Some("") => None,
            Some(digits) => Some(digits.parse().map_err(|_| OriginError::Port)?),
        };
        let text = match port {
            Some(0) => return Err(OriginError::Port),
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        Ok(Self {
            text,
            https: scheme == "https",
        })
    }
}

/// Puts the origin check before every change.
pub fn check_origin<S>(router: Router<S>, origin: &PublicOrigin) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(origin_check(origin))
}

/// Puts the headers on every answer of `router`.
///
/// `Cache-Control: no-store` yields to what a handler says itself (a stylesheet of hashed name may be kept); all others
/// override.
pub fn set_headers<S>(router: Router<S>, origin: &PublicOrigin) -> Router<S>
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

/// The check on changes: `Sec-Fetch-Site` where the browser sends it, else `Origin` against the public URL or the host
/// that was asked. A refusal is an empty 403 that carries a `ProtectionError`, for an outer layer to dress as a page.
fn origin_check(origin: &PublicOrigin) -> CsrfLayer {
    CsrfLayer::new()
        .add_trusted_origin(origin.as_str())
        // Cannot happen: `PublicOrigin` is parsed more narrowly than this. Without it the host comparison remains.
        .unwrap_or_default()
        .with_insecure_bypass(|method: &Method, uri: &Uri| {
            method == Method::POST && uri.path().starts_with(ONE_CLICK)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::{Request, Response, StatusCode};
    use axum::routing::{get, post};
    use tower::ServiceExt as _;

    fn origin(url: &str) -> PublicOrigin {
        url.parse().unwrap()
    }

    async fn ask(public: &str, request: Request<Body>) -> Response<Body> {
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
        let mut request = Request::post(path).header("host", "inner:8080");
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

    #[test]
    fn a_public_url_becomes_the_origin_that_a_browser_sends() {
        for (url, expected) in [
            (
                "https://Invite.Example.com:443/a/b?c",
                "https://invite.example.com",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:80/", "http://[::1]"),
            ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
            ("https://초대.한국/", "https://xn--vk1bq70c.xn--3e0b707e"),
        ] {
            assert_eq!(origin(url).as_str(), expected);
            assert_eq!(origin(url).is_https(), url.starts_with("https"));
        }
    }

    #[test]
    fn a_url_that_names_no_origin_is_refused_with_its_reason() {
        for (url, expected) in [
            ("invite.example.com", OriginError::Scheme),
            ("ftp://invite.example.com", OriginError::Scheme),
            ("https://", OriginError::Host),
            ("https:///path", OriginError::Host),
            ("https://a b", OriginError::Host),
            ("https://[::1", OriginError::Host),
            ("https://host:0", OriginError::Port),
            ("https://host:99999", OriginError::Port),
            ("https://me@host", OriginError::UserInfo),
        ] {
            assert_eq!(url.parse::<PublicOrigin>(), Err(expected), "{url}");
        }
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
