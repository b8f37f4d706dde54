//! The filter of the audit page, as it is in a URL or a form.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    audit_query::AuditQuery,
    clause::{BOX, Clause, Key},
    contradiction::contradiction,
    grammar::{from_box, from_field},
};
use crate::{FieldProblems, Problem, SearchProblem};

/// The most conditions of a search.
const MOST: usize = 30;

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cursor {
    /// At the newest operation.
    Newest,
    /// After this sequence, towards older ones.
    Older(i64),
    /// Before this sequence, towards newer ones.
    Newer(i64),
}

/// A search, and where its page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFilter {
    /// The search.
    pub query: AuditQuery,
    /// Where the page begins.
    pub cursor: Cursor,
}

/// The fields as text. An empty field does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterInput {
    /// The search box: words, and `key:value` for everything that has a field of its own.
    pub q: String,
    /// A team's slug.
    pub team: String,
    /// Part of an actor's name or e-mail.
    pub actor: String,
    /// An action's name, or the beginning of several: `connector`.
    pub action: String,
    /// An outcome; `none` for operations that have none yet.
    pub outcome: String,
    /// A target: `connector:3066`, an id, or part of a name.
    pub target: String,
    /// Only operations begun at this moment or later.
    pub after: String,
    /// Only operations begun before this moment.
    pub before: String,
    /// Where operations stand with their reviewers.
    pub reviewed: String,
    /// How long operations took from intent to outcome.
    pub took: String,
    /// The operation that asked for several at once.
    pub batch: String,
    /// Only operations older than this sequence: the next page.
    pub older: String,
    /// Only operations newer than this sequence: the page before.
    pub newer: String,
}

impl FilterInput {
    /// Reads the filter; `now` is what `24h` and the like count from.
    ///
    /// # Errors
    /// What is wrong, field by field. A filter that cannot be read never lets everything through.
    pub fn read(&self, now: OffsetDateTime) -> Result<AuditFilter, FieldProblems> {
        let mut problems = FieldProblems::default();
        let mut query = AuditQuery::default();
        let mut add = |field: &'static str, read: Result<Vec<Clause>, Problem>| match read {
            Ok(clauses) => query.clauses.extend(clauses),
            Err(problem) => problems.add(field, problem),
        };
        add(BOX, from_box(&self.q, now));
        for (key, text) in [
            (Key::Team, &self.team),
            (Key::Actor, &self.actor),
            (Key::Action, &self.action),
            (Key::Outcome, &self.outcome),
            (Key::Target, &self.target),
            (Key::After, &self.after),
            (Key::Before, &self.before),
            (Key::Reviewed, &self.reviewed),
            (Key::Took, &self.took),
            (Key::Batch, &self.batch),
        ] {
            add(key.as_str(), from_field(key, text.trim(), now));
        }
        if query.clauses.len() > MOST {
            problems.add(BOX, SearchProblem::TooManyConditions { most: MOST });
        }
        if problems.is_empty()
            && let Some((field, problem)) = contradiction(&query.clauses)
        {
            problems.add(field, problem);
        }
        let cursor = self.cursor(&mut problems);
        if problems.is_empty() { Ok(AuditFilter { query, cursor }) } else { Err(problems) }
    }

    fn cursor(&self, problems: &mut FieldProblems) -> Cursor {
        let mut sequence = |field, text: &str| {
            let read = text.parse::<i64>().ok().filter(|sequence| *sequence > 0);
            if read.is_none() {
                problems.add(field, SearchProblem::NotAPlace);
            }
            read
        };
        match (self.older.trim(), self.newer.trim()) {
            ("", "") => Cursor::Newest,
            (older, "") => sequence("older", older).map_or(Cursor::Newest, Cursor::Older),
            ("", newer) => sequence("newer", newer).map_or(Cursor::Newest, Cursor::Newer),
            _ => {
                problems.add("older", SearchProblem::OlderAndNewer);
                Cursor::Newest
            }
        }
    }
}
