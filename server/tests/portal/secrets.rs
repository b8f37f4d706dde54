//! After a working day with successes and failures, no secret is in the database's files, in the debug log, in an
//! export, or on any page but the one that hands it out.

use std::{collections::BTreeMap, fs};

use portal::TeamRole;
use sandbox::{Options, Privileges};
use tokio::process::Command;

use crate::support::{Browser, ChangeKind, Child, Installation, PAYMENTS, Targets, Transcript};

const FIRST_TOKEN: &str = "wrkaus-payments-0123456789";
const SECOND_TOKEN: &str = "wrkaus-replacement-9876543210";
const WRONG_TOKEN: &str = "wrkaus-of-nobody-5555555555";
const ADMINS_PASSWORD: &str = "quiet-lantern-over-the-weir";
const OPERATORS_PASSWORD: &str = "seven-herons-left-at-dawn";
const NEW_PASSWORD: &str = "copper-kettle-under-the-stairs";
const WRONG_PASSWORD: &str = "nobody-ever-chose-this-one";
/// A password, typed into the wrong field.
const PASSWORD_AS_EMAIL: &str = "marble-staircase-in-the-rain";

/// The one file beside the database that holds a secret.
const SIGNING_KEY: &str = "signing.key";

/// Secrets by what they are.
#[derive(Default)]
struct Secrets {
    nowhere: BTreeMap<&'static str, String>,
    /// Those that a page hands out.
    links: Vec<String>,
}

impl Secrets {
    fn keep(&mut self, what: &'static str, secret: impl Into<String>) {
        self.nowhere.insert(what, secret.into());
    }

    fn keep_cookie(&mut self, what: &'static str, browser: &Browser) {
        let cookie = browser.cookie().expect("signed in");
        let session = cookie.split("; ").find_map(|pair| pair.strip_prefix("portal="));
        self.keep(what, session.expect("a session's cookie"));
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let links = self.links.iter().map(|secret| ("a one-time link", secret.as_str()));
        self.nowhere.iter().map(|(what, secret)| (*what, secret.as_str())).chain(links)
    }
}

/// # Panics
/// If `bytes` hold a secret.
pub fn assert_clean<'a>(place: &str, bytes: &[u8], secrets: impl Iterator<Item = (&'a str, &'a str)>) {
    for (what, secret) in secrets {
        assert!(!holds(bytes, secret), "{what} is in {place}");
    }
}

pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_secret_is_left_anywhere_after_a_working_day() {
    let installation = Installation::empty(Options { connections: 60, ..Options::on_any_port() }).await;
    installation.sandbox.admit(&SECOND_TOKEN.parse().unwrap(), 0, Privileges::all());
    let seen = Transcript::default();
    let mut secrets = Secrets::default();
    for (what, secret) in [
        ("the first token", FIRST_TOKEN),
        ("the second token", SECOND_TOKEN),
        ("a wrong token", WRONG_TOKEN),
        ("the admin's password", ADMINS_PASSWORD),
        ("the operator's password", OPERATORS_PASSWORD),
        ("a new password", NEW_PASSWORD),
        ("a wrong password", WRONG_PASSWORD),
        ("a password typed as an e-mail", PASSWORD_AS_EMAIL),
    ] {
        secrets.keep(what, secret);
    }
    let key = fs::read_to_string(installation.key_file()).unwrap();
    secrets.keep("the master key", key.trim());

    let mut child = Child::start_program(&installation, &[]).await;
    let setup = child.setup_secret(&installation).await;
    let signing_key = fs::read_to_string(installation.data_dir().join(SIGNING_KEY)).unwrap();
    secrets.keep("the signing key", signing_key.trim().splitn(5, '+').last().unwrap());
    let admin = Browser::new(&child.base).recording_to(&seen);
    set_up(&admin, &setup).await;
    secrets.links.push(setup);
    secrets.keep_cookie("the admin's session", &admin);
    tokens(&admin, &installation).await;

    let operator = Browser::new(&child.base).recording_to(&seen);
    secrets.links.push(invite(&admin, &operator, "operator@partner.example", "member").await);
    secrets.keep_cookie("the operator's first session", &operator);
    sign_ins(&operator, &mut secrets).await;
    let auditor = Browser::new(&child.base).recording_to(&seen);
    secrets.links.push(invite(&admin, &auditor, "auditor@partner.example", "auditor").await);
    secrets.keep_cookie("the auditor's session", &auditor);

    changes(&installation, &operator, &auditor).await;
    pages(&admin, &operator, &auditor).await;

    scan_files(&installation, &secrets);
    let (_, log) = child.stop().await;
    scan_files(&installation, &secrets);
    assert!(log.contains("\"level\":\"DEBUG\"") && log.contains("/api/fn/sign_in"), "the log has no debug lines");
    assert_clean("the log", log.as_bytes(), secrets.all());
    for format in ["jsonl", "csv"] {
        let exported = Command::new(env!("CARGO_BIN_EXE_partner-portal"))
            .args(["audit", "export", "--format", format, "--data-dir"])
            .arg(installation.data_dir())
            .output()
            .await
            .unwrap();
        assert!(exported.status.success() && holds(&exported.stdout, "operator@partner.example"), "{exported:?}");
        assert_clean("an export", &exported.stdout, secrets.all());
    }
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 60, "only {} answers were seen", seen.len());
    for (asked, answer) in seen.iter() {
        let hands_out = asked.contains("/admin/people/");
        let links = secrets.links.iter().filter(|_| !hands_out).map(|secret| ("a one-time link", secret.as_str()));
        let nowhere = secrets.nowhere.iter().map(|(what, secret)| (*what, secret.as_str()));
        assert_clean(&format!("the answer to {asked}"), answer.as_bytes(), nowhere.chain(links));
    }
}

