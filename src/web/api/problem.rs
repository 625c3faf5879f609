//! Every refusal of the interface, in one form (RFC 9457), each with a sentence that says what to do.
//!
//! A handler returns a [`Problem`]; the outermost layer writes it with the identifier of the request. What a layer or the HTTP
//! library refuses by itself becomes one there, too. No problem repeats a value that was submitted: it may be a person's.

use std::borrow::Cow;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::words::words;
use crate::storage;

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";

words! {
    /// What kind of refusal it is: the end of the problem's `type`, a heading of `/docs/problems`.
    Kind, "kind of problem" {
        /// The request or one of its headers cannot be read.
        MalformedRequest = "malformed-request",
        /// The body is no JSON.
        MalformedJson = "malformed-json",
        /// No key, or none that is good.
        Unauthenticated = "unauthenticated",
        /// The key may not do this.
        MissingScope = "missing-scope",
        /// Nothing of the partner's is there.
        NotFound = "not-found",
        /// The path knows other methods.
        MethodNotAllowed = "method-not-allowed",
        /// The body did not arrive in time.
        RequestTimeout = "request-timeout",
        /// Another request with the key is worked on.
        IdempotencyInFlight = "idempotency-in-flight",
        /// What is asked for does not go with what there is.
        Conflict = "conflict",
        /// What was asked about is gone for good.
        Gone = "gone",
        /// The body is too large.
        PayloadTooLarge = "payload-too-large",
        /// The address is too long.
        UriTooLong = "uri-too-long",
        /// The body is not declared as JSON.
        UnsupportedMediaType = "unsupported-media-type",
        /// Fields or parameters have to be mended.
        InvalidRequest = "invalid-request",
        /// The key was used for another request.
        IdempotencyKeyReused = "idempotency-key-reused",
        /// Headers are too large.
        HeadersTooLarge = "headers-too-large",
        /// Too many requests.
        RateLimited = "rate-limited",
        /// Too many invitations.
        LimitReached = "limit-reached",
        /// A fault of ours.
        Internal = "internal",
        /// It may work later.
        Unavailable = "unavailable",
    }
}

