//! Withdrawing a team's token, and retiring a team. Both destroy the token; neither touches the log.

use super::about;
use crate::{
    Admin, Error, FieldProblems, Portal, Problem, Reason, ReasonRules, Result, TeamId,
    audit::{Action, Draft, append},
    names::normalized,
};
use store::{Team, Write};

/// What a person types to confirm a change that cannot be taken back.
#[derive(Clone, Debug, Default)]
pub struct Confirmed {
    /// The team's name or slug.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl Confirmed {
    pub(super) fn read(&self, team: &Team) -> Result<Reason> {
        let mut problems = FieldProblems::default();
        let typed = normalized(&self.name);
        if typed != normalized(&team.name) && typed != team.slug.as_str() {
            problems.add("confirm", Problem::TypeExactly { expected: team.name.clone() });
        }
        let reason = ReasonRules::for_destructive(team).read(&self.reason);
        let reason = reason.map_err(|problem| problems.add("reason", problem)).ok().flatten();
        match reason {
            Some(reason) if problems.is_empty() => Ok(reason),
            _ => Err(Error::Invalid(problems)),
        }
    }
}

impl Portal {
    /// Destroys a team's token. The team stays; nothing is read from its Workato or changed in it until it has another.
    ///
    /// # Errors
    /// `Invalid` for the confirmation, or if there is no token; `NotFound` if there is no such team.
    pub async fn withdraw_token(&self, admin: &Admin, id: TeamId, confirmed: &Confirmed) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(team) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if team.token.is_none() && !team.token_is_bad {
            return Err(Problem::NoToken.of("confirm"));
        }
        let reason = confirmed.read(&team)?;
        self.destroy_token(tx, admin, Action::TeamTokenWithdraw, team, reason).await
    }

    /// Retires a team: destroys its token, and nothing of it can be changed any more.
    ///
    /// # Errors
    /// `Invalid` for the confirmation, or if it is retired already; `NotFound` if there is no such team.
    pub async fn retire_team(&self, admin: &Admin, id: TeamId, confirmed: &Confirmed) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(mut team) = store::teams::by_id(&mut tx, id).await? else { return Err(Error::NotFound) };
        if team.retired_at.is_some() {
            return Err(Problem::TeamRetired.of("confirm"));
        }
        let reason = confirmed.read(&team)?;
        team.retired_at = Some(self.now());
        self.destroy_token(tx, admin, Action::TeamRetire, team, reason).await
    }

    async fn destroy_token(
        &self,
        mut tx: Write,
        admin: &Admin,
        action: Action,
        mut team: Team,
        reason: Reason,
    ) -> Result<()> {
        let before = team.token.take().map(|token| serde_json::json!({ "fingerprint": token.fingerprint }));
        let draft = about(Draft::recorded(admin.entry_actor(), action), &team)
            .before(before)
            .reason(Some(reason.as_str().to_owned()));
        let told = append(&mut tx, draft).await?;
        team.retired_at = team.retired_at.map(|_| told.at);
        store::teams::update(&mut tx, &team, &told).await?;
        store::tokens::remove(&mut tx, team.id).await?;
        store::connector_code::forget(&mut tx, team.id).await?;
        tx.commit().await?;
        self.upstream.forget(team.id);
        // Nothing of the token is left in the database's files.
        if let Err(error) = self.store.write_back().await {
            tracing::warn!(%error, "the write-ahead log could not be emptied yet");
        }
        Ok(())
    }
}
