//! Each team's way to Workato: one client a token, reads shared between people, and names for ids.
//! It knows no rights: whoever calls has shown them already.

mod answers;
mod names;
mod reads;

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use workato::{Client, ClientOptions, Limits};

pub use answers::{Shown, Snapshot, Stale, WhyStale};
pub use names::Names;

use crate::{Actor, Error, PersonId, Portal, Result, TeamId, audit::TargetType};
use names::NamesCache;
use reads::{Eras, Reads};
use store::{Team, Workspace};

/// How Workato is called.
#[derive(Clone, Debug)]
pub struct UpstreamSettings {
    /// How long a whole call may take.
    pub timeout: Duration,
    /// How long a connection may take to come up.
    pub connect_timeout: Duration,
    /// The longest wait for a turn.
    pub longest_wait: Duration,
    /// How long nothing is sent once Workato is plainly down, until a read asks again.
    pub pause_when_down: Duration,
    /// How long a page waits for Workato where there is an older answer to show.
    pub patience: Duration,
    /// How many calls of each class there may be.
    pub limits: Limits,
}

impl Default for UpstreamSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(45),
            connect_timeout: Duration::from_secs(5),
            longest_wait: Duration::from_secs(20),
            pause_when_down: Duration::from_secs(10),
            patience: PATIENCE,
            limits: Limits::documented(),
        }
    }
}

/// For whom Workato is asked: a team's people share its limits fairly, and what nobody waits for comes after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// A page or a form waits for it.
    Person(PersonId),
    /// Nobody does.
    Background,
}

impl From<&Actor> for Asker {
    fn from(actor: &Actor) -> Self {
        Self::Person(actor.id())
    }
}

impl Asker {
    /// The team's client, calling for this asker.
    fn client(self, client: &Client) -> Client {
        match self {
            Self::Person(person) => client.on_behalf_of(person.to_string()),
            Self::Background => client.in_background(),
        }
    }
}

/// All teams' ways to Workato.
#[derive(Debug)]
pub(crate) struct Upstream {
    settings: UpstreamSettings,
    ways: Mutex<HashMap<TeamId, Way>>,
    reads: Reads,
    names: NamesCache,
}

/// One team's way: the client of its token, and what answers are filed under.
#[derive(Clone, Debug)]
struct Way {
    client: Client,
    /// Another one for each client, so that no answer of one is ever taken for another's.
    epoch: u64,
    eras: Eras,
}

impl Upstream {
    pub fn new(settings: UpstreamSettings) -> Self {
        Self { settings, ways: Mutex::default(), reads: Reads::new(), names: NamesCache::new() }
    }

    fn ways(&self) -> std::sync::MutexGuard<'_, HashMap<TeamId, Way>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a team's client and everything read through it: its token or address changed.
    pub fn forget(&self, team: TeamId) {
        self.ways().remove(&team);
        self.names.forget(team);
        self.reads.forget(team);
    }

    /// A change was sent to something of this kind: whoever looks next sees what became of it.
    pub fn changed(&self, team: TeamId, kind: TargetType) {
        if let Some(way) = self.ways().get_mut(&team) {
            way.eras.change(kind);
        }
    }

    /// Somebody wants to see who a team's customers are now. Reading them may take many calls.
    pub fn refresh_customers(&self, team: TeamId) {
        if let Some(way) = self.ways().get_mut(&team) {
            way.eras.refresh_customers();
        }
    }

    /// Somebody wants to see a team's connections and connectors as they are now.
    pub fn refresh(&self, team: TeamId) {
        if let Some(way) = self.ways().get_mut(&team) {
            way.eras.refresh();
        }
        self.names.refresh(team);
    }

    /// Which workspace a token opens, by Workato's own word. The token is not the team's yet, so nothing shares its
    /// limits.
    pub async fn ask_workspace(&self, team: &Team, token: &SecretString) -> Result<Workspace> {
        workspace_of(&self.client(team, token.clone())?).await
    }

    fn client(&self, team: &Team, token: SecretString) -> Result<Client> {
        let base_url = team
            .workato_url
            .parse()
            .map_err(|error| Error::Internal(format!("the base URL of team {} cannot be used: {error}", team.slug)))?;
        let mut options = ClientOptions::new(base_url, token);
        options.timeout = self.settings.timeout;
        options.connect_timeout = self.settings.connect_timeout;
        options.longest_wait = self.settings.longest_wait;
        options.pause_when_down = self.settings.pause_when_down;
        options.limits = self.settings.limits.clone();
        Client::new(options).map_err(|error| Error::Internal(error.to_string()))
    }
}

/// Which workspace the client's token opens.
pub(crate) async fn workspace_of(client: &Client) -> Result<Workspace> {
    let answer = client.workspace().await.map_err(Arc::new)?;
    let id = answer.id.ok_or_else(|| Error::Internal("Workato named no workspace id".to_owned()))?;
    Ok(Workspace { id: id.get(), name: answer.company.or(answer.name) })
}

/// How long a page waits for Workato where there is an older answer to show.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits for a read only as long as a page does that can be drawn without it, and longer than for an older answer;
/// `None` when that was too short.
pub async fn soon<T>(read: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(PATIENCE + Duration::from_secs(1), read).await.ok()
}

impl Portal {
    /// The team's client, calling for this asker. There is one for as long as the token is the same, so that everybody
    /// shares its limits.
    pub(crate) async fn workato(&self, team: &Team, asker: impl Into<Asker>) -> Result<Client> {
        Ok(asker.into().client(&self.way(team).await?.client))
    }

    async fn way(&self, team: &Team) -> Result<Way> {
        if let Some(way) = self.upstream.ways().get(&team.id) {
            return Ok(way.clone());
        }
        let token = self.token_of(team).await?;
        let client = self.upstream.client(team, token)?;
        // Whoever comes second takes the first one's client: there is one limiter a token.
        let mut ways = self.upstream.ways();
        let epoch = self.upstream.reads.next_epoch();
        Ok(ways.entry(team.id).or_insert(Way { client, epoch, eras: Eras::default() }).clone())
    }
}
