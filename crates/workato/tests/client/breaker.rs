//! A Workato that is plainly down is left alone, and asked again by one read.

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

/// Five reads of two kinds at once, none of which has an answer.
async fn five_reads(client: &Client) {
    let lists = join_all((0..3).map(|_| read(client)));
    let tags = join_all((0..2).map(|_| client.tags()));
    let (lists, tags) = tokio::join!(lists, tags);
    assert!(lists.iter().all(Result::is_err) && tags.iter().all(Result::is_err));
}

#[tokio::test]
async fn while_workato_is_down_reads_fail_at_once_and_changes_are_not_sent_until_a_read_is_answered() {
    // Five reads, three times each.
    let mut script = vec![json("503 Service Unavailable", "{}"); 15];
    script.extend([json("200 OK", "[]"), json("200 OK", DELETED)]);
    let server = Server::start(script).await;
    let client = client(server.options());
    five_reads(&client).await;
    let sent = server.requests().len();

    let error = read(&client).await.expect_err("Workato is down");
    assert!(matches!(error, ReadError::Down { .. }) && error.is_passing(), "{error:?}");
    assert_eq!(
        error.to_string(),
        "GET /api/connections was not sent, because Workato has not answered the last calls to this workspace. \
         It is asked again in 1 s."
    );
    let answer = delete(&client).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Failed, ResponseKind::NotSent));
    assert!(answer.message.expect("words of ours").starts_with("Nothing was sent, because Workato has not answered"));
    tokio::time::sleep(PAUSE).await;
    assert_eq!(delete(&client).await.detail, ResponseKind::NotSent, "a change is never the one that asks again");
    assert_eq!(server.requests().len(), sent, "nothing was sent meanwhile");

    assert_eq!(read(&client).await.expect("a list"), 0);
    assert_eq!(delete(&client).await.outcome, CallOutcome::Succeeded);
}

#[tokio::test]
async fn a_workato_that_is_not_there_is_left_alone_whichever_call_finds_out() {
    let client = client(options("http://127.0.0.1:1"));
    for error in join_all((0..5).map(|_| read(&client))).await {
        assert!(matches!(error, Err(ReadError::Unreachable { .. })), "{error:?}");
    }
    assert!(matches!(read(&client).await, Err(ReadError::Down { .. })));
    tokio::time::sleep(PAUSE).await;
    assert!(matches!(read(&client).await, Err(ReadError::Unreachable { .. })), "the next read asks again");
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
async fn a_read_that_is_given_up_leaves_asking_again_to_the_next() {
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
