//! Sessions: how one is known without its id being kept, and who is behind it.

use crate::actor::signing_in;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use store::SessionFacts;
use store::SessionKey;
use time::{Duration, OffsetDateTime};

use crate::{
    Actor, Error, Origin, PersonId, Portal, Result,
    audit::{Action, Draft, Target, TargetType, append},
};

/// How long a session lasts, whatever is done in it.
pub const SESSION_LENGTH: Duration = Duration::hours(12);
/// How often the last use of a session is noted.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// A good session: whose, and until when.
#[derive(Clone, Debug)]
pub struct GoodSession {
    /// The person.
    pub actor: Actor,
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
}

/// That somebody has just proved who he or she is. Only signing in, setting up and joining make one.
#[derive(Clone, Debug)]
pub struct Proof {
    pub(super) person: PersonId,
}

/// The key of the session with this id.
#[must_use]
pub fn session_key(id: &SecretString) -> SessionKey {
    SessionKey::from_hash(Sha256::digest(id.expose_secret().as_bytes()).into())
}

impl Portal {
    /// The session of this key, if it is good: one read, and once a minute a note of its use.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(&self, key: &SessionKey) -> Result<Option<GoodSession>> {
        let now = OffsetDateTime::now_utc();
        let loaded = Actor::load(&mut self.store.read().await?, key, now).await?;
        let Some(loaded) = loaded else { return Ok(None) };
        if now - loaded.last_used_at >= NOTED_EVERY {
            // Beside the request: a reader never waits for the writer.
            let (store, key) = (self.store.clone(), key.clone());
            self.running.spawn(async move {
                let noted = async {
                    let mut tx = store.write().await?;
                    store::sessions::touch(&mut tx, &key, now).await?;
                    tx.commit().await
                };
                if let Err(error) = noted.await {
                    tracing::warn!(%error, "the use of a session could not be noted");
                }
            });
        }
        Ok(Some(GoodSession { actor: loaded.actor, expires_at: loaded.expires_at }))
    }

    /// The actor's own sessions, the most recently used first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<SessionFacts>> {
        let now = OffsetDateTime::now_utc();
        Ok(store::sessions::list(&mut self.store.read().await?, actor.id(), now).await?)
    }

    /// Begins a session for a person who has just proved who he or she is.
    ///
    /// # Errors
    /// `LogUnavailable` when the session's entry cannot be written: nobody comes in unseen.
    pub async fn begin_session(&self, proof: &Proof, key: &SessionKey, origin: &Origin) -> Result<()> {
        let now = OffsetDateTime::now_utc();
        let origin = Origin { session: Some(key.label()), ..origin.clone() };
        let mut tx = self.store.write().await.map_err(Error::LogUnavailable)?;
        let person = store::people::by_id(&mut tx, proof.person).await?.ok_or(Error::NotFound)?;
        store::sessions::remove_expired(&mut tx, now).await?;
        store::sessions::insert(&mut tx, key, person.id, &origin, now, now + SESSION_LENGTH).await?;
        let draft =
            Draft::recorded(signing_in(&person, &origin), Action::SessionStart).target(session_target(&key.label()));
        append(&mut tx, draft).await.map_err(Error::LogUnavailable)?;
        tx.commit().await.map_err(Error::LogUnavailable)
    }

    /// Signs the actor out: the session of this key opens nothing from now on.
    ///
    /// # Errors
    /// When the database cannot be written; the session then still stands.
    pub async fn sign_out(&self, actor: &Actor, key: &SessionKey) -> Result<()> {
        let mut tx = self.store.write().await?;
        if store::sessions::remove(&mut tx, key).await? {
            append(&mut tx, ended(actor, &key.label())).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Revokes one of the actor's own sessions by its label; says whether there was one.
    ///
    /// # Errors
    /// When the database cannot be written.
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
    Target::new(TargetType::Session, label, Some(&format!("session {label}")))
}
