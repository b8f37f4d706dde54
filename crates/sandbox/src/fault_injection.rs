//! Injects faults: a layer around all documented calls.
//! `Faults::decide` chooses the fault of a call.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::FormatItem, macros::format_description};
use tokio::time::sleep;

use crate::faults::{FaultKind, Moment, RetryAfter};
use crate::{answers, odd_values, resettable_stream::ConnectionControl, workspaces::Workspaces};

/// Enough time for the first half of an answer to be sent before the connection closes.
const CUT_DELAY: Duration = Duration::from_millis(30);

/// Runs the call with the fault that is chosen for it.
pub async fn inject_faults(
    State(workspaces): State<Arc<Workspaces>>,
    Extension(control): Extension<Arc<ConnectionControl>>,
    request: Request,
    next: Next,
) -> Response {
    let decision = workspaces.faults.decide(request.method(), request.uri().path());
    sleep(decision.latency_before).await;
    if let Some(instead) = before(decision.fault.as_ref(), decision.random, &control).await {
        return instead;
    }
    let request = match decision.fault {
        Some(FaultKind::IgnoredQuery) => without_query(request),
        _ => request,
    };
    let answer = next.run(request).await;
    sleep(decision.latency_after).await;
    match decision.fault {
        Some(fault) => after(&fault, answer, decision.random, &control).await,
        None => answer,
    }
}

/// The answer in the place of the work, if the fault replaces it.
async fn before(fault: Option<&FaultKind>, random: u128, control: &ConnectionControl) -> Option<Response> {
    Some(match fault? {
        FaultKind::TooManyRequests(retry_after) => too_many_requests(*retry_after),
        FaultKind::ServerError(Moment::Before) => server_error(random),
        FaultKind::Html(Moment::Before) => bad_gateway(),
        FaultKind::Status(status) => {
            answers::message(*status, status.canonical_reason().unwrap_or("Refused by a fault"))
        }
        FaultKind::Redirect(location) => redirect(location),
        FaultKind::Reset(Moment::Before) => reset(control),
        FaultKind::Hang(Moment::Before) => hang(control).await,
        _ => return None,
    })
}

/// The answer after the work is done.
async fn after(fault: &FaultKind, answer: Response, random: u128, control: &ConnectionControl) -> Response {
    match fault {
        FaultKind::ServerError(Moment::After) => server_error(random),
        FaultKind::Html(Moment::After) => bad_gateway(),
        FaultKind::Reset(Moment::After) => reset(control),
        FaultKind::Hang(Moment::After) => hang(control).await,
        FaultKind::Truncate => with_body(answer, |bytes| Body::from(bytes.slice(..bytes.len() / 2))).await,
        FaultKind::Cut => with_body(answer, cut).await,
        FaultKind::ExtraFields => with_json(answer, |json| each_object(json, &mut add_unknown_field)).await,
        FaultKind::AbsentFields => {
            let mut rng = StdRng::seed_from_u64(random as u64);
            with_json(answer, |json| each_object(json, &mut |object| drop_fields(object, &mut rng))).await
        }
        FaultKind::OddValues => with_body(answer, odd_values::spread).await,
        FaultKind::OddField(name) => {
            let odd = json!({ "odd": true });
            with_json(answer, |json| {
                each_object(json, &mut |object| object.get_mut(name).into_iter().for_each(|it| *it = odd.clone()))
            })
            .await
        }
        _ => answer,
    }
}

/// The request for the same path without a query.
fn without_query(mut request: Request) -> Request {
    if let Ok(path) = request.uri().path().parse() {
        *request.uri_mut() = path;
    }
    request
}

fn too_many_requests(retry_after: Option<RetryAfter>) -> Response {
    let mut answer = answers::message(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
    let value = match retry_after {
        None => None,
        Some(RetryAfter::Seconds(seconds)) => Some(HeaderValue::from(seconds)),
        Some(RetryAfter::Date(seconds)) => http_date(seconds),
    };
    if let Some(value) = value {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer
}

const HTTP_DATE: &[FormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

fn http_date(seconds_ahead: u64) -> Option<HeaderValue> {
    let date = (OffsetDateTime::now_utc() + Duration::from_secs(seconds_ahead)).format(HTTP_DATE).ok()?;
    HeaderValue::try_from(date).ok()
}

/// The documented body, with a random id.
fn server_error(random: u128) -> Response {
    let id = uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid();
    answers::server_error(&id.to_string())
}

fn bad_gateway() -> Response {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>\
                </center>\r\n</body>\r\n</html>\r\n";
    (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

fn redirect(location: &str) -> Response {
    let mut answer = StatusCode::FOUND.into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}

/// The answer is never sent: the stream refuses to write it, and closing the stream sends the reset.
fn reset(control: &ConnectionControl) -> Response {
    control.reset();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Returns once the client has closed the connection.
async fn hang(control: &ConnectionControl) -> Response {
    control.closed().await;
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Half of the body, with the Content-Length of the whole; then an error, which closes the connection.
fn cut(bytes: Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let broken = stream::once(async {
        sleep(CUT_DELAY).await;
        Err(io::Error::from(io::ErrorKind::UnexpectedEof))
    });
    Body::from_stream(stream::once(async { Ok(half) }).chain(broken))
}

async fn with_body(answer: Response, change: impl FnOnce(Bytes) -> Body) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return answers::server_error("unreadable answer") };
    let whole = bytes.len();
    let body = change(bytes);
    let size = axum::body::HttpBody::size_hint(&body).exact();
    parts.headers.insert(header::CONTENT_LENGTH, size.unwrap_or(whole as u64).into());
    Response::from_parts(parts, body)
}

async fn with_json(answer: Response, change: impl FnOnce(&mut Value)) -> Response {
    with_body(answer, |bytes| {
        let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else { return Body::from(bytes) };
        change(&mut json);
        Body::from(json.to_string())
    })
    .await
}

fn each_object(json: &mut Value, change: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, change)),
        Value::Object(object) => {
            object.values_mut().for_each(|value| each_object(value, change));
            change(object);
        }
        _ => {}
    }
}

fn add_unknown_field(object: &mut serde_json::Map<String, Value>) {
    object.insert(
        "introduced_next_quarter".to_owned(),
        json!({ "reason": "clients must ignore unknown fields", "level": 3 }),
    );
}

fn drop_fields(object: &mut serde_json::Map<String, Value>, rng: &mut StdRng) {
    if object.contains_key("id") {
        object.retain(|field, _| field == "id" || rng.random_bool(0.7));
    }
}
