//! Reading recipes within Workato's limits: in the background, and at once for a form whose copy is old.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use store::Team;
use time::OffsetDateTime;
use tokio::time::timeout;
use workato::{CustomerRef, ReadError, in_trace};

use super::{
    cache::{Part, TeamImpact},
    customers::{CustomersRecipes, CustomersRecipesBuilder},
    own::OwnRecipes,
};
use crate::{
    Error, Portal, ReadFailure, Result, TeamReader,
    background::compute,
    page_reads::{note_change, passing},
    upstream::{Asker, TeamWorkato},
};

/// How old what a form shows may be.
const FRESH: time::Duration = time::Duration::minutes(5);
/// How long a page waits for a newer read. The read continues.
const PAGE_PATIENCE: Duration = Duration::from_secs(2);
/// How many customers are read at the same time.
const AT_ONCE: usize = 4;
/// After this many customers, none of which could be read, no further one is tried.
const MOST_IN_VAIN: usize = 10;

/// How new an answer somebody needs, and how long they wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What is held, for a list. Without any, a read begins and nobody waits for it.
    Held,
    /// What is held. Without any, one is waited for.
    Some,
    /// One that is at most five minutes old, for a form that changes something.
    Fresh,
}

/// What is known of something that takes many calls to read.
#[derive(Clone, Debug)]
pub struct Known<T> {
    /// The last good read.
    pub read: Option<Arc<T>>,
    /// Why the last try failed, if it did and Workato was the reason.
    pub failure: Option<ReadFailure>,
    /// Whether a read is under way that is not in `read`.
    pub is_being_read: bool,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self { read: None, failure: None, is_being_read: false }
    }
}

/// Something that is read of a team as a whole.
pub(super) trait ReadOfTeam: Sized + Send + Sync + 'static {
    fn part(of: &TeamImpact) -> &Part<Self>;

    fn began_at(&self) -> OffsetDateTime;

    fn read(portal: &Portal, workato: &TeamWorkato<'_>) -> impl Future<Output = Result<Self>> + Send;
}

impl ReadOfTeam for OwnRecipes {
    fn part(of: &TeamImpact) -> &Part<Self> {
        &of.own
    }

    fn began_at(&self) -> OffsetDateTime {
        self.began_at
    }

    async fn read(portal: &Portal, workato: &TeamWorkato<'_>) -> Result<Self> {
        let began_at = portal.now();
        let list = workato.client().recipes().await.map_err(Arc::new)?;
        let read_at = portal.now();
        Ok(compute(list.recipes.len(), move || Self::of(list, began_at, read_at)).await)
    }
}

impl ReadOfTeam for CustomersRecipes {
    fn part(of: &TeamImpact) -> &Part<Self> {
        &of.customers
    }

    fn began_at(&self) -> OffsetDateTime {
        self.began_at
    }

    async fn read(portal: &Portal, workato: &TeamWorkato<'_>) -> Result<Self> {
        let began_at = portal.now();
        let list = workato.customers().await?;
        let client = workato.client();
        let places = 0..list.items.customers.len();
        let mut reads = stream::iter(places)
            .map(|place| {
                let (list, client) = (Arc::clone(&list.snapshot), client.clone());
                async move {
                    let customer = CustomerRef::Id(list.items.customers[place].id);
                    (place, client.customer_recipes(&customer).await)
                }
            })
            .buffered(AT_ONCE);
        let mut builder = CustomersRecipesBuilder::default();
        let mut last_error = None;
        while let Some((place, read)) = reads.next().await {
            let read = read.map_err(|error| {
                let why = ReadFailure::from(&error);
                last_error = Some(error);
                why
            });
            builder.add(&list.items.customers[place], read);
            if builder.nothing_but().is_some_and(|(tried, _)| tried == MOST_IN_VAIN) {
                break;
            }
        }
        drop(reads);
        match (builder.nothing_but(), last_error) {
            (Some(_), Some(error)) => Err(Error::Workato(Arc::new(error))),
            _ => Ok(builder.finish(list.items.complete && list.items.left_out == 0, began_at, portal.now())),
        }
    }
}

