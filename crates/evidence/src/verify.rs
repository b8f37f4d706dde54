//! Checks a log entry by entry: hashes against bytes, the tree against the hashes, checkpoints against the tree.
//! Columns that the caller derives from entries are the caller's to compare.

use std::collections::VecDeque;

use crate::{
    checkpoint::{Checkpoint, holds_unsigned, notes_in},
    key::VerifierKey,
    tree::{GrowingTree, Hash, leaf_hash},
};

/// The first entry that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {sequence}: {why}")]
pub struct BadEntry {
    /// Its place in the log.
    pub sequence: i64,
    /// What is wrong with it.
    pub why: String,
}

impl BadEntry {
    /// An entry with this fault.
    pub fn new(sequence: i64, why: impl Into<String>) -> Self {
        Self { sequence, why: why.into() }
    }
}

/// Why a checkpoint and a log do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointMismatch {
    /// The log is not what the checkpoint signed.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// The checkpoint itself is not valid.
    #[error("the checkpoint of {size} entries {place}: {why}")]
    Checkpoint {
        /// Where it was found: `in the database`, `in FILE`.
        place: String,
        /// The number of entries that it covers.
        size: i64,
        /// What is wrong with it.
        why: String,
    },
}

/// The hash of an entry's bytes, if it is the stored one.
///
/// # Errors
/// If the bytes were changed.
pub fn check_leaf(sequence: i64, bytes: &[u8], stored: &[u8]) -> Result<Hash, BadEntry> {
    let leaf = leaf_hash(bytes);
    if stored == leaf {
        Ok(leaf)
    } else {
        Err(BadEntry::new(sequence, "its bytes do not match its leaf hash: the entry was changed"))
    }
}

/// Adds a leaf to the tree and compares the subtrees that it completes with the stored ones. A difference lies in the
/// smallest subtree that differs, and the error names that subtree's first entry.
///
/// # Errors
/// If the stored subtrees do not follow from the leaves.
pub fn check_subtrees(tree: &mut GrowingTree, leaf: Hash, sequence: i64, stored: &[u8]) -> Result<(), BadEntry> {
    let mut hashes = stored.chunks(32);
    match tree.push(leaf).iter().position(|computed| hashes.next() != Some(computed)) {
        None if hashes.next().is_some() => {
            Err(BadEntry::new(sequence, "it has more hashes of the tree than its place requires"))
        }
        None => Ok(()),
        Some(level) => {
            let first = sequence + 1 - (2 << level);
            Err(BadEntry::new(first, format!("the tree does not follow from the entries from here to {sequence}")))
        }
    }
}

/// Checkpoints that somebody else kept.
#[derive(Clone, Debug, Default)]
pub struct OutsideCheckpoints {
    claims: Vec<Claim>,
    keys: Vec<VerifierKey>,
}

/// Why checkpoints that somebody else kept cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// There is none.
    #[error("{place} holds no checkpoint")]
    Empty {
        /// Where it was looked for.
        place: String,
    },
    /// One of them has no signature.
    #[error("{place} holds a checkpoint without a signature, which anybody could have written")]
    Unsigned {
        /// Where it was found.
        place: String,
    },
    /// One of them is malformed.
    #[error("{place}: {why}")]
    Malformed {
        /// Where it was found.
        place: String,
        /// Why.
        why: String,
    },
}

impl OutsideCheckpoints {
    /// Checkpoints that the caller has read already.
    #[must_use]
    pub fn of(place: &str, checkpoints: impl IntoIterator<Item = Checkpoint>, keys: Vec<VerifierKey>) -> Self {
        let claim = |said| Claim { place: place.to_owned(), said };
        Self { claims: checkpoints.into_iter().map(claim).collect(), keys }
    }

    /// None yet. They must be signed with one of these keys, or, if there are none, with a key that the log itself
    /// names.
    #[must_use]
    pub fn signed_with(keys: Vec<VerifierKey>) -> Self {
        Self { claims: Vec::new(), keys }
    }

    /// Adds every checkpoint in this text. Messages call its place by this name.
    ///
    /// # Errors
    /// If the text holds no checkpoint, or one that is malformed or not signed.
    pub fn add(&mut self, place: &str, text: &str) -> Result<(), OutsideError> {
        if holds_unsigned(text) {
            return Err(OutsideError::Unsigned { place: place.to_owned() });
        }
        let notes = notes_in(text);
        if notes.is_empty() {
            return Err(OutsideError::Empty { place: place.to_owned() });
        }
        for note in notes {
            let said = Checkpoint::read_unchecked(&note)
                .map_err(|why| OutsideError::Malformed { place: place.to_owned(), why: why.to_string() })?;
            self.claims.push(Claim { place: place.to_owned(), said });
        }
        Ok(())
    }
}

/// A checkpoint whose signature was not checked yet, and where it was found.
#[derive(Clone, Debug)]
struct Claim {
    place: String,
    said: Checkpoint,
}

/// One of the log's own checkpoints, as it is stored.
#[derive(Clone, Debug)]
pub struct OwnCheckpoint {
    /// The number of entries that it was stored for.
    pub size: i64,
    /// The signed note.
    pub note: String,
}

