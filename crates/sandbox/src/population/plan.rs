//! How much data a workspace starts with, and the helpers that generate it at random.

use rand::{Rng, rngs::StdRng};
use time::Duration;

use crate::{options::Options, pacific_time::PacificTime};

/// What to generate for one workspace.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The seed of the sandbox.
    pub seed: u64,
    /// The number of the workspace, from 0. Each has different data.
    pub workspace: usize,
    /// The number of connections.
    pub connections: usize,
    /// The number of custom connectors.
    pub connectors: usize,
    /// The number of embedded customers.
    pub customers: usize,
    /// The number of recipes, if it is given.
    pub recipes: Option<usize>,
    /// The number of recipes of each customer, if it is given.
    pub customer_recipes: Option<usize>,
    /// Whether there is data that no document describes.
    pub oddities: bool,
    /// The instant that all dates count back from.
    pub now: PacificTime,
    /// How long before that no connector's version was released.
    pub no_releases_for: Duration,
}

impl Plan {
    /// The plan of one workspace, from the options of the sandbox.
    pub fn of(options: &Options, workspace: usize) -> Self {
        Self {
            seed: options.seed,
            workspace,
            connections: options.connections,
            connectors: options.connectors,
            customers: options.customers,
            recipes: options.recipes,
            customer_recipes: options.customer_recipes,
            oddities: options.oddities,
            now: options.started_at.map_or_else(PacificTime::now, PacificTime::from),
            no_releases_for: options.no_releases_for,
        }
    }

    /// An id for this workspace. Ids of different workspaces are far apart, so that none is valid in another.
    pub(super) fn id(&self, in_first_workspace: u64) -> u64 {
        self.workspace as u64 * 10_000_000 + in_first_workspace
    }

    /// A random instant between `least` and `most` ago.
    pub(super) fn ago(&self, rng: &mut StdRng, least: Duration, most: Duration) -> PacificTime {
        let milliseconds = |duration: Duration| i64::try_from(duration.whole_milliseconds()).unwrap_or(i64::MAX);
        self.now.minus(Duration::milliseconds(rng.random_range(milliseconds(least)..milliseconds(most))))
    }
}

/// A random item of a list that is not empty.
pub(super) fn one_of<'a, T>(items: &'a [T], rng: &mut StdRng) -> &'a T {
    &items[rng.random_range(0..items.len())]
}
