//! `/account/second-factor`, `/login/code` and `/account/confirm`, without JavaScript: setting up a second factor, giving
//! it, and what somebody without one can do.

use std::{collections::BTreeSet, time::Duration};

use portal::{accounts::SecondFactorRule, audit::Action};

use secrecy::ExposeSecret;

use crate::support::{
    AuthenticatorApp, Browser, Child, FACTOR_PAGE, Installation, PAYMENTS, Page, TestPortal, add_app, add_passkey,
    email, give_passkey, password, recovery_codes,
};

async fn strict() -> TestPortal {
    TestPortal::serve_with(Installation::new().await, |settings| settings.second_factor = SecondFactorRule::Required)
        .await
}

/// How long a factor counts as fresh in a portal that is impatient: long enough for a few requests on a busy machine.
const FRESH_FOR: Duration = Duration::from_secs(4);

/// A portal whose sessions are stale after four seconds.
async fn impatient() -> TestPortal {
    TestPortal::serve_with(Installation::new().await, |settings| settings.fresh_factor = FRESH_FOR).await
}

async fn second_step(portal: &TestPortal, who: &str) -> (Browser, Page) {
    let browser = Browser::new(&portal.base);
    let answer = browser.sign_in(&email(who), &password(who)).await;
    assert_eq!((answer.status, answer.location()), (303, "/login/code"));
    let page = browser.get("/login/code").await;
    assert_eq!(page.status, 200, "{}", page.text());
    (browser, page)
}

#[tokio::test]
async fn an_app_is_set_up_by_its_first_code_and_asked_for_after_the_password() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let page = admin.get(FACTOR_PAGE).await;
    assert!(page.has(".qr svg path"), "a QR code");
    assert!(!page.body.contains("style=\""), "inline styles are blocked");
    let wrong = admin.submit_and_follow(&page.form("/api/fn/add_totp").with("code", "000000")).await;
    assert!(wrong.problem("code").expect("a problem").starts_with("This code is incorrect."));
    let keys: Vec<String> = [&page, &wrong].map(|page| page.select("#totp-key").pop().unwrap().text).to_vec();
    assert_eq!(keys[0], keys[1], "the key stays while it is set up");
    let there = portal.browser_of("admin").await;
    let (app, codes) = add_app(&admin).await;
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10, "{codes:?}");
    assert!(there.get("/account").await.is_redirect(), "other sessions end");
    let again = admin.get(FACTOR_PAGE).await;
    assert!(recovery_codes(&again).is_empty(), "they are shown once");
    again.assert_says("You have 10 recovery codes left.");

    let (browser, page) = second_step(&portal, "admin").await;
    let cookie = browser.cookie().expect("a cookie");
    assert!(cookie.contains("portal-step="), "{cookie}");
    assert!(browser.get("/account").await.location().starts_with("/login"), "the password alone signs in");
    let form = page.form("/api/fn/sign_in_with_code");
    let wrong = browser.submit_and_follow(&form.clone().with("code", "000000")).await;
    wrong.assert_says("This code is incorrect or already used.");
    let answer = browser.submit(&form.clone().with("code", &app.code(0))).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    assert_eq!(browser.get("/admin/people").await.status, 200);
    assert!(!browser.cookie().unwrap().contains("portal-step="), "{:?}", browser.cookie());

    // The same code and the same cookie again, as somebody who looked over the shoulder has them.
    let thief = portal.browser();
    let replayed = thief
        .send(
            thief
                .request(reqwest::Method::POST, "/api/fn/sign_in_with_code")
                .header("cookie", cookie)
                .form(&[("code", app.code(0))]),
        )
        .await
        .unwrap();
    assert!(replayed.location().starts_with("/login/code?problem="), "{}", replayed.location());

    let (browser, page) = second_step(&portal, "admin").await;
    let form = page.form("/api/fn/sign_in_with_code").with("code", &codes[4].to_lowercase());
    assert_eq!(browser.submit(&form).await.location(), "/");
    browser.get("/account").await.assert_says("A recovery code was used. 9 are left.");
    let page = browser.get("/account").await;
    let seen = browser.submit_and_follow(&page.form("/api/fn/dismiss_notices")).await;
    assert!(!seen.says("A recovery code was used"));
}

