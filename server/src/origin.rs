//! Where a request came from: the socket's address, or what a trusted proxy reports.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// Parses a network such as `10.0.0.0/8`, or a single address.
///
/// # Errors
/// A sentence for the command line if the text is neither.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| format!("{text:?} is neither an address nor a network such as 10.0.0.0/8"))
}

/// The client's address. Reads `X-Forwarded-For` from its end for as long as trusted proxies wrote it: anybody could
/// have written what comes before.
pub fn client_address(socket: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
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
    use ipnet::IpNet;
    use rstest::rstest;

    use super::{client_address, network};

    #[rstest]
    #[case::nobody_is_trusted("198.51.100.7:1", Some("203.0.113.9"), &[], "198.51.100.7")]
    #[case::the_proxy_is("10.1.2.3:1", Some("203.0.113.9"), &["10.0.0.0/8"], "203.0.113.9")]
    #[case::a_forged_hop_before_it("10.1.2.3:1", Some("1.1.1.1, 203.0.113.9"), &["10.0.0.0/8"], "203.0.113.9")]
    #[case::two_proxies("10.1.2.3:1", Some("203.0.113.9, 10.9.9.9"), &["10.0.0.0/8"], "203.0.113.9")]
    #[case::rubbish("10.1.2.3:1", Some("unknown"), &["10.1.2.3"], "10.1.2.3")]
    #[case::a_network_with_host_bits("10.1.2.3:1", Some("203.0.113.9"), &["10.9.9.9/8"], "203.0.113.9")]
    #[case::another_network("10.1.2.3:1", Some("203.0.113.9"), &["10.2.0.0/16"], "10.1.2.3")]
    #[case::an_ipv6_proxy("[2001:db8::1]:1", Some("203.0.113.9"), &["2001:db8::/32"], "203.0.113.9")]
    #[case::a_mapped_socket("[::ffff:10.1.2.3]:1", Some("203.0.113.9"), &["10.0.0.0/8"], "203.0.113.9")]
    #[case::no_header("10.1.2.3:1", None, &["10.1.2.3"], "10.1.2.3")]
    fn the_client_is_the_last_address_that_is_not_a_trusted_proxys(
        #[case] socket: SocketAddr,
        #[case] forwarded: Option<&'static str>,
        #[case] trusted: &[&str],
        #[case] client: &str,
    ) {
        let mut headers = HeaderMap::new();
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| network(text).expect("a network")).collect();
        assert_eq!(client_address(socket, &headers, &trusted).to_string(), client);
    }

    #[test]
    fn text_that_is_not_a_network_is_refused() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "proxy.example", "::1/129"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }
}
