//! Watching: what Workato says, compared with what the log says. What changed there without an operation becomes an
//! entry of its own. It changes nothing in Workato, and settles nothing: `operations` does that.

mod compare;

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use workato::{ActivityEvent, ActivityQuery, Connection, ConnectionQuery, Connector};

use self::compare::{Difference, Explained, differences};
use crate::{
    Error, OperationId, Portal, Result, TeamReader,
    audit::{Action, Draft, EntryActor, Outcome, Stage, Target, TargetType, append, instant_text},
    connectors,
    upstream::{Asker, Snapshot},
};
use store::Team;
use store::{
    Read, StoreError,
    seen::{Seen, Watch},
};

/// How far Workato's clock, and the moment at which its log tells something, may be from the portal's.
const SKEW: Duration = Duration::seconds(60);

/// The most differences of one comparison that are written; the next one writes the rest.
const MOST_OBSERVED: usize = 500;

/// What a comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It was the first with this token: there was nothing to compare with.
    Begun,
    /// So many changes were found that no operation explains; each is an entry now.
    Observed(usize),
}

/// Both lists, and when the older one was asked for.
struct Lists {
    connectors: Arc<Snapshot<Vec<Connector>>>,
    connections: Arc<Snapshot<Vec<Connection>>>,
}

impl Lists {
    fn began_at(&self) -> OffsetDateTime {
        self.connectors.began_at.min(self.connections.began_at)
    }

    fn seen(&self) -> Vec<Seen> {
        let connectors = self.connectors.items.iter().map(|connector| Seen {
            kind: TargetType::Connector,
            id: connector.id.get(),
            name: connectors::name(connector).map(str::to_owned),
            shared_version: connector.shared_version().map(|version| version.get()),
            shared_at: connector.shared_version().and(connector.oem_shared_at).map(|at| at.get()),
        });
        let connections = self.connections.items.iter().map(|connection| Seen {
            kind: TargetType::Connection,
            id: connection.id.get(),
            name: connection.name.clone(),
            shared_version: None,
            shared_at: None,
        });
        connectors.chain(connections).collect()
    }
}

impl Portal {
    /// Compares every team's Workato with the log, all teams at once. A team whose Workato cannot be read is left for
    /// the next call; one that is being compared already is skipped.
    ///
    /// # Errors
    /// `Store` if the teams cannot be read, `Internal` if the work of a team panicked.
    pub async fn compare_due(self: &Arc<Self>) -> Result<()> {
        let teams = store::teams::list(&mut self.store.read().await?).await?;
        let compare = |team: Team| {
            let portal = Arc::clone(self);
            async move {
                if let Err(error) = portal.watch_team(&team, Asker::Background).await {
                    tracing::warn!(team = %team.slug, %error, "a team could not be compared with the log");
                }
            }
        };
        let teams = teams.into_iter().filter(|team| team.token.is_some()).map(|team| (team.id, team));
        self.watching.for_each(teams, compare, self.settings.watch_every, &self.running, &self.leaving).await
    }

    /// Compares a team's Workato with the log now.
    ///
    /// # Errors
    /// `Workato` when it cannot be read, `NoToken` when it cannot be asked, `LogUnavailable` when nothing can be written.
    pub async fn watch(&self, reader: &TeamReader) -> Result<Compared> {
        let _alone = self.watching.lock(reader.team().id).await;
        self.watch_team(reader.team(), reader.actor().into()).await
    }