/// Compares checkpoints with a log as the tree grows past their sizes.
pub struct CheckpointCheck {
    outside: VecDeque<Claim>,
    own: VecDeque<OwnCheckpoint>,
    /// The keys that outside checkpoints must be signed with. If empty, the log's own.
    trusted: Vec<VerifierKey>,
    /// The keys that the log has named so far.
    named: Vec<VerifierKey>,
    /// The size of the last checkpoint that agreed with the log.
    agreed: i64,
    outside_count: i64,
    own_count: i64,
}

impl CheckpointCheck {
    /// Begins with the checkpoints that somebody else kept.
    #[must_use]
    pub fn new(mut outside: OutsideCheckpoints) -> Self {
        outside.claims.sort_by_key(|claim| claim.said.size);
        Self {
            outside_count: outside.claims.len() as i64,
            own_count: 0,
            outside: outside.claims.into(),
            own: VecDeque::new(),
            trusted: outside.keys,
            named: Vec::new(),
            agreed: 0,
        }
    }

    /// Adds the log's own checkpoints that come next, in order of their sizes.
    pub fn expect(&mut self, own: impl IntoIterator<Item = OwnCheckpoint>) {
        self.own.extend(own);
    }

    /// Adds a key that the log names as its own.
    pub fn learn_key(&mut self, key: VerifierKey) {
        self.named.push(key);
    }

    /// Checks who signed the checkpoints from outside, before any of them is compared with the log: a checkpoint of
    /// another log must not look like missing entries. `named` are the keys that the log's keeper lists; they count if
    /// no others were given.
    ///
    /// # Errors
    /// For the first checkpoint that is not one of this log.
    pub fn check_outside(&self, named: &[VerifierKey]) -> Result<(), CheckpointMismatch> {
        self.outside.iter().try_for_each(|claim| self.signed(claim, named).map(|_| ()))
    }

    /// The checkpoint, if one of the keys signed it.
    fn signed(&self, claim: &Claim, named: &[VerifierKey]) -> Result<Checkpoint, CheckpointMismatch> {
        let keys = if self.trusted.is_empty() { named } else { &self.trusted };
        Checkpoint::read(&claim.said.note, keys).map_err(|error| CheckpointMismatch::Checkpoint {
            place: format!("in {}", claim.place),
            size: claim.said.size,
            why: error.to_string(),
        })
    }

    /// The keys that the log has named.
    #[must_use]
    pub fn named_keys(&self) -> &[VerifierKey] {
        &self.named
    }

    /// The number of outside checkpoints.
    #[must_use]
    pub const fn outside_count(&self) -> i64 {
        self.outside_count
    }

    /// The number of the log's own checkpoints that agreed.
    #[must_use]
    pub const fn own_count(&self) -> i64 {
        self.own_count
    }

    /// The size of the last checkpoint that agreed with the log.
    #[must_use]
    pub const fn agreed(&self) -> i64 {
        self.agreed
    }

    /// Compares every checkpoint of the tree's present size.
    ///
    /// # Errors
    /// If a checkpoint is not valid, or the log is not what it signed.
    pub fn compare(&mut self, tree: &GrowingTree) -> Result<(), CheckpointMismatch> {
        let size = tree.size() as i64;
        while let Some(claim) = self.outside.pop_front_if(|claim| claim.said.size <= size) {
            let signed = self.signed(&claim, &self.named)?;
            self.check(&format!("in {}", claim.place), &signed, tree)?;
        }
        while let Some(own) = self.own.pop_front_if(|own| own.size <= size) {
            let failed = |why: String| CheckpointMismatch::Checkpoint { place: IN_DATABASE.to_owned(), size, why };
            let signed = Checkpoint::read_single(&own.note, &self.named).map_err(|error| failed(error.to_string()))?;
            if signed.size != own.size {
                return Err(failed(format!("it is stored as a checkpoint of {} entries", own.size)));
            }
            self.check(IN_DATABASE, &signed, tree)?;
            self.own_count += 1;
        }
        Ok(())
    }

    fn check(&mut self, place: &str, signed: &Checkpoint, tree: &GrowingTree) -> Result<(), BadEntry> {
        if tree.root() == signed.root {
            self.agreed = signed.size;
            return Ok(());
        }
        let why = format!("from here to {} the log is not what the checkpoint {place} signed", signed.size);
        Err(BadEntry::new(self.agreed + 1, why))
    }

    /// After the last of `entries` entries: no checkpoint may cover more than there is.
    ///
    /// # Errors
    /// If the log ends before a checkpoint, or a checkpoint that covers more is not one of this log.
    pub fn finish(&self, entries: i64) -> Result<(), CheckpointMismatch> {
        self.check_outside(&self.named)?;
        let own = self.own.front().map(|own| (own.size, IN_DATABASE.to_owned()));
        let beyond = own.or_else(|| self.outside.front().map(|claim| (claim.said.size, format!("in {}", claim.place))));
        match beyond {
            None => Ok(()),
            Some((size, place)) => {
                let why =
                    format!("it is missing: the checkpoint {place} signed {size} entries, and the log is shorter");
                Err(BadEntry::new(entries + 1, why).into())
            }
        }
    }
}

/// Where the log's own checkpoints are.
pub const IN_DATABASE: &str = "in the database";
