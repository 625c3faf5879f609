//! Settings that are more than a text or a number.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

/// A text, or several: in the environment with commas between.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
pub(super) enum Texts {
    One(String),
    Several(Vec<String>),
}

/// Reads the name of a time zone of the IANA database.
pub(super) fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name).map_err(|_| {
        serde::de::Error::custom("use a name of the IANA database, such as Asia/Seoul or UTC")
    })
}

/// Reads networks of IP addresses: a list, or a text with commas between. An address alone is a network of one, and networks
/// of IPv4 that are mapped into IPv6 become such of IPv4, as addresses are compared in their canonical form.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let several = match Texts::deserialize(deserializer)? {
        Texts::One(text) => text.split(',').map(str::to_owned).collect(),
        Texts::Several(several) => several,
    };
    let read = |(at, text): (usize, &String)| {
        network(text.trim()).map_err(|problem| {
            let number = at + 1;
            serde::de::Error::custom(format!("number {number} of its networks {problem}"))
        })
    };
    several.iter().enumerate().map(read).collect()
}

fn network(text: &str) -> Result<IpNet, &'static str> {
    let network: IpNet = text
        .parse::<IpAddr>()
        .map(IpNet::from)
        .or_else(|_| text.parse())
        .map_err(|_| "is no address and no network: write 10.0.0.5, 10.0.0.0/8 or fd00::/8")?;
    let network = match network.trunc() {
        IpNet::V6(mapped) if mapped.prefix_len() >= 96 => mapped
            .network()
            .to_ipv4_mapped()
            .map_or(IpNet::V6(mapped), |address| {
                Ipv4Net::new_assert(address, mapped.prefix_len() - 96).into()
            }),
        network => network,
    };
    if network.prefix_len() == 0 {
        return Err(
            "holds every address, and would let anybody claim any address: name the proxies",
        );
    }
    Ok(network)
}

/// A host name in its ASCII form (A-labels, RFC 5890), in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct HostName(String);

impl HostName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HostName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const PROBLEM: &str =
            "use a host name, such as mail.example.com, without scheme, port or path";
        let ascii = idna::domain_to_ascii_strict(&text).map_err(|_| PROBLEM)?;
        if ascii.parse::<IpAddr>().is_ok() || ascii.ends_with('.') {
            return Err(PROBLEM);
        }
        Ok(Self(ascii))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
