//! The log's Merkle tree as it lies in the table `entry`: beside each leaf, the hashes of the subtrees that it completes.
//! Which hashes a proof or a root is made of is `tlog_tiles`'s knowledge; this only finds and keeps them.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use sqlx::{Row, SqliteConnection};
use tlog_tiles::tlog::{
    Error as TreeError, Hash as Node, HashReader, prove_record, split_stored_hash_index, stored_hash_index,
    stored_hashes_for_record_hash, tree_hash,
};

use super::{StoreError, WriteTx};
use crate::audit::{GrowingTree, Hash};

/// Hashes that are kept for the next proofs, which mostly need the same.
const KEPT: usize = 100_000;
/// Entries that are looked at in one go where all of them are.
const BATCH: i64 = 2_000;

/// Hashes of the tree by their place in it, as far as they were needed. Hashes never change, so what was read stays true.
#[derive(Default)]
pub(crate) struct Tree {
    known: HashMap<u64, Node>,
    /// What a calculation has asked for and did not get.
    missing: RefCell<Vec<u64>>,
}

impl HashReader for Tree {
    fn read_hashes(&self, places: &[u64]) -> Result<Vec<Node>, TreeError> {
        let mut missing = self.missing.borrow_mut();
        let hash = |place: &u64| {
            self.known.get(place).copied().unwrap_or_else(|| {
                missing.push(*place);
                Node::default()
            })
        };
        Ok(places.iter().map(hash).collect())
    }
}

impl Tree {
    /// The root when the log had `size` entries.
    pub(crate) async fn root(&mut self, conn: &mut SqliteConnection, size: i64) -> Result<Hash, StoreError> {
        let size = unsigned(size)?;
        Ok(self.answer(conn, |tree| tree_hash(size, tree)).await?.0)
    }

    /// For each of these entries, what proves that it is in the log of `size` entries: the hashes beside its way to the
    /// root, the nearest first.
    pub(crate) async fn proofs(
        &mut self,
        conn: &mut SqliteConnection,
        size: i64,
        sequences: &[i64],
    ) -> Result<Vec<Vec<Hash>>, StoreError> {
        if self.known.len() > KEPT {
            self.known.clear();
        }
        let size = unsigned(size)?;
        let leaves = sequences.iter().map(|sequence| unsigned(sequence - 1)).collect::<Result<Vec<_>, _>>()?;
        let prove = |tree: &Self| leaves.iter().map(|leaf| prove_record(size, *leaf, tree)).collect();
        let proofs: Vec<Vec<Node>> = self.answer(conn, prove).await?;
        Ok(proofs.into_iter().map(|proof| proof.into_iter().map(|hash| hash.0).collect()).collect())
    }

    /// Calculates twice: once to learn which hashes it takes, and once with them.
    async fn answer<T>(
        &mut self,
        conn: &mut SqliteConnection,
        calculate: impl Fn(&Self) -> Result<T, TreeError>,
    ) -> Result<T, StoreError> {
        loop {
            let answer = calculate(self);
            let missing = self.missing.take();
            if missing.is_empty() {
                return answer.map_err(|error| StoreError::damaged("audit tree", error));
            }
            self.read(conn, &missing).await?;
        }
    }

    async fn read(&mut self, conn: &mut SqliteConnection, places: &[u64]) -> Result<(), StoreError> {
        let sequences: BTreeSet<u64> = places
            .iter()
            .map(|place| {
                let (level, number) = split_stored_hash_index(*place);
                (number + 1) << level
            })
            .collect();
        let sequences = serde_json::Value::from_iter(sequences).to_string();
        let rows = sqlx::query(
            "SELECT sequence, leaf_hash, subtrees FROM entry WHERE sequence IN (SELECT value FROM json_each(?))",
        )
        .bind(sequences)
        .fetch_all(&mut *conn)
        .await?;
        for row in rows {
            self.learn(row.try_get("sequence")?, row.try_get("leaf_hash")?, row.try_get("subtrees")?)?;
        }
        match places.iter().find(|place| !self.known.contains_key(place)) {
            None => Ok(()),
            Some(_) => {
                Err(StoreError::damaged("audit tree", "it lacks a hash: `audit verify` names the first bad entry"))
            }
        }
    }

