//! A session that ends while somebody fills in a form. Nothing is done or sent, the page after signing in says so and has
//! the form with what was typed, and nobody else gets to see it.

use std::time::Duration;

use futures::{StreamExt, stream};
use portal::audit::Action;
use rstest::rstest;

use crate::{
    hanging_up::functions::filled_in,
    support::{Browser, ChangeKind, Form, Installation, PAYMENTS, Page, Targets, TestPortal, email, password},
};

const SAYS: &str = "You were signed out. Nothing was sent.";
/// Forms that are for people who are not signed in, that hold nothing or only which rows of a list were selected, or whose
/// code or key is of no use later.
const WITHOUT_A_FORM_TO_KEEP: [&str; 16] = [
    "/api/fn/sign_in",
    "/api/fn/sign_in_with_code",
    "/api/fn/sign_in_with_passkey",
    "/api/fn/sign_out",
    "/api/fn/set_up",
    "/api/fn/join",
    "/api/fn/refresh",
    "/api/fn/add_totp",
    "/api/fn/add_passkey",
    "/api/fn/remove_factor",
    "/api/fn/new_recovery_codes",
    "/api/fn/confirm",
    "/api/fn/confirm_with_passkey",
    "/api/fn/dismiss_notices",
    "/api/fn/dry_run",
    "/api/fn/take_out",
];
/// How many functions are tried at once.
const AT_ONCE: usize = 4;

/// Whose session the browser has.
async fn who(browser: &Browser) -> String {
    let name = browser.get("/account").await.heading();
    name.strip_prefix("The ").expect("one of the people").to_owned()
}

async fn sign_out(browser: &Browser) {
    assert_eq!(browser.post("/api/fn/sign_out", &[]).await.location(), "/login");
}

/// Signs in on this sign-in page, and follows.
async fn sign_in_on(browser: &Browser, sign_in: &Page, who: &str) -> Page {
    let form = sign_in.form("/api/fn/sign_in").with("email", &email(who)).with("password", &password(who));
    browser.submit_and_follow(&form).await
}

/// How many entries there are, without the one that the portal writes by itself before its first checkpoint.
async fn entries(portal: &TestPortal) -> usize {
    portal.entries().await.iter().filter(|entry| entry.action != Action::AuditKeySet).count()
}

/// Whether a field comes back. Secrets never do, the operation's id is new, and a button is no field.
fn comes_back(name: &str) -> bool {
    let is_secret = ["password", "token", "[value]", "[json]"].iter().any(|part| name.contains(part));
    !is_secret && !matches!(name, "operation" | "page" | "next" | "format" | "session")
}

