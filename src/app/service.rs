//! A running service: pages, worker and the operator's listener, started together and ended in order.
//!
//! At SIGTERM or SIGINT: nothing new is taken, requests and mails in flight are finished, the lease is given back.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{App, AppError};
use crate::domain::language::Language;
use crate::domain::time::{DAY, SECOND};
use crate::storage;
use crate::telemetry::Metrics;
use crate::web::api::Api;
use crate::web::client::TrustedProxies;
use crate::web::door::{self, Refusals};
use crate::web::health::{self, Health};
use crate::web::server::{self, Bounds};
use crate::web::{self, Site};
use crate::worker::{self, Until, Worker};
use crate::workflow::deliver::Post;

/// How often the key file is looked at.
const LOOK_AT_KEYS: Duration = Duration::from_secs(2);

/// Which parts run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// The customer's pages and a worker.
    All,
    /// Only the pages.
    Pages,
    /// Only a worker.
    Worker,
}

/// Why a service did not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The address cannot be listened on.
    #[error(
        "{field}: {address} cannot be listened on ({error}): take another address, or end what uses it"
    )]
    Listen {
        /// The setting.
        field: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
    /// A part cannot be built.
    #[error(transparent)]
    App(#[from] AppError),
    /// The database.
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Runs the parts until the process is told to end.
///
/// # Errors
/// A listener or the first lease cannot be had.
pub async fn run(app: &App, post: Option<Arc<Post>>, parts: Parts) -> Result<(), ServiceError> {
    app.check_clock().await?;
    let client = match (&post, parts) {
        (None, _) | (_, Parts::Pages) => None,
        _ => Some(super::client(&app.config.webhooks).map_err(AppError::from)?),
    };
    introduce(app, parts);
    let stop = CancellationToken::new();
    let metrics = Arc::new(Metrics::new());
    let mut tasks = JoinSet::new();

    let health = Health {
        engine: app.engine.clone(),
        metrics: metrics.clone(),
        stop: stop.clone(),
    };
    end_by_signal(stop.clone());
    let admin = listen("admin_listen", app.config.admin_listen)?;
    let admin = server::serve(
        admin,
        health::router(Arc::new(health)),
        Refusals::default(),
        Bounds::ADMIN,
        stop.clone(),
    );
    if parts != Parts::Worker {
        let listener = listen("listen", app.config.listen)?;
        tracing::info!(address = %app.config.listen, "the pages are open");
        let site = Arc::new(site(app, metrics.clone()));
        tasks.spawn(web::serve(listener, site, Bounds::PAGES, stop.clone()));
    }
    tasks.spawn(admin);
    tasks.spawn(take_in_keys(app.clone(), post.clone(), stop.clone()));
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();

    let worked = if let (Some(post), Some(client)) = (post, client) {
        let options = worker_options(app);
        let worker = Worker::new(app.engine.clone(), post, options, metrics, stop.clone());
        worker.calling(client).run(Until::Stopped).await.map(drop)
    } else {
        stop.cancelled().await;
        Ok(())
    };
    // A worker that could not start ends the whole.
    stop.cancel();
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    while tasks.join_next().await.is_some() {}
    tracing::info!("ended");
    Ok(worked?)
}

/// Says what this process works with: no address of a person, no user, no password.
fn introduce(app: &App, parts: Parts) {
    let config = &app.config;
    let keys = &app.engine.keys;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        public_url = %config.public_url,
        admin_listen = %config.admin_listen,
        database = if config.database_url.is_sqlite() { "sqlite" } else { "postgresql" },
        mail = %if parts == Parts::Pages { "left to others".to_owned() } else { config.mail.smtp_url.to_string() },
        mail_domain = %config.mail.domain,
        dkim_keys = config.mail.dkim.len(),
        token_keys = keys.token_keys().len(),
        audit_keys = keys.audit_keys().len(),
        "starting"
    );
}

fn listen(field: &'static str, address: SocketAddr) -> Result<TcpListener, ServiceError> {
    door::listen(address).map_err(|error| ServiceError::Listen {
        field,
        address,
        error,
    })
}

/// The pages of an installation.
pub fn site(app: &App, metrics: Arc<Metrics>) -> Site {
    let config = &app.config;
    let origin = config.public_url.clone();
    let proxies = TrustedProxies::new(config.trusted_proxies.clone());
    let language = config.language.parse().unwrap_or_else(|_| Language::en());
    let mut site = Site::new(app.engine.clone(), metrics, origin, proxies, language);
    site.scanner_networks.clone_from(&config.scanner_networks);
    let api = &config.api;
    let a_minute = NonZeroU32::new(api.requests_per_minute).unwrap_or(NonZeroU32::MIN);
    site.api = Api::new(a_minute);
    site.api.enabled = api.enabled;
    site.limit_wrong_keys(api.wrong_keys_per_hour);
    site
}

/// How the worker of an installation works.
pub fn worker_options(app: &App) -> worker::Options {
    let queue = &app.config.queue;
    let micros = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX / SECOND) * SECOND;
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "worker".to_owned());
    worker::Options {
        name: format!("{host}:{}", std::process::id()),
        lease: micros(queue.lease_seconds),
        renew: Duration::from_secs(queue.renew_seconds),
        batch: usize::try_from(queue.batch).unwrap_or(200),
        connections: usize::try_from(app.config.mail.connections).unwrap_or(32),
        poll: Duration::from_secs(queue.poll_seconds),
        domain_in_flight: i64::from(queue.domain_in_flight),
        domain_interval: queue
            .domain_rate_per_minute
            .map(|rate| 60 * SECOND / i64::from(rate.max(1))),
        give_up_after: i64::from(queue.give_up_days) * DAY,
        calls: worker::CallOptions {
            connections: usize::try_from(app.config.webhooks.concurrent_calls).unwrap_or(16),
            in_flight: i64::from(app.config.webhooks.host_in_flight),
        },
    }
}

/// Takes in a key ring that another process changed, within seconds: what `key rotate` made has to open here, too.
async fn take_in_keys(app: App, post: Option<Arc<Post>>, stop: CancellationToken) {
    let changed_at = || {
        std::fs::metadata(&app.config.keys_file)
            .and_then(|file| file.modified())
            .ok()
    };
    let mut known = changed_at();
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_AT_KEYS) => {}
            () = stop.cancelled() => return,
        }
        let now = changed_at();
        if now == known {
            continue;
        }
        match crate::keyfile::load(&app.config.keys_file, &app.env) {
            Ok(ring) => {
                known = now;
                app.engine.tokens.reload(&ring);
                app.engine.vault.reload(&ring);
                if let Some(post) = &post {
                    post.tags.reload(&ring);
                }
                tracing::info!(
                    current = ring.current_token_key(),
                    "the key ring was taken in anew"
                );
            }
            Err(error) => {
                tracing::error!(%error, "the key ring changed and cannot be read; the one before is kept");
            }
        }
    }
}

/// Ends the service at SIGTERM or SIGINT: from the moment of the call, whatever is begun after it.
pub fn end_by_signal(stop: CancellationToken) {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    tokio::spawn(async move {
        let wait = async |signal: &mut std::io::Result<Signal>| match signal {
            Ok(signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        };
        tokio::select! {
            () = wait(&mut terminate) => {}
            () = wait(&mut interrupt) => {}
        }
        tracing::info!("ending: what is in flight is finished");
        stop.cancel();
    });
}
