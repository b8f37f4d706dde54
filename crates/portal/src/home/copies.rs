//! What the last good copies of Workato's answers show: broken connections, connectors that are behind, and how many
//! there are.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use store::Team;
use time::OffsetDateTime;
use workato::{AuthorizationStatus, Connection, Connector, List};

use super::kind::{Kind, MOST_LISTED};
use crate::{Portal, TeamId, background::compute, connectors, upstream::Snapshot};

/// A connection that is broken.
#[derive(Clone, Debug)]
pub struct BrokenConnection {
    /// Its team.
    pub team: Team,
    /// The connection.
    pub connection: Connection,
    /// Since when, as far as Workato says.
    pub since: Option<OffsetDateTime>,
}

/// A connector whose shared version is not the newest released one.
#[derive(Clone, Debug)]
pub struct ConnectorBehind {
    /// Its team.
    pub team: Team,
    /// The connector.
    pub connector: Connector,
    /// Since when: the release of the oldest version that is newer than the shared one.
    pub since: Option<OffsetDateTime>,
}

/// How a team's connections are.
#[derive(Clone, Debug)]
pub struct TeamHealth {
    /// The team.
    pub team: Team,
    /// How many connections are broken.
    pub broken: usize,
    /// How many there are.
    pub all: usize,
    /// Whether those of runtime users are among them.
    pub with_runtime_users: bool,
    /// When the older of its lists was read. `None` if none was read since the portal has started.
    pub read_at: Option<OffsetDateTime>,
    /// Whether its lists are being read for the first time since the portal has started.
    pub is_being_read: bool,
}

/// The state of every team.
pub(super) struct Copies {
    pub health: Vec<TeamHealth>,
    /// How much needs attention in each team.
    pub totals: BTreeMap<TeamId, usize>,
}

/// What needs attention in every team.
pub(super) struct Read {
    broken: Vec<BrokenConnection>,
    behind: Vec<ConnectorBehind>,
}

/// The copies of one team.
pub(super) struct OfTeam {
    pub team: Team,
    /// Whether its lists are being read for the first time.
    pub is_being_read: bool,
    /// Its connections, and whether those of runtime users are among them.
    pub connections: Option<(Arc<Snapshot<List<Connection>>>, bool)>,
    pub connectors: Option<Arc<Snapshot<List<Connector>>>>,
}

impl Portal {
    /// What the copies of these teams show.
    pub(super) async fn read_of(&self, teams: &[Team]) -> (Copies, Read) {
        let copies: Vec<OfTeam> = teams
            .iter()
            .map(|team| {
                let copies = self.upstream.copies_of(team);
                let (connections, connectors) = copies.map_or((None, None), |it| (it.connections, it.connectors));
                let is_being_read = self.awaits_first_read(team);
                OfTeam { team: team.clone(), is_being_read, connections, connectors }
            })
            .collect();
        let rows = copies.iter().filter_map(|it| it.connections.as_ref()).map(|(list, _)| list.items.len()).sum();
        compute(rows, move || seen_in(&copies)).await
    }
}

pub(super) fn seen_in(copies: &[OfTeam]) -> (Copies, Read) {
    let (mut health, mut totals) = (Vec::new(), BTreeMap::new());
    let mut read = Read { broken: Vec::new(), behind: Vec::new() };
    for of_team in copies {
        let before = (read.broken.len(), read.behind.len());
        let mut all = 0;
        if let Some((list, _)) = &of_team.connections {
            all = list.items.len();
            let broken = list.items.iter().filter(|connection| is_broken(connection));
            read.broken.extend(broken.map(|connection| BrokenConnection {
                team: of_team.team.clone(),
                connection: connection.clone(),
                since: connection.connection_lost_at.or(connection.updated_at).map(|at| at.get()),
            }));
        }
        if let Some(list) = &of_team.connectors {
            let behind = list.items.iter().filter(|connector| is_behind(connector));
            read.behind.extend(behind.map(|connector| ConnectorBehind {
                team: of_team.team.clone(),
                connector: connector.clone(),
                since: behind_since(connector),
            }));
        }
        let broken = read.broken.len() - before.0;
        totals.insert(of_team.team.id, broken + read.behind.len() - before.1);
        let read_at = [
            of_team.connections.as_ref().map(|(list, _)| list.read_at),
            of_team.connectors.as_ref().map(|list| list.read_at),
        ];
        health.push(TeamHealth {
            team: of_team.team.clone(),
            broken,
            all,
            with_runtime_users: of_team.connections.as_ref().is_some_and(|(_, with)| *with),
            read_at: read_at.into_iter().flatten().min().filter(|_| of_team.connections.is_some()),
            is_being_read: of_team.is_being_read && of_team.connections.is_none(),
        });
    }
    read.broken.sort_by_key(|it| Reverse(it.since));
    read.behind.sort_by_key(|it| Reverse(it.since));
    (Copies { health, totals }, read)
}

/// Whether Workato has lost the connection, or the application answers with errors.
pub(super) fn is_broken(connection: &Connection) -> bool {
    matches!(connection.authorization_status, Some(AuthorizationStatus::Failed | AuthorizationStatus::Exception))
}

/// Whether the shared version is not the newest released one.
pub(super) fn is_behind(connector: &Connector) -> bool {
    connectors::releases_behind(connector).is_some_and(|behind| behind > 0)
}

fn behind_since(connector: &Connector) -> Option<OffsetDateTime> {
    let shared = connector.shared_version()?;
    let newer = connector.released_versions.iter().filter(|released| released.version > shared);
    newer.filter_map(|released| released.released_at.or(released.created_at)).map(|at| at.get()).min()
}

impl Read {
    pub fn broken(&self, is_shown: impl Fn(TeamId) -> bool) -> Kind<BrokenConnection> {
        let shown: Vec<_> = self.broken.iter().filter(|it| is_shown(it.team.id)).collect();
        Kind {
            listed: shown.iter().take(MOST_LISTED).copied().cloned().collect(),
            count: shown.len(),
            has_more: false,
            oldest: shown.iter().filter_map(|it| it.since).min(),
        }
    }

    pub fn behind(&self, is_shown: impl Fn(TeamId) -> bool) -> Kind<ConnectorBehind> {
        let shown: Vec<_> = self.behind.iter().filter(|it| is_shown(it.team.id)).collect();
        Kind {
            listed: shown.iter().take(MOST_LISTED).copied().cloned().collect(),
            count: shown.len(),
            has_more: false,
            oldest: shown.iter().filter_map(|it| it.since).min(),
        }
    }
}
