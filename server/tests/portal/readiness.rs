//! `/readyz`: not ready while the database cannot be written, and ready again by itself.

use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::support::{Browser, Child, Installation, TestPortal, eventually};

const SOON: Duration = Duration::from_secs(30);

async fn until_ready(browser: &Browser) {
    eventually("it is ready", SOON, || async { (browser.get("/readyz").await.status == 200).then_some(()) }).await;
}

#[tokio::test]
async fn a_portal_whose_database_is_locked_is_not_ready_and_says_so_soon() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    until_ready(&browser).await;
    let mut other = portal.database().await;
    other.lock().await;
    // The answer of an earlier probe may be used for a second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let asked = Instant::now();
    let page = browser.get("/readyz").await;
    assert_eq!((page.status, page.body.trim()), (503, "not ready"), "strangers learn no more");
    let page = portal.readiness().await;
    assert_eq!((page.status, page.body.trim()), (503, "the database cannot be written"));
    // SQLite would wait for the lock for 5 s.
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    assert_eq!(browser.get("/healthz").await.status, 200);
    other.unlock().await;
    until_ready(&browser).await;
}

#[tokio::test]
async fn a_portal_whose_disk_is_full_is_not_ready() {
    let installation = Installation::new().await;
    // In KiB: enough for SQLite's shared memory, too little for many transactions in the log beside the database.
    let limited = ["bash", "-c", "ulimit -S -f 32 && exec \"$@\"", "limited"];
    let limited = ["env", "PORTAL_METRICS_ADDR=127.0.0.1:0"].into_iter().chain(limited).collect::<Vec<_>>();
    let mut child = Child::start_program(&installation, &limited).await;
    let browser = Browser::new(&child.base);
    let monitoring = child.line_with("Metrics on ").await;
    let monitoring = Browser::new(monitoring.trim().trim_end_matches("/metrics"));
    eventually("it is not ready", SOON, || async {
        let page = monitoring.get("/readyz").await;
        (page.status == 503 && page.body.trim() == "the database cannot be written").then_some(())
    })
    .await;
    assert_eq!(browser.get("/login").await.status, 200, "what only reads goes on");
    let lifted = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &child.id().to_string()]).status().await;
    assert!(lifted.unwrap().success());
    until_ready(&browser).await;
    child.stop().await;
}

#[tokio::test]
async fn asking_again_and_again_appends_no_entry() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    until_ready(&browser).await;
    // The first comparison of each team is an entry; it comes later than this test ends.
    let before = portal.entries().await.len();
    for _ in 0..20 {
        assert_eq!(browser.get("/readyz").await.status, 200);
    }
    assert_eq!(portal.entries().await.len(), before);
    portal.stop().await.assert_every_call_was_logged().await;
}
