//! `/v1/agreements`: the texts that are consented to, with the hash of their exact bytes. They are the installation's, and the same
//! for every partner.

use std::sync::Arc;

use axum::extract::State;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Id;
use super::caller::Reader;
use super::json::Answer;
use super::list::{Limit, List, Query};
use super::problem::Problem;
use crate::domain::ids::AgreementId;
use crate::domain::time::Timestamp;
use crate::storage::agreement;
use crate::web::Site;

/// One text of an agreement in one language. It never changes: a newer text is another one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Agreement {
    /// Always `agreement`.
    #[schema(pattern = "^agreement$")]
    object: &'static str,
    id: AgreementId,
    /// Which agreement: `mca` is the Microsoft Customer Agreement.
    kind: String,
    /// Its version, as its publisher names it.
    version: String,
    /// Its language: BCP 47.
    language: String,
    title: String,
    /// SHA-256 of the text's exact bytes (UTF-8), in hexadecimal: a consent names it.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// Whether it is a text for trials that stands in for the real one.
    is_sample: bool,
    /// From when on it is the one that is offered in its language.
    effective_at: Timestamp,
    created_at: Timestamp,
    /// The text itself; only where one agreement is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Agreement {
    fn without_text(row: agreement::Agreement) -> Self {
        Self {
            object: "agreement",
            id: row.id,
            kind: row.kind,
            version: row.version,
            language: row.language.to_string(),
            title: row.title,
            sha256: HEXLOWER.encode(&row.sha256),
            is_sample: row.is_sample,
            effective_at: row.effective_at,
            created_at: row.created_at,
            text: None,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// How many objects a page has.
    #[param(inline)]
    limit: Option<Limit>,
    /// Only what is older than this one: the last of the page before.
    #[param(inline)]
    starting_after: Option<AgreementId>,
}

/// List agreements
///
/// Every text that was ever stored here, newest first, without the text itself.
#[utoipa::path(
    get,
    path = "/v1/agreements",
    operation_id = "list_agreements",
    tag = "Agreements",
    params(Asked),
    security(("key" = ["read"])),
    responses((status = 200, description = "A page of agreements.", body = List<Agreement>, example = json!({
        "object": "list",
        "data": [{
            "object": "agreement",
            "id": "agr_019c3f1e0b7a7c1291d4a5c8f2e6b071",
            "kind": "mca",
            "version": "2024-09",
            "language": "en",
            "title": "Microsoft Customer Agreement",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "is_sample": false,
            "effective_at": "2026-11-02T00:00:00Z",
            "created_at": "2026-11-02T01:00:00Z"
        }],
        "has_more": false
    }))),
)]
pub(super) async fn list(
    State(site): State<Arc<Site>>,
    _caller: Reader,
    Query(asked): Query<Asked>,
) -> Result<Answer<List<Agreement>>, Problem> {
    let limit = asked.limit.unwrap_or_default();
    let mut conn = site.engine.db.read().await?;
    let rows = agreement::page(&mut conn, asked.starting_after, limit.to_read()).await?;
    Ok(Answer(List::page(rows, limit, Agreement::without_text)))
}

/// Show an agreement
///
/// One text, with the text itself. Its UTF-8 bytes have the SHA-256 that consents to it name.
#[utoipa::path(
    get,
    path = "/v1/agreements/{id}",
    operation_id = "get_agreement",
    tag = "Agreements",
    params(("id" = inline(AgreementId), Path, description = "The agreement.")),
    security(("key" = ["read"])),
    responses((status = 200, description = "The agreement.", body = Agreement, example = json!({
        "object": "agreement",
        "id": "agr_019c3f1e0b7a7c1291d4a5c8f2e6b071",
        "kind": "mca",
        "version": "2024-09",
        "language": "en",
        "title": "Microsoft Customer Agreement",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "is_sample": false,
        "effective_at": "2026-11-02T00:00:00Z",
        "created_at": "2026-11-02T01:00:00Z",
        "text": "Microsoft Customer Agreement\n\nThis Microsoft Customer Agreement …"
    }))),
)]
pub(super) async fn get(
    State(site): State<Arc<Site>>,
    _caller: Reader,
    Id(id): Id<AgreementId>,
) -> Result<Answer<Agreement>, Problem> {
    let mut conn = site.engine.db.read().await?;
    let mut row = agreement::find(&mut conn, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let text = std::mem::take(&mut row.body);
    Ok(Answer(Agreement {
        text: Some(text),
        ..Agreement::without_text(row)
    }))
}
