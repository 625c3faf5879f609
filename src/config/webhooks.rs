//! The section `[webhooks]`.

use std::path::PathBuf;

use ipnet::IpNet;

use super::error::{is_path, within};
use super::{Invalid, values};
use crate::domain::time::DAY;
use crate::domain::webhook::Rules;

/// Calls of partners' endpoints that tell what happens.
#[derive(Clone, Debug, confique::Config)]
pub struct Webhooks {
    /// How many calls one worker makes at once, 1 to 500. They take no connection of the mails.
    #[config(env = "COUNTERSIGN_WEBHOOKS_CONCURRENT_CALLS", default = 16)]
    pub concurrent_calls: u32,

    /// How many calls to one host and port may be under way at once, over all workers, 1 to 100.
    #[config(env = "COUNTERSIGN_WEBHOOKS_HOST_IN_FLIGHT", default = 4)]
    pub host_in_flight: u32,

    /// How many seconds one call may take, from the look-up of the name to the end of the answer, 1 to 30.
    #[config(env = "COUNTERSIGN_WEBHOOKS_TIMEOUT_SECONDS", default = 10)]
    pub timeout_seconds: u64,

    /// For how many days a call is tried, 1 to 14.
    #[config(env = "COUNTERSIGN_WEBHOOKS_GIVE_UP_DAYS", default = 3)]
    pub give_up_days: u32,

    /// After how many days of failures, without one success, an endpoint is switched off and its partner told, 1 to 60.
    #[config(env = "COUNTERSIGN_WEBHOOKS_SWITCH_OFF_DAYS", default = 5)]
    pub switch_off_days: u32,

    /// How many endpoints one partner may have, 1 to 1000.
    #[config(env = "COUNTERSIGN_WEBHOOKS_ENDPOINTS", default = 20)]
    pub endpoints: u32,

    /// Networks that are called although the internet does not reach them, as `["10.1.0.0/16"]`; in the environment with commas
    /// between. Every other private, loopback, link-local or reserved address is refused, whatever name leads to it: a partner
    /// names the URL, and would otherwise reach what only this machine can.
    #[config(
        env = "COUNTERSIGN_WEBHOOKS_ALLOWED_NETWORKS",
        default = [],
        deserialize_with = values::networks
    )]
    pub allowed_networks: Vec<IpNet>,

    /// Whether `http://` is called, too: for tests, and where a network of your own ends TLS. Calls are signed, and not secret
    /// then.
    #[config(env = "COUNTERSIGN_WEBHOOKS_ALLOW_HTTP", default = false)]
    pub allow_http: bool,

    /// A PEM file of certificate authorities that endpoints may have besides those of the system.
    #[config(env = "COUNTERSIGN_WEBHOOKS_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

impl Webhooks {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        within("webhooks.concurrent_calls", self.concurrent_calls, 1..=500)?;
        within("webhooks.host_in_flight", self.host_in_flight, 1..=100)?;
        within("webhooks.timeout_seconds", self.timeout_seconds, 1..=30)?;
        within("webhooks.give_up_days", self.give_up_days, 1..=14)?;
        within("webhooks.switch_off_days", self.switch_off_days, 1..=60)?;
        within("webhooks.endpoints", self.endpoints, 1..=1_000)?;
        match &self.ca_file {
            Some(path) => is_path("webhooks.ca_file", path),
            None => Ok(()),
        }
    }

    /// The same as rules.
    pub fn rules(&self) -> Rules {
        Rules {
            allow_http: self.allow_http,
            allowed_networks: self.allowed_networks.clone(),
            give_up_after: i64::from(self.give_up_days) * DAY,
            switch_off_after: i64::from(self.switch_off_days) * DAY,
            endpoints: usize::try_from(self.endpoints).unwrap_or(usize::MAX),
        }
    }
}
