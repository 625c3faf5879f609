//! The door of the pages: what stands before HTTP itself.
//!
//! Three things happen there that no handler sees. A thousand customers may knock at once, so the kernel's queue is long. The
//! HTTP library answers by itself, empty and without any of our headers, what it cannot read: an address of more than 65,534
//! bytes (414), headers that are too large or too many (431), and what is no HTTP (400). A mangled link shall get the page of
//! every mangled link, a search of many words the page of every search that is too long, and the others a page that says so;
//! hence those answers are replaced as they are written, in the reader's language where the request came as far as to say
//! it. And a client that takes nothing of what it asked for is left.

mod heard;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_LANGUAGE;
use axum::response::Response;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Sleep, sleep};

use crate::domain::language::Language;
use heard::Heard;

/// How many connections may wait to be taken; the kernel's own limit may be lower.
const WAITING: u32 = 4096;
/// The library's own answers are shorter.
const LONGEST_REFUSAL: usize = 256;

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

/// The pages that are shown in place of the HTTP library's own refusals; by default none, and those leave as they are.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Vec<Refused>);

/// A page, and in place of what it is shown.
#[derive(Clone, Debug)]
struct Refused {
    status: StatusCode,
    /// Where the path begins that was asked for.
    path: &'static str,
    language: Option<Language>,
    page: Page,
}

/// A page in the form of HTTP/1.1 (RFC 9112), but for its `Date`.
#[derive(Clone, Debug)]
struct Page {
    head: String,
    body: Vec<u8>,
}

impl Refusals {
    /// Shows `page` wherever the library refuses a request for a path that begins so with `status`, which is 400, 414 or 431.
    ///
    /// Of several such pages, that of the longest path is shown, in its reader's language, else the one that was named first.
    #[must_use]
    pub async fn with(mut self, status: StatusCode, path: &'static str, page: Response) -> Self {
        let language = page.headers().get(CONTENT_LANGUAGE);
        let language = language.and_then(|tag| tag.to_str().ok()?.parse().ok());
        self.0.push(Refused {
            status,
            path,
            language,
            page: Page::of(page).await,
        });
        self
    }

    /// What is written in place of `bytes`, if the library wrote them.
    fn instead_of(&self, bytes: &[u8], heard: &Heard) -> Option<Vec<u8>> {
        let status = refusal(bytes)?;
        let fits = |it: &&Refused| it.status == status && heard.asks_for(it.path);
        let longest = self.0.iter().filter(fits).map(|it| it.path.len()).max();
        let fits = |it: &&Refused| fits(it) && Some(it.path.len()) == longest;
        let wanted = heard.language();
        let spoken = |it: &&Refused| wanted.is_some() && it.language == wanted;
        let found = (self.0.iter().filter(fits).find(spoken)).or_else(|| self.0.iter().find(fits));
        Some(found?.page.instead_of(bytes))
    }
}

