//! Creating a connector, writing its draft and releasing it: what is sent, once, and what counts as done.

use rstest::rstest;
use workato::{Call, CallOutcome, ChangeAnswer, Client, ConnectorDraft, ConnectorId};

use crate::support::{Server, Then, answer, json};

const CODE: &str = "{ title: \"Ä\" }";

fn id() -> ConnectorId {
    ConnectorId::new(36).expect("above zero")
}

async fn create(client: &Client) -> ChangeAnswer {
    let permit = client.reserve(Call::CreateConnector.class()).expect("room in the queue");
    let draft = ConnectorDraft { title: "Acme".to_owned(), note: None };
    client.create_connector(permit, &draft, CODE).await
}

async fn update(client: &Client) -> ChangeAnswer {
    let permit = client.reserve(Call::UpdateConnector.class()).expect("room in the queue");
    client.update_connector(permit, id(), Some("Retries"), CODE).await
}

async fn release(client: &Client) -> ChangeAnswer {
    let permit = client.reserve(Call::ReleaseConnector.class()).expect("room in the queue");
    client.release_connector(permit, id()).await
}

#[rstest]
#[case::in_result("{\"result\":{\"id\":77}}", CallOutcome::Succeeded, Some(77))]
#[case::in_data("{\"data\":{\"id\":\"77\"}}", CallOutcome::Succeeded, Some(77))]
#[case::bare("{\"id\":77}", CallOutcome::Succeeded, Some(77))]
#[case::without_an_id("{\"result\":{}}", CallOutcome::Unknown, None)]
#[case::refused("{\"success\":false,\"id\":77}", CallOutcome::Rejected, None)]
#[tokio::test]
async fn a_new_connector_is_known_by_the_id_in_the_answer(
    #[case] body: &'static str,
    #[case] outcome: CallOutcome,
    #[case] connector: Option<i64>,
) {
    let server = Server::start(vec![json("200 OK", body)]).await;
    let answer = create(&server.client()).await;
    assert_eq!((answer.outcome, answer.connector.map(ConnectorId::get)), (outcome, connector));
    let sent = server.requests();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].starts_with("POST /api/custom_connectors "), "{}", sent[0]);
    assert!(sent[0].ends_with("{\"code\":\"{ title: \\\"Ä\\\" }\",\"title\":\"Acme\"}"), "{}", sent[0]);
}

#[rstest]
#[case::with_a_body(json("200 OK", "{\"result\":{\"id\":36}}"), CallOutcome::Succeeded)]
#[case::empty(answer("204 No Content", "", ""), CallOutcome::Succeeded)]
#[case::refused(json("422 Unprocessable Entity", "{\"message\":\"Validation failed\"}"), CallOutcome::Rejected)]
#[case::html(answer("200 OK", "content-type: text/html\r\n", "<html></html>"), CallOutcome::Unknown)]
#[case::broken(answer("500 Internal Server Error", "", ""), CallOutcome::Unknown)]
#[tokio::test]
async fn a_draft_is_written_and_released_by_any_success(#[case] then: Then, #[case] outcome: CallOutcome) {
    let server = Server::start(vec![then.clone()]).await;
    assert_eq!(update(&server.client()).await.outcome, outcome);
    assert!(server.requests()[0].starts_with("PUT /api/custom_connectors/36 "));
    let server = Server::start(vec![then]).await;
    assert_eq!(release(&server.client()).await.outcome, outcome);
    let sent = server.requests();
    assert!(sent.len() == 1 && sent[0].starts_with("POST /api/custom_connectors/36/release "), "{sent:?}");
}
