//! Creating, updating, disconnecting and tagging connections, and sharing recipes: what is sent, and what the answers
//! mean where calls differ in how they report success.

use rstest::rstest;
use serde_json::{Value, json as value};
use workato::{
    Call, CallOutcome, ChangeAnswer, Client, ConnectionDraft, ConnectionId, ConnectionUpdate, Credentials, CustomerId,
    CustomerRef, Force, RecipeId, ResponseKind, TagAssignment, TagHandle,
};

use crate::changes::html;
use crate::support::{Server, Then, json};

const CREATED: &str = include_str!("../fixtures/connection_created.json");
const UPDATED: &str = include_str!("../fixtures/connection_updated.json");

fn connection() -> ConnectionId {
    ConnectionId::new(36).expect("above zero")
}

fn jira() -> ConnectionDraft {
    ConnectionDraft {
        name: Some("Prod JIRA connection".to_owned()),
        provider: Some("jira".to_owned()),
        folder_id: Some("1892".parse().expect("an id")),
        ..ConnectionDraft::default()
    }
}

async fn create(client: &Client, credentials: Option<&Credentials>) -> ChangeAnswer {
    let permit = client.reserve(Call::CreateConnection.class()).expect("room in the queue");
    client.create_connection(permit, &jira(), credentials).await
}

async fn update(client: &Client, update: &ConnectionUpdate) -> ChangeAnswer {
    let permit = client.reserve(Call::UpdateConnection.class()).expect("room in the queue");
    client.update_connection(permit, connection(), update, None).await
}

async fn tag(client: &Client) -> ChangeAnswer {
    let tags = TagAssignment { add: vec![TagHandle::new("tag-a")], remove: vec![TagHandle::new("tag-b")] };
    let permit = client.reserve(Call::AssignTags.class()).expect("room in the queue");
    client.assign_tags(permit, connection(), &tags).await
}

