//! The body of a request: JSON, whose every field is known.
//!
//! What cannot be taken is named by its JSON Pointer (RFC 6901). Of what was submitted nothing is repeated but the name of a field
//! that looks like one: serde's own messages quote values.

use std::error::Error;

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use tower_http::timeout::TimeoutError;

use super::problem::{Invalid, Kind, Problem};
use super::strict::Strict;

/// The body, read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        check_type(request.headers())?;
        let bytes = body(request).await?;
        read(&bytes).map(Self)
    }
}

/// An answer with an object, and the status 200.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        (StatusCode::OK, axum::Json(self.0)).into_response()
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let line = headers
        .get(CONTENT_TYPE)
        .and_then(|line| line.to_str().ok());
    let essence = line
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let is_json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if is_json {
        Ok(())
    } else {
        Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
    }
}

/// All of the body, within the size and the time that the layers allow.
pub(super) async fn body(request: Request<Body>) -> Result<Bytes, Problem> {
    Bytes::from_request(request, &())
        .await
        .map_err(|rejection| {
            let status = match rejection.status() {
                _ if is_late(&rejection) => StatusCode::REQUEST_TIMEOUT,
                status => status,
            };
            Problem::of_status(status)
        })
}

/// Whether the last byte was not there in time.
fn is_late(rejection: &BytesRejection) -> bool {
    let mut causes = std::iter::successors(rejection.source(), |error| (*error).source());
    causes.any(<dyn Error>::is::<TimeoutError>)
}

/// Reads a body.
///
/// # Errors
/// It is no JSON, or not that of a `T`.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| {
        let (path, error) = (error.path().clone(), error.into_inner());
        if error.is_data() {
            Problem::invalid(vec![explain(&path, &error)])
        } else {
            malformed(&error)
        }
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(
        Kind::MalformedJson,
        format!("the body is no JSON at line {line}, column {column}: mend it there"),
    )
}

/// What serde found wrong, without the value that it quotes.
fn explain(path: &Path, error: &serde_json::Error) -> Invalid {
    let message = error.to_string();
    let at = pointer(path);
    let quoted = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("unknown field") {
        let known = message.split_once("expected ").map(|(_, known)| known);
        let known = known.and_then(|known| known.rsplit_once(" at line "));
        let known = known.map_or("there are none here", |(known, _)| known);
        let known = known.trim_start_matches("one of ");
        let detail = format!("there is no such field; there are {known}");
        // The name was submitted: an address in the place of one is not repeated.
        return Invalid::at(below(&parent(path, quoted), quoted), "unknown", detail);
    }
    if message.starts_with("missing field") {
        return Invalid::at(below(&at, quoted), "missing", "it is needed");
    }
    if message.starts_with("duplicate field") {
        let at = below(&parent(path, quoted), quoted);
        return Invalid::at(at, "duplicate", "it is there twice: leave one out");
    }
    for (start, code) in [
        ("invalid type", "type"),
        ("invalid length", "invalid"),
        ("invalid value", "invalid"),
    ] {
        if message.starts_with(start)
            && let Some((_, expected)) = message.rsplit_once(", expected ")
        {
            let expected = expected.split(" at line ").next().unwrap_or(expected);
            let expected = if expected.starts_with("struct ") {
                "an object"
            } else {
                expected
            };
            return Invalid::at(at, code, format!("expected {expected}"));
        }
    }
    if message.starts_with("unknown variant") {
        let known = message.rsplit_once(", expected ").map(|(_, known)| known);
        let known = known.and_then(|known| known.split(" at line ").next());
        let detail = format!("take {}", known.unwrap_or("another word"));
        return Invalid::at(at, "invalid", detail);
    }
    // A sentence of our own types: none of them quotes more than a word that looks like a key.
    let sentence = message.split(" at line ").next().unwrap_or(&message);
    Invalid::at(at, "invalid", sentence)
}

