//! The listener of the pages: what stands before HTTP itself.
//!
//! Two things happen there that no handler sees. A thousand customers may knock at once, so the kernel's queue is long. And
//! the HTTP library answers an address of more than 65,534 bytes by itself, with an empty 414 that carries none of our
//! headers; a mangled link shall get the page of every mangled link. So that answer is replaced as it is written.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tower::ServiceExt as _;

/// How many connections may wait to be taken; the kernel's own limit may be lower.
const WAITING: u32 = 4096;
/// A link that is none, for whose page the library's refusal is exchanged.
const NO_LINK: &str = "/a/-";

/// Listens on `address`, with room for a burst of connections.
///
/// # Errors
/// The address cannot be had.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restarted service shall not wait for the connections of the one before it to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// A listener whose too-long addresses get a page.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    page: Arc<Page>,
}

/// A page in the form of HTTP/1.1 (RFC 9112), but for its `Date`.
#[derive(Debug)]
struct Page {
    head: String,
    body: Vec<u8>,
}

impl Door {
    /// The door of `routes`, whose page for a link that is none it learns first.
    pub async fn new(listener: TcpListener, routes: &Router) -> Self {
        let page = Arc::new(Page::of(routes.clone()).await);
        Self { listener, page }
    }
}

impl Page {
    async fn of(routes: Router) -> Self {
        let request = Request::get(NO_LINK).body(Body::empty());
        let Ok(answer) = routes.oneshot(request.unwrap_or_default()).await;
        let (parts, body) = answer.into_parts();
        let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", parts.status);
        for (name, value) in &parts.headers {
            // Values of ours are ASCII.
            let value = value.to_str().unwrap_or_default();
            head.extend([name.as_str(), ": ", value, "\r\n"]);
        }
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        Self {
            head,
            body: body.into(),
        }
    }

    /// The page in place of `refusal`, whose date it takes over.
    fn instead_of(&self, refusal: &[u8]) -> Vec<u8> {
        let refusal = String::from_utf8_lossy(refusal);
        let date = refusal
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("date:"))
            .map_or_else(String::new, |date| format!("{date}\r\n"));
        let mut bytes = format!("{}{date}\r\n", self.head).into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Whether the library wrote this: a 414 without a body, which nothing of ours answers with.
fn is_refusal(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.")
        && bytes.get(8..13) == Some(b" 414 ")
        && bytes.ends_with(b"\r\n\r\n")
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // A page leaves in one piece; nothing is gained by waiting for more.
        stream.set_nodelay(true).ok();
        let connection = Connection {
            stream,
            page: self.page.clone(),
            instead: None,
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    page: Arc<Page>,
    /// What is written in place of a refusal, and how much of it has left.
    instead: Option<(Vec<u8>, usize)>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

/// Not vectored: head and body come in one piece then, which `is_refusal` looks at.
impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.instead.is_none() && is_refusal(buf) {
            this.instead = Some((this.page.instead_of(buf), 0));
        }
        let Some((page, left)) = &mut this.instead else {
            return Pin::new(&mut this.stream).poll_write(cx, buf);
        };
        while *left < page.len() {
            match ready!(Pin::new(&mut this.stream).poll_write(cx, &page[*left..]))? {
                0 => return Poll::Ready(Ok(0)),
                written => *left += written,
            }
        }
        this.instead = None;
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_librarys_own_refusal_is_replaced() {
        for refusal in [
            "HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n",
            "HTTP/1.0 414 URI Too Long\r\n\r\n",
        ] {
            assert!(is_refusal(refusal.as_bytes()));
        }
        for other in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 414 ",
            "414 \r\n\r\n",
            "",
        ] {
            assert!(!is_refusal(other.as_bytes()));
        }
    }

    #[tokio::test]
    async fn the_page_comes_with_its_headers_and_the_date_of_the_refusal() {
        let routes = Router::new().fallback(|| async { ([("x-a", "b")], "the page") });
        let page = Page::of(routes).await;
        let bytes = page.instead_of(b"HTTP/1.1 414 URI Too Long\r\ndate: today\r\n\r\n");
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("HTTP/1.1 200 OK\r\nconnection: close\r\n"),
            "{head}"
        );
        for line in ["x-a: b", "content-length: 8", "date: today"] {
            assert!(head.lines().any(|found| found == line), "{head}");
        }
        assert_eq!(body, "the page");
    }
}
