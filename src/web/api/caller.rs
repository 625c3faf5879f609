//! Who asks: the key in `Authorization`, and what it may do.
//!
//! A key is looked up at each request, so that one that is revoked is refused at once. Wrong keys are counted by network; a good
//! one is let in however many wrong ones its neighbours send.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::{Kind, Problem};
use crate::domain::api_key::{ApiKey, KeyState, Scope};
use crate::domain::audit::Actor;
use crate::domain::ids::{ApiKeyId, PartnerId};
use crate::domain::time::Timestamp;
use crate::storage::api_key;
use crate::web::{Client, Site};
use crate::workflow;

/// Whose request it is.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// The partner: whatever a handler reads or changes is this one's.
    pub(super) partner: PartnerId,
    /// The key.
    pub(super) key: Arc<api_key::ApiKey>,
}

impl Caller {
    /// Who the record says it was.
    pub(super) const fn actor(&self) -> Actor {
        Actor::Partner(self.partner)
    }
}

macro_rules! scoped {
    ($($(#[$doc:meta])* $name:ident = $scope:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(super) struct $name(pub(super) Caller);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                allowed(parts, Scope::$scope).map(Self)
            }
        }
    )*};
}

scoped! {
    /// A caller whose key has the scope `read`.
    Reader = Read;
    /// A caller whose key has the scope `invite`.
    Inviter = Invite;
    /// A caller whose key has the scope `manage`.
    Manager = Manage;
}

fn allowed(parts: &Parts, scope: Scope) -> Result<Caller, Problem> {
    let caller = parts.extensions.get::<Caller>();
    let caller = caller.ok_or_else(|| Problem::internal("a route without authentication"))?;
    if caller.key.scopes.allow(scope) {
        return Ok(caller.clone());
    }
    Err(Problem::new(
        Kind::MissingScope,
        format!(
            "this needs the scope `{scope}`, and the key has {}: take one that has it",
            caller.key.scopes
        ),
    ))
}

/// Lets in whoever has a good key, at the key's rate, and tells with each answer how much of that is left.
pub(super) async fn authenticate(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get::<Client>().copied();
    let sent = bearer(request.headers()).map(str::to_owned);
    let caller = match identify(&site, client, sent).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let standing = site.api.rates.count(caller.key.id);
    let mut response = if let Some(retry_after) = standing.retry_after {
        Problem::too_many(
            retry_after,
            "the key asks more often than it may: slow down, and try again after `Retry-After` seconds",
        )
        .into_response()
    } else {
        site.api.uses.note(&site, &caller.key);
        request.extensions_mut().insert(caller);
        next.run(request).await
    };
    standing.write(response.headers_mut());
    response
}

async fn identify(
    site: &Site,
    client: Option<Client>,
    sent: Result<String, &'static str>,
) -> Result<Caller, Problem> {
    let refused = |detail: &'static str| match client.map(|client| site.limits.wrong_key(client.0))
    {
        Some(Err(wait)) => Problem::too_many(
            wait.retry_after,
            "too many requests without a good key came from this network: try again after `Retry-After` seconds",
        ),
        _ => Problem::new(Kind::Unauthenticated, detail),
    };
    let key: ApiKey = sent.map_err(refused)?.parse().map_err(|_| {
        refused(
            "this is no key: one begins with `cs_live_` and has 60 characters; was it cut short?",
        )
    })?;
    let found = workflow::api_key::find(&site.engine, &key).await?;
    let row =
        found.ok_or_else(|| refused("there is no such key: take one that was given out here"))?;
    match row.state(site.engine.clock.now()) {
        KeyState::Active => Ok(Caller {
            partner: row.partner_id,
            key: Arc::new(row),
        }),
        KeyState::Expired => Err(refused(
            "the key has expired: take the one that was made in its place",
        )),
        KeyState::Revoked => Err(refused("the key was revoked: take another one")),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Result<&str, &'static str> {
    const WANTED: &str = "send your key as `Authorization: Bearer cs_live_…`";
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(WANTED);
    };
    let line = line.to_str().map_err(|_| WANTED)?;
    let (scheme, token) = line.trim().split_once(' ').ok_or(WANTED)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(WANTED)
    }
}

/// When this process last wrote that a key was used: once a minute, beside the request.
#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<HashMap<ApiKeyId, Timestamp>>);

impl Uses {
    fn note(&self, site: &Site, key: &api_key::ApiKey) {
        let now = site.engine.clock.now();
        let due = |last: Timestamp| {
            now.as_micros() - last.as_micros() >= workflow::api_key::USE_IS_WRITTEN_AFTER
        };
        if key.last_used_at.is_some_and(|last| !due(last)) || !self.claim(key.id, now, due) {
            return;
        }
        let (engine, id) = (site.engine.clone(), key.id);
        tokio::spawn(async move {
            if let Err(error) = workflow::api_key::note_use(&engine, id).await {
                tracing::debug!(%error, "that a key was used was not written");
            }
        });
    }

    /// Keys that are good alone come here: there are as many as were made.
    fn claim(&self, id: ApiKeyId, now: Timestamp, due: impl Fn(Timestamp) -> bool) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(&id).is_some_and(|last| !due(*last)) {
            return false;
        }
        written.insert(id, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_bearer_token_is_taken_from_one_header_alone() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(AUTHORIZATION, HeaderValue::from_static(line));
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["Bearer abc"]).unwrap(), "abc");
        assert_eq!(of(&["bearer  abc "]).unwrap(), "abc");
        for wrong in [
            &[][..],
            &["Bearer"],
            &["Basic abc"],
            &["Bearer a", "Bearer b"],
        ] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_use_is_written_once_a_minute() {
        let uses = Uses::default();
        let id = uuid::Uuid::from_u128(1).into();
        let at = Timestamp::from_micros;
        let due = |last: Timestamp| last < at(5);
        assert!(uses.claim(id, at(1), due));
        assert!(uses.claim(id, at(9), due));
        assert!(!uses.claim(id, at(10), due));
        assert!(uses.claim(uuid::Uuid::from_u128(2).into(), at(10), due));
    }
}
