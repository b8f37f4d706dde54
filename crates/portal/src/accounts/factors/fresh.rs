//! Confirming who somebody is before a delicate change: they must have given a factor within the ten minutes before it. So
//! a stolen session or an unlocked screen is not enough to change rights or take a token.

use time::Duration;

use super::{FRESH_FOR, Given, checking::Giver, needs_fresh_factor};
use crate::{
    Actor, Error, Portal, Result,
    accounts::{SignedInWith, renewal::Proved},
    audit::Action,
};

impl Portal {
    /// Whether the actor gave a factor within the last ten minutes, or as many seconds as the settings say.
    #[must_use]
    pub fn has_fresh_factor(&self, actor: &Actor) -> bool {
        let ago = self.now() - actor.sign_in().factor_at;
        // If the clock was set back since, it is not known how long ago that was.
        ago >= Duration::ZERO && ago < self.settings.fresh_factor.min(FRESH_FOR)
    }

    /// Refuses an action that needs a fresh factor if the actor gave none within the last ten minutes.
    ///
    /// # Errors
    /// `FactorNeeded`.
    pub(crate) fn require_fresh_factor(&self, actor: &Actor, action: Action) -> Result<()> {
        if needs_fresh_factor(action) { self.require_fresh(actor) } else { Ok(()) }
    }

    /// Refuses if the actor gave no factor within the last ten minutes. For what has no action of its own.
    ///
    /// # Errors
    /// `FactorNeeded`.
    pub(crate) fn require_fresh(&self, actor: &Actor) -> Result<()> {
        if self.has_fresh_factor(actor) { Ok(()) } else { Err(Error::FactorNeeded) }
    }

    /// Proves again who the person of the actor's session is: by a second factor, or by the password if they have none. The
    /// session gets a new id.
    ///
    /// # Errors
    /// `Invalid` if what was given is wrong, `TooManyAttempts` after too many wrong ones, `SignedOut` if the session has
    /// ended meanwhile.
    pub async fn confirm(&self, actor: &Actor, given: Given) -> Result<()> {
        let person = self.own_person(actor).await?;
        let with = match &given {
            Given::Passkey { .. } => SignedInWith::Passkey,
            Given::Code(_) | Given::Password(_) => SignedInWith::Password,
        };
        let second_factor = !person.factors.is_empty();
        match given {
            Given::Password(password) if !second_factor => self.check_password_again(actor, &person, password).await?,
            given => self.check_factor(&person, Giver::SignedIn(actor), given).await?,
        }
        let mut tx = self.store.write().await?;
        let own = self.begin_renewal(&mut tx, person.id, actor.renewal()).await?;
        if let Some(own) = own {
            let proved = Some(Proved { with, second_factor });
            own.finish(&mut tx, actor.entry_actor(), Action::SessionRenew, proved).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
