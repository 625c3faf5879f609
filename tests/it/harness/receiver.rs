//! An endpoint of a partner, on a free port: it writes down what it is called with, and answers as it is told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use countersign::domain::time::Timestamp;
use countersign::domain::webhook::{Rules, Secret, Signatures};
use countersign::outbound::webhook::{Client, Options};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::World;

/// A call that came in.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) path: String,
    headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Called {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether one of the signatures is that of the secret.
    pub(crate) fn is_signed_by(&self, secret: &Secret) -> bool {
        let seconds: i64 = self.header("webhook-timestamp").parse().unwrap();
        let at = Timestamp::from_micros(seconds * 1_000_000);
        let secret = std::slice::from_ref(secret);
        let expected = Signatures::new(self.id().to_owned(), at, &self.body, secret).signature;
        self.header("webhook-signature")
            .split(' ')
            .any(|it| it == expected)
    }
}

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// With this status, and these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// Not before so much time has passed, and then with 200.
    Slow(Duration),
    /// Not at all, and it ends the connection after it has read the call.
    HangsUp,
}

#[derive(Clone)]
struct Inner {
    manner: Arc<Mutex<Manner>>,
    calls: Arc<Mutex<Vec<Called>>>,
}

/// The endpoint. It ends with the case.
pub(crate) struct Receiver {
    address: SocketAddr,
    inner: Inner,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(inner): State<Inner>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let told = |name: &HeaderName| headers[name].to_str().unwrap_or_default().to_owned();
    inner.calls.lock().unwrap().push(Called {
        path: uri.to_string(),
        headers: headers
            .keys()
            .map(|name| (name.to_string(), told(name)))
            .collect(),
        body: body.to_vec(),
    });
    let manner = inner.manner.lock().unwrap().clone();
    match manner {
        Manner::Status(status, extra) => {
            let status = StatusCode::from_u16(status).unwrap();
            let mut response = (status, "as told").into_response();
            for (name, value) in extra {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
        Manner::Slow(time) => {
            tokio::time::sleep(time).await;
            "late".into_response()
        }
        Manner::HangsUp => panic!("the connection ends here"),
    }
}

impl Receiver {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let inner = Inner {
            manner: Arc::new(Mutex::new(Manner::Status(200, Vec::new()))),
            calls: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.ok();
        });
        Ok(Self {
            address,
            inner,
            task,
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn answers(&self, manner: Manner) {
        *self.inner.manner.lock().unwrap() = manner;
    }

    pub(crate) fn answers_with(&self, status: u16) {
        self.answers(Manner::Status(status, Vec::new()));
    }

    /// What it was called with since the last time that this was asked.
    pub(crate) fn take(&self) -> Vec<Called> {
        std::mem::take(&mut self.inner.calls.lock().unwrap())
    }

    pub(crate) fn count(&self) -> usize {
        self.inner.calls.lock().unwrap().len()
    }
}

/// What lets a case call itself.
pub(crate) fn rules() -> Rules {
    Rules {
        allow_http: true,
        allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
        ..Rules::default()
    }
}

/// How a case calls: the same, and it waits less long.
pub(crate) fn client_options() -> Options {
    Options {
        timeout: Duration::from_secs(2),
        allowed_networks: rules().allowed_networks,
        ..Options::default()
    }
}

impl World {
    /// Lets the engine take endpoints of this machine.
    pub(crate) fn allow_loopback(&mut self) {
        let mut settings = (*self.engine.settings).clone();
        settings.webhooks = rules();
        self.engine.settings = Arc::new(settings);
    }
}

/// Calls what stands in the rules.
pub(crate) fn client() -> anyhow::Result<Client> {
    Ok(Client::new(&client_options())?)
}
