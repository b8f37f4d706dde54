//! Sessions: their cookies, their ids, when they end, and the lists of them.

use std::time::Duration;

use futures::future::join_all;
use ipnet::IpNet;
use portal::audit::{Action, Entry};
use reqwest::Method;
use rstest::rstest;

use crate::support::{Browser, Form, Installation, LENDING, PAYMENTS, Page, TestPortal, email, eventually, password};

const NEW: &str = "an entirely different pass phrase";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/142.0.0.0 Safari/537.36";

async fn is_signed_in(browser: &Browser) -> bool {
    match browser.get("/account").await.status {
        200 => true,
        303 => false,
        status => panic!("{status}"),
    }
}

/// Whether a session's cookie is good, from another browser than its own.
async fn opens(portal: &TestPortal, cookie: &str) -> bool {
    let thief = portal.browser();
    let page = thief.send(thief.request(Method::GET, "/account").header("cookie", cookie)).await.unwrap();
    page.status == 200
}

/// The session's cookie alone.
fn session_of(browser: &Browser) -> String {
    let cookies = browser.cookie().unwrap_or_default();
    cookies.split("; ").find(|cookie| cookie.starts_with("portal=")).unwrap_or_default().to_owned()
}

async fn change_password(browser: &Browser, who: &str) -> Page {
    let form = browser.get("/account").await.form("/api/fn/change_password");
    browser.submit(&form.with("old_password", &password(who)).with("password", NEW)).await
}

/// The page on which an admin manages somebody.
async fn page_of(admin: &Browser, who: &str) -> String {
    let people = admin.get("/admin/people").await;
    for href in people.links().into_iter().filter(|href| href.starts_with("/admin/people/")) {
        if admin.get(&href).await.text().contains(&email(who)) {
            return href;
        }
    }
    panic!("{who} is not listed");
}

async fn entries(portal: &TestPortal, action: Action) -> Vec<Entry> {
    portal.entries().await.into_iter().filter(|entry| entry.action == action).collect()
}

/// The headers that set this cookie.
fn set_cookies(page: &Page, name: &str) -> Vec<String> {
    let all = page.headers.get_all("set-cookie").iter();
    let all = all.map(|value| value.to_str().unwrap().to_owned());
    all.filter(|cookie| cookie.starts_with(&format!("{name}="))).collect()
}

#[tokio::test]
async fn a_sessions_cookie_ends_with_the_browser_even_if_a_form_asks_for_more() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    let sign_in = browser.get("/login").await;
    assert!(!sign_in.says("Keep me signed in"));
    let form = sign_in.form("/api/fn/sign_in").with("email", &email("viewer")).with("password", &password("viewer"));
    let answer = browser.submit(&form.with("keep", "yes")).await;
    let [cookie] = &set_cookies(&answer, "portal")[..] else { panic!("{answer:?}") };
    for lasting in ["max-age", "expires"] {
        assert!(!cookie.to_lowercase().contains(lasting), "{cookie}");
    }
    assert!(is_signed_in(&browser).await);
}

#[tokio::test]
async fn keeping_somebody_signed_in_takes_the_setting_and_the_tick() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        settings.sessions.kept = Duration::from_secs(14 * 24 * 3600);
    })
    .await;
    let sign_in = async |tick: bool| {
        let browser = portal.browser();
        let page = browser.get("/login").await;
        page.assert_says("For 14 days, even after you close the browser.");
        let form = page.form("/api/fn/sign_in").with("email", &email("viewer")).with("password", &password("viewer"));
        let form = if tick { form.tick("Keep me signed in") } else { form };
        let answer = browser.submit(&form).await;
        (browser, set_cookies(&answer, "portal").remove(0))
    };
    let (kept, cookie) = sign_in(true).await;
    let seconds = cookie.split("Max-Age=").nth(1).and_then(|rest| rest.split(';').next()?.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| (1_209_500..=1_209_600).contains(&seconds)), "{cookie}");
    let (not_kept, cookie) = sign_in(false).await;
    assert!(!cookie.contains("Max-Age"), "{cookie}");
    kept.get("/account").await.assert_says("kept signed in");

    // A new id does not shorten or lengthen it.
    let answer = change_password(&kept, "viewer").await;
    let cookie = set_cookies(&answer, "portal").remove(0);
    let renewed = cookie.split("Max-Age=").nth(1).and_then(|rest| rest.split(';').next()?.parse::<u32>().ok());
    assert!(renewed <= seconds && renewed.is_some_and(|renewed| renewed > 1_209_000), "{cookie}");
    assert!(is_signed_in(&kept).await && !is_signed_in(&not_kept).await);
}

