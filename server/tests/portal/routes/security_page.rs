//! What docs/security.md says of every answer and every page, where no other test shows it.

use reqwest::{Method, StatusCode};

use crate::support::{Browser, PAYMENTS, TestPortal, email, password};

const PATHS: [&str; 10] = [
    "/login",
    "/account",
    "/nowhere",
    "/audit",
    "/admin/people",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/api/v1/audit",
    "/teams/payments/connections",
];

#[tokio::test]
async fn no_answer_allows_another_origin() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("admin").await;
    for path in PATHS {
        for method in [Method::GET, Method::OPTIONS] {
            let request = browser.request(method, path).header("origin", "https://evil.example");
            let page = browser.send(request.header("access-control-request-method", "POST")).await.unwrap();
            let cors = page.headers.keys().filter(|name| name.as_str().starts_with("access-control"));
            assert_eq!(cors.count(), 0, "{path}: {page:?}");
        }
    }
}

#[tokio::test]
async fn every_answer_has_a_type_and_a_charset() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("admin").await;
    let sign_in = portal.browser().get("/login").await;
    let files = [sign_in.attributes("link[href]", "href"), sign_in.attributes("script[src]", "src")].concat();
    assert!(files.len() > 2, "{files:?}");
    for path in PATHS.into_iter().chain(files.iter().map(String::as_str)) {
        let page = browser.get(path).await;
        if page.body.is_empty() {
            continue;
        }
        let kind = page.header("content-type");
        assert!(!kind.is_empty(), "{path} has no type");
        let is_text = kind.starts_with("text/") || kind.contains("xml");
        assert!(!is_text || kind.to_lowercase().contains("charset=utf-8"), "{path}: {kind}");
    }
}

#[tokio::test]
async fn no_answer_redirects_to_https() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    for path in PATHS {
        assert!(!browser.get(path).await.header("location").starts_with("https:"), "{path}");
    }
}

#[tokio::test]
async fn trace_is_refused_everywhere() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("admin").await;
    for path in PATHS {
        let request = browser.request(Method::TRACE, path).header("x-secret", "to be echoed");
        let page = browser.send(request).await.unwrap();
        assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        assert!(!page.body.contains("to be echoed"), "{path}");
    }
}

#[tokio::test]
async fn no_route_becomes_a_websocket() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("admin").await;
    for path in PATHS.into_iter().chain(["/api/fn/refresh"]) {
        let request = browser.request(Method::GET, path).header("connection", "upgrade").header("upgrade", "websocket");
        let request =
            request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        assert_ne!(browser.send(request).await.unwrap().status, StatusCode::SWITCHING_PROTOCOLS.as_u16(), "{path}");
    }
}

#[tokio::test]
async fn a_compressed_form_is_not_unpacked() {
    let portal = TestPortal::start().await;
    let browser = portal.browser();
    // `email=…&password=…` of the viewer, in one stored block of gzip.
    let form =
        format!("email={}&password={}", email("viewer").replace('@', "%40"), password("viewer").replace(' ', "+"));
    let length = u16::try_from(form.len()).unwrap();
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(form.as_bytes());
    packed.extend(crc32(form.as_bytes()).to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    let request = browser.request(Method::POST, "/api/fn/sign_in").header("content-encoding", "gzip");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(packed);
    let page = browser.send(request).await.unwrap();
    assert!(page.status >= 300 && page.header("location") != "/", "{page:?}");
    assert!(browser.cookie().is_none(), "it signed in");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[tokio::test]
async fn every_page_for_people_has_a_button_to_sign_out() {
    let portal = TestPortal::start().await;
    for who in ["stranger", "operator", "auditor", "admin"] {
        let browser = portal.browser_of(who).await;
        for path in ["/account", "/audit", "/audit/figures", "/nowhere", "/admin/people", "/teams/payments/connections"]
        {
            let forms = browser.get(path).await.forms("/api/fn/sign_out");
            assert!(!forms.is_empty(), "{path} for {who}");
        }
    }
}

/// Every page with a field for a password.
async fn pages_with_passwords(portal: &TestPortal) -> Vec<(Browser, String)> {
    let admin = portal.browser_of("admin").await;
    let link = portal.invite(&admin, "guest", "member").await;
    let guest = portal.browser();
    guest.open_link(&link).await;
    vec![(portal.browser(), "/login".to_owned()), (admin, "/account".to_owned()), (guest, "/setup".to_owned())]
}

#[tokio::test]
async fn every_password_field_hides_what_is_typed_and_helps_password_managers() {
    let portal = TestPortal::start().await;
    for (browser, path) in pages_with_passwords(&portal).await {
        let page = browser.get(&path).await;
        let fields = page.select("input[name*=password]");
        assert!(!fields.is_empty(), "{path} has no field for a password");
        for field in fields {
            assert_eq!(field.attribute("type"), Some("password"), "{path}");
            let helps =
                ["current-password", "new-password"].contains(&field.attribute("autocomplete").unwrap_or_default());
            assert!(helps, "{path}: {field:?}");
            for refuses in ["onpaste", "maxlength", "pattern", "readonly"] {
                assert!(field.attribute(refuses).is_none(), "{path}: {refuses}");
            }
        }
    }
}

#[tokio::test]
async fn a_form_with_unknown_fields_changes_nothing_else() {
    let portal = TestPortal::start().await;
    let browser = portal.browser_of("viewer").await;
    let old = password("viewer");
    let fields = [
        ("old_password", old.as_str()),
        ("password", "an entirely different pass phrase"),
        ("role", "admin"),
        ("person[role]", "admin"),
        ("email", "admin@partner.example"),
        ("disabled", "false"),
    ];
    browser.post("/api/fn/change_password", &fields).await;
    let browser = if browser.get("/account").await.status == 200 { browser } else { portal.browser_of("viewer").await };
    let page = browser.get("/account").await;
    page.assert_says(&email("viewer"));
    assert_eq!(browser.get("/admin/people").await.status, 403);
    assert_eq!(browser.get(&format!("/teams/{PAYMENTS}/connections/new")).await.status, 403);
}

#[tokio::test]
async fn a_password_does_not_expire() {
    let portal = TestPortal::start().await;
    let ten_years = 10_u64 * 365 * 24 * 3600 * 1_000_000;
    portal.write_with_key("person", &format!("UPDATE person SET created_at = created_at - {ten_years}")).await;
    assert_eq!(portal.browser_of("viewer").await.get("/account").await.status, 200);
}
