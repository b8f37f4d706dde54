//! Writes the lines of a bundle.

use sha2::{Digest, Sha256};

use super::{ENTRY, FORMAT, Head, PROOF, Removal, RemovedLine, SealLine, seal_text};
use crate::{
    checkpoint::Checkpoint,
    key::SigningKey,
    note::NoteError,
    tree::{Hash, is_included, leaf_hash},
    verify::BadEntry,
};

/// One entry of a bundle.
#[derive(Clone, Copy, Debug)]
pub enum BundleEntry<'a> {
    /// An entry with its exact bytes.
    Kept {
        /// Its place in the log.
        sequence: i64,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// An entry whose body was removed; its leaf hash still proves its place.
    Removed {
        /// Its place in the log.
        sequence: i64,
        /// The hash of its bytes.
        leaf: Hash,
        /// When and why the bytes were removed.
        removal: &'a Removal,
    },
}

impl BundleEntry<'_> {
    fn place(&self) -> (i64, Hash) {
        match self {
            Self::Kept { sequence, bytes } => (*sequence, leaf_hash(bytes)),
            Self::Removed { sequence, leaf, .. } => (*sequence, *leaf),
        }
    }
}

/// An entry cannot be written into a bundle.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The proof does not lead from the entry to the checkpoint: the entry is not the one that was appended.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// The line is not JSON.
    #[error("a line of the bundle: {0}")]
    Json(#[from] serde_json::Error),
}

/// The bundle cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The signature failed.
    #[error("the seal: {0}")]
    Note(#[from] NoteError),
    /// The line is not JSON.
    #[error("a line of the bundle: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes a bundle line by line, and keeps the hash that the seal signs.
///
/// ```
/// use evidence::{
///     bundle::{BundleEntry, BundleWriter, verify_bundle},
///     checkpoint::Checkpoint,
///     key::SigningKey,
///     tree::{GrowingTree, leaf_hash},
/// };
///
/// let entry = br#"{"action":"order.export","sequence":1}"#;
/// let mut tree = GrowingTree::default();
/// tree.push(leaf_hash(entry));
/// let key: SigningKey = SigningKey::generate("log.example.com/orders")?.parse()?;
/// let checkpoint = Checkpoint::sign(&key, 1, tree.root())?;
///
/// let mut file = Vec::new();
/// let mut bundle = BundleWriter::begin(&checkpoint, &mut file)?;
/// let kept = BundleEntry::Kept { sequence: 1, bytes: entry };
/// bundle.entry(kept, &[], &mut file)?; // the only leaf is the root: nothing more to prove
/// let changed = BundleEntry::Kept { sequence: 1, bytes: br#"{"action":"order.export","sequence":2}"# };
/// assert!(bundle.entry(changed, &[], &mut file).is_err());
/// bundle.seal(&key, &mut file)?;
///
/// let verified = verify_bundle(file.as_slice(), key.verifier())?;
/// assert_eq!(verified.last["action"], "order.export");
/// file[40] ^= 1;
/// assert!(verify_bundle(file.as_slice(), key.verifier()).is_err());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct BundleWriter {
    checkpoint: Checkpoint,
    hasher: Sha256,
    entries: usize,
}

impl BundleWriter {
    /// Writes the first line, with the checkpoint that every proof leads to.
    ///
    /// # Errors
    /// If the line is not JSON.
    pub fn begin(checkpoint: &Checkpoint, out: &mut Vec<u8>) -> Result<Self, serde_json::Error> {
        let head = Head { checkpoint: checkpoint.note.clone(), format: FORMAT.to_owned() };
        let mut writer = Self { checkpoint: checkpoint.clone(), hasher: Sha256::new(), entries: 0 };
        writer.line(&serde_json::to_vec(&head)?, out);
        Ok(writer)
    }

    /// Writes an entry with its inclusion proof, the sibling nearest to the leaf first. Checks the proof, so that no
    /// bundle is sealed that its reader would refuse.
    ///
    /// # Errors
    /// [`EntryError::Bad`] if the proof does not lead from the entry to the checkpoint. Nothing is written then, and the
    /// bundle should not be sealed.
    pub fn entry(&mut self, entry: BundleEntry<'_>, proof: &[Hash], out: &mut Vec<u8>) -> Result<(), EntryError> {
        let (sequence, leaf) = entry.place();
        if !is_included(sequence, leaf, proof, (self.checkpoint.size, self.checkpoint.root)) {
            return Err(BadEntry::new(sequence, "it is not the entry that was appended to the log").into());
        }
        let proof: Vec<String> = proof.iter().map(hex::encode).collect();
        let line = match entry {
            BundleEntry::Kept { bytes, .. } => {
                [ENTRY.as_bytes(), bytes, PROOF.as_bytes(), &serde_json::to_vec(&proof)?, b"}"].concat()
            }
            BundleEntry::Removed { sequence, leaf, removal } => serde_json::to_vec(&RemovedLine {
                leaf_hash: hex::encode(leaf),
                proof,
                removed: removal.clone(),
                sequence,
            })?,
        };
        self.entries += 1;
        self.line(&line, out);
        Ok(())
    }

    /// Writes the last line: a signature over all lines before it.
    ///
    /// # Errors
    /// If the signature fails or the line is not JSON.
    pub fn seal(self, key: &SigningKey, out: &mut Vec<u8>) -> Result<(), SealError> {
        let text = seal_text(self.entries, &self.hasher.finalize().into());
        let seal = SealLine { seal: key.sign(&text)? };
        out.extend(serde_json::to_vec(&seal)?);
        out.push(b'\n');
        Ok(())
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.hasher.update(line);
        self.hasher.update(b"\n");
        out.extend(line);
        out.push(b'\n');
    }
}