#[tokio::test]
async fn the_second_step_cookie_is_bound_to_this_host_and_short_lived() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| {
        config.public_url = "https://portal.example.com".parse().unwrap();
    })
    .await;
    let beside = portal::Portal::open(portal.installation.settings()).await.unwrap();
    let key = beside.session_key(&"a session".into());
    let origin = portal::Origin::default();
    let first = beside.sign_in(&email("operator"), password("operator").into(), &origin).await.unwrap();
    let portal::accounts::FirstStep::Proved(proof) = first else { panic!("a second factor") };
    beside.begin_session(&proof, &key, &origin).await.unwrap();
    let actor = beside.session(&key).await.unwrap().expect("a session").actor;
    let app = AuthenticatorApp::with_key(beside.new_totp(&actor).unwrap().key.expose_secret());
    beside.add_totp(&actor, "Phone", &app.code(0).into()).await.unwrap();
    beside.close().await;
    let browser = portal.browser();
    let (who, pass) = (email("operator"), password("operator"));
    let request = browser.request(reqwest::Method::POST, "/api/fn/sign_in").header("host", "portal.example.com");
    let answer = browser.send(request.form(&[("email", who), ("password", pass)])).await.unwrap();
    assert_eq!(answer.location(), "/login/code");
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let cookie = cookies.iter().find(|cookie| cookie.starts_with("__Host-portal-step=")).expect("the cookie");
    for part in ["Path=/", "Max-Age=300", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookies.iter().any(|cookie| cookie.starts_with("__Host-portal=")), "a session: {cookies:?}");
}

#[tokio::test]
async fn without_a_required_factor_nothing_works_but_setting_one_up() {
    let portal = strict().await;
    for who in ["admin", "auditor", "operator"] {
        let browser = portal.browser_of(who).await;
        for path in ["/", "/account", "/audit", &format!("/teams/{PAYMENTS}/connections"), "/admin/people", "/login"] {
            assert_eq!(browser.get(path).await.location(), FACTOR_PAGE, "{path} for {who}");
        }
        let allowed = [
            "/api/fn/add_totp",
            "/api/fn/add_passkey",
            "/api/fn/confirm",
            "/api/fn/confirm_with_passkey",
            "/api/fn/dismiss_notices",
            "/api/fn/sign_out",
        ];
        let entries = portal.entries().await.len();
        for function in app::functions().filter(|function| !allowed.contains(function)) {
            let answer = browser.post(function, &[]).await;
            assert_eq!(answer.status, 403, "{function} for {who}");
            answer.assert_says("Your role needs a second factor.");
        }
        assert_eq!(portal.entries().await.len(), entries, "something was done");
        let json = browser.request(reqwest::Method::GET, "/account").header("accept", "application/json");
        assert!(browser.send(json).await.unwrap().body.contains("factor_missing"));
        browser.get(FACTOR_PAGE).await.assert_says("Your role needs a second factor.");
        add_app(&browser).await;
        assert_eq!(browser.get("/account").await.status, 200);
    }
    assert_eq!(portal.browser_of("viewer").await.get("/account").await.status, 200);
}

#[tokio::test]
async fn the_first_admin_and_an_invited_auditor_set_a_factor_up_before_anything_else() {
    let installation =
        Installation::empty(sandbox::Options { connections: 10, ..sandbox::Options::on_any_port() }).await;
    let required = |settings: &mut portal::Settings| settings.second_factor = SecondFactorRule::Required;
    let portal = TestPortal::serve_with(installation, required).await;
    let admin = portal.first_admin().await;
    assert_eq!(admin.get("/").await.location(), FACTOR_PAGE);
    add_app(&admin).await;
    let auditor = portal.invited(&admin, "aude", "auditor").await;
    assert_eq!(auditor.get("/audit").await.location(), FACTOR_PAGE);
    add_app(&auditor).await;
    assert_eq!(auditor.get("/audit").await.status, 200);
    let factor = auditor.get(FACTOR_PAGE).await.form("/api/fn/remove_factor");
    auditor.submit_and_follow(&factor).await.assert_says("Add another one before you remove this one.");
}

