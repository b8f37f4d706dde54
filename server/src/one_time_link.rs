//! `/setup?secret=…`: exchanges the secret of a one-time link for a cookie and redirects to `/setup`, so that the secret
//! is in no later URL and in no `Referer`. Opening a link uses nothing up.

use std::sync::Arc;

use app::context::OneTimeLink;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use portal::{Portal, accounts::LINK_COOKIE_LENGTH};
use secrecy::SecretString;

use crate::PublicUrl;

/// The page of one-time links.
const PAGE: &str = "/setup";
/// The functions that use a link up.
const USES: [&str; 2] = ["/api/fn/set_up", "/api/fn/join"];

/// The state of the middleware.
#[derive(Clone)]
pub struct OneTimeLinks {
    portal: Arc<Portal>,
    secure: bool,
}

impl OneTimeLinks {
    pub fn new(portal: Arc<Portal>, public_url: &PublicUrl) -> Self {
        Self { portal, secure: public_url.is_https() }
    }

    const fn name(&self) -> &'static str {
        if self.secure { "__Host-portal-link" } else { "portal-link" }
    }

    fn in_cookie(&self, headers: &HeaderMap) -> Option<SecretString> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == self.name())?;
        self.portal.link_in_cookie(value)
    }

    /// Sets the cookie, or removes it. `Lax` and not `Strict`: people open links in their e-mail.
    fn cookie(&self, value: Option<&str>) -> Option<HeaderValue> {
        let length = value.map_or(0, |_| LINK_COOKIE_LENGTH.whole_seconds());
        let (name, value) = (self.name(), value.unwrap_or_default());
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; Max-Age={length}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(cookie).ok()
    }

    /// The redirect that takes the secret out of the URL.
    fn exchange(&self, secret: &SecretString) -> Response {
        let value = self.portal.link_cookie(secret);
        let headers = [(header::LOCATION, PAGE), (header::REFERRER_POLICY, "no-referrer")];
        let mut response = (StatusCode::SEE_OTHER, headers).into_response();
        if let Some(cookie) = self.cookie(value.as_deref()) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Middleware inside the one that logs requests, which it does without their queries.
pub async fn layer(State(links): State<OneTimeLinks>, mut request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read
        && request.uri().path() == PAGE
        && let Some(secret) = secret_in(request.uri().query().unwrap_or_default())
    {
        return links.exchange(&secret);
    }
    if let Some(secret) = links.in_cookie(request.headers()) {
        request.extensions_mut().insert(OneTimeLink(secret));
    }
    let uses_link = USES.contains(&request.uri().path());
    let mut response = next.run(request).await;
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let is_used = uses_link && location.is_some_and(|location| !location.starts_with(PAGE));
    if let Some(cookie) = links.cookie(None).filter(|_| is_used) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn secret_in(query: &str) -> Option<SecretString> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "secret").map(|(_, secret)| secret.into_owned().into())
}
