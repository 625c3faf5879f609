//! Serving connections, within bounds: no client holds one for longer than a person needs.
//!
//! A head has to arrive within seconds, which also ends a kept connection that asks nothing more; an answer has to be taken;
//! and a connection has an age at which it is closed after the request that it is in. So however slowly somebody sends, a place
//! becomes free again, and whoever waits in the kernel's queue gets it. The body of a form has its own bound
//! ([`super::Patience`]), because only a handler can answer with a page (408).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::door::{Connection, Refusals};

/// What a connection may hold of an unread head or body. An address of 86,000 bytes gets its page still (see `door`).
const READ_AHEAD: usize = 128 * 1024;

/// How much a listener bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How long a request's head may take to arrive, from when the connection is there or its last answer has left.
    pub head: Duration,
    /// How long a client may take nothing of an answer.
    pub answer: Duration,
    /// How old a connection becomes; the request that it is then in is answered.
    pub age: Duration,
    /// How long that request may take, also when the service ends.
    pub grace: Duration,
    /// How many connections there are at once; more wait in the kernel's queue.
    pub connections: usize,
}

impl Bounds {
    /// Those of the pages. A process is commonly allowed 1,024 open files: half of them leaves the database, the mail and the
    /// operator's listener theirs, and a page takes milliseconds.
    pub const PAGES: Self = Self {
        head: Duration::from_secs(10),
        answer: Duration::from_secs(30),
        age: Duration::from_mins(5),
        grace: Duration::from_secs(20),
        connections: 512,
    };

    /// Those of the operator's listener, which few ask, and which the pages' visitors do not reach.
    pub const ADMIN: Self = Self {
        connections: 64,
        ..Self::PAGES
    };
}

/// Serves `routes` until `stop`; then idle connections are closed, and requests in flight have [`Bounds::grace`] to finish.
pub async fn serve(
    mut listener: TcpListener,
    routes: Router,
    refusals: Refusals,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let refusals = Arc::new(refusals);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .max_buf_size(READ_AHEAD);
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = open.join_next() => {}
            // It goes on after errors by itself, such as too many open files.
            (stream, client) = Listener::accept(&mut listener), if open.len() < bounds.connections => {
                let stream = Connection::new(stream, refusals.clone(), bounds.answer);
                open.spawn(attend(stream, client, routes.clone(), http.clone(), bounds, stop.clone()));
            }
        }
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// One connection, from its first byte to its end.
async fn attend(
    stream: Connection,
    client: SocketAddr,
    routes: Router,
    http: http1::Builder,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(client));
        routes.clone().oneshot(request)
    });
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    // What goes wrong on a connection is the client's affair: it went away, was too slow, or does not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => {}
        () = tokio::time::sleep(bounds.age) => {}
    }
    connection.as_mut().graceful_shutdown();
    if tokio::time::timeout(bounds.grace, connection)
        .await
        .is_err()
        && stop.is_cancelled()
    {
        tracing::warn!("a request did not finish in time");
    }
}
