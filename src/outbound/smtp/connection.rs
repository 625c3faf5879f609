//! One connection to a mail server and the conversation over it (RFC 5321, pipelined by RFC 2920).
//!
//! Written by hand rather than on lettre's connection, which tells neither the greeting from EHLO nor a refusal's full
//! text, fails on replies that are not UTF-8 (after the final dot that would mean a second mail), keeps what was read
//! before STARTTLS, and writes body and final dot apart. The commands are lettre's, the replies are read by smtp-proto.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use smtp_proto::{AUTH_PLAIN, EXT_8BIT_MIME, EXT_PIPELINING, EXT_SMTP_UTF8, EhloResponse};

use super::settings::Timeouts;
use super::stream::{Fault, Stream, within};
use super::wire;
use crate::domain::delivery::{Reply, Stage};
use crate::outbound::transport::Outgoing;

/// How long an answer is waited for that may lie there already, once a write has failed.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// One mail as it goes over the wire.
pub(super) struct Envelope {
    sender: Option<Address>,
    recipient: Address,
    /// The body with its final dot.
    body: Vec<u8>,
    needs_smtputf8: bool,
    needs_8bit: bool,
}

impl Envelope {
    /// Checks what could break the conversation, and refuses it as a server would.
    pub(super) fn new(mail: &Outgoing<'_>) -> Result<Self, (Stage, Reply)> {
        let sender = match mail.mail_from {
            "" => None,
            text => Some(address(text).ok_or_else(|| {
                let text = "the envelope sender is no mail address";
                (Stage::MailFrom, local(553, (5, 1, 7), text))
            })?),
        };
        let recipient = address(mail.rcpt_to).ok_or_else(|| {
            let text = "the recipient is no mail address";
            (Stage::RcptTo, local(553, (5, 1, 3), text))
        })?;
        let body = wire::stuffed(mail.bytes).ok_or_else(|| {
            let text = "the mail holds a bare CR or LF";
            (Stage::Data, local(554, (5, 6, 0), text))
        })?;
        Ok(Self {
            needs_smtputf8: mail.needs_smtputf8
                || !mail.rcpt_to.is_ascii()
                || !mail.mail_from.is_ascii(),
            needs_8bit: !mail.bytes.is_ascii(),
            sender,
            recipient,
            body,
        })
    }
}

/// An address for a command. Whatever lettre would let through in a quoted local part, no control character goes out.
fn address(text: &str) -> Option<Address> {
    if text.chars().any(char::is_control) {
        return None;
    }
    text.parse().ok()
}

/// A refusal of our own, in the words of a server.
fn local(code: u16, enhanced: (u16, u16, u16), text: &str) -> Reply {
    Reply {
        code,
        enhanced: Some(enhanced),
        text: text.to_owned(),
    }
}

/// What a server offers after EHLO, in the bits of smtp-proto.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    extensions: u32,
    mechanisms: u64,
}

impl Offer {
    pub(super) const fn has(self, extension: u32) -> bool {
        self.extensions & extension != 0
    }
}

