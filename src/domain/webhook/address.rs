//! Which addresses are never called: what a partner names must not lead into the network that this program runs in.
//!
//! A name is resolved, each of its addresses is judged here, and the very address that was judged is connected to. The lists
//! are those of RFC 6890 and the IANA registries of special-purpose addresses, with the metadata services of clouds.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::domain::words::words;

words! {
    /// Why an address is not called.
    Forbidden, "reason against an address" {
        /// "This network" (RFC 791 §3.2), or no address at all.
        Unspecified = "unspecified",
        /// This machine (RFC 1122 §3.2.1.3).
        Loopback = "loopback",
        /// A private network (RFC 1918), or a unique local one (RFC 4193).
        Private = "private",
        /// Behind a carrier's translation (RFC 6598).
        SharedSpace = "shared_space",
        /// On this link (RFC 3927), where clouds have their metadata services, or on this site (RFC 3879).
        LinkLocal = "link_local",
        /// Where a cloud tells its machines their secrets.
        Metadata = "metadata",
        /// To many at once.
        Multicast = "multicast",
        /// For examples (RFC 5737, RFC 3849, RFC 9637) and for measuring (RFC 2544).
        Documentation = "documentation",
        /// Another network's address in a coat: mapped or compatible (RFC 4291), 6to4 (RFC 3056), Teredo (RFC 4380).
        Embedded = "embedded",
        /// For protocols, for later, or for nobody.
        Reserved = "reserved",
    }
}

/// Why this address is not called, unless one of `allowed` holds it; nothing for one that the internet reaches.
pub fn forbidden(address: IpAddr, allowed: &[IpNet]) -> Option<Forbidden> {
    let canonical = address.to_canonical();
    if allowed.iter().any(|network| network.contains(&canonical)) {
        return None;
    }
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Option<Forbidden> {
    Some(match address.octets() {
        [0, ..] => Forbidden::Unspecified,
        [127, ..] => Forbidden::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Forbidden::Private,
        // Alibaba Cloud, Azure, Oracle Cloud; that of most others is link-local.
        [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] | [169, 254, 169, 254] => {
            Forbidden::Metadata
        }
        [100, 64..=127, ..] => Forbidden::SharedSpace,
        [169, 254, ..] => Forbidden::LinkLocal,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18 | 19, ..] => {
            Forbidden::Documentation
        }
        [224..=239, ..] => Forbidden::Multicast,
        // Protocol assignments (RFC 6890), 6to4 relays (RFC 7526); for later, and broadcast.
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Forbidden::Reserved,
        _ => return None,
    })
}

