//! The log's Merkle tree as it is stored: beside each entry's leaf hash, the hashes of the subtrees that it completes.

use std::collections::BTreeSet;

use evidence::{
    stored_tree::{StoredTree, StoredTreeError},
    tree::Hash,
    verify::BadEntry,
};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    connection::{Read, Write},
    error::StoreError,
    sql,
    values::{instant, json_list},
};

/// The stored tree, with a cache of the hashes that were needed. Hashes never change, so cached ones stay true.
#[derive(Default)]
pub struct Tree(StoredTree);

impl Tree {
    /// The root over the first `size` entries.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if a hash is missing.
    pub async fn root(&mut self, conn: &mut Read, size: i64) -> Result<Hash, StoreError> {
        self.answer(conn, |tree| tree.root(size)).await
    }

    /// For each entry, the proof that it is in the log of `size` entries: the sibling hashes from the leaf to the root.
    ///
    /// # Errors
    /// [`StoreError::Changed`] if a hash is missing.
    pub async fn proofs(
        &mut self,
        conn: &mut Read,
        size: i64,
        sequences: &[i64],
    ) -> Result<Vec<Vec<Hash>>, StoreError> {
        self.0.trim();
        self.answer(conn, |tree| tree.proofs(size, sequences)).await
    }

    /// Computes twice: once to learn which hashes it takes, and once with them.
    async fn answer<T>(
        &mut self,
        conn: &mut Read,
        compute: impl Fn(&StoredTree) -> Result<T, StoredTreeError>,
    ) -> Result<T, StoreError> {
        loop {
            let missing = match compute(&self.0) {
                Ok(answer) => return Ok(answer),
                Err(StoredTreeError::Missing(missing)) => missing,
                Err(error) => return Err(damaged(error)),
            };
            let sequences: Vec<i64> = missing.into_iter().collect();
            let rows = sql::query(
                "SELECT sequence, leaf_hash, subtrees FROM entry WHERE sequence IN (SELECT value FROM json_each(?))",
            )
            .bind(json_list(&sequences))
            .fetch_all(conn.database())
            .await?;
            let mut missing: BTreeSet<i64> = sequences.into_iter().collect();
            for row in rows {
                let sequence = row.try_get("sequence")?;
                missing.remove(&sequence);
                self.learn(sequence, row.try_get("leaf_hash")?, row.try_get("subtrees")?)?;
            }
            if let Some(sequence) = missing.first() {
                return Err(BadEntry::new(*sequence, "it is missing").into());
            }
        }
    }

    fn learn(&mut self, sequence: i64, leaf: &[u8], subtrees: &[u8]) -> Result<(), StoreError> {
        self.0.learn(sequence, leaf, subtrees).map_err(damaged)
    }
}

/// The last entry's sequence and hashes.
pub struct Head {
    /// Its sequence: how many entries the log has.
    pub sequence: i64,
    /// The newest instant that was recorded: the entry's, or that of a checkpoint that was signed after it.
    pub newest: Option<OffsetDateTime>,
    tree: Tree,
}

/// How many entries the log has.
pub async fn size(conn: &mut Read) -> Result<i64, StoreError> {
    Ok(sql::query_scalar("SELECT coalesce(max(sequence), 0) FROM entry").fetch_one(conn.database()).await?)
}

/// The leaf hash of an entry.
pub async fn leaf(conn: &mut Read, sequence: i64) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sql::query_scalar("SELECT leaf_hash FROM entry WHERE sequence = ?")
        .bind(sequence)
        .fetch_optional(conn.database())
        .await?)
}

/// The head, read inside a write transaction and never cached: the command line writes beside the server.
pub async fn head(tx: &mut Write) -> Result<Head, StoreError> {
    let row = sql::query(sql::each(
        "SELECT entry.sequence, leaf_hash, subtrees,
                iif(json_valid(CAST(body AS TEXT)), CAST(body AS TEXT) ->> 'at', NULL) AS at,
                (SELECT iif(checkpoint.head = entry.sequence, checkpoint.at, NULL)
                   FROM checkpoint ORDER BY number DESC LIMIT 1) AS signed_at
           FROM entry LEFT JOIN entry_body ON entry_body.sequence = entry.sequence
          ORDER BY entry.sequence DESC LIMIT 1",
        "SELECT entry.sequence, leaf_hash, subtrees, body,
                (SELECT CASE WHEN checkpoint.head = entry.sequence THEN checkpoint.at END
                   FROM checkpoint ORDER BY number DESC LIMIT 1) AS signed_at
           FROM entry LEFT JOIN entry_body ON entry_body.sequence = entry.sequence
          ORDER BY entry.sequence DESC LIMIT 1",
    ))
    .fetch_optional(tx.database())
    .await?;
    let mut head = Head { sequence: 0, newest: None, tree: Tree::default() };
    if let Some(row) = row {
        head.sequence = row.try_get("sequence")?;
        let at: Option<String> = match tx.database().is_postgres() {
            true => row.try_get::<Option<&[u8]>, _>("body")?.and_then(instant_in),
            false => row.try_get("at")?,
        };
        let at = at.and_then(|at| OffsetDateTime::parse(&at, &Rfc3339).ok());
        head.newest = at.max(row.try_get::<Option<i64>, _>("signed_at")?.map(instant).transpose()?);
        head.tree.learn(head.sequence, row.try_get("leaf_hash")?, row.try_get("subtrees")?)?;
    }
    Ok(head)
}

/// The instant in the bytes of an entry, if they can be read.
fn instant_in(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Body {
        at: String,
    }
    serde_json::from_slice::<Body>(body).ok().map(|body| body.at)
}

impl Head {
    /// The hashes of the subtrees that the next entry completes, smallest first, one after the other.
    pub(super) async fn completed_by_next(mut self, tx: &mut Write, leaf: Hash) -> Result<Vec<u8>, StoreError> {
        let size = self.sequence;
        self.tree.answer(tx, |tree| tree.completed_by_next(size, leaf)).await
    }
}

fn damaged(error: StoredTreeError) -> StoreError {
    if let StoredTreeError::Incomplete(sequence) = error {
        return BadEntry::new(sequence, error.to_string()).into();
    }
    StoreError::damaged("audit tree", format!("{error}: run `partner-portal audit verify`"))
}
