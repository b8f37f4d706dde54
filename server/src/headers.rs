//! Security headers, on every answer: a strict Content-Security-Policy with a new nonce, and the others that restrict
//! what a browser does. A header that a route has set itself is kept.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use leptos::nonce::Nonce;

/// A year. Browsers then never speak http with this host or a host below it.
const HTTPS_ONLY: &str = "max-age=31536000; includeSubDomains";

/// Everything that browsers let a page give up, except for copying to the clipboard and passkeys. Features that not every
/// browser knows are left out: the others complain.
const NO_PERMISSIONS: &str = "accelerometer=(), autoplay=(), \
    camera=(), clipboard-read=(), clipboard-write=(self), compute-pressure=(), \
    cross-origin-isolated=(), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
    gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), keyboard-map=(), local-fonts=(), \
    magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), picture-in-picture=(), \
    publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), \
    storage-access=(), unload=(), usb=(), window-management=(), xr-spatial-tracking=()";

/// Middleware outside everything that answers.
pub async fn layer(State(is_https): State<bool>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    add_to(response.headers_mut(), &nonce, is_https);
    response
}

fn add_to(headers: &mut HeaderMap, nonce: &Nonce, is_https: bool) {
    if let Ok(policy) = HeaderValue::try_from(content_security_policy(nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    for (name, value) in [
        (header::REFERRER_POLICY, "same-origin"),
        // For scanners and old browsers; others follow `frame-ancestors`.
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
        (HeaderName::from_static("permissions-policy"), NO_PERMISSIONS),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Compiling WebAssembly needs `'wasm-unsafe-eval'`. What `boot.js` imports inherits its nonce.
fn content_security_policy(nonce: &Nonce) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; font-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Extension, Router, body::Body, middleware, routing::get};
    use tower::ServiceExt;

    fn app(is_https: bool) -> Router {
        Router::new()
            .route("/nonce", get(|Extension(nonce): Extension<Nonce>| async move { nonce.to_string() }))
            .route("/kept", get(|| async { [(header::CACHE_CONTROL, "public, max-age=60")] }))
            .layer(middleware::from_fn_with_state(is_https, layer))
    }

    async fn answer_to(path: &str) -> Response {
        app(true).oneshot(Request::get(path).body(Body::empty()).expect("a valid request")).await.expect("never fails")
    }

    async fn body(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1024).await.expect("a short body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    #[tokio::test]
    async fn the_policy_has_the_nonce_that_the_page_was_given() {
        let response = answer_to("/nonce").await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        assert!(policy.contains(&format!("'nonce-{}'", body(response).await)), "{policy}");
    }

    #[tokio::test]
    async fn no_two_answers_share_a_nonce() {
        assert_ne!(body(answer_to("/nonce").await).await, body(answer_to("/nonce").await).await);
    }

    #[tokio::test]
    async fn an_answer_is_not_cached_unless_its_route_allows_it() {
        assert_eq!(answer_to("/nonce").await.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer_to("/kept").await.headers()[header::CACHE_CONTROL], "public, max-age=60");
    }

    #[tokio::test]
    async fn an_unknown_path_has_the_headers_too() {
        let response = answer_to("/nowhere").await;
        assert_eq!(response.status(), http::StatusCode::NOT_FOUND);
        assert!(response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[tokio::test]
    async fn only_under_https_browsers_are_told_to_stay_there() {
        for (is_https, expected) in [(true, Some(HTTPS_ONLY)), (false, None)] {
            let request = Request::get("/kept").body(Body::empty()).expect("a valid request");
            let answer = app(is_https).oneshot(request).await.expect("never fails");
            let sent =
                answer.headers().get(header::STRICT_TRANSPORT_SECURITY).map(|value| value.to_str().expect("text"));
            assert_eq!(sent, expected);
        }
    }

    #[tokio::test]
    async fn pages_are_isolated_from_other_sites_and_may_use_no_device() {
        let answer = answer_to("/nonce").await;
        for (name, expected) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.headers()[name], expected);
        }
        let permissions = answer.headers()["permissions-policy"].to_str().expect("text").to_owned();
        for feature in permissions.split(", ") {
            let (name, allowed) = feature.split_once('=').expect("a feature");
            let is_used = name == "clipboard-write" || name.starts_with("publickey-credentials-");
            assert_eq!(allowed, if is_used { "(self)" } else { "()" }, "{name}");
        }
    }

    #[test]
    fn nothing_inline_is_allowed() {
        let policy = content_security_policy(&Nonce::from_value("n"));
        assert!(policy.starts_with("default-src 'none';"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    }
}
