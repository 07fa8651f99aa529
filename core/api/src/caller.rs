//! Where a request really comes from.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use poem::Request;

/// The client's address: that of the connection or, where that is a proxy whose word is taken, the last address in
/// `X-Forwarded-For` that is not such a proxy.
pub(crate) fn address(request: &Request, trusted: &[IpNet]) -> IpAddr {
    let peer = request.remote_addr().as_socket_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |socket| socket.ip());
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let mut hops: Vec<IpAddr> =
        forwarded.flat_map(|line| line.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    while let Some(hop) = hops.pop() {
        if !is_trusted(&hop) {
            return hop;
        }
    }
    peer
}