fn of_v6(address: Ipv6Addr) -> Option<Forbidden> {
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        of_v4(Ipv4Addr::new(a, b, c, d))
    };
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Forbidden::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Forbidden::Loopback,
        // Mapped, compatible, translated (RFC 2765), 6to4, Teredo: no server of today is known by one.
        [0, 0, 0, 0, 0, 0xffff | 0, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x2002, ..]
        | [0x2001, 0, ..] => Forbidden::Embedded,
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Forbidden::Metadata,
        [0xfc00..=0xfdff, ..] => Forbidden::Private,
        [0xfe80..=0xfeff, ..] => Forbidden::LinkLocal,
        [0xff00..=0xffff, ..] => Forbidden::Multicast,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] | [0x2001, 2, 0, ..] => {
            Forbidden::Documentation
        }
        [0x2001, 0..=0x01ff, ..] => Forbidden::Reserved,
        // A network without IPv4 reaches all of it so (RFC 6052), and ISATAP (RFC 5214 §6.1) some: whatever is inside decides.
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2000..=0x3fff, _, _, _, 0 | 0x0200, 0x5efe, high, low] => {
            return embedded(high, low);
        }
        // Global unicast is this alone.
        [0x2000..=0x3fff, ..] => return None,
        _ => Forbidden::Reserved,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CASES: [(&str, Option<Forbidden>); 71] = [
        ("0.0.0.0", Some(Forbidden::Unspecified)),
        ("0.1.2.3", Some(Forbidden::Unspecified)),
        ("1.1.1.1", None),
        ("8.8.8.8", None),
        ("9.255.255.255", None),
        ("10.0.0.0", Some(Forbidden::Private)),
        ("10.255.255.255", Some(Forbidden::Private)),
        ("11.0.0.0", None),
        ("100.63.255.255", None),
        ("100.64.0.0", Some(Forbidden::SharedSpace)),
        ("100.100.100.200", Some(Forbidden::Metadata)),
        ("100.127.255.255", Some(Forbidden::SharedSpace)),
        ("100.128.0.0", None),
        ("127.0.0.1", Some(Forbidden::Loopback)),
        ("127.255.255.254", Some(Forbidden::Loopback)),
        ("168.63.129.16", Some(Forbidden::Metadata)),
        ("168.63.129.17", None),
        ("169.253.255.255", None),
        ("169.254.0.1", Some(Forbidden::LinkLocal)),
        ("169.254.169.254", Some(Forbidden::Metadata)),
        ("169.254.170.2", Some(Forbidden::LinkLocal)),
        ("169.255.0.0", None),
        ("172.15.255.255", None),
        ("172.16.0.0", Some(Forbidden::Private)),
        ("172.31.255.255", Some(Forbidden::Private)),
        ("172.32.0.0", None),
        ("192.0.0.1", Some(Forbidden::Reserved)),
        ("192.0.0.192", Some(Forbidden::Metadata)),
        ("192.0.1.1", None),
        ("192.0.2.1", Some(Forbidden::Documentation)),
        ("192.88.99.1", Some(Forbidden::Reserved)),
        ("192.167.255.255", None),
        ("192.168.1.1", Some(Forbidden::Private)),
        ("192.169.0.0", None),
        ("198.17.255.255", None),
        ("198.18.0.1", Some(Forbidden::Documentation)),
        ("198.19.255.255", Some(Forbidden::Documentation)),
        ("198.20.0.0", None),
        ("198.51.100.7", Some(Forbidden::Documentation)),
        ("203.0.113.7", Some(Forbidden::Documentation)),
        ("223.255.255.255", None),
        ("224.0.0.1", Some(Forbidden::Multicast)),
        ("239.255.255.255", Some(Forbidden::Multicast)),
        ("240.0.0.1", Some(Forbidden::Reserved)),
        ("255.255.255.255", Some(Forbidden::Reserved)),
        ("::", Some(Forbidden::Unspecified)),
        ("::1", Some(Forbidden::Loopback)),
        ("::127.0.0.1", Some(Forbidden::Embedded)),
        ("::8.8.8.8", Some(Forbidden::Embedded)),
        ("::ffff:127.0.0.1", Some(Forbidden::Embedded)),
        ("::ffff:8.8.8.8", Some(Forbidden::Embedded)),
        ("::ffff:0:10.0.0.1", Some(Forbidden::Embedded)),
        ("64:ff9b::8.8.8.8", None),
        ("64:ff9b::10.0.0.1", Some(Forbidden::Private)),
        ("64:ff9b::169.254.169.254", Some(Forbidden::Metadata)),
        ("64:ff9b:1::1", Some(Forbidden::Reserved)),
        ("100::1", Some(Forbidden::Reserved)),
        ("2001::1", Some(Forbidden::Embedded)),
        ("2001:2::1", Some(Forbidden::Documentation)),
        ("2001:10::1", Some(Forbidden::Reserved)),
        ("2001:200::1", None),
        ("2001:db8::1", Some(Forbidden::Documentation)),
        ("2002:7f00:1::1", Some(Forbidden::Embedded)),
        ("2606:4700::1111", None),
        ("2606:4700::5efe:10.0.0.1", Some(Forbidden::Private)),
        ("3fff:fff::1", Some(Forbidden::Documentation)),
        ("5f00::1", Some(Forbidden::Reserved)),
        ("fd00:ec2::254", Some(Forbidden::Metadata)),
        ("fd12::1", Some(Forbidden::Private)),
        ("fe80::1", Some(Forbidden::LinkLocal)),
        ("ff02::1", Some(Forbidden::Multicast)),
    ];

    #[test]
    fn only_what_the_internet_reaches_is_called() {
        for (text, expected) in CASES {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(forbidden(address, &[]), expected, "{text}");
        }
    }

    #[test]
    fn an_allowed_network_is_called_and_nothing_beside_it() {
        let allowed: Vec<IpNet> = vec![
            "127.0.0.1/32".parse().unwrap(),
            "fd12::/16".parse().unwrap(),
        ];
        let asked = |text: &str| forbidden(text.parse().unwrap(), &allowed);
        assert_eq!(asked("127.0.0.1"), None);
        assert_eq!(asked("::ffff:127.0.0.1"), None);
        assert_eq!(asked("127.0.0.2"), Some(Forbidden::Loopback));
        assert_eq!(asked("fd12::7"), None);
        assert_eq!(asked("fd13::7"), Some(Forbidden::Private));
    }

    proptest! {
        /// The standard library knows some of the classes, too: whatever it calls private is refused here.
        #[test]
        fn what_the_standard_library_calls_local_is_refused(bits: u32, high: u64, low: u64) {
            let v4 = Ipv4Addr::from(bits);
            let is_local = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast()
                || v4.is_documentation() || v4.is_unspecified() || v4.is_multicast();
            prop_assert!(!is_local || forbidden(v4.into(), &[]).is_some());
            let v6 = Ipv6Addr::from((u128::from(high) << 64) | u128::from(low));
            let is_local = v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || v6.is_unique_local()
                || v6.is_unicast_link_local();
            prop_assert!(!is_local || forbidden(v6.into(), &[]).is_some());
            prop_assert!(forbidden(v4.to_ipv6_mapped().into(), &[]).is_some());
        }
    }
}
