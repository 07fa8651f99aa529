//! Where a request really comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use poem::Request;

/// The client's address: that of the connection or, where that is a proxy whose word is taken, the last address in
/// `X-Forwarded-For` that is not such a proxy. Behind a hop that can't be read nothing is believed.
pub(crate) fn address(request: &Request, trusted: &[IpNet]) -> IpAddr {
    let peer = request.remote_addr().as_socket_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |socket| socket.ip());
    let forwarded = request.headers().get_all("x-forwarded-for").iter();
    let hops: Vec<_> = forwarded.flat_map(|line| line.to_str().unwrap_or("?").split(',')).collect();
    nearest(peer.to_canonical(), &hops, trusted)
}

fn nearest(peer: IpAddr, hops: &[&str], trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    for hop in hops.iter().rev() {
        if !trusted.iter().any(|net| net.contains(&client)) {
            break;
        }
        let Some(next) = parsed(hop.trim()) else { break };
        client = next;
    }
    client
}

/// An address, as proxies write it: alone, in brackets, or with a port.
fn parsed(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let alone = bare.parse::<IpAddr>().ok();
    alone.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip())).map(|address| address.to_canonical())
}

/// Whom an address stands for, where tries are counted: of IPv6 everybody has a network, and all of its addresses.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, hops: &[&str]) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        nearest(peer.parse().unwrap(), hops, &trusted).to_string()
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        assert_eq!(seen("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9", " 10.0.0.2"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(seen("fd00::1", &["[2001:db8::7]:4711", "[fd00::2]"]), "2001:db8::7");
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn nothing_behind_a_hop_that_cannot_be_read_is_believed() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.9", "unknown", "10.0.0.2"]), "10.0.0.2");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9", ""]), "10.0.0.1");
    }

    #[test]
    fn a_network_counts_as_one() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
