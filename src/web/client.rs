//! Who is at the other end: the client's address, believed from named proxies only, and the network it lies in.
//!
//! `X-Forwarded-For` is a text that anybody can send. Only what a proxy of ours wrote into it counts: hence it is read from
//! the right, for as long as the hop that wrote it is one of `trusted_proxies`.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Appended to by each proxy on the way (no RFC; RFC 7239 §7.4 describes it).
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks whose `X-Forwarded-For` is believed; by default none, and the peer's address is the client's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Those that the operator named: IPv4 as such, not mapped into IPv6.
    pub const fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The client's address: the peer's, or, where the peer is a proxy of ours, the rightmost address of
    /// `X-Forwarded-For` that no proxy of ours has. An entry that is no address ends the search at the hop before it.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for hop in hops {
            if !self.trusts(client) {
                break;
            }
            let Some(address) = parse_hop(hop) else { break };
            client = address;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The network that a rate is counted for: /24 of IPv4, /56 of IPv6, which is what one household or office is commonly
/// given (RFC 6177 §2).
pub fn network_of(address: IpAddr) -> IpNet {
    let (address, length) = match address.to_canonical() {
        address @ IpAddr::V4(_) => (address, 24),
        address @ IpAddr::V6(_) => (address, 56),
    };
    IpNet::new_assert(address, length).trunc()
}

/// One entry of `X-Forwarded-For`: an address, with or without a port, IPv6 with or without brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let address = bare
        .unwrap_or(hop)
        .parse::<IpAddr>()
        .or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        let trusted = trusted.iter().map(|network| network.parse().unwrap());
        let trusted = TrustedProxies::new(trusted.collect());
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_header_changes_nothing() {
        assert_eq!(client(&[], "192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(
            client(&["10.0.0.0/8"], "192.0.2.1", &["203.0.113.9"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn the_rightmost_hop_that_is_not_ours_is_the_client() {
        let ours = &["10.0.0.0/8", "fd00::/8"];
        for (lines, expected) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            // What the client wrote itself stands to the left of what our proxy added.
            (&["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            (&["1.1.1.1", "203.0.113.9, 10.2.2.2"], "203.0.113.9"),
            (&["203.0.113.9:4711"], "203.0.113.9"),
            (&["[2001:db8::7]:443"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["::ffff:203.0.113.9"], "203.0.113.9"),
            (&["10.9.9.9"], "10.9.9.9"),
            (&["unknown"], "10.0.0.1"),
            (&["203.0.113.9, unknown, 10.2.2.2"], "10.2.2.2"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(client(ours, "10.0.0.1", lines), expected, "{lines:?}");
        }
        assert_eq!(
            client(ours, "::ffff:10.0.0.1", &["203.0.113.9"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_rate_is_counted_for_a_household_not_for_an_address() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("203.0.113.200"), "203.0.113.0/24");
        assert_eq!(network("::ffff:203.0.113.200"), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2ff:aaaa::1"), "2001:db8:1:200::/56");
    }

    proptest! {
        #[test]
        fn what_stands_left_of_an_untrusted_hop_never_matters(forged in "[ -~]{0,60}") {
            let line = format!("{forged}, 203.0.113.9");
            prop_assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[&line]), "203.0.113.9");
        }
    }
}
