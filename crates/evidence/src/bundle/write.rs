//! Writes the lines of a bundle.

use sha2::{Digest, Sha256};

use super::{ENTRY, FORMAT, Head, PROOF, Removal, RemovedLine, SealLine, seal_text};
use crate::{key::SigningKey, note::NoteError, tree::Hash};

/// One entry of a bundle.
#[derive(Clone, Copy, Debug)]
pub enum BundleEntry<'a> {
    /// An entry with its exact bytes.
    Kept(&'a [u8]),
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
/// let mut bundle = BundleWriter::begin(&checkpoint.note, &mut file)?;
/// bundle.entry(BundleEntry::Kept(entry), &[], &mut file)?; // the only leaf is the root: nothing more to prove
/// bundle.seal(&key, &mut file)?;
///
/// let verified = verify_bundle(file.as_slice(), key.verifier())?;
/// assert_eq!(verified.last["action"], "order.export");
/// file[40] ^= 1;
/// assert!(verify_bundle(file.as_slice(), key.verifier()).is_err());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct BundleWriter {
    hasher: Sha256,
    entries: usize,
}

impl BundleWriter {
    /// Writes the first line, with the checkpoint that every proof leads to.
    ///
    /// # Errors
    /// If the line is not JSON.
    pub fn begin(checkpoint: &str, out: &mut Vec<u8>) -> Result<Self, serde_json::Error> {
        let head = Head { checkpoint: checkpoint.to_owned(), format: FORMAT.to_owned() };
        let mut writer = Self { hasher: Sha256::new(), entries: 0 };
        writer.line(&serde_json::to_vec(&head)?, out);
        Ok(writer)
    }

    /// Writes an entry with its inclusion proof, the sibling nearest to the leaf first.
    ///
    /// # Errors
    /// If the line is not JSON.
    pub fn entry(
        &mut self,
        entry: BundleEntry<'_>,
        proof: &[Hash],
        out: &mut Vec<u8>,
    ) -> Result<(), serde_json::Error> {
        let proof: Vec<String> = proof.iter().map(hex::encode).collect();
        let line = match entry {
            BundleEntry::Kept(bytes) => {
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
