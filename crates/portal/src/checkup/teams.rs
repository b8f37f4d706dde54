//! Each team's Workato: whether it answers, for which workspace, and which of the calls that pages make the token may make.
//! Only reads are tried. A privilege to change something could only be tried by changing something.

use std::time::Duration;

use futures::{StreamExt, future::join_all, stream};
use store::{Team, Workspace};
use tokio::time::{Instant, timeout_at};
use workato::{Call, Client, ClientOptions, ConnectorQuery, CustomerRef, Probe, ReadError};

use super::Checkup;
use crate::{ReadCause, ReadFailure, Result, vault::VaultError};

/// How many teams are asked at once.
const AT_ONCE: usize = 16;
/// How many customers are tried: one who has not let the vendor in says nothing about the token.
const CUSTOMERS: usize = 3;

/// A team and its Workato.
#[derive(Debug)]
pub struct TeamCheckup {
    /// The team.
    pub team: Team,
    /// What was found.
    pub state: TeamState,
}

/// What was found of a team's Workato.
#[derive(Debug)]
pub enum TeamState {
    /// The team has no token.
    NoToken,
    /// Workato has refused the token since then. It is not used.
    TokenRefused(time::OffsetDateTime),
    /// The token was changed outside the portal and is not used.
    TokenNotUsed,
    /// The token cannot be opened.
    Sealed(VaultError),
    /// The team's base URL or token cannot be used.
    Unusable(String),
    /// Workato gave no usable answer.
    NoAnswer(ReadFailure),
    /// Workato denied every call: the token is invalid, or its role has no privilege.
    AllDenied,
    /// Workato answered.
    Answered(Answers),
}

/// What Workato answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// How long the slowest of the calls took that succeeded.
    pub slowest: Duration,
    /// The workspace of the token. `None` if the token may not read it.
    pub workspace: Option<Workspace>,
    /// Calls that the token may make.
    pub allowed: Vec<Call>,
    /// Calls that the token may not make.
    pub denied: Vec<Call>,
    /// Calls that failed for another reason.
    pub failed: Vec<ReadFailure>,
    /// Calls that could not be tried, because there is nothing that they could read.
    pub untried: Vec<Call>,
    /// How far Workato's clock is ahead of this machine's.
    pub clock_ahead: Option<time::Duration>,
}

impl Answers {
    /// Whether the token opens another workspace than the team had so far.
    #[must_use]
    pub fn is_of_another_workspace(&self, team: &Team) -> bool {
        let known = team.workspace.as_ref().map(|known| known.id);
        self.workspace.as_ref().is_some_and(|found| known.is_some_and(|known| known != found.id))
    }

    fn note(&mut self, tried: Tried) {
        match tried.error {
            None => {
                self.slowest = self.slowest.max(tried.took);
                self.allowed.push(tried.call);
            }
            Some(ReadError::Denied { .. }) => self.denied.push(tried.call),
            // Without this add-on, there is no activity log.
            Some(ReadError::NotFound { .. }) if tried.call == Call::ActivityLog => self.denied.push(tried.call),
            Some(error) => self.failed.push(ReadFailure::from(&error)),
        }
    }
}

/// A call that was made.
struct Tried {
    call: Call,
    took: Duration,
    error: Option<ReadError>,
}

impl Tried {
    async fn of<T>(call: Call, read: impl Future<Output = Result<T, ReadError>>) -> (Self, Option<T>) {
        let began = Instant::now();
        let answer = read.await;
        let took = began.elapsed();
        match answer {
            Ok(value) => (Self { call, took, error: None }, Some(value)),
            Err(error) => (Self { call, took, error: Some(error) }, None),
        }
    }
}

