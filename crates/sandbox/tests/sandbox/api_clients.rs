//! API clients and their new tokens.

use crate::{client::Client, start};

#[tokio::test]
async fn a_client_gets_a_new_token_and_the_old_one_ends_at_once() {
    let test = start().await;
    let list = test.client.get("/api/developer_api_clients").await.json(200);
    let [client] = list["result"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert!(client.get("token").is_none(), "{client}");
    let path = format!("/api/developer_api_clients/{}/regenerate", client["id"]);
    let answer = test.client.post(&path, "").await.json(200);
    test.client.get("/api/users/me").await.json(401);
    let renewed = Client::new(test.running.addr, answer["token"].as_str().unwrap());
    renewed.get("/api/users/me").await.json(200);
    let again = renewed.get("/api/developer_api_clients").await.json(200);
    assert_eq!(again, list);
    let done = test.running.ledger().pop().unwrap();
    assert_eq!(
        (done.action, done.targets[0].id.as_str()),
        ("api_client.regenerate", client["id"].to_string().as_str())
    );
    assert!(!format!("{done:?}").contains(answer["token"].as_str().unwrap()), "the token is in the ledger");
}

#[tokio::test]
async fn an_unknown_client_is_not_found() {
    let test = start().await;
    test.client.post("/api/developer_api_clients/1/regenerate", "").await.json(404);
    test.client.post("/api/developer_api_clients/x/regenerate", "").await.json(404);
}
