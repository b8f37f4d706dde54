//! Whether an entry is still the one that was appended. Everything that shows or hands out the contents of entries asks
//! here first, so that a row that somebody changed is an error and not an answer.
//!
//! It costs about 2 µs for an entry (two cores of a virtual machine, release build; `make bench-audit` prints it).

use evidence::verify::{BadEntry, check_leaf};

use super::{
    entries::{self, StoredEntry},
    entry::{Entry, Target, TargetType},
    state::State,
    summary::OperationSummary,
};
use crate::{StoreError, sql::Row};

/// An entry whose bytes have the hash that was stored when it was appended, and name its place.
pub(super) fn read(sequence: i64, bytes: &[u8], leaf: &[u8]) -> Result<Entry, BadEntry> {
    check_leaf(sequence, bytes, leaf)?;
    let entry = entries::read(bytes).map_err(|error| BadEntry::new(sequence, error.to_string()))?;
    if entry.sequence == sequence { Ok(entry) } else { Err(BadEntry::new(sequence, "its bytes name another sequence")) }
}

impl StoredEntry {
    /// The entry; `None` if retention removed its body.
    ///
    /// # Errors
    /// If its bytes or what is derived from them were changed, or the body was removed by something else.
    pub fn checked(&self) -> Result<Option<Entry>, BadEntry> {
        match (&self.body, &self.removed) {
            (Some(body), _) => {
                let entry = read(self.sequence, &body.bytes, &self.leaf)?;
                if body.operation_id == entry.operation_id.to_string() && body.stage == entry.stage.as_str() {
                    Ok(Some(entry))
                } else {
                    Err(BadEntry::new(self.sequence, "what is derived from it differs from its bytes"))
                }
            }
            (None, Some(_)) => Ok(None),
            (None, None) => Err(BadEntry::new(self.sequence, "its body is missing")),
        }
    }
}

/// What the row of an operation has of its target.
fn facts(target: &Target) -> (TargetType, &str, Option<&str>) {
    (target.kind, &target.id, target.name.as_deref())
}

/// Compares an operation's row with its first and its newest entry, as far as retention has kept them.
pub(super) fn row_agrees(row: &OperationSummary) -> Result<(), BadEntry> {
    let as_it_began = row.first.as_ref().is_none_or(|first| {
        let team = first.team.as_ref();
        let is_later = row.acted_in.is_some_and(|acted_in| acted_in > row.sequence);
        first.begins()
            && first.operation_id == row.id
            && first.at == row.at
            && first.break_glass == row.break_glass
            && first.batch == row.batch
            && if first.acts() {
                row.acted_in == Some(row.sequence) && first.deadline == row.deadline
            } else {
                // Once the request is approved, the deadline is that of the call.
                is_later || row.acted_in.is_none() && first.deadline == row.deadline
            }
            && first.actor.id == row.actor_id
            && first.actor.name == row.actor_name
            && first.actor.email == row.actor_email
            && team.map(|team| team.id) == row.team_id
            && team.map(|team| &team.name) == row.team_name.as_ref()
            && first.action == row.action
    });
    // A target that the operation created has its id only in the newest entry.
    let as_it_ended = row.last.as_ref().is_none_or(|last| {
        last.operation_id == row.id
            && last.targets.first().map(facts) == row.target.as_ref().map(facts)
            && last.outcome == row.outcome
            && State::after(last.stage, last.outcome) == row.state
            && (row.acted_in.is_some() || !last.acts())
    });
    let differs = |sequence| Err(BadEntry::new(sequence, "the list of operations differs from the log"));
    match (as_it_began, as_it_ended) {
        (true, true) => Ok(()),
        (false, _) => differs(row.sequence),
        (true, false) => differs(row.last_sequence),
    }
}

/// An entry in these columns, unless retention removed its body.
pub(super) fn body(
    row: &Row,
    sequence: i64,
    body: &str,
    leaf: &str,
) -> Result<Result<Option<Entry>, BadEntry>, StoreError> {
    let Some(bytes) = row.try_get::<Option<Vec<u8>>, _>(body)? else { return Ok(Ok(None)) };
    let leaf: Option<Vec<u8>> = row.try_get(leaf)?;
    Ok(read(sequence, &bytes, &leaf.unwrap_or_default()).map(Some))
}