    /// Takes in what stands beside an entry.
    fn learn(&mut self, sequence: i64, leaf: &[u8], subtrees: Option<&[u8]>) -> Result<(), StoreError> {
        let first = stored_hash_index(0, unsigned(sequence - 1)?);
        let hashes = leaf.chunks(32).chain(subtrees.unwrap_or_default().chunks(32));
        for (place, hash) in (first..).zip(hashes) {
            let hash = hash.try_into().map_err(|_| StoreError::damaged("hash", "not 32 bytes"))?;
            self.known.insert(place, Node(hash));
        }
        Ok(())
    }
}

/// The last entry's place and hashes.
pub(crate) struct Head {
    pub sequence: i64,
    tree: Tree,
}

/// How many entries the log has.
pub(crate) async fn size(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar("SELECT coalesce(max(sequence), 0) FROM entry").fetch_one(&mut *conn).await?)
}

/// The head inside a write transaction: never cached, since the command line writes beside the server.
pub(crate) async fn head(tx: &mut WriteTx) -> Result<Head, StoreError> {
    let row = sqlx::query("SELECT sequence, leaf_hash, subtrees FROM entry ORDER BY sequence DESC LIMIT 1")
        .fetch_optional(&mut **tx)
        .await?;
    let mut head = Head { sequence: 0, tree: Tree::default() };
    if let Some(row) = row {
        head.sequence = row.try_get("sequence")?;
        head.tree.learn(head.sequence, row.try_get("leaf_hash")?, row.try_get("subtrees")?)?;
    }
    Ok(head)
}

impl Head {
    /// The hashes of the subtrees that the next entry completes, smallest first, in one piece.
    pub(crate) async fn completed_by_next(mut self, tx: &mut WriteTx, leaf: Hash) -> Result<Vec<u8>, StoreError> {
        let number = unsigned(self.sequence)?;
        let hashes = self.tree.answer(tx, |tree| stored_hashes_for_record_hash(number, Node(leaf), tree)).await?;
        Ok(hashes.iter().skip(1).flat_map(|hash| hash.0).collect())
    }
}

/// Gives entries from before there was a tree their hashes, once. The chain of hashes that they had is checked for the
/// last time, so that what was changed until then does not get a tree that makes it look right.
pub(crate) async fn plant(tx: &mut WriteTx) -> Result<(), StoreError> {
    let is_chained: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'chain')")
            .fetch_one(&mut **tx)
            .await?;
    if !is_chained {
        return Ok(());
    }
    let mut tree = GrowingTree::default();
    let mut chain = [0; 32];
    let mut last = 0;
    loop {
        let rows = sqlx::query(
            "SELECT sequence, leaf_hash, chain_hash FROM entry LEFT JOIN chain USING (sequence)
              WHERE sequence > ? ORDER BY sequence LIMIT ?",
        )
        .bind(last)
        .bind(BATCH)
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let sequence: i64 = row.try_get("sequence")?;
            let leaf: Hash = hash(row.try_get("leaf_hash")?)?;
            let expected: Option<&[u8]> = row.try_get("chain_hash")?;
            chain = chained(chain, leaf);
            if sequence != last + 1 || expected != Some(&chain) {
                let why = format!(
                    "entry {}: its chain hash does not follow from the entries before it; they get no tree",
                    last + 1
                );
                return Err(StoreError::damaged("audit log", why));
            }
            last = sequence;
            let subtrees = tree.push(leaf).concat();
            sqlx::query("UPDATE entry SET subtrees = ? WHERE sequence = ?")
                .bind(subtrees)
                .bind(sequence)
                .execute(&mut **tx)
                .await?;
        }
        if rows.is_empty() {
            break;
        }
    }
    sqlx::query("DROP TABLE chain").execute(&mut **tx).await?;
    Ok(())
}

/// The chain's hash after one more leaf, as it was before the tree.
fn chained(chain: Hash, leaf: Hash) -> Hash {
    use sha2::{Digest, Sha256};
    Sha256::new().chain_update([0x01]).chain_update(chain).chain_update(leaf).finalize().into()
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|_| StoreError::damaged("hash", "not 32 bytes"))
}

fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|error| StoreError::damaged("sequence", error))
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, path::Path};

    use sqlx::{ConnectOptions, Executor, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};
    use tempfile::TempDir;

    use super::{chained, head, plant};
    use crate::{
        audit::{fixture::TestLog, leaf_hash, verify},
        store::{Store, StoreError, tree::hash},
    };

    /// A log of before there was a tree, with the entries of one of today.
    async fn chained_copy(of: &TestLog) -> TempDir {
        of.store.close().await;
        let folder = TempDir::with_prefix("portal-chained-").unwrap();
        let mut database = open(folder.path()).await;
        let all = sqlx::migrate!("../../migrations/sqlite");
        let before = all.migrations.iter().filter(|migration| migration.version < 3).cloned().collect();
        Migrator { migrations: Cow::Owned(before), ..Migrator::DEFAULT }.run(&mut database).await.unwrap();
        let source = of.folder.path().join("portal.db");
        sqlx::query("ATTACH ? AS source").bind(source.to_str()).execute(&mut database).await.unwrap();
        let leaves: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT sequence, leaf_hash FROM source.entry ORDER BY sequence")
                .fetch_all(&mut database)
                .await
                .unwrap();
        let mut chain = [0; 32];
        for (sequence, leaf) in leaves {
            chain = chained(chain, hash(&leaf).unwrap());
            let insert =
                sqlx::query("INSERT INTO main.entry VALUES (?, ?, ?)").bind(sequence).bind(leaf).bind(&chain[..]);
            insert.execute(&mut database).await.unwrap();
        }
        let rest = "INSERT INTO main.entry_body SELECT sequence, body, operation_id, stage, '' FROM source.entry_body;
                    INSERT INTO main.operation SELECT * FROM source.operation;";
        database.execute(rest).await.unwrap();
        folder
    }

    async fn open(folder: &Path) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(folder.join("portal.db")).create_if_missing(true);
        options.connect().await.unwrap()
    }

    #[tokio::test]
    async fn a_log_of_before_the_tree_gets_the_tree_it_would_have_today() {
        let log = TestLog::of(37).await;
        let today = verify(&log.store).await.unwrap();
        let folder = chained_copy(&log).await;
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(verify(&store).await.unwrap(), today);
        TestLog { folder, store: store.clone() }.grow_by(20).await;
        assert_eq!(verify(&store).await.unwrap().entries, 57);
    }

    #[tokio::test]
    async fn a_log_whose_chain_is_broken_gets_no_tree() {
        let folder = chained_copy(&TestLog::of(12).await).await;
        let tamper = "DROP TRIGGER entry_is_never_changed;
                      UPDATE entry SET leaf_hash = (SELECT leaf_hash FROM entry WHERE sequence = 6) WHERE sequence = 7;
                      CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT 1; END;";
        open(folder.path()).await.execute(tamper).await.unwrap();
        for _ in 0..2 {
            match Store::open(folder.path()).await {
                Err(StoreError::Damaged { why, .. }) => assert!(why.contains("entry 7:"), "{why}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn hashes_of_an_entry_can_be_put_in_once_and_never_again() {
        let log = TestLog::of(4).await;
        let mut tx = log.store.write().await.unwrap();
        plant(&mut tx).await.unwrap();
        let refused = sqlx::query("UPDATE entry SET subtrees = x'' WHERE sequence = 2").execute(&mut *tx).await;
        assert!(refused.unwrap_err().to_string().contains("append-only"));
        let replaced =
            sqlx::query("INSERT OR REPLACE INTO entry VALUES (4, zeroblob(32), x'')").execute(&mut *tx).await;
        assert!(replaced.unwrap_err().to_string().contains("append-only"));
    }

    #[tokio::test]
    async fn what_is_appended_one_by_one_makes_the_tree_of_all() {
        let log = TestLog::empty().await;
        for size in 1..=33 {
            log.grow_by(1).await;
            let mut tx = log.store.write().await.unwrap();
            assert_eq!(head(&mut tx).await.unwrap().sequence, size);
            drop(tx);
            let verified = verify(&log.store).await.unwrap();
            assert_eq!(verified.entries, size);
        }
        let first: Vec<u8> = sqlx::query_scalar("SELECT body FROM entry_body WHERE sequence = 1")
            .fetch_one(&mut *log.store.read().await.unwrap())
            .await
            .unwrap();
        let leaf: Vec<u8> = sqlx::query_scalar("SELECT leaf_hash FROM entry WHERE sequence = 1")
            .fetch_one(&mut *log.store.read().await.unwrap())
            .await
            .unwrap();
        assert_eq!(leaf, leaf_hash(&first));
    }
}
