//! Probes: one small call each, and an answer that is not a list is no proof that the call may be made.

use workato::{ConnectorId, CustomerId, CustomerRef, Probe, ReadError};

use crate::support::{Server, json};

#[tokio::test]
async fn a_probe_makes_one_call_that_lists_as_little_as_possible() {
    let server = Server::start(vec![json("200 OK", r#"{"result": [], "items": [], "data": []}"#)]).await;
    let client = server.client();
    let (customer, connector) = (CustomerId::new(7).expect("above zero"), ConnectorId::new(9).expect("above zero"));
    let lists = [Probe::Connections, Probe::Recipes, Probe::CustomerRecipes(CustomerRef::Id(customer))];
    for probe in lists.iter().chain([&Probe::ConnectorCode(connector)]) {
        // Some of these answers are not what the call answers with. Here, only what was sent counts.
        drop(client.probe(probe).await);
    }
    drop(client.some_customers(3).await);
    let lines = server.lines();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert!(lines[0].starts_with("GET /api/connections?updated_after="), "{lines:?}");
    assert_eq!(lines[1], "GET /api/recipes?page=1&per_page=1&exclude_code=true");
    assert_eq!(lines[2], "GET /api/managed_users/7/recipes?page=1&per_page=1&exclude_code=true");
    assert_eq!(lines[3], "GET /api/custom_connectors/9/code");
    assert_eq!(lines[4], "GET /api/managed_users?page=1&per_page=3");
}

#[tokio::test]
async fn a_page_of_a_proxy_is_not_taken_for_a_list() {
    let server = Server::start(vec![json("200 OK", "<html>Sign in to the hotel's network</html>")]).await;
    for probe in [Probe::Folders, Probe::Tags, Probe::ActivityLog, Probe::ApiClients] {
        let answer = server.client().probe(&probe).await;
        assert!(matches!(answer, Err(ReadError::Unreadable { .. })), "{probe:?}: {answer:?}");
    }
}

#[tokio::test]
async fn an_answer_shows_how_far_the_clocks_differ() {
    let old = crate::support::answer("200 OK", "date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", "[]");
    let server = Server::start(vec![old]).await;
    let client = server.client();
    assert_eq!(client.clock_ahead(), None);
    client.probe(&Probe::Connections).await.expect("a list");
    assert!(client.clock_ahead().is_some_and(|ahead| ahead < -time::Duration::DAY));
}
