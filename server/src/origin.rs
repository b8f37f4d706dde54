//! Where a request came from: the socket's address, or what a trusted proxy reports.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderMap, header};
use ipnet::{IpNet, Ipv4Net};

/// How often a header that cannot be read is logged.
const WARN_EVERY: Duration = Duration::from_secs(60);
/// How much of such a header is logged, in bytes.
const LONGEST_SHOWN: usize = 64;

/// Parses a network such as `10.0.0.0/8`, or a single address.
///
/// # Errors
/// A sentence for the command line if the text is neither.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map(unmapped).map_err(|_| format!("{text:?} is neither an address nor a network such as 10.0.0.0/8"))
}

/// Addresses are compared as IPv4 where they are mapped into IPv6, so networks must be as well.
fn unmapped(network: IpNet) -> IpNet {
    if let IpNet::V6(mapped) = network
        && let Some(address) = mapped.addr().to_ipv4_mapped()
        && let Some(prefix) = mapped.prefix_len().checked_sub(96)
        && let Ok(network) = Ipv4Net::new(address, prefix)
    {
        return network.into();
    }
    network
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address, in IPv4 if it is mapped into IPv6.
    pub address: IpAddr,
    /// Whether the address is a trusted proxy's, so that many people may share it.
    pub is_proxy: bool,
}

impl Client {
    /// What limits count by: the address, or for IPv6 its /64, of which one person has all addresses.
    pub fn network(&self) -> IpAddr {
        portal::network(self.address)
    }
}

/// How much of the User-Agent header is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// The program that sent a request, as it names itself.
pub fn user_agent(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().take(LONGEST_AGENT).collect())
}

/// Finds the clients of requests, by the proxies that the portal trusts.
#[derive(Debug, Default)]
pub struct Clients {
    trusted: Vec<IpNet>,
    /// When a header was last logged, and how many could not be read since.
    warned: Mutex<Option<(Instant, u64)>>,
}

impl Clients {
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self { trusted, ..Self::default() }
    }

    /// The client of a request. Reads `X-Forwarded-For` from its end for as long as trusted proxies wrote it: anybody
    /// could have written what comes before.
    ///
    /// If a proxy wrote something that is no address, the client is the proxy. The text must not count, since a proxy
    /// that passes it on lets its client choose it.
    pub fn client(&self, socket: SocketAddr, headers: &HeaderMap) -> Client {
        let mut address = socket.ip().to_canonical();
        let lines: Vec<&[u8]> = headers.get_all("x-forwarded-for").iter().map(|value| value.as_bytes()).collect();
        let hops = lines.into_iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
        for hop in hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty()) {
            if !self.trusts(address) {
                break;
            }
            match parsed(hop) {
                Some(reported) => address = reported.to_canonical(),
                None => {
                    self.warn(address, hop);
                    break;
                }
            }
        }
        Client { address, is_proxy: self.trusts(address) }
    }

    /// Whether this is the address of a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    fn warn(&self, proxy: IpAddr, hop: &[u8]) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match &mut *warned {
            Some((at, since)) if at.elapsed() < WARN_EVERY => {
                *since += 1;
                return;
            }
            Some((_, since)) => *since,
            None => 0,
        };
        *warned = Some((Instant::now(), 0));
        let shown = String::from_utf8_lossy(&hop[..hop.len().min(LONGEST_SHOWN)]);
        tracing::warn!(
            %proxy, hop = ?shown, more_since_last_warning = since,
            "a trusted proxy's X-Forwarded-For names no address; its requests count as the proxy's own"
        );
    }
}

/// The address of a hop: `203.0.113.7`, `203.0.113.7:50123`, `2001:db8::7`, `[2001:db8::7]:443`, also in quotes or with
/// an IPv6 zone. `unknown` and names such as `_hidden` are none.
fn parsed(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?;
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).trim_ascii();
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            let address = without_zone(host).parse::<Ipv6Addr>().ok()?;
            return is_port(port).then_some(address.into());
        }
        // More than one colon is IPv6, which has a port only in brackets.
        None => match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, &text[text.len() - port.len() - 1..]),
            _ => (text, ""),
        },
    };
    is_port(port).then(|| without_zone(host).parse().ok()).flatten()
}

fn without_zone(host: &str) -> &str {
    host.split_once('%').map_or(host, |(address, _)| address)
}

