//! The conditions of a search, and how the search box writes them.

use std::fmt::{self, Write as _};

use time::OffsetDateTime;

use crate::{
    OperationId, TeamSlug,
    audit::{Action, OutcomeFilter, ReviewFilter, TargetType, Took},
};

store::words! {
    /// The subject of a condition: its key in the search box, and its field in the form.
    pub enum Key {
        /// The actor.
        Actor => "actor",
        /// The team.
        Team => "team",
        /// The action.
        Action => "action",
        /// The outcome.
        Outcome => "outcome",
        /// The target.
        Target => "target",
        /// The earliest beginning.
        After => "after",
        /// The end of the time range, exclusive.
        Before => "before",
        /// The state of its review.
        Reviewed => "reviewed",
        /// The time from intent to outcome.
        Took => "took",
        /// The operation that asked for several at once.
        Batch => "batch",
    }
}

/// Words to search for: an unquoted word is found by its beginning, quoted words in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub text: String,
    /// Whether they were quoted.
    pub exact: bool,
}

/// Any of several values of a closed set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyOf<T> {
    /// How it is written in the search box: `connector`, `failed,unknown`.
    pub spelled: String,
    /// The values.
    pub values: Vec<T>,
}

/// A moment, and how it was written: `24h` is another moment tomorrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// How it was written.
    pub spelled: String,
    /// The moment.
    pub at: OffsetDateTime,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Words anywhere: in names, reasons, Workato's words.
    Text(Words),
    /// Words in the actor's name or e-mail.
    Actor(Words),
    /// Words in the target's type, id or name.
    Target(Words),
    /// Exactly this target.
    ExactTarget(TargetType, String),
    /// This operation.
    Operation(OperationId),
    /// One of those that this operation asked for at once.
    Batch(OperationId),
    /// In one of these teams.
    Team(AnyOf<TeamSlug>),
    /// One of these actions.
    Action(AnyOf<Action>),
    /// One of these outcomes.
    Outcome(AnyOf<OutcomeFilter>),
    /// One of these review states.
    Reviewed(AnyOf<ReviewFilter>),
    /// One of these spans from intent to outcome.
    Took(AnyOf<Took>),
    /// Begun at this moment or later.
    After(When),
    /// Begun before this moment.
    Before(When),
}

/// A condition that must hold, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Whether it must not hold.
    pub excluded: bool,
    /// The condition.
    pub condition: Condition,
    /// The field that it came from; [`BOX`] for the search box.
    pub field: &'static str,
}

/// The field that holds the search box.
pub const BOX: &str = "q";

impl Words {
    /// Writes the words so that they are read as the same.
    fn write(&self, f: &mut fmt::Formatter<'_>, key: Option<Key>) -> fmt::Result {
        if let Some(key) = key {
            write!(f, "{key}:")?;
        }
        if self.exact { write!(f, "\"{}\"", self.text) } else { f.write_str(&self.text) }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.excluded {
            f.write_char('-')?;
        }
        match &self.condition {
            Condition::Text(words) => words.write(f, None),
            Condition::Actor(words) => words.write(f, Some(Key::Actor)),
            Condition::Target(words) => words.write(f, Some(Key::Target)),
            Condition::ExactTarget(kind, id) => write!(f, "target:{kind}:{id}"),
            Condition::Operation(id) => write!(f, "{id}"),
            Condition::Team(any) => write!(f, "team:{}", any.spelled),
            Condition::Action(any) => write!(f, "action:{}", any.spelled),
            Condition::Outcome(any) => write!(f, "outcome:{}", any.spelled),
            Condition::Reviewed(any) => write!(f, "reviewed:{}", any.spelled),
            Condition::Took(any) => write!(f, "took:{}", any.spelled),
            Condition::Batch(batch) => write!(f, "batch:{batch}"),
            Condition::After(when) => write!(f, "after:{}", when.spelled),
            Condition::Before(when) => write!(f, "before:{}", when.spelled),
        }
    }
}
