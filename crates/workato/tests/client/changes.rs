//! The outcome of a change for every response that it can have. Each case also asserts that the change was sent once.

use std::time::Duration;

use crate::support::{Server, Then, answer, json, options};
use rstest::rstest;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio::net::TcpListener;
use workato::{
    Call, CallOutcome, ChangeAnswer, Class, Client, ClientOptions, ConnectionId, ConnectorId, Denial, Limit, Limits,
    ResponseKind,
};

const SUPPRESSED: &str = include_str!("../fixtures/connector_suppressed.json");
const DELETED: &str = include_str!("../fixtures/connection_deleted.json");
const IN_RECIPES: &str = include_str!("../fixtures/delete_rejected_recipes.json");
const STREAMING: &str = include_str!("../fixtures/delete_rejected_streaming.json");
const NOT_FOUND: &str = include_str!("../fixtures/not_found.json");

async fn delete(client: &Client) -> ChangeAnswer {
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await
}

/// A client that does not wait in the queue, so that it never retries after a 429.
fn without_retries(server: &Server) -> Client {
    let options = ClientOptions { longest_wait: Duration::ZERO, ..server.options() };
    Client::new(options).expect("a client")
}

pub fn html(status: &str) -> Then {
    answer(status, "content-type: text/html\r\n", "<html><script>alert(1)</script>Bad gateway</html>")
}

fn raw(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[rstest]
#[case::done(json("200 OK", DELETED), CallOutcome::Succeeded, ResponseKind::Answered, None)]
#[case::done_in_result(json("200 OK", SUPPRESSED), CallOutcome::Succeeded, ResponseKind::Answered, None)]
#[case::refused_with_200(
    json("200 OK", IN_RECIPES),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    Some("You can't delete a connection used by active recipes")
)]
#[case::refused_with_422(
    json("422 Unprocessable Entity", STREAMING),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    Some("You can't delete a connection used by audit log streaming")
)]
#[case::refused_with_500(
    json("500 Internal Server Error", IN_RECIPES),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    Some("You can't delete a connection used by active recipes")
)]
#[case::refused_in_result(
    json("200 OK", r#"{"result": {"success": false, "message": "Not released"}}"#),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    Some("Not released")
)]
#[case::refused_without_words(
    json("200 OK", r#"{"success": false}"#),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    None
)]
#[case::refused_and_done(
    json("200 OK", r#"{"success": false, "result": {"success": true}}"#),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    None
)]
#[case::not_found(json("404 Not Found", NOT_FOUND), CallOutcome::Rejected, ResponseKind::Answered, Some("Not found"))]
#[case::not_found_as_html(html("404 Not Found"), CallOutcome::Rejected, ResponseKind::Answered, None)]
#[case::unauthorized(
    json("401 Unauthorized", r#"{"message": "Unauthorized"}"#),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    Some("Unauthorized")
)]
#[case::forbidden_as_html(html("403 Forbidden"), CallOutcome::Rejected, ResponseKind::Answered, None)]
#[case::invalid(
    json(
        "400 Bad Request",
        r#"{"message": "Validation failed", "errors": {"name": ["can't be blank", "is too short"]}}"#
    ),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    Some("Validation failed: name can't be blank; name is too short")
)]
#[case::refused_status_with_success(
    json("409 Conflict", r#"{"success": true}"#),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    None
)]
#[case::refused_status_with_cut_body(
    Then::WriteAndClose(raw("HTTP/1.1 400 Bad Request\r\ncontent-length: 99\r\n\r\n{\"mess")),
    CallOutcome::Rejected,
    ResponseKind::Answered,
    None
)]
#[case::too_many(
    json("429 Too Many Requests", r#"{"message": "Slow down"}"#),
    CallOutcome::Failed,
    ResponseKind::RateLimited,
    Some("Slow down")
)]
#[case::timed_out_at_a_proxy(html("408 Request Timeout"), CallOutcome::Unknown, ResponseKind::TimedOut, None)]
#[case::too_many_as_html(html("429 Too Many Requests"), CallOutcome::Failed, ResponseKind::RateLimited, None)]
#[case::no_flag(json("200 OK", r#"{"status": "deleted"}"#), CallOutcome::Unknown, ResponseKind::Unreadable, None)]
#[case::a_flag_that_is_text(
    json("200 OK", r#"{"success": "true"}"#),
    CallOutcome::Unknown,
    ResponseKind::Unreadable,
    None
)]
#[case::empty(json("200 OK", ""), CallOutcome::Unknown, ResponseKind::Unreadable, None)]
#[case::no_content(
    Then::Write(raw("HTTP/1.1 204 No Content\r\n\r\n")),
    CallOutcome::Unknown,
    ResponseKind::Unreadable,
    None
)]
#[case::html_with_200(html("200 OK"), CallOutcome::Unknown, ResponseKind::Unreadable, None)]
#[case::cut_within(
    Then::WriteAndClose(raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"success\": tr")),
    CallOutcome::Unknown,
    ResponseKind::Unreadable,
    None
)]
#[case::cut_after_whole_json(
    Then::WriteAndClose(raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"success\": true}")),
    CallOutcome::Unknown,
    ResponseKind::Unreadable,
    None
)]
#[case::cut_without_a_length(
    Then::WriteAndClose(raw("HTTP/1.1 200 OK\r\n\r\n{\"success\": tr")),
    CallOutcome::Unknown,
    ResponseKind::Unreadable,
    None
)]
#[case::not_http(Then::WriteAndClose(raw("SSH-2.0-OpenSSH_9.2\r\n")), CallOutcome::Unknown, ResponseKind::Reset, None)]
#[case::broken(
    json("500 Internal Server Error", r#"{"message": "Server error", "id": "f1"}"#),
    CallOutcome::Unknown,
    ResponseKind::ServerError,
    Some("Server error")
)]
#[case::broken_but_success(
    json("503 Service Unavailable", r#"{"success": true}"#),
    CallOutcome::Unknown,
    ResponseKind::ServerError,
    None
)]
#[case::bad_gateway(html("502 Bad Gateway"), CallOutcome::Unknown, ResponseKind::ServerError, None)]
#[case::redirected(
    answer("302 Found", "location: /api/connections/36\r\n", ""),
    CallOutcome::Unknown,
    ResponseKind::Redirected,
    None
)]
#[case::redirected_with_method(
    answer("307 Temporary Redirect", "location: /api/connections/36\r\n", ""),
    CallOutcome::Unknown,
    ResponseKind::Redirected,
    None
)]
#[case::closed(Then::WriteAndClose(Vec::new()), CallOutcome::Unknown, ResponseKind::Reset, None)]
#[case::closed_in_the_head(
    Then::WriteAndClose(raw("HTTP/1.1 200 OK\r\ncontent-le")),
    CallOutcome::Unknown,
    ResponseKind::Reset,
    None
)]
#[case::reset(Then::Reset, CallOutcome::Unknown, ResponseKind::Reset, None)]
#[tokio::test]
async fn the_response_decides_the_outcome(
    #[case] then: Then,
    #[case] outcome: CallOutcome,
    #[case] detail: ResponseKind,
    #[case] message: Option<&str>,
) {
    let server = Server::start(vec![then]).await;
    let answer = delete(&without_retries(&server)).await;
    assert_eq!((answer.outcome, answer.detail), (outcome, detail), "{answer:?}");
    assert_eq!(answer.message.as_deref(), message, "only Workato's own message");
    let is_denied = matches!(answer.http_status, Some(401 | 403));
    assert_eq!(answer.denial, is_denied.then_some(Denial::TokenOrPrivilege));
    let retry_after = (answer.detail == ResponseKind::RateLimited).then_some(5);
    assert_eq!(answer.retry_after_seconds, retry_after);
    assert_eq!(server.lines(), ["DELETE /api/connections/36"]);
}

