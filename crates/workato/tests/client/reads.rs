//! What reads send and return, and their errors.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use crate::support::{self, Server, TOKEN, Then, answer, options};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;
use wiremock::matchers::{header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};
use workato::{
    Class, Client, ClientError, ClientOptions, ConnectionQuery, ConnectorId, ConnectorQuery, Limit, Limits, ReadError,
};

const CONNECTIONS: &str = include_str!("../fixtures/connections.json");

fn client(server: &MockServer) -> Client {
    Client::new(options(&server.uri())).expect("a client")
}

async fn connections(client: &Client) -> Result<usize, ReadError> {
    client.connections(&ConnectionQuery::default()).await.map(|connections| connections.len())
}

#[tokio::test]
async fn every_filter_of_the_connection_list_is_sent() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/api/connections"))
        .and(header("authorization", format!("Bearer {TOKEN}").as_str()))
        .and(query_param("folder_id", "4515"))
        .and(query_param("parent_id", "22318"))
        .and(query_param("external_id", "a b&c=d/ü"))
        .and(query_param("include_runtime_connections", "true"))
        .and(query_param("provider", "salesforce"))
        .and(query_param("updated_after", "2024-05-01T15:30:00Z"))
        .and(query_param("includes[]", "tags"))
        .respond_with(ResponseTemplate::new(200).set_body_string(CONNECTIONS))
        .expect(1)
        .mount(&server)
        .await;
    let query = ConnectionQuery {
        folder_id: "4515".parse().ok(),
        parent_id: "22318".parse().ok(),
        external_id: Some("a b&c=d/ü".to_owned()),
        include_runtime_connections: true,
        provider: Some("salesforce".to_owned()),
        updated_after: "2024-05-01T08:30:00.5-07:00".parse().ok(),
        tags: true,
    };
    assert_eq!(client(&server).connections(&query).await.expect("a list").len(), 2);
}

#[tokio::test]
async fn a_list_without_filters_sends_none() {
    let server = Server::start(vec![support::json("200 OK", "[]")]).await;
    let client = server.client();
    let query = ConnectionQuery { tags: false, ..ConnectionQuery::default() };
    client.connections(&query).await.expect("a list");
    client.connectors(&ConnectorQuery::default()).await.expect("a list");
    assert_eq!(server.lines(), ["GET /api/connections", "GET /api/custom_connectors"]);
}

#[tokio::test]
async fn the_filters_of_the_connector_list_are_sent() {
    let server = MockServer::start().await;
    Mock::given(path("/api/custom_connectors"))
        .and(query_param("title", "Acme"))
        .and(query_param("oem_shared", "false"))
        .respond_with(ResponseTemplate::new(200).set_body_string(include_str!("../fixtures/connectors.json")))
        .expect(1)
        .mount(&server)
        .await;
    let query = ConnectorQuery { title: Some("Acme".to_owned()), oem_shared: Some(false) };
    assert_eq!(client(&server).connectors(&query).await.expect("a list").len(), 2);
}

