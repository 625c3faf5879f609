//! The server's side of a conversation (RFC 5321), its grammar read by smtp-proto.

use std::borrow::Cow;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use smtp_proto::request::receiver::DataReceiver;
use smtp_proto::{
    AUTH_PLAIN, EXT_8BIT_MIME, EXT_AUTH, EXT_ENHANCED_STATUS_CODES, EXT_PIPELINING, EXT_SIZE,
    EXT_SMTP_UTF8, EXT_START_TLS, EhloResponse, Request,
};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::behaviour::Behaviour;
use super::{Received, Shared, SinkTls, lock};
use crate::domain::delivery::Stage;

/// Longer command lines are refused; parameters may add to the 512 of RFC 5321 §4.5.3.1.4.
const COMMAND_LIMIT: usize = 4_096;
/// The longest line of a mail, CRLF included (RFC 5321 §4.5.3.1.6).
const LINE_LIMIT: usize = 1_000;

/// Holds one conversation, in the clear or under TLS, to its end.
pub(super) async fn run(shared: &Shared, tcp: TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let tls = match &shared.options.tls {
        Some(SinkTls::Implicit(config)) => {
            let tls = TlsAcceptor::from(config.clone()).accept(tcp).await?;
            Session::new(shared, tls, true).greet().await?;
            return Ok(());
        }
        Some(SinkTls::Offered(config)) => Some(config.clone()),
        None => None,
    };
    let session = Session::new(shared, tcp, false);
    if let (Some(tcp), Some(config)) = (session.greet().await?, tls) {
        let tls = TlsAcceptor::from(config).accept(tcp).await?;
        Session::new(shared, tls, true).converse().await?;
    }
    Ok(())
}

/// What comes after a command.
enum Next {
    Command,
    /// Says what is left to say, and leaves.
    Close,
    /// Leaves without a word.
    Drop,
    StartTls,
}