#[rstest]
#[case::never(Vec::new(), None)]
#[case::within_the_head(raw("HTTP/1.1 200 OK\r\n"), None)]
#[case::within_the_body(raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"success\": true}"), Some(200))]
#[tokio::test]
async fn an_answer_that_does_not_end_in_time_leaves_the_outcome_unknown(
    #[case] written: Vec<u8>,
    #[case] http_status: Option<u16>,
) {
    let server = Server::start(vec![Then::WriteAndHang(written)]).await;
    let options = ClientOptions { timeout: Duration::from_millis(300), ..server.options() };
    let answer = delete(&Client::new(options).expect("a client")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Unknown, ResponseKind::TimedOut));
    assert_eq!(answer.http_status, http_status);
    assert_eq!(server.lines(), ["DELETE /api/connections/36"]);
}

#[tokio::test]
async fn an_answer_that_is_too_long_leaves_the_outcome_unknown() {
    let body = format!(r#"{{"success": true, "padding": "{}"}}"#, "x".repeat(200_000));
    let server = Server::start(vec![json("200 OK", &body)]).await;
    let options = ClientOptions { longest_answer: 100_000, ..server.options() };
    let answer = delete(&Client::new(options).expect("a client")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Unknown, ResponseKind::Unreadable));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_connection_means_that_the_change_failed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let answer = delete(&Client::new(options(&format!("http://{address}"))).expect("a client")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::Unreachable));
    assert_eq!(answer.http_status, None);
    assert_eq!(answer.message, None);
    let cause = answer.cause.expect("a cause");
    assert!(cause.contains("refused"), "{cause}");
}

