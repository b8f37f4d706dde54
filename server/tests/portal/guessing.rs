//! Guessing secrets: few guesses are checked, whatever the guesser knows, and nobody else is kept out.

use std::time::{Duration, Instant};

use futures::{StreamExt, future::join_all, stream};
use ipnet::IpNet;
use portal::audit::{Action, Entry, Outcome, Stage, TargetType};
use reqwest::Method;

use crate::support::{Browser, Installation, PAYMENTS, Page, TestPortal, email, password};

/// A portal that does not limit requests, behind a proxy that names its clients.
async fn behind_a_proxy() -> TestPortal {
    TestPortal::serve_configured(Installation::new().await, |config| {
        config.requests_per_second = 0;
        config.trusted_proxies = vec![IpNet::new([127, 0, 0, 1].into(), 32).unwrap()];
    })
    .await
}

/// Sends the sign-in form from this address.
async fn sign_in_from(browser: &Browser, address: &str, email: &str, password: &str) -> Page {
    let fields = [("email", email), ("password", password)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = browser.request(Method::POST, "/api/fn/sign_in").header("x-forwarded-for", address);
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    browser.send(request).await.unwrap()
}

/// Waits for all, fewer at once than may wait to be hashed.
async fn some_at_once<T>(attempts: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    stream::iter(attempts).buffer_unordered(16).collect().await
}

/// How many of the answers say that the password was checked and is wrong. All others must say that it was not checked.
fn checked(answers: &[Page]) -> usize {
    for answer in answers {
        // 503: too many passwords wait to be hashed, so this one was not checked either.
        assert!(matches!(answer.status, 303 | 429 | 503), "{answer:?}");
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), "60");
            answer.assert_says("Too many failed attempts. Nothing was checked. Wait a minute and try again.");
        }
    }
    answers.iter().filter(|answer| answer.status == 303).count()
}

/// How many more attempts a limit may have allowed since, at one in this many seconds.
fn more_since(begun: Instant, seconds: u64) -> usize {
    usize::try_from(begun.elapsed().as_secs() / seconds + 1).unwrap()
}

fn of(entries: &[Entry], action: Action) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.action == action).collect()
}

#[tokio::test]
async fn of_120_wrong_passwords_at_once_the_first_20_are_checked() {
    let (portal, begun) = (behind_a_proxy().await, Instant::now());
    let (browser, operator) = (portal.browser(), email("operator"));
    let guesses: Vec<String> = (0..120).map(|number| format!("wrong-guess-{number}")).collect();
    let answers = join_all(guesses.iter().map(|guess| sign_in_from(&browser, "203.0.113.7", &operator, guess))).await;
    let found = checked(&answers);
    assert!((20..=20 + more_since(begun, 60)).contains(&found), "{found}");
    let entries = portal.stop().await.entries().await;
    let [refused] = of(&entries, Action::AttemptRefuse)[..] else { panic!("{entries:?}") };
    assert_eq!((refused.stage, refused.outcome), (Stage::Denied, Some(Outcome::Denied)));
    assert_eq!(refused.parameters["times"], 120 - found);
    assert_eq!(refused.parameters["secret"], "password");
    assert_eq!(refused.targets[0].kind, TargetType::Person);
    let wrong = of(&entries, Action::SessionRefuse);
    assert_eq!(wrong.iter().map(|entry| entry.parameters["count"].as_u64().unwrap()).sum::<u64>(), found as u64);
    assert!(!serde_json::to_string(&entries).unwrap().contains("wrong-guess"));
}

#[tokio::test]
async fn all_addresses_of_an_ipv6_network_share_their_attempts() {
    let (portal, begun) = (behind_a_proxy().await, Instant::now());
    let browser = portal.browser();
    // At one person, and at many.
    let one = (0..400).map(|number| {
        let (browser, address) = (browser.clone(), format!("2001:db8:1:2::{number:x}"));
        async move { sign_in_from(&browser, &address, &email("operator"), "wrong").await }
    });
    let found = checked(&some_at_once(one).await);
    assert!((20..=20 + more_since(begun, 60)).contains(&found), "{found}");
    let many = (0..400).map(|number| {
        let (browser, address) = (browser.clone(), format!("2001:db8:1:3::{number:x}"));
        async move { sign_in_from(&browser, &address, &format!("person{number}@partner.example"), "wrong").await }
    });
    let found = checked(&some_at_once(many).await);
    assert!((60..=60 + more_since(begun, 2)).contains(&found), "{found}");
    // Another network has attempts of its own.
    let other = sign_in_from(&browser, "2001:db8:1:4::1", &email("viewer"), &password("viewer")).await;
    assert_eq!((other.status, other.location()), (303, "/"));
}

