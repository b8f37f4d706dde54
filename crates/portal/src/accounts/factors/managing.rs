//! How people add and remove their second factors. Each change ends every other session of the person, and the present one
//! gets a new id.

use secrecy::{ExposeSecret, SecretString};
use store::{Factor, FactorId, FactorKind, Person, StoredFactor};

use super::{recovery_codes, subject, totp::TotpKey};
use crate::{
    Actor, Error, FactorProblem, Portal, Result,
    accounts::{SignedInWith, people::about, renewal::Proved},
    audit::{Action, Draft, append},
    fields,
};

/// The most characters of a factor's name.
const LONGEST_NAME: usize = 60;
/// The most factors of a person.
const MOST_FACTORS: usize = 10;

/// A key for codes, as its person sees it once.
#[derive(Debug)]
pub struct NewTotp {
    /// The key, to be typed.
    pub key: SecretString,
    /// The address for apps on this device.
    pub uri: SecretString,
    /// The address as a QR code, an SVG element.
    pub svg: SecretString,
}

/// A factor before it is added.
pub(super) struct NewFactor {
    pub kind: FactorKind,
    pub name: String,
    /// What is sealed.
    pub secret: SecretString,
    pub credential_hash: Option<[u8; 32]>,
    pub used_up_to: i64,
}

impl Portal {
    /// The key for codes that the actor is setting up. It stays the same until it is confirmed, for half an hour.
    ///
    /// # Errors
    /// `FactorNeeded` if the actor has to prove first who they are.
    pub fn new_totp(&self, actor: &Actor) -> Result<NewTotp> {
        self.require_fresh_factor(actor, Action::FactorAdd)?;
        let key = match self.factor_setup.pending_keys.get(actor.id()) {
            Some(key) => key,
            None => {
                let key = TotpKey::new()?;
                self.factor_setup.pending_keys.keep(actor.id(), key.clone());
                key
            }
        };
        let uri = key.uri(actor.email());
        Ok(NewTotp { key: key.for_typing(), svg: TotpKey::svg(&uri)?, uri })
    }

    /// Adds an authenticator app, which the first code proves to have the key. With the first factor come recovery codes,
    /// which are shown once.
    ///
    /// # Errors
    /// `Invalid` if the code is wrong, `FactorNeeded` if the actor has to prove first who they are.
    pub async fn add_totp(&self, actor: &Actor, name: &str, code: &SecretString) -> Result<Option<Vec<SecretString>>> {
        self.require_fresh_factor(actor, Action::FactorAdd)?;
        let name = factor_name(name)?;
        let key = self.factor_setup.pending_keys.get(actor.id()).ok_or_else(|| FactorProblem::KeyExpired.of("code"))?;
        let code: String = code.expose_secret().chars().filter(|c| !c.is_whitespace()).collect();
        let step = key.step_of(&code, self.now(), 0)?.ok_or_else(|| FactorProblem::WrongFirstCode.of("code"))?;
        let secret = key.text().clone();
        let new = NewFactor { kind: FactorKind::Totp, name, secret, credential_hash: None, used_up_to: step };
        let added = self.add_factor(actor, new).await?;
        self.factor_setup.pending_keys.remove(actor.id());
        Ok(added)
    }

