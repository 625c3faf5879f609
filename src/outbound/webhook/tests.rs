//! The client against real sockets: what it says, what it bears, and where it does not go.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::domain::webhook::{Rules, Secret};

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// A server that answers each connection with these bytes, then ends it; or says nothing, where there are none.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<u8>>>,
}

async fn serve(at: &str, reply: Option<&'static [u8]>) -> Server {
    let listener = TcpListener::bind(at).await.unwrap();
    let server = Server {
        address: listener.local_addr().unwrap(),
        connections: Arc::default(),
        heard: Arc::default(),
    };
    let (connections, heard) = (server.connections.clone(), server.heard.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::SeqCst);
            let heard = heard.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                let read = stream.read(&mut buffer).await.unwrap_or(0);
                heard.lock().unwrap().extend_from_slice(&buffer[..read]);
                match reply {
                    Some(reply) => {
                        stream.write_all(reply).await.ok();
                    }
                    None => tokio::time::sleep(Duration::from_mins(1)).await,
                }
            });
        }
    });
    server
}

fn options(allowed: &[&str]) -> Options {
    Options {
        timeout: Duration::from_millis(500),
        allowed_networks: allowed.iter().map(|it| it.parse().unwrap()).collect(),
        ..Options::default()
    }
}

fn client(allowed: &[&str]) -> Client {
    Client::new(&options(allowed)).unwrap()
}

fn request(url: &str) -> Request {
    let rules = Rules {
        allow_http: true,
        allowed_networks: vec![
            "0.0.0.0/1".parse().unwrap(),
            "128.0.0.0/1".parse().unwrap(),
            "::/1".parse().unwrap(),
        ],
        ..Rules::default()
    };
    let body = br#"{"type":"x"}"#.to_vec();
    let secret = Secret::fresh(&mut rand::rng());
    Request {
        url: EndpointUrl::parse(url, &rules).unwrap(),
        signatures: Signatures::new("evt_1".to_owned(), NOW, &body, &[secret]),
        body,
    }
}