/// The path of the object: the last segment is sometimes the field itself.
fn parent(path: &Path, field: &str) -> String {
    let at = pointer(path);
    let ending = format!("/{}", escape(field));
    at.strip_suffix(&ending)
        .map_or_else(|| at.clone(), str::to_owned)
}

fn below(at: &str, field: &str) -> String {
    let looks_like_a_name = (1..=40).contains(&field.len())
        && field
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if looks_like_a_name {
        format!("{at}/{}", escape(field))
    } else {
        at.to_owned()
    }
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => below("", key),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// RFC 6901 §3.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::microsoft::Cloud;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        name: String,
        count: Option<u8>,
        inner: Option<Inner>,
        #[serde(default)]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        cloud: Cloud,
    }

    fn told(body: &str) -> (Kind, String) {
        let problem = read::<Outer>(body.as_bytes()).unwrap_err();
        let of = |error: &Invalid| {
            format!(
                "{} {}: {}",
                error.pointer.clone().unwrap_or_default(),
                error.code,
                error.detail
            )
        };
        let errors: Vec<_> = problem.errors.iter().map(of).collect();
        (problem.kind, errors.join("; "))
    }

    #[test]
    fn each_fault_is_named_by_its_pointer_and_no_value_is_repeated() {
        let invalid = |body| {
            let (kind, told) = told(body);
            assert_eq!(kind, Kind::InvalidRequest, "{body}");
            assert!(!told.contains("kim@"), "{told}");
            told
        };
        assert_eq!(invalid("{}"), "/name missing: it is needed");
        assert_eq!(
            invalid(r#"{"name": "a", "nmae": "kim@x.example"}"#),
            "/nmae unknown: there is no such field; there are `name`, `count`, `inner`, `list`"
        );
        assert_eq!(
            invalid(r#"{"kim@x.example": 1}"#),
            " unknown: there is no such field; there are `name`, `count`, `inner`, `list`"
        );
        assert_eq!(
            invalid(r#"{"name": "a", "name": "b"}"#),
            "/name duplicate: it is there twice: leave one out"
        );
        assert_eq!(
            invalid(r#"{"name": "a", "count": "kim@x.example, expected u8"}"#),
            "/count type: expected u8"
        );
        assert_eq!(
            invalid(r#"{"name": "a", "count": 256}"#),
            "/count invalid: expected u8"
        );
        assert_eq!(invalid(r#"{"name": 7}"#), "/name type: expected a string");
        assert_eq!(
            invalid(r#"{"name": "a", "list": [{"cloud": "global"}, {"cloud": "kim@x.example"}]}"#),
            "/list/1/cloud invalid: unknown cloud: take one of global, 21vianet, us_gov"
        );
        assert_eq!(
            invalid(r#"{"name": "a", "inner": {"cloud": "global", "x": 1}}"#),
            "/inner/x unknown: there is no such field; there are `cloud`"
        );
        assert_eq!(invalid(r#"["a"]"#), " type: expected an object");
        assert_eq!(
            invalid(r#"{"name": "a", "list": [["global"]]}"#),
            "/list/0 type: expected an object"
        );
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for body in ["", "{", r#"{"name": "a",}"#, r#"{"name": "a"} x"#, "\u{0}"] {
            assert_eq!(told(body).0, Kind::MalformedJson, "{body}");
        }
        assert!(read::<Outer>(b"{\"name\": \"\xff\"}").is_err());
        assert!(read::<Outer>("[".repeat(10_000).as_bytes()).is_err());
    }

    #[test]
    fn the_type_of_the_body_has_to_be_json() {
        let is_taken = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, line.parse().unwrap());
            check_type(&headers).is_ok()
        };
        assert!(is_taken("application/json") && is_taken("Application/JSON; charset=utf-8"));
        assert!(is_taken("application/merge-patch+json"));
        assert!(!is_taken("text/plain") && !is_taken("application/x-www-form-urlencoded"));
        assert!(check_type(&HeaderMap::new()).is_err());
    }
}
