//! Between the password, or the provider, and the second factor: the person is not signed in. What the browser holds
//! meanwhile is a token that proves the first step, for five minutes. It is void as soon as there is a newer entry about the person,
//! such as another password.

use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use store::Person;
use time::Duration;

use super::{Challenge, Given, checking::Giver};
use crate::{Origin, PersonId, Portal, Result, accounts::Proof, random_secret::random_secret};

/// How long the second step may take.
pub const SECOND_STEP_FOR: Duration = Duration::minutes(5);

/// What a password, a one-time link or the provider's word is worth.
#[derive(Debug)]
pub enum FirstStep {
    /// The person is who they say: they have no second factor.
    Proved(Proof),
    /// The person has to give a second factor.
    NeedsFactor(SecondStep),
}

impl FirstStep {
    /// What the proof of a first step is worth.
    pub(in crate::accounts) fn of(person: Person, proof: Proof) -> Self {
        // The provider may have checked a second factor already.
        if person.factors.is_empty() || proof.second_factor {
            Self::Proved(proof)
        } else {
            Self::NeedsFactor(SecondStep { person, first: proof })
        }
    }

    /// The proof of somebody who has no second factor, for tests.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    #[expect(clippy::missing_panics_doc, clippy::panic, reason = "for tests")]
    pub fn proof(self) -> Proof {
        match self {
            Self::Proved(proof) => proof,
            Self::NeedsFactor(step) => panic!("{} has a second factor", step.person.name),
        }
    }

    /// The same for a person who wants to stay signed in when the browser is closed.
    #[must_use]
    pub fn to_keep(self) -> Self {
        match self {
            Self::Proved(proof) => Self::Proved(proof.to_keep()),
            Self::NeedsFactor(SecondStep { person, first }) => {
                Self::NeedsFactor(SecondStep { person, first: first.to_keep() })
            }
        }
    }
}

/// Somebody whose password was right, and who has to give a second factor.
#[derive(Clone, Debug)]
pub struct SecondStep {
    person: Person,
    first: Proof,
}

impl SecondStep {
    /// The person.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person.id
    }
}

impl Portal {
    /// The token for the browser of somebody who has to give a second factor.
    ///
    /// # Errors
    /// If the system provides no random bytes.
    pub fn second_step_token(&self, step: &SecondStep) -> Result<SecretString> {
        let until = (self.now() + SECOND_STEP_FOR).unix_timestamp();
        let nonce = random_secret("")?;
        let Proof { person, as_of, keep, with, .. } = step.first;
        let text = format!("{person}.{as_of}.{keep}.{with}.{until}.{}", nonce.expose_secret());
        Ok(format!("{text}.{}", hex::encode(self.second_step_hash(&text))).into())
    }

    /// Who has to give a second factor, if the portal made this token less than five minutes ago and nothing about the
    /// person has changed since.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn second_step(&self, token: &SecretString) -> Result<Option<SecondStep>> {
        let Some((text, hashed)) = token.expose_secret().rsplit_once('.') else { return Ok(None) };
        // Hashed once more, so that how long the comparison takes says nothing about the hash itself.
        let again = |text: &str| self.vault.keyed_hash("comparison", [text.as_bytes()]);
        if again(&hex::encode(self.second_step_hash(text))) != again(hashed) {
            return Ok(None);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let &[person, as_of, keep, with, until, _] = &parts[..] else { return Ok(None) };
        let (Ok(id), Ok(as_of), Ok(until)) = (PersonId::from_str(person), as_of.parse(), until.parse::<i64>()) else {
            return Ok(None);
        };
        let Ok(with) = with.parse() else { return Ok(None) };
        let left = until - self.now().unix_timestamp();
        if !(1..=SECOND_STEP_FOR.whole_seconds()).contains(&left) {
            return Ok(None);
        }
        let mut conn = self.store.read().await?;
        let Some(person) = store::people::by_id(&mut conn, id).await? else { return Ok(None) };
        let is_same = store::people::recorded_in(&mut conn, id).await? == Some(as_of);
        let proof = Proof { with, ..Proof::by_password(id, as_of) };
        let first = if keep == "true" { proof.to_keep() } else { proof };
        let waits = is_same && person.disabled_at.is_none() && !person.factors.is_empty();
        Ok(waits.then_some(SecondStep { person, first }))
    }

    /// Checks the second factor of somebody whose password was right.
    ///
    /// # Errors
    /// `Invalid` if it is wrong or was used, `TooManyAttempts` after too many wrong ones.
    pub async fn finish_sign_in(&self, step: &SecondStep, given: Given, origin: &Origin) -> Result<Proof> {
        self.check_factor(&step.person, Giver::SigningIn(origin), given).await?;
        Ok(step.first.clone().and_second_factor())
    }

    /// A challenge for the person's passkeys, if they have one.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn challenge_for_second_step(&self, step: &SecondStep) -> Result<Option<Challenge>> {
        self.challenge_for(&step.person).await
    }

    fn second_step_hash(&self, text: &str) -> [u8; 32] {
        self.vault.keyed_hash("second step of a sign-in", [text.as_bytes()])
    }
}
