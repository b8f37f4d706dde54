//! Signing in at the provider: setting out, coming back, confirming there who somebody is, and signing out there.

use secrecy::{ExposeSecret, SecretString};
use store::SignedInWith;
use time::{Duration, OffsetDateTime};
use url::Url;

use super::{
    ProviderError, ProviderRefusal, hint,
    oidc::{Challenge, Identity, Provider, SKEW},
    pending::Pending,
};
use crate::{
    Actor, Error, Origin, Portal, Result,
    accounts::{
        FirstStep,
        attempts::{Account, Guess, GuessedSecret},
        renewal::Proved,
    },
    audit::Action,
};

/// The path at the portal to which the provider sends people back.
pub const CALLBACK: &str = "/login/provider/callback";

/// Where to send a browser, and the cookie that it brings back.
#[derive(Debug)]
pub struct SetOut {
    /// The provider's page.
    pub url: Url,
    /// The sealed cookie, which is good for ten minutes.
    pub cookie: String,
}

/// What the provider's page sent a browser back with.
#[derive(Clone, Debug, Default)]
pub struct ProviderAnswer {
    /// A code to exchange.
    pub code: Option<SecretString>,
    /// What the browser set out with.
    pub state: Option<String>,
    /// Which provider answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// Somebody who came back.
#[derive(Debug)]
pub enum CameBack {
    /// They are who they say.
    SignedIn {
        /// What that is worth.
        first: Box<FirstStep>,
        /// The sealed cookie with which they can sign out at the provider, unless it would be too long.
        hint: Option<String>,
    },
    /// Somebody who was signed in has confirmed who they are.
    Confirmed,
}

impl Portal {
    /// What people call the provider, if the portal has one.
    #[must_use]
    pub fn provider_name(&self) -> Option<&str> {
        self.provider.as_ref().map(|provider| provider.settings.name.as_str())
    }

    /// Sends a browser to the provider. With an actor, it comes back only after the person has signed in there again.
    ///
    /// # Errors
    /// Why the provider cannot be used.
    pub async fn set_out(&self, next: &str, confirms: Option<&Actor>) -> Result<SetOut, ProviderError> {
        let provider = self.provider()?;
        let pending = Pending::new(next, confirms.map(Actor::id), self.now())?;
        let challenge = PendingChallenge::of(self, &pending)?;
        let url = provider.authorization_url(challenge.as_ref(), confirms.is_some()).await?;
        Ok(SetOut { url, cookie: pending.cookie(&self.vault)? })
    }

    /// Where the browser with this cookie wanted to go. Empty if nobody knows.
    #[must_use]
    pub fn wanted(&self, cookie: Option<&str>) -> String {
        self.pending(cookie).map(|pending| pending.next).unwrap_or_default()
    }

    /// Exchanges what a browser came back with for who the person is.
    ///
    /// # Errors
    /// Why nobody is signed in, or `TooManyAttempts` after too many answers that were not the provider's.
    pub async fn come_back(
        &self,
        cookie: Option<&str>,
        answer: &ProviderAnswer,
        actor: Option<&Actor>,
        origin: &Origin,
    ) -> Result<CameBack, ProviderError> {
        let provider = self.provider()?;
        let pending = self.pending(cookie).ok_or(ProviderRefusal::Expired)?;
        let challenge = PendingChallenge::of(self, &pending)?;
        if !answer.state.as_ref().is_some_and(|state| self.is_same(state, &challenge.state)) {
            return Err(ProviderRefusal::Expired.into());
        }
        // Each of these makes the portal call the provider.
        let account = Account::token(&self.vault, &challenge.state.clone().into());
        let attempt = self.attempt(Guess::signed_out(GuessedSecret::ProviderCode, account, None, origin))?;
        if !provider.is_first_answer(pending.id(&self.vault)) {
            return Err(ProviderRefusal::Expired.into());
        }
        provider.check_issuer(answer.iss.as_deref()).await?;
        if let Some(error) = &answer.error {
            tracing::info!(error = %error.chars().take(80).collect::<String>().escape_default(), "the provider sent somebody back");
            return Err(ProviderRefusal::Cancelled.into());
        }
        let code = answer.code.as_ref().ok_or(ProviderRefusal::Unreadable)?;
        let identity = provider.identify(code, challenge.as_ref()).await?;
        attempt.give_back();
        match (pending.confirms, actor) {
            (None, _) => {
                let first = self.sign_in_at_provider(provider, &identity, origin).await?;
                Ok(CameBack::SignedIn { first: Box::new(first), hint: hint::seal(&self.vault, &identity.token)? })
            }
            (Some(person), Some(actor)) if actor.id() == person => {
                self.confirm_at_provider(provider, actor, &identity, pending.begun_at()).await?;
                Ok(CameBack::Confirmed)
            }
            // The session ended meanwhile, or somebody else signed in.
            (Some(_), _) => Err(ProviderRefusal::Expired.into()),
        }
    }