impl Kind {
    /// The status that goes with it.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedRequest | Self::MalformedJson => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::MissingScope => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::IdempotencyInFlight | Self::Conflict => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidRequest | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::RateLimited | Self::LimitReached => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The problem in a few words: the same for each of its kind.
    pub const fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request cannot be read",
            Self::MalformedJson => "The body is no JSON",
            Self::Unauthenticated => "A valid key is needed",
            Self::MissingScope => "The key lacks a scope",
            Self::NotFound => "There is nothing here",
            Self::MethodNotAllowed => "This method is not offered here",
            Self::RequestTimeout => "The body took too long",
            Self::IdempotencyInFlight => "The first request is still being worked on",
            Self::Conflict => "The state does not allow it",
            Self::Gone => "It is gone",
            Self::PayloadTooLarge => "The body is too large",
            Self::UriTooLong => "The address is too long",
            Self::UnsupportedMediaType => "The body has to be JSON",
            Self::InvalidRequest => "Something in the request has to be mended",
            Self::IdempotencyKeyReused => "The idempotency key was used for another request",
            Self::HeadersTooLarge => "The headers are too large",
            Self::RateLimited => "Too many requests",
            Self::LimitReached => "A limit of invitations is reached",
            Self::Internal => "A fault of ours",
            Self::Unavailable => "Not available now",
        }
    }

    /// What it means, and what to do: for the page that explains every problem.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::MalformedRequest => {
                "A header is missing, is there twice, or has a form that it may not have. The detail names it. The same request will be \
                 refused again."
            }
            Self::MalformedJson => {
                "The body ends too early, has a comma too many, or is no UTF-8. The detail names line and column."
            }
            Self::Unauthenticated => {
                "Send the key as `Authorization: Bearer cs_live_…`. A key that was never given out, was revoked or has expired is \
                 refused alike. Many wrong keys from one network are slowed down with the status 429."
            }
            Self::MissingScope => {
                "Each operation needs one scope, `read`, `invite` or `manage`, and none of them includes another. Take a key that has \
                 it, or have one made."
            }
            Self::NotFound => {
                "No operation has this path, or nothing of this partner has this id. An id of another partner, one that never was and \
                 one that is misspelt are answered alike."
            }
            Self::MethodNotAllowed => "The header `Allow` lists the methods that the path has.",
            Self::RequestTimeout => "Send the request again; a body has half a minute to arrive.",
            Self::IdempotencyInFlight => {
                "A request with this `Idempotency-Key` is being worked on. Send the same again after `Retry-After` seconds: you get its \
                 answer."
            }
            Self::Conflict => {
                "What is asked for is well-formed, and what there is does not allow it: an invitation that was answered cannot be \
                 revoked. The detail says what stands in the way. Look at the object before you try again."
            }
            Self::Gone => "What was asked about was there, and was erased. It does not come back.",
            Self::PayloadTooLarge => "A body has 2 MiB at most. Send a batch in parts.",
            Self::UriTooLong => "The address has more than 65,534 bytes. Filters are short.",
            Self::UnsupportedMediaType => "Say `Content-Type: application/json`.",
            Self::InvalidRequest => {
                "`errors` names each field by its JSON Pointer (RFC 6901), or the query parameter, with a code that stays and a sentence \
                 that may change. The codes: `missing`, `unknown`, `duplicate`, `type`, `invalid`, `refused`, `limit`."
            }
            Self::IdempotencyKeyReused => {
                "An `Idempotency-Key` stands for one request, its path and its body, for 24 hours. Take a new key for a new request."
            }
            Self::HeadersTooLarge => "There are too many headers, or they are too large.",
            Self::RateLimited => {
                "Wait for `Retry-After` seconds. `RateLimit` says with every answer how many requests are left, `RateLimit-Policy` what \
                 the key may do."
            }
            Self::LimitReached => {
                "So many invitations were made for this key, this partner, this recipient or this mail domain that no more are taken for \
                 now. The detail says which limit it is, `Retry-After` when it begins anew; `GET /v1/limits` lists them."
            }
            Self::Internal => {
                "Something went wrong that should not. Send the same request again with the same `Idempotency-Key`; if it stays so, tell \
                 the operator the `request_id`."
            }
            Self::Unavailable => {
                "The database or a part of the service is away. Send the same request again after `Retry-After` seconds, with the same \
                 `Idempotency-Key`: nothing is done twice."
            }
        }
    }
}

/// One thing that has to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invalid {
    /// Where it stands in the body: a JSON Pointer (RFC 6901).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "/recipient/email")]
    pub pointer: Option<String>,
    /// Which query parameter it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong, as a word that stays: `missing`, `unknown`, `duplicate`, `type`, `invalid`, `refused` or `limit`.
    #[schema(example = "invalid")]
    pub code: Cow<'static, str>,
    /// What is wrong, and what to do, in a sentence.
    pub detail: String,
}

impl Invalid {
    /// That what `pointer` leads to is wrong.
    pub fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.into()),
            parameter: None,
            code: Cow::Borrowed(code),
            detail: detail.into(),
        }
    }

    /// That a query parameter is wrong.
    pub fn of_query(
        parameter: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            pointer: None,
            parameter: Some(parameter.into()),
            code: Cow::Borrowed(code),
            detail: detail.into(),
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// What kind it is.
    pub kind: Kind,
    /// A sentence with the way out.
    pub detail: Cow<'static, str>,
    /// Everything that has to be mended.
    #[serde(default)]
    pub errors: Vec<Invalid>,
    /// After how many seconds it is worth trying again.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// What is logged of it, and told nobody.
    #[serde(skip)]
    pub cause: Option<String>,
}

/// A problem as it is written (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// What kind of problem it is, as a reference to the page that explains it.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/docs/problems#invalid-request")]
    pub kind: String,
    /// The kind in a few words.
    pub title: &'a str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong with this request, and what to do.
    pub detail: &'a str,
    /// The request, as the operator finds it; also in the header `X-Request-Id`.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(example = "req_019c3f1e0b7a7c1291d4a5c8f2e6b071")]
    pub request_id: &'a str,
    /// Everything that has to be mended.
    #[serde(skip_serializing_if = "<[Invalid]>::is_empty")]
    pub errors: &'a [Invalid],
}

impl Problem {
    /// A refusal of that kind.
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// Nothing of the partner's is there: the same for an unknown id and for another partner's.
    pub fn not_found() -> Self {
        Self::new(
            Kind::NotFound,
            "no operation has this path, or nothing of yours has this id: look at the id, or list what there is",
        )
    }

