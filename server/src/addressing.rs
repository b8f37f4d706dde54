//! Refuses requests that are not addressed to the portal: under another host name, which is how another site's name is made
//! to lead here; without exactly one Host header, which a proxy in front may read differently; with a URL that is too
//! long; and changes that a page of another origin asks for.

use app::wording::refusals;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header, uri::Authority};
use portal::PublicError;
use url::Host;

use crate::{
    functions::{as_json, wants_json},
    public_url::{PublicUrl, is_loopback},
    transport::LONGEST_URL,
};

/// What monitoring asks for by the machine's address.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Middleware outside every route.
pub async fn layer(State(public_url): State<PublicUrl>, request: Request, next: Next) -> Response {
    match check(&public_url, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => refuse(&request, &error),
    }
}

fn check<B>(public_url: &PublicUrl, request: &http::Request<B>) -> Result<(), PublicError> {
    if length(request.uri()) > LONGEST_URL {
        return Err(PublicError::UrlTooLong);
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Some(host),
        (None, _) if request.version() == Version::HTTP_10 => None,
        _ => return Err(PublicError::Malformed),
    };
    if PROBES.contains(&request.uri().path()) {
        return Ok(());
    }
    let named = host.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    // A URL with a host counts before the header, so both have to be right.
    let is_ours = |authority: &Authority| is_host_of(public_url, authority);
    match named.as_ref().is_some_and(is_ours) && request.uri().authority().is_none_or(is_ours) {
        true => Ok(()),
        false => Err(PublicError::WrongHost),
    }
}

/// The length of a URL as it was sent, but for a fragment, which no browser sends.
fn length(uri: &Uri) -> usize {
    match uri.authority() {
        Some(_) => uri.to_string().len(),
        None => uri.path_and_query().map_or(0, |path| path.as_str().len()),
    }
}

/// Whether the portal has this name. The port may differ, since proxies often leave it out. A portal for this machine
/// alone has all names of the machine.
fn is_host_of(public_url: &PublicUrl, authority: &Authority) -> bool {
    if authority.as_str().contains('@') {
        return false;
    }
    let Ok(host) = Host::parse(authority.host()) else { return false };
    let own = public_url.host();
    host == own || (is_loopback(&own) && is_loopback(&host))
}

/// Inner layers that draw pages are not reached, and few people ever see this.
fn refuse(request: &Request, error: &PublicError) -> Response {
    if wants_json(request.headers()) || request.uri().path().starts_with("/api/v1/") {
        return as_json(error);
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, plain, refusals::message(error) + "\n").into_response()
}

/// Middleware around what changes something: a page of another origin must not ask for it, which includes a page under
/// http if the portal is under https. [`public_url::normalize_origin`](crate::public_url::normalize_origin) comes before.
pub async fn only_own_origin(State(public_url): State<PublicUrl>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_read
        || request.headers().get_all(header::ORIGIN).iter().all(|origin| is_own(&public_url, origin, request.headers()))
    {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    }
}