    /// Proves again who the person of the actor's session is. It takes no less than they signed in with.
    async fn confirm_at_provider(
        &self,
        provider: &Provider,
        actor: &Actor,
        identity: &Identity,
        begun_at: OffsetDateTime,
    ) -> Result<(), ProviderError> {
        let person = self.own_person(actor).await?;
        if person.subject != Some(identity.key()) {
            return Err(ProviderRefusal::SomebodyElse.into());
        }
        let skew = Duration::try_from(SKEW).unwrap_or_default();
        let second_factor = provider.gave_second_factor(identity);
        let needs_second_factor = !person.factors.is_empty() || actor.sign_in().second_factor;
        if identity.authenticated_at.is_none_or(|at| at < begun_at - skew) || needs_second_factor && !second_factor {
            return Err(ProviderRefusal::NotFresh.into());
        }
        let mut tx = self.store.write().await?;
        if let Some(own) = self.begin_renewal(&mut tx, person.id, actor.renewal()).await? {
            let proved = Some(Proved { with: SignedInWith::Provider, second_factor });
            own.finish(&mut tx, actor.entry_actor(), Action::SessionRenew, proved).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Where a browser is sent to end the session at the provider, with the cookie that it got when it signed in. `None`
    /// if the provider has no such page, or does not answer.
    pub async fn provider_sign_out(&self, hint: Option<&str>) -> Option<Url> {
        let token = hint.and_then(|hint| hint::open(&self.vault, hint));
        self.provider.as_ref()?.sign_out_url(&self.url_of("/login").ok()?, token.as_ref()).await
    }

    fn provider(&self) -> Result<&Provider, ProviderRefusal> {
        self.provider.as_ref().ok_or(ProviderRefusal::None)
    }

    fn pending(&self, cookie: Option<&str>) -> Option<Pending> {
        Pending::read(&self.vault, cookie?, self.now())
    }

    /// Compares keyed hashes, so that how long it takes says nothing about the text.
    fn is_same(&self, one: &str, other: &str) -> bool {
        let hash = |text: &str| self.vault.keyed_hash("comparison", [text.as_bytes()]);
        hash(one) == hash(other)
    }

    fn url_of(&self, path: &str) -> Result<String> {
        let url = self.settings.public_url.as_deref().ok_or_else(|| Error::Internal("no public URL".to_owned()))?;
        Ok(format!("{}{path}", url.trim_end_matches('/')))
    }
}

/// What is derived from a sign-in that has begun.
struct PendingChallenge {
    redirect: String,
    state: String,
    nonce: SecretString,
    verifier: SecretString,
}

impl PendingChallenge {
    fn of(portal: &Portal, pending: &Pending) -> Result<Self> {
        Ok(Self {
            redirect: portal.url_of(CALLBACK)?,
            state: pending.state(&portal.vault),
            nonce: pending.nonce(&portal.vault).into(),
            verifier: pending.verifier(&portal.vault).into(),
        })
    }

    fn as_ref(&self) -> Challenge<'_> {
        Challenge {
            redirect: &self.redirect,
            state: &self.state,
            nonce: self.nonce.expose_secret(),
            verifier: self.verifier.expose_secret(),
        }
    }
}