/// A connection between two phases of a conversation.
pub(super) struct Connection {
    pub(super) stream: Stream,
    pub(super) offer: Offer,
    /// A transaction was begun and not seen through: RSET comes first.
    dirty: bool,
    /// No command may follow.
    broken: bool,
    /// How many transactions it has seen.
    pub(super) mails: u32,
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            offer: Offer::default(),
            dirty: false,
            broken: false,
            mails: 0,
        }
    }

    /// Whether another mail may go over it.
    pub(super) const fn is_usable(&self) -> bool {
        !self.broken
    }

    /// The next reply, whatever it says, unless it never comes.
    async fn answer(&mut self, limit: Duration) -> Result<Reply, Fault> {
        let reply = within(limit, self.stream.reply()).await;
        // 421: the server closes the connection (RFC 5321 §3.8).
        self.broken |= !matches!(&reply, Ok((reply, _)) if reply.code != 421);
        reply.map(|(reply, _)| reply)
    }

    /// The next reply, which has to be 2yz.
    pub(super) async fn consent(&mut self, limit: Duration) -> Result<Reply, Fault> {
        let reply = self.answer(limit).await?;
        match reply.code {
            200..=299 => Ok(reply),
            400.. => Err(Fault::Refused(reply)),
            code => Err(self.out_of_turn(code)),
        }
    }

    fn out_of_turn(&mut self, code: u16) -> Fault {
        self.broken = true;
        Fault::Gone(format!("the server answered {code} out of turn"))
    }

    /// Writes, and where that fails takes a refusal that the server may have left behind.
    async fn write(&mut self, limit: Duration, bytes: &[u8]) -> Result<(), Fault> {
        let Err(fault) = within(limit, self.stream.write(bytes)).await else {
            return Ok(());
        };
        self.broken = true;
        if let Fault::Gone(_) = fault
            && let Ok((reply, _)) = within(LAST_WORDS, self.stream.reply()).await
            && reply.code >= 400
        {
            return Err(Fault::Refused(reply));
        }
        Err(fault)
    }

    pub(super) async fn command(
        &mut self,
        limit: Duration,
        command: impl ToString,
    ) -> Result<Reply, Fault> {
        self.write(limit, command.to_string().as_bytes()).await?;
        self.consent(limit).await
    }

    /// EHLO, and what the server offers.
    pub(super) async fn ehlo(&mut self, limit: Duration, name: &ClientId) -> Result<(), Fault> {
        let command = Ehlo::new(name.clone()).to_string();
        self.write(limit, command.as_bytes()).await?;
        let (reply, raw) = within(limit, self.stream.reply()).await?;
        if reply.code >= 400 {
            return Err(Fault::Refused(reply));
        }
        let offer = EhloResponse::parse(&mut raw.iter())
            .map_err(|error| Fault::Gone(format!("the answer to EHLO is no SMTP: {error}")))?;
        self.offer = Offer {
            extensions: offer.capabilities,
            mechanisms: offer.auth_mechanisms,
        };
        Ok(())
    }

    /// AUTH PLAIN (RFC 4616), never over a network in the clear.
    pub(super) async fn auth(
        &mut self,
        limit: Duration,
        credentials: Credentials,
    ) -> Result<(), Fault> {
        if !self.stream.is_encrypted() && !self.stream.is_loopback() {
            return Err(Fault::Gone(
                "the password is not sent in the clear, and the server offers no TLS".to_owned(),
            ));
        }
        if self.offer.mechanisms & AUTH_PLAIN == 0 {
            return Err(Fault::Gone(
                "the server does not offer AUTH PLAIN".to_owned(),
            ));
        }
        let command = Auth::new(Mechanism::Plain, credentials, None)
            .map_err(|error| Fault::Gone(format!("AUTH PLAIN is not possible: {error}")))?;
        self.command(limit, command).await?;
        Ok(())
    }

    /// MAIL, RCPT and DATA, in one write where the server bears it, up to the 354.
    ///
    /// On `Err` the mail has certainly not been sent. The connection may still be usable.
    pub(super) async fn open_mail(
        &mut self,
        mail: &Envelope,
        limits: &Timeouts,
    ) -> Result<(), (Stage, Fault)> {
        let parameters = self.parameters(mail)?;
        let commands = [
            (
                Stage::MailFrom,
                Mail::new(mail.sender.clone(), parameters).to_string(),
                limits.mail,
            ),
            (
                Stage::RcptTo,
                Rcpt::new(mail.recipient.clone(), Vec::new()).to_string(),
                limits.rcpt,
            ),
            (Stage::Data, Data.to_string(), limits.data),
        ];
        self.mails = self.mails.saturating_add(1);
        let unclean = std::mem::replace(&mut self.dirty, true);
        let reset = if unclean {
            Rset.to_string()
        } else {
            String::new()
        };
        let pipelining = self.offer.has(EXT_PIPELINING);
        let first = if pipelining {
            let all = commands.iter().map(|(_, text, _)| text.as_str());
            reset + &all.collect::<String>()
        } else {
            reset
        };
        let begun = async {
            self.write(limits.mail, first.as_bytes()).await?;
            if unclean {
                self.reset(limits.mail).await?;
            }
            Ok(())
        };
        begun.await.map_err(|fault| (Stage::MailFrom, fault))?;

        let mut refusal = None;
        for (stage, command, limit) in commands {
            if !pipelining {
                if refusal.is_some() {
                    break;
                }
                let sent = self.write(limit, command.as_bytes()).await;
                sent.map_err(|fault| (stage, fault))?;
            }
            let reply = self.answer(limit).await.map_err(|fault| (stage, fault))?;
            match (stage, reply.code) {
                (Stage::Data, 354) if refusal.is_none() => return Ok(()),
                (Stage::Data, 354) => self.take_back(limits, refusal.as_ref()).await,
                (_, 400..) => refusal = refusal.or(Some((stage, reply))),
                (Stage::MailFrom | Stage::RcptTo, 200..=299) => {}
                (_, code) => return Err((stage, self.out_of_turn(code))),
            }
            if self.broken {
                break;
            }
        }
        match refusal {
            Some((stage, reply)) => Err((stage, Fault::Refused(reply))),
            None => Err((Stage::Data, self.out_of_turn(250))),
        }
    }

    /// The answer to RSET. A server that refuses it is of no more use, and that says nothing of the mail.
    async fn reset(&mut self, limit: Duration) -> Result<(), Fault> {
        match self.consent(limit).await {
            Err(Fault::Refused(reply)) => Err(self.out_of_turn(reply.code)),
            other => other.map(drop),
        }
    }

    /// A server may say 354 although it refused the only recipient: a lone dot then ends a mail to nobody (RFC 2920 §3.1).
    /// If it refused the sender and still waits for a body, it is not to be trusted with one.
    async fn take_back(&mut self, limits: &Timeouts, refusal: Option<&(Stage, Reply)>) {
        let to_nobody = matches!(refusal, Some((Stage::RcptTo, _)));
        if !to_nobody || self.write(limits.data, b".\r\n").await.is_err() {
            self.broken = true;
            return;
        }
        // Whatever it says, there was no recipient; `answer` notes whether the connection stands.
        let _ = self.answer(limits.data).await;
    }

    fn parameters(&self, mail: &Envelope) -> Result<Vec<MailParameter>, (Stage, Fault)> {
        let mut parameters = Vec::new();
        if mail.needs_smtputf8 {
            if !self.offer.has(EXT_SMTP_UTF8) {
                // RFC 6531 §3.5.
                let text = "the server does not offer SMTPUTF8, which this address needs";
                let reply = local(553, (5, 6, 7), text);
                return Err((Stage::RcptTo, Fault::Refused(reply)));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if mail.needs_8bit {
            if !self.offer.has(EXT_8BIT_MIME) {
                // RFC 6152 §3.
                let text = "the server does not offer 8BITMIME, which this mail needs";
                let reply = local(554, (5, 6, 3), text);
                return Err((Stage::Data, Fault::Refused(reply)));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    /// The body and the final dot in one write, and the answer to them.
    pub(super) async fn body(
        &mut self,
        mail: &Envelope,
        limits: &Timeouts,
    ) -> Result<Reply, Fault> {
        self.write(limits.body, &mail.body).await?;
        let reply = self.consent(limits.end).await?;
        self.dirty = false;
        Ok(reply)
    }

    /// Says goodbye and does not mind the answer.
    pub(super) async fn quit(mut self, limits: &Timeouts) {
        if self.is_usable() {
            let _ = self.command(limits.quit, Quit).await;
        }
    }
}