struct Session<'a, S> {
    shared: &'a Shared,
    io: BufReader<S>,
    out: Vec<u8>,
    encrypted: bool,
    signed_in: bool,
    mail_from: Option<String>,
    rcpt_to: Vec<String>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Session<'a, S> {
    fn new(shared: &'a Shared, io: S, encrypted: bool) -> Self {
        Self {
            shared,
            io: BufReader::new(io),
            out: Vec::new(),
            encrypted,
            signed_in: shared.options.credentials.is_none(),
            mail_from: None,
            rcpt_to: Vec::new(),
        }
    }

    /// The greeting and all that follows; gives the connection back where TLS is to start on it.
    async fn greet(mut self) -> io::Result<Option<S>> {
        if self.shared.open.load(Ordering::SeqCst) > self.shared.options.max_connections {
            self.say("421 4.7.0 too many connections");
            return self.farewell().await.map(|()| None);
        }
        let greeting = format!("220 {} ESMTP", self.shared.options.hostname);
        match self.behave(Stage::Connect, &greeting).await? {
            Behaviour::Accept => self.converse().await,
            Behaviour::Reply(_) => self.farewell().await.map(|()| None),
            _ => Ok(None),
        }
    }

    async fn converse(mut self) -> io::Result<Option<S>> {
        loop {
            let Some(line) = self.line().await? else {
                return Ok(None);
            };
            let next = match Request::parse(&mut line.iter()) {
                Ok(request) => self.obey(request).await?,
                Err(error) => {
                    self.say(&format!("500 5.5.2 {error}"));
                    Next::Command
                }
            };
            match next {
                Next::Command => {}
                Next::Close => return self.farewell().await.map(|()| None),
                Next::Drop => return Ok(None),
                Next::StartTls => {
                    self.flush().await?;
                    // What came along in the clear is no part of the protected conversation.
                    let clean = self.io.buffer().is_empty();
                    return Ok(clean.then(|| self.io.into_inner()));
                }
            }
        }
    }

    async fn obey(&mut self, request: Request<Cow<'_, str>>) -> io::Result<Next> {
        let next = match request {
            Request::Ehlo { .. } => self.ehlo().await?,
            Request::Helo { .. } => self.step(Stage::Ehlo, "250 hello").await?,
            Request::StartTls if self.offers_starttls() => {
                match self.behave(Stage::StartTls, "220 2.0.0 go ahead").await? {
                    Behaviour::Accept => Next::StartTls,
                    other => after(&other),
                }
            }
            Request::Auth {
                mechanism: AUTH_PLAIN,
                initial_response,
            } if self.shared.options.credentials.is_some() => self.auth(&initial_response).await?,
            Request::Mail { .. } if !self.signed_in => self.no("530 5.7.0 sign in first"),
            Request::Mail { .. } if self.mail_from.is_some() => self.no("503 5.5.1 nested MAIL"),
            Request::Mail { from } => {
                let behaviour = self.behave(Stage::MailFrom, "250 2.1.0 ok").await?;
                if behaviour == Behaviour::Accept {
                    self.mail_from = Some(from.address.into_owned());
                }
                after(&behaviour)
            }
            Request::Rcpt { .. } if self.mail_from.is_none() => self.no("503 5.5.1 MAIL first"),
            Request::Rcpt { to } => self.rcpt(to.address.into_owned()).await?,
            Request::Data if self.rcpt_to.is_empty() => self.no("503 5.5.1 no valid recipients"),
            Request::Data => match self.behave(Stage::Data, "354 go ahead").await? {
                Behaviour::Accept => self.body().await?,
                other => after(&other),
            },
            Request::Rset => {
                self.reset();
                self.no("250 2.0.0 ok")
            }
            Request::Noop { .. } => self.no("250 2.0.0 ok"),
            Request::Quit => {
                self.say("221 2.0.0 bye");
                Next::Close
            }
            _ => self.no("502 5.5.1 not implemented"),
        };
        Ok(next)
    }

    async fn ehlo(&mut self) -> io::Result<Next> {
        self.reset();
        let options = &self.shared.options;
        let mut answer = EhloResponse::new(options.hostname.as_str());
        answer.capabilities = EXT_8BIT_MIME | EXT_ENHANCED_STATUS_CODES | EXT_SIZE;
        answer.size = options.max_mail;
        for (offered, capability) in [
            (options.pipelining, EXT_PIPELINING),
            (options.smtputf8, EXT_SMTP_UTF8),
            (self.offers_starttls(), EXT_START_TLS),
            (options.credentials.is_some(), EXT_AUTH),
        ] {
            if offered {
                answer.capabilities |= capability;
            }
        }
        answer.auth_mechanisms = AUTH_PLAIN;
        let mut text = Vec::new();
        answer.write(&mut text)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        self.step(Stage::Ehlo, text.trim_end()).await
    }

    fn offers_starttls(&self) -> bool {
        !self.encrypted && matches!(self.shared.options.tls, Some(SinkTls::Offered(_)))
    }

    async fn auth(&mut self, initial_response: &str) -> io::Result<Next> {
        let mut response = initial_response.to_owned();
        if response.is_empty() {
            self.say("334 ");
            let Some(line) = self.line().await? else {
                return Ok(Next::Drop);
            };
            String::from_utf8_lossy(&line)
                .trim_end()
                .clone_into(&mut response);
        }
        let expected = self.shared.options.credentials.as_ref();
        let good = expected.is_some_and(|(user, password)| {
            let plain = format!("\0{user}\0{}", password.expose_secret());
            STANDARD
                .decode(response)
                .is_ok_and(|given| given == plain.as_bytes())
        });
        if !good {
            return Ok(self.no("535 5.7.8 wrong user or password"));
        }
        self.signed_in = true;
        self.step(Stage::Auth, "235 2.7.0 welcome").await
    }

    async fn rcpt(&mut self, address: String) -> io::Result<Next> {
        if self.rcpt_to.len() >= 100 {
            return Ok(self.no("452 4.5.3 too many recipients"));
        }
        self.rcpt_to.push(address);
        let behaviour = self.behave(Stage::RcptTo, "250 2.1.5 ok").await?;
        if behaviour != Behaviour::Accept {
            self.rcpt_to.pop();
        }
        Ok(after(&behaviour))
    }

    /// Reads the mail and answers the final dot.
    async fn body(&mut self) -> io::Result<Next> {
        let Some(bytes) = self.data().await? else {
            return Ok(Next::Drop);
        };
        if bytes.len() > self.shared.options.max_mail {
            self.reset();
            return Ok(self.no("552 5.3.4 the mail is too large"));
        }
        if let Err(what) = check_lines(&bytes) {
            // Commands hidden behind a bare line end may follow: nothing more is read.
            self.say(&format!("521 5.5.2 {what}"));
            return Ok(Next::Close);
        }
        let mail = Received {
            mail_from: self.mail_from.clone().unwrap_or_default(),
            rcpt_to: self.rcpt_to.clone(),
            bytes,
            at: self.shared.clock.now(),
            encrypted: self.encrypted,
        };
        let behaviour = self.behave(Stage::Body, "250 2.0.0 kept").await?;
        if matches!(behaviour, Behaviour::Accept | Behaviour::KeepAndDrop) {
            self.shared.keep(mail);
        }
        self.reset();
        Ok(after(&behaviour))
    }

    /// All up to the final dot; one octet more than allowed stands for any number more.
    async fn data(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.flush().await?;
        let limit = self.shared.options.max_mail;
        let mut receiver = DataReceiver::new();
        // It knows a dot by the line end before it: that of the DATA command.
        receiver.ingest(&mut b"\r\n".iter(), &mut Vec::new());
        let (mut bytes, mut too_large) = (Vec::new(), false);
        loop {
            let chunk = timeout(self.shared.options.idle, self.io.fill_buf()).await??;
            if chunk.is_empty() {
                return Ok(None);
            }
            let mut rest = chunk.iter();
            let done = receiver.ingest(&mut rest, &mut bytes);
            let used = chunk.len() - rest.len();
            self.io.consume(used);
            too_large |= bytes.len() > limit;
            if too_large {
                bytes.truncate(1);
            }
            if done {
                if too_large {
                    bytes.resize(limit + 1, 0);
                }
                return Ok(Some(bytes));
            }
        }
    }

    /// Answers, unless told otherwise, with `good`.
    async fn step(&mut self, stage: Stage, good: &str) -> io::Result<Next> {
        Ok(after(&self.behave(stage, good).await?))
    }

    /// Does what the rules say of this stage: [`Behaviour::Accept`] comes back where `good` was said.
    async fn behave(&mut self, stage: Stage, good: &str) -> io::Result<Behaviour> {
        let domains: Vec<String> = self
            .rcpt_to
            .iter()
            .filter_map(|address| address.rsplit_once('@'))
            .map(|(_, domain)| domain.to_ascii_lowercase())
            .collect();
        let mut behaviour = lock(&self.shared.rules).of(&domains, stage);
        match &behaviour {
            Behaviour::Accept => {}
            Behaviour::Slow(time) => {
                let time = *time;
                self.flush().await?;
                sleep(time).await;
                behaviour = Behaviour::Accept;
            }
            Behaviour::Hang => {
                self.flush().await?;
                // Until the client leaves; what it says goes nowhere.
                tokio::io::copy_buf(&mut self.io, &mut tokio::io::sink()).await?;
            }
            Behaviour::Reply(text) => {
                let text = text.clone();
                self.say(&text);
            }
            Behaviour::Drop | Behaviour::KeepAndDrop => self.flush().await?,
        }
        if behaviour == Behaviour::Accept {
            self.say(good);
        }
        Ok(behaviour)
    }

    fn say(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn no(&mut self, text: &str) -> Next {
        self.say(text);
        Next::Command
    }

    fn reset(&mut self) {
        self.mail_from = None;
        self.rcpt_to.clear();
    }

    /// Ends our side and reads on for a moment: closing over unread input would take back what was said last.
    async fn farewell(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.io.get_mut().shutdown().await?;
        let mut nowhere = tokio::io::sink();
        let rest = tokio::io::copy_buf(&mut self.io, &mut nowhere);
        let _ = timeout(Duration::from_secs(1), rest).await;
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        let stream = self.io.get_mut();
        stream.write_all(&out).await?;
        stream.flush().await
    }

    /// The next command line with its CRLF; `None` at the end, or where what came is no line.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        // The answers to commands that came together leave together.
        if self.io.buffer().is_empty() {
            self.flush().await?;
        }
        let mut line = Vec::new();
        let limit = u64::try_from(COMMAND_LIMIT).unwrap_or(u64::MAX);
        let mut limited = (&mut self.io).take(limit);
        let read = limited.read_until(b'\n', &mut line);
        timeout(self.shared.options.idle, read).await??;
        if line.is_empty() {
            return Ok(None);
        }
        let body = line.strip_suffix(b"\r\n");
        if body.is_none_or(|body| body.contains(&b'\r')) {
            self.say("500 5.5.2 no line: too long, or a bare CR or LF");
            return self.farewell().await.map(|()| None);
        }
        Ok(Some(line))
    }
}

const fn after(behaviour: &Behaviour) -> Next {
    match behaviour {
        Behaviour::Accept | Behaviour::Reply(_) | Behaviour::Slow(_) => Next::Command,
        Behaviour::Hang | Behaviour::Drop | Behaviour::KeepAndDrop => Next::Drop,
    }
}

/// No line too long, no bare CR or LF (RFC 5321 §2.3.8): servers disagree on what such a line is, and mails are smuggled
/// through the difference.
fn check_lines(bytes: &[u8]) -> Result<(), &'static str> {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let inner = line.strip_suffix(b"\r\n").ok_or("bare LF")?;
        if inner.contains(&b'\r') {
            return Err("bare CR");
        }
        if line.len() > LINE_LIMIT {
            return Err("a line is too long");
        }
    }
    Ok(())
}
