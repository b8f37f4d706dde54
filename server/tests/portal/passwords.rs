//! Choosing passwords: which are taken and which refused, wherever one is chosen, and that password managers can help.

use portal::{
    Error, PasswordProblem, Portal, PortalRole, Problem,
    accounts::{Password, PersonInput},
};
use sandbox::Options;
use secrecy::SecretString;

use crate::support::{Browser, Installation, Page, TestPortal, email, password};

/// What is said about a password that is refused, for somebody called The newcomer.
const REFUSED: [(&str, &str); 9] = [
    ("password1234", "Many people use this password"),
    ("            ", "Repeated characters are easy to guess."),
    ("newcomer@partner.example", "This password is made of your name, your email or the portal's name."),
    ("The-Newcomer-2026!", "This password is made of your name, your email or the portal's name."),
    ("Workato-Portal-1", "This password is made of your name, your email or the portal's name."),
    ("leavemealone", "Many people use this password"),
    ("abcdefghijklm", "Sequences such as abc or 6543 are easy to guess."),
    ("short", "Use at least 12 characters."),
    ("", "Use at least 12 characters."),
];
/// No capital letter, no digit, no sign.
const TAKEN: &str = "tangerine lantern orbit";

fn longest() -> String {
    "tangerine lantern orbit ".repeat(6)[..128].to_owned()
}

/// Sends a form with each password. Each is refused, and is not on the page.
async fn each_is_refused(browser: &Browser, send: impl AsyncFn(&str) -> Page) {
    let too_long = format!("{}x", longest());
    let more = [(too_long.as_str(), "Use at most 128 characters.")];
    for (chosen, expected) in REFUSED.iter().chain(&more) {
        let answer = send(chosen).await;
        assert_eq!(answer.status, 303, "{chosen}");
        let page = browser.get(answer.location()).await;
        let problem = page.problem("password").unwrap_or_default();
        assert!(problem.contains(expected), "{chosen}: {problem}");
        let is_on_the_page_anyway = chosen.trim().is_empty() || chosen.contains('@');
        assert!(is_on_the_page_anyway || !page.body.contains(chosen), "{chosen} is on the page");
    }
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_that_is_hard_to_guess() {
    let portal = TestPortal::start().await;
    let (browser, link) =
        (portal.browser(), portal.invite(&portal.browser_of("admin").await, "newcomer", "member").await);
    browser.open_link(&link).await;
    each_is_refused(&browser, async |chosen| browser.post("/api/fn/join", &[("password", chosen)]).await).await;
    let taken = browser.post("/api/fn/join", &[("password", &longest())]).await;
    assert_eq!((taken.status, taken.location()), (303, "/"));
    assert_eq!(portal.browser().sign_in(&email("newcomer"), &longest()).await.location(), "/");
}

#[tokio::test]
async fn the_first_admin_chooses_a_password_that_is_hard_to_guess() {
    let portal =
        TestPortal::serve(Installation::empty(Options { connections: 10, ..Options::on_any_port() }).await).await;
    let (browser, link) = (portal.browser(), portal.setup_path().await);
    browser.open_link(&link).await;
    let set_up = async |chosen: &str| {
        let fields = [("email", email("newcomer")), ("name", "The newcomer".into()), ("password", chosen.to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/api/fn/set_up", &fields).await
    };
    each_is_refused(&browser, set_up).await;
    assert_eq!(set_up(TAKEN).await.location(), "/");
}

#[tokio::test]
async fn a_new_password_is_hard_to_guess_as_well() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let old = password("viewer");
    for (chosen, expected) in [
        ("viewer@partner.example", "This password is made of your name"),
        ("password1234", "Many people use this password"),
        ("            ", "Repeated characters"),
    ] {
        let fields = [("old_password", old.as_str()), ("password", chosen)];
        let page = browser.post_and_follow("/api/fn/change_password", &fields).await;
        let problem = page.problem("password").unwrap_or_default();
        assert!(problem.contains(expected), "{chosen}: {problem}");
    }
    let fields = [("old_password", old.as_str()), ("password", TAKEN)];
    browser.post_and_follow("/api/fn/change_password", &fields).await.assert_says("Password changed.");
}

#[tokio::test]
async fn the_command_line_takes_no_other_passwords() {
    let installation = Installation::new().await;
    let portal = Portal::open(installation.settings()).await.unwrap();
    let input = PersonInput { email: email("newcomer"), name: "The newcomer".to_owned(), role: PortalRole::Member };
    let add = async |chosen: &str| {
        let password = Password::try_from(SecretString::from(chosen)).unwrap();
        portal.create_person(&portal.command_line("tests"), &input, password).await
    };
    let refused = add("newcomer@partner.example").await;
    let Err(Error::Invalid(problems)) = refused else { panic!("{refused:?}") };
    assert_eq!(problems.of("password"), Some(&Problem::Password(PasswordProblem::PasswordOfNames)));
    assert!(matches!(add("password1234").await, Err(Error::Invalid(_))));
    assert_eq!(add(TAKEN).await.unwrap().email, email("newcomer"));
    portal.close().await;
}

#[tokio::test]
async fn password_managers_fill_in_every_form_and_nothing_keeps_people_from_pasting() {
    let portal = TestPortal::start().await;
    let (browser, admin) = (portal.browser(), portal.browser_of("admin").await);
    let link = portal.invite(&admin, "newcomer", "member").await;
    let pages = [browser.get("/login").await, browser.open_link(&link).await, admin.get("/account").await];
    for (page, expected) in
        pages.iter().zip([&["current-password"][..], &["new-password"], &["current-password", "new-password"]])
    {
        assert_eq!(page.attributes("input[type=password]", "autocomplete"), expected);
        assert!(!page.body.contains("onpaste") && !page.has("[autocomplete=off]") && !page.has("[readonly]"));
        assert!(page.attributes("input[type=password]", "maxlength").is_empty(), "nothing is cut off unseen");
    }
}
