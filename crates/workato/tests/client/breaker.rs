//! While Workato is down, nothing is sent but one probe at a time.

use std::time::Duration;

use futures::future::join_all;
use workato::{
    Call, CallOutcome, ChangeAnswer, Client, ClientOptions, ConnectionId, ConnectionQuery, ReadError, ResponseKind,
};

use crate::support::{Server, Then, json, options};

const DELETED: &str = include_str!("../fixtures/connection_deleted.json");
const PAUSE: Duration = Duration::from_millis(400);

async fn read(client: &Client) -> Result<usize, ReadError> {
    client.connections(&ConnectionQuery::default()).await.map(|connections| connections.len())
}

async fn delete(client: &Client) -> ChangeAnswer {
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await
}

fn client(options: ClientOptions) -> Client {
    Client::new(ClientOptions { pause_when_down: PAUSE, ..options }).expect("a client")
}

/// Five failing reads of two kinds at once.
async fn five_reads(client: &Client) {
    let lists = join_all((0..3).map(|_| read(client)));
    let tags = join_all((0..2).map(|_| client.tags()));
    let (lists, tags) = tokio::join!(lists, tags);
    assert!(lists.iter().all(Result::is_err) && tags.iter().all(Result::is_err));
}

#[tokio::test]
async fn while_workato_is_down_nothing_is_sent_until_a_read_has_an_answer() {
    // Five reads with two retries each.
    let mut script = vec![json("503 Service Unavailable", "{}"); 15];
    script.extend([json("200 OK", "[]"), json("200 OK", DELETED)]);
    let server = Server::start(script).await;
    let client = client(server.options());
    five_reads(&client).await;
    let sent = server.requests().len();

    let error = read(&client).await.expect_err("Workato is down");
    assert!(matches!(error, ReadError::Down { .. }) && error.is_transient(), "{error:?}");
    assert_eq!(
        error.to_string(),
        "GET /api/connections was not sent, because Workato didn't answer the last calls to this workspace. \
         Next try in 1 s."
    );
    let answer = delete(&client).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::NotSent));
    assert_eq!((answer.message, answer.retry_after_seconds), (None, Some(1)));
    tokio::time::sleep(PAUSE).await;
    assert_eq!(delete(&client).await.detail, ResponseKind::NotSent, "a change is never the probe");
    assert_eq!(server.requests().len(), sent, "nothing was sent");

    assert_eq!(read(&client).await.expect("a list"), 0);
    assert_eq!(delete(&client).await.outcome, CallOutcome::Succeeded);
}

#[tokio::test]
async fn one_kind_of_call_that_cannot_connect_opens_the_breaker() {
    let client = client(options("http://127.0.0.1:1"));
    for error in join_all((0..5).map(|_| read(&client))).await {
        assert!(matches!(error, Err(ReadError::Unreachable { .. })), "{error:?}");
    }
    assert!(matches!(read(&client).await, Err(ReadError::Down { .. })));
    tokio::time::sleep(PAUSE).await;
    assert!(matches!(read(&client).await, Err(ReadError::Unreachable { .. })), "the next read is the probe");
    assert!(matches!(read(&client).await, Err(ReadError::Down { .. })));
}

#[tokio::test]
async fn refusals_are_answers() {
    let server = Server::start(vec![json("401 Unauthorized", "{}"), json("404 Not Found", "{}")]).await;
    let client = client(server.options());
    five_reads(&client).await;
    assert!(matches!(read(&client).await, Err(ReadError::NotFound { .. })));
}

#[tokio::test]
async fn if_a_probe_is_dropped_the_next_read_is_the_probe() {
    let mut script = vec![Then::Reset; 15];
    script.extend([Then::WriteAndHang(Vec::new()), json("200 OK", "[]")]);
    let server = Server::start(script).await;
    let client = client(server.options());
    five_reads(&client).await;
    tokio::time::sleep(PAUSE).await;
    let given_up = tokio::time::timeout(Duration::from_millis(200), read(&client)).await;
    assert!(given_up.is_err());
    assert_eq!(read(&client).await.expect("a list"), 0);
}
