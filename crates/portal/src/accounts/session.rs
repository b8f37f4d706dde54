//! Sessions: beginning, reading and listing them. The database has the keyed hash of a session's id instead of the id.

use secrecy::{ExposeSecret, SecretString};
use store::{Alive, NewSession, SessionFacts, SessionKey, SignIn, SignedInWith, Version, Write};

use super::{
    session_entries::{Ended, described, ended, session_target},
    session_settings::SessionSettings,
};
use crate::{
    Actor, Error, Origin, PersonId, Portal, Problem, Result,
    actor::signing_in,
    audit::{Action, Draft, append},
};

/// The most sessions of one person. The oldest ends when another begins.
pub const MOST_SESSIONS: usize = 10;

/// A valid session.
#[derive(Clone, Debug)]
pub struct GoodSession {
    /// The person.
    pub actor: Actor,
    /// The session.
    pub facts: SessionFacts,
    /// The version of the database in which it was found.
    pub seen: Version,
}

/// Proof that a person has just authenticated, and how. Only signing in, setting up and joining make one.
#[derive(Clone, Debug)]
pub struct Proof {
    pub(super) person: PersonId,
    /// The newest entry about the person when it was checked. If there is another since, the proof is void: the person may
    /// have been disabled, or have another password.
    pub(super) as_of: i64,
    pub(super) with: SignedInWith,
    /// Whether a second factor was given as well.
    pub(super) second_factor: bool,
    /// Whether the person wants to stay signed in when the browser is closed.
    pub(super) keep: bool,
}

impl Proof {
    /// Proof by a password alone.
    pub(super) const fn by_password(person: PersonId, as_of: i64) -> Self {
        Self { person, as_of, with: SignedInWith::Password, second_factor: false, keep: false }
    }

    /// Proof by the provider, with a second factor if it checked one that the settings trust.
    pub(super) const fn by_provider(person: PersonId, as_of: i64, second_factor: bool) -> Self {
        Self { person, as_of, with: SignedInWith::Provider, second_factor, keep: false }
    }

    /// Proof by a passkey alone, which the device gave only after it had verified its user.
    pub(super) const fn by_passkey(person: PersonId, as_of: i64) -> Self {
        Self { person, as_of, with: SignedInWith::Passkey, second_factor: true, keep: false }
    }

    /// The same, with a second factor.
    pub(super) const fn and_second_factor(self) -> Self {
        Self { second_factor: true, ..self }
    }

    /// The person.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// The same proof, of a person who wants to stay signed in when the browser is closed. It counts only where the
    /// setting allows it.
    #[must_use]
    pub const fn to_keep(self) -> Self {
        Self { keep: true, ..self }
    }
}

impl Portal {
    /// The key of the session with this id.
    #[must_use]
    pub fn session_key(&self, id: &SecretString) -> SessionKey {
        SessionKey::from_hash(self.vault.keyed_hash("session", [id.expose_secret().as_bytes()]))
    }

    /// How long sessions last.
    #[must_use]
    pub fn session_settings(&self) -> SessionSettings {
        self.settings.sessions
    }

    pub(super) fn alive(&self) -> Alive {
        self.settings.sessions.alive(self.now())
    }

    /// The session with this key, if it is valid. Costs one read if anything was committed since the last.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn session(&self, key: &SessionKey) -> Result<Option<GoodSession>> {
        let alive = self.alive();
        let seen = self.store.version().await?;
        let read = async {
            let loaded = Actor::load(&mut self.store.read().await?, key, alive).await?;
            Ok(loaded.map(|(actor, facts)| GoodSession { actor, facts, seen }))
        };
        let found = self.kept.find_at(seen, key.clone(), read).await?;
        // Sessions end by time as well.
        Ok(found
            .filter(|session| alive.holds(&session.facts))
            .map(|session| GoodSession { seen, ..GoodSession::clone(&session) }))
    }

    /// The actor's own sessions, the most recently used first.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionFacts>> {
        Ok(store::sessions::list(&mut self.store.read().await?, actor.id(), self.alive()).await?)
    }

    /// Begins a session for a person who has just authenticated.
    ///
    /// # Errors
    /// `Invalid` if the person was disabled or changed since, `LogUnavailable` if the session's entry cannot be written,
    /// `HungUp` if the sender of the request left before its turn.
    pub async fn begin_session(&self, proof: &Proof, key: &SessionKey, origin: &Origin) -> Result<SessionFacts> {
        let settings = self.settings.sessions;
        let _place = self.hasher.place().await?;
        let origin = Origin { session: Some(key.label()), ..origin.clone() };
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let person = store::people::by_id(&mut tx, proof.person).await?.ok_or(Error::NotFound)?;
        let as_of = store::people::recorded_in(&mut tx, proof.person).await?;
        if person.disabled_at.is_some() || as_of != Some(proof.as_of) {
            return Err(Problem::SignInRefused.of("password"));
        }
        let alive = self.alive();
        store::sessions::remove_ended(&mut tx, alive).await?;
        end_oldest(&mut tx, &person, &origin, alive).await?;
        let kept = proof.keep && settings.offers_keeping();
        let expires_at = alive.now + if kept { settings.kept } else { settings.length };
        let draft = Draft::recorded(signing_in(&person, &origin), Action::SessionStart);
        let sign_in = SignIn { with: proof.with, second_factor: proof.second_factor, factor_at: alive.now, kept };
        let told = append(&mut tx, described(draft, &key.label(), key, &sign_in, expires_at))
            .await
            .map_err(Error::LogUnavailable)?;
        let sign_in = SignIn { factor_at: told.at, ..sign_in };
        let new = NewSession { key, person: person.id, sign_in, origin: &origin, expires_at };
        store::sessions::insert(&mut tx, &new, &told).await?;
        tx.commit().await.map_err(Error::LogUnavailable)?;
        Ok(SessionFacts {
            key: key.clone(),
            label: key.label(),
            created_at: told.at,
            last_used_at: told.at,
            expires_at,
            sign_in,
            ip: origin.ip.map(|ip| ip.to_string()),
            user_agent: origin.user_agent,
            elsewhere: None,
        })
    }
}

/// Ends the oldest sessions of a person, so that there is room for another.
async fn end_oldest(tx: &mut Write, person: &store::Person, origin: &Origin, alive: Alive) -> Result<()> {
    let mut sessions = store::sessions::list(tx, person.id, alive).await?;
    sessions.sort_by_key(|session| session.created_at);
    let too_many = (sessions.len() + 1).saturating_sub(MOST_SESSIONS);
    for session in &sessions[..too_many] {
        store::sessions::remove(tx, &session.key).await?;
        append(tx, ended(signing_in(person, origin), session_target(&session.label), Ended::TooMany))
            .await
            .map_err(Error::LogUnavailable)?;
    }
    Ok(())
}
