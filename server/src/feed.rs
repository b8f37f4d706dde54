//! `GET /api/v1/audit`: the audit log for collectors, with a token of its own. No session, no cookie and no page: it
//! stands outside of the layers that know people.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use portal::{Error, FieldProblems, Portal, PublicError, audit::FeedPage};
use secrecy::SecretString;
use tower_http::compression::CompressionLayer;

/// Entries in an answer unless another number is asked for, and at most.
const USUAL: i64 = 500;
const MOST: i64 = 1_000;
/// The longest that an answer is waited for, in seconds.
const LONGEST_WAIT: u64 = 30;
/// What to ask for next.
const NEXT: HeaderName = HeaderName::from_static("x-audit-next");

pub fn router(portal: Arc<Portal>) -> Router {
    Router::new().route("/api/v1/audit", get(feed)).with_state(portal).layer(CompressionLayer::new())
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    after: i64,
    limit: i64,
    wait: Duration,
}

async fn feed(State(portal): State<Arc<Portal>>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        // The token first: who has none learns nothing of what may be asked.
        let collector = portal.collector(&bearer(&headers).ok_or(Error::SignedOut)?).await?;
        let asked = read(query.as_deref().unwrap_or_default()).map_err(Error::Invalid)?;
        portal.feed(&collector, asked.after, asked.limit, asked.wait).await
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

fn read(query: &str) -> Result<Asked, FieldProblems> {
    let mut problems = FieldProblems::default();
    let mut number = |name: &str, usual: i64, least: i64, most: i64| {
        let mut given = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        let (first, second) = (given.next(), given.next());
        if second.is_some() {
            problems.add(name, "This is given twice; give it once.");
        }
        let Some((_, text)) = first else { return usual };
        text.parse().ok().filter(|number| (least..=most).contains(number)).unwrap_or_else(|| {
            problems.add(name, format!("Give a number from {least} to {most}."));
            usual
        })
    };
    let after = number("after", 0, 0, i64::MAX);
    let limit = number("limit", USUAL, 1, MOST);
    let wait = number("wait", 0, 0, LONGEST_WAIT as i64);
    if problems.is_empty() {
        Ok(Asked { after, limit, wait: Duration::from_secs(wait.unsigned_abs()) })
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
    let mut answer = (status, axum::Json(error)).into_response();
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

    use super::{Asked, bearer, read};

    #[test]
    fn what_is_not_asked_for_is_the_usual() {
        assert_eq!(read(""), Ok(Asked { after: 0, limit: 500, wait: Duration::ZERO }));
        let asked = Asked { after: 7, limit: 1_000, wait: Duration::from_secs(30) };
        assert_eq!(read("after=7&limit=1000&wait=30&other=1"), Ok(asked));
    }

    #[test]
    fn what_cannot_be_a_number_of_it_is_told_by_its_name() {
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
    fn only_a_bearers_token_is_one() {
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
