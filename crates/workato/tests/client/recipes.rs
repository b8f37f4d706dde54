//! Recipes: what is asked for, in how many calls, and what odd rows cost.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};
use workato::{Client, ClientOptions, CustomerId, CustomerRef, Limit, Limits, ReadError};

use crate::support::options;

fn customer() -> CustomerRef {
    CustomerRef::Id(CustomerId::new(19_029).expect("above zero"))
}

/// Answers pages of a hundred of this many recipes, in the field that the path's answer has.
async fn recipes_server(count: u64) -> MockServer {
    let server = MockServer::start().await;
    for (at, field) in [("/api/recipes", "items"), ("/api/managed_users/19029/recipes", "result")] {
        let answer = move |request: &Request| {
            let page = request.url.query_pairs().find(|(name, _)| name == "page");
            let page: u64 = page.and_then(|(_, page)| page.parse().ok()).expect("a page");
            let rows: Vec<_> = ((page - 1) * 100 + 1..=count.min(page * 100))
                .map(|id| json!({ "id": id, "name": format!("Recipe {id}"), "running": id % 2 == 0 }))
                .collect();
            ResponseTemplate::new(200).set_body_json(json!({ field: rows }))
        };
        Mock::given(path(at))
            .and(query_param("exclude_code", "true"))
            .and(query_param("per_page", "100"))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    server
}

fn client(server: &MockServer, limits: Limits) -> Client {
    Client::new(ClientOptions { limits, ..options(&server.uri()) }).expect("a client")
}

#[tokio::test]
async fn every_page_of_recipes_is_read_without_their_code() {
    let server = recipes_server(5_000).await;
    let client = client(&server, Limits::none());
    for list in [client.recipes().await, client.customer_recipes(&customer()).await] {
        let list = list.expect("a list");
        assert_eq!((list.recipes.len(), list.left_out, list.complete), (5_000, 0, true));
        assert!(list.recipes.iter().all(|recipe| recipe.running == Some(recipe.id.get() % 2 == 0)));
    }
}

#[tokio::test]
async fn a_list_beyond_the_bound_says_that_it_is_not_complete() {
    let server = recipes_server(30_000).await;
    let list = client(&server, Limits::none()).recipes().await.expect("a list");
    assert_eq!((list.recipes.len(), list.complete), (20_000, false));
}

#[tokio::test]
async fn work_in_the_background_waits_for_its_turns_and_a_person_is_turned_away() {
    let server = recipes_server(250).await;
    let limits = Limits { recipes: Some(Limit { calls: 1, window: Duration::from_millis(300) }), ..Limits::none() };
    let options = ClientOptions { limits, longest_wait: Duration::from_millis(50), ..options(&server.uri()) };
    let client = Client::new(options).expect("a client");
    assert!(matches!(client.recipes().await, Err(ReadError::QueueFull { .. })));
    let begun = Instant::now();
    let list = client.in_background().recipes().await.expect("a list");
    assert_eq!(list.recipes.len(), 250);
    assert!(begun.elapsed() > Duration::from_millis(600), "it kept the limit");
}

#[tokio::test]
async fn work_in_the_background_waits_as_long_as_a_429_asks() {
    let server = MockServer::start().await;
    let refused = ResponseTemplate::new(429).insert_header("retry-after", "1");
    Mock::given(path("/api/recipes")).respond_with(refused).up_to_n_times(4).mount(&server).await;
    let answer = ResponseTemplate::new(200).set_body_json(json!({ "items": [] }));
    Mock::given(path("/api/recipes")).respond_with(answer).mount(&server).await;
    let client = client(&server, Limits::none());
    assert!(client.in_background().recipes().await.expect("a list").recipes.is_empty());
}
