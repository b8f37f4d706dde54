//! Large answers are parsed on threads for blocking work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use workato::ConnectionQuery;

use crate::support::{Server, json};

#[test]
fn a_large_list_is_parsed_on_a_thread_of_its_own_and_a_small_one_is_not() {
    let threads = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&threads);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_start(move || {
            count.fetch_add(1, Ordering::Relaxed);
        })
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let list = |length: usize| {
            let elements: Vec<_> = (1..=length).map(|id| format!(r#"{{"id": {id}, "name": "Salesforce"}}"#)).collect();
            json("200 OK", &format!("[{}]", elements.join(",")))
        };
        let server = Server::start(vec![list(100), list(50_000)]).await;
        let client = server.client();
        let query = ConnectionQuery::default();
        assert_eq!(client.connections(&query).await.expect("a list").len(), 100);
        // The blocking pool starts its first thread when it gets its first work.
        assert_eq!(threads.load(Ordering::Relaxed), 0);
        assert_eq!(client.connections(&query).await.expect("a list").len(), 50_000);
        assert_eq!(threads.load(Ordering::Relaxed), 1);
    });
}
