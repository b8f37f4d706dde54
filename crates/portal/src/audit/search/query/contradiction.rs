//! Finds conditions that no operation can meet together, so that a search which cannot find anything is refused instead of
//! listing nothing.

use super::clause::{AnyOf, Clause, Condition};
use crate::{SearchProblem, audit::OutcomeFilter};

/// The first contradiction between clauses, and the field of the later one.
pub(super) fn contradiction(clauses: &[Clause]) -> Option<(&'static str, SearchProblem)> {
    clauses.iter().enumerate().find_map(|(at, clause)| {
        let problem = clauses[..at].iter().find_map(|earlier| between(earlier, clause))?;
        Some((clause.field, problem))
    })
}

fn between(one: &Clause, other: &Clause) -> Option<SearchProblem> {
    if let (Condition::After(after), Condition::Before(before)) | (Condition::Before(before), Condition::After(after)) =
        (&one.condition, &other.condition)
    {
        let (after_at, before_at) = (after.at, before.at);
        let problem = SearchProblem::AfterNotBefore { after: after.spelled.clone(), before: before.spelled.clone() };
        return (after_at >= before_at).then_some(problem);
    }
    let exclude_each_other = match (one.excluded, other.excluded) {
        (false, false) => are_disjoint(&one.condition, &other.condition),
        (true, true) => false,
        _ => one.condition == other.condition,
    };
    exclude_each_other.then(|| SearchProblem::Contradiction { one: one.to_string(), other: other.to_string() })
}

/// Whether an operation has at most one of what both name, and they name different ones.
fn are_disjoint(one: &Condition, other: &Condition) -> bool {
    fn apart<T: PartialEq>(one: &AnyOf<T>, other: &AnyOf<T>) -> bool {
        one.values.iter().all(|value| !other.values.contains(value))
    }
    match (one, other) {
        (Condition::Operation(one), Condition::Operation(other)) => one != other,
        (Condition::Batch(one), Condition::Batch(other)) => one != other,
        (Condition::Team(one), Condition::Team(other)) => apart(one, other),
        (Condition::Action(one), Condition::Action(other)) => apart(one, other),
        // What waits for somebody has an outcome beside it.
        (Condition::Outcome(one), Condition::Outcome(other)) => {
            let waits = |any: &AnyOf<OutcomeFilter>| any.values.contains(&OutcomeFilter::Waiting);
            !waits(one) && !waits(other) && apart(one, other)
        }
        (Condition::Took(one), Condition::Took(other)) => apart(one, other),
        _ => false,
    }
}
