//! Which connectors of two teams are counterparts: suggested by name, chosen by a person once.

use store::{ConnectorPair, StoreError};
use workato::{Connector, ConnectorId, ConnectorQuery};

use super::{promoter::Promoter, source::connector_in};
use crate::{
    OperationId, Portal, Problem, PromotionProblem, Result, TeamReader,
    audit::{Action, Draft, EntryActor, Target, TargetType, append},
    connectors::{self, named_in},
    names::folded,
};

/// The counterpart of a connector in another team.
#[derive(Clone, Debug)]
pub enum Counterpart {
    /// It was chosen, and is there.
    Paired(Box<Connector>),
    /// None was chosen. These have the same name, or one within it, the likeliest first.
    Suggested(Vec<Connector>),
}

impl Portal {
    /// The counterpart of a connector in the other team. A chosen one that is no longer there has to be chosen again.
    ///
    /// # Errors
    /// `Workato` if the other team's connectors cannot be read.
    pub async fn counterpart(
        &self,
        source: &TeamReader,
        connector: &Connector,
        target: &TeamReader,
    ) -> Result<Counterpart> {
        let of = connector_in(source.team(), connector.id);
        let pair = store::promotions::pair(&mut self.store.read().await?, &of, target.team().id).await?;
        let all = self.connectors(target, ConnectorQuery::default()).await?;
        let here = connector_in(target.team(), connector.id).workspace;
        let paired = pair
            .filter(|pair| pair.target.workspace == here)
            .and_then(|pair| all.items.iter().find(|one| one.id.get() == pair.target.connector));
        Ok(match paired {
            Some(paired) => Counterpart::Paired(Box::new(paired.clone())),
            None => Counterpart::Suggested(alike(connector, &all.items)),
        })
    }

    /// Chooses the counterpart of a connector.
    ///
    /// # Errors
    /// `Invalid` if the other team has no such connector, `Workato` if its connectors cannot be read, `LogUnavailable` if it
    /// cannot be recorded.
    pub async fn pair_connectors(&self, promoter: &Promoter, counterpart: ConnectorId) -> Result<()> {
        promoter.check_teams()?;
        let all = self.connectors(&promoter.target.reader(), ConnectorQuery::default()).await?;
        let Some(found) = all.items.iter().find(|one| one.id == counterpart) else {
            return Err(Problem::from(PromotionProblem::NoCounterpart).of("counterpart"));
        };
        let name = connectors::name(found).map(str::to_owned);
        let pair =
            ConnectorPair { source: promoter.source(), target: connector_in(promoter.target.team(), counterpart) };
        let actor = promoter.target.actor().entry_actor();
        self.record_pair(promoter, &pair, (actor, name.as_deref()), None).await.map_err(crate::Error::LogUnavailable)
    }

    /// Records a pair, as a part of a promotion if there is one.
    pub(super) async fn record_pair(
        &self,
        promoter: &Promoter,
        pair: &ConnectorPair,
        (actor, name): (EntryActor, Option<&str>),
        batch: Option<OperationId>,
    ) -> Result<(), StoreError> {
        let mut draft = Draft::recorded(actor, Action::ConnectorPair)
            .team(promoter.target.team().entry_team())
            .target(Target::new(TargetType::Connector, pair.target.connector, name))
            .target(Target::new(TargetType::Connector, pair.source.connector, None))
            .parameter("source_team", pair.source.team)
            .parameter("source_workspace_id", pair.source.workspace)
            .parameter("source_connector", pair.source.connector)
            .parameter("connector", pair.target.connector)
            .parameter("workspace_id", pair.target.workspace);
        draft.batch = batch;
        let mut tx = self.store.write().await?;
        if store::promotions::pair(&mut tx, &pair.source, pair.target.team).await? == Some(*pair) {
            return Ok(());
        }
        let told = append(&mut tx, draft).await?;
        store::promotions::set_pair(&mut tx, pair, &told).await?;
        tx.commit().await
    }
}

/// The connectors that are called the same, and those whose name is within this one's name.
fn alike(connector: &Connector, others: &[Connector]) -> Vec<Connector> {
    let Some(name) = connectors::name(connector) else { return Vec::new() };
    let is_same = |other: &&Connector| connectors::name(other).is_some_and(|other| folded(other) == folded(name));
    let same: Vec<&Connector> = others.iter().filter(is_same).collect();
    let near = named_in(others, name).into_iter().filter(|near| same.iter().all(|same| same.id != near.id));
    same.iter().copied().chain(near).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use workato::Connector;

    use super::alike;

    fn connector(id: i64, title: &str) -> Connector {
        serde_json::from_value(json!({ "id": id, "title": title })).expect("a connector")
    }

    #[test]
    fn counterparts_are_suggested_by_name() {
        let others =
            [connector(1, "Sage"), connector(2, "ACME  Connector"), connector(3, "Acme"), connector(4, "Other")];
        let ids = |title| alike(&connector(9, title), &others).iter().map(|one| one.id.get()).collect::<Vec<_>>();
        assert_eq!(ids("Acme connector"), [2]);
        assert_eq!(ids("Acme Connector (staging)"), [2]);
        assert_eq!(ids("Nothing like it"), [0; 0]);
    }
}