impl Page {
    async fn of(answer: Response) -> Self {
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let mut head = format!(
            "HTTP/1.1 {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            parts.status,
            body.len()
        );
        let others = parts.headers.iter();
        for (name, value) in others.filter(|(name, _)| *name != "content-length") {
            // Values of ours are ASCII.
            let value = value.to_str().unwrap_or_default();
            head.extend([name.as_str(), ": ", value, "\r\n"]);
        }
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

/// The status with which the library refused, if it wrote this: a whole head that says `content-length: 0`, which nothing of
/// ours says with one of those statuses, and nothing else beside it. A refusal that shares its write with an answer before it
/// is not found, and leaves empty.
fn refusal(bytes: &[u8]) -> Option<StatusCode> {
    if bytes.len() > LONGEST_REFUSAL {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let is_whole = text.find("\r\n\r\n").is_some_and(|at| at + 4 == text.len());
    let status = text.strip_prefix("HTTP/1.")?.get(1..5)?;
    let is_empty = text.contains("\r\ncontent-length: 0\r\n");
    let status = status.strip_prefix(' ')?.parse().ok()?;
    let is_known = [
        StatusCode::BAD_REQUEST,
        StatusCode::URI_TOO_LONG,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    ]
    .contains(&status);
    (is_whole && is_empty && is_known).then_some(status)
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    refusals: Arc<Refusals>,
    heard: Heard,
    /// What is written in place of a refusal, and how much of it has left.
    instead: Option<(Vec<u8>, usize)>,
    /// How long the client may take nothing.
    patience: Duration,
    /// Runs while it takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, refusals: Arc<Refusals>, patience: Duration) -> Self {
        // A page leaves in one piece; nothing is gained by waiting for more.
        stream.set_nodelay(true).ok();
        Self {
            stream,
            refusals,
            heard: Heard::default(),
            instead: None,
            patience,
            stalled: None,
        }
    }

    /// Writes, or says that the client has taken nothing for too long.
    fn poll_send(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        stalled
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.heard.more(&buf.filled()[before..]);
        read
    }
}

/// Not vectored: head and body come in one piece then, which `refusal` looks at.
impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            let page = self.refusals.instead_of(buf, &self.heard);
            self.instead = page.map(|page| (page, 0));
        }
        self.heard.over();
        let Some((page, mut left)) = self.instead.take() else {
            return self.poll_send(cx, buf);
        };
        while left < page.len() {
            match self.poll_send(cx, &page[left..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(0)),
                Poll::Ready(Ok(written)) => left += written,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.instead = Some((page, left));
                    return Poll::Pending;
                }
            }
        }
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
    use axum::response::IntoResponse as _;

    #[test]
    fn only_the_librarys_own_refusals_are_known() {
        for (status, text) in [
            (
                414,
                "HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n",
            ),
            (400, "HTTP/1.0 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
            (
                431,
                "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n",
            ),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(refusal(text.as_bytes()), Some(status));
        }
        let long = "x".repeat(LONGEST_REFUSAL);
        for other in [
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            // A page of ours, asked for by HEAD.
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 812\r\n\r\n",
            // A page of ours that ends as a head does, and one that follows another.
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n<p>\r\n\r\n",
            &format!("HTTP/1.1 400 Bad Request\r\nx: {long}\r\ncontent-length: 0\r\n\r\n"),
            "HTTP/1.1 414 ",
            "414 \r\n\r\n",
            "",
        ] {
            assert_eq!(refusal(other.as_bytes()), None, "{other:?}");
        }
    }

    fn refused(status: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\ndate: today\r\n\r\n").into_bytes()
    }

    #[tokio::test]
    async fn a_refusal_is_shown_for_what_was_asked_in_the_language_of_the_reader() {
        let page = |text: &'static str| ([(CONTENT_LANGUAGE, &text[..2])], text).into_response();
        let too_long = StatusCode::URI_TOO_LONG;
        let mut refusals = Refusals::default();
        for (path, text) in [
            ("", "ko: a link"),
            ("", "en: a link"),
            ("/find", "ko: a search"),
            ("/find", "en: a search"),
        ] {
            refusals = refusals.with(too_long, path, page(text)).await;
        }
        let long = "a".repeat(70_000);
        for (start, languages, text) in [
            ("/a/", "en-US", "en: a link"),
            ("/find?q=", "en", "en: a search"),
            ("/find?q=", "ko,en;q=0.1", "ko: a search"),
            ("/find?q=", "tlh", "ko: a search"),
        ] {
            let mut heard = Heard::default();
            let request =
                format!("GET {start}{long} HTTP/1.1\r\nAccept-Language: {languages}\r\n\r\n");
            heard.more(request.as_bytes());
            let written = refusals.instead_of(&refused("414 URI Too Long"), &heard);
            let written = String::from_utf8(written.unwrap()).unwrap();
            assert!(written.ends_with(text), "{start} {languages}: {written}");
        }
    }

    #[tokio::test]
    async fn the_page_comes_with_its_headers_and_the_date_of_the_refusal() {
        let page = ([("x-a", "b")], "the page").into_response();
        let refusals = Refusals::default()
            .with(StatusCode::URI_TOO_LONG, "", page)
            .await;
        let nothing = Heard::default();
        let refusal = |status| refusals.instead_of(&refused(status), &nothing);
        assert_eq!(refusal("400 Bad Request"), None);
        let bytes = refusal("414 URI Too Long").unwrap();
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
