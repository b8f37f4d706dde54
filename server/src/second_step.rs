//! The cookie between the password, or the provider, and the second factor. It lasts five minutes and signs nobody in.

use app::second_step::{Change, SecondStepCookie};
use http::{HeaderMap, HeaderValue, header};
use portal::accounts::SECOND_STEP_FOR;
use secrecy::ExposeSecret;

use crate::PublicUrl;

/// How the cookie is set.
#[derive(Clone, Copy, Debug)]
pub struct StepCookie {
    /// Whether the portal is served under https.
    secure: bool,
}

impl StepCookie {
    pub fn new(public_url: &PublicUrl) -> Self {
        Self { secure: public_url.is_https() }
    }

    const fn name(self) -> &'static str {
        if self.secure { "__Host-portal-step" } else { "portal-step" }
    }

    /// The request's cookie.
    pub fn of(self, headers: &HeaderMap) -> SecondStepCookie {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        SecondStepCookie::given(pairs.find(|(name, _)| *name == self.name()).map(|(_, value)| value))
    }

    /// The header that changes the cookie, if the answer changes it. `Lax` and not `Strict`: the provider's page leads here,
    /// and browsers would keep a strict cookie back.
    pub fn changed(self, cookie: &SecondStepCookie) -> Option<HeaderValue> {
        let (value, length) = match cookie.change()? {
            Change::Set(token) => (token.expose_secret().to_owned(), SECOND_STEP_FOR.whole_seconds()),
            Change::Remove => (String::new(), 0),
        };
        let (name, secure) = (self.name(), if self.secure { "; Secure" } else { "" });
        HeaderValue::try_from(format!("{name}={value}; Path=/; Max-Age={length}; HttpOnly; SameSite=Lax{secure}")).ok()
    }
}