/// Answers `/api/folders` for a tree given as parent → children, in pages of 100.
async fn folder_server(tree: HashMap<u64, Vec<u64>>) -> MockServer {
    let server = MockServer::start().await;
    let answer = move |request: &Request| {
        let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
        let parent = number("parent_id").unwrap_or(0) as u64;
        let children = tree.get(&parent).cloned().unwrap_or_default();
        let first = (number("page").expect("a page") - 1) * 100;
        let page: Vec<_> = children
            .iter()
            .skip(first)
            .take(100)
            .map(|id| json!({"id": id, "name": format!("Folder {id}"), "parent_id": parent.max(1)}))
            .collect();
        ResponseTemplate::new(200).set_body_json(page)
    };
    Mock::given(path("/api/folders")).and(query_param("per_page", "100")).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn the_tree_of_folders_is_read_breadth_first_to_its_leaves() {
    let tree = HashMap::from([(0, vec![1, 2]), (1, vec![10, 11]), (2, vec![20]), (20, vec![200])]);
    let server = folder_server(tree).await;
    let tree = client(&server).folders().await.expect("a tree");
    let ids: Vec<_> = tree.folders.iter().map(|folder| folder.id.get()).collect();
    assert_eq!((ids.as_slice(), tree.complete), (&[1, 2, 10, 11, 20, 200][..], true));
}

#[tokio::test]
async fn a_tree_that_takes_too_many_calls_is_incomplete() {
    let server = folder_server(HashMap::from([(0, (1..=250).collect())])).await;
    let tree = client(&server).folders().await.expect("a tree");
    assert_eq!((tree.folders.len(), tree.complete), (250, false));
    assert_eq!(server.received_requests().await.expect("recorded").len(), 50);
}

#[tokio::test]
async fn folders_that_contain_each_other_come_to_an_end() {
    let server = folder_server(HashMap::from([(0, vec![1]), (1, vec![2]), (2, vec![1])])).await;
    let tree = client(&server).folders().await.expect("a tree");
    assert_eq!((tree.folders.len(), tree.complete), (2, true));
}

#[tokio::test]
async fn a_tree_that_fails_in_the_middle_is_returned_incomplete() {
    let first = r#"[{"id": 1, "name": "Sales"}]"#;
    let server = Server::start(vec![support::json("200 OK", first), support::json("500 Oh", "{}")]).await;
    let tree = server.client().folders().await.expect("a tree");
    assert_eq!((tree.folders.len(), tree.complete), (1, false));
}

#[tokio::test]
async fn a_tree_whose_first_call_fails_is_an_error() {
    let server = Server::start(vec![support::json("403 Forbidden", "{}")]).await;
    assert!(matches!(server.client().folders().await, Err(ReadError::Denied { status: 403, .. })));
}

#[tokio::test]
async fn customers_and_tags_are_read_page_by_page() {
    let server = MockServer::start().await;
    for (page, ids) in [(1, 1..=100), (2, 101..=130)] {
        let customers: Vec<_> = ids.clone().map(|id| json!({"id": id})).collect();
        Mock::given(path("/api/managed_users"))
            .and(query_param("page", page.to_string()))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({"result": customers})))
            .expect(1)
            .mount(&server)
            .await;
        let tags: Vec<_> = ids.map(|id| json!({"handle": format!("tag-{id}")})).collect();
        Mock::given(path("/api/tags"))
            .and(query_param("page", page.to_string()))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({"data": {"tags": tags}})))
            .expect(1)
            .mount(&server)
            .await;
    }
    let client = client(&server);
    let list = client.customers().await.expect("a list");
    assert_eq!((list.customers.len(), list.complete), (130, true));
    assert_eq!(client.tags().await.expect("a list").len(), 130);
}

#[tokio::test]
async fn a_list_of_customers_that_takes_too_many_calls_is_incomplete() {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let page = request.url.query_pairs().find(|(name, _)| name == "page");
        let page: i64 = page.and_then(|(_, page)| page.parse().ok()).expect("a page");
        let customers: Vec<_> = (1..=100).map(|number| json!({"id": page * 1_000 + number})).collect();
        ResponseTemplate::new(200).set_body_json(json!({"result": customers}))
    };
    Mock::given(path("/api/managed_users")).respond_with(answer).expect(50).mount(&server).await;
    let list = client(&server).customers().await.expect("a list");
    assert_eq!((list.customers.len(), list.complete), (5_000, false));
}

#[tokio::test]
async fn pages_that_repeat_themselves_come_to_an_end() {
    let server = MockServer::start().await;
    let customers: Vec<_> = (1..=100).map(|id| json!({"id": id})).collect();
    Mock::given(path("/api/managed_users"))
        .respond_with(ResponseTemplate::new(200).set_body_json(customers))
        .expect(2)
        .mount(&server)
        .await;
    let list = client(&server).customers().await.expect("a list");
    assert_eq!((list.customers.len(), list.complete), (100, false), "the rest cannot be read");
}

/// Answers any page of customers with these ids.
async fn unpaged_server(ids: std::ops::RangeInclusive<u64>) -> MockServer {
    let server = MockServer::start().await;
    let customers: Vec<_> = ids.map(|id| json!({"id": id})).collect();
    Mock::given(path("/api/managed_users"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"result": customers})))
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_list_that_is_never_paged_is_complete_and_not_doubled() {
    for (length, calls) in [(250, 2), (20, 2), (7, 1), (0, 1)] {
        let server = unpaged_server(1..=length).await;
        let list = client(&server).customers().await.expect("a list");
        assert_eq!((list.customers.len() as u64, list.complete), (length, true));
        assert_eq!(server.received_requests().await.expect("recorded").len(), calls, "{length} customers");
    }
}

#[tokio::test]
async fn a_page_size_of_the_servers_own_does_not_cut_the_list() {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let page = request.url.query_pairs().find(|(name, _)| name == "page");
        let page: u64 = page.and_then(|(_, page)| page.parse().ok()).expect("a page");
        let ids = (page - 1) * 20 + 1..=(page * 20).min(53);
        let customers: Vec<_> = ids.map(|id| json!({"id": id})).collect();
        ResponseTemplate::new(200).set_body_json(json!({"result": customers}))
    };
    Mock::given(path("/api/managed_users")).respond_with(answer).expect(3).mount(&server).await;
    let list = client(&server).customers().await.expect("a list");
    assert_eq!((list.customers.len(), list.complete), (53, true));
}

