//! The labels of metrics: closed sets, so that no person and no link can become one.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

use crate::storage;

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$case_doc])* $case,)*
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
                EncodeLabelValue::encode(&match self { $(Self::$case => $text,)* }, encoder)
            }
        }
    )*};
}

labels! {
    /// What became of a claimed notice.
    Settlement {
        /// The server took it.
        Sent = "sent",
        /// It is tried again later.
        Retried = "retried",
        /// It will never work for this notice.
        Failed = "failed",
        /// It may have arrived; it is tried again. Counted by the worker that sent it, or, after that one's death, by the one
        /// that finds it.
        Ambiguous = "ambiguous",
        /// A dead letter: given up after days, no mail could be made of it, or it ended too many workers.
        Dead = "dead",
        /// No longer relevant: not sent.
        Cancelled = "cancelled",
        /// Given back untouched: the worker ended, the server refuses us, or another worker owned it by then.
        Released = "released",
    }

    /// What came of a webhook call.
    CallResult {
        /// 2xx.
        Taken = "2xx",
        /// 1xx or 3xx: no redirect is followed.
        Redirected = "3xx",
        /// 4xx.
        Refused = "4xx",
        /// 5xx.
        Failed = "5xx",
        /// No connection, no TLS, or an address that is not called.
        Unreached = "unreached",
        /// It left, and no answer came.
        Lost = "lost",
        /// It did not leave: another worker owned it by then.
        Fenced = "fenced",
    }

    /// How a mail server, or the way to it, said no.
    RefusalClass {
        /// 4yz.
        Temporary = "temporary",
        /// 5yz.
        Permanent = "permanent",
        /// The connection failed or fell silent.
        Lost = "lost",
    }

    /// How the renewal of a lease ended.
    Renewal {
        /// It holds on.
        Renewed = "renewed",
        /// It was gone.
        Lost = "lost",
    }

    /// What became of an invitation.
    Answer {
        /// The customer accepted.
        Accepted = "accepted",
        /// The customer declined.
        Declined = "declined",
        /// Nobody answered in time.
        Expired = "expired",
    }

    /// Why a link opened nothing.
    TokenFault {
        /// Forged or malformed; told without the database.
        Invalid = "invalid",
        /// Genuine, and past its end.
        Expired = "expired",
        /// Genuine, and its row says no: used, revoked, or replaced by a newer one.
        Refused = "refused",
    }

    /// What the database did not do.
    DatabaseFault {
        /// It cannot be reached, the connection broke, or none came free in time.
        Unavailable = "unavailable",
        /// It answers that something stayed locked, or that it takes no more connections.
        Busy = "busy",
        /// It cannot write: the disk is full or failing, the file is read-only or replaced, or the server is a standby.
        Storage = "storage",
        /// Anything else.
        Other = "other",
    }
}

impl From<&storage::Error> for DatabaseFault {
    fn from(error: &storage::Error) -> Self {
        match error {
            storage::Error::Away(_) | storage::Error::ShuttingDown => Self::Unavailable,
            storage::Error::Busy(_) => Self::Busy,
            storage::Error::Unwritable(_) | storage::Error::Replaced => Self::Storage,
            storage::Error::Url
            | storage::Error::Duplicate(_)
            | storage::Error::Schema(_)
            | storage::Error::Unreadable(_)
            | storage::Error::Refused(_) => Self::Other,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByKind {
    pub(super) kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct BySettlement {
    pub(super) kind: &'static str,
    pub(super) result: Settlement,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByCallResult {
    pub(super) result: CallResult,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByStage {
    pub(super) stage: &'static str,
    pub(super) class: RefusalClass,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByState {
    pub(super) state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByRenewal {
    pub(super) result: Renewal,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByAnswer {
    pub(super) answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByTokenFault {
    pub(super) reason: TokenFault,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByDatabaseFault {
    pub(super) reason: DatabaseFault,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByRoute {
    pub(super) route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByRouteAndStatus {
    pub(super) route: String,
    pub(super) status: &'static str,
}

impl CallResult {
    /// By the status of an answer.
    pub const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            400..=499 => Self::Refused,
            500..=599 => Self::Failed,
            _ => Self::Redirected,
        }
    }
}
