//! Checks a bundle with nothing but the log's public key. A bundle with any byte changed is refused.

use std::{
    collections::HashSet,
    io::{self, BufRead, Read},
    slice::from_ref,
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{ENTRY, FORMAT, Head, PROOF, RemovedLine, SealLine, json, seal_text};
use crate::{
    checkpoint::Checkpoint,
    key::VerifierKey,
    signed_text::open_single,
    tree::{Hash, is_included, leaf_hash},
};

/// The longest line, in bytes. No entry is that long.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// A bundle that was checked.
#[derive(Clone, Debug)]
pub struct VerifiedBundle {
    /// The checkpoint that every proof leads to.
    pub checkpoint: Checkpoint,
    /// The number of entries.
    pub entries: usize,
    /// The number of entries whose body was removed before the export.
    pub removed: usize,
    /// The last entry. Its sequence is the checkpoint's size: it is the entry that was newest when the bundle was made,
    /// where the log's keeper records the export itself.
    pub last: Value,
}

/// Why a bundle is refused.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A line is not as it was written.
    #[error("line {line}: {why}")]
    Bad {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The bundle cannot be read.
    #[error("{0}")]
    Read(#[from] io::Error),
}

/// Checks a bundle from its first byte to its last.
///
/// # Errors
/// [`BundleError::Bad`] for the first line that is not as it was written.
pub fn verify_bundle(bundle: impl BufRead, key: &VerifierKey) -> Result<VerifiedBundle, BundleError> {
    let mut lines = Lines { bundle, hasher: Sha256::new(), number: 0 };
    let first = lines.next()?.ok_or_else(|| lines.bad("the bundle is empty"))?;
    let checkpoint = head(&first, key).map_err(|why| lines.bad(why))?;
    let mut proven = Proven { checkpoint, seen: HashSet::new(), removed: 0, last: None };
    loop {
        let before: Hash = lines.hasher.clone().finalize().into();
        let Some(line) = lines.next()? else { return Err(lines.bad("the seal is missing")) };
        if line.starts_with(b"{\"seal\":") {
            check_seal(&line, &seal_text(proven.seen.len(), &before), key).map_err(|why| lines.bad(why))?;
            if lines.next()?.is_some() {
                return Err(lines.bad("there is data after the seal"));
            }
            return proven.bundle().map_err(|why| lines.bad(why));
        }
        proven.line(&line).map_err(|why| lines.bad(why))?;
    }
}

/// Reads lines without their line breaks and hashes them.
struct Lines<R> {
    bundle: R,
    hasher: Sha256,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, BundleError> {
        let mut line = Vec::new();
        self.bundle.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        self.hasher.update(&line);
        match line.pop() {
            Some(b'\n') => Ok(Some(line)),
            _ => Err(self.bad("the line does not end")),
        }
    }

    fn bad(&self, why: impl ToString) -> BundleError {
        BundleError::Bad { line: self.number, why: why.to_string() }
    }
}

type Checked<T> = Result<T, String>;

/// Parses a line and requires that it is written in the one canonical way.
fn exactly<T: serde::Serialize + serde::de::DeserializeOwned>(line: &[u8]) -> Checked<T> {
    let value: T = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let again = serde_json::to_vec(&value).map_err(|error| error.to_string())?;
    if again == line { Ok(value) } else { Err("the JSON is not in canonical form".to_owned()) }
}

fn head(line: &[u8], key: &VerifierKey) -> Checked<Checkpoint> {
    let head: Head = exactly(line)?;
    if head.format != FORMAT {
        return Err(format!("its format is {:?} and not {FORMAT:?}", head.format));
    }
    Checkpoint::read_single(&head.checkpoint, from_ref(key)).map_err(|error| format!("the checkpoint: {error}"))
}

fn check_seal(line: &[u8], expected: &str, key: &VerifierKey) -> Checked<()> {
    let line: SealLine = exactly(line)?;
    let opened = open_single(&line.seal, from_ref(key)).map_err(|error| format!("the seal: {error}"))?;
    if opened.text != expected {
        return Err("the lines before the seal are not the ones that were sealed".to_owned());
    }
    Ok(())
}

/// What the lines so far have proved.
struct Proven {
    checkpoint: Checkpoint,
    seen: HashSet<i64>,
    removed: usize,
    /// The entry of the last line, unless its body was removed.
    last: Option<Value>,
}

impl Proven {
    fn line(&mut self, line: &[u8]) -> Checked<()> {
        if line.starts_with(ENTRY.as_bytes()) {
            let at = find_last(line, PROOF.as_bytes()).ok_or("the line has no proof")?;
            let (bytes, tail) = (&line[ENTRY.len()..at], &line[at + PROOF.len()..]);
            let proof: Vec<String> = exactly(tail.strip_suffix(b"}").ok_or("the line does not end")?)?;
            let entry = json::parse(bytes).map_err(|error| format!("it holds no entry: {error}"))?;
            let sequence = entry["sequence"].as_i64().ok_or("its entry has no sequence")?;
            self.prove(sequence, leaf_hash(bytes), &proof)?;
            self.last = Some(entry);
        } else {
            let removed: RemovedLine = exactly(line)?;
            self.prove(removed.sequence, hash(&removed.leaf_hash)?, &removed.proof)?;
            self.removed += 1;
            self.last = None;
        }
        Ok(())
    }

    fn prove(&mut self, sequence: i64, leaf: Hash, proof: &[String]) -> Checked<()> {
        let proof = proof.iter().map(|text| hash(text)).collect::<Checked<Vec<_>>>()?;
        if !is_included(sequence, leaf, &proof, (self.checkpoint.size, self.checkpoint.root)) {
            return Err(format!("the proof does not show that entry {sequence} is in the log"));
        }
        if self.seen.insert(sequence) { Ok(()) } else { Err(format!("entry {sequence} appears twice")) }
    }

    /// The bundle must end with the entry that was the log's newest.
    fn bundle(self) -> Checked<VerifiedBundle> {
        match self.last.filter(|entry| entry["sequence"] == self.checkpoint.size) {
            Some(last) => Ok(VerifiedBundle {
                entries: self.seen.len(),
                removed: self.removed,
                checkpoint: self.checkpoint,
                last,
            }),
            None => Err("the last entry is not the one that records this export".to_owned()),
        }
    }
}

fn hash(text: &str) -> Checked<Hash> {
    let hash: Option<Hash> = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    hash.filter(|hash| hex::encode(hash) == text).ok_or_else(|| format!("{text:?} is not a hash"))
}

fn find_last(line: &[u8], text: &[u8]) -> Option<usize> {
    line.windows(text.len()).rposition(|window| window == text)
}
