//! Finding things by what people remember of them: part of a name, or an id. Looks only at what the portal has read
//! already, so it costs no call to Workato.

mod matching;

use std::{cmp::Reverse, collections::BTreeMap};

use store::{OperationSummary, SavedView, Team};
use workato::{Connection, ConnectionId, Connector, ConnectorId, ConnectorVersion, CustomerId};

pub use matching::Matching;

use crate::{
    Actor, OperationId, PersonId, Portal, Result, TeamId, background::compute, connectors, customers,
    names::normalized, upstream::Copies,
};

/// The most things of one kind that are found.
pub const MOST_OF_A_KIND: usize = 8;
/// The most characters of a text that are compared with names.
const LONGEST_TEXT: usize = 200;
/// The score of a thing whose id was typed.
const BY_ID: u32 = u32::MAX;

/// A thing that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// What it is.
    pub thing: Thing,
    /// How well it fits: higher is better. Comparable between kinds.
    pub score: u32,
}

/// What can be found.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are what the kinds say")]
pub enum Thing {
    Team(Place),
    Connection {
        place: Place,
        id: ConnectionId,
        name: String,
        application: Option<String>,
        is_broken: bool,
    },
    Connector {
        place: Place,
        id: ConnectorId,
        name: String,
        newest: Option<ConnectorVersion>,
        shared: Option<ConnectorVersion>,
    },
    Customer {
        place: Place,
        id: CustomerId,
        name: String,
    },
    Person {
        id: PersonId,
        name: String,
        email: String,
    },
    Operation(Box<OperationSummary>),
    /// With its team, unless it is of the audit log.
    View {
        view: SavedView,
        place: Option<Place>,
    },
}

/// The team that a thing belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub team: TeamId,
    /// Its part of URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
}

impl Place {
    fn of(team: &Team) -> Self {
        Self { team: team.id, slug: team.slug.to_string(), name: team.name.clone() }
    }
}

/// What was found, the best first.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// At most [`MOST_OF_A_KIND`] of each kind.
    pub hits: Vec<Hit>,
    /// The names of teams whose connections or connectors the portal has not read yet.
    pub not_read: Vec<String>,
    /// The names of teams whose customers it has not read yet. It reads them when somebody opens a page that needs them.
    pub no_customers: Vec<String>,
}

impl Portal {
    /// What the actor may see and this text could mean.
    ///
    /// # Errors
    /// `Store` if the database cannot be read.
    pub async fn find(&self, actor: &Actor, text: &str) -> Result<Found> {
        let text: String = normalized(text).chars().take(LONGEST_TEXT).collect();
        if text.is_empty() {
            return Ok(Found::default());
        }
        let teams: Vec<Team> = self.teams(actor).await?;
        let copies: Vec<(Place, Copies)> = teams
            .iter()
            .filter(|team| team.retired_at.is_none())
            .map(|team| (Place::of(team), self.upstream.copies(team)))
            .collect();
        let without = |lacks: fn(&Copies) -> bool| {
            copies.iter().filter(|(_, copies)| lacks(copies)).map(|(place, _)| place.name.clone()).collect()
        };
        let not_read = without(|copies| copies.connections.is_none() || copies.connectors.is_none());
        let no_customers = without(|copies| copies.customers.is_none());
        let mut hits = self.find_in_store(actor, &teams, &text).await?;
        let rows = copies.iter().map(|(_, copies)| copies.len()).sum();
        hits.extend(compute(rows, move || find_in_copies(&copies, &text)).await);
        hits.sort_by_key(|hit| Reverse(hit.score));
        Ok(Found { hits, not_read, no_customers })
    }