#[track_caller]
fn assert_is_back(page: &Page, sent: &Form) {
    let forms = page.forms(&sent.action);
    assert!(!forms.is_empty(), "{} has no form: {}", sent.action, page.text());
    let typed = || sent.sent().into_iter().filter(|(name, _)| comes_back(name));
    let found = forms.iter().find(|form| typed().all(|(name, value)| form.get(&name) == value));
    let found =
        found.unwrap_or_else(|| panic!("{}: {:?} is not in {forms:?}", sent.action, typed().collect::<Vec<_>>()));
    // A decision about a request names the request's own operation.
    if !sent.get("operation").is_empty() && !sent.action.ends_with("_request") {
        assert_ne!(found.get("operation"), sent.get("operation"), "{}", sent.action);
    }
    for (name, value) in sent.sent().into_iter().filter(|(name, value)| !comes_back(name) && value.len() > 8) {
        if name.contains("password") || name.contains("token") || name.contains("[value]") {
            assert!(!page.body.contains(&value), "{}: {name} is on the page", sent.action);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_form_is_back_after_signing_in_again_and_for_nobody_else() {
    let is_kept = |function: &&str| !WITHOUT_A_FORM_TO_KEEP.contains(function);
    let functions: Vec<_> = app::functions().filter(is_kept).collect();
    assert!(functions.len() > 25, "{functions:?}");
    let mut tried = stream::iter(functions).map(|function| tokio::spawn(try_out(function))).buffer_unordered(AT_ONCE);
    let mut failed = Vec::new();
    while let Some(tried) = tried.next().await {
        failed.extend(tried.err().map(|error| error.to_string()));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

async fn try_out(function: &'static str) {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        // An operation that waits for a person needs a call that times out. No other call may.
        if function != "/api/fn/settle_operation" {
            settings.upstream.timeout = Duration::from_secs(20);
        }
    })
    .await;
    let (browser, form) = filled_in(&portal, function).await;
    let owner = who(&browser).await;
    // In another tab.
    sign_out(&browser).await;
    let (entries, calls) = (entries(&portal).await, portal.sandbox.ledger().len());

    let answer = browser.submit(&form).await;
    assert!(answer.status == 303 && answer.location().starts_with("/login?next="), "{function}: {answer:?}");
    assert_eq!(self::entries(&portal).await, entries, "{function}");
    let sign_in = browser.get(answer.location()).await;
    sign_in.assert_says(SAYS);
    sign_in.assert_says("Sign in to return to the form with what you typed.");

    // Somebody else signs in on the same browser, and with the same link.
    let other = if owner == "stranger" { "viewer" } else { "stranger" };
    let page = sign_in_on(&browser, &sign_in, other).await;
    assert!(!page.says(SAYS), "{function}: {}", page.text());
    for (name, typed) in form.sent() {
        let is_typed = matches!(name.as_str(), "reason" | "note" | "answer" | "confirm");
        assert!(!is_typed || !page.body.contains(&typed), "{function}: {other} sees {name}");
    }
    sign_out(&browser).await;

    let page = sign_in_on(&browser, &sign_in, &owner).await;
    assert_eq!(page.status, 200, "{function}");
    page.assert_says(SAYS);
    assert_is_back(&page, &form);
    assert_eq!(portal.sandbox.ledger().len(), calls, "{function}");
}

#[tokio::test]
async fn a_form_survives_a_wrong_password_and_can_then_be_sent() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Delete, &browser).await;
    sign_out(&browser).await;
    let sign_in = browser.submit_and_follow(&change.form).await;
    let form = sign_in.form("/api/fn/sign_in");
    let refused = browser.submit_and_follow(&form.with("email", &email("operator")).with("password", "wrong")).await;
    let page = sign_in_on(&browser, &refused, "operator").await;
    page.assert_says(SAYS);
    assert_is_back(&page, &change.form);
    let again = page.form("/api/fn/delete_connection");
    browser.submit_and_follow(&again).await.assert_says("was deleted");
    assert_eq!(portal.sandbox.ledger().len(), 1);
}

#[rstest]
#[case::revoked_elsewhere("revoke")]
#[case::expired("expire")]
#[tokio::test]
async fn it_does_not_matter_how_the_session_ended(#[case] how: &str) {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let change = Targets::of(&portal).prepare(ChangeKind::Share, &browser).await;
    match how {
        "revoke" => {
            let elsewhere = portal.browser_of("operator").await;
            let sessions = elsewhere.get("/account").await.forms("/api/fn/revoke_session");
            let is_other = |form: &&Form| form.buttons.iter().all(|button| !button.starts_with("Revoke this"));
            elsewhere.submit(sessions.iter().find(is_other).expect("the other session")).await;
        }
        _ => portal.database().await.try_run("DELETE FROM session").await.unwrap(),
    }
    let sign_in = browser.submit_and_follow(&change.form).await;
    sign_in.assert_says(SAYS);
    let page = sign_in_on(&browser, &sign_in, "operator").await;
    page.assert_says(SAYS);
    assert_is_back(&page, &change.form);
    assert!(portal.sandbox.ledger().is_empty());
}

#[rstest]
#[case::without_a_cookie(None)]
#[case::with_a_forged_cookie(Some("portal-last=0193b0c4-0000-7000-8000-000000000001.1795000000.00"))]
#[tokio::test]
async fn nothing_is_kept_for_a_stranger(#[case] cookie: Option<&str>) {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let form = Targets::of(&portal).prepare(ChangeKind::Share, &operator).await.form;
    let stranger = portal.browser();
    let request = stranger.request(reqwest::Method::POST, &form.action).body(form.body());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = match cookie {
        Some(cookie) => request.header("cookie", cookie),
        None => request,
    };
    let answer = stranger.send(request).await.unwrap();
    assert!(answer.location().starts_with("/login?next=") && !answer.location().contains("problem"), "{answer:?}");
    let sign_in = stranger.get(answer.location()).await;
    sign_in.assert_says(SAYS);
    sign_in.assert_says("Sign in and fill in the form again.");
    let page = sign_in_on(&stranger, &sign_in, "operator").await;
    assert!(!page.body.contains(form.get("reason")), "{}", page.text());
    assert!(portal.sandbox.ledger().is_empty());
}

#[tokio::test]
async fn the_cookie_that_outlives_a_session_opens_nothing_and_is_kept_from_scripts() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("admin").await;
    let page = browser.get("/account").await;
    let cookie = page.header("set-cookie").to_owned();
    for part in ["portal-last=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(browser.get("/account").await.header("set-cookie").is_empty(), "it is renewed with each request");
    sign_out(&browser).await;
    let last = browser.cookie().expect("the cookie outlives the session");
    assert!(last.contains("portal-last=") && !last.contains("portal="), "{last}");
    for path in ["/account", "/admin/people", &format!("/teams/{PAYMENTS}/connections")] {
        assert!(browser.get(path).await.location().starts_with("/login?next="), "{path}");
    }
}
