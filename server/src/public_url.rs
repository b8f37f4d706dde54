//! The public URL and the `Origin` header, parsed and brought to the one spelling that browsers use.

use std::{fmt, str::FromStr};

use axum::extract::Request;
use http::{HeaderValue, header};
use url::{Host, Url};

/// The URL that people open: scheme, host, and a port if it is not the scheme's usual one. No slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
}

/// Why a text is no origin. Each says what to change, and none repeats the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// Not `http://` or `https://` with a host.
    #[error("it is not a URL such as https://portal.example.com")]
    NotAUrl,
    /// A user name or password.
    #[error("remove the user name and password")]
    UserInfo,
    /// A path, query or fragment.
    #[error("remove everything after the host and port")]
    TooMuch,
}

impl PublicUrl {
    /// As browsers write it: `https://portal.example.com`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The host.
    pub(crate) fn host(&self) -> Host {
        let url = Url::parse(&self.origin).ok();
        let host = url.as_ref().and_then(Url::host).map(|host| host.to_owned());
        host.unwrap_or_else(|| Host::Domain(String::new()))
    }

    /// Whether people reach the portal over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| PublicUrlError::NotAUrl)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(PublicUrlError::NotAUrl);
        }
        // `https://@host` has an empty user name, which the parser drops.
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err(PublicUrlError::UserInfo);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(PublicUrlError::TooMuch);
        }
        Ok(Self { origin: url.origin().ascii_serialization() })
    }
}

/// Whether a host is this machine, and only it.
pub(crate) fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Middleware before the check of origins, which compares bytes: gives an `Origin` header the spelling of
/// [`PublicUrl`]. What is not an origin stays as it is and matches none.
pub async fn normalize_origin(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let mut given = headers.get_all(header::ORIGIN).iter();
    if let (Some(only), None) = (given.next(), given.next())
        && let Ok(origin) = only.to_str().unwrap_or_default().parse::<PublicUrl>()
        && let Ok(origin) = HeaderValue::try_from(origin.origin)
    {
        headers.insert(header::ORIGIN, origin);
    }
    request
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::Request};
    use http::header;
    use rstest::rstest;

    use super::{PublicUrl, PublicUrlError, normalize_origin};

    #[rstest]
    #[case::case_and_port_and_slash("HTTPS://Portal.Example.com:443/", "https://portal.example.com")]
    #[case::another_port("https://portal.example.com:8443", "https://portal.example.com:8443")]
    #[case::the_port_of_the_other_scheme("https://portal.example.com:80", "https://portal.example.com:80")]
    #[case::http("http://LOCALHOST:80", "http://localhost")]
    #[case::an_international_name("https://Pörtal.example", "https://xn--prtal-jua.example")]
    #[case::ipv6("https://[2001:DB8:0::7]:443", "https://[2001:db8::7]")]
    #[case::white_space(" https://portal.example.com ", "https://portal.example.com")]
    fn the_public_url_has_one_spelling(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(given.parse::<PublicUrl>().expect("a URL").as_str(), expected);
    }

    #[rstest]
    #[case("", PublicUrlError::NotAUrl)]
    #[case("portal.example.com", PublicUrlError::NotAUrl)]
    #[case("portal.example.com:443", PublicUrlError::NotAUrl)]
    #[case("ftp://portal.example.com", PublicUrlError::NotAUrl)]
    #[case("https://", PublicUrlError::NotAUrl)]
    #[case("https://portal.example.com:99999", PublicUrlError::NotAUrl)]
    #[case("https://ann@portal.example.com", PublicUrlError::UserInfo)]
    #[case("https://ann:secret@portal.example.com/", PublicUrlError::UserInfo)]
    #[case("https://@portal.example.com", PublicUrlError::UserInfo)]
    #[case("https://portal.example.com/portal", PublicUrlError::TooMuch)]
    #[case("https://portal.example.com//", PublicUrlError::TooMuch)]
    #[case("https://portal.example.com?", PublicUrlError::TooMuch)]
    #[case("https://portal.example.com/?a=b", PublicUrlError::TooMuch)]
    #[case("https://portal.example.com#", PublicUrlError::TooMuch)]
    fn anything_but_scheme_host_and_port_is_refused(#[case] given: &str, #[case] why: PublicUrlError) {
        assert_eq!(given.parse::<PublicUrl>(), Err(why));
        assert!(!why.to_string().contains('\n'));
    }

    #[tokio::test]
    async fn an_origin_header_gets_the_spelling_of_the_public_url_and_anything_else_stays() {
        for (given, expected) in [
            (&["HTTPS://Portal.Example.com:443"][..], &["https://portal.example.com"][..]),
            (&["https://portal.example.com:8443"], &["https://portal.example.com:8443"]),
            (&["null"], &["null"]),
            (&["https://portal.example.com/path"], &["https://portal.example.com/path"]),
            (
                &["https://PORTAL.example.com", "https://evil.example"],
                &["https://PORTAL.example.com", "https://evil.example"],
            ),
        ] {
            let mut request = Request::new(Body::empty());
            for origin in given {
                request.headers_mut().append(header::ORIGIN, origin.parse().expect("a header"));
            }
            let request = normalize_origin(request).await;
            let found: Vec<_> = request.headers().get_all(header::ORIGIN).iter().collect();
            assert_eq!(found, expected, "{given:?}");
        }
    }
}
