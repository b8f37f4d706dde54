//! Sessions. The database has the keyed hash of a session's id instead of the id.

use secrecy::{ExposeSecret, SecretString};
use store::{SessionFacts, SessionKey, SignIn, SignedInWith};
use time::{Duration, OffsetDateTime};

use crate::{
    Actor, Error, Origin, PersonId, Portal, Result,
    actor::signing_in,
    audit::{Action, Draft, Target, TargetType, append, instant_text},
};

/// When a session ends, even if it is in use.
pub const SESSION_LENGTH: Duration = Duration::hours(12);
/// How often the time of a session's last use is written.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// A valid session.
#[derive(Clone, Debug)]
pub struct GoodSession {
    /// The person.
    pub actor: Actor,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

impl GoodSession {
    /// How the person signed in.
    #[must_use]
    pub fn sign_in(&self) -> &SignIn {
        self.actor.sign_in()
    }
}

/// Proof that a person has just authenticated, and how. Only signing in, setting up and joining make one.
#[derive(Clone, Debug)]
pub struct Proof {
    pub(super) person: PersonId,
    pub(super) with: SignedInWith,
    /// Whether a second factor was given as well.
    pub(super) second_factor: bool,
}

impl Proof {
    /// Proof by a password alone.
    pub(super) const fn by_password(person: PersonId) -> Self {
        Self { person, with: SignedInWith::Password, second_factor: false }
    }

    /// The person.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.person
    }
}

impl Portal {
    /// The key of the session with this id.
    #[must_use]
    pub fn session_key(&self, id: &SecretString) -> SessionKey {
        SessionKey::from_hash(self.vault.keyed_hash("session", [id.expose_secret().as_bytes()]))
    }

    /// The session with this key, if it is valid. Costs one read, and once a minute a write in the background.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn session(&self, key: &SessionKey) -> Result<Option<GoodSession>> {
        let now = OffsetDateTime::now_utc();
        let loaded = Actor::load(&mut self.store.read().await?, key, now).await?;
        let Some(loaded) = loaded else { return Ok(None) };
        if now - loaded.last_used_at >= NOTED_EVERY {
            // In the background: the request must not wait for the writer.
            let (store, key) = (self.store.clone(), key.clone());
            self.running.spawn(async move {
                let noted = async {
                    let mut tx = store.write().await?;
                    store::sessions::touch(&mut tx, &key, now).await?;
                    tx.commit().await
                };
                if let Err(error) = noted.await {
                    tracing::warn!(%error, "cannot write the time of a session's last use");
                }
            });
        }
        Ok(Some(GoodSession { actor: loaded.actor, expires_at: loaded.expires_at }))
    }

    /// The actor's own sessions, the most recently used first.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionFacts>> {
        let now = OffsetDateTime::now_utc();
        Ok(store::sessions::list(&mut self.store.read().await?, actor.id(), now).await?)
    }

    /// Begins a session for a person who has just authenticated.
    ///
    /// # Errors
    /// `LogUnavailable` if the session's entry cannot be written, `HungUp` if the sender of the request left before its
    /// turn.
    pub async fn begin_session(&self, proof: &Proof, key: &SessionKey, origin: &Origin) -> Result<()> {
        let now = OffsetDateTime::now_utc();
        let _place = self.hasher.place().await?;
        let origin = Origin { session: Some(key.label()), ..origin.clone() };
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let person = store::people::by_id(&mut tx, proof.person).await?.ok_or(Error::NotFound)?;
        store::sessions::remove_expired(&mut tx, now).await?;
        let expires_at = now + SESSION_LENGTH;
        let draft = Draft::recorded(signing_in(&person, &origin), Action::SessionStart)
            .target(session_target(&key.label()))
            .parameter("expires_at", instant_text(expires_at))
            .parameter("signed_in_with", proof.with)
            .parameter("second_factor", proof.second_factor)
            .parameter("kept", false);
        let told = append(&mut tx, draft).await.map_err(Error::LogUnavailable)?;
        let sign_in = SignIn { with: proof.with, second_factor: proof.second_factor, factor_at: told.at, kept: false };
        store::sessions::insert(&mut tx, key, person.id, &sign_in, &origin, &told, expires_at).await?;
        tx.commit().await.map_err(Error::LogUnavailable)
    }

    /// Ends the session with this key.
    ///
    /// # Errors
    /// `Store` if the database cannot be written. The session is still valid then.
    pub async fn sign_out(&self, actor: &Actor, key: &SessionKey) -> Result<()> {
        let mut tx = self.store.write().await?;
        if store::sessions::remove(&mut tx, key).await? {
            append(&mut tx, ended(actor, &key.label())).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends one of the actor's own sessions. Returns whether there was one with this label.
    ///
    /// # Errors
    /// `Store` if the database cannot be written.
    pub async fn revoke_session(&self, actor: &Actor, label: &str) -> Result<bool> {
        let mut tx = self.store.write().await?;
        let found = store::sessions::remove_by_label(&mut tx, actor.id(), label).await?;
        if found {
            append(&mut tx, ended(actor, label)).await?;
        }
        tx.commit().await?;
        Ok(found)
    }
}

fn ended(actor: &Actor, label: &str) -> Draft {
    Draft::recorded(actor.entry_actor(), Action::SessionEnd).target(session_target(label))
}

fn session_target(label: &str) -> Target {
    Target::new(TargetType::Session, label, None)
}
