//! A browser without JavaScript: it keeps cookies, follows redirects only on request, and sends the forms of its pages.

use std::sync::{Arc, Mutex, Once};

use reqwest::{
    Client,
    cookie::{CookieStore, Jar},
    header::{ACCEPT, CONTENT_TYPE, SET_COOKIE},
    redirect,
};

use super::{Form, Page, email, password};

/// Every answer to the browsers that record to it: the request's method and URL, and the headers (without `Set-Cookie`)
/// and body of the answer.
pub type Transcript = Arc<Mutex<Vec<(String, String)>>>;

/// One person's browser. Clones share the cookies.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    pub base: String,
    seen: Transcript,
}

impl Browser {
    /// A browser without a session.
    pub fn new(base: &str) -> Self {
        static TLS: Once = Once::new();
        // The client needs a provider even if it never uses TLS.
        TLS.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        let jar = Arc::new(Jar::default());
        let client = Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .redirect(redirect::Policy::none())
            .user_agent("a browser of the tests")
            .build()
            .unwrap();
        Self { client, jar, base: base.to_owned(), seen: Transcript::default() }
    }

    /// Signs in by the real form as one of the people.
    pub async fn of(base: &str, who: &str) -> Self {
        let browser = Self::new(base);
        let answer = browser.sign_in(&email(who), &password(who)).await;
        assert_eq!(answer.location(), "/", "{who} cannot sign in");
        browser
    }

    /// Fills in the form on the sign-in page.
    pub async fn sign_in(&self, email: &str, password: &str) -> Page {
        let form = self.get("/login").await.form("/api/fn/sign_in");
        self.submit(&form.with("email", email).with("password", password)).await
    }

    /// The same browser with another address of the portal. Cookies do not depend on the port.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same browser, which records its answers.
    pub fn recording_to(self, seen: &Transcript) -> Self {
        Self { seen: Arc::clone(seen), ..self }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.client.get(self.url(path))).await.unwrap()
    }

    /// Opens a one-time link: its secret is exchanged for a cookie, and the page has an address without it.
    pub async fn open_link(&self, path: &str) -> Page {
        let answer = self.get(path).await;
        assert_eq!((answer.status, answer.location()), (303, "/setup"));
        self.get("/setup").await
    }

    /// Whether it has a session, or had one that it was not told the end of.
    pub fn has_session(&self) -> bool {
        self.cookie().is_some_and(|cookies| cookies.split("; ").any(|cookie| cookie.starts_with("portal=")))
    }

    /// Sends a form without following the answer.
    pub async fn submit(&self, form: &Form) -> Page {
        self.try_submit(form).await.unwrap()
    }

    /// The same, for a portal that may be killed meanwhile.
    pub async fn try_submit(&self, form: &Form) -> reqwest::Result<Page> {
        self.send(self.form_request(&form.action, form.body())).await
    }

    /// Sends fields without a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(self.form_request(path, body)).await.unwrap()
    }

    /// Sends fields and follows the answer.
    pub async fn post_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.post(path, fields).await;
        self.get(answer.location()).await
    }

    /// Sends a form and follows the answer.
    pub async fn submit_and_follow(&self, form: &Form) -> Page {
        let answer = self.submit(form).await;
        self.get(answer.location()).await
    }

    /// A request of this browser, to be changed before it is sent.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Page> {
        let accept = request.try_clone().and_then(|request| request.build().ok());
        let asks = accept.as_ref().is_some_and(|request| request.headers().contains_key(ACCEPT));
        let request = if asks { request } else { request.header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8") };
        let asked = accept.map_or_else(String::new, |request| format!("{} {}", request.method(), request.url()));
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.text().await?;
        let mut shown = headers.clone();
        shown.remove(SET_COOKIE);
        self.seen.lock().unwrap().push((asked, format!("{shown:?}\n{body}")));
        Ok(Page { status, headers, body })
    }

    /// The session's cookie, as the browser sends it.
    pub fn cookie(&self) -> Option<String> {
        let cookies = self.jar.cookies(&self.base.parse().unwrap())?;
        Some(cookies.to_str().unwrap().to_owned())
    }

    fn form_request(&self, path: &str, body: String) -> reqwest::RequestBuilder {
        self.client.post(self.url(path)).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}