#[tokio::test]
async fn customers_without_a_readable_id_are_counted_once() {
    let server = MockServer::start().await;
    let mut customers: Vec<_> = (1..=99).map(|id| json!({"id": id})).collect();
    customers.push(json!({"id": "E7", "name": "Acme"}));
    Mock::given(path("/api/managed_users"))
        .respond_with(ResponseTemplate::new(200).set_body_json(customers))
        .mount(&server)
        .await;
    let list = client(&server).customers().await.expect("a list");
    assert_eq!((list.customers.len(), list.left_out), (99, 1));
}

#[tokio::test]
async fn folders_of_another_parent_than_asked_for_are_not_taken_for_its_children() {
    let server = MockServer::start().await;
    let everything = json!([
        {"id": 2, "name": "A", "parent_id": 1}, {"id": 3, "name": "B", "parent_id": 2}, {"id": 4, "parent_id": 3}
    ]);
    Mock::given(path("/api/folders"))
        .respond_with(ResponseTemplate::new(200).set_body_json(everything))
        .mount(&server)
        .await;
    let tree = client(&server).folders().await.expect("a tree");
    let ids: Vec<_> = tree.folders.iter().map(|folder| folder.id.get()).collect();
    assert_eq!((ids, tree.complete), (vec![2, 3, 4], true));
}

#[tokio::test]
async fn events_that_come_again_or_were_not_asked_for_are_not_listed() {
    let server = MockServer::start().await;
    let event = |id: u64, at: &str| json!({"id": id, "timestamp": at, "event_type": "connector_shared"});
    let mut events: Vec<_> = (1..=99).map(|id| event(id, "2026-11-22T12:00:00Z")).collect();
    events.push(event(100, "2020-01-01T00:00:00Z"));
    Mock::given(path("/api/activity_logs"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"data": events})))
        .expect(2)
        .mount(&server)
        .await;
    let from = time::macros::datetime!(2026-11-22 00:00 UTC);
    let query = workato::ActivityQuery { from, to: from + time::Duration::DAY };
    assert_eq!(client(&server).activity(query).await.expect("a list").len(), 99);
}

#[tokio::test]
async fn the_workspace_is_read() {
    let server = MockServer::start().await;
    Mock::given(path("/api/users/me"))
        .and(query_param_is_missing("page"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"id": 17, "name": "Acme"})))
        .mount(&server)
        .await;
    assert_eq!(client(&server).workspace().await.expect("a workspace").name.as_deref(), Some("Acme"));
}

#[rstest]
#[case::no_token(
    support::json("401 Unauthorized", r#"{"message": "Unauthorized"}"#),
    "GET /api/connections was refused (401): Unauthorized. Either the token is invalid, or its role lacks the \
     privilege for this call. Check both in Workato."
)]
#[case::html(
    answer("403 Forbidden", "content-type: text/html\r\n", "<html>Denied by policy</html>"),
    "GET /api/connections was refused (403): it gave no reason. Either the token is invalid, or its role lacks the \
     privilege for this call. Check both in Workato."
)]
#[case::not_found(
    support::json("404 Not Found", r#"{"message": "Not found."}"#),
    "GET /api/connections found nothing: Not found. It may have been deleted, or the token has no access to it."
)]
#[case::bad(
    support::json("400 Bad Request", r#"{"errors": [{"code": "x", "title": "Bad tag", "detail": "no such"}]}"#),
    "GET /api/connections was refused (400): Bad tag: no such."
)]
#[case::broken(
    support::json("500 Internal Server Error", r#"{"message": "Server error", "id": "f1"}"#),
    "GET /api/connections failed at Workato (500): Server error. Try again later."
)]
#[case::bad_gateway(
    answer("502 Bad Gateway", "content-type: text/html\r\n", "<html>Bad gateway</html>"),
    "GET /api/connections failed at Workato (502): it gave no reason. Try again later."
)]
#[case::redirected(
    answer("302 Found", "location: /elsewhere\r\n", ""),
    "GET /api/connections failed at Workato (302): it gave no reason. Try again later."
)]
#[case::too_many(
    answer("429 Too Many Requests", "retry-after: 7\r\n", ""),
    "GET /api/connections was refused because too many calls were made in this workspace. Try again in 7 s."
)]
#[case::too_many_without_a_time(
    answer("429 Too Many Requests", "", ""),
    "GET /api/connections was refused because too many calls were made in this workspace. Try again later."
)]
#[case::no_list(
    support::json("200 OK", r#"{"message": "Hello"}"#),
    "GET /api/connections returned an answer that can't be read: it does not hold a list of connections. Try again. If \
     this keeps happening, Workato's API has changed."
)]
#[case::cut(Then::WriteAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n[{\"id\"".to_vec()),
    "GET /api/connections got no answer: Workato could not be reached, or the connection broke. Check the network \
     and the workspace's data centre, then try again.")]
