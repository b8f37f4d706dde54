//! `/login` and the forms that begin and end a session.

use std::time::Duration;

use portal::audit::{Action, Outcome};
use rstest::rstest;

use crate::support::{LENDING, PAYMENTS, TestPortal, email, password};

#[tokio::test]
async fn signing_in_leads_back_to_the_requested_page() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    let asked = format!("/teams/{PAYMENTS}/connections?status=failed&q=a%26b");
    let sent_away = browser.get(&asked).await;
    let form = browser.get(sent_away.location()).await.form("/api/fn/sign_in");
    let answer = browser.submit(&form.with("email", &email("viewer")).with("password", &password("viewer"))).await;
    assert_eq!((answer.status, answer.location()), (303, asked.as_str()));
    assert_eq!(browser.get(&asked).await.status, 200);
}

#[rstest]
#[case("https://evil.example/")]
#[case("//evil.example/")]
#[case("/\\evil.example")]
#[case("javascript:alert(1)")]
#[case("/login?next=/login")]
#[tokio::test]
async fn signing_in_never_redirects_to_another_site_or_in_a_loop(#[case] next: &str) {
    let portal = TestPortal::start().await;
    let fields = [("email", email("viewer")), ("password", password("viewer")), ("next", next.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = portal.browser().post("/api/fn/sign_in", &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
}

#[tokio::test]
async fn after_a_wrong_password_the_form_keeps_only_the_email() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    let refused = browser.sign_in(&email("operator"), "not the password").await;
    assert_eq!(refused.status, 303);
    assert!(browser.cookie().is_none(), "a session without a person");
    let page = browser.get(refused.location()).await;
    page.assert_says("Email or password is incorrect.");
    let form = page.form("/api/fn/sign_in");
    assert_eq!((form.get("email"), form.get("password")), (email("operator").as_str(), ""));
    // Nobody else who opens the same address sees what was typed.
    let other = portal.browser_of("viewer").await.get(refused.location()).await;
    assert!(!other.body.contains(&email("operator")));
}

#[tokio::test]
async fn an_unknown_email_and_a_disabled_person_get_the_same_answer_as_a_wrong_password() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let leaver = portal.browser_of("leaver").await;
    let people = admin.get("/admin/people").await;
    let person = people.links().into_iter().filter_map(|href| href.strip_prefix("/admin/people/").map(str::to_owned));
    for person in person {
        if admin.get(&format!("/admin/people/{person}")).await.text().contains(&email("leaver")) {
            admin.post_and_follow("/api/fn/disable_person", &[("person", &person)]).await;
        }
    }
    assert!(leaver.get("/account").await.is_redirect(), "a disabled person still has a session");
    let mut texts = Vec::new();
    for (email, password) in [
        (email("leaver"), password("leaver")),
        (email("leaver"), "wrong".to_owned()),
        ("nobody@partner.example".to_owned(), "wrong".to_owned()),
        ("no e-mail at all".to_owned(), "wrong".to_owned()),
    ] {
        let browser = portal.browser();
        let refused = browser.sign_in(&email, &password).await;
        assert!(refused.location().starts_with("/login?problem="), "{email} came in");
        texts.push(browser.get(refused.location()).await.text());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
}

#[tokio::test]
async fn the_cookie_of_a_signed_out_session_is_not_accepted() {
    let portal = TestPortal::start().await;
    for who in ["stranger", "viewer", "operator", "auditor", "admin"] {
        let browser = portal.browser_of(who).await;
        let cookie = browser.cookie().unwrap();
        assert_eq!(browser.get("/account").await.status, 200);
        let out = browser.post("/api/fn/sign_out", &[]).await;
        assert_eq!((out.status, out.location()), (303, "/login"), "{who}");
        let thief = portal.browser();
        let stolen = thief.request(reqwest::Method::GET, "/account").header("cookie", &cookie);
        let page = thief.send(stolen).await.unwrap();
        assert!(page.is_redirect() && page.location().starts_with("/login"), "{who}: {page:?}");
        let stolen = thief.request(reqwest::Method::POST, "/api/fn/refresh").header("cookie", &cookie);
        let form = [("team", PAYMENTS), ("page", "/account")];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let stolen = stolen.header("content-type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(thief.send(stolen).await.unwrap().location(), "/login?next=%2Faccount", "{who}");
    }
    let signed_out = portal.browser().post("/api/fn/sign_out", &[]).await;
    assert_eq!((signed_out.status, signed_out.location()), (303, "/login"));
}

#[tokio::test]
async fn a_session_gets_a_new_id_at_every_sign_in_and_its_cookie_is_kept_from_scripts() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let first = browser.cookie().unwrap();
    browser.post("/api/fn/sign_out", &[]).await;
    let answer = browser.sign_in(&email("operator"), &password("operator")).await;
    assert_ne!(browser.cookie().unwrap(), first);
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn sign_ins_and_sign_outs_are_entries_and_failures_share_one() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    for _ in 0..3 {
        browser.sign_in(&email("operator"), "my-secret-typed-wrong").await;
    }
    browser.sign_in(&email("operator"), &password("operator")).await;
    browser.post("/api/fn/sign_out", &[]).await;
    let installation = portal.stop().await;
    let entries = installation.entries().await;
    let of = |action: Action| entries.iter().filter(|entry| entry.action == action).collect::<Vec<_>>();
    let refused = of(Action::SessionRefuse);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!((refused[0].outcome, &refused[0].parameters["count"]), (Some(Outcome::Rejected), &3.into()));
    for action in [Action::SessionStart, Action::SessionEnd] {
        let found = of(action);
        assert_eq!(found.len(), 1, "{action}");
        assert_eq!(found[0].actor.email.as_deref(), Some(email("operator").as_str()));
        assert_eq!(found[0].actor.ip.as_deref(), Some("127.0.0.1"));
    }
}

#[tokio::test]
async fn guessing_is_blocked_after_twenty_failures_for_a_stated_time() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    let guesses = (0..20).map(|number| {
        let browser = browser.clone();
        async move { browser.sign_in("operator@partner.example", &format!("guess {number}")).await.status }
    });
    assert!(futures::future::join_all(guesses).await.iter().all(|status| *status == 303));
    let refused = browser.sign_in(&email("operator"), &password("operator")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    refused.assert_says("Too many failed attempts.");
    // Other people are not locked out.
    let other = tokio::time::timeout(Duration::from_secs(10), portal.browser_of("viewer")).await.unwrap();
    assert_eq!(other.get(&format!("/teams/{LENDING}/connections")).await.status, 403);
}