    /// When a team was last compared with the log, if it ever was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn watched_at(&self, reader: &TeamReader) -> Result<Option<OffsetDateTime>> {
        let watch = store::seen::watch(&mut self.store.read().await?, reader.team().id).await?;
        Ok(watch.map(|watch| watch.compared_at))
    }

    /// The caller holds the team's lock: two comparisons at once would observe the same change twice.
    async fn watch_team(&self, team: &Team, asker: Asker) -> Result<Compared> {
        let fingerprint = team.token.as_ref().ok_or(Error::NoToken)?.fingerprint.clone();
        let read = self.read_both(team, asker).await?;
        let (watch, known) = {
            let mut conn = self.store.read().await?;
            (store::seen::watch(&mut conn, team.id).await?, store::seen::all(&mut conn, team.id).await?)
        };
        let now = Watch { fingerprint, compared_at: read.began_at() };
        let Some(watch) = watch.filter(|watch| watch.fingerprint == now.fingerprint) else {
            self.begin_watch(team, &now, &read).await.map_err(Error::LogUnavailable)?;
            return Ok(Compared::Begun);
        };
        let mut differences = differences(&known, &read.seen());
        if differences.iter().any(Difference::is_gone) {
            // That something is gone, one read alone does not prove.
            let there: HashSet<_> =
                self.read_both(team, asker).await?.seen().into_iter().map(|seen| (seen.kind, seen.id)).collect();
            differences.retain(|difference| !difference.is_gone() || !there.contains(&difference.key()));
        }
        let since = watch.compared_at - SKEW;
        let mut unexplained = 0;
        for difference in &differences {
            let mut conn = self.store.read().await?;
            let explained = explained(&mut conn, team, difference, since).await?;
            unexplained += usize::from(matches!(explained, Explained::ByNothing { .. }));
        }
        let events = if unexplained > 0 { self.activity(team, asker, since).await } else { Vec::new() };
        let observe = self.observe(team, &now, since, differences, &events, &read);
        observe.await.map(Compared::Observed).map_err(Error::LogUnavailable)
    }

    /// Both lists as they are now: what somebody read half a minute ago could lack what the log has already.
    async fn read_both(&self, team: &Team, asker: Asker) -> Result<Lists> {
        let query = ConnectionQuery { include_runtime_connections: true, ..ConnectionQuery::default() };
        Ok(Lists {
            connectors: self.read_connectors_afresh(team, asker).await?,
            connections: self.read_connections_afresh(team, asker, query).await?,
        })
    }

    async fn begin_watch(&self, team: &Team, now: &Watch, read: &Lists) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        store::seen::forget(&mut tx, team.id).await?;
        for seen in read.seen() {
            store::seen::put(&mut tx, team.id, &seen).await?;
        }
        store::seen::set_watch(&mut tx, team.id, now).await?;
        let draft = Draft::recorded(EntryActor::system(), Action::TeamWatch)
            .team(team.entry_team())
            .target(Target::new(TargetType::Team, team.id, Some(&team.name)))
            .parameter("connectors", read.connectors.items.len())
            .parameter("connections", read.connections.items.len());
        append(&mut tx, draft).await?;
        tx.commit().await
    }

    /// Writes an entry for everything that no operation explains, and notes what was seen.
    async fn observe(
        &self,
        team: &Team,
        now: &Watch,
        since: OffsetDateTime,
        differences: Vec<Difference>,
        events: &[ActivityEvent],
        read: &Lists,
    ) -> Result<usize, StoreError> {
        let mut observed = 0;
        let mut tx = self.store.write().await?;
        let mut compared_at = now.compared_at;
        for difference in differences {
            // Under the lock: an outcome may have been written since it was looked at.
            match explained(&mut tx, team, &difference, since).await? {
                Explained::NotYet => {
                    // Its operations are looked for again next time, from the same instant on.
                    compared_at = compared_at.min(since + SKEW);
                    continue;
                }
                Explained::ByNothing { before, related } if observed < MOST_OBSERVED => {
                    let draft = observed_draft(team, &difference, before, related, events, read.began_at());
                    append(&mut tx, draft).await?;
                    observed += 1;
                }
                Explained::ByNothing { .. } => continue,
                Explained::ByAnOperation => {}
            }
            match &difference {
                Difference::Gone(seen) => store::seen::remove(&mut tx, team.id, seen).await?,
                Difference::Share { now, .. } | Difference::Noted(now) => {
                    store::seen::put(&mut tx, team.id, now).await?;
                }
            }
        }
        store::seen::set_watch(&mut tx, team.id, &Watch { compared_at, ..now.clone() }).await?;
        tx.commit().await?;
        Ok(observed)
    }

    /// What Workato's activity log tells of the time since; nothing where the token may not read it.
    async fn activity(&self, team: &Team, asker: Asker, since: OffsetDateTime) -> Vec<ActivityEvent> {
        let read = async {
            let client = self.workato(team, asker).await?;
            let query = ActivityQuery { from: since, to: OffsetDateTime::now_utc() };
            client.activity(query).await.map_err(|error| Error::Workato(Arc::new(error)))
        };
        read.await.unwrap_or_else(|error| {
            tracing::debug!(team = %team.slug, %error, "Workato's activity log cannot be read");
            Vec::new()
        })
    }
}

/// Whether an operation explains a difference. What changes without one needs none.
async fn explained(
    conn: &mut Read,
    team: &Team,
    difference: &Difference,
    since: OffsetDateTime,
) -> Result<Explained, StoreError> {
    match difference {
        Difference::Noted(_) => Ok(Explained::ByAnOperation),
        _ => {
            let operations = store::seen::operations_since(conn, team.id, &difference.seen().target(), since).await?;
            Ok(difference.explained(&operations))
        }
    }
}

fn observed_draft(
    team: &Team,
    difference: &Difference,
    before: Value,
    related: Option<OperationId>,
    events: &[ActivityEvent],
    read_at: OffsetDateTime,
) -> Draft {
    let seen = difference.seen();
    let mut evidence = json!({ "read_at": instant_text(read_at), "seen": difference.seen_now() });
    if let Some(related) = related {
        evidence["operation_that_waits"] = json!(related);
    }
    if let Some(event) = difference.told_by(events) {
        evidence["source"] = json!("Workato's activity log");
        evidence["event"] = json!(event.event_type);
        evidence["at"] = json!(event.timestamp);
        evidence["person"] = json!(event.user);
    }
    let mut draft = Draft::new(OperationId::new(), Stage::Observed, EntryActor::outside(), difference.action())
        .team(team.entry_team())
        .target(seen.target())
        .before(before);
    if let Some(version) = difference.shared_version() {
        draft = draft.parameter("version", version);
    }
    draft.outcome = Some(Outcome::Succeeded);
    draft.evidence = Some(evidence);
    draft
}
