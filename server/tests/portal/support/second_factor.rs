//! A person's phone and passkey.

use std::time::{SystemTime, UNIX_EPOCH};

use portal::testing::SoftPasskey;
use totp_rs::{Builder, Secret, Totp};

use super::{Browser, Form, Page};

/// Where people set up second factors.
pub const PAGE: &str = "/account/second-factor";

/// An authenticator app with one key.
pub struct AuthenticatorApp(Totp);

impl AuthenticatorApp {
    /// The app with the key that the page shows as text.
    pub fn with_key_on(page: &Page) -> Self {
        Self::with_key(&page.select("#totp-key").pop().expect("the key").text)
    }

    /// The app with this key.
    pub fn with_key(key: &str) -> Self {
        let key = key.replace(' ', "");
        Self(Builder::new().with_secret(Secret::try_from_base32(key).unwrap()).build().unwrap())
    }

    /// The code that it showed or will show this many steps of 30 seconds from now.
    pub fn code(&self, steps: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        self.0.generate(now.checked_add_signed(30 * steps).unwrap()).to_string()
    }
}

/// Sets up an authenticator app by the real form. Returns it with the recovery codes, if the page shows any. The code of
/// now and the next one are not used yet.
pub async fn add_app(browser: &Browser) -> (AuthenticatorApp, Vec<String>) {
    let page = browser.get(PAGE).await;
    let app = AuthenticatorApp::with_key_on(&page);
    let done = browser.submit_and_follow(&page.form("/api/fn/add_totp").with("code", &app.code(-1))).await;
    done.assert_says("Second factor added.");
    (app, recovery_codes(&done))
}

/// Adds a passkey as the page's script does.
pub async fn add_passkey(browser: &Browser) -> SoftPasskey {
    let (passkey, form) = new_passkey(browser).await;
    browser.submit_and_follow(&form).await.assert_says("Second factor added.");
    passkey
}

/// The form that adds a passkey, filled in as the page's script does.
pub async fn new_passkey(browser: &Browser) -> (SoftPasskey, Form) {
    let page = browser.get(PAGE).await;
    let options = page.attributes("form[data-passkey=create]", "data-options").pop().expect("a challenge");
    let (passkey, answer) = SoftPasskey::create(&options, &browser.base);
    (passkey, page.form("/api/fn/add_passkey").with("answer", &answer))
}

/// The form that gives a passkey, filled in as the page's script does.
pub fn give_passkey(passkey: &mut SoftPasskey, page: &Page) -> Form {
    let options = page.attributes("form[data-passkey=get]", "data-options").pop().expect("a challenge");
    let action = page.attributes("form[data-passkey=get]", "action").pop().expect("a function");
    page.form(&action).with("answer", &passkey.answer(&options))
}

pub fn recovery_codes(page: &Page) -> Vec<String> {
    let shown = page.select("#codes").pop();
    shown.map(|codes| codes.text.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}