#[tokio::test]
async fn a_failed_read_says_what_failed_why_and_what_to_do(#[case] then: Then, #[case] sentence: &str) {
    let server = Server::start(vec![then]).await;
    let options = ClientOptions { longest_wait: Duration::ZERO, ..server.options() };
    let error = connections(&Client::new(options).expect("a client")).await.expect_err("no list");
    assert_eq!(error.to_string(), sentence);
    assert!(server.lines().iter().all(|line| line == "GET /api/connections?includes%5B%5D=tags"));
}

#[tokio::test]
async fn a_429_sends_the_next_read_of_its_class_to_the_back_of_its_wait() {
    let server = Server::start(vec![answer("429 Too Many Requests", "retry-after: 60\r\n", "")]).await;
    let client = server.client();
    assert!(matches!(connections(&client).await, Err(ReadError::RateLimited { .. })));
    match connections(&client).await {
        Err(ReadError::QueueFull { wait, .. }) => assert!(wait > Duration::from_secs(58)),
        other => panic!("a full queue, not {other:?}"),
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_read_beyond_the_limit_is_refused_before_it_is_sent() {
    let server = Server::start(vec![support::json("200 OK", "[]")]).await;
    let limits = Limits { connections_list: Some(Limit::per_minute(2)), ..Limits::none() };
    let client = Client::new(ClientOptions { limits, ..server.options() }).expect("a client");
    for _ in 0..2 {
        assert_eq!(connections(&client).await.expect("a list"), 0);
    }
    let error = connections(&client).await.expect_err("a full queue");
    assert!(error.to_string().contains("this workspace's limit is used up. Try again in 61 s"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_read_without_an_answer_times_out() {
    let server = Server::start(vec![Then::WriteAndHang(Vec::new())]).await;
    let options = ClientOptions { timeout: Duration::from_millis(200), ..server.options() };
    let error = connections(&Client::new(options).expect("a client")).await.expect_err("no answer");
    assert!(matches!(error, ReadError::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_not_read_to_its_end() {
    let endless = {
        let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n[".to_vec();
        bytes.resize(1_000_000, b' ');
        Then::WriteAndHang(bytes)
    };
    let server = Server::start(vec![endless]).await;
    let options = ClientOptions { longest_answer: 500_000, ..server.options() };
    let error = connections(&Client::new(options).expect("a client")).await.expect_err("too much");
    assert!(matches!(error, ReadError::TooLarge { limit: 500_000, .. }), "{error:?}");
}

#[tokio::test]
async fn an_absent_connector_is_not_found_even_with_status_200() {
    let server = Server::start(vec![support::json("200 OK", r#"{"result": []}"#)]).await;
    let error = server.client().connector(ConnectorId::new(7).expect("above zero")).await;
    assert!(matches!(error, Err(ReadError::NotFound { .. })), "{error:?}");
}

#[tokio::test]
async fn without_a_server_workato_is_unreachable_and_the_error_has_its_cause() {
    let client = Client::new(options("http://127.0.0.1:1")).expect("a client");
    let error = connections(&client).await.expect_err("no server");
    assert!(matches!(error, ReadError::Unreachable { .. }), "{error:?}");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn nothing_that_can_be_printed_contains_the_token() {
    let server = Server::start(vec![support::json("401 Unauthorized", "{}"), Then::Reset]).await;
    let options = server.options();
    let mut printed = format!("{options:?}");
    let client = Client::new(options).expect("a client");
    printed += &format!("{client:?} {:?}", client.reserve(Class::Other));
    for _ in 0..2 {
        let error = connections(&client).await.expect_err("refused, then reset");
        printed += &format!("{error} {error:?} {:?}", error.source());
    }
    assert!(!printed.contains(TOKEN), "{printed}");
    assert!(printed.contains("/api/connections") || printed.contains("Connections"), "{printed}");
}

#[rstest]
#[case::empty("")]
#[case::with_a_line_break("abc\n")]
#[case::with_a_space("abc def")]
#[case::not_ascii("abcü")]
fn an_invalid_token_is_refused_without_showing_it(#[case] token: &str) {
    let base_url = "https://www.workato.com".parse().expect("a base URL");
    let options = ClientOptions::new(base_url, SecretString::from(token));
    assert!(matches!(Client::new(options), Err(ClientError::Token)));
}
