//! `/v1/partner`: whose key it is, and what it may do.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Caller, Reader};
use super::json::Answer;
use super::problem::Problem;
use crate::domain::api_key::{self, Scope};
use crate::domain::ids::{ApiKeyId, PartnerId};
use crate::domain::time::Timestamp;
use crate::storage;
use crate::web::Site;

/// The partner that a key belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Partner {
    /// Always `partner`.
    #[schema(pattern = "^partner$")]
    object: &'static str,
    id: PartnerId,
    /// A short name, which the operator chose.
    handle: String,
    /// The name that customers know.
    name: String,
    /// The name in the register.
    legal_name: String,
    /// Where the partner's own notices go.
    email: String,
    /// The language of its notices, and of customers who have none: BCP 47.
    language: String,
    /// Its IANA time zone.
    time_zone: String,
    created_at: Timestamp,
    key: Key,
    limits: Limits,
}

/// The key of this request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
struct Key {
    id: ApiKeyId,
    /// What its partner calls it.
    name: String,
    /// How it begins.
    #[schema(example = "cs_live_7kq2m9xd")]
    prefix: String,
    /// What it may do; none of them includes another.
    scopes: Vec<Scope>,
    created_at: Timestamp,
    /// From when on it is refused.
    expires_at: Option<Timestamp>,
    /// When it was used before, to a minute.
    last_used_at: Option<Timestamp>,
}

/// What the key and its partner may do in a time.
#[derive(Debug, Serialize, ToSchema)]
struct Limits {
    /// Requests a minute with this key.
    #[schema(minimum = 1)]
    requests_per_minute: u32,
}

/// Show the partner and the key
///
/// Whose key this is, what it may do, and the limits that hold for it: a good first request.
#[utoipa::path(
    get,
    path = "/v1/partner",
    operation_id = "get_partner",
    tag = "Partner",
    security(("key" = ["read"])),
    responses((status = 200, description = "The partner, the key and the limits.", body = Partner, example = json!({
        "object": "partner",
        "id": "prt_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "handle": "hanbit",
        "name": "Hanbit",
        "legal_name": "Hanbit Co., Ltd.",
        "email": "partner@hanbit.example",
        "language": "ko",
        "time_zone": "Asia/Seoul",
        "created_at": "2026-11-02T01:00:00Z",
        "key": {
            "id": "key_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "name": "shop",
            "prefix": "cs_live_7kq2m9xd",
            "scopes": ["read", "invite"],
            "created_at": "2026-11-02T01:05:00Z",
            "expires_at": null,
            "last_used_at": "2026-11-21T08:59:00Z"
        },
        "limits": {"requests_per_minute": 600}
    }))),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    Reader(caller): Reader,
) -> Result<Answer<Partner>, Problem> {
    let Caller { partner, key } = caller;
    let mut conn = site.engine.db.read().await?;
    let found = storage::partner::find(&mut conn, partner).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Answer(Partner {
        object: "partner",
        id: found.id,
        handle: found.handle,
        name: found.name,
        legal_name: found.legal_name,
        email: found.email,
        language: found.language.to_string(),
        time_zone: found.time_zone,
        created_at: found.created_at,
        key: Key {
            id: key.id,
            name: key.name.clone(),
            prefix: format!("{}{}", api_key::START, key.prefix),
            scopes: key.scopes.as_slice().to_vec(),
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        },
        limits: Limits {
            requests_per_minute: site.api.rates.a_minute(),
        },
    }))
}
