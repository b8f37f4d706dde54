//! How the log is hashed: a leaf for each entry's bytes, and a chain over the leaves.
//! `docs/audit-format.md` says the same for those who check it with programs of their own.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// SHA-256 over a zero byte and the entry's bytes, as in RFC 6962.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(bytes).finalize().into()
}

/// The chain's head: changing, removing, adding or reordering any entry changes every later head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain(Hash);

impl Chain {
    /// The head of an empty log.
    #[must_use]
    pub const fn empty() -> Self {
        Self([0; 32])
    }

    /// Goes on from a head.
    #[must_use]
    pub const fn from_head(head: Hash) -> Self {
        Self(head)
    }

    /// The head after one more leaf: SHA-256 over a one byte, the head before and the leaf.
    #[must_use]
    pub fn with(self, leaf: Hash) -> Self {
        Self(Sha256::new().chain_update([0x01]).chain_update(self.0).chain_update(leaf).finalize().into())
    }

    /// The head's bytes.
    #[must_use]
    pub const fn head(self) -> Hash {
        self.0
    }
}
