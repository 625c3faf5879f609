//! Our pages on a loopback listener, and a client that keeps its connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use countersign::domain::language::Language;
use countersign::telemetry::Metrics;
use countersign::web::client::TrustedProxies;
use countersign::web::door::listen;
use countersign::web::server::Bounds;
use countersign::web::{Site, serve};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::world::World;

/// The pages, served as `serve` does; they end when this is dropped.
pub(crate) struct Served {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    pub(crate) fn new(world: &World) -> anyhow::Result<Self> {
        let listener = listen(([127, 0, 0, 1], 0).into())?;
        let address = listener.local_addr()?;
        let site = Site::new(
            world.engine.clone(),
            Arc::new(Metrics::new()),
            format!("http://{address}").parse()?,
            TrustedProxies::new(vec!["127.0.0.1/32".parse()?]),
            Language::ko(),
        );
        let serving = serve(
            listener,
            Arc::new(site),
            Bounds::PAGES,
            CancellationToken::new(),
        );
        let task = tokio::spawn(serving);
        Ok(Self { address, task })
    }

    /// A request for a page; the front page, `/`, asks no database.
    pub(crate) fn get(&self, path: &str, customer: usize) -> String {
        format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers(customer))
    }

    /// A page.
    pub(crate) async fn page(&self, path: &str, customer: usize) -> anyhow::Result<String> {
        let request = self.get(path, customer);
        let mut stream = BufReader::new(TcpStream::connect(self.address).await?);
        Ok(String::from_utf8(ask(&mut stream, &request).await?)?)
    }

    /// A form as a page of ours posts it.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)], customer: usize) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        format!(
            "POST {path} HTTP/1.1\r\n{}Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.headers(customer),
            body.len()
        )
    }

    /// Each customer comes from a network of its own, through a proxy: else the limit of one network would be measured.
    fn headers(&self, customer: usize) -> String {
        format!(
            "Host: {}\r\nUser-Agent: bench\r\nX-Forwarded-For: 10.{}.{}.1\r\n",
            self.address,
            customer / 256 % 256,
            customer % 256
        )
    }

    /// Sends the requests over `connections` that are kept; returns how many a second were answered.
    pub(crate) async fn ask_all(
        &self,
        requests: Vec<String>,
        connections: usize,
    ) -> anyhow::Result<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let count = requests.len() as f64;
        let mut shares = vec![Vec::new(); connections];
        for (index, request) in requests.into_iter().enumerate() {
            shares[index % connections].push(request);
        }
        let mut clients = Vec::with_capacity(connections);
        for share in shares {
            clients.push((
                BufReader::new(TcpStream::connect(self.address).await?),
                share,
            ));
        }
        let mut tasks = JoinSet::new();
        let start = Instant::now();
        for (mut stream, share) in clients {
            tasks.spawn(async move {
                for request in share {
                    ask(&mut stream, &request).await?;
                }
                Ok::<_, anyhow::Error>(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(count / start.elapsed().as_secs_f64())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Asks once and reads the whole answer, which has to be a good one; returns its body.
async fn ask(stream: &mut BufReader<TcpStream>, request: &str) -> anyhow::Result<Vec<u8>> {
    stream.write_all(request.as_bytes()).await?;
    let mut length = 0;
    let mut status = String::new();
    stream.read_line(&mut status).await?;
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().context("Content-Length")?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    ensure!(
        status.starts_with("HTTP/1.1 200") || status.starts_with("HTTP/1.1 303"),
        "{status}{}",
        String::from_utf8_lossy(&body)
    );
    Ok(body)
}
