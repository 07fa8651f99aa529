//! Which addresses of the internet a server may call on somebody else's word.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To a machine of the public internet.
    Public,
    /// Back to this machine.
    Loopback,
    /// Into a private network, to a neighbour, to many, to nobody, or through a translator that would lead to any of those.
    Hidden,
}

/// Where `address` leads. Whoever connects on the word of a store, a gateway or a buyer asks this of the very address that it
/// connects to, and goes on only to what is [`Reach::Public`].
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => reach_v4(address),
            None => reach_v6(address),
        },
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        [127, ..] => Reach::Loopback,
        // This network, private ones, those of carriers, link-local.
        [0 | 10, ..] | [192, 168, ..] | [169, 254, ..] => Reach::Hidden,
        [172, second, ..] if second & 0xf0 == 16 => Reach::Hidden,
        [100, second, ..] if second & 0xc0 == 64 => Reach::Hidden,
        // Protocols, documentation, 6to4 relays, measurements, documentation again.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Reach::Hidden
        }
        // Multicast, reserved, broadcast.
        [224..=255, ..] => Reach::Hidden,
        _ => Reach::Public,
    }
}

/// Only 2000::/3 is given out to machines. What is not, is refused as a whole: private and link-local networks, multicast, the
/// translations of IPv4 (`::a.b.c.d`, `64:ff9b::/96`, `64:ff9b:1::/48`), and what is yet to be invented.
fn reach_v6(address: Ipv6Addr) -> Reach {
    if address == Ipv6Addr::LOCALHOST {
        return Reach::Loopback;
    }
    match address.segments() {
        // Teredo, benchmarks and other protocols (2001::/23), documentation, 6to4, documentation.
        [0x2001, second, ..] if second < 0x200 || second == 0xdb8 => Reach::Hidden,
        [0x2002, ..] => Reach::Hidden,
        [0x3fff, second, ..] if second < 0x1000 => Reach::Hidden,
        [first, ..] if first & 0xe000 == 0x2000 => Reach::Public,
        _ => Reach::Hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str) -> Reach {
        reach(address.parse().unwrap())
    }

    #[test]
    fn machines_of_the_internet_can_be_reached() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
        ] {
            assert_eq!(of(public), Reach::Public, "{public}");
        }
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for own in ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"] {
            assert_eq!(of(own), Reach::Loopback, "{own}");
        }
    }

    #[test]
    fn nothing_hidden_can_be_reached_under_any_name() {
        for hidden in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::127.0.0.1",
            "::a9fe:a9fe",
            "::ffff:0:0",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:2::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert_eq!(of(hidden), Reach::Hidden, "{hidden}");
        }
    }
}