#[tokio::test]
async fn a_new_password_by_a_link_leaves_the_factor_and_a_recovery_link_removes_it() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let auditor = portal.browser_of("auditor").await;
    let (app, _) = add_app(&auditor).await;
    let page = admin.get(&admin.get("/admin/people").await.link("The auditor")).await;
    for (function, recovers) in [("/api/fn/invite_again", false), ("/api/fn/recover_person", true)] {
        let made = admin.submit_and_follow(&page.form(function)).await;
        made.assert_says("A one-time link needs a second admin");
        assert_eq!(made.says("and removes the second factors"), recovers);
        let link = portal.path_of(&made.value_of("link").expect("the link is shown"));
        portal.release_link_of("auditor").await;
        let browser = portal.browser();
        let choose = browser.open_link(&link).await;
        assert_eq!(choose.says("This link also removes your authenticator apps"), recovers);
        let form = choose.form("/api/fn/join").with("password", "chosen by the auditor");
        let expected = if recovers { "/" } else { "/login/code" };
        assert_eq!(browser.submit(&form).await.location(), expected);
        if !recovers {
            let form = browser.get("/login/code").await.form("/api/fn/sign_in_with_code");
            assert_eq!(browser.submit(&form.with("code", &app.code(0))).await.location(), "/");
        }
        let seen = browser.get("/audit").await;
        seen.assert_says("The admin created a one-time link for you");
        seen.assert_says("command line released a one-time link for you.");
        browser.submit(&seen.form("/api/fn/dismiss_notices")).await;
        assert!(!browser.get("/audit").await.says("one-time link for you"));
    }
    assert_eq!(portal.browser().sign_in(&email("auditor"), "chosen by the auditor").await.location(), "/");
}

#[tokio::test]
async fn the_command_line_prints_a_recovery_link() {
    let portal = TestPortal::start().await;
    add_app(&portal.browser_of("operator").await).await;
    let installation = portal.stop().await;
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_partner-portal"))
        .args(["user", "recover", &email("operator"), "--public-url", "https://portal.example.com"])
        .env("PORTAL_DATA_DIR", installation.data_dir())
        .env("PORTAL_MASTER_KEY_FILE", installation.key_file())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains("secret="), "what is not a terminal is often a log: {printed}");
    let (_, file) = printed.lines().next().unwrap().split_once("open the link in the file ").expect("a file");
    let link = std::fs::read_to_string(file).unwrap();
    let link = link.trim().strip_prefix("https://portal.example.com").expect("a link").to_owned();
    let made = installation.entries().await.pop().unwrap();
    assert_eq!((made.action, &made.parameters["resets"]), (Action::PersonInvite, &"password and factors".into()));
    let child = Child::start_program(&installation, &[]).await;
    let browser = Browser::new(&child.base);
    let form = browser.open_link(&link).await.form("/api/fn/join").with("password", "chosen by the operator");
    assert_eq!(browser.submit(&form).await.location(), "/");
    browser.get("/account").await.assert_says("command line created a one-time link for you");
    child.stop().await;
}

/// The functions that need a fresh factor.
const DELICATE: [&str; 24] = [
    "/api/fn/add_passkey",
    "/api/fn/add_totp",
    "/api/fn/create_feed_token",
    "/api/fn/create_team",
    "/api/fn/disable_person",
    "/api/fn/enable_person",
    "/api/fn/invite",
    "/api/fn/invite_again",
    "/api/fn/new_recovery_codes",
    "/api/fn/recover_person",
    "/api/fn/release_link",
    "/api/fn/remove_factor",
    "/api/fn/remove_member",
    "/api/fn/retire_team",
    "/api/fn/revoke_feed_token",
    "/api/fn/revoke_session",
    "/api/fn/revoke_sessions",
    "/api/fn/rotate_token",
    "/api/fn/set_member",
    "/api/fn/set_policy",
    "/api/fn/set_role",
    "/api/fn/set_token",
    "/api/fn/update_team",
    "/api/fn/withdraw_token",
];

#[tokio::test]
async fn every_function_that_touches_tokens_roles_feeds_or_ways_to_sign_in_asks_for_a_fresh_factor() {
    let portal = impatient().await;
    let admin = portal.browser_of("admin").await;
    tokio::time::sleep(FRESH_FOR).await;
    let some = portal::OperationId::new().to_string();
    let mut asked = BTreeSet::new();
    let entries = portal.entries().await.len();
    // Giving the factor is what is asked for.
    let gives = ["/api/fn/sign_out", "/api/fn/confirm", "/api/fn/confirm_with_passkey"];
    for function in app::functions().filter(|function| !gives.contains(function)) {
        let fields = [("team", PAYMENTS), ("id", &some), ("person", &some), ("factor", &some), ("name", "New")];
        let answer = admin.post(function, &fields).await;
        if answer.is_redirect() && answer.location().starts_with("/account/confirm?next=") {
            asked.insert(function);
        }
    }
    let expected: BTreeSet<&str> = DELICATE.into_iter().collect();
    assert_eq!(asked, expected);
    let by_admin = portal.entries().await.split_off(entries);
    let done = by_admin.iter().filter(|entry| portal::accounts::needs_fresh_factor(entry.action));
    assert_eq!(done.count(), 0, "{by_admin:?}");
}

