//! OpenID Connect with one provider: discovery, its keys, where to send people, and who came back.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use moka::sync::Cache;
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    IdTokenVerifier, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, UserInfoClaims,
    core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreGenderClaim, CoreJsonWebKey},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::{Mutex, Semaphore};
use url::Url;

use super::{
    http::Http,
    pending::PENDING_LENGTH,
    protocol::{ALGORITHMS, Extra, Metadata, OidcClient, Tokens},
    refusal::ProviderRefusal,
    settings::{ProviderSettings, is_safe},
};

/// How long the provider's description and keys are used.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);
/// How often they are read again because a token was signed with a key that is not among them.
const KEYS_READ_AGAIN: Duration = Duration::from_secs(60);
/// How much the provider's clock may differ.
pub(super) const SKEW: Duration = Duration::from_secs(60);
/// How long the provider is not called after it could not be described.
const FAILED_FOR: Duration = Duration::from_secs(10);
/// How many answers are remembered, so that none counts twice.
const MOST_ANSWERS: u64 = 10_000;
/// The longest id of a person, in bytes, by OpenID Connect Core.
const LONGEST_SUBJECT: usize = 255;
/// The oldest ID token that is taken: it was issued for this sign-in.
const OLDEST_TOKEN: Duration = Duration::from_secs(600);
/// How many calls to the provider may be under way.
const MOST_CALLS: usize = 8;
/// What a browser carries to the provider and back, or what it comes back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Challenge<'a> {
    pub redirect: &'a str,
    pub state: &'a str,
    pub nonce: &'a str,
    pub verifier: &'a str,
}

/// Who somebody is at the provider.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub issuer: String,
    /// The provider's own id of the person, which never changes and is never given to somebody else.
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub name: Option<String>,
    /// `None` if the provider did not say.
    pub groups: Option<Vec<String>>,
    /// When the person last gave the provider what it asks for.
    pub authenticated_at: Option<OffsetDateTime>,
    /// How: the claims `amr` and `acr`.
    pub methods: Vec<String>,
    /// The ID token itself.
    pub token: SecretString,
}

impl Identity {
    /// As a person's row has it.
    pub fn key(&self) -> String {
        format!("{} {}", self.issuer, self.subject)
    }
}

/// The provider's description and keys, as last read.
struct Known {
    metadata: Arc<Metadata>,
    read_at: Instant,
}

#[derive(Default)]
struct Description {
    known: Option<Known>,
    /// When they were last read because of an unknown key.
    read_again_at: Option<Instant>,
    /// When reading them last failed.
    failed_at: Option<Instant>,
}

/// The provider that people can sign in at.
pub(crate) struct Provider {
    pub(super) settings: ProviderSettings,
    http: Http,
    cache: Mutex<Description>,
    calls: Semaphore,
    answered: Cache<[u8; 32], ()>,
}

impl Provider {
    pub fn new(settings: ProviderSettings) -> Self {
        Self {
            http: Http::new(settings.issuer.as_str()),
            cache: Mutex::default(),
            calls: Semaphore::new(MOST_CALLS),
            answered: Cache::builder().max_capacity(MOST_ANSWERS).time_to_live(PENDING_LENGTH.unsigned_abs()).build(),
            settings,
        }
    }

    /// Notes that a browser came back with an answer to this sign-in. Returns whether it is the first.
    pub(super) fn is_first_answer(&self, sign_in: [u8; 32]) -> bool {
        self.answered.entry(sign_in).or_insert(()).is_fresh()
    }

