//! Where a request came from: the socket's address, or what a trusted proxy says of it.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::HeaderMap;

/// An address or a network, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is neither an address nor a network such as 10.0.0.0/8");
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(wrong()) }
    }
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        let prefix = |bytes: &[u8]| -> Vec<bool> {
            let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
            bits.take(usize::from(self.bits)).collect()
        };
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => prefix(&own.octets()) == prefix(&other.octets()),
            (IpAddr::V6(own), IpAddr::V6(other)) => prefix(&own.octets()) == prefix(&other.octets()),
            _ => false,
        }
    }
}

/// The client's address. `X-Forwarded-For` is read from its end for as long as trusted proxies wrote it: what stands
/// before that, anybody could have written.
pub fn client_address(socket: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut client = socket.ip().to_canonical();
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in forwarded.into_iter().rev() {
        if !is_trusted(client) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http::{HeaderMap, HeaderValue};
    use rstest::rstest;

    use super::{Network, client_address};

    #[rstest]
    #[case::nobody_is_trusted("198.51.100.7:1", Some("203.0.113.9"), &[], "198.51.100.7")]
    #[case::the_proxy_is("10.1.2.3:1", Some("203.0.113.9"), &["10.0.0.0/8"], "203.0.113.9")]
    #[case::a_forged_hop_before_it("10.1.2.3:1", Some("1.1.1.1, 203.0.113.9"), &["10.0.0.0/8"], "203.0.113.9")]
    #[case::two_proxies("10.1.2.3:1", Some("203.0.113.9, 10.9.9.9"), &["10.0.0.0/8"], "203.0.113.9")]
    #[case::rubbish("10.1.2.3:1", Some("unknown"), &["10.1.2.3"], "10.1.2.3")]
    #[case::no_header("10.1.2.3:1", None, &["10.1.2.3"], "10.1.2.3")]
    fn the_client_is_the_last_address_that_no_trusted_proxy_has(
        #[case] socket: SocketAddr,
        #[case] forwarded: Option<&'static str>,
        #[case] trusted: &[&str],
        #[case] client: &str,
    ) {
        let mut headers = HeaderMap::new();
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().expect("a network")).collect();
        assert_eq!(client_address(socket, &headers, &trusted).to_string(), client);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "proxy.example", "::1/129"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
