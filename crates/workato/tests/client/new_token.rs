//! Giving an API client a new token: the shapes of the answer, and answers without one.

use rstest::rstest;
use secrecy::ExposeSecret;
use workato::{ApiClientId, Call, CallOutcome, ChangeAnswer, ResponseKind};

use crate::support::{Server, Then, json};

async fn regenerate(then: Then) -> (ChangeAnswer, Option<String>, Vec<String>) {
    let server = Server::start(vec![then]).await;
    let client = server.client();
    let permit = client.reserve(Call::RegenerateToken.class()).expect("room in the queue");
    let (answer, token) = client.regenerate_token(permit, ApiClientId::new(7).expect("above zero")).await;
    (answer, token.map(|token| token.expose_secret().to_owned()), server.lines())
}

#[rstest]
#[case::bare(r#"{"token":"wrkaus-new"}"#)]
#[case::in_result(r#"{"result":{"success":true,"token":"wrkaus-new"}}"#)]
#[case::in_data(r#"{"data":{"id":7,"token":{"value":"wrkaus-new"}}}"#)]
#[tokio::test]
async fn the_token_is_found_wherever_it_is_and_nothing_else_of_the_answer_is_kept(#[case] body: &str) {
    let (answer, token, lines) = regenerate(json("200 OK", body)).await;
    assert_eq!(token.as_deref(), Some("wrkaus-new"));
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Succeeded, ResponseKind::Answered));
    assert_eq!(lines, ["POST /api/developer_api_clients/7/regenerate"]);
    assert!(!format!("{answer:?}").contains("wrkaus-new"));
}

#[rstest]
#[case::without_a_token(json("200 OK", r#"{"id":7}"#), CallOutcome::Unknown)]
#[case::with_an_empty_token(json("200 OK", r#"{"token":""}"#), CallOutcome::Unknown)]
#[case::refused(json("200 OK", r#"{"success":false,"token":"wrkaus-old"}"#), CallOutcome::Rejected)]
#[case::without_the_privilege(json("401 Unauthorized", r#"{"message":"Unauthorized"}"#), CallOutcome::Rejected)]
#[case::failed(json("500 Oops", r#"{"token":"wrkaus-new"}"#), CallOutcome::Unknown)]
#[case::cut(Then::Reset, CallOutcome::Unknown)]
#[tokio::test]
async fn no_other_answer_gives_a_token(#[case] then: Then, #[case] outcome: CallOutcome) {
    let (answer, token, _) = regenerate(then).await;
    assert_eq!((answer.outcome, token), (outcome, None));
}
