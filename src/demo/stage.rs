//! The stage: the parts, started on loopback and ended together.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::clock::DemoClock;
use super::error::DemoError;
use super::folder::Folder;
use super::inbox::Inbox;
use super::mail::Mail;
use super::pages;
use super::sink::{Sink, SinkOptions};
use crate::app::{self, App, service};
use crate::config::Environment;
use crate::domain::ids::InvitationId;
use crate::domain::keys::KeyRing;
use crate::domain::time::Clock as _;
use crate::keyfile;
use crate::storage;
use crate::telemetry::Metrics;
use crate::web;
use crate::web::door::Refusals;
use crate::web::server::{self, Bounds};
use crate::worker::{Until, Worker};
use crate::workflow::deliver::Post;

/// Where the pages are, unless the port is taken.
const PAGES: u16 = 8080;
/// Where the inbox is, unless the port is taken.
const INBOX: u16 = 8025;

/// Which ports are asked for; what is taken is replaced by a free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Those of the last start, else the usual ones.
    Usual,
    /// Free ones.
    Any,
}

/// A running demonstration.
#[derive(Debug)]
pub struct Stage {
    /// The parts, joined.
    pub app: App,
    /// Its time.
    pub clock: Arc<DemoClock>,
    /// Its mails.
    pub inbox: Arc<Inbox>,
    /// Its folder.
    pub folder: Arc<Folder>,
    /// Where the customer's pages are.
    pub pages: SocketAddr,
    /// Where the inbox is.
    pub inbox_at: SocketAddr,
    /// What a reader should know of this start.
    pub remarks: Vec<String>,
    sink: Sink,
    stop: CancellationToken,
    tasks: JoinSet<Result<(), storage::Error>>,
    helpers: JoinSet<()>,
}

impl Stage {
    /// Starts all parts in a folder.
    ///
    /// # Errors
    /// A part cannot be started.
    pub async fn start(folder: Folder, ports: Ports) -> Result<Self, DemoError> {
        let clock = Arc::new(DemoClock::ahead_by(folder.clock()));
        let stop = CancellationToken::new();
        let mut remarks = Vec::new();
        let wanted = match ports {
            Ports::Any => 0,
            Ports::Usual => folder.last_listen().map_or(PAGES, |last| last.port()),
        };
        let listener = listen(wanted, "the pages", &mut remarks).await?;
        let pages = listener.local_addr().map_err(DemoError::Port)?;
        let wanted = if ports == Ports::Any { 0 } else { INBOX };
        let inbox_listener = listen(wanted, "the inbox", &mut remarks).await?;
        let inbox_at = inbox_listener.local_addr().map_err(DemoError::Port)?;
        let options = SinkOptions {
            max_mail: super::mail::LARGEST,
            ..SinkOptions::default()
        };
        // Ended after the worker, not with it.
        let sink = Sink::start(
            loopback(0),
            options,
            clock.clone(),
            CancellationToken::new(),
        )
        .await
        .map_err(DemoError::Port)?;

        let config = folder.configure(pages, sink.address())?;
        let env = Environment::default();
        if !config.keys_file.exists() {
            keyfile::create(
                &config.keys_file,
                &KeyRing::fresh(clock.now(), &mut rand::rng()),
            )?;
        }
        let ring = keyfile::load(&config.keys_file, &env)?;
        let (db, _) = app::connect(&config).await?;
        let installation = app::install(&db, clock.as_ref()).await?;
        let engine = app::join(&config, db, ring, &installation, clock.clone());
        let app = App {
            config: Arc::new(config),
            engine,
            env,
        };
        let post = Arc::new(app.post()?);
        let folder = Arc::new(folder);
        let inbox = Inbox::open(folder.mails(), post.clone(), app.engine.db.clone()).await?;
        let mut stage = Self {
            app,
            clock,
            inbox: Arc::new(inbox),
            folder,
            pages,
            inbox_at,
            remarks,
            sink,
            stop,
            tasks: JoinSet::new(),
            helpers: JoinSet::new(),
        };
        stage.run(post, listener, inbox_listener);
        Ok(stage)
    }

    fn run(&mut self, post: Arc<Post>, listener: TcpListener, inbox_listener: TcpListener) {
        // Not waited for: it ends with the process.
        service::end_by_signal(self.stop.clone());
        let metrics = Arc::new(Metrics::new());
        let site = Arc::new(service::site(&self.app, metrics.clone()));
        let serving = web::serve(listener, site, Bounds::PAGES, self.stop.clone());
        self.helpers.spawn(serving);
        let desk = pages::Desk {
            engine: self.app.engine.clone(),
            clock: self.clock.clone(),
            inbox: self.inbox.clone(),
            folder: self.folder.clone(),
            address: self.inbox_at,
        };
        let serving = server::serve(
            inbox_listener,
            pages::router(Arc::new(desk)),
            Refusals::default(),
            Bounds::PAGES,
            self.stop.clone(),
        );
        self.helpers.spawn(serving);
        let (inbox, sink, stop) = (self.inbox.clone(), self.sink.clone(), self.stop.clone());
        self.helpers.spawn(async move {
            tokio::select! {
                () = inbox.follow(sink) => {}
                () = stop.cancelled() => {}
            }
        });
        let options = service::worker_options(&self.app);
        let worker = Worker::new(
            self.app.engine.clone(),
            post,
            options,
            metrics,
            self.stop.clone(),
        );
        self.tasks
            .spawn(async move { worker.run(Until::Stopped).await.map(drop) });
    }

    /// Waits until each of these invitations has its mail.
    ///
    /// # Errors
    /// One has none after a minute.
    pub async fn mailed(&self, invitations: &[InvitationId]) -> Result<(), DemoError> {
        let has_mail = |mails: &[Arc<Mail>], id: InvitationId| {
            mails
                .iter()
                .any(|mail| mail.notice.is_some_and(|notice| notice.invitation == id))
        };
        let all = |mails: &[Arc<Mail>]| invitations.iter().all(|id| has_mail(mails, *id));
        let what = "the mails with the invitations";
        self.inbox.wait(what, Duration::from_mins(1), all).await
    }

    /// Is cancelled when the process is told to end.
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs until the process is told to end.
    ///
    /// # Errors
    /// The worker ended by itself.
    pub async fn wait(&mut self) -> Result<(), DemoError> {
        tokio::select! {
            () = self.stop.cancelled() => Ok(()),
            Some(ended) = self.tasks.join_next() => match ended {
                Ok(Err(error)) => Err(error.into()),
                _ => Err(DemoError::Unexpected("the worker ended".to_owned())),
            },
        }
    }

    /// Ends all parts: what is in flight is finished, and the database closed.
    pub async fn end(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        while self.helpers.join_next().await.is_some() {}
        self.sink.stop().await;
        self.app.close().await;
    }
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// Listens on the port, or on a free one when it is taken.
async fn listen(
    port: u16,
    what: &str,
    remarks: &mut Vec<String>,
) -> Result<TcpListener, DemoError> {
    if let Ok(listener) = TcpListener::bind(loopback(port)).await {
        return Ok(listener);
    }
    let listener = TcpListener::bind(loopback(0))
        .await
        .map_err(DemoError::Port)?;
    let free = listener.local_addr().map_err(DemoError::Port)?.port();
    remarks.push(format!(
        "port {port} is taken; {what}: port {free} this time"
    ));
    Ok(listener)
}