async fn call(client: &Client, url: &str) -> Outcome {
    client.call(&request(url), NOW, async { true }).await
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine";

#[tokio::test]
async fn a_call_is_a_signed_post_of_json() {
    let server = serve("127.0.0.1:0", Some(OK)).await;
    let outcome = call(
        &client(&["127.0.0.1/32"]),
        &format!("http://{}/a?b=c", server.address),
    )
    .await;
    let Outcome::Answered(answer) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (answer.status, &*answer.text, answer.retry_after),
        (200, "fine", None)
    );
    let request = server.heard.lock().unwrap().clone();
    let request = String::from_utf8(request).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /a?b=c http/1.1\r\n"), "{head}");
    for line in [
        "webhook-id: evt_1",
        "webhook-timestamp: 1795000000",
        "webhook-signature: v1,",
        "content-type: application/json",
        "user-agent: countersign/",
    ] {
        assert!(head.contains(&format!("\r\n{line}")), "{line}: {head}");
    }
    assert_eq!(body, r#"{"type":"x"}"#);
}

#[tokio::test]
async fn what_may_not_leave_does_not_even_connect() {
    let server = serve("127.0.0.1:0", Some(OK)).await;
    let request = request(&format!("http://{}/", server.address));
    let outcome = client(&["127.0.0.1/32"])
        .call(&request, NOW, async { false })
        .await;
    assert_eq!(outcome, Outcome::Fenced);
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_address_in_the_url_is_checked_though_no_resolver_is_asked() {
    let server = serve("127.0.0.1:0", Some(OK)).await;
    let port = server.address.port();
    let client = client(&["10.0.0.0/8"]);
    for host in [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
        "127.1",
        "0.0.0.0",
        "169.254.169.254",
    ] {
        let outcome = call(&client, &format!("http://{host}:{port}/")).await;
        assert!(
            matches!(&outcome, Outcome::Unreached(why) if why.contains("not called from here")),
            "{host}: {outcome:?}"
        );
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_is_refused_when_any_of_its_addresses_is() {
    let server = serve("127.0.0.1:0", Some(OK)).await;
    let port = server.address.port();
    let told = |addresses: &[&str]| {
        let addresses: Vec<IpAddr> = addresses.iter().map(|it| it.parse().unwrap()).collect();
        let names = Names::Told(Arc::new(move |_| addresses.clone()));
        Client::new(&Options {
            names,
            ..options(&["127.0.0.1/32"])
        })
        .unwrap()
    };
    let url = format!("http://hooks.example:{port}/");
    for addresses in [
        &["10.0.0.1"][..],
        &["127.0.0.1", "10.0.0.1"],
        &["127.0.0.1", "::1"],
        &["::ffff:10.0.0.1"],
        &["64:ff9b::a9fe:a9fe"],
        &["fd00:ec2::254"],
    ] {
        let outcome = call(&told(addresses), &url).await;
        assert!(
            matches!(&outcome, Outcome::Unreached(why) if why.contains("not called from here")),
            "{addresses:?}: {outcome:?}"
        );
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 0);
    let outcome = call(&told(&["127.0.0.1"]), &url).await;
    assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
    let outcome = call(&told(&[]), &url).await;
    assert!(matches!(outcome, Outcome::Unreached(_)), "{outcome:?}");
}

/// A name that had a good address when it was looked at and has another one for the connection: each connection resolves
/// once, and connects to what was judged.
#[tokio::test]
async fn a_name_that_is_bound_anew_reaches_nothing() {
    let good = serve("127.0.0.1:0", Some(OK)).await;
    let port = good.address.port();
    // The same port on an address that is not allowed.
    let bad = serve(&format!("127.0.0.2:{port}"), Some(OK)).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let names = Names::Told(Arc::new(move |_| {
        let is_first = count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        let last = if is_first { 1 } else { 2 };
        vec![IpAddr::from([127, 0, 0, last])]
    }));
    let client = Client::new(&Options {
        names,
        ..options(&["127.0.0.1/32"])
    })
    .unwrap();
    let url = format!("http://hooks.example:{port}/");
    for round in 1..=3 {
        let outcome = call(&client, &url).await;
        assert!(matches!(outcome, Outcome::Answered(_)), "{outcome:?}");
        let outcome = call(&client, &url).await;
        assert!(matches!(outcome, Outcome::Unreached(_)), "{outcome:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 2 * round, "once a connection");
    }
    assert_eq!(
        good.connections.load(Ordering::SeqCst),
        3,
        "no connection is used twice"
    );
    assert_eq!(bad.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let target = serve("127.0.0.1:0", Some(OK)).await;
    let location = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
        target.address
    );
    let server = serve("127.0.0.1:0", Some(location.leak().as_bytes())).await;
    let outcome = call(
        &client(&["127.0.0.0/8"]),
        &format!("http://{}/", server.address),
    )
    .await;
    assert!(
        matches!(&outcome, Outcome::Answered(answer) if answer.status == 307),
        "{outcome:?}"
    );
    assert_eq!(target.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn silence_is_lost_and_a_closed_port_was_not_reached() {
    let silent = serve("127.0.0.1:0", None).await;
    let client = client(&["127.0.0.0/8"]);
    let started = std::time::Instant::now();
    let outcome = call(&client, &format!("http://{}/", silent.address)).await;
    assert!(
        matches!(&outcome, Outcome::Lost(why) if why.contains("no answer")),
        "{outcome:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(5));
    let hangs_up = serve("127.0.0.1:0", Some(b"")).await;
    let outcome = call(&client, &format!("http://{}/", hangs_up.address)).await;
    assert!(
        matches!(&outcome, Outcome::Lost(why) if why.contains("lost")),
        "{outcome:?}"
    );
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let outcome = call(&client, &format!("http://127.0.0.1:{port}/")).await;
    assert!(
        matches!(&outcome, Outcome::Unreached(why) if why.contains("refused")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_answer_without_end_is_cut_and_its_status_stands() {
    let mut long =
        b"HTTP/1.1 503 Busy\r\nretry-after: 30\r\ncontent-length: 99999999\r\n\r\n".to_vec();
    long.extend(std::iter::repeat_n(b'x', 4 * 1024 * 1024));
    let server = serve("127.0.0.1:0", Some(long.leak())).await;
    let outcome = call(
        &client(&["127.0.0.0/8"]),
        &format!("http://{}/", server.address),
    )
    .await;
    let Outcome::Answered(answer) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!((answer.status, answer.retry_after), (503, Some(30_000_000)));
    assert!(answer.text.len() <= 200);
    // One whose body never comes.
    let server = serve(
        "127.0.0.1:0",
        Some(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"),
    )
    .await;
    let outcome = call(
        &client(&["127.0.0.0/8"]),
        &format!("http://{}/", server.address),
    )
    .await;
    assert!(
        matches!(&outcome, Outcome::Answered(answer) if answer.status == 200),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_certificate_of_nobody_is_refused() {
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
    let chain: Vec<_> = CertificateDer::pem_file_iter(fixtures.join("server.pem"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_file(fixtures.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let Ok(1..) = stream.read(&mut [0; 4096]).await else {
                continue;
            };
            stream.write_all(OK).await.ok();
            stream.shutdown().await.ok();
        }
    });
    let url = format!("https://localhost:{port}/");
    let allowed = options(&["127.0.0.0/8", "::1/128"]);
    let outcome = call(&Client::new(&allowed).unwrap(), &url).await;
    assert!(
        matches!(&outcome, Outcome::Unreached(why) if why.contains("TLS")),
        "{outcome:?}"
    );
    let trusting = Options {
        ca_file: Some(fixtures.join("ca.pem")),
        ..allowed
    };
    let outcome = call(&Client::new(&trusting).unwrap(), &url).await;
    assert!(
        matches!(&outcome, Outcome::Answered(answer) if answer.status == 200),
        "{outcome:?}"
    );
    // The right authority for another name.
    let names = Names::Told(Arc::new(|_| vec![IpAddr::from([127, 0, 0, 1])]));
    let elsewhere = Client::new(&Options { names, ..trusting }).unwrap();
    let outcome = call(&elsewhere, &format!("https://hooks.example:{port}/")).await;
    assert!(
        matches!(&outcome, Outcome::Unreached(why) if why.contains("TLS")),
        "{outcome:?}"
    );
}
