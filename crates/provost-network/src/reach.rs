//! Which addresses are on the public Internet, so that a stranger's name or redirect leads to no machine that only we can
//! reach. It asks nobody: an address says it by itself. IPv4 inside IPv6 is judged as the IPv4 that it leads to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is that is not on the public Internet (IANA's registries of special-purpose addresses, RFC 6890).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPublic {
    /// The machine itself.
    Loopback,
    /// A private network: RFC 1918, RFC 4193, RFC 8215.
    Private,
    /// The own link: RFC 3927, RFC 4291 §2.5.6.
    LinkLocal,
    /// Between a carrier and its customers: RFC 6598.
    Carrier,
    /// No address of a machine: RFC 1122 §3.2.1.3, RFC 4291 §2.5.2.
    Unspecified,
    /// A group: RFC 5771, RFC 4291 §2.7.
    Multicast,
    /// Kept for something else: documentation, benchmarks, the future.
    Reserved,
}

impl NotPublic {
    /// What an address is, if it is not on the public Internet.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::Carrier => "carrier-internal",
            Self::Unspecified => "unspecified",
            Self::Multicast => "multicast",
            Self::Reserved => "reserved",
        })
    }
}

fn of_v4(address: Ipv4Addr) -> Option<NotPublic> {
    match address.octets() {
        [0, ..] => Some(NotPublic::Unspecified),
        [127, ..] => Some(NotPublic::Loopback),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some(NotPublic::Private),
        [100, 64..=127, ..] => Some(NotPublic::Carrier),
        [169, 254, ..] => Some(NotPublic::LinkLocal),
        [224..=239, ..] => Some(NotPublic::Multicast),
        [240..=255, ..] => Some(NotPublic::Reserved),
        // RFC 6890 §2.2.2, RFC 5737, RFC 2544: protocol assignments, documentation, benchmarks.
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18 | 19, ..] => Some(NotPublic::Reserved),
        _ => None,
    }
}

fn of_v6(address: Ipv6Addr) -> Option<NotPublic> {
    let v4 = |high: u16, low: u16| of_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(NotPublic::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(NotPublic::Loopback),
        // RFC 4291 §2.5.5: IPv4-compatible, IPv4-mapped; RFC 6052 §2.1: NAT64.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // RFC 8215: NAT64 inside a network.
        [0x64, 0xff9b, 1, ..] => Some(NotPublic::Private),
        // RFC 3056 §2: 6to4.
        [0x2002, high, low, ..] => v4(high, low),
        // RFC 4380 §4: Teredo, with its server's address and, inverted, the client's.
        [0x2001, 0, server_high, server_low, _, _, high, low] => v4(server_high, server_low).or(v4(!high, !low)),
        // RFC 3849, RFC 9637: documentation; RFC 2928: IETF protocol assignments.
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x2001, 0..=0x1ff, ..] => Some(NotPublic::Reserved),
        [0xfc00..=0xfdff, ..] => Some(NotPublic::Private),
        [0xfe80..=0xfebf, ..] => Some(NotPublic::LinkLocal),
        [0xff00..=0xffff, ..] => Some(NotPublic::Multicast),
        // RFC 3587 §3: unicast addresses of the Internet are assigned from 2000::/3.
        [0x2000..=0x3fff, ..] => None,
        _ => Some(NotPublic::Reserved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: Option<NotPublic>, addresses: &str) {
        for address in addresses.split_whitespace() {
            assert_eq!(NotPublic::of(address.parse().expect("an address")), expected, "{address}");
        }
    }

    #[test]
    fn what_is_on_the_internet_is_let_through() {
        check(None, "8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 192.167.0.1");
        check(None, "192.169.0.0 169.253.0.1 223.255.255.255 192.0.1.1 198.17.0.1 198.20.0.1");
        check(None, "2606:4700:4700::1111 2001:4860:4860::8888 2a00:1450::1 2001:200::1");
        check(None, "::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1");
    }

    #[test]
    fn what_is_not_is_named() {
        check(Some(NotPublic::Loopback), "127.0.0.1 127.255.255.255 ::1");
        check(
            Some(NotPublic::Private),
            "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 fc00::1 fd12::1",
        );
        check(Some(NotPublic::Private), "64:ff9b:1::1");
        check(Some(NotPublic::Carrier), "100.64.0.0 100.127.255.255");
        check(Some(NotPublic::LinkLocal), "169.254.169.254 fe80::1 febf::1");
        check(Some(NotPublic::Unspecified), "0.0.0.0 0.1.2.3 ::");
        check(Some(NotPublic::Multicast), "224.0.0.1 239.255.255.255 ff02::1");
        check(
            Some(NotPublic::Reserved),
            "255.255.255.255 240.0.0.1 192.0.2.1 198.51.100.1 203.0.113.1 192.0.0.8 198.19.0.1",
        );
        check(Some(NotPublic::Reserved), "2001:db8::1 3fff:fff::1 2001:2::1 fec0::1 100::1 4000::1");
    }

    #[test]
    fn ipv4_inside_ipv6_is_judged_as_ipv4() {
        check(Some(NotPublic::Loopback), "::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::127.0.0.1 2002:7f00:1::1");
        check(Some(NotPublic::Private), "::ffff:10.0.0.1 64:ff9b::192.168.1.1 2002:c0a8:101::");
        check(Some(NotPublic::Carrier), "::ffff:100.64.0.1");
        // Teredo by the server 10.0.0.1, and to the client 127.0.0.1 by the server 8.8.8.8.
        check(Some(NotPublic::Private), "2001:0:a00:1::f7f7:f7f7");
        check(Some(NotPublic::Loopback), "2001:0:808:808::80ff:fffe");
    }
}
