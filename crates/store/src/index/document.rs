//! What the index holds of one operation.

use time::OffsetDateTime;

use super::facets::{Exact, OutcomeFilter};
use crate::{Action, TeamId, Took};

/// What the index holds of one operation.
#[derive(Clone, Debug)]
pub struct Document {
    /// The sequence of its first entry.
    pub sequence: i64,
    /// When it began.
    pub at: OffsetDateTime,
    /// Its team.
    pub team: Option<TeamId>,
    /// The tokens that `actor:` searches.
    pub actor: Vec<String>,
    /// The tokens that `target:` searches.
    pub target: Vec<String>,
    /// The tokens of all other text.
    pub words: Vec<String>,
    /// What it is found by as a whole.
    pub exact: Vec<Exact>,
    /// Words such as [`super::facets::facet_of_outcome`] gives.
    pub facets: Vec<String>,
    /// Whose it is counted as: the person's id, or the name of an actor that is not a person.
    pub counted_actor: String,
    /// What it is counted as.
    pub action: Action,
    /// What it is counted as.
    pub outcome: OutcomeFilter,
    /// How long it took.
    pub took: Option<Took>,
}
