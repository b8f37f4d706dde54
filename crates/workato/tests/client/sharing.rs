//! Sharing: its answers, and the two spellings of its path.

use std::time::Duration;

use rstest::rstest;
use workato::{Call, CallOutcome, ChangeAnswer, Client, ClientOptions, ConnectorId, ConnectorVersion, ResponseKind};

use crate::changes::html;
use crate::support::{Server, TOKEN, Then, json};

const CREATED: &str = include_str!("../fixtures/share_created.json");
const UPDATED: &str = include_str!("../fixtures/share_updated.json");
const NOT_FOUND: &str = include_str!("../fixtures/not_found.json");
const CONNECTOR: &str = include_str!("../fixtures/connector.json");

async fn share(client: &Client) -> ChangeAnswer {
    let permit = client.reserve(Call::Share.class()).expect("room in the queue");
    let (id, version) = (ConnectorId::new(3066), ConnectorVersion::new(4));
    client.share(permit, id.expect("above zero"), version.expect("above zero")).await
}

#[rstest]
#[case::created(CREATED, "created")]
#[case::updated(UPDATED, "updated")]
#[tokio::test]
async fn a_share_reports_whether_it_was_created_or_updated(#[case] body: &str, #[case] word: &str) {
    let server = Server::start(vec![json("200 OK", body)]).await;
    let answer = share(&server.client()).await;
    let expected = ChangeAnswer {
        outcome: CallOutcome::Succeeded,
        detail: ResponseKind::Answered,
        http_status: Some(200),
        status: Some(word.to_owned()),
        message: None,
        denial: None,
        cause: None,
        connection: None,
        connector: None,
        retry_after_seconds: None,
    };
    assert_eq!(answer, expected);
    assert_eq!(server.lines(), ["POST /api/custom_connectors/3066/share_oem_version/4"]);
}

#[tokio::test]
async fn a_share_is_sent_with_the_token_the_user_agent_and_an_empty_body() {
    let server = Server::start(vec![json("200 OK", CREATED)]).await;
    share(&server.client()).await;
    let request = server.requests().remove(0);
    assert!(request.contains(&format!("authorization: Bearer {}\r\n", TOKEN)), "{request}");
    assert!(request.contains("user-agent: workato-partner-portal/"), "{request}");
    assert!(request.contains("content-length: 0\r\n"), "{request}");
}

const FIRST: &str = "POST /api/custom_connectors/3066/share_oem_version/4";
const LOOK: &str = "GET /api/custom_connectors/3066";
const SECOND: &str = "POST /api/custom_connectors/3066/oem_share/4";

#[rstest]
#[case::the_other_spelling_works(
    vec![json("404 Not Found", NOT_FOUND), json("200 OK", CONNECTOR), json("200 OK", CREATED)],
    CallOutcome::Succeeded, &[FIRST, LOOK, SECOND])]
#[case::neither_spelling_works(
    vec![json("404 Not Found", NOT_FOUND), json("200 OK", CONNECTOR), html("404 Not Found")],
    CallOutcome::Rejected, &[FIRST, LOOK, SECOND])]
#[case::there_is_no_such_connector(
    vec![json("404 Not Found", NOT_FOUND), json("404 Not Found", NOT_FOUND)],
    CallOutcome::Rejected, &[FIRST, LOOK])]
#[case::the_read_fails(
    vec![json("404 Not Found", NOT_FOUND), html("502 Bad Gateway")],
    CallOutcome::Rejected, &[FIRST, LOOK, LOOK, LOOK])]
#[case::the_second_is_cut_off(
    vec![json("404 Not Found", NOT_FOUND), json("200 OK", CONNECTOR), Then::Reset],
    CallOutcome::Unknown, &[FIRST, LOOK, SECOND])]
#[case::the_first_is_refused(vec![json("400 Bad Request", NOT_FOUND)], CallOutcome::Rejected, &[FIRST])]
#[tokio::test]
async fn a_share_is_sent_once_more_with_the_other_spelling_if_the_path_is_not_found(
    #[case] script: Vec<Then>,
    #[case] outcome: CallOutcome,
    #[case] lines: &[&str],
) {
    let server = Server::start(script).await;
    assert_eq!(share(&server.client()).await.outcome, outcome);
    assert_eq!(server.lines(), lines);
}

#[tokio::test]
async fn the_spelling_that_worked_is_used_first_next_time() {
    let script = vec![
        json("404 Not Found", NOT_FOUND),
        json("200 OK", CONNECTOR),
        json("200 OK", CREATED),
        json("200 OK", UPDATED),
        json("404 Not Found", NOT_FOUND),
        json("200 OK", CONNECTOR),
        json("200 OK", UPDATED),
        json("200 OK", UPDATED),
    ];
    let server = Server::start(script).await;
    let client = server.client();
    for _ in 0..4 {
        assert_eq!(share(&client).await.outcome, CallOutcome::Succeeded);
    }
    assert_eq!(server.lines(), [FIRST, LOOK, SECOND, SECOND, SECOND, LOOK, FIRST, FIRST]);
}

#[tokio::test]
async fn both_spellings_share_one_time_limit() {
    let script = vec![json("404 Not Found", NOT_FOUND), json("200 OK", CONNECTOR), Then::WriteAndHang(Vec::new())];
    let server = Server::start(script).await;
    let options = ClientOptions { timeout: Duration::from_millis(500), ..server.options() };
    let start = std::time::Instant::now();
    let answer = share(&Client::new(options).expect("a client")).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Unknown, ResponseKind::TimedOut));
    assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
}
