//! The Merkle tree of RFC 6962, section 2.1, over the entries' exact bytes.
//! This holds only what it takes to append; `stored_tree` computes roots and proofs from stored hashes.

use tlog_tiles::tlog::{EMPTY_HASH, Hash as Node, check_record, node_hash, record_hash};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256 over a zero byte and the entry's bytes.
///
/// ```
/// assert_eq!(hex::encode(evidence::tree::leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
/// ```
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    record_hash(bytes).0
}

/// Whether the proof leads from this leaf, the log's entry `sequence`, to the root over its first `size` entries. The
/// proof is the sibling hashes from the leaf upwards.
///
/// ```
/// use evidence::tree::{GrowingTree, is_included, leaf_hash};
///
/// let (first, second) = (leaf_hash(b"first"), leaf_hash(b"second"));
/// let mut tree = GrowingTree::default();
/// tree.push(first);
/// tree.push(second);
/// assert!(is_included(1, first, &[second], (2, tree.root())));
/// assert!(!is_included(2, first, &[second], (2, tree.root())));
/// ```
#[must_use]
pub fn is_included(sequence: i64, leaf: Hash, proof: &[Hash], (size, root): (i64, Hash)) -> bool {
    let index = sequence.checked_sub(1).and_then(|index| u64::try_from(index).ok());
    let (Some(index), Ok(size)) = (index, u64::try_from(size)) else { return false };
    let proof: Vec<Node> = proof.iter().copied().map(Node).collect();
    index < size && check_record(&proof, size, Node(root), index, Node(leaf)).is_ok()
}

/// A tree that grows leaf by leaf. It keeps one hash per level, so verifying a log of any size needs little memory.
///
/// ```
/// use evidence::tree::{GrowingTree, leaf_hash};
///
/// let mut tree = GrowingTree::default();
/// tree.push(leaf_hash(b"first"));
/// let completed = tree.push(leaf_hash(b"second")).to_vec();
/// assert_eq!(completed, [tree.root()]); // the second leaf completes the subtree of two
/// assert_eq!(tree.size(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct GrowingTree {
    size: u64,
    /// The roots of the complete subtrees, largest first.
    roots: Vec<Node>,
    completed: Vec<Hash>,
}

impl GrowingTree {
    /// The number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. Returns the roots of the subtrees of two or more leaves that it completes, smallest first.
    pub fn push(&mut self, leaf: Hash) -> &[Hash] {
        self.completed.clear();
        self.size += 1;
        let mut hash = Node(leaf);
        // Each completed subtree merges with the subtree of the same size before it.
        for _ in 0..self.size.trailing_zeros() {
            let Some(before) = self.roots.pop() else { break };
            hash = node_hash(before, hash);
            self.completed.push(hash.0);
        }
        self.roots.push(hash);
        &self.completed
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.roots.iter().rev();
        let Some(smallest) = smallest_first.next() else { return EMPTY_HASH.0 };
        smallest_first.fold(*smallest, |right, left| node_hash(*left, right)).0
    }
}

#[cfg(test)]
mod tests {
    use super::{GrowingTree, Hash, leaf_hash};

    /// The recursive definition in RFC 6962, section 2.1.
    fn by_definition(leaves: &[Hash]) -> Hash {
        use sha2::{Digest, Sha256};
        match leaves.len() {
            0 => Sha256::digest([]).into(),
            1 => leaves[0],
            n => {
                let k = n.next_power_of_two() / 2;
                let (left, right) = leaves.split_at(k);
                let node = Sha256::new().chain_update([1]);
                node.chain_update(by_definition(left)).chain_update(by_definition(right)).finalize().into()
            }
        }
    }

    #[test]
    fn the_root_matches_rfc_6962_at_every_size() {
        let mut tree = GrowingTree::default();
        let mut leaves = Vec::new();
        for number in 0..70_u32 {
            assert_eq!(tree.root(), by_definition(&leaves), "{number} leaves");
            let leaf = leaf_hash(&number.to_be_bytes());
            leaves.push(leaf);
            let completed = tree.push(leaf).to_vec();
            for (level, hash) in (1..).zip(completed) {
                assert_eq!(hash, by_definition(&leaves[leaves.len() - (1 << level)..]), "leaf {number}, level {level}");
            }
        }
    }

    #[test]
    fn the_root_matches_the_test_vector_of_certificate_transparency() {
        let mut tree = GrowingTree::default();
        for leaf in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
        {
            tree.push(leaf_hash(&hex::decode(leaf).unwrap()));
        }
        assert_eq!(hex::encode(tree.root()), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }
}
