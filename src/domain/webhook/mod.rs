//! Webhooks: what a partner's endpoint may be, how a call is signed, when it is tried again, and when an endpoint is switched
//! off.
//!
//! The form is that of Standard Webhooks 1.0 (standardwebhooks.com), so that a partner verifies our calls with a library that
//! is there already.

mod address;
mod health;
mod secret;
mod subscription;
mod url;
mod vault;
mod verdict;

pub use address::{Forbidden, forbidden};
pub use health::{Cause, Change, after};
pub use secret::{Secret, SecretError, Signatures};
pub use subscription::Subscription;
pub use url::{EndpointUrl, UrlError};
pub use vault::{Sealed, Vault, VaultError};
pub use verdict::{Answer, Outcome, Trial, decide};

use ipnet::IpNet;

use super::time::{DAY, HOUR};
use super::words::words;

words! {
    /// Whether an endpoint is called.
    EndpointState, "state of a webhook endpoint" {
        /// It is.
        Enabled = "enabled",
        /// The partner, or an operator, disabled it.
        Disabled = "disabled",
        /// It failed for days, or said that it is gone.
        SwitchedOff = "switched_off",
    }
}

/// What the installation allows and how long it is patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether `http://` is an endpoint, too: for tests, and for networks of one's own.
    pub allow_http: bool,
    /// Networks that are called although the internet does not reach them.
    pub allowed_networks: Vec<IpNet>,
    /// For how long a call is tried, in microseconds from its first failure.
    pub give_up_after: i64,
    /// After how long without a success, and with failures, an endpoint is switched off, in microseconds.
    pub switch_off_after: i64,
    /// At most so many endpoints a partner.
    pub endpoints: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            allow_http: false,
            allowed_networks: Vec::new(),
            give_up_after: 3 * DAY,
            switch_off_after: 5 * DAY,
            endpoints: 20,
        }
    }
}

/// For how long the secret before is good after a rotation, in microseconds, unless something else is asked for.
pub const OVERLAP: i64 = 24 * HOUR;
/// The longest overlap, in microseconds.
pub const LONGEST_OVERLAP: i64 = 7 * DAY;