    /// Teams, people, saved searches, and the operation with this id.
    async fn find_in_store(&self, actor: &Actor, teams: &[Team], text: &str) -> Result<Vec<Hit>> {
        let mut matching = Matching::new(text);
        let mut best = Best::default();
        for team in teams {
            best.add(matching.score_any([team.name.as_str(), team.slug.as_str()]), team.name.len(), || {
                Thing::Team(Place::of(team))
            });
        }
        let mut hits: Vec<Hit> = best.into_hits().collect();
        if let Ok(admin) = actor.admin() {
            let mut best = Best::default();
            for person in self.people(&admin).await? {
                best.add(matching.score_any([person.name.as_str(), person.email.as_str()]), person.name.len(), || {
                    Thing::Person { id: person.id, name: person.name.clone(), email: person.email.clone() }
                });
            }
            hits.extend(best.into_hits());
        }
        let mut conn = self.store.read().await?;
        let mut best = Best::default();
        for saved in store::saved_views::of_every_list(&mut conn, actor.id()).await? {
            let place = teams.iter().find(|team| Some(team.id) == saved.team).map(Place::of);
            // Others share views of teams that the actor may not read.
            if place.is_some() || saved.team.is_none() {
                let score = matching.score(&saved.name);
                best.add(score, saved.name.len(), || Thing::View { view: saved.clone(), place: place.clone() });
            }
        }
        hits.extend(best.into_hits());
        if let Ok(id) = text.parse::<OperationId>()
            && let Some(operation) = store::operations::find(&mut conn, id).await?
            && actor.sees(&operation)
        {
            hits.push(Hit { thing: Thing::Operation(Box::new(operation)), score: BY_ID });
        }
        Ok(hits)
    }
}

fn find_in_copies(copies: &[(Place, Copies)], text: &str) -> Vec<Hit> {
    let mut matching = Matching::new(text);
    let (mut connections, mut connectors, mut customers) = (Best::default(), Best::default(), Best::default());
    for (place, copies) in copies {
        for connection in copies.connections.iter().flat_map(|list| &list.items.items) {
            let name = connection.name.as_deref().unwrap_or_default();
            let score =
                by_id(text, connection.id.get(), connection.external_id.as_deref()).or_else(|| matching.score(name));
            connections.add(score, name.len(), || found_connection(place, connection));
        }
        for connector in copies.connectors.iter().flat_map(|list| &list.items.items) {
            let title = connectors::name(connector).unwrap_or_default();
            let names = [title, connector.name.as_deref().unwrap_or_default()];
            let score = by_id(text, connector.id.get(), None).or_else(|| matching.score_any(names));
            connectors.add(score, title.len(), || found_connector(place, connector));
        }
        for customer in copies.customers.iter().flat_map(|list| &list.items.customers) {
            let name = customers::name(customer).unwrap_or_default();
            let score =
                by_id(text, customer.id.get(), customer.external_id.as_deref()).or_else(|| matching.score(name));
            customers.add(score, name.len(), || Thing::Customer {
                place: place.clone(),
                id: customer.id,
                name: name.to_owned(),
            });
        }
    }
    [connections, connectors, customers].into_iter().flat_map(Best::into_hits).collect()
}

/// The score of a thing whose id, or whose id at the vendor, is exactly this text.
fn by_id(text: &str, id: i64, external: Option<&str>) -> Option<u32> {
    let is_id = text.strip_prefix('#').unwrap_or(text).parse() == Ok(id) || external == Some(text);
    is_id.then_some(BY_ID)
}

fn found_connection(place: &Place, connection: &Connection) -> Thing {
    Thing::Connection {
        place: place.clone(),
        id: connection.id,
        name: connection.name.clone().unwrap_or_default(),
        application: connection.application.clone(),
        is_broken: connection.connection_lost_at.is_some(),
    }
}

fn found_connector(place: &Place, connector: &Connector) -> Thing {
    Thing::Connector {
        place: place.clone(),
        id: connector.id,
        name: connectors::name(connector).unwrap_or_default().to_owned(),
        newest: connector.released_versions.iter().map(|released| released.version).max(),
        shared: connector.shared_version(),
    }
}

/// The best of one kind: those with the highest scores, and of equal ones those with the shortest names. What is not
/// among them is never copied.
#[derive(Default)]
struct Best(BTreeMap<(Reverse<u32>, usize, usize), Thing>, usize);

impl Best {
    fn add(&mut self, score: Option<u32>, length: usize, thing: impl FnOnce() -> Thing) {
        let Some(score) = score else { return };
        self.1 += 1;
        let key = (Reverse(score), length, self.1);
        if self.0.len() == MOST_OF_A_KIND {
            if self.0.last_key_value().is_some_and(|(worst, _)| *worst < key) {
                return;
            }
            self.0.pop_last();
        }
        self.0.insert(key, thing());
    }

    fn into_hits(self) -> impl Iterator<Item = Hit> {
        self.0.into_iter().map(|((Reverse(score), ..), thing)| Hit { thing, score })
    }
}
