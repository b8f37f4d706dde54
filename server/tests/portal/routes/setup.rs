//! `/setup`: the one-time links by which the first admin and people who were invited choose their passwords.

use insta::assert_snapshot;
use portal::audit::{Action, Entry, TargetType};
use sandbox::Options;

use crate::support::{Browser, Installation, TestPortal, email, password};

async fn nobody_yet() -> TestPortal {
    TestPortal::serve(Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await).await
}

/// What the entries of an action say about who did what to whom.
fn who_did_what(entries: &[Entry], actions: &[Action]) -> String {
    let of_actions = entries.iter().filter(|entry| actions.contains(&entry.action));
    let lines = of_actions.map(|entry| {
        let person = entry.targets.iter().find(|target| target.kind == TargetType::Person);
        let target = person.and_then(|person| person.name.clone()).unwrap_or_default();
        format!("{}: {} {target}", entry.actor.name, entry.action).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_setup_link_makes_the_first_admin_and_works_once() {
    let portal = nobody_yet().await;
    let (browser, path) = (portal.browser(), portal.setup_path().await);
    let page = browser.open_link(&path).await;
    assert_eq!(page.status, 200);
    assert_snapshot!(page.main_part(), @r"
    Partner Portal
    Set up the portal
    You become its first admin, who creates teams and invites people.
    Email []
    Name []
    Your name in the audit log
    Password []
    At least 12 characters. A few unrelated words work best.
    (Set up the portal)
    ");

    let form = page.form_with_button("Set up the portal");
    let filled_in = form.fill("Email", "ada@partner.example").fill("Name", "Ada").fill("Password", "four words of ada");
    let answer = browser.submit(&filled_in).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(browser.get("/admin/people").await.status, 200);
    assert_snapshot!(who_did_what(&portal.entries().await, &[Action::PersonCreate, Action::SessionStart]), @r"
    signed out: person.create Ada
    Ada: session.start
    ");

    let entries = portal.entries().await.len();
    let again = portal.browser();
    assert_eq!(again.open_link(&path).await.status, 404);
    let answer = again.submit(&filled_in).await;
    assert_eq!(again.get(answer.location()).await.status, 404);
    assert_eq!(portal.entries().await.len(), entries);
}

#[tokio::test]
async fn a_refused_form_keeps_the_e_mail_and_nothing_else_of_somebody_who_is_not_signed_in() {
    let portal = nobody_yet().await;
    let (browser, path) = (portal.browser(), portal.setup_path().await);
    let form =
        browser.open_link(&path).await.form("/api/fn/set_up").fill("Email", "ada@partner.example").fill("Name", "Ada");
    let refused = browser.submit_and_follow(&form.clone().fill("Password", "too short")).await;
    assert_eq!(refused.problem("password").as_deref(), Some("Use at least 12 characters."));
    let again = refused.form("/api/fn/set_up");
    assert_eq!((again.get("email"), again.get("name"), again.get("password")), ("ada@partner.example", "", ""));
    let refused = browser
        .submit_and_follow(&again.fill("Email", "ada").fill("Name", "Ada").fill("Password", "four words of ada"))
        .await;
    assert_eq!(refused.problem("email").as_deref(), Some("Enter a valid email."));
    assert!(portal.entries().await.iter().all(|entry| entry.action != Action::PersonCreate));
}

/// Browsers that have opened a link, which uses nothing up.
async fn open_in_many(portal: &TestPortal, path: &str) -> Vec<Browser> {
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let browser = portal.browser();
        assert_eq!(browser.open_link(path).await.status, 200);
        browsers.push(browser);
    }
    browsers
}

#[tokio::test]
async fn only_one_of_many_simultaneous_requests_becomes_the_first_admin() {
    let portal = nobody_yet().await;
    let path = portal.setup_path().await;
    let form = portal.browser().open_link(&path).await.form("/api/fn/set_up").fill("Password", "four words of many");
    let browsers = open_in_many(&portal, &path).await;
    let sent = browsers.iter().enumerate().map(|(number, browser)| {
        let form =
            form.clone().fill("Email", &format!("p{number}@partner.example")).fill("Name", &format!("P{number}"));
        async move { browser.submit(&form).await }
    });
    let answers = futures::future::join_all(sent).await;
    assert_eq!(answers.iter().filter(|answer| answer.location() == "/").count(), 1);
    let created = portal.entries().await.into_iter().filter(|entry| entry.action == Action::PersonCreate);
    assert_eq!(created.count(), 1);
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_and_is_signed_in() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let path = portal.invite(&admin, "guest", "member").await;
    let (browser, before) = (portal.browser(), portal.entries().await.len());
    let page = browser.open_link(&path).await;
    assert_eq!(page.status, 200);
    assert_snapshot!(page.main_part(), @r"
    Partner Portal
    Welcome, The guest
    Choose a password. You sign in with it and guest@partner.example.
    Password []
    At least 12 characters. A few unrelated words work best.
    (Choose password)
    ");

    let form = page.form_with_button("Choose password");
    let refused = browser.submit_and_follow(&form.clone().fill("Password", "too short")).await;
    assert_eq!(refused.problem("password").as_deref(), Some("Use at least 12 characters."));
    let answer = browser.submit(&form.fill("Password", &password("guest"))).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    let entries = portal.entries().await;
    assert_snapshot!(who_did_what(&entries[before..], &[Action::PersonJoin, Action::SessionStart]), @r"
    The guest: person.join The guest
    The guest: session.start
    ");
    assert_eq!(portal.browser_of("guest").await.get("/account").await.status, 200);
    assert_eq!(portal.browser().open_link(&path).await.status, 404);
}

#[tokio::test]
async fn only_one_of_many_simultaneous_requests_uses_an_invitation() {
    let portal = TestPortal::start().await;
    let path = portal.invite(&portal.browser_of("admin").await, "guest", "member").await;
    let form = portal.browser().open_link(&path).await.form("/api/fn/join").fill("Password", &password("guest"));
    let browsers = open_in_many(&portal, &path).await;
    let answers = futures::future::join_all(browsers.iter().map(|browser| browser.submit(&form))).await;
    assert_eq!(answers.iter().filter(|answer| answer.location() == "/").count(), 1);
    let joined = portal.entries().await.into_iter().filter(|entry| entry.action == Action::PersonJoin);
    assert_eq!(joined.count(), 1);
}

#[tokio::test]
async fn a_link_ends_when_a_newer_one_is_made_or_the_person_is_disabled() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let first = portal.invite(&admin, "guest", "member").await;
    let person = admin.get("/admin/people").await.link("The guest");
    let page = admin.submit_and_follow(&admin.get(&person).await.form_with_button("New one-time link")).await;
    let second = portal.path_of(&page.value_of("link").expect("the new link"));
    let guest = portal.browser();
    assert_eq!((guest.open_link(&first).await.status, guest.open_link(&second).await.status), (404, 200));
    admin.submit(&admin.get(&person).await.form_with_button("Disable The guest")).await;
    let page = guest.open_link(&second).await;
    assert_eq!(page.status, 404);
    assert_snapshot!(page.main_part(), @r"
    Partner Portal
    404
    This link has expired
    It was used or replaced by a newer one, or it is more than seven days old. If you opened it more than an hour ago, open it again.
    Ask an admin for a new one. If the portal has no admin yet, restart it to get a new link.
    Sign in
    ");
}

#[tokio::test]
async fn a_new_link_lets_a_person_choose_a_new_password_once_it_is_released() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let person = admin.get("/admin/people").await.link("The viewer");
    let page = admin.submit_and_follow(&admin.get(&person).await.form_with_button("New one-time link")).await;
    let path = portal.path_of(&page.value_of("link").expect("the new link"));
    let browser = portal.browser();
    assert_eq!(browser.open_link(&path).await.status, 403);
    portal.release_link_of("viewer").await;
    let form = browser.open_link(&path).await.form("/api/fn/join").fill("Password", "another four words");
    assert_eq!(browser.submit(&form).await.location(), "/");
    let old = portal.browser().sign_in(&email("viewer"), &password("viewer")).await;
    let new = portal.browser().sign_in(&email("viewer"), "another four words").await;
    assert_ne!(old.location(), "/");
    assert_eq!(new.location(), "/");
}

#[tokio::test]
async fn the_secret_of_a_link_is_in_the_first_url_only() {
    let portal = TestPortal::start().await;
    let path = portal.invite(&portal.browser_of("admin").await, "guest", "member").await;
    let secret = path.split_once("secret=").unwrap().1.to_owned();
    // A program that follows the links in e-mails, by HEAD and by GET, and without keeping cookies.
    for method in [reqwest::Method::HEAD, reqwest::Method::GET] {
        let scanner = portal.browser();
        let opened = scanner.send(scanner.request(method, &path)).await.unwrap();
        assert_eq!((opened.status, opened.location()), (303, "/setup"));
        assert_eq!(opened.headers["referrer-policy"], "no-referrer");
        let cookie = opened.headers["set-cookie"].to_str().unwrap();
        assert!(cookie.starts_with("portal-link=") && cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains(&secret), "the secret is in the cookie in clear");
        assert_eq!(portal.browser().get("/setup").await.status, 404, "another browser has no link");
    }
    let guest = portal.browser();
    let page = guest.open_link(&format!("{path}&problem=1&secret=another")).await;
    assert!(!page.body.contains(&secret), "the secret is in the page");
    let refused = guest.submit(&page.form("/api/fn/join").with("password", "short")).await;
    assert!(refused.location().starts_with("/setup?problem="), "{}", refused.location());
    let again = guest.get(refused.location()).await.form("/api/fn/join").with("password", &password("guest"));
    let joined = guest.submit(&again).await;
    assert_eq!(joined.location(), "/");
    let cookies: Vec<_> = joined.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("portal-link=; ") && cookie.contains("Max-Age=0")));
    assert_eq!(guest.get("/setup").await.status, 404);
}

#[tokio::test]
async fn a_secret_that_is_no_links_is_forgotten_and_never_sent_back() {
    let portal = TestPortal::start().await;
    for secret in [String::new(), "x".repeat(4_000), "none".into(), "a%0d%0aSet-Cookie:%20x=y".into()] {
        let opened = portal.browser().get(&format!("/setup?secret={secret}")).await;
        assert_eq!((opened.status, opened.location()), (303, "/setup"));
        let set: Vec<_> = opened.headers.get_all("set-cookie").iter().collect();
        assert_eq!(set.len(), 1, "{set:?}");
        assert_eq!(portal.browser().open_link(&format!("/setup?secret={secret}")).await.status, 404);
    }
}
