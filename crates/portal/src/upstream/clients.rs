//! The teams' clients and everything that was read through them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use secrecy::SecretString;
use store::{Store, Team, Workspace, clock::Clock};
use workato::{Client, ClientOptions, Connection, ConnectionQuery, Connector, ConnectorQuery, List, SharedLimits};

use super::{
    generations::Generations,
    names::{Names, NamesCache},
    pace::Pace,
    reads::Reads,
    settings::UpstreamSettings,
    shared_limits::InDatabase,
    snapshot::Snapshot,
    workspace::workspace_of,
};
use crate::{Error, Result, TeamId, audit::TargetType, page_reads::note_change};

/// What a client was made from. A replaced token has another fingerprint, so nobody who loads the team after the
/// replacement finds the old client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ClientKey {
    team: TeamId,
    fingerprint: String,
    base_url: String,
}

impl ClientKey {
    /// `None` if the team has no token.
    fn of(team: &Team) -> Option<Self> {
        let fingerprint = team.token.as_ref()?.fingerprint.clone();
        Some(Self { team: team.id, fingerprint, base_url: team.workato_url.clone() })
    }
}

/// A team's client, and what its answers are stored under.
#[derive(Clone, Debug)]
pub(super) struct TeamClient {
    pub team: TeamId,
    pub client: Client,
    /// The fingerprint of the token that the client sends.
    pub fingerprint: Arc<str>,
    /// Different for each client, so that an answer of one is never taken for an answer of another.
    pub epoch: u64,
    generations: Arc<Mutex<Generations>>,
    pub pace: Arc<Pace>,
}

impl TeamClient {
    pub fn generations(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last good copies of a team's complete lists.
#[derive(Debug)]
pub(crate) struct Copies {
    /// The connections, and whether those of runtime users are among them.
    pub connections: Option<(Arc<Snapshot<List<Connection>>>, bool)>,
    pub connectors: Option<Arc<Snapshot<List<Connector>>>>,
}

/// The clients: one for each team.
#[derive(Debug, Default)]
struct Clients {
    by_key: HashMap<ClientKey, TeamClient>,
    /// How often each team's client was forgotten.
    versions: HashMap<TeamId, u64>,
    epochs: u64,
}

impl Clients {
    fn version(&self, team: TeamId) -> u64 {
        self.versions.get(&team).copied().unwrap_or_default()
    }
}

/// Every team's Workato.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(super) settings: UpstreamSettings,
    pub(super) reads: Reads,
    pub(super) names: NamesCache,
    clients: Mutex<Clients>,
    /// When the use of each team's token was last noted.
    uses: Mutex<HashMap<TeamId, Instant>>,
    pub(super) clock: Clock,
    /// Where calls are counted for all instances, if there are several.
    counted_in: Option<Store>,
}

impl Upstream {
    pub fn new(settings: UpstreamSettings, clock: Clock, counted_in: Option<Store>) -> Self {
        Self {
            counted_in,
            settings,
            reads: Reads::new(&clock),
            names: NamesCache::new(),
            clients: Mutex::default(),
            uses: Mutex::default(),
            clock,
        }
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client of the token that the team has according to this row.
    pub(super) fn client_of(&self, team: &Team) -> Option<TeamClient> {
        self.clients().by_key.get(&ClientKey::of(team)?).cloned()
    }

    /// The last good copies of a team's complete lists, if its client has read any. Calls nothing.
    pub(crate) fn copies_of(&self, team: &Team) -> Option<Copies> {
        let client = self.client_of(team)?;
        let copy = |include_runtime_connections| {
            let query = ConnectionQuery { include_runtime_connections, ..ConnectionQuery::default() };
            let copy = self.reads.connections.kept(client.team, client.epoch, &query)?;
            Some((copy, include_runtime_connections))
        };
        let newest = [copy(false), copy(true)].into_iter().flatten().max_by_key(|(list, _)| list.began_at);
        let connectors = self.reads.connectors.kept(client.team, client.epoch, &ConnectorQuery::default());
        Some(Copies { connections: newest, connectors })
    }

    /// The names that were last read for a team. Calls nothing.
    pub(crate) async fn names_in_copy(&self, team: &Team) -> Option<Arc<Names>> {
        let client = self.client_of(team)?;
        self.names.in_copy(client.team, client.epoch).await
    }

    /// How often the team's client was forgotten. Ask before you read the token; [`Upstream::add_client`] compares.
    pub(super) fn version(&self, team: TeamId) -> u64 {
        self.clients().version(team)
    }

    /// Adds a client for the team's token, which was read with this row after the team's version was `before`. Returns
    /// the client that is there already if somebody else added it meanwhile, and `None` if the team's client was
    /// forgotten meanwhile: the token may be the one that was replaced.
    pub(super) fn add_client(&self, team: &Team, token: SecretString, before: u64) -> Result<Option<TeamClient>> {
        let key = ClientKey::of(team).ok_or(Error::NoToken)?;
        let client = self.new_client(team, token)?;
        let (added, replaces_another) = {
            let mut clients = self.clients();
            if clients.version(team.id) != before {
                return Ok(None);
            }
            if let Some(client) = clients.by_key.get(&key) {
                return Ok(Some(client.clone()));
            }
            let count = clients.by_key.len();
            clients.by_key.retain(|other, _| other.team != team.id);
            let replaces_another = clients.by_key.len() < count;
            clients.epochs += 1;
            let added = TeamClient {
                team: team.id,
                client,
                fingerprint: key.fingerprint.as_str().into(),
                epoch: clients.epochs,
                generations: Arc::default(),
                pace: Arc::default(),
            };
            clients.by_key.insert(key, added.clone());
            (added, replaces_another)
        };
        note_change();
        if replaces_another {
            // Another process, such as the command line, has replaced the token.
            self.forget_answers(team.id);
        }
        Ok(Some(added))
    }

    /// Forgets a team's client and everything read through it: its token or address has changed.
    pub fn forget(&self, team: TeamId) {
        {
            let mut clients = self.clients();
            clients.by_key.retain(|key, _| key.team != team);
            *clients.versions.entry(team).or_default() += 1;
        }
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).remove(&team);
        self.forget_answers(team);
    }

