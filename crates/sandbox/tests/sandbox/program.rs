//! Starting and stopping.

use std::time::{Duration, Instant};

use sandbox::{Error, Sandbox};
use tokio::{net::TcpStream, sync::oneshot};

use crate::{
    client::{Client, End},
    start, unlimited,
};

#[tokio::test]
async fn it_serves_on_a_listener_until_shutdown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(sandbox::serve(unlimited(), listener, async { stopped.await.unwrap() }));
    let token = Sandbox::new(&unlimited()).unwrap().tokens()[0].to_string();
    assert_eq!(Client::new(addr, &token).get("/api/users/me").await.status, 200);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn stopping_waits_for_a_slow_answer_but_not_for_one_that_hangs() {
    let test = start().await;
    test.running.faults().put("slow", "GET /api/tags: latency 200ms".parse().unwrap());
    test.running.faults().put("never", "GET /api/folders: hang".parse().unwrap());
    let (slow, never) = (test.client.clone(), test.client.clone());
    let slow = tokio::spawn(async move { slow.get("/api/tags").await.status });
    let never = tokio::spawn(async move { never.wire("GET", "/api/folders", "", Duration::from_secs(8)).await });
    tokio::time::sleep(Duration::from_millis(80)).await;
    let started = Instant::now();
    test.running.stop().await;
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(slow.await.unwrap(), 200);
    assert_ne!(never.await.unwrap().end, End::Silence);
}

#[tokio::test]
async fn dropping_it_stops_it() {
    let test = start().await;
    let addr = test.running.addr;
    drop(test.running);
    let gone = async {
        while TcpStream::connect(addr).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(2), gone).await.unwrap();
}

#[tokio::test]
async fn an_address_in_use_is_an_error_with_the_address() {
    let test = start().await;
    let mut options = unlimited();
    options.addr = test.running.addr;
    let error = Sandbox::start(options).await.unwrap_err();
    assert!(matches!(error, Error::Listen { .. }));
    assert!(error.to_string().contains(&test.running.addr.to_string()));
}