#[tokio::test]
async fn nothing_but_the_address_comes_back_after_a_wrong_password() {
    let portal = TestPortal::serve_with(Installation::new().await, |settings| {
        settings.sessions.kept = Duration::from_secs(24 * 3600);
    })
    .await;
    let browser = portal.browser();
    let form = browser.get("/login").await.form("/api/fn/sign_in").with("email", &email("viewer"));
    let again = browser.submit_and_follow(&form.tick("Keep me signed in").with("password", "wrong")).await;
    again.assert_says("For 1 day, even");
    let answer = browser.submit(&again.form("/api/fn/sign_in").with("password", &password("viewer"))).await;
    assert_eq!(answer.location(), "/", "{answer:?}");
    assert!(!set_cookies(&answer, "portal")[0].contains("Max-Age"), "{answer:?}");
}

#[tokio::test]
async fn signing_out_makes_the_browser_forget() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let out = browser.submit(&browser.get("/account").await.forms("/api/fn/sign_out").remove(0)).await;
    assert_eq!(out.header("clear-site-data"), "\"storage\"");
    assert!(set_cookies(&out, "portal")[0].contains("Max-Age=0"), "{out:?}");
    // Ending one's own session from the list is signing out as well.
    let browser = portal.browser_of("operator").await;
    let revoke = browser.get("/account").await.form("/api/fn/revoke_session");
    assert_eq!(browser.submit(&revoke).await.header("clear-site-data"), "\"storage\"");
    // Nothing else clears anything.
    let browser = portal.browser_of("operator").await;
    for page in [browser.get("/account").await, change_password(&browser, "operator").await] {
        assert_eq!(page.header("clear-site-data"), "");
    }
}

#[tokio::test]
async fn under_https_a_browser_takes_the_removal_of_the_cookie() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| {
        config.public_url = "https://portal.example.com".parse().unwrap();
    })
    .await;
    let browser = portal.browser();
    let fields = [("email", email("viewer")), ("password", password("viewer"))];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let to_portal = |path| {
        let request = browser.request(Method::POST, path).header("host", "portal.example.com");
        request.header("content-type", "application/x-www-form-urlencoded")
    };
    let signed_in = browser.send(to_portal("/api/fn/sign_in").body(body)).await.unwrap();
    let cookie = set_cookies(&signed_in, "__Host-portal").remove(0);
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let out = browser.send(to_portal("/api/fn/sign_out").header("cookie", cookie)).await.unwrap();
    let removal = set_cookies(&out, "__Host-portal").remove(0);
    for part in ["Max-Age=0", "Path=/", "Secure"] {
        assert!(removal.contains(part), "{removal}");
    }
    assert_eq!(removal.matches("Secure").count(), 1, "{removal}");
}

#[tokio::test]
async fn an_id_that_somebody_planted_is_never_used() {
    let portal = TestPortal::start().await;
    let planted = "portal=AAAAAAAAAAAAAAAAAAAAAA";
    let victim = portal.browser();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("email", &email("operator"))
        .append_pair("password", &password("operator"))
        .finish();
    let request = victim.request(Method::POST, "/api/fn/sign_in").header("cookie", planted).body(body);
    let answer = victim.send(request.header("content-type", "application/x-www-form-urlencoded")).await.unwrap();
    let [cookie] = &set_cookies(&answer, "portal")[..] else { panic!("{answer:?}") };
    assert!(!cookie.starts_with(planted), "{cookie}");
    assert!(!opens(&portal, planted).await);
    assert!(is_signed_in(&victim).await);
}

#[tokio::test]
async fn a_new_password_gives_the_session_a_new_id_and_ends_the_others() {
    let portal = TestPortal::start().await;
    let (here, there) = (portal.browser_of("operator").await, portal.browser_of("operator").await);
    let old = session_of(&here);
    let answer = change_password(&here, "operator").await;
    let [cookie] = &set_cookies(&answer, "portal")[..] else { panic!("{answer:?}") };
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Max-Age"), "{cookie}");
    assert_ne!(session_of(&here), old);
    assert!(is_signed_in(&here).await && !is_signed_in(&there).await);
    assert!(!opens(&portal, &old).await && opens(&portal, &session_of(&here)).await);
}

