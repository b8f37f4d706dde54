//! The root of a Workato API: scheme, host and port. Which hosts a team may use is the portal's decision.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::DataCenter;

/// An `https` URL of a host and nothing else, or an `http` URL of this machine. Displayed without a final slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl(Url);

/// Why a text is not a base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not a URL with a host.
    #[error("not a URL such as https://www.workato.com")]
    NotAUrl,
    /// A scheme other than `https`. `http` would show the token to the network.
    #[error("must begin with https:// (http:// is for this machine alone)")]
    Insecure,
    /// A user name, path, query or fragment.
    #[error("must end after the host: no user name, path or query")]
    TooMuch,
}

impl BaseUrl {
    /// The URL without a final slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether the host is this machine; see [`is_loopback`].
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The Workato data centre with this base URL, if any.
    #[must_use]
    pub fn data_center(&self) -> Option<DataCenter> {
        DataCenter::of_base_url(self.as_str())
    }

    /// The URL of a path. The segments are percent-encoded.
    pub(super) fn path(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url
    }
}

/// Whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        // The URL standard ignores tabs, line breaks and surrounding spaces, and accepts `https:host` and `\`. The URL
        // in use would then differ from the text that a person typed.
        let has_odd_characters = text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
        if has_odd_characters || !text.contains("://") {
            return Err(BaseUrlError::NotAUrl);
        }
        let url = Url::parse(text).map_err(|_| BaseUrlError::NotAUrl)?;
        match url.scheme() {
            _ if !url.has_host() => return Err(BaseUrlError::NotAUrl),
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(BaseUrlError::Insecure),
        }
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && !text.contains('@');
        if is_bare { Ok(Self(url)) } else { Err(BaseUrlError::TooMuch) }
    }
}

impl From<DataCenter> for BaseUrl {
    fn from(center: DataCenter) -> Self {
        center.base_url().parse().expect("a test parses the base URL of every data centre")
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn every_data_centre_has_a_base_url() {
        for center in DataCenter::ALL {
            assert_eq!(BaseUrl::from(center).data_center(), Some(center));
        }
    }

    #[rstest]
    #[case("https://www.workato.com", "https://www.workato.com")]
    #[case("https://WWW.Workato.com/", "https://www.workato.com")]
    #[case("https://workato.example.org:8443", "https://workato.example.org:8443")]
    #[case("http://localhost:4010", "http://localhost:4010")]
    #[case("http://127.0.0.2:4010/", "http://127.0.0.2:4010")]
    #[case("http://[::1]:4010", "http://[::1]:4010")]
    fn a_base_url_is_displayed_without_a_final_slash(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(text.parse::<BaseUrl>().expect("a base URL").to_string(), shown);
    }

    #[rstest]
    #[case("", BaseUrlError::NotAUrl)]
    #[case("www.workato.com", BaseUrlError::NotAUrl)]
    #[case("https:www.workato.com", BaseUrlError::NotAUrl)]
    #[case("https://", BaseUrlError::NotAUrl)]
    #[case("https://www.workato.com\n", BaseUrlError::NotAUrl)]
    #[case("https:\\\\www.workato.com", BaseUrlError::NotAUrl)]
    #[case("http://www.workato.com", BaseUrlError::Insecure)]
    #[case("http://localhost.example.org", BaseUrlError::Insecure)]
    #[case("http://10.0.0.1", BaseUrlError::Insecure)]
    #[case("ftp://localhost", BaseUrlError::Insecure)]
    #[case("https://www.workato.com/api", BaseUrlError::TooMuch)]
    #[case("https://www.workato.com?x=1", BaseUrlError::TooMuch)]
    #[case("https://www.workato.com/#x", BaseUrlError::TooMuch)]
    #[case("https://user@www.workato.com", BaseUrlError::TooMuch)]
    #[case("https://@www.workato.com", BaseUrlError::TooMuch)]
    fn anything_else_is_refused(#[case] text: &str, #[case] expected: BaseUrlError) {
        assert_eq!(text.parse::<BaseUrl>(), Err(expected));
    }
}