fn is_own(public_url: &PublicUrl, origin: &HeaderValue, headers: &HeaderMap) -> bool {
    if origin.as_bytes() == public_url.as_str().as_bytes() {
        return true;
    }
    // On this machine the portal has several names and, behind a forwarded port, several ports.
    let Some(authority) = origin.as_bytes().strip_prefix(b"http://") else { return false };
    !public_url.is_https()
        && is_loopback(&public_url.host())
        && headers.get(header::HOST).is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(authority))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Request, Version, header};
    use portal::PublicError;
    use rstest::rstest;

    use super::{check, is_own};

    fn checked(public_url: &str, url: &str, hosts: &[&str]) -> Result<(), PublicError> {
        let mut request = Request::get(url);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        check(&public_url.parse().unwrap(), &request.body(()).unwrap())
    }

    const PUBLIC: &str = "https://portal.example.com";

    #[rstest]
    #[case::the_host(PUBLIC, "/", "portal.example.com")]
    #[case::case(PUBLIC, "/", "PORTAL.Example.COM")]
    #[case::the_usual_port(PUBLIC, "/", "portal.example.com:443")]
    #[case::no_port("https://portal.example.com:8443", "/", "portal.example.com")]
    #[case::an_absolute_url(PUBLIC, "https://portal.example.com/login", "portal.example.com")]
    #[case::a_probe(PUBLIC, "/healthz", "10.1.2.3:3000")]
    #[case::another_probe(PUBLIC, "/readyz", "10.1.2.3:3000")]
    #[case::ipv6("http://[2001:db8::7]:3000", "/", "[2001:DB8:0::7]:3000")]
    #[case::this_machine("http://localhost:3000", "/", "127.0.0.1:3000")]
    #[case::this_machine_by_ipv6("http://localhost:3000", "/", "[::1]:8080")]
    #[case::international("https://pörtal.example", "/", "xn--prtal-jua.example")]
    fn a_request_to_the_public_url_is_served(#[case] public_url: &str, #[case] url: &str, #[case] host: &str) {
        assert_eq!(checked(public_url, url, &[host]), Ok(()));
    }

    #[rstest]
    #[case::another_name("/", "evil.example")]
    #[case::a_longer_name("/", "portal.example.com.evil.example")]
    #[case::a_shorter_name("/", "example.com")]
    #[case::an_address("/", "127.0.0.1:3000")]
    #[case::a_user("/", "portal.example.com@evil.example")]
    #[case::another_user("/", "evil@portal.example.com")]
    #[case::a_dot("/", "portal.example.com.")]
    #[case::two_names("/", "portal.example.com, evil.example")]
    #[case::a_path("/", "portal.example.com/evil")]
    #[case::nothing("/", "")]
    #[case::the_url_of_another("https://evil.example/", "portal.example.com")]
    #[case::the_header_of_another("https://portal.example.com/", "evil.example")]
    #[case::almost_a_probe("/healthz/", "10.1.2.3:3000")]
    fn a_request_to_another_host_is_refused(#[case] url: &str, #[case] host: &str) {
        assert_eq!(checked(PUBLIC, url, &[host]), Err(PublicError::WrongHost));
    }

    #[test]
    fn there_is_exactly_one_host_header_even_for_a_probe() {
        for url in ["/", "/healthz"] {
            assert_eq!(checked(PUBLIC, url, &[]), Err(PublicError::Malformed));
            let twice = ["portal.example.com", "portal.example.com"];
            assert_eq!(checked(PUBLIC, url, &twice), Err(PublicError::Malformed));
        }
        let old = Request::get("/healthz").version(Version::HTTP_10).body(()).unwrap();
        assert_eq!(check(&PUBLIC.parse().unwrap(), &old), Ok(()));
        let old = Request::get("/").version(Version::HTTP_10).body(()).unwrap();
        assert_eq!(check(&PUBLIC.parse().unwrap(), &old), Err(PublicError::WrongHost));
    }

    #[test]
    fn a_url_has_at_most_eight_kibibytes() {
        let long = |length: usize| format!("/{}", "a".repeat(length - 1));
        assert_eq!(checked(PUBLIC, &long(8_192), &["portal.example.com"]), Ok(()));
        assert_eq!(checked(PUBLIC, &long(8_193), &["portal.example.com"]), Err(PublicError::UrlTooLong));
        let absolute = format!("{PUBLIC}{}", long(8_193 - PUBLIC.len()));
        assert_eq!(checked(PUBLIC, &absolute, &["portal.example.com"]), Err(PublicError::UrlTooLong));
    }

    #[rstest]
    #[case::the_public_url(PUBLIC, PUBLIC, "portal.example.com", true)]
    #[case::another_scheme(PUBLIC, "http://portal.example.com", "portal.example.com", false)]
    #[case::another_port(PUBLIC, "https://portal.example.com:8443", "portal.example.com:8443", false)]
    #[case::another_site(PUBLIC, "https://evil.example", "portal.example.com", false)]
    #[case::none(PUBLIC, "null", "portal.example.com", false)]
    #[case::this_machine("http://localhost:3000", "http://127.0.0.1:3000", "127.0.0.1:3000", true)]
    #[case::another_program_on_it("http://localhost:3000", "http://localhost:4000", "localhost:3000", false)]
    #[case::https_on_it("http://localhost:3000", "https://localhost:3000", "localhost:3000", false)]
    #[case::under_http("http://portal.example.com", "http://portal.example.com:3000", "portal.example.com:3000", false)]
    fn a_change_comes_from_the_portals_own_pages(
        #[case] public_url: &str,
        #[case] origin: &str,
        #[case] host: &str,
        #[case] expected: bool,
    ) {
        let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(host).unwrap())]);
        let origin = HeaderValue::from_str(origin).unwrap();
        assert_eq!(is_own(&public_url.parse().unwrap(), &origin, &headers), expected);
    }
}
