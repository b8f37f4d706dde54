//! The portal speaks plain http, and a proxy in front speaks TLS. This refuses to serve where passwords and sessions would
//! cross a network unencrypted.

use std::net::SocketAddr;

use clap::ValueEnum;

use crate::{PublicUrl, ServeError, public_url::is_loopback};

/// Whether plain http may leave this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InsecureHttp {
    /// It is refused.
    No,
    /// The operator accepts it.
    Yes,
}

/// Checks that plain http stays on this machine, or that the operator accepts that it does not.
///
/// # Errors
/// `PlainHttp`, which names the setting.
pub fn check(consent: InsecureHttp, addr: SocketAddr, public_url: &PublicUrl) -> Result<(), ServeError> {
    if consent == InsecureHttp::Yes {
        return Ok(());
    }
    if !addr.ip().to_canonical().is_loopback() {
        return Err(ServeError::PlainHttp { what: format!("PORTAL_ADDR is {}", addr.ip()) });
    }
    if !public_url.is_https() && !is_loopback(&public_url.host()) {
        return Err(ServeError::PlainHttp { what: format!("PORTAL_PUBLIC_URL is {public_url}") });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{InsecureHttp, check};

    #[rstest]
    #[case::this_machine("127.0.0.1:3000", "http://localhost:3000", true)]
    #[case::another_address_of_it("127.9.9.9:3000", "http://127.0.0.1:3000", true)]
    #[case::by_ipv6("[::1]:3000", "http://[::1]:3000", true)]
    #[case::behind_a_proxy("127.0.0.1:3000", "https://portal.example.com", true)]
    #[case::every_address("0.0.0.0:3000", "http://localhost:3000", false)]
    #[case::every_address_of_ipv6("[::]:3000", "https://portal.example.com", false)]
    #[case::a_private_address("10.0.0.7:3000", "https://portal.example.com", false)]
    #[case::a_mapped_address("[::ffff:10.0.0.7]:3000", "https://portal.example.com", false)]
    #[case::a_mapped_loopback_address("[::ffff:127.0.0.1]:3000", "https://portal.example.com", true)]
    #[case::people_use_http("127.0.0.1:3000", "http://portal.example.com", false)]
    #[case::people_use_http_and_an_address("127.0.0.1:3000", "http://10.0.0.7", false)]
    fn plain_http_does_not_leave_the_machine_unless_that_is_accepted(
        #[case] addr: &str,
        #[case] public_url: &str,
        #[case] is_safe: bool,
    ) {
        let (addr, public_url) = (addr.parse().expect("an address"), public_url.parse().expect("a URL"));
        assert_eq!(check(InsecureHttp::No, addr, &public_url).is_ok(), is_safe);
        assert!(check(InsecureHttp::Yes, addr, &public_url).is_ok());
    }
}