impl Checkup {
    /// Asks each team's Workato, within this time in all. Teams that are retired are left out.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn teams(&self, within: Duration) -> Result<Vec<TeamCheckup>> {
        let deadline = Instant::now() + within;
        let teams = store::teams::list(&mut self.store.read().await?).await?;
        let active = teams.into_iter().filter(|team| team.retired_at.is_none());
        let checked = stream::iter(active).map(|team| async move {
            let state = self.team(&team, within, deadline).await?;
            Ok(TeamCheckup { team, state })
        });
        let checked: Vec<Result<TeamCheckup>> = checked.buffered(AT_ONCE).collect().await;
        checked.into_iter().collect()
    }

    async fn team(&self, team: &Team, within: Duration, deadline: Instant) -> Result<TeamState> {
        if team.token_is_bad {
            return Ok(TeamState::TokenNotUsed);
        }
        let Some(facts) = &team.token else { return Ok(TeamState::NoToken) };
        if let Some(since) = facts.refused_at {
            return Ok(TeamState::TokenRefused(since));
        }
        let Some(sealed) = store::tokens::get(&mut self.store.snapshot().await?, team.id).await? else {
            return Ok(TeamState::NoToken);
        };
        let token = match self.vault.open_token(team.id, &sealed) {
            Ok(token) => token,
            Err(error) => return Ok(TeamState::Sealed(error)),
        };
        let base_url = match team.workato_url.parse() {
            Ok(base_url) => base_url,
            Err(error) => return Ok(TeamState::Unusable(format!("{}: {error}", team.workato_url))),
        };
        let mut options = ClientOptions::new(base_url, token);
        // Two calls follow each other at most.
        options.timeout = within.mul_f64(0.45);
        options.connect_timeout = self.settings.upstream.connect_timeout.min(options.timeout);
        options.longest_wait = options.timeout;
        options.limits = self.settings.upstream.limits.clone();
        let client = match Client::new(options) {
            Ok(client) => client,
            Err(error) => return Ok(TeamState::Unusable(error.to_string())),
        };
        match timeout_at(deadline, answers(&client)).await {
            Ok(answers) => Ok(judged(answers)),
            Err(_) => {
                let cause = ReadCause::TimedOut { seconds: within.as_secs() };
                Ok(TeamState::NoAnswer(ReadFailure { call: Call::Workspace, cause }))
            }
        }
    }
}

/// Tries every read that pages make, with one call each.
async fn answers(client: &Client) -> Answers {
    let lists =
        [Probe::Connections, Probe::Folders, Probe::Tags, Probe::Recipes, Probe::ActivityLog, Probe::ApiClients];
    let (connector_query, mut found) = (ConnectorQuery::default(), Answers::default());
    let ((workspace, answered), (connectors, some_connectors), (customers, some_customers), lists) = tokio::join!(
        Tried::of(Call::Workspace, client.workspace()),
        Tried::of(Call::Connectors, client.connectors(&connector_query)),
        Tried::of(Call::Customers, client.some_customers(CUSTOMERS)),
        join_all(lists.iter().map(|probe| Tried::of(probe.call(), client.probe(probe)))),
    );
    let answered = answered.and_then(|answer| Some((answer.id?, answer.company.or(answer.name))));
    found.workspace = answered.map(|(id, name)| Workspace { id: id.get(), name });
    for tried in [workspace, connectors].into_iter().chain(lists.into_iter().map(|(tried, _)| tried)).chain([customers])
    {
        found.note(tried);
    }

    let connector = some_connectors.and_then(|list| list.items.first().map(|connector| connector.id));
    let customers = some_customers.map(|list| list.items).unwrap_or_default();
    let customers: Vec<_> = customers.iter().take(CUSTOMERS).map(|customer| CustomerRef::Id(customer.id)).collect();
    let code = async {
        let probe = Probe::ConnectorCode(connector?);
        Some(Tried::of(probe.call(), client.probe(&probe)).await.0)
    };
    let (code, connections, recipes) = tokio::join!(
        code,
        first_allowed(client, customers.iter().cloned().map(Probe::CustomerConnections)),
        first_allowed(client, customers.iter().cloned().map(Probe::CustomerRecipes)),
    );
    let of_customers = [Call::CustomerConnections, Call::CustomerRecipes];
    for (call, tried) in [Call::ConnectorCode].into_iter().chain(of_customers).zip([code, connections, recipes]) {
        match tried {
            Some(tried) => found.note(tried),
            None => found.untried.push(call),
        }
    }
    found.clock_ahead = client.clock_ahead();
    found
}

/// Tries customers until one may be read. `None` if there are no customers.
async fn first_allowed(client: &Client, probes: impl Iterator<Item = Probe>) -> Option<Tried> {
    let mut last = None;
    for probe in probes {
        let tried = Tried::of(probe.call(), client.probe(&probe)).await.0;
        let is_one_of_them = matches!(tried.error, Some(ReadError::Denied { .. } | ReadError::NotFound { .. }));
        last = Some(tried);
        if !is_one_of_them {
            break;
        }
    }
    last
}

fn judged(mut found: Answers) -> TeamState {
    if !found.allowed.is_empty() {
        return TeamState::Answered(found);
    }
    if found.failed.is_empty() {
        return TeamState::AllDenied;
    }
    // What was not sent because others got no answer says less than why they got none.
    let was_sent =
        |failure: &ReadFailure| !matches!(failure.cause, ReadCause::Down { .. } | ReadCause::QueueFull { .. });
    let first = found.failed.iter().position(was_sent).unwrap_or(0);
    TeamState::NoAnswer(found.failed.swap_remove(first))
}