#[tokio::test]
async fn a_refused_change_keeps_the_id() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("operator").await;
    let old = session_of(&browser);
    for (old_password, new) in [("wrong", NEW), (password("operator").as_str(), "short")] {
        let fields = [("old_password", old_password), ("password", new)];
        let answer = browser.post("/api/fn/change_password", &fields).await;
        assert!(set_cookies(&answer, "portal").is_empty(), "{answer:?}");
    }
    assert!(session_of(&browser) == old && is_signed_in(&browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_requests_during_a_change_of_id_neither_sign_the_person_out_nor_keep_the_old_id_alive() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let browser = portal.browser_of("operator").await;
    let old = session_of(&browser);
    let form = browser.get("/account").await.form("/api/fn/change_password");
    let form = form.with("old_password", &password("operator")).with("password", NEW);
    // Tabs that send what the browser had when the change began.
    let tab = portal.browser();
    let requests = (0..100).map(|number| {
        let (tab, old) = (tab.clone(), old.clone());
        async move {
            tokio::time::sleep(Duration::from_millis(3 * number)).await;
            let path = if number % 2 == 0 { "/account" } else { "/api/fn/refresh" };
            let method = if number % 2 == 0 { Method::GET } else { Method::POST };
            let body = format!("team={PAYMENTS}&page=%2Faccount");
            let request = tab.request(method, path).header("cookie", old).body(body);
            tab.send(request.header("content-type", "application/x-www-form-urlencoded")).await.unwrap()
        }
    });
    let (changed, answers) = tokio::join!(browser.submit(&form), join_all(requests));
    assert_eq!(changed.status, 303, "{changed:?}");
    let mut late = 0;
    for answer in answers {
        assert!(set_cookies(&answer, "portal").is_empty(), "a late answer takes the new cookie away: {answer:?}");
        assert!(matches!(answer.status, 200 | 303), "{answer:?}");
        late += usize::from(answer.header("location").starts_with("/login"));
    }
    assert!(late > 0, "no request came after the change");
    assert!(is_signed_in(&browser).await);
    assert!(!opens(&portal, &old).await);
    // A tab that was sent to the sign-in page is back with the new cookie at once.
    let back = browser.get("/login?next=%2Faccount").await;
    assert_eq!((back.status, back.location()), (303, "/account"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_changes_of_id_at_once_the_browser_keeps_the_one_that_was_made() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let browser = portal.browser_of("viewer").await;
    let old = session_of(&browser);
    let posts = (0..100).map(|_| browser.post("/api/fn/revoke_sessions", &[("which", "others")]));
    let answers = join_all(posts).await;
    let given = answers.iter().filter(|answer| !set_cookies(answer, "portal").is_empty()).count();
    assert!(given >= 1, "nobody got a new id");
    assert!(is_signed_in(&browser).await, "the browser was left with an id of no session");
    assert!(!opens(&portal, &old).await);
    assert_eq!(entries(&portal, Action::SessionRenew).await.len(), given);
}

#[tokio::test]
async fn a_request_costs_one_read_and_no_write() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let mut database = portal.database().await;
    let mut quiet = false;
    // What the portal does by itself may fall into one round, and not into each.
    for _ in 0..3 {
        let before = database.version().await;
        for _ in 0..20 {
            assert!(is_signed_in(&browser).await);
        }
        quiet |= database.version().await == before;
    }
    assert!(quiet, "requests write");
}

#[tokio::test]
async fn a_session_ends_after_a_while_without_use_and_its_use_is_noted_once() {
    let portal = TestPortal::start().await;
    let (used, unused) = (portal.browser_of("viewer").await, portal.browser_of("operator").await);
    let back = |minutes: u64| format!("UPDATE session SET last_used_at = last_used_at - {minutes} * 60000000");
    portal.write_with_key("session", &back(29)).await;
    let at_once = join_all((0..20).map(|_| is_signed_in(&used))).await;
    assert!(at_once.into_iter().all(|is| is));
    let recent = "session WHERE last_used_at > (SELECT max(created_at) FROM session) - 60000000";
    let noted = eventually("the use is noted", Duration::from_secs(5), || async {
        (portal.database().await.count(recent).await == 1).then_some(())
    });
    noted.await;
    portal.write_with_key("session", &back(1)).await;
    assert!(is_signed_in(&used).await && !is_signed_in(&unused).await);
}

#[tokio::test]
async fn the_account_page_lists_devices_addresses_and_last_uses_and_ends_one_or_all() {
    let portal = TestPortal::start().await;
    let here = portal.browser_of("operator").await;
    assert!(!here.get("/account").await.says("Revoke all other sessions"), "there is no other");
    let chrome = portal.browser();
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("email", &email("operator"))
        .append_pair("password", &password("operator"))
        .finish();
    let request = chrome.request(Method::POST, "/api/fn/sign_in").header("user-agent", CHROME).body(body);
    chrome.send(request.header("content-type", "application/x-www-form-urlencoded")).await.unwrap();
    let page = here.get("/account").await;
    for words in ["Chrome on Windows", "Unknown device", "127.0.0.1", "this session"] {
        page.assert_says(words);
    }
    let (one, two) = (portal.browser_of("operator").await, portal.browser_of("operator").await);
    let all_others = here.get("/account").await.form_with_button("Revoke all other sessions");
    here.submit_and_follow(&all_others.with("which", "others")).await.assert_says("Your other sessions have ended.");
    for other in [&chrome, &one, &two] {
        assert!(!is_signed_in(other).await);
    }
    assert!(is_signed_in(&here).await);
    let there = portal.browser_of("operator").await;
    let everywhere = here.get("/account").await.form_with_button("Sign out everywhere");
    let out = here.submit(&everywhere.with("which", "all")).await;
    assert_eq!((out.status, out.location(), out.header("clear-site-data")), (303, "/login", "\"storage\""));
    assert!(!is_signed_in(&here).await && !is_signed_in(&there).await);
    let reasons: Vec<_> =
        entries(&portal, Action::SessionEnd).await.into_iter().map(|it| it.parameters["why"].clone()).collect();
    assert_eq!(reasons, ["revoked", "revoked"]);
}

#[tokio::test]
async fn an_admin_ends_somebodys_sessions_for_a_reason() {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let (one, two) = (portal.browser_of("viewer").await, portal.browser_of("viewer").await);
    let path = page_of(&admin, "viewer").await;
    let form = |page: &Page| page.form("/api/fn/end_sessions");
    let page = admin.get(&path).await;
    page.assert_says("Sessions of The viewer, most recently used first");
    let refused = admin.submit_and_follow(&form(&page).with("reason", " ")).await;
    assert!(refused.problem("sessions-reason").is_some() || refused.has(".problem"), "{}", refused.text());
    assert!(is_signed_in(&one).await && is_signed_in(&two).await);
    // The most recently used is first in the list, after "All sessions".
    let sessions: Vec<String> = page.attributes("select#session option", "value");
    assert_eq!(sessions.len(), 3, "{sessions:?}");
    let ended =
        admin.submit_and_follow(&form(&page).with("session", &sessions[1]).with("reason", "A lost phone")).await;
    ended.assert_says("The session has ended.");
    assert_eq!(usize::from(is_signed_in(&one).await) + usize::from(is_signed_in(&two).await), 1);
    let ended = admin.submit_and_follow(&form(&ended).with("reason", "Left the company")).await;
    ended.assert_says("All sessions of this person have ended.");
    ended.assert_says("isn't signed in anywhere");
    assert!(!is_signed_in(&one).await && !is_signed_in(&two).await && is_signed_in(&admin).await);
    let entries = entries(&portal, Action::SessionEnd).await;
    let reasons: Vec<_> = entries.iter().filter_map(|entry| entry.reason.as_deref()).collect();
    assert_eq!(reasons, ["A lost phone", "Left the company"]);
    assert!(entries.iter().all(|entry| entry.actor.email.as_deref() == Some(&*email("admin"))));
    for entry in entries {
        assert_eq!(admin.get(&format!("/audit/{}", entry.operation_id)).await.status, 200);
    }
}

#[tokio::test]
async fn the_eleventh_session_ends_the_first() {
    let portal = TestPortal::start().await;
    let first = portal.browser_of("viewer").await;
    let second = portal.browser_of("viewer").await;
    for _ in 0..8 {
        portal.browser_of("viewer").await;
    }
    assert!(is_signed_in(&first).await);
    let newest = portal.browser_of("viewer").await;
    assert!(!is_signed_in(&first).await && is_signed_in(&second).await && is_signed_in(&newest).await);
    let ended = entries(&portal, Action::SessionEnd).await;
    assert_eq!((ended.len(), ended[0].parameters["why"].as_str()), (1, Some("too_many")));
}

/// The form that makes somebody something else.
async fn other_rights(admin: &Browser, who: &str, what: &str) -> Form {
    let page = admin.get(&page_of(admin, who).await).await;
    match what {
        "role" => page.form("/api/fn/set_role").with("role", "auditor"),
        "member" => page.forms("/api/fn/set_member").pop().unwrap().with("team", LENDING).with("role", "viewer"),
        _ => page.forms("/api/fn/remove_member").pop().unwrap(),
    }
}

#[rstest]
#[case::role("role", "viewer")]
#[case::membership("member", "viewer")]
#[case::no_membership("no member", "operator")]
#[tokio::test]
async fn other_rights_end_the_sessions_of_the_person_at_once(#[case] what: &str, #[case] who: &str) {
    let portal = TestPortal::start().await;
    let admin = portal.browser_of("admin").await;
    let (one, two) = (portal.browser_of(who).await, portal.browser_of(who).await);
    let bystander = portal.browser_of("auditor").await;
    let form = other_rights(&admin, who, what).await;
    assert_eq!(admin.submit(&form).await.status, 303);
    for browser in [&one, &two] {
        assert!(!is_signed_in(browser).await, "{what}");
    }
    assert!(is_signed_in(&admin).await && is_signed_in(&bystander).await);
    let ended = entries(&portal, Action::SessionEnd).await;
    assert_eq!((ended.len(), &ended[0].parameters["sessions_ended"]), (1, &2.into()), "{ended:?}");
}

#[tokio::test]
async fn an_admin_who_joins_a_team_goes_on_under_a_new_id() {
    let portal = TestPortal::start().await;
    let (admin, elsewhere) = (portal.browser_of("admin").await, portal.browser_of("admin").await);
    let old = session_of(&admin);
    let form = other_rights(&admin, "admin", "member").await.with("role", "operator");
    let saved = admin.submit_and_follow(&form).await;
    saved.assert_says("Membership saved.");
    assert_ne!(session_of(&admin), old);
    assert!(is_signed_in(&admin).await && !is_signed_in(&elsewhere).await && !opens(&portal, &old).await);
    assert_eq!(admin.get(&format!("/teams/{LENDING}/connections")).await.status, 200);
}

#[tokio::test]
async fn a_session_from_before_somebody_was_disabled_stays_dead() {
    let portal = TestPortal::start().await;
    let (admin, leaver) = (portal.browser_of("admin").await, portal.browser_of("leaver").await);
    let path = page_of(&admin, "leaver").await;
    let cookie = session_of(&leaver);
    admin.submit(&admin.get(&path).await.form("/api/fn/disable_person")).await;
    assert!(!is_signed_in(&leaver).await);
    admin.submit(&admin.get(&path).await.form("/api/fn/enable_person")).await;
    assert!(!is_signed_in(&leaver).await && !opens(&portal, &cookie).await);
    assert!(is_signed_in(&portal.browser_of("leaver").await).await);
}

#[tokio::test]
async fn a_stolen_cookie_used_elsewhere_is_an_entry_and_a_notice_on_every_page() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| {
        config.trusted_proxies = vec![IpNet::new([127, 0, 0, 0].into(), 8).unwrap()];
    })
    .await;
    let says = "This session is also used on another network with another browser.";
    let browser = portal.browser_of("operator").await;
    let from = async |address: &str, agent: &str| {
        let request = browser.request(Method::GET, "/account").header("x-forwarded-for", address);
        browser.send(request.header("user-agent", agent)).await.unwrap()
    };
    // Another network or another browser alone is nothing: people travel, and browsers are updated.
    from("203.0.113.9", "a browser of the tests").await;
    from("127.0.0.1", "curl/8.14.1").await;
    assert!(!browser.get("/account").await.says(says));
    for _ in 0..5 {
        from("203.0.113.9", "curl/8.14.1").await;
    }
    let page = eventually("the notice", Duration::from_secs(5), || async {
        let page = browser.get(&format!("/teams/{PAYMENTS}/connections")).await;
        page.says(says).then_some(page)
    })
    .await;
    page.assert_says("from 203.0.113.9 with curl");
    browser.get("/account").await.assert_says("Also used from 203.0.113.9 with curl");
    let [entry] = &entries(&portal, Action::SessionElsewhere).await[..] else { panic!("not one entry") };
    assert_eq!(entry.actor.email.as_deref(), Some(&*email("operator")));
    assert_eq!(
        (entry.actor.ip.as_deref(), entry.actor.user_agent.as_deref()),
        (Some("203.0.113.9"), Some("curl/8.14.1"))
    );
    // The advice helps.
    let stolen = session_of(&browser);
    change_password(&browser, "operator").await;
    assert!(!browser.get("/account").await.says(says) && !opens(&portal, &stolen).await);
}
