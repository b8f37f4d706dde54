//! What second factors a person has, and whether one is required.

use store::{Factor, Person};

use super::{Challenge, SecondFactorRule};
use crate::{Actor, Error, Portal, PortalRole, Result, TeamRole, accounts::SignedInWith};

/// A person's second factors.
#[derive(Clone, Debug)]
pub struct FactorList {
    /// The factors, oldest first.
    pub factors: Vec<Factor>,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
    /// Whether the person needs at least one factor.
    pub is_required: bool,
    /// Whether passkeys work at the portal's address.
    pub has_passkeys: bool,
}

impl Portal {
    /// The actor's own second factors.
    ///
    /// # Errors
    /// `SignedOut` if the person is gone.
    pub async fn factors(&self, actor: &Actor) -> Result<FactorList> {
        let mut conn = self.store.read().await?;
        let person = store::people::by_id(&mut conn, actor.id()).await?.ok_or(Error::SignedOut)?;
        let factors = store::factors::of_person(&mut conn, &person).await?;
        let recovery_codes = store::recovery_codes::of_person(&mut conn, person.id).await?.len();
        Ok(FactorList {
            factors: factors.into_iter().map(|stored| stored.factor).collect(),
            recovery_codes: if person.factors.is_empty() { 0 } else { recovery_codes },
            is_required: self.requires_factor(actor),
            has_passkeys: self.factor_setup.passkeys.work(),
        })
    }

    /// Whether the actor needs a second factor, by their role in the portal or in a team. Somebody who has none here does
    /// not need one if the provider checked one.
    #[must_use]
    pub fn requires_factor(&self, actor: &Actor) -> bool {
        let is_mighty = match actor.role() {
            PortalRole::Admin | PortalRole::Auditor => true,
            PortalRole::Member => actor.has_team_role(TeamRole::Operator),
        };
        self.settings.second_factor == SecondFactorRule::Required
            && is_mighty
            && !(actor.sign_in().with == SignedInWith::Provider && actor.sign_in().second_factor && !actor.has_factor())
    }

    /// Whether the actor needs a second factor and has none. Until they have set one up, they can do nothing else.
    #[must_use]
    pub fn must_set_up_factor(&self, actor: &Actor) -> bool {
        !actor.has_factor() && self.requires_factor(actor)
    }

    /// A challenge for the actor's own passkeys, if they have one.
    ///
    /// # Errors
    /// `SignedOut` if the person is gone.
    pub async fn challenge_for_actor(&self, actor: &Actor) -> Result<Option<Challenge>> {
        let person = self.own_person(actor).await?;
        self.challenge_for(&person).await
    }

    /// The actor's own row, if the person may still sign in.
    pub(in crate::accounts) async fn own_person(&self, actor: &Actor) -> Result<Person> {
        let person = store::people::by_id(&mut self.store.read().await?, actor.id()).await?;
        person.filter(|person| person.disabled_at.is_none()).ok_or(Error::SignedOut)
    }
}
