//! Appending an entry: the one place where the log grows. The head is read inside the caller's transaction, so that two
//! processes cannot append at the same place.

use evidence::{
    canonical::{self, CanonicalError},
    tree::{Hash, leaf_hash},
};
use time::OffsetDateTime;

use super::{
    action::Outcome,
    clock::{self, Reading},
    draft::Draft,
    entry::Entry,
    reviews,
    state::State,
    tree::{self, Head},
};
use crate::{
    connection::Write,
    error::StoreError,
    sql::{self, Query, Statement},
    values::micros,
};

/// Appends `draft` at the end of the log. The entry is there once the transaction is committed, and not before. If the
/// clock was set back, an entry that says so is appended first.
///
/// # Errors
/// [`StoreError::Unwritable`] if it cannot be written, [`StoreError::HistoryInDoubt`] while the log contradicts a
/// signature.
pub async fn append(tx: &mut Write, draft: Draft) -> Result<Entry, StoreError> {
    if tx.is_history_in_doubt() && !draft.is_written_in_doubt() {
        return Err(StoreError::HistoryInDoubt);
    }
    let head = tree::head(tx).await?;
    let now = clock::in_micros(tx.now());
    match clock::reading(head.newest, now) {
        Reading::At(at) => append_behind(tx, head, draft, at).await,
        Reading::SetBack { from } => {
            append_behind(tx, head, clock::set_back(from, now), now).await?;
            append_at(tx, draft, now).await
        }
    }
}

/// Appends `draft` with this instant.
async fn append_at(tx: &mut Write, draft: Draft, at: OffsetDateTime) -> Result<Entry, StoreError> {
    let head = tree::head(tx).await?;
    append_behind(tx, head, draft, at).await
}

/// The instant of something that is written beside the log now, such as a checkpoint. Appends an entry first if the
/// clock was set back.
///
/// # Errors
/// If the log cannot be read or written.
pub async fn instant_now(tx: &mut Write) -> Result<OffsetDateTime, StoreError> {
    let now = clock::in_micros(tx.now());
    match clock::reading(tree::head(tx).await?.newest, now) {
        Reading::At(at) => Ok(at),
        Reading::SetBack { from } => append_at(tx, clock::set_back(from, now), now).await.map(|entry| entry.at),
    }
}

async fn append_behind(tx: &mut Write, head: Head, draft: Draft, at: OffsetDateTime) -> Result<Entry, StoreError> {
    let entry = draft.at(head.sequence + 1, at);
    let bytes = canonical_bytes(&entry)?;
    let leaf = leaf_hash(&bytes);
    let subtrees = head.completed_by_next(tx, leaf).await?;
    insert(tx, &entry, &bytes, leaf, &subtrees).await.map_err(StoreError::while_writing)?;
    tx.appended += 1;
    tx.last = Some(entry.sequence);
    Ok(entry)
}

/// Writes an entry at the sequence that it names, whatever stands before it.
#[cfg(any(test, feature = "testing"))]
pub async fn insert_entry(tx: &mut Write, entry: &Entry, subtrees: &[u8]) -> Result<(), StoreError> {
    let bytes = canonical_bytes(entry)?;
    insert(tx, entry, &bytes, leaf_hash(&bytes), subtrees).await
}

/// The bytes of an entry that are stored and hashed.
fn canonical_bytes(entry: &Entry) -> Result<Vec<u8>, StoreError> {
    canonical::to_bytes(entry).map_err(|error: CanonicalError| StoreError::damaged("audit entry", error))
}

// One call for the three statements: each call costs a switch between two threads, and an entry should cost hardly more
// than the commit that makes it durable.
macro_rules! entry_and {
    ($operation:literal) => {
        sql::each(
            concat!(
                "INSERT INTO entry (sequence, leaf_hash, subtrees, mac) VALUES (?, ?, ?, ?);
             INSERT INTO entry_body (sequence, body, operation_id, stage) VALUES (?, ?, ?, ?);",
                $operation
            ),
            concat!(
                "WITH new_entry AS (INSERT INTO entry (sequence, leaf_hash, subtrees, mac) VALUES (?, ?, ?, ?)),
                      new_body AS (INSERT INTO entry_body (sequence, body, operation_id, stage) VALUES (?, ?, ?, ?)) ",
                $operation
            ),
        )
    };
}

