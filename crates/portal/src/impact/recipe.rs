//! A recipe as far as impact needs it. Small, since a team may have tens of thousands with its customers'.

use time::OffsetDateTime;
use workato::{Recipe, RecipeId};

use crate::names::is_blank;

/// A recipe that uses something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedRecipe {
    /// The id.
    pub id: RecipeId,
    /// The name. `None` if it has none.
    pub name: Option<Box<str>>,
    /// Whether it is running. `None` if Workato does not say.
    pub running: Option<bool>,
    /// When it last ran.
    pub last_run_at: Option<OffsetDateTime>,
    /// How many of its jobs failed, as far as Workato says.
    pub jobs_failed: Option<i64>,
    /// How many of its jobs succeeded, as far as Workato says.
    pub jobs_succeeded: Option<i64>,
}

impl UsedRecipe {
    pub(super) fn of(recipe: &Recipe) -> Self {
        Self {
            id: recipe.id,
            name: recipe.name.as_deref().filter(|name| !is_blank(name)).map(Into::into),
            running: recipe.running,
            last_run_at: recipe.last_run_at.map(|at| at.get()),
            jobs_failed: recipe.job_failed_count,
            jobs_succeeded: recipe.job_succeeded_count,
        }
    }

    /// Whether it is running. One that Workato says nothing about is not.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.running == Some(true)
    }
}
