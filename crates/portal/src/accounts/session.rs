//! Sessions: how one is known without its id being kept, and who is behind it.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::{
    Actor, Error, Origin, PersonId, Portal, Result,
    audit::{Action, Draft, Target, TargetType, append},
    store::{self, StoreError},
};

/// How long a session lasts, whatever is done in it.
pub const SESSION_LENGTH: Duration = Duration::hours(12);
/// How often the last use of a session is noted.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// The hash of a session's id. It finds the session in the database and opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key of a session with this id.
    #[must_use]
    pub fn of(id: &SecretString) -> Self {
        Self(Sha256::digest(id.expose_secret().as_bytes()).into())
    }

    pub(crate) const fn from_hash(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// A name for the session in lists and in the log: 16 hexadecimal digits.
    #[must_use]
    pub fn label(&self) -> String {
        hex::encode(&self.0[..8])
    }
}

/// What a person may know of his or her sessions.
#[derive(Clone, Debug)]
pub struct SessionFacts {
    /// Names it; opens nothing.
    pub label: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was last used, to the minute.
    pub last_used_at: OffsetDateTime,
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
    /// The address that it was begun from.
    pub ip: Option<String>,
    /// The browser that it was begun with.
    pub user_agent: Option<String>,
}

/// A good session: whose, and until when.
#[derive(Clone, Debug)]
pub struct GoodSession {
    /// The person.
    pub actor: Actor,
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
}

/// That somebody has just proved who he or she is. Only signing in, setting up and joining make one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proof {
    pub(super) person: PersonId,
}

impl Portal {
    /// The session of this key, if it is good: one read, and once a minute a note of its use.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn session(&self, key: &SessionKey) -> Result<Option<GoodSession>> {
        let now = OffsetDateTime::now_utc();
        let loaded = store::sessions::load(&mut *self.store.read().await?, key, now).await?;
        let Some(loaded) = loaded else { return Ok(None) };
        if now - loaded.last_used_at >= NOTED_EVERY {
            // Beside the request: a reader never waits for the writer.
            let (store, key) = (self.store.clone(), key.clone());
            self.running.spawn(async move {
                let noted = async {
                    let mut tx = store.write().await?;
                    store::sessions::touch(&mut tx, &key, now).await?;
                    tx.commit().await.map_err(StoreError::Unwritable)
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
        Ok(store::sessions::list(&mut *self.store.read().await?, actor.id(), now).await?)
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
        let actor = Actor {
            id: person.id,
            name: person.name,
            email: person.email,
            role: person.role,
            memberships: std::collections::BTreeMap::new(),
            origin,
        };
        let draft = Draft::recorded(actor.entry_actor(), Action::SessionStart).target(session_target(&key.label()));
        append(&mut tx, draft).await.map_err(Error::LogUnavailable)?;
        tx.commit().await.map_err(|error| Error::LogUnavailable(error.into()))
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
        tx.commit().await.map_err(StoreError::Unwritable)?;
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
        tx.commit().await.map_err(StoreError::Unwritable)?;
        Ok(found)
    }
}

fn ended(actor: &Actor, label: &str) -> Draft {
    Draft::recorded(actor.entry_actor(), Action::SessionEnd).target(session_target(label))
}

fn session_target(label: &str) -> Target {
    Target::new(TargetType::Session, label, Some(&format!("session {label}")))
}