    /// Where a browser is sent. With `again`, the person has to sign in there although they are signed in.
    pub(super) async fn authorization_url(
        &self,
        challenge: Challenge<'_>,
        again: bool,
    ) -> Result<Url, ProviderRefusal> {
        let client = self.client(&*self.metadata().await?, challenge.redirect)?;
        let (state, nonce) = (challenge.state.to_owned(), challenge.nonce.to_owned());
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        );
        let verifier = PkceCodeVerifier::new(challenge.verifier.to_owned());
        let request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        let request =
            self.settings.scopes.iter().fold(request, |request, scope| request.add_scope(Scope::new(scope.clone())));
        let request =
            if again { request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO) } else { request };
        Ok(request.url().0)
    }

    /// Where a browser is sent to end the session at the provider, if it has such a page.
    pub(super) async fn sign_out_url(&self, back_to: &str, token: Option<&SecretString>) -> Option<Url> {
        let mut url = self.metadata().await.ok()?.additional_metadata().end_session_endpoint.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", back_to);
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("id_token_hint", token.expose_secret());
        }
        Some(url)
    }

    /// Whether an answer comes from this provider and not from another that the browser was led to (RFC 9207).
    pub(super) async fn check_issuer(&self, issuer: Option<&str>) -> Result<(), ProviderRefusal> {
        let is_promised = self.metadata().await?.additional_metadata().authorization_response_iss_parameter_supported;
        match issuer {
            Some(issuer) if issuer != self.settings.issuer.as_str() => Err(ProviderRefusal::WrongIssuer),
            None if is_promised => Err(ProviderRefusal::WrongIssuer),
            _ => Ok(()),
        }
    }

    /// Exchanges a code for who the person is. Every claim is from a token or answer that was checked.
    pub(super) async fn identify(
        &self,
        code: &SecretString,
        challenge: Challenge<'_>,
    ) -> Result<Identity, ProviderRefusal> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata, challenge.redirect)?;
        let exchange = client
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .map_err(|_| ProviderRefusal::Unreadable)?
            .set_pkce_verifier(PkceCodeVerifier::new(challenge.verifier.to_owned()));
        let tokens: Tokens =
            self.within(Box::pin(exchange.request_async(&self.http))).await?.map_err(|error| match error {
                RequestTokenError::ServerResponse(refused) => {
                    tracing::warn!(error = %refused.error().as_ref(), "the provider refused a code");
                    ProviderRefusal::Code
                }
                RequestTokenError::Request(error) => down(&error),
                error => unreadable(&error),
            })?;
        let token = tokens.extra_fields().id_token().ok_or(ProviderRefusal::Unreadable)?;
        let nonce = Nonce::new(challenge.nonce.to_owned());
        let mut verifier = self.verifier(&metadata);
        let mut checked = token.claims(&verifier, &nonce);
        if let Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        )) = &checked
            && let Some(metadata) = self.metadata_again().await
        {
            verifier = self.verifier(&metadata);
            checked = token.claims(&verifier, &nonce);
        }
        let claims = checked.map_err(|error| {
            tracing::warn!(%error, "an ID token is not taken");
            ProviderRefusal::Token
        })?;
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.settings.client_id) {
            tracing::warn!("an ID token was issued to another client");
            return Err(ProviderRefusal::Token);
        }
        if let Some(expected) = claims.access_token_hash() {
            let hash = token
                .signing_alg()
                .and_then(|alg| Ok((alg, token.signing_key(&verifier)?)))
                .ok()
                .and_then(|(alg, key)| AccessTokenHash::from_token(tokens.access_token(), alg, key).ok());
            if hash.as_ref() != Some(expected) {
                tracing::warn!("an access token is not the one of its ID token");
                return Err(ProviderRefusal::Token);
            }
        }
        let not_before = claims.additional_claims().0.get("nbf").and_then(Value::as_f64);
        if not_before.is_some_and(|at| at > (chrono_now() + SKEW).timestamp() as f64) {
            tracing::warn!("an ID token is not valid yet");
            return Err(ProviderRefusal::Token);
        }
        if claims.subject().is_empty() || claims.subject().len() > LONGEST_SUBJECT {
            tracing::warn!("an ID token has no proper subject");
            return Err(ProviderRefusal::Token);
        }
        let methods = claims.auth_method_refs().into_iter().flatten().map(|method| method.as_str().to_owned());
        let context = claims.auth_context_ref().map(|context| context.as_str().to_owned());
        let mut identity = Identity {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
            email: claims.email().map(|email| email.as_str().to_owned()),
            email_verified: claims.email_verified(),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
            groups: self.groups(claims.additional_claims()),
            authenticated_at: claims
                .auth_time()
                .and_then(|at| OffsetDateTime::from_unix_timestamp(at.timestamp()).ok()),
            methods: methods.chain(context).collect(),
            token: token.to_string().into(),
        };
        let is_complete = identity.email.is_some() && (identity.groups.is_some() || !self.settings.maps_groups());
        if !is_complete
            && let Ok(request) = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        {
            let more: UserInfoClaims<Extra, CoreGenderClaim> =
                self.within(Box::pin(request.request_async(&self.http))).await?.map_err(|error| {
                    tracing::warn!(%error, "the provider does not say more of a person");
                    ProviderRefusal::Unreadable
                })?;
            if identity.email.is_none() {
                identity.email = more.email().map(|email| email.as_str().to_owned());
                identity.email_verified = more.email_verified();
            }
            let name = more.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
            identity.name = identity.name.or(name);
            identity.groups = identity.groups.or_else(|| self.groups(more.additional_claims()));
        }
        Ok(identity)
    }

    /// Whether the provider says that it checked a second factor, in a way that the settings trust.
    pub(super) fn gave_second_factor(&self, identity: &Identity) -> bool {
        identity.methods.iter().any(|method| self.settings.second_factor.contains(method))
    }

    fn groups(&self, claims: &Extra) -> Option<Vec<String>> {
        match claims.0.get(&self.settings.groups_claim)? {
            Value::Array(groups) => Some(groups.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            Value::String(group) => Some(vec![group.clone()]),
            _ => None,
        }
    }

    fn verifier(&self, metadata: &Metadata) -> IdTokenVerifier<'static, CoreJsonWebKey> {
        // As for a client without a secret, so that no token is ever checked with the secret.
        let client = ClientId::new(self.settings.client_id.clone());
        IdTokenVerifier::new_public_client(client, metadata.issuer().clone(), metadata.jwks().clone())
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(|| chrono_now() - SKEW)
            .set_issue_time_verifier_fn(|issued_at| {
                let now = chrono_now();
                if issued_at > now + SKEW {
                    return Err("it was issued in the future".to_owned());
                }
                if issued_at < now - OLDEST_TOKEN - SKEW {
                    return Err("it was issued too long ago".to_owned());
                }
                Ok(())
            })
    }

    fn client(&self, metadata: &Metadata, redirect: &str) -> Result<OidcClient, ProviderRefusal> {
        let secret = ClientSecret::new(self.settings.client_secret.expose_secret().to_owned());
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| ProviderRefusal::Unreadable)?;
        let client_id = ClientId::new(self.settings.client_id.clone());
        let client = OidcClient::from_provider_metadata(metadata.clone(), client_id, Some(secret));
        // Basic is the default where the provider does not say.
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes_basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth = if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        Ok(client.set_redirect_uri(redirect).set_auth_type(auth))
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, ProviderRefusal> {
        let mut cache = self.cache.lock().await;
        if let Some(known) = cache.known.as_ref().filter(|known| known.read_at.elapsed() < KNOWN_FOR) {
            return Ok(Arc::clone(&known.metadata));
        }
        if cache.failed_at.is_some_and(|at| at.elapsed() < FAILED_FOR) {
            return Err(ProviderRefusal::Down);
        }
        let found = self.discover().await;
        cache.failed_at = matches!(found, Err(ProviderRefusal::Down | ProviderRefusal::Unreadable)).then(Instant::now);
        let metadata = found?;
        cache.known = Some(Known { metadata: Arc::clone(&metadata), read_at: Instant::now() });
        Ok(metadata)
    }

    /// The provider's keys, read again: it may have new ones. `None` if they were read again less than a minute ago, so
    /// that nobody can have the portal ask for them again and again.
    async fn metadata_again(&self) -> Option<Arc<Metadata>> {
        let mut cache = self.cache.lock().await;
        if cache.read_again_at.is_some_and(|at| at.elapsed() < KEYS_READ_AGAIN) {
            return None;
        }
        cache.read_again_at = Some(Instant::now());
        let metadata = self.discover().await.ok()?;
        cache.known = Some(Known { metadata: Arc::clone(&metadata), read_at: Instant::now() });
        Some(metadata)
    }

    async fn discover(&self) -> Result<Arc<Metadata>, ProviderRefusal> {
        let issuer =
            IssuerUrl::new(self.settings.issuer.as_str().to_owned()).map_err(|_| ProviderRefusal::Unreadable)?;
        // The crate checks that the description is of this very issuer.
        let found = self.within(Box::pin(Metadata::discover_async(issuer, &self.http))).await?;
        let found = found.map_err(|error| down(&error))?;
        // Browsers are sent there.
        let pages =
            [Some(found.authorization_endpoint().url()), found.additional_metadata().end_session_endpoint.as_ref()];
        if pages.into_iter().flatten().any(|page| !is_safe(page)) {
            tracing::error!("the provider names a page without https");
            return Err(ProviderRefusal::Unreadable);
        }
        Ok(Arc::new(found))
    }

    async fn within<T>(&self, call: BoxFuture<'_, T>) -> Result<T, ProviderRefusal> {
        let _place = self.calls.try_acquire().map_err(|_| ProviderRefusal::Busy)?;
        Ok(call.await)
    }
}

fn chrono_now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

fn down(error: &dyn std::error::Error) -> ProviderRefusal {
    tracing::error!(error = %with_causes(error), "the provider does not answer");
    ProviderRefusal::Down
}

fn unreadable(error: &dyn std::error::Error) -> ProviderRefusal {
    tracing::error!(error = %with_causes(error), "the provider's answer cannot be read");
    ProviderRefusal::Unreadable
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
