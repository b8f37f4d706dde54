//! A client that hangs up right after it has sent a form stops nothing halfway; one that never hangs up does not keep
//! the portal from stopping.

pub mod functions;
mod jobs;

use std::time::Duration;

use portal::{
    audit::{Action, Outcome, Stage},
    operations::Step,
};
use rstest::rstest;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::support::{Breakpoint, Browser, ChangeKind, Form, Installation, Targets, TestPortal, email, password};

/// The request that a browser sends for a form.
fn request(browser: &Browser, form: &Form) -> String {
    let (host, body) = (browser.base.trim_start_matches("http://"), form.body());
    let cookie = browser.cookie().map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\n{cookie}Accept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        form.action,
        body.len(),
    )
}

/// Sends the form over a connection of its own and does not wait for the answer.
async fn send(browser: &Browser, form: &Form) -> TcpStream {
    let mut stream = TcpStream::connect(browser.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request(browser, form).as_bytes()).await.unwrap();
    stream
}

#[rstest]
#[case::share(ChangeKind::Share)]
#[case::suppress(ChangeKind::Suppress)]
#[case::create(ChangeKind::Create)]
#[case::update(ChangeKind::Update)]
#[case::tag(ChangeKind::Tag)]
#[case::disconnect(ChangeKind::Disconnect)]
#[case::delete(ChangeKind::Delete)]
#[case::share_recipe(ChangeKind::ShareRecipe)]
#[tokio::test]
async fn a_change_is_finished_when_its_sender_hangs_up_at_any_step(#[case] kind: ChangeKind) {
    for step in Step::ALL {
        let breakpoint = Breakpoint::at(*step);
        let observer = breakpoint.observer();
        let portal = TestPortal::serve_with(Installation::new().await, |settings| settings.observer = observer).await;
        let browser = portal.browser_of("operator").await;
        let change = Targets::of(&portal).prepare(kind, &browser).await;

        let stream = send(&browser, &change.form).await;
        breakpoint.reached().await;
        drop(stream);
        // Long enough for the portal to notice.
        sleep(Duration::from_millis(100)).await;
        breakpoint.resume();

        // Stopping waits for operations under way.
        let installation = portal.stop().await;
        installation.assert_every_call_was_logged().await;
        let history = installation.history(change.operation).await;
        let done = vec![(Stage::Intent, None), (Stage::Outcome, Some(Outcome::Succeeded))];
        assert_eq!(history, done, "{step}");
        assert_eq!(installation.sandbox.ledger().len(), 1, "{step}");
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_right_after_the_post_leaves_no_call_unlogged() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let mut targets = Targets::of(&portal);
    for number in 0..14 {
        let change = targets.prepare(ChangeKind::ALL[number % ChangeKind::ALL.len()], &browser).await;
        let stream = send(&browser, &change.form).await;
        sleep(Duration::from_millis(number as u64)).await;
        drop(stream);
    }
    portal.until_settled().await;
    let installation = portal.stop().await;
    installation.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn clients_that_hang_up_cannot_pile_up_work_without_signing_in() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    let form = browser.get("/login").await.form("/api/fn/sign_in");
    let form = form.with("email", &email("viewer")).with("password", &password("viewer"));
    let mut database = portal.database().await;
    database.lock().await;
    let mut streams = Vec::new();
    for _ in 0..40 {
        streams.push(send(&browser, &form).await);
    }
    sleep(Duration::from_secs(1)).await;
    drop(streams);
    sleep(Duration::from_secs(1)).await;
    database.unlock().await;
    let entries = portal.stop().await.entries().await;
    let started = entries.iter().filter(|entry| entry.action == Action::SessionStart).count();
    assert!((1..20).contains(&started), "{started} of 40 went on");
}

#[tokio::test]
async fn half_a_form_does_not_keep_the_portal_from_stopping() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        settings.upstream.timeout = Duration::from_millis(100);
    })
    .await;
    let host = portal.base.trim_start_matches("http://");
    let begun = format!(
        "POST /api/fn/sign_in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 100\r\n\r\nemail="
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(begun.as_bytes()).await.unwrap();
    // The portal has to have accepted it, or there is nothing to wait for.
    sleep(Duration::from_millis(200)).await;
    let stopping = tokio::time::timeout(Duration::from_secs(60), portal.stop());
    stopping.await.expect("it stops although a client is still connected");
    drop(stream);
}