/// The line and the body of the only request.
fn sent(server: &Server) -> (String, Value) {
    let [request] = &server.requests()[..] else { panic!("one request: {:?}", server.lines()) };
    let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (server.lines()[0].clone(), serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn a_creation_sends_only_the_fields_that_were_given() {
    let server = Server::start(vec![json("200 OK", CREATED)]).await;
    let answer = create(&server.client(), None).await;
    assert_eq!(
        sent(&server),
        (
            "POST /api/connections".to_owned(),
            value!({ "name": "Prod JIRA connection", "provider": "jira", "folder_id": 1892 })
        )
    );
    assert_eq!((answer.outcome, answer.connection), (CallOutcome::Succeeded, Some(connection())));
    assert_eq!(answer.status.as_deref(), Some("success"));
}

#[tokio::test]
async fn every_field_of_a_creation_is_sent() {
    let server = Server::start(vec![json("200 OK", CREATED)]).await;
    let draft = ConnectionDraft {
        parent_id: "22318".parse().ok(),
        external_id: Some("U12904".to_owned()),
        shell_connection: true,
        ..jira()
    };
    let client = server.client();
    let permit = client.reserve(Call::CreateConnection.class()).expect("room in the queue");
    client.create_connection(permit, &draft, None).await;
    let expected = value!({
        "name": "Prod JIRA connection", "provider": "jira", "folder_id": 1892,
        "parent_id": 22318, "external_id": "U12904", "shell_connection": true,
    });
    assert_eq!(sent(&server).1, expected);
}

#[tokio::test]
async fn every_field_of_an_update_is_sent() {
    let server = Server::start(vec![json("200 OK", UPDATED)]).await;
    let change = ConnectionUpdate {
        name: Some("jira_connection".to_owned()),
        parent_id: Some("22318".parse().ok()),
        folder_id: "4515".parse().ok(),
        external_id: Some(Some("U12904".to_owned())),
        shell_connection: true,
    };
    let client = server.client();
    let permit = client.reserve(Call::UpdateConnection.class()).expect("room in the queue");
    let input = Credentials::input_from_json(r#"{"apitoken": "s3cr3t"}"#).expect("valid");
    client.update_connection(permit, connection(), &change, Some(&input)).await;
    let expected = value!({
        "name": "jira_connection", "parent_id": 22318, "folder_id": 4515, "external_id": "U12904",
        "shell_connection": true, "input": { "apitoken": "s3cr3t" },
    });
    assert_eq!(sent(&server), ("PUT /api/connections/36".to_owned(), expected));
}

#[tokio::test]
async fn credentials_are_sent_with_the_draft() {
    let server = Server::start(vec![json("200 OK", CREATED)]).await;
    let input = Credentials::input_from_json(r#"{"email": "a@acme.example", "apitoken": "s3cr3t"}"#).expect("valid");
    create(&server.client(), Some(&input)).await;
    assert_eq!(sent(&server).1["input"], value!({ "email": "a@acme.example", "apitoken": "s3cr3t" }));

    let server = Server::start(vec![json("200 OK", CREATED)]).await;
    let pair = Credentials::oauth_token_pair("acc3ss", "r3fresh").expect("both");
    create(&server.client(), Some(&pair)).await;
    assert_eq!(sent(&server).1["oauth_token_pair"], value!({ "access_token": "acc3ss", "refresh_token": "r3fresh" }));
}

#[tokio::test]
async fn a_connection_that_could_not_be_authorized_is_still_created() {
    let body = r#"{"id": 36, "authorization_status": "failed", "authorization_error": "s3cr3t is not a valid token"}"#;
    let server = Server::start(vec![json("200 OK", body)]).await;
    let input = Credentials::input_from_json(r#"{"apitoken": "s3cr3t"}"#).expect("valid");
    let answer = create(&server.client(), Some(&input)).await;
    assert_eq!((answer.outcome, answer.connection), (CallOutcome::Succeeded, Some(connection())));
    assert_eq!(answer.status.as_deref(), Some("failed"));
    assert_eq!(answer.message.as_deref(), Some("••• is not a valid token"));
}

#[tokio::test]
async fn a_refusal_does_not_repeat_the_credentials() {
    let body = r#"{"message": "Validation failed", "errors": {"input": ["apitoken s3cr3t\nvalue is unknown"]}}"#;
    let server = Server::start(vec![json("422 Unprocessable Entity", body)]).await;
    let input = Credentials::input_from_json(r#"{"apitoken": "s3cr3t\nvalue"}"#).expect("valid");
    let answer = create(&server.client(), Some(&input)).await;
    assert_eq!(answer.outcome, CallOutcome::Rejected);
    assert_eq!(answer.message.as_deref(), Some("Validation failed: input apitoken ••• is unknown"));
}

#[rstest]
#[case::not_said(json("200 OK", "{}"), CallOutcome::Unknown, ResponseKind::Unreadable)]
#[case::a_page(html("200 OK"), CallOutcome::Unknown, ResponseKind::Unreadable)]
#[case::refused(json("200 OK", r#"{"success": false, "id": 36}"#), CallOutcome::Rejected, ResponseKind::Answered)]
#[case::in_result(json("200 OK", r#"{"result": {"id": 36}}"#), CallOutcome::Succeeded, ResponseKind::Answered)]
#[case::by_word(json("200 OK", r#"{"success": true}"#), CallOutcome::Succeeded, ResponseKind::Answered)]
#[case::invalid(
    json("422 Unprocessable Entity", r#"{"errors": {"folder_id": ["can't be blank"]}}"#),
    CallOutcome::Rejected,
    ResponseKind::Answered
)]
#[case::reset(Then::Reset, CallOutcome::Unknown, ResponseKind::Reset)]
#[tokio::test]
async fn a_creation_succeeds_if_the_answer_contains_the_connection(
    #[case] then: Then,
    #[case] outcome: CallOutcome,
    #[case] detail: ResponseKind,
) {
    let server = Server::start(vec![then]).await;
    let answer = create(&server.client(), None).await;
    assert_eq!((answer.outcome, answer.detail), (outcome, detail));
    assert_eq!(server.lines(), ["POST /api/connections"]);
}

#[tokio::test]
async fn an_update_sends_what_changes_and_what_is_removed() {
    let server = Server::start(vec![json("200 OK", UPDATED)]).await;
    let change = ConnectionUpdate {
        name: Some("jira_connection".to_owned()),
        external_id: Some(None),
        ..ConnectionUpdate::default()
    };
    let answer = update(&server.client(), &change).await;
    assert_eq!(
        sent(&server),
        ("PUT /api/connections/36".to_owned(), value!({ "name": "jira_connection", "external_id": null }))
    );
    assert_eq!((answer.outcome, answer.connection), (CallOutcome::Succeeded, Some(connection())));
}

#[tokio::test]
async fn an_update_answered_with_another_connection_is_unknown() {
    let server = Server::start(vec![json("200 OK", r#"{"id": 37, "name": "x"}"#)]).await;
    let change = ConnectionUpdate { name: Some("x".to_owned()), ..ConnectionUpdate::default() };
    let answer = update(&server.client(), &change).await;
    assert_eq!((answer.outcome, answer.detail), (CallOutcome::Unknown, ResponseKind::Unreadable));
}

#[rstest]
#[case::gently(Force::No, Value::Null)]
#[case::by_force(Force::Yes, value!({ "force": true }))]
#[tokio::test]
async fn force_is_sent_only_on_request(#[case] force: Force, #[case] body: Value) {
    let server = Server::start(vec![json("200 OK", r#"{"success": true, "status": "disconnected"}"#)]).await;
    let client = server.client();
    let permit = client.reserve(Call::Disconnect.class()).expect("room in the queue");
    let answer = client.disconnect(permit, connection(), force).await;
    assert_eq!((answer.outcome, answer.status.as_deref()), (CallOutcome::Succeeded, Some("disconnected")));
    assert_eq!(sent(&server), ("POST /api/connections/36/disconnect".to_owned(), body));
}

#[rstest]
#[case::no_body(json("200 OK", ""), CallOutcome::Succeeded)]
#[case::no_content(Then::Write(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()), CallOutcome::Succeeded)]
#[case::anything(json("200 OK", r#"{"data": {}}"#), CallOutcome::Succeeded)]
#[case::a_complaint(json("200 OK", r#"{"errors": [{"title": "Tag not found"}]}"#), CallOutcome::Unknown)]
#[case::refused(json("200 OK", r#"{"success": false}"#), CallOutcome::Rejected)]
#[case::a_page(html("200 OK"), CallOutcome::Unknown)]
#[case::cut(Then::WriteAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec()), CallOutcome::Unknown)]
#[case::unknown_tag(
    json("422 Unprocessable Entity", r#"{"errors": [{"code": "not_found", "title": "Tag not found"}]}"#),
    CallOutcome::Rejected
)]
#[tokio::test]
async fn tags_are_assigned_if_the_answer_has_no_error(#[case] then: Then, #[case] outcome: CallOutcome) {
    let server = Server::start(vec![then]).await;
    let answer = tag(&server.client()).await;
    assert_eq!(answer.outcome, outcome);
    assert_eq!(
        sent(&server),
        (
            "POST /api/tags_assignments".to_owned(),
            value!({ "add_tags": ["tag-a"], "remove_tags": ["tag-b"], "connection_ids": [36] })
        )
    );
}

#[rstest]
#[case::by_id(CustomerRef::Id(CustomerId::new(7).expect("above zero")), "7")]
#[case::by_external_id(CustomerRef::external("acme").expect("valid"), "Eacme")]
#[case::with_a_space(CustomerRef::external("acme corp").expect("valid"), "Eacme%20corp")]
#[case::with_a_slash(CustomerRef::external("acme/eu").expect("valid"), "Eacme%2Feu")]
#[case::with_a_per_cent_sign(CustomerRef::external("100%25").expect("valid"), "E100%2525")]
#[case::with_what_ends_a_path(CustomerRef::external("a?b#c").expect("valid"), "Ea%3Fb%23c")]
#[case::in_unicode(CustomerRef::external("škoda").expect("valid"), "E%C5%A1koda")]
#[case::dots(CustomerRef::external("..").expect("valid"), "E..")]
#[tokio::test]
async fn a_path_refers_to_a_customer_by_either_id(#[case] customer: CustomerRef, #[case] segment: &str) {
    let server = Server::start(vec![json("200 OK", r#"{"result": {"success": true}}"#)]).await;
    let client = server.client();
    let permit = client.reserve(Call::ShareRecipe.class()).expect("room in the queue");
    let answer = client.share_recipe(permit, &customer, RecipeId::new(1234).expect("above zero")).await;
    assert_eq!(answer.outcome, CallOutcome::Succeeded);
    assert_eq!(server.lines(), [format!("POST /api/managed_users/{segment}/recipes/1234/share")]);
}

#[test]
fn an_external_id_is_one_line_of_text() {
    assert!(CustomerRef::external("").is_err());
    assert!(CustomerRef::external("a\nb").is_err());
    assert!(CustomerRef::external(&"x".repeat(256)).is_err());
}