impl Portal {
    /// What the team's own recipes use.
    pub async fn recipes_in_use(self: &Arc<Self>, reader: &TeamReader, wanted: Wanted) -> Known<OwnRecipes> {
        self.known_impact(reader.team(), wanted, PAGE_PATIENCE).await
    }

    /// What the recipes of the team's customers use.
    pub async fn customers_in_use(self: &Arc<Self>, reader: &TeamReader, wanted: Wanted) -> Known<CustomersRecipes> {
        self.known_impact(reader.team(), wanted, PAGE_PATIENCE).await
    }

    /// Reads the recipes of every team and of its customers, if what is held is older than half the interval.
    ///
    /// # Errors
    /// `Store` if the teams cannot be read, `Internal` if the work on a team panicked.
    pub async fn read_recipes_due(self: &Arc<Self>) -> Result<()> {
        let every = self.settings.impact_every;
        let most_age = time::Duration::try_from(every / 2).ok();
        let teams = store::teams::list(&mut self.store.read().await?).await?;
        let read = |team: Team| {
            let portal = Arc::clone(self);
            async move {
                let Ok(impact) = portal.impact_of(&team).await else { return };
                portal.read_part::<OwnRecipes>(&team, &impact, most_age).await;
                portal.read_part::<CustomersRecipes>(&team, &impact, most_age).await;
            }
        };
        let usable = |team: &Team| team.token.as_ref().is_some_and(|token| token.refused_at.is_none());
        let teams = teams.into_iter().filter(usable).map(|team| (team.id, team));
        self.reading_recipes.for_each(teams, read, every, &self.running, &self.leaving).await
    }

    /// What is held, after waiting for a newer read for no longer than `patience`.
    pub(super) async fn known_impact<T: ReadOfTeam>(
        self: &Arc<Self>,
        team: &Team,
        wanted: Wanted,
        patience: Duration,
    ) -> Known<T> {
        let Ok(impact) = self.impact_of(team).await else { return Known::default() };
        let most_age = (wanted == Wanted::Fresh).then_some(FRESH);
        let is_due = T::part(&impact).held().is_due(self.now(), most_age, T::began_at);
        // Who needs no fresh one does not wait behind a read that is under way: that may take a minute.
        let is_under_way = wanted != Wanted::Fresh && T::part(&impact).turn.try_lock().is_err();
        let mut is_being_read = is_due && is_under_way;
        if is_due && !is_under_way {
            let (portal, team, impact) = (Arc::clone(self), team.clone(), Arc::clone(&impact));
            let reading = self.running.spawn(in_trace(async move {
                portal.leaving.clone().run_until_cancelled(portal.read_part::<T>(&team, &impact, most_age)).await;
            }));
            is_being_read = wanted == Wanted::Held || timeout(patience, reading).await.is_err();
        }
        if is_being_read {
            passing();
        }
        let held = T::part(&impact).held();
        let failure = held.failure.as_ref().and_then(|(why, _)| why.clone());
        Known { read: held.read.clone(), failure, is_being_read }
    }

    async fn impact_of(&self, team: &Team) -> Result<Arc<TeamImpact>> {
        let workato = self.workato(team, Asker::Background).await?;
        Ok(self.impacts.of(team.id, workato.epoch()))
    }

    /// Reads a part, unless somebody else has meanwhile.
    async fn read_part<T: ReadOfTeam>(&self, team: &Team, impact: &TeamImpact, most_age: Option<time::Duration>) {
        let part = T::part(impact);
        let _turn = part.turn.lock().await;
        if !part.held().is_due(self.now(), most_age, T::began_at) {
            return;
        }
        let read = match self.workato(team, Asker::Background).await {
            Ok(workato) => T::read(self, &workato).await,
            Err(error) => Err(error),
        };
        let now = self.now();
        let mut held = part.held();
        match read {
            Ok(read) => {
                held.read = Some(Arc::new(read));
                held.failure = None;
            }
            Err(error) => {
                tracing::info!(team = %team.slug, %error, "cannot read which recipes use what");
                held.failure = Some((failure_of(&error), now));
            }
        }
        drop(held);
        note_change();
    }
}

fn failure_of(error: &Error) -> Option<ReadFailure> {
    match error {
        Error::Workato(error) => Some(ReadFailure::from(&**error as &ReadError)),
        _ => None,
    }
}