/// Whether nothing or a port follows an address. RFC 7239 allows a port to be hidden as well, such as `:_https`.
fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else { return text.is_empty() };
    port.parse::<u16>().is_ok() || (port.starts_with('_') && port.bytes().all(|byte| byte.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http::{HeaderMap, HeaderValue};
    use ipnet::IpNet;
    use rstest::rstest;

    use super::{Client, Clients, network};

    fn client(socket: &str, lines: &[&[u8]], trusted: &[&str]) -> Client {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).expect("a header"));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| network(text).expect("a network")).collect();
        let socket: SocketAddr = socket.parse().expect("an address");
        Clients::new(trusted).client(socket, &headers)
    }

    #[rstest]
    #[case::nobody_is_trusted("198.51.100.7:1", &["203.0.113.9"], &[], "198.51.100.7")]
    #[case::the_proxy_is("10.1.2.3:1", &["203.0.113.9"], &["10.0.0.0/8"], "203.0.113.9")]
    #[case::a_forged_hop_before_it("10.1.2.3:1", &["1.1.1.1, 203.0.113.9"], &["10.0.0.0/8"], "203.0.113.9")]
    #[case::two_proxies("10.1.2.3:1", &["203.0.113.9, 10.9.9.9"], &["10.0.0.0/8"], "203.0.113.9")]
    #[case::several_lines("10.1.2.3:1", &["1.1.1.1", "203.0.113.9", "10.9.9.9"], &["10.0.0.0/8"], "203.0.113.9")]
    #[case::a_port("10.1.2.3:1", &["203.0.113.7:50123"], &["10.1.2.3"], "203.0.113.7")]
    #[case::a_hidden_port("10.1.2.3:1", &["203.0.113.7:_https"], &["10.1.2.3"], "203.0.113.7")]
    #[case::ipv6("10.1.2.3:1", &["2001:DB8::7"], &["10.1.2.3"], "2001:db8::7")]
    #[case::ipv6_in_brackets("10.1.2.3:1", &["[2001:db8::7]"], &["10.1.2.3"], "2001:db8::7")]
    #[case::ipv6_with_a_port_in_quotes("10.1.2.3:1", &[r#""[2001:db8::7]:443""#], &["10.1.2.3"], "2001:db8::7")]
    #[case::ipv6_with_a_zone("10.1.2.3:1", &["fe80::7%eth0"], &["10.1.2.3"], "fe80::7")]
    #[case::ipv4_in_quotes("10.1.2.3:1", &[r#""203.0.113.7""#], &["10.1.2.3"], "203.0.113.7")]
    #[case::mapped("10.1.2.3:1", &["::ffff:203.0.113.7"], &["10.1.2.3"], "203.0.113.7")]
    #[case::a_mapped_hop("10.1.2.3:1", &["203.0.113.7, [::ffff:10.9.9.9]:80"], &["10.0.0.0/8"], "203.0.113.7")]
    #[case::empty_elements("10.1.2.3:1", &[" , 203.0.113.7 ,, ", ""], &["10.1.2.3"], "203.0.113.7")]
    #[case::tabs("10.1.2.3:1", &["1.1.1.1,\t203.0.113.7\t"], &["10.1.2.3"], "203.0.113.7")]
    #[case::a_network_with_host_bits("10.1.2.3:1", &["203.0.113.9"], &["10.9.9.9/8"], "203.0.113.9")]
    #[case::an_ipv6_proxy("[2001:db8::1]:1", &["203.0.113.9"], &["2001:db8::/32"], "203.0.113.9")]
    #[case::a_mapped_socket("[::ffff:10.1.2.3]:1", &["203.0.113.9"], &["10.0.0.0/8"], "203.0.113.9")]
    #[case::a_mapped_network("10.1.2.3:1", &["203.0.113.9"], &["::ffff:10.0.0.0/104"], "203.0.113.9")]
    fn the_client_is_the_last_address_that_is_not_a_trusted_proxys(
        #[case] socket: &str,
        #[case] forwarded: &[&str],
        #[case] trusted: &[&str],
        #[case] expected: &str,
    ) {
        let lines: Vec<&[u8]> = forwarded.iter().map(|line| line.as_bytes()).collect();
        let found = client(socket, &lines, trusted);
        assert_eq!((found.address.to_string().as_str(), found.is_proxy), (expected, false));
    }

    #[rstest]
    #[case::another_network("10.1.2.3:1", &[&b"203.0.113.9"[..]], "10.1.2.3", false)]
    #[case::no_header("10.2.2.3:1", &[], "10.2.2.3", true)]
    #[case::unknown("10.2.2.3:1", &[&b"203.0.113.9, unknown"[..]], "10.2.2.3", true)]
    #[case::hidden("10.2.2.3:1", &[&b"_hidden"[..]], "10.2.2.3", true)]
    #[case::a_name("10.2.2.3:1", &[&b"client.example"[..]], "10.2.2.3", true)]
    #[case::half_a_bracket("10.2.2.3:1", &[&b"[2001:db8::7"[..]], "10.2.2.3", true)]
    #[case::a_port_that_is_none("10.2.2.3:1", &[&b"203.0.113.9:99999"[..]], "10.2.2.3", true)]
    #[case::not_ascii("10.2.2.3:1", &[&b"1.1.1.1"[..], &b"\xff"[..]], "10.2.2.3", true)]
    #[case::behind_a_second_proxy("10.2.2.3:1", &[&b"unknown, 10.2.9.9"[..]], "10.2.9.9", true)]
    fn without_a_readable_address_the_nearest_proxy_counts(
        #[case] socket: &str,
        #[case] forwarded: &[&[u8]],
        #[case] expected: &str,
        #[case] is_proxy: bool,
    ) {
        let found = client(socket, forwarded, &["10.2.0.0/16"]);
        assert_eq!((found.address.to_string().as_str(), found.is_proxy), (expected, is_proxy));
    }

    #[test]
    fn what_a_client_writes_before_its_own_address_does_not_hide_it() {
        // A proxy that appends to the last line, whatever bytes are in it.
        let found = client("10.2.2.3:1", &[&b"1.1.1.1"[..], b"\xff\"[, 203.0.113.7"], &["10.2.0.0/16"]);
        assert_eq!(found.address.to_string(), "203.0.113.7");
    }

    #[test]
    fn limits_count_ipv6_clients_by_their_network() {
        let network = |text: &str| Client { address: text.parse().expect("an address"), is_proxy: false }.network();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
        assert_ne!(network("203.0.113.7"), network("203.0.113.8"));
    }

    #[test]
    fn text_that_is_not_a_network_is_refused() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "proxy.example", "::1/129"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }
}
