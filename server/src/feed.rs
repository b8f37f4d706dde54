//! `GET /api/v1/audit`: the audit log for log collectors, which have tokens of their own. It has no session, no cookie
//! and no page, and is outside the layers that know people.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use app::wording::refusals;
use axum::{
    Router,
    extract::{ConnectInfo, RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use portal::{Error, FieldProblems, Origin, Portal, Problem, PublicError, audit::FeedPage};
use secrecy::SecretString;
use tower_http::compression::CompressionLayer;

use crate::{
    limits::Limits,
    origin::{Clients, user_agent},
};

/// The default and the maximum number of entries in an answer.
const USUAL: i64 = 500;
const MOST: i64 = 1_000;
/// The maximum of `wait`, in seconds.
const LONGEST_WAIT: u64 = 30;
/// The `after` of the next request.
const NEXT: HeaderName = HeaderName::from_static("x-audit-next");

/// What the route needs.
#[derive(Clone)]
pub struct Feed {
    pub portal: Arc<Portal>,
    pub clients: Arc<Clients>,
    pub limits: Arc<Limits>,
}

pub fn router(feed: Feed) -> Router {
    Router::new().route("/api/v1/audit", get(read_feed)).with_state(feed).layer(CompressionLayer::new())
}

/// The query's parameters.
#[derive(Debug, PartialEq, Eq)]
struct FeedQuery {
    after: i64,
    limit: i64,
    wait: Duration,
}

async fn read_feed(
    State(Feed { portal, clients, limits }): State<Feed>,
    ConnectInfo(socket): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let client = clients.client(socket, &headers);
    if let Err(error) = limits.count(None, client) {
        return refused(&error);
    }
    let origin = Origin { ip: Some(client.address), user_agent: user_agent(&headers), ..Origin::default() };
    let answer = async {
        // The token first: without one a request learns nothing about the parameters.
        let collector = portal.collector(bearer(&headers).as_ref(), &origin).await?;
        let query = read(query.as_deref().unwrap_or_default()).map_err(Error::Invalid)?;
        portal.feed(&collector, query.after, query.limit, query.wait).await
    };
    match answer.await {
        Ok(page) => lines(page),
        Err(error) => refused(&error.public()),
    }
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned().into())
}

fn read(query: &str) -> Result<FeedQuery, FieldProblems> {
    let mut problems = FieldProblems::default();
    let mut number = |name: &str, usual: i64, least: i64, most: i64| {
        let mut given = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        let (first, second) = (given.next(), given.next());
        if second.is_some() {
            problems.add(name, Problem::GivenTwice);
        }
        let Some((_, text)) = first else { return usual };
        text.parse().ok().filter(|number| (least..=most).contains(number)).unwrap_or_else(|| {
            problems.add(name, Problem::NumberBetween { least, most });
            usual
        })
    };
    let after = number("after", 0, 0, i64::MAX);
    let limit = number("limit", USUAL, 1, MOST);
    let wait = number("wait", 0, 0, LONGEST_WAIT as i64);
    if problems.is_empty() {
        Ok(FeedQuery { after, limit, wait: Duration::from_secs(wait.unsigned_abs()) })
    } else {
        Err(problems)
    }
}

fn lines(page: FeedPage) -> Response {
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"))];
    (kind, [(NEXT, HeaderValue::from(page.next))], page.lines).into_response()
}

fn refused(error: &PublicError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = (status, axum::Json(refusals::json(error))).into_response();
    if let Some(seconds) = error.retry_after() {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, HeaderValue, header};
    use secrecy::ExposeSecret;

    use super::{FeedQuery, bearer, read};

    #[test]
    fn omitted_parameters_have_defaults() {
        assert_eq!(read(""), Ok(FeedQuery { after: 0, limit: 500, wait: Duration::ZERO }));
        let query = FeedQuery { after: 7, limit: 1_000, wait: Duration::from_secs(30) };
        assert_eq!(read("after=7&limit=1000&wait=30&other=1"), Ok(query));
    }

    #[test]
    fn a_bad_parameter_is_reported_under_its_name() {
        for (query, field) in [
            ("after=-1", "after"),
            ("after=x", "after"),
            ("after=", "after"),
            ("after=1&after=2", "after"),
            ("after=99999999999999999999", "after"),
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("wait=31", "wait"),
        ] {
            let problems = read(query).expect_err(query);
            assert!(problems.of(field).is_some(), "{query}: {problems:?}");
        }
    }

    #[test]
    fn only_a_bearer_token_is_read() {
        let token = |value: &str| {
            let headers =
                HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).expect("a header"))]);
            bearer(&headers).map(|token| token.expose_secret().to_owned())
        };
        assert_eq!(token("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("bearer  abc ").as_deref(), Some("abc"));
        assert_eq!(token("Basic abc"), None);
        assert_eq!(token("abc"), None);
    }
}
