//! The customer's pages on a loopback listener, and a client that sends exactly what it is told to.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use axum::Router;
use countersign::domain::ids::InvitationId;
use countersign::domain::language::Language;
use countersign::domain::token::Purpose;
use countersign::storage;
use countersign::telemetry::Metrics;
use countersign::web::client::TrustedProxies;
use countersign::web::door::{Refusals, listen};
use countersign::web::server::{self, Bounds};
use countersign::web::{self, Site};
use countersign::workflow::link::LinkRow;
use countersign::workflow::{Engine, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::World;

/// What a person's browser says of itself over plain HTTP.
pub(crate) const BROWSER: [(&str, &str); 3] = [
    (
        "User-Agent",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
    ),
    ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("Accept-Language", "ko-KR,ko;q=0.9"),
];

/// The pages, served. They end when this is dropped.
pub(crate) struct Served {
    /// The engine behind the pages; its public URL is where they are.
    pub(crate) engine: Engine,
    pub(crate) metrics: Arc<Metrics>,
    /// Ends them as the end of the process does.
    pub(crate) stop: CancellationToken,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    /// The pages of a world, under the address that they listen on.
    pub(crate) async fn new(world: &World) -> anyhow::Result<Self> {
        Self::with(world, None, &[]).await
    }

    /// The same under another public URL, or behind trusted proxies.
    pub(crate) async fn with(
        world: &World,
        public_url: Option<&str>,
        proxies: &[&str],
    ) -> anyhow::Result<Self> {
        Self::set(world, public_url, Bounds::PAGES, |site| {
            let proxies = proxies.iter().map(|network| network.parse());
            site.proxies = TrustedProxies::new(proxies.collect::<Result<_, _>>()?);
            Ok(())
        })
        .await
    }

    /// The same with whatever else can be set about them.
    #[expect(
        clippy::unused_async,
        reason = "it starts a task: nobody shall call it without a runtime"
    )]
    pub(crate) async fn set(
        world: &World,
        public_url: Option<&str>,
        bounds: Bounds,
        set: impl FnOnce(&mut Site) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let listener = listen(([127, 0, 0, 1], 0).into())?;
        let address = listener.local_addr()?;
        let public_url = public_url.map_or_else(|| format!("http://{address}"), str::to_owned);
        let origin = public_url.parse()?;
        let engine = Engine {
            settings: Arc::new(Settings {
                public_url,
                ..(*world.engine.settings).clone()
            }),
            ..world.engine.clone()
        };
        let metrics = Arc::new(Metrics::new());
        let nobody = TrustedProxies::default();
        let mut site = Site::new(
            engine.clone(),
            metrics.clone(),
            origin,
            nobody,
            Language::en(),
        );
        set(&mut site)?;
        let stop = CancellationToken::new();
        let serving = web::serve(listener, Arc::new(site), bounds, stop.clone());
        Ok(Self {
            engine,
            metrics,
            stop,
            address,
            task: tokio::spawn(serving),
        })
    }

    /// Other routes than the pages', such as those of health.
    #[expect(
        clippy::unused_async,
        reason = "it starts a task: nobody shall call it without a runtime"
    )]
    pub(crate) async fn router(world: &World, routes: Router) -> anyhow::Result<Self> {
        let listener = listen(([127, 0, 0, 1], 0).into())?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let refusals = Refusals::default();
        let serving = server::serve(listener, routes, refusals, Bounds::ADMIN, stop.clone());
        Ok(Self {
            engine: world.engine.clone(),
            metrics: Arc::new(Metrics::new()),
            stop,
            address,
            task: tokio::spawn(serving),
        })
    }

    /// A connection, to say on it what no client of ours would.
    pub(crate) async fn connect(&self) -> anyhow::Result<TcpStream> {
        Ok(TcpStream::connect(self.address).await?)
    }

    /// Waits until they have ended by themselves.
    pub(crate) async fn ended(mut self) -> anyhow::Result<()> {
        Ok((&mut self.task).await?)
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The token of an invitation's current link.
    pub(crate) async fn token(&self, id: InvitationId, purpose: Purpose) -> anyhow::Result<String> {
        let mut conn = self.engine.db.read().await?;
        let recipient = storage::recipient::signer(&mut conn, id)
            .await?
            .context("a signer")?;
        Ok(self.engine.token(LinkRow::from(&recipient), purpose)?)
    }

    /// What an acceptance page's form carries for all that it says, read off the page that answers an empty form: no visit.
    pub(crate) async fn shown(&self, token: &str) -> anyhow::Result<String> {
        let page = self.post("/accept", &[("token", token)]).await?;
        Ok(page
            .field("shown")
            .context("no acceptance page")?
            .to_owned())
    }

    /// Opens a page as a person's browser does.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask("GET", path, &BROWSER, b"").await
    }

    /// Posts a form as a page of ours does.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Answer> {
        self.post_with(path, form, &[("Sec-Fetch-Site", "same-origin")])
            .await
    }

    /// Posts a form with these headers besides a browser's.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut all = BROWSER.to_vec();
        all.push(("Content-Type", "application/x-www-form-urlencoded"));
        all.extend(headers);
        self.ask("POST", path, &all, body.as_bytes()).await
    }

    /// Sends a request with these headers besides those that HTTP/1.1 asks for, on a connection of its own.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.address
        );
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if method == "POST" || !body.is_empty() {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Answer::parse(&bytes)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, in the order of the answer.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let end = bytes
            .windows(4)
            .position(|part| part == b"\r\n\r\n")
            .context("no head in the answer")?;
        let head = std::str::from_utf8(&bytes[..end]).context("the head is no UTF-8")?;
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .context("no status line")?
            .parse()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let answer = Self {
            status,
            headers,
            body: bytes[end + 4..].to_vec(),
        };
        ensure!(
            answer.header("transfer-encoding").is_none(),
            "this client reads whole answers only"
        );
        Ok(answer)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// What two answers to the same have in common: all but the moment, whatever the order of the headers.
    pub(crate) fn seen(&self) -> (u16, Vec<&(String, String)>, &[u8]) {
        let headers = self.headers.iter().filter(|(name, _)| name != "date");
        let mut headers: Vec<_> = headers.collect();
        headers.sort();
        (self.status, headers, &self.body)
    }

    /// The page without the marks that keep its dates together at the end of a line.
    pub(crate) fn plain(&self) -> String {
        let text = self.text().replace('\u{2060}', "");
        text.replace('\u{a0}', " ")
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("pages are UTF-8")
    }

    /// The `<h1>`, which every page has.
    pub(crate) fn heading(&self) -> &str {
        let (_, rest) = self.text().split_once("<h1").unwrap_or_default();
        let (_, rest) = rest.split_once('>').unwrap_or_default();
        rest.split('<').next().unwrap_or_default()
    }

    /// The values of an attribute, in the order of the page.
    pub(crate) fn attributes(&self, name: &str) -> Vec<&str> {
        let start = format!(" {name}=\"");
        let parts = self.text().split(&start).skip(1);
        parts.filter_map(|rest| rest.split('"').next()).collect()
    }

    /// The value of the first field of that name in a form.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let start = format!(" name=\"{name}\"");
        let tag = self.text().split('<').find(|tag| tag.contains(&start))?;
        let (_, value) = tag.split_once(" value=\"")?;
        value.split('"').next()
    }
}
