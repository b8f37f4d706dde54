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
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    assert_snapshot!(page.main_part(), @r"
    Partner Portal
    Set up the portal
    You become its first admin: you set up teams and invite people.
    Email []
    Name []
    As the audit log is to name you.
    Password []
    At least 12 characters. A few words that only you would put together are best.
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
    assert_eq!(again.get(&path).await.status, 404);
    let answer = again.submit(&filled_in).await;
    assert_eq!(again.get(answer.location()).await.status, 404);
    assert_eq!(portal.entries().await.len(), entries);
}

#[tokio::test]
async fn a_refused_form_keeps_everything_but_the_password() {
    let portal = nobody_yet().await;
    let (browser, path) = (portal.browser(), portal.setup_path().await);
    let form = browser.get(&path).await.form("/api/fn/set_up").fill("Email", "ada@partner.example").fill("Name", "Ada");
    let refused = browser.submit_and_follow(&form.clone().fill("Password", "too short")).await;
    assert_eq!(refused.problem("password").as_deref(), Some("A password has at least 12 characters."));
    let again = refused.form("/api/fn/set_up");
    assert_eq!((again.get("email"), again.get("name"), again.get("password")), ("ada@partner.example", "Ada", ""));
    let refused = browser.submit_and_follow(&again.fill("Email", "ada").fill("Password", "four words of ada")).await;
    assert_eq!(refused.problem("email").as_deref(), Some("This is no e-mail address."));
    assert!(portal.entries().await.iter().all(|entry| entry.action != Action::PersonCreate));
}

#[tokio::test]
async fn only_one_of_many_simultaneous_requests_becomes_the_first_admin() {
    let portal = nobody_yet().await;
    let path = portal.setup_path().await;
    let form = portal.browser().get(&path).await.form("/api/fn/set_up").fill("Password", "four words of many");
    let browsers: Vec<Browser> = (0..20).map(|_| portal.browser()).collect();
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
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    assert_snapshot!(page.main_part(), @r"
    Partner Portal
    Welcome, The guest
    Choose a password. You sign in with it and guest@partner.example.
    Password []
    At least 12 characters. A few words that only you would put together are best.
    (Choose password)
    ");

    let form = page.form_with_button("Choose password");
    let refused = browser.submit_and_follow(&form.clone().fill("Password", "too short")).await;
    assert_eq!(refused.problem("password").as_deref(), Some("A password has at least 12 characters."));
    let answer = browser.submit(&form.fill("Password", &password("guest"))).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    let entries = portal.entries().await;
    assert_snapshot!(who_did_what(&entries[before..], &[Action::PersonJoin, Action::SessionStart]), @r"
    The guest: person.join The guest
    The guest: session.start
    ");
    assert_eq!(portal.browser_of("guest").await.get("/account").await.status, 200);
    assert_eq!(portal.browser().get(&path).await.status, 404);
}

#[tokio::test]
async fn only_one_of_many_simultaneous_requests_uses_an_invitation() {
    let portal = TestPortal::start().await;
    let path = portal.invite(&portal.browser_of("admin").await, "guest", "member").await;
    let form = portal.browser().get(&path).await.form("/api/fn/join").fill("Password", &password("guest"));
    let browsers: Vec<Browser> = (0..20).map(|_| portal.browser()).collect();
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
    assert_eq!((guest.get(&first).await.status, guest.get(&second).await.status), (404, 200));
    admin.submit(&admin.get(&person).await.form_with_button("Disable The guest")).await;
    let page = guest.get(&second).await;
    assert_eq!(page.status, 404);
    assert_snapshot!(page.main_part(), @r"
    Partner Portal
    404
    This link opens nothing any more
    It was used, or a newer one has replaced it, or it is more than seven days old.
    Ask an admin of the portal for a new one. While the portal has no admin yet, whoever runs it starts it again: it then prints a new link.
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
    assert_eq!(browser.get(&path).await.status, 403);
    portal.release_link_of("viewer").await;
    let form = browser.get(&path).await.form("/api/fn/join").fill("Password", "another four words");
    assert_eq!(browser.submit(&form).await.location(), "/");
    let old = portal.browser().sign_in(&email("viewer"), &password("viewer")).await;
    let new = portal.browser().sign_in(&email("viewer"), "another four words").await;
    assert_ne!(old.location(), "/");
    assert_eq!(new.location(), "/");
}
