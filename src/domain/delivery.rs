//! What came of handing a mail to a server, and what follows from it.
//!
//! The transport reports an [`Outcome`]: how far it came and what was answered. [`judge`] decides, where the cause is still
//! known, whether the notice is done, waits, failed, or whether the fault is ours (RFC 5321 §4.2.1, RFC 3463).

use std::fmt;

/// An SMTP reply (RFC 5321 §4.2) with its enhanced status code where the server gave one (RFC 2034).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reply {
    /// The three digits, 200 to 599.
    pub code: u16,
    /// Class, subject and detail (RFC 3463 §2).
    pub enhanced: Option<(u16, u16, u16)>,
    /// The text, its lines joined by a blank, at most 500 characters, without control characters.
    pub text: String,
}

impl Reply {
    /// Whether the server may answer otherwise later (RFC 5321 §4.2.1: 4yz).
    pub const fn is_temporary(&self) -> bool {
        self.code >= 400 && self.code < 500
    }

    /// Whether the server says it will never answer otherwise (5yz).
    pub const fn is_permanent(&self) -> bool {
        self.code >= 500
    }

    /// Whether the reply is about policy towards us, the sender, rather than about the mailbox (RFC 3463 §3.8: X.7.x).
    pub const fn is_policy(&self) -> bool {
        matches!(self.enhanced, Some((_, 7, _)))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((class, subject, detail)) = self.enhanced {
            write!(f, " {class}.{subject}.{detail}")?;
        }
        write!(f, " {}", self.text)
    }
}

/// How far a conversation with a mail server came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// TCP, implicit TLS and the greeting.
    Connect,
    /// EHLO.
    Ehlo,
    /// STARTTLS and the handshake.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    MailFrom,
    /// RCPT TO.
    RcptTo,
    /// DATA, up to the 354.
    Data,
    /// The body and the reply to the final dot.
    Body,
}

impl Stage {
    /// The name in logs, metrics and the time line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Ehlo => "ehlo",
            Self::StartTls => "starttls",
            Self::Auth => "auth",
            Self::MailFrom => "mail_from",
            Self::RcptTo => "rcpt_to",
            Self::Data => "data",
            Self::Body => "body",
        }
    }
}

/// What came of one attempt to hand over a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took responsibility (2yz after the final dot).
    Accepted(Reply),
    /// The server said no.
    Refused(Stage, Reply),
    /// The connection failed, fell silent past its time limit, or spoke no SMTP; the text says which, without addresses.
    Lost(Stage, String),
    /// The lease was gone when the body was to be sent: the connection was closed without it.
    Fenced,
}

impl Outcome {
    /// At which stage it went wrong, if it did there.
    pub const fn stage(&self) -> Option<Stage> {
        match self {
            Self::Refused(stage, _) | Self::Lost(stage, _) => Some(*stage),
            Self::Accepted(_) | Self::Fenced => None,
        }
    }

    /// What the server said, or what went wrong.
    pub fn reply(&self) -> Option<String> {
        match self {
            Self::Accepted(reply) | Self::Refused(_, reply) => Some(reply.to_string()),
            Self::Lost(_, what) => Some(what.clone()),
            Self::Fenced => None,
        }
    }
}

/// What follows from an [`Outcome`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Handed over.
    Sent,
    /// Try again after the backoff.
    Retry,
    /// The body left and no reply came: it may have arrived. Try again with the same Message-ID, and count it (RFC 1047).
    Ambiguous,
    /// Never going to work for this notice: this recipient, or this mail, was refused for good.
    Failed,
    /// Our fault or the server's, not the notice's: pause the whole transport and tell the operator.
    Pause,
    /// Another worker owns the notice by now: nothing to write.
    Fenced,
}

/// What follows from an outcome.
///
/// * 2yz after the dot: sent.
/// * 4yz, or a connection lost before the body: again later.
/// * lost after the body began: ambiguous.
/// * 5yz after RCPT TO or the final dot: final for this notice, except for policy about us (X.7.z): that may be lifted, and
///   one domain's policy is no reason to stop the mail of the others.
/// * 5yz before RCPT TO, or a 4yz at AUTH, or no connection at all: the transport pauses, no notice fails.
pub fn judge(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Accepted(_) => Verdict::Sent,
        Outcome::Fenced => Verdict::Fenced,
        Outcome::Lost(Stage::Body, _) => Verdict::Ambiguous,
        Outcome::Lost(Stage::MailFrom | Stage::RcptTo | Stage::Data, _) => Verdict::Retry,
        Outcome::Lost(..) => Verdict::Pause,
        Outcome::Refused(stage, reply) => match stage {
            Stage::RcptTo | Stage::Data | Stage::Body
                if reply.is_temporary() || reply.is_policy() =>
            {
                Verdict::Retry
            }
            Stage::MailFrom if reply.is_temporary() => Verdict::Retry,
            Stage::RcptTo | Stage::Data | Stage::Body => Verdict::Failed,
            _ => Verdict::Pause,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, enhanced: Option<(u16, u16, u16)>) -> Reply {
        Reply {
            code,
            enhanced,
            text: String::new(),
        }
    }

    #[test]
    fn a_refusal_of_us_never_fails_a_notice() {
        for stage in [
            Stage::Connect,
            Stage::Ehlo,
            Stage::StartTls,
            Stage::Auth,
            Stage::MailFrom,
        ] {
            assert_eq!(
                judge(&Outcome::Refused(stage, reply(550, None))),
                Verdict::Pause,
                "{stage:?}"
            );
        }
        let policy = Outcome::Refused(Stage::RcptTo, reply(550, Some((5, 7, 1))));
        assert_eq!(judge(&policy), Verdict::Retry);
    }

    #[test]
    fn a_refusal_of_the_recipient_is_final_and_a_temporary_one_is_not() {
        let stages = [Stage::RcptTo, Stage::Data, Stage::Body];
        for stage in stages {
            assert_eq!(
                judge(&Outcome::Refused(stage, reply(550, Some((5, 1, 1))))),
                Verdict::Failed
            );
            assert_eq!(
                judge(&Outcome::Refused(stage, reply(451, Some((4, 7, 1))))),
                Verdict::Retry
            );
        }
    }

    #[test]
    fn only_a_body_that_left_is_ambiguous() {
        assert_eq!(
            judge(&Outcome::Lost(Stage::Body, String::new())),
            Verdict::Ambiguous
        );
        assert_eq!(
            judge(&Outcome::Lost(Stage::RcptTo, String::new())),
            Verdict::Retry
        );
        assert_eq!(
            judge(&Outcome::Lost(Stage::Connect, String::new())),
            Verdict::Pause
        );
    }
}
