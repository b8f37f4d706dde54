//! Filling the index: documents, facets, spans, and counts, in transactions that no entry waits for.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::{
    counts,
    database::{Index, Progress},
    document::Document,
    facets::{ALL, Exact, facet_token},
};
use crate::{StoreError, Took, values::micros};

/// How many sequences a span covers.
pub(super) const SPAN: i64 = 2_048;
/// How many pages one step of [`Index::rewrite`] writes: few enough that no search waits long for it.
const REWRITTEN_AT_ONCE: i64 = 500;

/// How far a rewriting of the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewriting {
    /// The first step.
    Begins,
    /// A later step.
    GoesOn,
}

impl Index {
    /// Empties the index, to be filled with documents of this version.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub async fn restart(&self, version: i64) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        self.noticing(restart(&mut tx.transaction, version).await)?;
        self.noticing(tx.transaction.commit().await.map_err(StoreError::Unwritable))?;
        self.is_restarted();
        Ok(())
    }

    /// Adds documents, or replaces them, and notes that every entry up to `to`, where the log has this root, is indexed.
    /// Does nothing if another process has indexed more than `from` entries meanwhile.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub async fn put(&self, documents: &[Document], from: &Progress, to: i64, root: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let put = async {
            if Progress::read(&mut tx.transaction).await? != *from {
                return Ok(());
            }
            counts::recount(&mut tx.transaction, documents).await?;
            put(&mut tx.transaction, documents).await?;
            sqlx::query("UPDATE state SET indexed = ?, root = ?")
                .bind(to)
                .bind(root)
                .execute(&mut *tx.transaction)
                .await?;
            Ok(())
        };
        self.noticing(put.await.map_err(StoreError::while_writing))?;
        self.noticing(tx.transaction.commit().await.map_err(StoreError::Unwritable))
    }

    /// Writes a part of the index anew, so that words of replaced documents leave the file. Returns whether there is
    /// more to do.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub async fn rewrite(&self, rewriting: Rewriting) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let more = self.noticing(rewrite(&mut tx.transaction, rewriting).await.map_err(StoreError::while_writing))?;
        self.noticing(tx.transaction.commit().await.map_err(StoreError::Unwritable))?;
        if !more {
            let pools = self.0.pools.read().await;
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pools.writer).await?;
        }
        Ok(more)
    }
}

async fn restart(conn: &mut SqliteConnection, version: i64) -> Result<(), StoreError> {
    for statement in [
        "INSERT INTO search_text (search_text) VALUES ('delete-all')",
        "DELETE FROM document",
        "DELETE FROM facet",
        "DELETE FROM span",
        "DELETE FROM operation_count",
        "DELETE FROM operation_took",
    ] {
        sqlx::query(statement).execute(&mut *conn).await?;
    }
    sqlx::query("UPDATE state SET version = ?, indexed = 0, root = NULL").bind(version).execute(&mut *conn).await?;
    Ok(())
}

async fn rewrite(conn: &mut SqliteConnection, rewriting: Rewriting) -> Result<bool, StoreError> {
    const CHANGES: &str = "SELECT total_changes()";
    // A negative number of pages begins a merge of everything, a positive one continues it.
    let pages = match rewriting {
        Rewriting::Begins => -REWRITTEN_AT_ONCE,
        Rewriting::GoesOn => REWRITTEN_AT_ONCE,
    };
    sqlx::query("PRAGMA secure_delete = ON").execute(&mut *conn).await?;
    let before: i64 = sqlx::query_scalar(CHANGES).fetch_one(&mut *conn).await?;
    sqlx::query("INSERT INTO search_text (search_text, rank) VALUES ('merge', ?)")
        .bind(pages)
        .execute(&mut *conn)
        .await?;
    let after: i64 = sqlx::query_scalar(CHANGES).fetch_one(&mut *conn).await?;
    sqlx::query("PRAGMA secure_delete = OFF").execute(&mut *conn).await?;
    // The command counts as one change itself; FTS5 has no other way to say that nothing was left to merge.
    Ok(after - before > 1)
}

async fn put(conn: &mut SqliteConnection, documents: &[Document]) -> Result<(), StoreError> {
    let mut codes = HashMap::new();
    for document in documents {
        let mut facets = String::new();
        for facet in document.facets.iter().map(String::as_str).chain([ALL]) {
            let code = match codes.get(facet) {
                Some(code) => *code,
                None => {
                    let code = code(conn, facet).await?;
                    codes.insert(facet.to_owned(), code);
                    code
                }
            };
            facets.push_str(&facet_token(code));
            facets.push(' ');
        }
        sqlx::query(
            "INSERT OR REPLACE INTO search_text (rowid, actor, target, words, exact, facets) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(document.sequence)
        .bind(document.actor.join(" "))
        .bind(document.target.join(" "))
        .bind(document.words.join(" "))
        .bind(document.exact.iter().map(Exact::token).collect::<Vec<_>>().join(" "))
        .bind(facets)
        .execute(&mut *conn)
        .await?;
        sqlx::query("INSERT OR REPLACE INTO document (sequence, team_id, at, outcome, took) VALUES (?, ?, ?, ?, ?)")
            .bind(document.sequence)
            .bind(document.team.map(|team| team.to_string()))
            .bind(micros(document.at))
            .bind(document.outcome.as_str())
            .bind(document.took.map(Took::as_str))
            .execute(&mut *conn)
            .await?;
        sqlx::query(
            "INSERT INTO span (span, earliest, latest) VALUES (?1, ?2, ?2)
             ON CONFLICT (span) DO UPDATE SET earliest = min(earliest, ?2), latest = max(latest, ?2)",
        )
        .bind(document.sequence / SPAN)
        .bind(micros(document.at))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// The code of a facet, assigned when it is first used.
async fn code(conn: &mut SqliteConnection, facet: &str) -> Result<i64, StoreError> {
    sqlx::query("INSERT INTO facet (word) VALUES (?) ON CONFLICT (word) DO NOTHING")
        .bind(facet)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar("SELECT code FROM facet WHERE word = ?").bind(facet).fetch_one(&mut *conn).await?)
}
