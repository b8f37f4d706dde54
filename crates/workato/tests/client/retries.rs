//! Retries: of reads after errors that can pass, of changes only after a 429.

use std::time::Duration;

use rstest::rstest;
use workato::{
    Call, CallOutcome, ChangeAnswer, Class, Client, ClientOptions, ConnectionId, ConnectionQuery, Limit, Limits,
    ReadError, ResponseKind,
};

use crate::changes::html;
use crate::support::{Server, Then, answer, json};

const DELETED: &str = include_str!("../fixtures/connection_deleted.json");

async fn read(client: &Client) -> Result<usize, ReadError> {
    client.connections(&ConnectionQuery::default()).await.map(|connections| connections.len())
}

async fn delete(client: &Client) -> ChangeAnswer {
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await
}

fn too_many(headers: &str) -> Then {
    answer("429 Too Many Requests", headers, "")
}

fn cut() -> Then {
    Then::WriteAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n[{\"id\"".to_vec())
}

#[rstest]
#[case::broken(json("500 Internal Server Error", "{}"))]
#[case::bad_gateway(html("502 Bad Gateway"))]
#[case::reset(Then::Reset)]
#[case::cut(cut())]
#[case::too_many_for_a_second(too_many("retry-after: 1\r\n"))]
#[case::too_many_until_now(too_many("retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))]
#[tokio::test]
async fn a_read_is_retried_after_an_error_that_can_pass(#[case] then: Then) {
    let server = Server::start(vec![then, json("200 OK", "[]")]).await;
    assert_eq!(read(&server.client()).await.expect("a list"), 0);
    assert_eq!(server.requests().len(), 2);
}

#[rstest]
#[case::broken(json("500 Internal Server Error", "{}"))]
#[case::reset(Then::Reset)]
#[case::too_many(too_many("retry-after: 0\r\n"))]
#[tokio::test]
async fn a_failing_read_is_sent_three_times(#[case] then: Then) {
    let server = Server::start(vec![then]).await;
    read(&server.client()).await.expect_err("no list");
    assert_eq!(server.requests().len(), 3);
}

#[rstest]
#[case::denied(json("401 Unauthorized", "{}"))]
#[case::not_found(json("404 Not Found", "{}"))]
#[case::invalid(json("400 Bad Request", "{}"))]
#[case::redirected(answer("302 Found", "location: /elsewhere\r\n", ""))]
#[case::no_list(json("200 OK", "{}"))]
#[case::too_many_for_a_minute(too_many("retry-after: 60\r\n"))]
#[tokio::test]
async fn a_read_is_not_retried_after_an_error_that_stays(#[case] then: Then) {
    let server = Server::start(vec![then, json("200 OK", "[]")]).await;
    read(&server.client()).await.expect_err("no list");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn all_tries_of_a_read_share_one_time_limit() {
    let script = vec![json("500 Internal Server Error", "{}"), Then::WriteAndHang(Vec::new())];
    let server = Server::start(script).await;
    let options = ClientOptions { timeout: Duration::from_millis(900), ..server.options() };
    let start = std::time::Instant::now();
    let error = read(&Client::new(options).expect("a client")).await.expect_err("no list");
    assert!(matches!(error, ReadError::TimedOut { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
}

#[tokio::test]
async fn every_try_of_a_read_counts_against_the_limit() {
    let server = Server::start(vec![json("500 Internal Server Error", "{}")]).await;
    let limits = Limits { connections_list: Some(Limit::per_minute(2)), ..Limits::none() };
    let client = Client::new(ClientOptions { limits, ..server.options() }).expect("a client");
    let error = read(&client).await.expect_err("no list");
    assert!(matches!(error, ReadError::Broken { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 2, "a third would be one too many");
}

#[rstest]
#[case::for_a_second("retry-after: 1\r\n")]
#[case::at_once("retry-after: 0\r\n")]
#[tokio::test]
async fn a_change_is_retried_after_the_pause_of_a_429(#[case] headers: &str) {
    let server = Server::start(vec![too_many(headers), json("200 OK", DELETED)]).await;
    let client = server.client();
    let answer = delete(&client).await;
    assert_eq!((answer.outcome, answer.retry_after_seconds), (CallOutcome::Succeeded, None));
    assert_eq!(server.lines(), ["DELETE /api/connections/36", "DELETE /api/connections/36"]);
    assert!(client.waited() >= Duration::from_millis(900), "{:?}", client.waited());
}

#[tokio::test]
async fn a_change_that_keeps_getting_429_fails_and_says_when_to_try_again() {
    let server = Server::start(vec![too_many("retry-after: 1\r\n")]).await;
    let answer = delete(&server.client()).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::RateLimited));
    assert_eq!((answer.message, answer.retry_after_seconds), (None, Some(1)));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_change_fails_at_once_if_the_pause_is_longer_than_its_permit() {
    let server = Server::start(vec![too_many("retry-after: 30\r\n"), json("200 OK", DELETED)]).await;
    let client = server.client();
    let answer = delete(&client).await;
    assert_eq!((answer.outcome, answer.retry_after_seconds), (CallOutcome::Failed, Some(30)));
    assert_eq!(server.requests().len(), 1);
    assert!(client.expected_wait(Class::ConnectionsOther) > Duration::from_secs(28));
}

#[rstest]
#[case::a_fraction("retry-after: 299.997\r\n", 300)]
#[case::two_values("retry-after: 9, 12\r\n", 12)]
#[case::two_headers("retry-after: 12\r\nretry-after: 9\r\n", 12)]
#[case::most_of_a_day("retry-after: 52740\r\n", 52_740)]
#[tokio::test]
async fn a_change_is_not_sent_again_within_the_time_that_workato_asked_for(
    #[case] headers: &str,
    #[case] seconds: u64,
) {
    let server = Server::start(vec![too_many(headers), json("200 OK", DELETED)]).await;
    let options = ClientOptions { longest_wait: Duration::from_secs(5), ..server.options() };
    let client = Client::new(options).expect("a client");
    let answer = delete(&client).await;
    assert_eq!((answer.outcome, answer.retry_after_seconds), (CallOutcome::Failed, Some(seconds)));
    let again = client.reserve(Call::DeleteConnection.class()).expect_err("nothing may be sent yet");
    assert!(again.wait > Duration::from_secs(seconds - 2), "{again:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_time_for_retries_of_a_change_counts_from_its_reservation() {
    let server = Server::start(vec![too_many("retry-after: 2\r\n"), json("200 OK", DELETED)]).await;
    let options = ClientOptions { longest_wait: Duration::from_secs(2), ..server.options() };
    let client = Client::new(options).expect("a client");
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    // Meanwhile the portal records the intent with its deadline.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let answer = client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await;
    assert_eq!((answer.outcome, answer.retry_after_seconds), (CallOutcome::Failed, Some(2)));
    assert_eq!(server.requests().len(), 1);
}
