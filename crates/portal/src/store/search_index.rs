//! The index that finds operations: its tables, and how they are filled. What a document says is `audit::index`'s.

use std::collections::HashMap;

use sqlx::SqliteConnection;
use time::OffsetDateTime;

use super::{StoreError, WriteTx, micros, search::listed};
use crate::{
    TeamId,
    audit::{Action, OutcomeAsked, ReviewAsked, TargetType, Took},
};

/// How many sequences a span covers.
pub(super) const SPAN: i64 = 2_048;
/// The facet of every document.
pub(super) const ALL: &str = "all";
/// What the tokens of facets and of exact targets begin with. Nobody can type them: searches are rid of them.
const FACET: char = '\u{E000}';
const TARGET: char = '\u{E001}';

/// What the index holds of one operation.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The sequence of its first entry.
    pub sequence: i64,
    /// When it began.
    pub at: OffsetDateTime,
    pub actor: String,
    pub target: String,
    pub words: String,
    /// Words such as [`facet_of_outcome`] gives.
    pub facets: Vec<String>,
}

/// How far the log is in the index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Which version of documents it holds.
    pub version: i64,
    /// The last entry that is in it.
    pub indexed: i64,
    /// The last entry of the log.
    pub head: i64,
}

/// The facet of operations of this team.
pub(crate) fn facet_of_team(team: TeamId) -> String {
    format!("team:{team}")
}

/// The facet of operations with this action.
pub(crate) fn facet_of_action(action: Action) -> String {
    format!("action:{action}")
}

/// The facet of operations that ended so.
pub(crate) fn facet_of_outcome(outcome: OutcomeAsked) -> String {
    format!("outcome:{outcome}")
}

/// The facet of operations that stand so with their reviewers.
pub(crate) fn facet_of_review(review: ReviewAsked) -> String {
    format!("reviewed:{review}")
}

/// The facet of operations that took so long.
pub(crate) fn facet_of_took(took: Took) -> String {
    format!("took:{took}")
}

/// The token that stands for a facet in the index.
pub(super) fn facet_token(code: i64) -> String {
    format!("{FACET}{code:x}")
}

/// What a target's text begins with, so that this very target can be asked for.
pub(crate) fn target_phrase(kind: TargetType, id: &str) -> String {
    format!("{TARGET}{kind} {id}")
}

pub(crate) async fn progress(conn: &mut SqliteConnection) -> Result<Progress, StoreError> {
    let (version, indexed, head) =
        sqlx::query_as("SELECT version, indexed, (SELECT coalesce(max(sequence), 0) FROM entry) FROM search_state")
            .fetch_one(conn)
            .await?;
    Ok(Progress { version, indexed, head })
}

/// Empties the index, to be filled with documents of this version.
pub(crate) async fn restart(tx: &mut WriteTx, version: i64) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO search_text (search_text) VALUES ('delete-all')",
        "DELETE FROM search_code",
        "DELETE FROM search_span",
    ] {
        sqlx::query(statement).execute(&mut **tx).await?;
    }
    super::figures::restart(tx).await?;
    sqlx::query("UPDATE search_state SET version = ?, indexed = 0").bind(version).execute(&mut **tx).await?;
    Ok(())
}

/// How far a rewriting of the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rewriting {
    Begins,
    GoesOn,
}

/// Pages that one step of rewriting writes at most: few enough that no change waits long.
const REWRITTEN_AT_ONCE: i64 = 500;

/// Writes a part of the index anew, without the words of documents that were replaced; says whether more is left.
pub(crate) async fn rewrite(tx: &mut WriteTx, rewriting: Rewriting) -> Result<bool, StoreError> {
    const CHANGES: &str = "SELECT total_changes()";
    let pages = match rewriting {
        Rewriting::Begins => -REWRITTEN_AT_ONCE,
        Rewriting::GoesOn => REWRITTEN_AT_ONCE,
    };
    let before: i64 = sqlx::query_scalar(CHANGES).fetch_one(&mut **tx).await?;
    sqlx::query("INSERT INTO search_text (search_text, rank) VALUES ('merge', ?)")
        .bind(pages)
        .execute(&mut **tx)
        .await?;
    let after: i64 = sqlx::query_scalar(CHANGES).fetch_one(&mut **tx).await?;
    // The command itself is one change; that nothing was left to do, it tells in no other way.
    Ok(after - before > 1)
}

/// The operations of which entries after `after`, up to `to`, tell something new.
pub(crate) async fn touched(tx: &mut WriteTx, after: i64, to: i64) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar(
        "SELECT sequence FROM operation WHERE sequence > ?1 AND sequence <= ?2
         UNION
         SELECT operation.sequence FROM entry_body JOIN operation ON operation.id = entry_body.operation_id
          WHERE entry_body.sequence > ?1 AND entry_body.sequence <= ?2
         UNION
         SELECT operation_sequence FROM review WHERE last_sequence > ?1 AND last_sequence <= ?2
         UNION
         SELECT operation.sequence FROM removed_body JOIN operation ON operation.id = removed_body.operation_id
          WHERE removed_body.run > ?1 AND removed_body.run <= ?2",
    )
    .bind(after)
    .bind(to)
    .fetch_all(&mut **tx)
    .await?)
}

/// Puts documents into the index, in the place of earlier ones.
pub(crate) async fn put(tx: &mut WriteTx, documents: &[Document]) -> Result<(), StoreError> {
    let mut codes = HashMap::new();
    for document in documents {
        let mut facets = String::new();
        for facet in document.facets.iter().map(String::as_str).chain([ALL]) {
            let code = match codes.get(facet) {
                Some(code) => *code,
                None => {
                    let code = code(tx, facet).await?;
                    codes.insert(facet.to_owned(), code);
                    code
                }
            };
            facets.push_str(&facet_token(code));
            facets.push(' ');
        }
        sqlx::query("INSERT OR REPLACE INTO search_text (rowid, actor, target, words, facets) VALUES (?, ?, ?, ?, ?)")
            .bind(document.sequence)
            .bind(&document.actor)
            .bind(&document.target)
            .bind(&document.words)
            .bind(facets)
            .execute(&mut **tx)
            .await?;
        sqlx::query(
            "INSERT INTO search_span (span, earliest, latest) VALUES (?1, ?2, ?2)
             ON CONFLICT (span) DO UPDATE SET earliest = min(earliest, ?2), latest = max(latest, ?2)",
        )
        .bind(document.sequence / SPAN)
        .bind(micros(document.at))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Notes that every entry up to `to` is in the index.
pub(crate) async fn advance(tx: &mut WriteTx, to: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE search_state SET indexed = ?").bind(to).execute(&mut **tx).await?;
    Ok(())
}

/// The code of a facet, given to it when it is first seen.
async fn code(tx: &mut WriteTx, facet: &str) -> Result<i64, StoreError> {
    sqlx::query("INSERT INTO search_code (word) VALUES (?) ON CONFLICT (word) DO NOTHING")
        .bind(facet)
        .execute(&mut **tx)
        .await?;
    Ok(sqlx::query_scalar("SELECT code FROM search_code WHERE word = ?").bind(facet).fetch_one(&mut **tx).await?)
}

/// The codes of those of these facets that were seen.
pub(super) async fn codes(conn: &mut SqliteConnection, facets: &[String]) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar("SELECT code FROM search_code WHERE word IN (SELECT value FROM json_each(?))")
        .bind(listed(facets))
        .fetch_all(conn)
        .await?)
}
