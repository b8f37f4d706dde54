//! The one write of an entry: its place in the tree, its body, and what it makes of operations' rows. One call, since
//! each costs a turn of two threads, and an entry is to cost hardly more than the commit that makes it durable.

use sqlx::{Sqlite, query::Query, sqlite::SqliteArguments};

use super::{StoreError, WriteTx, micros};
use crate::audit::{Entry, Hash, Outcome, State};

macro_rules! entry_and {
    ($operation:literal) => {
        concat!(
            "INSERT INTO entry (sequence, leaf_hash, subtrees) VALUES (?, ?, ?);
             INSERT INTO entry_body (sequence, body, operation_id, stage) VALUES (?, ?, ?, ?);",
            $operation
        )
    };
}

const FIRST_ENTRY: &str = entry_and!(
    "INSERT INTO operation (id, sequence, last_sequence, at, actor_id, actor_name, actor_email,
                            team_id, team_slug, team_name, action, target_type, target_id, target_name,
                            deadline, outcome, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);
// What was to be created has its id from Workato's answer on.
const LATER_ENTRY: &str =
    entry_and!("UPDATE operation SET last_sequence = ?, outcome = ?, state = ?, target_id = ? WHERE id = ?");

type Statement<'a> = Query<'a, Sqlite, SqliteArguments>;

/// Writes an entry at its place, and makes its operation's row what it says.
pub(crate) async fn append(
    tx: &mut WriteTx,
    entry: &Entry,
    bytes: &[u8],
    leaf: Hash,
    subtrees: &[u8],
) -> Result<(), StoreError> {
    let begins = entry.stage.begins();
    let statement = sqlx::query(if begins { FIRST_ENTRY } else { LATER_ENTRY })
        .bind(entry.sequence)
        .bind(leaf.as_slice())
        .bind(subtrees)
        .bind(entry.sequence)
        .bind(bytes)
        .bind(entry.operation_id.to_string())
        .bind(entry.stage.as_str());
    let statement = if begins { new_row(statement, entry) } else { news_of_row(statement, entry) };
    // One row in each of the three tables.
    match statement.execute(&mut **tx).await?.rows_affected() {
        3 => super::reviews::follow(tx, entry).await,
        _ => Err(StoreError::damaged("operation", format!("{} has no first entry", entry.operation_id))),
    }
}

fn new_row<'a>(statement: Statement<'a>, entry: &'a Entry) -> Statement<'a> {
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
}

fn news_of_row<'a>(statement: Statement<'a>, entry: &'a Entry) -> Statement<'a> {
    statement
        .bind(entry.sequence)
        .bind(entry.outcome.map(Outcome::as_str))
        .bind(State::after(entry.stage, entry.outcome).as_str())
        .bind(entry.targets.first().map(|target| target.id.as_str()))
        .bind(entry.operation_id.to_string())
}