/// Looks for secrets in every file of the data folder.
fn scan_files(installation: &Installation, secrets: &Secrets) {
    let mut found_people = false;
    for file in fs::read_dir(installation.data_dir()).unwrap() {
        let path = file.unwrap().path();
        if path.ends_with(SIGNING_KEY) {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        found_people |= holds(&bytes, "operator@partner.example");
        assert_clean(&path.display().to_string(), &bytes, secrets.all());
    }
    assert!(found_people, "the search finds nothing at all");
}

async fn set_up(admin: &Browser, secret: &str) {
    let form = admin.open_link(&format!("/setup?secret={secret}")).await.form("/api/fn/set_up");
    let form = form.with("email", "admin@partner.example").with("name", "Ada Admin");
    let refused = admin.submit_and_follow(&form.clone().with("password", "too short")).await;
    refused.assert_says("Use at least 12 characters.");
    let answer = admin.submit(&form.with("password", ADMINS_PASSWORD)).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
}

/// Creates a team with a token, tries tokens that are refused, and replaces the token.
async fn tokens(admin: &Browser, installation: &Installation) {
    let team = [
        ("name", "Payments"),
        ("slug", PAYMENTS),
        ("workato_url", installation.sandbox.base_url.as_str()),
        ("token", FIRST_TOKEN),
    ];
    let bad = [("name", ""), ("slug", "No Slug"), ("workato_url", "https://evil.example"), ("token", WRONG_TOKEN)];
    admin.post_and_follow("/api/fn/create_team", &bad).await;
    assert_eq!(admin.post_and_follow("/api/fn/create_team", &team).await.status, 200);
    let page = format!("/admin/teams/{PAYMENTS}");
    admin.get(&page).await.assert_says("Payments");
    let with_space = format!("{WRONG_TOKEN} and more");
    let others_token = installation.sandbox.tokens[1].clone();
    for token in [with_space.as_str(), "", &others_token, SECOND_TOKEN] {
        admin.post_and_follow("/api/fn/set_token", &[("team", PAYMENTS), ("token", token)]).await;
    }
    admin.post_and_follow("/api/fn/test_token", &[("team", PAYMENTS)]).await;
    assert!(installation.sandbox.revoke(SECOND_TOKEN));
    admin.post_and_follow("/api/fn/test_token", &[("team", PAYMENTS)]).await;
    installation.sandbox.admit(&SECOND_TOKEN.parse().unwrap(), 0, Privileges::all());
    // A refused token is not used again before it was tested.
    admin.post_and_follow("/api/fn/test_token", &[("team", PAYMENTS)]).await.assert_says("The token works.");
}

/// Invites somebody, who chooses a password with the link. Returns the link's secret.
async fn invite(admin: &Browser, guest: &Browser, email: &str, role: &str) -> String {
    let mut fields = vec![("email", email), ("name", "A guest"), ("role", role)];
    if role == "member" {
        fields.extend([("team", PAYMENTS), ("team_role", TeamRole::Operator.as_str())]);
    }
    let page = admin.post_and_follow("/api/fn/invite", &fields).await;
    let link = page.value_of("link").expect("the link is shown");
    let secret = link.split_once("secret=").expect("a link with a secret").1.to_owned();
    let form = guest.open_link(&format!("/setup?secret={secret}")).await.form("/api/fn/join");
    let answer = guest.submit(&form.with("password", OPERATORS_PASSWORD)).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(guest.open_link(&format!("/setup?secret={secret}")).await.status, 404);
    secret
}

/// Signs in and out, fails to, and changes the password.
async fn sign_ins(operator: &Browser, secrets: &mut Secrets) {
    let email = "operator@partner.example";
    let change = [("old_password", WRONG_PASSWORD), ("password", NEW_PASSWORD)];
    operator.post_and_follow("/api/fn/change_password", &change).await;
    let change = [("old_password", OPERATORS_PASSWORD), ("password", NEW_PASSWORD)];
    operator.post_and_follow("/api/fn/change_password", &change).await.assert_says("Password changed.");
    operator.post("/api/fn/sign_out", &[]).await;
    for (email, password) in
        [(email, WRONG_PASSWORD), (email, OPERATORS_PASSWORD), (PASSWORD_AS_EMAIL, WRONG_PASSWORD), ("", NEW_PASSWORD)]
    {
        let refused = operator.sign_in(email, password).await;
        // What was typed as an email address is shown again, but only to the person who typed it.
        if email != PASSWORD_AS_EMAIL {
            operator.get(refused.location()).await.assert_says("Email or password is incorrect.");
        }
    }
    assert_eq!(operator.sign_in(email, NEW_PASSWORD).await.location(), "/");
    secrets.keep_cookie("the operator's second session", operator);
}

/// Sends every change: with success, refused, failing and denied.
async fn changes(installation: &Installation, operator: &Browser, auditor: &Browser) {
    let mut targets = Targets::of(installation);
    let faults: [&[&str]; 3] = [&["500", "reset-after"], &["html", "hang"], &["status 403", "truncate"]];
    // Credentials have a test of their own.
    for (kind, faults) in ChangeKind::ON_TARGETS.into_iter().zip(faults.iter().cycle()) {
        for fault in *faults {
            installation.sandbox.faults().put("fault", format!("{}: {fault} x1", kind.call()).parse().unwrap());
            let change = targets.prepare(kind, operator).await;
            change.perform(operator).await;
            installation.sandbox.faults().clear();
        }
        let change = targets.prepare(kind, operator).await;
        let nothing_typed = change.form.clone().with("reason", "x\u{0}y").with("confirm", "");
        operator.submit_and_follow(&nothing_typed).await;
        assert_eq!(auditor.submit(&change.form).await.status, 403);
        change.perform(operator).await;
    }
}

/// Reads pages that exist, that do not, and that fail.
async fn pages(admin: &Browser, operator: &Browser, auditor: &Browser) {
    let list = format!("/teams/{PAYMENTS}/connections");
    for path in [
        "/",
        "/account",
        "/audit",
        "/audit?q=operator",
        "/admin/teams",
        "/admin/people",
        "/admin/teams/payments",
        "/nowhere",
        "/teams/payments/connectors",
        &list,
        &format!("{list}?page=-1"),
        &format!("{list}?updated_after=yesterday-ish"),
    ] {
        for browser in [admin, operator, auditor] {
            browser.get(path).await;
        }
    }
    operator.post("/api/fn/refresh", &[("team", PAYMENTS), ("page", &list)]).await;
    operator.post("/api/fn/share_version", &[("team", PAYMENTS), ("connector", "x")]).await;
    operator.post("/api/fn/nothing", &[("password", WRONG_PASSWORD)]).await;
    let elsewhere =
        operator.request(reqwest::Method::POST, "/api/fn/sign_out").header("origin", "https://evil.example");
    assert_eq!(operator.send(elsewhere).await.unwrap().status, 403);
}
