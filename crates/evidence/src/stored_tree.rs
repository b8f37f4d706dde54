//! Roots and inclusion proofs of a log whose hashes are stored beside its entries.
//!
//! With each entry the caller stores its leaf hash and the roots of the subtrees that it completes, as
//! [`GrowingTree::push`](crate::tree::GrowingTree::push) returns them. Those are all the hashes of the tree, so any
//! root or proof can be computed from a few of them. [`StoredTree`] names the entries it needs and caches what it was
//! given.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use tlog_tiles::tlog::{
    Error as TreeError, Hash as Node, HashReader, prove_record, split_stored_hash_index, stored_hash_index,
    stored_hashes_for_record_hash, tree_hash,
};

use crate::tree::Hash;

/// Above this many cached hashes (4 MB) the cache is emptied.
const MOST_CACHED: usize = 100_000;

/// The hashes of a stored tree, as far as they were needed.
#[derive(Default)]
pub struct StoredTree {
    known: HashMap<u64, Node>,
    /// Hashes that the last computation asked for and did not get.
    missing: RefCell<Vec<u64>>,
}

/// Why a root or a proof cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum StoredTreeError {
    /// The hashes of these entries are needed first: pass them to [`StoredTree::learn`].
    #[error("the hashes of {} entries are missing", .0.len())]
    Missing(BTreeSet<i64>),
    /// The entry does not have the hash that its place in the tree requires.
    #[error("the tree lacks a hash of entry {0}")]
    Incomplete(i64),
    /// A sequence or a size is out of range.
    #[error("{0}")]
    OutOfRange(String),
}

impl HashReader for StoredTree {
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

impl StoredTree {
    /// Caches an entry's stored hashes: its leaf, and the completed subtrees one after the other.
    ///
    /// # Errors
    /// If the sequence is not positive or a hash is not 32 bytes.
    pub fn learn(&mut self, sequence: i64, leaf: &[u8], subtrees: &[u8]) -> Result<(), StoredTreeError> {
        let first = stored_hash_index(0, unsigned(sequence - 1)?);
        for (place, hash) in (first..).zip(leaf.chunks(32).chain(subtrees.chunks(32))) {
            let hash = hash.try_into().map_err(|_| StoredTreeError::Incomplete(sequence))?;
            self.known.insert(place, Node(hash));
        }
        Ok(())
    }

    /// The root over the first `size` entries.
    ///
    /// ```
    /// use evidence::{stored_tree::{StoredTree, StoredTreeError}, tree::{GrowingTree, leaf_hash}};
    ///
    /// let mut tree = GrowingTree::default();
    /// let rows: Vec<_> = ["a", "b", "c"]
    ///     .map(|entry| (leaf_hash(entry.as_bytes()), tree.push(leaf_hash(entry.as_bytes())).concat()))
    ///     .into();
    /// let mut stored = StoredTree::default();
    /// let root = loop {
    ///     match stored.root(3) {
    ///         Ok(root) => break root,
    ///         // Read the rows of these entries, usually a handful, and try again.
    ///         Err(StoredTreeError::Missing(sequences)) => for sequence in sequences {
    ///             let (leaf, subtrees) = &rows[sequence as usize - 1];
    ///             stored.learn(sequence, leaf, subtrees)?;
    ///         },
    ///         Err(error) => return Err(error.into()),
    ///     }
    /// };
    /// assert_eq!(root, tree.root());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`StoredTreeError::Missing`] until all hashes it takes are cached.
    pub fn root(&self, size: i64) -> Result<Hash, StoredTreeError> {
        let size = unsigned(size)?;
        Ok(self.compute(|tree| tree_hash(size, tree))?.0)
    }

    /// The inclusion proof of each entry in the log of `size` entries: the sibling hashes from the leaf to the root.
    ///
    /// # Errors
    /// [`StoredTreeError::Missing`] until all hashes it takes are cached.
    pub fn proofs(&self, size: i64, sequences: &[i64]) -> Result<Vec<Vec<Hash>>, StoredTreeError> {
        let size = unsigned(size)?;
        let leaves = sequences.iter().map(|sequence| unsigned(sequence - 1)).collect::<Result<Vec<_>, _>>()?;
        let prove = |tree: &Self| leaves.iter().map(|leaf| prove_record(size, *leaf, tree)).collect();
        let proofs: Vec<Vec<Node>> = self.compute(prove)?;
        Ok(proofs.into_iter().map(|proof| proof.into_iter().map(|hash| hash.0).collect()).collect())
    }

    /// The hashes of the subtrees that the next entry completes, one after the other, if the log has `size` entries.
    ///
    /// # Errors
    /// [`StoredTreeError::Missing`] until all hashes it takes are cached.
    pub fn completed_by_next(&self, size: i64, leaf: Hash) -> Result<Vec<u8>, StoredTreeError> {
        let number = unsigned(size)?;
        let hashes = self.compute(|tree| stored_hashes_for_record_hash(number, Node(leaf), tree))?;
        Ok(hashes.iter().skip(1).flat_map(|hash| hash.0).collect())
    }

    /// Empties a cache that has grown large. Call it before a computation.
    pub fn trim(&mut self) {
        if self.known.len() > MOST_CACHED {
            self.known.clear();
        }
    }

    fn compute<T>(&self, calculate: impl Fn(&Self) -> Result<T, TreeError>) -> Result<T, StoredTreeError> {
        let answer = calculate(self);
        let missing = self.missing.take();
        if missing.is_empty() {
            return answer.map_err(|error| StoredTreeError::OutOfRange(error.to_string()));
        }
        let mut sequences = BTreeSet::new();
        for place in missing {
            let (level, number) = split_stored_hash_index(place);
            let sequence =
                i64::try_from((number + 1) << level).map_err(|error| StoredTreeError::OutOfRange(error.to_string()))?;
            // The entry was read already, and had no such hash.
            if self.known.contains_key(&stored_hash_index(0, unsigned(sequence - 1)?)) {
                return Err(StoredTreeError::Incomplete(sequence));
            }
            sequences.insert(sequence);
        }
        Err(StoredTreeError::Missing(sequences))
    }
}

fn unsigned(number: i64) -> Result<u64, StoredTreeError> {
    u64::try_from(number).map_err(|error| StoredTreeError::OutOfRange(error.to_string()))
}
