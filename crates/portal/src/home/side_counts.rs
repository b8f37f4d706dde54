//! The numbers beside the sidebar's links: how much needs attention, and how long a team's lists are. They come from the
//! log and from the lists that were read last, and a number that is not known is left out.

use std::{sync::Arc, time::Duration};

use store::Team;
use time::OffsetDateTime;
use tokio::time::timeout;
use workato::{Connector, List};

use super::{
    copies::{is_behind, is_broken},
    side_counts_cache::InLog,
};
use crate::{Actor, Portal, Result, TeamReader, background::compute, page_reads::passing, upstream::Snapshot};

/// How long a page waits for a count of the log.
const PATIENCE: Duration = Duration::from_millis(250);

/// The numbers for one person, and for one team if the page is a team's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SideCounts {
    /// What needs attention in every team of the person, as Home lists it.
    pub attention: Option<Attention>,
    /// The team's connections, and how many of them are broken.
    pub connections: Option<ListCount>,
    /// The team's connectors, and how many of them share an old version.
    pub connectors: Option<ListCount>,
    /// The team's customers.
    pub customers: Option<ListCount>,
}

/// How much needs a person's attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// All of it.
    pub all: usize,
    /// The flags that the person can answer, and the answers that they can review.
    pub flags: usize,
    /// Whether there is more than could be counted.
    pub has_more: bool,
}

/// How long a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListCount {
    /// How many rows it has.
    pub all: usize,
    /// How many of them need attention.
    pub bad: usize,
    /// When the list was read.
    pub read_at: OffsetDateTime,
}

impl Portal {
    /// The numbers for the sidebar of a page. A page does not fail because one of them cannot be counted.
    pub async fn side_counts(
        self: &Arc<Self>,
        actor: &Actor,
        teams: &[Team],
        reader: Option<&TeamReader>,
    ) -> SideCounts {
        let attention = self.attention(actor, teams).await.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot count what needs attention");
            passing();
            None
        });
        match reader {
            None => SideCounts { attention, ..SideCounts::default() },
            Some(reader) => SideCounts { attention, ..self.list_counts(reader).await },
        }
    }

    /// How long the team's lists are.
    async fn list_counts(&self, reader: &TeamReader) -> SideCounts {
        let lists = self.upstream.unchanged(reader.team());
        let connections = match lists.connections(false) {
            None => None,
            Some(list) => {
                let bad = self.known_lists.whole(list).await.views.broken;
                Some(ListCount { all: list.items.len(), bad, read_at: list.read_at })
            }
        };
        let connectors = match &lists.connectors {
            None => None,
            Some(list) => {
                let behind = |list: &Snapshot<List<Connector>>| list.items.iter().filter(|one| is_behind(one)).count();
                let bad = *self.connectors_behind.of(list, (), list.items.len(), behind, |_| 0).await;
                Some(ListCount { all: list.items.len(), bad, read_at: list.read_at })
            }
        };
        // A list that is not whole has no known length.
        let customers = lists.customers.as_ref().filter(|list| list.items.complete).map(|list| ListCount {
            all: list.items.customers.len(),
            bad: 0,
            read_at: list.read_at,
        });
        SideCounts { attention: None, connections, connectors, customers }
    }

    /// `None` before the lists of every team were read, or if the log cannot be counted soon.
    async fn attention(self: &Arc<Self>, actor: &Actor, teams: &[Team]) -> Result<Option<Attention>> {
        let Some(in_lists) = self.attention_in_lists(teams).await else { return Ok(None) };
        let size = async { Ok(store::tree::size(&mut self.store.read().await?).await?) };
        let head = *self.kept.get(&self.store, "size of the log", size).await?;
        let roles = teams.iter().map(|team| (team.id, actor.role_in(team.id))).collect();
        let key = (actor.id(), actor.role(), roles, head);
        let in_log = match self.side_counts.of_log.get(&key).await {
            Some(known) => known,
            None => {
                let (portal, actor) = (Arc::clone(self), actor.clone());
                let counting = self.running.spawn(async move {
                    let counted = portal.side_counts.of_log.try_get_with(key, portal.attention_in_log(&actor)).await;
                    counted.inspect_err(|error| tracing::error!(%error, "cannot count what needs attention")).ok()
                });
                match timeout(PATIENCE, counting).await {
                    Ok(Ok(Some(counted))) => counted,
                    _ => {
                        passing();
                        return Ok(None);
                    }
                }
            }
        };
        let InLog { all, flags, has_more } = in_log;
        Ok(Some(Attention { all: in_lists + all, flags, has_more }))
    }

    async fn attention_in_log(&self, actor: &Actor) -> Result<InLog> {
        self.indexer.caught_up().await?;
        let found = self.of_log(actor, None).await?;
        let flags = found.flagged.kind.count + found.answered.as_ref().map_or(0, |answered| answered.kind.count);
        let kinds = [&found.unknown, &found.outside, &found.flagged, &found.requests, &found.break_glass];
        let kinds = kinds.into_iter().chain(&found.answered);
        let (mut all, mut has_more) = (0, false);
        for found in kinds {
            all += found.kind.count;
            has_more |= found.kind.has_more;
        }
        Ok(InLog { all, flags, has_more })
    }

    /// How many connections are broken and connectors behind in these teams. `None` if a list was not read yet.
    async fn attention_in_lists(&self, teams: &[Team]) -> Option<usize> {
        let mut sum = 0;
        for team in teams.iter().filter(|team| team.retired_at.is_none() && team.token.is_some()) {
            let copies = self.upstream.copies_of(team)?;
            let ((connections, _), connectors) = (copies.connections?, copies.connectors?);
            let key = (team.id, connections.read_at, connectors.read_at);
            sum += match self.side_counts.of_lists.get(&key) {
                Some(known) => known,
                None => {
                    let counted = compute(connections.items.len(), move || {
                        connections.items.iter().filter(|connection| is_broken(connection)).count()
                            + connectors.items.iter().filter(|connector| is_behind(connector)).count()
                    });
                    let counted = counted.await;
                    self.side_counts.of_lists.insert(key, counted);
                    counted
                }
            };
        }
        Some(sum)
    }
}
