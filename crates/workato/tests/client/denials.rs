//! Workato answers 401 for an unknown token and for a missing privilege. Other calls with the token tell which it is.

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
async fn a_denied_call_is_a_missing_privilege_if_another_call_succeeds() {
    let script = vec![json("200 OK", "[]"), json("401 Unauthorized", REFUSED)];
    let server = Server::start(script).await;
    let client = server.client();
    client.connections(&ConnectionQuery::default()).await.expect("a list");
    let error = client.tags().await.expect_err("denied");
    assert_eq!(
        error.to_string(),
        "GET /api/tags was refused (401): Unauthorized. The token works (GET /api/connections succeeded 1 s before), \
         so its role lacks the privilege for this call. Add it to the role in Workato."
    );
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    let answer = client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await;
    assert_eq!(answer.outcome, CallOutcome::Rejected);
    assert_eq!(answer.message.as_deref(), Some("Unauthorized"));
    assert!(matches!(answer.denial, Some(Denial::Privilege { answered: Call::Connections, .. })), "{answer:?}");
}

#[tokio::test]
async fn a_revoked_token_is_not_reported_as_valid() {
    let script = vec![json("200 OK", "[]"), json("401 Unauthorized", REFUSED)];
    let server = Server::start(script).await;
    let client = server.client();
    client.connections(&ConnectionQuery::default()).await.expect("a list");
    client.connections(&ConnectionQuery::default()).await.expect_err("denied");
    assert_eq!(denial_of_tags(&client).await, Denial::TokenOrPrivilege);
}

#[tokio::test]
async fn a_documented_refusal_with_403_does_not_mention_privileges() {
    let in_recipes = include_str!("../fixtures/delete_rejected_recipes.json");
    let server = Server::start(vec![json("403 Forbidden", in_recipes)]).await;
    let client = server.client();
    let permit = client.reserve(Call::DeleteConnection.class()).expect("room in the queue");
    let answer = client.delete_connection(permit, ConnectionId::new(36).expect("above zero")).await;
    assert_eq!(answer.message.as_deref(), Some("You can't delete a connection used by active recipes"));
    assert_eq!(answer.denial, None);
}
