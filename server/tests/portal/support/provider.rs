//! An OpenID Connect provider that tells the truth until a test has it lie.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Form, Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use portal::{
    Settings,
    accounts::provider::{GroupRole, GroupTeamRole, ProviderSettings},
};
use ring::{
    digest, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use super::{Browser, Page};

/// The portal's client id and secret there.
pub const CLIENT: &str = "portal";
pub const SECRET: &str = "a secret of the portal alone";

type Lie = Box<dyn Fn(&mut Value) + Send>;

/// How an ID token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    Properly,
    WithNothing,
    /// By an HMAC whose key is what everybody can read.
    WithPublicKey,
    WithClientSecret,
    /// With another key under the id of the published one.
    WithOtherKey,
}

/// How a path answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Slow,
    Huge,
    Redirect,
    Broken,
    NoJson,
}

struct Key {
    pair: EcdsaKeyPair,
    id: String,
}

impl Key {
    fn new(id: &str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        Self { pair, id: id.to_owned() }
    }

    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..65]));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": x, "y": y })
    }
}

/// A sign-in that somebody has agreed to.
struct Granted {
    nonce: String,
    challenge: String,
    claims: Value,
}

struct Inner {
    key: Key,
    /// What is published, if that is not the key that signs.
    published: Option<Value>,
    signed: Signed,
    granted: HashMap<String, Granted>,
    description: Option<Lie>,
    token: Option<Lie>,
    userinfo: Option<Value>,
    /// Whose code was exchanged last.
    last: Value,
    faults: HashMap<&'static str, Fault>,
    codes_work_twice: bool,
}

/// The provider, served on this machine.
pub struct Provider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
    calls: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Clone)]
struct Served {
    issuer: String,
    inner: Arc<Mutex<Inner>>,
    calls: Arc<AtomicUsize>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Mutex::new(Inner {
            key: Key::new("first"),
            published: None,
            signed: Signed::Properly,
            granted: HashMap::new(),
            description: None,
            token: None,
            userinfo: None,
            last: Value::Null,
            faults: HashMap::new(),
            codes_work_twice: false,
        }));
        let calls = Arc::new(AtomicUsize::new(0));
        let served = Served { issuer: issuer.clone(), inner: Arc::clone(&inner), calls: Arc::clone(&calls) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .layer(middleware::from_fn_with_state(served.clone(), faults))
            .with_state(served);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, inner, calls, serving }
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        change(&mut self.inner.lock().unwrap());
    }

    /// Settings that name this provider, with these groups for roles.
    pub fn settings(&self) -> ProviderSettings {
        ProviderSettings {
            name: "Example ID".to_owned(),
            issuer: self.issuer.parse().unwrap(),
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.into(),
            scopes: vec!["email".to_owned(), "profile".to_owned()],
            groups_claim: "groups".to_owned(),
            roles: ["audit=auditor", "admins=admin"].map(|it| it.parse::<GroupRole>().unwrap()).into(),
            team_roles: ["ops=payments:operator", "readers=payments:viewer", "lenders=lending:viewer"]
                .map(|it| it.parse::<GroupTeamRole>().unwrap())
                .into(),
            creates_people: true,
            trusts_emails: false,
            second_factor: Vec::new(),
        }
    }

    /// Changes what a portal is started with.
    pub fn settings_with(&self, alter: impl FnOnce(&mut ProviderSettings)) -> impl FnOnce(&mut Settings) {
        let mut provider = self.settings();
        alter(&mut provider);
        move |settings| settings.provider = Some(provider)
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub fn describes(&self, lie: impl Fn(&mut Value) + Send + 'static) {
        self.change(|inner| inner.description = Some(Box::new(lie)));
    }

    /// Changes the claims of the next ID tokens.
    pub fn claims(&self, lie: impl Fn(&mut Value) + Send + 'static) {
        self.change(|inner| inner.token = Some(Box::new(lie)));
    }

    pub fn signs(&self, signed: Signed) {
        self.change(|inner| inner.signed = signed);
    }

    pub fn answers(&self, path: &'static str, fault: Fault) {
        self.change(|inner| {
            inner.faults.insert(path, fault);
        });
    }

    pub fn says_at_userinfo(&self, claims: Value) {
        self.change(|inner| inner.userinfo = Some(claims));
    }

    pub fn takes_codes_twice(&self) {
        self.change(|inner| inner.codes_work_twice = true);
    }

    /// Signs with a new key from now on.
    pub fn rotates(&self, id: &str) {
        self.change(|inner| inner.key = Key::new(id));
    }

    /// Signs with a new key, and goes on publishing the old one.
    pub fn rotates_silently(&self, id: &str) {
        self.change(|inner| {
            inner.published = Some(inner.key.public());
            inner.key = Key::new(id);
        });
    }

    /// Tells the truth again.
    pub fn is_honest(&self) {
        self.change(|inner| {
            (inner.description, inner.token, inner.published, inner.signed) = (None, None, None, Signed::Properly);
            inner.faults.clear();
        });
    }

    /// Agrees to the sign-in that a browser was sent here for. Returns where it is sent back.
    #[track_caller]
    pub fn agree(&self, sent_here: &str, claims: Value) -> String {
        let asked: HashMap<String, String> = query(sent_here);
        assert!(sent_here.starts_with(&format!("{}/authorize?", self.issuer)), "{sent_here}");
        assert_eq!((asked["client_id"].as_str(), asked["response_type"].as_str()), (CLIENT, "code"));
        assert_eq!(asked["code_challenge_method"], "S256");
        let granted = Granted { nonce: asked["nonce"].clone(), challenge: asked["code_challenge"].clone(), claims };
        let mut inner = self.inner.lock().unwrap();
        let code = format!("code-{}-{}", inner.granted.len(), &asked["nonce"][..8]);
        inner.granted.insert(code.clone(), granted);
        let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &self.issuer);
        back[url::Position::BeforePath..].to_owned()
    }

    /// Signs somebody in with a browser. Returns the portal's answer when the browser comes back.
    pub async fn sign_in(&self, browser: &Browser, claims: Value) -> Page {
        let out = browser.get("/login/provider").await;
        browser.get(&self.agree(out.location(), claims)).await
    }
}

