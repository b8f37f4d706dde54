//! Ending sessions: by their person, by an admin, and all of a person's when what they may do changes.

use store::{SessionFacts, SessionKey};

use super::{
    renewal::Renewing,
    session_entries::{Ended, end_all, ended, session_target},
};
use crate::{
    Actor, Admin, Error, PersonId, Portal, Problem, Reason, ReasonRequired, Result,
    audit::{Action, append},
};

impl Portal {
    /// Ends the session with this key.
    ///
    /// # Errors
    /// `Store` if the database cannot be written. The session is still valid then.
    pub async fn sign_out(&self, actor: &Actor, key: &SessionKey) -> Result<()> {
        let mut tx = self.store.write().await?;
        if store::sessions::remove(&mut tx, key).await? {
            let label = actor.origin().session.clone().unwrap_or_default();
            append(&mut tx, ended(actor.entry_actor(), session_target(&label), Ended::SignedOut)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends one of the actor's own sessions. Returns whether there was one with this label.
    ///
    /// # Errors
    /// `FactorNeeded` if the actor has to confirm first who they are.
    pub async fn revoke_session(&self, actor: &Actor, label: &str) -> Result<bool> {
        self.require_fresh(actor)?;
        let mut tx = self.store.write().await?;
        let found = store::sessions::remove_by_label(&mut tx, actor.id(), label).await?;
        if found {
            append(&mut tx, ended(actor.entry_actor(), session_target(label), Ended::Revoked)).await?;
        }
        tx.commit().await?;
        Ok(found)
    }

    /// Ends all of the actor's other sessions. The present one gets a new id.
    ///
    /// # Errors
    /// `SignedOut` if the present session has ended meanwhile, `FactorNeeded` if the actor has to confirm first who they are.
    pub async fn revoke_other_sessions(&self, actor: &Actor) -> Result<()> {
        self.require_fresh(actor)?;
        let mut tx = self.store.write().await?;
        let person = store::people::by_id(&mut tx, actor.id()).await?.ok_or(Error::SignedOut)?;
        let own = self.begin_renewal(&mut tx, actor.id(), actor.renewal()).await?;
        end_all(&mut tx, actor.entry_actor(), &person, own.as_ref().map(Renewing::key), Ended::Revoked, None).await?;
        if let Some(own) = own {
            own.finish(&mut tx, actor.entry_actor(), Action::SessionEnd, None).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends all of the actor's sessions, the present one as well.
    ///
    /// # Errors
    /// `FactorNeeded` if the actor has to confirm first who they are.
    pub async fn revoke_all_sessions(&self, actor: &Actor) -> Result<()> {
        self.require_fresh(actor)?;
        let mut tx = self.store.write().await?;
        let person = store::people::by_id(&mut tx, actor.id()).await?.ok_or(Error::SignedOut)?;
        end_all(&mut tx, actor.entry_actor(), &person, None, Ended::Revoked, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A person's sessions, the most recently used first, for an admin.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn sessions_of(&self, _admin: &Admin, person: PersonId) -> Result<Vec<SessionFacts>> {
        Ok(store::sessions::list(&mut self.store.read().await?, person, self.alive()).await?)
    }

    /// Ends one session of a person, or all of them. Returns how many there were.
    ///
    /// # Errors
    /// `NotFound` if there is no such person, `Invalid` without a reason.
    pub async fn end_sessions_of(
        &self,
        admin: &Admin,
        person: PersonId,
        label: Option<&str>,
        reason: Option<&Reason>,
    ) -> Result<u64> {
        let reason = reason.ok_or_else(|| Problem::ReasonRequired { why: ReasonRequired::Destructive }.of("reason"))?;
        let mut tx = self.store.write().await?;
        let person = store::people::by_id(&mut tx, person).await?.ok_or(Error::NotFound)?;
        let ended = match label {
            None => end_all(&mut tx, admin.entry_actor(), &person, None, Ended::ByAdmin, Some(reason)).await?,
            Some(label) => {
                let found = store::sessions::remove_by_label(&mut tx, person.id, label).await?;
                if found {
                    let draft = ended(admin.entry_actor(), session_target(label), Ended::ByAdmin)
                        .target(person.target())
                        .reason(Some(reason.as_str().to_owned()));
                    append(&mut tx, draft).await?;
                }
                u64::from(found)
            }
        };
        tx.commit().await?;
        Ok(ended)
    }
}