#[tokio::test]
async fn one_person_is_guessed_slowly_from_however_many_networks() {
    let (portal, begun) = (behind_a_proxy().await, Instant::now());
    let browser = portal.browser();
    let guesses = (0..200).map(|number| {
        let (browser, address) = (browser.clone(), format!("203.0.113.{number}"));
        async move { sign_in_from(&browser, &address, &email("operator"), "wrong").await }
    });
    let found = checked(&some_at_once(guesses).await);
    assert!((60..=60 + more_since(begun, 20)).contains(&found), "{found}");
}

#[tokio::test]
async fn whatever_is_guessed_a_known_and_an_unknown_email_get_the_same_answers() {
    let portal = behind_a_proxy().await;
    let answers_for = async |address: &str, email: &str| {
        let browser = portal.browser();
        let mut answers = Vec::new();
        for _ in 0..25 {
            let answer = sign_in_from(&browser, address, email, "wrong").await;
            let leads_to =
                answer.headers.get("location").map(|_| answer.location().split('=').next().unwrap().to_owned());
            let page = match answer.status {
                303 => {
                    let text = browser.get(answer.location()).await.text();
                    if email.is_empty() { text } else { text.replace(email, "EMAIL") }
                }
                // After that comes the request's id.
                _ => answer.text().split("Request").next().unwrap().to_owned(),
            };
            answers.push((answer.status, leads_to, answer.headers.get("retry-after").cloned(), page));
        }
        answers
    };
    let known = answers_for("203.0.113.1", &email("operator")).await;
    assert_eq!((known[19].0, known[24].0), (303, 429));
    for (address, email) in
        [("203.0.113.2", "nobody@partner.example"), ("203.0.113.3", "no e-mail at all"), ("203.0.113.4", "")]
    {
        assert_eq!(answers_for(address, email).await, known, "{email}");
    }
}

#[tokio::test]
async fn guesses_keep_neither_a_colleague_at_the_same_address_out_nor_the_person_on_a_known_device() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    // A device on which the operator has signed in before.
    let device = portal.browser_of("operator").await;
    device.get("/account").await;
    device.post("/api/fn/sign_out", &[]).await;
    let stranger = portal.browser();
    for _ in 0..25 {
        stranger.sign_in(&email("operator"), "wrong").await;
    }
    assert_eq!(stranger.sign_in(&email("operator"), &password("operator")).await.status, 429);
    // A colleague, on a device that the portal does not know.
    let colleague = portal.browser().sign_in(&email("viewer"), &password("viewer")).await;
    assert_eq!((colleague.status, colleague.location()), (303, "/"));
    let operator = device.sign_in(&email("operator"), &password("operator")).await;
    assert_eq!((operator.status, operator.location()), (303, "/"));
    device.post("/api/fn/sign_out", &[]).await;
    // The whole address uses up its attempts, at people whom the portal does not know.
    let many = (0..120).map(|number| {
        let stranger = stranger.clone();
        async move { stranger.sign_in(&format!("person{number}@partner.example"), "wrong").await.status }
    });
    assert!(some_at_once(many).await.contains(&429));
    let operator = device.sign_in(&email("operator"), &password("operator")).await;
    assert_eq!((operator.status, operator.location()), (303, "/"), "a known device needs no room in the network");
    device.post("/api/fn/sign_out", &[]).await;
    // The device is known for its person only, and has limits as well.
    assert_eq!(device.sign_in(&email("auditor"), &password("auditor")).await.status, 429);
    let operator = email("operator");
    let wrong = join_all((0..30).map(|_| device.sign_in(&operator, "wrong"))).await;
    assert_eq!(wrong.iter().filter(|answer| answer.status == 303).count(), 20);
}

#[tokio::test]
async fn a_device_is_known_by_a_cookie_that_only_the_portal_can_make() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let browser = portal.browser();
    browser.sign_in(&email("viewer"), "wrong").await;
    assert!(browser.cookie().is_none(), "only somebody who has signed in is known");
    browser.sign_in(&email("viewer"), &password("viewer")).await;
    let page = browser.get("/account").await;
    let cookies = page.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with("portal-device=")).unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=15552000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(browser.get("/account").await.headers.get("set-cookie").is_none(), "it is renewed once a day");
    // A cookie with another person's id in it is worth nothing.
    let mark = cookie.split(';').next().unwrap().strip_prefix("portal-device=").unwrap();
    let person = mark.split('.').next().unwrap();
    let admin = portal.browser_of("admin").await;
    let people = admin.get("/admin/people").await.links();
    let victims = people.iter().filter_map(|href| href.strip_prefix("/admin/people/")).filter(|id| *id != person);
    let stranger = portal.browser();
    for _ in 0..21 {
        stranger.sign_in(&email("operator"), "wrong").await;
    }
    for victim in victims {
        let forged = format!("portal-device={}", mark.replace(person, victim));
        let body = format!("email={}&password=wrong", email("operator").replace('@', "%40"));
        let request = portal.browser().request(Method::POST, "/api/fn/sign_in").header("cookie", forged);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(stranger.send(request).await.unwrap().status, 429);
    }
}

