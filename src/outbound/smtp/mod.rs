//! Handing mails to an SMTP server: one place to send, over connections that are kept and reused.

mod connection;
mod dial;
mod pool;
mod settings;
mod stream;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use smtp_proto::{EXT_PIPELINING, EXT_SMTP_UTF8};

use self::connection::{Connection, Envelope};
use self::dial::Dial;
use self::pool::Pool;
use self::stream::Fault;
use super::transport::Outgoing;
use super::url::SmtpServer;
use crate::domain::delivery::{Outcome, Stage};

pub use self::settings::{Options, SmtpConfigError, Timeouts};

/// A mail server and the connections to it. Cloning shares them.
#[derive(Clone)]
pub struct Smtp(Arc<Pool>);

/// What a server showed of itself to [`Smtp::check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one line of a report"
)]
pub struct Checked {
    /// The connection is under TLS.
    pub encrypted: bool,
    /// The server took our user and password; `false` where none is set.
    pub authenticated: bool,
    /// MAIL, RCPT and DATA go out together (RFC 2920).
    pub pipelining: bool,
    /// Addresses beyond ASCII can be served (RFC 6531).
    pub smtputf8: bool,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yes_or_no = |yes, what: [&'static str; 2]| if yes { what[0] } else { what[1] };
        write!(
            f,
            "{}, {}, {}, {}",
            yes_or_no(self.encrypted, ["TLS", "no TLS"]),
            yes_or_no(self.authenticated, ["signed in", "not signed in"]),
            yes_or_no(self.pipelining, ["PIPELINING", "no PIPELINING"]),
            yes_or_no(self.smtputf8, ["SMTPUTF8", "no SMTPUTF8"]),
        )
    }
}

impl Smtp {
    /// A transport to a server; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`SmtpConfigError`] names the setting and what to do.
    pub fn new(server: SmtpServer, options: &Options) -> Result<Self, SmtpConfigError> {
        Pool::new(Dial::new(server, options)?, options).map(Self)
    }

    /// Hands one mail over.
    ///
    /// `mark` runs after the 354 and before the first octet of the body; where it says `false` the connection is closed
    /// without the body. It runs at most once. Dropping the future at any point leaves no half-used connection behind; once
    /// `mark` has said `true`, whether the mail arrived is then unknown.
    pub async fn send<F, Fut>(&self, mail: Outgoing<'_>, mark: F) -> Outcome
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = bool> + Send,
    {
        let envelope = match Envelope::new(&mail) {
            Ok(envelope) => envelope,
            Err((stage, reply)) => return Outcome::Refused(stage, reply),
        };
        let permit = self.0.permit().await;
        let (mut connection, opened) = match self.ready_for(&envelope).await {
            Ok(ready) => ready,
            Err((stage, fault)) => return fault.at(stage),
        };
        if let Err((stage, fault)) = opened {
            self.0.park(connection, permit);
            return fault.at(stage);
        }
        if !mark().await {
            return Outcome::Fenced;
        }
        let result = connection.body(&envelope, &self.0.dial.limits).await;
        self.0.park(connection, permit);
        match result {
            Ok(reply) => Outcome::Accepted(reply),
            Err(fault) => fault.at(Stage::Body),
        }
    }

    /// A connection, and whether it awaits the body. A kept one that the server has given up since is replaced: it answered
    /// nothing, so nothing was done.
    async fn ready_for(
        &self,
        envelope: &Envelope,
    ) -> Result<(Connection, Result<(), (Stage, Fault)>), (Stage, Fault)> {
        if let Some(mut kept) = self.0.parked() {
            match kept.open_mail(envelope, &self.0.dial.limits).await {
                Err((Stage::MailFrom, Fault::Gone(_))) => {}
                Err((Stage::MailFrom, Fault::Refused(reply))) if reply.code == 421 => {}
                opened => return Ok((kept, opened)),
            }
        }
        let mut fresh = self.0.open().await?;
        let opened = fresh.open_mail(envelope, &self.0.dial.limits).await;
        Ok((fresh, opened))
    }

    /// Goes as far as AUTH on a connection of its own, then leaves.
    ///
    /// # Errors
    ///
    /// The [`Outcome`] says which stage failed and how.
    pub async fn check(&self) -> Result<Checked, Outcome> {
        let _permit = self.0.permit().await;
        let connection = self
            .0
            .open()
            .await
            .map_err(|(stage, fault)| fault.at(stage))?;
        let checked = Checked {
            encrypted: connection.stream.is_encrypted(),
            authenticated: self.0.dial.server.user.is_some(),
            pipelining: connection.offer.has(EXT_PIPELINING),
            smtputf8: connection.offer.has(EXT_SMTP_UTF8),
        };
        connection.quit(&self.0.dial.limits).await;
        Ok(checked)
    }

    /// How many connections were opened, or tried, since the start.
    pub fn connections_opened(&self) -> u64 {
        self.0.opened()
    }

    /// Ends the connections that are kept, each with QUIT; those in use end with their mail.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// Without user and password.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.0.dial.server;
        f.debug_struct("Smtp")
            .field("host", &server.host)
            .field("port", &server.port)
            .field("security", &server.security)
            .finish_non_exhaustive()
    }
}
