//! Forms that no page sends: huge fields, credentials that nest or count too much, and floods of refused forms. Each is
//! refused in plain words, and takes nothing from anybody else.

use futures::{StreamExt, stream};
use reqwest::Method;

use crate::support::{Browser, Child, Installation, PAYMENTS, Page, TestPortal};

/// A little less than the largest form.
const HUGE: usize = 255 * 1024;
/// Longer redirects would lead to a URL that the portal refuses.
const LONGEST_LOCATION: usize = 8 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_huge_field_does_not_come_back_as_a_redirect() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| config.requests_per_second = 0).await;
    let huge = "a".repeat(HUGE);
    for browser in [portal.browser(), portal.browser_of("operator").await] {
        for function in app::functions().filter(|function| !function.ends_with("sign_out")) {
            for field in ["secret", "next", "page", "team", "name", "email"] {
                let value = if matches!(field, "next" | "page") { format!("/{huge}") } else { huge.clone() };
                let answer = browser.post(function, &[(field, value.as_str())]).await;
                assert!(answer.status < 500, "{function} with a huge {field}: {}", answer.status);
                let location = answer.headers.get("location").map_or(0, |location| location.as_bytes().len());
                assert!(location <= LONGEST_LOCATION, "{function} sends {location} bytes of {field} back");
            }
        }
    }
    portal.stop().await;
}

/// What a program is answered that creates a connection with these fields of credentials.
async fn created_with(browser: &Browser, credentials: &[(String, String)]) -> Page {
    let fields = [
        ("team", PAYMENTS),
        ("operation", "01a21ea1-1889-7790-84fe-adf80e7facba"),
        ("provider", "jira"),
        ("fields[name]", "A"),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields.chain(credentials.iter().cloned()))
        .finish();
    let request = browser.request(Method::POST, "/api/fn/create_connection").header("accept", "application/json");
    browser.send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await.unwrap()
}

fn typed(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = [("credentials[authentication]", "credentials")].iter().chain(fields);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn credentials_that_are_too_much_are_refused_field_by_field() {
    let portal = TestPortal::start().await;
    let operator = portal.browser_of("operator").await;
    let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let in_json = |json: &str| typed(&[("credentials[json]", json)]);
    let rows = |rows: &[usize]| {
        let fields = rows.iter().flat_map(|row| {
            [("name", format!("field_{row}")), ("value", "x".to_owned())]
                .map(|(part, value)| (format!("credentials[fields][{row}][{part}]"), value))
        });
        typed(&[]).into_iter().chain(fields).collect::<Vec<_>>()
    };
    let fields_51 = format!("{{{}}}", (0..51).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(","));
    for (what, credentials, code) in [
        ("128 levels", in_json(&nested(128)), "json_too_deep"),
        ("100,000 levels", in_json(&"[".repeat(60_000)), "json_too_deep"),
        ("51 fields of JSON", in_json(&fields_51), "too_many_credentials"),
        ("51 fields", rows(&(0..51).collect::<Vec<_>>()), "too_many_credentials"),
        ("a sparse row", rows(&[99_999]), "too_many_credentials"),
        ("sparse rows", rows(&[0, 7, 99_998, 99_999]), "too_many_credentials"),
        ("the largest row", rows(&[usize::MAX]), "too_many_credentials"),
        ("indices for fields", vec![("credentials[99999]".to_owned(), "x".to_owned())], "choose_authentication"),
    ] {
        let answer = created_with(&operator, &credentials).await;
        assert_eq!(answer.status, 422, "{what}: {}", answer.body);
        assert!(answer.body.contains(&format!("\"code\":\"{code}\"")), "{what}: {}", answer.body);
        assert!(answer.body.contains("\"message\":\"") && !answer.body.contains("location"), "{what}");
    }
    // A row that was left out is no row too many.
    let answer = created_with(&operator, &rows(&[3, 9])).await;
    assert_ne!(answer.status, 422, "{}", answer.body);
    portal.stop().await.assert_every_call_was_logged().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_forms_of_strangers_take_little_memory_and_nobody_elses_form() {
    let installation = Installation::new().await;
    let child = Child::start_program(&installation, &["env", "PORTAL_REQUESTS_PER_SECOND=0"]).await;
    let operator = Browser::of(&child.base, "operator").await;
    let form = operator.get(&format!("/teams/{PAYMENTS}/connections/new")).await.form("/api/fn/create_connection");
    let refused = operator.submit(&form.with("fields[name]", "Not yet").with("reason", "They asked")).await;
    assert!(refused.location().contains("problem="), "{refused:?}");

    let stranger = Browser::new(&child.base);
    let long = "n".repeat(8_000);
    let flood = (0..12_000).map(|number| {
        let (stranger, long) = (stranger.clone(), long.as_str());
        async move {
            let email = format!("{number}@partner.example");
            let fields = [("email", email.as_str()), ("name", long), ("password", "short")];
            stranger.post("/api/fn/set_up", &fields).await.status
        }
    });
    let answers: Vec<u16> = stream::iter(flood).buffer_unordered(32).collect().await;
    assert!(answers.iter().all(|status| *status == 303), "{:?}", answers.iter().find(|status| **status != 303));
    let most = child.peak_memory();
    assert!(most < 96, "{most} MiB");
    let again = operator.get(refused.location()).await;
    let again = again.form("/api/fn/create_connection");
    assert_eq!((again.get("fields[name]"), again.get("reason")), ("Not yet", "They asked"));
    child.stop().await;
}