/// The claims about somebody.
pub fn person(who: &str, groups: &[&str]) -> Value {
    json!({
        "sub": format!("id of {who}"), "email": format!("{who}@partner.example"), "email_verified": true,
        "name": format!("The {who}"), "groups": groups,
    })
}

/// The parameters of a URL.
pub fn query(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

async fn faults(State(served): State<Served>, request: Request, next: Next) -> Response {
    served.calls.fetch_add(1, Ordering::Relaxed);
    let fault = served.inner.lock().unwrap().faults.get(request.uri().path()).copied();
    match fault {
        None => next.run(request).await,
        Some(Fault::Slow) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            next.run(request).await
        }
        Some(Fault::Huge) => ([(header::CONTENT_TYPE, "application/json")], " ".repeat(8 << 20)).into_response(),
        Some(Fault::Redirect) => Redirect::temporary("http://127.0.0.1:9/elsewhere").into_response(),
        Some(Fault::Broken) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Fault::NoJson) => "<script>alert(1)</script>".into_response(),
    }
}

async fn describe(State(served): State<Served>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", served.issuer);
    let mut description = json!({
        "issuer": served.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/keys"),
        "end_session_endpoint": at("/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
    });
    if let Some(lie) = &served.inner.lock().unwrap().description {
        lie(&mut description);
    }
    Json(description)
}

async fn keys(State(served): State<Served>) -> Json<Value> {
    let inner = served.inner.lock().unwrap();
    Json(json!({ "keys": [inner.published.clone().unwrap_or_else(|| inner.key.public())] }))
}

async fn userinfo(State(served): State<Served>) -> Json<Value> {
    let inner = served.inner.lock().unwrap();
    Json(inner.userinfo.clone().unwrap_or_else(|| json!({ "sub": inner.last })))
}

/// Exchanges a code for an ID token, for the client that has its secret and the verifier.
async fn token(
    State(served): State<Served>,
    headers: HeaderMap,
    Form(sent): Form<HashMap<String, String>>,
) -> Response {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let form = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", form(CLIENT), form(SECRET)));
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given != format!("Basic {basic}") {
        return refused("invalid_client");
    }
    let mut inner = served.inner.lock().unwrap();
    let code = sent.get("code").cloned().unwrap_or_default();
    let granted = match inner.codes_work_twice {
        true => inner.granted.get(&code).map(|it| (it.nonce.clone(), it.challenge.clone(), it.claims.clone())),
        false => inner.granted.remove(&code).map(|it| (it.nonce, it.challenge, it.claims)),
    };
    let Some((nonce, challenge, claims)) = granted else { return refused("invalid_grant") };
    let verifier = sent.get("code_verifier").map(String::as_str).unwrap_or_default();
    if BASE64.encode(digest::digest(&digest::SHA256, verifier.as_bytes())) != challenge {
        return refused("invalid_grant");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut all = json!({
        "iss": served.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, "auth_time": now,
    });
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    inner.last = all["sub"].clone();
    if let Some(lie) = &inner.token {
        lie(&mut all);
    }
    let answer = json!({
        "access_token": "an access token", "token_type": "Bearer", "expires_in": 300, "id_token": signed(&inner, &all),
    });
    Json(answer).into_response()
}

fn signed(inner: &Inner, claims: &Value) -> String {
    let alg = match inner.signed {
        Signed::Properly | Signed::WithOtherKey => "ES256",
        Signed::WithNothing => "none",
        Signed::WithPublicKey | Signed::WithClientSecret => "HS256",
    };
    let part = |value: &Value| BASE64.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({ "alg": alg, "kid": inner.key.id, "typ": "JWT" })), part(claims));
    let by_hmac = |key: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec();
    let by_key = |pair: &EcdsaKeyPair| pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
    let signature = match inner.signed {
        Signed::Properly => by_key(&inner.key.pair),
        Signed::WithOtherKey => by_key(&Key::new("other").pair),
        Signed::WithNothing => Vec::new(),
        Signed::WithPublicKey => by_hmac(inner.key.pair.public_key().as_ref()),
        Signed::WithClientSecret => by_hmac(SECRET.as_bytes()),
    };
    format!("{text}.{}", BASE64.encode(signature))
}
