//! The bytes of a connection, in the clear or under TLS, and the replies cut out of them.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use smtp_proto::response::parser::ResponseReceiver;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::tls::Tls;
use super::wire;
use crate::domain::delivery::{Outcome, Reply, Stage};

/// Replies may hold this many octets in all.
const INPUT_LIMIT: usize = 64 * 1024;

/// What went wrong, before it is known in which phase.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server said no.
    Refused(Reply),
    /// The connection is of no more use.
    Gone(String),
    /// The server said nothing for this long.
    Silent(Duration),
}

impl Fault {
    pub(super) fn at(self, stage: Stage) -> Outcome {
        match self {
            Self::Refused(reply) => Outcome::Refused(stage, reply),
            Self::Gone(what) => Outcome::Lost(stage, what),
            Self::Silent(limit) => {
                Outcome::Lost(stage, format!("the server was silent for {limit:?}"))
            }
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Gone(format!("the connection failed: {error}"))
    }
}

/// Gives `future` at most `limit`.
pub(super) async fn within<T, E: Into<Fault>>(
    limit: Duration,
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, Fault> {
    match timeout(limit, future).await {
        Ok(result) => result.map_err(Into::into),
        Err(_) => Err(Fault::Silent(limit)),
    }
}

enum Io {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection as bytes, with what was read of it and not yet used.
pub(super) struct Stream {
    io: Io,
    input: Vec<u8>,
}

impl Stream {
    pub(super) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let tcp = TcpStream::connect(address).await?;
        // Nagle's algorithm waits for an acknowledgement between our writes: 40 ms a mail.
        tcp.set_nodelay(true)?;
        Ok(Self {
            io: Io::Plain(tcp),
            input: Vec::with_capacity(512),
        })
    }

    pub(super) const fn is_encrypted(&self) -> bool {
        matches!(self.io, Io::Tls(_))
    }

    pub(super) fn is_loopback(&self) -> bool {
        let tcp = match &self.io {
            Io::Plain(tcp) => tcp,
            Io::Tls(tls) => tls.get_ref().0,
        };
        tcp.peer_addr().is_ok_and(|peer| peer.ip().is_loopback())
    }

    /// Starts TLS. Bytes that came before it are no part of the protected conversation: an attacker may have put them there
    /// (CVE-2011-0411), so that any are an error.
    pub(super) async fn start_tls(self, tls: &Tls) -> Result<Self, Fault> {
        let Io::Plain(tcp) = self.io else {
            return Ok(self);
        };
        if !self.input.is_empty() {
            return Err(Fault::Gone(
                "the server sent data before TLS had started".to_owned(),
            ));
        }
        let stream = tls
            .connector
            .connect(tls.name.clone(), tcp)
            .await
            .map_err(|error| Fault::Gone(format!("the TLS handshake failed: {error}")))?;
        Ok(Self {
            io: Io::Tls(Box::new(stream)),
            input: self.input,
        })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.io {
            Io::Plain(tcp) => tcp.write_all(bytes).await,
            Io::Tls(tls) => {
                tls.write_all(bytes).await?;
                tls.flush().await
            }
        }
    }

    /// Whether nothing came and the server is still there. What comes unasked is a farewell (421, or the end).
    pub(super) fn is_quiet(&mut self) -> bool {
        let mut octet = [0];
        let mut buffer = ReadBuf::new(&mut octet);
        let mut context = Context::from_waker(Waker::noop());
        let read = match &mut self.io {
            Io::Plain(tcp) => Pin::new(tcp).poll_read(&mut context, &mut buffer),
            Io::Tls(tls) => Pin::new(tls.as_mut()).poll_read(&mut context, &mut buffer),
        };
        self.input.is_empty() && read.is_pending()
    }

    /// The next reply, with its bytes as they came.
    pub(super) async fn reply(&mut self) -> Result<(Reply, Vec<u8>), Fault> {
        let mut receiver = ResponseReceiver::default();
        let mut seen = 0;
        loop {
            let mut fresh = self.input[seen..].iter();
            match receiver.parse(&mut fresh) {
                Ok(response) => {
                    let used = self.input.len() - fresh.len();
                    let raw: Vec<u8> = self.input.drain(..used).collect();
                    let reply = wire::reply(&raw, &response);
                    return match reply.code {
                        200..=599 => Ok((reply, raw)),
                        _ => Err(no_smtp()),
                    };
                }
                Err(smtp_proto::Error::NeedsMoreData { .. }) if seen < INPUT_LIMIT => {
                    seen = self.input.len();
                }
                Err(_) => return Err(no_smtp()),
            }
            let read = match &mut self.io {
                Io::Plain(tcp) => tcp.read_buf(&mut self.input).await,
                Io::Tls(tls) => tls.read_buf(&mut self.input).await,
            };
            if read? == 0 {
                return Err(Fault::Gone("the server closed the connection".to_owned()));
            }
        }
    }
}

fn no_smtp() -> Fault {
    Fault::Gone("the server's answer is no SMTP".to_owned())
}
