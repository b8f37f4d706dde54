//! What the index holds of one operation.

use time::OffsetDateTime;

use super::facets::OutcomeFilter;
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
    /// The text that `actor:` searches.
    pub actor: String,
    /// The text that `target:` searches.
    pub target: String,
    /// All other text.
    pub words: String,
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
