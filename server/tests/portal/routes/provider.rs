//! Signing in at an OpenID Connect provider, one that tells the truth and one that lies.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portal::{
    accounts::{SecondFactorRule, provider::ProviderSettings},
    audit::{Action, Entry},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{
    AuthenticatorApp, Browser, FACTOR_PAGE, Installation, Page, TestPortal, email, password,
    provider::{Fault, Provider, Signed, person, query},
};

/// A portal whose people can sign in at a provider.
async fn portal_with(alter: impl FnOnce(&mut ProviderSettings)) -> (TestPortal, Provider) {
    let provider = Provider::start().await;
    let settings = provider.settings_with(alter);
    (TestPortal::serve_with(Installation::new().await, settings).await, provider)
}

async fn portal_and_provider() -> (TestPortal, Provider) {
    portal_with(|_| {}).await
}

/// Why somebody was sent back to the sign-in page.
#[track_caller]
fn refusal(answer: &Page) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let location = answer.location();
    assert!(location.starts_with("/login?"), "{location}");
    query(&format!("http://portal{location}")).remove("provider").expect("a reason")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

async fn entries_of(portal: &TestPortal, action: Action) -> Vec<Entry> {
    portal.entries().await.into_iter().filter(|entry| entry.action == action).collect()
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_the_roles_of_their_groups() {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    let page = browser.get("/login?next=%2Faccount").await;
    let link = page.link("Sign in with Example ID");
    assert_eq!(link, "/login/provider?next=%2Faccount");
    let out = browser.get(&link).await;
    assert_eq!(query(out.location())["scope"], "openid email profile");
    let back = browser.get(&provider.agree(out.location(), person("newcomer", &["ops", "audit", "unknown"]))).await;
    assert_eq!((back.status, back.location()), (303, "/account"));
    let account = browser.get("/account").await;
    assert_eq!(account.heading(), "The newcomer");
    account.assert_says("auditor: reads every team");
    account.assert_says("operator");
    account.assert_says("You sign in with Example ID. You have no password in this portal.");
    assert!(account.forms("/api/fn/change_password").is_empty());
    let entries = portal.entries().await;
    let linked = entries.iter().rfind(|entry| entry.action == Action::PersonProvider).expect("an entry");
    assert_eq!(linked.parameters["subject"], format!("{} id of newcomer", provider.issuer));
    assert_eq!((&linked.parameters["created"], &linked.parameters["role"]), (&json!(true), &json!("auditor")));
    let given = entries.iter().rfind(|entry| entry.action == Action::MemberSet).expect("an entry");
    assert_eq!((given.actor.name.as_str(), &given.parameters["because"]), ("system", &json!("groups")));
    let began = entries.iter().rfind(|entry| entry.action == Action::SessionStart).expect("an entry");
    assert_eq!(began.parameters["signed_in_with"], "provider");
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_change_of_groups_counts_at_the_next_sign_in_and_ends_every_session() {
    let (portal, provider) = portal_and_provider().await;
    let (one, other) = (portal.browser(), portal.browser());
    assert_eq!(provider.sign_in(&one, person("newcomer", &["ops", "lenders", "admins"])).await.location(), "/");
    assert_eq!(one.get("/admin/people").await.status, 200);
    assert_eq!(provider.sign_in(&other, person("newcomer", &["readers"])).await.location(), "/");
    assert_eq!(one.get("/account").await.status, 303, "the other session has ended");
    let account = other.get("/account").await;
    account.assert_says("member: ");
    account.assert_says("viewer");
    assert!(!account.says("operator"));
    assert_eq!(other.get("/admin/people").await.status, 403);
    assert_eq!(other.get("/teams/lending/connections").await.status, 403);
    let entries = portal.entries().await;
    let changes = entries.iter().filter(|entry| entry.parameters.get("because") == Some(&json!("groups")));
    let changes: Vec<_> = changes.map(|entry| (entry.action.as_str(), entry.parameters.get("role").cloned())).collect();
    let role = |role: &str| Some(json!(role));
    assert_eq!(
        changes[2..],
        [("person.role", role("member")), ("member.remove", None), ("member.set", role("viewer")),]
    );
    // The same groups again change nothing, and end nothing.
    let third = portal.browser();
    assert_eq!(provider.sign_in(&third, person("newcomer", &["readers"])).await.location(), "/");
    assert_eq!(other.get("/account").await.status, 200);
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn somebody_in_no_group_is_refused_and_loses_what_they_had() {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    assert_eq!(refusal(&provider.sign_in(&browser, person("newcomer", &["cooks"])).await), "no_group");
    browser.get("/login?provider=no_group").await.assert_says("You are in none of the groups at Example ID");
    assert!(entries_of(&portal, Action::PersonProvider).await.is_empty());
    assert_eq!(provider.sign_in(&browser, person("newcomer", &["admins", "ops"])).await.location(), "/");
    let elsewhere = portal.browser();
    assert_eq!(refusal(&provider.sign_in(&elsewhere, person("newcomer", &[])).await), "no_group");
    assert!(!elsewhere.has_session());
    assert_eq!(browser.get("/account").await.status, 303, "every session has ended");
    let removed = entries_of(&portal, Action::MemberRemove).await;
    assert_eq!(removed.len(), 1);
    // A provider that does not send groups says nothing about them.
    let mut silent = person("newcomer", &[]);
    silent.as_object_mut().unwrap().remove("groups");
    assert_eq!(refusal(&provider.sign_in(&elsewhere, silent.clone()).await), "no_groups");
    // They may be at the userinfo endpoint, if that is about the same person.
    provider.says_at_userinfo(json!({ "sub": "id of newcomer", "groups": ["ops"] }));
    assert_eq!(provider.sign_in(&elsewhere, silent.clone()).await.location(), "/");
    provider.says_at_userinfo(json!({ "sub": "id of admin", "groups": ["admins"] }));
    assert_eq!(refusal(&provider.sign_in(&portal.browser(), silent).await), "unreadable");
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn a_password_account_is_never_linked_and_an_invited_person_only_with_a_verified_email() {
    let (portal, provider) = portal_and_provider().await;
    let admin = portal.browser_of("admin").await;
    let link = portal.invite(&admin, "guest", "member").await;
    let browser = portal.browser();
    assert_eq!(refusal(&provider.sign_in(&browser, person("operator", &["admins"])).await), "email_taken");
    let mut unverified = person("guest", &["ops"]);
    unverified["email_verified"] = json!(false);
    assert_eq!(refusal(&provider.sign_in(&browser, unverified.clone()).await), "email_not_verified");
    unverified.as_object_mut().unwrap().remove("email_verified");
    assert_eq!(refusal(&provider.sign_in(&browser, unverified).await), "email_not_verified");
    assert_eq!(provider.sign_in(&browser, person("guest", &["ops"])).await.location(), "/");
    let linked = entries_of(&portal, Action::PersonProvider).await;
    assert_eq!((linked.len(), &linked[0].parameters["created"]), (1, &json!(false)));
    assert_eq!(linked[0].targets[0].name.as_deref(), Some("The guest"));
    assert_eq!(portal.browser().open_link(&link).await.status, 404, "the one-time link has ended");
    // Somebody else with the same address is somebody else, and the person stays the same with another address.
    let mut other = person("guest", &["ops"]);
    other["sub"] = json!("somebody else");
    assert_eq!(refusal(&provider.sign_in(&portal.browser(), other).await), "email_taken");
    let mut moved = person("guest", &["ops"]);
    moved["email"] = json!("admin@partner.example");
    let again = portal.browser();
    assert_eq!(provider.sign_in(&again, moved).await.location(), "/");
    again.get("/account").await.assert_says(&email("guest"));
    portal.assert_every_call_was_logged().await;
}

#[tokio::test]
async fn people_are_created_only_where_the_setting_allows_it() {
    let (portal, provider) = portal_with(|settings| settings.creates_people = false).await;
    let browser = portal.browser();
    assert_eq!(refusal(&provider.sign_in(&browser, person("newcomer", &["ops"])).await), "no_account");
    let admin = portal.browser_of("admin").await;
    portal.invite(&admin, "newcomer", "member").await;
    assert_eq!(provider.sign_in(&browser, person("newcomer", &["ops"])).await.location(), "/");
    // The log tells failed sign-ins, without what the provider said.
    let mut nameless = person("stranger2", &["ops"]);
    nameless["email"] = json!("nobody");
    assert_eq!(refusal(&provider.sign_in(&portal.browser(), nameless).await), "no_email");
}

#[tokio::test]
async fn an_account_of_the_provider_has_no_password_and_none_can_be_set() {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    provider.sign_in(&browser, person("newcomer", &["ops"])).await;
    for guess in ["", "four words or five", &password("newcomer")] {
        let refused = portal.browser().sign_in(&email("newcomer"), guess).await;
        assert!(refused.location().starts_with("/login?"), "{guess}");
    }
    let changed = browser.post("/api/fn/change_password", &[("old_password", ""), ("password", "four words or five")]);
    let location = changed.await.location().to_owned();
    assert!(location.contains("problem="), "{location}");
    let admin = portal.browser_of("admin").await;
    let people = admin.get("/admin/people").await;
    let mut of_newcomer = None;
    for link in people.links().iter().filter(|link| link.starts_with("/admin/people/")) {
        let page = admin.get(link).await;
        if page.says(&email("newcomer")) {
            of_newcomer = Some(page);
        }
    }
    let page = of_newcomer.expect("a page");
    page.assert_says("signs in with the identity provider and has no password here");
    assert!(page.forms("/api/fn/invite_again").is_empty());
    let id = page.form("/api/fn/set_role").get("person").to_owned();
    for function in ["invite_again", "recover_person"] {
        let answer = admin.post_and_follow(&format!("/api/fn/{function}"), &[("person", &id)]).await;
        answer.assert_says("there is no password to choose or reset here");
    }
    let installation = portal.stop().await;
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_partner-portal"))
        .args(["user", "recover", &email("newcomer")])
        .env("PORTAL_DATA_DIR", installation.data_dir())
        .env("PORTAL_MASTER_KEY_FILE", installation.key_file())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("there is no password to choose"), "{said}");
}

#[tokio::test]
async fn a_disabled_person_is_refused_until_enabled() {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    provider.sign_in(&browser, person("newcomer", &["ops"])).await;
    let id = entries_of(&portal, Action::PersonProvider).await[0].targets[0].id.clone();
    let admin = portal.browser_of("admin").await;
    admin.post("/api/fn/disable_person", &[("person", &id)]).await;
    assert_eq!(browser.get("/account").await.status, 303);
    assert_eq!(refusal(&provider.sign_in(&browser, person("newcomer", &["ops"])).await), "disabled");
    admin.post("/api/fn/enable_person", &[("person", &id)]).await;
    assert_eq!(provider.sign_in(&browser, person("newcomer", &["ops"])).await.location(), "/");
}

type Lie = fn(&mut Value);

#[rstest]
#[case::another_issuer(|claims: &mut Value| claims["iss"] = json!("https://evil.example"))]
#[case::another_audience(|claims: &mut Value| claims["aud"] = json!("another client"))]
#[case::a_second_audience(|claims: &mut Value| claims["aud"] = json!(["portal", "another client"]))]
#[case::another_party(|claims: &mut Value| claims["azp"] = json!("another client"))]
#[case::another_nonce(|claims: &mut Value| claims["nonce"] = json!("of another sign-in"))]
#[case::no_nonce(|claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("nonce")))]
#[case::expired(|claims: &mut Value| claims["exp"] = json!(now() - 61))]
#[case::never_expires(|claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("exp")))]
#[case::issued_in_the_future(|claims: &mut Value| claims["iat"] = json!(now() + 120))]
#[case::issued_long_ago(|claims: &mut Value| claims["iat"] = json!(now() - 900))]
#[case::not_valid_yet(|claims: &mut Value| claims["nbf"] = json!(now() + 120))]
#[case::no_subject(|claims: &mut Value| claims["sub"] = json!(""))]
#[case::a_long_subject(|claims: &mut Value| claims["sub"] = json!("x".repeat(256)))]
#[case::another_access_token(|claims: &mut Value| claims["at_hash"] = json!("MTIzNDU2Nzg5MDEyMzQ1Ng"))]
#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_signs_nobody_in(#[case] lie: Lie) {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    provider.claims(lie);
    let why = refusal(&provider.sign_in(&browser, person("newcomer", &["admins"])).await);
    assert!(why == "token" || why == "unreadable", "{why}");
    assert!(!browser.has_session());
    assert!(entries_of(&portal, Action::PersonProvider).await.is_empty());
    provider.is_honest();
    assert_eq!(provider.sign_in(&browser, person("newcomer", &["admins"])).await.location(), "/");
}

#[tokio::test]
async fn clocks_may_differ_by_less_than_a_minute() {
    let (portal, provider) = portal_and_provider().await;
    for lie in [
        |claims: &mut Value| claims["exp"] = json!(now() - 30),
        |claims: &mut Value| {
            (claims["iat"], claims["nbf"]) = (json!(now() + 30), json!(now() + 30));
        },
    ] {
        provider.claims(lie);
        assert_eq!(provider.sign_in(&portal.browser(), person("newcomer", &["ops"])).await.location(), "/");
    }
}

#[rstest]
#[case(Signed::WithNothing)]
#[case(Signed::WithPublicKey)]
#[case(Signed::WithClientSecret)]
#[case(Signed::WithOtherKey)]
#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_signs_nobody_in(#[case] signed: Signed) {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    provider.signs(signed);
    assert_eq!(refusal(&provider.sign_in(&browser, person("newcomer", &["admins"])).await), "token");
    assert!(!browser.has_session());
}

#[tokio::test]
async fn new_keys_of_the_provider_are_read_once_a_minute_at_most() {
    let (portal, provider) = portal_and_provider().await;
    assert_eq!(provider.sign_in(&portal.browser(), person("newcomer", &["ops"])).await.location(), "/");
    provider.rotates("second");
    assert_eq!(provider.sign_in(&portal.browser(), person("newcomer", &["ops"])).await.location(), "/");
    provider.rotates_silently("third");
    let before = provider.calls();
    for _ in 0..5 {
        assert_eq!(refusal(&provider.sign_in(&portal.browser(), person("newcomer", &["ops"])).await), "token");
    }
    assert_eq!(provider.calls() - before, 5, "one call for each code, and none for keys");
}

#[rstest]
#[case("/.well-known/openid-configuration", Fault::Huge, "down")]
#[case("/.well-known/openid-configuration", Fault::Redirect, "down")]
#[case("/.well-known/openid-configuration", Fault::Broken, "down")]
#[case("/.well-known/openid-configuration", Fault::NoJson, "down")]
#[case("/keys", Fault::Huge, "down")]
#[case("/keys", Fault::Redirect, "down")]
#[tokio::test]
async fn a_provider_that_cannot_be_described_is_down_and_passwords_still_work(
    #[case] path: &'static str,
    #[case] fault: Fault,
    #[case] expected: &str,
) {
    let (portal, provider) = portal_and_provider().await;
    provider.answers(path, fault);
    let browser = portal.browser();
    assert_eq!(refusal(&browser.get("/login/provider?next=%2Faccount").await), expected);
    let before = provider.calls();
    for _ in 0..20 {
        assert_eq!(refusal(&browser.get("/login/provider").await), expected);
    }
    assert_eq!(provider.calls(), before, "it is left alone for ten seconds");
    browser.get("/login?provider=down").await.assert_says("Example ID doesn't answer. Try again in a minute.");
    assert_eq!(browser.sign_in(&email("operator"), &password("operator")).await.location(), "/");
}

#[rstest]
#[case(Fault::Huge)]
#[case(Fault::Redirect)]
#[case(Fault::Broken)]
#[case(Fault::NoJson)]
#[tokio::test]
async fn a_token_endpoint_that_fails_signs_nobody_in(#[case] fault: Fault) {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    provider.answers("/token", fault);
    let why = refusal(&provider.sign_in(&browser, person("newcomer", &["ops"])).await);
    assert!(["down", "unreadable"].contains(&why.as_str()), "{why}");
    assert!(!browser.has_session());
    provider.is_honest();
    assert_eq!(provider.sign_in(&browser, person("newcomer", &["ops"])).await.location(), "/");
}

#[tokio::test]
async fn a_slow_provider_is_given_up_and_keeps_nobody_waiting_for_their_password() {
    let (portal, provider) = portal_and_provider().await;
    provider.answers("/.well-known/openid-configuration", Fault::Slow);
    let browser = portal.browser();
    let slow = tokio::spawn(async move {
        let begun = Instant::now();
        (refusal(&browser.get("/login/provider").await), begun.elapsed())
    });
    let begun = Instant::now();
    portal.browser_of("operator").await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    let (why, took) = slow.await.unwrap();
    assert_eq!(why, "down");
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[rstest]
#[case::another_issuer(|it: &mut Value| it["issuer"] = json!("https://evil.example"))]
#[case::an_open_token_endpoint(|it: &mut Value| it["token_endpoint"] = json!("http://192.0.2.1/token"))]
#[case::open_keys(|it: &mut Value| it["jwks_uri"] = json!("http://192.0.2.1/keys"))]
#[case::an_open_page(|it: &mut Value| it["authorization_endpoint"] = json!("http://login.example.com/authorize"))]
#[case::a_script_for_a_page(|it: &mut Value| it["authorization_endpoint"] = json!("javascript:alert(1)"))]
#[case::an_open_page_for_signing_out(|it: &mut Value| it["end_session_endpoint"] = json!("http://login.example.com/end"))]
#[tokio::test]
async fn a_description_that_leads_elsewhere_is_refused(#[case] lie: Lie) {
    let (portal, provider) = portal_and_provider().await;
    provider.describes(lie);
    let browser = portal.browser();
    let out = browser.get("/login/provider").await;
    let why = match out.location().starts_with("/login?") {
        true => refusal(&out),
        // Only the call itself shows that it would go where others listen.
        false => refusal(&browser.get(&provider.agree(out.location(), person("newcomer", &["ops"]))).await),
    };
    assert!(["down", "unreadable"].contains(&why.as_str()), "{why}");
    assert!(!browser.has_session());
}

#[tokio::test]
async fn an_answer_counts_once_in_the_browser_that_set_out_and_from_the_provider_that_was_asked() {
    let (portal, provider) = portal_and_provider().await;
    provider.takes_codes_twice();
    let (victim, attacker) = (portal.browser(), portal.browser());
    let out = attacker.get("/login/provider").await;
    let cookies = attacker.cookie().expect("a cookie");
    let back = provider.agree(out.location(), person("attacker", &["ops"]));
    // Another browser, with and without a sign-in of its own under way.
    assert_eq!(refusal(&victim.get(&back).await), "expired");
    victim.get("/login/provider").await;
    assert_eq!(refusal(&victim.get(&back).await), "expired");
    assert!(!victim.has_session());
    // Changed and doubled parameters, and an answer of another provider.
    for wrong in
        [back.replace("state=", "state=x"), format!("{back}&state=x"), back.split("&state").next().unwrap().to_owned()]
    {
        let browser = portal.browser();
        let request = browser.request(reqwest::Method::GET, &wrong).header("cookie", &cookies);
        assert_eq!(refusal(&browser.send(request).await.unwrap()), "expired", "{wrong}");
    }
    assert_eq!(attacker.get(&back).await.location(), "/");
    // The same answer again, with the same cookie.
    let replay = portal.browser();
    let request = replay.request(reqwest::Method::GET, &back).header("cookie", &cookies);
    assert_eq!(refusal(&replay.send(request).await.unwrap()), "expired");
    assert!(!replay.has_session());
    for mix_up in ["iss=https%3A%2F%2Fevil.example", "none=1"] {
        let browser = portal.browser();
        let out = browser.get("/login/provider").await;
        let back = provider.agree(out.location(), person("attacker", &["ops"]));
        let (before, _) = back.split_once("iss=").unwrap();
        assert_eq!(refusal(&browser.get(&format!("{before}{mix_up}")).await), "wrong_issuer");
    }
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_the_verifier_of_the_browser_that_set_out() {
    let (portal, provider) = portal_and_provider().await;
    let (victim, attacker) = (portal.browser(), portal.browser());
    let stolen = provider.agree(victim.get("/login/provider").await.location(), person("victim", &["admins"]));
    let code = query(&format!("http://portal{stolen}"))["code"].clone();
    let own = provider.agree(attacker.get("/login/provider").await.location(), person("attacker", &["ops"]));
    let own_code = query(&format!("http://portal{own}"))["code"].clone();
    assert_eq!(refusal(&attacker.get(&own.replace(&own_code, &code)).await), "code");
    assert!(!attacker.has_session());
}

#[tokio::test]
async fn an_error_of_the_provider_is_not_shown() {
    let (portal, _provider) = portal_and_provider().await;
    let browser = portal.browser();
    let out = browser.get("/login/provider").await;
    let state = query(out.location())["state"].clone();
    let issuer = out.location().split("/authorize").next().unwrap().to_owned();
    let markup = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%0aforged";
    let back = format!("/login/provider/callback?error={markup}&error_description={markup}&state={state}&iss={issuer}");
    let answer = browser.get(&back).await;
    assert_eq!(refusal(&answer), "cancelled");
    let page = browser.get(answer.location()).await;
    page.assert_says("Example ID didn't sign you in. Try again.");
    assert!(!page.body.contains("alert(1)"));
    // A forged word shows nothing.
    let page = browser.get("/login?provider=Call+this+number").await;
    assert!(!page.body.contains("Call this number") && !page.has("[role=alert]"));
}

#[tokio::test]
async fn strangers_cannot_have_the_provider_called_without_bound() {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    browser.get("/login/provider").await;
    let described = provider.calls();
    for _ in 0..100 {
        browser.get("/login/provider").await;
    }
    assert_eq!(provider.calls(), described, "setting out calls nobody");
    let mut last = 303;
    for _ in 0..80 {
        let browser = portal.browser();
        let out = browser.get("/login/provider").await;
        if out.status == 429 {
            // The limit on requests; the one on codes is what counts here.
            tokio::time::sleep(Duration::from_millis(200)).await;
            continue;
        }
        let back = provider.agree(out.location(), person("attacker", &["ops"]));
        let code = query(&format!("http://portal{back}"))["code"].clone();
        last = browser.get(&back.replace(&code, "made-up")).await.status;
    }
    assert_eq!(last, 429);
    let called = provider.calls() - described;
    assert!((50..=70).contains(&called), "{called} calls");
}

#[tokio::test]
async fn a_fresh_factor_is_a_new_sign_in_at_the_provider_by_the_same_person() {
    let provider = Provider::start().await;
    let with_provider = provider.settings_with(|_| {});
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        with_provider(settings);
        settings.fresh_factor = Duration::from_secs(1);
    })
    .await;
    let browser = portal.browser();
    provider.sign_in(&browser, person("newcomer", &["admins"])).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let invitation = [("email", "x@partner.example"), ("name", "X"), ("role", "member")];
    let refused = browser.post("/api/fn/invite", &invitation).await;
    assert!(refused.location().starts_with("/account/confirm"), "{}", refused.location());
    let page = browser.get("/account/confirm?next=%2Fadmin%2Fpeople").await;
    let link = page.link("Confirm with Example ID");
    let set_out = async || browser.get(&link).await.location().to_owned();
    let out = set_out().await;
    let asked = query(&out);
    assert_eq!((asked["prompt"].as_str(), asked["max_age"].as_str()), ("login", "0"));
    let session = browser.cookie();
    // Somebody else, nobody again, and a provider that did not ask.
    let other = browser.get(&provider.agree(&out, person("somebody", &["admins"]))).await;
    assert!(other.location().contains("provider=somebody_else"), "{}", other.location());
    browser.get(other.location()).await.assert_says("Someone else is signed in at Example ID");
    for stale in [json!(now() - 3_600), Value::Null] {
        provider.claims(move |claims| claims["auth_time"] = stale.clone());
        let answer = browser.get(&provider.agree(&set_out().await, person("newcomer", &["admins"]))).await;
        assert!(answer.location().contains("provider=not_fresh"), "{}", answer.location());
    }
    provider.is_honest();
    assert!(entries_of(&portal, Action::SessionRenew).await.is_empty());
    let confirmed = browser.get(&provider.agree(&set_out().await, person("newcomer", &["admins"]))).await;
    assert_eq!(confirmed.location(), "/admin/people");
    assert_ne!(browser.cookie(), session, "the session has a new id");
    assert_eq!(entries_of(&portal, Action::SessionRenew).await.len(), 1);
    assert_eq!(entries_of(&portal, Action::SessionStart).await.len(), 1);
    // Without a session there is nothing to confirm.
    assert_eq!(portal.browser().get(&link).await.location(), "/login?next=%2Fadmin%2Fpeople");
}

#[tokio::test]
async fn the_portal_asks_for_its_own_second_factor_unless_the_provider_is_trusted_with_it() {
    let provider = Provider::start().await;
    let serve = async |installation, trusted: &[&str]| {
        let trusted = trusted.iter().map(|it| (*it).to_owned()).collect();
        let with_provider = provider.settings_with(|settings| settings.second_factor = trusted);
        TestPortal::serve_with(installation, |settings| {
            with_provider(settings);
            settings.second_factor = SecondFactorRule::Required;
        })
        .await
    };
    let portal = serve(Installation::new().await, &[]).await;
    let mut claims = person("newcomer", &["admins"]);
    (claims["amr"], claims["acr"]) = (json!(["pwd", "mfa"]), json!("urn:two"));
    let browser = portal.browser();
    assert_eq!(provider.sign_in(&browser, claims.clone()).await.location(), "/");
    assert_eq!(browser.get("/account").await.location(), FACTOR_PAGE);
    let page = browser.get(FACTOR_PAGE).await;
    let app = AuthenticatorApp::with_key_on(&page);
    let done = browser.submit_and_follow(&page.form("/api/fn/add_totp").with("code", &app.code(-1))).await;
    done.assert_says("Second factor added.");
    let second = portal.browser();
    assert_eq!(provider.sign_in(&second, claims.clone()).await.location(), "/login/code");
    assert!(!second.has_session());
    let form = second.get("/login/code").await.form("/api/fn/sign_in_with_code").with("code", &app.code(0));
    assert_eq!(second.submit(&form).await.location(), "/");
    let began = entries_of(&portal, Action::SessionStart).await.pop().unwrap();
    assert_eq!(
        (&began.parameters["signed_in_with"], &began.parameters["second_factor"]),
        (&json!("provider"), &json!(true))
    );
    for trusted in [&["mfa"][..], &["urn:two"]] {
        let portal = serve(Installation::new().await, trusted).await;
        let browser = portal.browser();
        assert_eq!(provider.sign_in(&browser, claims.clone()).await.location(), "/");
        assert_eq!(browser.get("/account").await.status, 200);
        // A password alone at the provider is not what is trusted.
        let browser = portal.browser();
        assert_eq!(provider.sign_in(&browser, person("newcomer", &["admins"])).await.location(), "/");
        assert_eq!(browser.get("/account").await.location(), FACTOR_PAGE);
    }
}

#[tokio::test]
async fn signing_out_leads_to_the_providers_own_page() {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    provider.sign_in(&browser, person("newcomer", &["ops"])).await;
    assert_eq!(browser.get("/login/provider/sign-out").await.location(), "/", "first here");
    let out = browser.post("/api/fn/sign_out", &[]).await;
    assert_eq!((out.location(), out.header("clear-site-data")), ("/login/signed-out", "\"storage\""));
    assert_eq!(browser.get("/account").await.status, 303);
    let page = browser.get("/login/signed-out").await;
    let there = browser.get(&page.link("Sign out at Example ID")).await;
    assert!(there.location().starts_with(&format!("{}/end?", provider.issuer)), "{}", there.location());
    let asked = query(there.location());
    assert_eq!(asked["client_id"], "portal");
    assert_eq!(asked["post_logout_redirect_uri"], format!("{}/login", portal.base));
    assert_eq!(asked["id_token_hint"].split('.').count(), 3);
    // The hint is used up; without it the provider asks.
    let again = browser.get("/login/provider/sign-out").await;
    assert!(!query(again.location()).contains_key("id_token_hint"));
    // Somebody who signs in with a password has nothing to end elsewhere.
    let operator = portal.browser_of("operator").await;
    assert_eq!(operator.post("/api/fn/sign_out", &[]).await.location(), "/login");
}

#[tokio::test]
async fn no_secret_of_a_sign_in_is_in_a_cookie_a_url_or_the_log() {
    let (portal, provider) = portal_and_provider().await;
    let browser = portal.browser();
    let out = browser.get("/login/provider").await;
    let set = out.header("set-cookie");
    assert!(set.contains("HttpOnly; SameSite=Lax") && set.contains("Max-Age=600"), "{set}");
    assert!(set.len() < 600, "{set}");
    let asked = query(out.location());
    for part in [&asked["state"], &asked["nonce"], &asked["code_challenge"]] {
        assert!(!set.contains(part.as_str()));
    }
    let back = browser.get(&provider.agree(out.location(), person("newcomer", &["ops"]))).await;
    assert!(back.headers.get_all("set-cookie").iter().any(|it| it.to_str().unwrap().starts_with("portal-provider=;")));
    let log = format!("{:?}", portal.entries().await);
    for secret in [crate::support::provider::SECRET, &asked["nonce"], &asked["state"], "an access token"] {
        assert!(!log.contains(secret), "{secret}");
    }
    // A path to return to that is too long for a cookie is forgotten.
    let long = browser_with_long_next(&portal).await;
    assert!(long.len() < 600);
}

async fn browser_with_long_next(portal: &TestPortal) -> String {
    let next = format!("/audit?search={}", "x".repeat(1_900));
    portal.browser().get(&format!("/login/provider?next={next}")).await.header("set-cookie").to_owned()
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_one() {
    let portal = TestPortal::start().await;
    let browser: Browser = portal.browser();
    let page = browser.get("/login").await;
    assert!(!page.body.contains("/login/provider"));
    for path in ["/login/provider", "/login/provider/callback?code=1&state=2"] {
        assert_eq!(refusal(&browser.get(path).await), "none");
    }
    assert_eq!(browser.get("/login/provider/sign-out").await.location(), "/login");
    assert_eq!(browser.get("/login/signed-out").await.location(), "/login");
}