    /// That fields or parameters have to be mended.
    pub fn invalid(errors: Vec<Invalid>) -> Self {
        let detail: Cow<'static, str> = match errors.len() {
            1 => "one thing has to be mended: see `errors`".into(),
            count => format!("{count} things have to be mended: see `errors`").into(),
        };
        Self {
            errors,
            ..Self::new(Kind::InvalidRequest, detail)
        }
    }

    /// A fault of ours, with what is logged of it.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(
                Kind::Internal,
                "something went wrong on our side: send the same again with the same idempotency key, or tell the operator the request_id",
            )
        }
    }

    /// Too many requests; worth trying again after so many seconds.
    pub fn too_many(retry_after: u32, detail: &'static str) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Kind::RateLimited, detail)
        }
    }

    /// It may work later.
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(5),
            ..Self::new(
                Kind::Unavailable,
                "a part of the service is away: send the same again in a while, with the same idempotency key",
            )
        }
    }

    /// What a layer or the HTTP library refused with a bare status.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                Kind::MethodNotAllowed,
                "this path does not take the method: the header `Allow` lists those that it takes",
            ),
            StatusCode::REQUEST_TIMEOUT => Self::new(
                Kind::RequestTimeout,
                "the body did not arrive in time: send the request again",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                Kind::PayloadTooLarge,
                "the body has more than 2 MiB: send it in parts",
            ),
            StatusCode::URI_TOO_LONG => Self::new(
                Kind::UriTooLong,
                "the address has more than 65,534 bytes: shorten the query",
            ),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::new(
                Kind::HeadersTooLarge,
                "the headers are too large or too many: leave out what is not needed",
            ),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::new(
                Kind::UnsupportedMediaType,
                "the body has to be JSON: send `Content-Type: application/json`",
            ),
            StatusCode::SERVICE_UNAVAILABLE => Self::unavailable(),
            status if status.is_client_error() => Self::new(
                Kind::MalformedRequest,
                "the request cannot be read: look at its first line and its headers",
            ),
            _ => Self::internal(format!("a bare {status}")),
        }
    }

    /// The answer itself, with the identifier of the request where there is one.
    pub(in crate::web) fn write(&self, request_id: &str, mut headers: HeaderMap) -> Response {
        let body = ProblemBody {
            kind: format!("/docs/problems#{}", self.kind),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            request_id,
            errors: &self.errors,
        };
        // A struct of texts and numbers is always JSON.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.kind == Kind::Unauthenticated {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"countersign\""),
            );
        }
        (self.kind.status(), headers, body).into_response()
    }
}

/// Carries the problem to the outermost layer, which writes it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<storage::Error> for Problem {
    fn from(error: storage::Error) -> Self {
        if error.is_passing() || matches!(error, storage::Error::Replaced) {
            Self {
                cause: Some(error.to_string()),
                ..Self::unavailable()
            }
        } else {
            Self::internal(error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_is_written_with_its_type_and_the_request() {
        let problem = Problem::invalid(vec![Invalid::at("/a", "missing", "it is needed")]);
        let response = problem.write("req_1", HeaderMap::new());
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(response.headers()[CONTENT_TYPE], MEDIA_TYPE);
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "/docs/problems#invalid-request",
                "title": "Something in the request has to be mended",
                "status": 422,
                "detail": "one thing has to be mended: see `errors`",
                "request_id": "req_1",
                "errors": [{"pointer": "/a", "code": "missing", "detail": "it is needed"}],
            })
        );
    }

    #[test]
    fn what_a_layer_refuses_keeps_its_status() {
        for status in [400, 404, 405, 408, 413, 414, 415, 431, 500, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(Problem::of_status(status).kind.status(), status);
        }
    }

    #[test]
    fn a_database_that_is_away_is_told_and_another_fault_is_not() {
        let away = Problem::from(storage::Error::Away("10.0.0.1".to_owned()));
        assert_eq!(away.kind, Kind::Unavailable);
        assert!(away.retry_after.is_some() && !away.detail.contains("10.0.0.1"));
        let fault = Problem::from(storage::Error::Refused("near SELECT".to_owned()));
        assert_eq!(fault.kind, Kind::Internal);
        assert!(!fault.detail.contains("SELECT"));
    }
}
