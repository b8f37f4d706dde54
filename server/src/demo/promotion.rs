//! A promotion in the demo's month: somebody takes a connector from one team to the other, through the portal's own plan.

use portal::{
    Attempt, OperationId,
    audit::{Action, Target, TargetType},
    promotions::{Counterpart, PromotionInput},
};

use super::{
    cast::{TEAMS, Who},
    scene::Team,
    stage::{Stage, connector_id},
};
use crate::command_error::CommandError;

impl Stage<'_> {
    /// Promotes the newest release of the connector with this title, and shares it. Pairs it with the first suggested
    /// counterpart, or creates one.
    pub(super) async fn promote(
        &mut self,
        by: Who,
        (from, to): (Team, Team),
        title: &str,
        (note, reason): (&str, &str),
    ) -> Result<(), CommandError> {
        let Some(connector) = self.connector(from, title).and_then(|found| connector_id(&found)) else { return Ok(()) };
        let actor = self.actor(by).await?;
        let teams = (TEAMS[from].0, TEAMS[to].0);
        let attempt =
            Attempt::new(Action::ConnectorPromote, Some(Target::new(TargetType::Connector, connector, Some(title))));
        let promoter = self.portal.promoter(&actor, teams, connector, attempt).await?;
        let (source_team, target_team) =
            (self.portal.team(&actor, teams.0).await?, self.portal.team(&actor, teams.1).await?);
        let source = self.portal.promotion_source(&source_team, connector).await?;
        let counterpart = match self.portal.counterpart(&source_team, &source.connector, &target_team).await? {
            Counterpart::Paired(paired) => Some(paired.id),
            Counterpart::Suggested(alike) => alike.first().map(|one| one.id),
        };
        if let Some(counterpart) = counterpart {
            self.portal.pair_connectors(&promoter, counterpart).await?;
        }
        let input = PromotionInput {
            operation: OperationId::new(),
            version: source.version,
            sha256: source.sha256,
            note: note.to_owned(),
            shares: true,
            creates: counterpart.is_none(),
            reason: reason.to_owned(),
        };
        self.portal.promote(&promoter, &input).await?;
        Ok(())
    }
}
