//! `Idempotency-Key`: a request that comes again gets the answer that it got, and does nothing a second time.
//!
//! The key is claimed before anything is done, and the answer is kept after it; both are commits of their own, so that no
//! transaction is held across a handler. Whoever dies in between leaves a claim that ends by itself, and the same request is then
//! begun again: an invitation is protected once more, by the row of `idempotency` in the transaction that makes it.
//! What was not done (a fault, a rate, a database that is away) is not kept: the same key may try again.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::caller::Caller;
use super::json;
use super::problem::{Kind, Problem};
use crate::domain::time::{DAY, SECOND, Timestamp};
use crate::storage::api_answer::{self, Claim};
use crate::web::Site;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// For how long a key is remembered.
const LIFETIME: i64 = DAY;
/// For how long a request holds its key: longer than any may take.
const HELD: i64 = 90 * SECOND;
/// The largest answer that is kept; a batch of a thousand has less than half of it.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

/// The key of this request, for the transaction that it protects; none was sent with most.
#[derive(Clone, Debug, Default)]
pub(super) struct IdempotencyKey(pub(super) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// What is kept of an answer in its place, where it holds what is shown once: a secret does not stay in the database.
#[derive(Clone, Debug)]
pub(super) struct Kept(pub(super) String);

/// Around every POST of the interface.
pub(super) async fn once(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let key = match key_of(request.headers()) {
        Ok(Some(key)) if request.method() == Method::POST => key,
        Ok(_) => return next.run(request).await,
        Err(problem) => return problem.into_response(),
    };
    let Some(caller) = request.extensions().get::<Caller>().cloned() else {
        return Problem::internal("an idempotency key without a caller").into_response();
    };
    let (parts, body) = request.into_parts();
    let (mut parts, body) = match read(parts, body).await {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    let claim = Claim {
        partner: caller.partner,
        request_sha256: hash(&parts, &body),
        holder: uuid::Uuid::from_bytes(rand::random()),
        key: key.clone(),
    };
    match take(&site, &claim).await {
        Ok(Taken::Claimed) => {}
        Ok(Taken::Answered(response)) => return response,
        Err(problem) => return problem.into_response(),
    }
    parts.extensions.insert(IdempotencyKey(Some(key)));
    let request = Request::from_parts(parts, Body::from(body));
    // A task of its own: a client that hangs up does not stop what is being done, and finds the answer when it comes again.
    let work = tokio::spawn(async move {
        let response = next.run(request).await;
        keep(&site, &claim, response).await
    });
    work.await
        .unwrap_or_else(|error| Problem::internal(error.to_string()).into_response())
}

async fn read(parts: Parts, body: Body) -> Result<(Parts, Bytes), Problem> {
    // Limits of size and time lie in the extensions, which the extractor of bytes reads.
    let mut head = Request::new(body);
    *head.extensions_mut() = parts.extensions.clone();
    let body = json::body(head).await?;
    Ok((parts, body))
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let wrong = || {
        Problem::new(
            Kind::MalformedRequest,
            "the header `Idempotency-Key` has to be there once, with 1 to 255 printable ASCII characters and no blank: a UUID does well",
        )
    };
    let mut lines = headers.get_all(KEY).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let is_good = (1..=255).contains(&line.len())
        && line.as_bytes().iter().all(|byte| byte.is_ascii_graphic());
    match (line.to_str(), lines.next()) {
        (Ok(key), None) if is_good => Ok(Some(key.to_owned())),
        _ => Err(wrong()),
    }
}

/// What makes a request the same one: its method, its path with the query, and its body.
fn hash(parts: &Parts, body: &Bytes) -> Vec<u8> {
    let mut hash = Sha256::new();
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    for part in [parts.method.as_str().as_bytes(), target.as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

enum Taken {
    Claimed,
    Answered(Response),
}

async fn take(site: &Site, claim: &Claim) -> Result<Taken, Problem> {
    let now = site.engine.clock.now();
    let claimed = claim.clone();
    let until = |micros| Timestamp::plus_micros(now, micros);
    let (held_until, expires_at) = (until(HELD), until(LIFETIME));
    let is_claimed = site
        .engine
        .db
        .write_one(move |tx| {
            Box::pin(
                async move { api_answer::claim(tx, &claimed, now, held_until, expires_at).await },
            )
        })
        .await?;
    if is_claimed {
        return Ok(Taken::Claimed);
    }
    let mut conn = site.engine.db.read().await?;
    let found = api_answer::find(&mut conn, claim.partner, &claim.key).await?;
    drop(conn);
    let in_flight = || Problem {
        retry_after: Some(2),
        ..Problem::new(
            Kind::IdempotencyInFlight,
            "a request with this `Idempotency-Key` is being worked on: send the same again after `Retry-After` seconds",
        )
    };
    // It may have been given back between the two statements.
    let found = found.ok_or_else(in_flight)?;
    if found.request_sha256 != claim.request_sha256 {
        return Err(Problem::new(
            Kind::IdempotencyKeyReused,
            "this `Idempotency-Key` was used for another request: take a new key for a new request",
        ));
    }
    let (Some(status), Some(body)) = (found.status, found.body) else {
        return Err(in_flight());
    };
    replay(status, body).map(Taken::Answered)
}

/// The answer again. A problem is written with the identifier of this request.
fn replay(status: i64, body: String) -> Result<Response, Problem> {
    let status = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or_else(|| Problem::internal("a stored answer has no status"))?;
    let mut response = if status.is_success() {
        let json = HeaderValue::from_static("application/json");
        (status, [(CONTENT_TYPE, json)], body).into_response()
    } else {
        let problem: Problem = serde_json::from_str(&body)
            .map_err(|error| Problem::internal(format!("a stored answer: {error}")))?;
        problem.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Keeps an answer that stands, and gives the key back otherwise.
async fn keep(site: &Site, claim: &Claim, response: Response) -> Response {
    let status = response.status();
    let problem = response.extensions().get::<Problem>().cloned();
    let stands = status.is_success()
        || problem.as_ref().is_some_and(|problem| {
            matches!(
                problem.kind,
                Kind::NotFound | Kind::Conflict | Kind::Gone | Kind::InvalidRequest
            )
        });
    if !stands {
        settle(site, claim, None).await;
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_ANSWER).await else {
        settle(site, claim, None).await;
        return Problem::internal("an answer that is too large to keep").into_response();
    };
    let kept = parts.extensions.get::<Kept>();
    let text = match (&problem, kept) {
        (Some(problem), _) => serde_json::to_string(problem).unwrap_or_default(),
        (None, Some(Kept(text))) => text.clone(),
        (None, None) => String::from_utf8_lossy(&bytes).into_owned(),
    };
    settle(site, claim, Some((status.as_u16(), text))).await;
    Response::from_parts(parts, Body::from(bytes))
}

/// What was done is done: a key whose answer cannot be written is held until its claim ends, and the request then begun again.
async fn settle(site: &Site, claim: &Claim, answer: Option<(u16, String)>) {
    let claim = claim.clone();
    let written = site
        .engine
        .db
        .write_one(move |tx| {
            Box::pin(async move {
                match answer {
                    Some((status, body)) => api_answer::finish(tx, &claim, status, &body).await,
                    None => api_answer::release(tx, &claim).await,
                }
            })
        })
        .await;
    if let Err(error) = written {
        tracing::warn!(%error, "the answer to an idempotency key was not written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_line_of_printable_ascii() {
        let of = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(KEY, HeaderValue::from_bytes(line.as_bytes()).unwrap());
            }
            key_of(&headers).map_err(|problem| problem.kind)
        };
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["a-b~"]), Ok(Some("a-b~".to_owned())));
        let longest = "x".repeat(255);
        assert_eq!(of(&[&longest]), Ok(Some(longest.clone())));
        for wrong in [
            &[""][..],
            &[" "],
            &["a b"],
            &["a", "a"],
            &["é"],
            &["a\tb"],
            &[&(longest + "x")],
        ] {
            assert_eq!(of(wrong), Err(Kind::MalformedRequest), "{wrong:?}");
        }
    }

    #[test]
    fn a_kept_problem_is_told_again() {
        let kept = Problem::new(Kind::Conflict, "it is over");
        let text = serde_json::to_string(&kept).unwrap();
        let response = replay(409, text).unwrap();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.headers()[REPLAYED], "true");
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.detail, "it is over");
    }
}
