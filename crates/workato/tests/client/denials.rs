//! A 401 is Workato's answer to a token that it does not know and to a privilege that a role lacks. Which of them it
//! is, the other calls of the token tell.

use workato::{Call, CallOutcome, Client, ConnectionId, ConnectionQuery, Denial, ReadError};

use crate::support::{Server, json};

const REFUSED: &str = r#"{"message": "Unauthorized"}"#;

async fn denial_of_tags(client: &Client) -> Denial {
    match client.tags().await {
        Err(ReadError::Denied { denial, .. }) => denial,
        other => panic!("a denial, not {other:?}"),
    }
}

#[tokio::test]
async fn a_denied_call_is_no_bad_token_while_another_call_works() {
    let script = vec![json("200 OK", "[]"), json("401 Unauthorized", REFUSED)];
    let server = Server::start(script).await;
    let client = server.client();
    client.connections(&ConnectionQuery::default()).await.expect("a list");
    let error = client.tags().await.expect_err("denied");
    assert_eq!(
        error.to_string(),
        "GET /api/tags was refused (401): Unauthorized. The token works (GET /api/connections was answered 1 s before), \
         so its role lacks the privilege for this call; give it to the role in Workato."
    );
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    let answer = client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await;
    assert_eq!(answer.outcome, CallOutcome::Rejected);
    let message = answer.message.expect("words");
    assert!(message.starts_with("Unauthorized. The token works (GET /api/connections was answered "), "{message}");
}

#[tokio::test]
async fn a_token_that_was_revoked_is_not_said_to_work() {
    let script = vec![json("200 OK", "[]"), json("401 Unauthorized", REFUSED)];
    let server = Server::start(script).await;
    let client = server.client();
    client.connections(&ConnectionQuery::default()).await.expect("a list");
    client.connections(&ConnectionQuery::default()).await.expect_err("denied what it could do");
    assert_eq!(denial_of_tags(&client).await, Denial::TokenOrPrivilege);
}

#[tokio::test]
async fn a_documented_refusal_with_403_says_nothing_of_privileges() {
    let in_recipes = include_str!("../fixtures/delete_rejected_recipes.json");
    let server = Server::start(vec![json("403 Forbidden", in_recipes)]).await;
    let client = server.client();
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    let answer = client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await;
    assert_eq!(answer.message.as_deref(), Some("You can't delete a connection used by active recipes"));
}