const FIRST_ENTRY: Statement = entry_and!(
    "INSERT INTO operation (id, sequence, last_sequence, at, actor_id, actor_name, actor_email,
                            team_id, team_slug, team_name, action, target_type, target_id, target_name,
                            deadline, outcome, state, acted_in, break_glass, batch)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);
// A target that the operation creates gets its id from Workato's answer. The intent of a request that was approved brings
// the deadline of its call.
const LATER_ENTRY: Statement = entry_and!(
    "UPDATE operation
        SET last_sequence = ?, outcome = ?, state = ?, target_id = ?, acted_in = coalesce(?, acted_in),
            deadline = coalesce(?, deadline)
      WHERE id = ?"
);

/// Writes an entry at its place, and updates its operation's row.
async fn insert(tx: &mut Write, entry: &Entry, bytes: &[u8], leaf: Hash, subtrees: &[u8]) -> Result<(), StoreError> {
    let begins = entry.begins();
    let mac = tx.entry_key.as_ref().map(|key| key.mac(entry.sequence, leaf.as_slice()).to_vec());
    let statement = sql::query(if begins { FIRST_ENTRY } else { LATER_ENTRY })
        .bind(entry.sequence)
        .bind(leaf.as_slice())
        .bind(subtrees)
        .bind(mac)
        .bind(entry.sequence)
        .bind(bytes)
        .bind(entry.operation_id.to_string())
        .bind(entry.stage.as_str());
    let statement = if begins { new_row(statement, entry) } else { row_update(statement, entry) };
    // One row in each of the three tables. PostgreSQL counts those of the last.
    let rows = if tx.database().is_postgres() { 1 } else { 3 };
    match statement.execute(tx.database()).await?.rows_affected() {
        written if written == rows => reviews::follow(tx, entry).await,
        _ => Err(StoreError::damaged("operation", format!("{} has no first entry", entry.operation_id))),
    }
}

fn new_row(statement: Query, entry: &Entry) -> Query {
    let (team, target) = (entry.team.as_ref(), entry.targets.first());
    statement
        .bind(entry.operation_id.to_string())
        .bind(entry.sequence)
        .bind(entry.sequence)
        .bind(micros(entry.at))
        .bind(entry.actor.id.map(|id| id.to_string()))
        .bind(&entry.actor.name)
        .bind(&entry.actor.email)
        .bind(team.map(|team| team.id.to_string()))
        .bind(team.map(|team| team.slug.as_str()))
        .bind(team.map(|team| team.name.as_str()))
        .bind(entry.action.as_str())
        .bind(target.map(|target| target.kind.as_str()))
        .bind(target.map(|target| target.id.as_str()))
        .bind(target.and_then(|target| target.name.as_deref()))
        .bind(entry.deadline.map(micros))
        .bind(entry.outcome.map(Outcome::as_str))
        .bind(State::after(entry.stage, entry.outcome).as_str())
        .bind(entry.acts().then_some(entry.sequence))
        .bind(entry.break_glass)
        .bind(entry.batch.map(|batch| batch.to_string()))
}

fn row_update(statement: Query, entry: &Entry) -> Query {
    statement
        .bind(entry.sequence)
        .bind(entry.outcome.map(Outcome::as_str))
        .bind(State::after(entry.stage, entry.outcome).as_str())
        .bind(entry.targets.first().map(|target| target.id.as_str()))
        .bind(entry.acts().then_some(entry.sequence))
        .bind(entry.deadline.filter(|_| entry.acts()).map(micros))
        .bind(entry.operation_id.to_string())
}