#[tokio::test]
async fn a_failed_tls_handshake_means_that_the_change_failed() {
    let server = Server::start(vec![json("200 OK", DELETED)]).await;
    let base_url = format!("https://localhost:{}", server.address.port());
    // The server waits for the end of a request's head, so the client has to time out.
    let short = ClientOptions { connect_timeout: Duration::from_millis(300), ..options(&base_url) };
    let answer = delete(&Client::new(short).expect("a client")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::Unreachable));
    assert!(server.requests().is_empty());

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base_url = format!("https://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Not TLS.
            drop(stream.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        }
    });
    let answer = delete(&Client::new(options(&base_url)).expect("a client")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::Unreachable));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_means_that_the_change_failed() {
    let answer = delete(&Client::new(options("https://workato.invalid")).expect("a client")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::Unreachable));
}

#[rstest]
#[case::seconds("retry-after: 7\r\n".to_owned(), 7..=7)]
#[case::date(format!("retry-after: {}\r\n", in_ten_seconds()), 8..=10)]
#[tokio::test]
async fn a_429_has_the_wait_that_workato_asked_for(
    #[case] headers: String,
    #[case] seconds: std::ops::RangeInclusive<u64>,
) {
    let server = Server::start(vec![answer("429 Too Many Requests", &headers, "")]).await;
    let client = without_retries(&server);
    let answer = delete(&client).await;
    assert_eq!((answer.outcome, answer.http_status), (CallOutcome::Failed, Some(429)));
    assert!(answer.retry_after_seconds.is_some_and(|wait| seconds.contains(&wait)), "{answer:?}");

    let next = client.expected_wait(Class::ConnectionsOther);
    assert!(next > Duration::from_secs(seconds.start() - 1), "{next:?}");
    assert_eq!(client.expected_wait(Class::Connectors), Duration::ZERO);
}

/// An HTTP date.
fn in_ten_seconds() -> String {
    let date = OffsetDateTime::now_utc() + Duration::from_secs(10);
    date.format(&Rfc2822).expect("a date").replace("+0000", "GMT")
}

#[tokio::test]
async fn a_change_whose_permit_expires_because_of_a_429_is_not_sent() {
    let server = Server::start(vec![answer("429 Too Many Requests", "retry-after: 300\r\n", "")]).await;
    let client = server.client();
    let waiting = client.reserve(Class::ConnectionsOther).expect("room in the queue");
    delete(&client).await;
    let answer = client.delete_connection(waiting, ConnectionId::new(37).expect("above zero")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::RateLimited));
    assert_eq!(answer.http_status, None);
    assert_eq!(server.lines(), ["DELETE /api/connections/36"]);
}

#[tokio::test]
async fn suppressing_sends_the_documented_call() {
    let server = Server::start(vec![json("200 OK", SUPPRESSED)]).await;
    let client = server.client();
    let permit = client.reserve(Call::Suppress.class()).expect("room in the queue");
    let answer = client.suppress(permit, ConnectorId::new(3066).expect("above zero")).await;
    assert_eq!(answer.status.as_deref(), Some("suppressed"));
    assert_eq!(server.lines(), ["DELETE /api/custom_connectors/3066/suppress_oem_version"]);
}

#[tokio::test]
async fn every_change_uses_a_new_connection_so_that_a_stale_one_cannot_send_it_twice() {
    let script = vec![json("200 OK", DELETED), Then::WriteAndClose(Vec::new())];
    let server = Server::start(script).await;
    let client = server.client();
    assert_eq!(delete(&client).await.outcome, CallOutcome::Succeeded);
    assert_eq!(delete(&client).await.outcome, CallOutcome::Unknown);
    assert_eq!((server.requests().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_permit_of_another_class_does_not_exceed_the_limit() {
    let server = Server::start(vec![json("200 OK", DELETED)]).await;
    let options = ClientOptions {
        limits: Limits { connections_other: Some(Limit::per_minute(1)), ..Limits::none() },
        ..server.options()
    };
    let client = Client::new(options).expect("a client");
    assert_eq!(delete(&client).await.outcome, CallOutcome::Succeeded);
    let wrong = client.reserve(Class::Connectors).expect("room in the queue");
    let answer = client.delete_connection(wrong, ConnectionId::new(37).expect("above zero")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::RateLimited));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn workatos_message_is_one_bounded_line() {
    let words = format!("You\\u001b[31m can't\\n\\tdelete\\u202e {}", "x".repeat(2000));
    let body = format!(r#"{{"success": false, "status": "rejected", "message": "{words}"}}"#);
    let server = Server::start(vec![json("200 OK", &body)]).await;
    let message = delete(&server.client()).await.message.expect("a message");
    assert!(message.starts_with("You [31m can't delete xxx"), "{message}");
    assert_eq!(message.chars().count(), 501);
}
