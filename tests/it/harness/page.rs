//! A small web server for the cases that show what the harness itself can do.

use std::net::SocketAddr;

use axum::{Router, http::header, routing::get};
use tokio::{net::TcpListener, task::JoinHandle};

/// Pages on a free port of 127.0.0.1. It ends when it is dropped.
pub(crate) struct Pages {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Pages {
    /// Serves each `(path, HTML)`, with the Content-Security-Policy given.
    ///
    /// # Errors
    /// When no port can be had.
    pub(crate) async fn serve(
        policy: &'static str,
        pages: &[(&str, &'static str)],
    ) -> anyhow::Result<Self> {
        let headers = move || {
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, policy),
            ]
        };
        let router = pages.iter().fold(Router::new(), |router, (path, html)| {
            let html = *html;
            router.route(path, get(move || async move { (headers(), html) }))
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // It ends with the runtime, and has no other way to fail.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, task })
    }

    /// The address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.task.abort();
    }
}
