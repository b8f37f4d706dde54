//! Passkeys (WebAuthn), as a second factor and alone. Each asks the device to verify its user, by fingerprint, face or PIN,
//! so that a passkey alone is two factors. A challenge works once.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use store::{FactorKind, Person, Sealed, StoredFactor};
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, Passkey, PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};

use super::{
    Challenge,
    challenges::{Stranger, Waiting},
    managing::{NewFactor, factor_name},
    subject,
};
use crate::{
    Actor, Error, FactorProblem, Origin, PersonId, Portal, Result,
    accounts::{
        Proof,
        attempts::{Account, Guess, GuessedSecret},
    },
    actor::signed_out,
    audit::{Action, Draft, Outcome},
    gathering::{Group, Who},
    vault::Vault,
};

/// What the challenges of the sign-in page are sealed for.
const CHALLENGE: &str = "passkey challenge v1";

impl Portal {
    /// A challenge for a new passkey of the actor.
    ///
    /// # Errors
    /// `FactorNeeded` if the actor has to prove first who they are, `Invalid` if there are no passkeys at this address.
    pub async fn challenge_for_new_passkey(&self, actor: &Actor) -> Result<Challenge> {
        self.require_fresh_factor(actor, Action::FactorAdd)?;
        let webauthn = self.factor_setup.passkeys.webauthn()?;
        let known = self.passkeys_of(&self.own_person(actor).await?).await?;
        let exclude = known.iter().map(|(_, passkey)| passkey.cred_id().clone()).collect();
        let (options, state) = webauthn
            .start_passkey_registration(uuid_of(actor.id())?, actor.email(), actor.name(), Some(exclude))
            .map_err(internal)?;
        // The library discourages the device from keeping the passkey, but only a kept one works without a password.
        let mut options = serde_json::to_value(&options).map_err(|error| Error::Internal(error.to_string()))?;
        if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
            selection["residentKey"] = "preferred".into();
        }
        Ok(Challenge {
            options: options.to_string(),
            id: self.factor_setup.passkeys.keep(Waiting::New(actor.id(), Arc::new(state))),
        })
    }

    /// Adds a passkey.
    ///
    /// # Errors
    /// `Invalid` if the answer does not fit the challenge, `FactorNeeded` if the actor has to prove first who they are.
    pub async fn add_passkey(
        &self,
        actor: &Actor,
        name: &str,
        challenge: &str,
        answer: &str,
    ) -> Result<Option<Vec<SecretString>>> {
        self.require_fresh_factor(actor, Action::FactorAdd)?;
        let (name, webauthn) = (factor_name(name)?, self.factor_setup.passkeys.webauthn()?);
        let state = match self.factor_setup.passkeys.take(challenge) {
            Some(Waiting::New(person, state)) if person == actor.id() => state,
            _ => return Err(FactorProblem::ChallengeOver.of("passkey")),
        };
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(|_| refused())?;
        let passkey = webauthn.finish_passkey_registration(&answer, &state).map_err(|error| not_taken(&error))?;
        let new = NewFactor {
            kind: FactorKind::Passkey,
            name,
            secret: json(&passkey)?.into(),
            credential_hash: Some(credential_hash(&self.vault, passkey.cred_id())),
            used_up_to: 0,
        };
        self.add_factor(actor, new).await
    }

    /// A challenge for a person's passkeys, if they have any.
    pub(super) async fn challenge_for(&self, person: &Person) -> Result<Option<Challenge>> {
        let Ok(webauthn) = self.factor_setup.passkeys.webauthn() else { return Ok(None) };
        let known: Vec<Passkey> = self.passkeys_of(person).await?.into_iter().map(|(_, passkey)| passkey).collect();
        if known.is_empty() {
            return Ok(None);
        }
        let (options, state) = webauthn.start_passkey_authentication(&known).map_err(internal)?;
        let id = self.factor_setup.passkeys.keep(Waiting::Known(person.id, Arc::new(state)));
        Ok(Some(Challenge { id, options: json(&options)? }))
    }

    /// Whether the answer is one of a person's passkeys to this challenge.
    pub(super) async fn check_passkey(&self, person: &Person, challenge: &str, answer: &str) -> Result<bool> {
        let Some(Waiting::Known(of, state)) = self.factor_setup.passkeys.take(challenge) else { return Ok(false) };
        let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else { return Ok(false) };
        if of != person.id {
            return Ok(false);
        }
        let checked = self.factor_setup.passkeys.webauthn()?.finish_passkey_authentication(&answer, &state);
        self.note_passkey_use(person, checked).await
    }

    /// A challenge for signing in with a passkey alone. `None` if there are no passkeys at this address.
    ///
    /// # Errors
    /// `Internal` if none can be made.
    pub fn challenge_for_sign_in(&self) -> Result<Option<Challenge>> {
        let Ok(webauthn) = self.factor_setup.passkeys.webauthn() else { return Ok(None) };
        let (mut options, state) = webauthn.start_discoverable_authentication().map_err(internal)?;
        // A button asks for it, not the field for the e-mail.
        options.mediation = None;
        let stranger = Stranger { id: Uuid::new_v4(), at: self.now().unix_timestamp(), state };
        let sealed = self.vault.seal_for(CHALLENGE, &json(&stranger)?.into())?;
        let id = format!("{}.{}", URL_SAFE_NO_PAD.encode(&sealed.nonce), URL_SAFE_NO_PAD.encode(&sealed.bytes));
        Ok(Some(Challenge { id, options: json(&options)? }))
    }

    /// Signs somebody in with a passkey alone.
    ///
    /// # Errors
    /// `Invalid` if the answer is no person's passkey, `TooManyAttempts` after too many of those.
    pub async fn sign_in_with_passkey(&self, challenge: &str, answer: &str, origin: &Origin) -> Result<Proof> {
        let account = Account::token(&self.vault, &challenge.into());
        let attempt = self.attempt(Guess::signed_out(GuessedSecret::SecondFactor, account, None, origin))?;
        if let Some(proof) = self.check_stranger(challenge, answer).await? {
            attempt.give_back();
            return Ok(proof);
        }
        let group = Group { who: Who::signed_out(None, origin.ip), action: Action::FactorRefuse, team: None };
        let mut draft = Draft::recorded(signed_out(origin), Action::FactorRefuse);
        draft.outcome = Some(Outcome::Rejected);
        self.gatherer.count(group, draft);
        Err(refused())
    }

    async fn check_stranger(&self, challenge: &str, answer: &str) -> Result<Option<Proof>> {
        let webauthn = self.factor_setup.passkeys.webauthn()?;
        let Some(stranger) = self.open_challenge(challenge) else {
            return Err(FactorProblem::ChallengeOver.of("passkey"));
        };
        let Ok(answer) = serde_json::from_str::<PublicKeyCredential>(answer) else { return Ok(None) };
        let Ok((user, credential)) = webauthn.identify_discoverable_authentication(&answer) else { return Ok(None) };
        let Ok(id) = user.to_string().parse::<PersonId>() else { return Ok(None) };
        // Read before the passkey is checked, so that the proof is void if the person changes meanwhile.
        let (person, as_of) = {
            let mut conn = self.store.read().await?;
            let as_of = store::people::recorded_in(&mut conn, id).await?;
            (store::people::by_id(&mut conn, id).await?, as_of)
        };
        // Whoever leaves the provider is not to come in past it.
        let person = person.filter(|person| person.disabled_at.is_none() && person.subject.is_none());
        let (Some(person), Some(as_of)) = (person, as_of) else { return Ok(None) };
        let known = self.passkeys_of(&person).await?;
        let Some((_, passkey)) = known.iter().find(|(_, passkey)| passkey.cred_id().as_slice() == credential) else {
            return Ok(None);
        };
        let checked = webauthn.finish_discoverable_authentication_v2(&answer, stranger.state, passkey);
        // Only who has the passkey can use a challenge up, so that nobody can fill the memory of used ones.
        if checked.is_ok() && !self.factor_setup.passkeys.is_first_answer(stranger.id) {
            return Ok(None);
        }
        let is_right = self.note_passkey_use(&person, checked).await?;
        Ok(is_right.then(|| Proof::by_passkey(person.id, as_of)))
    }

    fn open_challenge(&self, challenge: &str) -> Option<Stranger> {
        let (nonce, bytes) = challenge.split_once('.')?;
        let (nonce, bytes) = (URL_SAFE_NO_PAD.decode(nonce).ok()?, URL_SAFE_NO_PAD.decode(bytes).ok()?);
        let sealed = Sealed { key_id: self.vault.key_id().to_owned(), nonce, bytes };
        let opened = self.vault.open_for(CHALLENGE, &sealed).ok()?;
        let stranger: Stranger = serde_json::from_str(opened.expose_secret()).ok()?;
        self.factor_setup.passkeys.is_valid(stranger.at).then_some(stranger)
    }

    /// A person's passkeys.
    async fn passkeys_of(&self, person: &Person) -> Result<Vec<(StoredFactor, Passkey)>> {
        let stored = store::factors::of_person(&mut self.store.read().await?, person).await?;
        let passkeys = stored.into_iter().filter(|stored| stored.factor.kind == FactorKind::Passkey);
        passkeys.map(|stored| Ok((stored.clone(), self.passkey(&stored)?))).collect()
    }

    fn passkey(&self, stored: &StoredFactor) -> Result<Passkey> {
        let opened = self.vault.open_for(&subject(stored.factor.id), &stored.sealed)?;
        serde_json::from_str(opened.expose_secret()).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Notes the signature counter, by which a copy of a passkey is noticed. Returns whether the answer was right: not if
    /// the same counter was used at the same time.
    async fn note_passkey_use(
        &self,
        person: &Person,
        checked: std::result::Result<AuthenticationResult, WebauthnError>,
    ) -> Result<bool> {
        let result = match checked {
            Ok(result) if result.user_verified() => result,
            Ok(_) => return Ok(false),
            Err(error) => {
                if matches!(error, WebauthnError::CredentialPossibleCompromise) {
                    tracing::warn!(person = %person.id, "a passkey's counter went back: it may have been copied");
                }
                tracing::debug!(%error, "a passkey was refused");
                return Ok(false);
            }
        };
        let mut tx = self.store.write().await?;
        for stored in store::factors::of_person(&mut tx, person).await? {
            if stored.factor.kind != FactorKind::Passkey {
                continue;
            }
            let mut passkey = self.passkey(&stored)?;
            let Some(is_changed) = passkey.update_credential(&result) else { continue };
            let counter = i64::from(result.counter());
            // Read again: another request may have used this counter since the answer was checked.
            if counter > 0 && counter <= stored.used_up_to {
                return Ok(false);
            }
            let is_first =
                store::factors::advance(&mut tx, &stored, counter.max(stored.used_up_to), self.now()).await?;
            if is_changed {
                let sealed = self.vault.seal_for(&subject(stored.factor.id), &json(&passkey)?.into())?;
                store::factors::reseal(&mut tx, stored.factor.id, &sealed).await?;
            }
            tx.commit().await?;
            return Ok(is_first);
        }
        Ok(false)
    }
}

/// The keyed hash of a passkey's id, by which one is recognised that is known already.
fn credential_hash(vault: &Vault, id: &[u8]) -> [u8; 32] {
    vault.keyed_hash("passkey", [id])
}

fn refused() -> Error {
    FactorProblem::PasskeyRefused.of("passkey")
}

fn not_taken(error: &WebauthnError) -> Error {
    tracing::debug!(%error, "a new passkey was refused");
    refused()
}

fn internal(error: WebauthnError) -> Error {
    Error::Internal(format!("passkeys: {error}"))
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))
}

/// A person's id as passkeys keep it. It says nothing about the person.
fn uuid_of(id: PersonId) -> Result<Uuid> {
    Uuid::try_parse(&id.to_string()).map_err(|error| Error::Internal(error.to_string()))
}
