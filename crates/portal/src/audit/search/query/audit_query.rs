//! A search: all of its conditions must hold.

use std::fmt::{self, Write as _};

use time::OffsetDateTime;

use super::{
    clause::{Clause, Condition},
    contradiction::contradiction,
    grammar,
};
use crate::{Error, Problem, TeamSlug, audit::instant_text, moment};

/// A search of the log. Every clause must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// The clauses, those of the search box first.
    pub clauses: Vec<Clause>,
}

impl AuditQuery {
    /// Reads a search box.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str, now: OffsetDateTime) -> Result<Self, Problem> {
        let clauses = grammar::from_box(text, now)?;
        match contradiction(&clauses) {
            Some((_, problem)) => Err(problem.into()),
            None => Ok(Self { clauses }),
        }
    }

    /// Reads a search that the portal itself makes.
    ///
    /// # Errors
    /// `Internal` if it is not valid.
    pub(crate) fn of_portal(text: &str, now: OffsetDateTime) -> crate::Result<Self> {
        Self::read(text, now).map_err(|problem| Error::Internal(format!("{text:?} is refused: {problem:?}")))
    }

    /// Whether nothing restricts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// The same search, written so that it means the same tomorrow: without relative moments such as `24h`.
    #[must_use]
    pub fn for_ever(&self) -> Self {
        let mut query = self.clone();
        for clause in &mut query.clauses {
            if let Condition::After(when) | Condition::Before(when) = &mut clause.condition
                && moment::parse(&when.spelled, OffsetDateTime::UNIX_EPOCH) != Some(when.at)
            {
                when.spelled = instant_text(when.at);
            }
        }
        query
    }

    /// The team that it names, if it names exactly one.
    #[must_use]
    pub fn team(&self) -> Option<&TeamSlug> {
        let mut teams = self.clauses.iter().filter_map(|clause| match &clause.condition {
            Condition::Team(any) if !clause.excluded && any.values.len() == 1 => any.values.first(),
            _ => None,
        });
        let team = teams.next();
        team.filter(|_| teams.next().is_none())
    }
}

impl fmt::Display for AuditQuery {
    /// As the search box writes it. Reading it again gives the same conditions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, clause) in self.clauses.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            clause.fmt(f)?;
        }
        Ok(())
    }
}
