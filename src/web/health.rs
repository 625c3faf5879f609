//! Health and metrics, on a listener of their own: `/livez` (the process runs), `/readyz` (it can do its work), `/metrics`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio_util::sync::CancellationToken;

use crate::storage::{self, transport};
use crate::telemetry::{self, Metrics};
use crate::workflow::Engine;

/// What the operator's listener shows.
#[derive(Debug)]
pub struct Health {
    /// The workflow, whose database is asked.
    pub engine: Engine,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The process is ending: no longer ready.
    pub stop: CancellationToken,
}

/// The operator's routes.
pub fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    if health.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match tokio::time::timeout(Duration::from_secs(3), look(&health)).await {
        Ok(Ok(text)) => text.into_response(),
        Ok(Err(error)) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("database: {error}\n"),
        )
            .into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "database: no answer in time\n",
        )
            .into_response(),
    }
}

/// Ready means that pages can be served, and answers recorded. A mail server that refuses us is told, and makes nobody unready: what is
/// acknowledged waits.
async fn look(health: &Health) -> Result<String, storage::Error> {
    health.engine.db.check_writing().await?;
    let mut conn = health.engine.db.read().await?;
    Ok(match transport::find(&mut conn, transport::MAIL).await? {
        None => "ok\n".to_owned(),
        Some(pause) => format!(
            "ok, but the mail server refuses us since {} (at {}: {}); mail waits\n",
            pause.since, pause.stage, pause.reply
        ),
    })
}

async fn metrics(State(health): State<Arc<Health>>) -> Response {
    (
        [(CONTENT_TYPE, telemetry::CONTENT_TYPE)],
        health.metrics.encode(),
    )
        .into_response()
}