    fn forget_answers(&self, team: TeamId) {
        self.names.forget(team);
        self.reads.forget(team);
        note_change();
    }

    fn with_generations(&self, team: TeamId, change: impl Fn(&mut Generations)) {
        for client in self.clients().by_key.values().filter(|client| client.team == team) {
            change(&mut client.generations());
        }
        note_change();
    }

    /// A change was sent to a target of this kind. The next read of such targets shows its effect.
    pub fn changed(&self, team: TeamId, kind: TargetType) {
        let at = self.clock.now();
        self.with_generations(team, |generations| generations.changed(kind, at));
    }

    /// Somebody asked for the team's current customers. Reading them may take many calls.
    pub fn refresh_customers(&self, team: TeamId) {
        self.with_generations(team, Generations::refresh_customers);
    }

    /// Somebody asked for the team's current connections and connectors.
    pub fn refresh(&self, team: TeamId) {
        self.with_generations(team, Generations::refresh);
        self.names.refresh(team);
        note_change();
    }

    /// Whether the use of the team's token was not noted within the last minute. The caller notes it now.
    pub(super) fn is_use_to_note(&self, team: TeamId) -> bool {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = uses.get(&team).is_none_or(|last| last.elapsed() >= Duration::from_secs(60));
        if is_due {
            uses.insert(team, Instant::now());
        }
        is_due
    }

    /// Asks Workato which workspace a token opens. The token is not the team's yet, so it gets a client of its own.
    pub async fn ask_workspace(&self, team: &Team, token: &SecretString) -> Result<Workspace> {
        workspace_of(&self.new_client(team, token.clone())?).await
    }

    fn new_client(&self, team: &Team, token: SecretString) -> Result<Client> {
        let base_url = team
            .workato_url
            .parse()
            .map_err(|error| Error::Internal(format!("the base URL of team {} is invalid: {error}", team.slug)))?;
        let mut options = ClientOptions::new(base_url, token);
        options.timeout = self.settings.timeout;
        options.connect_timeout = self.settings.connect_timeout;
        options.longest_wait = self.settings.longest_wait;
        options.pause_when_down = self.settings.pause_when_down;
        options.limits = self.settings.limits.clone();
        options.shared_limits =
            self.counted_in.as_ref().map(|store| Arc::new(InDatabase::new(store, team)) as Arc<dyn SharedLimits>);
        Client::new(options).map_err(|error| Error::Internal(error.to_string()))
    }
}