    /// Removes one of the actor's factors.
    ///
    /// # Errors
    /// `NotFound` if there is none with this id, `Invalid` if it is the last one and one is required, `FactorNeeded` if the
    /// actor has to prove first who they are.
    pub async fn remove_factor(&self, actor: &Actor, id: FactorId) -> Result<()> {
        self.require_fresh_factor(actor, Action::FactorRemove)?;
        let mut tx = self.store.write().await?;
        let person = store::people::by_id(&mut tx, actor.id()).await?.ok_or(Error::SignedOut)?;
        let known = store::factors::of_person(&mut tx, &person).await?;
        let factor = known.into_iter().find(|stored| stored.factor.id == id).ok_or(Error::NotFound)?.factor;
        let left = person.factors.iter().copied().filter(|known| *known != id).collect::<Vec<_>>();
        if left.is_empty() && self.requires_factor(actor) {
            return Err(FactorProblem::LastFactor.of("factor"));
        }
        let changed = Person { factors: left, ..person };
        let told = append(&mut tx, told(actor, Action::FactorRemove, &changed, &factor)).await?;
        store::people::set_factors(&mut tx, &changed, &told).await?;
        store::factors::remove(&mut tx, id).await?;
        if changed.factors.is_empty() {
            store::recovery_codes::remove(&mut tx, changed.id).await?;
        }
        self.end_after_change(&mut tx, actor.entry_actor(), actor.renewal(), &changed, Action::FactorRemove, None)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives the actor ten new recovery codes in place of the earlier ones.
    ///
    /// # Errors
    /// `Invalid` if the actor has no second factor, `FactorNeeded` if the actor has to prove first who they are.
    pub async fn new_recovery_codes(&self, actor: &Actor) -> Result<Vec<SecretString>> {
        self.require_fresh_factor(actor, Action::RecoveryCreate)?;
        let mut tx = self.store.write().await?;
        let person = store::people::by_id(&mut tx, actor.id()).await?.ok_or(Error::SignedOut)?;
        if person.factors.is_empty() {
            return Err(FactorProblem::NoFactor.of("recovery"));
        }
        let codes = recovery_codes::issue(&mut tx, &self.vault, actor, &person).await?;
        tx.commit().await?;
        Ok(codes)
    }

    pub(super) async fn add_factor(&self, actor: &Actor, new: NewFactor) -> Result<Option<Vec<SecretString>>> {
        let mut tx = self.store.write().await?;
        let person = store::people::by_id(&mut tx, actor.id()).await?;
        let mut person = person.filter(|person| person.disabled_at.is_none()).ok_or(Error::SignedOut)?;
        // The session that sends this has ended since, by a change of the factors in another one.
        if person.factors.is_empty() == actor.has_factor() {
            return Err(Error::SignedOut);
        }
        if person.factors.len() >= MOST_FACTORS {
            return Err(FactorProblem::TooManyFactors { most: MOST_FACTORS }.of("name"));
        }
        if let Some(hash) = &new.credential_hash
            && store::factors::is_known(&mut tx, hash).await?
        {
            return Err(FactorProblem::PasskeyKnown.of("passkey"));
        }
        let is_first = person.factors.is_empty();
        let with = match new.kind {
            FactorKind::Totp => SignedInWith::Password,
            FactorKind::Passkey => SignedInWith::Passkey,
        };
        let factor = Factor {
            id: FactorId::new(),
            person: person.id,
            kind: new.kind,
            name: new.name,
            created_at: self.now(),
            last_used_at: None,
        };
        person.factors.push(factor.id);
        let sealed = self.vault.seal_for(&subject(factor.id), &new.secret)?;
        let told = append(&mut tx, told(actor, Action::FactorAdd, &person, &factor)).await?;
        store::people::set_factors(&mut tx, &person, &told).await?;
        let stored = StoredFactor { factor, sealed, used_up_to: new.used_up_to };
        store::factors::insert(&mut tx, &stored, new.credential_hash.as_ref().map(<[u8; 32]>::as_slice), &told).await?;
        let recovery_codes = match is_first {
            true => Some(recovery_codes::issue(&mut tx, &self.vault, actor, &person).await?),
            false => None,
        };
        // What was just set up was given as well.
        let proved = Some(Proved { with, second_factor: true });
        self.end_after_change(&mut tx, actor.entry_actor(), actor.renewal(), &person, Action::FactorAdd, proved)
            .await?;
        tx.commit().await?;
        Ok(recovery_codes)
    }
}

/// The name of a factor, if the text can be one.
pub(super) fn factor_name(text: &str) -> Result<String> {
    fields::name(text, LONGEST_NAME).map_err(|problem| problem.of("name"))
}

/// The entry about a person's factor.
fn told(actor: &Actor, action: Action, person: &Person, factor: &Factor) -> Draft {
    about(Draft::recorded(actor.entry_actor(), action), person)
        .parameter("factor", factor.id)
        .parameter("kind", factor.kind)
        .parameter("name", &factor.name)
}
