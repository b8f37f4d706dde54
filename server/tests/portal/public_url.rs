//! However the public URL is spelled, cookies and the check of origins use the one spelling that browsers send.

use reqwest::Method;

use crate::support::{Installation, TestPortal, email, password};

async fn sign_in_from(portal: &TestPortal, origin: &str) -> (u16, String) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("email", &email("operator"))
        .append_pair("password", &password("operator"))
        .finish();
    let browser = portal.browser();
    let request = browser.request(Method::POST, "/api/fn/sign_in").header("origin", origin);
    let request = request.header("host", "portal.example.com");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = browser.send(request).await.unwrap();
    (answer.status, answer.header("set-cookie").to_owned())
}

#[tokio::test]
async fn cookies_and_origins_follow_the_normalized_public_url() {
    let portal = TestPortal::serve_configured(Installation::new().await, |config| {
        config.public_url = "HTTPS://Portal.Example.com:443/".parse().unwrap();
    })
    .await;
    for origin in ["https://portal.example.com", "https://PORTAL.example.com:443"] {
        let (status, cookie) = sign_in_from(&portal, origin).await;
        assert_eq!(status, 303, "{origin}");
        assert!(cookie.starts_with("__Host-portal=") && cookie.contains("Secure"), "{cookie}");
    }
    for origin in [
        "http://portal.example.com",
        "https://portal.example.com:8443",
        "https://portal.example.com.evil.example",
        "https://portal.example.com/path",
        "null",
    ] {
        assert_eq!(sign_in_from(&portal, origin).await, (403, String::new()), "{origin}");
    }
}
