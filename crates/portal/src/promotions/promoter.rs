//! Who may promote: an operator of both teams.

use store::ConnectorIn;
use workato::ConnectorId;

use super::source::connector_in;
use crate::{Actor, Attempt, Portal, Problem, PromotionProblem, Result, TeamOperator, code::workspace_of};

/// The right to promote a connector: that of an operator of both teams.
#[derive(Clone, Debug)]
pub struct Promoter {
    pub(super) from: TeamOperator,
    pub(super) target: TeamOperator,
    pub(super) connector: ConnectorId,
}

impl Promoter {
    pub(super) fn source(&self) -> ConnectorIn {
        connector_in(self.from.team(), self.connector)
    }

    /// Checks that there is something between the teams to promote.
    pub(super) fn check_teams(&self) -> Result<()> {
        let (from, to) = (self.from.team(), self.target.team());
        if from.id == to.id {
            return Err(Problem::from(PromotionProblem::SameTeam).of("to"));
        }
        let is_same_host = from.workato_url == to.workato_url;
        if is_same_host && workspace_of(from) == workspace_of(to) && workspace_of(from) != 0 {
            return Err(Problem::from(PromotionProblem::SameWorkspace).of("to"));
        }
        Ok(())
    }
}

impl Portal {
    /// The right to promote a connector from one team to another. A refusal is recorded.
    ///
    /// # Errors
    /// `NotFound` if there is no such team, `Forbidden` if the actor is not an operator of both.
    pub async fn promoter(
        &self,
        actor: &Actor,
        (from, to): (&str, &str),
        connector: ConnectorId,
        attempt: Attempt,
    ) -> Result<Promoter> {
        let from = self.team_operator(actor, from, attempt.clone().with("to", Some(to))).await?;
        let slug = from.team().slug.to_string();
        let target = self.team_operator(actor, to, attempt.with("from", Some(slug))).await?;
        Ok(Promoter { from, target, connector })
    }
}