#[tokio::test]
async fn of_60_wrong_old_passwords_the_first_20_are_checked_wherever_they_come_from() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let (thief, begun) = (portal.browser_of("viewer").await, Instant::now());
    let guesses: Vec<String> = (0..60).map(|number| format!("wrong-guess-{number}")).collect();
    let answers = join_all(guesses.iter().map(|guess| {
        let fields = [("old_password", guess.as_str()), ("password", "tangerine lantern orbit")];
        let thief = thief.clone();
        async move { thief.post("/api/fn/change_password", &fields).await }
    }))
    .await;
    let found = checked(&answers);
    assert!((20..=20 + more_since(begun, 60)).contains(&found), "{found}");
    // Guessing the old password does not slow the sign-in down.
    let again = portal.browser().sign_in(&email("viewer"), &password("viewer")).await;
    assert_eq!((again.status, again.location()), (303, "/"));
}

#[tokio::test]
async fn wrong_links_are_limited_and_a_right_one_works_while_others_are_guessed() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let browser = portal.browser();
    let link = portal.invite(&portal.browser_of("admin").await, "newcomer", "member").await;
    // The same wrong link again and again leaves room for others.
    for number in 0..30 {
        let page = browser.open_link("/setup?secret=wrong").await;
        assert_eq!(page.status, if number < 20 { 404 } else { 429 });
    }
    assert_eq!(portal.browser().open_link(&link).await.status, 200);
    let (begun, mut refused) = (Instant::now(), 0);
    for number in 0..60 {
        refused += usize::from(browser.open_link(&format!("/setup?secret=wrong-{number}")).await.status == 429);
    }
    assert!(refused >= 20 - more_since(begun, 2), "{refused}");
    browser.open_link("/setup?secret=wrong").await;
    assert_eq!(browser.post("/api/fn/join", &[("password", "tangerine lantern orbit")]).await.status, 429);
}

#[tokio::test]
async fn a_program_with_a_wrong_feed_token_is_slowed_down_and_keeps_no_other_out() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let admin = portal.browser_of("admin").await;
    let form = admin.get("/admin/feeds").await.form("/api/fn/create_feed_token");
    let page = admin.submit_and_follow(&form.with("name", "a collector")).await;
    let shown = page.select("code").into_iter().map(|code| code.text).find(|text| text.starts_with("portal-feed-"));
    let token = shown.unwrap();
    let browser = portal.browser();
    let read = async |token: &str| {
        let request = browser.request(Method::GET, "/api/v1/audit").header("authorization", format!("Bearer {token}"));
        browser.send(request).await.unwrap()
    };
    for number in 0..100 {
        assert_eq!(read("portal-feed-old").await.status, if number < 20 { 401 } else { 429 }, "{number}");
        assert_eq!(read(&token).await.status, 200, "{number}");
    }
    let refused = read("portal-feed-old").await;
    assert_eq!(refused.header("retry-after"), "60");
    assert!(refused.body.contains("\"error\":\"too_many_attempts\""), "{}", refused.body);
    // People sign in all the same.
    assert_eq!(portal.browser().sign_in(&email("viewer"), &password("viewer")).await.location(), "/");
    let entries = portal.stop().await.entries().await;
    let [refused] = of(&entries, Action::AttemptRefuse)[..] else { panic!("{entries:?}") };
    assert_eq!(refused.parameters["secret"], "feed_token");
    assert!(!serde_json::to_string(refused).unwrap().contains("portal-feed-old"));
}

#[tokio::test]
async fn a_wrong_password_takes_the_same_time_whether_or_not_there_is_such_a_person() {
    let portal = behind_a_proxy().await;
    let admin = portal.browser_of("admin").await;
    let page = admin.get("/admin/people").await.link("The leaver");
    let person = page.strip_prefix("/admin/people/").unwrap();
    admin.post_and_follow("/api/fn/disable_person", &[("person", person)]).await;
    let browser = portal.browser();
    let emails = [email("operator"), "nobody@partner.example".to_owned(), email("leaver")];
    let mut took = [const { Vec::new() }; 3];
    for round in 0..15 {
        for (email, took) in emails.iter().zip(&mut took) {
            let begun = Instant::now();
            sign_in_from(&browser, &format!("203.0.113.{round}"), email, "wrong").await;
            took.push(begun.elapsed());
        }
    }
    let [known, unknown, disabled] = took.map(|mut took| {
        took.sort();
        took[took.len() / 2]
    });
    for other in [unknown, disabled] {
        assert!(other > known / 2 && other < known * 2, "{known:?}, {unknown:?}, {disabled:?}");
    }
    assert!(known > Duration::from_millis(2), "the password is hashed: {known:?}");
    assert_eq!(browser.get(&format!("/teams/{PAYMENTS}/connections")).await.status, 303);
}