#[tokio::test]
async fn after_the_password_is_confirmed_the_form_is_back_with_what_was_typed() {
    let portal = impatient().await;
    let admin = portal.browser_of("admin").await;
    tokio::time::sleep(FRESH_FOR).await;
    let form = admin.get("/admin/feeds").await.form("/api/fn/create_feed_token").with("name", "Vector in the cluster");
    let answer = admin.submit(&form).await;
    assert!(answer.location().starts_with("/account/confirm?next="), "{}", answer.location());
    let page = admin.get(answer.location()).await;
    page.assert_says("Changes to tokens, keys, log streams, roles, sessions and sign-in methods need this");
    let confirm = page.form("/api/fn/confirm");
    let wrong = admin.submit_and_follow(&confirm.clone().with("password", "not the password")).await;
    wrong.assert_says("This password is incorrect.");
    let back = admin.submit_and_follow(&wrong.form("/api/fn/confirm").with("password", &password("admin"))).await;
    back.assert_says("Nothing was sent yet.");
    let again = back.form("/api/fn/create_feed_token");
    assert_eq!(again.get("name"), "Vector in the cluster");
    admin.submit_and_follow(&again).await.assert_says("Token created.");
}

#[tokio::test]
async fn somebody_with_a_factor_confirms_with_a_code_and_not_with_the_password() {
    let portal = impatient().await;
    let admin = portal.browser_of("admin").await;
    let (app, _) = add_app(&admin).await;
    tokio::time::sleep(FRESH_FOR).await;
    let page = admin.get("/account/confirm?next=%2Fadmin%2Ffeeds").await;
    let form = page.form("/api/fn/confirm");
    let by_password = admin.submit(&form.clone().with("password", &password("admin"))).await;
    assert!(by_password.location().contains("problem="), "{}", by_password.location());
    assert_eq!(admin.submit(&form.with("code", &app.code(0))).await.location(), "/admin/feeds");
    let page = admin.get("/admin/feeds").await;
    admin
        .submit_and_follow(&page.form("/api/fn/create_feed_token").with("name", "Vector"))
        .await
        .assert_says("Token created.");
}

#[tokio::test]
async fn a_passkey_is_added_asked_for_and_enough_alone() {
    let portal = TestPortal::at_localhost(Installation::new().await).await;
    let operator = portal.browser_of("operator").await;
    let mut passkey = add_passkey(&operator).await;
    let (browser, page) = second_step(&portal, "operator").await;
    let form = give_passkey(&mut passkey, &page);
    assert_eq!(browser.submit(&form).await.location(), "/");
    assert_ne!(portal.browser().submit(&form).await.location(), "/", "an answer works once");

    let browser = portal.browser();
    let page = browser.get("/login?next=%2Faudit").await;
    let form = give_passkey(&mut passkey, &page);
    assert_eq!(browser.submit(&form).await.location(), "/audit");
    assert_eq!(browser.get("/account").await.status, 200);
    let again = portal.browser().submit(&form).await;
    assert!(again.location().starts_with("/login?"), "an answer works once: {}", again.location());
    let empty = portal.browser().submit_and_follow(&page.form("/api/fn/sign_in_with_passkey")).await;
    empty.assert_says("This passkey wasn't accepted.");
}

#[tokio::test]
async fn at_an_address_without_passkeys_the_page_says_so() {
    let portal = TestPortal::start().await;
    assert!(!portal.browser().get("/login").await.has("form[data-passkey]"));
    let page = portal.browser_of("viewer").await.get(FACTOR_PAGE).await;
    page.assert_says("Passkeys don't work at this address");
}

#[tokio::test]
async fn a_flood_of_wrong_codes_is_one_entry_and_later_ones_are_refused_unchecked() {
    let portal = TestPortal::start().await;
    let viewer = portal.browser_of("viewer").await;
    add_app(&viewer).await;
    let (browser, page) = second_step(&portal, "viewer").await;
    let form = page.form("/api/fn/sign_in_with_code").with("code", "000000");
    let mut statuses = BTreeSet::new();
    for _ in 0..20 {
        statuses.insert(browser.submit(&form).await.status);
    }
    assert_eq!(statuses, BTreeSet::from([303, 429]));
    let installation = portal.stop().await;
    let refused: Vec<_> =
        installation.entries().await.into_iter().filter(|entry| entry.action == Action::FactorRefuse).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(refused[0].parameters["times"], 10);
}
